//! What the inbox is searched for, in the filter language: words, `type:REFUND`, `verdict:forged`, `since:2d`. Types and
//! verdicts may be called by their codes or by what they are called on the screen, in any language.

use crate::i18n::Lang;
use crate::ledger::{InboxPart, InboxSearch, Verdict};
use crate::model::EVENT_TYPES;
use crate::model::filter::{Filter, FilterError, Language, StateWords, Vocabulary, fold};
use crate::model::time::Timestamp;

/// Which lines of the inbox are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    pub part: Option<InboxPart>,
    filter: Filter,
}

impl InboxFilter {
    /// Reads what is typed. `received` are types that occur besides those that are documented.
    pub fn parse<'a>(text: &str, received: impl Iterator<Item = &'a str>) -> Result<Self, FilterError> {
        let filter = Filter::parse_in(Language::EVENTS, text)?;
        filter.check_in(Language::EVENTS, &event_vocabulary(received))?;
        Ok(Self { part: None, filter })
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// As it is typed.
    pub fn text(&self) -> String {
        self.filter.written_in(Language::EVENTS)
    }

    /// The same part of the inbox, filtered in another way.
    pub(crate) fn with_filter(&self, filter: Filter) -> Self {
        Self { part: self.part, filter }
    }

    /// The same words over another part of the inbox.
    pub(crate) fn with_part(&self, part: Option<InboxPart>) -> Self {
        Self { part, ..self.clone() }
    }

    /// What the ledger is to look for.
    pub(crate) fn search(&self, now: Timestamp) -> InboxSearch {
        let Vocabulary { states, types } = event_vocabulary(std::iter::empty());
        let conditions = self.filter.conditions_in(&states, &types, now);
        InboxSearch { conditions, only: self.part, ..InboxSearch::default() }
    }
}

/// The verdicts, and the types of notifications: those that are documented, and those that were received.
pub fn event_vocabulary<'a>(received: impl Iterator<Item = &'a str>) -> Vocabulary {
    let verdict = |verdict: Verdict| {
        let mut words = words(&format!("verdict-{}", verdict.word()));
        if verdict.is_problem() {
            words.push_str(&format!("\n{}", Filter::PROBLEMS));
        }
        StateWords { code: verdict.word().to_owned(), words }
    };
    let documented = EVENT_TYPES
        .iter()
        .map(|event| StateWords { code: event.name.to_owned(), words: words(&event_message(event.name)) });
    let others = received.filter(|code| EVENT_TYPES.iter().all(|event| event.name != *code));
    let others = others.map(|code| StateWords { code: code.to_owned(), words: String::new() });
    Vocabulary { states: Verdict::ALL.map(verdict).into(), types: documented.chain(others).collect() }
}

/// What a message says in every language, as it is searched.
pub(crate) fn words(message: &str) -> String {
    fold(&Lang::in_each(message).collect::<Vec<_>>().join("\n")).to_lowercase()
}

/// The message that says what a documented type of event is.
pub fn event_message(event_type: &str) -> String {
    format!("event-{}", event_type.to_lowercase().replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::{Condition, Matcher};

    fn parse(text: &str) -> Result<InboxFilter, FilterError> {
        InboxFilter::parse(text, ["SECURITY_ECHO.SUCCESS"].into_iter())
    }

    fn matchers(text: &str) -> Vec<Matcher> {
        let search = parse(text).unwrap().search(Timestamp::UNIX_EPOCH);
        search.conditions.into_iter().map(|Condition { matcher, .. }| matcher).collect()
    }

    #[test]
    fn words_types_and_verdicts_are_distinguished() {
        let [word, about, verdict, named] = &matchers("T2026 type:REFUND  verdict:forged 退款")[..] else { panic!() };
        assert_eq!(word, &Matcher::Text { text: "t2026".into(), states: Vec::new() });
        assert!(matches!(about, Matcher::Type { text, .. } if text == "refund"));
        assert_eq!(verdict, &Matcher::State(vec!["forged".into()]));
        assert!(matches!(named, Matcher::Any(any) if any.len() == 2), "its name is searched, too: {named:?}");
        assert_eq!(parse("T2026 type:REFUND").unwrap().text(), "t2026 type:refund");
        assert_eq!(parse("  ").unwrap(), InboxFilter::default());
    }

    #[test]
    fn what_cannot_be_right_is_explained_with_the_nearest_known_word() {
        for (text, message, nearest) in [
            ("verdict:nice", "filter-no-verdict", None),
            ("verdict:forgd", "filter-no-verdict", Some("verdict:forged")),
            ("type:refnd", "filter-no-type", Some("type:refund")),
            ("verdikt:forged", "filter-unknown-keyword-events", Some("verdict:")),
            ("amount>5", "filter-unknown-keyword-events", None),
            ("before:2mo", "filter-needs-moment", None),
            ("verdict:", "filter-needs-state", None),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.message, error.nearest.as_deref()), (message, nearest), "{text}");
        }
        assert!(parse("type:security").is_ok(), "it was received");
        assert!(InboxFilter::parse("type:security", std::iter::empty()).is_err());
    }

    #[test]
    fn types_and_verdicts_are_called_as_the_screen_calls_them() {
        assert_eq!(matchers("verdict:伪造"), [Matcher::State(vec!["forged".into()])]);
        // What a Chinese keyboard types.
        assert_eq!(matchers("ｖｅｒｄｉｃｔ：forged"), [Matcher::State(vec!["forged".into()])]);
        let [Matcher::Type { codes, .. }] = &matchers("类型:退款")[..] else { panic!() };
        assert!(codes.contains(&"REFUND.SUCCESS".to_owned()));
    }

    #[test]
    fn only_problems_leaves_out_what_is_genuine_or_harmless() {
        let only = InboxFilter::default().filter().toggled_share(Filter::PROBLEMS);
        let search = InboxFilter::default().with_filter(only).search(Timestamp::UNIX_EPOCH);
        let Matcher::Problem { states, .. } = &search.conditions[0].matcher else { panic!() };
        assert!(states.contains(&"forged".to_owned()));
        assert!(["genuine", "probe", "stray"].iter().all(|harmless| !states.contains(&(*harmless).to_owned())));
    }
}
