//! Every word that a person reads, in Simplified Chinese and in English, from the Fluent files in `assets/i18n/`.
//! A test checks that both languages have the same messages and that every message the code names exists.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    ZhCn,
    #[default]
    En,
}

const ZH_CN: &[&str] = &[
    include_str!("../assets/i18n/zh-CN/model.ftl"),
    include_str!("../assets/i18n/zh-CN/errors.ftl"),
    include_str!("../assets/i18n/zh-CN/codes.ftl"),
    include_str!("../assets/i18n/zh-CN/console.ftl"),
    include_str!("../assets/i18n/zh-CN/global.ftl"),
    include_str!("../assets/i18n/zh-CN/create.ftl"),
    include_str!("../assets/i18n/zh-CN/story.ftl"),
    include_str!("../assets/i18n/zh-CN/bills.ftl"),
    include_str!("../assets/i18n/zh-CN/watch.ftl"),
    include_str!("../assets/i18n/zh-CN/events.ftl"),
    include_str!("../assets/i18n/zh-CN/listen.ftl"),
    include_str!("../assets/i18n/zh-CN/cli.ftl"),
    include_str!("../assets/i18n/zh-CN/ctl.ftl"),
];
const EN: &[&str] = &[
    include_str!("../assets/i18n/en/model.ftl"),
    include_str!("../assets/i18n/en/errors.ftl"),
    include_str!("../assets/i18n/en/codes.ftl"),
    include_str!("../assets/i18n/en/console.ftl"),
    include_str!("../assets/i18n/en/global.ftl"),
    include_str!("../assets/i18n/en/create.ftl"),
    include_str!("../assets/i18n/en/story.ftl"),
    include_str!("../assets/i18n/en/bills.ftl"),
    include_str!("../assets/i18n/en/watch.ftl"),
    include_str!("../assets/i18n/en/events.ftl"),
    include_str!("../assets/i18n/en/listen.ftl"),
    include_str!("../assets/i18n/en/cli.ftl"),
    include_str!("../assets/i18n/en/ctl.ftl"),
];

type Bundle = FluentBundle<FluentResource>;

static ZH_CN_BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::ZhCn, ZH_CN));
static EN_BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En, EN));

fn bundle(lang: Lang, files: &[&str]) -> Bundle {
    let language: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Isolation marks are themselves bidirectional controls; outside text is neutralised before it gets here.
    bundle.set_use_isolating(false);
    for file in files {
        // The files are part of the program; a test parses them strictly.
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

impl Lang {
    /// The tag the configuration uses: `zh-CN` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// Reads `zh-CN`, `zh_CN.UTF-8`, `zh`, `en`, `en_GB`…
    pub fn parse(tag: &str) -> Option<Self> {
        match tag.get(..2)?.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhCn),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language of the first of these locale variables that is set; English for any other.
    pub fn from_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| variable(name).filter(|v| !v.is_empty()))
            .and_then(|locale| Self::parse(&locale))
            .unwrap_or_default()
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::ZhCn => &ZH_CN_BUNDLE,
            Self::En => &EN_BUNDLE,
        }
    }

    /// True if the message exists.
    pub fn has(self, id: &str) -> bool {
        self.bundle().get_message(id).is_some_and(|m| m.value().is_some())
    }

    /// The message without arguments. An id that does not exist is shown as itself.
    pub fn t<'a>(self, id: &'a str) -> Cow<'a, str> {
        self.format(id, None)
    }

    /// The message with its arguments.
    pub fn tr(self, id: &str, args: &[(&str, &dyn ToText)]) -> String {
        let args: FluentArgs = args.iter().map(|(name, value)| (*name, value.to_value())).collect();
        self.format(id, Some(&args)).into_owned()
    }

    fn format<'a>(self, id: &'a str, args: Option<&FluentArgs>) -> Cow<'a, str> {
        let bundle = self.bundle();
        match bundle.get_message(id).and_then(|message| message.value()) {
            Some(pattern) => bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned().into(),
            None => id.into(),
        }
    }
}

/// What may stand in a message: text as it is, whole numbers so that plurals work.
pub trait ToText {
    fn to_value(&self) -> FluentValue<'_>;
}

impl ToText for &str {
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
    use crate::model::Kind;
    use crate::model::action::{ACTIONS, FieldKind};
    use crate::sandbox::control::VERBS;
    use std::collections::{BTreeMap, BTreeSet};

    /// The messages of a language and the variables each uses.
    fn messages(files: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
        let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in files.iter().flat_map(|file| file.lines()) {
            if let Some((id, _)) = line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
                current = id.trim().to_owned();
                assert!(messages.insert(current.clone(), BTreeSet::new()).is_none(), "{current} is there twice");
            }
            for variable in line.split('$').skip(1) {
                let name: String = variable.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                messages.entry(current.clone()).or_default().insert(name);
            }
        }
        messages
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        for file in EN.iter().chain(ZH_CN) {
            FluentResource::try_new((*file).to_owned()).expect("the file parses");
        }
        let (en, zh) = (messages(EN), messages(ZH_CN));
        let only = |a: &BTreeMap<String, BTreeSet<String>>, b: &BTreeMap<String, BTreeSet<String>>| {
            a.keys().filter(|id| !b.contains_key(*id)).cloned().collect::<Vec<_>>()
        };
        assert_eq!((only(&en, &zh), only(&zh, &en)), (vec![], vec![]));
        for (id, variables) in &en {
            assert_eq!(variables, &zh[id], "{id}");
        }
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
        let mut files = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        let mut missing = BTreeSet::new();
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let called = source.split(".t(\"").chain(source.split(".tr(\"")).skip(1);
            let called = called.filter_map(|rest| rest.split_once('"').map(|(id, _)| id));
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
    fn the_language_comes_from_the_locale() {
        let locale = |lang: &'static str| Lang::from_locale(move |name| (name == "LANG").then(|| lang.to_owned()));
        assert_eq!(locale("zh_CN.UTF-8"), Lang::ZhCn);
        assert_eq!(locale("de_DE.UTF-8"), Lang::En);
        assert_eq!(locale(""), Lang::En);
    }
}
