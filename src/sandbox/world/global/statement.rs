//! Statements (对账单): a day's payments and refunds as text, whose SHA-1 is signed instead of it (Global reference §9).

use std::fmt::Write;

use super::order::GlobalOrder;
use super::refund::GlobalRefund;
use super::{Global, Party};
use crate::model::Money;
use crate::model::time::{BEIJING, Duration, Timestamp, parse_compact};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::UrlQuery;
use crate::sandbox::world::Call;

/// How far back statements go.
const KEPT: Duration = Duration::days(180);
/// When the statement of the day before is ready.
const READY: Duration = Duration::hours(9);

const HEADER: &str = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,\
    充值券币种,充值券金额,优惠券币种,优惠券金额,微信退款单号,商户退款单号,退款类型,退款状态,商品名称,商户数据包,手续费,费率,\
    标价币种,订单金额（标价币种）,用户支付币种,用户支付金额,结算币种,应结订单金额,支付汇率,退款汇率,申请退款金额,用户退款币种,\
    用户退款金额,退款结算币种,退款应结订单金额,充值券退款金额,优惠券退款金额";

/// The merchant's fee, in hundredths of a per cent.
pub(super) const FEE: i64 = 100;

pub(super) fn fee(amount: Money) -> Money {
    Money { minor: (amount.minor * FEE + 5_000) / 10_000, ..amount }
}

/// The midnight in Beijing at which the day of an instant begins.
pub(super) fn day_of(at: Timestamp) -> Timestamp {
    at.to_offset(BEIJING).date().midnight().assume_offset(BEIJING)
}

/// A day of a query, `yyyyMMdd`.
pub(super) fn day(query: &UrlQuery<'_>, name: &str) -> Result<Timestamp, SandboxRefusal> {
    let text = query.text(name, 8)?;
    let day = parse_compact(text).filter(|_| text.len() == 8);
    day.ok_or_else(|| UrlQuery::wrong(name, "日期格式错误，应为yyyyMMdd", "not a day as yyyyMMdd"))
}

impl Global {
    pub(in crate::sandbox::world) fn statement(&self, party: Party, call: &Call, now: Timestamp) -> SandboxOutcome {
        let query = call.query();
        party.check_query(&query, true)?;
        let day = day(&query, "date")?;
        if day < day_of(now) - KEPT || day > day_of(now) {
            return Err(UrlQuery::wrong("date", "仅支持查询180天以内的账单", "not within the last 180 days"));
        }
        if now < day + Duration::DAY + READY {
            return Err(SandboxRefusal::new(
                Code::StatementCreating,
                "账单生成中，请稍后再试",
                "the statement is being made",
            ));
        }
        let text = self.rows(party, day);
        if text.is_empty() {
            return Err(SandboxRefusal::new(Code::GlobalNoStatement, "账单文件不存在", "there is nothing on that day"));
        }
        Ok(Answer::Statement(format!("{HEADER}\r\n{text}")))
    }

    /// The lines of a day, in the order of their times.
    fn rows(&self, party: Party, day: Timestamp) -> String {
        let books = self.books(party);
        let on = |at: Timestamp| (day..day + Duration::DAY).contains(&at);
        let mut rows: Vec<(Timestamp, String)> = Vec::new();
        for order in books.orders.iter() {
            if let Some(at) = order.payment.as_ref().map(|paid| paid.at).filter(|at| on(*at)) {
                rows.push((at, row(party, order, None)));
            }
        }
        for refund in books.refunds.iter().filter(|refund| refund.counts() && on(refund.created)) {
            if let Some(order) = books.orders.get(&refund.order) {
                rows.push((refund.created, row(party, order, Some(refund))));
            }
        }
        rows.sort();
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// One payment, or one refund of it. Amounts are in main units.
fn row(party: Party, order: &GlobalOrder, refund: Option<&GlobalRefund>) -> String {
    let Some(paid) = &order.payment else { return String::new() };
    let at = refund.map_or(paid.at, |refund| refund.created).to_offset(BEIJING);
    let time = format!("{} {:02}:{:02}:{:02}", at.date(), at.hour(), at.minute(), at.second());
    let payer = paid.payer.as_object().and_then(|ids| ids.values().next()).and_then(|id| id.as_str()).unwrap_or("");
    let off: i64 = paid.promotions.iter().filter_map(|promotion| promotion["amount"].as_i64()).sum();
    let currency = order.total.currency.code();
    let money = |minor: i64| Money { minor, ..order.total }.plain();
    let rate = format!("{}.{:08}", paid.rate / 100_000_000, paid.rate % 100_000_000);
    let sold = refund.is_none();
    let when = |given: bool, text: &str| if given { text.to_owned() } else { String::new() };
    let columns: [String; 38] = [
        time,
        party.appid().into(),
        party.mchid().into(),
        party.sub_mchid().unwrap_or("0").into(),
        String::new(),
        order.transaction_id.clone(),
        order.number.clone(),
        payer.into(),
        order.kind.word().into(),
        if sold { "SUCCESS" } else { "REFUND" }.into(),
        paid.bank.into(),
        currency.into(),
        money(0),
        currency.into(),
        money(if sold { off } else { 0 }),
        refund.map_or("0", |refund| &refund.refund_id).into(),
        refund.map_or("0", |refund| &refund.number).into(),
        when(!sold, "ORIGINAL"),
        // A refund being processed counts as done in a statement.
        when(!sold, refund.map_or("", |refund| if refund.ended.is_none() { "SUCCESS" } else { refund.status() })),
        order.description.clone(),
        order.attach.clone().unwrap_or_default(),
        fee(Money { minor: refund.map_or(order.total.minor, |refund| -refund.amount.minor), ..order.total }).plain(),
        format!("{}.{:02}%", FEE / 100, FEE % 100),
        currency.into(),
        money(order.total.minor),
        paid.total.currency.code().into(),
        paid.total.plain(),
        currency.into(),
        money(if sold { order.total.minor } else { 0 }),
        rate.clone(),
        when(!sold, &rate),
        refund.map(|refund| refund.amount.plain()).unwrap_or_else(|| money(0)),
        refund.map_or("", |refund| refund.payer_refund.currency.code()).into(),
        refund.map_or_else(|| "0.00".into(), |refund| refund.payer_refund.plain()),
        when(!sold, currency),
        refund.map(|refund| refund.amount.plain()).unwrap_or_else(|| money(0)),
        money(0),
        money(0),
    ];
    let mut line = String::new();
    for (i, column) in columns.iter().enumerate() {
        let _ = write!(line, "{}`{column}", if i == 0 { "" } else { "," });
    }
    line + "\r\n"
}
