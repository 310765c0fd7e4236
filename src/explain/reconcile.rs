//! Texts about a reconciliation: classes, reasons, what to do, and what could not be read.

use super::{Explanation, api_error};
use crate::i18n::Lang;
use crate::model::reconcile::{
    AmountUnit, BookDifference, BookSide, BookState, ColumnMapError, DifferenceClass, Reconciliation, RowVerdict,
    Unbalanced, WhyDifferent,
};
use crate::model::time::{bill_time, day};
use crate::model::{Money, Sum};
use crate::services::reconcile::{DifferenceNotClosed, OrdersError, OrdersSummary, ReconcileError, Reconciled};

/// The name of a side.
pub(crate) fn book_side(lang: Lang, side: BookSide) -> String {
    lang.t(&format!("book-{}", side.word()))
}

/// What became of rows.
pub(crate) fn row_verdict(lang: Lang, verdict: RowVerdict) -> String {
    match verdict {
        RowVerdict::Differs(class) => difference_class(lang, class),
        RowVerdict::Matched
        | RowVerdict::AcrossDays
        | RowVerdict::HeldOver
        | RowVerdict::NothingDue
        | RowVerdict::OtherDay
        | RowVerdict::OtherBusiness
        | RowVerdict::NotCompared => lang.t(&format!("verdict-{}", verdict.word())),
    }
}

/// The name of a class.
pub(crate) fn difference_class(lang: Lang, class: DifferenceClass) -> String {
    lang.t(&format!("difference-{}", class.word()))
}

/// The state of a row.
pub(crate) fn book_state(lang: Lang, state: BookState) -> String {
    lang.t(&format!("book-state-{}", state.word()))
}

/// Why it differs.
pub(crate) fn difference_reason(lang: Lang, difference: &BookDifference) -> String {
    let money = |minor: Option<i64>| {
        minor.map_or_else(|| "–".to_owned(), |minor| Money { minor, currency: difference.currency }.to_string())
    };
    let of = |side| difference.row(side).map(|row| row.amount);
    // A difference is positive or negative; by how much two sides differ is not.
    let off = Sum { minor: i128::from(difference.amount).abs(), currency: difference.currency };
    let order = difference.order.clone().unwrap_or_default();
    let known = difference.known.as_ref();
    let state = known.map(|known| book_state(lang, known.state)).unwrap_or_default();
    let amount = known.and_then(|known| known.amount).map(|amount| amount.to_string()).unwrap_or_default();
    let id = format!("differs-{}", difference.why.word());
    match difference.why {
        // What is held over has the row of one side at most, and no document.
        WhyDifferent::Amounts if BookSide::ALL.iter().all(|side| of(*side).is_none()) => lang.t("differs-amounts-held"),
        WhyDifferent::QueryShows if known.is_none() => lang.t("differs-query-shows-held"),
        WhyDifferent::Amounts => {
            let (trade, orders) = (of(BookSide::Trade).or(of(BookSide::Flow)), of(BookSide::Orders));
            tr!(lang, &id, trade = money(trade), orders = money(orders))
        }
        WhyDifferent::QueryShows => tr!(lang, &id, state = state, amount = amount),
        WhyDifferent::NoPayment | WhyDifferent::NeverPaid | WhyDifferent::MoreThanPaid => tr!(lang, &id, order = order),
        WhyDifferent::Rate | WhyDifferent::FlowAmount | WhyDifferent::FlowFee => {
            tr!(lang, &id, amount = off.to_string())
        }
        WhyDifferent::NoOrder
        | WhyDifferent::NoRefundOrder
        | WhyDifferent::NoMoney
        | WhyDifferent::NoMoneyAtMidnight
        | WhyDifferent::NoRefundMoney
        | WhyDifferent::Currencies
        | WhyDifferent::PaidButUnpaid
        | WhyDifferent::PaidButClosed
        | WhyDifferent::ReversedButPaid
        | WhyDifferent::RefundFailed
        | WhyDifferent::ListedTwice
        | WhyDifferent::PaidTwice
        | WhyDifferent::OrderedTwice
        | WhyDifferent::RefundedTwice
        | WhyDifferent::NotInFlow
        | WhyDifferent::NotInTrade => lang.t(&id),
    }
}

/// What to do about it.
pub(crate) fn difference_remedy(lang: Lang, difference: &BookDifference) -> String {
    lang.t(&format!("remedy-{}", difference.why.remedy().word()))
}

/// The days of a reconciliation.
pub(crate) fn reconciled_days(lang: Lang, result: &Reconciliation) -> String {
    let (from, to) = (day(result.period.from), day(result.period.to));
    if from == to { from } else { tr!(lang, "reconcile-period", from = from, to = to) }
}

/// Each side's total as the sum of its parts, a line for each side and currency.
pub(crate) fn balance_lines(lang: Lang, result: &Reconciliation) -> Vec<String> {
    let line = |balance: &crate::model::reconcile::Balance| {
        let parts = RowVerdict::all().filter_map(|verdict| {
            let volume = balance.parts.get(&verdict)?;
            Some(format!("{} {}", row_verdict(lang, verdict), balance.sum(*volume)))
        });
        let parts = parts.collect::<Vec<_>>().join(" + ");
        let (side, total) = (book_side(lang, balance.side), balance.sum(balance.total).to_string());
        tr!(lang, "reconcile-adds-up", side = side, total = total, parts = parts)
    };
    result.balances().iter().map(line).collect()
}

/// What an operator must know of how the sides were read, and what was matched across a midnight.
pub(crate) fn reconcile_notes(lang: Lang, reconciled: &Reconciled) -> Vec<String> {
    let mut notes = Vec::new();
    for (side, missing) in &reconciled.missing {
        // Of a side that is not compared at all, no day is missing.
        if reconciled.result.has(*side) {
            notes.push(tr!(lang, "reconcile-missing-day", side = book_side(lang, *side), day = day(*missing)));
        }
    }
    for bill in reconciled.bills.iter().filter(|bill| bill.bad > 0) {
        let (file, line) = (bill.file.display().to_string(), bill.first_bad.unwrap_or_default());
        notes.push(tr!(lang, "reconcile-bad-bill", file = file, n = bill.bad, line = line.to_string()));
    }
    notes.extend(reconciled.orders.iter().flat_map(|orders| orders_notes(lang, orders)));
    if reconciled.result.unit_suspected {
        notes.push(lang.t("reconcile-unit-suspected"));
    }
    if reconciled.too_many {
        notes.push(tr!(lang, "reconcile-too-many", n = crate::services::reconcile::MOST_HELD));
    }
    if reconciled.held.settled > 0 {
        notes.push(tr!(lang, "reconcile-settled", n = reconciled.held.settled));
    }
    if reconciled.queried > 0 {
        notes.push(tr!(lang, "reconcile-queried", n = reconciled.queried));
    }
    let cuts = reconciled.result.day_cuts(3);
    if !cuts.is_empty() {
        let time = |at: Option<crate::model::time::Timestamp>| at.map(bill_time).unwrap_or_else(|| "–".to_owned());
        let example = |cut: &crate::model::reconcile::DayCut| {
            let amount = Money { minor: cut.amount, currency: cut.currency }.to_string();
            let (trade, orders) = (time(cut.trade), time(cut.orders));
            tr!(lang, "reconcile-day-cut", number = cut.number, amount = amount, trade = trade, orders = orders)
        };
        let examples = cuts.iter().map(example).collect::<Vec<_>>().join("; ");
        notes.push(tr!(lang, "reconcile-day-cuts", examples = examples));
    }
    notes
}

fn orders_notes(lang: Lang, orders: &OrdersSummary) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some((line, column)) = orders.bad_lines.first() {
        let (n, line) = (orders.bad, line.to_string());
        notes.push(match column {
            None => tr!(lang, "reconcile-bad-orders", n = n, line = line),
            Some(column) => {
                let column = lang.t(&format!("order-column-{}", column.word()));
                tr!(lang, "reconcile-bad-column", n = n, line = line, column = column)
            }
        });
    }
    if !orders.unknown_states.is_empty() {
        let words = orders.unknown_states.iter().take(8).map(|(word, n)| format!("{word} ({n})"));
        let words = words.collect::<Vec<_>>().join(", ");
        notes.push(tr!(lang, "reconcile-unknown-state", words = words));
    }
    if orders.timeless > 0 {
        notes.push(tr!(lang, "reconcile-timeless", n = orders.timeless));
    }
    notes
}

/// How the orders were read, for checking.
pub(crate) fn orders_side(lang: Lang, orders: &OrdersSummary) -> Vec<String> {
    let unit = lang.t(match orders.unit {
        AmountUnit::Yuan => "reconcile-unit-yuan",
        AmountUnit::Fen => "reconcile-unit-fen",
    });
    let minutes = i32::from(orders.offset_minutes);
    let zone = format!(
        "UTC{}{}{}",
        if minutes < 0 { "-" } else { "+" },
        minutes.abs() / 60,
        if minutes % 60 == 0 { String::new() } else { format!(":{:02}", minutes.abs() % 60) }
    );
    let columns = orders
        .columns
        .iter()
        .map(|(column, name)| format!("{} = {name}", lang.t(&format!("order-column-{}", column.word()))));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let (side, file) = (book_side(lang, BookSide::Orders), orders.file.display().to_string());
    let (rows, encoding) = (orders.rows, orders.encoding.name());
    vec![
        tr!(
            lang,
            "reconcile-side-orders",
            side = side,
            rows = rows,
            unit = unit,
            zone = zone,
            encoding = encoding,
            file = file
        ),
        tr!(lang, "reconcile-columns", columns = columns),
    ]
}

/// What is wrong with a mapping of columns.
pub(crate) fn column_map(lang: Lang, error: &ColumnMapError) -> String {
    match error {
        ColumnMapError::Malformed(part) => tr!(lang, "why-map-malformed", part = part),
        ColumnMapError::Unknown(part) => tr!(lang, "why-map-unknown", part = part),
        ColumnMapError::Unit(part) => tr!(lang, "why-map-unit", part = part),
        ColumnMapError::Zone(part) => tr!(lang, "why-map-zone", part = part),
        ColumnMapError::NoColumn(name, columns) => {
            tr!(lang, "why-orders-column", name = name, columns = columns.join(", "))
        }
        ColumnMapError::NotFound(column, columns) => {
            let what = lang.t(&format!("order-column-{}", column.word()));
            tr!(lang, "why-orders-no-column", what = what, columns = columns.join(", "))
        }
    }
}

/// Why there is no reconciliation.
pub(crate) fn not_reconciled(lang: Lang, error: &ReconcileError) -> Explanation {
    let what = lang.t("cli-error-not-reconciled");
    let words = |why: String, next: &str| Explanation {
        what: what.clone(),
        why: Some(why),
        next: Some(lang.t(next)),
        ..Default::default()
    };
    match error {
        ReconcileError::Bill(failure) => super::bill(lang, failure),
        ReconcileError::NotABill { path, source } => {
            let (why, next) = super::unread_bill(lang, source);
            let why = tr!(lang, "why-orders-unread", path = path.display().to_string(), why = why);
            Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
        }
        ReconcileError::Altered { path, was, is } => Explanation {
            what: tr!(lang, "cli-error-altered-bill", path = path.display().to_string()),
            why: Some(tr!(lang, "cli-why-altered-bill", was = was, is = is)),
            next: Some(lang.t("cli-advice-no-bill")),
            ..Default::default()
        },
        ReconcileError::Orders { path, source } => {
            let why = orders_error(lang, source);
            let why = tr!(lang, "why-orders-unread", path = path.display().to_string(), why = why);
            words(why, "advice-orders")
        }
        ReconcileError::NoBill(of) => Explanation {
            what: tr!(lang, "cli-error-no-bill", which = day(*of)),
            next: Some(lang.t("cli-advice-no-bill")),
            ..Default::default()
        },
        ReconcileError::NothingToCompare => words(lang.t("why-one-side"), "advice-one-side"),
        ReconcileError::Rate(rate) => words(tr!(lang, "why-rate", rate = rate), "advice-one-side"),
        ReconcileError::TooMany => words(lang.t("why-too-many-rows"), "advice-one-side"),
        ReconcileError::Unbalanced(unbalanced) => {
            words(unbalanced_words(lang, unbalanced), "cli-advice-not-reconciled")
        }
        ReconcileError::Ledger(error) => super::ledger(lang, error),
        ReconcileError::Stopped(crate::services::Stopped::Api(error)) => api_error(lang, error),
        ReconcileError::Stopped(crate::services::Stopped::Ledger(error)) => super::ledger(lang, error),
        ReconcileError::Kept(error) => words(error.to_string(), "advice-bill-file"),
        ReconcileError::Thread => words(error.to_string(), "cli-advice-not-reconciled"),
    }
}

fn unbalanced_words(lang: Lang, unbalanced: &Unbalanced) -> String {
    let sum = |volume: crate::model::bill::Volume| volume.sum(unbalanced.currency).to_string();
    let (found, expected) = (sum(unbalanced.found), sum(unbalanced.expected));
    tr!(lang, "why-unbalanced", side = book_side(lang, unbalanced.side), found = found, expected = expected)
}

fn orders_error(lang: Lang, error: &OrdersError) -> String {
    match error {
        OrdersError::Read(error) => tr!(lang, "bill-why-read", source = error.to_string()),
        OrdersError::Text(error) => super::unread_bill(lang, error).0,
        OrdersError::Columns(error) => column_map(lang, error),
        OrdersError::Empty => lang.t("why-orders-empty"),
        OrdersError::OpenQuote(line) => tr!(lang, "why-orders-quote", line = line.to_string()),
        OrdersError::TooMany(_) => lang.t("why-too-many-rows"),
    }
}

/// Why a difference was not closed.
pub(crate) fn not_closed(lang: Lang, id: i64, error: &DifferenceNotClosed) -> String {
    use crate::ledger::NotHeld;
    match error {
        DifferenceNotClosed::NoReason => lang.t("cli-reconcile-reason"),
        DifferenceNotClosed::Held(NotHeld::Missing) => tr!(lang, "why-not-held", id = id),
        DifferenceNotClosed::Held(NotHeld::Ended(_)) => tr!(lang, "why-held-ended", id = id),
        DifferenceNotClosed::Ledger(error) => super::ledger(lang, error).line(),
    }
}
