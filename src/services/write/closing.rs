//! A person ends an entry of the journal that nothing can tell about. Nothing is sent; from then on the same may be done
//! again.

use time::OffsetDateTime;

use crate::ledger::{Closing, Ending, JournalEntry, Ledger, LedgerError, Settlement};
use crate::model::action::is_reason;
use crate::services::{Actor, Runner};

/// Why an entry was not closed.
#[derive(Debug, thiserror::Error)]
pub enum Unclosed {
    #[error("the profile is read-only")]
    ReadOnly,
    #[error("a reason is missing")]
    NoReason,
    /// There is no such entry of this merchant's.
    #[error("there is no such entry")]
    Missing,
    /// It has come to an end: which, in the journal's word.
    #[error("it has ended: {0}")]
    Ended(&'static str),
    /// Somebody is still sending it, or its outcome is known and only not written yet.
    #[error("it is still being sent")]
    UnderWay,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Closes an entry that is open and that nobody is sending.
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
    let settlement = Settlement { closed: Some(Box::new(closing)), ..Settlement::of(Ending::Closed) };
    match ledger.settle(journal, OffsetDateTime::now_utc(), &settlement)? {
        Ending::Closed => ledger.journal_entry(journal)?.ok_or(Unclosed::Missing),
        // Another process asked in the meantime.
        other => Err(Unclosed::Ended(other.outcome())),
    }
}

fn ended(ledger: &Ledger, actor: &Actor, journal: i64) -> Result<Unclosed, LedgerError> {
    let Some(entry) = ledger.journal_entry(journal)? else { return Ok(Unclosed::Missing) };
    // Entries of another merchant in the same ledger are none of this profile's.
    if actor.key.rsplit('/').next() != entry.intent["mchid"].as_str() {
        return Ok(Unclosed::Missing);
    }
    let outcome = entry.settlements.last().and_then(|last| last["outcome"].as_str());
    Ok(Unclosed::Ended(match outcome {
        Some("done") => Ending::Done.outcome(),
        Some("refused") => Ending::Refused.outcome(),
        _ => Ending::Unknown.outcome(),
    }))
}

impl Runner {
    /// Closes an entry of the journal for the operator, if WeChat Pay cannot tell what became of it: once it is closed, the
    /// same can be done again, so it is asked first. Where nobody answers, the operator's word stands.
    pub async fn close_entry(&self, journal: i64, reason: String) -> Result<JournalEntry, Unclosed> {
        if self.unwritten.get(journal).is_some() {
            return Err(Unclosed::UnderWay);
        }
        if !self.actor.read_only
            && is_reason(&reason)
            && let Some(ending) = self.resolve_one(journal).await
        {
            return Err(Unclosed::Ended(ending.outcome()));
        }
        let actor = self.actor.clone();
        let closed = move |ledger: &Ledger| Ok(close_entry(ledger, &actor, journal, &reason));
        self.ledger.run(closed).await?
    }
}
