//! What the table over all profiles shows: a window of the merged rows, and the sums of each profile.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::console::start::Peer;
use crate::console::tabs::objects::list::ListTotals;
use crate::console::widgets::paged::{self, Keyed, Paged, REACH};
use crate::ledger::{LedgerError, Listed};
use crate::model::filter::Filter;
use crate::model::{Environment, Kind, ObjectId, State};
use crate::services::{
    AcrossAnchor, AcrossKey, AcrossPage, AcrossPageRequest, AcrossRow, AcrossSelection, AcrossSums, Fresh,
};

/// The table's name among the tabs.
pub(crate) const TAB: &str = "all-profiles";

impl Keyed for AcrossRow {
    type Key = AcrossKey;

    fn key(&self) -> AcrossKey {
        AcrossKey { profile: self.profile.clone(), id: self.row.id.clone() }
    }

    fn is(&self, key: &AcrossKey) -> bool {
        self.profile == key.profile && self.row.id == key.id
    }
}

/// The table over all profiles, newest first.
#[derive(Clone, Debug)]
pub struct Across {
    kind: Kind,
    filter: Filter,
    page: Paged<AcrossRow, AcrossPageRequest>,
    /// The profiles whose rows cannot be read, and why.
    failed: Vec<(Arc<str>, Arc<LedgerError>)>,
    sums: Option<Arc<AcrossSums>>,
    sums_wanted: bool,
    sums_asked: Option<AcrossSelection>,
}

impl Default for Across {
    fn default() -> Self {
        Self::at(Kind::ServiceOrder, Filter::default(), None)
    }
}

/// What is kept of the table when another profile is opened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AcrossSpot {
    kind: Kind,
    filter: Filter,
    cursor: Option<AcrossKey>,
}

/// What is to be shown once the account being opened is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AcrossArrival {
    /// The table as it was left; `None` for the kind of the current tab.
    pub table: Option<AcrossSpot>,
    /// The object to open there, and whether to choose an action on it.
    pub object: Option<(ObjectId, bool)>,
    /// The profile that was open before.
    pub from: Option<String>,
}

impl AcrossArrival {
    /// The start of the console with the table over all profiles.
    pub(crate) const START: Self = Self { table: None, object: None, from: None };
}

impl Across {
    fn at(kind: Kind, filter: Filter, cursor: Option<AcrossKey>) -> Self {
        let mut page = Paged::default();
        page.set_newest_first(true);
        if let Some(cursor) = cursor {
            page.seek(cursor);
        }
        let (failed, sums, sums_asked) = (Vec::new(), None, None);
        Self { kind, filter, page, failed, sums, sums_wanted: true, sums_asked }
    }

    pub(crate) fn spot(&self) -> AcrossSpot {
        AcrossSpot { kind: self.kind, filter: self.filter.clone(), cursor: self.page.cursor().cloned() }
    }

    pub(crate) fn return_to(&mut self, spot: AcrossSpot) {
        *self = Self::at(spot.kind, spot.filter, spot.cursor);
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Lists another kind. Its filter is of no use there.
    pub(crate) fn turn_to(&mut self, kind: Kind) {
        if kind != self.kind {
            *self = Self::at(kind, Filter::default(), None);
        }
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn set_filter(&mut self, filter: Filter) {
        if filter != self.filter {
            self.filter = filter;
            (self.sums, self.sums_wanted) = (None, true);
            self.page.restart();
        }
    }

    /// A ledger has changed: rows and sums are read again.
    pub(crate) fn learned(&mut self) {
        self.page.look_again();
        self.sums_wanted = true;
    }

    fn selection(&self, peers: &[Peer]) -> AcrossSelection {
        let profiles = peers.iter().map(|peer| peer.key.clone()).collect();
        AcrossSelection { kind: self.kind, filter: self.filter.clone(), profiles }
    }

    /// The page to query now, if any.
    pub(crate) fn ask(&mut self, peers: &[Peer]) -> Option<AcrossPageRequest> {
        let anchor = match self.page.ask()? {
            paged::PageAnchor::Start => AcrossAnchor::Start,
            paged::PageAnchor::End => AcrossAnchor::End,
            paged::PageAnchor::At(key) => AcrossAnchor::At(key),
        };
        let (selection, seen) = (self.selection(peers), self.page.seen().cloned());
        let request = AcrossPageRequest { selection, anchor, reach: (REACH, REACH), seen };
        self.page.asked(request.clone());
        Some(request)
    }

    /// The sums to query now, if any.
    pub(crate) fn ask_sums(&mut self, peers: &[Peer]) -> Option<AcrossSelection> {
        let selection = self.selection(peers);
        if !self.sums_wanted || self.sums_asked.as_ref() == Some(&selection) {
            return None;
        }
        self.sums_wanted = false;
        self.sums_asked = Some(selection.clone());
        Some(selection)
    }

    /// Stores a page, unless another was requested since.
    pub(crate) fn show(&mut self, request: &AcrossPageRequest, page: AcrossPage) {
        let AcrossPage { rows, anchor, at_start, at_end, newer, failed } = page;
        let shown = self.page.show(request, rows, (at_start, at_end), newer, |rows, cursor| match &request.anchor {
            AcrossAnchor::Start => 0,
            AcrossAnchor::End => usize::MAX,
            // If the cursor's row is gone, the row in its place.
            AcrossAnchor::At(_) => {
                let stays = cursor.and_then(|cursor| rows.iter().position(|row| row.is(cursor)));
                stays.unwrap_or(anchor)
            }
        });
        if shown.is_some() {
            self.failed = failed;
        }
    }

    /// Stores the sums, unless what they are of has changed since.
    pub(crate) fn add_up(&mut self, selection: &AcrossSelection, sums: Arc<AcrossSums>) {
        if self.sums_asked.as_ref() == Some(selection) {
            self.sums_asked = None;
        }
        if (selection.kind, &selection.filter) == (self.kind, &self.filter) {
            self.sums = Some(sums);
        }
    }

    /// An object of the open profile was queried: its row is replaced at once.
    pub(crate) fn fetched(&mut self, own: &str, fresh: &Fresh) {
        let is_it = |row: &AcrossRow| &*row.profile == own && row.row.id == fresh.object.id;
        let Some(place) = self.page.rows().iter().position(is_it) else { return };
        let row = &mut self.page.rows_mut()[place].row;
        let after = Listed { origin: row.origin, ..Listed::of(fresh) };
        // A newer answer has arrived before.
        if row.seen.as_ref().is_some_and(|seen| seen.billed_on().is_none() && seen.verified_at > fresh.verified_at) {
            return;
        }
        let summary = |row: &Listed| row.seen.as_ref().map(|seen| seen.summary.clone());
        let changed = summary(row) != summary(&after);
        *row = after;
        if changed {
            self.learned();
        }
    }

    /// The profiles that cannot be read, each once, and why.
    pub(crate) fn failures(&self) -> Vec<(&Arc<str>, &Arc<LedgerError>)> {
        let mut failures: Vec<_> = self.failed.iter().map(|(profile, error)| (profile, error)).collect();
        for (profile, sums) in self.sums.iter().flat_map(|sums| sums.iter()) {
            if let Err(error) = sums
                && !failures.iter().any(|(other, _)| *other == profile)
            {
                failures.push((profile, error));
            }
        }
        failures
    }

    /// The states that occur in any profile.
    pub(crate) fn states(&self) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        for sums in self.sums.iter().flat_map(|sums| sums.iter()).filter_map(|(_, sums)| sums.as_ref().ok()) {
            for state in &sums.states {
                if !states.iter().any(|known| known.code == state.code) {
                    states.push(state.clone());
                }
            }
        }
        states
    }

    /// The totals of the profiles of each environment: real money and play money are never added.
    pub(crate) fn totals(&self, peers: &[Peer]) -> Vec<(Environment, ListTotals)> {
        let Some(sums) = &self.sums else { return Vec::new() };
        let of = |environment: Environment| {
            let within = |key: &str| peers.iter().any(|peer| &*peer.key == key && peer.environment == environment);
            let known = sums.iter().filter(|(key, _)| within(key)).filter_map(|(_, sums)| sums.as_ref().ok());
            let (mut groups, mut count, mut any) = (Vec::new(), 0, false);
            for sums in known {
                any = true;
                count += sums.known;
                groups.extend(sums.shown.iter().cloned());
            }
            any.then(|| (environment, ListTotals::of(&groups, count)))
        };
        [Environment::Production, Environment::Sandbox].into_iter().filter_map(of).collect()
    }

    /// Two profiles of one merchant both have rows: those may be the same, so their amounts are not added.
    pub(crate) fn counts_twice(&self, peers: &[Peer]) -> bool {
        let has_rows = |peer: &&Peer| {
            let sums = self.sums.iter().flat_map(|sums| sums.iter()).find(|(key, _)| *key == peer.key);
            sums.is_some_and(|(_, sums)| sums.as_ref().is_ok_and(|sums| sums.shown.iter().any(|group| group.count > 0)))
        };
        let mut merchants: Vec<(&str, Environment)> =
            peers.iter().filter(has_rows).map(|peer| (&*peer.mchid, peer.environment)).collect();
        let all = merchants.len();
        merchants.sort_unstable_by_key(|(mchid, environment)| (*mchid, *environment as u8));
        merchants.dedup();
        merchants.len() < all
    }

    /// How many rows there are in all profiles without the filter.
    pub(crate) fn known(&self) -> Option<u64> {
        let sums = self.sums.as_ref()?;
        Some(sums.iter().filter_map(|(_, sums)| sums.as_ref().ok()).map(|sums| sums.known).sum())
    }

    /// The object under the cursor, if its row is loaded.
    pub(crate) fn chosen(&self) -> Option<(&Arc<str>, &ObjectId)> {
        self.page.selected().map(|row| (&row.profile, &row.row.id))
    }
}

impl Deref for Across {
    type Target = Paged<AcrossRow, AcrossPageRequest>;

    fn deref(&self) -> &Self::Target {
        &self.page
    }
}

impl DerefMut for Across {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.page
    }
}
