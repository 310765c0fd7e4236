//! A panic in the console leaves the terminal as it was, with the message to read.
#![cfg(unix)]

#[path = "support/terminal.rs"]
mod terminal;

use std::sync::Arc;

use paydeck::console::{self, Configured, Start, TerminalLook, Theme};
use paydeck::i18n::Lang;
use terminal::Terminal;

/// Set in the process that panics.
const PANICS: &str = "PAYDECK_TEST_PANICS";
const MESSAGE: &str = "on purpose, while it draws";

/// The part of the test that runs in a terminal: this program starts itself. By itself it does nothing.
#[test]
fn the_console_that_panics() {
    if std::env::var_os(PANICS).is_none() {
        return;
    }
    let start = Start {
        lang: Lang::En,
        theme: Theme::default(),
        themes: Arc::new(Arc::default),
        // Called on the thread that draws, after the first frame.
        opener: Arc::new(|_| panic!("{MESSAGE}")),
        profile: None,
        all_profiles: false,
        surface: TerminalLook::default(),
        bell: false,
        first_run: false,
        configured: Configured::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let _ = runtime.block_on(console::run(start));
}

#[test]
fn a_panic_gives_the_terminal_back_and_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let environment = [("TERM", "xterm-256color"), (PANICS, "1")];
    let arguments = ["the_console_that_panics", "--exact", "--nocapture"];
    let terminal = Terminal::start_program(&program, &environment, 120, 40, home.path(), &arguments);
    terminal.wait_until("the console", vt100::Screen::alternate_screen);
    // The message is on the normal screen, with its first column at the left: the lines of a raw terminal would be
    // stairs.
    terminal.wait_until("the message", |screen| {
        let text = screen.contents();
        !screen.alternate_screen() && text.contains("tests/panic.rs:") && text.lines().any(|line| line == MESSAGE)
    });
    // This also compares the modes of the terminal with those before.
    assert_ne!(terminal.end(), 0);
}
