//! What every step of a write uses: the client, the ledger and the actor of one profile, what the ledger knows of an
//! object, and how an outcome is written. The steps use one another in one direction: `perform` → [`gate`] →
//! [`earlier`] → [`resolver`] → [`outcome_probe`] → this file.
//!
//! [`gate`]: super::gate
//! [`earlier`]: super::earlier
//! [`resolver`]: super::resolver
//! [`outcome_probe`]: super::outcome_probe

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::api::{ApiError, Client, Reply};
use crate::crypto::CLOCK_WINDOW_SECONDS;
use crate::ledger::{Conclusion, Ending, Ledger, LedgerError, WatchReason};
use crate::model::action::{ConfirmedBy, Rules};
use crate::model::time::Timestamp;
use crate::model::{Environment, Object, ObjectId, Region};
use crate::services::write::pending_journal::PendingConclusions;
use crate::services::{Fresh, Made, Outcome, PendingConclusion, Source};

/// How far the platform's clock may be from this machine's: it refuses a request whose timestamp differs by more.
pub(crate) const CLOCKS_APART: time::Duration = time::Duration::seconds(CLOCK_WINDOW_SECONDS.cast_signed());

/// Who performs an action, and what the profile permits.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The key of the merchant's objects and entries in the ledger: the profile's name and its merchant number, so that
    /// a profile that is changed to another merchant never shows the former one's.
    pub key: String,
    pub profile: String,
    pub operator: String,
    pub read_only: bool,
    pub rules: Rules,
    /// Whether money is real there. Where nothing is said it is taken to be.
    environment: Environment,
}

/// Performs operations for one profile. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Runner {
    pub(crate) client: Client,
    pub(crate) ledger: Ledger,
    pub(crate) actor: Actor,
    /// The folder for the bills of all profiles.
    pub(crate) bills: Arc<Path>,
    pub(crate) unwritten: PendingConclusions,
}

/// The number in [`Conclusion::made`] of what an action made.
pub(crate) fn made_number(made: &ObjectId) -> Option<String> {
    (!made.kind.is_numbered_by_merchant()).then(|| made.number.as_str().to_owned())
}

impl Actor {
    /// The key of a profile in the ledger.
    pub(crate) fn key_of(profile: &str, mchid: &str) -> String {
        format!("{profile}/{mchid}")
    }

    pub fn new(profile: &str, mchid: &str, operator: &str, read_only: bool, rules: Rules) -> Self {
        let key = Self::key_of(profile, mchid);
        let (profile, operator) = (profile.to_owned(), operator.to_owned());
        Self { key, profile, operator, read_only, rules, environment: Environment::Production }
    }

    /// The same where money is real, or is not.
    pub fn in_environment(self, environment: Environment) -> Self {
        Self { environment, ..self }
    }

    /// Whether a confirmation is enough here: where money is real, a plain yes never is.
    pub(super) fn accepts(&self, by: ConfirmedBy) -> bool {
        match (self.environment, by) {
            (Environment::Production, ConfirmedBy::Yes) => false,
            (Environment::Production, ConfirmedBy::Typed | ConfirmedBy::Count | ConfirmedBy::Flag)
            | (Environment::Sandbox, _) => true,
        }
    }
}

impl Runner {
    /// `bills`: the folder for the bills of all profiles, which need not exist.
    pub fn new(client: Client, ledger: Ledger, actor: Actor, bills: &Path) -> Self {
        Self { client, ledger, actor, bills: bills.into(), unwritten: PendingConclusions::default() }
    }

    /// The region of WeChat Pay it uses.
    pub fn region(&self) -> Region {
        self.client.merchant().region
    }

    /// How long the outcome of an operation is queried while a caller waits.
    pub(crate) fn asks_for(&self) -> Duration {
        self.client.limits().asking
    }

    pub(crate) async fn done(
        &self,
        journal: i64,
        reply: Option<Reply>,
        found_by_query: bool,
        made: Option<Made>,
    ) -> Outcome {
        let request_id = reply.as_ref().and_then(|reply| reply.request_id.clone());
        let number = made.as_ref().and_then(|made| made_number(&made.id));
        self.conclude_made(journal, Ending::Done, reply, None, number).await;
        if let Some(made) = &made {
            self.watch_made(&made.id).await;
        }
        Outcome::Done { request_id, journal, found_by_query, made: made.map(Box::new) }
    }

    /// Watches what was made here until it is final, in this run and in those that follow.
    pub(crate) async fn watch_made(&self, id: &ObjectId) {
        let (profile, id) = (self.actor.key.clone(), id.clone());
        let watched = self
            .ledger
            .run(move |ledger| ledger.watch(&profile, &[id], WatchReason::Made, OffsetDateTime::now_utc()))
            .await;
        if let Err(error) = watched {
            tracing::warn!(%error, "what an action made is not watched");
        }
    }

    pub(crate) async fn conclude(&self, journal: i64, ending: Ending, reply: Option<Reply>, error: Option<&ApiError>) {
        self.conclude_made(journal, ending, reply, error, None).await;
    }

    /// The same for an action that made an object whose number WeChat Pay assigned.
    pub(crate) async fn conclude_made(
        &self,
        journal: i64,
        ending: Ending,
        reply: Option<Reply>,
        error: Option<&ApiError>,
        made: Option<String>,
    ) {
        let request_id = reply.as_ref().and_then(|r| r.request_id.as_deref()).or(error.and_then(ApiError::request_id));
        let conclusion = Conclusion {
            ending,
            request_id: request_id.map(str::to_owned),
            reply: reply.map(|reply| reply.body),
            error: error.map(ToString::to_string),
            closed: None,
            made,
        };
        // The request is sent: a failure here does not change it. The outcome is kept, to be reported and written
        // later.
        let _ = self.write(journal, OffsetDateTime::now_utc(), conclusion).await;
    }

    /// Writes an outcome; returns the one that stands. What cannot be written is kept in [`Self::unwritten`]; its entry
    /// stays open.
    pub(crate) async fn write(
        &self,
        journal: i64,
        at: OffsetDateTime,
        conclusion: Conclusion,
    ) -> Result<Ending, Arc<LedgerError>> {
        let written = conclusion.clone();
        match self.ledger.run(move |ledger| ledger.conclude(journal, at, &written)).await {
            Ok(stands) => {
                self.unwritten.forget(journal);
                Ok(stands)
            }
            Err(error) => {
                tracing::warn!(%error, journal, "an outcome could not be written to the journal");
                let error = Arc::new(error);
                self.unwritten.keep(PendingConclusion { journal, at, conclusion, error: error.clone() });
                Err(error)
            }
        }
    }

    /// The outcomes that are known here and could not be written to the journal.
    pub fn unwritten(&self) -> Vec<PendingConclusion> {
        self.unwritten.all()
    }

    /// Keeps verified documents in the ledger.
    pub async fn keep(&self, rows: Vec<Fresh>) -> Result<(), LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger.run(move |ledger| ledger.put(&profile, &rows)).await
    }

    /// Remembers numbers whose objects have not been fetched.
    pub async fn note(&self, ids: Vec<ObjectId>, origin: Source) -> Result<(), LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger.run(move |ledger| ledger.note(&profile, &ids, origin)).await
    }

    /// Queries an object with what the ledger knows of it (a service order's own appid), which is returned before the
    /// answer.
    pub(crate) async fn query(&self, id: &ObjectId) -> (Option<Object>, Result<Object, ApiError>) {
        let known = self.known(id).await.unwrap_or_default().map(|fresh| fresh.object);
        let answer = self.client.fetch(id, known.as_ref()).await;
        (known, answer.map(|(object, _)| object))
    }

    /// Queries an object and keeps the answer; that it cannot be kept is only logged.
    pub async fn look(&self, id: &ObjectId) -> Result<Object, ApiError> {
        let (object, store_error) = self.look_and_keep(id).await?;
        if let Some(error) = store_error {
            tracing::warn!(%error, "an object could not be kept in the ledger");
        }
        Ok(object)
    }

    /// What is known of an object after an action on it that is done, if it cannot be queried: the action's own answer,
    /// else the ledger's latest document and its time.
    pub(crate) async fn known_after(&self, id: &ObjectId, journal: i64) -> Option<(Object, Option<Timestamp>)> {
        let entry = self.ledger.run(move |ledger| ledger.journal_entry(journal)).await.ok().flatten();
        let reply = entry.and_then(|mut entry| entry.conclusions.pop()?.reply);
        let answered = reply.and_then(|reply| Object::parse_as(id, &reply).ok());
        // Some answers name the object and contain nothing else of it.
        if let Some(object) = answered.filter(|object| object.id == *id && !object.entity.state().code.is_empty()) {
            return Some((object, None));
        }
        let latest = self.known(id).await.ok().flatten()?;
        Some((latest.object, Some(latest.verified_at)))
    }

    /// Queries an object and keeps the answer; returns the error if that fails.
    pub(crate) async fn look_and_keep(&self, id: &ObjectId) -> Result<(Object, Option<Arc<LedgerError>>), ApiError> {
        let asked_at = OffsetDateTime::now_utc();
        let object = self.query(id).await.1?;
        let kept = self.keep(vec![Fresh::asked(object.clone(), Source::Query, asked_at)]).await;
        Ok((object, kept.err().map(Arc::new)))
    }

    /// What the ledger knows of an object.
    pub(crate) async fn known(&self, id: &ObjectId) -> Result<Option<Fresh>, LedgerError> {
        let (profile, id) = (self.actor.key.clone(), id.clone());
        self.ledger.run(move |ledger| ledger.object(&profile, &id)).await
    }
}
