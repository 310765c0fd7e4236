//! The ways of payment.

/// The way of payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum TradeType {
    Jsapi,
    Native,
    App,
    H5,
    /// A barcode at the till.
    Micropay,
    /// An automatic deduction for a service order.
    Auth,
}

impl TradeType {
    pub(in crate::sandbox) const fn word(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::Native => "NATIVE",
            Self::App => "APP",
            Self::H5 => "MWEB",
            Self::Micropay => "MICROPAY",
            Self::Auth => "AUTH",
        }
    }
}
