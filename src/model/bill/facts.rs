//! What the rows of trade bills say of an object, as far as a table shows it (transactions reference §9.4). A row is no
//! document: amounts that a bill does not have are missing, and a refund's state is that of the day it was made.

use super::super::{Kind, Number, ObjectId, State, Summary};
use super::{BillFileRow, RefundPart, TradeRow};

/// What a row says of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct BillFacts {
    pub of: ObjectId,
    pub summary: Summary,
}

/// The objects that a row is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowSubjects {
    /// A refund, or else a transaction.
    pub subject: Option<ObjectId>,
    /// The transaction of a refund, or the service order that a deduction paid.
    pub other: Option<ObjectId>,
}

fn id(kind: Kind, number: &str) -> Option<ObjectId> {
    let number = Some(number).filter(|number| *number != "0")?;
    Some(ObjectId::new(kind, Number::parse(number).ok()?))
}

fn filled(text: &str) -> Option<String> {
    Some(text).filter(|text| !matches!(*text, "" | "0")).map(str::to_owned)
}

impl BillFileRow {
    /// The objects that the row is about. A malformed number names nothing.
    pub fn subjects(&self) -> RowSubjects {
        match self {
            Self::Trade(row) => row.subjects(),
            Self::Flow(row) => {
                let kind = match row.business.as_str() {
                    "交易" => Kind::Transaction,
                    "退款" => Kind::Refund,
                    _ => return RowSubjects::default(),
                };
                RowSubjects { subject: id(kind, &row.voucher), other: None }
            }
        }
    }
}

impl TradeRow {
    /// The refund that the row lists. A reversal is the transaction's own state.
    fn refund_of_its_own(&self) -> Option<&RefundPart> {
        self.refund.as_deref().filter(|_| self.state != "REVOKED")
    }

    fn subjects(&self) -> RowSubjects {
        let transaction = id(Kind::Transaction, &self.number);
        match self.refund_of_its_own() {
            Some(refund) => RowSubjects { subject: id(Kind::Refund, &refund.number), other: transaction },
            None => {
                let order = self.service_order().and_then(|(_, number)| id(Kind::ServiceOrder, number));
                RowSubjects { subject: transaction, other: order }
            }
        }
    }

    /// What it says of its subject.
    pub fn facts(&self) -> Option<BillFacts> {
        let of = self.subjects().subject?;
        let summary = match self.refund_of_its_own() {
            Some(refund) => self.refunds_facts(refund),
            None => Some(self.transactions_facts(&self.state)).filter(|_| !self.state.is_empty()),
        }?;
        Some(BillFacts { of, summary })
    }

    /// What it says of an object.
    fn facts_of(&self, of: &ObjectId) -> Option<Summary> {
        let RowSubjects { subject, other } = self.subjects();
        if subject.as_ref() == Some(of) {
            return self.facts().map(|facts| facts.summary);
        }
        let refund = self.refund_of_its_own().filter(|_| other.as_ref() == Some(of))?;
        // A refund that failed leaves its transaction paid, which this row does not say.
        (refund.state != "FAIL").then(|| Summary { amount: None, time: None, ..self.transactions_facts("REFUND") })
    }

    fn transactions_facts(&self, state: &str) -> Summary {
        Summary {
            state: Kind::Transaction.state(state),
            platform_number: filled(&self.transaction_id),
            // As its document's.
            title: filled(&self.attach).or_else(|| filled(&self.description)),
            user: filled(&self.user),
            amount: Some(self.amount()),
            second: None,
            progress: None,
            time: self.at,
            ends: None,
            label: filled(&self.trade_type),
            quantity: None,
            days: None,
        }
    }

    fn refunds_facts(&self, refund: &RefundPart) -> Option<Summary> {
        let state = match refund.state.as_str() {
            "FAIL" => "CLOSED",
            "CHANGE" => "ABNORMAL",
            // It is listed once it was accepted.
            "" => "PROCESSING",
            other => other,
        };
        Some(Summary {
            state: Kind::Refund.state(state),
            platform_number: filled(&refund.id),
            title: filled(&refund.channel),
            user: None,
            amount: Some(refund.requested),
            second: Some(self.total).filter(|total| total.minor != 0),
            progress: None,
            time: refund.succeeded.or(refund.applied).or(self.at),
            ends: None,
            label: filled(&self.number).or_else(|| filled(&self.transaction_id)),
            quantity: None,
            days: None,
        })
    }
}

/// What several rows say of an object together, in whatever order they came: what no document says is taken from the
/// first row that has it, and of two states the later one in a life holds.
pub fn facts_together<'a>(of: &ObjectId, rows: impl IntoIterator<Item = &'a TradeRow>) -> Option<Summary> {
    let said = rows.into_iter().filter_map(|row| row.facts_of(of));
    said.reduce(|first, next| {
        let state = if rank(of.kind, &next.state) > rank(of.kind, &first.state) { next.state } else { first.state };
        Summary {
            state,
            platform_number: first.platform_number.or(next.platform_number),
            title: first.title.or(next.title),
            user: first.user.or(next.user),
            amount: first.amount.or(next.amount),
            second: first.second.or(next.second),
            progress: None,
            time: first.time.or(next.time),
            ends: None,
            label: first.label.or(next.label),
            quantity: None,
            days: None,
        }
    })
}

/// How late in its life an object is in a state, among those that bills have.
fn rank(kind: Kind, state: &State) -> u8 {
    match (kind, state.code.as_str()) {
        (Kind::Refund, "PROCESSING") | (Kind::Transaction, "SUCCESS") => 1,
        (Kind::Refund, "ABNORMAL") | (Kind::Transaction, "REFUND") => 2,
        (Kind::Refund, "CLOSED") | (Kind::Transaction, "REVOKED") => 3,
        (Kind::Refund, "SUCCESS") => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bill, split};
    use super::*;

    const HEADER: &str = "交易时间,微信订单号,商户订单号,用户标识,交易类型,交易状态,微信退款单号,商户退款单号,退款金额,退款类型,退款状态,商户数据包,订单金额,申请退款金额";

    fn row(cells: &str) -> TradeRow {
        let cells: Vec<String> = split(cells, b',').into_iter().map(|cell| format!("`{cell}")).collect();
        let text = format!("{HEADER}\n`2026-11-26 10:00:00,{}\n", cells.join(","));
        let entry = Bill::open(text.as_bytes()).unwrap().next_row().unwrap().unwrap().unwrap();
        let BillFileRow::Trade(row) = entry.row else { panic!("{text}") };
        *row
    }

    fn paid() -> TradeRow {
        row("4200,T-1,o1,JSAPI,SUCCESS,0,0,0.00,,,desk,28.80,0.00")
    }

    fn refunded(number: &str, state: &str) -> TradeRow {
        row(&format!("4200,T-1,o1,JSAPI,REFUND,5030,{number},8.00,ORIGINAL,{state},desk,0.00,8.00"))
    }

    #[test]
    fn a_payment_is_a_transaction_and_a_refund_one_that_completes_it() {
        let facts = paid().facts().unwrap();
        assert_eq!(facts.of.to_string(), "transaction T-1");
        let Summary { state, platform_number, title, user, amount, label, .. } = facts.summary;
        assert_eq!((&*state.code, platform_number.as_deref()), ("SUCCESS", Some("4200")));
        assert_eq!((title.as_deref(), user.as_deref(), label.as_deref()), (Some("desk"), Some("o1"), Some("JSAPI")));
        assert_eq!(amount.unwrap().minor, 2880);
        let refund = refunded("R-1", "PROCESSING");
        let facts = refund.facts().unwrap();
        assert_eq!((facts.of.to_string(), &*facts.summary.state.code), ("refund R-1".into(), "PROCESSING"));
        assert_eq!((facts.summary.amount.unwrap().minor, facts.summary.label.as_deref()), (800, Some("T-1")));
        let of = paid().facts().unwrap().of;
        let alone = facts_together(&of, [&refund]).unwrap();
        assert_eq!(
            (&*alone.state.code, alone.amount, alone.platform_number.as_deref()),
            ("REFUND", None, Some("4200"))
        );
        assert_eq!(facts_together(&of, [&refunded("R-1", "FAIL")]), None, "it says nothing of its transaction");
    }

    #[test]
    fn rows_say_the_same_together_in_whatever_order_they_come() {
        let (paid, refund) = (paid(), refunded("R-1", "SUCCESS"));
        let of = paid.facts().unwrap().of;
        let together = facts_together(&of, [&paid, &refund]);
        assert_eq!(together, facts_together(&of, [&refund, &paid]));
        let together = together.unwrap();
        assert_eq!((&*together.state.code, together.amount.unwrap().minor), ("REFUND", 2880));
        let refund_id = refund.facts().unwrap().of;
        let earlier = refunded("R-1", "PROCESSING");
        assert_eq!(&*facts_together(&refund_id, [&refund, &earlier]).unwrap().state.code, "SUCCESS");
    }

    #[test]
    fn a_deduction_is_linked_to_its_service_order_and_a_reversal_to_nothing() {
        let deduction = row("4200,91001,o1,AUTH,SUCCESS,0,0,0.00,,,wxzff|1000|SO-1,28.80,0.00");
        let subjects = BillFileRow::Trade(Box::new(deduction)).subjects();
        assert_eq!(subjects.other.unwrap().to_string(), "order SO-1");
        let reversed = row("4200,T-1,o1,MICROPAY,REVOKED,0,0,28.80,,SUCCESS,,0.00,28.80");
        let facts = reversed.facts().unwrap();
        assert_eq!((facts.of.to_string(), &*facts.summary.state.code), ("transaction T-1".into(), "REVOKED"));
        assert_eq!(facts.summary.amount.unwrap().minor, 2880);
        assert_eq!(BillFileRow::Trade(Box::new(reversed)).subjects().other, None);
    }
}
