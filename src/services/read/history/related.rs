//! The chain from plan to cash, beyond what an object names itself and what names it.

use std::collections::{HashSet, VecDeque};

use crate::ledger::{Fresh, Ledger, LedgerError, Listed, Related};
use crate::model::{Link, Number, ObjectId};

/// Related objects that are read in each direction: those an object names, and those that name it.
pub(crate) const RELATED: usize = 200;
/// Objects whose related objects are read, in each direction. Of a plan with thousands of sign plans, only the latest
/// are followed.
const STEPS: usize = 24;

/// What is further up the chain from an object, and further down: never down again from above, so that siblings of the
/// object are not listed as related.
pub(crate) fn further(
    ledger: &Ledger,
    profile: &str,
    id: &ObjectId,
    related: &[Related],
) -> Result<Vec<Listed>, LedgerError> {
    let mut seen: HashSet<ObjectId> = related.iter().map(|related| related.row.id.clone()).collect();
    seen.insert(id.clone());
    let mut found = Vec::new();
    // The kinds are in the order of the chain.
    for up in [true, false] {
        let beyond = |from: &ObjectId, to: &ObjectId| if up { to.kind < from.kind } else { to.kind > from.kind };
        let near = related.iter().map(|related| &related.row.id).filter(|near| beyond(id, near));
        let mut left: VecDeque<ObjectId> = near.cloned().collect();
        for _ in 0..STEPS {
            let Some(from) = left.pop_front() else { break };
            for Related { row, .. } in ledger.related(profile, &from, RELATED)? {
                if found.len() < RELATED && beyond(&from, &row.id) && seen.insert(row.id.clone()) {
                    left.push_back(row.id.clone());
                    found.push(row);
                }
            }
        }
    }
    Ok(found)
}

/// Links of a document by WeChat Pay's number that are not among the related objects.
pub(crate) fn unresolved_links(fresh: Option<&Fresh>, related: &[Related]) -> Vec<Link> {
    let known: HashSet<&str> =
        related.iter().filter_map(|related| related.row.seen.as_ref()?.summary.platform_number.as_deref()).collect();
    let is_unresolved =
        |link: &Link| matches!(link, Link::Platform(_, number) if !known.contains(Number::as_str(number)));
    fresh.map(|fresh| fresh.object.entity.links()).unwrap_or_default().into_iter().filter(is_unresolved).collect()
}
