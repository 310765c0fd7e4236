//! Forwards notifications to an existing back end: the original bytes and headers, until it accepts them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ledger::{AttemptEnd, Delivery, Forward, ForwardAttempt, Ledger};
use crate::model::time::Timestamp;
use crate::net::is_loopback;
use crate::services::webhook::forward_headers;
use crate::services::webhook::{EventSink, ForwardTo, ListenerEvent};

/// The time limit of a request to the back end when no sender waits for the result.
const PATIENCE: Duration = Duration::from_secs(10);
/// Attempts in flight at once.
const AT_ONCE: usize = 8;
/// How many queued notifications are read when choosing the next attempts.
const LOOKED_AT: usize = 64;
/// Retries end after this time, as WeChat Pay's do.
const GIVEN_UP_AFTER: time::Duration = time::Duration::DAY;
/// Bounds of the pause between attempts.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// If no connection can be made, nothing else is tried for this time.
const UNREACHABLE_PAUSE: Duration = Duration::from_secs(1);
/// Minimum time between reports that the back end does not accept: it may accept others than the one it refuses.
const REPORT_EVERY: Duration = Duration::from_secs(60);
/// The pause after an error of the ledger.
const LEDGER_FAILED: Duration = Duration::from_secs(5);

/// Sends to the back end.
#[derive(Clone)]
pub(crate) struct Forwarder {
    http: reqwest::Client,
    to: ForwardTo,
}

/// Why the back end did not accept a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotAccepted {
    pub status: Option<u16>,
    pub error: Option<String>,
    /// No connection could be made.
    pub unreachable: bool,
}

impl NotAccepted {
    fn text(&self) -> String {
        self.status.map_or_else(|| self.error.clone().unwrap_or_default(), |status| format!("HTTP {status}"))
    }
}

impl Forwarder {
    pub(super) fn new(to: ForwardTo) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            // A redirect would send a notification to a server that is not configured.
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .tcp_nodelay(true)
            // The back end may close a kept connection at the moment it is used again.
            .pool_idle_timeout(Duration::from_secs(5));
        let builder = if is_loopback(to.url()) { builder.no_proxy() } else { builder };
        Ok(Self { http: builder.build()?, to })
    }

    /// Sends the bytes as they were received; returns the status of a success.
    pub(super) async fn send(&self, delivery: &Delivery, patience: Duration) -> Result<u16, NotAccepted> {
        let request = self
            .http
            .post(self.to.url().clone())
            .headers(forward_headers::headers(&delivery.headers))
            .body(delivery.body.clone())
            .timeout(patience);
        match request.send().await {
            Ok(response) if response.status().is_success() => Ok(response.status().as_u16()),
            Ok(response) => {
                Err(NotAccepted { status: Some(response.status().as_u16()), error: None, unreachable: false })
            }
            Err(error) => {
                let unreachable = error.is_connect();
                Err(NotAccepted { status: None, error: Some(cause(&error.without_url())), unreachable })
            }
        }
    }
}

/// The innermost cause, which is the specific one.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let last = std::iter::successors(Some(error), |error| error.source()).last();
    last.map(ToString::to_string).unwrap_or_default()
}

/// The pause after this many attempts. `noise` in 0..1.
fn pause(attempts: u32, noise: f64) -> Duration {
    let doubled = PAUSE.0.saturating_mul(1 << attempts.saturating_sub(1).min(20)).min(PAUSE.1);
    doubled.mul_f64(0.75 + noise / 2.0)
}

/// The result of a failed attempt. `attempts` includes it.
pub(crate) fn failed(failure: NotAccepted, since: Timestamp, attempts: u32, now: Timestamp) -> AttemptEnd {
    let next = now + time::Duration::try_from(pause(attempts, rand::random())).unwrap_or(time::Duration::MINUTE);
    let next = (next - since < GIVEN_UP_AFTER).then_some(next);
    AttemptEnd::Failed { status: failure.status, error: failure.error, next }
}

/// Forwards the notifications that are committed and not yet accepted.
pub(crate) struct ForwardQueue {
    pub forwarder: Forwarder,
    pub ledger: Ledger,
    pub profile: String,
    /// Notified when there are more.
    pub bell: Arc<Notify>,
    pub notify: EventSink,
    pub cancel: CancellationToken,
}

/// An attempt in flight.
struct UnderWay {
    event: i64,
    object: Option<String>,
}

impl ForwardQueue {
    /// Runs until it is cancelled, then waits for the attempts in flight, unless the caller drops it first.
    pub(super) async fn run(self) {
        let mut attempts: JoinSet<(ForwardAttempt, Option<NotAccepted>)> = JoinSet::new();
        let mut under_way: Vec<UnderWay> = Vec::new();
        let (mut reported, mut not_before) = (ForwardTrouble::default(), None::<tokio::time::Instant>);
        loop {
            let held = not_before.filter(|at| *at > tokio::time::Instant::now());
            let wake = match held {
                Some(at) => Some(at),
                None => self.begin(&mut attempts, &mut under_way).await,
            };
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => break,
                Some(ended) = attempts.join_next(), if !attempts.is_empty() => {
                    let mut ended = vec![ended];
                    ended.extend(std::iter::from_fn(|| attempts.try_join_next()));
                    let ended: Vec<_> = ended.into_iter().filter_map(Result::ok).collect();
                    under_way.retain(|one| ended.iter().all(|(attempt, _)| attempt.event != one.event));
                    if let Some((_, failure)) = ended.last() {
                        self.report(&mut reported, failure.as_ref());
                    }
                    let unreachable = ended.iter().any(|(_, failure)| failure.as_ref().is_some_and(|one| one.unreachable));
                    not_before = unreachable.then(|| tokio::time::Instant::now() + UNREACHABLE_PAUSE);
                    self.note(ended.into_iter().map(|(attempt, _)| attempt).collect()).await;
                }
                () = self.bell.notified() => {}
                () = sleep_until(wake), if wake.is_some() => {}
            }
        }
        let mut ended = Vec::new();
        while let Some(attempt) = attempts.join_next().await {
            ended.extend(attempt.ok().map(|(attempt, _)| attempt));
        }
        self.note(ended).await;
    }

    /// Starts the attempts that are due; returns when to check again.
    async fn begin(
        &self,
        attempts: &mut JoinSet<(ForwardAttempt, Option<NotAccepted>)>,
        under_way: &mut Vec<UnderWay>,
    ) -> Option<tokio::time::Instant> {
        if under_way.len() >= AT_ONCE {
            return None;
        }
        let (profile, now) = (self.profile.clone(), OffsetDateTime::now_utc());
        let due = self.ledger.run(move |ledger| ledger.to_forward(&profile, now, LOOKED_AT)).await;
        let (due, next) = match due {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "the notifications to forward cannot be read");
                return Some(tokio::time::Instant::now() + LEDGER_FAILED);
            }
        };
        for forward in due {
            let busy =
                |one: &UnderWay| one.event == forward.event || (one.object.is_some() && one.object == forward.object);
            if under_way.len() < AT_ONCE && !under_way.iter().any(busy) {
                under_way.push(UnderWay { event: forward.event, object: forward.object.clone() });
                attempts.spawn(attempt(self.forwarder.clone(), forward));
            }
        }
        let wait = (next? - now).max(time::Duration::ZERO).unsigned_abs();
        Some(tokio::time::Instant::now() + wait)
    }

    async fn note(&self, attempts: Vec<ForwardAttempt>) {
        if attempts.is_empty() {
            return;
        }
        let note = move |ledger: &Ledger| ledger.forwarded(&attempts);
        if let Err(error) = self.ledger.run(note).await {
            // It is forwarded again, which back ends must tolerate in any case.
            tracing::warn!(%error, "the attempt to forward cannot be recorded");
            tokio::time::sleep(LEDGER_FAILED).await;
        }
    }

    fn report(&self, trouble: &mut ForwardTrouble, failure: Option<&NotAccepted>) {
        match failure {
            Some(failure) if trouble.at.is_none_or(|at| at.elapsed() >= REPORT_EVERY && !trouble.is_reported) => {
                *trouble = ForwardTrouble { at: Some(tokio::time::Instant::now()), is_reported: true };
                (self.notify)(ListenerEvent::NotForwarded(failure.text()));
            }
            None if trouble.is_reported => {
                trouble.is_reported = false;
                (self.notify)(ListenerEvent::ForwardedAgain);
            }
            _ => {}
        }
    }
}

/// What has been reported about a back end that does not accept.
#[derive(Default)]
struct ForwardTrouble {
    /// When it was last reported.
    at: Option<tokio::time::Instant>,
    is_reported: bool,
}

async fn attempt(forwarder: Forwarder, forward: Forward) -> (ForwardAttempt, Option<NotAccepted>) {
    let sent = forwarder.send(&forward.bytes, PATIENCE).await;
    let at = OffsetDateTime::now_utc();
    let failure = sent.clone().err();
    let end = match sent {
        Ok(status) => AttemptEnd::Accepted(status),
        Err(failure) => failed(failure, forward.since, forward.attempts + 1, at),
    };
    (ForwardAttempt { event: forward.event, delivery: forward.delivery, at, end, answered: None }, failure)
}

async fn sleep_until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes_and_end_after_a_day() {
        let seconds: Vec<u64> = (1..=12).map(|attempts| pause(attempts, 0.5).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert!(pause(u32::MAX, 0.999) < Duration::from_secs(800) && pause(1, 0.0) > Duration::from_millis(700));
        let failure = || NotAccepted { status: Some(500), error: None, unreachable: false };
        let next = |age| match failed(failure(), Timestamp::UNIX_EPOCH, 9, Timestamp::UNIX_EPOCH + age) {
            AttemptEnd::Failed { next, .. } => next,
            AttemptEnd::Accepted(_) => panic!("it failed"),
        };
        assert!(next(time::Duration::hours(23)).is_some());
        assert_eq!(next(time::Duration::hours(24)), None);
    }
}
