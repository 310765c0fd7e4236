//! What the console finds when it starts: how it was left, and a configuration that says only how it looks.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use support::{Shop, status, stderr};
use terminal::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn the_split_and_the_wide_table_are_there_again_after_a_restart_and_not_with_fresh() {
    let shop = Shop::open(60).await;
    let config = shop.config_path();
    let config = ["--config", config.to_str().unwrap()];
    let split = |screen: &vt100::Screen| screen.contents().lines().skip(4).take(8).all(|line| line.contains('│'));
    let mut terminal = Terminal::start(130, 40, shop.folder.path(), &config);
    terminal.wait_until("both side by side", split);
    terminal.wait("in all");
    terminal.press("3");
    terminal.wait("─ Service orders ·");
    terminal.press("C");
    terminal.press("z");
    terminal.wait_until("the list alone", |screen| screen.contents().contains("in all") && !split(screen));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::start(130, 40, shop.folder.path(), &config);
    terminal.wait_until("the list alone", |screen| screen.contents().contains("in all") && !split(screen));
    terminal.press(":columns");
    terminal.wait("columns that fit");
    terminal.press("\u{1b}");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::start(130, 40, shop.folder.path(), &[&config[..], &["--fresh"]].concat());
    terminal.wait_until("both side by side", split);
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_configuration_without_a_merchant_opens_the_embedded_sandbox_and_applies() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    let start = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        Terminal::start(120, 40, home.path(), &[&["--config", file.to_str().unwrap()], more].concat())
    };
    for (text, shown) in [
        ("language = \"zh-CN\"\ntheme = \"light\"\ncolors = \"16\"\n", "沙箱"),
        ("[keys]\nquit = \"f10\"\n", "embedded sandbox"),
        ("", "embedded sandbox"),
    ] {
        let mut terminal = start(text, &[]);
        terminal.wait(shown);
        if text.contains("[keys]") {
            terminal.press("\u{1b}[21~");
        } else {
            terminal.press("q");
        }
        assert_eq!(terminal.end(), 0, "{text}");
    }
    let terminal = start("default_profile = \"shpo\"\n", &[]);
    terminal.wait("shpo");
    assert_eq!(terminal.end(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_says_that_the_configuration_has_no_profile_or_which_to_choose() {
    let shop = Shop::open(10).await;
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    std::fs::write(shop.config_path(), "theme = \"light\"\n").unwrap();
    let output = shop.paydeck(&["plan", "list"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("has no profile") && stderr(&output).contains("--sandbox"), "{}", stderr(&output));
    let several = text.replace("default_profile = \"sandbox\"", "");
    std::fs::write(shop.config_path(), several).unwrap();
    let output = shop.paydeck(&["plan", "list"]);
    assert!(stderr(&output).contains("default_profile") && stderr(&output).contains("sandbox"), "{}", stderr(&output));
}
