//! Small cases of each class, written out; large worlds are in `tests/reconcile.rs`.

use proptest::prelude::*;

use super::*;
use crate::model::time::{Date, Timestamp, parse_bill_time, parse_day};
use crate::model::{Currency, Money};

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

fn period() -> Period {
    Period { from: day("2026-11-20"), to: day("2026-11-20") }
}

fn at(text: &str) -> Option<Timestamp> {
    Some(parse_bill_time(text).unwrap())
}

/// A payment, or a refund if it has an order.
fn row<'a>(number: &'a str, order: &'a str, fen: i64, time: &str, state: BookState) -> BookRow<'a> {
    let time = at(time);
    let day = crate::model::time::beijing_day(time.unwrap());
    BookRow {
        movement: if order.is_empty() { Movement::Payment } else { Movement::Refund },
        number,
        order,
        platform: "",
        amount: Money::cny(fen),
        settled: fen,
        fee: 0,
        fee_off: 0,
        state,
        at: time,
        day,
        role: period().role(day),
        place: RowPlace { file: 0, line: 1 },
    }
}

fn paid<'a>(number: &'a str, fen: i64) -> BookRow<'a> {
    row(number, "", fen, "2026-11-20 12:00:00", BookState::Paid)
}

fn refunded<'a>(number: &'a str, order: &'a str, fen: i64) -> BookRow<'a> {
    row(number, order, -fen, "2026-11-20 13:00:00", BookState::Refunded)
}

fn book(side: BookSide, rows: &[BookRow<'_>]) -> Option<Book> {
    let mut book = Book::new(side);
    rows.iter().for_each(|row| book.push(row).unwrap());
    Some(book)
}

fn sides(trade: &[BookRow<'_>], orders: &[BookRow<'_>]) -> Sides {
    let (trade, orders) = (book(BookSide::Trade, trade), book(BookSide::Orders, orders));
    Sides { trade, orders, refunds: OrderRefunds::Numbers, ..Sides::new(period()) }
}

fn nothing_known(keys: &[(Movement, String)]) -> Vec<Option<KnownMovement>> {
    vec![None; keys.len()]
}

fn result(sides: Sides) -> Reconciliation {
    sides.reconcile(&mut nothing_known).unwrap()
}

/// `class number amount reason` of each difference.
fn found(reconciliation: &Reconciliation) -> Vec<String> {
    let words = |one: BookDifference| format!("{} {} {} {}", one.class.word(), one.number, one.amount, one.why.word());
    reconciliation.differences().map(words).collect()
}

fn differences(trade: &[BookRow<'_>], orders: &[BookRow<'_>]) -> Vec<String> {
    found(&result(sides(trade, orders)))
}

#[test]
fn each_class_is_found_as_what_it_is() {
    let unpaid = BookRow { state: BookState::Unpaid, ..paid("A", 100) };
    let closed = BookRow { state: BookState::Closed, ..paid("A", 100) };
    assert_eq!(differences(&[paid("A", 100)], &[paid("A", 100)]), [] as [&str; 0]);
    assert_eq!(differences(&[paid("A", 100)], &[]), ["surplus A 100 no-order"]);
    assert_eq!(differences(&[], &[paid("A", 100)]), ["shortage A -100 no-money"]);
    assert_eq!(differences(&[], &[unpaid]), [] as [&str; 0], "nothing is due");
    assert_eq!(differences(&[paid("A", 120)], &[paid("A", 100)]), ["amount A 20 amounts"]);
    assert_eq!(differences(&[paid("A", 100)], &[unpaid]), ["state A 100 paid-but-unpaid"]);
    assert_eq!(differences(&[paid("A", 100)], &[closed]), ["state A 100 paid-but-closed"]);
    assert_eq!(differences(&[paid("A", 100), paid("A", 100)], &[paid("A", 100)]), ["duplicate A 100 listed-twice"]);
    let again = BookRow { platform: "4200", ..paid("A", 100) };
    let first = BookRow { platform: "4201", ..paid("A", 100) };
    assert_eq!(differences(&[first, again], &[paid("A", 100)]), ["duplicate A 100 paid-twice"]);
    assert_eq!(differences(&[paid("A", 100)], &[paid("A", 100), paid("A", 100)]), ["duplicate A 100 ordered-twice"]);
    let orders = [paid("A", 100), refunded("R", "A", 30)];
    assert_eq!(differences(&[paid("A", 100), refunded("R", "A", 30)], &orders), [] as [&str; 0]);
    assert_eq!(differences(&[paid("A", 100)], &orders), ["shortage R 30 no-refund-money"]);
    assert_eq!(differences(&[paid("A", 100), refunded("R", "A", 40)], &orders), ["amount R -10 amounts"]);
    assert_eq!(differences(&[paid("A", 100), refunded("R", "A", 30)], &orders[..1]), ["surplus R -30 no-refund-order"]);
    assert_eq!(differences(&[refunded("R", "B", 30)], &[]), ["refund-without-payment R -30 no-payment"]);
    assert_eq!(differences(&[refunded("R", "B", 30)], &[refunded("R", "B", 30)]), [] as [&str; 0], "paid long ago");
    let trade = [paid("A", 100), refunded("R", "A", 30), refunded("S", "A", 80)];
    let orders = [paid("A", 100), refunded("R", "A", 30), refunded("S", "A", 80)];
    assert_eq!(differences(&trade, &orders), ["refund-too-large S -80 more-than-paid"]);
    let fee = BookRow { fee: 2, fee_off: 1, ..paid("A", 100) };
    assert_eq!(differences(&[fee], &[paid("A", 100)]), ["fee A 1 rate"]);
}

#[test]
fn a_payment_at_midnight_is_matched_across_the_days_and_counted_once() {
    let late = row("A", "", 100, "2026-11-20 23:59:58", BookState::Paid);
    let early = row("A", "", 100, "2026-11-21 00:00:03", BookState::Paid);
    for (trade, orders) in [(early, late), (late, early)] {
        let result = result(sides(&[trade], &[orders]));
        assert_eq!(found(&result), [] as [&str; 0]);
        let verdicts: Vec<_> = result.rows().map(|(side, _, _, verdict)| (side, verdict)).collect();
        assert_eq!(verdicts, [(BookSide::Trade, RowVerdict::AcrossDays), (BookSide::Orders, RowVerdict::AcrossDays)]);
    }
    // Without the bill of the other day it is said that it may be there.
    let missing = Missing { trade_of_neighbours: true, ..Missing::default() };
    let alone = result(Sides { missing, ..sides(&[], &[late]) });
    assert_eq!(found(&alone), ["shortage A -100 no-money-at-midnight"]);
    let cut = result(sides(&[late], &[early])).day_cuts(10);
    assert_eq!(cut.len(), 1);
    assert_eq!((cut[0].trade, cut[0].orders), (late.at, early.at));
}

#[test]
fn what_is_held_over_is_matched_when_its_other_side_arrives() {
    let earlier = BookRow { role: DayRole::Carried(7), ..row("A", "", 100, "2026-11-19 23:50:00", BookState::Paid) };
    let settled = result(sides(&[paid("A", 100)], &[earlier]));
    assert_eq!((found(&settled), settled.settled()), (vec![], &[7][..]));
    assert_eq!(settled.balances()[0].part(RowVerdict::HeldOver).minor, 100);
    let open = result(sides(&[paid("B", 100)], &[earlier, paid("B", 100)]));
    assert_eq!((found(&open), open.settled()), (vec![], &[][..]), "it stays open, and is no new difference");
    let other = result(sides(&[paid("A", 90)], &[earlier]));
    assert_eq!((found(&other), other.settled()), (vec!["amount A -10 amounts".to_owned()], &[7][..]));
}

#[test]
fn an_order_that_is_held_over_is_settled_by_the_bill_alone_and_money_without_an_order_is_not() {
    let earlier = BookRow { role: DayRole::Carried(7), ..row("A", "", 100, "2026-11-19 23:50:00", BookState::Paid) };
    let without = |trade: &[BookRow<'_>]| {
        let (trade, awaited) = (book(BookSide::Trade, trade), book(BookSide::Orders, &[earlier]));
        result(Sides { trade, awaited, ..Sides::new(period()) })
    };
    let settled = without(&[paid("A", 100), paid("B", 100)]);
    assert_eq!((found(&settled), settled.settled()), (vec![], &[7][..]), "B is no surplus: nothing says so");
    assert_eq!(settled.balances()[0].part(RowVerdict::HeldOver).minor, 100);
    assert_eq!(settled.balances()[0].part(RowVerdict::NotCompared).minor, 100);
    let reversal = BookRow { movement: Movement::Reversal, state: BookState::Reversed, ..paid("A", -100) };
    for other in [&[paid("A", 90)][..], &[paid("B", 100)], &[paid("A", 100), reversal], &[]] {
        let open = without(other);
        assert_eq!((found(&open), open.settled()), (vec![], &[][..]), "{other:?}");
    }
}

#[test]
fn lines_of_an_order_are_added_up() {
    assert_eq!(differences(&[paid("A", 100)], &[paid("A", 30), paid("A", 70)]), [] as [&str; 0]);
    assert_eq!(differences(&[paid("A", 100)], &[paid("A", 30), paid("A", 60)]).len(), 2);
    let failed = BookRow { state: BookState::Closed, ..paid("A", 100) };
    assert_eq!(differences(&[paid("A", 100)], &[failed, paid("A", 100)]), [] as [&str; 0], "an attempt before it");
}

#[test]
fn a_reversal_takes_its_payment_back() {
    let reversal = BookRow { movement: Movement::Reversal, state: BookState::Reversed, ..paid("A", -100) };
    let order = |state| BookRow { state, ..paid("A", 100) };
    for state in [BookState::Closed, BookState::Reversed, BookState::Unsaid] {
        assert_eq!(differences(&[paid("A", 100), reversal], &[order(state)]), [] as [&str; 0], "{state:?}");
    }
    assert_eq!(differences(&[paid("A", 100), reversal], &[]), [] as [&str; 0]);
    assert_eq!(differences(&[reversal], &[order(BookState::Paid)]), ["state A -100 reversed-but-paid"]);
}

#[test]
fn the_account_is_compared_with_the_trade_bill() {
    let flow = |number, fen| BookRow { settled: fen, ..paid(number, fen) };
    let fee = |number, fen: i64| BookRow { settled: 0, fee: fen, ..paid(number, fen) };
    let with_flow = |trade: &[BookRow<'_>], flow: &[BookRow<'_>]| {
        let (trade, flow) = (book(BookSide::Trade, trade), book(BookSide::Flow, flow));
        let result = result(Sides { trade, flow, ..Sides::new(period()) });
        (found(&result), result)
    };
    let trade = BookRow { fee: 1, ..paid("A", 100) };
    let (none, result) = with_flow(&[trade], &[flow("A", 100), fee("A", -1)]);
    assert_eq!((none, result.balances()[0].part(RowVerdict::Matched).count), (vec![], 1), "the account is a side, too");
    assert_eq!(with_flow(&[trade], &[]).0, ["trade-and-flow A -100 not-in-flow"]);
    assert_eq!(with_flow(&[], &[flow("A", 100)]).0, ["trade-and-flow A 100 not-in-trade"]);
    assert_eq!(with_flow(&[trade], &[flow("A", 90)]).0, ["trade-and-flow A -10 flow-amount"]);
    assert_eq!(with_flow(&[trade], &[flow("A", 100), fee("A", -3)]).0, ["trade-and-flow A -2 flow-fee"]);
    // A refund leaves the account net of the fee that is returned.
    let refund = BookRow { fee: -1, ..refunded("R", "A", 100) };
    let gone = |fen| BookRow { settled: fen, ..refunded("R", "A", -fen) };
    assert_eq!(with_flow(&[trade, refund], &[flow("A", 100), gone(-99)]).0, [] as [&str; 0]);
    assert_eq!(with_flow(&[trade, refund], &[flow("A", 100), gone(-100)]).0, [] as [&str; 0]);
    assert_eq!(with_flow(&[trade, refund], &[flow("A", 100), gone(-98)]).0, ["trade-and-flow R 1 flow-amount"]);
    let other = BookRow { movement: Movement::Other, ..flow("W", -500) };
    let (none, result) = with_flow(&[trade], &[flow("A", 100), other]);
    assert_eq!((none, result.balances()[1].part(RowVerdict::OtherBusiness).minor), (vec![], -500));
}

#[test]
fn what_is_known_by_query_explains_or_settles() {
    let known = |state, fen, time: &str| KnownMovement {
        state,
        amount: Some(Money::cny(fen)),
        at: at(time),
        verified_at: at("2026-11-22 10:00:00").unwrap(),
    };
    let ask = |sides: Sides, known: KnownMovement| {
        let result = sides.reconcile(&mut |keys| vec![Some(known.clone()); keys.len()]).unwrap();
        (found(&result), result)
    };
    let paid_later = known(BookState::Paid, 100, "2026-11-25 12:00:00");
    let (none, result) = ask(sides(&[], &[paid("A", 100)]), paid_later);
    assert_eq!((none, result.balances()[0].part(RowVerdict::AcrossDays).count), (vec![], 1));
    let never = known(BookState::Closed, 100, "2026-11-20 12:00:00");
    let (one, result) = ask(sides(&[], &[paid("A", 100)]), never.clone());
    assert_eq!(one, ["shortage A -100 no-money"]);
    assert_eq!(result.differences().next().unwrap().confidence, Confidence::Certain);
    // Without orders it is what the bill is compared with.
    let trade = || Sides { trade: book(BookSide::Trade, &[paid("A", 100)]), ..Sides::new(period()) };
    let (none, result) = ask(trade(), known(BookState::Refunded, 100, "2026-11-20 12:00:00"));
    assert_eq!((none, result.balances()[0].part(RowVerdict::Matched).count), (vec![], 1));
    assert_eq!(ask(trade(), never).0, ["state A 100 query-shows"]);
    assert_eq!(ask(trade(), known(BookState::Paid, 90, "2026-11-20 12:00:00")).0, ["amount A 10 query-shows"]);
    assert!(super::tests::result(trade()).is_empty(), "nothing is known of it");
}

#[test]
fn sums_of_refunds_cover_refunds_without_numbers() {
    let sum = |fen: i64| BookRow { movement: Movement::Refund, ..paid("A", -fen) };
    let with = |fen: i64, trade: &[BookRow<'_>]| {
        let refund_sums = book(BookSide::Orders, &[sum(fen)]);
        found(&result(Sides { refund_sums, refunds: OrderRefunds::Sums, ..sides(trade, &[paid("A", 100)]) }))
    };
    let trade = [paid("A", 100), refunded("R", "A", 30), refunded("S", "A", 20)];
    assert_eq!(with(50, &trade), [] as [&str; 0]);
    assert_eq!(with(30, &trade), ["surplus S -20 no-refund-order"]);
    assert_eq!(with(80, &trade), [] as [&str; 0], "the rest is of other days");
    assert_eq!(with(50, &[paid("A", 100), refunded("R", "B", 30)]), [] as [&str; 0], "an order of another file");
}

#[test]
fn fen_taken_for_yuan_are_suspected() {
    let trade: Vec<BookRow<'_>> = ["A", "B", "C"].map(|number| paid(number, 100)).into();
    let orders: Vec<BookRow<'_>> = ["A", "B", "C"].map(|number| paid(number, 10_000)).into();
    assert!(result(sides(&trade, &orders)).unit_suspected);
    assert!(!result(sides(&trade, &[paid("A", 100), paid("B", 100), paid("C", 90)])).unit_suspected);
}

proptest! {
    /// Whatever the rows: every side's total is the sum of what became of its rows, in every currency.
    #[test]
    fn nothing_can_hide(
        rows in proptest::collection::vec(
            (0usize..3, 0u8..6, 0u8..4, -300i64..300, 0usize..8, 0usize..4, 0i64..172_800, 0usize..3, any::<bool>()),
            0..60,
        ),
    ) {
        let numbers: Vec<String> = (0..6).map(|n| format!("N-{n}")).collect();
        let hkd = Currency::parse("HKD").unwrap();
        let mut books = BookSide::ALL.map(Book::new);
        let mut totals = std::collections::BTreeMap::new();
        let begins = parse_bill_time("2026-11-19 12:00:00").unwrap();
        for (side, number, order, fen, state, movement, seconds, role, is_hkd) in rows {
            let time = begins + crate::model::time::Duration::seconds(seconds);
            let day = crate::model::time::beijing_day(time);
            let role = if role == 2 && side < 2 { DayRole::Carried(9) } else { period().role(day) };
            let currency = if is_hkd { hkd } else { Currency::CNY };
            let movement = Movement::ALL[movement];
            let row = BookRow {
                movement,
                number: &numbers[usize::from(number)],
                order: if movement == Movement::Refund { &numbers[usize::from(order)] } else { "" },
                platform: "",
                amount: Money { minor: fen, currency },
                settled: fen,
                fee: 0,
                fee_off: 0,
                state: BookState::ALL[state],
                at: Some(time),
                day,
                role,
                place: RowPlace { file: 0, line: 1 },
            };
            books[side].push(&row).unwrap();
            let counts = match role {
                DayRole::Within => true,
                DayRole::Neighbour => side == 1,
                DayRole::Carried(_) => false,
            };
            if counts {
                let total: &mut (u64, i128) = totals.entry((side, currency.code().to_owned())).or_default();
                *total = (total.0 + 1, total.1 + i128::from(fen));
            }
        }
        let [trade, orders, flow] = books;
        for refunds in [OrderRefunds::None, OrderRefunds::Numbers] {
            let copy = |book: &Book| {
                let mut copy = Book::new(book.side());
                book.iter().for_each(|row| copy.push(&row.as_added()).unwrap());
                Some(copy)
            };
            let sides = Sides {
                trade: copy(&trade), orders: copy(&orders), flow: copy(&flow), refunds, ..Sides::new(period())
            };
            let result = sides.reconcile(&mut nothing_known).unwrap();
            let mut sums = std::collections::BTreeMap::new();
            for balance in result.balances() {
                prop_assert!(balance.check().is_ok());
                let parts: i128 = balance.parts.values().map(|volume| volume.minor).sum();
                let counts: u64 = balance.parts.values().map(|volume| volume.count).sum();
                sums.insert((balance.side as usize, balance.currency.code().to_owned()), (counts, parts));
            }
            prop_assert_eq!(&sums, &totals);
        }
    }
}
