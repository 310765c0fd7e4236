//! A path that the rules allow for raw writes.

use std::fmt;

use crate::model::Number;
use crate::model::endpoint::percent_decode;

/// A path of the API, like `/v3/profitsharing/orders`. A segment in braces matches any one number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawPath(String);

impl RawPath {
    /// Examples, for error messages.
    pub const EXAMPLE: &str = "\"/v3/profitsharing/orders\", \"/v3/profitsharing/orders/{out_order_no}\"";

    /// `None` unless it is a complete path below `/v3/` in its only unambiguous spelling: without escapes, empty or
    /// dotted segments, or a query.
    pub fn parse(text: &str) -> Option<Self> {
        let segments = text.strip_prefix("/v3/")?.split('/');
        let plain = |text: &str| {
            let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
            !matches!(text, "" | "." | "..") && text.bytes().all(harmless)
        };
        let good = |segment: &str| plain(placeholder(segment).unwrap_or(segment));
        segments.into_iter().all(good).then(|| Self(text.to_owned()))
    }

    /// Whether the target is this path, literally, with any query. Ambiguous targets do not match.
    pub(crate) fn allows(&self, target: &str) -> bool {
        let path = target.split('?').next().unwrap_or_default();
        let (mut ours, mut theirs) = (self.0.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(segment), Some(value)) if placeholder(segment).is_some() => {
                    let number =
                        percent_decode(value).filter(|text| Number::parse(text).is_ok_and(|n| n.as_str() == text));
                    if number.is_none() {
                        return false;
                    }
                }
                (Some(segment), Some(value)) if segment == value => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Display for RawPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_that_means_one_thing_can_be_named() {
        for text in ["/v3/profitsharing/orders", "/v3/a/{out_order_no}/unfreeze", "/v3/x.y-z_1"] {
            assert_eq!(RawPath::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "/",
            "/v3",
            "/v3/",
            "v3/a",
            "/v2/a",
            "/v3//a",
            "/v3/a/",
            "/v3/./a",
            "/v3/a/..",
            "/v3/a?x=1",
            "/v3/a#b",
            "/v3/%61",
            "/v3/a b",
            "/v3/a;b",
            "/v3/{}",
            "/v3/{a",
            "/v3/支付",
            "/v3/*",
            "https://api.mch.weixin.qq.com/v3/a",
        ] {
            assert_eq!(RawPath::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_named_path_lets_itself_pass_and_nothing_that_could_be_read_otherwise() {
        let orders = RawPath::parse("/v3/profitsharing/orders").unwrap();
        assert!(orders.allows("/v3/profitsharing/orders") && orders.allows("/v3/profitsharing/orders?x=1"));
        let unfreeze = RawPath::parse("/v3/orders/{out_order_no}/unfreeze").unwrap();
        for number in ["P-1", "a%7Cb", "A|1*2", "P_20250101"] {
            assert!(unfreeze.allows(&format!("/v3/orders/{number}/unfreeze")), "{number}");
        }
        for target in [
            "/v3/orders/P-1/unfreeze/",
            "/v3/orders//unfreeze",
            "/v3/orders/../unfreeze",
            "/v3/orders/%2e%2e/unfreeze",
            "/v3/orders/a%2Fb/unfreeze",
            "/v3/orders/a%252Fb/unfreeze",
            "/v3/orders/P-1;x/unfreeze",
            "/v3/orders/P-1/Unfreeze",
            "/v3/orders/P-1/%75nfreeze",
            "/v3/orders/%20P/unfreeze",
            "/v3/orders/P-1",
        ] {
            assert!(!unfreeze.allows(target), "{target}");
        }
        for target in ["/v3/profitsharing/orders/", "/v3/profitsharing/orders/../x", "/v3/profitsharing/orders%2Fx"] {
            assert!(!orders.allows(target), "{target}");
        }
    }
}
