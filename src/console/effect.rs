//! Everything the step can ask for. The runtime performs it and answers with messages.

use super::export::Export;
use crate::model::action::Confirmed;
use crate::model::{Number, ObjectId};
use crate::services::{Glance, JournalGlance, Selection, Ticket};

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read a stretch of a table.
    Glance(Glance),
    /// Add a table up.
    Sum(Selection),
    /// Read a stretch of the journal.
    Journal(JournalGlance),
    /// Read all that is known of an object.
    Story(ObjectId),
    /// Query these now.
    Refresh(Vec<ObjectId>),
    /// Find out what a number is.
    Find(Number),
    /// Send a confirmed operation, through the gate.
    Perform(Ticket, Box<Confirmed>),
    /// Open a profile; answers carry the generation.
    Open {
        generation: u64,
        profile: Option<String>,
    },
    /// Put a text on the clipboard.
    Copy(String),
    Export(Box<Export>),
    /// Give the terminal back and stop until continued.
    Suspend,
    Quit,
}
