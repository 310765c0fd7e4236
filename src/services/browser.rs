//! What the screen and the command line read from the ledger: stretches of a table, sums, one object's story. It
//! never asks WeChat Pay.

use std::sync::Arc;

use super::Actor;
use crate::i18n::Lang;
use crate::ledger::{
    Anchor, Fresh, Group, JournalEntry, JournalSearch, Ledger, LedgerError, Listed, Query, Related, Sort, Stop,
    Version, Window,
};
use crate::model::filter::{Condition, Filter, StateWords, fold};
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId, State};

/// What a table shows: which rows, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub kind: Kind,
    pub filter: Filter,
    pub sort: Sort,
}

/// A stretch of a table that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    pub selection: Selection,
    pub anchor: Anchor,
    /// A row that is wanted even if it does not pass the filter.
    pub kept: Option<ObjectId>,
    /// Rows wanted ahead of the anchor, and from it on.
    pub reach: (usize, usize),
}

/// What a table adds up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Of the rows that pass the filter, by state and currency.
    pub shown: Vec<Group>,
    /// Rows there are without the filter.
    pub known: u64,
    /// The states that occur without the filter.
    pub states: Vec<State>,
}

/// All that is known of one object.
#[derive(Clone, Debug)]
pub struct Story {
    pub fresh: Option<Fresh>,
    pub versions: Vec<Version>,
    pub related: Vec<Related>,
}

/// Which entries of the profile's journal are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// In the intent or in what became of it; empty: whatever it says.
    pub text: String,
    /// On this object.
    pub object: Option<ObjectId>,
}

/// A stretch of the journal that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalGlance {
    pub filter: JournalFilter,
    pub anchor: JournalAnchor,
    /// Entries wanted on either side of the anchor.
    pub reach: usize,
}

/// From where a stretch of the journal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalAnchor {
    Newest,
    Oldest,
    /// Around the entry of this number, whether it passes the filter or not.
    At(i64),
}

/// A stretch of the journal, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JournalWindow {
    pub entries: Vec<JournalEntry>,
    pub at_newest: bool,
    pub at_oldest: bool,
}

/// Related objects that are told of either kind of relation.
const RELATED: usize = 200;
/// Rows read at once where all are wanted.
const PAGE: usize = 1000;

/// Reads the ledger for one profile. Cheap to clone. Its calls block.
#[derive(Clone, Debug)]
pub struct Browser {
    ledger: Ledger,
    profile: Arc<str>,
}

impl Browser {
    pub fn new(ledger: Ledger, actor: &Actor) -> Self {
        Self { ledger, profile: actor.key.as_str().into() }
    }

    pub fn window(&self, glance: &Glance, now: Timestamp, stop: &Stop) -> Result<Window, LedgerError> {
        let query = self.query(&glance.selection, now)?;
        self.ledger.window(&self.profile, &query, &glance.anchor, glance.reach, glance.kept.as_ref(), stop)
    }

    pub fn sums(&self, selection: &Selection, now: Timestamp, stop: &Stop) -> Result<Sums, LedgerError> {
        let kind = selection.kind;
        let known = self.ledger.totals(&self.profile, kind, &[], stop)?;
        let states = self.ledger.states(&self.profile, kind)?;
        let count = known.iter().map(|group| group.count).sum();
        let shown = if selection.filter.is_empty() {
            known
        } else {
            self.ledger.totals(&self.profile, kind, &conditions(&selection.filter, &states, now), stop)?
        };
        Ok(Sums { shown, known: count, states })
    }

    /// Hands all rows of a selection in their order, some at a time, until the receiver returns false.
    pub fn each(
        &self,
        selection: &Selection,
        now: Timestamp,
        mut rows: impl FnMut(Vec<Listed>) -> bool,
    ) -> Result<(), LedgerError> {
        let query = self.query(selection, now)?;
        let mut anchor = Anchor::Start;
        let mut last: Option<ObjectId> = None;
        loop {
            let window =
                self.ledger.window(&self.profile, &query, &anchor, (0, PAGE), last.as_ref(), &Stop::default())?;
            let mut found = window.rows;
            // The stretch begins with the row the one before it ended with.
            found.retain(|row| Some(&row.id) != last.as_ref());
            let Some(end) = found.last().map(|row| row.id.clone()) else { return Ok(()) };
            if !rows(found) || window.at_end {
                return Ok(());
            }
            anchor = Anchor::At(end.clone());
            last = Some(end);
        }
    }

    /// The latest document of an object.
    pub fn object(&self, id: &ObjectId) -> Result<Option<Fresh>, LedgerError> {
        self.ledger.object(&self.profile, id)
    }

    pub fn story(&self, id: &ObjectId) -> Result<Story, LedgerError> {
        Ok(Story {
            fresh: self.ledger.object(&self.profile, id)?,
            versions: self.ledger.versions(&self.profile, id)?,
            related: self.ledger.related(&self.profile, id, RELATED)?,
        })
    }

    /// Reads a stretch of the journal.
    pub fn journal(&self, glance: &JournalGlance) -> Result<JournalWindow, LedgerError> {
        let JournalGlance { filter, anchor, reach } = glance;
        let read = |before, after| {
            let text = Some(filter.text.as_str()).filter(|text| !text.is_empty());
            let object = filter.object.as_ref();
            // One more than is wanted tells whether there are more.
            let search = JournalSearch { profile: Some(&*self.profile), object, text, before, after, limit: reach + 1 };
            self.ledger.journal_entries(&search)
        };
        let older = match anchor {
            JournalAnchor::Newest => Some(None),
            JournalAnchor::At(id) => Some(Some(id.saturating_add(1))),
            JournalAnchor::Oldest => None,
        };
        let newer = match anchor {
            JournalAnchor::Newest => None,
            JournalAnchor::At(id) => Some(*id),
            JournalAnchor::Oldest => Some(0),
        };
        let mut entries = newer.map(|after| read(None, Some(after))).transpose()?.unwrap_or_default();
        let at_newest = entries.len() <= *reach;
        entries.drain(..entries.len().saturating_sub(*reach));
        let mut more = older.map(|before| read(before, None)).transpose()?.unwrap_or_default();
        let at_oldest = more.len() <= *reach;
        more.truncate(*reach);
        entries.append(&mut more);
        Ok(JournalWindow { entries, at_newest, at_oldest })
    }

    /// An error of a call made here, with the ledger named.
    pub fn named(&self, error: LedgerError) -> LedgerError {
        self.ledger.named(error)
    }

    fn query(&self, selection: &Selection, now: Timestamp) -> Result<Query, LedgerError> {
        let Selection { kind, filter, sort } = selection;
        let states = if filter.is_empty() { Vec::new() } else { self.ledger.states(&self.profile, *kind)? };
        Ok(Query { kind: *kind, conditions: conditions(filter, &states, now), sort: *sort })
    }
}

/// What a filter stands for where these states occur: they are called by their codes and in either language.
fn conditions(filter: &Filter, states: &[State], now: Timestamp) -> Vec<Condition> {
    let words = |state: &State| {
        let meaning = |lang: Lang| state.meaning.map(|id| lang.t(id)).unwrap_or_default();
        let words = fold(&format!("{} {}", meaning(Lang::En), meaning(Lang::ZhCn))).to_lowercase();
        StateWords { code: state.code.clone(), words }
    };
    filter.conditions(&states.iter().map(words).collect::<Vec<_>>(), now)
}
