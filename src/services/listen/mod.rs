//! Receives WeChat Pay's notifications: verified, opened, committed to the ledger, and only then acknowledged.

use crate::model::time::Timestamp;

/// How receiving goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// Where notifications are received: `http://127.0.0.1:8443/notify`. None while nobody here receives any.
    pub url: Option<String>,
    pub since: Option<Timestamp>,
    /// Genuine ones since then, those that came again included.
    pub received: u64,
    /// Requests that were refused since then.
    pub refused: u64,
    /// Why nothing is received although it should be, in words for a log; the console explains it.
    pub trouble: Option<String>,
}
