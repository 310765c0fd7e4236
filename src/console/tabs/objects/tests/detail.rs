//! The detail of an object: its place in its chain, why it waits, searching and folding, and what can be copied.

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::tabs::objects::detail::{DetailPage, LineId};
use crate::console::tests::fixture::{self, Console, after, chain, open, press};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;

fn chained(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.learn(chain());
    console
}

fn copied(effects: Vec<Effect>) -> String {
    match effects.as_slice() {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// Presses a key with Ctrl.
fn ctrl(console: &mut Console, c: char) -> Vec<Effect> {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    console.step(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
}

fn line_with(console: &Console, words: &str) -> String {
    let picture = picture(console);
    picture
        .lines()
        .find(|line| line.contains(words))
        .unwrap_or_else(|| panic!("{words} is not on\n{picture}"))
        .to_owned()
}

screen!(objects: running_en_80x24, open(Lang::En, (80, 24)).then_open());
screen!(objects: running_zh_120x40, open(Lang::ZhCn, (120, 40)).then_open());
screen!(objects: in_its_chain_en_120x40, after(chained(Lang::En, (120, 40)), "4/C-<Enter><Enter>"));
screen!(objects: in_its_chain_zh_200x60, after(chained(Lang::ZhCn, (200, 60)), "2/C-SIGN-1<Enter><Enter>"));
screen!(objects: raw_search_en_80x24, after(open(Lang::En, (80, 24)), "<Enter><Left>/.time_range.st<Enter>"));
screen!(objects: raw_folded_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "<Enter><Left>F"));
screen!(objects: search_en_120x40, after(open(Lang::En, (120, 40)), "<Enter>/¥<Enter>n"));
screen!(objects: copy_field_en_80x24, after(open(Lang::En, (80, 24)), "<Enter>C"));
screen!(objects: copy_field_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "<Enter>C"));

impl Console {
    fn then_open(mut self) -> Self {
        press(&mut self, "<Enter>");
        self
    }
}

#[test]
fn the_overview_says_what_a_state_waits_for_since_when_what_follows_and_what_can_be_done() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "/state:doing<Enter><Enter>");
    assert!(line_with(&console, "Waits for").contains("you to complete the service"));
    assert!(line_with(&console, "Since").contains("2026-11-21"));
    assert!(line_with(&console, "Usually next").contains(" · "));
    assert!(line_with(&console, "You can").contains("Complete"));
    // What is final waits for nothing.
    press(&mut console, "<Esc>/state:done<Enter><Enter>");
    assert!(!picture(&console).contains("Waits for"));
}

#[test]
fn the_chain_of_an_object_is_one_line_with_its_own_place_in_it() {
    let mut console = chained(Lang::En, (120, 40));
    press(&mut console, "4/C-<Enter><Enter>");
    let picture = picture(&console);
    let chain = picture.lines().skip(5).take(2).map(|line| line.split('│').next_back().unwrap_or_default());
    let line = chain.collect::<String>();
    let places: Vec<_> =
        ["C-PLAN", "C-SIGN-1", "C-ORDER", "C-TRADE", "C-REFUND"].map(|number| line.find(number)).into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{line}");
    press(&mut console, "<Esc><Esc>/T20261121000001<Enter><Enter>");
    let picture = crate::console::tests::screen::picture(&console);
    assert!(picture.contains("no refund"), "{picture}");
}

#[test]
fn amounts_stand_in_one_column() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "6/RF0000000002<Enter><Enter>");
    let ends: Vec<usize> = picture(&console)
        .lines()
        .filter(|line| line.trim_start().starts_with(['R', 'O', 'P']) && line.contains('¥'))
        .map(|line| crate::text::width(line.trim_end()))
        .collect();
    assert!(ends.len() >= 2 && ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:?}\n{}", picture(&console));
}

#[test]
fn a_search_goes_from_match_to_match_on_every_page_and_escape_ends_it() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter>f/c-refund");
    let at = |console: &Console| console.view.detail.as_ref().and_then(|detail| detail.needle.as_ref()?.at);
    assert!(at(&console).is_some(), "found as it is typed");
    press(&mut console, "<Enter><Enter>");
    assert_eq!(console.subject_id().unwrap().number.as_str(), "C-REFUND", "the match is the selected line");
    press(&mut console, "<Back>");
    assert_eq!(console.page(), DetailPage::Related);
    press(&mut console, "<Esc>");
    assert!(console.view.detail.as_ref().is_some_and(|detail| detail.needle.is_none()));
    // On the overview, and back to the search before.
    press(&mut console, "hh/¥<Enter>");
    let first = at(&console).unwrap();
    press(&mut console, "n");
    assert!(at(&console).unwrap() > first);
    press(&mut console, "N");
    assert_eq!(at(&console), Some(first));
    press(&mut console, "/x<Esc>");
    assert_eq!(console.view.detail.as_ref().unwrap().needle.as_ref().unwrap().text, "¥");
    press(&mut console, "/ nowhere<Enter>");
    assert!(at(&console).is_none() && picture(&console).contains("0/0"));
}

#[test]
fn in_the_document_a_path_is_found_and_its_parts_are_folded() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "<Enter><Left>");
    let selected = |console: &Console| match console.line_id() {
        Some(LineId::Json(path)) => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(selected(&console), "");
    press(&mut console, "/$.time_range.start_time<Enter>");
    assert_eq!(selected(&console), ".time_range.start_time");
    assert!(copied(press(&mut console, "c")).starts_with("2026"));
    press(&mut console, "<Enter>");
    assert_eq!(selected(&console), ".time_range", "a value folds what it is in");
    assert!(picture(&console).contains("{…}"));
    press(&mut console, " ");
    assert!(!picture(&console).contains("{…}"));
    press(&mut console, "F");
    assert!(picture(&console).contains("{…}"));
    press(&mut console, "/time<Esc>");
    assert!(picture(&console).contains("{…}"), "a search that is given up leaves the folds");
    press(&mut console, "n");
    assert_eq!(selected(&console), ".time_range.start_time", "what is folded is searched, too");
}

#[test]
fn any_field_is_copied_by_its_name() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "<Enter>x");
    assert_eq!(copied(press(&mut console, "<Enter>")), "SO20261121000001");
    assert!(console.view.dialogs.is_empty());
    let last = copied(press(&mut console, "xG<Enter>"));
    assert!(!last.is_empty() && !last.starts_with('"'), "{last}");
}

#[test]
fn a_request_is_copied_as_curl_and_as_a_command_without_anything_secret() {
    let mut console = open(Lang::En, (120, 40));
    fixture::journal(&mut console);
    press(&mut console, "9jj");
    let curl = copied(press(&mut console, "c"));
    assert!(curl.starts_with("curl -X POST ") && curl.contains("/v3/example/SO20261121000002"), "{curl}");
    assert!(curl.contains("signature=\"<SIGNATURE>\"") && curl.contains("serial_no=\"<SERIAL_NO>\""), "{curl}");
    let command = copied(press(&mut console, "x"));
    assert!(command.starts_with("paydeck --profile shop api POST /v3/example/SO20261121000002 "), "{command}");
    // A preview: copying sends nothing and leaves it open.
    press(&mut console, "4/T20261121000001<Enter>a<Enter>");
    press(&mut console, "<Tab>");
    let mut steps = 0;
    while !matches!(console.view.dialogs.last(), Some(crate::console::dialogs::state::Dialog::Confirm(_))) && steps < 12
    {
        press(&mut console, "<Enter>");
        steps += 1;
    }
    fixture::look(&mut console);
    let curl = copied(ctrl(&mut console, 'y'));
    assert!(curl.contains("/v3/refund/domestic/refunds") && curl.contains("--data-raw"), "{curl}");
    let command = copied(ctrl(&mut console, 'x'));
    assert!(command.starts_with("paydeck --profile shop transaction refund T20261121000001 --"), "{command}");
    assert!(matches!(console.view.dialogs.last(), Some(crate::console::dialogs::state::Dialog::Confirm(_))));
}
