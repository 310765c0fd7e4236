//! The operations of the account that are under way, and those whose outcome is unknown.

use std::collections::BTreeMap;

use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::state::Running;
use crate::console::widgets::marks::Marks;
use crate::model::ObjectId;
use crate::model::action::Operation;
use crate::services::Ticket;

impl AppState {
    /// What is under way with an object.
    pub(crate) fn marks(&self, id: &ObjectId) -> Marks {
        let among = |all: &BTreeMap<u64, Operation>| all.values().any(|operation| operation.object == *id);
        Marks {
            asked: self.view.asked.contains(id),
            failed: self.view.failed.get(id).cloned(),
            in_flight: among(&self.view.in_flight) || self.is_sent_in_bulk(id),
            unresolved: among(&self.view.unresolved) || self.view.open_entries.contains(id),
        }
    }

    /// Notes an operation as under way and gives it a name.
    pub(crate) fn start_write(&mut self, operation: Operation) -> Ticket {
        let ticket = self.next_ticket();
        self.view.in_flight.insert(ticket.0, operation);
        ticket
    }

    /// A name that nothing else has.
    pub(crate) fn next_ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket - 1)
    }

    /// True while something is under way that leaving would cut off.
    pub(crate) fn is_busy(&self) -> bool {
        !self.view.in_flight.is_empty() || self.view.bulk.as_ref().is_some_and(Running::is_under_way)
    }

    /// Operations of a bulk action that are under way.
    pub(crate) fn bulk_in_flight(&self) -> usize {
        self.view.bulk.iter().flat_map(Running::in_flight).count()
    }

    fn is_sent_in_bulk(&self, id: &ObjectId) -> bool {
        self.view.bulk.iter().flat_map(Running::in_flight).any(|operation| operation.object == *id)
    }

    /// The operation has ended. If its outcome is unknown, it is resolved later.
    pub(crate) fn finish_write(&mut self, ticket: Ticket, known: bool) -> Option<Operation> {
        let operation = self.view.in_flight.remove(&ticket.0).or_else(|| self.view.unresolved.remove(&ticket.0))?;
        if !known {
            self.view.unresolved.insert(ticket.0, operation.clone());
        }
        Some(operation)
    }

    /// The journal's entry on an object has ended.
    pub fn close_entry(&mut self, id: &ObjectId) {
        self.view.unresolved.retain(|_, operation| operation.object != *id);
        self.view.open_entries.remove(id);
    }
}
