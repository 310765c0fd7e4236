//! The messages of the console: everything that can happen.

use std::sync::Arc;

use crate::console::app::frame_layout::Target;
use crossterm::event::KeyEvent;

use crate::console::app::export::ExportedFile;
use crate::console::app::frame_layout::Room;
use crate::console::kept::Kept;
use crate::console::saved_filters::{FilterChange, SavedFilter};
use crate::console::user_commands::state::ProgramOutcome;
use crate::console::{Account, Reload, Theme, Unopened};
use crate::model::time::Timestamp;
use crate::services::Event;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The current time. It comes before the messages of a batch.
    Now(Timestamp),
    Key(KeyEvent),
    Paste(String),
    Click {
        target: Target,
        double: bool,
    },
    Wheel {
        target: Option<Target>,
        down: bool,
    },
    Resize(u16, u16),
    /// A frame was drawn with these sizes; it was on the screen by this time.
    Drawn {
        room: Room,
        at: Timestamp,
    },
    Opened {
        generation: u64,
        result: Result<(Account, Vec<String>), Unopened>,
    },
    /// What the account being opened looked like when it was left.
    Kept {
        generation: u64,
        kept: Box<Kept>,
    },
    /// An event of an account's session.
    Session {
        generation: u64,
        event: Event,
    },
    /// A program of the operator's has ended.
    Ran {
        generation: u64,
        outcome: Box<ProgramOutcome>,
    },
    /// The themes were read.
    Themes(Arc<[Theme]>),
    /// The configuration has changed.
    Reload(Box<Reload>),
    /// The file of saved filters was changed, or why it was not.
    FiltersChanged {
        generation: u64,
        change: Box<FilterChange>,
        result: Result<Vec<SavedFilter>, String>,
    },
    /// An export ended, or what went wrong.
    Exported {
        generation: u64,
        result: Result<ExportedFile, String>,
    },
}
