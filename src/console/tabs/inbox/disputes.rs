//! The disagreements: claims of notifications and bills about an object that its document contradicts, and
//! notifications that were due and never arrived.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::api::ApiError;
use crate::console::app::throttle::Throttle;
use crate::ledger::{Claim, Disagreement, Dispute};
use crate::model::ObjectId;
use crate::model::filter::PATIENCE;
use crate::model::time::{Duration, Timestamp};
use crate::services::Disputes as Known;

/// The minimum time between two readings of the disagreements.
const READ_EVERY: Duration = Duration::SECOND;

/// The identity of a disagreement: the object, and the claim or the missing notification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DisputeKey {
    pub object: ObjectId,
    about: String,
}

impl DisputeKey {
    pub fn of(one: &Disagreement) -> Self {
        let about = match &one.dispute {
            Dispute::Claimed(claim) => format!("{} {}", claim.source.name(), claim.reference),
            Dispute::Missing { event_type, .. } => event_type.clone(),
        };
        Self { object: one.row.id.clone(), about }
    }
}

/// A query of an object because of a disagreement.
#[derive(Clone, Debug)]
pub struct Requery {
    pub at: Timestamp,
    /// The result of the query; None while it runs.
    pub result: Option<Result<(), Arc<ApiError>>>,
}

/// The results of objects that were queried together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub asked: usize,
    pub agreed: usize,
    pub standing: usize,
    pub failed: usize,
}

/// The list of disagreements.
#[derive(Clone, Debug)]
pub struct DisputesState {
    known: Arc<Known>,
    throttle: Throttle,
    /// The ledger was queried and has not answered.
    pending: bool,
    /// It has answered at least once.
    read: bool,
    cursor: Option<DisputeKey>,
    /// The position of the cursor, if its disagreement is gone.
    line: usize,
    again: HashMap<ObjectId, Requery>,
    round: Round,
}

impl Default for DisputesState {
    fn default() -> Self {
        Self {
            known: Arc::default(),
            throttle: Throttle::new(READ_EVERY, true),
            pending: false,
            read: false,
            cursor: None,
            line: 0,
            again: HashMap::new(),
            round: Round::default(),
        }
    }
}

impl DisputesState {
    /// To be called when a claim or an object has changed: the disagreements may have changed, too.
    pub(crate) fn mark_stale(&mut self) {
        self.throttle.want();
    }

    /// True if the ledger is to be asked now.
    pub fn ask(&mut self, now: Timestamp) -> bool {
        if self.known.next_overdue.is_some_and(|at| now >= at) {
            self.throttle.want();
        }
        if self.pending || !self.throttle.take(now) {
            return false;
        }
        self.pending = true;
        true
    }

    /// The ledger has answered.
    pub fn show(&mut self, known: Arc<Known>) {
        (self.pending, self.read) = (false, true);
        self.known = known;
        let disputed: HashSet<&ObjectId> = self.known.list.iter().map(|one| &one.row.id).collect();
        self.again.retain(|id, again| again.result.is_none() || disputed.contains(id));
    }

    pub(crate) fn is_read(&self) -> bool {
        self.read
    }

    /// There are more than are listed.
    pub(crate) fn has_more(&self) -> bool {
        self.known.more
    }

    /// The disagreements to show. Those with a new claim are left out while its object is being queried; while WeChat Pay
    /// cannot be reached they are shown at once.
    pub fn shown(&self, now: Timestamp, cut_off: bool) -> impl Iterator<Item = &Disagreement> {
        self.known.list.iter().filter(move |one| cut_off || ripe(one) <= now)
    }

    /// When the shown disagreements change, or are to be read again.
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        if self.pending {
            return None;
        }
        let ripens = self.known.list.iter().map(ripe).filter(|at| *at > now);
        let overdue = self.known.next_overdue.filter(|at| *at > now);
        ripens.chain(self.throttle.due()).chain(overdue).min()
    }

    /// The disagreements about an object.
    pub fn about<'a>(&'a self, id: &'a ObjectId) -> impl Iterator<Item = &'a Disagreement> {
        self.known.list.iter().filter(move |one| one.row.id == *id)
    }

    /// The position of the cursor among the shown ones.
    pub fn position(&self, shown: &[&Disagreement]) -> usize {
        let place = self.cursor.as_ref().and_then(|key| shown.iter().position(|one| DisputeKey::of(one) == *key));
        place.unwrap_or(self.line).min(shown.len().saturating_sub(1))
    }

    /// Moves the cursor to one of the shown ones.
    pub fn set(&mut self, line: usize, key: Option<DisputeKey>) {
        (self.line, self.cursor) = (line, key);
    }

    /// Objects are queried because of a disagreement.
    pub fn asking(&mut self, ids: &[ObjectId], now: Timestamp) {
        if self.round.asked == self.round.agreed + self.round.standing + self.round.failed {
            self.round = Round::default();
        }
        for id in ids {
            let before = self.again.insert(id.clone(), Requery { at: now, result: None });
            self.round.asked += usize::from(before.is_none_or(|before| before.result.is_some()));
        }
    }

    /// The query of an object in dispute.
    pub fn again(&self, id: &ObjectId) -> Option<&Requery> {
        self.again.get(id)
    }

    /// True if the object is being queried because of a disagreement.
    pub(crate) fn is_asked(&self, id: &ObjectId) -> bool {
        self.again.get(id).is_some_and(|again| again.result.is_none())
    }

    /// The query of an object has failed.
    pub fn failed(&mut self, id: &ObjectId, error: Arc<ApiError>, now: Timestamp) -> Option<Round> {
        self.again.insert(id.clone(), Requery { at: now, result: Some(Err(error)) });
        self.round.failed += 1;
        self.ended()
    }

    /// An object was queried, and its document still contradicts these claims. Returns the results of the whole round
    /// once its last query has ended.
    pub(crate) fn reconciled(&mut self, id: &ObjectId, standing: &[Claim], now: Timestamp) -> Option<Round> {
        if !self.is_asked(id) {
            return None;
        }
        self.again.insert(id.clone(), Requery { at: now, result: Some(Ok(())) });
        match standing.is_empty() {
            true => self.round.agreed += 1,
            false => self.round.standing += 1,
        }
        self.ended()
    }

    fn ended(&self) -> Option<Round> {
        let Round { asked, agreed, standing, failed } = self.round;
        (asked == agreed + standing + failed).then_some(self.round)
    }
}

/// The time from which a claim counts as a disagreement.
fn ripe(one: &Disagreement) -> Timestamp {
    match &one.dispute {
        Dispute::Claimed(claim) => claim.received_at + PATIENCE,
        Dispute::Missing { .. } => Timestamp::UNIX_EPOCH,
    }
}
