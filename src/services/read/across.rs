//! One table over all profiles, newest first: the pages of each profile's table merged by time. Everything is read from
//! the ledger, under the key of the profile that it belongs to; nothing is queried at WeChat Pay.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::ledger::{Anchor, LedgerError, Listed, Sort, SortBy, Stop, TablePage};
use crate::model::filter::Filter;
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};
use crate::services::read::log::{NEWER, Newer};
use crate::services::read::reader::{LedgerReader, Selection, Sums};

/// The order of the table.
const NEWEST_FIRST: Sort = Sort { by: SortBy::Time, descending: true };

/// What the table shows: the rows of a kind in these profiles, by the keys under which the ledger has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrossSelection {
    pub kind: Kind,
    pub filter: Filter,
    pub profiles: Arc<[Arc<str>]>,
}

/// A request for a page of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcrossPageRequest {
    pub selection: AcrossSelection,
    pub anchor: AcrossAnchor,
    /// Rows wanted ahead of the anchor, and from it on.
    pub reach: (usize, usize),
    /// The first row that the operator has seen: the rows that come before it now are counted.
    pub seen: Option<AcrossKey>,
}

/// Where a page is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcrossAnchor {
    Start,
    End,
    /// At this row; at the start if it is unknown.
    At(AcrossKey),
}

/// An object and the profile that it belongs to. Two merchants may have the same number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AcrossKey {
    pub profile: Arc<str>,
    pub id: ObjectId,
}

/// A row with the key of its profile.
#[derive(Clone, Debug, PartialEq)]
pub struct AcrossRow {
    pub profile: Arc<str>,
    pub row: Listed,
}

/// A page of the table.
#[derive(Clone, Debug, Default)]
pub struct AcrossPage {
    pub rows: Vec<AcrossRow>,
    /// The row at the anchor, or the one in its place.
    pub anchor: usize,
    pub at_start: bool,
    pub at_end: bool,
    pub newer: Newer<AcrossKey>,
    /// The profiles whose rows cannot be read, and why.
    pub failed: Vec<(Arc<str>, Arc<LedgerError>)>,
}

/// The sums of each profile, or why they cannot be read.
pub type AcrossSums = Vec<(Arc<str>, Result<Sums, Arc<LedgerError>>)>;

impl AcrossRow {
    fn order(&self) -> (bool, Reverse<Option<Timestamp>>, &str) {
        let time = time(&self.row);
        (time.is_none(), Reverse(time), &self.profile)
    }
}

fn time(row: &Listed) -> Option<Timestamp> {
    row.seen.as_ref().and_then(|seen| seen.summary.time)
}

impl LedgerReader {
    /// Reads a page. A profile that cannot be read does not hide the others.
    pub(crate) fn across(
        &self,
        request: &AcrossPageRequest,
        now: Timestamp,
        stop: &Stop,
    ) -> Result<AcrossPage, LedgerError> {
        let mut page = self.merged(request, now, stop)?;
        if !page.at_start {
            page.newer = match &request.seen {
                Some(seen) => {
                    let anchor = AcrossAnchor::At(seen.clone());
                    let ahead = AcrossPageRequest { anchor, reach: (NEWER, 0), ..request.clone() };
                    Newer { first: None, count: self.merged(&ahead, now, stop)?.rows.len() }
                }
                None => {
                    let start = AcrossPageRequest { anchor: AcrossAnchor::Start, reach: (0, 1), ..request.clone() };
                    let first = self.merged(&start, now, stop)?.rows.into_iter().next();
                    Newer { first: first.map(|row| AcrossKey { profile: row.profile, id: row.row.id }), count: 0 }
                }
            };
        }
        Ok(page)
    }

    /// The sums of each profile's rows.
    pub(crate) fn across_sums(
        &self,
        selection: &AcrossSelection,
        now: Timestamp,
        stop: &Stop,
    ) -> Result<AcrossSums, LedgerError> {
        let of = Selection { kind: selection.kind, filter: selection.filter.clone(), sort: NEWEST_FIRST };
        let sums = selection.profiles.iter().map(|profile| {
            let sums = unless_stopped(self.of(profile).sums(&of, now, stop))?;
            Ok((profile.clone(), sums.map_err(|error| Arc::new(self.named(error)))))
        });
        sums.collect()
    }

    /// The same ledger, read for another profile.
    fn of(&self, profile: &Arc<str>) -> Self {
        Self { ledger: self.ledger.clone(), profile: profile.clone() }
    }

    fn merged(&self, request: &AcrossPageRequest, now: Timestamp, stop: &Stop) -> Result<AcrossPage, LedgerError> {
        let AcrossPageRequest { selection, anchor, reach, .. } = request;
        let at = self.place(anchor, stop);
        // Without a place the page begins at the start.
        let (before, after) = match (anchor, &at) {
            (AcrossAnchor::End, _) => (reach.0.saturating_add(reach.1), 0),
            (_, None) => (0, reach.0.saturating_add(reach.1)),
            (_, Some(_)) => *reach,
        };
        let mut page = AcrossPage { at_start: true, at_end: true, ..AcrossPage::default() };
        let (mut ahead, mut from) = (Vec::new(), Vec::new());
        for profile in selection.profiles.iter() {
            let anchor = match (anchor, &at) {
                (AcrossAnchor::End, _) => Anchor::End,
                (_, None) => Anchor::Start,
                (_, Some((key, _))) if key.profile == *profile => Anchor::At(key.id.clone()),
                // Rows of one time are in the order of their profiles.
                (_, Some((key, time))) => Anchor::Beside { time: *time, behind: *profile < key.profile },
            };
            // The cursor's row is wanted even if it does not pass the filter.
            let kept = at.as_ref().filter(|(key, _)| key.profile == *profile).map(|(key, _)| &key.id);
            let reader = self.of(profile);
            let read = || -> Result<TablePage, LedgerError> {
                let of = Selection { kind: selection.kind, filter: selection.filter.clone(), sort: NEWEST_FIRST };
                let query = reader.query(&of, now)?;
                reader.ledger.window(profile, &query, &anchor, (before, after), kept, stop)
            };
            let found = match unless_stopped(read())? {
                Ok(found) => found,
                Err(error) => {
                    page.failed.push((profile.clone(), Arc::new(self.named(error))));
                    continue;
                }
            };
            page.at_start &= found.at_start;
            page.at_end &= found.at_end;
            let rows = found.rows.into_iter().map(|row| AcrossRow { profile: profile.clone(), row });
            let split = if matches!(anchor, Anchor::End) { usize::MAX } else { found.anchor };
            for (place, row) in rows.enumerate() {
                if place < split { &mut ahead } else { &mut from }.push(row);
            }
        }
        // Each profile's rows are in order, and rows that are alike stay in the order of their profile.
        ahead.sort_by(|a, b| a.order().cmp(&b.order()));
        from.sort_by(|a, b| a.order().cmp(&b.order()));
        page.at_start &= ahead.len() <= before;
        page.at_end &= from.len() <= after;
        ahead.drain(..ahead.len().saturating_sub(before));
        from.truncate(after);
        page.anchor = if matches!(anchor, AcrossAnchor::End) { ahead.len().saturating_sub(1) } else { ahead.len() };
        page.rows = ahead;
        page.rows.append(&mut from);
        Ok(page)
    }

    /// The row of an anchor and its time, if the ledger has it.
    fn place(&self, anchor: &AcrossAnchor, stop: &Stop) -> Option<(AcrossKey, Option<Timestamp>)> {
        let AcrossAnchor::At(key) = anchor else { return None };
        let query = crate::ledger::Query { kind: key.id.kind, conditions: Vec::new(), sort: NEWEST_FIRST };
        let at = Anchor::At(key.id.clone());
        let page = self.ledger.window(&key.profile, &query, &at, (0, 1), None, stop).ok()?;
        let row = page.rows.into_iter().next().filter(|row| row.id == key.id)?;
        Some((key.clone(), time(&row)))
    }
}

/// A newer request has replaced this one: nothing more is read.
fn unless_stopped<T>(result: Result<T, LedgerError>) -> Result<Result<T, LedgerError>, LedgerError> {
    match result {
        Err(LedgerError::Stopped) => Err(LedgerError::Stopped),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests;
