//! Where notifications are received and forwarded to, checked before anything is opened.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use reqwest::Url;

use crate::services::webhook::forward_headers;

/// Where to receive.
#[derive(Clone, Debug)]
pub struct ListenOptions {
    pub bind: Bind,
    /// Begins with `/`; requests to any other path are refused.
    pub path: String,
    pub forward: Option<ForwardTo>,
    /// Acknowledge only what the back end has accepted.
    pub answer_after_forward: bool,
}

/// An address, or a socket that is already listening.
#[derive(Clone, Debug)]
pub enum Bind {
    Address(SocketAddr),
    Bound(Arc<TcpListener>),
}

impl Bind {
    /// Parses an address. The only host name is `localhost`, because it needs no DNS.
    pub fn address(text: &str) -> Option<SocketAddr> {
        let port = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
        text.parse().ok().or_else(|| port.map(|port: u16| SocketAddr::from(([127, 0, 0, 1], port))))
    }
}

/// Why a setting of the receiver is invalid.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    #[error("a path must begin with / and must not have a query: {0}")]
    Path(String),
    /// The URL is not repeated: it may carry a password.
    #[error("a back end must be an http or https URL without user and password")]
    Forward,
    #[error("the URL of a back end must begin with http:// or https://")]
    ForwardNoScheme,
    #[error("a back end must not be WeChat Pay")]
    ForwardToWeChatPay,
}

impl From<forward_headers::Unfit> for Unusable {
    fn from(unfit: forward_headers::Unfit) -> Self {
        match unfit {
            forward_headers::Unfit::Url => Self::Forward,
            forward_headers::Unfit::NoScheme => Self::ForwardNoScheme,
            forward_headers::Unfit::WeChatPay => Self::ForwardToWeChatPay,
        }
    }
}

impl Default for ListenOptions {
    fn default() -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { bind: Bind::Address(address), path: Self::PATH.to_owned(), forward: None, answer_after_forward: false }
    }
}

impl ListenOptions {
    /// The default address and path.
    pub const ADDRESS: &str = "127.0.0.1:8080";
    pub const PATH: &str = "/notify";

    /// The address of a socket that is already listening.
    pub fn url(&self) -> Option<String> {
        match &self.bind {
            Bind::Address(_) => None,
            Bind::Bound(listener) => Some(format!("http://{}{}", listener.local_addr().ok()?, self.path)),
        }
    }

    /// Accepts a path as it is written in a request.
    pub(crate) fn check_path(path: &str) -> Result<(), Unusable> {
        let plain = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && !path.contains(['?', '#']) { Ok(()) } else { Err(Unusable::Path(path.to_owned())) }
    }
}

/// An existing back end.
#[derive(Clone, PartialEq, Eq)]
pub struct ForwardTo(Url);

impl ForwardTo {
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        Ok(forward_headers::parse(text, None).map(Self)?)
    }

    /// Refuses a back end that is the profile's gateway.
    pub(crate) fn check_against(&self, base_url: &str) -> Result<(), Unusable> {
        let leads_there = forward_headers::leads_to_wechat_pay(&self.0, Some(base_url));
        if leads_there { Err(Unusable::ForwardToWeChatPay) } else { Ok(()) }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

/// Without its query, which may be a secret.
impl fmt::Display for ForwardTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        f.write_str(shown.as_str())
    }
}

impl fmt::Debug for ForwardTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForwardTo({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_name_this_machine() {
        let read = |text: &str| Bind::address(text).map(|address| address.to_string());
        assert_eq!(read("localhost:8080").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(read("[::1]:0").as_deref(), Some("[::1]:0"));
        for text in ["localhost", "8080", "localhost:http", "merchant.example:80", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_is_absolute_and_has_no_query() {
        for path in ["/", "/notify", "/wechatpay/notify/1"] {
            assert_eq!(ListenOptions::check_path(path), Ok(()));
        }
        for path in ["", "notify", "/notify?x=1", "/a#b", "/a b", "/支付"] {
            assert!(ListenOptions::check_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_back_end_shows_no_secret() {
        let back_end = ForwardTo::parse("https://shop.example/notify?token=hunter2#x").unwrap();
        assert_eq!(back_end.to_string(), "https://shop.example/notify");
        assert!(!format!("{back_end:?}").contains("hunter2"));
        for text in ["https://user:hunter2@shop.example/", "https://user@shop.example/", "ftp://x/", "shop.example", ""]
        {
            let error = ForwardTo::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let back_end = ForwardTo::parse("http://127.0.0.1:9000/notify").unwrap();
        assert_eq!(back_end.check_against("https://api.mch.weixin.qq.com"), Ok(()));
        assert_eq!(back_end.check_against("http://localhost:9000"), Err(Unusable::ForwardToWeChatPay));
    }
}
