//! How a command failed: its exit status, its kind and, in [`explanation`], its text.

mod explanation;

use std::process::ExitCode;
use std::sync::Arc;

use super::verify::cause::UnprovenMessage;
use crate::api::{ApiError, Misconfigured};
use crate::config::ConfigError;
use crate::console::{KeyProblem, ThemeError};
use crate::i18n::Lang;
use crate::ledger::{Broken, LedgerError};
use crate::model::action::{FieldError, Illegal};
use crate::model::bill::BillError;
use crate::model::{Kind, MissingSetting, Number, NumberError};
use crate::sandbox::SandboxError;
use crate::sandbox::control::{Rejection, RemoteError};
use crate::services::{BillFailure, Denial, ListenError, LookupAttempt, Outcome, PendingConclusion, Stopped};
use crate::text;

/// The exit statuses other than success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Refused by WeChat Pay or by a precondition checked here.
    Refused = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Unreachable or timed out; for a mutation: the outcome is unknown.
    Unreachable = 3,
    /// A signature, certificate or hash did not verify.
    Untrusted = 4,
    /// The operator left a command that only reads; the status that shells use for an interrupt.
    Left = 130,
    /// A signal ended the program; the status that shells use for it.
    HungUp = 129,
    Quit = 131,
    Terminated = 143,
}

impl Status {
    /// The status after a signal, by its number.
    pub(super) const fn of_signal(number: u8) -> Self {
        match number {
            1 => Self::HungUp,
            3 => Self::Quit,
            15 => Self::Terminated,
            _ => Self::Left,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// The outcomes of a bulk action, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub done: usize,
    pub refused: usize,
    pub unknown: usize,
    pub not_sent: usize,
    pub left_out: usize,
    /// Those among the refused and left out that a rule of the profile forbids.
    pub forbidden: usize,
}

impl Counts {
    /// The advice for each outcome. Never advises to repeat forbidden actions or those that waited for them.
    pub fn advice(&self, lang: Lang) -> String {
        let (others, forbidden) =
            (self.refused + self.left_out - self.forbidden.min(self.refused + self.left_out), self.forbidden > 0);
        let refused = self.refused > 0 && others > 0;
        let parts = [
            (forbidden, "cli-advice-bulk-rule"),
            (self.not_sent > 0 && !forbidden, "cli-advice-bulk-not-sent"),
            (self.unknown > 0, "cli-advice-bulk-unknown"),
            (refused, "cli-advice-bulk-refused"),
            (others > 0 && !refused, "cli-advice-bulk-left-out"),
        ];
        let parts = parts.into_iter().filter(|(applies, _)| *applies).map(|(_, id)| lang.t(id));
        parts.collect::<Vec<_>>().join(" ")
    }
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    Api(Arc<ApiError>, Option<i64>),
    /// The object of a change could not be queried first, so that nothing was sent.
    Unseen(Arc<ApiError>),
    /// The outcome of a mutation is unknown; its journal entry.
    Unknown(Arc<ApiError>, i64),
    /// The same for a raw request, whose outcome no query can show.
    RawUnknown(Arc<ApiError>, i64),
    /// No usable answer came, and the object shows that the mutation had no effect; its journal entry.
    NoEffect(i64),
    /// The number of outcomes that are still unknown after querying.
    StillUnknown(usize),
    /// A journal entry to be closed has already ended or is being sent.
    NotOpen(i64, &'static str),
    /// The operator interrupted a mutation; its journal entry, if it got so far.
    Interrupted(Option<i64>),
    Denied(Denial),
    Illegal(Illegal, String),
    Fields(Vec<FieldError>),
    Setting(MissingSetting),
    Number(NumberError),
    Config(ConfigError),
    Theme(ThemeError),
    /// Keys of the configuration that cannot be as it says; its path.
    Keys(String, Vec<KeyProblem>),
    /// There is no configuration where one is needed; where it would be.
    NoConfig(String),
    Ledger(Arc<LedgerError>),
    /// An object was shown but could not be stored in the ledger.
    NotStored(Arc<LedgerError>),
    /// A check of the ledger found damage; nothing was to be sent.
    Checked(Arc<LedgerError>),
    /// The outcome of a mutation could not be written to the journal.
    Unwritten(Box<PendingConclusion>),
    /// The journal's chain is broken.
    Broken(Broken),
    Sandbox(SandboxError),
    /// Notifications cannot be received.
    Listen(ListenError),
    /// A running sandbox rejected a command.
    Remote(RemoteError),
    /// Nothing was found under a number; the attempts.
    NotFound(Number, Vec<LookupAttempt>),
    /// A number stands for several objects, of these kinds.
    Ambiguous(Number, Vec<Kind>),
    /// An import that ran to its end, but not everything in the file was found or could be read.
    Incomplete {
        missing: usize,
        malformed: usize,
    },
    /// A bulk action that was not done for every object; the worst outcome and the counts.
    Bulk(Status, Counts),
    /// A bill that was not downloaded, or is no longer there.
    NoBill(String),
    /// The day of a bill has not ended.
    DayGoesOn(String),
    /// A file is not a readable bill.
    NotABill(String, BillError),
    /// A file of numbers is not readable text.
    NotLines(String, BillError),
    /// A bill with wrong lines, rows, end or summary: its path and the number of bad lines.
    FlawedBill(String, u64),
    /// A bill has changed since it was downloaded: its path, and the old and new hashes.
    AlteredBill {
        path: String,
        was: String,
        is: String,
    },
    /// A replayed notification was not accepted or not answered by the back end; why.
    NotReplayed(Status, String),
    /// A saved message is not proven to be WeChat Pay's.
    Unproven(UnprovenMessage),
    /// A saved message is an APIv2 notification, which cannot be verified here.
    KeptV2,
    /// The operator interrupted a command that changes nothing.
    Halted,
    /// The operator left a read-only command: nothing is printed.
    Left,
    /// A signal ended the console: nothing is printed.
    Stopped(Status),
    /// Some watched objects ended in another state than the awaited one, or WeChat Pay refused.
    Missed {
        status: Status,
        missed: usize,
        refused: usize,
        total: usize,
        state: String,
    },
    /// The number of watched objects still open at the timeout.
    TimedOut {
        open: usize,
        total: usize,
    },
    /// A mutation without a terminal and without `--yes`.
    NeedsYes,
    /// The operator did not confirm.
    NotConfirmed,
    /// The arguments are invalid.
    Arguments(clap::Error),
    /// A statement made by an argument is wrong.
    Usage(String),
    Io(String, std::io::Error),
}

impl Failure {
    pub fn io(what: &str, error: std::io::Error) -> Self {
        Self::Io(what.to_owned(), error)
    }

    /// A file that was named could not be read: a wrong name is a wrong argument.
    pub(crate) fn unread(name: &str, error: std::io::Error) -> Self {
        use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
        match error.kind() {
            NotFound | PermissionDenied | IsADirectory => Self::Usage(format!("{name}: {error}")),
            _ => Self::io(name, error),
        }
    }

    /// The failure in an outcome; `None` if it was done.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Done { .. } => None,
            Outcome::Refused { error, journal } => Some(Self::Api(error, journal)),
            Outcome::NoEffect { journal, .. } => Some(Self::NoEffect(journal)),
            Outcome::Unknown { error, journal } => Some(Self::Unknown(error, journal)),
            Outcome::Denied(denial) => Some(Self::Denied(denial)),
        }
    }

    pub fn status(&self) -> Status {
        match self {
            Self::Api(error, _) | Self::Unseen(error) => match **error {
                ApiError::Refused(_) | ApiError::Unreadable { .. } => Status::Refused,
                ApiError::Unreachable(_) | ApiError::UnknownOutcome(_) => Status::Unreachable,
                ApiError::Untrusted { .. } => Status::Untrusted,
                ApiError::Configuration(_) => Status::Usage,
            },
            Self::Unknown(..)
            | Self::RawUnknown(..)
            | Self::Interrupted(_)
            | Self::Remote(RemoteError::NotThere(_)) => Status::Unreachable,
            Self::Remote(RemoteError::Refused(_)) => Status::Refused,
            Self::Unproven(unproven) => match *unproven.error() {
                ApiError::Configuration(_) => Status::Usage,
                ApiError::Unreadable { .. } => Status::Refused,
                ApiError::Refused(_)
                | ApiError::Unreachable(_)
                | ApiError::UnknownOutcome(_)
                | ApiError::Untrusted { .. } => Status::Untrusted,
            },
            Self::AlteredBill { .. } | Self::KeptV2 => Status::Untrusted,
            Self::Bulk(worst, _) | Self::NotReplayed(worst, _) => *worst,
            Self::Missed { status, .. } => *status,
            Self::TimedOut { .. } => Status::Unreachable,
            Self::Left => Status::Left,
            Self::Stopped(status) => *status,
            Self::Denied(Denial::Journal(error)) | Self::Ledger(error) if error.is_unsound() => Status::Untrusted,
            // It may have been done; the outcome is unknown.
            Self::Denied(Denial::Repeated(_)) | Self::StillUnknown(_) => Status::Unreachable,
            Self::Denied(_)
            | Self::Illegal(..)
            | Self::NoEffect(_)
            | Self::NotOpen(..)
            | Self::NotConfirmed
            | Self::NotFound(..)
            | Self::Ambiguous(..)
            | Self::Incomplete { .. }
            | Self::NoBill(_)
            | Self::DayGoesOn(_)
            | Self::NotABill(..)
            | Self::NotLines(..)
            | Self::FlawedBill(..)
            | Self::Halted
            | Self::Broken(_)
            | Self::Ledger(_)
            | Self::NotStored(_)
            | Self::Checked(_)
            | Self::Unwritten(_)
            | Self::Io(..) => Status::Refused,
            Self::Fields(_)
            | Self::Setting(_)
            | Self::Number(_)
            | Self::Config(_)
            | Self::Theme(_)
            | Self::Keys(..)
            | Self::NoConfig(_)
            | Self::Sandbox(_)
            | Self::Listen(_)
            | Self::Remote(RemoteError::Usage(_))
            | Self::NeedsYes
            | Self::Arguments(_)
            | Self::Usage(_) => Status::Usage,
        }
    }

    /// The name of its kind in JSON output.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Api(error, _) | Self::Unseen(error) => error.kind(),
            Self::Unknown(..)
            | Self::RawUnknown(..)
            | Self::Interrupted(_)
            | Self::StillUnknown(_)
            | Self::Denied(Denial::Repeated(_)) => "unknown",
            Self::NoEffect(_) => "refused",
            Self::Denied(Denial::Rule { broken, .. }) => broken.kind(),
            Self::Denied(Denial::Journal(error)) | Self::Ledger(error) if error.is_unsound() => "damaged",
            Self::Checked(_) => "damaged",
            Self::Denied(Denial::Journal(_)) | Self::NotStored(_) => "ledger",
            Self::Denied(_) | Self::Illegal(..) | Self::NotConfirmed | Self::NotOpen(..) => "precondition",
            Self::NotFound(..) | Self::NoBill(_) => "not-found",
            Self::DayGoesOn(_) => "precondition",
            Self::NotABill(..) | Self::NotLines(..) => "unreadable",
            Self::Unproven(unproven) => unproven.error().kind(),
            Self::AlteredBill { .. } | Self::KeptV2 => "untrusted",
            Self::Ambiguous(..) => "ambiguous",
            Self::Incomplete { .. } | Self::FlawedBill(..) | Self::Bulk(..) | Self::Missed { .. } => "incomplete",
            Self::TimedOut { .. } => "timeout",
            Self::Halted | Self::Left | Self::Stopped(_) => "interrupted",
            Self::NotReplayed(Status::Unreachable, _) => "unreachable",
            Self::NotReplayed(..) => "refused",
            Self::Config(_) | Self::Theme(_) | Self::Keys(..) | Self::NoConfig(_) | Self::Setting(_) => "configuration",
            Self::Ledger(_) | Self::Unwritten(_) | Self::Broken(_) => "ledger",
            Self::Sandbox(_) => "sandbox",
            Self::Listen(_) => "listen",
            Self::Remote(RemoteError::NotThere(_)) => "unreachable",
            Self::Remote(RemoteError::Refused(_)) => "refused",
            Self::Remote(RemoteError::Usage(_)) => "usage",
            Self::Fields(_) | Self::Number(_) | Self::NeedsYes | Self::Arguments(_) | Self::Usage(_) => "usage",
            Self::Io(..) => "io",
        }
    }

    pub fn journal(&self) -> Option<i64> {
        match self {
            Self::Api(_, journal) => *journal,
            Self::Unknown(_, journal)
            | Self::RawUnknown(_, journal)
            | Self::NoEffect(journal)
            | Self::Denied(Denial::Busy { journal } | Denial::SameRequest { journal }) => Some(*journal),
            Self::Interrupted(journal) => *journal,
            Self::Denied(Denial::Repeated(earlier)) => earlier.journal,
            Self::NotOpen(journal, _) => Some(*journal),
            Self::Unwritten(unwritten) => Some(unwritten.journal),
            _ => None,
        }
    }

    /// The full texts of answers that are shortened for display.
    pub fn whole(&self) -> Vec<&str> {
        let errors: Vec<&ApiError> = match self {
            Self::Api(error, _) | Self::Unseen(error) | Self::Unknown(error, _) | Self::RawUnknown(error, _) => {
                vec![error]
            }
            Self::NotFound(_, tried) => tried.iter().map(|tried| &tried.error).collect(),
            _ => Vec::new(),
        };
        let mut whole: Vec<&str> = Vec::new();
        for message in errors.iter().filter_map(|error| error.refusal()).map(|refusal| refusal.message.as_str()) {
            if text::beginning(message, text::LONGEST).is_some() && !whole.contains(&message) {
                whole.push(message);
            }
        }
        whole
    }
}

macro_rules! from {
    ($($error:ty => $variant:ident,)*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}
from! {
    ConfigError => Config,
    ThemeError => Theme,
    Arc<LedgerError> => Ledger,
    SandboxError => Sandbox,
    ListenError => Listen,
    RemoteError => Remote,
    NumberError => Number,
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Api(error) => error.into(),
            Stopped::Ledger(error) => error.into(),
        }
    }
}

impl From<BillFailure> for Failure {
    fn from(failure: BillFailure) -> Self {
        match failure {
            BillFailure::Api(error) => error.into(),
            BillFailure::File { path, source } => Self::io(&path.display().to_string(), source),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(Arc::new(error), None)
    }
}

impl From<Misconfigured> for Failure {
    fn from(error: Misconfigured) -> Self {
        ApiError::from(error).into()
    }
}

/// Why the sandbox rejected a command; the gateway's own text if its code is unknown here.
pub(super) fn rejection_words(lang: Lang, rejection: &Rejection) -> String {
    let id = format!("ctl-refused-{}", rejection.code);
    match lang.has(&id) {
        true => tr!(lang, &id, number = rejection.number),
        false => rejection.message.clone(),
    }
}

#[cfg(test)]
mod tests;
