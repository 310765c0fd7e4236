//! Which addresses a request may name for notifications, and which of them the sandbox really sends to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;

use crate::net::is_loopback;

/// The longest address that any request accepts.
const LONGEST: usize = 1024;

/// Whether the platform accepts the address: an absolute http or https URL without a query (protocol reference §9.5).
/// Unlike there, plain http and loopback are allowed, because that is where a developer's listener is.
pub(in crate::sandbox) fn is_notify_url(text: &str) -> bool {
    let url = Url::parse(text).ok().filter(|_| text.starts_with("https://") || text.starts_with("http://"));
    let plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains('?');
    plain && url.is_some_and(|url| url.host().is_some())
}

/// The URL, if it is on this machine. The sandbox never sends anywhere else.
pub(in crate::sandbox) fn on_this_machine(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && is_loopback(url))
}

/// The addresses of `localhost`, whatever a resolver says.
pub(super) const LOCALHOST_IS: [SocketAddr; 2] =
    [SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0), SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_sent_to() {
        for url in [
            "http://127.0.0.1:8080/notify",
            "http://localhost/notify",
            "http://[::1]:9/x",
            "http://2130706433/",
            "https://127.9.9.9/",
        ] {
            assert!(on_this_machine(url).is_some(), "{url}");
        }
        for url in [
            "https://merchant.example/notify",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://0.0.0.0/",
            "http://169.254.169.254/",
            "http://[::]/",
            "file:///etc/passwd",
            "",
        ] {
            assert!(on_this_machine(url).is_none(), "{url}");
        }
    }

    #[test]
    fn an_address_is_a_whole_url_without_a_query() {
        assert!(is_notify_url("https://merchant.example/notify"));
        assert!(is_notify_url("http://127.0.0.1:8080/"));
        for url in ["", "merchant.example", "http://", "ftp://merchant.example/", "https://merchant.example/?a=1"] {
            assert!(!is_notify_url(url), "{url}");
        }
    }
}
