//! What the console and the command line read from the ledger: pages of a table, sums, one object's history. It never
//! queries WeChat Pay.

use std::collections::HashSet;
use std::sync::Arc;

use crate::i18n::Lang;
use crate::ledger::{
    Anchor, Fresh, Group, HourGroup, JournalEntry, KeptBillRow, Ledger, LedgerError, Listed, Query, Related, Sort,
    SortBy, Stop, TablePage, Version,
};
use crate::model::action::{Dependents, RelatedState};
use crate::model::diff::{Difference, diff};
use crate::model::filter::{Condition, Filter, StateWords, fold};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Link, Object, ObjectId, Preview, State};
use crate::services::Actor;
use crate::services::read::history as story;
use crate::services::read::history::{RELATED, Records, RelatedHistory};
use crate::services::read::log::{NEWER, Newer};

/// What a table shows: which rows, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub kind: Kind,
    pub filter: Filter,
    pub sort: Sort,
}

/// A request for a page of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePageRequest {
    pub selection: Selection,
    pub anchor: Anchor,
    /// A row that is wanted even if it does not pass the filter.
    pub kept: Option<ObjectId>,
    /// Rows wanted ahead of the anchor, and from it on.
    pub reach: (usize, usize),
    /// The first row that the operator has seen: the rows that come before it now are counted.
    pub seen: Option<ObjectId>,
}

/// A page of a table, and what comes before it. That is read only for a page that is not the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableWindow {
    pub page: TablePage,
    pub newer: Newer<ObjectId>,
}

/// The sums of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Of the rows that pass the filter, by state and currency.
    pub shown: Vec<Group>,
    /// Rows there are without the filter.
    pub known: u64,
    /// The states that occur without the filter.
    pub states: Vec<State>,
    /// Of the rows that pass the filter without the state that the strip chose: what there is to choose from.
    pub shares: Vec<Group>,
    pub day: DaySums,
}

/// The last 24 hours of a table: the rows that pass the filter.
#[derive(Clone, Debug, PartialEq)]
pub struct DaySums {
    /// The beginning of the first hour.
    pub since: Timestamp,
    pub hours: Vec<HourGroup>,
}

impl DaySums {
    pub const HOURS: usize = 24;

    /// The beginning of the 24 hours whose last one is now.
    pub fn since(now: Timestamp) -> Timestamp {
        let past = now.unix_timestamp().rem_euclid(3600);
        let hour = now.replace_nanosecond(0).unwrap_or(now) - Duration::seconds(past);
        hour - Duration::hours(23)
    }
}

impl Default for DaySums {
    fn default() -> Self {
        Self { since: Timestamp::UNIX_EPOCH, hours: Vec::new() }
    }
}

/// Everything known about one object.
#[derive(Clone, Debug)]
pub struct ObjectHistory {
    pub of: ObjectId,
    pub fresh: Option<Fresh>,
    /// What is known of the object itself.
    pub own: Records,
    /// What is known of the objects up and down its chain, if that was asked for.
    pub chain: Option<RelatedHistory>,
    pub related: Vec<Related>,
    /// What an action on it touches besides.
    pub related_state: RelatedState,
    /// What is further up or down the chain from plan to cash, through those related.
    pub further: Vec<Listed>,
    /// What it names by WeChat Pay's number, where the object's own number is not known.
    pub unresolved_links: Vec<Link>,
    /// What names it, by kind and state, if that is more than `related` lists.
    pub dependents: Vec<(Kind, Group)>,
    /// The rows of bills about it, the latest day first.
    pub bill_rows: Vec<KeptBillRow>,
}

/// Rows read at once where all are wanted.
const PAGE: usize = 1000;

/// Objects of each kind that a search by words finds.
const OF_A_KIND: usize = 6;

/// Reads the ledger for one profile. Cheap to clone. Its calls block.
#[derive(Clone, Debug)]
pub struct LedgerReader {
    pub(crate) ledger: Ledger,
    pub(crate) profile: Arc<str>,
}

impl ObjectHistory {
    /// The history of an object of which nothing is known.
    pub fn unknown(of: ObjectId) -> Self {
        Self {
            of,
            fresh: None,
            own: Records::default(),
            chain: None,
            related: Vec::new(),
            related_state: RelatedState::default(),
            further: Vec::new(),
            unresolved_links: Vec::new(),
            dependents: Vec::new(),
            bill_rows: Vec::new(),
        }
    }

    /// What is known of the object, or of it and all along its chain, each by itself.
    pub fn records(&self, whole: bool) -> impl Iterator<Item = (&ObjectId, &Records)> {
        let others = self.chain.iter().filter(move |_| whole).flat_map(|chain| &chain.others);
        std::iter::once((&self.of, &self.own)).chain(others.map(|(of, records)| (of, records)))
    }

    /// The object and its history for which `is_it` is true.
    pub(crate) fn records_with(&self, is_it: impl Fn(&Records) -> bool) -> Option<(&ObjectId, &Records)> {
        self.records(true).find(|(_, records)| is_it(records))
    }

    /// A version of any of the objects, with the object and all its versions, newest first.
    pub fn version(&self, id: i64) -> Option<(&ObjectId, &[Version], usize)> {
        let (of, records) = self.records_with(|records| records.versions.iter().any(|version| version.id == id))?;
        let place = records.versions.iter().position(|version| version.id == id)?;
        Some((of, &records.versions, place))
    }

    /// An entry of the journal about any of the objects.
    pub fn entry(&self, id: i64) -> Option<&JournalEntry> {
        self.records(true).flat_map(|(_, records)| &records.journal).find(|entry| entry.id == id)
    }
}

impl LedgerReader {
    pub fn new(ledger: Ledger, actor: &Actor) -> Self {
        Self { ledger, profile: actor.key.as_str().into() }
    }

    pub fn window(&self, request: &TablePageRequest, now: Timestamp, stop: &Stop) -> Result<TableWindow, LedgerError> {
        let query = self.query(&request.selection, now)?;
        let read = |anchor: &Anchor, reach, kept| self.ledger.window(&self.profile, &query, anchor, reach, kept, stop);
        let page = read(&request.anchor, request.reach, request.kept.as_ref())?;
        let newer = match &request.seen {
            _ if page.at_start => Newer::default(),
            None => {
                let first = read(&Anchor::Start, (0, 1), None)?.rows;
                Newer { first: first.into_iter().next().map(|row| row.id), count: 0 }
            }
            Some(seen) => Newer { first: None, count: read(&Anchor::At(seen.clone()), (NEWER, 0), None)?.rows.len() },
        };
        Ok(TableWindow { page, newer })
    }

    pub fn sums(&self, selection: &Selection, now: Timestamp, stop: &Stop) -> Result<Sums, LedgerError> {
        let kind = selection.kind;
        let known = self.ledger.totals(&self.profile, kind, &[], stop)?;
        let states = self.ledger.states(&self.profile, kind)?;
        let count = known.iter().map(|group| group.count).sum();
        let of = |filter: &Filter| match filter.is_empty() {
            true => Ok(known.clone()),
            false => self.ledger.totals(&self.profile, kind, &conditions(filter, &states, now), stop),
        };
        let shown = of(&selection.filter)?;
        let unchosen = selection.filter.without_share();
        let shares = if unchosen == selection.filter { shown.clone() } else { of(&unchosen)? };
        let since = DaySums::since(now);
        let conditions = conditions(&selection.filter, &states, now);
        let hours = self.ledger.by_hour(&self.profile, kind, &conditions, (since, DaySums::HOURS), stop)?;
        Ok(Sums { shown, known: count, states, shares, day: DaySums { since, hours } })
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
            // The page begins with the last row of the page before.
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

    /// What is known of these objects; those that were never fetched are left out.
    pub fn rows(&self, ids: &[ObjectId]) -> Result<Vec<Listed>, LedgerError> {
        ids.iter().filter_map(|id| self.object(id).transpose()).map(|fresh| Ok(Listed::of(&fresh?))).collect()
    }

    /// The objects with all of these words, some of each kind, newest first; those with this very number come first.
    pub(crate) fn objects_called(&self, text: &str, now: Timestamp, stop: &Stop) -> Result<Vec<Listed>, LedgerError> {
        let phrases: Vec<String> =
            text.split_whitespace().map(|word| format!("\"{}\"", word.replace('"', ""))).collect();
        let Ok(filter) = Filter::parse(&phrases.join(" ")) else { return Ok(Vec::new()) };
        if filter.is_empty() {
            return Ok(Vec::new());
        }
        let sort = Sort { by: SortBy::Time, descending: true };
        let mut rows = Vec::new();
        for kind in Kind::ALL {
            // Only words are searched, not the names of states.
            let query = Query { kind, conditions: filter.conditions(&[], now), sort };
            let page = self.ledger.window(&self.profile, &query, &Anchor::Start, (0, OF_A_KIND), None, stop)?;
            rows.extend(page.rows);
        }
        rows.sort_by_key(|row| !row.id.number.as_str().eq_ignore_ascii_case(text.trim()));
        Ok(rows)
    }

    pub fn story(&self, id: &ObjectId) -> Result<ObjectHistory, LedgerError> {
        let (ledger, profile) = (&self.ledger, &*self.profile);
        let fresh = ledger.object(profile, id)?;
        let related = ledger.related(profile, id, RELATED)?;
        let all_named = related.iter().filter(|related| !related.named).count() < RELATED;
        Ok(ObjectHistory {
            of: id.clone(),
            own: story::records_of(ledger, profile, id)?,
            chain: None,
            further: story::further(ledger, profile, id, &related)?,
            unresolved_links: story::unresolved_links(fresh.as_ref(), &related),
            dependents: if all_named { Vec::new() } else { ledger.dependents(profile, id)? },
            fresh,
            related: each_once(related),
            related_state: self.related_state(id)?,
            bill_rows: ledger.bill_rows(profile, id)?,
        })
    }

    /// The same, with what is known of the objects up and down its chain.
    pub fn whole_story(&self, id: &ObjectId) -> Result<ObjectHistory, LedgerError> {
        let story = self.story(id)?;
        let chain = story::chain(&self.ledger, &self.profile, id, &story.related)?;
        Ok(ObjectHistory { chain: Some(chain), ..story })
    }

    /// What is known of the objects around one, for the preview of an action on it.
    pub fn related_state(&self, id: &ObjectId) -> Result<RelatedState, LedgerError> {
        let journal = self.ledger.latest_entry(&self.profile, id)?;
        let mut related_state = RelatedState { journal, ..RelatedState::default() };
        let wanted = match id.kind.row().preview {
            Preview::Related(kinds) => kinds,
            Preview::Dependents => {
                let dependents = |(kind, group): (Kind, Group)| {
                    let amount = group.sum();
                    Dependents { kind, state: group.state, count: group.count, amount }
                };
                related_state.dependents =
                    self.ledger.dependents(&self.profile, id)?.into_iter().map(dependents).collect();
                &[]
            }
        };
        if !wanted.is_empty() {
            for Related { named, row } in self.ledger.related(&self.profile, id, RELATED)? {
                if wanted.contains(&(row.id.kind, named)) {
                    related_state.related.extend(self.object(&row.id)?.map(|fresh| fresh.object));
                }
            }
        }
        Ok(related_state)
    }

    /// All versions of an object with their documents, newest first.
    pub fn history(&self, id: &ObjectId) -> Result<Vec<(Version, Option<Object>)>, LedgerError> {
        let versions = self.ledger.versions(&self.profile, id)?;
        versions.into_iter().map(|version| Ok((version.clone(), self.version(id, version.id)?))).collect()
    }

    fn version(&self, id: &ObjectId, version: i64) -> Result<Option<Object>, LedgerError> {
        self.ledger.version(&self.profile, id, version)
    }

    /// What differs between two versions of an object; without an earlier one, everything. `None` if this program
    /// cannot read one of them.
    pub fn compare(
        &self,
        id: &ObjectId,
        before: Option<i64>,
        after: i64,
    ) -> Result<Option<Vec<Difference>>, LedgerError> {
        let earlier = match before {
            None => None,
            Some(before) => match self.version(id, before)? {
                None => return Ok(None),
                found => found,
            },
        };
        let Some(later) = self.version(id, after)? else { return Ok(None) };
        Ok(Some(diff(earlier.as_ref().map_or("{}", |object| &*object.raw), &later.raw)))
    }

    /// What differs between the latest documents of two objects. `None` if one of them was never fetched, or if this
    /// program cannot read its document.
    pub(crate) fn compare_objects(
        &self,
        before: &ObjectId,
        after: &ObjectId,
    ) -> Result<Option<Vec<Difference>>, LedgerError> {
        let found = self.object(before)?.zip(self.object(after)?);
        Ok(found.map(|(before, after)| diff(&before.object.raw, &after.object.raw)))
    }

    /// An error of a call made here, with the ledger named.
    pub fn named(&self, error: LedgerError) -> LedgerError {
        self.ledger.named(error)
    }

    pub(super) fn query(&self, selection: &Selection, now: Timestamp) -> Result<Query, LedgerError> {
        let Selection { kind, filter, sort } = selection;
        let states = if filter.is_empty() { Vec::new() } else { self.ledger.states(&self.profile, *kind)? };
        Ok(Query { kind: *kind, conditions: conditions(filter, &states, now), sort: *sort })
    }
}

/// What a filter stands for where these states occur: they are called by their codes and in either language.
fn conditions(filter: &Filter, states: &[State], now: Timestamp) -> Vec<Condition> {
    filter.conditions(&states.iter().map(state_words).collect::<Vec<_>>(), now)
}

/// What a state is called in a filter.
pub fn state_words(state: &State) -> StateWords {
    let meanings: Vec<_> = state.meaning.into_iter().flat_map(Lang::in_each).collect();
    let mut words = fold(&meanings.join("\n")).to_lowercase();
    // The glyphs, as on the screen: one for what all such states have in common, and one for all problems.
    words.push_str(&format!("\n{}", state.tone.glyph()));
    if state.tone.is_problem() {
        words.push_str(&format!("\n{}", Filter::PROBLEMS));
    }
    StateWords { code: state.code.clone(), words }
}

/// Two objects that name each other are listed once, as named.
fn each_once(mut related: Vec<Related>) -> Vec<Related> {
    let mut once = HashSet::new();
    related.retain(|related| once.insert(related.row.id.clone()));
    related
}
