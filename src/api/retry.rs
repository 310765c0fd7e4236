//! Which requests may be retried, decided by cause: a pure table (protocol reference §13).

use std::time::Duration;

use super::{ApiError, RequestFailure, Untrusted};
use crate::crypto::VerifyError;

/// Attempts at one call, the first included.
pub(super) const ATTEMPTS: u32 = 4;

/// How long no request is sent after a 429 (protocol reference §11.1: at least a second).
pub(super) const LIMITED: Duration = Duration::from_secs(1);

/// How long to wait before the next attempt, or `None` if there must not be one. `attempt` counts from 1. `noise` in
/// 0..1 spreads the clients of one outage.
pub(super) fn pause(error: &ApiError, mutation: bool, attempt: u32, noise: f64) -> Option<Duration> {
    if attempt >= ATTEMPTS {
        return None;
    }
    let doubling =
        |base_ms: f64| Duration::from_secs_f64(base_ms * f64::from(1u32 << (attempt - 1)) * (1.0 + noise) / 1000.0);
    match error {
        // Nothing was sent: safe for every call.
        ApiError::Unreachable(RequestFailure::Connect(_)) => Some(doubling(250.0)),
        // Everything below was sent. The effect of a mutation is queried instead.
        _ if mutation => None,
        ApiError::Unreachable(RequestFailure::Status(refusal)) => {
            Some(doubling(if refusal.is_rate_limit() { 1000.0 } else { 500.0 }))
        }
        ApiError::Unreachable(RequestFailure::Timeout { .. } | RequestFailure::Broken(_)) if attempt == 1 => {
            Some(doubling(250.0))
        }
        // The repetition is not probed.
        ApiError::Untrusted { reason: Untrusted::Signature(VerifyError::Probe), .. } => Some(Duration::ZERO),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Refusal;

    fn errors() -> Vec<(ApiError, bool, bool)> {
        let status = |status| Refusal::read(status, b"{}", None, true);
        let source = || std::io::Error::other("x").into();
        // error, is a read repeated, is a mutation repeated
        vec![
            (ApiError::Unreachable(RequestFailure::Connect(source())), true, true),
            (ApiError::Unreachable(RequestFailure::Status(status(500))), true, false),
            (ApiError::Unreachable(RequestFailure::Status(status(429))), true, false),
            (ApiError::Unreachable(RequestFailure::Timeout { seconds: 1 }), true, false),
            (ApiError::Unreachable(RequestFailure::Broken(source())), true, false),
            (ApiError::Unreachable(RequestFailure::TooLarge { limit: 1 }), false, false),
            (ApiError::Untrusted { reason: VerifyError::Probe.into(), request_id: None }, true, false),
            (ApiError::Untrusted { reason: VerifyError::Encoding.into(), request_id: None }, false, false),
            (ApiError::Refused(status(400)), false, false),
            (ApiError::UnknownOutcome(RequestFailure::Status(status(500))), false, false),
            (ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 1 }), false, false),
        ]
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        for (error, read, mutation) in errors() {
            assert_eq!(pause(&error, false, 1, 0.5).is_some(), read, "read: {error}");
            assert_eq!(pause(&error, true, 1, 0.5).is_some(), mutation, "mutation: {error}");
            assert_eq!(pause(&error, false, ATTEMPTS, 0.5), None, "{error}");
        }
    }

    #[test]
    fn a_rate_limit_waits_at_least_a_second_and_doubles() {
        let limited = ApiError::Unreachable(RequestFailure::Status(Refusal::read(429, b"", None, false)));
        let pauses: Vec<_> = (1..ATTEMPTS).filter_map(|attempt| pause(&limited, false, attempt, 0.0)).collect();
        assert_eq!(pauses, [1, 2, 4].map(Duration::from_secs));
    }

    #[test]
    fn pauses_double_and_are_spread_by_noise_and_silence_is_asked_after_once() {
        let source = || std::io::Error::other("x").into();
        let failed = ApiError::Unreachable(RequestFailure::Status(Refusal::read(500, b"", None, true)));
        let connect = ApiError::Unreachable(RequestFailure::Connect(source()));
        let at = |error: &ApiError, attempt, noise| pause(error, false, attempt, noise).map(|pause| pause.as_millis());
        assert_eq!([1, 2, 3].map(|attempt| at(&failed, attempt, 0.0)), [Some(500), Some(1000), Some(2000)]);
        assert_eq!([1, 2, 3].map(|attempt| at(&failed, attempt, 0.5)), [Some(750), Some(1500), Some(3000)]);
        assert_eq!([1, 2, 3].map(|attempt| at(&connect, attempt, 0.0)), [Some(250), Some(500), Some(1000)]);
        for silent in
            [RequestFailure::Timeout { seconds: 1 }, RequestFailure::Broken(source())].map(ApiError::Unreachable)
        {
            assert_eq!([1, 2, 3].map(|attempt| at(&silent, attempt, 0.0)), [Some(250), None, None], "{silent}");
        }
        let probe = ApiError::Untrusted { reason: VerifyError::Probe.into(), request_id: None };
        assert_eq!([1, 3].map(|attempt| at(&probe, attempt, 0.9)), [Some(0), Some(0)]);
    }
}
