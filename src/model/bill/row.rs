//! The rows of bills.

use super::super::time::{Timestamp, rfc3339};
use super::super::{Currency, Kind, Money};
use super::Decimal;

/// A row of either bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillFileRow {
    Trade(Box<TradeRow>),
    Flow(Box<FlowRow>),
}

/// A payment, or a refund of one (transactions reference §9.4). Words are kept as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeRow {
    pub at: Option<Timestamp>,
    pub appid: String,
    pub mchid: String,
    pub sub_mchid: String,
    pub device: String,
    pub transaction_id: String,
    /// 商户订单号. For an automatic deduction WeChat Pay makes it: see [`Self::service_order`].
    pub number: String,
    pub user: String,
    pub trade_type: String,
    pub state: String,
    pub bank: String,
    /// 应结订单金额, in the settlement currency.
    pub settlement: Money,
    pub coupon: Money,
    /// 订单金额, in the currency of the order. For a refund of WeChat Pay Global, it is the order's.
    pub total: Money,
    pub refund: Option<Box<RefundPart>>,
    pub description: String,
    pub attach: String,
    /// In the settlement currency.
    pub fee: Decimal,
    pub settled_in: Currency,
    pub rate: String,
    pub rate_note: String,
}

/// The refund in a refund's row; a reversal's has no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundPart {
    pub number: String,
    pub id: String,
    /// 退款金额.
    pub refunded: Money,
    pub coupon: Money,
    /// 申请退款金额.
    pub requested: Money,
    pub channel: String,
    /// The state when the bill was made. It is never updated.
    pub state: String,
    pub applied: Option<Timestamp>,
    pub succeeded: Option<Timestamp>,
}

/// A change of an account's balance (transactions reference §9.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRow {
    pub at: Option<Timestamp>,
    /// WeChat Pay's number of its cause.
    pub business_number: String,
    pub flow_number: String,
    pub business: String,
    pub kind: String,
    pub direction: Direction,
    pub amount: Money,
    pub balance: Money,
    pub by: String,
    pub note: String,
    /// The merchant's number of its cause.
    pub voucher: String,
}

/// The direction of the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
    /// Another word, as it was read.
    Other(String),
}

impl Direction {
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "收入" => Self::In,
            "支出" => Self::Out,
            other => Self::Other(other.to_owned()),
        }
    }

    /// `in`, `out`, or the word as it was read.
    pub fn word(&self) -> &str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Other(word) => word,
        }
    }
}

impl TradeRow {
    /// The service order that an automatic deduction paid: WeChat Pay's number, and the merchant's (PayScore reference
    /// §1).
    pub(crate) fn service_order(&self) -> Option<(&str, &str)> {
        service_order(&self.attach)
    }

    /// The amount that the row moved: paid, or requested back.
    pub fn amount(&self) -> Money {
        self.refund.as_ref().map_or(self.total, |refund| refund.requested)
    }

    /// When it moved: for a refund, if the row has it, when it was requested. Refund bills have the payment's time
    /// first.
    pub(crate) fn moved_at(&self) -> Option<Timestamp> {
        let refund = self.refund.as_ref();
        refund.and_then(|refund| refund.applied.or(refund.succeeded)).or(self.at)
    }
}

impl BillFileRow {
    /// The time of the movement.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Trade(row) => row.moved_at(),
            Self::Flow(row) => row.at,
        }
    }

    pub fn amount(&self) -> Money {
        match self {
            Self::Trade(row) => row.amount(),
            Self::Flow(row) => row.amount,
        }
    }

    /// Every cell by name: as in WeChat Pay's API if it has one; amounts in major units as in the file.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let time = |at: Option<Timestamp>| at.map(rfc3339).unwrap_or_default();
        match self {
            Self::Trade(row) => {
                let refund = row.refund.as_deref();
                let text = |part: fn(&RefundPart) -> &str| refund.map(part).unwrap_or_default().to_owned();
                let money =
                    |part: fn(&RefundPart) -> Money| refund.map(|refund| part(refund).plain()).unwrap_or_default();
                let order = row.service_order().map(|(_, number)| number.to_owned()).unwrap_or_default();
                vec![
                    ("time", time(row.at)),
                    ("appid", row.appid.clone()),
                    ("mchid", row.mchid.clone()),
                    ("sub_mchid", row.sub_mchid.clone()),
                    ("device_id", row.device.clone()),
                    ("transaction_id", row.transaction_id.clone()),
                    ("out_trade_no", row.number.clone()),
                    ("openid", row.user.clone()),
                    ("trade_type", row.trade_type.clone()),
                    ("trade_state", row.state.clone()),
                    ("bank_type", row.bank.clone()),
                    ("currency", row.total.currency.code().to_owned()),
                    ("settlement_total", row.settlement.plain()),
                    ("coupon", row.coupon.plain()),
                    ("total", row.total.plain()),
                    ("refund_id", text(|refund| &refund.id)),
                    ("out_refund_no", text(|refund| &refund.number)),
                    ("refund", money(|refund| refund.requested)),
                    ("settlement_refund", money(|refund| refund.refunded)),
                    ("coupon_refund", money(|refund| refund.coupon)),
                    ("channel", text(|refund| &refund.channel)),
                    ("refund_status", text(|refund| &refund.state)),
                    ("refund_create_time", time(refund.and_then(|refund| refund.applied))),
                    ("refund_success_time", time(refund.and_then(|refund| refund.succeeded))),
                    ("description", row.description.clone()),
                    ("attach", row.attach.clone()),
                    ("out_order_no", order),
                    ("fee", row.fee.plain(row.settled_in)),
                    ("settlement_currency", row.settled_in.code().to_owned()),
                    ("rate", row.rate.clone()),
                    ("rate_note", row.rate_note.clone()),
                ]
            }
            Self::Flow(row) => vec![
                ("time", time(row.at)),
                ("business_number", row.business_number.clone()),
                ("flow_number", row.flow_number.clone()),
                ("business", row.business.clone()),
                ("business_type", row.kind.clone()),
                ("direction", row.direction.word().to_owned()),
                ("amount", row.amount.plain()),
                ("balance", row.balance.plain()),
                ("applicant", row.by.clone()),
                ("note", row.note.clone()),
                ("voucher", row.voucher.clone()),
            ],
        }
    }

    /// The numbers that the row names, with the kind of each; the row's own subject first.
    pub fn numbers(&self) -> Vec<(NumberMeaning, &str)> {
        match self {
            Self::Trade(row) => {
                let refund = row.refund.as_ref().map_or("", |refund| &refund.number);
                trade_numbers(refund, &row.number, &row.transaction_id, &row.attach)
            }
            Self::Flow(row) => flow_numbers(&row.business, &row.voucher),
        }
    }
}

/// The service order in the attachment of an automatic deduction.
fn service_order(attach: &str) -> Option<(&str, &str)> {
    let (order_id, number) = attach.strip_prefix("wxzff|")?.split_once('|')?;
    (!number.is_empty()).then_some((order_id, number))
}

pub(super) fn trade_numbers<'a>(
    refund: &'a str,
    number: &'a str,
    transaction_id: &'a str,
    attach: &'a str,
) -> Vec<(NumberMeaning, &'a str)> {
    let order = service_order(attach).map_or("", |(_, number)| number);
    // One of its two numbers is enough; the merchant's is the one it is kept under.
    let transaction_id = if number.is_empty() { transaction_id } else { "" };
    let numbers = [
        (NumberMeaning::Object(Kind::Refund), refund),
        (NumberMeaning::Object(Kind::Transaction), number),
        (NumberMeaning::TransactionId, transaction_id),
        (NumberMeaning::Object(Kind::ServiceOrder), order),
    ];
    // A row that is not a refund has 0 there.
    numbers.into_iter().filter(|(_, number)| !number.is_empty() && *number != "0").collect()
}

pub(super) fn flow_numbers<'a>(business: &str, voucher: &'a str) -> Vec<(NumberMeaning, &'a str)> {
    let kind = match business {
        "交易" => Kind::Transaction,
        "退款" => Kind::Refund,
        _ => return Vec::new(),
    };
    if voucher.is_empty() { Vec::new() } else { vec![(NumberMeaning::Object(kind), voucher)] }
}

/// The kind of a number in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberMeaning {
    Object(Kind),
    /// WeChat Pay's number of a transaction.
    TransactionId,
}

#[cfg(test)]
mod tests {
    use super::super::{Bill, BillFileRow};
    use super::*;

    #[test]
    fn an_automatic_deduction_names_its_service_order() {
        let text = "交易时间,微信订单号,商户订单号,交易类型,商户数据包,商户退款单号,订单金额\n\
            `2025-10-09 16:53:41,`4200,`91001,`AUTH,`wxzff|1000000000|SO-1|x,`0,`1.00\n\
            `2025-10-09 16:53:42,`4201,`,`JSAPI,`wxzff|,`,`1.00\n";
        let mut bill = Bill::open(text.as_bytes()).unwrap();
        let mut numbers = Vec::new();
        while let Some(row) = bill.next_row().unwrap() {
            numbers.extend(row.unwrap().row.numbers().into_iter().map(|(named, number)| (named, number.to_owned())));
        }
        let expected = [
            (NumberMeaning::Object(Kind::Transaction), "91001"),
            // A merchant's number may contain a bar.
            (NumberMeaning::Object(Kind::ServiceOrder), "SO-1|x"),
            (NumberMeaning::TransactionId, "4201"),
        ];
        assert_eq!(numbers, expected.map(|(named, number)| (named, number.to_owned())));
    }

    #[test]
    fn a_refund_stands_at_the_time_it_was_asked_for_and_a_payment_at_its_own() {
        let text = "交易时间,商户订单号,退款申请时间,退款成功时间,商户退款单号,退款金额\n\
            `2025-10-08 10:00:00,`T-1,`2025-10-09 16:53:41,`2025-10-09 17:00:00,`R-1,`1.00\n\
            `2025-10-08 10:00:00,`T-1,`0,`2025-10-09 17:00:00,`R-2,`1.00\n\
            `2025-10-08 10:00:00,`T-1,`0,`0,`R-3,`1.00\n";
        let mut bill = Bill::open(text.as_bytes()).unwrap();
        let mut times = Vec::new();
        while let Some(row) = bill.next_row().unwrap() {
            times.push(crate::model::time::bill_time(row.unwrap().row.at().unwrap()));
        }
        assert_eq!(times, ["2025-10-09 16:53:41", "2025-10-09 17:00:00", "2025-10-08 10:00:00"]);
    }

    #[test]
    fn a_word_that_is_not_known_stays_as_it_came() {
        let text =
            "记账时间,资金流水单号,业务名称,收支类型,收支金额（元）\n`2025-10-09 16:53:41,`1,`充值,`冻结,`1.00\n";
        let row = Bill::open(text.as_bytes()).unwrap().next_row().unwrap().unwrap().unwrap().row;
        let BillFileRow::Flow(row) = row else { panic!() };
        assert_eq!((row.direction, row.amount.minor), (Direction::Other("冻结".to_owned()), 100));
    }
}
