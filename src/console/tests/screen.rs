//! The screen as text, compared with the picture that was accepted. Read each changed picture before accepting it.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::app::view::draw;
use crate::i18n::Lang;

pub(crate) fn terminal(state: &AppState) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(state.size.0, state.size.1)).unwrap();
    terminal.draw(|frame| drop(draw(state, &FrameLayout::default(), frame))).unwrap();
    terminal
}

/// The screen as text; a wide character takes the place of two.
pub(crate) fn picture(state: &AppState) -> String {
    let terminal = terminal(state);
    let buffer = terminal.backend().buffer();
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let (mut line, mut x) = (String::new(), 0);
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += crate::text::width(symbol).max(1) as u16;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

/// A test that draws a console and compares it with `snapshots/FOLDER/SITUATION.LANG.SIZE.snap`. Its name is
/// `SITUATION_LANG_SIZE`, as `list_zh_80x24`; language and size must be those of the console.
macro_rules! screen {
    ($folder:ident: $name:ident, $console:expr) => {
        #[test]
        fn $name() {
            crate::console::tests::screen::assert_named(stringify!($folder), stringify!($name), &$console);
        }
    };
}

pub(crate) use screen;

/// Compares the screen with its picture; the name of the test says which situation it shows.
pub(crate) fn assert_named(folder: &str, test: &str, state: &AppState) {
    let lang = match state.lang {
        Lang::En => "en",
        Lang::ZhCn => "zh",
    };
    let suffix = format!("_{lang}_{}x{}", state.size.0, state.size.1);
    let situation = test.strip_suffix(&suffix).unwrap_or_else(|| panic!("the name of {test} should end in {suffix}"));
    assert_screen(folder, situation, state);
}

/// Compares the screen with the picture of the situation in its language and size.
pub(crate) fn assert_screen(folder: &str, situation: &str, state: &AppState) {
    assert_picture(folder, situation, state, &picture(state));
}

/// As [`assert_screen`], where a part of the picture differs in every run and was replaced.
pub(crate) fn assert_picture(folder: &str, situation: &str, state: &AppState, picture: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let (lang, (width, height)) = (state.lang.tag(), state.size);
    settings.bind(|| insta::assert_snapshot!(format!("{situation}.{lang}.{width}x{height}"), picture));
}
