//! The state of the connection: when a gateway in trouble is tried again, and what is reported about it.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use crate::api::{ApiError, Client, RequestFailure};
use crate::model::time::Timestamp;
use crate::services::watch::schedule::QueryResult;
use crate::services::{ConnectionTrouble, Health};

/// Queries in flight at once. The budget limits how many are sent; over a slow line many are in flight.
const AT_ONCE: usize = 64;
/// Health is reported at most this often.
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// When the requests of the last second have left the window.
const SETTLED: Duration = Duration::from_millis(1100);
/// Bounds of the pause between attempts while there is no answer.
const TROUBLE_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

#[derive(Default)]
pub(crate) struct ConnectionHealth {
    /// When the merchant's own certificate expires.
    merchant_certificate_expires: Option<OffsetDateTime>,
    last_success: Option<Timestamp>,
    trouble: Option<ConnectionTrouble>,
    /// Consecutive failures, and when the first of them was sent.
    failures: u32,
    failing_since: Option<(Timestamp, Instant)>,
    /// While in trouble: nothing is sent before this.
    not_before: Option<Instant>,
    reported: Option<(Instant, Health)>,
    /// Something may have changed since the last report.
    may_have_changed: bool,
    /// When to check once more, because the rate falls to zero by itself.
    settles: Option<Instant>,
}

/// What an error means for the object that was queried.
pub(super) fn judge(error: &ApiError) -> QueryResult {
    match error {
        error if error.is_of_the_object() => QueryResult::Refused,
        ApiError::Unreachable(RequestFailure::Status(refusal)) if !refusal.is_rate_limit() => QueryResult::Stumbled,
        ApiError::Unreachable(_) => QueryResult::Unanswered,
        // There is an answer, but the signature check failed, or our request was not accepted.
        ApiError::Refused(_)
        | ApiError::Unreadable { .. }
        | ApiError::Untrusted { .. }
        | ApiError::UnknownOutcome(_)
        | ApiError::Configuration(_) => QueryResult::Stumbled,
    }
}

impl ConnectionHealth {
    pub(crate) fn new(merchant_certificate_expires: Option<OffsetDateTime>) -> Self {
        Self { merchant_certificate_expires, ..Self::default() }
    }

    /// How many queries may be in flight: before the first answer, one query shows as much as many.
    pub(crate) fn at_once(&self) -> usize {
        let untried = self.last_success.is_none();
        if untried || self.trouble.is_some() { 1 } else { AT_ONCE }
    }

    /// Nothing is sent before this.
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// For a user's request: tries at once, even in trouble.
    pub(crate) fn retry_now(&mut self) {
        self.not_before = None;
    }

    pub(crate) fn asked(&mut self) {
        self.may_have_changed = true;
    }

    /// An answer arrived. After a time without answers, returns since when and for how long.
    pub(crate) fn succeeded(&mut self, at: Timestamp, now: Instant) -> Option<(Timestamp, Duration)> {
        self.may_have_changed = true;
        self.last_success = Some(at);
        (self.failures, self.not_before) = (0, None);
        let (since, began) = self.failing_since.take()?;
        self.trouble.take().map(|_| (since, now - began))
    }

    /// What was sent at that time failed.
    pub(crate) fn failed(&mut self, error: &Arc<ApiError>, asked: (Timestamp, Instant), now: Instant) {
        self.may_have_changed = true;
        let (since, _) = *self.failing_since.get_or_insert(asked);
        let everybody =
            !matches!(&**error, ApiError::Unreachable(RequestFailure::Status(refusal)) if !refusal.is_rate_limit());
        // One object may have a fault of its own; if the next query fails too, it is the connection.
        if !everybody && self.failures == 0 {
            self.failures = 1;
            return;
        }
        // A query that was sent before the pause began adds no information.
        if self.not_before.is_some_and(|at| at > now) {
            let again = self.trouble.as_ref().and_then(|trouble| trouble.again);
            self.trouble = Some(ConnectionTrouble { since, error: error.clone(), again });
            return;
        }
        let (least, most) = TROUBLE_PAUSE;
        let pause = least.saturating_mul(1 << self.failures.saturating_sub(u32::from(!everybody)).min(5)).min(most);
        self.failures += 1;
        // Up to a quarter more, so that many consoles do not retry at the same time.
        let pause = pause.mul_f64(1.0 + rand::random::<f64>() / 4.0);
        self.not_before = Some(now + pause);
        self.trouble =
            Some(ConnectionTrouble { since, error: error.clone(), again: Some(Timestamp::now_utc() + pause) });
    }

    /// The connection's health, if it is to be reported now; and when to check again. Without queries there is nothing
    /// to report.
    pub(crate) fn report(
        &mut self,
        client: &Client,
        queued: impl FnOnce() -> usize,
        now: Instant,
    ) -> (Option<Health>, Option<Instant>) {
        self.may_have_changed |= self.reported.is_none() || self.settles.is_some_and(|at| at <= now);
        if !self.may_have_changed {
            return (None, self.settles);
        }
        if let Some((at, reported)) = &self.reported {
            // Trouble is reported at once, figures at their interval.
            let next = *at + HEALTH_EVERY;
            if reported.trouble == self.trouble && now < next {
                return (None, Some(next));
            }
        }
        self.may_have_changed = false;
        let health = self.health(client, queued());
        self.settles = (health.requests_last_second > 0).then_some(now + SETTLED);
        if self.reported.as_ref().is_some_and(|(_, reported)| *reported == health) {
            return (None, self.settles);
        }
        self.reported = Some((now, health.clone()));
        (Some(health), self.settles)
    }

    fn health(&self, client: &Client, queued: usize) -> Health {
        let milliseconds = |latency: &Duration| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let platform = client.platform_certificate_expires();
        Health {
            last_success: self.last_success,
            trouble: self.trouble.clone(),
            latency_ms: client.latencies().iter().map(milliseconds).collect(),
            requests_last_second: client.budget().last_second(),
            requests_per_second: client.budget().per_second(),
            queued,
            certificate_expires: [platform, self.merchant_certificate_expires].into_iter().flatten().min(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Refusal;

    fn error(status: Option<u16>) -> Arc<ApiError> {
        Arc::new(ApiError::Unreachable(match status {
            Some(status) => RequestFailure::Status(Refusal::read(status, b"{}", None, true)),
            None => RequestFailure::Timeout { seconds: 1 },
        }))
    }

    #[test]
    fn without_answers_attempts_become_rarer() {
        let (mut connection, mut now) = (ConnectionHealth::default(), Instant::now());
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(connection.at_once(), 1, "there is no answer yet");
        connection.succeeded(at, now);
        assert_eq!(connection.at_once(), AT_ONCE);
        let (mut pauses, start) = (Vec::new(), now);
        for n in 0..8 {
            connection.failed(&error(None), (at + time::Duration::seconds(n), now), now);
            let not_before = connection.not_before().unwrap();
            pauses.push((not_before - now).as_secs_f64());
            // Other queries that were in flight.
            connection.failed(&error(None), (at, now), now);
            assert_eq!(connection.not_before(), Some(not_before));
            now = not_before;
        }
        for (pause, least) in pauses.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]) {
            assert!((least..=least * 1.25).contains(pause), "{pauses:?}");
        }
        assert_eq!(connection.at_once(), 1);
        assert_eq!(connection.succeeded(at, now), Some((at, now - start)), "since the first of them");
        assert_eq!((connection.not_before(), connection.succeeded(at, now)), (None, None));
    }

    #[test]
    fn a_fault_of_one_object_is_not_trouble_of_the_connection() {
        let (mut connection, now) = (ConnectionHealth::default(), Instant::now());
        let at = Timestamp::UNIX_EPOCH;
        connection.succeeded(at, now);
        connection.failed(&error(Some(500)), (at, now), now);
        assert_eq!((connection.not_before(), connection.at_once()), (None, AT_ONCE));
        assert_eq!(connection.succeeded(at, now), None);
        connection.failed(&error(Some(502)), (at, now), now);
        connection.failed(&error(Some(502)), (at, now), now);
        assert!(connection.not_before() >= Some(now + Duration::from_secs(1)) && connection.at_once() == 1);
        let answers = [Some(500), Some(202), Some(429), None].map(|status| judge(&error(status)));
        assert_eq!(
            answers,
            [QueryResult::Stumbled, QueryResult::Stumbled, QueryResult::Unanswered, QueryResult::Unanswered]
        );
    }
}
