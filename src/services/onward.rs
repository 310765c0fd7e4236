//! A delivery on its way to somebody's own back end: what of it goes on, and where to.

use std::collections::HashSet;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Headers that belong to one connection (RFC 9110 §7.6.1), or that the next request makes anew.
const HOP_BY_HOP: [&str; 12] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "host",
    "content-length",
];

/// A URL of HTTP with a host. None with credentials: what stands in a URL ends up in logs.
pub(super) fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    let whole = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    (bare && whole).then_some(url)
}

/// Whether it is on this machine, where no proxy leads.
pub(super) fn is_here(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// The names and values of header lines that each end with CRLF.
pub(super) fn lines(headers: &[u8]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    headers.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        Some((name, value))
    })
}

/// Those that go on.
pub(super) fn headers(of: &[u8]) -> HeaderMap {
    // Whatever `Connection` names belongs to the connection, too.
    let named: HashSet<String> = lines(of)
        .filter(|(name, _)| name == "connection")
        .flat_map(|(_, value)| {
            let names = value.to_str().unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
            names.collect::<Vec<_>>()
        })
        .collect();
    let passed = |name: &HeaderName| !HOP_BY_HOP.contains(&name.as_str()) && !named.contains(name.as_str());
    let mut headers = HeaderMap::new();
    for (name, value) in lines(of).filter(|(name, _)| passed(name)) {
        headers.append(name, value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_goes_on_but_those_of_the_connection() {
        let lines = b"host: paydeck\r\nwechatpay-nonce: a: b\r\nconnection: x-hop, close\r\nx-hop: 1\r\nte: x\r\n\
            x-twice: 1\r\nx-twice: 2\r\ncontent-length: 3\r\nuser-agent: Mozilla/4.0\r\nx-bytes: \xe6\x94\xaf\r\n";
        let passed = headers(lines);
        let names: Vec<&str> = passed.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["wechatpay-nonce", "x-twice", "user-agent", "x-bytes"]);
        assert_eq!(passed["wechatpay-nonce"], "a: b");
        assert_eq!(passed.get_all("x-twice").iter().count(), 2);
        assert_eq!(passed["x-bytes"].as_bytes(), "支".as_bytes());
        assert!(headers(b"").is_empty() && headers(b"no header\n:\n").is_empty());
    }

    #[test]
    fn what_is_on_this_machine_is_known() {
        let is_here = |text: &str| is_here(&parse(text).unwrap());
        assert!(is_here("http://[::1]:9/x") && is_here("http://127.0.0.9/") && is_here("http://localhost/"));
        assert!(!is_here("https://shop.example/notify"));
    }
}
