//! The table of a log: a window on its lines around the cursor, newest first. It only reads.

use crate::services::{LogAnchor, LogGlance, LogWindow};

/// Lines asked for on either side of the cursor, and how near to the end of them the next are asked for.
const REACH: usize = 200;
const MARGIN: usize = 80;

/// What the ledger numbers.
pub trait Numbered {
    fn number(&self) -> i64;
}

/// The table of a log.
#[derive(Clone, Debug)]
pub struct Log<R, F> {
    rows: Vec<R>,
    at_newest: bool,
    at_oldest: bool,
    /// Where the first line of the window stands, counted so that the cursor's line keeps its place.
    base: i64,
    /// The number of the line on which the cursor stands.
    cursor: Option<i64>,
    /// The operator has been here. Until then the cursor is on the newest line, whichever that is.
    touched: bool,
    filter: F,
    wanted: Option<Wanted>,
    asked: Option<LogGlance<F>>,
    on_its_way: bool,
    /// The ledger has answered at least once.
    read: bool,
}

/// A look at the ledger that is still to be taken.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    anchor: LogAnchor,
    /// It does not wait for the answer to the look before.
    urgent: bool,
}

impl<R, F: Default> Default for Log<R, F> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            at_newest: true,
            at_oldest: true,
            base: 0,
            cursor: None,
            touched: false,
            filter: F::default(),
            wanted: Some(Wanted { anchor: LogAnchor::Newest, urgent: false }),
            asked: None,
            on_its_way: false,
            read: false,
        }
    }
}

impl<R: Numbered, F: Clone + Default + PartialEq> Log<R, F> {
    /// The lines near the cursor, newest first.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Where the first of the lines stands; places on the screen are counted from the same point.
    pub fn base(&self) -> i64 {
        self.base
    }

    /// False until the ledger has told what there is.
    pub fn is_read(&self) -> bool {
        self.read
    }

    pub fn filter(&self) -> &F {
        &self.filter
    }

    pub fn is_filtered(&self) -> bool {
        self.filter != F::default()
    }

    pub fn cursor(&self) -> Option<i64> {
        self.cursor
    }

    pub fn selected(&self) -> Option<&R> {
        self.rows.get(self.position_of(self.cursor?)?)
    }

    /// The cursor's place among the lines.
    pub fn position(&self) -> usize {
        self.cursor.and_then(|number| self.position_of(number)).unwrap_or(0)
    }

    fn position_of(&self, number: i64) -> Option<usize> {
        self.rows.iter().position(|row| row.number() == number)
    }

    /// From now on the cursor stays on its line.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Moves the cursor, as far as there are lines.
    pub fn move_by(&mut self, lines: isize) {
        let line = self.position().saturating_add_signed(lines).min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(line).map(Numbered::number);
        let near_newest = line < MARGIN && !self.at_newest;
        let near_oldest = line + MARGIN >= self.rows.len() && !self.at_oldest;
        if near_newest || near_oldest {
            self.look_again();
        }
    }

    pub fn move_to_newest(&mut self) {
        self.wanted = Some(Wanted { anchor: LogAnchor::Newest, urgent: true });
    }

    pub fn move_to_oldest(&mut self) {
        self.wanted = Some(Wanted { anchor: LogAnchor::Oldest, urgent: true });
    }

    /// Goes to a line that is at hand.
    pub fn go_to(&mut self, number: i64) {
        self.touched = true;
        self.cursor = Some(number);
        self.move_by(0);
    }

    /// Goes to a line wherever it is, out of the filter.
    pub fn seek(&mut self, number: i64) {
        self.filter = F::default();
        (self.touched, self.cursor) = (true, Some(number));
        self.wanted = Some(Wanted { anchor: LogAnchor::At(number), urgent: true });
    }

    /// Shows other lines; the cursor stays where it can.
    pub fn set_filter(&mut self, filter: F) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        let anchor = self.here();
        self.wanted = Some(Wanted { anchor, urgent: true });
    }

    /// Shows the lines that pass a filter from the newest on.
    pub fn search(&mut self, filter: F) {
        self.filter = filter;
        (self.cursor, self.touched) = (None, false);
        self.move_to_newest();
    }

    /// There may be new lines, or old ones may have changed.
    pub fn look_again(&mut self) {
        // Whoever is on the way elsewhere gets there first.
        if self.wanted.is_none() {
            let anchor = self.here();
            self.wanted = Some(Wanted { anchor, urgent: false });
        }
    }

    fn here(&self) -> LogAnchor {
        self.cursor.filter(|_| self.touched).map_or(LogAnchor::Newest, LogAnchor::At)
    }

    /// True until the ledger has answered to what the operator asked for.
    pub fn is_on_its_way(&self) -> bool {
        !self.read || self.on_its_way || self.wanted.is_some_and(|wanted| wanted.urgent)
    }

    /// What is to be asked of the ledger now.
    pub fn ask(&mut self) -> Option<LogGlance<F>> {
        let wanted = self.wanted.take_if(|wanted| wanted.urgent || self.asked.is_none())?;
        let glance = LogGlance { filter: self.filter.clone(), anchor: wanted.anchor, reach: REACH };
        self.asked = Some(glance.clone());
        self.on_its_way = wanted.urgent;
        Some(glance)
    }

    /// Takes in a stretch of the log, unless another was asked for since. Returns the lines that were there before.
    pub fn show<S>(&mut self, glance: &LogGlance<F>, window: LogWindow<S>, row: impl Fn(S) -> R) -> Option<Vec<R>> {
        if self.asked.as_ref() != Some(glance) {
            return None;
        }
        let first = !std::mem::replace(&mut self.read, true);
        (self.asked, self.on_its_way) = (None, false);
        let before = self.position();
        let old = std::mem::replace(&mut self.rows, window.rows.into_iter().map(row).collect());
        (self.at_newest, self.at_oldest) = (window.at_newest, window.at_oldest);
        let last = self.rows.len().saturating_sub(1);
        let after = match glance.anchor {
            LogAnchor::Newest => 0,
            LogAnchor::Oldest => last,
            // Where the cursor has moved meanwhile; if that line is not shown, the next older one.
            LogAnchor::At(number) => {
                let number = self.cursor.unwrap_or(number);
                self.rows.iter().position(|row| row.number() <= number).unwrap_or(last)
            }
        };
        self.cursor = self.rows.get(after).map(Numbered::number);
        let signed = |line: usize| i64::try_from(line).unwrap_or(0);
        self.base += signed(before) - signed(after);
        (!first).then_some(old)
    }
}
