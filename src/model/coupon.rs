//! Coupons that were sent to users (代金券; coupons reference §3.8).

use super::query::Asking;
use super::state::states;
use super::subject::Subject;
use super::{
    DatedEvent, DatedFact, Document, EndpointId, Fact, Kind, Link, MissingSetting, Money, Number, ObjectId, Properties,
    State, Tone,
};
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
    /// The user. No document has it: it is in the path by which a coupon is queried.
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
    /// The number it was sent under, if the platform returns it.
    pub out_request_no: Option<String>,
}

impl Properties for Coupon {
    fn read(doc: Document<'_>) -> Self {
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

    fn state(&self) -> State {
        Self::state_of(self.status.code())
    }

    fn state_codes() -> &'static [&'static str] {
        CouponStatus::CODES
    }

    /// The meaning of a code of [`Coupon::state`]. A used coupon may be returned by a refund.
    fn state_of(code: &str) -> State {
        match CouponStatus::parse(code) {
            CouponStatus::Sent => State::known(code, "state-coupon-sent", Tone::Running, false)
                .waits("wants-coupon-sent", &["state-coupon-used", "state-coupon-expired"]),
            CouponStatus::Used => State::known(code, "state-coupon-used", Tone::Done, false)
                .waits("wants-coupon-used", &["state-coupon-sent"]),
            CouponStatus::Expired => State::known(code, "state-coupon-expired", Tone::Stopped, true),
            CouponStatus::Recalled => State::known(code, "state-coupon-recalled", Tone::Stopped, true),
            CouponStatus::Unknown(_) => State::unknown(code),
        }
    }

    /// A coupon does not name its user; the path by which it was queried did (coupons reference §3.8).
    fn takes_number(&mut self, own: &ObjectId, asked: &ObjectId) -> bool {
        let user = asked.coupon().filter(|(number, _)| *number == own.number.as_str()).map(|(_, openid)| openid);
        self.openid = user.map(str::to_owned).or(self.openid.take());
        user.is_some()
    }

    fn since(&self) -> Option<Timestamp> {
        match self.status {
            CouponStatus::Sent => self.create_time,
            CouponStatus::Used => self.consume_time,
            CouponStatus::Expired | CouponStatus::Recalled | CouponStatus::Unknown(_) => None,
        }
    }

    fn title(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.consume_time.or(self.create_time)
    }

    fn user(&self) -> Option<&str> {
        self.openid.as_deref()
    }

    fn platform_number(&self) -> Option<&str> {
        self.coupon_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        self.coupon_amount
    }

    fn second(&self) -> Option<Money> {
        self.transaction_minimum
    }

    fn ends(&self) -> Option<Timestamp> {
        self.end_time
    }

    fn label(&self) -> Option<&str> {
        self.stock_id.as_deref()
    }

    fn dated(&self) -> Vec<DatedEvent> {
        DatedEvent::all([(self.create_time, DatedFact::CouponSent), (self.consume_time, DatedFact::CouponUsed)])
    }

    fn links(&self) -> Vec<Link> {
        let stock = Link::own(Kind::Stock, self.stock_id.as_deref());
        let paid = Link::platform(Kind::Transaction, self.transaction_id.as_deref());
        stock.into_iter().chain(paid).collect()
    }

    fn agrees(&self, fact: Fact) -> bool {
        match &self.status {
            CouponStatus::Unknown(_) => true,
            status => fact == Fact::CouponUsed && *status == CouponStatus::Used,
        }
    }

    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
        let (coupon_id, openid) = asking.id.coupon().unwrap_or((asking.id.number.as_str(), ""));
        let (endpoint, appid) = (EndpointId::CouponQuery, asking.merchant.appid()?);
        let parameters = [("openid", openid), ("coupon_id", coupon_id)];
        Ok((endpoint, endpoint.endpoint().target(&parameters, &[("appid", appid)])))
    }

    /// A notification does not name the user of the coupon.
    fn subject(resource: Document<'_>, kind: Kind) -> Subject {
        let number = resource.text(kind.number_field()).and_then(|number| Number::parse(&number).ok());
        number.map_or(Subject::Unknown, Subject::Coupon)
    }

    fn reported(_fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        (None, resource.object("consume_information").time("consume_time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entity, Kind, Object};

    fn coupon(raw: &str) -> Coupon {
        match &*Object::parse(Kind::Coupon, raw).unwrap().entity {
            Entity::Coupon(coupon) => coupon.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_in_another_type_is_read_all_the_same() {
        let read = coupon(
            r#"{"coupon_id":5500918273,"status":"USED","no_cash":"ture","singleitem":null,
            "normal_coupon_information":{"coupon_amount":"500","transaction_minimum":3000},
            "available_begin_time":"2026-12-01T00:00:00.120+08:00","available_end_time":"2026-12-31T15:59:59Z",
            "consume_information":{"consume_time":"2026-12-03T12:30:05+08:00","transaction_id":42}}"#,
        );
        assert_eq!(read.coupon_id.as_deref(), Some("5500918273"));
        assert_eq!((read.no_cash, read.singleitem), (Some(true), None));
        assert_eq!((read.coupon_amount, read.transaction_minimum), (Some(Money::cny(500)), Some(Money::cny(3000))));
        assert!(read.begin_time < read.consume_time && read.consume_time < read.end_time);
        assert_eq!(read.transaction_id.as_deref(), Some("42"));
    }

    #[test]
    fn a_member_that_makes_no_sense_is_missing_and_a_new_status_is_shown_as_it_came() {
        let read = coupon(
            r#"{"coupon_id":"1","status":"FROZEN","no_cash":"perhaps","normal_coupon_information":"none",
            "consume_information":[],"create_time":"yesterday"}"#,
        );
        assert_eq!((read.no_cash, read.coupon_amount, read.create_time), (None, None, None));
        let state = read.state();
        assert_eq!((state.code.as_str(), state.meaning, state.is_final), ("FROZEN", None, false));
        assert_eq!(coupon(r#"{"coupon_id":"1","status":"RECOVER"}"#).state().meaning, Some("state-coupon-recalled"));
    }
}
