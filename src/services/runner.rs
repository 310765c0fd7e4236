//! The one way of every write: gate → journal → send → settle. The console and the command line both pass here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

use super::{Denial, Fresh, Outcome, Source};
use crate::api::{ApiError, Client, Reply};
use crate::ledger::{Intent, Ledger, LedgerError, Settlement};
use crate::model::action::{Evidence, Operation};
use crate::model::{Method, ObjectId};

/// Whose name and leave an action has.
#[derive(Clone, Debug)]
pub struct Actor {
    pub profile: String,
    pub operator: String,
    pub read_only: bool,
}

/// Performs operations for one profile. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    client: Client,
    ledger: Ledger,
    actor: Actor,
    /// Objects with a write in flight, and its journal entry once there is one.
    in_flight: Arc<Mutex<HashMap<ObjectId, i64>>>,
}

/// When the object of an unknown outcome is asked about, after the error.
const RESOLVE_AFTER: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

impl Runner {
    pub fn new(client: Client, ledger: Ledger, actor: Actor) -> Self {
        Self { client, ledger, actor, in_flight: Arc::default() }
    }

    /// Performs a confirmed operation and returns how it ended. `unknown` hears at once of an outcome that is not
    /// known, before the queries that resolve it.
    pub async fn perform(&self, operation: Operation, unknown: impl FnOnce(Outcome) + Send) -> Outcome {
        let _lock = match self.pass_gate(&operation).await {
            Ok(lock) => lock,
            Err(denial) => return Outcome::Denied(denial),
        };
        let action = operation.action.action();
        let intent = Intent {
            action: action.name(),
            kind: operation.object.kind.noun().to_owned(),
            number: operation.object.number.as_str().to_owned(),
            before: operation.before.clone(),
            ..self.intent(action.endpoint.endpoint().method, &operation.target, &operation.body)
        };
        let journal = match self.intend(intent).await {
            Ok(journal) => journal,
            Err(denial) => return Outcome::Denied(denial),
        };
        self.lock_table().insert(operation.object.clone(), journal);
        match self.client.call(action.endpoint, &operation.target, &operation.body).await {
            Ok(reply) => self.done(journal, Some(reply), false).await,
            Err(error @ ApiError::UnknownOutcome(_)) => {
                let error = self.failed(journal, error).await;
                unknown(Outcome::Unknown { error: error.clone(), journal });
                self.resolve(&operation, journal, error).await
            }
            // Refused, or it never left: either way nothing was changed.
            Err(error) => Outcome::Refused { error: self.failed(journal, error).await, journal: Some(journal) },
        }
    }

    /// Sends one raw request. Whatever is no GET passes the gate and the journal like every write; what it does to
    /// which object is not known here, so an unknown outcome stays so.
    pub async fn raw(&self, method: Method, target: &str, body: &str) -> Result<Reply, Outcome> {
        if method == Method::Get {
            return self
                .client
                .send(method, target, body, false)
                .await
                .map_err(|error| Outcome::Refused { error: Arc::new(error), journal: None });
        }
        if self.actor.read_only {
            return Err(Outcome::Denied(Denial::ReadOnly));
        }
        let intent = Intent { action: "api".to_owned(), ..self.intent(method, target, body) };
        let journal = self.intend(intent).await.map_err(Outcome::Denied)?;
        match self.client.send(method, target, body, true).await {
            Ok(reply) => {
                self.done(journal, Some(reply.clone()), false).await;
                Ok(reply)
            }
            Err(error) => {
                let error = self.failed(journal, error).await;
                Err(if matches!(*error, ApiError::UnknownOutcome(_)) {
                    Outcome::Unknown { error, journal }
                } else {
                    Outcome::Refused { error, journal: Some(journal) }
                })
            }
        }
    }

    /// An intent of this actor, not yet bound to an object.
    fn intent(&self, method: Method, target: &str, body: &str) -> Intent {
        Intent {
            at: OffsetDateTime::now_utc(),
            operator: self.actor.operator.clone(),
            profile: self.actor.profile.clone(),
            mchid: self.client.mchid().as_str().to_owned(),
            action: String::new(),
            kind: String::new(),
            number: String::new(),
            method,
            target: target.to_owned(),
            body: body.to_owned(),
            before: String::new(),
        }
    }

    /// Commits an intent. Without it nothing is sent.
    async fn intend(&self, intent: Intent) -> Result<i64, Denial> {
        let written = self.ledger.run(move |ledger| ledger.intend(&intent)).await;
        written.map_err(|error| Denial::Journal(Arc::new(error)))
    }

    /// Writes an error down as what became of an intent.
    async fn failed(&self, journal: i64, error: ApiError) -> Arc<ApiError> {
        let outcome = if matches!(error, ApiError::UnknownOutcome(_)) { "unknown" } else { "refused" };
        self.settle(journal, outcome, None, Some(&error)).await;
        Arc::new(error)
    }

    /// Everything that can forbid a write, in one place.
    async fn pass_gate(&self, operation: &Operation) -> Result<Lock, Denial> {
        if self.actor.read_only {
            return Err(Denial::ReadOnly);
        }
        let lock = self.lock(&operation.object)?;
        // What was confirmed may have been overtaken: judge by the latest document in the ledger.
        let (profile, id) = (self.actor.profile.clone(), operation.object.clone());
        let latest = self.ledger.run(move |ledger| ledger.object(&profile, &id)).await;
        if let Some(fresh) = latest.map_err(|error| Denial::Journal(Arc::new(error)))? {
            operation.action.action().legal(&fresh.object.entity).map_err(Denial::Illegal)?;
        }
        Ok(lock)
    }

    /// Asks the object until it tells what became of the operation. Never sends it again.
    async fn resolve(&self, operation: &Operation, journal: i64, error: Arc<ApiError>) -> Outcome {
        for pause in RESOLVE_AFTER {
            tokio::time::sleep(pause).await;
            let Ok((object, _)) = self.client.fetch(&operation.object, None).await else { continue };
            let evidence = operation.evidence(&object.entity);
            let _ = self.store(object, Source::Query).await;
            match evidence {
                Evidence::Effect => return self.done(journal, None, true).await,
                Evidence::Silent => break,
                Evidence::NoEffect => {}
            }
        }
        Outcome::Unknown { error, journal }
    }

    async fn done(&self, journal: i64, reply: Option<Reply>, found_by_query: bool) -> Outcome {
        let request_id = reply.as_ref().and_then(|reply| reply.request_id.clone());
        self.settle(journal, "done", reply, None).await;
        Outcome::Done { request_id, journal, found_by_query }
    }

    /// Writes the outcome down. The request is out: a failure here is told, but changes nothing about it.
    async fn settle(&self, journal: i64, outcome: &'static str, reply: Option<Reply>, error: Option<&ApiError>) {
        let request_id = reply.as_ref().and_then(|r| r.request_id.as_deref()).or(error.and_then(ApiError::request_id));
        let settlement = Settlement {
            outcome,
            request_id: request_id.map(str::to_owned),
            reply: reply.map(|reply| reply.body),
            error: error.map(ToString::to_string),
        };
        let at = OffsetDateTime::now_utc();
        if let Err(error) = self.ledger.run(move |ledger| ledger.settle(journal, at, &settlement)).await {
            tracing::error!(%error, journal, outcome, "the outcome could not be written to the journal");
        }
    }

    /// Stores what a query showed.
    pub async fn store(&self, object: crate::model::Object, source: Source) -> Result<Fresh, LedgerError> {
        let fresh = Fresh { object, verified_at: OffsetDateTime::now_utc(), source };
        let (profile, kept) = (self.actor.profile.clone(), fresh.clone());
        self.ledger.run(move |ledger| ledger.put(&profile, &[kept])).await?;
        Ok(fresh)
    }

    fn lock(&self, object: &ObjectId) -> Result<Lock, Denial> {
        let mut table = self.lock_table();
        if let Some(journal) = table.get(object) {
            return Err(Denial::Busy { journal: *journal });
        }
        // No entry has number 0: it stands for one that is about to be written.
        table.insert(object.clone(), 0);
        Ok(Lock { table: self.in_flight.clone(), object: object.clone() })
    }

    fn lock_table(&self) -> std::sync::MutexGuard<'_, HashMap<ObjectId, i64>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One write in flight on one object; released when dropped.
struct Lock {
    table: Arc<Mutex<HashMap<ObjectId, i64>>>,
    object: ObjectId,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.object);
    }
}
