//! The mouse: a click on what a screen shows does what its key does.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::msg::Msg;
use crate::console::app::view;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, after, chain, open, press};
use crate::console::tests::screen::picture;
use crate::i18n::Lang;
use crate::model::Kind;

/// Clicks at the beginning of the first place on the screen where this text stands.
pub(crate) fn click(console: &mut Console, text: &str) -> Vec<Effect> {
    let mut terminal = Terminal::new(TestBackend::new(console.size.0, console.size.1)).unwrap();
    let mut layout = FrameLayout::default();
    terminal.draw(|frame| layout = view::draw(console, &FrameLayout::default(), frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y: u16| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    let found = (0..buffer.area.height).find_map(|y| {
        let row = row(y);
        let before = row.split_once(text)?.0;
        Some((before.chars().count() as u16, y))
    });
    let (x, y) = found.unwrap_or_else(|| panic!("no {text:?}:\n{}", picture(console)));
    let target = layout.target(x, y).unwrap_or_else(|| panic!("nothing to click at {text:?}"));
    console.step(Msg::Click { target, double: false })
}

#[test]
fn a_click_on_a_tab_and_a_place_of_the_way_goes_there() {
    let mut console = open(Lang::En, (140, 40));
    click(&mut console, "4 Transactions");
    assert_eq!(console.kind(), Some(Kind::Transaction));
    click(&mut console, "3 Service orders");
    // From a related object: the way there is above the table.
    console.learn(chain());
    press(&mut console, "4/C-<Enter>fG<Enter>");
    assert_ne!(console.kind(), Some(Kind::Transaction));
    click(&mut console, "Transactions ▸");
    assert_eq!(console.kind(), Some(Kind::Transaction));
}

#[test]
fn a_click_on_a_hint_presses_its_key() {
    let mut console = open(Lang::En, (140, 40));
    click(&mut console, "/ filter");
    assert!(matches!(console.view.dialogs[..], [Dialog::Filter(_)]));
    press(&mut console, "<Esc>");
    click(&mut console, ": commands");
    assert!(matches!(console.view.dialogs[..], [Dialog::Palette(_)]));
}

#[test]
fn a_click_on_the_note_of_problems_shows_the_other_rows_again() {
    let mut console = after(open(Lang::En, (140, 40)), "!");
    assert!(console.list().filter().asks_problems());
    click(&mut console, "problems only ·");
    assert!(!console.list().filter().asks_problems());
}
