//! Orders: placed, queried by either number, closed, paid (Global reference §1, §3, §4).

use rand::RngExt;
use serde_json::{Value, json};

use super::market::{in_yuan, rate};
use super::{Due, Global, Party};
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::model::{Kind, Money};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::drop_nulls;
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;
use crate::sandbox::world::trade_type::TradeType;
use crate::sandbox::world::transaction::TradeState;
use crate::sandbox::world::{Call, Reason, UserError};

/// When an unpaid order is closed, unless it says so itself.
pub(super) const UNPAID_LIFE: Duration = Duration::hours(2);
/// An order can be closed this long after it was placed.
pub(super) const BEFORE_CLOSING: Duration = Duration::minutes(5);
/// The time to enter a password at a till.
const TILL_LIFE: Duration = Duration::seconds(45);
const BANKS: [&str; 5] = ["OTHERS", "CMC", "CCB_DEBIT", "ICBC_CREDIT", "CMC"];

/// How an order was paid.
#[derive(Debug)]
pub(super) struct GlobalPayment {
    pub(super) payer: Value,
    pub(super) bank: &'static str,
    pub(super) at: Timestamp,
    /// What the user paid, in their own currency.
    pub(super) total: Money,
    /// The rate from the order's currency to the user's, ×10⁸.
    pub(super) rate: i64,
    pub(super) promotions: Vec<Value>,
}

#[derive(Debug)]
pub(super) struct GlobalOrder {
    pub(super) number: String,
    /// Assigned when it is placed, because it can be closed by it. (The reference does not say when.)
    pub(super) transaction_id: String,
    pub(super) kind: TradeType,
    pub(super) state: TradeState,
    pub(super) description: String,
    pub(super) attach: Option<String>,
    pub(super) notify_url: String,
    pub(super) total: Money,
    /// The payer given at its creation.
    pub(super) payer: Option<Value>,
    pub(super) payment: Option<GlobalPayment>,
    pub(super) placed: Timestamp,
    pub(super) request: Value,
}

/// A rate as documents write it.
pub(super) fn exchange_rate(rate: i64) -> Value {
    json!({ "type": "SETTLEMENT_RATE", "rate": rate })
}

impl GlobalOrder {
    pub(super) fn document(&self, party: Party) -> Value {
        let (state, words) = self.state.words();
        let paid = self.payment.as_ref();
        let mut amount = json!({ "total": self.total.minor, "currency": self.total.currency.code() });
        if let Some(paid) = paid {
            amount["payer_total"] = paid.total.minor.into();
            amount["payer_currency"] = paid.total.currency.code().into();
            amount["exchange_rate"] = exchange_rate(paid.rate);
        }
        let mut document = party.ids(true);
        let rest = json!({
            "id": self.transaction_id,
            "out_trade_no": self.number,
            "attach": self.attach,
            "trade_type": self.kind.word(),
            "trade_state": state,
            "trade_state_desc": words,
            "bank_type": paid.map(|paid| paid.bank),
            "success_time": paid.map(|paid| rfc3339(paid.at)),
            "payer": paid.map(|paid| &paid.payer),
            "amount": amount,
            "promotion_detail": paid.map(|paid| &paid.promotions).filter(|promotions| !promotions.is_empty()),
        });
        if let Value::Object(rest) = rest {
            document.extend(rest);
        }
        let mut document = Value::Object(document);
        drop_nulls(&mut document);
        document
    }
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::OrderNotExist, "订单不存在", "there is no such order")
}

pub(super) fn not_now(chinese: &'static str, english: &'static str) -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, chinese, english)
}

impl Global {
    pub(super) fn add_order(&mut self, party: Party, mut order: GlobalOrder) {
        order.transaction_id = self.rng.digits("42000", 28);
        let books = self.books_mut(party);
        books.transaction_ids.insert(order.transaction_id.clone(), order.number.clone());
        books.new_numbers.push((Kind::Transaction, order.number.clone()));
        books.orders.add(order.number.clone(), order);
    }

    /// The order that a path names, by either of its numbers.
    fn named(&self, party: Party, call: &Call) -> Option<&GlobalOrder> {
        let books = self.books(party);
        let number = match call.parameter("id") {
            "" => call.parameter("out_trade_no"),
            id => books.transaction_ids.get(id)?,
        };
        books.orders.get(number)
    }

    pub(in crate::sandbox::world) fn query(&self, party: Party, call: &Call) -> SandboxOutcome {
        party.check_query(&call.query(), false)?;
        let order = self.named(party, call).ok_or_else(unknown)?;
        Ok(Answer::Document(order.document(party)))
    }

    pub(in crate::sandbox::world) fn close(&mut self, party: Party, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        fields.only(&["sp_mchid", "sub_mchid", "mchid"])?;
        party.check(&fields, false)?;
        let order = self.named(party, call).ok_or_else(unknown)?;
        match order.state {
            _ if order.kind == TradeType::Micropay => {
                return Err(not_now(
                    "该订单不支持关单，请使用撤销接口",
                    "a payment at the till is reversed, not closed",
                )
                .tail(268_449_641));
            }
            TradeState::NotPay if now - order.placed < BEFORE_CLOSING => {
                return Err(not_now(
                    "订单生成后5分钟内不能关闭",
                    "an order can be closed five minutes after it was placed",
                ));
            }
            TradeState::NotPay => {}
            TradeState::Closed => {
                return Err(SandboxRefusal::new(Code::GlobalOrderClosed, "该订单已关闭", "the order is closed"));
            }
            _ => return Err(SandboxRefusal::new(Code::GlobalOrderPaid, "该订单已支付", "the order is paid")),
        }
        let number = order.number.clone();
        if let Some(order) = self.books_mut(party).orders.get_mut(&number) {
            order.state = TradeState::Closed;
        }
        Ok(Answer::Nothing)
    }

    /// The user pays: in yuan, or in Hong Kong dollars from a wallet there.
    pub(in crate::sandbox) fn pay(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let party = self.party_of(number, |books| &books.orders)?;
        let unknown = || UserError::Unknown(number.to_owned());
        let order = self.books(party).orders.get(number).ok_or_else(unknown)?;
        if !matches!(order.state, TradeState::NotPay | TradeState::UserPaying) {
            return Err(UserError::NotNow(Reason::NotWaitingForPayment));
        }
        let (total, payer) = (order.total, order.payer.clone());
        let payment = self.payment(party, total, payer, now);
        let books = self.books_mut(party);
        let order = books.orders.get_mut(number).ok_or_else(unknown)?;
        (order.state, order.payment) = (TradeState::Success, Some(payment));
        let notice = Notice {
            url: order.notify_url.clone(),
            at: now,
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "支付成功",
            resource: order.document(party),
        };
        self.notices.push(notice);
        Ok(())
    }

    fn payment(&mut self, party: Party, total: Money, payer: Option<Value>, now: Timestamp) -> GlobalPayment {
        let name = if party == Party::Direct { "openid" } else { "sp_openid" };
        let payer = payer.unwrap_or_else(|| json!({ name: format!("o{}", self.rng.token(27)) }));
        let bank = BANKS[self.rng.random_range(0..BANKS.len())];
        let promotions = match self.rng.random_bool(0.15) && total.minor >= 1000 {
            true => vec![self.promotion(total)],
            false => Vec::new(),
        };
        let off: i64 = promotions.iter().filter_map(|promotion| promotion["amount"].as_i64()).sum();
        let net = Money { minor: total.minor - off, ..total };
        // A Hong Kong wallet is charged in the order's currency.
        let wallet = total.currency.code() == "HKD" && self.rng.random_bool(0.25);
        let rate = if wallet { 100_000_000 } else { rate(total.currency, now) };
        let paid = if wallet { net } else { in_yuan(net, rate) };
        GlobalPayment { payer, bank, at: now, total: paid, rate, promotions }
    }

    /// A tenth off, shared by WeChat Pay and the merchant.
    fn promotion(&mut self, total: Money) -> Value {
        let off = total.minor / 10;
        let ours = off / 2;
        json!({
            "promotion_id": self.rng.digits("10", 8), "name": "Autumn tour · 九折", "scope": "GLOBAL", "type": "DISCOUNT",
            "amount": off, "currency": total.currency.code(), "activity_id": self.rng.digits("93", 6),
            "wechatpay_contribute_amount": off - ours, "merchant_contribute_amount": ours,
            "other_contribute_amount": 0,
        })
    }

    /// Closes an order that was not paid in time.
    pub(super) fn expire(&mut self, party: Party, number: &str) {
        if let Some(order) = self.books_mut(party).orders.get_mut(number)
            && order.state == TradeState::NotPay
        {
            order.state = TradeState::Closed;
        }
    }

    /// Adds a payment at a till, which these endpoints do not place: it waits for the user's password.
    pub(super) fn place_at_till(&mut self, party: Party, number: String, total: Money, now: Timestamp) {
        self.schedule(now + TILL_LIFE, party, Due::Till(number.clone()));
        let order = GlobalOrder {
            number,
            transaction_id: String::new(),
            kind: TradeType::Micropay,
            state: TradeState::UserPaying,
            description: "Till".to_owned(),
            attach: None,
            notify_url: String::new(),
            total,
            payer: None,
            payment: None,
            placed: now,
            request: Value::Null,
        };
        self.add_order(party, order);
    }

    pub(super) fn reverse_at_till(&mut self, party: Party, number: &str) {
        if let Some(order) = self.books_mut(party).orders.get_mut(number)
            && order.state == TradeState::UserPaying
        {
            order.state = TradeState::Revoked;
        }
    }
}
