//! An object: the verified document as it came, and what Paydeck read from it.

use std::sync::Arc;

use serde_json::Value;

use super::time::Timestamp;
use super::{
    Coupon, Document, DocumentError, Kind, Money, Number, ObjectId, Permission, Plan, Refund, ServiceOrder, SignPlan,
    State, Stock, Transaction,
};

/// What was read from a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Entity {
    Plan(Plan),
    SignPlan(SignPlan),
    ServiceOrder(ServiceOrder),
    Transaction(Transaction),
    Stock(Stock),
    Refund(Refund),
    Permission(Permission),
    Coupon(Coupon),
}

/// So much done, of so much. Units depend on the kind: details, fen, coupons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

impl Progress {
    /// 0–100. Nothing to do is nothing done.
    pub fn percent(&self) -> u16 {
        let share = u128::from(self.done) * 100 / u128::from(self.total.max(1));
        u16::try_from(share.min(100)).unwrap_or(100)
    }
}

/// An object as WeChat Pay returned it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: ObjectId,
    pub entity: Arc<Entity>,
    /// The exact text received and verified.
    pub raw: Arc<str>,
}

impl Object {
    /// Reads a document of a kind. Unknown members stay in `raw`.
    pub fn parse(kind: Kind, raw: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(raw)?;
        Self::from_value(kind, &value, raw.into())
    }

    /// The same for a document found inside another (a row of a list).
    pub fn from_value(kind: Kind, value: &Value, raw: Arc<str>) -> Result<Self, DocumentError> {
        let doc = Document::new(value);
        let field = kind.number_field();
        // A permission that was asked for by its user may have no number of its own (PayScore reference §5).
        let user = || doc.text("openid").filter(|_| kind == Kind::Permission);
        let number = doc.text(field).or_else(user).ok_or(DocumentError::Missing(field))?;
        let number = Number::parse(&number).map_err(|source| DocumentError::Number { field, source })?;
        let entity = match kind {
            Kind::Plan => Entity::Plan(Plan::read(doc)),
            Kind::SignPlan => Entity::SignPlan(SignPlan::read(doc)),
            Kind::ServiceOrder => Entity::ServiceOrder(ServiceOrder::read(doc)),
            Kind::Transaction => Entity::Transaction(Transaction::read(doc)),
            Kind::Stock => Entity::Stock(Stock::read(doc)),
            Kind::Refund => Entity::Refund(Refund::read(doc)),
            Kind::Permission => Entity::Permission(Permission::read(doc)),
            Kind::Coupon => Entity::Coupon(Coupon::read(doc)),
        };
        Ok(Self { id: ObjectId::new(kind, number), entity: Arc::new(entity), raw })
    }

    /// Reads a document as the object it was asked for, under the number it was asked for by. A document about another
    /// object keeps the number it names itself.
    pub fn parse_as(id: &ObjectId, raw: &str) -> Result<Self, DocumentError> {
        let mut object = Self::parse(id.kind, raw)?;
        match Arc::make_mut(&mut object.entity) {
            // A coupon does not say whose it is; the path by which it was asked for did (coupons reference §3.8).
            Entity::Coupon(coupon) => {
                if let Some((_, openid)) = id.coupon().filter(|(number, _)| *number == object.id.number.as_str()) {
                    coupon.openid = Some(openid.to_owned());
                    object.id = id.clone();
                }
            }
            Entity::Permission(permission) if permission.openid.as_deref() == Some(id.number.as_str()) => {
                object.id = id.clone();
            }
            _ => {}
        }
        Ok(object)
    }
}

impl Entity {
    pub fn state(&self) -> State {
        match self {
            Self::Plan(plan) => plan.state(),
            Self::SignPlan(sign_plan) => sign_plan.state(),
            Self::ServiceOrder(order) => order.state(),
            Self::Transaction(transaction) => transaction.state(),
            Self::Stock(stock) => stock.state(),
            Self::Refund(refund) => refund.state(),
            Self::Permission(permission) => permission.state(),
            Self::Coupon(coupon) => coupon.state(),
        }
    }

    /// Its name, or what it is for. Text from outside.
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Plan(plan) => plan.name.as_deref(),
            Self::SignPlan(sign_plan) => sign_plan.plan_name.as_deref(),
            Self::ServiceOrder(order) => order.introduction.as_deref(),
            Self::Transaction(transaction) => transaction.attach.as_deref(),
            Self::Stock(stock) => stock.name.as_deref(),
            Self::Refund(refund) => refund.title(),
            Self::Permission(permission) => permission.service_id.as_deref(),
            Self::Coupon(coupon) => coupon.name.as_deref(),
        }
    }

    /// The user's openid. Text from outside.
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::SignPlan(sign_plan) => sign_plan.openid.as_deref(),
            Self::ServiceOrder(order) => order.openid.as_deref(),
            Self::Transaction(transaction) => transaction.openid.as_deref(),
            Self::Permission(permission) => permission.openid.as_deref(),
            Self::Coupon(coupon) => coupon.openid.as_deref(),
            Self::Plan(_) | Self::Stock(_) | Self::Refund(_) => None,
        }
    }

    /// WeChat Pay's own number.
    pub fn platform_number(&self) -> Option<&str> {
        match self {
            Self::Plan(plan) => plan.plan_id.as_deref(),
            Self::SignPlan(sign_plan) => sign_plan.sign_plan_id.as_deref(),
            Self::ServiceOrder(order) => order.order_id.as_deref(),
            Self::Transaction(transaction) => transaction.transaction_id.as_deref(),
            Self::Refund(refund) => refund.refund_id.as_deref(),
            Self::Coupon(coupon) => coupon.coupon_id.as_deref(),
            Self::Stock(_) | Self::Permission(_) => None,
        }
    }

    /// What it is worth: a plan's price, an order's total, a stock's budget, what is refunded.
    pub fn amount(&self) -> Option<Money> {
        match self {
            Self::Plan(plan) => plan.total_actual_price,
            Self::SignPlan(sign_plan) => sign_plan.total_actual_price,
            Self::ServiceOrder(order) => order.amount(),
            Self::Transaction(transaction) => transaction.total,
            Self::Stock(stock) => stock.max_amount,
            Self::Refund(refund) => refund.refund,
            Self::Coupon(coupon) => coupon.coupon_amount,
            Self::Permission(_) => None,
        }
    }

    pub fn progress(&self) -> Option<Progress> {
        match self {
            Self::SignPlan(sign_plan) => sign_plan.progress(),
            Self::ServiceOrder(order) => order.progress(),
            Self::Stock(stock) => stock.progress(),
            Self::Plan(_) | Self::Transaction(_) | Self::Refund(_) | Self::Permission(_) | Self::Coupon(_) => None,
        }
    }

    /// The time an operator sorts by: when it was stopped, signed, begun, paid, created, refunded.
    pub fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Plan(plan) => plan.stop_time,
            Self::SignPlan(sign_plan) => sign_plan.cancel_time.or(sign_plan.sign_time),
            Self::ServiceOrder(order) => order.started(),
            Self::Transaction(transaction) => transaction.success_time,
            Self::Stock(stock) => stock.create_time,
            Self::Refund(refund) => refund.success_time.or(refund.create_time),
            Self::Permission(permission) => permission.cancel_time.max(permission.success_time),
            Self::Coupon(coupon) => coupon.consume_time.or(coupon.create_time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_of_an_unexpected_type_breaks_that_field_only() {
        let raw = r#"{"merchant_plan_no":"P-1","plan_name":["x"],"plan_state":"NEW_STATE","total_actual_price":"26400",
            "plan_detail_list":{"plan_detail_no":1},"extra":{"kept":true}}"#;
        let plan = Object::parse(Kind::Plan, raw).unwrap();
        assert_eq!(plan.entity.title(), None);
        assert_eq!(plan.entity.amount(), Some(Money::cny(26400)));
        let state = plan.entity.state();
        assert_eq!((state.code.as_str(), state.meaning, state.is_final), ("NEW_STATE", None, false));
        assert!(plan.raw.contains("kept"));
    }

    #[test]
    fn an_order_is_judged_by_its_triple() {
        let order = |state: &str, step: &str, collection: &str| {
            let raw = format!(
                r#"{{"out_order_no":"O-1","state":"{state}","state_description":"{step}","collection":{{"state":"{collection}"}}}}"#
            );
            Object::parse(Kind::ServiceOrder, &raw).unwrap().entity.state()
        };
        assert_eq!(order("DOING", "MCH_COMPLETE", "USER_PAYING").meaning, Some("state-order-collecting"));
        assert_eq!(order("DOING", "USER_CONFIRM", "").meaning, Some("state-order-running"));
        assert_eq!(order("DONE", "", "USER_PAID").meaning, Some("state-order-paid"));
        assert_eq!(order("DOING", "MCH_COMPLETE", "USER_PAYING").code, "DOING/MCH_COMPLETE/USER_PAYING");
        assert!(!order("CLOSED", "", "").is_final);
    }

    #[test]
    fn an_object_without_its_number_is_no_object() {
        assert!(matches!(Object::parse(Kind::Stock, "{}"), Err(DocumentError::Missing("stock_id"))));
        assert!(matches!(Object::parse(Kind::Stock, "<html>"), Err(DocumentError::Json(_))));
        let hostile = r#"{"stock_id":"1\u001b[2J"}"#;
        assert!(matches!(Object::parse(Kind::Stock, hostile), Err(DocumentError::Number { .. })));
    }

    proptest! {
        #[test]
        fn no_document_panics(text in "\\PC{0,60}", name in "[a-z_]{1,20}") {
            for kind in Kind::ALL {
                let value = serde_json::json!({kind.number_field(): "N-1", name.as_str(): text.as_str()});
                let object = Object::parse(kind, &value.to_string()).unwrap();
                let _ = (object.entity.state(), object.entity.progress(), object.entity.amount());
                let _ = Object::parse(kind, &text);
            }
        }
    }
}
