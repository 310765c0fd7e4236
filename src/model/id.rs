//! Numbers and names as newtypes: parsed once at the boundary, valid from then on.

use std::fmt;

use super::Kind;

/// A merchant's or WeChat Pay's number for an object: 1–64 of `[0-9A-Za-z_|*@-]` (order numbers are at most 32
/// long, refund numbers 64; transactions reference §2.1, §6.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(String);

/// Why a text is not a number.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum NumberError {
    #[error("the number is empty")]
    Empty,
    #[error("the number has {0} characters, at most 64 are allowed")]
    TooLong(usize),
    #[error("the number has the character {0:?}; letters, digits and _ - | * @ are allowed")]
    Character(char),
}

impl Number {
    pub const LONGEST: usize = 64;

    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let text = text.trim();
        match text.chars().find(|c| !(c.is_ascii_alphanumeric() || "_-|*@".contains(*c))) {
            _ if text.is_empty() => Err(NumberError::Empty),
            Some(c) => Err(NumberError::Character(c)),
            None if text.len() > Self::LONGEST => Err(NumberError::TooLong(text.len())),
            None => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four characters, which a person types to confirm an irreversible action.
    pub fn tail(&self) -> &str {
        // A number is ASCII, so every byte is a character.
        &self.0[self.0.len().saturating_sub(4)..]
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which object: its kind and the number it is queried by (the merchant's own; for a stock WeChat Pay's).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    pub kind: Kind,
    pub number: Number,
}

impl ObjectId {
    pub fn new(kind: Kind, number: Number) -> Self {
        Self { kind, number }
    }

    /// A user's coupon: `COUPON_ID@OPENID`, because WeChat Pay knows a coupon by both (coupons reference §3.8).
    pub fn of_coupon(coupon_id: &str, openid: &str) -> Result<Self, NumberError> {
        Ok(Self::new(Kind::Coupon, Number::parse(&format!("{coupon_id}@{openid}"))?))
    }

    /// The message id of what the number identifies. A coupon that WeChat Pay has given no number yet is known by the
    /// number of its request.
    pub(crate) fn label(&self) -> String {
        match self.kind {
            Kind::Coupon if self.coupon().is_none() => "field-request-number".to_owned(),
            kind => format!("kind-{}", kind.noun()),
        }
    }

    /// The number without the user: it distinguishes the coupons of one user.
    pub fn own_number(&self) -> &str {
        self.coupon().map_or(self.number.as_str(), |(coupon_id, _)| coupon_id)
    }

    /// The two parts of a coupon's number.
    pub fn coupon(&self) -> Option<(&str, &str)> {
        self.number.as_str().split_once('@').filter(|_| self.kind == Kind::Coupon)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.noun(), self.number)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            pub fn new(text: &str) -> Self {
                Self(text.trim().to_owned())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

text_id! {
    /// A merchant number (商户号).
    MchId
    /// An appid (公众账号ID, 小程序ID).
    AppId
    /// A PayScore service id (服务ID).
    ServiceId
    /// A user under an appid.
    OpenId
    /// A certificate serial or `PUB_KEY_ID_…`: opaque text, never a number.
    Serial
}

impl MchId {
    /// The last four characters, which a person types to confirm a bulk action.
    pub(crate) fn tail(&self) -> &str {
        let from = self.0.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        &self.0[from..]
    }
}
