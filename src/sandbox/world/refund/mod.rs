//! Refunds: apply, query, and how they end (transactions reference §6–7).

#[cfg(test)]
mod tests;

use rand::RngExt;
use serde_json::{Value, json};

use super::agenda::Due;
use super::bill::fee_of;
use super::transaction::{Payment, TradeState};
use super::{Call, Reason, UserError, World};
use crate::model::action::BANKS;
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::model::{BETWEEN_REFUNDS, Kind, MOST_REFUNDS, REFUND_WITHIN};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{Fields, drop_nulls};
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;

/// A refund for which the merchant lacks money is closed after this long.
const SHORT_OF_MONEY: Duration = Duration::days(7);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum RefundStatus {
    Processing,
    Success,
    Closed,
    Abnormal,
}

impl RefundStatus {
    const fn word(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Closed => "CLOSED",
            Self::Abnormal => "ABNORMAL",
        }
    }

    /// Its event and summary; `None` while the refund is being processed.
    const fn event(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Processing => None,
            Self::Success => Some(("REFUND.SUCCESS", "退款成功")),
            Self::Closed => Some(("REFUND.CLOSED", "退款关闭")),
            Self::Abnormal => Some(("REFUND.ABNORMAL", "退款异常")),
        }
    }
}

#[derive(Debug)]
pub(super) struct Refund {
    pub(super) number: String,
    pub(super) refund_id: String,
    /// The transaction's numbers: the merchant's and WeChat Pay's.
    pub(super) trade: String,
    transaction_id: String,
    pub(super) status: RefundStatus,
    pub(super) amount: i64,
    total: i64,
    payer_total: i64,
    pub(super) payer_refund: i64,
    settlement_total: i64,
    pub(super) settlement_refund: i64,
    /// The part of the fee that the merchant gets back.
    pub(super) fee: i64,
    promotions: Vec<Value>,
    channel: &'static str,
    account: String,
    pub(super) created: Timestamp,
    pub(super) succeeded: Option<Timestamp>,
    /// The planned end, and its time.
    end: (RefundStatus, Timestamp),
    /// Where its end is sent; empty if the request gave no address, because none is set on the platform.
    notify_url: String,
}

impl Refund {
    pub(super) fn document(&self) -> Value {
        let mut document = json!({
            "refund_id": self.refund_id,
            "out_refund_no": self.number,
            "transaction_id": self.transaction_id,
            "out_trade_no": self.trade,
            "channel": self.channel,
            "user_received_account": self.account,
            "success_time": self.succeeded.map(rfc3339),
            "create_time": rfc3339(self.created),
            "status": self.status.word(),
            "funds_account": "UNSETTLED",
            "amount": {
                "total": self.total, "refund": self.amount,
                "payer_total": self.payer_total, "payer_refund": self.payer_refund,
                "settlement_total": self.settlement_total, "settlement_refund": self.settlement_refund,
                "discount_refund": self.amount - self.payer_refund, "currency": "CNY",
            },
            "promotion_detail": Some(&self.promotions).filter(|p| !p.is_empty()),
        });
        drop_nulls(&mut document);
        document
    }

    /// The resource of its notification (transactions reference §8).
    fn resource(&self, mchid: &str) -> Value {
        let mut resource = json!({
            "mchid": mchid,
            "out_trade_no": self.trade,
            "transaction_id": self.transaction_id,
            "out_refund_no": self.number,
            "refund_id": self.refund_id,
            "refund_status": self.status.word(),
            "success_time": self.succeeded.map(rfc3339),
            "user_received_account": self.account,
            "amount": {
                "total": self.total, "refund": self.amount,
                "payer_total": self.payer_total, "payer_refund": self.payer_refund,
            },
        });
        drop_nulls(&mut resource);
        resource
    }

    /// Whether its amount is refunded or being refunded.
    fn counts(&self) -> bool {
        self.status != RefundStatus::Closed
    }
}

/// Reads a request, member by member.
struct RefundRequest<'a> {
    transaction_id: Option<&'a str>,
    trade: Option<&'a str>,
    number: &'a str,
    refund: i64,
    total: i64,
    notify_url: &'a str,
}

impl<'a> RefundRequest<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, SandboxRefusal> {
        let transaction_id = fields.text_if_given("transaction_id", 1..=32)?;
        // One of the two numbers is needed; the platform names the first as missing.
        let trade = match fields.has("out_trade_no") {
            true => Some(fields.number("out_trade_no", 6..=32)?),
            false if transaction_id.is_none() => {
                fields.text("transaction_id", 1..=32)?;
                None
            }
            false => None,
        };
        let number = fields.number_with("out_refund_no", 1..=64, "_-|*@")?;
        fields.text_if_given("reason", 1..=80)?;
        let notify_url = fields.notify_url_if_given("notify_url", 8..=256)?.unwrap_or_default();
        for (name, whose) in
            [("sub_mchid", "only service providers send it"), ("funds_account", "not for this merchant")]
        {
            if fields.has(name) {
                return Err(fields.wrong(name, "商户无权传入该参数", whose));
            }
        }
        let amount = fields.object("amount")?;
        let refund = amount.integer("refund", 1..=10_000_000_000)?;
        let total = amount.integer("total", 1..=10_000_000_000)?;
        if amount.text("currency", 1..=16)? != "CNY" {
            return Err(amount.wrong("currency", "仅支持CNY", "only CNY"));
        }
        Ok(Self { transaction_id, trade, number, refund, total, notify_url })
    }

    fn is_for(&self, refund: &Refund) -> bool {
        self.transaction_id.is_none_or(|id| id == refund.transaction_id)
            && self.trade.is_none_or(|number| number == refund.trade)
            && (self.refund, self.total) == (refund.amount, refund.total)
    }
}

fn unknown_order() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "订单不存在或未支付", "there is no such paid order").tail(268_512_771)
}

fn not_now(chinese: &'static str, english: &'static str) -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, chinese, english)
}

impl World {
    pub(super) fn create_refund(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let wanted = RefundRequest::read(&call.fields())?;
        if let Some(known) = self.refunds.get(wanted.number) {
            return match wanted.is_for(known) {
                true => Ok(Answer::Document(known.document())),
                false => Err(not_now(
                    "订单金额或退款金额与之前请求不一致，请核实后再试",
                    "the order or the amounts differ from those of the first request under this number",
                )
                .tail(268_498_688)),
            };
        }
        let by_id = wanted.transaction_id.map(|id| self.transaction_ids.get(id).map(String::as_str));
        let trade = by_id.unwrap_or(wanted.trade).ok_or_else(unknown_order)?;
        if wanted.trade.is_some_and(|number| number != trade) {
            return Err(not_now("商户订单号与微信支付订单号不匹配", "the two numbers are not of one order"));
        }
        let transaction = self.transactions.get(trade).ok_or_else(unknown_order)?;
        let paid = matches!(transaction.state, TradeState::Success | TradeState::Refund);
        let payment = transaction.payment.as_ref().filter(|_| paid).ok_or_else(unknown_order)?;
        self.check_limits(&wanted, trade, transaction.total, payment.at, now)?;
        if self.abnormal.contains(&payment.openid) {
            return Err(SandboxRefusal::new(
                Code::UserAccountAbnormal,
                "用户账户异常",
                "the user's account is abnormal",
            ));
        }
        if self.short_of_money {
            return Err(SandboxRefusal::new(Code::NotEnough, "基本账户余额不足，请充值", "the balance is too small"));
        }
        let refund = self.make_refund(&wanted, trade, transaction.total, payment, now);
        Ok(Answer::Document(self.add_refund(refund, now)))
    }

    /// The rules that depend on the payment and the other refunds.
    fn check_limits(
        &self,
        wanted: &RefundRequest<'_>,
        trade: &str,
        total: i64,
        paid_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), SandboxRefusal> {
        if wanted.total != total {
            return Err(not_now("订单金额与原交易不一致", "the total is not the order's"));
        }
        if now - paid_at > REFUND_WITHIN {
            return Err(not_now("订单已超过可退款的最大期限（支付后365天）", "it was paid more than 365 days ago"));
        }
        let others: Vec<&Refund> = self.refunds_of(trade).filter(|refund| refund.counts()).collect();
        if others.len() >= MOST_REFUNDS {
            return Err(not_now("退款次数超过上限", "an order can be refunded 50 times"));
        }
        if others.iter().any(|refund| now - refund.created < BETWEEN_REFUNDS) {
            return Err(not_now("同一订单的退款请求过于频繁，请间隔1分钟", "refunds of one order lie a minute apart"));
        }
        let refunded: i64 = others.iter().map(|refund| refund.amount).sum();
        if wanted.refund > total - refunded {
            return Err(not_now("退款金额大于剩余可退金额", "more than is left to refund"));
        }
        Ok(())
    }

    /// The shares of what the user paid and of what is settled, in proportion to all that is refunded so far: so the
    /// shares add up to the whole when the payment is refunded completely.
    fn make_refund(
        &self,
        wanted: &RefundRequest<'_>,
        trade: &str,
        total: i64,
        payment: &Payment,
        now: Timestamp,
    ) -> Refund {
        let (payer_total, settlement_total) =
            (total - payment.off(&["CASH", "NOCASH"]), total - payment.off(&["NOCASH"]));
        let others: Vec<&Refund> = self.refunds_of(trade).filter(|refund| refund.counts()).collect();
        let sum = |part: fn(&Refund) -> i64| others.iter().map(|refund| part(refund)).sum::<i64>();
        let so_far = sum(|refund| refund.amount) + wanted.refund;
        // Rounded half up.
        let share = |whole: i64, before: i64| match total - so_far {
            0 => whole - before,
            _ => ((2 * so_far * whole + total) / (2 * total) - before).clamp(0, wanted.refund),
        };
        let payer_refund = share(payer_total, sum(|refund| refund.payer_refund));
        let settlement_refund = share(settlement_total, sum(|refund| refund.settlement_refund));
        let fee = share(fee_of(settlement_total), sum(|refund| refund.fee));
        let promotion = |p: &Value| {
            json!({
                "promotion_id": p["coupon_id"], "scope": p["scope"], "type": p["type"], "amount": p["amount"],
                "refund_amount": wanted.refund - payer_refund,
            })
        };
        Refund {
            number: wanted.number.to_owned(),
            refund_id: String::new(),
            trade: trade.to_owned(),
            transaction_id: payment.transaction_id.clone(),
            status: RefundStatus::Processing,
            amount: wanted.refund,
            total,
            payer_total,
            payer_refund,
            settlement_total,
            settlement_refund,
            fee,
            promotions: payment.promotions.iter().map(promotion).collect(),
            channel: "ORIGINAL",
            account: received_account(payment.bank, &payment.transaction_id),
            created: now,
            succeeded: None,
            end: (RefundStatus::Success, now),
            notify_url: wanted.notify_url.to_owned(),
        }
    }

    /// Adds a refund and plans its end. Returns its document as accepted.
    fn add_refund(&mut self, mut refund: Refund, now: Timestamp) -> Value {
        refund.refund_id = self.rng.digits("50300", 29);
        let document = refund.document();
        // Refunds to the balance arrive soon; those to cards take longer, and some are refused.
        let to_card = refund.account != CHANGE;
        let takes = if to_card { self.rng.random_range(20..150) } else { self.rng.random_range(6..30) };
        let fails = to_card && self.rng.random_bool(0.1);
        let end = if fails { RefundStatus::Abnormal } else { RefundStatus::Success };
        let (number, trade) = (refund.number.clone(), refund.trade.clone());
        self.new_numbers.push((Kind::Refund, number.clone()));
        self.refunds.add(number.clone(), refund);
        self.refunds_by_trade.entry(trade.clone()).or_default().push(number.clone());
        self.plan_refund(&number, end, now + Duration::seconds(takes));
        self.transaction_refunded(&trade);
        document
    }

    /// Plans the end of a refund that is being processed.
    fn plan_refund(&mut self, number: &str, status: RefundStatus, at: Timestamp) {
        if let Some(refund) = self.refunds.get_mut(number) {
            refund.end = (status, at);
            self.schedule(at, Due::Refund(number.to_owned()));
        }
    }

    /// The user's account cannot be reached.
    pub(super) fn fail_refund(&mut self, number: &str, at: Timestamp) {
        self.plan_refund(number, RefundStatus::Abnormal, at);
    }

    /// Empties or refills the account that refunds are paid from.
    pub(in crate::sandbox) fn set_short_of_money(&mut self, short: bool) {
        self.short_of_money = short;
    }

    /// The merchant is short of money: the refund stays as it is until it is closed.
    pub(super) fn leave_refund_unfunded(&mut self, number: &str) {
        if let Some(created) = self.refunds.get(number).map(|refund| refund.created) {
            self.plan_refund(number, RefundStatus::Closed, created + SHORT_OF_MONEY);
        }
    }

    pub(super) fn settle_refund(&mut self, number: &str, now: Timestamp) {
        if let Some(refund) = self.refunds.get_mut(number)
            && refund.status == RefundStatus::Processing
            && refund.end.1 == now
        {
            refund.status = refund.end.0;
            refund.succeeded = (refund.status == RefundStatus::Success).then_some(now);
            if refund.succeeded.is_some() {
                self.coupon_refunded(number, now);
            }
            self.announce_refund(number, now);
        }
    }

    fn announce_refund(&mut self, number: &str, at: Timestamp) {
        let Some(refund) = self.refunds.get(number).filter(|refund| self.is_announced(&refund.notify_url)) else {
            return;
        };
        let Some((event_type, summary)) = refund.status.event() else { return };
        let (url, original_type) = (refund.notify_url.clone(), "refund");
        let resource = refund.resource(&self.merchant.mchid);
        self.announce(Notice { url, at, event_type, original_type, summary, resource });
    }

    /// Ends a refund that is being processed now.
    pub(in crate::sandbox) fn end_refund(
        &mut self,
        number: &str,
        status: RefundStatus,
        now: Timestamp,
    ) -> Result<(), UserError> {
        self.advance(now);
        let refund = self.refunds.get(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if refund.status != RefundStatus::Processing {
            return Err(UserError::NotNow(Reason::RefundNotProcessing));
        }
        self.plan_refund(number, status, now);
        self.settle_refund(number, now);
        Ok(())
    }

    /// The amount of a transaction's refunds that have arrived.
    pub(super) fn arrived(&self, trade: &str) -> i64 {
        self.refunds_of(trade).filter(|refund| refund.status == RefundStatus::Success).map(|refund| refund.amount).sum()
    }

    /// Sends a refund that could not reach its user to a card instead. Encrypted members are already decrypted.
    pub(super) fn apply_abnormal(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let number = fields.number_with("out_refund_no", 1..=64, "_-|*@")?;
        let to_user = fields.one_of("type", &["USER_BANK_CARD", "MERCHANT_BANK_CARD"])? == "USER_BANK_CARD";
        let account = match to_user {
            true => {
                let bank = fields.one_of("bank_type", BANKS)?;
                let card = fields.text("bank_account", 8..=32)?;
                if !card.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(fields.hidden("bank_account", "银行卡号只能是数字", "not the digits of a card"));
                }
                fields.text("real_name", 1..=64)?;
                format!("{}借记卡{}", bank_name(bank), &card[card.len() - 4..])
            }
            false => {
                // Such members have no documented meaning here, so a client that sends them is mistaken.
                if let Some(name) = ["bank_type", "bank_account", "real_name"].into_iter().find(|one| fields.has(one)) {
                    return Err(fields.hidden(name, "退款至商户银行卡时不需要该参数", "only for a card of the user's"));
                }
                "商户结算银行账户".to_owned()
            }
        };
        let id = call.parameter("refund_id");
        let refund = self.refunds.iter().find(|refund| refund.refund_id == id);
        let refund = refund
            .ok_or_else(|| SandboxRefusal::new(Code::ResourceNotExists, "退款单不存在", "there is no such refund"))?;
        if refund.number != number {
            return Err(not_now("商户退款单号与微信支付退款单号不匹配", "the two numbers are not of one refund"));
        }
        if refund.status != RefundStatus::Abnormal {
            return Err(not_now("退款单状态不是退款异常，不能发起异常退款", "the refund is not abnormal"));
        }
        let (number, takes) = (refund.number.clone(), self.rng.random_range(20..150));
        let Some(refund) = self.refunds.get_mut(&number) else { return Ok(Answer::Nothing) };
        (refund.status, refund.channel, refund.account) = (RefundStatus::Processing, "OTHER_BANKCARD", account);
        let document = refund.document();
        self.plan_refund(&number, RefundStatus::Success, now + Duration::seconds(takes));
        Ok(Answer::Document(document))
    }

    pub(super) fn query_refund(&self, call: &Call) -> SandboxOutcome {
        let refund = self
            .refunds
            .get(call.parameter("out_refund_no"))
            .ok_or_else(|| SandboxRefusal::new(Code::ResourceNotExists, "退款单不存在", "there is no such refund"))?;
        Ok(Answer::Document(refund.document()))
    }

    fn refunds_of(&self, trade: &str) -> impl Iterator<Item = &Refund> {
        let numbers = self.refunds_by_trade.get(trade).into_iter().flatten();
        numbers.filter_map(|number| self.refunds.get(number))
    }

    /// The amount of a transaction that can still be refunded.
    pub(super) fn refundable(&self, trade: &str) -> i64 {
        let total = self.transactions.get(trade).map_or(0, |transaction| transaction.total);
        total - self.refunds_of(trade).filter(|refund| refund.counts()).map(|refund| refund.amount).sum::<i64>()
    }
}

const CHANGE: &str = "支付用户零钱";

/// The account that the money returns to, as the platform words it.
fn received_account(bank: &str, transaction_id: &str) -> String {
    let name = bank_name(bank);
    if name.is_empty() {
        return CHANGE.to_owned();
    }
    let card = if bank.ends_with("CREDIT") { "信用卡" } else { "借记卡" };
    // Four digits of the card that stay the same for one payment.
    format!("{name}{card}{}", &transaction_id[transaction_id.len().saturating_sub(4)..])
}

/// The bank of a `bank_type`; empty if it is not a bank's.
fn bank_name(bank: &str) -> &'static str {
    match bank.split('_').next() {
        Some("CMB") => "招商银行",
        Some("COMM") => "交通银行",
        Some("ABC") => "农业银行",
        Some("CCB") => "建设银行",
        Some("ICBC") => "工商银行",
        Some("BOC") => "中国银行",
        Some("PAB") => "平安银行",
        Some("SPDB") => "浦发银行",
        Some("CITIC") => "中信银行",
        Some("CEB") => "光大银行",
        Some("CMBC") => "民生银行",
        Some("CIB") => "兴业银行",
        Some("GDB") => "广发银行",
        Some("PSBC") => "邮储银行",
        Some("NBCB") => "宁波银行",
        _ => "",
    }
}
