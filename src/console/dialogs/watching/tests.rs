//! Watching on the screen: what the keys do, what is shown, and how it looks.

use std::sync::Arc;

use ratatui::style::Modifier;

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::state::AppState;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{COLLECTING, Console, NOW, PAID, after, fresh, id, open, order, press, receive};
use crate::console::tests::screen::{picture, screen, terminal};
use crate::i18n::Lang;
use crate::ledger::WatchReason;
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, ObjectId};
use crate::services::{Event, Fresh, Gap, GapReason, ReadRequest, Request, Watch, Watching};

const ORDERS: [&str; 2] = ["SO20261121000001", "SO20261121000002"];

fn order_id(number: &str) -> ObjectId {
    id(Kind::ServiceOrder, number)
}

fn watch(why: WatchReason, minutes: i64, due: Duration) -> Watch {
    let changed_at = (minutes > 30).then(|| NOW - Duration::minutes(minutes - 20));
    Watch { why, since: NOW - Duration::minutes(minutes), changed_at, due: NOW + due }
}

fn watching(objects: Vec<(ObjectId, Watch)>, paused: Option<Timestamp>) -> Event {
    let next = objects.iter().min_by_key(|(_, watch)| watch.due).map(|(id, watch)| (id.clone(), watch.due));
    Event::Watching(Arc::new(Watching { objects: objects.into_iter().collect(), next, paused }))
}

/// Three orders, a refund and what is known by its number alone.
fn several() -> Vec<(ObjectId, Watch)> {
    vec![
        (order_id(ORDERS[0]), watch(WatchReason::Marked, 40, Duration::seconds(5))),
        (order_id(ORDERS[1]), watch(WatchReason::Made, 3, Duration::seconds(-1))),
        (order_id("SO20261121000006"), watch(WatchReason::Marked, 60 * 24 * 3, Duration::minutes(4))),
        (id(Kind::Refund, "RF0000000001"), watch(WatchReason::Made, 12, Duration::seconds(40))),
        (id(Kind::Transaction, "T-NEVER-FETCHED"), watch(WatchReason::Marked, 1, Duration::seconds(9))),
    ]
}

fn watched(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    receive(&mut console, watching(several(), None));
    console
}

/// The next of two is not due yet.
fn due(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    let objects = several().into_iter().filter(|(_, watch)| watch.due > NOW).take(2).collect();
    receive(&mut console, watching(objects, None));
    console
}

fn titles(state: &AppState) -> Vec<String> {
    state.view.toasts.iter().map(|toast| toast.title.clone()).collect()
}

fn gap() -> Gap {
    let (from, to) = (NOW - Duration::minutes(15), NOW - Duration::minutes(5));
    Gap { from, to, why: GapReason::Asleep, objects: 37 }
}

/// A change of the first order.
fn changed() -> Event {
    let fresh = fresh(Kind::ServiceOrder, order(ORDERS[0], COLLECTING, 1300), 0);
    Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) }
}

fn paid(number: &str) -> Fresh {
    fresh(Kind::ServiceOrder, order(number, PAID, 1200), 0)
}

#[test]
fn w_watches_the_row_and_once_it_is_watched_watches_it_no_more() {
    let mut console = open(Lang::En, (80, 24));
    let first = vec![order_id(ORDERS[0])];
    assert_eq!(press(&mut console, "w"), vec![Effect::Ask(Request::Watch(first.clone()))]);
    receive(&mut console, watching(several(), None));
    assert_eq!(press(&mut console, "w"), vec![Effect::Ask(Request::Unwatch(first))]);
    let reported = [format!("Watching {} until it is final", ORDERS[0]), format!("{} is no longer watched", ORDERS[0])];
    assert_eq!(titles(&console), reported);
}

#[test]
fn w_watches_all_that_is_marked_and_leaves_out_what_is_final() {
    let mut console = watched(Lang::En, (80, 24));
    press(&mut console, "*");
    let effects = press(&mut console, "w");
    let left = ["SO20261121000007", "SO20261121000008"].map(order_id).to_vec();
    assert_eq!(effects, vec![Effect::Ask(Request::Watch(left.clone()))]);
    let toast = console.view.toasts.iter().next().unwrap();
    assert_eq!(
        (toast.title.as_str(), toast.lines.join("")),
        ("Watching 2 objects until they are final", "Left out, already final: 3".to_owned())
    );
    let mut all = several();
    all.extend(left.into_iter().map(|id| (id, watch(WatchReason::Marked, 0, Duration::SECOND))));
    receive(&mut console, watching(all, None));
    let [Effect::Ask(Request::Unwatch(ids))] = &press(&mut console, "w")[..] else { panic!("all of it is watched") };
    assert_eq!(ids.len(), 5);
}

#[test]
fn what_is_final_is_not_watched_and_it_is_said_why() {
    for keys in ["/SO20261121000003<Enter>w", "/SO20261121000003<Enter><Enter>w", "/SO20261121000003<Enter> w"] {
        let mut console = open(Lang::En, (80, 24));
        assert_eq!(press(&mut console, keys), vec![], "{keys}");
        assert_eq!(titles(&console), [console.lang.t("blocked-final")], "{keys}");
    }
}

#[test]
fn the_list_goes_to_an_object_and_watches_it_no_more() {
    let mut console = watched(Lang::En, (80, 24));
    let [Effect::Ask(Request::Read(ReadRequest::Rows(asked)))] = &press(&mut console, "W")[..] else {
        panic!("its rows are read")
    };
    assert_eq!(asked.len(), 5);
    assert_eq!(press(&mut console, "jw"), vec![Effect::Ask(Request::Unwatch(vec![order_id(ORDERS[0])]))]);
    receive(&mut console, watching(several().split_off(1), None));
    assert_eq!(
        press(&mut console, " "),
        vec![Effect::Ask(Request::Unwatch(vec![id(Kind::Transaction, "T-NEVER-FETCHED")]))]
    );
    press(&mut console, "j<Enter>");
    assert_eq!(console.subject_id(), Some(&id(Kind::Refund, "RF0000000001")));
    assert!(console.view.dialogs.is_empty() && console.view.detail.is_some());
    let mut empty = open(Lang::En, (80, 24));
    assert_eq!(press(&mut empty, "W<Enter>w"), vec![]);
}

#[test]
fn p_pauses_and_goes_on_and_by_hand_is_still_asked() {
    let mut console = watched(Lang::En, (80, 24));
    assert_eq!(press(&mut console, "P"), vec![Effect::Ask(Request::Pause(true))]);
    receive(&mut console, watching(several(), Some(NOW)));
    assert_eq!(press(&mut console, "r"), vec![Effect::Ask(Request::Refresh(vec![order_id(ORDERS[0])]))]);
    assert_eq!(press(&mut console, "P"), vec![Effect::Ask(Request::Pause(false))]);
    assert_eq!(
        press(&mut console, "WP"),
        vec![Effect::Ask(Request::Read(ReadRequest::Rows(several_by_turn()))), Effect::Ask(Request::Pause(false))]
    );
}

/// As they stand in the list.
fn several_by_turn() -> Vec<ObjectId> {
    let mut all = several();
    all.sort_by_key(|(_, watch)| watch.due);
    all.into_iter().map(|(id, _)| id).collect()
}

#[test]
fn ends_are_rung_together_unless_the_bell_is_off() {
    let mut console = watched(Lang::En, (80, 24));
    for number in ORDERS {
        receive(&mut console, Event::Final(paid(number)));
    }
    assert_eq!(console.step(Msg::Now(NOW + Duration::milliseconds(100))), vec![]);
    let rung = console.step(Msg::Now(NOW + Duration::SECOND));
    assert_eq!(rung, vec![Effect::Ring("2 watched objects are final".into())]);
    press(&mut console, ":bell off<Enter>");
    receive(&mut console, Event::Final(paid(ORDERS[0])));
    assert_eq!(console.step(Msg::Now(NOW + Duration::MINUTE)), vec![]);
    assert_eq!(titles(&console).last().unwrap(), &format!("{} is final: Paid", ORDERS[0]));
}

/// The line of the screen a row is on, and what of it is underlined.
fn underlined(console: &Console, number: &str) -> (usize, String) {
    let terminal = terminal(console);
    let buffer = terminal.backend().buffer();
    let text = |line: &[ratatui::buffer::Cell]| line.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    let mut lines = buffer.content.chunks(usize::from(buffer.area.width)).enumerate().skip(4);
    let (at, line) = lines.find(|(_, line)| text(line).contains(number)).unwrap();
    let marked = line.iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
    (at, marked.map(ratatui::buffer::Cell::symbol).collect())
}

#[test]
fn a_change_is_seen_without_colours_and_where_its_row_has_gone() {
    let mut console = open(Lang::En, (120, 40));
    console.surface.colors = crate::text::terminal::ColorDepth::None;
    press(&mut console, "sjjjj<Enter>");
    assert_eq!(console.list().sort().column, "amount");
    let (before, nothing) = underlined(&console, "000001");
    let fresh = fresh(Kind::ServiceOrder, order(ORDERS[0], COLLECTING, 99_999), 0);
    receive(&mut console, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh.clone()) });
    console.see(vec![fresh]);
    let (after, changed) = underlined(&console, "000001");
    assert!(nothing.is_empty() && before != after, "{before} {after}");
    assert!(changed.contains("Collecting") && changed.contains("¥999.99") && !changed.contains("充"), "{changed}");
    for (seconds, seen) in [(2, true), (4, true), (6, false)] {
        console.step(Msg::Now(NOW + Duration::seconds(seconds)));
        assert_eq!(!underlined(&console, "000001").1.is_empty(), seen, "after {seconds} s");
    }
}

#[test]
fn the_detail_shows_what_has_changed() {
    let mut console = after(open(Lang::En, (120, 40)), "<Enter>");
    console.surface.colors = crate::text::terminal::ColorDepth::None;
    let underlined = |console: &Console| {
        let terminal = terminal(console);
        let cells = terminal.backend().buffer().content[5 * 120..].iter();
        let marked = cells.filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
        marked.map(|cell| cell.symbol()).collect::<String>()
    };
    assert_eq!(underlined(&console), "");
    receive(&mut console, changed());
    let text = underlined(&console);
    assert!(text.contains("Collecting") && text.contains("¥13.00") && !text.contains("充电宝"), "{text}");
    console.step(Msg::Now(NOW + Duration::seconds(6)));
    assert_eq!((underlined(&console), console.fade()), (String::new(), None));
}

#[test]
fn while_nobody_answers_all_that_is_known_can_be_used() {
    let mut console = troubled(Lang::En, (80, 24));
    press(&mut console, "/charging");
    press(&mut console, "<Esc>");
    assert_eq!(press(&mut console, "y"), vec![Effect::Copy(ORDERS[0].into())]);
    press(&mut console, "/state:expired<Enter><Enter>");
    assert!(picture(&console).contains("SO20261121000005"));
    assert!(matches!(press(&mut console, "Y")[..], [Effect::Copy(_)]));
}

fn troubled(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    let error = Arc::new(crate::api::ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 10 }));
    let trouble = crate::services::ConnectionTrouble {
        since: NOW - Duration::minutes(2),
        error,
        again: Some(NOW + Duration::seconds(9)),
    };
    let health = crate::services::Health { trouble: Some(trouble), ..console.view.health.clone() };
    receive(&mut console, Event::Health(health));
    console
}

/// A gap that is being caught up with; then one that was.
fn gapped(lang: Lang, size: (u16, u16), caught_up: bool) -> Console {
    let mut console = watched(lang, size);
    receive(&mut console, Event::Gap(gap()));
    if caught_up {
        receive(&mut console, Event::CaughtUp { gap: gap(), changed: 3 });
    }
    console
}

fn paused(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = gapped(lang, size, true);
    receive(&mut console, watching(several(), Some(NOW - Duration::minutes(4))));
    console.step(Msg::Now(NOW + Duration::seconds(7)));
    console
}

/// The list, with what the ledger knows of its objects.
fn listed(mut console: Console) -> Console {
    let [Effect::Ask(Request::Read(ReadRequest::Rows(ids)))] = &press(&mut console, "W")[..] else {
        panic!("its rows are read")
    };
    let rows = console.reader.rows(ids).unwrap();
    receive(&mut console, Event::Rows(Arc::new(rows)));
    console
}

fn crowded(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = gapped(lang, size, false);
    let number = |i: i64| order_id(&format!("SO{i:014}"));
    let objects = (0..10_000).map(|i| (number(i), watch(WatchReason::Marked, 50, Duration::seconds(i / 9 + 1))));
    receive(&mut console, watching(objects.collect(), None));
    press(&mut console, "WG");
    press(&mut console, "kkk");
    console
}

fn ended(lang: Lang, size: (u16, u16), count: usize) -> Console {
    let mut console = watched(lang, size);
    for i in 0..count {
        receive(&mut console, Event::Final(paid(&format!("SO2026112199000{i}"))));
    }
    console.step(Msg::Now(NOW + Duration::SECOND));
    console
}

screen!(watching: watched_en_80x24, watched(Lang::En, (80, 24)));
screen!(watching: watched_and_one_is_next_en_120x40, due(Lang::En, (120, 40)));
screen!(watching: watched_zh_120x40, after(watched(Lang::ZhCn, (120, 40)), " j "));
screen!(watching: watched_en_200x60, watched(Lang::En, (200, 60)));
screen!(watching: watched_detail_zh_80x24, after(watched(Lang::ZhCn, (80, 24)), "<Enter>"));
screen!(watching: watched_palette_en_80x24, after(watched(Lang::En, (80, 24)), ":watch"));
screen!(watching: watched_help_en_120x60, after(watched(Lang::En, (120, 60)), "?"));
screen!(watching: list_en_80x24, listed(watched(Lang::En, (80, 24))));
screen!(watching: list_zh_80x24, listed(gapped(Lang::ZhCn, (80, 24), false)));
screen!(watching: list_en_120x40, listed(paused(Lang::En, (120, 40))));
screen!(watching: list_zh_200x60, listed(paused(Lang::ZhCn, (200, 60))));
screen!(watching: list_en_60x16, listed(paused(Lang::En, (60, 16))));
screen!(watching: list_of_nothing_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "W"));
screen!(watching: list_of_ten_thousand_en_80x24, crowded(Lang::En, (80, 24)));
screen!(watching: paused_zh_80x24, paused(Lang::ZhCn, (80, 24)));
screen!(watching: paused_en_120x40, paused(Lang::En, (120, 40)));
screen!(watching: gap_en_80x24, gapped(Lang::En, (80, 24), false));
screen!(watching: gap_zh_120x40, gapped(Lang::ZhCn, (120, 40), false));
screen!(watching: caught_up_en_80x24, gapped(Lang::En, (80, 24), true));
screen!(watching: caught_up_zh_80x24, gapped(Lang::ZhCn, (80, 24), true));
screen!(watching: ended_en_80x24, ended(Lang::En, (80, 24), 1));
screen!(watching: ended_many_zh_80x24, ended(Lang::ZhCn, (80, 24), 7));
screen!(watching: trouble_zh_80x24, troubled(Lang::ZhCn, (80, 24)));
screen!(watching: trouble_en_120x40, troubled(Lang::En, (120, 40)));

#[test]
fn no_size_breaks_the_list() {
    for mut console in [listed(paused(Lang::ZhCn, (80, 24))), crowded(Lang::En, (80, 24))] {
        for (width, height) in [(1, 1), (60, 16), (61, 17), (79, 23), (160, 16), (300, 80)] {
            console.step(Msg::Resize(width, height));
            terminal(&console);
        }
        assert!(matches!(console.view.dialogs.last(), Some(Dialog::Watching(_))));
    }
}
