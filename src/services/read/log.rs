//! Lists that the ledger numbers in the order of arrival and shows newest first: the journal and the inbox. However
//! long such a list is, one page of it is read.

use crate::ledger::LedgerError;

/// A request for a page of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPageRequest<F> {
    pub filter: F,
    pub anchor: LogAnchor,
    /// Lines wanted on either side of the anchor.
    pub reach: usize,
    /// The newest line that the operator has seen: the lines newer than it are counted.
    pub seen: Option<i64>,
}

/// Where a page is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogAnchor {
    Newest,
    Oldest,
    /// Around the line of this number, whether it passes the filter or not.
    At(i64),
}

/// A page of a log, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage<R> {
    pub rows: Vec<R>,
    pub at_newest: bool,
    pub at_oldest: bool,
    /// What is newer than this page. Read only for a page that is not the newest.
    pub newer: Newer<i64>,
}

/// What comes before a page of a list that is shown newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer<K> {
    /// The first row of the list.
    pub first: Option<K>,
    /// How many rows come before the one that the operator has seen, at most [`NEWER`].
    pub count: usize,
}

impl<K> Default for Newer<K> {
    fn default() -> Self {
        Self { first: None, count: 0 }
    }
}

/// No more newer rows are counted than this.
pub const NEWER: usize = 999;

/// Bounds of a read: lines older than the first number, or newer than the second, no more than so many.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub before: Option<i64>,
    pub after: Option<i64>,
    pub limit: usize,
}

/// Reads a page: what is newer than the anchor, and what is not.
pub(crate) fn stretch<R>(
    anchor: LogAnchor,
    reach: usize,
    seen: Option<i64>,
    id: impl Fn(&R) -> i64,
    read: impl Fn(Bounds) -> Result<Vec<R>, LedgerError>,
) -> Result<LogPage<R>, LedgerError> {
    // One more than wanted is read, to find out whether there are more.
    let limit = reach + 1;
    let newer = match anchor {
        LogAnchor::Newest => None,
        LogAnchor::At(id) => Some(id),
        LogAnchor::Oldest => Some(0),
    };
    let older = match anchor {
        LogAnchor::Newest => Some(None),
        LogAnchor::At(id) => Some(Some(id.saturating_add(1))),
        LogAnchor::Oldest => None,
    };
    let newer = newer.map(|after| read(Bounds { before: None, after: Some(after), limit }));
    let mut rows = newer.transpose()?.unwrap_or_default();
    let at_newest = rows.len() <= reach;
    rows.drain(..rows.len().saturating_sub(reach));
    let older = older.map(|before| read(Bounds { before, after: None, limit }));
    let mut more = older.transpose()?.unwrap_or_default();
    let at_oldest = more.len() <= reach;
    more.truncate(reach);
    rows.append(&mut more);
    let newer = match (at_newest, seen) {
        (true, _) => Newer::default(),
        (false, None) => {
            let first = read(Bounds { limit: 1, ..Bounds::default() })?;
            Newer { first: first.first().map(id), count: 0 }
        }
        (false, Some(_)) => {
            Newer { first: None, count: read(Bounds { before: None, after: seen, limit: NEWER })?.len() }
        }
    };
    Ok(LogPage { rows, at_newest, at_oldest, newer })
}
