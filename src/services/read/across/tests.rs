use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use time::macros::datetime;

use super::*;
use crate::ledger::{Fresh, Ledger, Source, Store};
use crate::model::{Number, Object};
use crate::services::Actor;

const NOW: Timestamp = datetime!(2026-11-30 12:00 +8);

/// An order of a day of the month; without a day its number is known and nothing else.
fn put(ledger: &Ledger, profile: &str, number: &str, day: Option<u8>) {
    let id = ObjectId::new(Kind::ServiceOrder, Number::parse(number).unwrap());
    ledger.note(profile, std::slice::from_ref(&id), Source::Feed).unwrap();
    let Some(day) = day else { return };
    let document = json!({
        "out_order_no": number, "state": if day.is_multiple_of(2) { "DOING" } else { "DONE" }, "total_amount": 100,
        "time_range": {"start_time": format!("202611{:02}120000", day + 1)},
    });
    let object = Object::parse(Kind::ServiceOrder, &document.to_string()).unwrap();
    ledger.put(profile, &[Fresh { object, verified_at: NOW, source: Source::Query }]).unwrap();
}

fn reader(ledger: &Ledger) -> LedgerReader {
    LedgerReader::new(ledger.clone(), &Actor::new("a", "1900000001", "test", false, Default::default()))
}

fn selection(profiles: &[&str], filter: &str) -> AcrossSelection {
    let profiles = profiles.iter().map(|profile| Arc::from(*profile)).collect();
    AcrossSelection { kind: Kind::ServiceOrder, filter: Filter::parse(filter).unwrap(), profiles }
}

const PROFILES: [&str; 3] = ["a/1900000001", "b/1900000002", "c/1900000003"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, source_file: Some(file!()), ..ProptestConfig::default() })]

    /// Wherever a page is read, it is that part of all rows of all profiles in the order of their times.
    #[test]
    fn a_page_is_a_part_of_one_list_wherever_one_looks(
        rows in prop::collection::vec((0usize..3, prop::option::weighted(0.9, 0u8..8)), 1..50),
        filter in prop::sample::select(vec!["", "state:doing", "!state:doing", "since:15d"]),
        (before, after) in (0usize..40, 1usize..40),
        looked_at in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        for (n, (profile, day)) in rows.iter().enumerate() {
            // Every profile has the same numbers.
            put(&ledger, PROFILES[*profile], &format!("O-{:03}", n / 2), *day);
        }
        let reader = reader(&ledger);
        let read = |filter: &str, anchor, reach| {
            let request = AcrossPageRequest { selection: selection(&PROFILES, filter), anchor, reach, seen: None };
            reader.across(&request, NOW, &Stop::default()).unwrap()
        };
        let key = |row: &AcrossRow| AcrossKey { profile: row.profile.clone(), id: row.row.id.clone() };
        // The order from its description: by time, what has none last; then by profile, then as each profile has it.
        let mut all: Vec<AcrossRow> = Vec::new();
        for profile in PROFILES {
            let of = Selection { kind: Kind::ServiceOrder, filter: Filter::default(), sort: NEWEST_FIRST };
            reader.of(&profile.into()).each(&of, NOW, |found| {
                all.extend(found.into_iter().map(|row| AcrossRow { profile: profile.into(), row }));
                true
            }).unwrap();
        }
        all.sort_by_key(|row| {
            let time = row.row.seen.as_ref().and_then(|seen| seen.summary.time);
            (time.is_none(), std::cmp::Reverse(time), row.profile.clone())
        });
        let passing = |row: &AcrossRow| {
            let query = Selection { kind: Kind::ServiceOrder, filter: Filter::parse(filter).unwrap(), sort: NEWEST_FIRST };
            let mut passes = false;
            reader.of(&row.profile).each(&query, NOW, |found| {
                passes |= found.iter().any(|one| one.id == row.row.id);
                true
            }).unwrap();
            passes
        };
        let anchor = &all[looked_at.index(all.len())];
        let expected: Vec<&AcrossRow> = all.iter().filter(|row| passing(row)).collect();

        let start = read(filter, AcrossAnchor::Start, (before, after));
        prop_assert_eq!(start.rows.iter().collect::<Vec<_>>(), expected[..expected.len().min(before + after)].to_vec());
        prop_assert!(start.at_start && start.at_end == (before + after >= expected.len()));
        let end = read(filter, AcrossAnchor::End, (before, after));
        prop_assert_eq!(end.rows.iter().collect::<Vec<_>>(), expected[expected.len().saturating_sub(before + after)..].to_vec());
        prop_assert!(end.at_end && end.at_start == (before + after >= expected.len()));

        // Around a row, which is there whether it passes the filter or not.
        let with: Vec<&AcrossRow> = all.iter().filter(|row| passing(row) || key(row) == key(anchor)).collect();
        let at = with.iter().position(|row| key(row) == key(anchor)).unwrap();
        let (from, to) = (at.saturating_sub(before), (at + after).min(with.len()));
        let page = read(filter, AcrossAnchor::At(key(anchor)), (before, after));
        prop_assert_eq!(page.rows.iter().collect::<Vec<_>>(), with[from..to].to_vec());
        prop_assert_eq!((page.anchor, page.at_start, page.at_end), (at - from, from == 0, to == with.len()));
    }
}

#[test]
fn newer_rows_are_counted_in_all_profiles_and_sums_are_those_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
    for (profile, day) in [(0, 1), (1, 2), (2, 3), (1, 4), (0, 5)] {
        put(&ledger, PROFILES[profile], &format!("O-{day}"), Some(day));
    }
    let (reader, of) = (reader(&ledger), |profile: usize, number: &str| AcrossKey {
        profile: PROFILES[profile].into(),
        id: ObjectId::new(Kind::ServiceOrder, Number::parse(number).unwrap()),
    });
    let request = |anchor, seen| AcrossPageRequest { selection: selection(&PROFILES, ""), anchor, reach: (0, 2), seen };
    let page = reader.across(&request(AcrossAnchor::At(of(0, "O-1")), None), NOW, &Stop::default()).unwrap();
    assert_eq!(page.newer, Newer { first: Some(of(0, "O-5")), count: 0 });
    let seen = Some(of(2, "O-3"));
    let page = reader.across(&request(AcrossAnchor::At(of(0, "O-1")), seen), NOW, &Stop::default()).unwrap();
    assert_eq!(page.newer, Newer { first: None, count: 2 });
    // A row that is gone, or of a profile that is not listed, leads to the start.
    let gone = reader.across(&request(AcrossAnchor::At(of(2, "O-9")), None), NOW, &Stop::default()).unwrap();
    assert!(gone.at_start && gone.rows[0].profile == PROFILES[0].into());

    let sums = reader.across_sums(&selection(&PROFILES[..2], "state:doing"), NOW, &Stop::default()).unwrap();
    let counted = sums.iter().map(|(profile, sums)| {
        let sums = sums.as_ref().unwrap();
        (&**profile, sums.known, sums.shown.iter().map(|group| group.count).sum::<u64>())
    });
    assert_eq!(counted.collect::<Vec<_>>(), [(PROFILES[0], 2, 0), (PROFILES[1], 2, 2)]);
}
