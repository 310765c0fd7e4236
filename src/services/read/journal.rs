//! The journal as the console and the command line search it, in the filter language: words, `action:refund`,
//! `outcome:refused`, `since:2d`.

use crate::ledger::{Ending, JournalEntry, JournalSearch, LedgerError};
use crate::model::ObjectId;
use crate::model::action::ACTIONS;
use crate::model::filter::{Condition, Filter, FilterError, Language, StateWords, Vocabulary};
use crate::model::time::Timestamp;
use crate::services::LedgerReader;
use crate::services::read::inbox::words;
use crate::services::read::log::{Bounds, LogPage, LogPageRequest, stretch};

/// Which entries of the profile's journal are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// On this object.
    pub object: Option<ObjectId>,
    filter: Filter,
}

/// A request for a page of the journal.
pub type JournalPageRequest = LogPageRequest<JournalFilter>;

/// A page of the journal, newest first.
pub type JournalPage = LogPage<JournalEntry>;

impl JournalFilter {
    /// Reads what is typed.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let filter = Filter::parse_in(Language::JOURNAL, text)?;
        filter.check_in(Language::JOURNAL, &journal_vocabulary())?;
        Ok(Self { object: None, filter })
    }

    pub fn of(object: ObjectId) -> Self {
        Self { object: Some(object), filter: Filter::default() }
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// As it is typed.
    pub fn text(&self) -> String {
        self.filter.written_in(Language::JOURNAL)
    }

    /// The entries on the same object, filtered in another way.
    pub(crate) fn with_filter(&self, filter: Filter) -> Self {
        Self { object: self.object.clone(), filter }
    }

    /// What the ledger is to look for.
    pub(crate) fn conditions(&self, now: Timestamp) -> Vec<Condition> {
        let Vocabulary { states, types } = journal_vocabulary();
        self.filter.conditions_in(&states, &types, now)
    }
}

/// How entries end, and the actions.
pub fn journal_vocabulary() -> Vocabulary {
    let state = |ending: Option<Ending>| {
        let code = Ending::word(ending).to_owned();
        let mut words = words(&format!("journal-{code}"));
        // What a person has closed is no problem any more.
        if matches!(ending, Some(Ending::Refused | Ending::Unknown | Ending::Unknowable)) {
            words.push_str(&format!("\n{}", Filter::PROBLEMS));
        }
        StateWords { code, words }
    };
    let action = |name: &str, message: &str| StateWords { code: name.to_owned(), words: words(message) };
    let actions = ACTIONS.iter().map(|one| action(&one.name(), &format!("action-{}", one.name())));
    let types = actions.chain([action("api", "journal-action-api")]).collect();
    Vocabulary { states: Ending::ALL.map(state).into(), types }
}

impl LedgerReader {
    /// Reads a page of the journal.
    pub fn journal(&self, request: &JournalPageRequest, now: Timestamp) -> Result<JournalPage, LedgerError> {
        let conditions = request.filter.conditions(now);
        let (profile, object) = (Some(&*self.profile), request.filter.object.as_ref());
        stretch(
            request.anchor,
            request.reach,
            request.seen,
            |entry: &JournalEntry| entry.id,
            |Bounds { before, after, limit }| {
                let conditions = &conditions[..];
                self.ledger.journal_entries(&JournalSearch { profile, object, conditions, before, after, limit })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Matcher;

    #[test]
    fn actions_and_outcomes_are_called_as_the_screen_calls_them() {
        for (text, codes) in [
            ("outcome:refused", &["refused"][..]),
            ("state:⚠", &["refused", "unknown", "unknowable"]),
            ("结果:进行中", &["under-way"]),
        ] {
            let conditions = JournalFilter::parse(text).unwrap().conditions(Timestamp::UNIX_EPOCH);
            let (Matcher::State(states) | Matcher::Problem { states, .. }) = &conditions[0].matcher else { panic!() };
            assert_eq!(states, codes, "{text}");
        }
        for text in ["action:refund", "操作:退款", "退款", "action:transaction-refund"] {
            let conditions = JournalFilter::parse(text).unwrap().conditions(Timestamp::UNIX_EPOCH);
            let written = format!("{:?}", conditions[0].matcher);
            assert!(written.contains("refund"), "{text}: {written}");
        }
    }

    #[test]
    fn what_cannot_be_right_is_explained_with_the_nearest_known_word() {
        for (text, message, nearest) in [
            ("outcome:refusd", "filter-no-outcome", Some("outcome:refused")),
            ("action:refnd", "filter-no-action", Some("action:refund")),
            ("amount>5", "filter-unknown-keyword-journal", None),
            ("reslut:done", "filter-unknown-keyword-journal", None),
            ("operation:refund", "filter-unknown-keyword-journal", Some("action:")),
            ("since:yesteday", "filter-needs-moment", Some("since:yesterday")),
        ] {
            let error = JournalFilter::parse(text).unwrap_err();
            assert_eq!((error.message, error.nearest.as_deref()), (message, nearest), "{text}");
        }
    }
}
