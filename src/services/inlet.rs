//! A session's receiver: what comes is asked about at once, and the screen is told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::listen::{Came, Heard, Hearer, ListenError, ListenOptions, Listening, Receiver};
use super::watch::Command;
use super::{Event, Runner};
use crate::model::{Kind, ObjectId};

/// How often a port that is taken is tried again: another session may be about to leave it.
const TRY_AGAIN: Duration = Duration::from_secs(2);

pub(super) struct Inlet {
    pub runner: Runner,
    pub commands: UnboundedSender<Command>,
    pub events: UnboundedSender<Event>,
    pub options: ListenOptions,
}

impl Inlet {
    /// Receives until it is stopped; what is under way then is finished.
    pub async fn run(self, stop: CancellationToken) {
        let mut told = None;
        loop {
            let (client, ledger) = (self.runner.client.clone(), self.runner.ledger.clone());
            let profile = self.runner.actor.key.clone();
            match Receiver::start(client, ledger, &profile, &self.options, self.hearer()).await {
                Ok(receiver) => {
                    stop.cancelled().await;
                    return receiver.stop().await;
                }
                Err(error) => {
                    let trouble = Some(chain(&error));
                    if trouble != told {
                        tracing::warn!(%error, "notifications cannot be received");
                        let _ = self
                            .events
                            .send(Event::Listening(Listening { trouble: trouble.clone(), ..Default::default() }));
                        told = trouble;
                    }
                    if matches!(error, ListenError::Misconfigured(_)) {
                        return;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TRY_AGAIN) => {}
            }
        }
    }

    fn hearer(&self) -> Hearer {
        let (commands, events) = (self.commands.clone(), self.events.clone());
        let telling = std::sync::Mutex::new((Listening::default(), None::<String>));
        Arc::new(move |heard| {
            let trouble = match heard {
                Heard::Came(came) => return told(&commands, &events, &came),
                Heard::Refused(_) => {
                    let _ = events.send(Event::Told);
                    return;
                }
                Heard::Status(listening) => {
                    let mut telling = telling.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    telling.0 = listening;
                    let _ =
                        events.send(Event::Listening(Listening { trouble: telling.1.clone(), ..telling.0.clone() }));
                    return;
                }
                Heard::Stuck(error) => Some(error.to_string()),
                Heard::NoKeys(error) => Some(error.to_string()),
                Heard::NotForwarded(why) => Some(why),
                Heard::Unstuck | Heard::KeysInHand | Heard::ForwardedAgain => None,
            };
            let mut telling = telling.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            telling.1 = trouble;
            let _ = events.send(Event::Listening(Listening { trouble: telling.1.clone(), ..telling.0.clone() }));
        })
    }
}

/// What came is asked about at once.
fn told(commands: &UnboundedSender<Command>, events: &UnboundedSender<Event>, came: &[Came]) {
    let of: Vec<ObjectId> = came.iter().filter_map(|one| one.told.of.object().cloned()).collect();
    let kinds: BTreeSet<Kind> = of.iter().map(|id| id.kind).collect();
    let _ = commands.send(Command::Named(of));
    let _ = events.send(Event::Told);
    kinds.into_iter().for_each(|kind| drop(events.send(Event::Learned(kind))));
}

/// An error and its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let parts: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    parts.join(": ")
}
