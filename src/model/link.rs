//! Which objects a document names: the chain from plan to cash (PayScore reference §3, §4).

use super::{Kind, Number, ObjectId};

/// An object that a document names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// By the number it is queried by.
    Own(ObjectId),
    /// By WeChat Pay's own number.
    Platform(Kind, Number),
}

impl Link {
    /// An object by the number it is queried by, unless that is malformed.
    pub(super) fn own(kind: Kind, number: Option<&str>) -> Option<Self> {
        Some(Self::Own(ObjectId::new(kind, Number::parse(number?).ok()?)))
    }

    /// An object by WeChat Pay's own number, unless that is malformed.
    pub(super) fn platform(kind: Kind, number: Option<&str>) -> Option<Self> {
        Some(Self::Platform(kind, Number::parse(number?).ok()?))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Own(id) => id.kind,
            Self::Platform(kind, _) => *kind,
        }
    }

    /// True if the object can be queried by WeChat Pay's number, so that a named object is found although its own
    /// number is unknown (transactions reference §1; plans cannot, PayScore reference §10).
    pub(crate) fn is_followed_by_query(&self) -> bool {
        matches!(self, Self::Platform(Kind::Transaction, _))
    }

    pub fn number(&self) -> &Number {
        match self {
            Self::Own(id) => &id.number,
            Self::Platform(_, number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Object;

    #[test]
    fn a_sign_plan_names_its_plan_and_the_orders_that_exist() {
        let raw = r#"{"merchant_sign_plan_no":"S-1","plan_id":"123","signed_detail_list":[
            {"plan_detail_state":"USED","merchant_plan_detail_no":"D-1"},
            {"plan_detail_state":"USING","merchant_plan_detail_no":"D-2"},
            {"plan_detail_state":"NOT_USED","merchant_plan_detail_no":"D-3"},
            {"plan_detail_state":"USED","merchant_plan_detail_no":"no number\u0007"}]}"#;
        let links = Object::parse(Kind::SignPlan, raw).unwrap().entity.links();
        let named: Vec<String> = links.iter().map(|link| format!("{:?} {}", link.kind(), link.number())).collect();
        assert_eq!(named, ["Plan 123", "ServiceOrder D-1", "ServiceOrder D-2"]);
    }

    #[test]
    fn an_order_names_what_paid_for_it() {
        let raw = r#"{"out_order_no":"O-1","state":"DONE","collection":{"state":"USER_PAID","details":[
            {"transaction_id":"4200000000000000000000000001"},{"seq":2}]}}"#;
        let links = Object::parse(Kind::ServiceOrder, raw).unwrap().entity.links();
        let number = Number::parse("4200000000000000000000000001").unwrap();
        assert_eq!(links, [Link::Platform(Kind::Transaction, number)]);
    }
}
