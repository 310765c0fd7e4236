//! Where the operator has been: one history for all jumps. It holds places as they were left; [`navigate`] goes to them.
//!
//! [`navigate`]: crate::console::app::navigate

use crate::console::tabs::inbox::state::EventPage;
use crate::console::tabs::objects::detail::Detail;
use crate::console::tabs::objects::list::ListSpot;
use crate::model::bill::BillId;
use crate::services::{InboxFilter, JournalFilter};

/// How many places are remembered in each direction.
const REMEMBERED: usize = 50;

/// The places before and after the present one.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    back: Vec<Spot>,
    forward: Vec<Spot>,
    /// How the present place was reached.
    pub arrival: Arrival,
}

/// How a place was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// By a jump from the place before, and not by opening a tab: Esc goes back to that place.
    pub linked: bool,
    /// With its detail open. A detail that was opened later is closed first.
    pub opened: bool,
}

/// A place as it was left.
#[derive(Clone, Debug)]
pub struct Spot {
    pub tab: usize,
    pub arrival: Arrival,
    /// What was open in it, in words.
    pub crumb: Option<String>,
    pub detail: Option<Detail>,
    pub table: TableSpot,
    /// The tab for which it was left, and how its table was before: the jump may have cleared its filter.
    pub displaced: (usize, TableSpot),
}

/// A tab's table as it was left.
#[derive(Clone, Debug)]
pub enum TableSpot {
    /// A tab that keeps nothing.
    Bare,
    Objects(ListSpot),
    Inbox {
        cursor: Option<i64>,
        filter: InboxFilter,
        reading: Option<usize>,
        page: EventPage,
        disputing: bool,
    },
    Journal {
        cursor: Option<i64>,
        filter: JournalFilter,
        reading: Option<usize>,
    },
    /// The bill that was read, and the row of the cursor.
    Bills {
        cursor: Option<BillId>,
        row: Option<(BillId, usize)>,
    },
}

impl Trail {
    /// Leaves a place for a new one.
    pub fn leave(&mut self, spot: Spot, arrival: Arrival) {
        self.forward.clear();
        push(&mut self.back, spot);
        self.arrival = arrival;
    }

    /// The tab of the place before, or of the one after.
    pub(crate) fn next_tab(&self, forward: bool) -> Option<usize> {
        if forward { &self.forward } else { &self.back }.last().map(|spot| spot.tab)
    }

    /// Exchanges the present place for the one before, or for the one after.
    pub fn step(&mut self, present: Spot, forward: bool) -> Option<Spot> {
        let (from, to) = match forward {
            true => (&mut self.forward, &mut self.back),
            false => (&mut self.back, &mut self.forward),
        };
        let spot = from.pop()?;
        push(to, present);
        self.arrival = spot.arrival;
        Some(spot)
    }

    /// The places that led here by jumps, the first one first.
    pub(crate) fn walked(&self) -> &[Spot] {
        let mut linked = self.arrival.linked;
        let steps =
            self.back.iter().rev().take_while(|spot| std::mem::replace(&mut linked, spot.arrival.linked)).count();
        &self.back[self.back.len() - steps..]
    }
}

fn push(places: &mut Vec<Spot>, spot: Spot) {
    if places.len() >= REMEMBERED {
        places.remove(0);
    }
    places.push(spot);
}
