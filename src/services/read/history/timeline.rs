//! A story in one column: everything that happened or was said, in the order of time.
//!
//! A state stands at the time it came to be so by WeChat Pay's clock, where its document says; else when it was seen
//! here. What was sent or received stands at the time it was.

use std::cmp::Reverse;

use crate::ledger::{Claim, EventRow, JournalEntry, Noted, Source, Version};
use crate::model::time::{Duration, Timestamp};
use crate::model::{DatedEvent, DatedFact, ObjectId};
use crate::services::read::history::Records;

/// Without a query for longer than this, changes may have been missed.
const LONG: Duration = Duration::MINUTE;

/// Something that happened to an object, or that a source claims about it.
#[derive(Clone, Debug)]
pub struct TimelineEntry<'a> {
    pub of: &'a ObjectId,
    pub at: Timestamp,
    pub what: EntryKind<'a>,
}

/// What it was.
#[derive(Clone, Debug)]
pub enum EntryKind<'a> {
    /// Its number became known.
    Noted(&'a Noted),
    /// A version was seen.
    Version {
        version: &'a Version,
        /// Counted from the oldest, which is 1.
        number: usize,
        before: Option<&'a Version>,
        /// How long after the change, by WeChat Pay's clock, it was seen.
        delay: Option<Duration>,
        poll_gap: Option<PollGap>,
    },
    /// A change was sent.
    Entry(&'a JournalEntry),
    /// A notification came, and whether the latest document agrees.
    Event(&'a EventRow, SourceAgreement),
    /// A row of a bill was noted, and whether the latest document agrees.
    Row(&'a Claim, SourceAgreement),
    /// The latest document dates it.
    Dated(&'a DatedEvent),
}

/// Whether the latest document says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceAgreement {
    Agrees,
    Contradicts,
    /// There is no document yet, or nothing was said that could be compared.
    Unknown,
}

/// A time without queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollGap {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl EntryKind<'_> {
    /// The order of entries of the same time: an effect comes after its cause.
    fn rank(&self) -> u8 {
        match self {
            Self::Noted(_) => 0,
            Self::Dated(_) => 1,
            Self::Entry(_) => 2,
            Self::Version { .. } => 3,
            Self::Event(..) => 4,
            Self::Row(..) => 5,
        }
    }
}

/// The timeline of some objects, newest first.
pub fn timeline_entries<'a>(
    histories: impl IntoIterator<Item = (&'a ObjectId, &'a Records)>,
) -> Vec<TimelineEntry<'a>> {
    let mut entries: Vec<TimelineEntry<'a>> =
        histories.into_iter().flat_map(|(of, records)| records.entries(of)).collect();
    // Stable: of two versions seen in one millisecond the later stays the later.
    entries.sort_by_key(|entry| Reverse((entry.at, entry.of.kind, entry.what.rank())));
    entries
}

impl Records {
    /// All entries; versions newest first, the others in no order.
    fn entries<'a>(&'a self, of: &'a ObjectId) -> Vec<TimelineEntry<'a>> {
        let mut entries = self.seen(of);
        let entry_at = |at, what| TimelineEntry { of, at, what };
        let sent_at = |entry: &JournalEntry| entry.intent.at.unwrap_or(Timestamp::UNIX_EPOCH);
        entries.extend(self.journal.iter().map(|entry| entry_at(sent_at(entry), EntryKind::Entry(entry))));
        entries.extend(
            self.events.iter().map(|event| entry_at(event.first_at, EntryKind::Event(event, self.agreement(event)))),
        );
        let rows = self.claims.iter().filter(|(claim, _)| claim.source == Source::Bill);
        entries
            .extend(rows.map(|(claim, open)| entry_at(claim.received_at, EntryKind::Row(claim, self.judged(*open)))));
        entries.extend(self.noted.iter().map(|noted| entry_at(noted.at, EntryKind::Noted(noted))));
        entries.extend(self.undated().map(|dated| entry_at(dated.at, EntryKind::Dated(dated))));
        entries
    }

    /// The versions, newest first. Each came to be between the time the one before was seen and its own.
    fn seen<'a>(&'a self, of: &'a ObjectId) -> Vec<TimelineEntry<'a>> {
        let before = self.versions.iter().skip(1).map(Some).chain([None]);
        let count = self.versions.len();
        let version_entry = |(place, (version, before)): (usize, (&'a Version, Option<&'a Version>))| {
            let since = began(version, before);
            let earliest = before.map(|before| before.seen_at);
            let at = since.map_or(version.seen_at, |since| match earliest {
                Some(earliest) => since.max(earliest).min(version.seen_at),
                None => since.min(version.seen_at),
            });
            let delay = since.map(|since| (version.seen_at - since).max(Duration::ZERO));
            let is_late = delay.is_none_or(|delay| delay > LONG);
            let poll_gap = before.filter(|_| is_late).and_then(|before| poll_gap(before, version));
            let what = EntryKind::Version { version, number: count - place, before, delay, poll_gap };
            TimelineEntry { of, at, what }
        };
        self.versions.iter().zip(before).enumerate().map(version_entry).collect()
    }

    /// What the latest document dates and no version stands for.
    fn undated(&self) -> impl Iterator<Item = &DatedEvent> {
        let stands_for = |dated: &&DatedEvent| {
            let is_part = matches!(dated.what, DatedFact::Step { .. } | DatedFact::Collected { .. });
            is_part || !self.versions.iter().any(|version| version.since == Some(dated.at))
        };
        self.dated.iter().filter(stands_for)
    }

    fn agreement(&self, event: &EventRow) -> SourceAgreement {
        let is_claimed =
            |claim: &Claim| claim.source == Source::Notification && claim.reference == event.id.to_string();
        let claim = self.claims.iter().find(|(claim, _)| is_claimed(claim));
        claim.map_or(SourceAgreement::Unknown, |(_, open)| self.judged(*open))
    }

    fn judged(&self, open: bool) -> SourceAgreement {
        match open {
            _ if self.versions.is_empty() => SourceAgreement::Unknown,
            true => SourceAgreement::Contradicts,
            false => SourceAgreement::Agrees,
        }
    }
}

/// Since when a version is as it says, unless the one before said the same.
fn began(version: &Version, before: Option<&Version>) -> Option<Timestamp> {
    version.since.filter(|since| before.is_none_or(|before| before.since != Some(*since)))
}

/// The time without queries in which a state changed, if that is long.
fn poll_gap(before: &Version, version: &Version) -> Option<PollGap> {
    let poll_gap = PollGap { from: before.last_at?.max(before.seen_at), to: version.seen_at };
    // A change made here is known from its answer.
    let by_others = before.state != version.state && version.source != Source::Action;
    (by_others && poll_gap.to - poll_gap.from > LONG).then_some(poll_gap)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Kind, Number};

    fn id(kind: Kind) -> ObjectId {
        ObjectId::new(kind, Number::parse("N-1").unwrap())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::days(20_000) + Duration::seconds(second)
    }

    fn version(id: i64, state: &str, seen: i64, since: Option<i64>, last: Option<i64>) -> Version {
        Version {
            id,
            seen_at: at(seen),
            source: Source::Query,
            state: Kind::Transaction.state(state),
            since: since.map(at),
            last_at: last.map(at),
        }
    }

    #[test]
    fn a_state_stands_when_it_came_to_be_and_says_how_late_it_was_seen() {
        let versions = vec![version(2, "SUCCESS", 640, Some(30), None), version(1, "NOTPAY", 0, None, Some(5))];
        let dated = vec![DatedEvent { at: at(30), what: DatedFact::Paid }];
        let records = Records { versions, dated, ..Records::default() };
        let of = id(Kind::Transaction);
        let entries = timeline_entries([(&of, &records)]);
        let [paid, unpaid] = &entries[..] else { panic!("{entries:?}") };
        let EntryKind::Version { number, delay, poll_gap, .. } = paid.what else { panic!() };
        assert_eq!((paid.at, number, delay), (at(30), 2, Some(Duration::seconds(610))));
        assert_eq!(poll_gap, Some(PollGap { from: at(5), to: at(640) }));
        assert!(matches!(unpaid.what, EntryKind::Version { number: 1, delay: None, poll_gap: None, .. }));
    }

    #[test]
    fn a_clock_that_is_wrong_brings_no_state_before_the_one_it_follows() {
        let versions = vec![version(2, "SUCCESS", 100, Some(-900), None), version(1, "NOTPAY", 50, None, Some(99))];
        let records = Records { versions, ..Records::default() };
        let of = id(Kind::Transaction);
        assert_eq!(
            timeline_entries([(&of, &records)]).iter().map(|entry| entry.at).collect::<Vec<_>>(),
            [at(50), at(50)]
        );
        let ahead = Records { versions: vec![version(1, "SUCCESS", 10, Some(99), None)], ..Records::default() };
        let [entry] = &timeline_entries([(&of, &ahead)])[..] else { panic!() };
        assert!(
            entry.at == at(10)
                && matches!(entry.what, EntryKind::Version { delay: Some(delay), .. } if delay.is_zero())
        );
    }

    #[test]
    fn what_is_said_of_an_object_that_was_never_fetched_is_neither_right_nor_wrong() {
        let claim = Claim {
            source: Source::Bill,
            reference: "trade-ALL-2025-10-09#1".into(),
            fact: crate::model::Fact::Paid,
            amount: None,
            said_at: at(0),
            received_at: at(9),
        };
        let agreement = |versions| {
            let records = Records { versions, claims: vec![(claim.clone(), true)], ..Records::default() };
            let of = id(Kind::Transaction);
            timeline_entries([(&of, &records)]).iter().find_map(|entry| match entry.what {
                EntryKind::Row(_, agreement) => Some(agreement),
                _ => None,
            })
        };
        assert_eq!(agreement(Vec::new()), Some(SourceAgreement::Unknown));
        assert_eq!(agreement(vec![version(1, "NOTPAY", 0, None, None)]), Some(SourceAgreement::Contradicts));
    }

    proptest! {
        #[test]
        fn moments_are_in_the_order_of_time_and_versions_in_their_own(
            seen in prop::collection::vec((0i64..50, prop::option::of(-20i64..70)), 0..8),
            others in prop::collection::vec((0i64..50, 0..3usize), 0..8),
        ) {
            let mut times: Vec<i64> = seen.iter().map(|(seen, _)| *seen).collect();
            times.sort_unstable();
            let versions: Vec<Version> = times
                .iter()
                .zip(&seen)
                .enumerate()
                .map(|(n, (at, (_, since)))| version(n as i64 + 1, "SUCCESS", *at, *since, None))
                .rev()
                .collect();
            let dated = others.iter().map(|(second, _)| DatedEvent { at: at(*second), what: DatedFact::Signed }).collect();
            let kinds = [Kind::Plan, Kind::Transaction, Kind::Refund];
            let noted: Vec<(ObjectId, Records)> = others
                .iter()
                .map(|(second, kind)| {
                    let noted = Some(Noted { origin: Source::Feed, at: at(*second) });
                    (id(kinds[*kind]), Records { noted, ..Records::default() })
                })
                .collect();
            let (of, own) = (id(Kind::SignPlan), Records { versions, dated, ..Records::default() });
            let histories = || [(&of, &own)].into_iter().chain(noted.iter().map(|(id, records)| (id, records)));
            let merged = timeline_entries(histories());
            prop_assert!(merged.windows(2).all(|pair| pair[0].at >= pair[1].at));
            let numbers: Vec<usize> = merged.iter().filter_map(|entry| match entry.what {
                EntryKind::Version { number, .. } => Some(number),
                _ => None,
            }).collect();
            prop_assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", numbers);
            // The same again, whatever the order in which the objects are read, as far as kind and time distinguish them.
            let again: Vec<_> = timeline_entries(histories().collect::<Vec<_>>().into_iter().rev());
            let key = |entry: &TimelineEntry<'_>| (entry.at, entry.of.kind, entry.what.rank());
            prop_assert_eq!(merged.iter().map(key).collect::<Vec<_>>(), again.iter().map(key).collect::<Vec<_>>());
        }
    }
}
