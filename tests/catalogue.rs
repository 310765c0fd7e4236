//! The words that users read, and those of names and comments: plain technical English, and one kind of apostrophe.

use std::path::{Path, PathBuf};

/// Words and phrases that have a plainer equivalent: show, report, notify, receive, any user, again, fix, unknown.
const AVOIDED: &[&str] = &[
    "tell",
    "tells",
    "told",
    "telling",
    "hear",
    "hears",
    "heard",
    "tidings",
    "whoever",
    "of whom",
    "anew",
    "mend",
    "mended",
    "nobody can",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn catalogue(language: &str) -> Vec<PathBuf> {
    let folder = root().join("assets/i18n").join(language);
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.iter().any(|file| file.ends_with("console.ftl")), "{}", folder.display());
    files
}

/// The message of a line of a catalogue, without its id; other lines as they are.
fn message(line: &str) -> &str {
    let is_id = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    line.split_once(" =").filter(|(head, _)| is_id(head)).map_or(line, |(_, text)| text)
}

/// The first avoided word or phrase in a text.
fn avoided(text: &str) -> Option<&'static str> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let plain = format!(" {} ", words.collect::<Vec<_>>().join(" ").to_lowercase());
    AVOIDED.iter().copied().find(|phrase| plain.contains(&format!(" {phrase} ")))
}

#[test]
fn users_read_plain_english() {
    let mut files = catalogue("en");
    files.extend(["README.md", "config.example.toml"].map(|name| root().join(name)));
    let mut found = Vec::new();
    for file in files {
        for (line, text) in read(&file).lines().enumerate() {
            if let Some(word) = avoided(message(text)) {
                found.push(format!("{}:{}: {word}: {text}", file.display(), line + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A source file without its string literals: message ids and the columns of stored tables keep their names.
fn without_strings(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            text.push_str(&rest[..end]);
            end
        } else if rest.starts_with('"') {
            let hashes = text.len() - text.trim_end_matches('#').len();
            let is_raw = text.trim_end_matches('#').ends_with('r');
            let end = if is_raw { end_of_raw(rest, hashes) } else { end_of_string(rest) };
            text.extend(rest[..end].chars().filter(|c| *c == '\n'));
            end
        } else if let Some(quoted) = ["'\"'", "'\\\"'", "'\\''"].into_iter().find(|quoted| rest.starts_with(quoted)) {
            quoted.len()
        } else {
            1
        };
        rest = &rest[end..];
    }
    text + rest
}

/// The length of a string literal, quotes included.
fn end_of_string(literal: &str) -> usize {
    let mut escaped = false;
    let closing = literal.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    closing.map_or(literal.len(), |(at, _)| at + 1)
}

/// The length of a raw string literal that is closed by a quote and so many hashes.
fn end_of_raw(literal: &str, hashes: usize) -> usize {
    let closing = format!("\"{}", "#".repeat(hashes));
    literal[1..].find(&closing).map_or(literal.len(), |at| 1 + at + closing.len())
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn names_and_comments_are_plain_english() {
    let (mut files, mut found) = (Vec::new(), Vec::new());
    sources(&root().join("src"), &mut files);
    assert!(files.len() > 100);
    for file in files {
        for (line, text) in without_strings(&read(&file)).lines().enumerate() {
            if let Some(word) = avoided(text) {
                found.push(format!("{}:{}: {word}: {text}", file.display(), line + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_check_of_sources_sees_parts_of_names_and_no_strings() {
    let avoided = |source: &str| avoided(&without_strings(source));
    assert_eq!(avoided("let a = \"x\"; // Whoever calls it."), Some("whoever"));
    assert_eq!(avoided("fn events_told() {}"), Some("told"));
    assert_eq!(avoided("let x = '\"'; told()"), Some("told"));
    assert_eq!(avoided("let x = r#\"a \"quoted\" tell\"#; told()"), Some("told"));
    assert_eq!(avoided("// It isn't \"told\" here."), Some("told"));
    assert_eq!(
        avoided("lang.t(\"toast-told\"); lang.t(\"a \\\" told\"); r#\"a \"told\" b\"#; r\"told\\\"; \"\\\\\"; x"),
        None
    );
    assert_eq!(without_strings("a\n\"b\nc\"\nd").lines().count(), 4);
}

#[test]
fn apostrophes_are_curly_in_every_language() {
    let mut found = Vec::new();
    for file in ["en", "zh-CN"].into_iter().flat_map(catalogue) {
        for (line, text) in read(&file).lines().enumerate() {
            let characters: Vec<char> = text.chars().collect();
            let straight = |three: &[char]| three[1] == '\'' && three[0].is_alphabetic() && three[2].is_alphabetic();
            if characters.windows(3).any(straight) {
                found.push(format!("{}:{}: {text}", file.display(), line + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_check_sees_words_and_not_ids_or_parts_of_words() {
    assert_eq!(avoided(message("toast-told = What was Told, and by whom")), Some("told"));
    assert_eq!(avoided(message("heard-type = Type")), None);
    assert_eq!(avoided(message("x = of   whom")), Some("of whom"));
    assert_eq!(avoided(message("   *[other] nobody can say")), Some("nobody can"));
    assert_eq!(avoided(message("x = Satellite recommended { $hearing }")), None);
}
