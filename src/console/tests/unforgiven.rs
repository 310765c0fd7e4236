//! The bugs that users of such consoles never forgive. Each has a test: here, or where [`ELSEWHERE`] says.

use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use serde_json::Value;

use crate::console::app::msg::Msg;
use crate::console::tests::fixture::{
    self, Console, RUNNING, after, fresh, open, operation_on_top, order, orders, others, press, receive,
};
use crate::console::tests::screen::{picture, terminal};
use crate::i18n::Lang;
use crate::model::{Kind, Object};
use crate::services::{Fresh, Known};

/// Bugs whose tests are with what they are about: the bug, the file, the test.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "a wrong target after a refresh moved the list",
        include_str!("unseen.rs"),
        "a_refresh_between_opening_and_confirming_never_changes_the_target",
    ),
    (
        "the key that opens also confirms",
        include_str!("../dialogs/confirm/tests.rs"),
        "pressing_the_same_key_again_and_again_never_confirms",
    ),
    (
        "a write leaks through read-only",
        include_str!("../../../tests/client.rs"),
        "every_action_of_the_catalogue_takes_effect_and_read_only_lets_none_leave",
    ),
    (
        "the same refund is sent twice",
        include_str!("../../../tests/refunds.rs"),
        "a_refund_that_was_accepted_and_never_answered_is_found_by_its_number_and_sent_once",
    ),
    (
        "the shell is left broken after a crash",
        include_str!("../../../tests/panic.rs"),
        "a_panic_gives_the_terminal_back_and_can_be_read",
    ),
    (
        "processor time while idle",
        include_str!("../app/runtime/tests.rs"),
        "an_idle_console_over_a_thousand_settled_rows_neither_draws_nor_wakes_up",
    ),
    (
        "processor time while offline",
        include_str!("../app/runtime/tests.rs"),
        "an_offline_console_draws_once_and_rests",
    ),
    (
        "what comes late for one account is shown in the next",
        include_str!("update.rs"),
        "what_an_account_already_left_still_says_is_dropped",
    ),
    (
        "a filter sees one page only",
        include_str!("../tabs/objects/tests/mod.rs"),
        "a_filter_finds_rows_that_were_never_at_hand",
    ),
    ("a row flashes for nothing", include_str!("../tabs/objects/tests/mod.rs"), "a_change_of_age_alone_is_no_change"),
    (
        "a large record freezes the list",
        include_str!("../../ledger/sqlite/tests.rs"),
        "a_list_never_loads_the_documents_of_its_rows",
    ),
];

#[test]
fn every_bug_that_is_not_forgiven_has_its_test() {
    for (bug, file, test) in ELSEWHERE {
        assert!(file.contains(&format!("fn {test}(")), "{bug}: no test {test}");
    }
}

fn filled(lang: Lang) -> Console {
    let mut console = open(lang, (120, 40));
    fixture::bills(&mut console, 30);
    fixture::journal(&mut console);
    fixture::inbox(&mut console);
    console
}

#[test]
fn no_screen_panics_at_a_small_size() {
    let screens = [
        "",
        "!",
        "C",
        "Vjj",
        "<Enter>",
        "<Enter>z",
        "<Enter>/wx<Enter>",
        "<Enter><Left>",
        "<Enter><Left>F",
        "<Enter>x",
        "t",
        "f",
        "a",
        "a<Enter>",
        "5a<Enter>",
        "5a<Enter>r",
        "/",
        "/st",
        "/<^T>",
        "/x<^S>",
        "s",
        "c",
        "?",
        ":",
        ":so",
        "o",
        "e",
        "p",
        "W",
        "1n",
        "7",
        "7<Enter>",
        "7n",
        "8",
        "8<Enter>",
        "8d",
        "9",
        "9<Enter>",
    ];
    for (n, keys) in screens.iter().enumerate() {
        let lang = if n % 2 == 0 { Lang::En } else { Lang::ZhCn };
        let mut console = after(filled(lang), keys);
        for (width, height) in (1..=40).step_by(3).flat_map(|width| (1..=10).map(move |height| (width, height))) {
            console.step(Msg::Resize(width, height));
            terminal(&console);
        }
    }
}

/// Two columns wide, of ambiguous width, outside the basic plane, joined, with marks, right to left.
const SCRIPTS: [&str; 9] = [
    "充电宝租借（夜间）",
    "①②③ ±× α … “引号” ●",
    "☕️ latte ❤️",
    "👨‍👩‍👧‍👦 family 👍🏽",
    "🇨🇳🇭🇰 flags",
    "e\u{301}te\u{301} nai\u{308}ve Å",
    "한국어 ﾊﾝｶｸ カタカナ",
    "क्षत्रिय ไทย้",
    "עברית عربى",
];

/// The screen of a terminal that has received these frames one after another, each as the difference from the last.
fn shown(frames: &[Buffer]) -> Vec<String> {
    let area = frames[0].area;
    let mut emulator = vt100::Parser::new(area.height, area.width, 0);
    let mut before = Buffer::empty(area);
    for frame in frames {
        let mut bytes = Vec::new();
        CrosstermBackend::new(&mut bytes).draw(before.diff(frame).into_iter()).unwrap();
        emulator.process(&bytes);
        before = frame.clone();
    }
    emulator.screen().rows(0, area.width).collect()
}

#[test]
fn cjk_leaves_no_ghosts_and_no_column_drifts() {
    for size in [(80, 24), (120, 40)] {
        let mut console = open(Lang::ZhCn, size);
        let rows = SCRIPTS.iter().enumerate().map(|(n, title)| {
            let mut document = order(&format!("SO2026112100000{n}"), RUNNING, 1200);
            document["service_introduction"] = (*title).into();
            fresh(Kind::ServiceOrder, document, 0)
        });
        console.see(rows.collect());
        let mut frames = Vec::new();
        for keys in ["", "j", "j", "jjj", "<Enter>", "jj", "<Right>", "<Esc>", "G", "s<Down><Enter>", "?", "<Esc>", "!"]
        {
            press(&mut console, keys);
            frames.push(terminal(&console).backend().buffer().clone());
            let fresh = shown(&frames[frames.len() - 1..]);
            assert_eq!(shown(&frames), fresh, "after {keys:?} at {size:?}");
        }
        // The amounts of all rows end in one column, whatever stands before them.
        press(&mut console, "<Esc><Esc>3g");
        let ends: Vec<usize> = picture(&console)
            .lines()
            .filter(|line| line.contains("SO20261121") && line.contains("¥12.00"))
            .filter_map(|line| line.find("¥12.00").map(|at| crate::text::width(&line[..at])))
            .collect();
        assert!(ends.len() > 3 && ends.iter().all(|end| end == &ends[0]), "{ends:?}\n{}", picture(&console));
    }
}

/// What a terminal would obey: the screen cleared, the clipboard set, a line turned around, a bell, new lines.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{202e}evil\u{200b}\u{9b}31m\r\n\u{2028}";

/// The texts in a document that can be hostile without it becoming another object.
fn texts(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(path),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| texts(item, format!("{path}/{n}"), found));
        }
        Value::Object(members) => members.iter().for_each(|(name, item)| texts(item, format!("{path}/{name}"), found)),
        _ => {}
    }
}

/// The object with hostile text in every field that takes it; without the codes of its state, so that it can still be
/// acted on, or with them.
fn hostile(fresh: &Fresh, states: bool) -> Fresh {
    let mut document: Value = serde_json::from_str(&fresh.object.raw).unwrap();
    let mut paths = Vec::new();
    texts(&document, String::new(), &mut paths);
    paths.retain(|path| states || !(path.contains("state") || path.contains("status")));
    let mut object = fresh.object.clone();
    for path in paths {
        let mut changed = document.clone();
        let text = changed.pointer_mut(&path).unwrap();
        *text = format!("{}{HOSTILE}", text.as_str().unwrap()).into();
        // A number stays as it is: with another it would be another object.
        let parsed = Object::parse(object.id.kind, &changed.to_string()).ok();
        if let Some(parsed) = parsed.filter(|parsed| parsed.id == object.id) {
            (object, document) = (parsed, changed);
        }
    }
    Fresh { object, ..fresh.clone() }
}

#[test]
fn a_hostile_remark_repaints_nothing_whichever_field_it_is_in() {
    let subjects: Vec<Known> = orders().into_iter().take(2).chain(others()).collect();
    let mut previews = 0;
    for (known, states) in subjects.iter().flat_map(|known| [(known, true), (known, false)]) {
        let evil = hostile(known.fresh.as_ref().unwrap(), states);
        let id = evil.object.id.clone();
        let mut console = open(Lang::En, (120, 40));
        receive(&mut console, fixture::fetched(evil));
        console.tab = console.place_of(id.kind).unwrap();
        let find = format!("/{}<Enter>", id.number);
        let walk = "C C <Enter> <Left> F <Right> <Right> <Enter> <Esc> <Right> <Esc><Esc>t x <Esc> a <Enter> <Enter> r";
        for keys in [find.as_str()].into_iter().chain(walk.split(' ')) {
            press(&mut console, keys);
            let picture = picture(&console);
            let harmful = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2028}'));
            assert!(!picture.chars().any(harmful), "{id:?} after {keys}\n{picture}");
        }
        previews += usize::from(operation_on_top(&console).is_some());
    }
    assert!(previews > 2, "some come to a preview: {previews}");
}
