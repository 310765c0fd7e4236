//! Coupons that were sent to users (代金券; coupons reference §3.8).

use super::state::states;
use super::{Document, Money, State, Tone};
use crate::model::time::Timestamp;

states! {
    /// `status`.
    CouponStatus {
        Sent = "SENDED",
        Used = "USED",
        Expired = "EXPIRED",
        /// Named by one source only.
        Recalled = "RECOVER",
    }
}

/// One coupon of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupon {
    pub coupon_id: Option<String>,
    /// Whose it is. No document says so: it stands in the path by which a coupon is asked for.
    pub openid: Option<String>,
    pub stock_id: Option<String>,
    pub stock_creator_mchid: Option<String>,
    pub name: Option<String>,
    pub status: CouponStatus,
    pub description: Option<String>,
    pub coupon_type: Option<String>,
    pub no_cash: Option<bool>,
    pub singleitem: Option<bool>,
    pub coupon_amount: Option<Money>,
    pub transaction_minimum: Option<Money>,
    /// When the user received it.
    pub create_time: Option<Timestamp>,
    pub begin_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub consume_time: Option<Timestamp>,
    pub consume_mchid: Option<String>,
    /// The transaction it was used for.
    pub transaction_id: Option<String>,
    /// The number it was sent under, where the platform tells it.
    pub out_request_no: Option<String>,
}

impl Coupon {
    pub(super) fn read(doc: Document<'_>) -> Self {
        let worth = doc.object("normal_coupon_information");
        let consumed = doc.object("consume_information");
        Self {
            coupon_id: doc.text("coupon_id"),
            openid: None,
            stock_id: doc.text("stock_id"),
            stock_creator_mchid: doc.text("stock_creator_mchid"),
            name: doc.text("coupon_name"),
            status: CouponStatus::parse(&doc.text("status").unwrap_or_default()),
            description: doc.text("description"),
            coupon_type: doc.text("coupon_type"),
            no_cash: doc.flag("no_cash"),
            singleitem: doc.flag("singleitem"),
            coupon_amount: worth.fen("coupon_amount"),
            transaction_minimum: worth.fen("transaction_minimum"),
            create_time: doc.time("create_time"),
            begin_time: doc.time("available_begin_time"),
            end_time: doc.time("available_end_time"),
            consume_time: consumed.time("consume_time"),
            consume_mchid: consumed.text("consume_mchid"),
            transaction_id: consumed.text("transaction_id"),
            out_request_no: doc.text("out_request_no"),
        }
    }

    pub(super) fn state(&self) -> State {
        Self::state_of(self.status.code())
    }

    /// What a code of [`Coupon::state`] says. A used coupon may come back by a refund.
    pub(super) fn state_of(code: &str) -> State {
        match CouponStatus::parse(code) {
            CouponStatus::Sent => State::known(code, "state-coupon-sent", Tone::Running, false),
            CouponStatus::Used => State::known(code, "state-coupon-used", Tone::Done, false),
            CouponStatus::Expired => State::known(code, "state-coupon-expired", Tone::Stopped, true),
            CouponStatus::Recalled => State::known(code, "state-coupon-recalled", Tone::Stopped, true),
            CouponStatus::Unknown(_) => State::unknown(code),
        }
    }
}
