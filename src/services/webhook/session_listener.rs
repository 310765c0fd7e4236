//! A session's receiver: what comes is asked about at once, and the screen is told.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::model::{Kind, ObjectId};
use crate::services::hub::Hub;
use crate::services::watch::RefresherCommand;
use crate::services::webhook::{Came, Heard, Hearer, ListenError, ListenOptions, Listening, Receiver};
use crate::services::{Event, Runner};
use crate::sync::lock;

/// Bounds of the pause before a port that is taken is tried again: another session may be about to leave it, or another
/// process keep it all day.
const TRY_AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// What comes is told at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Inlet {
    pub runner: Runner,
    pub hub: Hub,
    pub options: ListenOptions,
}

impl Inlet {
    /// Receives until it is stopped; what is under way then is finished.
    pub async fn run(self, stop: CancellationToken) {
        let news = Arc::new(News::default());
        tokio::select! {
            () = self.receive(stop, &news) => {}
            () = self.hand_on(&news) => {}
        }
        self.tell(news.take());
    }

    async fn receive(&self, stop: CancellationToken, news: &Arc<News>) {
        let (mut told, (mut pause, longest)) = (None, TRY_AGAIN);
        loop {
            let (client, ledger) = (self.runner.client.clone(), self.runner.ledger.clone());
            let profile = self.runner.actor.key.clone();
            match Receiver::start(client, ledger, &profile, &self.options, self.hearer(news)).await {
                Ok(receiver) => {
                    stop.cancelled().await;
                    return receiver.stop().await;
                }
                Err(error) => {
                    let trouble = Some(chain(&error));
                    if trouble != told {
                        tracing::warn!(%error, "notifications cannot be received");
                        let listening = Listening { trouble: trouble.clone(), ..Listening::default() };
                        self.hub.notify(Event::Listening(listening));
                        told = trouble;
                    }
                    if matches!(error, ListenError::Misconfigured(_)) {
                        return;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(longest);
        }
    }

    fn hearer(&self, news: &Arc<News>) -> Hearer {
        let (news, hub) = (news.clone(), self.hub.clone());
        let status = Mutex::new(Listening::default());
        Arc::new(move |heard| {
            let mut status = lock(&status);
            status.trouble = match heard {
                Heard::Came(came) => return news.add(&came),
                Heard::Refused(_) | Heard::Answered => return news.add(&[]),
                Heard::Status(listening) => {
                    let trouble = status.trouble.take();
                    *status = listening;
                    trouble
                }
                Heard::Stuck(error) => Some(chain(&error)),
                Heard::NoKeys(error) => Some(chain(&error)),
                Heard::NotForwarded(why) => Some(why),
                Heard::Unstuck | Heard::KeysInHand | Heard::ForwardedAgain => None,
            };
            hub.notify(Event::Listening(status.clone()));
        })
    }

    /// Tells what came: the first at once, what comes right after it together.
    async fn hand_on(&self, news: &News) {
        loop {
            news.bell.notified().await;
            self.tell(news.take());
            tokio::time::sleep(TELL_EVERY).await;
        }
    }

    /// What came is asked about at once.
    fn tell(&self, (of, any): (Vec<ObjectId>, bool)) {
        if !any {
            return;
        }
        let kinds: BTreeSet<Kind> = of.iter().map(|id| id.kind).collect();
        if !of.is_empty() {
            self.hub.command(RefresherCommand::Notified(of));
        }
        self.hub.notify(Event::InboxChanged);
        self.hub.show_changed(kinds);
    }
}

/// What came and has not been told yet.
#[derive(Default)]
struct News {
    /// The objects it tells of, and whether anything came at all.
    came: Mutex<(Vec<ObjectId>, bool)>,
    bell: Notify,
}

impl News {
    fn add(&self, came: &[Came]) {
        let mut news = lock(&self.came);
        news.0.extend(came.iter().flat_map(|one| one.told.objects().cloned()));
        news.1 = true;
        self.bell.notify_one();
    }

    fn take(&self) -> (Vec<ObjectId>, bool) {
        std::mem::take(&mut *lock(&self.came))
    }
}

/// An error and its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let parts: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    parts.join(": ")
}
