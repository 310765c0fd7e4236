//! What the inbox is searched for: words, `type:REFUND`, `verdict:forged`. Types and verdicts may be called by their
//! codes or by what they are called on the screen, in any language and as far as they have been typed.

use crate::i18n::Lang;
use crate::ledger::{InboxPart, InboxSearch, Verdict};
use crate::model::EVENT_TYPES;
use crate::model::filter::fold;

/// Which lines of the inbox are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// As it was typed.
    text: String,
    pub part: Option<InboxPart>,
    words: Vec<String>,
    verdicts: Vec<Verdict>,
    types: Vec<String>,
}

/// A word after `verdict:` with which no verdict begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxFilterError(pub String);

impl InboxFilter {
    /// Reads what is typed.
    pub fn parse(text: &str, part: Option<InboxPart>) -> Result<Self, InboxFilterError> {
        let mut filter = Self { text: text.trim().to_owned(), part, ..Self::default() };
        for term in fold(text).to_lowercase().split_whitespace() {
            let value = |keyword: &str| term.strip_prefix(keyword)?.strip_prefix([':', '=']);
            match (value("verdict"), value("type")) {
                // It is only begun.
                (Some(""), _) | (_, Some("")) => {}
                (Some(word), _) => {
                    filter.verdicts = Verdict::ALL.into_iter().filter(|verdict| is_called(*verdict, word)).collect();
                    if filter.verdicts.is_empty() {
                        return Err(InboxFilterError(word.to_owned()));
                    }
                }
                (_, Some(word)) => filter.types = types(word),
                (None, None) => filter.words.push(term.to_owned()),
            }
        }
        Ok(filter)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same words over another part of the inbox.
    pub(crate) fn with_part(&self, part: Option<InboxPart>) -> Self {
        Self { part, ..self.clone() }
    }

    /// What the ledger is to look for.
    pub(crate) fn search(&self) -> InboxSearch {
        let Self { words, part, verdicts, types, .. } = self.clone();
        InboxSearch { words, only: part, verdicts, types, ..InboxSearch::default() }
    }
}

/// What a message says, in every language.
fn words(message: &str) -> Vec<String> {
    Lang::in_each(message).map(|words| words.to_lowercase()).collect()
}

fn is_called(verdict: Verdict, word: &str) -> bool {
    let called = words(&format!("verdict-{}", verdict.word()));
    verdict.word().starts_with(word) || called.iter().any(|called| called.starts_with(word))
}

/// What a type of event must contain to match: the word itself, or the code of a type whose name contains it.
fn types(word: &str) -> Vec<String> {
    let named =
        EVENT_TYPES.iter().filter(|event| words(&event_message(event.name)).iter().any(|called| called.contains(word)));
    std::iter::once(word.to_owned()).chain(named.map(|event| event.name.to_lowercase())).collect()
}

/// The message that says what a documented type of event is.
pub fn event_message(event_type: &str) -> String {
    format!("event-{}", event_type.to_lowercase().replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> InboxFilter {
        InboxFilter::parse(text, None).unwrap()
    }

    #[test]
    fn words_types_and_verdicts_are_distinguished() {
        let filter = parse("T2026 type:REFUND  verdict:forged 充值");
        assert_eq!(filter.words, ["t2026", "充值"]);
        assert_eq!(filter.verdicts, [Verdict::Forged]);
        assert_eq!(filter.types[0], "refund");
        assert_eq!(filter.text(), "T2026 type:REFUND  verdict:forged 充值");
        assert_eq!(parse("  "), InboxFilter::default());
    }

    #[test]
    fn what_is_only_begun_hides_nothing_and_what_is_nonsense_is_reported() {
        assert_eq!(parse("verdict:").search(), InboxSearch::default());
        assert_eq!(parse("type:").search(), InboxSearch::default());
        assert_eq!(parse("verdict:un").verdicts, [Verdict::Unsigned, Verdict::UnknownKey]);
        assert_eq!(InboxFilter::parse("verdict:nice", None), Err(InboxFilterError("nice".into())));
    }

    #[test]
    fn types_and_verdicts_are_called_as_the_screen_calls_them() {
        assert_eq!(parse("verdict:伪造").verdicts, [Verdict::Forged]);
        assert!(parse("type:退款").types.contains(&"refund.success".to_owned()));
        // What a Chinese keyboard types.
        assert_eq!(parse("ｖｅｒｄｉｃｔ：forged").verdicts, [Verdict::Forged]);
    }
}
