//! The state of the inbox: its table, and the line whose detail receives the keys.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::console::app::throttle::Throttle;
use crate::console::tabs::inbox::payload::PayloadLayout;
use crate::console::tabs::log::Log;
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::paged::Keyed;
use crate::ledger::{EventRow, WholeEvent};
use crate::model::time::{Duration, Timestamp};
use crate::services::{InboxFilter, InboxPage, InboxPageRequest, Listening, ReplayError, Replayed};

/// The minimum time between two readings of the table, however much is received.
const READ_EVERY: Duration = Duration::milliseconds(250);

impl Keyed for EventRow {
    type Key = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn is(&self, key: &i64) -> bool {
        self.id == *key
    }
}

/// The state of the tab of the inbox.
#[derive(Clone, Debug)]
pub struct InboxState {
    log: Log<EventRow, InboxFilter>,
    throttle: Throttle,
    /// True while the disagreements are shown instead of the inbox.
    pub disputing: bool,
    /// The scroll position of the detail, while it receives the keys.
    pub reading: Option<usize>,
    pub page: EventPage,
    /// Lines that are new or were received again, and since when they are highlighted.
    changes: HashMap<i64, Timestamp>,
    opened: Option<OpenedEvent>,
    /// The requested line, with its number of deliveries and its slowest answer at that time: it is read again when
    /// they change.
    asked: Option<(i64, u64, Option<u64>)>,
    /// The line that the ledger has read in full, or found to be missing.
    answered: Option<i64>,
    /// The status of receiving, once the session has reported it.
    pub listening: Option<Listening>,
    /// The URL of the latest replay.
    pub replay_url: String,
    /// The results of replays, by line.
    pub replays: HashMap<i64, Replaying>,
}

/// A line that was read in full, and its layout.
#[derive(Clone, Debug)]
struct OpenedEvent {
    event: Arc<WholeEvent>,
    layout: PayloadLayout,
}

/// A replay of a line.
#[derive(Clone, Debug)]
pub struct Replaying {
    pub url: String,
    pub at: Timestamp,
    /// `None` until there is an answer or an error.
    pub result: Option<Result<Replayed, Arc<ReplayError>>>,
}

/// A page of a line's detail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventPage {
    #[default]
    Overview,
    /// The decrypted resource.
    Payload,
    /// The request as received.
    Raw,
    /// The deliveries.
    Deliveries,
}

impl EventPage {
    pub const ALL: [Self; 4] = [Self::Overview, Self::Payload, Self::Raw, Self::Deliveries];

    /// The page this many steps further, wrapping around.
    pub(crate) fn turned(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }

    /// The message of its name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overview => "page-overview",
            Self::Payload => "page-payload",
            Self::Raw => "page-raw",
            Self::Deliveries => "page-deliveries",
        }
    }
}

impl Default for InboxState {
    fn default() -> Self {
        Self {
            log: Log::default(),
            throttle: Throttle::new(READ_EVERY, false),
            disputing: false,
            reading: None,
            page: EventPage::default(),
            changes: HashMap::new(),
            opened: None,
            asked: None,
            answered: None,
            listening: None,
            replay_url: String::new(),
            replays: HashMap::new(),
        }
    }
}

impl InboxState {
    /// To be called when the inbox has changed.
    pub(crate) fn mark_stale(&mut self) {
        self.throttle.want();
    }

    /// The page to query now, if any.
    pub fn ask(&mut self, now: Timestamp) -> Option<InboxPageRequest> {
        if self.throttle.take(now) {
            self.log.look_again();
        }
        self.log.ask()
    }

    /// Stores a page of the inbox, unless another was requested since. New lines are highlighted, but not those that
    /// are only loaded because the table was scrolled.
    pub fn show(&mut self, request: &InboxPageRequest, window: InboxPage, now: Timestamp) {
        let Some(before) = self.log.show(request, window, |row| row) else { return };
        let newest = before.iter().map(|row| row.id).max().unwrap_or(0);
        let old: HashMap<i64, u64> = before.iter().map(|row| (row.id, row.attempts)).collect();
        let changed = |row: &&EventRow| match old.get(&row.id) {
            Some(attempts) => *attempts != row.attempts,
            None => row.id > newest,
        };
        let changed: Vec<i64> = self.log.rows().iter().filter(changed).map(|row| row.id).collect();
        self.changes.extend(changed.into_iter().map(|id| (id, Highlight::born(now))));
    }

    /// How far the highlight of a line has faded.
    pub fn changed(&self, id: i64, now: Timestamp) -> Option<Highlight> {
        Highlight::of(*self.changes.get(&id)?, now)
    }

    /// Drops changes whose highlight has faded; returns when the screen changes next, or the table is to be read again.
    pub(crate) fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.changes.retain(|_, at| Highlight::of(*at, now).is_some());
        let next = |at: &Timestamp| Highlight::next(*at, now);
        self.changes.values().filter_map(next).chain(self.throttle.due()).min()
    }

    /// The line whose detail is shown, if it is to be read in full now.
    pub(crate) fn ask_whole(&mut self, shown: bool) -> Option<i64> {
        let row = self.log.selected().filter(|_| shown)?;
        let wanted = (row.id, row.attempts, row.slowest);
        if self.asked == Some(wanted) {
            return None;
        }
        self.asked = Some(wanted);
        Some(row.id)
    }

    /// The ledger has read a line in full.
    pub fn open(&mut self, id: i64, event: Option<Arc<WholeEvent>>) {
        if self.asked.is_some_and(|(asked, ..)| asked == id) {
            self.answered = Some(id);
            self.opened = event.map(|event| OpenedEvent { layout: PayloadLayout::default(), event });
        }
    }

    /// Lays the opened line out in this many columns, if it is not yet.
    pub(crate) fn lay_out(&mut self, width: usize) {
        if let Some(OpenedEvent { event, layout }) = &mut self.opened
            && layout.width != width
        {
            *layout = PayloadLayout::lay_out(event, width);
        }
    }

    /// The line under the cursor in full, once the ledger has read it.
    pub fn whole(&self) -> Option<&Arc<WholeEvent>> {
        Some(&self.opened()?.event)
    }

    /// Its layout.
    pub fn layout(&self) -> Option<&PayloadLayout> {
        Some(&self.opened()?.layout)
    }

    fn opened(&self) -> Option<&OpenedEvent> {
        self.opened.as_ref().filter(|opened| Some(opened.event.row.id) == self.log.cursor())
    }

    /// True until the ledger has read the line under the cursor in full.
    pub(crate) fn awaits_whole(&self) -> bool {
        self.log.cursor().is_some() && self.answered != self.log.cursor()
    }
}

impl Deref for InboxState {
    type Target = Log<EventRow, InboxFilter>;

    fn deref(&self) -> &Self::Target {
        &self.log
    }
}

impl DerefMut for InboxState {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.log
    }
}
