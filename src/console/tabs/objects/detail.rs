//! The detail while it has the keys: which object, which page, where on it.

use crate::model::{DatedEvent, Link};
use crate::services::{EntryKind, TimelineEntry};
use std::sync::Arc;

use crate::ledger::WholeEvent;
use crate::model::ObjectId;
use crate::model::diff::Difference;

/// Objects that are remembered to go back to.
const REMEMBERED: usize = 50;

/// The detail while it has the keys. It stays with its object, whatever the table does.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    pub of: ObjectId,
    pub scroll: usize,
    /// The line that is selected, by its id; the first until one was.
    pub line_id: Option<LineId>,
    /// The version that another is to be compared with.
    pub marked: Option<i64>,
    /// What lies over the timeline.
    pub opened: Option<OpenedDetail>,
    /// The objects that led here, the latest last.
    pub came_from: Vec<ObjectId>,
}

/// What a line of the timeline was opened to.
#[derive(Clone, Debug, PartialEq)]
pub enum OpenedDetail {
    /// Two versions of an object; without the earlier one, all that was there at first.
    Compared { of: ObjectId, before: Option<i64>, after: i64, result: ComparisonResult },
    /// An entry of the journal.
    Entry(i64),
    /// A notification.
    Notification(i64, Payload),
}

/// What is kept of a notification, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    NotYet,
    Gone,
    There(Arc<WholeEvent>),
}

/// How two versions differ, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum ComparisonResult {
    NotYet,
    /// A document cannot be read.
    Unreadable,
    Differences(Arc<Vec<Difference>>),
}

impl Detail {
    pub fn new(of: ObjectId) -> Self {
        Self { of, scroll: 0, line_id: None, marked: None, opened: None, came_from: Vec::new() }
    }

    /// Where one has come from once one has left this detail for another object.
    pub fn trail(mut self) -> Vec<ObjectId> {
        if self.came_from.len() >= REMEMBERED {
            self.came_from.remove(0);
        }
        self.came_from.push(self.of);
        self.came_from
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

    /// The page so many further, around the end.
    pub fn turned(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }

    /// True if lines are selected on it.
    pub fn has_spots(self) -> bool {
        matches!(self, Self::Timeline | Self::Related)
    }
}

/// The record behind a line that can be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineId {
    Version(i64),
    Entry(i64),
    /// A notification.
    Event(i64),
    /// What a row of a bill says of an object; the row's name.
    Row(ObjectId, String),
    Dated(ObjectId, Box<DatedEvent>),
    Noted(ObjectId),
    Object(ObjectId),
    Unmet(Link),
}

impl LineId {
    /// What a moment's line is selected by.
    pub fn of(moment: &TimelineEntry<'_>) -> Self {
        let of = || moment.of.clone();
        match &moment.what {
            EntryKind::Version { version, .. } => Self::Version(version.id),
            EntryKind::Entry(entry) => Self::Entry(entry.id),
            EntryKind::Event(event, _) => Self::Event(event.id),
            EntryKind::Row(claim, _) => Self::Row(of(), claim.reference.clone()),
            EntryKind::Dated(dated) => Self::Dated(of(), Box::new((*dated).clone())),
            EntryKind::Noted(_) => Self::Noted(of()),
        }
    }
}
