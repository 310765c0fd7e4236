//! The documented error codes and the numeric causes that end a Request-ID: what each means, what to do about it, and
//! what may be sent afterwards. Undocumented codes and numbers are shown as received; their HTTP status decides.

mod cause;
mod table;

use super::EndpointId;
#[cfg(test)]
pub(crate) use cause::CAUSES;
pub(crate) use cause::Cause;
pub(crate) use table::CODES;

/// What may be sent after a refusal. It holds for changes that were refused; after an unknown outcome, the code does
/// not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same request is refused again, and had no effect: correct it.
    Correct,
    /// It had no effect: once its external cause is fixed, the identical request may be sent again.
    Same,
    /// The state of the object decides.
    Look,
    /// The number is used up: never again under it.
    NewNumber,
    /// Never again: the state is already reached, or cannot be.
    Nothing,
}

impl Next {
    /// Its message id.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Correct => "next-correct",
            Self::Same => "next-same",
            Self::Look => "next-look",
            Self::NewNumber => "next-new-number",
            Self::Nothing => "next-nothing",
        }
    }
}

/// The explanation of a code or a cause, as message ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub means: &'static str,
    pub advice: &'static str,
    pub next: Next,
}

/// A documented error code.
#[derive(Debug)]
pub(crate) struct ErrorCode {
    /// As most pages spell it.
    pub code: &'static str,
    /// Other names of the same code. Spellings without the underscores need no row.
    pub aliases: &'static [&'static str],
    /// It is unspecific: if the Request-ID has a cause, the cause decides what to do.
    pub vague: bool,
    pub meaning: Meaning,
    /// Endpoints on which it has another meaning.
    pub elsewhere: &'static [(&'static [EndpointId], Meaning)],
}

impl ErrorCode {
    /// Finds a code in any spelling: older APIs write v2's names without underscores, and some pages have a stray blank
    /// in them (protocol reference §11, PayScore reference §7).
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        bare(code).next()?;
        CODES.iter().find(|row| row.names().any(|name| bare(name).eq(bare(code))))
    }

    /// All its names, the usual one first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.code).chain(self.aliases.iter().copied())
    }

    /// Its meaning on an endpoint.
    pub(crate) fn at(&self, endpoint: Option<EndpointId>) -> Meaning {
        let here = |(on, _): &&(&[EndpointId], Meaning)| endpoint.is_some_and(|endpoint| on.contains(&endpoint));
        self.elsewhere.iter().find(here).map_or(self.meaning, |(_, meaning)| *meaning)
    }
}

/// A code without underscores and blanks, in one case.
fn bare(code: &str) -> impl Iterator<Item = char> {
    code.chars().filter(|c| *c != '_' && !c.is_whitespace()).map(|c| c.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::endpoint::{ENDPOINTS, EVERYWHERE};

    #[test]
    fn a_code_is_found_however_it_is_spelled() {
        let cases = [
            ("ORDER_NOT_EXIST", "ORDER_NOT_EXIST"),
            ("ORDERNOTEXIST", "ORDER_NOT_EXIST"),
            ("ORDER_NOT _EXIST", "ORDER_NOT_EXIST"),
            (" NOAUTH", "NO_AUTH"),
            ("NOTENOUGH", "NOT_ENOUGH"),
            ("SYSTEMERROR", "SYSTEM_ERROR"),
            ("RATE_LIMITED", "FREQUENCY_LIMITED"),
            ("RATELIMIT_EXCEEDED", "FREQUENCY_LIMITED"),
            ("FREQUENCY_LIMIT_EXCEED", "FREQUENCY_LIMITED"),
        ];
        for (spelled, code) in cases {
            assert_eq!(ErrorCode::find(spelled).map(|row| row.code), Some(code), "{spelled}");
        }
        for unknown in ["", "_", "SOMETHING_NEW", "PARAM"] {
            assert!(ErrorCode::find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn no_name_stands_for_two_codes_and_no_endpoint_twice_in_one() {
        for (i, row) in CODES.iter().enumerate() {
            for name in row.names() {
                assert_eq!(ErrorCode::find(name).map(|found| found.code), Some(row.code), "{name}");
                assert!(CODES[..i].iter().all(|before| before.code != row.code), "{name}");
            }
            let mut endpoints: Vec<EndpointId> = row.elsewhere.iter().flat_map(|(on, _)| on.iter().copied()).collect();
            let count = endpoints.len();
            endpoints.sort_unstable();
            endpoints.dedup();
            assert_eq!(endpoints.len(), count, "{}", row.code);
        }
    }

    #[test]
    fn every_code_that_an_endpoint_documents_has_a_row() {
        let documented = ENDPOINTS.iter().flat_map(|endpoint| endpoint.errors).chain(EVERYWHERE);
        for error in documented {
            assert!(ErrorCode::find(error.code).is_some(), "{}", error.code);
        }
    }

    #[test]
    fn the_endpoint_decides_where_a_code_means_different_things() {
        let not_enough = ErrorCode::find("NOT_ENOUGH").unwrap();
        let at = |endpoint| not_enough.at(Some(endpoint));
        assert_eq!(at(EndpointId::RefundCreate), at(EndpointId::GlobalRefundCreate));
        assert_ne!(at(EndpointId::RefundCreate), at(EndpointId::StockStart));
        assert_ne!(at(EndpointId::RefundCreate), at(EndpointId::CouponSend));
        assert_eq!(at(EndpointId::PlanCreate), not_enough.at(None));
        // Returned money is refunded under the same number; a coupon stock does not refill.
        assert_eq!((at(EndpointId::RefundCreate).next, at(EndpointId::CouponSend).next), (Next::Same, Next::Look));
    }
}
