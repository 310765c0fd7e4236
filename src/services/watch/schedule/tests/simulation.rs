//! The schedule at work for minutes of simulated time: thousands of objects, a budget, a gateway with a queue of its
//! own.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use crate::model::{Kind, Number};
use crate::services::watch::schedule::*;

const AT_ONCE: usize = 16;
const LATENCY: Duration = Duration::from_millis(50);

/// The result of a query of the object with this number.
type Gateway = fn(usize) -> QueryResult;

struct Run {
    schedule: Schedule,
    start: Instant,
    now: Instant,
    interval: Duration,
    gateway: Gateway,
    in_flight: BTreeMap<(Instant, usize), ObjectId>,
    asked: HashMap<usize, Vec<Duration>>,
}

fn id(n: usize) -> ObjectId {
    ObjectId::new(Kind::ServiceOrder, Number::parse(&n.to_string()).unwrap())
}

fn number(id: &ObjectId) -> usize {
    id.number.as_str().parse().unwrap()
}

fn open(_: usize) -> QueryResult {
    QueryResult::Fetched { changed: false, is_final: false }
}

impl Run {
    fn new(per_second: u32, gateway: Gateway) -> Self {
        let now = Instant::now();
        Self {
            schedule: Schedule::default(),
            start: now,
            now,
            interval: Duration::from_secs(1) / per_second,
            gateway,
            in_flight: BTreeMap::new(),
            asked: HashMap::new(),
        }
    }

    fn watch(&mut self, ids: std::ops::Range<usize>) {
        ids.for_each(|n| self.schedule.watch(&id(n), Duration::ZERO, self.now));
    }

    /// These come on the screen, and have just changed.
    fn look(&mut self, ids: std::ops::Range<usize>) {
        self.schedule.look(ids.clone().map(id).collect(), self.now);
        ids.for_each(|n| self.schedule.first_seen(&id(n), Duration::ZERO, self.now));
    }

    /// Takes one turn of the budget after another, for this long.
    fn go(&mut self, seconds: u64, mut ledger: impl FnMut() -> Vec<ObjectId>) {
        let end = self.now + Duration::from_secs(seconds);
        while self.now < end {
            let landed = self.in_flight.split_off(&(self.now, usize::MAX));
            for (_, id) in std::mem::replace(&mut self.in_flight, landed) {
                let answer = (self.gateway)(number(&id));
                let postponed = matches!(answer, QueryResult::Refused | QueryResult::Stumbled);
                self.schedule.answered(&id, self.now, answer, postponed);
            }
            while self.schedule.in_flight() < AT_ONCE {
                match self.schedule.next(self.now) {
                    Slot::Refill => self.schedule.refill(ledger(), None, self.now),
                    Slot::Ask(id) => {
                        let number = number(&id);
                        assert!(!self.in_flight.values().any(|other| *other == id), "{id} is in flight twice");
                        self.asked.entry(number).or_default().push(self.now - self.start);
                        self.in_flight.insert((self.now + LATENCY, number), id);
                        break;
                    }
                    Slot::Rest(_) => break,
                }
            }
            self.now += self.interval;
        }
    }

    /// The longest time that one of these was not queried.
    fn longest_gap(&self, ids: std::ops::Range<usize>) -> Duration {
        let end = self.now - self.start;
        let gap = |n: usize| {
            let times = self.asked.get(&n).cloned().unwrap_or_default();
            let ends =
                [Duration::ZERO].into_iter().chain(times.iter().copied()).zip(times.iter().copied().chain([end]));
            ends.map(|(from, to)| to - from).max().unwrap()
        };
        ids.map(gap).max().unwrap()
    }

    fn asked(&self, ids: std::ops::Range<usize>) -> usize {
        ids.map(|n| self.asked.get(&n).map_or(0, Vec::len)).sum()
    }
}

fn nothing() -> Vec<ObjectId> {
    Vec::new()
}

#[test]
fn ten_thousand_watched_objects_share_two_hundred_requests_a_second_evenly() {
    let mut run = Run::new(200, open);
    run.watch(0..10_000);
    run.go(300, nothing);
    // 10,000 / 200 is 50 s; at their age of five minutes they would be due after some 40 s.
    let longest = run.longest_gap(0..10_000);
    assert!(longest <= Duration::from_secs(55), "{longest:?}");
    assert!(run.asked(0..10_000) >= 59_000, "the budget is used: {}", run.asked(0..10_000));
}

#[test]
fn what_is_seen_is_quicker_and_the_others_do_not_starve() {
    let mut run = Run::new(20, open);
    run.watch(0..1_000);
    run.look(1_000..1_060);
    // At this age sixty visible rows would take the whole budget by themselves.
    run.go(20, nothing);
    let (seen, watched) = (run.asked(1_000..1_060), run.asked(0..1_000));
    assert!(watched >= 20 * 20 / 4 && seen >= 2 * watched, "{seen} and {watched}");
    run.go(380, nothing);
    assert!(run.longest_gap(0..1_000) <= Duration::from_secs(210), "{:?}", run.longest_gap(0..1_000));
    assert!(run.longest_gap(1_000..1_060) <= Duration::from_secs(20), "{:?}", run.longest_gap(1_000..1_060));
}

#[test]
fn objects_that_are_only_due_have_turns_too() {
    let mut run = Run::new(20, open);
    run.watch(0..1_000);
    run.look(1_000..1_060);
    let mut next = 2_000;
    run.go(200, || {
        next += 64;
        (next - 64..next).map(id).collect()
    });
    let due = run.asked(2_000..next);
    assert!((200..300).contains(&due), "one of sixteen of 4,000: {due}");
}

#[test]
fn a_flood_of_what_is_urgent_leaves_the_others_their_share() {
    let mut run = Run::new(20, open);
    run.watch(0..100);
    run.look(100..120);
    for n in 0..60 {
        run.schedule.prioritise((n * 100..n * 100 + 100).map(|n| id(10_000 + n)), run.now);
        run.go(1, nothing);
    }
    assert!(run.asked(100..120) >= 250 && run.asked(0..100) >= 250, "a quarter of 1,200 each, or nearly");
    assert!(run.asked(10_000..16_000) >= 550);
}

#[test]
fn what_fails_costs_the_others_little() {
    let gateway = |n: usize| match n % 10 {
        0 => QueryResult::Stumbled,
        1 => QueryResult::Refused,
        2 => QueryResult::Fetched { changed: false, is_final: true },
        _ => open(n),
    };
    let mut run = Run::new(100, gateway);
    run.watch(0..1_000);
    run.go(600, nothing);
    let of = |rest: usize| (0..1_000).filter(|n| n % 10 == rest).map(|n| run.asked(n..n + 1)).collect::<Vec<_>>();
    assert!(of(2).iter().all(|times| *times == 1), "what is final is not asked about again");
    assert!(of(1).iter().all(|times| (5..=6).contains(times)), "{:?}", of(1));
    assert!(of(0).iter().all(|times| (10..=13).contains(times)), "{:?}", of(0));
    let fine = (0..1_000).filter(|n| n % 10 > 2).map(|n| run.longest_gap(n..n + 1)).max().unwrap();
    assert!(fine <= Duration::from_secs(600 / 8 + 10), "{fine:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_waiting_object_is_queried_and_never_twice_at_once(
        steps in prop::collection::vec((0usize..6, 0usize..40, 1usize..30), 1..30),
        rate in 5u32..60,
    ) {
        let mut run = Run::new(rate, open);
        let mut watched = HashSet::new();
        for (what, from, count) in steps {
            let ids = from..from + count;
            match what {
                0 => {
                    run.watch(ids.clone());
                    watched.extend(ids);
                }
                1 => ids.for_each(|n| {
                    run.schedule.unwatch(&id(n));
                    watched.remove(&n);
                }),
                2 => run.schedule.look(ids.map(id).collect(), run.now),
                3 => run.schedule.prioritise(ids.map(id), run.now),
                4 => drop(run.schedule.recheck(run.now, None)),
                _ => run.schedule.learned(),
            }
            run.go(1, || (from..from + 5).map(id).collect());
            prop_assert_eq!(run.schedule.watches(), watched.len());
        }
        let before: HashMap<usize, usize> = watched.iter().map(|n| (*n, run.asked(*n..*n + 1))).collect();
        run.schedule.look(Vec::new(), run.now);
        run.go(120, nothing);
        for (n, times) in before {
            prop_assert!(run.asked(n..n + 1) > times, "{n} starves");
        }
    }
}
