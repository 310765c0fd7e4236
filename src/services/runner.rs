//! The one way of every write: gate → journal → send → settle. The console and the command line both pass here.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::{Denial, Fresh, Outcome, Source};
use crate::api::{ApiError, Client, Reply};
use crate::ledger::{Ending, IntendError, Intent, Ledger, LedgerError, Settlement};
use crate::model::action::{Evidence, Illegal, Operation};
use crate::model::{Method, Object, ObjectId};

/// Whose name and leave an action has.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Under which the ledger keeps the merchant's objects and entries: the profile's name and its merchant number,
    /// so that a name that comes to mean another merchant never shows the former one's.
    pub key: String,
    pub profile: String,
    pub operator: String,
    pub read_only: bool,
}

/// Performs operations for one profile. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    pub(super) client: Client,
    pub(super) ledger: Ledger,
    pub(super) actor: Actor,
}

/// When the object of an unknown outcome is asked about, after the error. Later on [`Runner::resolve`] goes on.
const ASK_AFTER: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
];

impl Actor {
    pub fn new(profile: &str, mchid: &str, operator: &str, read_only: bool) -> Self {
        let key = format!("{profile}/{mchid}");
        Self { key, profile: profile.to_owned(), operator: operator.to_owned(), read_only }
    }
}

impl Runner {
    pub fn new(client: Client, ledger: Ledger, actor: Actor) -> Self {
        Self { client, ledger, actor }
    }

    /// Performs a confirmed operation and returns how it ended. `unknown` hears at once of an outcome that is not
    /// known, before the queries that resolve it.
    pub async fn perform(&self, operation: Operation, unknown: impl FnOnce(Outcome) + Send) -> Outcome {
        let journal = match self.pass_gate(&operation).await {
            Ok(journal) => journal,
            Err(denial) => return Outcome::Denied(denial),
        };
        let endpoint = operation.action.action().endpoint;
        match self.client.call(endpoint, &operation.target, &operation.body).await {
            Ok(reply) => self.done(journal, Some(reply), false).await,
            Err(error @ ApiError::UnknownOutcome(_)) => {
                let error = self.failed(journal, error).await;
                unknown(Outcome::Unknown { error: error.clone(), journal });
                self.ask(&operation, journal, error).await
            }
            // Refused, or it never left: either way nothing was changed.
            Err(error) => Outcome::Refused { error: self.failed(journal, error).await, journal: Some(journal) },
        }
    }

    /// Sends one raw request. Whatever is no GET passes the gate and the journal like every write; what it does to
    /// which object is not known here, so an unknown outcome stays so.
    pub async fn raw(&self, method: Method, target: &str, body: &str) -> Result<Reply, Outcome> {
        if method == Method::Get {
            let answer = self.client.send(method, target, body, false).await;
            return answer.map_err(|error| Outcome::Refused { error: Arc::new(error), journal: None });
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

    /// Everything that can forbid a write, in one place; ends with the intent in the journal.
    async fn pass_gate(&self, operation: &Operation) -> Result<i64, Denial> {
        if self.actor.read_only {
            return Err(Denial::ReadOnly);
        }
        // What was confirmed may have been overtaken: judge by the latest document in the ledger.
        let latest = self.known(&operation.object).await.map_err(|error| Denial::Journal(Arc::new(error)))?;
        let action = operation.action.action();
        if let Some(fresh) = &latest {
            action.legal(&fresh.object.entity, OffsetDateTime::now_utc()).map_err(Denial::Illegal)?;
        }
        // What is to be made under a number that already stands for something would be answered as if it were made.
        if operation.witness != operation.object {
            let made = self.known(&operation.witness).await.map_err(|error| Denial::Journal(Arc::new(error)))?;
            if made.is_some() {
                return Err(Denial::Illegal(Illegal("illegal-number-used")));
            }
        }
        let intent = Intent {
            action: action.name(),
            object: Some(operation.object.clone()),
            state: operation.before.clone(),
            before: latest.map(|fresh| fresh.object.raw.to_string()),
            ..self.intent(action.endpoint.endpoint().method, &operation.target, &operation.body)
        };
        match self.intend(intent.clone()).await {
            // An entry that an earlier run left open is settled first; then there may be room. Whoever confirmed did not
            // know that the earlier action had its effect: a refund would go out a second time.
            Err(Denial::Busy { journal }) => match self.resolve_one(journal).await {
                Some(Ending::Done) => Err(Denial::Illegal(Illegal("illegal-overtaken"))),
                Some(_) => self.intend(intent).await,
                None => Err(Denial::Busy { journal }),
            },
            other => other,
        }
    }

    /// An intent of this actor, not yet bound to an object.
    fn intent(&self, method: Method, target: &str, body: &str) -> Intent {
        Intent {
            at: OffsetDateTime::now_utc(),
            operator: self.actor.operator.clone(),
            profile: self.actor.key.clone(),
            mchid: self.client.mchid().as_str().to_owned(),
            action: String::new(),
            object: None,
            method,
            target: target.to_owned(),
            body: body.to_owned(),
            state: String::new(),
            before: None,
        }
    }

    /// Commits an intent. Without it nothing is sent, and of one object only one is open at a time.
    async fn intend(&self, intent: Intent) -> Result<i64, Denial> {
        let ledger = self.ledger.clone();
        let written = tokio::task::spawn_blocking(move || ledger.intend(&intent)).await;
        match written.unwrap_or(Err(LedgerError::Thread.into())) {
            Ok(journal) => Ok(journal),
            Err(IntendError::Busy(journal)) => Err(Denial::Busy { journal }),
            Err(IntendError::Ledger(error)) => Err(Denial::Journal(Arc::new(error))),
        }
    }

    /// Writes an error down as what became of an intent.
    async fn failed(&self, journal: i64, error: ApiError) -> Arc<ApiError> {
        let unknown = matches!(error, ApiError::UnknownOutcome(_));
        let ending = if unknown { Ending::Unknown } else { Ending::Refused };
        self.settle(journal, ending, None, Some(&error)).await;
        Arc::new(error)
    }

    /// Asks the witness what became of the operation, for as long as somebody may be waiting. Never sends it again.
    async fn ask(&self, operation: &Operation, journal: i64, error: Arc<ApiError>) -> Outcome {
        for pause in ASK_AFTER {
            tokio::time::sleep(pause).await;
            let object = match self.look(&operation.witness).await {
                Ok(object) => object,
                // What was to be made may also not be there yet.
                Err(failed) => {
                    tracing::warn!(error = %failed, journal, "the object could not be asked");
                    continue;
                }
            };
            match operation.evidence(&object.entity) {
                Evidence::Effect => return self.done(journal, None, true).await,
                Evidence::Contrary => {
                    self.settle(journal, Ending::Refused, None, Some(&error)).await;
                    return Outcome::NoEffect { error, journal };
                }
                Evidence::Silent => break,
                Evidence::NoEffect => {}
            }
        }
        Outcome::Unknown { error, journal }
    }

    pub(super) async fn done(&self, journal: i64, reply: Option<Reply>, found_by_query: bool) -> Outcome {
        let request_id = reply.as_ref().and_then(|reply| reply.request_id.clone());
        self.settle(journal, Ending::Done, reply, None).await;
        Outcome::Done { request_id, journal, found_by_query }
    }

    async fn settle(&self, journal: i64, ending: Ending, reply: Option<Reply>, error: Option<&ApiError>) {
        let request_id = reply.as_ref().and_then(|r| r.request_id.as_deref()).or(error.and_then(ApiError::request_id));
        let settlement = Settlement {
            ending,
            request_id: request_id.map(str::to_owned),
            reply: reply.map(|reply| reply.body),
            error: error.map(ToString::to_string),
        };
        self.write(journal, settlement).await;
    }

    /// Writes an outcome down. The request is out: a failure here is told, but changes nothing about it; the entry
    /// stays open and is resolved by query.
    pub(super) async fn write(&self, journal: i64, settlement: Settlement) {
        let at = OffsetDateTime::now_utc();
        if let Err(error) = self.ledger.run(move |ledger| ledger.settle(journal, at, &settlement)).await {
            tracing::error!(%error, journal, "an outcome could not be written to the journal");
        }
    }

    /// Keeps verified documents in the ledger.
    pub async fn keep(&self, rows: Vec<Fresh>) -> Result<(), LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger.run(move |ledger| ledger.put(&profile, &rows)).await
    }

    /// Remembers numbers whose objects have not been fetched.
    pub async fn note(&self, ids: Vec<ObjectId>) -> Result<(), LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger.run(move |ledger| ledger.note(&profile, &ids)).await
    }

    /// Asks about an object, helped by what the ledger knows of it (a service order's own appid).
    pub(super) async fn query(&self, id: &ObjectId) -> Result<Object, ApiError> {
        let known = self.known(id).await.unwrap_or_default();
        let (object, _) = self.client.fetch(id, known.as_ref().map(|fresh| &fresh.object)).await?;
        Ok(object)
    }

    /// Asks about an object and keeps the answer.
    pub async fn look(&self, id: &ObjectId) -> Result<Object, ApiError> {
        let object = self.query(id).await?;
        if let Err(error) = self.keep(vec![Fresh::now(object.clone(), Source::Query)]).await {
            tracing::warn!(%error, "an object could not be kept in the ledger");
        }
        Ok(object)
    }

    /// What the ledger knows of an object.
    async fn known(&self, id: &ObjectId) -> Result<Option<Fresh>, LedgerError> {
        let (profile, id) = (self.actor.key.clone(), id.clone());
        self.ledger.run(move |ledger| ledger.object(&profile, &id)).await
    }
}
