//! Loads the sides and compares them. It blocks: it reads files, and the ledger.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::bills::{FeeRate, RowDays, TakeIn, TakenIn, UnreadableBill, take_in};
use super::known::known;
use super::orders::{self, Orders};
use super::sources::{BillsOfSide, Wanted};
use super::{BillUsed, MOST_HELD, ReconcileError, Reconciled};
use crate::ledger::{HeldChanges, HeldDifference, HoldOver, Ledger, LedgerError};
use crate::model::bill::Totals;
use crate::model::reconcile::{
    Book, BookRow, BookSide, ColumnMap, DayRole, DifferenceClass, Missing, Period, RowPlace, Sides, Unbalanced,
};
use crate::model::{Currency, Money};
use crate::services::bills::BillRecord;

/// What is compared.
#[derive(Clone, Debug)]
pub(super) struct Comparing {
    pub ledger: Ledger,
    pub profile: String,
    pub wanted: Wanted,
    pub trade: BillsOfSide,
    pub flow: BillsOfSide,
    pub against: Option<PathBuf>,
    pub map: ColumnMap,
    pub rate: Option<FeeRate>,
}

/// The bills as they were read.
struct Loaded {
    trade: Option<Book>,
    flow: Option<Book>,
    used: Vec<BillUsed>,
}

pub(super) fn compare(comparing: &Comparing) -> Result<Reconciled, ReconcileError> {
    let period = comparing.wanted.period;
    let missing_within = comparing.trade.missing.iter().find(|day| period.contains(**day)).copied();
    if let Some(day) = missing_within.filter(|_| comparing.wanted.given.is_empty() && !flow_stands_in(comparing)) {
        return Err(ReconcileError::NoBill(day));
    }
    // Bills are read while the orders are.
    let (orders, loaded) = std::thread::scope(|scope| {
        let orders = scope.spawn(|| read_orders(comparing));
        let loaded = load(comparing, false);
        (orders.join().unwrap_or(Err(ReconcileError::Thread)), loaded)
    });
    let orders = orders?;
    let loaded = match orders.as_ref().is_some_and(|orders| orders.by_platform) {
        true => load(comparing, true)?,
        false => loaded?,
    };
    // With those that an earlier run of these days has settled: done again, the result is the same.
    let held = comparing.ledger.held(&comparing.profile, false, MOST_HELD).map_err(|error| comparing.named(error))?;
    let mut sides = Sides::new(period);
    let Loaded { trade, flow, used } = loaded;
    (sides.trade, sides.flow) = (trade, flow);
    let missing_days = |bills: &BillsOfSide| bills.missing.iter().any(|day| !period.contains(*day));
    sides.missing = Missing {
        trade_of_neighbours: !comparing.wanted.given.is_empty() || missing_days(&comparing.trade),
        flow_of_neighbours: !comparing.wanted.given.is_empty() || missing_days(&comparing.flow),
        orders_of_neighbours: orders.as_ref().is_some_and(|orders| !orders.has_neighbours),
    };
    let mut summary = None;
    if let Some(Orders { book, refund_sums, refunds, summary: read, .. }) = orders {
        (sides.orders, sides.refund_sums, sides.refunds) = (Some(book), refund_sums, refunds);
        summary = Some(read);
    }
    if sides.trade.is_none() && sides.flow.is_none() {
        return Err(ReconcileError::NothingToCompare);
    }
    if sides.trade.is_some() {
        carry(&mut sides, &held)?;
    }
    let present: Vec<BookSide> =
        [&sides.trade, &sides.orders, &sides.flow].into_iter().flatten().map(Book::side).collect();
    let mut failed = None;
    let result = sides.reconcile(&mut |keys| {
        known(&comparing.ledger, &comparing.profile, keys).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            vec![None; keys.len()]
        })
    })?;
    if let Some(error) = failed {
        return Err(comparing.named(error).into());
    }
    let too_many = result.len() > MOST_HELD;
    let changes = if too_many { HeldChanges::default() } else { hold(comparing, &result, present)? };
    let open = comparing.ledger.held(&comparing.profile, true, MOST_HELD).map_err(|error| comparing.named(error))?;
    let missing = |side, bills: &BillsOfSide| bills.missing.iter().map(|day| (side, *day)).collect::<Vec<_>>();
    let missing = [missing(BookSide::Trade, &comparing.trade), missing(BookSide::Flow, &comparing.flow)].concat();
    Ok(Reconciled { result, bills: used, orders: summary, missing, held: changes, open, too_many, queried: 0 })
}

/// Without any trade bill, orders are compared with the fund-flow bills.
fn flow_stands_in(comparing: &Comparing) -> bool {
    let covers = |bills: &BillsOfSide| comparing.wanted.period.days().filter(|day| bills.covered.contains(day)).count();
    covers(&comparing.trade) == 0 && comparing.against.is_some() && is_covered(comparing, &comparing.flow)
}

/// Whether there is a bill of every day.
fn is_covered(comparing: &Comparing, bills: &BillsOfSide) -> bool {
    comparing.wanted.period.days().all(|day| bills.covered.contains(&day))
}

impl Comparing {
    fn named(&self, error: LedgerError) -> LedgerError {
        self.ledger.named(error)
    }
}

fn read_orders(comparing: &Comparing) -> Result<Option<Orders>, ReconcileError> {
    let Some(path) = &comparing.against else { return Ok(None) };
    let read = orders::read(path, &comparing.map, comparing.wanted.period);
    read.map(Some).map_err(|source| ReconcileError::Orders { path: path.clone(), source })
}

fn load(comparing: &Comparing, by_platform: bool) -> Result<Loaded, ReconcileError> {
    let (mut trade, mut flow) = (Book::new(BookSide::Trade), Book::new(BookSide::Flow));
    let (period, rate) = (comparing.wanted.period, comparing.rate);
    let mut used = Vec::new();
    let take =
        |file: usize, days| TakeIn { period, days, file: u16::try_from(file).unwrap_or(u16::MAX), rate, by_platform };
    for (place, path) in comparing.wanted.given.iter().enumerate() {
        let before = flow.len();
        let taken = read(path, take(place, RowDays::EachItsOwn), (&mut trade, &mut flow))?;
        let side = if flow.len() > before { BookSide::Flow } else { BookSide::Trade };
        used.push(bill_used(side, path, None, &taken));
    }
    for (side, bills) in [(BookSide::Trade, &comparing.trade), (BookSide::Flow, &comparing.flow)] {
        for (place, record) in bills.records.iter().enumerate() {
            let taken = read(&record.file, take(place, RowDays::Of(record.id.day)), (&mut trade, &mut flow))?;
            if taken.sha1 != record.sha1 {
                let (path, was, is) = (record.file.clone(), record.sha1.clone(), taken.sha1);
                return Err(ReconcileError::Altered { path, was, is });
            }
            used.push(bill_used(side, &record.file, Some(record.id.day), &taken));
        }
    }
    agree_with_records(&trade, &comparing.trade.records, period)?;
    let is_there = |side: BookSide, bills: &BillsOfSide| {
        let given = used.iter().any(|bill| bill.side == side && bill.day.is_none());
        given || (comparing.wanted.given.is_empty() && is_covered(comparing, bills))
    };
    let (has_trade, has_flow) =
        (is_there(BookSide::Trade, &comparing.trade), is_there(BookSide::Flow, &comparing.flow));
    Ok(Loaded { trade: has_trade.then_some(trade), flow: has_flow.then_some(flow), used })
}

fn read(path: &Path, how: TakeIn, (trade, flow): (&mut Book, &mut Book)) -> Result<TakenIn, ReconcileError> {
    take_in(path, how, trade, flow).map_err(|error| match error {
        UnreadableBill::Bill(source) => ReconcileError::NotABill { path: path.to_owned(), source },
        UnreadableBill::TooMany(_) => ReconcileError::TooMany,
    })
}

fn bill_used(side: BookSide, file: &Path, day: Option<crate::model::time::Date>, taken: &TakenIn) -> BillUsed {
    BillUsed { side, file: file.to_owned(), day, rows: taken.rows, bad: taken.bad, first_bad: taken.first_bad }
}

/// The sums of the rows must be those that were added up when the bills were downloaded.
fn agree_with_records(trade: &Book, records: &[BillRecord], period: Period) -> Result<(), Unbalanced> {
    let within = records.iter().filter(|record| period.contains(record.id.day));
    let mut expected: Vec<(Currency, u64, i128)> = Vec::new();
    for record in within {
        let Ok(digest) = &record.digest else { return Ok(()) };
        let Totals::Trade(totals) = &digest.totals else { continue };
        for sums in &totals.sums {
            let place = expected.iter().position(|(currency, ..)| *currency == sums.currency);
            let place = place.unwrap_or_else(|| {
                expected.push((sums.currency, 0, 0));
                expected.len() - 1
            });
            expected[place].1 += sums.paid.count + sums.requested.count;
            expected[place].2 += sums.paid.minor - sums.requested.minor;
        }
    }
    for (currency, count, minor) in expected.into_iter().filter(|(_, count, _)| *count > 0) {
        let found = trade.totals().iter().find(|(own, _)| *own == currency).map(|(_, volume)| *volume);
        let found = found.unwrap_or_default();
        let expected = crate::model::bill::Volume { count, minor };
        if found != expected {
            return Err(Unbalanced { side: BookSide::Trade, currency, expected, found });
        }
    }
    Ok(())
}

/// What was held over on earlier days takes part: the order that waits for its money, and the money for its order.
fn carry(sides: &mut Sides, held: &[HeldDifference]) -> Result<(), ReconcileError> {
    let period = sides.period;
    sides.awaited = sides.orders.is_none().then(|| Book::new(BookSide::Orders));
    for held in held.iter().filter(|held| held.takes_part(period)) {
        let class = held.difference.class;
        if !matches!(class, DifferenceClass::Shortage | DifferenceClass::Surplus) {
            continue;
        }
        let Some((side, minor, state, at)) = held.carried() else { continue };
        let book = match side {
            // Money without an order is judged beside the orders alone.
            BookSide::Trade if sides.orders.is_none() => continue,
            BookSide::Trade => &mut sides.trade,
            BookSide::Orders if sides.orders.is_none() => &mut sides.awaited,
            BookSide::Orders => &mut sides.orders,
            BookSide::Flow => continue,
        };
        let (Some(book), Ok(id)) = (book, u32::try_from(held.id)) else { continue };
        let difference = &held.difference;
        let row = BookRow {
            movement: difference.movement,
            number: &difference.number,
            order: difference.order.as_deref().unwrap_or_default(),
            platform: "",
            amount: Money { minor, currency: difference.currency },
            settled: minor,
            fee: 0,
            fee_off: 0,
            state,
            at,
            day: difference.day,
            role: DayRole::Carried(id),
            place: RowPlace { file: 0, line: 0 },
        };
        book.push(&row).map_err(|_| ReconcileError::TooMany)?;
    }
    Ok(())
}

fn hold(
    comparing: &Comparing,
    result: &crate::model::reconcile::Reconciliation,
    sides: Vec<BookSide>,
) -> Result<HeldChanges, ReconcileError> {
    let run = HoldOver {
        period: comparing.wanted.period,
        at: OffsetDateTime::now_utc(),
        sides,
        found: result.differences().collect(),
        settled: result.settled().iter().map(|id| i64::from(*id)).collect(),
    };
    let changes = comparing.ledger.hold_over(&comparing.profile, &run);
    changes.map_err(|error| comparing.named(error).into())
}
