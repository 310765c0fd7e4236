//! Resolves what earlier runs left open: an intent without an end, because the process was killed, the connection broke
//! or no answer arrived. The object is queried; nothing is ever sent again.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::api::ApiError;
use crate::ledger::{Conclusion, Ending, Fresh, LedgerError, OpenIntent, Source};
use crate::model::action::{Evidence, outcome_object};
use crate::model::{Object, ObjectId};
use crate::services::write::runner::{CLOCKS_APART, made_number};
use crate::services::{PendingConclusion, Runner};

/// A request without an effect after this time will have none: its connection has ended, and the platform works within
/// seconds. Measured by the platform's clock, since this machine's may have been set.
const QUIET: Duration = Duration::seconds(90);

/// An open intent of this profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    pub journal: i64,
    pub object: Option<ObjectId>,
}

/// The result of resolving.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub journal: i64,
    pub object: Option<ObjectId>,
    /// The object that the action made, which may not have been known.
    pub made: Option<Fresh>,
    pub ending: Ending,
}

impl Runner {
    /// The intents of this profile that have not ended and are not being sent.
    pub async fn unresolved(&self) -> Result<Vec<Unresolved>, LedgerError> {
        let open = self.open_intents().await?;
        Ok(open.into_iter().map(|open| Unresolved { journal: open.id, object: open.intent.object }).collect())
    }

    /// The journal entries on an object that have not ended, including those that are being sent.
    pub(crate) async fn intents_on(&self, object: &ObjectId) -> Result<Vec<i64>, LedgerError> {
        let (profile, object) = (self.actor.key.clone(), object.clone());
        let open = self.ledger.run(move |ledger| ledger.open_intents(&profile)).await?;
        Ok(open.into_iter().filter(|open| open.intent.object.as_ref() == Some(&object)).map(|open| open.id).collect())
    }

    /// Queries once for every open intent. Those whose outcome is still unknown stay open.
    pub async fn resolve(&self) -> Result<Vec<Resolved>, Arc<LedgerError>> {
        let mut resolved = Vec::new();
        for open in self.open_intents().await? {
            let judged = match self.judge(&open).await {
                // What was resolved before is still reported.
                Err(_) if !resolved.is_empty() => break,
                judged => judged?,
            };
            if let Some((ending, made)) = judged {
                if let Some(made) = &made {
                    self.watch_made(&made.id).await;
                }
                let made = made.map(|made| Fresh::asked(made, Source::Query, OffsetDateTime::now_utc()));
                resolved.push(Resolved { journal: open.id, object: open.intent.object, made, ending });
            }
        }
        Ok(resolved)
    }

    /// Queries for one open intent; returns how it has ended, if it has.
    pub(crate) async fn resolve_one(&self, journal: i64) -> Option<Ending> {
        let open = self.open_intents().await.unwrap_or_default();
        let open = open.iter().find(|open| open.id == journal)?;
        // A caller waits for it. What cannot be written has not ended.
        let judged = tokio::time::timeout(self.asks_for(), self.judge(open)).await;
        judged.ok()?.ok().flatten().map(|(ending, _)| ending)
    }

    async fn open_intents(&self) -> Result<Vec<OpenIntent>, LedgerError> {
        let (profile, unwritten) = (self.actor.key.clone(), self.unwritten.clone());
        self.ledger
            .run(move |ledger| {
                let mut open = ledger.open_intents(&profile)?;
                open.retain(|open| unwritten.get(open.id).is_some() || !ledger.is_under_way(open));
                Ok(open)
            })
            .await
    }

    /// Settles the intent with its known outcome, else with what a query shows; returns what the action made, if
    /// that is a separate object. `None` if it is still open.
    async fn judge(&self, open: &OpenIntent) -> Result<Option<(Ending, Option<Object>)>, Arc<LedgerError>> {
        if let Some(PendingConclusion { journal, at, conclusion, .. }) = self.unwritten.get(open.id) {
            let stands = self.write(journal, at, conclusion).await?;
            return Ok(Some((stands, None)).filter(|(stands, _)| stands.is_final()));
        }
        let intent = &open.intent;
        let mut made = None;
        let outcome_object = intent.object.as_ref().zip(intent.action()).and_then(|(object, action)| {
            let outcome_object = outcome_object(action.id, object, &intent.body)?;
            Some((object, action, outcome_object))
        });
        let (ending, why) = match outcome_object {
            Some((object, action, outcome_object)) => {
                let probed =
                    self.probe_outcome(action.id, &outcome_object, &intent.target, &intent.body, open.at).await;
                // The latest answer has updated the platform's time.
                let quiet = is_quiet(open, self.client.platform_now());
                match probed {
                    Ok((evidence, found)) => match evidence {
                        Evidence::Effect => {
                            if action.makes.is_some() {
                                made = found;
                                if !action.is_creation() {
                                    self.see(object).await;
                                }
                            }
                            (Ending::Done, "the object shows the effect")
                        }
                        Evidence::Contrary => (Ending::Refused, "the object has reached another final state"),
                        Evidence::NoEffect if quiet => (Ending::Refused, "the object shows no effect, long after"),
                        // What moves money stays open until the operator closes it.
                        Evidence::Silent if quiet && !action.moves_money() => {
                            (Ending::Unknowable, "this action leaves no trace that a query shows")
                        }
                        Evidence::Silent | Evidence::NoEffect => return Ok(None),
                    },
                    // The object may still appear.
                    Err(error) if is_not_there(&error) && (quiet || action.makes.is_none()) => {
                        (Ending::Refused, "there is no such object")
                    }
                    Err(_) => return Ok(None),
                }
            }
            // A damaged entry stays open.
            _ if intent.action.is_empty() => return Ok(None),
            // A raw request, or an action of a later version: there is nothing to query. What may move money stays open.
            _ if is_quiet(open, self.client.platform_now()) && !intent.may_move_money() => {
                (Ending::Unknowable, "nothing shows what a raw request did")
            }
            _ => return Ok(None),
        };
        let number = made.as_ref().and_then(|made| made_number(&made.id));
        let conclusion = Conclusion { error: Some(why.to_owned()), made: number, ..Conclusion::of(ending) };
        // The object can be queried again: only what is written has ended.
        let written = self.write(open.id, OffsetDateTime::now_utc(), conclusion).await;
        if written.is_err() {
            self.unwritten.forget(open.id);
        }
        // Another process may have written another outcome before.
        written.map(|stands| Some((stands, made.filter(|_| stands == ending))))
    }

    /// Queries an object to keep the ledger fresh; a failure is only logged.
    pub(crate) async fn see(&self, id: &ObjectId) -> Option<Object> {
        let seen = self.look(id).await;
        seen.inspect_err(|error| tracing::warn!(%error, %id, "an object could not be queried")).ok()
    }
}

/// Whether a request was sent so long ago that its effect, if any, is visible by now.
fn is_quiet(open: &OpenIntent, platform_now: Option<OffsetDateTime>) -> bool {
    // Where the platform's time was unknown, it was no later than this, or the request was refused for it.
    let sent = open.platform_at.unwrap_or(open.at + CLOCKS_APART);
    platform_now.is_some_and(|now| now - sent > QUIET)
}

/// Whether a verified answer states that there is no such object: not merely that something was not found.
fn is_not_there(error: &ApiError) -> bool {
    let ApiError::Refused(refusal) = error else { return false };
    let code = refusal.code.as_str();
    refusal.signed
        && refusal.status == 404
        && matches!(code, "RESOURCE_NOT_EXISTS" | "ORDER_NOT_EXIST" | "ORDERNOTEXIST")
}
