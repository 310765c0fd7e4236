//! The table of endpoints. The client sends from it, the sandbox routes by it, tests walk it.

mod coverage;
mod proof;
mod table;

use std::fmt::Write;

use super::Region;
pub use coverage::coverage;
pub use proof::{AnswerProof, SentValue};
pub use table::{ENDPOINTS, EVERYWHERE, EndpointId};

/// HTTP methods. The endpoints of the table use the first two; raw requests may use any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|m| m.as_str().eq_ignore_ascii_case(text))
    }
}

/// What may be done when the outcome of a call is unknown (protocol reference §13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// A read: always safe to send again.
    Read,
    /// A mutation under a business number: the same bytes under the same number have one effect. Query first.
    SameNumber,
    /// A mutation without a number of its own: the state decides. Query before anything else.
    QueryFirst,
}

/// The vendor's guide that describes an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guide {
    /// Common to all (certificates).
    Protocol,
    /// 000, PayScore plans.
    PayScorePlan,
    /// 001, mini-program pay.
    Transactions,
    /// 002, PayScore without confirmation.
    PayScore,
    /// 003, Global.
    Global,
    /// 004, cash coupons.
    Coupons,
}

/// One endpoint. `{name}` in the path is a parameter.
#[derive(Debug)]
pub struct Endpoint {
    pub id: EndpointId,
    pub method: Method,
    pub path: &'static str,
    /// Another path under which a guide describes it. It is recognised, and never sent.
    pub alias: Option<&'static str>,
    pub repeat: Repeat,
    pub guide: Guide,
    /// The client's function for it.
    pub client: &'static str,
    /// The command for it.
    pub cli: &'static str,
    /// The refusals that its page documents, in addition to [`EVERYWHERE`].
    pub errors: &'static [ErrorRow],
    /// Its counterpart in the Global region, if that is another endpoint.
    pub global: Option<EndpointId>,
    /// What its answer proves; `None` for a read.
    pub proof: Option<AnswerProof>,
}

/// Every endpoint that changes something has a proof, and no other.
const _: () = {
    let mut i = 0;
    while i < ENDPOINTS.len() {
        assert!(ENDPOINTS[i].is_mutation() == ENDPOINTS[i].proof.is_some(), "a change has a proof, a read has none");
        i += 1;
    }
};

/// A documented refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorRow {
    pub status: u16,
    pub code: &'static str,
}

impl EndpointId {
    pub fn endpoint(self) -> &'static Endpoint {
        &ENDPOINTS[self as usize]
    }

    /// The counterpart of this endpoint in a region; itself if it has no other there.
    pub fn on(self, region: Region) -> Self {
        self.endpoint().global.filter(|_| region == Region::Global).unwrap_or(self)
    }
}

impl Endpoint {
    /// Whether merchants of a region can call it.
    pub fn is_in(&self, region: Region) -> bool {
        (self.guide == Guide::Global) == (region == Region::Global)
    }

    /// True if a call may change something at WeChat Pay.
    pub(crate) const fn is_mutation(&self) -> bool {
        !matches!(self.repeat, Repeat::Read)
    }

    /// The request target, exactly as it is signed and sent: parameters percent-encoded once, then the query in the
    /// order given.
    pub fn target(&self, parameters: &[(&str, &str)], query: &[(&str, &str)]) -> String {
        let mut target = String::with_capacity(self.path.len() + 64);
        let mut rest = self.path;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').expect("the table's paths are well formed");
            let (_, value) = parameters.iter().find(|(n, _)| *n == name).expect("every path parameter is given");
            target.push_str(before);
            percent_encode(value, &mut target);
            rest = after;
        }
        target.push_str(rest);
        for (i, (name, value)) in query.iter().enumerate() {
            target.push(if i == 0 { '?' } else { '&' });
            percent_encode(name, &mut target);
            target.push('=');
            percent_encode(value, &mut target);
        }
        target
    }

    /// The endpoint of a method and path, with the path's parameters (still percent-encoded); or whether the path is
    /// known under another method.
    pub fn find(method: &str, path: &str) -> Result<(&'static Endpoint, Parameters), NoEndpoint> {
        let mut known = false;
        for endpoint in ENDPOINTS {
            if let Some(parameters) = endpoint.paths().find_map(|ours| matches(ours, path)) {
                if endpoint.method.as_str() == method {
                    return Ok((endpoint, parameters));
                }
                known = true;
            }
        }
        Err(if known { NoEndpoint::Method } else { NoEndpoint::Path })
    }

    /// The path's parameters, decoded, if any server could read the target as this endpoint: as it is, or escaped more
    /// than once, in capitals, with empty, dotted or decorated segments. Rules that forbid an endpoint use this.
    pub fn parameters_leniently(&self, target: &str) -> Option<Vec<String>> {
        self.paths().find_map(|ours| Self::parameters_of(ours, target))
    }

    fn parameters_of(ours: &'static str, target: &str) -> Option<Vec<String>> {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if let Some(parameters) = matches(ours, path) {
            return Some(parameters.iter().map(|(_, text)| decode_loosely(text)).collect());
        }
        let theirs = lenient_segments(path);
        let ours: Vec<&str> = ours.split('/').filter(|segment| !segment.is_empty()).collect();
        if ours.len() != theirs.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (segment, value) in ours.into_iter().zip(theirs) {
            match segment.starts_with('{') {
                true => parameters.push(value),
                false if segment.eq_ignore_ascii_case(&value) => {}
                false => return None,
            }
        }
        Some(parameters)
    }

    /// The paths under which it is recognised: its own first.
    fn paths(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.path).chain(self.alias)
    }
}

/// The parameters of a path that matches the pattern.
fn matches(pattern: &'static str, path: &str) -> Option<Parameters> {
    let (mut ours, mut theirs) = (pattern.split('/'), path.split('/'));
    let mut parameters = Vec::new();
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return Some(parameters),
            (Some(segment), Some(value)) => match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) if !value.is_empty() => parameters.push((name, value.to_owned())),
                None if segment == value => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// A path's parameters by name, as they are in the path.
pub type Parameters = Vec<(&'static str, String)>;

/// Why no endpoint matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEndpoint {
    /// 404: no such path.
    Path,
    /// 405: the path exists under another method.
    Method,
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn percent_encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// Undoes [`percent_encode`]. `None` if an escape is cut short or the bytes are not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = after.get(..2).filter(|h| h.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The segments of a path as the most lenient server would read them.
fn lenient_segments(path: &str) -> Vec<String> {
    let mut path = path.to_owned();
    // Every round that changes something makes it shorter.
    loop {
        let decoded = decode_loosely(&path);
        if decoded == path {
            break;
        }
        path = decoded;
    }
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']) {
        let bare = segment.split([';', '?', '#']).next().unwrap_or_default();
        match bare.trim_matches(|c: char| c.is_whitespace() || c.is_control()) {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            bare => segments.push(bare.to_owned()),
        }
    }
    segments
}

/// Undoes every valid escape and leaves the rest as it is.
fn decode_loosely(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                // Endpoint paths are ASCII, and invalid UTF-8 would not stay as short.
                bytes.push(if byte.is_ascii() { byte } else { b'_' });
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_in_the_order_of_its_names_and_has_no_row_twice() {
        for (i, endpoint) in ENDPOINTS.iter().enumerate() {
            assert_eq!(endpoint.id as usize, i);
            let same = ENDPOINTS.iter().filter(|e| e.path == endpoint.path && e.method == endpoint.method).count();
            assert_eq!(same, 1, "{}", endpoint.path);
            assert_eq!(endpoint.is_mutation(), endpoint.method == Method::Post, "{}", endpoint.path);
        }
    }

    #[test]
    fn a_path_parameter_is_encoded_once() {
        let close = EndpointId::TransactionClose.endpoint();
        assert_eq!(
            close.target(&[("out_trade_no", "a|b*c")], &[]),
            "/v3/pay/transactions/out-trade-no/a%7Cb%2Ac/close"
        );
        let list = EndpointId::StockList.endpoint();
        let target = list.target(&[], &[("offset", "0"), ("create_start_time", "2025-10-09T16:53:20+08:00")]);
        assert_eq!(target, "/v3/marketing/favor/stocks?offset=0&create_start_time=2025-10-09T16%3A53%3A20%2B08%3A00");
    }

    #[test]
    fn a_wrong_method_is_distinguished_from_a_wrong_path() {
        assert!(matches!(Endpoint::find("DELETE", "/v3/certificates"), Err(NoEndpoint::Method)));
        assert!(matches!(Endpoint::find("GET", "/v3/certificate"), Err(NoEndpoint::Path)));
        assert!(matches!(Endpoint::find("GET", "/v3/marketing/favor/stocks/"), Err(NoEndpoint::Path)));
    }

    proptest! {
        #[test]
        fn percent_encoding_is_undone(text in "\\PC{0,40}") {
            let mut encoded = String::new();
            percent_encode(&text, &mut encoded);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(percent_decode(&encoded), Some(text));
        }

        #[test]
        fn every_target_finds_its_endpoint_again(value in "[0-9A-Za-z_|*-]{1,32}") {
            for endpoint in ENDPOINTS {
                let parameters: Vec<(&str, &str)> = endpoint.path.split('/')
                    .filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
                    .map(|name| (name, value.as_str())).collect();
                let target = endpoint.target(&parameters, &[]);
                let (found, given) = Endpoint::find(endpoint.method.as_str(), &target).unwrap();
                prop_assert_eq!(found.id, endpoint.id);
                for (_, text) in given {
                    prop_assert_eq!(percent_decode(&text), Some(value.clone()));
                }
            }
        }
    }
}
