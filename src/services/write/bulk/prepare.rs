//! Prepares a bulk action: each object's latest document is read, queried again if it may be out of date, and turned
//! into an operation, or left out with the reason.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::ledger::{Ending, JournalEntry, JournalSearch, Ledger, LedgerError};
use crate::model::action::{
    Action, ActionId, Bulk, Operation, RelatedState, Repetition, Write, outcome_object, prepare,
};
use crate::model::time::Timestamp;
use crate::model::{Kind, Object, ObjectId};
use crate::services::write::bulk::{BulkRequest, LeftOut, Prepared, WhyLeftOut};
use crate::services::{LedgerReader, Lookup, Runner, Stopped};

/// A document older than this is queried again.
const FRESH_FOR: Duration = Duration::MINUTE;
/// Journal entries read per object.
const ENTRIES: usize = 200;

/// An object as the ledger has it, with what an action on it depends on.
struct Latest {
    id: ObjectId,
    object: Option<Object>,
    related_state: RelatedState,
    /// The journal entry on it that has not ended.
    open: Option<i64>,
}

impl Runner {
    /// For each action of a kind: on how many of these objects it is legal, as far as the ledger knows.
    pub(crate) async fn count_actions(
        &self,
        kind: Kind,
        ids: Vec<ObjectId>,
    ) -> Result<Vec<(ActionId, usize)>, LedgerError> {
        let profile = self.actor.key.clone();
        let count_actions = move |ledger: &Ledger| {
            let now = OffsetDateTime::now_utc();
            let mut counts: Vec<(ActionId, usize)> =
                Action::of(kind).filter(|action| action.is_for_many()).map(|action| (action.id, 0)).collect();
            for id in &ids {
                let Some(fresh) = ledger.object(&profile, id)? else { continue };
                for (action, count) in &mut counts {
                    *count += usize::from(action.action().legal(&fresh.object.entity, now).is_ok());
                }
            }
            Ok(counts)
        };
        self.ledger.run(count_actions).await
    }

    /// Prepares a bulk action. `progress` is called with how many of the objects to query have been queried.
    pub(crate) async fn prepare_bulk(
        &self,
        request: &BulkRequest,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Prepared, Stopped> {
        // What an earlier run left open may have ended: then its object shows it, and is left out or done.
        if let Err(error) = self.resolve().await {
            tracing::warn!(%error, "open entries of the journal could not be resolved");
        }
        let mut seen = HashSet::new();
        let ids: Vec<ObjectId> = request.ids.iter().filter(|id| seen.insert(*id)).cloned().collect();
        let stale = self.stale(request.action, ids.clone()).await?;
        let (total, mut done, mut unread) = (stale.len(), 0, HashMap::new());
        progress(done, total);
        self.query_all(stale.into_iter().map(Lookup::Object).collect(), |wanted, mut search| {
            done += 1;
            if let (Lookup::Object(id), Some(tried)) = (wanted, search.tried.pop()) {
                unread.insert(id, Arc::new(tried.error));
            }
            progress(done, total);
        })
        .await?;
        let latest = self.latest(ids).await?;
        let now = OffsetDateTime::now_utc();
        let bulk = Bulk::new(request.action, self.client.mchid());
        let mut prepared = Prepared { bulk, states: Vec::new(), left_out: Vec::new() };
        for Latest { id, object, related_state, open } in latest {
            let why = match (open, unread.remove(&id), object) {
                (Some(journal), ..) => WhyLeftOut::Busy(journal),
                (None, Some(error), _) => WhyLeftOut::Unread(error),
                (None, None, object) => {
                    // The results of all queries are in the ledger by now.
                    let Some(object) = object else { continue };
                    let admitted = match self.operation(request, &object, &related_state, now) {
                        Ok(operation) => match self.earlier(&operation).await? {
                            Some(earlier) => Err(WhyLeftOut::Repeated(Box::new(earlier))),
                            None => prepared.bulk.add(operation).map_err(|_| WhyLeftOut::SameNumber),
                        },
                        Err(why) => Err(why),
                    };
                    match admitted {
                        Ok(()) => {
                            prepared.states.push(object.entity.state());
                            continue;
                        }
                        Err(why) => why,
                    }
                }
            };
            prepared.left_out.push(LeftOut { object: id, why });
        }
        Ok(prepared)
    }

    /// Makes the operation on one object.
    fn operation(
        &self,
        request: &BulkRequest,
        object: &Object,
        related_state: &RelatedState,
        now: Timestamp,
    ) -> Result<Operation, WhyLeftOut> {
        let action = request.action.action();
        let values = action.bulk_values(&request.values, object, related_state, self.client.merchant(), now);
        let prepared = prepare(action, object, related_state, self.client.merchant(), &values, now);
        let mut operation: Operation = prepared.map_err(WhyLeftOut::Prepare)?;
        if operation.reason.is_none() {
            operation.reason.clone_from(&request.reason);
        }
        // A rule that forbids all of them is reported once; here only what forbids this one.
        self.actor.rules.judge_amount(Write::Operation(&operation)).map_err(WhyLeftOut::Rule)?;
        if request.again && action.is_once() {
            operation.again = Repetition::Yes;
        }
        Ok(operation)
    }

    /// What must be queried before anything is done: objects whose documents are old, or were verified before the
    /// latest action on them had ended; and what such actions made, if nothing is known of it.
    async fn stale(&self, action: ActionId, ids: Vec<ObjectId>) -> Result<Vec<ObjectId>, LedgerError> {
        let profile = self.actor.key.clone();
        let stale = move |ledger: &Ledger| {
            let since = OffsetDateTime::now_utc() - FRESH_FOR;
            let fresh = ledger.verified_since(&profile, &ids, since)?;
            let mut stale = Vec::new();
            for id in ids {
                let search = JournalSearch {
                    profile: Some(&profile),
                    object: Some(&id),
                    limit: if action.action().makes.is_some() { ENTRIES } else { 1 },
                    ..JournalSearch::default()
                };
                let entries = ledger.journal_entries(&search)?;
                for entry in &entries {
                    if let Some(made) = made(&id, entry)
                        && ledger.object(&profile, &made)?.is_none()
                    {
                        stale.push(made);
                    }
                }
                let touched = entries.first().map(JournalEntry::latest_at);
                let verified = match fresh.contains(&id) {
                    true => ledger.object(&profile, &id)?.map(|fresh| fresh.verified_at),
                    false => None,
                };
                if verified.is_none() || verified <= touched {
                    stale.push(id);
                }
            }
            Ok(stale)
        };
        self.ledger.run(stale).await
    }

    async fn latest(&self, ids: Vec<ObjectId>) -> Result<Vec<Latest>, LedgerError> {
        let profile = self.actor.key.clone();
        let reader = LedgerReader::new(self.ledger.clone(), &self.actor);
        let latest = move |ledger: &Ledger| {
            let open = ledger.open_intents(&profile)?;
            let open: HashMap<&ObjectId, i64> =
                open.iter().filter_map(|o| Some((o.intent.object.as_ref()?, o.id))).collect();
            let mut latest = Vec::new();
            for id in ids {
                // Read before the document, so that later entries of the journal count as unseen.
                let related_state = reader.related_state(&id)?;
                let object = ledger.object(&profile, &id)?.map(|fresh| fresh.object);
                let open = open.get(&id).copied();
                latest.push(Latest { id, object, related_state, open });
            }
            Ok(latest)
        };
        self.ledger.run(latest).await
    }
}

/// What an action on an object made, unless it was refused.
fn made(object: &ObjectId, entry: &JournalEntry) -> Option<ObjectId> {
    let action = Action::named(&entry.intent.action).filter(|action| action.makes.is_some())?;
    if entry.ending() == Some(Ending::Refused) { None } else { outcome_object(action.id, object, &entry.intent.body) }
}
