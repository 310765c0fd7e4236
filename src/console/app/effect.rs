//! The effects that an update can request. The runtime performs them and answers with messages.

use crate::console::app::export::{Export, Outcomes};
use crate::console::kept::Kept;
use crate::services::{ReadRequest, Request};

/// An effect outside of the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a request to the session.
    Ask(Request),
    /// Open a profile; answers carry the generation.
    Open {
        generation: u64,
        profile: Option<String>,
    },
    /// Keep what a profile's screen looks like.
    Keep {
        profile: String,
        kept: Box<Kept>,
    },
    /// Put a text on the clipboard.
    Copy(String),
    /// Ring the bell, with this text as a desktop notification.
    Ring(String),
    Export(Box<Export>),
    /// Write the outcomes of a bulk action.
    ExportOutcomes(Box<Outcomes>),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Restore the terminal and suspend the process.
    Suspend,
    Quit,
}

impl From<Request> for Effect {
    fn from(request: Request) -> Self {
        Self::Ask(request)
    }
}

impl From<ReadRequest> for Effect {
    fn from(request: ReadRequest) -> Self {
        Self::Ask(request.into())
    }
}
