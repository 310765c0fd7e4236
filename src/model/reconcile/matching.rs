//! Decides on the rows of one number after another: which belong together, whether they agree, and what is left over.

use super::index::{Books, NumberIndex, Run};
use super::outcome::{Found, NONE};
use super::refunds::{Standing, Standings};
use super::row::BookEntry;
use super::{
    Book, BookSide, BookState, Confidence, DayRole, DifferenceClass, Missing, Movement, OrderRefunds, RowVerdict,
    WhyDifferent,
};
use crate::model::time::{Duration, midnight};

/// How near to a midnight the other side may be on the other day.
const NEAR_MIDNIGHT: Duration = Duration::minutes(30);

/// What is decided so far.
pub(super) struct RowMatcher<'a> {
    pub books: &'a Books,
    pub refunds: OrderRefunds,
    pub missing: Missing,
    pub standings: &'a Standings,
    pub verdicts: [Vec<RowVerdict>; 3],
    pub found: Vec<Found>,
    pub settled: Vec<u32>,
}

/// The places of the rows of a difference.
#[derive(Clone, Copy)]
struct Places {
    trade: u32,
    orders: u32,
    flow: u32,
}

impl Places {
    const NOWHERE: Self = Self { trade: NONE, orders: NONE, flow: NONE };
}

impl<'a> RowMatcher<'a> {
    pub(super) fn decide(&mut self, run: &Run) {
        let trade = self.one_of_trade(run);
        let orders = self.one_of_orders(run, trade.as_ref());
        match (trade, &orders[..]) {
            (Some(trade), []) => self.money_alone(trade),
            (Some(trade), [order, ..]) => self.both(trade, *order, &orders),
            (None, [order, ..]) if self.books.trade.is_some() => self.order_alone(*order, &orders),
            (None, [order, ..]) => self.order_and_flow(*order, &orders, run),
            (None, []) => {}
        }
        if self.books.trade.is_some() {
            self.flow(run, trade);
        } else if orders.is_empty() {
            self.flow_alone(run);
        }
    }

    fn trade_row(&self, place: u32) -> Option<BookEntry<'a>> {
        self.books.row(BookSide::Trade, place)
    }

    fn order_row(&self, place: u32) -> Option<BookEntry<'a>> {
        self.books.row(BookSide::Orders, place)
    }

    fn set(&mut self, side: BookSide, row: &BookEntry<'_>, verdict: RowVerdict) {
        self.verdicts[side as usize][row.place as usize] = verdict;
    }

    fn differs(&mut self, class: DifferenceClass, why: WhyDifferent, how: (Confidence, i64), places: Places) {
        let (confidence, amount) = how;
        let Places { trade, orders, flow } = places;
        self.found.push(Found { class, why, confidence, secondary: false, amount, trade, orders, flow });
    }

    /// The row of the bill that counts; the others of its number are duplicates. The earliest is the one that counts,
    /// so that the bills of two days agree on it.
    fn one_of_trade(&mut self, run: &Run) -> Option<BookEntry<'a>> {
        let rows: Vec<BookEntry<'a>> = run.trade.iter().filter_map(|place| self.trade_row(*place)).collect();
        let reversed = rows.iter().any(|row| row.movement() == Movement::Reversal);
        let mut live: Vec<BookEntry<'a>> = rows.iter().filter(|row| !row.is_carried()).copied().collect();
        live.sort_by_key(|row| (row.movement() == Movement::Reversal, row.day(), row.place));
        let Some(first) = live.first().copied() else { return rows.first().copied() };
        let mut reversals = 0;
        for row in &live[1..] {
            // A payment and its reversal have one number.
            if row.movement() == Movement::Reversal && reversed && reversals == 0 && !first.is_reversal() {
                reversals += 1;
                let verdict = if row.is_within() { RowVerdict::Matched } else { RowVerdict::OtherDay };
                self.set(BookSide::Trade, row, verdict);
                continue;
            }
            if !row.is_within() {
                self.set(BookSide::Trade, row, RowVerdict::OtherDay);
                continue;
            }
            let why = match row.movement() {
                _ if row.is_same_payment(&first) && row.amount() == first.amount() => WhyDifferent::ListedTwice,
                Movement::Refund => WhyDifferent::RefundedTwice,
                Movement::Payment | Movement::Reversal | Movement::Other => WhyDifferent::PaidTwice,
            };
            self.set(BookSide::Trade, row, RowVerdict::Differs(DifferenceClass::Duplicate));
            let places = Places { trade: row.place, ..Places::NOWHERE };
            self.differs(DifferenceClass::Duplicate, why, (Confidence::Certain, row.amount()), places);
        }
        Some(first)
    }

    /// The merchant's rows that count: one, or the lines of one order. The others are duplicates.
    fn one_of_orders(&mut self, run: &Run, trade: Option<&BookEntry<'_>>) -> Vec<BookEntry<'a>> {
        let mut rows: Vec<BookEntry<'a>> = run.orders.iter().filter_map(|place| self.order_row(*place)).collect();
        if rows.len() < 2 {
            return rows;
        }
        if rows.iter().any(|row| !row.is_carried()) {
            rows.retain(|row| !row.is_carried());
        }
        let agrees = |row: &BookEntry<'_>| trade.is_some_and(|trade| trade.amount() == row.amount());
        // The one that agrees, else the one that was paid, else the first.
        rows.sort_by_key(|row| (!agrees(row), !row.is_due(), row.place));
        let total: i64 = rows.iter().map(BookEntry::amount).fold(0, i64::saturating_add);
        let one = rows[0];
        if !agrees(&one) && trade.is_some_and(|trade| trade.amount() == total) {
            return rows;
        }
        for row in &rows[1..] {
            if !row.is_within() {
                self.set(BookSide::Orders, row, RowVerdict::OtherDay);
                continue;
            }
            // An attempt that was not paid takes no money.
            if !row.is_due() {
                self.set(BookSide::Orders, row, RowVerdict::NothingDue);
                continue;
            }
            self.set(BookSide::Orders, row, RowVerdict::Differs(DifferenceClass::Duplicate));
            let why = match row.movement() {
                Movement::Refund => WhyDifferent::RefundedTwice,
                Movement::Payment | Movement::Reversal | Movement::Other => WhyDifferent::OrderedTwice,
            };
            let places = Places { orders: row.place, ..Places::NOWHERE };
            self.differs(DifferenceClass::Duplicate, why, (Confidence::Certain, row.amount()), places);
        }
        rows.truncate(1);
        rows
    }

    /// Rows of the bill and of the orders with one number.
    fn both(&mut self, trade: BookEntry<'a>, order: BookEntry<'a>, lines: &[BookEntry<'a>]) {
        if !trade.is_within() && lines.iter().all(|line| !line.is_within()) {
            self.set_all(&[trade], lines, RowVerdict::OtherDay);
            return;
        }
        let places = Places { trade: trade.place, orders: order.place, flow: NONE };
        let ordered: i64 = lines.iter().map(BookEntry::amount).fold(0, i64::saturating_add);
        let off = trade.amount().saturating_sub(ordered);
        let certain = |amount| (Confidence::Certain, amount);
        let carried = [trade.role(), order.role()].into_iter().find_map(|role| match role {
            DayRole::Carried(id) => Some(id),
            DayRole::Within | DayRole::Neighbour => None,
        });
        self.settled.extend(carried);
        let problem = if let Some((class, why, confidence)) = self.standings.problem(trade.place) {
            Some((class, why, (confidence, trade.amount())))
        } else if trade.currency() != order.currency() {
            Some((DifferenceClass::Amount, WhyDifferent::Currencies, certain(trade.amount())))
        } else {
            self.states(&trade, &order).or_else(|| {
                (off != 0 && !trade.is_reversal()).then_some((
                    DifferenceClass::Amount,
                    WhyDifferent::Amounts,
                    certain(off),
                ))
            })
        };
        let problem = problem.or_else(|| {
            let off = trade.fee_off();
            (off != 0 && trade.is_within()).then_some((DifferenceClass::Fee, WhyDifferent::Rate, certain(off)))
        });
        if let Some((class, why, how)) = problem {
            self.differs(class, why, how, places);
            self.set_all(&[trade], lines, RowVerdict::Differs(class));
            return;
        }
        let verdict = match carried {
            Some(_) => RowVerdict::HeldOver,
            None if lines.iter().any(|line| line.at().is_some() && line.day() != trade.day()) => RowVerdict::AcrossDays,
            None => RowVerdict::Matched,
        };
        self.set_all(&[trade], lines, verdict);
    }

    fn set_all(&mut self, trade: &[BookEntry<'_>], orders: &[BookEntry<'_>], verdict: RowVerdict) {
        trade.iter().for_each(|row| self.set(BookSide::Trade, row, verdict));
        orders.iter().for_each(|row| self.set(BookSide::Orders, row, verdict));
    }

    /// Whether the states of both sides exclude each other.
    fn states(&self, trade: &BookEntry<'_>, order: &BookEntry<'_>) -> Option<Problem> {
        use BookState as S;
        let differs = |why| Some((DifferenceClass::State, why, (Confidence::Certain, trade.amount())));
        match (trade.movement(), trade.state(), order.state()) {
            (Movement::Payment, S::Paid | S::Refunded, S::Unpaid) => differs(WhyDifferent::PaidButUnpaid),
            (Movement::Payment, S::Paid | S::Refunded, S::Closed | S::Reversed) if !self.is_reversed(trade) => {
                differs(WhyDifferent::PaidButClosed)
            }
            (Movement::Payment | Movement::Reversal, S::Reversed, S::Paid) => differs(WhyDifferent::ReversedButPaid),
            (Movement::Refund, S::RefundFailed, S::Refunded) => differs(WhyDifferent::RefundFailed),
            (Movement::Refund, S::Refunded, S::RefundFailed) => differs(WhyDifferent::QueryShows),
            _ => None,
        }
    }

    /// Whether the bill also takes a payment back.
    fn is_reversed(&self, trade: &BookEntry<'_>) -> bool {
        self.standings.is_reversed(trade.number())
    }

    /// A row of the bill without an order.
    fn money_alone(&mut self, trade: BookEntry<'a>) {
        if !trade.is_within() {
            return self.set(BookSide::Trade, &trade, RowVerdict::OtherDay);
        }
        let places = Places { trade: trade.place, ..Places::NOWHERE };
        let problem =
            self.standings.problem(trade.place).map(|(class, why, sure)| (class, why, (sure, trade.amount())));
        let problem = problem.or_else(|| self.unknown_to_the_merchant(&trade)).or_else(|| {
            let off = trade.fee_off();
            (off != 0).then_some((DifferenceClass::Fee, WhyDifferent::Rate, (Confidence::Certain, off)))
        });
        match problem {
            Some((class, why, how)) => {
                self.differs(class, why, how, places);
                self.set(BookSide::Trade, &trade, RowVerdict::Differs(class));
            }
            None => {
                let vouched = self.standings.standing(trade.place) == Some(Standing::Vouched);
                let reversal = self.books.orders.is_some() && (trade.is_reversal() || self.is_reversed(&trade));
                let verdict = if vouched || reversal { RowVerdict::Matched } else { RowVerdict::NotCompared };
                self.set(BookSide::Trade, &trade, verdict);
            }
        }
    }

    /// Settles the orders of earlier days whose money is in the bill. One of another amount or currency, or one that was
    /// taken back, stays open for a comparison with the orders.
    pub(super) fn arrive(&mut self, awaited: &Book, index: &NumberIndex) {
        for order in awaited.iter() {
            let DayRole::Carried(id) = order.role() else { continue };
            let run = index.find(self.books, order.movement(), order.number());
            let rows: Vec<BookEntry<'a>> = run.trade.iter().filter_map(|place| self.trade_row(*place)).collect();
            let [row] = rows[..] else { continue };
            let verdict = self.verdicts[BookSide::Trade as usize][row.place as usize];
            let agreed = matches!(verdict, RowVerdict::NotCompared | RowVerdict::Matched);
            let same = row.amount() == order.amount() && row.currency() == order.currency();
            let paid = !row.is_reversal() && row.state() != BookState::RefundFailed;
            if row.is_within() && agreed && same && paid {
                self.settled.push(id);
                self.set(BookSide::Trade, &row, RowVerdict::HeldOver);
            }
        }
    }

    /// 长款, if the merchant's side would have it.
    fn unknown_to_the_merchant(&self, trade: &BookEntry<'_>) -> Option<Problem> {
        self.books.orders.as_ref()?;
        let surplus = |why, confidence| Some((DifferenceClass::Surplus, why, (confidence, trade.amount())));
        match trade.movement() {
            // Paid and taken back: an order that was never finished.
            Movement::Payment if self.is_reversed(trade) => None,
            Movement::Payment if trade.state() == BookState::Reversed => None,
            Movement::Payment if self.missing.orders_of_neighbours && is_near_midnight(trade) => {
                surplus(WhyDifferent::NoOrder, Confidence::Likely)
            }
            Movement::Payment => surplus(WhyDifferent::NoOrder, Confidence::Certain),
            Movement::Refund if trade.state() == BookState::RefundFailed => None,
            Movement::Refund => match self.standings.standing(trade.place) {
                Some(Standing::Vouched) => None,
                Some(Standing::Unvouched) => surplus(WhyDifferent::NoRefundOrder, Confidence::Certain),
                Some(Standing::Unknown) | None if self.refunds == OrderRefunds::Numbers => {
                    surplus(WhyDifferent::NoRefundOrder, Confidence::Likely)
                }
                Some(Standing::Unknown) | None => None,
            },
            Movement::Reversal | Movement::Other => None,
        }
    }

    /// An order without a row of the bill.
    fn order_alone(&mut self, order: BookEntry<'a>, lines: &[BookEntry<'a>]) {
        if !lines.iter().any(BookEntry::is_within) {
            return self.set_all(&[], lines, RowVerdict::OtherDay);
        }
        if !order.is_due() {
            return self.set_all(&[], lines, RowVerdict::NothingDue);
        }
        let amount: i64 = lines.iter().map(BookEntry::amount).fold(0, i64::saturating_add);
        let near = is_near_midnight(&order) && self.missing.trade_of_neighbours;
        let (why, confidence) = match order.movement() {
            _ if near => (WhyDifferent::NoMoneyAtMidnight, Confidence::Possible),
            Movement::Refund => (WhyDifferent::NoRefundMoney, Confidence::Likely),
            // Without a time it may be of any day.
            _ if order.at().is_none() => (WhyDifferent::NoMoney, Confidence::Likely),
            Movement::Payment | Movement::Reversal | Movement::Other => (WhyDifferent::NoMoney, Confidence::Certain),
        };
        let places = Places { orders: order.place, ..Places::NOWHERE };
        self.differs(DifferenceClass::Shortage, why, (confidence, amount.saturating_neg()), places);
        self.set_all(&[], lines, RowVerdict::Differs(DifferenceClass::Shortage));
    }

    /// An order, where there is no trade bill: the fund-flow bill stands in for it.
    fn order_and_flow(&mut self, order: BookEntry<'a>, lines: &[BookEntry<'a>], run: &Run) {
        if self.books.flow.is_none() {
            let verdict =
                if lines.iter().any(BookEntry::is_within) { RowVerdict::NotCompared } else { RowVerdict::OtherDay };
            return self.set_all(&[], lines, verdict);
        }
        let flows: Vec<BookEntry<'a>> = self.flow_rows(run);
        let Some(first) = flows.first().copied() else { return self.order_alone(order, lines) };
        if !lines.iter().chain(&flows).any(|row| row.is_within()) {
            self.set_all(&[], lines, RowVerdict::OtherDay);
            return flows.iter().for_each(|row| self.set(BookSide::Flow, row, RowVerdict::OtherDay));
        }
        let moved: i64 = flows.iter().map(BookEntry::settled).fold(0, i64::saturating_add);
        let ordered: i64 = lines.iter().map(BookEntry::amount).fold(0, i64::saturating_add);
        let cut = lines.iter().any(|line| line.at().is_some() && line.day() != first.day());
        let verdict = match moved == ordered {
            true if cut => RowVerdict::AcrossDays,
            true => RowVerdict::Matched,
            false => {
                let places = Places { orders: order.place, flow: first.place, trade: NONE };
                let how = (Confidence::Likely, moved.saturating_sub(ordered));
                self.differs(DifferenceClass::Amount, WhyDifferent::Amounts, how, places);
                RowVerdict::Differs(DifferenceClass::Amount)
            }
        };
        self.set_all(&[], lines, verdict);
        flows.iter().for_each(|row| self.set(BookSide::Flow, row, verdict));
    }

    fn flow_rows(&self, run: &Run) -> Vec<BookEntry<'a>> {
        run.flow.iter().filter_map(|place| self.books.row(BookSide::Flow, *place)).collect()
    }

    /// Changes of the balance without a trade bill and without an order.
    fn flow_alone(&mut self, run: &Run) {
        let flows = self.flow_rows(run);
        let moved: i64 = flows.iter().map(BookEntry::settled).fold(0, i64::saturating_add);
        let Some(first) = flows.iter().find(|row| row.is_within()).copied() else {
            return flows.iter().for_each(|row| self.set(BookSide::Flow, row, RowVerdict::OtherDay));
        };
        let of_orders = self.books.orders.is_some()
            && (first.movement() == Movement::Payment || self.refunds == OrderRefunds::Numbers);
        let verdict = match of_orders {
            true => {
                let places = Places { flow: first.place, ..Places::NOWHERE };
                let how = (Confidence::Likely, moved);
                self.differs(DifferenceClass::Surplus, WhyDifferent::NoOrder, how, places);
                RowVerdict::Differs(DifferenceClass::Surplus)
            }
            false => RowVerdict::NotCompared,
        };
        flows.iter().for_each(|row| self.set(BookSide::Flow, row, verdict));
    }

    /// The trade bill and the fund-flow bill of one number.
    fn flow(&mut self, run: &Run, trade: Option<BookEntry<'a>>) {
        if self.books.flow.is_none() {
            return;
        }
        let flows = self.flow_rows(run);
        let within = flows.iter().any(BookEntry::is_within) || trade.is_some_and(|row| row.is_within());
        let verdict = match trade.filter(|row| !row.is_carried()) {
            _ if !within => RowVerdict::OtherDay,
            Some(trade) => self.trade_and_flow(trade, run, &flows),
            None => self.flow_without_trade(&flows),
        };
        flows.iter().for_each(|row| self.set(BookSide::Flow, row, verdict));
    }

    fn trade_and_flow(&mut self, trade: BookEntry<'a>, run: &Run, flows: &[BookEntry<'a>]) -> RowVerdict {
        let (settled, charged) = self.settled(&trade, run);
        let sum = |part: fn(&BookEntry<'a>) -> i64| flows.iter().map(part).fold(0, i64::saturating_add);
        let (moved, fee) = (sum(BookEntry::settled), sum(BookEntry::fee));
        let refund = trade.movement() == Movement::Refund;
        let problem = if flows.is_empty() {
            // A refund in progress has not left the account yet; a reversal never reached it.
            let open =
                matches!(trade.state(), BookState::RefundPending | BookState::RefundFailed | BookState::Reversed);
            let nothing = settled == 0 || trade.is_reversal() || self.is_reversed(&trade);
            let near = is_near_midnight(&trade) && self.missing.flow_of_neighbours;
            let confidence = if near || refund { Confidence::Possible } else { Confidence::Certain };
            (!open && !nothing && trade.is_within()).then_some((
                WhyDifferent::NotInFlow,
                confidence,
                settled.saturating_neg(),
            ))
        } else if self.is_reversed(&trade) || trade.is_reversal() {
            None
        } else if refund {
            // The fee that is returned is part of the same change, or a change of its own.
            let net = moved.saturating_add(fee);
            let expected = [settled, settled.saturating_sub(charged)];
            let off = net.saturating_sub(expected[1]);
            (!expected.contains(&net)).then_some((WhyDifferent::FlowAmount, Confidence::Certain, off))
        } else if moved != settled {
            let off = moved.saturating_sub(settled);
            Some((WhyDifferent::FlowAmount, Confidence::Certain, off))
        } else {
            let off = fee.saturating_add(charged);
            (fee != 0 && off != 0).then_some((WhyDifferent::FlowFee, Confidence::Certain, off))
        };
        let current = self.verdicts[BookSide::Trade as usize][trade.place as usize];
        let Some((why, confidence, amount)) = problem else {
            // What agrees with the account is compared, even where there are no orders.
            if current == RowVerdict::NotCompared && !flows.is_empty() {
                self.set(BookSide::Trade, &trade, RowVerdict::Matched);
            }
            let cut = flows.iter().any(|row| row.day() != trade.day());
            return if cut { RowVerdict::AcrossDays } else { RowVerdict::Matched };
        };
        let class = DifferenceClass::TradeAndFlow;
        let secondary = matches!(current, RowVerdict::Differs(_)) || !trade.is_within();
        if !secondary {
            self.set(BookSide::Trade, &trade, RowVerdict::Differs(class));
        }
        let flow = flows.first().map_or(NONE, |row| row.place);
        self.found.push(Found { class, why, confidence, secondary, amount, trade: trade.place, orders: NONE, flow });
        RowVerdict::Differs(class)
    }

    /// What is to reach the account under one number, and the fee for it: an order that was paid twice is settled twice, a
    /// row that is listed twice is not.
    fn settled(&self, trade: &BookEntry<'a>, run: &Run) -> (i64, i64) {
        let others = run.trade.iter().filter_map(|place| self.trade_row(*place));
        let others = others.filter(|row| row.place != trade.place && row.movement() == trade.movement());
        let others: Vec<BookEntry<'a>> =
            others.filter(|row| !row.is_carried() && !row.is_same_payment(trade)).collect();
        let sum = |own: i64, part: fn(&BookEntry<'a>) -> i64| others.iter().map(part).fold(own, i64::saturating_add);
        (sum(trade.settled(), BookEntry::settled), sum(trade.fee(), BookEntry::fee))
    }

    fn flow_without_trade(&mut self, flows: &[BookEntry<'a>]) -> RowVerdict {
        let Some(first) = flows.iter().find(|row| row.is_within()).copied() else { return RowVerdict::OtherDay };
        // A refund is in the bill of the day it was accepted, and leaves the account later.
        if first.movement() == Movement::Refund {
            return RowVerdict::NotCompared;
        }
        let near = is_near_midnight(&first) && self.missing.trade_of_neighbours;
        let confidence = if near { Confidence::Possible } else { Confidence::Certain };
        let moved = flows.iter().map(BookEntry::settled).fold(0, i64::saturating_add);
        let places = Places { flow: first.place, ..Places::NOWHERE };
        self.differs(DifferenceClass::TradeAndFlow, WhyDifferent::NotInTrade, (confidence, moved), places);
        RowVerdict::Differs(DifferenceClass::TradeAndFlow)
    }
}

/// A class, a reason, and how sure it is with the amount.
type Problem = (DifferenceClass, WhyDifferent, (Confidence, i64));

fn is_near_midnight(row: &BookEntry<'_>) -> bool {
    row.at().is_some_and(|at| {
        let begins = midnight(crate::model::time::beijing_day(at));
        at - begins < NEAR_MIDNIGHT || begins + Duration::DAY - at < NEAR_MIDNIGHT
    })
}
