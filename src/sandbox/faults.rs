//! Fault injection: each fault applies to the next requests that match, once they have passed the gate; and the
//! platform's behaviour, which lasts until it is reset (protocol reference §15).

use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use super::behaviour::{Limit, Probes, Share};
use super::notify::Treatment;
use crate::model::EndpointId;
use crate::model::time::Duration;
use crate::sync::lock;

/// A fault that is injected into a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429, without effect.
    RateLimited,
    /// 202, after the effect: accepted and not finished.
    Accepted,
    /// 500, without effect.
    FailBefore,
    /// 500, although the request had its effect.
    FailAfter,
    /// The connection is closed without an answer, after the effect.
    DropAfter,
    /// No answer ever comes, after the effect; the connection stays open.
    HoldAfter,
    /// The signature of another answer.
    BadSignature,
    /// `Wechatpay-Serial` names an unknown key.
    UnknownSerial,
    /// A certificate signs although the public key was requested, or the other way round: the gray switch goes back and
    /// forth (protocol reference §7).
    OtherSigner,
    /// The genuine, signed answer to the same request about this number, as a confused cache gives it.
    AnswerAbout(String),
    /// The genuine, signed answer to the previous request that changed something, of any kind: a cache, or a replay.
    /// After the effect of this one.
    Replayed,
    /// The same, without the effect of this one.
    ReplayedBefore,
    /// A proxy's unsigned refusal in WeChat Pay's format with this status, after the effect.
    ProxyRefusal(u16),
    /// The same, without the effect.
    ProxyRefusalBefore(u16),
    /// A signed 200 without a body, after the effect.
    Empty,
    /// The same, without the effect.
    EmptyBefore,
    /// A signed 200 with wrong amounts, after the effect; an answer without amounts stays as it is.
    OtherAmount,
    /// No signature headers, as behind a proxy that strips them.
    NoSignature,
    /// A signature probe (protocol reference §9.4).
    Probe,
    /// A digit of the body differs from the signed one.
    Altered,
    /// The answer ends before its Content-Length does.
    Truncated,
    /// The link to a file has expired too early.
    LinkExpired,
    /// An answer of this many bytes.
    Huge(u64),
    /// A proxy's HTML page with this status instead of the answer.
    Html(u16),
    /// The correct answer at twenty bytes per second.
    Drip,
    /// The correct answer after this delay.
    Slow(std::time::Duration),
}

impl Fault {
    /// The names that [`Fault::named`] knows.
    pub const NAMES: &[&str] = &[
        "rate-limited",
        "accepted",
        "fail-before",
        "fail-after",
        "drop-after",
        "hold-after",
        "bad-signature",
        "unknown-serial",
        "other-signer",
        "answer-about",
        "replayed",
        "replayed-before",
        "proxy-refusal",
        "proxy-refusal-before",
        "empty",
        "empty-before",
        "other-amount",
        "no-signature",
        "probe",
        "altered",
        "truncated",
        "huge",
        "html",
        "drip",
        "slow",
    ];

    /// The fault with this name. `delay` is for a slow answer; `answer-about` needs the number `about`.
    pub fn named(name: &str, delay: std::time::Duration, about: Option<&str>) -> Option<Self> {
        Some(match name {
            "rate-limited" => Self::RateLimited,
            "accepted" => Self::Accepted,
            "fail-before" => Self::FailBefore,
            "fail-after" => Self::FailAfter,
            "drop-after" => Self::DropAfter,
            "hold-after" => Self::HoldAfter,
            "bad-signature" => Self::BadSignature,
            "unknown-serial" => Self::UnknownSerial,
            "other-signer" => Self::OtherSigner,
            "answer-about" => Self::AnswerAbout(about?.to_owned()),
            "replayed" => Self::Replayed,
            "replayed-before" => Self::ReplayedBefore,
            "proxy-refusal" => Self::ProxyRefusal(403),
            "proxy-refusal-before" => Self::ProxyRefusalBefore(403),
            "empty" => Self::Empty,
            "empty-before" => Self::EmptyBefore,
            "other-amount" => Self::OtherAmount,
            "no-signature" => Self::NoSignature,
            "probe" => Self::Probe,
            "altered" => Self::Altered,
            "truncated" => Self::Truncated,
            "huge" => Self::Huge(64 << 20),
            "html" => Self::Html(502),
            "drip" => Self::Drip,
            "slow" => Self::Slow(delay),
            _ => return None,
        })
    }
}

/// Which requests a fault applies to. The default is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultMatcher {
    pub endpoint: Option<EndpointId>,
    /// A part of the request target, such as a number.
    pub target: Option<String>,
}

impl FaultMatcher {
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

/// How the platform behaves at the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaultSettings {
    pub(super) probe: u8,
    pub(super) duplicate: bool,
    pub(super) reorder: bool,
    pub(super) limit: Option<u32>,
    pub(super) gray: u8,
    pub(super) public_key_only: bool,
    pub(super) errors_unsigned: bool,
    pub(super) clock_offset: Duration,
    pub(super) link_life: Duration,
    /// The number of requests that faults are still planned for.
    pub(super) faults: usize,
}

/// The faults and behaviour of a gateway. All may be changed while it runs.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Switches>);

#[derive(Debug)]
struct Switches {
    planned: Vec<(Which, Fault, usize)>,
    clock_offset: Duration,
    errors_unsigned: bool,
    public_key_only: bool,
    probe: Share,
    probed_answers: Probes,
    probed_callbacks: Share,
    gray: Share,
    limit: Limit,
    treatment: Treatment,
    link_life: Duration,
}

/// The default life of a bill's link (transactions reference §9.1).
const LINK_LIFE: Duration = Duration::seconds(30);

impl Default for Switches {
    fn default() -> Self {
        Self {
            planned: Vec::new(),
            clock_offset: Duration::ZERO,
            errors_unsigned: false,
            public_key_only: false,
            probe: Share::default(),
            probed_answers: Probes::default(),
            probed_callbacks: Share::default(),
            gray: Share::default(),
            limit: Limit::default(),
            treatment: Treatment::default(),
            link_life: LINK_LIFE,
        }
    }
}

/// Which requests a planned fault is for.
#[derive(Debug)]
enum Which {
    Matching(FaultMatcher),
    /// Those whose path begins with this.
    Under(String),
}

impl Which {
    fn matches(&self, endpoint: EndpointId, target: &str) -> bool {
        match self {
            Self::Matching(matcher) => matcher.matches(endpoint, target),
            Self::Under(path) => target.starts_with(path),
        }
    }
}

impl Faults {
    fn switches(&self) -> MutexGuard<'_, Switches> {
        lock(&self.0)
    }

    /// Applies to the next request that matches.
    pub fn once(&self, matcher: FaultMatcher, fault: Fault) {
        self.times(matcher, fault, 1);
    }

    /// Applies to the next `count` requests that match.
    pub fn times(&self, matcher: FaultMatcher, fault: Fault, count: usize) {
        self.switches().planned.push((Which::Matching(matcher), fault, count));
    }

    /// Applies to the next `count` requests whose path begins with `path`.
    pub(crate) fn times_under(&self, path: &str, fault: Fault, count: usize) {
        self.switches().planned.push((Which::Under(path.to_owned()), fault, count));
    }

    /// Removes every planned fault and resets the behaviour.
    pub fn clear(&self) {
        *self.switches() = Switches::default();
    }

    /// Skews the gateway's clock: what it checks, what it signs and its `Date`.
    pub fn set_clock_offset(&self, offset: Duration) {
        self.switches().clock_offset = offset;
    }

    /// Leaves errors unsigned, as WeChat Pay does with some.
    pub(crate) fn set_errors_unsigned(&self, unsigned: bool) {
        self.switches().errors_unsigned = unsigned;
    }

    /// Leaves the merchant with only the public key: `/v3/certificates` answers 404, and everything is signed with the
    /// public key.
    pub fn set_public_key_only(&self, only: bool) {
        self.switches().public_key_only = only;
    }

    /// Turns this share of answers and callbacks into signature probes. A request that is repeated after a probe gets
    /// the real answer; the real callback follows its probe.
    pub fn set_probes(&self, percent: u8) {
        let mut switches = self.switches();
        let share = Share::of(percent);
        switches.probe = share;
        switches.probed_answers = Probes::of(share);
        switches.probed_callbacks = share;
    }

    /// Sends every notification again after it was acknowledged.
    pub fn set_duplicate(&self, duplicate: bool) {
        self.switches().treatment.duplicate = duplicate;
    }

    /// Lets later notifications overtake earlier ones.
    pub fn set_reorder(&self, reorder: bool) {
        self.switches().treatment.reorder = reorder;
    }

    /// Answers 429 above this number of requests per second.
    pub(crate) fn set_limit(&self, requests_per_second: Option<u32>) {
        self.switches().limit = Limit::of(requests_per_second);
    }

    /// Signs this share of callbacks with the public key instead of the certificate: the gray switch (protocol reference
    /// §7).
    pub fn set_gray(&self, percent: u8) {
        self.switches().gray = Share::of(percent);
    }

    /// Lets the links of bills expire after this many seconds; at once with 0.
    pub(crate) fn links_expire_after(&self, seconds: u32) {
        self.switches().link_life = Duration::seconds(seconds.into());
    }

    /// The life of a bill's link.
    pub fn link_life(&self) -> Duration {
        self.switches().link_life
    }

    /// The current behaviour.
    pub(super) fn behaviour(&self) -> FaultSettings {
        let switches = self.switches();
        FaultSettings {
            probe: switches.probe.percent(),
            duplicate: switches.treatment.duplicate,
            reorder: switches.treatment.reorder,
            limit: switches.limit.most(),
            gray: switches.gray.percent(),
            public_key_only: switches.public_key_only,
            errors_unsigned: switches.errors_unsigned,
            clock_offset: switches.clock_offset,
            link_life: switches.link_life,
            faults: switches.planned.iter().map(|(_, _, count)| count).sum(),
        }
    }

    pub(super) fn treatment(&self) -> Treatment {
        self.switches().treatment
    }

    /// Whether the callback that is about to be sent is preceded by a probe.
    pub(super) fn probes_callback(&self) -> bool {
        self.switches().probed_callbacks.advance()
    }

    /// Whether the callback that is about to be sent is signed with the public key.
    pub(super) fn signs_with_public_key(&self) -> bool {
        let mut switches = self.switches();
        switches.gray.advance() || switches.public_key_only
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

    /// The planned fault for this request, counted down; or else the one that the behaviour causes.
    pub(super) fn take(&self, endpoint: EndpointId, target: &str) -> Option<Fault> {
        let mut switches = self.switches();
        let place = switches.planned.iter().position(|(which, _, n)| *n > 0 && which.matches(endpoint, target));
        let Some(place) = place else {
            if switches.limit.refuses(Instant::now()) {
                return Some(Fault::RateLimited);
            }
            return switches.probed_answers.advance(target).then_some(Fault::Probe);
        };
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
    fn a_fault_applies_to_as_many_matching_requests_as_planned() {
        let faults = Faults::default();
        faults.times(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::RateLimited, 2);
        faults.once(FaultMatcher { endpoint: None, target: Some("SO-1".to_owned()) }, Fault::DropAfter);
        assert_eq!(faults.take(EndpointId::PlanQuery, "/PLN-1"), None);
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-1"), Some(Fault::RateLimited));
        assert_eq!(faults.take(EndpointId::OrderCancel, "/SO-1/cancel"), Some(Fault::DropAfter));
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-2"), Some(Fault::RateLimited));
        assert_eq!(faults.take(EndpointId::PlanStop, "/PLN-3"), None);
        faults.times_under("/v3/pay/", Fault::FailBefore, 1);
        assert_eq!(faults.take(EndpointId::OrderQuery, "/v3/payscore/serviceorder?x=/v3/pay/"), None);
        assert_eq!(faults.take(EndpointId::TransactionClose, "/v3/pay/transactions/x"), Some(Fault::FailBefore));
    }

    #[test]
    fn every_name_stands_for_a_fault() {
        let delay = std::time::Duration::from_secs(1);
        for name in Fault::NAMES {
            assert!(Fault::named(name, delay, Some("PLN-1")).is_some(), "{name}");
        }
        assert_eq!(Fault::named("answer-about", delay, None), None);
    }
}
