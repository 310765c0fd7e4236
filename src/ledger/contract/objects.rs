//! Objects, their versions and the objects they name.

use std::collections::HashSet;

use serde_json::json;

use super::{Place, at, fresh, id, plan};
use crate::ledger::{Answers, Fresh, Source, Version};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Link, Number, Object, ObjectId};

pub(in crate::ledger) fn an_older_document_never_replaces_a_newer_one_and_profiles_are_apart(place: &Place) {
    let ledger = place.open();
    let id = plan("x", 1).object.id;
    ledger.note("shop", std::slice::from_ref(&id), Source::Feed).unwrap();
    assert!(ledger.object("shop", &id).unwrap().is_none());
    ledger.put("shop", &[plan("new", 200)]).unwrap();
    ledger.put("shop", &[plan("old", 100)]).unwrap();
    ledger.note("shop", std::slice::from_ref(&id), Source::Import).unwrap();
    let (known, _) = ledger.documents("shop", Kind::Plan, 0, 10).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].fresh.as_ref().unwrap().object.entity.title(), Some("new"));
    assert!(ledger.documents("other", Kind::Plan, 0, 10).unwrap().0.is_empty());
}

pub(in crate::ledger) fn a_version_shows_since_when_it_holds_and_until_when_it_was_seen_once_another_follows(
    place: &Place,
) {
    let ledger = place.open();
    let paid = "2023-11-14T22:15:00+00:00";
    let trade = |state: &str, seconds| {
        let document = json!({"out_trade_no": "T-1", "trade_state": state, "success_time": paid});
        fresh(Kind::Transaction, document, seconds)
    };
    for (state, seconds) in [("NOTPAY", 0), ("NOTPAY", 5), ("SUCCESS", 640), ("SUCCESS", 700)] {
        ledger.put("shop", &[trade(state, seconds)]).unwrap();
    }
    let versions = ledger.versions("shop", &id(Kind::Transaction, "T-1")).unwrap();
    let [seen, unseen] = &versions[..] else { panic!("{versions:?}") };
    assert_eq!((seen.since, seen.last_at), (Some(at(100)), None));
    assert_eq!((unseen.since, unseen.seen_at, unseen.last_at), (None, at(0), Some(at(5))));
}

pub(in crate::ledger) fn every_version_seen_is_kept_with_its_source_in_the_order_of_its_time(place: &Place) {
    let ledger = place.open();
    let id = plan("x", 1).object.id;
    ledger.put("shop", &[plan("a", 10)]).unwrap();
    ledger.put("shop", &[plan("a", 20), Fresh { source: Source::Action, ..plan("b", 30) }]).unwrap();
    // The same facts in another order and layout are the same version.
    let document = r#"{ "plan_state":"NORMAL", "plan_name":"b", "plan_id":"77", "merchant_plan_no":"P-1" }"#;
    let object = Object::parse(Kind::Plan, document).unwrap();
    ledger.put("shop", &[Fresh { object, verified_at: at(40), source: Source::List }]).unwrap();
    // A late document is inserted as a version unless a neighbour has the same facts.
    ledger.put("shop", &[plan("between", 25), plan("a", 15), plan("b", 29)]).unwrap();
    let versions = ledger.versions("shop", &id).unwrap();
    let found: Vec<(i64, Source)> =
        versions.iter().map(|version| ((version.seen_at - at(0)).whole_seconds(), version.source)).collect();
    assert_eq!(found, [(30, Source::Action), (25, Source::Query), (10, Source::Query)]);
    let name = |version: &Version| {
        let document = ledger.version("shop", &id, version.id).unwrap().unwrap();
        document.entity.title().map(str::to_owned)
    };
    assert_eq!(versions.iter().filter_map(name).collect::<Vec<_>>(), ["b", "between", "a"]);
    // A late document never counts as the latest, even when the next answer is equal to it.
    ledger.put("shop", &[plan("late", 35), plan("late", 50)]).unwrap();
    assert_eq!(ledger.object("shop", &id).unwrap().unwrap().object.entity.title(), Some("late"));
    ledger.put("shop", &[Fresh { source: Source::List, ..plan("b", 60) }]).unwrap();
    let latest = ledger.object("shop", &id).unwrap().unwrap();
    assert_eq!((latest.verified_at, latest.source), (at(60), Source::List));
    let other = self::id(Kind::Plan, "P-2");
    assert!(ledger.version("shop", &other, versions[0].id).unwrap().is_none(), "a version belongs to its object");
}

pub(in crate::ledger) fn an_object_is_found_by_its_own_number_and_by_wechat_pays(place: &Place) {
    let ledger = place.open();
    let order = json!({"out_order_no": "N-1", "order_id": "15646546545165651651", "state": "DOING"});
    let paid = json!({"out_trade_no": "N-1", "transaction_id": "4200001", "trade_state": "SUCCESS"});
    ledger.put("shop", &[fresh(Kind::ServiceOrder, order, 1), fresh(Kind::Transaction, paid, 1)]).unwrap();
    ledger.note("shop", &[id(Kind::Plan, "N-1")], Source::Opened).unwrap();
    let found = |text: &str| -> Vec<ObjectId> {
        ledger.find("shop", text).unwrap().into_iter().map(|known| known.id).collect()
    };
    let [order, paid] = [id(Kind::ServiceOrder, "N-1"), id(Kind::Transaction, "N-1")];
    assert_eq!(found("N-1"), [id(Kind::Plan, "N-1"), order.clone(), paid.clone()]);
    assert_eq!(found("15646546545165651651"), std::slice::from_ref(&order));
    assert_eq!(found("4200001"), std::slice::from_ref(&paid));
    assert!(found("4200002").is_empty() && ledger.find("other", "N-1").unwrap().is_empty());
    let all = [order.clone(), paid.clone(), id(Kind::Plan, "N-1")];
    assert_eq!(ledger.verified_since("shop", &all, at(1)).unwrap(), HashSet::from([order, paid]));
    assert!(ledger.verified_since("shop", &all, at(2)).unwrap().is_empty());
}

pub(in crate::ledger) fn what_may_change_is_due_soon_after_a_change_and_what_is_final_never(place: &Place) {
    let ledger = place.open();
    let stopped = json!({"merchant_plan_no": "P-2", "plan_state": "STOP"});
    ledger.put("shop", &[plan("a", 0), fresh(Kind::Plan, stopped, 0)]).unwrap();
    let order = id(Kind::ServiceOrder, "O-1");
    ledger.note("shop", std::slice::from_ref(&order), Source::Feed).unwrap();
    let now = Timestamp::now_utc();
    let plan_id = id(Kind::Plan, "P-1");
    assert_eq!(ledger.due("shop", at(59), 10).unwrap(), (vec![order.clone()], Some(at(60))), "the new number is due");
    assert_eq!(ledger.due("shop", now, 10).unwrap(), (vec![order.clone(), plan_id.clone()], None));
    let (first, next) = ledger.due("shop", now, 1).unwrap();
    assert_eq!((first, next.is_some_and(|next| next <= now)), (vec![order.clone()], true), "more is due at once");
    // It was unchanged 800 seconds later: it is queried less often.
    ledger.put("shop", &[plan("a", 800)]).unwrap();
    assert_eq!(ledger.due("shop", at(800), 10).unwrap().1, Some(at(900)));
    let later = vec![(order.clone(), now + Duration::HOUR)];
    ledger.take_in("shop", &Answers { postponed: later, ..Answers::default() }).unwrap();
    assert_eq!(ledger.due("shop", now, 10).unwrap().0, std::slice::from_ref(&plan_id));
    assert_eq!(ledger.stale("shop", Kind::Plan, at(801)).unwrap(), [plan_id]);
    assert!(ledger.stale("shop", Kind::Plan, at(800)).unwrap().is_empty());
}

pub(in crate::ledger) fn relations_are_known_in_both_directions_and_what_is_named_is_noted_or_to_be_followed(
    place: &Place,
) {
    let ledger = place.open();
    let sign_plan = |number: &str, state: &str| {
        json!({"merchant_sign_plan_no": number, "plan_id": "77", "sign_state": state, "total_actual_price": 500,
            "signed_detail_list": [{"plan_detail_state": "USED", "merchant_plan_detail_no": format!("{number}-01")}]})
    };
    ledger
        .put(
            "shop",
            &[
                fresh(Kind::SignPlan, sign_plan("S-1", "SIGNED"), 1),
                fresh(Kind::SignPlan, sign_plan("S-2", "COMPLETE"), 1),
                plan("plan", 1),
            ],
        )
        .unwrap();
    let related = |id: &ObjectId| -> Vec<(bool, String)> {
        let related = ledger.related("shop", id, 10).unwrap();
        related.into_iter().map(|related| (related.named, related.row.id.to_string())).collect()
    };
    let plan_id = id(Kind::Plan, "P-1");
    assert_eq!(related(&plan_id), [(false, "sign-plan S-2".into()), (false, "sign-plan S-1".into())]);
    let signed = id(Kind::SignPlan, "S-1");
    assert_eq!(related(&signed), [(true, "order S-1-01".into()), (true, "plan P-1".into())]);
    let groups = ledger.dependents("shop", &plan_id).unwrap();
    let found: Vec<_> = groups.iter().map(|(kind, group)| (*kind, group.count, group.amount)).collect();
    assert_eq!(found, [(Kind::SignPlan, 1, 500), (Kind::SignPlan, 1, 500)]);
    // The order was noted because it was named; its payment is named by WeChat Pay's number alone.
    let order = json!({"out_order_no": "S-1-01", "state": "DONE", "collection": {"state": "USER_PAID",
        "details": [{"transaction_id": "4200000000000000000000000001"}]}});
    ledger.put("shop", &[fresh(Kind::ServiceOrder, order, 2)]).unwrap();
    let unfollowed = || ledger.unfollowed("shop", Kind::Transaction, Timestamp::now_utc(), 10).unwrap();
    let number = Number::parse("4200000000000000000000000001").unwrap();
    assert_eq!(unfollowed(), std::slice::from_ref(&number));
    let link = Link::Platform(Kind::Transaction, number.clone());
    ledger.postpone_link("shop", &link, Some(Timestamp::now_utc() + Duration::HOUR)).unwrap();
    assert!(unfollowed().is_empty());
    ledger.postpone_link("shop", &link, Some(at(0))).unwrap();
    let paid = json!({"out_trade_no": "T-1", "transaction_id": number.as_str(), "trade_state": "SUCCESS"});
    ledger.put("shop", &[fresh(Kind::Transaction, paid, 3)]).unwrap();
    assert!(unfollowed().is_empty(), "it is known now");
    let order = id(Kind::ServiceOrder, "S-1-01");
    assert_eq!(related(&order), [(true, "transaction T-1".into()), (false, "sign-plan S-1".into())]);
}

pub(in crate::ledger) fn many_may_open_a_new_ledger_at_once(place: &Place) {
    for _ in 0..20 {
        let place = place.another();
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    place.open();
                });
            }
        });
    }
}
