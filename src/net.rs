//! Network addresses.

use std::net::IpAddr;

use reqwest::Url;

/// True for a URL on this machine, which no proxy reaches.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_by_name_or_address() {
        for (url, expected) in [
            ("http://localhost:8080/x", true),
            ("http://127.0.0.2/", true),
            ("http://[::1]:9000/", true),
            ("https://api.mch.weixin.qq.com/", false),
            ("http://localhost.example.com/", false),
            ("http://0.0.0.0/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
