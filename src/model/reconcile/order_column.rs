//! The columns of a table of orders: what they hold, by the names that tables of shops usually have.

use serde::{Deserialize, Serialize};

/// What a column of a table of orders holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderColumn {
    /// The merchant's number of the order.
    Number,
    /// WeChat Pay's number of the payment.
    TransactionId,
    Amount,
    State,
    Time,
    /// How much was refunded.
    Refund,
    RefundNumber,
    RefundTime,
    Currency,
}

impl OrderColumn {
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::TransactionId,
        Self::Amount,
        Self::State,
        Self::Time,
        Self::Refund,
        Self::RefundNumber,
        Self::RefundTime,
        Self::Currency,
    ];

    /// Its name in a mapping.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::TransactionId => "transaction_id",
            Self::Amount => "amount",
            Self::State => "state",
            Self::Time => "time",
            Self::Refund => "refund",
            Self::RefundNumber => "refund_number",
            Self::RefundTime => "refund_time",
            Self::Currency => "currency",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }

    /// Names that tables of shops have, the most usual first: without blanks, brackets and case.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Number => &[
                "商户订单号",
                "订单号",
                "订单编号",
                "商家订单号",
                "系统订单号",
                "外部订单号",
                "交易单号",
                "单号",
                "out_trade_no",
                "outtradeno",
                "order_no",
                "orderno",
                "order_number",
                "ordernumber",
                "order_id",
                "orderid",
                "order_sn",
                "ordersn",
                "number",
            ],
            Self::TransactionId => &[
                "微信订单号",
                "微信支付订单号",
                "微信支付单号",
                "支付流水号",
                "第三方流水号",
                "渠道流水号",
                "交易流水号",
                "transaction_id",
                "transactionid",
                "trade_no",
            ],
            Self::Amount => &[
                "订单金额",
                "支付金额",
                "实付金额",
                "实付款",
                "应付金额",
                "交易金额",
                "付款金额",
                "实收金额",
                "订单总额",
                "总金额",
                "金额",
                "amount",
                "total_amount",
                "totalamount",
                "pay_amount",
                "payamount",
                "paid_amount",
                "total_fee",
                "total",
                "amount.total",
                "price",
            ],
            Self::State => &[
                "订单状态",
                "支付状态",
                "交易状态",
                "付款状态",
                "状态",
                "trade_state",
                "status",
                "state",
                "order_status",
                "orderstatus",
                "pay_status",
                "paystatus",
            ],
            Self::Time => &[
                "支付时间",
                "付款时间",
                "交易时间",
                "成交时间",
                "支付完成时间",
                "下单时间",
                "创建时间",
                "订单时间",
                "时间",
                "日期",
                "success_time",
                "pay_time",
                "paytime",
                "paid_at",
                "paidat",
                "payment_time",
                "time",
                "created_at",
                "createdat",
                "create_time",
                "date",
            ],
            Self::Refund => &[
                "退款金额",
                "已退款金额",
                "申请退款金额",
                "退款总额",
                "refund_amount",
                "refundamount",
                "refunded_amount",
                "refund",
                "refund_fee",
                "amount.refund",
            ],
            Self::RefundNumber => &[
                "商户退款单号",
                "退款单号",
                "退款编号",
                "售后单号",
                "out_refund_no",
                "outrefundno",
                "refund_no",
                "refundno",
                "refund_number",
                "refund_id",
            ],
            Self::RefundTime => &["退款时间", "退款申请时间", "refund_time", "refunded_at", "refundedat"],
            Self::Currency => &["货币种类", "币种", "货币", "currency", "amount.currency"],
        }
    }
}

/// The unit of the amounts in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AmountUnit {
    /// The major unit of the currency: yuan (元).
    Yuan,
    /// The smallest: fen (分).
    Fen,
}

impl AmountUnit {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yuan => "yuan",
            Self::Fen => "fen",
        }
    }
}

/// A column's name as it is compared: without blanks, in lower case, brackets in ASCII.
pub(super) fn plain_name(name: &str) -> String {
    let plain = |c: char| match c {
        '（' => '(',
        '）' => ')',
        c => c.to_ascii_lowercase(),
    };
    name.chars().filter(|c| !c.is_whitespace() && !"`'\"\u{feff}".contains(*c)).map(plain).collect()
}

/// A name without a unit in brackets: `金额(元)` is `金额`.
pub(super) fn without_unit(name: &str) -> &str {
    name.split_once('(').map_or(name, |(name, _)| name)
}

/// The unit that a column's name has.
pub(super) fn named_unit(name: &str) -> Option<AmountUnit> {
    let name = plain_name(name);
    if ["(分)", "(fen)", "(cents)", "_fen", "_cents"].iter().any(|fen| name.ends_with(fen))
        || name == "total_fee"
        || name == "refund_fee"
        || name.starts_with("amount.")
    {
        return Some(AmountUnit::Fen);
    }
    ["(元)", "(yuan)", "(rmb)", "(cny)", "_yuan"].iter().any(|yuan| name.ends_with(yuan)).then_some(AmountUnit::Yuan)
}
