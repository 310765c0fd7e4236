//! An object's history: what is known of the object itself, and of everything up and down the chain from plan to cash.

mod related;
mod timeline;

use std::collections::{HashSet, VecDeque};

use crate::ledger::{Claim, EventRow, JournalEntry, JournalSearch, Ledger, LedgerError, Noted, Related, Version};
use crate::model::{DatedEvent, Kind, ObjectId};

pub(crate) use crate::services::read::history::related::{RELATED, further, unresolved_links};
pub use crate::services::read::history::timeline::{
    EntryKind, PollGap, SourceAgreement, TimelineEntry, timeline_entries,
};

/// Entries of the journal, and notifications, that are read for the object itself.
const LATEST: usize = 100;
/// The same of each of the others in its chain.
const LATEST_OF_OTHERS: usize = 20;
/// How many of a kind lead further from one object: the latest. A plan may have thousands of sign plans.
const FEW: usize = 8;
/// Objects that are read in one chain.
const MEMBERS: usize = 48;

/// What is known of one object by itself.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// How and when its number became known.
    pub noted: Option<Noted>,
    /// Newest first.
    pub versions: Vec<Version>,
    /// The latest changes of it that were sent, newest first.
    pub journal: Vec<JournalEntry>,
    /// The latest notifications about it, newest first.
    pub events: Vec<EventRow>,
    /// What notifications and bills say of it, and whether its latest document does not say so.
    pub claims: Vec<(Claim, bool)>,
    /// What its latest document dates.
    pub dated: Vec<DatedEvent>,
}

/// What is known of the objects up and down the chain.
#[derive(Clone, Debug, Default)]
pub struct RelatedHistory {
    /// In the order of the chain, without the object itself.
    pub others: Vec<(ObjectId, Records)>,
    /// For each kind of which not all were read, how many there are.
    pub of_many: Vec<(Kind, u64)>,
}

impl RelatedHistory {
    /// How many of a kind were read.
    pub(crate) fn count_read(&self, kind: Kind) -> usize {
        self.others.iter().filter(|(id, _)| id.kind == kind).count()
    }
}

/// Reads what is known of an object by itself.
pub(crate) fn records_of(ledger: &Ledger, profile: &str, id: &ObjectId) -> Result<Records, LedgerError> {
    read(ledger, profile, id, LATEST)
}

fn read(ledger: &Ledger, profile: &str, id: &ObjectId, limit: usize) -> Result<Records, LedgerError> {
    let search = JournalSearch { profile: Some(profile), object: Some(id), limit, ..Default::default() };
    let fresh = ledger.object(profile, id)?;
    Ok(Records {
        noted: ledger.noted(profile, id)?,
        versions: ledger.versions(profile, id)?,
        journal: ledger.journal_entries(&search)?,
        events: ledger.events_of(profile, id, limit)?,
        claims: ledger.claims(profile, id)?,
        dated: fresh.map(|fresh| fresh.object.entity.dated()).unwrap_or_default(),
    })
}

/// Reads the chain of an object: up to its plan, and from the object down to what was paid and refunded. Never down
/// again from above: siblings of the object are left out.
pub(crate) fn chain(
    ledger: &Ledger,
    profile: &str,
    id: &ObjectId,
    related: &[Related],
) -> Result<RelatedHistory, LedgerError> {
    let mut walk = Walk { ledger, profile, seen: HashSet::from([id.clone()]), chain: RelatedHistory::default() };
    for up in [true, false] {
        let mut left = VecDeque::from(walk.beyond(id, related, up)?);
        while let Some(from) = left.pop_front() {
            let related = ledger.related(profile, &from, RELATED)?;
            left.extend(walk.beyond(&from, &related, up)?);
        }
    }
    let mut chain = walk.chain;
    chain.others.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(chain)
}

/// On the way along the chain.
struct Walk<'a> {
    ledger: &'a Ledger,
    profile: &'a str,
    seen: HashSet<ObjectId>,
    chain: RelatedHistory,
}

impl Walk<'_> {
    /// Takes in the latest of each kind that is beyond an object, and returns them.
    fn beyond(&mut self, from: &ObjectId, related: &[Related], up: bool) -> Result<Vec<ObjectId>, LedgerError> {
        let mut taken = Vec::new();
        // The kinds are in the order of the chain.
        for kind in Kind::ALL.into_iter().filter(|kind| if up { *kind < from.kind } else { *kind > from.kind }) {
            let of_kind = related.iter().filter(|related| related.row.id.kind == kind);
            // What an object names stands in its order, what names it the latest first.
            let (named, naming): (Vec<_>, Vec<_>) = of_kind.partition(|related| related.named);
            let mut found: Vec<&ObjectId> =
                naming.into_iter().chain(named.into_iter().rev()).map(|related| &related.row.id).collect();
            // Two objects may name each other: a deduction's row in a bill names its order, whose document names it.
            let mut once = HashSet::new();
            found.retain(|id| once.insert(*id));
            let new: Vec<&ObjectId> = found.iter().copied().filter(|id| !self.seen.contains(*id)).collect();
            let room = MEMBERS.saturating_sub(self.chain.others.len()).min(FEW);
            if new.len() > room {
                self.count(from, kind, found.len())?;
            }
            for id in new.into_iter().take(room) {
                self.seen.insert(id.clone());
                self.chain.others.push((id.clone(), read(self.ledger, self.profile, id, LATEST_OF_OTHERS)?));
                taken.push(id.clone());
            }
        }
        Ok(taken)
    }

    /// Counts a kind of which not all are read.
    fn count(&mut self, from: &ObjectId, kind: Kind, found: usize) -> Result<(), LedgerError> {
        let mut all = found as u64;
        if found >= RELATED {
            let dependents = self.ledger.dependents(self.profile, from)?;
            all = dependents.iter().filter(|(of, _)| *of == kind).map(|(_, group)| group.count).sum::<u64>().max(all);
        }
        match self.chain.of_many.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, count)) => *count += all,
            None => self.chain.of_many.push((kind, all)),
        }
        Ok(())
    }
}
