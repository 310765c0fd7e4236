//! The way back: from every jump Esc, Backspace and `[` lead back to the place as it was left, `]` forward again.

use std::sync::Arc;

use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::msg::Msg;
use crate::console::app::navigate::crumbs;
use crate::console::app::state::AppState;
use crate::console::tabs::TABS;
use crate::console::tabs::objects::detail::DetailPage;
use crate::console::tests::fixture::{self, Console, NOW, chain, fresh, id, open, order, press, receive};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::ledger::WatchReason;
use crate::model::time::Duration;
use crate::model::{Kind, ObjectId};
use crate::services::{Event, Searched, Watch, Watching};

/// Everything about a place that an operator would miss.
#[derive(Debug, PartialEq)]
struct Place {
    tab: &'static str,
    detail: Option<(ObjectId, DetailPage, usize)>,
    reading: [Option<usize>; 2],
    filters: [String; 3],
    cursors: (Option<ObjectId>, Option<i64>, Option<i64>),
    row: Option<usize>,
}

fn place(state: &AppState) -> Place {
    let tabs = &state.view.tabs;
    Place {
        tab: TABS[state.tab].id,
        detail: state.view.detail.as_ref().map(|detail| (detail.of.clone(), detail.page, detail.scroll)),
        reading: [tabs.inbox.reading, tabs.journal.reading],
        filters: [
            state.list().map(|list| format!("{} {:?}", list.filter(), list.sort())).unwrap_or_default(),
            format!("{:?}", tabs.inbox.filter()),
            format!("{:?}", tabs.journal.filter()),
        ],
        cursors: (state.list().and_then(|list| list.cursor().cloned()), tabs.inbox.cursor(), tabs.journal.cursor()),
        row: tabs.bills.reading.as_ref().map(|reading| reading.cursor()),
    }
}

fn words(state: &AppState) -> String {
    crumbs(state).into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(" ▸ ")
}

/// Jumps with some keys, goes back and forward with each key that does, and compares the places.
fn there_and_back(console: &mut Console, keys: &str, answer: Option<Event>) {
    let left = place(console);
    press(console, keys);
    answer.into_iter().for_each(|event| drop(receive(console, event)));
    let reached = place(console);
    assert_ne!(left, reached, "{keys}");
    for back in ["<Esc>", "<Back>", "["] {
        press(console, back);
        assert_eq!(place(console), left, "{back} after {keys}");
        press(console, "]");
        assert_eq!(place(console), reached, "] after {back}");
    }
    press(console, "[");
}

fn found(number: &str) -> Event {
    let found = vec![fresh(Kind::ServiceOrder, order(number, fixture::PAID, 990), 0)];
    let number = id(Kind::ServiceOrder, number).number;
    Event::Searched(Searched { number, found, tried: Default::default(), stopped: None })
}

fn watching(order: ObjectId) -> Event {
    let watch = Watch { why: WatchReason::Marked, since: NOW, changed_at: None, due: NOW + Duration::minutes(1) };
    let watching = Watching { objects: [(order.clone(), watch)].into(), next: Some((order, watch.due)), paused: None };
    Event::Watching(Arc::new(watching))
}

fn full(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.learn(chain());
    fixture::inbox(&mut console);
    fixture::journal(&mut console);
    fixture::bills(&mut console, 60);
    console
}

fn walked(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = full(lang, size);
    press(&mut console, "8/paid<Enter><Enter><Enter>");
    console
}

screen!(console: crumbs_en_80x24, walked(Lang::En, (80, 24)));
screen!(console: crumbs_zh_120x40, walked(Lang::ZhCn, (120, 40)));

#[test]
fn every_jump_can_be_taken_back_and_repeated() {
    for size in [(80, 24), (120, 40)] {
        let mut console = full(Lang::En, size);
        // An event to its object; the orders have a filter that hides it.
        press(&mut console, "3/state:doing<Enter>sj<Enter>jj8jjjjj<Enter>");
        there_and_back(&mut console, "<Enter>", None);
        // A related object, another, and the timeline of that.
        press(&mut console, "<Esc>4/C-<Enter>f");
        there_and_back(&mut console, "G<Enter>", None);
        press(&mut console, "G<Enter>f");
        there_and_back(&mut console, "<Enter>", None);
        // Any number, from a filtered list without a detail.
        press(&mut console, "3/state:doing<Enter>j");
        there_and_back(&mut console, "oSO20261121000004<Enter>", Some(found("SO20261121000004")));
        // From the journal to an object, and from an object to its entries.
        press(&mut console, "9jj<Enter>");
        there_and_back(&mut console, "<Enter>", None);
        press(&mut console, "<Enter>");
        there_and_back(&mut console, "J", None);
        // From the watched objects.
        press(&mut console, "3<Esc>");
        let order = id(Kind::ServiceOrder, "SO20261121000001");
        receive(&mut console, watching(order));
        press(&mut console, "1");
        there_and_back(&mut console, "W<Enter>", None);
    }
}

#[test]
fn the_way_back_from_a_row_of_a_bill_is_that_row() {
    let mut console = full(Lang::En, (80, 24));
    press(&mut console, "7<Enter>jjj");
    assert_eq!(place(&console).row, Some(3));
    there_and_back(&mut console, "<Enter>", Some(found("SO20261121000004")));
    assert_eq!(place(&console).row, Some(3));
    // Even if another bill was opened meanwhile.
    press(&mut console, "<Enter>");
    receive(&mut console, found("SO20261121000004"));
    console.view.tabs.bills.reading = None;
    press(&mut console, "<Esc>");
    assert_eq!((place(&console).tab, place(&console).row), ("bills", Some(3)));
}

#[test]
fn escape_closes_what_was_opened_here_before_it_goes_back() {
    let mut console = full(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter><Enter>J");
    assert_eq!(TABS[console.tab].id, "journal");
    press(&mut console, "<Esc>");
    assert_eq!(console.view.detail.as_ref().map(|detail| detail.of.number.as_str()), Some("C-TRADE"));
    press(&mut console, "<Esc>");
    assert!(console.view.detail.is_none() && console.kind() == Some(Kind::Transaction), "only the detail is closed");
    assert_eq!(console.list().filter().to_string(), "c-");
    press(&mut console, "<Esc>");
    assert!(console.list().filter().is_empty());
}

#[test]
fn a_tab_opened_by_its_key_begins_a_new_walk_and_the_history_still_leads_back() {
    let mut console = walked(Lang::En, (80, 24));
    assert!(
        words(&console).starts_with("Events ▸ ") && words(&console).ends_with("▸ SO20261121000003"),
        "{}",
        words(&console)
    );
    let left = place(&console);
    press(&mut console, "4");
    assert_eq!(words(&console), "Transactions");
    press(&mut console, "<Esc><Back>");
    assert_eq!(place(&console).tab, "transactions", "nothing led here");
    press(&mut console, "[");
    assert_eq!(place(&console), left);
    press(&mut console, "]");
    assert_eq!(place(&console).tab, "transactions");
}

#[test]
fn a_click_on_a_breadcrumb_goes_there() {
    let mut console = walked(Lang::En, (80, 24));
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
    let mut target = None;
    terminal
        .draw(|frame| target = crate::console::app::view::draw(&console, &FrameLayout::default(), frame).target(3, 2))
        .unwrap();
    assert_eq!(target, Some(Target::Crumb(1)));
    console.step(Msg::Click { target: Target::Crumb(1), double: false });
    assert_eq!((place(&console).tab, place(&console).reading[0]), ("events", Some(0)));
}

#[test]
fn the_detail_opens_on_its_overview_and_a_page_is_chosen_for_one_visit() {
    let mut console = full(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter>f");
    assert_eq!(console.page(), DetailPage::Related);
    press(&mut console, "<Esc><Enter>");
    assert_eq!(console.page(), DetailPage::Overview, "Enter");
    press(&mut console, "t");
    assert_eq!(console.page(), DetailPage::Timeline);
    press(&mut console, "oSO20261121000004<Enter>");
    receive(&mut console, found("SO20261121000004"));
    assert_eq!(console.page(), DetailPage::Overview, "a jump");
    press(&mut console, "<Esc>");
    assert_eq!(console.page(), DetailPage::Timeline, "the page that was left");
    // The detail of a notification, too.
    press(&mut console, "8jjjjj<Enter><Right><Esc><Enter>");
    assert_eq!(console.view.tabs.inbox.page, Default::default());
}

#[test]
fn list_and_detail_stand_side_by_side_from_120_columns_on_until_z() {
    let split = |console: &Console| {
        let picture = picture(console);
        picture.lines().skip(4).take(8).all(|line| line.contains('│'))
    };
    let mut console = open(Lang::En, (119, 40));
    assert!(!split(&console));
    press(&mut console, "z");
    assert_eq!(console.view.toasts.iter().count(), 1, "no room for both");
    let mut console = open(Lang::En, (120, 40));
    assert!(split(&console));
    assert_eq!(console.detail_width(), 50);
    press(&mut console, "z");
    assert!(!split(&console) && !console.split);
    press(&mut console, "<Enter>");
    assert!(!split(&console), "the detail takes the screen");
    press(&mut console, "z");
    assert!(split(&console));
}
