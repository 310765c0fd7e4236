//! Which objects a document names: the chain from plan to cash (PayScore reference §3, §4).

use super::{DetailState, Entity, Kind, Number, ObjectId};

/// An object that a document names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// By the number it is queried by.
    Own(ObjectId),
    /// By WeChat Pay's own number.
    Platform(Kind, Number),
}

impl Link {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Own(id) => id.kind,
            Self::Platform(kind, _) => *kind,
        }
    }

    /// True if the object can be asked about by WeChat Pay's number, so that what the document names can be found by
    /// it although its own number is not known (transactions reference §1; plans cannot, PayScore reference §10).
    pub fn is_followed_by_query(&self) -> bool {
        matches!(self, Self::Platform(Kind::Transaction, _))
    }

    pub fn number(&self) -> &Number {
        match self {
            Self::Own(id) => &id.number,
            Self::Platform(_, number) => number,
        }
    }
}

impl Entity {
    /// The objects this one names. What names it in turn is the ledger's to know. A number that is none is passed
    /// over.
    pub fn links(&self) -> Vec<Link> {
        let platform = |kind, text: &str| Some(Link::Platform(kind, Number::parse(text).ok()?));
        match self {
            Self::SignPlan(sign_plan) => {
                let plan = sign_plan.plan_id.as_deref().and_then(|id| platform(Kind::Plan, id));
                // A detail that has not begun has a number, but no order yet.
                let begun = sign_plan.details.iter().filter(|detail| detail.state != DetailState::NotUsed);
                let orders = begun.filter_map(|detail| {
                    let number = Number::parse(detail.order_number.as_deref()?).ok()?;
                    Some(Link::Own(ObjectId::new(Kind::ServiceOrder, number)))
                });
                plan.into_iter().chain(orders).collect()
            }
            Self::ServiceOrder(order) => {
                let ids = order.collection.iter().flat_map(|collection| &collection.transaction_ids);
                ids.filter_map(|id| platform(Kind::Transaction, id)).collect()
            }
            Self::Refund(refund) => {
                let own = refund.out_trade_no.as_deref().and_then(|number| Number::parse(number).ok());
                let own = own.map(|number| Link::Own(ObjectId::new(Kind::Transaction, number)));
                let by_id = || refund.transaction_id.as_deref().and_then(|id| platform(Kind::Transaction, id));
                own.or_else(by_id).into_iter().collect()
            }
            Self::Coupon(coupon) => {
                let stock = coupon.stock_id.as_deref().and_then(|id| Number::parse(id).ok());
                let stock = stock.map(|number| Link::Own(ObjectId::new(Kind::Stock, number)));
                let paid = coupon.transaction_id.as_deref().and_then(|id| platform(Kind::Transaction, id));
                stock.into_iter().chain(paid).collect()
            }
            Self::Plan(_) | Self::Transaction(_) | Self::Stock(_) | Self::Permission(_) => Vec::new(),
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
