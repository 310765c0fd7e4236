//! The state of the detail: its object, its page, and the selected line.

use crate::model::{DatedEvent, Link};
use crate::services::{EntryKind, TimelineEntry};
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::console::tabs::objects::find::Needle;
use crate::ledger::WholeEvent;
use crate::model::ObjectId;
use crate::model::diff::Difference;

/// The detail while it receives the keys. It stays on its object, whatever the table does.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub of: ObjectId,
    /// Chosen for this visit.
    pub page: DetailPage,
    pub scroll: usize,
    /// The selected line; `None` for the first.
    pub line_id: Option<LineId>,
    /// The marked version, to be compared with another.
    pub marked: Option<i64>,
    /// The opened line of the timeline, or the comparison of two objects.
    pub opened: Option<OpenedDetail>,
    /// What is searched for on its pages.
    pub needle: Option<Needle>,
    /// What of the document is folded, by path.
    pub folded: BTreeSet<String>,
}

/// An opened line of the timeline, or the comparison of two objects.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenedDetail {
    /// Two versions of an object, or all of the first version if there is no earlier one.
    Compared { of: ObjectId, before: Option<i64>, after: i64, result: ComparisonResult },
    /// The latest documents of two objects. The detail is that of the second one.
    Objects { before: ObjectId, after: ObjectId, result: ComparisonResult },
    /// An entry of the journal.
    Entry(i64),
    /// A notification.
    Notification(i64, Payload),
}

/// A stored notification, once it has been read.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    NotYet,
    Gone,
    There(Arc<WholeEvent>),
}

/// The differences between two documents, once they have been read.
#[derive(Clone, Debug, PartialEq)]
pub enum ComparisonResult {
    NotYet,
    /// A document cannot be read.
    Unreadable,
    Differences(Arc<Vec<Difference>>),
}

impl Detail {
    pub fn new(of: ObjectId) -> Self {
        let page = DetailPage::default();
        let folded = BTreeSet::new();
        Self { of, page, scroll: 0, line_id: None, marked: None, opened: None, needle: None, folded }
    }
}

/// A page of the detail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailPage {
    #[default]
    Overview,
    Timeline,
    Related,
    Raw,
}

impl DetailPage {
    pub const ALL: [Self; 4] = [Self::Overview, Self::Timeline, Self::Related, Self::Raw];

    /// The page this many steps further, wrapping around.
    pub(crate) fn turned(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }

    /// True if the page has lines to select.
    pub(crate) fn has_selectable_lines(self) -> bool {
        !matches!(self, Self::Overview)
    }
}

/// The record behind a line that can be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineId {
    Version(i64),
    Entry(i64),
    /// A notification.
    Event(i64),
    /// A claim of a bill's row about an object, by the row's name.
    Row(ObjectId, String),
    Dated(ObjectId, Box<DatedEvent>),
    Noted(ObjectId),
    Object(ObjectId),
    Unresolved(Link),
    /// A value of the document, by its path.
    Json(String),
}

impl LineId {
    /// The id of the line of a timeline entry.
    pub fn of(entry: &TimelineEntry<'_>) -> Self {
        let of = || entry.of.clone();
        match &entry.what {
            EntryKind::Version { version, .. } => Self::Version(version.id),
            EntryKind::Entry(entry) => Self::Entry(entry.id),
            EntryKind::Event(event, _) => Self::Event(event.id),
            EntryKind::Row(claim, _) => Self::Row(of(), claim.reference.clone()),
            EntryKind::Dated(dated) => Self::Dated(of(), Box::new((*dated).clone())),
            EntryKind::Noted(_) => Self::Noted(of()),
        }
    }
}
