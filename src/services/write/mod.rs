//! The only way of every write: gate, journal, send, settle. Also what an action would repeat, how a lost answer is
//! resolved, and bulk actions, which take the same way.

pub(crate) mod bulk;
pub(crate) mod closing;
pub(crate) mod earlier;
pub(crate) mod gate;
pub(crate) mod outcome_probe;
pub(crate) mod pending_journal;
pub(crate) mod perform;
pub(crate) mod resolver;
pub(crate) mod runner;
