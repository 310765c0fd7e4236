//! Refunds beside the payments that they are of: whether there is a payment, whether they are more than it, and, where the
//! merchant has only a sum of refunds for each order, whether that sum covers them.

use std::collections::{HashMap, HashSet};

use super::index::{Books, NumberIndex};
use super::outcome::text;
use super::row::{Book, BookEntry, key_hash};
use super::{
    AskKnown, BookSide, BookState, Confidence, DifferenceClass, KnownMovement, Movement, OrderRefunds, WhyDifferent,
};

/// What the merchant's side knows of a refund whose number it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its order has refunds that cover it.
    Vouched,
    /// Its order is there, and has no such refund.
    Unvouched,
    /// Its order is not there.
    Unknown,
}

/// What is wrong with a refund beside its payment.
pub(super) type RefundProblem = (DifferenceClass, WhyDifferent, Confidence);

/// What was found about refunds, by the place of their row in the trade bill.
#[derive(Debug, Default)]
pub(super) struct Standings {
    standings: HashMap<u32, Standing>,
    problems: HashMap<u32, RefundProblem>,
    /// The numbers of payments that were reversed.
    reversed: HashSet<Vec<u8>>,
    pub known: HashMap<(Movement, String), KnownMovement>,
}

impl Standings {
    pub(super) fn standing(&self, place: u32) -> Option<Standing> {
        self.standings.get(&place).copied()
    }

    pub(super) fn problem(&self, place: u32) -> Option<RefundProblem> {
        self.problems.get(&place).copied()
    }

    pub(super) fn is_reversed(&self, number: &[u8]) -> bool {
        !self.reversed.is_empty() && self.reversed.contains(number)
    }
}

/// The refunds of one order, the earliest first, each number once.
struct OfOrder<'a> {
    order: &'a [u8],
    refunds: Vec<BookEntry<'a>>,
    paid: Option<i64>,
    /// The merchant's order, and whether its money was due.
    ordered: Option<bool>,
}

/// Finds what is to be found of the refunds in the trade bill.
pub(super) fn standings(
    books: &Books,
    index: &NumberIndex,
    (refunds, sums): (OrderRefunds, Option<&Book>),
    ask: &mut AskKnown<'_>,
) -> Standings {
    let mut found = Standings::default();
    let Some(trade) = &books.trade else { return found };
    let reversals = trade.iter().filter(BookEntry::is_reversal);
    found.reversed = reversals.map(|row| row.number().to_vec()).filter(|number| !number.is_empty()).collect();
    let mut groups = by_order(trade);
    groups.iter_mut().for_each(|group| payment(group, books, index));
    // A payment of an earlier day: the ledger may know it.
    let unpaid: Vec<&OfOrder<'_>> = groups.iter().filter(|group| group.paid.is_none()).collect();
    let wanted: Vec<_> = unpaid.iter().map(|group| (Movement::Payment, text(group.order))).collect();
    for keys in wanted.chunks(1000) {
        let answers = keys.iter().cloned().zip(ask(keys));
        found.known.extend(answers.filter_map(|(key, known)| Some((key, known?))));
    }
    let sums = sums.map(sums_by_order);
    for group in &groups {
        let known = found.known.get(&(Movement::Payment, text(group.order))).cloned();
        judge(group, known.as_ref(), books, index, refunds, &mut found);
        if let Some(sums) = &sums {
            vouch(group, sums, books, index, &mut found);
        }
    }
    found
}

fn by_order(trade: &Book) -> Vec<OfOrder<'_>> {
    let refunds = trade.iter().filter(|row| row.movement() == Movement::Refund && !row.order().is_empty());
    let mut refunds: Vec<(u64, BookEntry<'_>)> =
        refunds.map(|row| (key_hash(Movement::Payment, row.order()), row)).collect();
    refunds.sort_by(|(one, a), (other, b)| {
        one.cmp(other).then_with(|| a.order().cmp(b.order())).then_with(|| (a.at(), a.place).cmp(&(b.at(), b.place)))
    });
    let groups = refunds.chunk_by(|(_, a), (_, b)| a.order() == b.order());
    groups
        .map(|group| {
            let mut seen = HashSet::new();
            let refunds = group.iter().map(|(_, row)| *row).filter(|row| seen.insert(row.number())).collect();
            OfOrder { order: group[0].1.order(), refunds, paid: None, ordered: None }
        })
        .collect()
}

/// Finds the payment of a group's order in the bills, else in the merchant's orders, else in the account.
fn payment(group: &mut OfOrder<'_>, books: &Books, index: &NumberIndex) {
    let run = index.find(books, Movement::Payment, group.order);
    let of = |side, places: &[u32]| places.iter().filter_map(|place| books.row(side, *place)).collect::<Vec<_>>();
    let trade = of(BookSide::Trade, &run.trade).into_iter().filter(|row| row.movement() == Movement::Payment);
    let orders = of(BookSide::Orders, &run.orders);
    let flows = of(BookSide::Flow, &run.flow);
    group.ordered = orders.iter().map(BookEntry::is_due).reduce(|a, b| a || b);
    let ordered = orders.iter().filter(|row| row.is_due()).map(BookEntry::amount).max();
    let moved = flows.iter().map(BookEntry::settled).filter(|amount| *amount > 0).max();
    group.paid = trade.map(|row| row.amount()).max().or(ordered).or(moved);
}

/// Whether there is a payment, and whether the refunds are more than it.
fn judge(
    group: &OfOrder<'_>,
    known: Option<&KnownMovement>,
    books: &Books,
    index: &NumberIndex,
    refunds: OrderRefunds,
    found: &mut Standings,
) {
    let within = || group.refunds.iter().filter(|row| row.is_within());
    let class = DifferenceClass::RefundWithoutPayment;
    let never = known.is_some_and(|known| matches!(known.state, BookState::Unpaid | BookState::Closed));
    let known_paid = known
        .filter(|known| matches!(known.state, BookState::Paid | BookState::Refunded | BookState::RefundPending))
        .and_then(|known| known.amount)
        .map(|amount| amount.minor);
    let Some(paid) = group.paid.or(known_paid) else {
        for row in within() {
            let has_order = || {
                let run = index.find(books, Movement::Refund, row.number());
                !run.orders.is_empty()
            };
            let problem = if never {
                Some((class, WhyDifferent::NeverPaid, Confidence::Certain))
            } else if known.is_none() && group.ordered == Some(false) {
                Some((class, WhyDifferent::NoPayment, Confidence::Certain))
            } else if known.is_none() && refunds == OrderRefunds::Numbers && !has_order() {
                Some((class, WhyDifferent::NoPayment, Confidence::Likely))
            } else {
                None
            };
            found.problems.extend(problem.map(|problem| (row.place, problem)));
        }
        return;
    };
    let mut left = paid;
    for row in group.refunds.iter().filter(|row| row.state() != BookState::RefundFailed) {
        // Refunds are negative.
        left = left.saturating_add(row.amount());
        if left < 0 && row.is_within() {
            let problem = (DifferenceClass::RefundTooLarge, WhyDifferent::MoreThanPaid, Confidence::Certain);
            found.problems.insert(row.place, problem);
        }
    }
}

fn sums_by_order(sums: &Book) -> HashMap<&[u8], i64> {
    let mut by_order: HashMap<&[u8], i64> = HashMap::new();
    for row in sums.iter() {
        let sum = by_order.entry(row.number()).or_default();
        *sum = sum.saturating_add(row.amount());
    }
    by_order
}

/// Whether the merchant's sum covers the refunds; those that it has by number need no sum.
fn vouch(group: &OfOrder<'_>, sums: &HashMap<&[u8], i64>, books: &Books, index: &NumberIndex, found: &mut Standings) {
    // An order without refunds has a sum of nothing, which covers none.
    let sum = sums.get(group.order).copied().or(group.ordered.map(|_| 0));
    let Some(mut left) = sum else {
        let unknown = group.refunds.iter().map(|row| (row.place, Standing::Unknown));
        return found.standings.extend(unknown);
    };
    for row in &group.refunds {
        if !index.find(books, Movement::Refund, row.number()).orders.is_empty() {
            continue;
        }
        // Both are negative.
        let is_covered = left <= row.amount();
        let standing = if is_covered { Standing::Vouched } else { Standing::Unvouched };
        if is_covered {
            left = left.saturating_sub(row.amount());
        }
        found.standings.insert(row.place, standing);
    }
}
