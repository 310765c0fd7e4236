//! The direction of dependencies, read from the sources: what `src/lib.rs` promises and the compiler cannot hold within
//! one crate.

use std::fs;
use std::path::{Path, PathBuf};

/// Each part of the crate with the parts that it may use. What is not listed fails.
const MAY_USE: &[(&str, &[&str])] = &[
    ("file_watcher", &[]),
    ("net", &[]),
    ("private", &[]),
    ("qr", &[]),
    ("sync", &[]),
    ("i18n", &["model"]),
    ("model", &[]),
    ("text", &["i18n", "model"]),
    ("crypto", &["model"]),
    ("api", &["crypto", "i18n", "model", "net", "sync", "text"]),
    ("ledger", &["crypto", "file_watcher", "model", "private", "sync"]),
    ("sandbox", &["crypto", "model", "net", "private", "sync"]),
    ("services", &["api", "crypto", "file_watcher", "i18n", "ledger", "model", "net", "sync", "text"]),
    ("explain", &["api", "crypto", "i18n", "ledger", "model", "services", "text"]),
    ("config", &["api", "crypto", "i18n", "ledger", "model", "services", "text"]),
    ("console", &["api", "explain", "i18n", "ledger", "model", "qr", "services", "sync", "text"]),
    (
        "cli",
        &[
            "api", "config", "console", "crypto", "explain", "i18n", "ledger", "model", "private", "qr", "sandbox",
            "services", "sync", "text",
        ],
    ),
];

/// Files or folders, under `src`, with paths that they must not name. Why each: the first line of the group.
const MUST_NOT_NAME: &[(&str, &[&str])] = &[
    // The model knows no I/O.
    ("model", &["std::fs", "TcpStream", "UdpSocket", "std::process", "tokio", "reqwest", "rusqlite", "hyper", "axum"]),
    // The console's parts know no network and no database; the loop alone performs effects.
    ("console", &["reqwest", "hyper", "axum", "rusqlite", "TcpStream", "UdpSocket", "crate::api::Client"]),
    // Widgets are used by tabs and dialogs, not the other way round.
    ("console/widgets", &["crate::console::dialogs::update", "crate::console::app::update", "::commands"]),
    // An engine's database is known in its folder only.
    ("services", &["rusqlite"]),
    ("config", &["rusqlite"]),
    ("explain", &["rusqlite"]),
    ("cli", &["rusqlite"]),
];

/// The one file of `cli` that uses the console: it starts it. Elsewhere only the error of a theme is named, which is an
/// error of the start.
const STARTS_THE_CONSOLE: &str = "cli/console.rs";

struct Source {
    /// Under `src`, with `/`.
    path: String,
    /// Without comments and tests.
    text: String,
}

fn sources() -> Vec<Source> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let is_test = name.split('/').any(|part| part == "tests" || part == "tests.rs" || part == "contract");
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !is_test {
                found.push(Source { path: name, text: production(&path) });
            }
        }
    }
    found
}

/// A file's code without comments and without its inline tests.
fn production(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The part of the crate that a file belongs to.
fn part(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The parts that a file names.
fn used(text: &str) -> Vec<&str> {
    let named = text.split("crate::").skip(1);
    let named = named.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default());
    named.filter(|name| MAY_USE.iter().any(|(part, _)| part == name)).collect()
}

#[test]
fn no_arrow_points_the_wrong_way() {
    for Source { path, text } in sources() {
        let here = part(&path);
        if matches!(here, "lib" | "main") {
            continue;
        }
        let allowed = MAY_USE.iter().find(|(part, _)| *part == here);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{path}: {here} is not in the list of parts"));
        for name in used(&text).into_iter().filter(|name| *name != here) {
            assert!(allowed.contains(&name), "{path} uses crate::{name}, which {here} must not");
        }
    }
}

#[test]
fn no_part_names_what_belongs_to_another() {
    for Source { path, text } in sources() {
        for (_, names) in MUST_NOT_NAME.iter().filter(|(place, _)| path.starts_with(&format!("{place}/"))) {
            for name in *names {
                assert!(!text.contains(name), "{path} names {name}");
            }
        }
    }
}

#[test]
fn the_command_line_uses_the_console_only_to_start_it() {
    for Source { path, text } in sources().into_iter().filter(|source| part(&source.path) == "cli") {
        let text = text.replace("crate::console::ThemeError", "");
        assert!(path == STARTS_THE_CONSOLE || !text.contains("crate::console"), "{path} uses the console");
    }
}

/// A view draws what it is given: it neither changes the state nor knows the keys that do.
#[test]
fn no_view_uses_an_update() {
    for Source { path, text } in sources() {
        if path.starts_with("console/") && (path.contains("/view") || path.contains("/widgets/")) {
            for line in text.lines().filter(|line| line.starts_with("use ")) {
                assert!(!line.contains("::update"), "{path}: {line}");
            }
        }
    }
}
