//! The journal's table: a window on the ledger's entries around the cursor, newest first. It only reads.

use crate::console::entry::Entry;
use crate::services::{JournalAnchor, JournalFilter, JournalGlance, JournalWindow};

/// Entries asked for on either side of the cursor, and how near to the end of them the next are asked for.
const REACH: usize = 200;
const MARGIN: usize = 80;

/// The table of the journal, and the entry whose detail has the keys.
#[derive(Clone, Debug)]
pub struct Journal {
    entries: Vec<Entry>,
    at_newest: bool,
    at_oldest: bool,
    /// Where the first entry of the window stands, counted so that the cursor's entry keeps its place.
    base: i64,
    /// The number of the entry on which the cursor stands.
    cursor: Option<i64>,
    /// The operator has been here. Until then the cursor is on the newest entry, whichever that is.
    touched: bool,
    filter: JournalFilter,
    /// How far the detail is scrolled, while it has the keys.
    pub reading: Option<usize>,
    wanted: Option<Wanted>,
    asked: Option<JournalGlance>,
    on_its_way: bool,
    /// The ledger has answered at least once.
    read: bool,
}

/// A look at the ledger that is still to be taken.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    anchor: JournalAnchor,
    /// It does not wait for the answer to the look before.
    urgent: bool,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            at_newest: true,
            at_oldest: true,
            base: 0,
            cursor: None,
            touched: false,
            filter: JournalFilter::default(),
            reading: None,
            wanted: Some(Wanted { anchor: JournalAnchor::Newest, urgent: false }),
            asked: None,
            on_its_way: false,
            read: false,
        }
    }
}

impl Journal {
    /// The entries near the cursor, newest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the first of the entries stands; lines are counted from the same point.
    pub fn base(&self) -> i64 {
        self.base
    }

    /// False until the ledger has told what there is.
    pub fn is_read(&self) -> bool {
        self.read
    }

    pub fn filter(&self) -> &JournalFilter {
        &self.filter
    }

    pub fn is_filtered(&self) -> bool {
        self.filter != JournalFilter::default()
    }

    pub fn cursor(&self) -> Option<i64> {
        self.cursor
    }

    pub fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.position_of(self.cursor?)?)
    }

    /// The cursor's line among the entries.
    pub fn position(&self) -> usize {
        self.cursor.and_then(|number| self.position_of(number)).unwrap_or(0)
    }

    fn position_of(&self, number: i64) -> Option<usize> {
        self.entries.iter().position(|entry| entry.number == number)
    }

    /// From now on the cursor stays on its entry.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Moves the cursor by lines, as far as there are entries.
    pub fn move_by(&mut self, lines: isize) {
        let line = self.position().saturating_add_signed(lines).min(self.entries.len().saturating_sub(1));
        self.cursor = self.entries.get(line).map(|entry| entry.number);
        let near_newest = line < MARGIN && !self.at_newest;
        let near_oldest = line + MARGIN >= self.entries.len() && !self.at_oldest;
        if near_newest || near_oldest {
            self.look_again();
        }
    }

    pub fn move_to_newest(&mut self) {
        self.wanted = Some(Wanted { anchor: JournalAnchor::Newest, urgent: true });
    }

    pub fn move_to_oldest(&mut self) {
        self.wanted = Some(Wanted { anchor: JournalAnchor::Oldest, urgent: true });
    }

    /// Goes to an entry that is at hand.
    pub fn go_to(&mut self, number: i64) {
        self.touched = true;
        self.cursor = Some(number);
        self.move_by(0);
    }

    /// Shows other entries; the cursor stays where it can.
    pub fn set_filter(&mut self, filter: JournalFilter) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        let anchor = self.here();
        self.wanted = Some(Wanted { anchor, urgent: true });
    }

    /// Shows the entries that pass a filter from the newest on.
    pub fn search(&mut self, filter: JournalFilter) {
        self.filter = filter;
        (self.cursor, self.touched, self.reading) = (None, false, None);
        self.move_to_newest();
    }

    /// There may be new entries, or new outcomes.
    pub fn look_again(&mut self) {
        // Whoever is on the way elsewhere gets there first.
        if self.wanted.is_none() {
            let anchor = self.here();
            self.wanted = Some(Wanted { anchor, urgent: false });
        }
    }

    fn here(&self) -> JournalAnchor {
        self.cursor.filter(|_| self.touched).map_or(JournalAnchor::Newest, JournalAnchor::At)
    }

    /// True until the ledger has answered to what the operator asked for.
    pub fn is_on_its_way(&self) -> bool {
        !self.read || self.on_its_way || self.wanted.is_some_and(|wanted| wanted.urgent)
    }

    /// What is to be asked of the ledger now.
    pub fn ask(&mut self) -> Option<JournalGlance> {
        let wanted = self.wanted.take_if(|wanted| wanted.urgent || self.asked.is_none())?;
        let glance = JournalGlance { filter: self.filter.clone(), anchor: wanted.anchor, reach: REACH };
        self.asked = Some(glance.clone());
        self.on_its_way = wanted.urgent;
        Some(glance)
    }

    /// Takes in a stretch of the journal, unless another was asked for since.
    pub fn show(&mut self, glance: &JournalGlance, window: JournalWindow) {
        if self.asked.as_ref() != Some(glance) {
            return;
        }
        (self.asked, self.on_its_way, self.read) = (None, false, true);
        let before = self.position();
        self.entries = window.entries.into_iter().map(Entry::read).collect();
        (self.at_newest, self.at_oldest) = (window.at_newest, window.at_oldest);
        let last = self.entries.len().saturating_sub(1);
        let after = match glance.anchor {
            JournalAnchor::Newest => 0,
            JournalAnchor::Oldest => last,
            // Where the cursor has moved meanwhile; if that entry is not shown, the next older one.
            JournalAnchor::At(number) => {
                let number = self.cursor.unwrap_or(number);
                self.entries.iter().position(|entry| entry.number <= number).unwrap_or(last)
            }
        };
        self.cursor = self.entries.get(after).map(|entry| entry.number);
        let signed = |line: usize| i64::try_from(line).unwrap_or(0);
        self.base += signed(before) - signed(after);
    }
}
