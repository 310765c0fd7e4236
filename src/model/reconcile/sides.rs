//! The sides of a reconciliation, and how they are compared: matched by number, beside their refunds, and beside what is
//! known.

use std::collections::HashMap;

use super::index::{Books, NumberIndex};
use super::matching::RowMatcher;
use super::refunds::standings;
use super::row::BookEntry;
use super::{
    AskKnown, Book, BookSide, Missing, Movement, OrderRefunds, Period, Reconciliation, RowVerdict, Unbalanced,
};

/// The sides of a reconciliation.
#[derive(Debug)]
pub struct Sides {
    pub period: Period,
    pub trade: Option<Book>,
    pub orders: Option<Book>,
    /// The sums of refunds by the number of their order, where the merchant's side has these.
    pub refund_sums: Option<Book>,
    pub refunds: OrderRefunds,
    pub flow: Option<Book>,
    pub missing: Missing,
    /// Orders held over from earlier days, where the merchant's side is not there: their money may have come. An order is
    /// judged by the bill alone; money without an order is not, and is left as it is.
    pub awaited: Option<Book>,
}

impl Sides {
    pub fn new(period: Period) -> Self {
        let refunds = OrderRefunds::None;
        let missing = Missing::default();
        Self { period, trade: None, orders: None, refund_sums: None, refunds, flow: None, missing, awaited: None }
    }

    /// Compares them. `ask` returns what is known of numbers by query or notification, in their order.
    pub fn reconcile(self, ask: &mut AskKnown<'_>) -> Result<Reconciliation, Unbalanced> {
        let books = Books { trade: self.trade, orders: self.orders, flow: self.flow };
        let index = NumberIndex::new(&books);
        let mut standings = standings(&books, &index, (self.refunds, self.refund_sums.as_ref()), ask);
        let verdicts = |side| {
            let initial = |row: BookEntry<'_>| match row.movement() {
                _ if !row.is_within() => RowVerdict::OtherDay,
                Movement::Other => RowVerdict::OtherBusiness,
                Movement::Payment | Movement::Refund | Movement::Reversal => RowVerdict::NotCompared,
            };
            books.get(side).map(|book| book.iter().map(initial).collect()).unwrap_or_default()
        };
        let known: HashMap<_, _> = std::mem::take(&mut standings.known);
        let mut matcher = RowMatcher {
            books: &books,
            refunds: self.refunds,
            missing: self.missing,
            standings: &standings,
            verdicts: BookSide::ALL.map(verdicts),
            found: Vec::new(),
            settled: Vec::new(),
        };
        index.each_run(&books, |run| matcher.decide(run));
        if let Some(awaited) = self.awaited.as_ref().filter(|_| books.orders.is_none()) {
            matcher.arrive(awaited, &index);
        }
        drop(index);
        let RowMatcher { verdicts, found, settled, .. } = matcher;
        let mut reconciliation = Reconciliation {
            period: self.period,
            unit_suspected: false,
            books,
            verdicts,
            found,
            settled,
            known,
            balances: Vec::new(),
        };
        reconciliation.weigh(ask);
        reconciliation.finish()?;
        Ok(reconciliation)
    }
}
