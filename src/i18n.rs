//! All texts of the interface, from the Fluent files in `assets/i18n/`. To add a language, add its folder and its row in
//! [`Lang`]. Tests check that all languages have the same messages with the same variables, that every message the code
//! names exists, and that no other module names a language.

mod catalogue;
mod named_keys;

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentValue};
use include_dir::{Dir, File, include_dir};

use crate::model::action::Action;
use crate::model::{Environment, Kind, State};

use catalogue::Catalogue;
pub(crate) use named_keys::{NamedKeys, name_keys};

/// Each language is one row: its variant, its BCP 47 tag, its own name, its English name, and whether codes of the API
/// are shown beside what they mean. The messages are all `.ftl`
/// files of the folder `assets/i18n/{tag}`. The first row whose tag starts with the requested language wins.
macro_rules! languages {
    ($($(#[$attribute:meta])* $variant:ident, $tag:literal, $name:literal, $english:literal, $codes:literal;)*) => {
        /// A language of the interface.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Lang {
            $($(#[$attribute])* $variant,)*
        }

        impl Lang {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const fn row(self) -> Language {
                match self {
                    $(Self::$variant => Language { tag: $tag, name: $name, english: $english, codes: $codes },)*
                }
            }

            /// Read on first use: a command reads only the language it prints.
            fn catalogue(self) -> &'static Catalogue<'static> {
                match self {
                    $(Self::$variant => {
                        static CATALOGUE: LazyLock<Catalogue<'static>> =
                            LazyLock::new(|| Catalogue::new($tag, files($tag)));
                        &CATALOGUE
                    })*
                }
            }
        }
    };
}

languages! {
    #[default]
    En, "en", "English", "English", true;
    ZhCn, "zh-CN", "简体中文", "Chinese", false;
}

struct Language {
    tag: &'static str,
    name: &'static str,
    english: &'static str,
    /// Whether codes of the API, which are English words, are shown beside what they mean.
    codes: bool,
}

static MESSAGES: Dir = include_dir!("$CARGO_MANIFEST_DIR/assets/i18n");

/// The message files of a language.
fn files(tag: &str) -> impl Iterator<Item = &'static str> {
    let files = MESSAGES.get_dir(tag).into_iter().flat_map(Dir::files);
    files.filter(|file| file.path().extension().is_some_and(|ext| ext == "ftl")).filter_map(File::contents_utf8)
}

impl Lang {
    /// The BCP 47 tag: used by the configuration, by `--lang` and as `Accept-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        self.row().tag
    }

    /// The language's own name; for readers of another language with its English name.
    pub(crate) fn label(self, reader: Self) -> String {
        let Language { name, english, .. } = self.row();
        if self == reader || name == english { name.to_owned() } else { format!("{name} ({english})") }
    }

    /// All tags, quoted, as a list for an error message.
    pub fn known() -> String {
        Self::ALL.iter().map(|lang| format!("{:?}", lang.tag())).collect::<Vec<_>>().join(", ")
    }

    /// Reads `zh-CN`, `zh_CN.UTF-8`, `zh`, `en`, `en_GB`…
    pub fn parse(tag: &str) -> Option<Self> {
        let bare = tag.split(['.', '@']).next()?.replace('_', "-");
        let exact = Self::ALL.iter().find(|lang| lang.tag().eq_ignore_ascii_case(&bare));
        let language = tag.get(..2)?.to_ascii_lowercase();
        exact.or_else(|| Self::ALL.iter().find(|lang| lang.tag().starts_with(&language))).copied()
    }

    /// What a message says in every language, for searches that accept any of them.
    pub(crate) fn in_each(message: &str) -> impl Iterator<Item = String> {
        Self::ALL.iter().map(move |lang| lang.t(message))
    }

    /// The language of the first of these locale variables that is set; English for any other.
    pub(crate) fn from_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| variable(name).filter(|v| !v.is_empty()))
            .and_then(|locale| Self::parse(&locale))
            .unwrap_or_default()
    }

    /// True if the message exists.
    pub fn has(self, id: &str) -> bool {
        self.catalogue().has(id)
    }

    /// The message without arguments. An id that does not exist is shown as itself.
    pub fn t(self, id: &str) -> String {
        self.catalogue().format(id, None)
    }

    /// The message with its arguments. `tr!` is the way to call it.
    pub fn tr(self, id: &str, args: &[(&str, &dyn ToText)]) -> String {
        let args: FluentArgs = args.iter().map(|(name, value)| (*name, value.to_value())).collect();
        self.catalogue().format(id, Some(&args))
    }

    pub(crate) fn environment(self, environment: Environment) -> String {
        self.t(match environment {
            Environment::Production => "badge-production",
            Environment::Sandbox => "badge-sandbox",
        })
    }

    pub fn kind(self, kind: Kind) -> String {
        self.t(&format!("kind-{}", kind.noun()))
    }

    pub fn action(self, action: &Action) -> String {
        self.t(&format!("action-{}", action.name()))
    }

    /// What a code of an open set means, by the message `{stem}-{code}`; one that this version does not know as it is.
    pub fn code(self, stem: &str, code: &str) -> String {
        let message = format!("{stem}-{code}");
        if self.has(&message) { self.t(&message) } else { code.to_owned() }
    }

    /// A code of the API where these words say what it means, if it is shown beside them in this language. Where it is
    /// not, it is found in the document itself.
    pub(crate) fn code_beside<'a>(self, words: &str, code: &'a str) -> Option<&'a str> {
        (self.row().codes && words != code).then_some(code)
    }

    /// Words, with the code that they stand for where it is shown.
    pub(crate) fn with_code(self, words: String, code: &str) -> String {
        match self.code_beside(&words, code) {
            Some(code) => format!("{words} · {code}"),
            None => words,
        }
    }

    /// What a state means; its code if this version does not know it.
    pub fn state(self, state: &State) -> String {
        state.meaning.map_or_else(|| state.code.clone(), |id| self.t(id))
    }
}

/// The message with its arguments by name: `tr!(lang, "toast-journal", journal = id)`.
macro_rules! tr {
    ($lang:expr, $id:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $lang.tr($id, &[$((stringify!($name), &$value as &dyn $crate::i18n::ToText)),*])
    };
}

/// What may stand in a message: text as it is, whole numbers so that plurals work.
pub trait ToText {
    fn to_value(&self) -> FluentValue<'_>;
}

impl<T: ToText + ?Sized> ToText for &T {
    fn to_value(&self) -> FluentValue<'_> {
        (**self).to_value()
    }
}

impl ToText for str {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl ToText for Cow<'_, str> {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl ToText for String {
    fn to_value(&self) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

macro_rules! numbers_to_text {
    ($($number:ty)*) => {$(
        impl ToText for $number {
            fn to_value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        }
    )*};
}
numbers_to_text! { u8 u16 u32 u64 usize i64 }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::{ACTIONS, FieldKind};
    use crate::sandbox::control::VERBS;
    use std::collections::{BTreeMap, BTreeSet};

    /// The messages of a language and the variables each uses.
    type Messages = BTreeMap<String, BTreeSet<String>>;

    fn messages<'a>(files: impl Iterator<Item = &'a str>) -> Messages {
        let mut messages = Messages::new();
        let mut current = String::new();
        for line in files.flat_map(str::lines) {
            if let Some((id, _)) = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
                current = id.trim().to_owned();
                assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{current} is there twice");
            }
            // Which keys a message names must be the same in all languages, too.
            for variable in line.split('$').skip(1).chain(line.split("KEY(\"").skip(1)) {
                let name: String = variable.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                messages.entry(current.clone()).or_default().insert(name);
            }
        }
        messages
    }

    /// The messages that only one of two languages has, or that use other variables.
    fn differences(a: &Messages, b: &Messages) -> Vec<String> {
        let ids: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        ids.into_iter().filter(|id| a.get(*id) != b.get(*id)).cloned().collect()
    }

    #[test]
    fn all_languages_have_the_same_messages_with_the_same_variables() {
        let reference = messages(files(Lang::default().tag()));
        for lang in Lang::ALL {
            for file in files(lang.tag()) {
                fluent_bundle::FluentResource::try_new(file.to_owned()).expect("the file parses");
            }
            assert_eq!(differences(&reference, &messages(files(lang.tag()))), Vec::<String>::new(), "{lang:?}");
        }
    }

    #[test]
    fn every_folder_is_a_language_and_every_file_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/i18n");
        let names = |folder: &std::path::Path| -> BTreeSet<String> {
            let entries = std::fs::read_dir(folder).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        let tags = Lang::ALL.iter().map(|lang| lang.tag().to_owned()).collect();
        assert_eq!(names(&folder), tags);
        for lang in Lang::ALL {
            let files = names(&folder.join(lang.tag()));
            assert!(files.iter().all(|file| file.ends_with(".ftl")), "{files:?}");
            // The compiler does not see new files: change this one, or `cargo clean -p paydeck`.
            assert_eq!(super::files(lang.tag()).count(), files.len(), "{lang:?}: a new file is not embedded yet");
        }
    }

    /// A made-up third language: its folder is the English one with every `e` accented.
    #[test]
    fn a_folder_is_all_that_a_further_language_needs() {
        fn accented(file: &str) -> String {
            let (mut braces, mut is_text) = (0, false);
            let accent = |c: char| {
                match c {
                    '\n' => is_text = false,
                    '=' => is_text = true,
                    '{' => braces += 1,
                    '}' => braces -= 1,
                    'e' if braces == 0 && is_text => return 'é',
                    _ => {}
                }
                c
            };
            file.chars().map(accent).collect()
        }
        let pseudo: Vec<String> = files(Lang::En.tag()).map(accented).collect();
        let pseudo = || pseudo.iter().map(String::as_str);
        assert_eq!(differences(&messages(files(Lang::En.tag())), &messages(pseudo())), Vec::<String>::new());
        let catalogue = Catalogue::new("en-XA", pseudo());
        assert_eq!(catalogue.format("kind-order", None), Lang::En.t("kind-order").replace('e', "é"));
    }

    /// Whatever differs by language is in its row or its folder.
    #[test]
    fn no_other_code_names_a_language() {
        let mut naming = Vec::new();
        for (path, source) in sources() {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            let is_test = path.iter().any(|part| part == "tests" || part == "tests.rs");
            if !is_test && Lang::ALL.iter().any(|lang| code.contains(&format!("Lang::{lang:?}"))) {
                naming.push(path);
            }
        }
        assert_eq!(naming, Vec::<std::path::PathBuf>::new());
    }

    /// The files under `src` with their text.
    fn sources() -> Vec<(std::path::PathBuf, String)> {
        let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let mut sources = Vec::new();
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                sources.push((path, source));
            }
        }
        sources
    }

    #[test]
    fn every_message_that_a_table_names_exists() {
        let mut ids: Vec<String> = Kind::ALL.iter().map(|kind| format!("kind-{}", kind.noun())).collect();
        for action in ACTIONS {
            ids.extend([format!("action-{}", action.name()), format!("effect-{}", action.name())]);
            for field in action.fields {
                ids.push(field.label.into());
                if let FieldKind::Rows { columns, .. } = field.kind {
                    ids.extend(columns.iter().map(|column| column.label.to_owned()));
                }
                if let FieldKind::Choice(values) = field.kind {
                    ids.extend(values.iter().map(|value| format!("choice-{value}")));
                }
            }
        }
        for verb in VERBS {
            ids.push(format!("ctl-{}", verb.name));
            for parameter in verb.parameters {
                ids.push(format!("ctl-arg-{}-{}", verb.name, parameter.name));
                ids.push(format!("ctl-shape-{}", parameter.shape.name()));
            }
        }
        for id in ids {
            assert!(Lang::En.has(&id), "{id}");
        }
    }

    /// Ids in the code are whole literals with one of these stems, so that they can be found.
    #[test]
    fn every_message_that_the_code_names_exists() {
        const STEMS: [&str; 8] = ["state-", "illegal-", "blocked-", "fact-", "advice-", "why-", "what-", "problem-"];
        let mut missing = BTreeSet::new();
        for (_, source) in sources() {
            let called = source.split(".t(\"").skip(1).filter_map(|rest| rest.split_once('"').map(|(id, _)| id));
            let called = called.chain(source.split("tr!(").skip(1).filter_map(|arguments| {
                let (lang, rest) = arguments.split_once(',')?;
                let (id, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
                (!lang.contains('"')).then_some(id)
            }));
            let stemmed = source.split('"').filter(|text| STEMS.iter().any(|stem| text.starts_with(stem)));
            for id in called.chain(stemmed) {
                let well_formed = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                if well_formed && !id.ends_with('-') && !Lang::En.has(id) {
                    missing.insert(id.to_owned());
                }
            }
        }
        assert_eq!(missing, BTreeSet::new());
    }

    #[test]
    fn a_code_that_this_version_does_not_know_stays_as_it_is() {
        for lang in Lang::ALL {
            assert!(["AUTH", "MICROPAY"].iter().all(|code| lang.code("trade-type", code) != *code));
            for code in ["JSAPX", "", "auth", "A B\u{1b}"] {
                assert_eq!(lang.code("trade-type", code), code);
            }
        }
    }

    #[test]
    fn the_language_comes_from_the_locale() {
        let locale = |lang: &'static str| Lang::from_locale(move |name| (name == "LANG").then(|| lang.to_owned()));
        assert_eq!(locale("zh_CN.UTF-8"), Lang::ZhCn);
        assert_eq!(locale("zh"), Lang::ZhCn);
        assert_eq!(locale("en_GB"), Lang::En);
        assert_eq!(locale("de_DE.UTF-8"), Lang::En);
        assert_eq!(locale(""), Lang::En);
    }
}
