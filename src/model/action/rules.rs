//! The rules of a profile: which writes, of how much money, on how many objects, with what reason. Pure; the gate
//! enforces them, console and command line show them beforehand.

use std::collections::{BTreeMap, BTreeSet};

use super::{ACTIONS, Action, ActionId, Operation, RawPath, RawWrite, Risk};
use crate::model::time::Duration;
use crate::model::{Money, ObjectId};

/// The default limit of objects in one bulk action.
const MAX_BULK: usize = 100;
/// The default time within which nothing is done twice.
const REPEAT_WITHIN: Duration = Duration::DAY;

/// The name of a write in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WriteName {
    Action(ActionId),
    /// `api`: a raw request.
    Api,
}

/// A write as the rules and the gate check it.
#[derive(Clone, Copy, Debug)]
pub enum Write<'a> {
    Operation(&'a Operation),
    Raw(&'a RawWrite),
}

/// The rules of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Never allowed.
    pub deny: BTreeSet<WriteName>,
    pub require_reason: Reasons,
    pub max_amount: Caps,
    /// Raw writes that are allowed in spite of a cap although their paths belong to no action: the names of their money
    /// members are unknown.
    pub allow_paths: BTreeSet<RawPath>,
    /// The limit of objects in one bulk action.
    pub max_bulk: usize,
    /// How long an action is not repeated unless that is requested.
    pub repeat_within: Duration,
}

/// Which writes need a reason for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reasons {
    All,
    Of(BTreeSet<WriteName>),
}

/// The most money that a write may move, give up or put at risk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    pub by_name: BTreeMap<WriteName, Money>,
    /// For every write without a cap of its own.
    pub others: Option<Money>,
}

/// The rule that a write breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleBroken {
    Denied(WriteName),
    AmountAbove {
        write: WriteName,
        amount: Money,
        max: Money,
    },
    /// There is a cap, and the amount is unknown.
    AmountUnknown {
        write: WriteName,
        max: Money,
    },
    /// There is a cap, and the path of a raw write belongs to no action and is not among those allowed.
    PathUnknown,
    TooMany {
        objects: usize,
        max: usize,
    },
    NoReason(WriteName),
}

/// The money of a write, as far as it is known before it is sent.
enum Stake {
    Nothing,
    Known(Money),
    Unknown,
}

impl WriteName {
    /// All names that rules can use.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIONS.iter().map(|action| Self::Action(action.id)).chain([Self::Api])
    }

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "api" => Some(Self::Api),
            name => Action::named(name).map(|action| Self::Action(action.id)),
        }
    }

    /// `plan-stop`, `api`.
    pub fn name(self) -> String {
        match self {
            Self::Action(id) => id.action().name(),
            Self::Api => "api".to_owned(),
        }
    }
}

impl Caps {
    /// Whether there is any.
    pub(crate) fn is_set(&self) -> bool {
        self.others.is_some() || !self.by_name.is_empty()
    }
}

impl<'a> Write<'a> {
    /// The object it changes, as far as that is known.
    pub fn object(self) -> Option<ObjectId> {
        match self {
            Self::Operation(operation) => Some(operation.object.clone()),
            Self::Raw(raw) => raw.object(),
        }
    }

    pub fn name(self) -> WriteName {
        match self {
            Self::Operation(operation) => WriteName::Action(operation.action),
            Self::Raw(_) => WriteName::Api,
        }
    }

    pub fn reason(self) -> Option<&'a str> {
        match self {
            Self::Operation(operation) => operation.reason.as_deref(),
            Self::Raw(raw) => raw.reason(),
        }
    }

    /// Its action: for a raw request the one whose endpoint it would reach.
    fn action(self) -> Option<ActionId> {
        match self {
            Self::Operation(operation) => Some(operation.action),
            Self::Raw(raw) => raw.action(),
        }
    }

    /// Its own name and, for a raw request, that of the action it reaches.
    fn names(self) -> impl Iterator<Item = WriteName> {
        let own = self.name();
        let action = self.action().map(WriteName::Action).filter(|action| *action != own);
        std::iter::once(own).chain(action)
    }

    fn stake(self) -> Stake {
        match self {
            Self::Operation(operation) => match operation.amount {
                Some(amount) => Stake::Known(amount),
                None if operation.action.action().risk == Risk::MovesMoney => Stake::Unknown,
                None => Stake::Nothing,
            },
            Self::Raw(raw) => match raw.amount() {
                Ok(Some(amount)) => Stake::Known(amount),
                // The risk is an action's, and its amount is in no body that was read.
                Ok(None) if raw.action().is_some() => Stake::Unknown,
                Ok(None) => Stake::Nothing,
                Err(_) => Stake::Unknown,
            },
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            deny: BTreeSet::new(),
            require_reason: Reasons::Of(BTreeSet::new()),
            max_amount: Caps::default(),
            allow_paths: BTreeSet::new(),
            max_bulk: MAX_BULK,
            repeat_within: REPEAT_WITHIN,
        }
    }
}

impl Rules {
    /// Checks a write that is one of so many in one bulk action.
    pub fn judge(&self, write: Write<'_>, objects: usize) -> Result<(), RuleBroken> {
        if let Some(denied) = write.names().find(|name| self.denies(*name)) {
            return Err(RuleBroken::Denied(denied));
        }
        if objects > self.max_bulk {
            return Err(RuleBroken::TooMany { objects, max: self.max_bulk });
        }
        self.judge_amount(write)?;
        match write.names().find(|name| self.wants_reason(*name)) {
            Some(name) if !write.reason().is_some_and(is_reason) => Err(RuleBroken::NoReason(name)),
            _ => Ok(()),
        }
    }

    /// Checks the amount of one write alone.
    pub(crate) fn judge_amount(&self, write: Write<'_>) -> Result<(), RuleBroken> {
        // Whatever the body contains: an unknown path may use any name for money. And whichever write has the cap: the
        // path may be another one for the same action.
        if let Write::Raw(raw) = write
            && raw.action().is_none()
            && self.max_amount.is_set()
            && !self.allow_paths.iter().any(|path| path.allows(raw.target()))
        {
            return Err(RuleBroken::PathUnknown);
        }
        // The cap for all other writes does not apply to a raw request that reaches an action with a cap of its own.
        let meant = write.action().map_or(WriteName::Api, WriteName::Action);
        let own = self.max_amount.by_name.get(&write.name()).map(|max| (write.name(), *max));
        let caps = self.cap(meant).map(|max| (meant, max)).into_iter().chain(own);
        let Some((name, max)) = caps.min_by_key(|(_, max)| max.minor) else { return Ok(()) };
        match write.stake() {
            Stake::Nothing => Ok(()),
            Stake::Known(amount) if amount.currency != max.currency => {
                Err(RuleBroken::AmountUnknown { write: name, max })
            }
            Stake::Known(amount) if amount.minor > max.minor => {
                Err(RuleBroken::AmountAbove { write: name, amount, max })
            }
            Stake::Known(_) => Ok(()),
            Stake::Unknown => Err(RuleBroken::AmountUnknown { write: name, max }),
        }
    }

    pub(crate) fn denies(&self, name: WriteName) -> bool {
        self.deny.contains(&name)
    }

    pub(crate) fn wants_reason(&self, name: WriteName) -> bool {
        match &self.require_reason {
            Reasons::All => true,
            Reasons::Of(names) => names.contains(&name),
        }
    }

    /// The most money that a write of this name may move.
    pub fn cap(&self, name: WriteName) -> Option<Money> {
        self.max_amount.by_name.get(&name).copied().or(self.max_amount.others)
    }
}

/// Whether a text is a reason: blanks and dashes alone are not.
pub fn is_reason(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

impl RuleBroken {
    /// Its machine-readable name: that of the rule's key.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Denied(_) => "rule-deny",
            Self::AmountAbove { .. } | Self::AmountUnknown { .. } | Self::PathUnknown => "rule-max-amount",
            Self::TooMany { .. } => "rule-max-bulk",
            Self::NoReason(_) => "rule-require-reason",
        }
    }
}

#[cfg(test)]
mod tests;
