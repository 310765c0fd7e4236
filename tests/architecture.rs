//! The direction of dependencies, read from the paths in the sources: what `src/lib.rs` promises and the compiler cannot
//! hold within one crate.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Each part of the crate with the parts that it uses, exactly.
const USES: &[(&str, &[&str])] = &[
    ("file_watcher", &[]),
    ("net", &[]),
    ("private", &[]),
    ("program", &["model", "text"]),
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
    ("config", &["api", "crypto", "i18n", "ledger", "model", "program", "services", "text"]),
    ("console", &["api", "explain", "i18n", "ledger", "model", "private", "program", "qr", "services", "sync", "text"]),
    (
        "cli",
        &[
            "api",
            "config",
            "console",
            "crypto",
            "explain",
            "file_watcher",
            "i18n",
            "ledger",
            "model",
            "private",
            "program",
            "qr",
            "sandbox",
            "services",
            "sync",
            "text",
        ],
    ),
];

/// Files or folders, under `src`, with words that they must not contain. Why each: the first line of the group.
const MUST_NOT_CONTAIN: &[(&str, &[&str])] = &[
    // The model does no I/O.
    ("model", &["std::fs", "TcpStream", "UdpSocket", "std::process", "tokio", "reqwest", "rusqlite", "hyper", "axum"]),
    // The console's parts use no network and no database; the loop alone performs effects.
    ("console", &["reqwest", "hyper", "axum", "rusqlite", "TcpStream", "UdpSocket"]),
    // An engine's database is known in its folder only.
    ("services", &["rusqlite"]),
    ("config", &["rusqlite"]),
    ("explain", &["rusqlite"]),
    ("cli", &["rusqlite"]),
];

/// Files or folders with paths of this crate that they must not use, as the beginning of the path.
const MUST_NOT_USE: &[(&str, &[&str])] = &[
    // The loop alone performs effects.
    ("console", &["api::Client", "api::client"]),
    // Widgets are used by tabs and dialogs, not the other way round.
    ("console/widgets", &["console::dialogs", "console::tabs", "console::app::update", "console::app::commands"]),
];

/// The files of `cli` that use the console: one starts it, one reports to it that the configuration has changed, and one
/// reads what both give it. Elsewhere only the errors of a theme and of keys are named, which are errors of the start.
const STARTS_THE_CONSOLE: &[&str] = &["cli/console.rs", "cli/reload.rs", "cli/settings.rs"];

/// Circles that stay: a file, and the files or folders that it is made of and that name it in turn. These arrows of it do
/// not count; any other circle of files fails.
const HUBS: &[(&str, &[&str], &str)] = &[
    ("model/kind.rs", &["model/"], "the table of kinds names each kind, and each kind refers to others by `Kind`"),
    ("model/bill/mod.rs", &["model/bill/"], "what is wrong with a bill, which each reader of a part of it reports"),
    ("model/bill/digest/mod.rs", &["model/bill/digest/totals.rs"], "the digest of a bill and the totals it is made of"),
    ("model/action/mod.rs", &["model/action/"], "the table of actions names the row of each, made of its types"),
    ("sandbox/world/mod.rs", &["sandbox/world/"], "each part of the world's state is a function of the world"),
    ("sandbox/world/stock/mod.rs", &["sandbox/world/stock/flow.rs"], "a stock holds the rows of its flow file"),
    ("sandbox/world/global/mod.rs", &["sandbox/world/global/"], "the same for WeChat Pay Global"),
    ("ledger/sqlite/mod.rs", &["ledger/sqlite/"], "one connection, with its methods sorted by subject"),
    (
        "console/app/state.rs",
        &["console/app/command.rs", "console/app/key_tables.rs", "console/tabs/pane.rs"],
        "the state holds the static tables of tabs and commands, whose rows are functions of it",
    ),
];

/// Type names that more than one part of the crate defines, each with a folder for all definitions after the first and
/// the reason. A name that is not listed means one thing everywhere.
const SHARED_NAMES: &[(&str, &[&str])] = &[
    // The sandbox keeps its own account of what the model reads: the same thing, from WeChat Pay's side.
    (
        "sandbox/",
        &[
            "Coupon",
            "FileLink",
            "Permission",
            "Plan",
            "PlanDetail",
            "Refund",
            "SignPlan",
            "SignedDetail",
            "Stock",
            "Transaction",
        ],
    ),
    // The API and the ledger know nothing of each other, and both carry errors of their libraries in a box.
    ("ledger/", &["BoxedError"]),
];

static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::read);

struct Source {
    /// Under `src`, with `/`.
    path: String,
    /// Code alone: no comments, no literals, no inline tests.
    code: String,
    /// Without the root: `["console", "app"]`.
    module: Vec<String>,
    paths: Vec<CratePath>,
}

/// A path of this crate in a source, from the root on.
#[derive(Clone, Debug)]
struct CratePath {
    parts: Vec<String>,
    use_as: Option<String>,
    what: Statement,
}

/// Where a path stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statement {
    Use,
    /// The file passes the name on and does not use it.
    ReExport,
    Code,
}

struct Sources {
    files: Vec<Source>,
    /// The place of the file of a module.
    modules: HashMap<Vec<String>, usize>,
    /// Names that a module passes on, with the paths behind them.
    passed_on: HashMap<(usize, String), Vec<String>>,
}

impl Sources {
    fn read() -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
        let (mut files, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                let is_test = name.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "contract"));
                if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(".rs") && !is_test && name != "main.rs" {
                    files.push((name, production(&path)));
                }
            }
        }
        files.sort();
        Self::of(files)
    }

    fn of(files: Vec<(String, String)>) -> Self {
        let module = |path: &str| {
            let path = path.trim_end_matches(".rs");
            let parts = path.split('/').filter(|part| !matches!(*part, "mod" | "lib"));
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let modules: HashMap<_, _> = files.iter().enumerate().map(|(place, (path, _))| (module(path), place)).collect();
        let mut all = Self { files: Vec::new(), passed_on: HashMap::new(), modules };
        for (path, code) in files {
            let module = module(&path);
            let paths = all.paths(&module, &code);
            for path in paths.iter().filter(|path| path.what == Statement::ReExport) {
                let name = path.use_as.clone().or_else(|| path.parts.last().cloned()).unwrap_or_default();
                all.passed_on.insert((all.files.len(), name), path.parts.clone());
            }
            all.files.push(Source { path, code, module, paths });
        }
        all
    }

    /// The paths of this crate in a text: what begins with `crate`, `self` or `super`, with a module within this one, or
    /// with an imported name.
    fn paths(&self, module: &[String], code: &str) -> Vec<CratePath> {
        let mut imported: HashMap<String, Vec<String>> = HashMap::new();
        let mut found = Vec::new();
        // Imports first: a file may use a name above its import.
        for imports in [true, false] {
            let mut end = 0;
            for (at, first) in beginnings(code) {
                // What stands in the braces of a path belongs to it. A path of a visibility uses nothing.
                if at < end || code[..at].ends_with("(in ") {
                    continue;
                }
                let what = statement(&code[..at]);
                let mut written = Vec::new();
                end = at + read_tree(&code[at..], Vec::new(), &mut written);
                if (what == Statement::Code) == imports {
                    continue;
                }
                for (parts, use_as) in written {
                    let child = || [module, std::slice::from_ref(&parts[0])].concat();
                    let mut rest = &parts[1..];
                    let mut base = match first {
                        "crate" => Vec::new(),
                        "self" => module.to_vec(),
                        "super" => module[..module.len() - 1].to_vec(),
                        _ if self.modules.contains_key(&child()) => child(),
                        _ => match imported.get(first) {
                            Some(path) if what == Statement::Code => path.clone(),
                            _ => continue,
                        },
                    };
                    while rest.first().is_some_and(|part| part == "super") {
                        base.pop();
                        rest = &rest[1..];
                    }
                    base.extend(rest.iter().filter(|part| *part != "self").cloned());
                    if what != Statement::Code {
                        let name = use_as.clone().or_else(|| base.last().cloned()).unwrap_or_default();
                        imported.insert(name, base.clone());
                    }
                    found.push(CratePath { parts: base, use_as, what });
                }
            }
        }
        found
    }

    /// The place of the file that a path leads to, and the path to there, through what others pass on.
    fn resolve(&self, path: &[String]) -> Option<(usize, Vec<String>)> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
            let file = self.modules[&path[..length]];
            match path.get(length).and_then(|name| self.passed_on.get(&(file, name.clone()))) {
                Some(behind) => path = [behind, &path[length + 1..]].concat(),
                None => return Some((file, path)),
            }
        }
        panic!("{path:?} is passed on in a circle");
    }

    /// What a file uses: the path as it is written, and where it leads. What it passes on it does not use.
    fn used(&self, file: &Source) -> Vec<(String, usize, String)> {
        let paths = file.paths.iter().filter(|path| path.what != Statement::ReExport);
        let used = paths.filter_map(|path| {
            let (target, resolved) = self.resolve(&path.parts)?;
            Some((path.parts.join("::"), target, resolved.join("::")))
        });
        used.collect()
    }

    fn place(&self, path: &str) -> usize {
        self.files.iter().position(|file| file.path == path).unwrap_or_else(|| panic!("there is no {path}"))
    }

    /// The arrows from each file to others.
    fn arrows(&self) -> Vec<BTreeSet<usize>> {
        let of = |(place, file)| {
            let targets = self.used(file).into_iter().map(|(_, target, _)| target);
            targets.filter(|target| *target != place).collect()
        };
        self.files.iter().enumerate().map(of).collect()
    }

    /// Arrows without those of the hubs to what they are made of.
    fn without(&self, arrows: &[BTreeSet<usize>], hubs: &[(&str, &[&str], &str)]) -> Vec<BTreeSet<usize>> {
        let mut arrows = arrows.to_vec();
        for (path, made_of, _) in hubs {
            let counts = |target: &usize| !made_of.iter().any(|place| self.files[*target].path.starts_with(place));
            arrows[self.place(path)].retain(counts);
        }
        arrows
    }

    /// The files from which a way leads back to themselves, grouped.
    fn circles(&self, arrows: &[BTreeSet<usize>], hubs: &[(&str, &[&str], &str)]) -> Vec<Vec<&str>> {
        let arrows = self.without(arrows, hubs);
        let reach: Vec<BTreeSet<usize>> = (0..arrows.len()).map(|from| reached(&arrows, from)).collect();
        let mut circles: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (place, reached) in reach.iter().enumerate().filter(|(place, reached)| reached.contains(place)) {
            let first = reached.iter().find(|other| reach[**other].contains(&place)).unwrap_or(&place);
            circles.entry(*first).or_default().push(&self.files[place].path);
        }
        circles.into_values().collect()
    }
}

fn reached(arrows: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(place) = next.pop() {
        next.extend(arrows[place].iter().filter(|target| reached.insert(**target)));
    }
    reached
}

/// A file's code without comments, literals and inline tests.
fn production(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    without_literals(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default())
}

fn without_literals(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let raw = rest.strip_prefix('r').map(|after| after.len() - after.trim_start_matches('#').len());
        let raw = raw.filter(|hashes| rest[1 + hashes..].starts_with('"') && !code.ends_with(is_word));
        let skipped = match raw {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            Some(hashes) => {
                let end = format!("\"{}", "#".repeat(hashes));
                let start = 2 + hashes;
                rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len())
            }
            None if next == '"' => {
                let mut escaped = false;
                let ends = |(_, c): &(usize, char)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                };
                rest[1..].char_indices().find(ends).map_or(rest.len(), |(at, _)| at + 2)
            }
            None if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") => rest[1..].find('\'').unwrap_or(0) + 2,
            None => 0,
        };
        let kept = if skipped == 0 { next.len_utf8() } else { 0 };
        code.push_str(&rest[..kept]);
        rest = &rest[kept + skipped..];
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where paths begin, with their first names.
fn beginnings(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in code.split_inclusive(|c: char| !is_word(c)) {
        let name = word.trim_end_matches(|c: char| !is_word(c));
        let before = &code[..at];
        if !name.is_empty() && code[at + name.len()..].starts_with("::") && !before.ends_with("::") {
            found.push((at, name));
        }
        at += word.len();
    }
    found
}

/// What kind of statement a path that begins here belongs to.
fn statement(before: &str) -> Statement {
    let line = before.rsplit([';', '}', '\n']).next().unwrap_or_default().trim();
    match line.strip_suffix("use").map(str::trim_end) {
        Some("") => Statement::Use,
        Some(visibility) if visibility.starts_with("pub") => Statement::ReExport,
        _ => Statement::Code,
    }
}

/// Reads `a::{b, c::d as e}` into its paths with their new names; returns the length.
fn read_tree(text: &str, mut path: Vec<String>, found: &mut Vec<(Vec<String>, Option<String>)>) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        if rest.starts_with('{') {
            at += 1;
            while !text[at..].is_empty() && !text[at..].starts_with('}') {
                let name = text[at..].starts_with(|c: char| is_word(c) || c == '*');
                at += if name { read_tree(&text[at..], path.clone(), found) } else { 1 };
            }
            return at + 1;
        }
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()).max(usize::from(rest.starts_with('*')));
        if length > 0 {
            path.push(rest[..length].to_owned());
            at += length;
            if text[at..].starts_with("::") {
                at += 2;
                continue;
            }
        }
        let name = text[at..].strip_prefix(" as ").map(|name| name.split(|c| !is_word(c)).next().unwrap_or_default());
        at += name.map_or(0, |name| name.len() + 4);
        found.push((path, name.map(str::to_owned)));
        return at;
    }
}

/// The part of the crate that a file or a path belongs to.
fn part(path: &str) -> &str {
    path.split(['/', ':', '.']).next().unwrap_or_default()
}

#[test]
fn each_part_uses_what_it_may_and_nothing_else() {
    let sources = &*SOURCES;
    let mut uses: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for file in sources.files.iter().filter(|file| file.path != "lib.rs") {
        let here = part(&file.path);
        let allowed = USES.iter().find(|(part, _)| *part == here);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{}: {here} is not in the list of parts", file.path));
        let mut used: Vec<String> = sources.used(file).into_iter().map(|(written, ..)| written).collect();
        // The macro names its module itself.
        let translates = |(at, _): (usize, _)| !file.code[..at].ends_with(is_word);
        used.extend(file.code.match_indices("tr!(").any(translates).then(|| "i18n".to_owned()));
        for path in used.into_iter().filter(|path| part(path) != here) {
            let used = part(&path);
            assert!(allowed.contains(&used), "{} uses {path}, which {here} must not", file.path);
            uses.entry(here).or_default().insert(used.to_owned());
        }
    }
    for (part, allowed) in USES {
        let unused: Vec<_> =
            allowed.iter().filter(|other| !uses.get(part).is_some_and(|uses| uses.contains(**other))).collect();
        assert!(unused.is_empty(), "{part} may use {unused:?} and does not: strike them off the list");
    }
}

#[test]
fn no_file_uses_what_belongs_to_another() {
    let sources = &*SOURCES;
    let is_in = |file: &Source, place: &str| file.path.starts_with(&format!("{place}/"));
    for file in &sources.files {
        for word in MUST_NOT_CONTAIN.iter().filter(|(place, _)| is_in(file, place)).flat_map(|(_, words)| *words) {
            assert!(!file.code.contains(word), "{} contains {word}", file.path);
        }
        for forbidden in MUST_NOT_USE.iter().filter(|(place, _)| is_in(file, place)).flat_map(|(_, paths)| *paths) {
            for (written, _, resolved) in sources.used(file) {
                let is = |path: &str| path == *forbidden || path.starts_with(&format!("{forbidden}::"));
                assert!(!is(&written) && !is(&resolved), "{} uses {written}", file.path);
            }
        }
    }
}

#[test]
fn the_command_line_uses_the_console_only_to_start_it() {
    let sources = &*SOURCES;
    for file in
        sources.files.iter().filter(|file| part(&file.path) == "cli" && !STARTS_THE_CONSOLE.contains(&&*file.path))
    {
        for (written, ..) in sources.used(file) {
            let name = written.split("::").nth(1);
            let is_start = part(&written) != "console" || matches!(name, Some("ThemeError" | "KeyProblem"));
            assert!(is_start, "{} uses {written}", file.path);
        }
    }
}

/// A view draws what it is given: it neither changes the state nor knows the keys that do.
#[test]
fn no_view_uses_an_update() {
    let sources = &*SOURCES;
    let is_view = |file: &&Source| {
        file.path.starts_with("console/") && (file.path.contains("/view") || file.path.contains("/widgets/"))
    };
    for file in sources.files.iter().filter(is_view) {
        for (written, target, _) in sources.used(file) {
            let target = &sources.files[target].module;
            assert!(target.last().is_none_or(|module| module != "update"), "{} uses {written}", file.path);
        }
    }
}

/// What no path shows would not be seen here: the whole crate imported at once, or under another name.
#[test]
fn no_file_imports_the_whole_crate() {
    for file in &SOURCES.files {
        let whole = |path: &&CratePath| path.parts.is_empty() || path.parts == ["*"];
        let renamed = file.code.contains("crate as ");
        assert!(!renamed && !file.paths.iter().any(|path| whole(&path)), "{} imports the whole crate", file.path);
    }
}

/// Files in a circle can only be read, changed and tested together.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let sources = &*SOURCES;
    let arrows = sources.arrows();
    let circles = sources.circles(&arrows, HUBS);
    assert!(circles.is_empty(), "{circles:#?}");
    for (nth, (path, ..)) in HUBS.iter().enumerate() {
        let others = [&HUBS[..nth], &HUBS[nth + 1..]].concat();
        assert!(
            !sources.circles(&arrows, &others).is_empty(),
            "{path} closes no circle any more: strike it off the list"
        );
    }
}

/// The reader of paths sees what it must, however it is written.
#[test]
fn paths_are_read_however_they_are_written() {
    let file = |path: &str, code: &str| (path.to_owned(), without_literals(code));
    let sources = Sources::of(vec![
        file("a/mod.rs", "mod b;\nmod c;\npub(crate) use b::{Passed, deep as shallow};\n"),
        file("a/b.rs", "use super::super::d;\nfn f() { d::inner::g(); } // crate::not\n"),
        file(
            "a/c.rs",
            "use crate::{\n    a::{self, shallow},\n    d::{X as Y, Z},\n};\nfn f() -> &'static str { \"crate::e\" }\n",
        ),
        file("d.rs", "fn f() { let _ = crate::a::Passed::new('\"', self::g()); let _ = r#\"crate::e\"#; }\n"),
        file("lib.rs", ""),
    ]);
    let used = |place: usize| {
        let used = sources.used(&sources.files[place]).into_iter();
        used.map(|(_, target, path)| format!("{} {path}", sources.files[target].path)).collect::<Vec<_>>()
    };
    assert_eq!(used(0), [] as [&str; 0]);
    assert_eq!(used(1), ["d.rs d", "d.rs d::inner::g"]);
    assert_eq!(used(2), ["a/mod.rs a", "a/b.rs a::b::deep", "d.rs d::X", "d.rs d::Z"]);
    assert_eq!(used(3), ["a/b.rs a::b::Passed::new", "d.rs d::g"]);
    assert_eq!(sources.circles(&sources.arrows(), &[]), [["a/b.rs", "d.rs"]]);
    assert!(sources.circles(&sources.arrows(), &[("d.rs", &["a/"], "")]).is_empty());
}

/// The types that a file shows to others.
fn defined(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_start).filter(|line| line.starts_with("pub"));
    let types = lines.filter_map(|line| {
        let mut words = line.split([' ', '<', '(', ')', ':', ';', '{']).filter(|word| !word.is_empty());
        words.find(|word| matches!(*word, "struct" | "enum" | "trait" | "type" | "fn" | "mod" | "use" | "const"))?;
        words.next()
    });
    types.filter(|name| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)).collect()
}

#[test]
fn a_name_of_a_type_means_one_thing_in_the_whole_crate() {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Source { path, code, .. } in &SOURCES.files {
        for name in defined(code) {
            all.entry(name).or_default().insert(path);
        }
    }
    assert!(all.len() > 400, "the types are found: {}", all.len());
    for (name, places) in all {
        let twins = SHARED_NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(folder, _)| *folder);
        let others = places.iter().filter(|path| !twins.is_some_and(|folder| path.starts_with(folder))).count();
        match twins {
            Some(folder) => assert!(others == 1 && places.len() == 2, "{name} is shared with {folder}? {places:?}"),
            None => assert_eq!(others, 1, "{name} is defined in {places:?}"),
        }
    }
}
