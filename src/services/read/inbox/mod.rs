//! The inbox as the console and the command line read it: notifications, refused requests, and where sources contradict
//! each other. What is kept can be replayed.

mod filter;
mod replay;

use crate::services::LedgerReader;
use std::collections::HashSet;

use crate::ledger::{Claim, Disagreement, Dispute, EventRow, InboxSearch, LedgerError, WholeEvent};
use crate::model::ObjectId;
use crate::model::time::{Duration, Timestamp};
use crate::services::read::log::{Bounds, LogPage, LogPageRequest, stretch};

pub(crate) use crate::services::read::inbox::filter::words;
pub use crate::services::read::inbox::filter::{InboxFilter, event_message, event_vocabulary};
pub use crate::services::read::inbox::replay::{NotReplayable, Replay, ReplayError, Replayed, is_whole};

/// A request for a page of the inbox.
pub type InboxPageRequest = LogPageRequest<InboxFilter>;

/// A page of the inbox, newest first.
pub type InboxPage = LogPage<EventRow>;

/// How long WeChat Pay waits for an answer before it counts the notification as not delivered (protocol reference
/// §9.2).
pub const ANSWER_WITHIN: Duration = Duration::seconds(5);

pub use crate::model::filter::OVERDUE_AFTER;

/// Disagreements that are read at once. More of them have one cause, which is to be found first.
const DISPUTES: usize = 500;

/// Where sources contradict each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disputes {
    /// Newest first.
    pub list: Vec<Disagreement>,
    /// There are more than these.
    pub more: bool,
    /// When the next notification that is due will have been missed, unless it comes before.
    pub next_overdue: Option<Timestamp>,
}

impl LedgerReader {
    /// Reads a page of the inbox.
    pub fn inbox(&self, request: &InboxPageRequest, now: Timestamp) -> Result<InboxPage, LedgerError> {
        let wanted = request.filter.search(now);
        stretch(
            request.anchor,
            request.reach,
            request.seen,
            |row: &EventRow| row.id,
            |Bounds { before, after, limit }| {
                self.ledger.inbox(&self.profile, &InboxSearch { before, after, limit, ..wanted.clone() })
            },
        )
    }

    /// The newest lines that pass a filter, no more than so many.
    pub(crate) fn newest_events(
        &self,
        filter: &InboxFilter,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<EventRow>, LedgerError> {
        self.ledger.inbox(&self.profile, &InboxSearch { limit, ..filter.search(now) })
    }

    /// The types of the notifications that were received.
    pub(crate) fn event_types(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger.event_types(&self.profile)
    }

    /// One line of the inbox with all that is kept of it.
    pub fn event(&self, id: i64) -> Result<Option<WholeEvent>, LedgerError> {
        self.ledger.event(&self.profile, id)
    }

    /// Where sources contradict each other, as of now.
    pub fn disputes(&self, now: Timestamp) -> Result<Disputes, LedgerError> {
        let overdue = now - OVERDUE_AFTER;
        let mut list = self.ledger.disagreements(&self.profile, overdue, DISPUTES + 1)?;
        list.sort_by_key(|one| std::cmp::Reverse(one.received_at()));
        let more = list.len() > DISPUTES;
        list.truncate(DISPUTES);
        // Equal claims are one disagreement; the latest of them is kept.
        let mut seen = HashSet::new();
        list.retain(|one| seen.insert((one.row.id.clone(), about(&one.dispute))));
        let next = self.ledger.next_awaited(&self.profile, overdue)?;
        Ok(Disputes { list, more, next_overdue: next.map(|since| since.saturating_add(OVERDUE_AFTER)) })
    }

    /// An object was queried, and its document is in the ledger: no notification about it is awaited any more. Returns
    /// the claims that its document still does not confirm.
    pub fn reconcile(&self, id: &ObjectId) -> Result<Vec<Claim>, LedgerError> {
        self.ledger.await_no_more(&self.profile, id)?;
        let claims = self.ledger.claims(&self.profile, id)?;
        Ok(claims.into_iter().filter(|(_, open)| *open).map(|(claim, _)| claim).collect())
    }
}

/// What a disagreement is about, regardless of its source and of repetitions.
fn about(dispute: &Dispute) -> (String, Option<i64>) {
    match dispute {
        Dispute::Claimed(claim) => {
            let what = format!("{} {}", claim.source.name(), claim.fact.word());
            (what, claim.amount.map(|amount| amount.minor))
        }
        Dispute::Missing { event_type, .. } => (event_type.clone(), None),
    }
}
