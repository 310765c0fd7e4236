//! A session's receiver: objects that notifications name are queried at once, and the screen is updated.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::model::{Kind, ObjectId};
use crate::services::hub::Hub;
use crate::services::watch::RefresherCommand;
use crate::services::webhook::{
    EventSink, ListenError, ListenOptions, ListenerEvent, Listening, NewNotification, Receiver,
};
use crate::services::{Event, Runner};
use crate::sync::lock;

/// Bounds of the pause before a port in use is tried again: another session may soon release it, or another process
/// keep it all day.
const RETRY_PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// New notifications are reported at most this often.
const REPORT_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct SessionListener {
    pub runner: Runner,
    pub hub: Hub,
    pub options: ListenOptions,
}

impl SessionListener {
    /// Receives until it is stopped, then finishes the requests in flight.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let news = Arc::new(Unreported::default());
        tokio::select! {
            () = self.receive(stop, &news) => {}
            () = self.report_all(&news) => {}
        }
        self.report(news.take());
    }

    async fn receive(&self, stop: CancellationToken, news: &Arc<Unreported>) {
        let (mut reported, (mut pause, longest)) = (None, RETRY_PAUSE);
        loop {
            let (client, ledger) = (self.runner.client.clone(), self.runner.ledger.clone());
            let profile = self.runner.actor.key.clone();
            match Receiver::start(client, ledger, &profile, &self.options, self.on_event(news)).await {
                Ok(receiver) => {
                    stop.cancelled().await;
                    return receiver.stop().await;
                }
                Err(error) => {
                    let trouble = Some(chain(&error));
                    if trouble != reported {
                        tracing::warn!(%error, "notifications cannot be received");
                        let listening = Listening { trouble: trouble.clone(), ..Listening::default() };
                        self.hub.notify(Event::Listening(listening));
                        reported = trouble;
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

    fn on_event(&self, news: &Arc<Unreported>) -> EventSink {
        let (news, hub) = (news.clone(), self.hub.clone());
        let status = Mutex::new(Listening::default());
        Arc::new(move |event| {
            let mut status = lock(&status);
            status.trouble = match event {
                ListenerEvent::Received(received) => return news.add(&received),
                ListenerEvent::Refused(_) | ListenerEvent::Answered => return news.add(&[]),
                ListenerEvent::Status(listening) => {
                    let trouble = status.trouble.take();
                    *status = listening;
                    trouble
                }
                ListenerEvent::Stuck(error) => Some(chain(&error)),
                ListenerEvent::NoKeys(error) => Some(chain(&error)),
                ListenerEvent::NotForwarded(why) => Some(why),
                ListenerEvent::Unstuck | ListenerEvent::KeysInHand | ListenerEvent::ForwardedAgain => None,
            };
            hub.notify(Event::Listening(status.clone()));
        })
    }

    /// Reports new notifications: the first at once, those right after it together.
    async fn report_all(&self, news: &Unreported) {
        loop {
            news.added.notified().await;
            self.report(news.take());
            tokio::time::sleep(REPORT_EVERY).await;
        }
    }

    /// Queries the named objects at once.
    fn report(&self, (of, any): (Vec<ObjectId>, bool)) {
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

/// What was received and has not been reported yet.
#[derive(Default)]
struct Unreported {
    /// The objects it is about, and whether anything arrived at all.
    received: Mutex<(Vec<ObjectId>, bool)>,
    added: Notify,
}

impl Unreported {
    fn add(&self, received: &[NewNotification]) {
        let mut news = lock(&self.received);
        news.0.extend(received.iter().flat_map(|one| one.content.objects().cloned()));
        news.1 = true;
        self.added.notify_one();
    }

    fn take(&self) -> (Vec<ObjectId>, bool) {
        std::mem::take(&mut *lock(&self.received))
    }
}

/// An error and its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let parts: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    parts.join(": ")
}
