//! The fund-flow bill: how the balance of the merchant's account changed on a day (transactions reference §9.5).

use super::super::World;
use super::{Csv, fee_of, on, yuan};
use crate::model::time::{Date, Timestamp, bill_time, compact_day};

const HEADER: [&str; 11] = [
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务名称",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "资金变更提交申请人",
    "备注",
    "业务凭证号",
];
const SUMMARY: [&str; 5] = ["资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额"];
/// The balance before the first payment: 1000 yuan.
const OPENING: i64 = 100_000;

/// A change of the balance.
struct Flow<'a> {
    at: Timestamp,
    /// WeChat Pay's number of the cause, and the merchant's.
    cause: (&'a str, &'a str),
    /// 业务名称 and 业务类型.
    business: (&'static str, &'static str),
    /// Negative for expenses.
    amount: i64,
    by: String,
    note: String,
}

impl World {
    /// Every change of the balance, oldest first.
    fn flows(&self) -> Vec<Flow<'_>> {
        let mut flows = Vec::new();
        for transaction in self.transactions.iter() {
            let Some(payment) = &transaction.payment else { continue };
            let settled = transaction.total - payment.off(&["NOCASH"]);
            let flow = |kind: &'static str, amount: i64, note: &str| Flow {
                at: payment.at,
                cause: (&payment.transaction_id, &transaction.number),
                business: ("交易", kind),
                amount,
                by: "system".to_owned(),
                note: note.to_owned(),
            };
            flows.push(flow("交易", settled, ""));
            let fee = fee_of(settled);
            if fee > 0 {
                flows.push(flow("扣除交易手续费", -fee, "结算手续费"));
            }
        }
        for refund in self.refunds.iter() {
            let Some(at) = refund.succeeded else { continue };
            flows.push(Flow {
                at,
                cause: (&refund.refund_id, &refund.number),
                business: ("退款", "退款"),
                amount: refund.fee - refund.settlement_refund,
                by: format!("{}API", self.merchant.mchid),
                note: format!("退款总金额{}元;含手续费{}元", yuan(refund.settlement_refund), yuan(refund.fee)),
            });
        }
        flows.sort_by_key(|flow| flow.at);
        flows
    }

    /// The fund-flow bill of a day; `None` if the balance did not change.
    pub(super) fn fund_flow_csv(&self, day: Date) -> Option<Csv> {
        let mut csv = Csv::new(&HEADER);
        let mut balance = OPENING;
        let (mut income, mut outgo) = ((0u64, 0), (0u64, 0));
        for flow in self.flows() {
            balance += flow.amount;
            if !on(day, flow.at) {
                continue;
            }
            let side = if flow.amount < 0 { &mut outgo } else { &mut income };
            *side = (side.0 + 1, side.1 + flow.amount.abs());
            let number = income.0 + outgo.0;
            csv.values([
                bill_time(flow.at),
                flow.cause.0.to_owned(),
                format!("{}{}{number:010}", self.merchant.mchid, compact_day(flow.at)),
                flow.business.0.to_owned(),
                flow.business.1.to_owned(),
                if flow.amount < 0 { "支出" } else { "收入" }.to_owned(),
                yuan(flow.amount.abs()),
                yuan(balance),
                flow.by,
                flow.note,
                flow.cause.1.to_owned(),
            ]);
        }
        csv.names(&SUMMARY);
        let (count, sum) = (|n: u64| n.to_string(), |n: i64| yuan(n));
        csv.values([count(income.0 + outgo.0), count(income.0), sum(income.1), count(outgo.0), sum(outgo.1)]);
        (income.0 + outgo.0 > 0).then_some(csv)
    }
}
