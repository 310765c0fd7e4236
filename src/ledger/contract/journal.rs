//! The journal, and the ledger's checks, repairs and copies.

use serde_json::json;
use time::Duration;

use super::{Place, id};
use crate::ledger::engine::{Engine, JournalSearch};
use crate::ledger::{Closing, Conclusion, Ending, IntendError, Intent, LedgerError, Once};
use crate::model::action::{ConfirmedBy, Repetition};
use crate::model::time::Timestamp;
use crate::model::{Kind, Method};

fn intent(number: &str) -> Intent {
    Intent {
        at: Timestamp::now_utc(),
        platform_at: None,
        operator: "李雷".into(),
        profile: "shop".into(),
        mchid: "1900000001".into(),
        action: "plan-stop".into(),
        object: Some(id(Kind::Plan, number)),
        method: Method::Post,
        target: format!("/v3/{number}/stop"),
        body: String::new(),
        state: "NORMAL".into(),
        before: None,
        seen: None,
        confirmed: ConfirmedBy::Typed,
        objects: 1,
        reason: None,
        once: None,
    }
}

fn ended(ending: Ending) -> Conclusion {
    let closing = || Box::new(Closing { operator: "李雷".into(), reason: "已电话核实".into() });
    Conclusion { closed: (ending == Ending::Closed).then(closing), ..Conclusion::of(ending) }
}

/// A ledger with three intents and their conclusions in its journal.
fn filled(place: &Place) -> Box<dyn Engine> {
    let ledger = place.open();
    for number in ["P-1", "P-2", "P-3"] {
        let id = ledger.intend(&intent(number)).unwrap();
        ledger.conclude(id, Timestamp::now_utc(), &ended(Ending::Done)).unwrap();
    }
    assert_eq!(ledger.verify_journal().unwrap(), Ok(6));
    ledger
}

pub(in crate::ledger) fn an_object_has_one_open_intent_at_a_time_across_connections(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let id = one.intend(&intent("P-1")).unwrap();
    assert!(matches!(two.intend(&intent("P-1")), Err(IntendError::Busy(busy)) if busy == id));
    two.intend(&intent("P-2")).unwrap();
    one.conclude(id, Timestamp::now_utc(), &ended(Ending::Unknown)).unwrap();
    assert!(matches!(two.intend(&intent("P-1")), Err(IntendError::Busy(_))), "unknown is not ended");
    let open = two.open_intents("shop").unwrap();
    assert!(!two.is_under_way(&open[0]), "nobody is sending what is unknown");
    one.conclude(id, Timestamp::now_utc(), &ended(Ending::Done)).unwrap();
    two.intend(&intent("P-1")).unwrap();
    assert_eq!(one.journal_entry(id).unwrap().unwrap().ending(), Some(Ending::Done));
    assert_eq!(one.open_intents("shop").unwrap().len(), 2);
}

pub(in crate::ledger) fn what_was_done_since_the_preview_and_what_is_open_under_another_profile_bars_an_intent(
    place: &Place,
) {
    let ledger = place.open();
    let object = intent("P-1").object.unwrap();
    let seen = |seen| Intent { seen: Some(seen), ..intent("P-1") };
    assert_eq!(ledger.latest_entry("shop/1900000001", &object).unwrap(), 0);
    let id = ledger.intend(&seen(0)).unwrap();
    let night = Intent { profile: "night/1900000001".into(), ..seen(1) };
    assert!(matches!(ledger.intend(&night), Err(IntendError::Busy(busy)) if busy == id));
    assert_eq!(ledger.open_intents("night/1900000001").unwrap().len(), 1);
    let elsewhere = Intent { mchid: "1900000002".into(), ..seen(0) };
    ledger.intend(&elsewhere).unwrap();
    let now = Timestamp::now_utc();
    assert_eq!(ledger.conclude(id, now, &ended(Ending::Done)).unwrap(), Ending::Done);
    assert_eq!(ledger.conclude(id, now, &ended(Ending::Refused)).unwrap(), Ending::Done, "it ends once");
    let latest = ledger.latest_entry("night/1900000001", &object).unwrap();
    assert!(matches!(ledger.intend(&seen(id)), Err(IntendError::Overtaken(by)) if by == latest));
    ledger.intend(&Intent { seen: Some(latest), ..night }).unwrap();
}

pub(in crate::ledger) fn a_raw_request_waits_until_the_same_one_has_ended(place: &Place) {
    let ledger = place.open();
    let raw = |body: &str| Intent {
        action: "api".into(),
        object: None,
        target: "/v3/nosuch".into(),
        body: body.into(),
        ..intent("P-1")
    };
    let bars =
        |intent: &Intent, id: i64| matches!(ledger.intend(intent), Err(IntendError::SameRequest(by)) if by == id);
    let now = Timestamp::now_utc();
    let first = ledger.intend(&raw(r#"{"a": 1, "b": 2}"#)).unwrap();
    assert!(bars(&raw(r#"{"b":2,"a":1}"#), first), "under way, spaced and ordered otherwise");
    ledger.conclude(first, now, &ended(Ending::Unknown)).unwrap();
    assert!(bars(&Intent { profile: "night".into(), ..raw(r#"{"a":1,"b":2}"#) }, first), "unknown");
    let others = [
        raw(r#"{"a":1,"b":3}"#),
        Intent { method: Method::Put, ..raw(r#"{"a":1,"b":2}"#) },
        Intent { target: "/v3/other".into(), ..raw(r#"{"a":1,"b":2}"#) },
        Intent { mchid: "1900000002".into(), ..raw(r#"{"a":1,"b":2}"#) },
    ];
    for other in others {
        ledger.intend(&other).unwrap();
    }
    ledger.conclude(first, now, &ended(Ending::Closed)).unwrap();
    ledger.intend(&raw(r#"{"a":1,"b":2}"#)).unwrap();
}

fn refund(number: &str, fen: i64) -> Intent {
    let amount = json!({"refund": fen, "total": 900, "currency": "CNY"});
    Intent {
        action: "transaction-refund".into(),
        object: Some(id(Kind::Transaction, "T-000001")),
        target: "/v3/refund/domestic/refunds".into(),
        body: json!({"out_trade_no": "T-000001", "out_refund_no": number, "amount": amount}).to_string(),
        ..intent("P-1")
    }
}

/// The entry with the intended effect of an intent.
fn repeated(ledger: &dyn Engine, intent: &Intent, since: Timestamp, again: Repetition) -> Option<i64> {
    let (intention, shown_by) = intent.intention().unwrap();
    let object = intent.object.as_ref().unwrap();
    ledger.repeated(&intent.mchid, object, (&intention, &shown_by), &Once { since, again }).unwrap()
}

pub(in crate::ledger) fn the_same_effect_is_found_under_any_number_and_profile_until_it_was_long_ago(place: &Place) {
    let (ledger, other) = (place.open(), place.open());
    let now = Timestamp::now_utc();
    let (recently, later) = (now - Duration::HOUR, now + Duration::HOUR);
    let again = |since, again| repeated(&*other, &refund("R-2", 500), since, again);
    assert_eq!(again(recently, Repetition::No), None, "an empty journal");
    let first = ledger.intend(&refund("R-1", 500)).unwrap();
    assert_eq!(again(recently, Repetition::No), Some(first));
    assert_eq!(again(later, Repetition::No), Some(first), "open, however old");
    assert_eq!(repeated(&*other, &refund("R-2", 300), recently, Repetition::No), None, "another amount");
    let elsewhere = Intent { mchid: "1900000002".into(), ..refund("R-2", 500) };
    assert_eq!(repeated(&*other, &elsewhere, recently, Repetition::No), None, "another merchant");
    let no = Once { since: recently, again: Repetition::No };
    let night = Intent { profile: "night/1900000001".into(), once: Some(no), ..refund("R-2", 500) };
    assert!(matches!(other.intend(&night), Err(IntendError::Repeated(by)) if by == first));

    ledger.conclude(first, now, &ended(Ending::Done)).unwrap();
    assert_eq!(again(recently, Repetition::No), Some(first));
    assert!(matches!(other.intend(&night), Err(IntendError::Repeated(by)) if by == first), "done");
    assert_eq!(again(later, Repetition::No), None, "done, and before the time that counts");
    assert_eq!(again(recently, Repetition::AfterEntry(first - 1)), Some(first), "later than the entry that was shown");
    assert_eq!(again(recently, Repetition::AfterEntry(first)), None);
    assert_eq!(again(recently, Repetition::Yes), None);
    // The same number is the same request.
    assert_eq!(repeated(&*other, &refund("R-1", 500), later, Repetition::Yes), Some(first));

    let yes = Once { again: Repetition::Yes, ..no };
    let second = other.intend(&Intent { once: Some(yes), ..night }).unwrap();
    assert_eq!(repeated(&*ledger, &refund("R-3", 500), recently, Repetition::No), Some(second), "the latest");
    assert_eq!(repeated(&*ledger, &refund("R-3", 500), recently, Repetition::AfterEntry(first)), Some(second));
    other.conclude(second, now, &ended(Ending::Refused)).unwrap();
    assert_eq!(repeated(&*ledger, &refund("R-3", 500), recently, Repetition::No), Some(first));
}

pub(in crate::ledger) fn the_same_effect_is_found_unless_it_did_not_happen_or_a_person_closed_it(place: &Place) {
    let now = Timestamp::now_utc();
    let (recently, later) = (now - Duration::HOUR, now + Duration::HOUR);
    // Once with a new number, and once long after.
    for (ending, found, after_long) in [
        (Ending::Done, true, false),
        (Ending::Refused, false, false),
        (Ending::Unknown, true, true),
        (Ending::Unknowable, true, false),
        (Ending::Closed, false, false),
    ] {
        let place = place.another();
        let ledger = place.open();
        let first = ledger.intend(&refund("R-1", 500)).unwrap();
        ledger.conclude(first, now, &ended(ending)).unwrap();
        let again = |since| repeated(&*ledger, &refund("R-2", 500), since, Repetition::No).is_some();
        assert_eq!((again(recently), again(later)), (found, after_long), "{ending:?}");
        let same = repeated(&*ledger, &refund("R-1", 500), recently, Repetition::Yes).is_some();
        assert_eq!(same, found, "under the same number: {ending:?}");
    }
}

pub(in crate::ledger) fn an_ending_of_a_later_version_never_lets_the_same_be_done_twice(place: &Place) {
    let ledger = place.open();
    let now = Timestamp::now_utc();
    let once = Once { since: now - Duration::HOUR, again: Repetition::No };
    let refund = |number, fen| Intent { once: Some(once), ..refund(number, fen) };
    let first = ledger.intend(&refund("R-1", 500)).unwrap();
    let conclude_as_a_later_version = |is_final: bool| {
        place.append(json!({"entry": "settlement", "of": first, "outcome": "partly-done", "final": is_final}));
    };
    let is_barred = || matches!(ledger.intend(&refund("R-2", 500)), Err(IntendError::Repeated(by)) if by == first);
    conclude_as_a_later_version(false);
    assert!(is_barred());
    assert!(matches!(ledger.intend(&refund("R-2", 300)), Err(IntendError::Busy(by)) if by == first), "open");
    assert!(ledger.open_intents("shop").unwrap()[0].is_unknown);
    conclude_as_a_later_version(true);
    assert!(is_barred(), "it has ended, and may have been done");
    assert_eq!(ledger.conclude(first, now, &ended(Ending::Refused)).unwrap(), Ending::Unknowable);
    let entry = ledger.journal_entry(first).unwrap().unwrap();
    assert_eq!((entry.ending(), entry.outcome()), (Some(Ending::Unknowable), Some("partly-done")));
}

pub(in crate::ledger) fn an_entry_is_read_by_its_number_with_all_its_conclusions(place: &Place) {
    let ledger = filled(place);
    let sent = Intent { reason: Some("重复支付".into()), seen: Some(0), ..refund("R-1", 500) };
    let id = ledger.intend(&sent).unwrap();
    assert_eq!(id, 4);
    let read = |id| ledger.journal_entry(id).unwrap();
    let open = read(id).unwrap();
    assert_eq!((open.id, open.ending(), open.is_open()), (id, None, true));
    let intent = &open.intent;
    assert_eq!((&intent.object, &intent.body, &intent.reason), (&sent.object, &sent.body, &sent.reason));
    assert_eq!((&intent.operator, intent.method, &intent.target), (&sent.operator, Some(sent.method), &sent.target));
    let now = Timestamp::now_utc();
    ledger.conclude(id, now, &ended(Ending::Unknown)).unwrap();
    ledger.conclude(id, now, &Conclusion { request_id: Some("08F7".into()), ..ended(Ending::Done) }).unwrap();
    let done = read(id).unwrap();
    let endings: Vec<Ending> = done.conclusions.iter().map(|one| one.ending).collect();
    assert_eq!((&endings[..], done.ending()), (&[Ending::Unknown, Ending::Done][..], Some(Ending::Done)));
    assert_eq!((done.latest(|one| &one.request_id), &done.hash), (Some("08F7"), &open.hash));
    for unused in [0, -1, id + 1, id + 3] {
        assert!(read(unused).is_none(), "{unused} is the number of no entry, though records have it");
        assert!(ledger.conclude(unused, now, &ended(Ending::Done)).is_err());
        assert!(ledger.send_again(unused, now, None).is_err());
    }
    assert_eq!(ledger.verify_journal().unwrap(), Ok(9));
}

pub(in crate::ledger) fn entries_are_numbered_in_the_order_in_which_they_were_made(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let now = Timestamp::now_utc();
    let listed = |ledger: &dyn Engine| -> Vec<(i64, String)> {
        let search = JournalSearch { limit: 99, ..JournalSearch::default() };
        let entries = ledger.journal_entries(&search).unwrap();
        entries.into_iter().map(|entry| (entry.id, entry.intent.number)).collect()
    };
    let first = one.intend(&intent("P-1")).unwrap();
    let second = two.intend(&intent("P-2")).unwrap();
    one.conclude(first, now, &ended(Ending::Unknown)).unwrap();
    assert!(two.send_again(second, now, None).unwrap());
    two.conclude(first, now, &ended(Ending::Done)).unwrap();
    let third = one.intend(&intent("P-3")).unwrap();
    one.conclude(second, now, &ended(Ending::Refused)).unwrap();
    drop((one, two));
    let ledger = place.open();
    let fourth = ledger.intend(&intent("P-4")).unwrap();
    assert_eq!([first, second, third, fourth], [1, 2, 3, 4]);
    let expected = [(4, "P-4"), (3, "P-3"), (2, "P-2"), (1, "P-1")];
    assert_eq!(listed(&*ledger), expected.map(|(number, object)| (number, object.to_owned())));
    // Every call that takes or names a number means the same entry.
    let read = |number| ledger.journal_entry(number).unwrap().unwrap();
    for (number, object) in expected {
        assert_eq!((read(number).id, &*read(number).intent.number), (number, object));
    }
    assert_eq!([1, 2, 3].map(|number| read(number).ending()), [Some(Ending::Done), Some(Ending::Refused), None]);
    let open: Vec<i64> = ledger.open_intents("shop").unwrap().iter().map(|open| open.id).collect();
    assert_eq!(open, [3, 4]);
    assert!(matches!(ledger.intend(&intent("P-4")), Err(IntendError::Busy(4))));
    ledger.conclude(3, now, &ended(Ending::Done)).unwrap();
    assert_eq!(read(3).ending(), Some(Ending::Done));
    assert_eq!(ledger.verify_journal().unwrap(), Ok(9));
}

pub(in crate::ledger) fn entries_are_paged_in_both_directions_from_any_of_them(place: &Place) {
    let ledger = filled(place);
    let found = |before, after, limit| -> Vec<i64> {
        let search = JournalSearch { before, after, limit, ..JournalSearch::default() };
        ledger.journal_entries(&search).unwrap().iter().map(|entry| entry.id).collect()
    };
    assert_eq!(found(None, None, 2), [3, 2]);
    assert_eq!(found(Some(3), None, 1), [2]);
    assert_eq!(found(None, Some(0), 2), [2, 1], "the oldest, and still the newest of them first");
    assert_eq!(found(None, Some(1), 1), [2]);
    assert_eq!(found(Some(3), Some(1), 9), [2]);
}

pub(in crate::ledger) fn a_chain_that_grows_while_it_is_verified_holds(place: &Place) {
    let (writer, reader) = (filled(place), place.open());
    let written = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..200 {
                writer.intend(&intent(&format!("Q-{i}"))).unwrap();
            }
            written.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        while !written.load(std::sync::atomic::Ordering::Relaxed) {
            reader.verify_journal().unwrap().unwrap();
        }
    });
    assert_eq!(reader.verify_journal().unwrap(), Ok(206));
}

pub(in crate::ledger) fn threads_append_to_one_chain(place: &Place) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let ledger = place.open();
            scope.spawn(move || {
                for i in 0..10 {
                    ledger.intend(&intent(&format!("P-{thread}-{i}"))).unwrap();
                }
            });
        }
    });
    let ledger = place.open();
    assert_eq!(ledger.verify_journal().unwrap(), Ok(40));
    let search = JournalSearch { limit: 99, ..JournalSearch::default() };
    let numbers = ledger.journal_entries(&search).unwrap().into_iter().map(|entry| entry.id);
    assert!(numbers.eq((1..=40).rev()));
}

pub(in crate::ledger) fn an_open_intent_is_sent_again_and_one_that_has_ended_is_not(place: &Place) {
    let ledger = place.open();
    let id = ledger.intend(&intent("P-1")).unwrap();
    let now = Timestamp::now_utc();
    assert!(ledger.is_under_way(&ledger.open_intents("shop").unwrap()[0]), "this process lives");
    assert!(ledger.send_again(id, now, None).unwrap());
    assert_eq!(ledger.open_intents("shop").unwrap().len(), 1);
    ledger.conclude(id, now, &ended(Ending::Done)).unwrap();
    assert!(!ledger.send_again(id, now, None).unwrap());
    assert!(ledger.open_intents("shop").unwrap().is_empty());
}

pub(in crate::ledger) fn an_export_has_every_entry_in_order_until_the_caller_has_enough(place: &Place) {
    let ledger = filled(place);
    let export = |most: usize| {
        let mut entries = Vec::new();
        let mut each = |hash: &str, entry: &str| {
            entries.push((hash.to_owned(), entry.to_owned()));
            entries.len() < most
        };
        ledger.export_journal(&mut each).unwrap();
        entries
    };
    let all = export(usize::MAX);
    assert_eq!(all.len(), 6);
    assert!(all.windows(2).all(|two| two[1].1.contains(&two[0].0)), "each names the hash of the one before");
    assert_eq!(export(2), all[..2]);
}

pub(in crate::ledger) fn a_sound_ledger_is_backed_up_whole_and_no_file_is_replaced(place: &Place) {
    let ledger = filled(place);
    ledger.ensure_sound().unwrap();
    let checkup = ledger.check().unwrap();
    assert_eq!((checkup.is_sound(), checkup.recounted), (true, 0));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    assert_eq!(ledger.backup(&copy).unwrap(), 6);
    assert!(matches!(ledger.backup(&copy), Err(LedgerError::Copy { .. })));
}
