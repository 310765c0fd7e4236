//! The operator closes a journal entry whose outcome cannot be determined. Nothing is sent; from then on the same
//! action may be performed again.

use time::OffsetDateTime;

use crate::ledger::{Closing, Conclusion, Ending, JournalEntry, Ledger, LedgerError};
use crate::model::action::is_reason;
use crate::services::{Actor, Runner};

/// Why an entry was not closed.
#[derive(Debug, thiserror::Error)]
pub enum Unclosed {
    #[error("the profile is read-only")]
    ReadOnly,
    #[error("a reason is missing")]
    NoReason,
    /// This merchant has no such entry.
    #[error("there is no such entry")]
    Missing,
    /// It has ended already.
    #[error("it has ended: {}", .0.outcome())]
    Ended(Ending),
    /// It is still being sent, or its outcome is known and not written yet.
    #[error("it is still being sent")]
    UnderWay,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Closes an entry that is open and not being sent.
pub fn close_entry(ledger: &Ledger, actor: &Actor, journal: i64, reason: &str) -> Result<JournalEntry, Unclosed> {
    if actor.read_only {
        return Err(Unclosed::ReadOnly);
    }
    if !is_reason(reason) {
        return Err(Unclosed::NoReason);
    }
    let open = ledger.open_intents(&actor.key)?.into_iter().find(|open| open.id == journal);
    match open {
        Some(open) if ledger.is_under_way(&open) => return Err(Unclosed::UnderWay),
        Some(_) => {}
        None => return Err(ended(ledger, actor, journal)?),
    }
    let closing = Closing { operator: actor.operator.clone(), reason: reason.trim().to_owned() };
    let conclusion = Conclusion { closed: Some(Box::new(closing)), ..Conclusion::of(Ending::Closed) };
    match ledger.conclude(journal, OffsetDateTime::now_utc(), &conclusion)? {
        Ending::Closed => ledger.journal_entry(journal)?.ok_or(Unclosed::Missing),
        // Another process has settled it meanwhile.
        other => Err(Unclosed::Ended(other)),
    }
}

fn ended(ledger: &Ledger, actor: &Actor, journal: i64) -> Result<Unclosed, LedgerError> {
    let Some(entry) = ledger.journal_entry(journal)? else { return Ok(Unclosed::Missing) };
    // It is another merchant's, in the same ledger.
    if actor.key.rsplit('/').next() != Some(&entry.intent.mchid) {
        return Ok(Unclosed::Missing);
    }
    Ok(Unclosed::Ended(entry.ending().unwrap_or(Ending::Unknown)))
}

impl Runner {
    /// Closes an entry of the journal for the operator. Once it is closed the same can be done again, so WeChat Pay is
    /// queried for the outcome first; if there is no answer, the operator's decision stands.
    pub async fn close_entry(&self, journal: i64, reason: String) -> Result<JournalEntry, Unclosed> {
        if self.unwritten.get(journal).is_some() {
            return Err(Unclosed::UnderWay);
        }
        if !self.actor.read_only
            && is_reason(&reason)
            && let Some(ending) = self.resolve_one(journal).await
        {
            return Err(Unclosed::Ended(ending));
        }
        let actor = self.actor.clone();
        let closed = move |ledger: &Ledger| Ok(close_entry(ledger, &actor, journal, &reason));
        self.ledger.run(closed).await?
    }
}
