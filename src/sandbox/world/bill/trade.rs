//! The trade bill: the payments of a day, and the refunds that were accepted (transactions reference §9.4).

use super::super::refund::Refund;
use super::super::transaction::{Payment, Transaction};
use super::super::{SandboxMerchant, World};
use super::{Csv, RATE, fee_of, fine_yuan, on, yuan};
use crate::model::bill::TradeRows;
use crate::model::time::{Date, Duration, Timestamp, bill_time, midnight};

/// The first columns of every layout.
const COMMON: [&str; 14] = [
    "交易时间",
    "公众账号ID",
    "商户号",
    "特约商户号",
    "设备号",
    "微信订单号",
    "商户订单号",
    "用户标识",
    "交易类型",
    "交易状态",
    "付款银行",
    "货币种类",
    "应结订单金额",
    "代金券金额",
];
const ALL: [&str; 13] = [
    "微信退款单号",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款类型",
    "退款状态",
    "商品名称",
    "商户数据包",
    "手续费",
    "费率",
    "订单金额",
    "申请退款金额",
    "费率备注",
];
const SUCCESS: [&str; 6] = ["商品名称", "商户数据包", "手续费", "费率", "订单金额", "费率备注"];
/// The times of refunds come first; the rest is as in [`ALL`].
const REFUND: [&str; 2] = ["退款申请时间", "退款成功时间"];

/// A payment, or a refund of it.
struct Line<'a> {
    merchant: &'a SandboxMerchant,
    transaction: &'a Transaction,
    payment: &'a Payment,
    refund: Option<&'a Refund>,
    /// The end of the day: later changes are not shown.
    until: Timestamp,
}

impl Line<'_> {
    fn at(&self) -> Timestamp {
        self.refund.map_or(self.payment.at, |refund| refund.created)
    }

    /// The merchant's part of the payment, in fen.
    fn settlement(&self) -> i64 {
        if self.refund.is_some() { 0 } else { self.transaction.total - self.payment.off(&["NOCASH"]) }
    }

    fn total(&self) -> i64 {
        if self.refund.is_some() { 0 } else { self.transaction.total }
    }

    fn coupon(&self) -> i64 {
        if self.refund.is_some() { 0 } else { self.payment.off(&["CASH"]) }
    }

    /// Negative for refunds.
    fn fee(&self) -> i64 {
        self.refund.map_or_else(|| fee_of(self.settlement()), |refund| -refund.fee)
    }

    /// The refund's part of the settled amount.
    fn refunded(&self) -> i64 {
        self.refund.map_or(0, |refund| refund.settlement_refund)
    }

    fn coupon_refunded(&self) -> i64 {
        self.refund.map_or(0, |refund| refund.settlement_refund - refund.payer_refund)
    }

    fn requested(&self) -> i64 {
        self.refund.map_or(0, |refund| refund.amount)
    }

    /// When the refund arrived, if that was before the day ended.
    fn arrived(&self) -> Option<Timestamp> {
        self.refund?.succeeded.filter(|at| *at < self.until)
    }

    fn cell(&self, column: &str) -> String {
        let refund = |text: fn(&Refund) -> &str, none: &str| self.refund.map_or(none, text).to_owned();
        match column {
            "交易时间" => bill_time(self.at()),
            "公众账号ID" => self.merchant.appid.clone(),
            "商户号" => self.merchant.mchid.clone(),
            "特约商户号" => "0".to_owned(),
            "微信订单号" => self.payment.transaction_id.clone(),
            "商户订单号" => self.transaction.number.clone(),
            "用户标识" => self.payment.openid.clone(),
            "交易类型" => self.transaction.kind.word().to_owned(),
            "交易状态" => if self.refund.is_some() { "REFUND" } else { "SUCCESS" }.to_owned(),
            "付款银行" => self.payment.bank.to_owned(),
            "货币种类" => "CNY".to_owned(),
            "应结订单金额" => yuan(self.settlement()),
            "代金券金额" => yuan(self.coupon()),
            "退款申请时间" => self.refund.map(|refund| bill_time(refund.created)).unwrap_or_default(),
            "退款成功时间" => self.arrived().map(bill_time).unwrap_or_default(),
            "微信退款单号" => refund(|refund| &refund.refund_id, "0"),
            "商户退款单号" => refund(|refund| &refund.number, "0"),
            "退款金额" => yuan(self.refunded()),
            "充值券退款金额" => yuan(self.coupon_refunded()),
            "退款类型" => refund(|_| "ORIGINAL", ""),
            // Later changes are not shown.
            "退款状态" => {
                let state = if self.arrived().is_some() { "SUCCESS" } else { "PROCESSING" };
                self.refund.map_or("", |_| state).to_owned()
            }
            "商品名称" => escaped(&self.transaction.description),
            "商户数据包" => escaped(self.transaction.attach.as_deref().unwrap_or_default()),
            "手续费" => fine_yuan(self.fee()),
            "费率" => RATE.to_owned(),
            "订单金额" => yuan(self.total()),
            "申请退款金额" => yuan(self.requested()),
            // 设备号, 费率备注
            _ => String::new(),
        }
    }
}

/// The merchant's own text, without characters that would end a cell or a line.
fn escaped(text: &str) -> String {
    text.replace(',', "\\ ").replace('\n', "\\n")
}

fn sum<'a>(lines: &[Line<'a>], part: fn(&Line<'a>) -> i64) -> i64 {
    lines.iter().map(part).sum()
}

impl World {
    fn trade_lines(&self, day: Date, rows: TradeRows) -> Vec<Line<'_>> {
        let until = midnight(day) + Duration::DAY;
        let line = |number: &str, refund| {
            let transaction = self.transactions.get(number)?;
            let payment = transaction.payment.as_ref()?;
            Some(Line { merchant: &self.merchant, transaction, payment, refund, until })
        };
        let payments = self.transactions.iter().filter_map(|transaction| line(&transaction.number, None));
        let refunds = self.refunds.iter().filter_map(|refund| line(&refund.trade, Some(refund)));
        let mut lines: Vec<Line<'_>> = match rows {
            TradeRows::All => payments.chain(refunds).filter(|line| on(day, line.at())).collect(),
            TradeRows::Success => payments.filter(|line| on(day, line.at())).collect(),
            TradeRows::Refund => refunds.filter(|line| on(day, line.at())).collect(),
        };
        lines.sort_by_key(Line::at);
        lines
    }

    /// The trade bill of a day; `None` if it has no rows.
    pub(super) fn trade_csv(&self, day: Date, rows: TradeRows) -> Option<Csv> {
        let lines = self.trade_lines(day, rows);
        if lines.is_empty() {
            return None;
        }
        let header = match rows {
            TradeRows::All => [&COMMON[..], &ALL].concat(),
            TradeRows::Success => [&COMMON[..], &SUCCESS].concat(),
            TradeRows::Refund => [&COMMON[..], &REFUND, &ALL].concat(),
        };
        let mut csv = Csv::new(&header);
        for line in &lines {
            csv.values(header.iter().map(|column| line.cell(column)));
        }
        let summary = [
            ("总交易单数", lines.len().to_string()),
            ("应结订单总金额", yuan(sum(&lines, Line::settlement))),
            ("退款总金额", yuan(sum(&lines, Line::refunded))),
            ("充值券退款总金额", yuan(sum(&lines, Line::coupon_refunded))),
            ("手续费总金额", fine_yuan(sum(&lines, Line::fee))),
            ("订单总金额", yuan(sum(&lines, Line::total))),
            ("申请退款总金额", yuan(sum(&lines, Line::requested))),
        ];
        // A bill of payments only has no sums of refunds.
        let shown = |(name, _): &&(&str, String)| rows != TradeRows::Success || !name.contains("退款");
        let (names, values): (Vec<&str>, Vec<&str>) =
            summary.iter().filter(shown).map(|(name, value)| (*name, value.as_str())).unzip();
        csv.names(&names);
        csv.values(values);
        Some(csv)
    }
}
