//! The documented numbers behind the last `-` of a Request-ID (protocol reference §11.3, PayScore reference §7.1,
//! coupons reference §2). The message of a row is `cause-NUMBER`.

use super::{ErrorCode, Meaning, Next};
use crate::model::EndpointId;

/// A documented cause.
#[derive(Debug)]
pub(crate) struct Cause {
    pub number: u64,
    /// Its message id.
    pub means: &'static str,
    like: Like,
}

/// Where the advice of a cause comes from.
#[derive(Debug)]
enum Like {
    /// The same as this code's.
    Code(&'static str),
    /// Its own.
    Own { advice: &'static str, next: Next },
}

impl Cause {
    pub(crate) fn find(number: u64) -> Option<&'static Self> {
        CAUSES.iter().find(|row| row.number == number)
    }

    /// True if it is more specific than any code.
    pub(crate) fn is_finer(&self) -> bool {
        matches!(self.like, Like::Own { .. })
    }

    /// Its meaning on an endpoint.
    pub(crate) fn at(&self, endpoint: Option<EndpointId>) -> Option<Meaning> {
        match self.like {
            Like::Own { advice, next } => Some(Meaning { means: self.means, advice, next }),
            Like::Code(code) => ErrorCode::find(code).map(|code| Meaning { means: self.means, ..code.at(endpoint) }),
        }
    }
}

macro_rules! causes {
    ($($number:literal $like:ident $what:literal $($next:ident)?;)*) => {
        /// All documented causes.
        pub(crate) const CAUSES: &[Cause] = &[$(Cause {
            number: $number,
            means: concat!("cause-", $number),
            like: causes!(@$like $what $($next)?),
        }),*];
    };
    (@as $code:literal) => { Like::Code($code) };
    (@own $advice:literal $next:ident) => { Like::Own { advice: $advice, next: Next::$next } };
}

causes! {
    268435461 as "PARAM_ERROR";
    268435464 as "PARAM_ERROR";
    268435472 as "FREQUENCY_LIMITED";
    268443699 as "SIGN_ERROR";
    268443715 own "advice-merchant-unavailable" Same;
    268445527 as "APPID_MCHID_NOT_MATCH";
    268447840 as "FREQUENCY_LIMITED";
    268447843 own "advice-another-merchant" Nothing;
    268447914 own "advice-order-expired" NewNumber;
    268448010 own "advice-collection-restricted" Look;
    268449538 as "ORDER_PAID";
    268449641 own "advice-reverse-instead" Nothing;
    268461336 as "FREQUENCY_LIMITED";
    268498688 own "advice-other-parameters" NewNumber;
    268498689 as "ORDER_PAID";
    268501013 own "advice-openid-needed" Correct;
    268503786 as "NO_AUTH";
    268512771 as "ORDER_NOT_EXIST";
    268560785 own "advice-teen-mode" Nothing;
    268573590 own "advice-clock" Same;
    268586001 as "NO_STATEMENT_EXIST";
    268586003 as "NO_STATEMENT_EXIST";
    269546505 own "advice-merchant-certificate" Same;
    269546507 own "advice-merchant-serial" Same;
    269546525 as "SIGN_ERROR";
    269546538 as "MCH_NOT_EXISTS";
    270079488 as "RESOURCE_NOT_EXISTS";
    270079489 as "MCH_NOT_EXISTS";
    270079498 as "OPENID_MISMATCH";
    270079501 as "OPENID_MISMATCH";
    270079507 as "APPID_MCHID_NOT_MATCH";
    270079508 own "advice-issuer" Nothing;
    270079509 own "advice-issuer" Nothing;
    270079532 own "advice-user-blocked" Nothing;
    270079533 own "advice-stock-times" Look;
    270079534 as "NOT_ENOUGH";
    270079577 as "SYSTEM_ERROR";
    270924332 as "SIGN_ERROR";
    270924358 own "advice-extra-parameter" Correct;
    271299627 own "advice-overdue-orders" Look;
    271300099 own "advice-risk" Nothing;
    271302144 as "MCH_NOT_EXISTS";
    271302149 as "APPID_MCHID_NOT_MATCH";
    271302262 as "INVALID_ORDER_STATE";
    271302332 own "advice-not-confirmed" Look;
    271302333 as "ORDER_CANCELED";
    271316574 own "advice-deduction-failed" Nothing;
    271316592 own "advice-not-cancellable" Look;
    271316598 own "advice-other-parameters" NewNumber;
    271316637 own "advice-end-before-start" Correct;
    271316656 own "advice-above-ceiling" Correct;
    271316657 own "advice-only-outstanding" Look;
    271316754 own "advice-deduction-in-flight" Look;
    271317510 as "ORDER_NOT_EXIST";
    272888874 as "SYSTEM_ERROR";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_cause_is_there_once_and_has_an_advice() {
        // Protocol reference §11.3, PayScore reference §7.1, coupons reference §2, in their order.
        const DOCUMENTED: [u64; 55] = [
            268435461, 268435464, 268443699, 268443715, 268445527, 268447840, 268447843, 268447914, 268448010,
            268449538, 268498689, 268449641, 268498688, 268501013, 268512771, 270924358, 271317510, 271316574,
            271302262, 271302332, 271302333, 271316657, 271316598, 271302144, 271302149, 268435472, 271300099,
            271299627, 268503786, 271316592, 270924332, 271316754, 271316656, 271316637, 268560785, 270079501,
            269546525, 269546505, 269546507, 269546538, 270079489, 270079507, 270079498, 270079488, 270079577,
            270079508, 270079509, 270079532, 270079533, 270079534, 268586001, 268586003, 268573590, 268461336,
            272888874,
        ];
        for number in DOCUMENTED {
            let cause = Cause::find(number).unwrap_or_else(|| panic!("{number}"));
            assert!(cause.at(None).is_some(), "{number}");
        }
        assert_eq!(CAUSES.len(), DOCUMENTED.len());
        assert!(CAUSES.is_sorted_by(|a, b| a.number < b.number));
        assert!(Cause::find(0).is_none(), "0 means that there is none");
    }
}
