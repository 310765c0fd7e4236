//! Transactions: place, query, close, and the payer's actions (transactions reference §2–4).

mod creation;
#[cfg(test)]
pub(super) mod tests;

use rand::RngExt;
use serde_json::{Value, json};

use super::stock::{Goods, Purchase};
use super::trade_type::TradeType;
use super::{Call, Reason, UserError, World};
use crate::model::Kind;
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::drop_nulls;
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;

/// WeChat Pay closes unpaid transactions after this long.
const UNPAID_LIFE: Duration = Duration::days(7);
/// The other merchant of a combined order.
const OTHER_MERCHANT: &str = "1900054321";
const BANKS: [&str; 6] = ["OTHERS", "CMB_DEBIT", "ICBC_CREDIT", "CCB_DEBIT", "ABC_DEBIT", "OTHERS"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TradeState {
    NotPay,
    Success,
    Refund,
    Closed,
    /// These three only with barcode payment.
    Revoked,
    UserPaying,
    PayError,
}

impl TradeState {
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotPay => ("NOTPAY", "订单未支付"),
            Self::Success => ("SUCCESS", "支付成功"),
            Self::Refund => ("REFUND", "订单发生过退款，退款详情请查询退款单"),
            Self::Closed => ("CLOSED", "订单已关闭"),
            Self::Revoked => ("REVOKED", "订单已撤销"),
            Self::UserPaying => ("USERPAYING", "需要用户输入支付密码"),
            Self::PayError => ("PAYERROR", "支付失败，请重新下单支付"),
        }
    }
}

#[derive(Debug)]
pub(super) struct Payment {
    pub(super) transaction_id: String,
    pub(super) openid: String,
    pub(super) bank: &'static str,
    pub(super) at: Timestamp,
    pub(super) promotions: Vec<Value>,
}

impl Payment {
    /// What the coupons of these types take off.
    pub(super) fn off(&self, types: &[&str]) -> i64 {
        let of = |p: &&Value| p["type"].as_str().is_some_and(|kind| types.contains(&kind));
        self.promotions.iter().filter(of).filter_map(|p| p["amount"].as_i64()).sum()
    }
}

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) number: String,
    pub(super) kind: TradeType,
    pub(super) state: TradeState,
    /// Shown to the payer and in the bill; queries do not return it.
    pub(super) description: String,
    pub(super) attach: Option<String>,
    pub(super) total: i64,
    openid: Option<String>,
    pub(super) payment: Option<Payment>,
    expires: Option<Timestamp>,
    /// When its prepay was last issued.
    pub(super) placed: Timestamp,
    /// Where its payment is sent; empty if the API did not place it.
    notify_url: String,
    request: Value,
}

impl Transaction {
    /// A barcode payment or a deduction, which this API does not place.
    pub(super) fn unplaced(number: String, kind: TradeType, state: TradeState, total: i64, placed: Timestamp) -> Self {
        Self {
            number,
            kind,
            state,
            description: String::new(),
            attach: None,
            total,
            openid: None,
            payment: None,
            expires: None,
            placed,
            notify_url: String::new(),
            request: Value::Null,
        }
    }

    pub(super) fn document(&self, appid: &str, mchid: &str) -> Value {
        let (trade_state, trade_state_desc) = self.state.words();
        let off: i64 = self.promotions().iter().filter_map(|p| p["amount"].as_i64()).sum();
        let paid = self.payment.as_ref();
        let mut amount = json!({ "total": self.total, "currency": "CNY" });
        if paid.is_some() {
            amount["payer_total"] = (self.total - off).into();
            amount["payer_currency"] = "CNY".into();
        }
        let mut document = json!({
            "appid": appid,
            "mchid": mchid,
            "out_trade_no": self.number,
            "transaction_id": paid.map(|p| &p.transaction_id),
            "trade_type": paid.map(|_| self.kind.word()),
            "trade_state": trade_state,
            "trade_state_desc": trade_state_desc,
            "bank_type": paid.map(|p| p.bank),
            "attach": paid.and(self.attach.as_ref()),
            "success_time": paid.map(|p| rfc3339(p.at)),
            "payer": paid.map(|p| json!({ "openid": p.openid })),
            "amount": amount,
            "promotion_detail": Some(self.promotions()).filter(|p| !p.is_empty()),
        });
        drop_nulls(&mut document);
        document
    }

    /// The document as a part of a combined order.
    fn part(&self, mchid: &str) -> Value {
        let paid = self.payment.as_ref();
        let off: i64 = self.promotions().iter().filter_map(|p| p["amount"].as_i64()).sum();
        let mut part = json!({
            "mchid": mchid, "trade_type": self.kind.word(), "trade_state": self.state.words().0,
            "bank_type": paid.map(|p| p.bank), "attach": self.attach, "success_time": paid.map(|p| rfc3339(p.at)),
            "transaction_id": paid.map(|p| &p.transaction_id), "out_trade_no": self.number,
            "amount": {
                "total_amount": self.total, "currency": "CNY", "payer_amount": self.total - off, "payer_currency": "CNY",
            },
            "promotion_detail": Some(self.promotions()).filter(|p| !p.is_empty()),
        });
        drop_nulls(&mut part);
        part
    }

    fn promotions(&self) -> &[Value] {
        self.payment.as_ref().map_or(&[], |p| &p.promotions)
    }
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::OrderNotExist, "订单不存在", "there is no such order")
}

impl World {
    pub(super) fn add_transaction(&mut self, transaction: Transaction) {
        self.new_numbers.push((Kind::Transaction, transaction.number.clone()));
        self.transactions.add(transaction.number.clone(), transaction);
    }

    pub(super) fn query_transaction(&self, call: &Call) -> SandboxOutcome {
        self.answer_query(call, self.transactions.get(call.parameter("out_trade_no")))
    }

    pub(super) fn query_transaction_by_id(&self, call: &Call) -> SandboxOutcome {
        let number = self.transaction_ids.get(call.parameter("transaction_id"));
        self.answer_query(call, number.and_then(|n| self.transactions.get(n)))
    }

    fn answer_query(&self, call: &Call, found: Option<&Transaction>) -> SandboxOutcome {
        if call.query().text("mchid", 32)? != self.merchant.mchid {
            return Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "商户号与请求头中的商户号不一致",
                "the mchid is not the caller's",
            )
            .tail(268_447_843));
        }
        let transaction = found.ok_or_else(unknown)?;
        Ok(Answer::Document(transaction.document(&self.merchant.appid, &self.merchant.mchid)))
    }

    /// An unknown number is answered like a closed one, as merchants have reported.
    pub(super) fn close_transaction(&mut self, call: &Call) -> SandboxOutcome {
        call.fields().text("mchid", 1..=32)?;
        let Some(transaction) = self.transactions.get_mut(call.parameter("out_trade_no")) else {
            return Ok(Answer::Nothing);
        };
        match transaction.state {
            _ if matches!(transaction.kind, TradeType::Micropay | TradeType::Auth) => Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "该订单不支持关单，请使用撤销接口",
                "a barcode payment is reversed, not closed",
            )
            .tail(268_449_641)),
            TradeState::NotPay | TradeState::Closed => {
                transaction.state = TradeState::Closed;
                Ok(Answer::Nothing)
            }
            _ => Err(SandboxRefusal::new(Code::OrderPaid, "该订单已支付", "the order is paid")),
        }
    }

    /// The user pays a transaction, or ends the barcode payment that waits for a password.
    pub(in crate::sandbox) fn transaction_paid(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.check_payable(number, now)?;
        self.take_payment(number, None, now);
        self.announce_payment(number, now);
        Ok(())
    }

    /// Whether a transaction can be paid now.
    fn check_payable(&self, number: &str, now: Timestamp) -> Result<(), UserError> {
        let transaction = self.transactions.get(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if !matches!(transaction.state, TradeState::NotPay | TradeState::UserPaying) {
            return Err(UserError::NotNow(Reason::NotWaitingForPayment));
        }
        if transaction.expires.is_some_and(|at| now >= at) {
            return Err(UserError::NotNow(Reason::PayDeadlinePassed));
        }
        Ok(())
    }

    /// Pays a transaction: by the user it was placed for, or else by this one, or by any.
    fn take_payment(&mut self, number: &str, by: Option<&str>, now: Timestamp) {
        let Some(transaction) = self.transactions.get(number) else { return };
        let Transaction { kind, total, request, .. } = transaction;
        let purchase = Purchase { kind: *kind, total: *total, goods: Goods::of(request) };
        let openid = transaction.openid.clone().or(by.map(str::to_owned));
        let payment = self.payment(openid, &purchase, now);
        self.transaction_ids.insert(payment.transaction_id.clone(), number.to_owned());
        if let Some(transaction) = self.transactions.get_mut(number) {
            transaction.payment = Some(payment);
            transaction.state = TradeState::Success;
        }
    }

    /// One user pays several transactions and an order of another merchant together. The merchant that began a combined
    /// order gets one notification with every part (combined payment, notification of the payment).
    pub(in crate::sandbox) fn pay_together(&mut self, numbers: &[&str], now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let mut numbers = numbers.to_vec();
        numbers.dedup();
        numbers.iter().try_for_each(|number| self.check_payable(number, now))?;
        let placed_for = numbers.iter().find_map(|number| self.transactions.get(number)?.openid.clone());
        let openid = placed_for.unwrap_or_else(|| self.random_user());
        numbers.iter().for_each(|number| self.take_payment(number, Some(&openid), now));
        let parts = numbers.iter().filter_map(|number| self.transactions.get(number));
        let mut parts: Vec<Value> = parts.map(|part| part.part(&self.merchant.mchid)).collect();
        let (trade, transaction_id) = (self.rng.digits("OTHER", 20), self.rng.digits("42000", 28));
        parts.push(json!({
            "mchid": OTHER_MERCHANT, "trade_type": "JSAPI", "trade_state": "SUCCESS", "bank_type": "OTHERS",
            "success_time": rfc3339(now), "transaction_id": transaction_id, "out_trade_no": trade,
            "amount": { "total_amount": 990, "currency": "CNY", "payer_amount": 990, "payer_currency": "CNY" },
        }));
        let url =
            numbers.first().and_then(|number| self.transactions.get(number)).map(|first| first.notify_url.clone());
        let number = self.next_number("CMB");
        let resource = json!({
            "combine_appid": self.merchant.appid, "combine_mchid": self.merchant.mchid,
            "combine_out_trade_no": number, "sub_orders": parts, "combine_payer_info": { "openid": openid },
        });
        let (event_type, original_type, summary) = ("TRANSACTION.SUCCESS", "transaction", "支付成功");
        let url = url.unwrap_or_default();
        self.announce(Notice { url, at: now, event_type, original_type, summary, resource });
        Ok(())
    }

    fn announce_payment(&mut self, number: &str, at: Timestamp) {
        let Some(transaction) = self.transactions.get(number).filter(|t| self.is_announced(&t.notify_url)) else {
            return;
        };
        self.announce(Notice {
            url: transaction.notify_url.clone(),
            at,
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "支付成功",
            resource: transaction.document(&self.merchant.appid, &self.merchant.mchid),
        });
    }

    /// The bank refuses a barcode payment; any other transaction stays as it is.
    pub(in crate::sandbox) fn transaction_failed(&mut self, number: &str) -> Result<(), UserError> {
        let transaction = self.transactions.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        match transaction.state {
            TradeState::NotPay => Ok(()),
            TradeState::UserPaying => {
                transaction.state = TradeState::PayError;
                Ok(())
            }
            _ => Err(UserError::NotNow(Reason::NotWaitingForPayment)),
        }
    }

    pub(super) fn transaction_refunded(&mut self, number: &str) {
        if let Some(transaction) = self.transactions.get_mut(number)
            && transaction.state == TradeState::Success
        {
            transaction.state = TradeState::Refund;
        }
    }

    pub(super) fn expire_transaction(&mut self, number: &str) {
        if let Some(transaction) = self.transactions.get_mut(number)
            && transaction.state == TradeState::NotPay
        {
            transaction.state = TradeState::Closed;
        }
    }

    /// Adds the transaction that paid a service order; returns its id and the coupons used.
    pub(super) fn deducted_transaction(
        &mut self,
        openid: Option<String>,
        description: String,
        attach: String,
        total: i64,
        now: Timestamp,
    ) -> (String, Vec<Value>) {
        let number = self.rng.digits("91", 28);
        let mut transaction = Transaction::unplaced(number, TradeType::Auth, TradeState::Success, total, now);
        let purchase = Purchase { kind: TradeType::Auth, total, goods: Vec::new() };
        let payment = self.payment(openid, &purchase, now);
        let made = (payment.transaction_id.clone(), payment.promotions.clone());
        self.transaction_ids.insert(made.0.clone(), transaction.number.clone());
        transaction.description = description;
        transaction.attach = Some(attach);
        transaction.payment = Some(payment);
        self.add_transaction(transaction);
        made
    }

    /// A payment at the till by the user of a coupon, which is used for it.
    pub(super) fn pay_with_coupon(
        &mut self,
        coupon: &str,
        openid: String,
        description: String,
        purchase: &Purchase,
        now: Timestamp,
    ) {
        let (number, transaction_id) = (self.rng.digits("92", 28), self.rng.digits("42000", 28));
        let promotions = self.spend(coupon, purchase, &transaction_id, now);
        self.transaction_ids.insert(transaction_id.clone(), number.clone());
        let mut transaction = Transaction::unplaced(number, purchase.kind, TradeState::Success, purchase.total, now);
        transaction.description = description;
        transaction.payment = Some(Payment { transaction_id, openid, bank: BANKS[0], at: now, promotions });
        self.add_transaction(transaction);
    }

    /// A payment by `openid` or any user, with their best coupon for it; sometimes with one whose user the merchant did
    /// not know.
    fn payment(&mut self, openid: Option<String>, purchase: &Purchase, now: Timestamp) -> Payment {
        let transaction_id = self.rng.digits("42000", 28);
        let openid = openid.unwrap_or_else(|| self.random_user());
        let bank = BANKS[self.rng.random_range(0..BANKS.len())];
        if self.rng.random_bool(0.15) {
            self.discover_coupon(&openid, purchase, now);
        }
        let promotions = self.spend_coupon(&openid, purchase, &transaction_id, now);
        Payment { transaction_id, openid, bank, at: now, promotions }
    }
}
