//! The one way of every write: gate, journal, send, settle. What an action would repeat, what became of it when its
//! answer was lost, and bulk actions, which pass the same way.

pub(crate) mod bulk;
pub(crate) mod closing;
pub(crate) mod earlier;
pub(crate) mod gate;
pub(crate) mod outcome_probe;
pub(crate) mod pending_journal;
pub(crate) mod resolver;
pub(crate) mod runner;
