//! Everything that can happen.

use crossterm::event::KeyEvent;

use crate::console::app::export::Written;
use crate::console::app::state::Room;
use crate::console::tabs::objects::lines::Spot;
use crate::console::{Account, Unopened};
use crate::model::ObjectId;
use crate::model::bill::BillId;
use crate::model::time::Timestamp;
use crate::services::Event;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// What time it is. Comes before the messages of a batch.
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
    /// A frame was drawn with this room.
    Drawn(Room),
    Opened {
        generation: u64,
        result: Result<(Account, Vec<String>), Unopened>,
    },
    /// The session of an account says something.
    Session {
        generation: u64,
        event: Event,
    },
    /// An export ended, or what went wrong.
    Exported(Result<Written, String>),
}

/// What a place on the screen stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Tab(usize),
    /// A line of the table.
    Line(LineKey),
    Header(&'static str),
    /// The detail, outside its buttons.
    Detail,
    /// A page of the detail, by its place.
    Page(usize),
    /// A line of the detail that can be selected.
    Spot(Spot),
    /// A line of the list in the dialog on top.
    Choice(usize),
    Field(usize),
    Cancel,
    Confirm,
    /// A dialog, outside its buttons.
    Dialog,
}

/// What a line of a table stands for. It is named by what it shows, not by where it is: rows may have moved since the
/// frame was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineKey {
    Object(ObjectId),
    /// An entry of the journal, or a line of the inbox.
    Number(i64),
    Bill(BillId),
    /// A place in a list that does not change under the cursor.
    Row(usize),
}
