//! Service orders (支付分服务订单; PayScore reference §4).

use super::query::{Asking, order_owner};
use super::state::states;
use super::{
    Currency, DatedEvent, DatedFact, Document, EndpointId, Fact, Kind, Link, MissingSetting, Money, Progress,
    Properties, State, Tone,
};
use crate::model::time::Timestamp;

states! {
    /// `state`.
    OrderState {
        Created = "CREATED",
        Doing = "DOING",
        Done = "DONE",
        Revoked = "REVOKED",
        Expired = "EXPIRED",
    }
}

states! {
    /// `state_description`, present while DOING.
    OrderStep {
        UserConfirm = "USER_CONFIRM",
        MerchantComplete = "MCH_COMPLETE",
    }
}

states! {
    /// `collection.state`.
    CollectionState {
        UserPaying = "USER_PAYING",
        UserPaid = "USER_PAID",
    }
}

/// A line of `post_payments` or `post_discounts`. The amount is the line's total; `count` does not multiply it.
#[derive(Clone, Debug, PartialEq)]
pub struct LineItem {
    pub name: Option<String>,
    pub amount: Option<Money>,
    pub description: Option<String>,
    pub count: Option<i64>,
}

/// The collection of an order's money.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    pub state: CollectionState,
    pub total: Option<Money>,
    /// Still outstanding.
    pub paying: Option<Money>,
    /// Received.
    pub paid: Option<Money>,
    /// Payment numbers, needed for refunds.
    pub transaction_ids: Vec<String>,
    pub parts: Vec<CollectionPart>,
}

/// One payment of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectionPart {
    pub amount: Option<Money>,
    pub paid_at: Option<Timestamp>,
    pub transaction_id: Option<String>,
    /// `NEWTON` through WeChat Pay, `MCH` otherwise.
    pub by: Option<String>,
}

/// A service order.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceOrder {
    pub order_id: Option<String>,
    pub openid: Option<String>,
    pub appid: Option<String>,
    pub service_id: Option<String>,
    pub introduction: Option<String>,
    pub state: OrderState,
    pub step: Option<OrderStep>,
    pub collection: Option<Collection>,
    pub need_collection: Option<bool>,
    pub payments: Vec<LineItem>,
    pub discounts: Vec<LineItem>,
    pub total: Option<Money>,
    pub risk_fund: Option<Money>,
    /// As sent: compact time, compact day or `OnAccept`.
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub attach: Option<String>,
}

impl Properties for ServiceOrder {
    fn read(doc: Document<'_>) -> Self {
        let lines = |name: &str| {
            let line = |item: Document<'_>| LineItem {
                name: item.text("name"),
                amount: item.fen("amount"),
                description: item.text("description"),
                count: item.int("count"),
            };
            doc.list(name).into_iter().map(line).collect()
        };
        let collection = doc.object("collection");
        Self {
            order_id: doc.text("order_id"),
            openid: doc.text("openid"),
            appid: doc.text("appid"),
            service_id: doc.text("service_id"),
            introduction: doc.text("service_introduction"),
            state: OrderState::parse(&doc.text("state").unwrap_or_default()),
            step: doc.text("state_description").map(|code| OrderStep::parse(&code)),
            collection: collection.text("state").map(|code| Collection {
                state: CollectionState::parse(&code),
                total: collection.fen("total_amount"),
                paying: collection.fen("paying_amount"),
                paid: collection.fen("paid_amount"),
                transaction_ids: collection.list("details").iter().filter_map(|d| d.text("transaction_id")).collect(),
                parts: collection
                    .list("details")
                    .into_iter()
                    .map(|part| CollectionPart {
                        amount: part.fen("amount"),
                        paid_at: part.time("paid_time"),
                        transaction_id: part.text("transaction_id"),
                        by: part.text("paid_type"),
                    })
                    .collect(),
            }),
            need_collection: doc.flag("need_collection"),
            payments: lines("post_payments"),
            discounts: lines("post_discounts"),
            total: doc.fen("total_amount"),
            risk_fund: doc.object("risk_fund").fen("amount"),
            start_time: doc.object("time_range").text("start_time"),
            end_time: doc.object("time_range").text("end_time"),
            attach: doc.text("attach"),
        }
    }

    /// The triple (state, state_description, collection.state), which alone determines what an order permits.
    fn state(&self) -> State {
        let collecting = self.collection.as_ref().map(|c| &c.state);
        let mut code = self.state.code().to_owned();
        for part in
            [self.step.as_ref().map(OrderStep::code), collecting.map(CollectionState::code)].into_iter().flatten()
        {
            code.push('/');
            code.push_str(part);
        }
        Self::state_of(&code)
    }

    fn state_codes() -> &'static [&'static str] {
        &[
            "CREATED",
            "DOING/USER_CONFIRM",
            "DOING/MCH_COMPLETE/USER_PAYING",
            "DONE/MCH_COMPLETE/USER_PAID",
            "DONE",
            "REVOKED",
            "EXPIRED",
        ]
    }

    fn state_of(code: &str) -> State {
        let mut parts = code.split('/');
        let state = OrderState::parse(parts.next().unwrap_or_default());
        let (mut step, mut collecting) = (None, None);
        for part in parts {
            // An unknown value takes the place that is still empty.
            match (OrderStep::parse(part), CollectionState::parse(part)) {
                (OrderStep::Unknown(_), CollectionState::Unknown(_)) if step.is_none() => {
                    step = Some(OrderStep::parse(part));
                }
                (OrderStep::Unknown(_), collection) => collecting = Some(collection),
                (known, _) => step = Some(known),
            }
        }
        match (state, step, collecting) {
            (OrderState::Created, ..) => State::known(code, "state-order-created", Tone::Waiting, false)
                .waits("wants-order-created", &["state-order-running", "state-order-expired", "state-order-revoked"]),
            (OrderState::Doing, Some(OrderStep::UserConfirm), _) => {
                State::known(code, "state-order-running", Tone::Running, false)
                    .waits("wants-order-running", &["state-order-collecting", "state-order-revoked"])
            }
            (OrderState::Doing, Some(OrderStep::MerchantComplete), _) => {
                State::known(code, "state-order-collecting", Tone::Busy, false)
                    .waits("wants-order-collecting", &["state-order-paid"])
            }
            (OrderState::Doing, None, Some(CollectionState::UserPaying)) => {
                State::known(code, "state-order-collecting", Tone::Busy, false)
                    .waits("wants-order-collecting", &["state-order-paid"])
            }
            (OrderState::Doing, None, None) => State::known(code, "state-order-running", Tone::Running, false)
                .waits("wants-order-running", &["state-order-collecting", "state-order-revoked"]),
            (OrderState::Done, _, Some(CollectionState::UserPaid)) => {
                State::known(code, "state-order-paid", Tone::Done, true)
            }
            (OrderState::Done, ..) => State::known(code, "state-order-done", Tone::Done, true),
            (OrderState::Revoked, ..) => State::known(code, "state-order-revoked", Tone::Stopped, true),
            (OrderState::Expired, ..) => State::known(code, "state-order-expired", Tone::Failed, true),
            _ => State::unknown(code),
        }
    }

    /// A code has up to three parts.
    fn knows_state(name: &str) -> bool {
        name.split('/').all(|part| {
            !matches!(OrderState::parse(part), OrderState::Unknown(_))
                || !matches!(OrderStep::parse(part), OrderStep::Unknown(_))
                || !matches!(CollectionState::parse(part), CollectionState::Unknown(_))
        })
    }

    /// Fen received, and how many are to be collected.
    fn progress(&self) -> Option<Progress> {
        let collection = self.collection.as_ref()?;
        let fen = |m: Option<Money>| m.and_then(|m| u64::try_from(m.minor).ok());
        Some(Progress { done: fen(collection.paid)?, total: fen(collection.total)? })
    }

    fn since(&self) -> Option<Timestamp> {
        let paid = self.collection.as_ref().filter(|_| self.state == OrderState::Done)?;
        paid.parts.iter().filter_map(|part| part.paid_at).max()
    }

    fn title(&self) -> Option<&str> {
        self.introduction.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        crate::model::time::parse_any(self.start_time.as_deref()?)
    }

    fn user(&self) -> Option<&str> {
        self.openid.as_deref()
    }

    fn platform_number(&self) -> Option<&str> {
        self.order_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        Self::amount(self)
    }

    fn dated(&self) -> Vec<DatedEvent> {
        let parts = self.collection.iter().flat_map(|collection| &collection.parts);
        parts
            .filter_map(|part| {
                let (amount, transaction_id, by) = (part.amount, part.transaction_id.clone(), part.by.clone());
                Some(DatedEvent { at: part.paid_at?, what: DatedFact::Collected { amount, transaction_id, by } })
            })
            .collect()
    }

    fn links(&self) -> Vec<Link> {
        let ids = self.collection.iter().flat_map(|collection| &collection.transaction_ids);
        ids.filter_map(|id| Link::platform(Kind::Transaction, Some(id))).collect()
    }

    fn agrees(&self, fact: Fact) -> bool {
        match (fact, &self.state) {
            (_, OrderState::Unknown(_)) => true,
            (Fact::Confirmed, state) => *state != OrderState::Created,
            (Fact::Collected, OrderState::Done) => {
                let state = self.collection.as_ref().map(|collection| &collection.state);
                matches!(state, Some(CollectionState::UserPaid | CollectionState::Unknown(_)))
            }
            _ => false,
        }
    }

    /// Its own time is the start of the service, which is not the time of the payment.
    fn due(&self) -> Option<(Fact, Option<Timestamp>)> {
        self.agrees(Fact::Collected).then(|| (Fact::Collected, self.since()))
    }

    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
        let (appid, service_id) = order_owner(asking.merchant, asking.known)?;
        let number = asking.id.number.as_str();
        Ok(asking.by_number(&[("service_id", service_id), ("out_order_no", number), ("appid", appid)]))
    }

    fn reported(_fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        (resource.fen("total_amount"), None)
    }
}

impl ServiceOrder {
    /// Σ payments − Σ discounts, if every line has an amount and the result is one.
    pub(crate) fn payable(&self) -> Option<Money> {
        let sum = |lines: &[LineItem]| {
            let amounts = lines.iter().map(|line| line.amount).collect::<Option<Vec<_>>>()?;
            Money::total(amounts, Currency::CNY)
        };
        if self.payments.is_empty() {
            return None;
        }
        Some(Money::cny(sum(&self.payments)?.minor.checked_sub(sum(&self.discounts)?.minor)?))
    }

    /// The best known amount: the total once completed, before that the sum of the lines.
    pub(super) fn amount(&self) -> Option<Money> {
        self.total.or_else(|| self.payable())
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Entity, Kind, Object};

    #[test]
    fn lines_whose_sum_is_out_of_range_have_no_amount() {
        let document = include_str!("../../tests/cases/limits/min-order-sum.json");
        let order = Object::parse(Kind::ServiceOrder, document).unwrap();
        assert_eq!(order.entity.amount(), None);
        let Entity::ServiceOrder(order) = &*order.entity else { panic!() };
        assert_eq!((order.payable(), order.payments.len()), (None, 2));
    }
}
