//! User commands and hooks, from the key to what is shown.

use std::time::Duration;

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{COLLECTING, Console, NOW, PAID, fetched, fresh, id, open, order, press, receive};
use crate::console::tests::screen::picture;
use crate::console::user_commands::state::ProgramOutcome;
use crate::console::{KeySetting, LiveSettings, Reload, Reloaded, Unread};
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::ledger::WatchReason;
use crate::model::Kind;
use crate::program::{Finished, Hooks, Program, ProgramEnd, Template, UserCommand};
use crate::services::{Event, Watch, Watching};
use std::sync::Arc;

fn program(run: &[&str]) -> Program {
    let run = run.iter().map(|text| Template::parse(text).unwrap()).collect();
    Program { run, shell: false, timeout: Duration::from_secs(1), withheld: Arc::default() }
}

fn command(name: &str, key: &str, run: &[&str]) -> UserCommand {
    UserCommand {
        name: name.into(),
        label: None,
        keys: vec![key.into()],
        kinds: Vec::new(),
        program: program(run),
        confirm: false,
        dangerous: false,
        line: 1,
    }
}

fn reloaded(settings: LiveSettings, restart: &[&str]) -> Msg {
    Msg::Reload(Box::new(Reload::Read(Box::new(Reloaded {
        file: "config.toml".into(),
        settings,
        lang: None,
        theme: None,
        bell: None,
        themes: Arc::default(),
        restart: restart.iter().map(|key| (*key).to_owned()).collect(),
    }))))
}

/// A console whose configuration has these commands, on the service orders.
fn with(commands: Vec<UserCommand>) -> Console {
    let mut console = open(Lang::En, (120, 40));
    console.step(reloaded(LiveSettings { commands, ..LiveSettings::default() }, &[]));
    press(&mut console, "3");
    console
}

fn shown(effects: &[Effect]) -> String {
    match effects {
        [Effect::Run(run)] => run.invocation.shown(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_user_command_runs_with_the_row_and_stands_in_help_and_palette() {
    let invoice = UserCommand {
        label: Some("Open the invoice".into()),
        ..command("invoice", "O", &["crm", "{kind}", "{number}"])
    };
    let mut console = with(vec![invoice]);
    let number = console.subject_id().unwrap().number.to_string();
    let effects = press(&mut console, "O");
    assert_eq!(shown(&effects), format!("crm order {number}"));
    assert!(picture(&console).contains(&format!("crm order {number}")), "what runs is shown");
    press(&mut console, "?");
    assert!(picture(&console).contains("Open the invoice"));
    press(&mut console, "<Esc>:invoice");
    assert!(picture(&console).contains("Open the invoice"));
    assert_eq!(shown(&press(&mut console, "<Enter>")), format!("crm order {number}"));
}

#[test]
fn a_command_of_another_kind_says_so_and_does_not_run() {
    let refunds = UserCommand { kinds: vec![Kind::Refund], ..command("x", "O", &["crm"]) };
    let mut console = with(vec![refunds]);
    assert!(press(&mut console, "O").is_empty());
    assert!(picture(&console).contains("only for: "), "{}", picture(&console));
}

#[test]
fn a_dangerous_command_runs_only_after_its_number_was_typed() {
    let dangerous = UserCommand { dangerous: true, ..command("purge", "X", &["purge", "{number}"]) };
    let mut console = with(vec![dangerous.clone()]);
    let number = console.subject_id().unwrap().number.to_string();
    assert!(press(&mut console, "X").is_empty());
    assert!(picture(&console).contains(&format!("purge {number}")));
    assert!(press(&mut console, "<Enter>").is_empty(), "nothing was typed");
    let effects = press(&mut console, &format!("{number}<Enter>"));
    assert_eq!(shown(&effects), format!("purge {number}"));
    let mut account = crate::console::tests::fixture::account(crate::model::Environment::Production);
    account.read_only = true;
    let mut console = with(vec![dangerous]);
    console.stage = crate::console::app::state::Stage::Open(account);
    assert!(press(&mut console, "X").is_empty());
    assert!(console.view.dialogs.is_empty(), "not on a profile that only reads");
}

#[test]
fn a_short_output_is_a_message_and_a_long_one_a_window() {
    let mut console = with(vec![command("x", "O", &["crm", "{number}"])]);
    let effects = press(&mut console, "O");
    let [Effect::Run(run)] = effects.as_slice() else { panic!("{effects:?}") };
    let ended = |console: &mut Console, output: &str, end: ProgramEnd| {
        let finished = Finished { end, output: output.into(), cut: false };
        let outcome = Box::new(ProgramOutcome { run: (**run).clone(), finished });
        let generation = console.generation;
        console.step(Msg::Ran { generation, outcome });
    };
    ended(&mut console, "one\n\u{1b}[2Jtwo\n", ProgramEnd::Failed(Some(3)));
    let seen = picture(&console);
    assert!(seen.contains("x: ended with status 3") && seen.contains("one"), "{seen}");
    assert!(seen.contains("crm SO") && !seen.contains("Running x"), "{seen}");
    ended(&mut console, "1st\n2nd\n3rd\n4th\n", ProgramEnd::Done);
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Output(_))));
    assert!(picture(&console).contains("4th"));
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
}

#[test]
fn hooks_run_when_a_watched_object_changes_and_when_it_is_final() {
    let hooks = Hooks {
        on_change: Some(program(&["changed", "{number}", "{before}", "{state}"])),
        on_final: Some(program(&["ended", "{number}", "{state}"])),
    };
    let mut console = open(Lang::En, (120, 40));
    console.step(reloaded(LiveSettings { hooks, ..LiveSettings::default() }, &[]));
    let number = "SO20261121000001";
    let of = id(Kind::ServiceOrder, number);
    let watch = Watch { since: NOW, why: WatchReason::Marked, due: NOW, changed_at: None };
    let now = |state| fetched(fresh(Kind::ServiceOrder, order(number, state, 1200), 0));
    assert!(receive(&mut console, now(COLLECTING)).is_empty(), "it is not watched");
    let watching = Watching { objects: [(of.clone(), watch)].into_iter().collect(), next: None, paused: None };
    receive(&mut console, Event::Watching(Arc::new(watching)));
    assert!(receive(&mut console, now(COLLECTING)).is_empty(), "nothing has changed");
    let effects = receive(&mut console, now(PAID));
    let before = fresh(Kind::ServiceOrder, order(number, COLLECTING, 1200), 0).object.entity.state().code;
    let ended = fresh(Kind::ServiceOrder, order(number, PAID, 1200), 0);
    let after = ended.object.entity.state().code;
    assert_eq!(shown(&effects), format!("changed {number} {before} {after}"));
    assert!(receive(&mut console, now(PAID)).is_empty(), "the same again is no change");
    let effects = receive(&mut console, Event::Final(ended));
    assert_eq!(shown(&effects), format!("ended {number} {after}"));
    let [Effect::Run(run)] = effects.as_slice() else { panic!("{effects:?}") };
    let generation = console.generation;
    for (end, shown) in [(ProgramEnd::Done, false), (ProgramEnd::TimedOut(10), true)] {
        let finished = Finished { end, output: String::new(), cut: false };
        let outcome = Box::new(ProgramOutcome { run: (**run).clone(), finished });
        console.step(Msg::Ran { generation, outcome });
        assert_eq!(picture(&console).contains("on_final: stopped after 10 seconds"), shown);
    }
}

#[test]
fn the_change_that_ends_a_watch_is_a_change_too() {
    let hooks = Hooks {
        on_change: Some(program(&["changed", "{number}", "{before}", "{state}"])),
        on_final: Some(program(&["ended", "{number}", "{state}"])),
    };
    let mut console = open(Lang::En, (120, 40));
    console.step(reloaded(LiveSettings { hooks, ..LiveSettings::default() }, &[]));
    let number = "SO20261121000001";
    let watch = Watch { since: NOW, why: WatchReason::Marked, due: NOW, changed_at: None };
    let watching = |watched: bool| {
        let objects = [(id(Kind::ServiceOrder, number), watch)].into_iter().filter(|_| watched).collect();
        Event::Watching(Arc::new(Watching { objects, next: None, paused: None }))
    };
    let ended = fresh(Kind::ServiceOrder, order(number, PAID, 1200), 0);
    let before = console.row_state(&ended.object.id).unwrap().code;
    let after = ended.object.entity.state().code;
    receive(&mut console, watching(true));
    // The watch is over when its last answer is reported.
    receive(&mut console, watching(false));
    assert!(receive(&mut console, fetched(ended.clone())).is_empty(), "it may as well have been unwatched");
    let effects = receive(&mut console, Event::Final(ended));
    let [Effect::Run(changed), Effect::Run(final_)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(changed.invocation.shown(), format!("changed {number} {before} {after}"));
    assert_eq!(final_.invocation.shown(), format!("ended {number} {after}"));
}

#[test]
fn a_dangerous_command_that_waits_is_barred_once_the_ledger_is_damaged() {
    let dangerous = UserCommand { dangerous: true, ..command("purge", "X", &["purge", "{number}"]) };
    let asks = UserCommand { confirm: true, ..command("show", "O", &["show", "{number}"]) };
    let mut console = with(vec![dangerous, asks]);
    let number = console.subject_id().unwrap().number.to_string();
    let damaged = || Event::Unsound(Arc::new(crate::ledger::LedgerError::Damaged("no rows".into())));
    press(&mut console, &format!("X{number}"));
    receive(&mut console, damaged());
    assert!(picture(&console).contains(&console.lang.t("blocked-damaged")), "{}", picture(&console));
    assert_eq!(press(&mut console, "<Enter>"), vec![], "there is only the button that closes it");
    assert!(console.view.dialogs.is_empty());
    let effects = press(&mut console, "O<Right><Enter>");
    assert_eq!(shown(&effects), format!("show {number}"), "a harmless one still runs");
}

#[test]
fn a_program_that_asks_is_hidden_on_a_small_screen_and_can_be_confirmed_on_a_larger_one() {
    let mut console = with(vec![UserCommand { confirm: true, ..command("show", "O", &["show", "{number}"]) }]);
    press(&mut console, "O");
    console.step(crate::console::app::msg::Msg::Resize(50, 12));
    assert!(crate::console::app::room::hides_dialog(&console));
    assert!(!picture(&console).contains("show SO"), "{}", picture(&console));
    console.step(crate::console::app::msg::Msg::Resize(120, 40));
    assert!(!press(&mut console, "<Right><Enter>").is_empty());
}

#[test]
fn reloading_says_what_needs_a_restart_and_a_mistake_keeps_the_old_keys() {
    let mut console = open(Lang::En, (120, 40));
    let find = |keys: &[&str], command: &str| LiveSettings {
        keys: vec![KeySetting { command: command.into(), keys: keys.iter().map(|k| (*k).into()).collect(), line: 7 }],
        ..LiveSettings::default()
    };
    console.step(reloaded(find(&["O"], "find"), &["profiles.shop.mchid"]));
    assert!(picture(&console).contains("In force after a restart: profiles.shop.mchid"));
    press(&mut console, "O");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Open(_))));
    press(&mut console, "<Esc>");
    assert!(picture(&console).contains("O open number"), "the hint shows the bound key:\n{}", picture(&console));
    console.step(reloaded(find(&["j"], "find"), &[]));
    assert!(picture(&console).contains("config.toml, line 7: the key j belongs to down"), "{}", picture(&console));
    press(&mut console, "O");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Open(_))), "the old keys stay in force");
    press(&mut console, "<Esc>");
    let why =
        |_| Explanation { what: "Wrong".into(), why: Some("config.toml, line 3: x".into()), ..Default::default() };
    console.step(Msg::Reload(Box::new(Reload::Broken(Unread(Arc::new(why))))));
    let seen = picture(&console);
    assert!(seen.contains("config.toml, line 3: x") && !seen.contains("line 7"), "{seen}");
    crate::console::app::account::switch(&mut console, "branch".into());
    assert!(picture(&console).contains("config.toml, line 3: x"), "it is broken for every profile");
    console.step(reloaded(LiveSettings::default(), &[]));
    assert!(!picture(&console).contains("line 3"), "a mistake that is corrected is not shown any more");
}
