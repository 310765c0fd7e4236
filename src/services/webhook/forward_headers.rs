//! A delivery on its way to the merchant's own back end: which headers are forwarded, and where to.

use std::collections::HashSet;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::net::is_loopback;

/// Headers of one connection (RFC 9110 §7.6.1), or that the next request sets itself.
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

/// The domains of WeChat Pay's own hosts, of all its regions.
const WECHAT_PAY: [&str; 7] = [
    "weixin.qq.com",
    "tenpay.com",
    "wechatpay.cn",
    "wechatpay.com",
    "wechatpay.com.cn",
    "wechatpay.com.hk",
    "wechat.com",
];

/// Why nothing is sent to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is not HTTP, has no host, or carries credentials, which would end up in logs.
    Url,
    /// It would be valid with `http://` before it.
    NoScheme,
    /// It leads to WeChat Pay, or to the profile's gateway: only requests that passed the gate go there.
    WeChatPay,
}

/// The URL of the merchant's own back end. `base_url`: the profile's gateway, if known.
pub(crate) fn parse(text: &str, base_url: Option<&str>) -> Result<Url, Unfit> {
    let absolute = |text: &str| {
        let url = Url::parse(text).ok()?;
        let bare = url.username().is_empty() && url.password().is_none();
        (bare && matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url)
    };
    let Some(url) = absolute(text) else {
        let like_a_host = !text.contains("://") && text.contains(['.', ':']);
        let lacks_scheme = like_a_host && absolute(&format!("http://{text}")).is_some();
        return Err(if lacks_scheme { Unfit::NoScheme } else { Unfit::Url });
    };
    if leads_to_wechat_pay(&url, base_url) { Err(Unfit::WeChatPay) } else { Ok(url) }
}

/// Whether a URL leads to WeChat Pay's own hosts, or to the host and port of the profile's gateway.
pub(crate) fn leads_to_wechat_pay(url: &Url, base_url: Option<&str>) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let is_below =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let parsed =
        |text: &str| Url::parse(text).ok().filter(Url::has_host).or_else(|| Url::parse(&format!("http://{text}")).ok());
    let base = base_url.filter(|text| !text.is_empty()).and_then(parsed);
    let same = |base: Url| {
        // All loopback names mean this machine.
        let host = base.host_str().unwrap_or_default().trim_end_matches('.') == host
            || (is_loopback(&base) && is_loopback(url));
        host && base.port_or_known_default() == url.port_or_known_default()
    };
    WECHAT_PAY.iter().any(is_below) || base.is_some_and(same)
}

/// The names and values of header lines, each ended by CRLF.
pub(crate) fn lines(headers: &[u8]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    headers.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        Some((name, value))
    })
}

/// The headers that are forwarded.
pub(crate) fn headers(of: &[u8]) -> HeaderMap {
    // The headers that `Connection` names belong to the connection, too.
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
    fn every_header_is_forwarded_except_those_of_the_connection() {
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
        let is_here = |text: &str| is_loopback(&parse(text, None).unwrap());
        assert!(is_here("http://[::1]:9/x") && is_here("http://127.0.0.9/") && is_here("http://localhost/"));
        assert!(!is_here("https://shop.example/notify"));
    }

    #[test]
    fn nothing_is_passed_on_to_wechat_pay_by_whatever_name() {
        for url in [
            "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds",
            "https://api2.mch.weixin.qq.com/x",
            "https://apihk.mch.weixin.qq.com/x",
            "https://API.MCH.WEIXIN.QQ.COM:443/x",
            "http://api.mch.weixin.qq.com./x",
            "https://weixin.qq.com",
            "https://pay.wechatpay.cn/",
            "https://wechatpay.com.hk/",
            "https://api.tenpay.com/",
        ] {
            assert_eq!(parse(url, None), Err(Unfit::WeChatPay), "{url}");
        }
        for url in
            ["https://wechatpay.shop.example/", "https://notweixin.qq.com/", "https://weixin.qq.com.shop.example/"]
        {
            assert!(parse(url, None).is_ok(), "{url}");
        }
        let inner = Some("https://gateway.shop.example");
        for url in [
            "https://gateway.shop.example/notify",
            "https://gateway.shop.example:443/",
            "https://GATEWAY.shop.example./",
        ] {
            assert_eq!(parse(url, inner), Err(Unfit::WeChatPay), "{url}");
        }
        assert!(parse("http://gateway.shop.example/notify", inner).is_ok(), "another port");
        let sandbox = Some("http://127.0.0.1:8080");
        for url in
            ["http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/x", "https://127.0.0.1:8080/"]
        {
            assert_eq!(parse(url, sandbox), Err(Unfit::WeChatPay), "{url}");
        }
        assert!(parse("http://127.0.0.1:9000/", sandbox).is_ok());
    }

    #[test]
    fn a_url_without_its_scheme_is_known_as_one() {
        for text in ["localhost:9000/x", "127.0.0.1:9000/x", "shop.example/notify", "[::1]:9000"] {
            assert_eq!(parse(text, None), Err(Unfit::NoScheme), "{text}");
        }
        for text in
            ["", "notify", "/notify", "ftp://x/", "http://", "user:secret@shop.example/", "https://user@shop.example/"]
        {
            assert_eq!(parse(text, None), Err(Unfit::Url), "{text}");
        }
    }
}
