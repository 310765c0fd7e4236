//! Facts in a row of a trade bill about the objects it names (transactions reference §9.4).

use std::fmt;

use super::super::time::{Timestamp, parse_day};
use super::super::{Fact, Money, Number, ObjectId};
use super::{BillId, BillKind, TradeRow};

/// A fact about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillClaim {
    pub of: ObjectId,
    pub fact: Fact,
    pub amount: Option<Money>,
    /// Since when the fact holds.
    pub at: Option<Timestamp>,
}

/// A row of a bill, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BillRow {
    pub bill: BillId,
    pub row: u64,
}

impl TradeRow {
    /// The facts about the transaction, or about its refund; for an automatic deduction also about its service order.
    /// Malformed numbers and unknown words are skipped.
    pub fn says(&self) -> Vec<BillClaim> {
        let fact_of = |number: &str, fact: Fact, amount: Option<Money>, at: Option<Timestamp>| {
            let number = Number::parse(number).ok()?;
            Some(BillClaim { of: ObjectId::new(fact.kind(), number), fact, amount, at })
        };
        if self.state == "REVOKED" {
            // A reversal's amounts may be in the refund columns.
            let total = Some(self.amount()).filter(|total| total.minor != 0);
            return fact_of(&self.number, Fact::Revoked, total, self.at).into_iter().collect();
        }
        if let Some(refund) = &self.refund {
            let fact = match refund.state.as_str() {
                "SUCCESS" => Fact::Refunded,
                "PROCESSING" => Fact::Refunding,
                "FAIL" => Fact::RefundClosed,
                "CHANGE" => Fact::RefundAbnormal,
                _ => return Vec::new(),
            };
            let at = refund.succeeded.or(refund.applied).or(self.at);
            return fact_of(&refund.number, fact, Some(refund.requested), at).into_iter().collect();
        }
        if self.state != "SUCCESS" {
            return Vec::new();
        }
        let paid = fact_of(&self.number, Fact::Paid, Some(self.total), self.at);
        // An order may be paid in parts: one part's amount is not the order's.
        let order = self.service_order();
        let collected = order.and_then(|(_, number)| fact_of(number, Fact::Collected, None, self.at));
        paid.into_iter().chain(collected).collect()
    }
}

impl BillId {
    /// Undoes [`BillId::name`].
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '-');
        let kind = BillKind::parse(parts.next()?, parts.next()?)?;
        Some(Self { kind, day: parse_day(parts.next()?)? })
    }
}

impl BillRow {
    /// Undoes [`fmt::Display`].
    pub fn parse(text: &str) -> Option<Self> {
        let (bill, row) = text.split_once('#')?;
        Some(Self { bill: BillId::parse(bill)?, row: row.parse().ok().filter(|row| *row > 0)? })
    }
}

impl fmt::Display for BillRow {
    /// `trade-ALL-2025-10-09#17`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.bill.name(), self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bill, BillFileRow};
    use super::*;
    use crate::model::time::parse_bill_time;

    const HEADER: &str =
        "交易时间,商户订单号,交易类型,交易状态,订单金额,商户退款单号,退款金额,申请退款金额,退款状态,商户数据包\n";

    fn facts(row: &str) -> Vec<String> {
        let text = format!("{HEADER}`2025-10-09 16:53:41,`{row}\n");
        let entry = Bill::open(text.as_bytes()).unwrap().next_row().unwrap().unwrap().unwrap();
        let BillFileRow::Trade(row) = entry.row else { panic!("{text}") };
        let describe = |claim: BillClaim| {
            assert_eq!(claim.at, parse_bill_time("2025-10-09 16:53:41"));
            let amount = claim.amount.map_or("-".into(), |amount| amount.plain());
            format!("{} {} {amount}", claim.of, claim.fact.word())
        };
        row.says().into_iter().map(describe).collect()
    }

    #[test]
    fn a_row_names_its_transaction_or_refund_and_a_deduction_its_order() {
        assert_eq!(facts("T-1,`JSAPI,`SUCCESS,`28.80,`0,`0.00,`0.00,`,`"), ["transaction T-1 paid 28.80"]);
        assert_eq!(facts("T-1,`MICROPAY,`REVOKED,`28.80,`0,`0.00,`0.00,`,`"), ["transaction T-1 revoked 28.80"]);
        assert_eq!(
            facts("T-1,`MICROPAY,`REVOKED,`0.00,`0,`28.80,`28.80,`SUCCESS,`"),
            ["transaction T-1 revoked 28.80"]
        );
        let deduction = facts("91001,`AUTH,`SUCCESS,`28.80,`0,`0.00,`0.00,`,`wxzff|1000|SO-1");
        assert_eq!(deduction, ["transaction 91001 paid 28.80", "order SO-1 collected -"]);
        let refund = |state: &str| facts(&format!("T-1,`JSAPI,`REFUND,`0.00,`R-1,`8.19,`8.80,`{state},`"));
        assert_eq!(refund("SUCCESS"), ["refund R-1 refunded 8.80"]);
        assert_eq!(refund("PROCESSING"), ["refund R-1 refunding 8.80"]);
        assert_eq!(
            (refund("FAIL"), refund("CHANGE")),
            (vec!["refund R-1 refund-closed 8.80".to_owned()], vec!["refund R-1 refund-abnormal 8.80".to_owned()],)
        );
        assert_eq!(refund("LATER"), Vec::<String>::new());
        assert_eq!(facts("T 1,`JSAPI,`SUCCESS,`28.80,`0,`0.00,`0.00,`,`"), Vec::<String>::new());
    }

    #[test]
    fn a_row_is_found_by_its_name_again() {
        for name in ["trade-ALL-2025-10-09#17", "fundflow-BASIC-2026-01-31#1"] {
            assert_eq!(BillRow::parse(name).map(|row| row.to_string()).as_deref(), Some(name));
        }
        for name in ["", "trade-ALL-2025-10-09", "trade-ALL-2025-10-09#0", "trade-BASIC-2025-10-09#1", "trade-ALL#1"] {
            assert_eq!(BillRow::parse(name), None, "{name}");
        }
    }
}
