mod simulation;

use crate::model::{Kind, Number};
use crate::services::watch::pace;
use crate::services::watch::schedule::*;

fn id(n: usize) -> ObjectId {
    ObjectId::new(Kind::Plan, Number::parse(&format!("P-{n}")).unwrap())
}

fn fetched(is_final: bool) -> QueryResult {
    QueryResult::Fetched { changed: false, is_final }
}

fn second(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A schedule whose ledger has nothing due.
fn quiet() -> (Schedule, Instant) {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    assert_eq!(schedule.next(now), Slot::Refill);
    schedule.refill(Vec::new(), None, now);
    (schedule, now)
}

#[test]
fn requested_objects_are_first_then_visible_then_watched_then_due_ones() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    assert_eq!(schedule.next(now), Slot::Refill);
    assert_eq!(schedule.next(now), Slot::Rest(None), "the ledger is asked once at a time");
    schedule.refill(vec![id(6), id(7)], None, now);
    (4..6).for_each(|n| schedule.watch(&id(n), second(0), now));
    schedule.look(vec![id(2)], now);
    schedule.look(vec![id(2), id(3)], now);
    schedule.prioritise([id(0), id(1), id(1)], now);
    let order: Vec<_> = (0..8).map(|_| schedule.next(now)).collect();
    // After three turns of others a watched object has one.
    let expected: Vec<_> = [0, 1, 2, 4, 3, 5, 6, 7].into_iter().map(|n| Slot::Ask(id(n))).collect();
    assert_eq!(order, expected);
    assert_eq!((schedule.in_flight(), schedule.watches()), (8, 2));
    assert_eq!(schedule.next(now), Slot::Refill, "more may be due than was reported at once");
    assert_eq!(schedule.next(now), Slot::Rest(None), "one query in flight for each object");
}

#[test]
fn the_ledger_is_asked_when_the_next_is_due_or_numbers_became_known_and_never_otherwise() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.next(now);
    let soon = now + second(5);
    schedule.refill(Vec::new(), Some(soon), now);
    assert_eq!(schedule.next(now), Slot::Rest(Some(soon)));
    assert_eq!(schedule.next(soon), Slot::Refill);
    schedule.refill(Vec::new(), None, soon);
    assert_eq!(schedule.next(soon + second(999_999)), Slot::Rest(None), "with nothing due it rests");
    schedule.learned();
    assert_eq!(schedule.next(soon), Slot::Refill);
    schedule.learned();
    schedule.refill(Vec::new(), None, soon);
    assert_eq!(schedule.next(soon), Slot::Refill, "its list may be from before the numbers became known");
    // Everything it lists is on the screen, and much more is due.
    schedule.look(vec![id(1)], soon);
    assert_eq!(schedule.next(soon), Slot::Ask(id(1)));
    schedule.refill(vec![id(1)], Some(soon), soon);
    assert_eq!(schedule.next(soon), Slot::Rest(Some(soon + AGAIN)), "it is not asked over and over");
}

#[test]
fn visible_objects_are_queried_more_rarely_while_unchanged_and_not_once_final() {
    let (mut schedule, mut now) = quiet();
    schedule.look(vec![id(1)], now);
    let mut pauses = Vec::new();
    for _ in 0..40 {
        assert_eq!(schedule.next(now), Slot::Ask(id(1)));
        schedule.answered(&id(1), now, fetched(false), false);
        let Slot::Rest(Some(due)) = schedule.next(now) else { panic!("it is not due yet") };
        pauses.push(due - now);
        now = due;
    }
    assert!(pauses.is_sorted());
    let first = pace::pause(pace::FIRST_SEEN, true);
    assert!(first > 3 * pace::LEAST);
    assert_eq!((pauses[0], *pauses.last().unwrap()), (first, pace::VISIBLE), "seen first, it has not just changed");
    schedule.next(now);
    schedule.answered(&id(1), now, QueryResult::Fetched { changed: true, is_final: false }, false);
    assert_eq!(schedule.next(now), Slot::Rest(Some(now + pace::LEAST)), "quick again after a change");
    schedule.next(now + second(2));
    schedule.answered(&id(1), now, fetched(true), false);
    assert_eq!(schedule.next(now + second(999_999)), Slot::Rest(None));
    schedule.look(Vec::new(), now);
    schedule.look(vec![id(1)], now);
    assert_eq!(schedule.next(now), Slot::Rest(None), "nor because it is seen again");
    schedule.prioritise([id(1)], now);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)), "by hand it is");
}

#[test]
fn a_page_of_settled_and_fresh_rows_costs_no_query() {
    let (mut schedule, now) = quiet();
    let known = |age, quiet, is_final| KnownBefore { age: second(age), quiet, is_final };
    schedule.know(&id(1), known(900_000, None, true), now);
    schedule.know(&id(2), known(4, Some(second(80)), false), now);
    schedule.know(&id(3), known(4, None, false), now);
    schedule.know(&id(4), known(400_000, None, false), now);
    schedule.look((1..=5).map(id).collect(), now);
    let mut asked = [schedule.next(now), schedule.next(now)].map(|slot| format!("{slot:?}"));
    asked.sort();
    let expected = [4, 5].map(|n| format!("{:?}", Slot::Ask(id(n))));
    assert_eq!(asked, expected, "one that was queried long ago, one that the ledger does not know");
    let due = schedule.next(now);
    let Slot::Rest(Some(at)) = due else { panic!("{due:?}") };
    assert_eq!(at - now, Duration::from_millis(3_500), "queried four seconds ago, and its age is unknown");
    assert_eq!(schedule.due(&id(2)), Some(now + second(6)), "an eighth of 80 s after its last query");
    assert!(schedule.is_final(&id(1)) && schedule.recheck(now, None).len() == 4, "what is final is left alone");
    schedule.prioritise([id(1)], now);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)), "unless it is asked for");
    // What the ledger knows is older than an answer of this run, and no reason to let a wish wait.
    schedule.answered(&id(4), now, QueryResult::Fetched { changed: true, is_final: false }, false);
    schedule.know(&id(4), known(0, None, true), now);
    schedule.watch(&id(6), second(0), now);
    schedule.know(&id(6), known(0, None, false), now);
    assert_eq!((schedule.is_final(&id(4)), schedule.due(&id(6))), (false, Some(now)));
}

#[test]
fn a_watched_object_goes_on_at_the_pace_of_its_age_and_quicker_while_it_is_seen() {
    let (mut schedule, now) = quiet();
    schedule.watch(&id(1), second(800), now);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)), "not yet in this run");
    schedule.answered(&id(1), now, fetched(false), false);
    assert_eq!(schedule.next(now), Slot::Rest(Some(now + second(100))));
    schedule.look(vec![id(1)], now);
    assert_eq!(schedule.next(now), Slot::Rest(Some(now + pace::VISIBLE)));
    assert_eq!(schedule.next_watched(), Some((&id(1), now + pace::VISIBLE)));
    schedule.look(Vec::new(), now);
    assert_eq!(schedule.next_watched(), Some((&id(1), now + second(100))));
    schedule.unwatch(&id(1));
    assert_eq!((schedule.next(now), schedule.watches()), (Slot::Rest(None), 0));
}

#[test]
fn what_fails_alone_does_not_block_the_others() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.next(now);
    schedule.refill(vec![id(1), id(2)], Some(now + second(900)), now);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)));
    schedule.answered(&id(1), now, QueryResult::Stumbled, true);
    assert_eq!(schedule.next(now), Slot::Ask(id(2)));
    schedule.answered(&id(2), now, QueryResult::Refused, true);
    assert_eq!(schedule.next(now), Slot::Rest(Some(now + second(900))), "both wait until the ledger names them");
    schedule.look(vec![id(1)], now);
    assert_eq!(schedule.next(now), Slot::Rest(Some(now + second(2))));
    assert_eq!(schedule.next(now + second(2)), Slot::Ask(id(1)), "on the screen it is tried again soon");
    schedule.look(Vec::new(), now);
    schedule.answered(&id(1), now, QueryResult::Unanswered, false);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)), "without answers, any object will do");
}

#[test]
fn an_object_requested_while_in_flight_is_queried_once_more() {
    let (mut schedule, now) = quiet();
    schedule.look(vec![id(1)], now);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)));
    schedule.prioritise([id(1)], now);
    assert_eq!(schedule.next(now), Slot::Rest(None), "the answer under way may be from before");
    schedule.answered(&id(1), now, fetched(true), false);
    assert_eq!(schedule.next(now), Slot::Ask(id(1)));
    assert!(schedule.is_reported(&id(1)));
}

#[test]
fn paused_nothing_is_asked_by_itself() {
    let (mut schedule, now) = (Schedule::default(), Instant::now());
    schedule.pause(true);
    schedule.watch(&id(1), second(0), now);
    schedule.look(vec![id(2)], now);
    assert_eq!(schedule.next(now), Slot::Rest(None));
    schedule.prioritise([id(3), id(1)], now);
    assert_eq!(schedule.next(now), Slot::Ask(id(3)));
    assert_eq!(schedule.next(now), Slot::Ask(id(1)));
    assert_eq!(schedule.next(now), Slot::Rest(None));
    schedule.pause(false);
    assert_eq!(schedule.next(now), Slot::Refill);
    assert_eq!(schedule.next(now), Slot::Ask(id(2)));
}

#[test]
fn after_a_gap_everything_that_may_still_change_is_queried_again() {
    let (mut schedule, now) = quiet();
    (1..=3).for_each(|n| schedule.watch(&id(n), second(9000), now));
    schedule.look(vec![id(3), id(4), id(5)], now);
    for _ in 0..5 {
        let Slot::Ask(asked) = schedule.next(now) else { panic!("all are due") };
        schedule.answered(&asked, now, fetched(asked == id(5)), false);
    }
    assert!(matches!(schedule.next(now), Slot::Rest(Some(_))));
    let all = schedule.recheck(now, Some(&id(2)));
    assert_eq!(all, (1..=4).map(id).collect());
    let mut asked: Vec<Slot> = (0..3).map(|_| schedule.next(now)).collect();
    asked.sort_by_key(|turn| format!("{turn:?}"));
    assert_eq!(asked, [1, 3, 4].map(|n| Slot::Ask(id(n))));
    assert!(matches!(schedule.next(now), Slot::Rest(_)));
}

#[test]
fn without_a_ledger_only_named_objects_are_queried() {
    let (mut schedule, now) = (Schedule::without_ledger(), Instant::now());
    schedule.watch(&id(1), second(0), now);
    schedule.learned();
    assert_eq!(schedule.next(now), Slot::Ask(id(1)));
    schedule.answered(&id(1), now, fetched(true), false);
    assert_eq!(schedule.next(now + second(999)), Slot::Rest(None));
}

#[test]
fn a_flood_of_urgent_objects_loses_nothing() {
    let (mut schedule, now) = quiet();
    schedule.look(vec![id(0)], now);
    assert_eq!(schedule.next(now), Slot::Ask(id(0)));
    schedule.answered(&id(0), now, fetched(true), false);
    schedule.look(Vec::new(), now);
    // As many notifications at once; none of these can be dropped, and they are not searched each time.
    schedule.prioritise((1..=REMEMBERED + 2).map(id), now);
    assert!(schedule.is_final(&id(0)));
    assert_eq!(schedule.urgent.len(), REMEMBERED + 2);
}
