//! The state of the console, in one place on one task. It is made of small states; only `update` changes it.

pub mod dialog;
pub mod list;
pub mod toast;

use std::collections::{BTreeMap, BTreeSet};

use crate::console::keys::Key;
use crate::console::row::{Row, RowKey};
use crate::console::tabs::TABS;
use crate::console::theme::Theme;
use crate::console::{Account, Start};
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::model::action::{ActionId, Operation, Values};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, ObjectId};
use crate::services::{Health, Ticket};

use dialog::Dialog;
use list::List;
use toast::Toasts;

/// From how many columns on the detail stands beside the table.
pub const WIDE: u16 = 160;

/// Everything the screen shows.
#[derive(Clone, Debug)]
pub struct State {
    pub lang: Lang,
    pub theme: Theme,
    pub no_color: bool,
    /// The latest time a message brought.
    pub now: Timestamp,
    pub stage: Stage,
    /// Counts the accounts opened; what an earlier one still says is dropped.
    pub generation: u64,
    /// Names of the profiles there are.
    pub profiles: Vec<String>,
    pub tab: usize,
    pub lists: Vec<List>,
    /// Present while the detail has the keys.
    pub detail: Option<Detail>,
    pub page: DetailPage,
    /// Top is last.
    pub dialogs: Vec<Dialog>,
    pub toasts: Toasts,
    pub health: Health,
    pub flights: BTreeMap<u64, Operation>,
    /// Operations whose outcome nobody knows yet, by the name they flew under.
    pub unresolved: BTreeMap<u64, Operation>,
    /// Objects with an open journal entry, from this run and earlier ones.
    pub open_entries: BTreeSet<ObjectId>,
    pub next_ticket: u64,
    /// Forms left half filled.
    pub drafts: BTreeMap<(ObjectId, ActionId), Values>,
    pub first_run: bool,
    /// The key being handled.
    pub pressed: Option<Key>,
    /// The key that closed a confirmation, and when it was last pressed.
    pub deaf: Option<(Key, Timestamp)>,
    pub size: (u16, u16),
    /// What the last frame had room for.
    pub room: Room,
}

/// How far the account is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Being opened; the profile's name if one was asked for.
    Opening(Option<String>),
    Open(Account),
    /// It could not be opened; the profile's name if one was asked for.
    Failed(Explanation, Option<String>),
}

/// The detail while it has the keys. It stays with its object, whatever the table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    pub of: RowKey,
    pub scroll: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailPage {
    #[default]
    Overview,
    Raw,
}

impl DetailPage {
    pub const ALL: [Self; 2] = [Self::Overview, Self::Raw];

    pub fn other(self) -> Self {
        match self {
            Self::Overview => Self::Raw,
            Self::Raw => Self::Overview,
        }
    }
}

/// What the last frame had room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The first row of the table that is seen, counted from the top of its order.
    pub first: usize,
    /// Rows of the table.
    pub rows: usize,
    /// Lines of the detail.
    pub detail: usize,
    /// How far the detail, or the dialog on top, can be scrolled.
    pub scroll: usize,
}

impl State {
    pub fn new(start: &Start, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            lang: start.lang,
            theme: start.theme,
            no_color: start.no_color,
            now,
            stage: Stage::Opening(start.profile.clone()),
            generation: 0,
            profiles: Vec::new(),
            tab: 0,
            lists: Kind::ALL.map(List::new).into(),
            detail: None,
            page: DetailPage::default(),
            dialogs: Vec::new(),
            toasts: Toasts::default(),
            health: Health::default(),
            flights: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            open_entries: BTreeSet::new(),
            next_ticket: 1,
            drafts: BTreeMap::new(),
            first_run: start.first_run,
            pressed: None,
            deaf: None,
            size,
            room: Room { first: 0, rows: 10, detail: 10, scroll: usize::MAX },
        }
    }

    pub fn account(&self) -> Option<&Account> {
        match &self.stage {
            Stage::Open(account) => Some(account),
            _ => None,
        }
    }

    pub fn is_wide(&self) -> bool {
        self.size.0 >= WIDE
    }

    /// The kind on the current tab.
    pub fn kind(&self) -> Kind {
        TABS[self.tab].kind
    }

    pub fn list(&self) -> &List {
        self.list_of(self.kind())
    }

    pub fn list_mut(&mut self) -> &mut List {
        self.list_of_mut(self.kind())
    }

    pub fn list_of(&self, kind: Kind) -> &List {
        // `lists` has one entry for each of `Kind::ALL`, in that order.
        &self.lists[kind as usize]
    }

    pub fn list_of_mut(&mut self, kind: Kind) -> &mut List {
        &mut self.lists[kind as usize]
    }

    /// The row that commands are about: the one whose detail has the keys, else the one under the cursor.
    pub fn subject(&self) -> Option<&Row> {
        match self.detail {
            Some(detail) => self.list().row(detail.of),
            None => self.list().selected(),
        }
    }

    /// The row of an object.
    pub fn row(&self, id: &ObjectId) -> Option<&Row> {
        let list = self.list_of(id.kind);
        list.row(list.find(&id.number)?)
    }

    pub fn row_mut(&mut self, id: &ObjectId) -> Option<&mut Row> {
        let list = self.list_of_mut(id.kind);
        let key = list.find(&id.number)?;
        list.row_mut(key)
    }

    /// Notes an operation as under way and gives it a name.
    pub fn take_off(&mut self, operation: Operation) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        if let Some(row) = self.row_mut(&operation.object) {
            row.in_flight = true;
        }
        self.flights.insert(ticket.0, operation);
        ticket
    }

    /// The operation came to an end, or to an outcome that nobody knows; then its end is told later.
    pub fn land(&mut self, ticket: Ticket, known: bool) -> Option<Operation> {
        let operation = self.flights.remove(&ticket.0).or_else(|| self.unresolved.remove(&ticket.0))?;
        if !known {
            self.unresolved.insert(ticket.0, operation.clone());
        }
        self.mark(&operation.object);
        Some(operation)
    }

    /// Takes over which journal entries are open, from this run and earlier ones.
    pub fn take_open_entries(&mut self, open: BTreeSet<ObjectId>) {
        let before = std::mem::replace(&mut self.open_entries, open);
        let touched: Vec<ObjectId> = before.union(&self.open_entries).cloned().collect();
        touched.iter().for_each(|id| self.mark(id));
    }

    /// The journal's entry on an object has ended.
    pub fn close_entry(&mut self, id: &ObjectId) {
        self.unresolved.retain(|_, operation| operation.object != *id);
        self.open_entries.remove(id);
        self.mark(id);
    }

    /// Sets the marks of a row by what is known of its object's actions.
    pub fn mark(&mut self, id: &ObjectId) {
        let among = |all: &BTreeMap<u64, Operation>| all.values().any(|operation| operation.object == *id);
        let unresolved = among(&self.unresolved) || self.open_entries.contains(id);
        let in_flight = among(&self.flights);
        if let Some(row) = self.row_mut(id) {
            (row.in_flight, row.unresolved) = (in_flight, unresolved);
        }
    }

    /// Lets pass what passes with time; says when the screen will look different although nothing happens.
    pub fn fade(&mut self) -> Option<Timestamp> {
        let now = self.now;
        let toasts = self.toasts.fade(now);
        let changes = self.list_mut().fade(now);
        let ages = (!self.list().is_empty()).then(|| next_minute(now));
        [toasts, changes, ages].into_iter().flatten().min()
    }
}

/// Ages are told in minutes; they roll over together, once a minute.
fn next_minute(now: Timestamp) -> Timestamp {
    now + Duration::seconds(60 - now.unix_timestamp().rem_euclid(60))
}
