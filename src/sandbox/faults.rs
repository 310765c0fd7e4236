//! Bad days, to order: each fault befalls the next requests that match, once they have passed the gate (protocol
//! reference §15).

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::EndpointId;
use crate::model::time::Duration;

/// What befalls a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429, without effect.
    RateLimited,
    /// 500, without effect.
    FailBefore,
    /// 500, although the request had its effect.
    FailAfter,
    /// The connection is closed without an answer, after the effect.
    DropAfter,
    /// No answer ever comes, after the effect; the connection stays open.
    HoldAfter,
    /// The signature is another answer's.
    BadSignature,
    /// `Wechatpay-Serial` names a key nobody has.
    UnknownSerial,
    /// A certificate signs although the public key was asked for, or the other way round: the gray switch goes back
    /// and forth (protocol reference §7).
    OtherSigner,
    /// The genuine, signed answer to the same question about this number, as a cache that mixes things up gives it.
    AnswerAbout(String),
    /// The signature headers are missing, as behind a proxy that strips them.
    NoSignature,
    /// A signature probe (protocol reference §9.4).
    Probe,
    /// The answer ends before its Content-Length does.
    Truncated,
    /// A byte of the body is another than the one that was signed or hashed.
    Altered,
    /// The link to a file has run out, sooner than it should.
    LinkExpired,
    /// An answer of so many bytes.
    Huge(u64),
    /// A proxy's HTML page under this status, instead of the answer.
    Html(u16),
    /// The right answer, so much later.
    Slow(std::time::Duration),
}

/// Which requests a fault befalls. The default is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matcher {
    pub endpoint: Option<EndpointId>,
    /// Part of the request target: a number, for instance.
    pub target: Option<String>,
}

impl Matcher {
    pub fn any() -> Self {
        Self::default()
    }

    pub fn endpoint(endpoint: EndpointId) -> Self {
        Self { endpoint: Some(endpoint), target: None }
    }

    fn matches(&self, endpoint: EndpointId, target: &str) -> bool {
        self.endpoint.is_none_or(|e| e == endpoint) && self.target.as_ref().is_none_or(|t| target.contains(t.as_str()))
    }
}

/// The gateway's faults. Every switch may be set while it runs.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Switches>);

#[derive(Debug, Default)]
struct Switches {
    planned: Vec<(Matcher, Fault, usize)>,
    clock_offset: Duration,
    errors_unsigned: bool,
    public_key_only: bool,
}

impl Faults {
    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Befalls the next request that matches.
    pub fn once(&self, matcher: Matcher, fault: Fault) {
        self.times(matcher, fault, 1);
    }

    /// Befalls the next `count` requests that match.
    pub fn times(&self, matcher: Matcher, fault: Fault, count: usize) {
        self.switches().planned.push((matcher, fault, count));
    }

    /// Takes every planned fault away and sets every switch back.
    pub fn clear(&self) {
        *self.switches() = Switches::default();
    }

    /// Sets the gateway's clock wrong: what it checks, what it signs and its `Date`.
    pub fn set_clock_offset(&self, offset: Duration) {
        self.switches().clock_offset = offset;
    }

    /// Leaves errors unsigned, as some of WeChat Pay's are.
    pub fn set_errors_unsigned(&self, unsigned: bool) {
        self.switches().errors_unsigned = unsigned;
    }

    /// Makes the merchant one that has only the public key: `/v3/certificates` answers 404, and all is signed with
    /// the public key.
    pub fn set_public_key_only(&self, only: bool) {
        self.switches().public_key_only = only;
    }

    pub(super) fn clock_offset(&self) -> Duration {
        self.switches().clock_offset
    }

    pub(super) fn errors_unsigned(&self) -> bool {
        self.switches().errors_unsigned
    }

    pub(super) fn public_key_only(&self) -> bool {
        self.switches().public_key_only
    }

    /// The fault that befalls this request, taken off its count.
    pub(super) fn take(&self, endpoint: EndpointId, target: &str) -> Option<Fault> {
        let mut switches = self.switches();
        let place = switches.planned.iter().position(|(m, _, n)| *n > 0 && m.matches(endpoint, target))?;
        switches.planned[place].2 -= 1;
        let fault = switches.planned[place].1.clone();
        switches.planned.retain(|(_, _, n)| *n > 0);
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_befalls_as_many_matching_requests_as_planned() {
        let faults = Faults::default();
        faults.times(Matcher::endpoint(EndpointId::PlanStop), Fault::RateLimited, 2);
        faults.once(Matcher { endpoint: None, target: Some("SO-1".to_owned()) }, Fault::DropAfter);
        assert_eq!(faults.take(EndpointId::PlanQuery, "/PLN-1"), None);
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-1"), Some(Fault::RateLimited));
        assert_eq!(faults.take(EndpointId::OrderCancel, "/SO-1/cancel"), Some(Fault::DropAfter));
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-2"), Some(Fault::RateLimited));
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-3"), None);
    }
}
