//! How an operation was confirmed. Only a [`Confirmed`] can be performed, and only this file can make one.

use super::{Operation, RawWrite, Write};

/// The way of confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// By typing the end of the number.
    Typed(String),
    /// By typing how many objects a bulk action has, and the end of the merchant's number.
    Count(String),
    /// By answering yes.
    Yes,
    /// By the flag `--yes`.
    Flag,
}

/// How it was confirmed, as recorded in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmedBy {
    Typed,
    Count,
    Yes,
    Flag,
}

/// A confirmed value, and how it was confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmed<T = Operation> {
    what: T,
    by: ConfirmedBy,
    objects: usize,
}

/// Why it does not count as confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConfirmed {
    #[error("the typed text does not match")]
    Mismatch,
    #[error("a plain yes is not enough: the end of the number must be typed")]
    Plain,
    #[error("a raw request has no preview: it is confirmed by --yes alone")]
    NoPreview,
    #[error("there is nothing to confirm")]
    Nothing,
}

impl ConfirmedBy {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Count => "count",
            Self::Yes => "yes",
            Self::Flag => "flag",
        }
    }
}

impl Operation {
    /// Confirms by typed text, if it is the text of this operation; by a plain yes, if that is enough for its risk.
    pub fn confirm(self, confirmation: Confirmation) -> Result<Confirmed, NotConfirmed> {
        let by = match confirmation {
            Confirmation::Flag => ConfirmedBy::Flag,
            Confirmation::Yes if self.is_typed() => return Err(NotConfirmed::Plain),
            Confirmation::Yes => ConfirmedBy::Yes,
            Confirmation::Typed(typed) if typed.trim() == self.word() => ConfirmedBy::Typed,
            Confirmation::Typed(_) | Confirmation::Count(_) => return Err(NotConfirmed::Mismatch),
        };
        Ok(Confirmed { what: self, by, objects: 1 })
    }
}

impl RawWrite {
    /// Confirms by the flag, and nothing else.
    pub fn confirm(self, confirmation: Confirmation) -> Result<Confirmed<Self>, NotConfirmed> {
        match confirmation {
            Confirmation::Flag => Ok(Confirmed { what: self, by: ConfirmedBy::Flag, objects: 1 }),
            Confirmation::Typed(_) | Confirmation::Count(_) | Confirmation::Yes => Err(NotConfirmed::NoPreview),
        }
    }
}

impl<T> Confirmed<T> {
    pub fn what(&self) -> &T {
        &self.what
    }

    pub fn by(&self) -> ConfirmedBy {
        self.by
    }

    /// How many objects were confirmed in the same bulk action.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// The same as one of so many in a bulk action.
    pub fn among(self, objects: usize) -> Self {
        Self { objects, ..self }
    }
}

impl Confirmed<Operation> {
    /// The operations of one bulk action, confirmed together.
    pub(super) fn all(operations: Vec<Operation>, by: ConfirmedBy) -> Vec<Self> {
        let objects = operations.len();
        operations.into_iter().map(|what| Self { what, by, objects }).collect()
    }

    /// The same with its secrets encrypted: nothing else that was confirmed changes.
    pub fn encrypted<E>(mut self, encrypt: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        self.what.encrypt(encrypt)?;
        Ok(self)
    }

    /// As the gate checks it.
    pub(crate) fn as_write(&self) -> Confirmed<Write<'_>> {
        Confirmed { what: Write::Operation(&self.what), by: self.by, objects: self.objects }
    }
}

impl Confirmed<RawWrite> {
    /// As the gate checks it.
    pub(crate) fn as_write(&self) -> Confirmed<Write<'_>> {
        Confirmed { what: Write::Raw(&self.what), by: self.by, objects: self.objects }
    }
}
