//! The only way of every write: gate → journal → send → settle. The console and the command line both use it.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::api::{ApiError, Misconfigured, Proof, Reply, RequestFailure, Unproven};
use crate::ledger::{Ending, OpenIntent};
use crate::model::action::{Confirmed, Evidence, Operation, RawWrite, Write, made, outcome_object};
use crate::model::{Method, Object, Serial};
use crate::services::write::gate::Passage;
use crate::services::write::outcome_probe::{SentAction, Shown};
use crate::services::write::runner::made_number;
use crate::services::{Denial, Fresh, Made, Outcome, Runner, Source};

/// When the object of an unknown outcome is queried: after the error, and then after each query; the last pause repeats
/// until the time is over. After that [`Runner::resolve`] continues.
const ASK_AFTER: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
/// With less time left, no further query is made.
const TOO_SHORT: Duration = Duration::from_millis(100);

/// The operation of an open entry: its own number and body, not those made for its repetition.
fn as_it_was(operation: &Operation, open: &OpenIntent) -> Operation {
    let (target, body) = (open.intent.target.clone(), open.intent.body.clone());
    let outcome_object =
        outcome_object(operation.action, &operation.object, &body).unwrap_or_else(|| operation.outcome_object.clone());
    Operation { target, body, outcome_object, ..operation.clone() }
}

/// A genuine answer that names nothing of its request, and no query has shown the effect.
fn unnamed(reply: Reply) -> ApiError {
    ApiError::UnknownOutcome(RequestFailure::Unproven(Unproven::Unnamed(Box::new(reply))))
}

impl Runner {
    /// Performs a confirmed operation and returns how it ended. `unknown` is called at once with an unknown outcome,
    /// before the queries that resolve it.
    pub async fn perform(&self, confirmed: Confirmed, unknown: impl FnOnce(Outcome) + Send) -> Outcome {
        let (confirmed, key) = match self.encrypt(confirmed).await {
            Ok(encrypted) => encrypted,
            Err(outcome) => return outcome,
        };
        let (journal, again) = match self.pass(confirmed.as_write()).await {
            Ok(Passage::New(journal)) => (journal, None),
            Ok(Passage::Again(open)) => (open.id, Some((as_it_was(confirmed.what(), &open), open.at))),
            Err(denial) => return Outcome::Denied(denial),
        };
        let is_repeated = again.is_some();
        // The object may have been made by the first request.
        let sent_at = again.as_ref().map_or_else(OffsetDateTime::now_utc, |(_, at)| *at);
        let operation = again.as_ref().map_or(confirmed.what(), |(operation, _)| operation);
        let Operation { endpoint, target, body, .. } = operation;
        let answer = match &key {
            Some(key) => self.client.call_encrypted(*endpoint, target, body, key).await,
            None => self.client.call(*endpoint, target, body).await,
        };
        match answer {
            Ok(reply) if reply.proof == Proof::Itself => {
                let made = self.keep_made(operation, &reply, None).await;
                self.done(journal, Some(reply), false, made).await
            }
            Ok(reply) => {
                if let Some(shown) = self.shows_in_time(&SentAction::of(operation, sent_at), &reply).await {
                    let made = self.keep_made(operation, &reply, shown.0.as_ref()).await;
                    return self.done(journal, Some(reply), false, made).await;
                }
                let handover = self.client.handover(operation.endpoint, &operation.body, &reply.body);
                let error = self.failed(journal, unnamed(reply)).await;
                unknown(Outcome::Unknown { error: error.clone(), journal });
                let mut outcome = self.ask(operation, journal, error, sent_at).await;
                if let Outcome::Done { made: Some(made), .. } = &mut outcome {
                    made.handover = handover;
                }
                outcome
            }
            Err(error @ ApiError::UnknownOutcome(_)) => {
                let error = self.failed(journal, error).await;
                unknown(Outcome::Unknown { error: error.clone(), journal });
                self.ask(operation, journal, error, sent_at).await
            }
            // That the repetition is refused, or was not sent, proves nothing about the first request.
            Err(error) if is_repeated => {
                self.conclude(journal, Ending::Unknown, None, Some(&error)).await;
                Outcome::Unknown { error: Arc::new(error), journal }
            }
            // Refused, or never sent: either way nothing was changed.
            Err(error) => Outcome::Refused { error: self.failed(journal, error).await, journal: Some(journal) },
        }
    }

    /// Encrypts the secrets of a request with the platform's key of the returned serial. The journal records what is
    /// sent, so this comes first.
    async fn encrypt(&self, confirmed: Confirmed) -> Result<(Confirmed, Option<Serial>), Outcome> {
        if !confirmed.what().has_secrets() {
            return Ok((confirmed, None));
        }
        // If it is not allowed, the keys are not even fetched.
        self.actor.permits(*confirmed.as_write().what(), confirmed.objects()).map_err(Outcome::Denied)?;
        let refused = |error| Outcome::Refused { error: Arc::new(error), journal: None };
        let (serial, key) = self.client.encryption_key().await.map_err(refused)?;
        let encrypted = confirmed.encrypted(|text| key.encrypt_field(text.as_bytes()));
        let too_long = |_| refused(Misconfigured::TooLongToEncrypt.into());
        Ok((encrypted.map_err(too_long)?, Some(serial)))
    }

    /// Sends one raw read.
    pub async fn read(&self, target: &str, body: &str) -> Result<Reply, Outcome> {
        let answer = self.client.send(Method::Get, target, body, false).await;
        answer.map_err(|error| Outcome::Refused { error: Arc::new(error), journal: None })
    }

    /// Sends one raw write, through gate and journal like every other. An unknown outcome is left to
    /// [`Runner::resolve`].
    pub async fn raw(&self, confirmed: Confirmed<RawWrite>) -> Result<Reply, Outcome> {
        let journal = match self.pass(confirmed.as_write()).await.map_err(Outcome::Denied)? {
            Passage::New(journal) => journal,
            // Only what has a number of its own that Paydeck knows is sent again.
            Passage::Again(open) => return Err(Outcome::Denied(Denial::Busy { journal: open.id })),
        };
        let raw = confirmed.what();
        let sent_at = OffsetDateTime::now_utc();
        match self.client.send(raw.method(), raw.target(), raw.body(), true).await {
            Ok(reply) if reply.proof == Proof::Itself => {
                self.done(journal, Some(reply.clone()), false, None).await;
                Ok(reply)
            }
            Ok(reply) => match self.raw_shows(raw, sent_at, &reply).await {
                Some(Shown(object)) => {
                    let makes = raw.action().is_some_and(|action| action.action().makes.is_some());
                    let number = object.filter(|_| makes).and_then(|object| made_number(&object.id));
                    self.conclude_made(journal, Ending::Done, Some(reply.clone()), None, number).await;
                    Ok(reply)
                }
                None => Err(Outcome::Unknown { error: self.failed(journal, unnamed(reply)).await, journal }),
            },
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

    /// Writes an error to the journal as the outcome of an intent.
    async fn failed(&self, journal: i64, error: ApiError) -> Arc<ApiError> {
        let unknown = matches!(error, ApiError::UnknownOutcome(_));
        let ending = if unknown { Ending::Unknown } else { Ending::Refused };
        self.conclude(journal, ending, None, Some(&error)).await;
        Arc::new(error)
    }

    /// The same for a raw request, if it is an action on an object that can be queried.
    async fn raw_shows(&self, raw: &RawWrite, sent_at: OffsetDateTime, reply: &Reply) -> Option<Shown> {
        let object = self.object_of(Write::Raw(raw)).await.ok().flatten();
        let asked = raw.action().zip(object).and_then(|(action, object)| {
            let outcome_object = outcome_object(action, &object, raw.body())?;
            Some((action, outcome_object))
        });
        let (action, outcome_object) = asked?;
        let sent =
            SentAction { action, outcome_object: &outcome_object, target: raw.target(), body: raw.body(), at: sent_at };
        self.shows_in_time(&sent, reply).await
    }

    /// [`Runner::shows`], limited to the time that a caller waits for one query.
    async fn shows_in_time(&self, sent: &SentAction<'_>, reply: &Reply) -> Option<Shown> {
        let within = (self.asks_for() / 3).max(TOO_SHORT);
        tokio::time::timeout(within, self.shows(sent, reply)).await.unwrap_or_default()
    }

    /// Queries the object that shows the outcome of the operation while a caller waits: pauses and queries together take no
    /// longer than [`Runner::asks_for`]. Never sends it again.
    async fn ask(&self, operation: &Operation, journal: i64, error: Arc<ApiError>, sent_at: OffsetDateTime) -> Outcome {
        let Operation { action, outcome_object, target, body, .. } = operation;
        let limit = self.asks_for();
        let end = tokio::time::Instant::now() + limit;
        let left = || end.saturating_duration_since(tokio::time::Instant::now());
        let mut pauses = ASK_AFTER.into_iter();
        let mut pause = Duration::ZERO;
        while left() > TOO_SHORT {
            pause = pauses.next().unwrap_or(pause);
            // Near the end there is time for a shorter pause and a query.
            tokio::time::sleep(pause.min(left() / 2)).await;
            // A query without an answer must leave time for others.
            let query = left().min((limit / 3).max(TOO_SHORT));
            let probed = self.probe_outcome(*action, outcome_object, target, body, sent_at);
            let (evidence, found) = match tokio::time::timeout(query, probed).await {
                Ok(Ok(probed)) => probed,
                // The object may also not be there yet.
                Ok(Err(failed)) => {
                    tracing::warn!(error = %failed, journal, "the object could not be queried");
                    continue;
                }
                Err(_) => {
                    tracing::warn!(journal, "the object did not answer in time");
                    continue;
                }
            };
            match evidence {
                Evidence::Effect => {
                    let made = found.filter(|_| action.action().makes.is_some());
                    let made = made.map(|found| Made { id: found.id, handover: None });
                    return self.done(journal, None, true, made).await;
                }
                Evidence::Contrary => {
                    self.conclude(journal, Ending::Refused, None, Some(&error)).await;
                    return Outcome::NoEffect { error, journal };
                }
                // A list that shows nothing yet may show it soon.
                Evidence::Silent if !action.action().is_numbered_by_the_answer() => break,
                Evidence::Silent | Evidence::NoEffect => {}
            }
        }
        Outcome::Unknown { error, journal }
    }

    /// Keeps what an action made, before the action counts as done: its number stands for something from now on. It is
    /// what a query has shown, if the reply proved nothing by itself, else what the reply contains.
    async fn keep_made(&self, operation: &Operation, reply: &Reply, shown: Option<&Object>) -> Option<Made> {
        let action = operation.action.action();
        if !action.makes_object() {
            return None;
        }
        let (id, document) = match shown {
            // The reply may belong to another request: it names another's coupon, or holds another's document.
            Some(shown) => (shown.id.clone(), None),
            None => made(action.id, &operation.outcome_object, &operation.target, &reply.body),
        };
        let numbered = id != operation.outcome_object || !action.is_numbered_by_the_answer();
        let kept = match document {
            Some(made) => self.keep(vec![Fresh::asked(made, Source::Action, OffsetDateTime::now_utc())]).await,
            // A number that only identified the request names no object.
            None if numbered => self.note(vec![id.clone()], Source::Action).await,
            None => return None,
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "what an action made could not be kept in the ledger");
        }
        Some(Made { id, handover: self.client.handover(operation.endpoint, &operation.body, &reply.body) })
    }
}
