//! Keys of the configuration: whatever names a key names the one that is bound.

use crate::console::app::commands::COMMANDS;
use crate::console::app::keymap::tables;
use crate::console::app::msg::Msg;
use crate::console::start::KeySetting;
use crate::console::tests::fixture::{self, Console, NOW, after, open};
use crate::console::tests::screen::picture;
use crate::i18n::Lang;
use crate::model::Kind;

/// Keys that are not characters, and the keys that take their places.
const MOVED: [(&str, &str); 7] = [
    ("esc", "f10"),
    ("enter", "f9"),
    ("tab", "f8"),
    ("shift-tab", "f7"),
    ("page-up", "f6"),
    ("page-down", "f5"),
    ("ctrl-t", "f4"),
];

/// What the screen calls them.
const OLD: [&str; 7] = ["Esc", "⏎", "Tab", "PgUp", "PgDn", "^T", "Enter"];

/// Commands whose character is replaced.
const CHARACTERS: [(&str, &str); 6] =
    [("refresh", "f1"), ("find", "f2"), ("act", "f3"), ("filter", "f11"), ("bill-fetch", "f12"), ("quit", "ctrl-q")];

fn settings() -> Vec<KeySetting> {
    let moved = |command: &crate::console::app::command::Command| {
        let keys: Vec<String> = command.keys.iter().map(|key| key.name()).collect();
        let place = |key: &String| MOVED.iter().find(|(old, _)| old == key).map(|(_, new)| (*new).to_owned());
        let new = |key: &String| place(key).unwrap_or_else(|| key.clone());
        let any = keys.iter().any(|key| place(key).is_some());
        any.then(|| KeySetting { command: command.id.into(), keys: keys.iter().map(new).collect(), line: 1 })
    };
    let characters = CHARACTERS.iter().map(|(command, key)| KeySetting {
        command: (*command).into(),
        keys: vec![(*key).into()],
        line: 1,
    });
    COMMANDS.iter().filter_map(moved).chain(characters).collect()
}

/// The same console with these keys.
fn rebound(mut console: Console) -> Console {
    let tables = tables(&settings(), &[]).unwrap_or_else(|problems| panic!("{problems:?}"));
    (console.tabs, console.commands, console.named_keys) = (tables.tabs, tables.commands, tables.named);
    console.step(Msg::Now(NOW));
    console
}

#[test]
fn no_screen_names_a_key_that_is_bound_no_more() {
    let situations = [
        "",
        "<Enter>",
        "<Enter><Left>",
        "t",
        "t<Enter>",
        "f",
        "a",
        "a<Enter>",
        "a<Enter><Enter>",
        "*a",
        "?",
        "<Enter>?",
        "/",
        "/stat:",
        "/state:",
        "/nonesuch<Enter>",
        "s",
        "c",
        "o",
        "e",
        "p",
        "W",
        "n",
        "7",
        "7n",
        "8",
        "8<Enter>",
        "8?",
        "9",
        "9<Enter>",
        "9/nonesuch<Enter>",
        "8/nonesuch",
        "9?",
        "q",
        "V",
        "H",
        "b",
    ];
    for lang in Lang::ALL {
        for size in [(80, 24), (130, 90), (50, 14)] {
            for keys in situations {
                let mut console = open(*lang, size);
                fixture::journal(&mut console);
                fixture::inbox(&mut console);
                let shown = picture(&rebound(after(console, keys)));
                let named = OLD.iter().find(|old| shown.contains(**old));
                assert_eq!(named, None, "{keys} {size:?}:\n{shown}");
            }
        }
        let palette = picture(&after(rebound(open(*lang, (130, 90))), ":"));
        assert_eq!(OLD.iter().find(|old| palette.contains(**old)), None, "{palette}");
        let mut console = rebound(after(open(*lang, (60, 30)), "/<^T>"));
        let calendar = picture(&console);
        assert!(calendar.contains("F9") && !calendar.contains('⏎'), "{calendar}");
        console.view.dialogs.clear();
        for (tab, key) in [("2", "F2"), ("7", "F12")] {
            fixture::press(&mut console, tab);
            if tab == "2" {
                *console.list_of_mut(Kind::SignPlan) = crate::console::tabs::objects::list::List::new(Kind::SignPlan);
            }
            assert!(console.lang.t("empty-hint").contains("F2"));
            assert!(tab == "2" || picture(&console).contains(key), "{}", picture(&console));
        }
    }
}

#[test]
fn messages_name_the_keys_that_commands_have_by_default() {
    for (file, line) in lines() {
        for named in line.split("KEY(").skip(1) {
            let quoted: Vec<&str> = named.split('"').collect();
            let (id, default) = (quoted[1], quoted[3]);
            let command = COMMANDS.iter().find(|command| command.id == id);
            let key = command.and_then(|command| command.keys.first()).map(ToString::to_string);
            assert_eq!(key.as_deref(), Some(default), "{file}: {id}");
        }
    }
}

/// Texts of the command line name keys that no configuration changes.
const ELSEWHERE: [&str; 5] = ["cli-", "ctl-", "listen-", "leaving", "keys-"];

#[test]
fn no_message_has_a_key_in_its_text() {
    for (file, line) in lines() {
        let Some((id, text)) = line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        else {
            continue;
        };
        if ELSEWHERE.iter().any(|stem| id.starts_with(stem)) {
            continue;
        }
        // What stands in braces is no text.
        let text: String = text.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect();
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let names = ["Esc", "Enter", "PgUp", "PgDn", "Backspace"].iter().any(|key| words.contains(key));
        let bracketed = ["(", "（"].iter().any(|open| {
            let one = |rest: &str| {
                let mut inside = rest.chars();
                inside.next().is_some_and(|c| c.is_ascii_graphic()) && inside.next().is_some_and(|c| ")）".contains(c))
            };
            text.split(open).skip(1).any(one)
        });
        let pressed = ["Press ", "press ", "按 "].iter().any(|press| {
            let after = |rest: &str| rest.chars().nth(1).is_none_or(|c| !c.is_alphanumeric());
            text.split(press).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_graphic()) && after(rest))
        });
        assert!(!(names || bracketed || pressed), "{file}: {line}");
    }
}

/// The lines of all messages with their files.
fn lines() -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for lang in Lang::ALL {
        let folder = format!("{}/assets/i18n/{}", env!("CARGO_MANIFEST_DIR"), lang.tag());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.display().to_string();
            lines.extend(text.lines().map(|line| (name.clone(), line.to_owned())));
        }
    }
    lines
}
