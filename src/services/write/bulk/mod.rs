//! Bulk actions: the same action on many objects. They are prepared from each object's latest document, and performed
//! one after another at a rate, each through the gate; anything unexpected pauses the rest.

mod prepare;
mod run;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::ApiError;
use crate::model::action::{ActionId, Bulk, Confirmed, PrepareError, RuleBroken, Values};
use crate::model::{ObjectId, State};
use crate::services::{Denial, Earlier, Outcome};

/// A requested bulk action, with the values that all objects share.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    pub action: ActionId,
    /// In the order in which they are performed.
    pub ids: Vec<ObjectId>,
    pub values: Values,
    /// The reason for the journal, if the form does not ask for one.
    pub reason: Option<String>,
    /// A second one of what was done before is intended.
    pub again: bool,
}

/// A bulk action that can be shown and confirmed.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub bulk: Bulk,
    /// The states of its objects when it was prepared, in their order.
    pub states: Vec<State>,
    pub left_out: Vec<LeftOut>,
}

/// An object that the action will not be performed on.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub object: ObjectId,
    pub why: WhyLeftOut,
}

/// Why an object is left out.
#[derive(Clone, Debug)]
pub enum WhyLeftOut {
    Prepare(PrepareError),
    /// A rule of the profile forbids it for this object.
    Rule(RuleBroken),
    /// The object was queried, with this error.
    Unread(Arc<ApiError>),
    /// An action on it has not ended; its journal entry.
    Busy(i64),
    /// It was done before, or may have been.
    Repeated(Box<Earlier>),
    /// It would make something that another of the objects makes already.
    SameNumber,
}

/// Operations per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(NonZeroU32);

/// The most operations in flight at once.
const AT_ONCE: u32 = 4;
/// One at a time is enough for this many per second, with round trips of a fifth of one.
const ALONE: u32 = 5;

impl Rate {
    /// Half of the profile's request budget: the other half is for querying the objects' outcomes.
    pub fn within(requests_per_second: u32) -> Self {
        Self::new(requests_per_second / 2, requests_per_second)
    }

    /// So many per second, at least one, and no more than the budget allows.
    pub fn new(per_second: u32, requests_per_second: u32) -> Self {
        Self(NonZeroU32::new(per_second.min(requests_per_second)).unwrap_or(NonZeroU32::MIN))
    }

    pub fn per_second(self) -> u32 {
        self.0.get()
    }

    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.per_second()
    }

    /// How many operations must be in flight at once to reach the rate.
    fn at_once(self) -> usize {
        self.per_second().div_ceil(ALONE).clamp(1, AT_ONCE) as usize
    }
}

/// A confirmed bulk action, ready to be performed.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRun {
    pub operations: Vec<Confirmed>,
    pub rate: Rate,
}

/// The command to a running bulk action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkCommand {
    Go,
    Pause,
    /// What is in flight is finished; the rest is not sent.
    Stop,
}

/// Controls a bulk action that is running. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BulkControl(Arc<watch::Sender<BulkCommand>>);

impl Default for BulkControl {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(BulkCommand::Go)))
    }
}

impl BulkControl {
    /// Sends a command. An action that was stopped stays stopped.
    pub fn send(&self, command: BulkCommand) {
        self.0.send_if_modified(|now| {
            let changes = *now != BulkCommand::Stop && *now != command;
            if changes {
                *now = command;
            }
            changes
        });
    }

    /// The latest command.
    pub fn command(&self) -> BulkCommand {
        *self.0.borrow()
    }
}

/// Why a bulk action paused by itself.
#[derive(Clone, Debug)]
pub enum Surprise {
    /// The outcome of an operation is unknown; its object is being queried.
    Unknown(Arc<ApiError>),
    /// An error that the other operations would meet, too.
    Error(Arc<ApiError>),
    /// The gate would reject all of them.
    Denied(Denial),
}

impl Surprise {
    /// The surprise in an outcome that pauses the others. A refusal or a change that concerns one object alone is not
    /// one.
    pub fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Done { .. } | Outcome::NoEffect { .. } => None,
            Outcome::Refused { error, .. } if error.is_of_the_object() => None,
            Outcome::Refused { error, .. } => Some(Self::Error(error.clone())),
            Outcome::Unknown { error, .. } => Some(Self::Unknown(error.clone())),
            Outcome::Denied(
                Denial::Illegal(_) | Denial::Busy { .. } | Denial::Repeated(_) | Denial::NumberTaken { .. },
            ) => None,
            Outcome::Denied(denial) => Some(Self::Denied(denial.clone())),
        }
    }
}

/// A step of a bulk action. Operations are named by their place.
#[derive(Clone, Debug)]
pub enum BulkEvent {
    /// It is sent to the gate.
    Started(usize),
    /// How it ended; an unknown outcome may be followed by another event.
    Ended(usize, Outcome),
    /// Nothing more is sent until the operator resumes; with the surprise that caused it, if the operator did not.
    Paused(Option<Surprise>),
    Resumed,
    /// Everything sent has ended; the others were not sent.
    Finished,
}
