//! The panel of a Global merchant's settlements.

use crate::explain::Explanation;
use crate::model::{Settled, Settlement};
use crate::services::Ticket;

/// One page of settlements.
#[derive(Clone, Debug)]
pub struct Settlements {
    /// The latest page that was requested.
    pub ticket: Ticket,
    pub which: Settled,
    /// Where the page begins.
    pub offset: usize,
    pub page: SettlementsPage,
    pub scroll: usize,
}

/// The answer to a request for a page.
#[derive(Clone, Debug)]
pub enum SettlementsPage {
    NotYet,
    Rows {
        rows: Vec<Settlement>,
        /// The number of settlements on all pages.
        total: usize,
    },
    Failed(Explanation),
}

impl Settlements {
    pub fn new(ticket: Ticket, which: Settled) -> Self {
        Self { ticket, which, offset: 0, page: SettlementsPage::NotYet, scroll: 0 }
    }

    /// Where the next page begins, if there is one.
    pub fn after(&self) -> Option<usize> {
        match &self.page {
            SettlementsPage::Rows { rows, total } => {
                let end = self.offset + rows.len();
                (!rows.is_empty() && end < *total).then_some(end)
            }
            _ => None,
        }
    }

    /// Where the page before begins, if there is one.
    pub fn before(&self) -> Option<usize> {
        (self.offset > 0).then(|| self.offset.saturating_sub(PAGE))
    }
}

/// Rows of a page.
pub(crate) const PAGE: usize = 10;
