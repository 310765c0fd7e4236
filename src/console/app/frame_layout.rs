//! The layout of a drawn frame: where things are on the screen.

use ratatui::layout::{Position, Rect};

use crate::console::app::keys::Key;
use crate::console::tabs::objects::detail::LineId;
use crate::model::bill::BillId;
use crate::model::time::Timestamp;
use crate::model::{ObjectId, Tone};
use crate::services::AcrossKey;

/// The line of the rule under the tabs.
pub(crate) const RULE: u16 = 2;

/// On a smaller terminal the console shows a reduced list.
pub const MIN_SIZE: (u16, u16) = (60, 16);
/// On a smaller terminal still it asks for a larger one.
pub const LEAST_SIZE: (u16, u16) = (40, 10);

pub(crate) fn is_small((width, height): (u16, u16)) -> bool {
    width < MIN_SIZE.0 || height < MIN_SIZE.1
}

pub(crate) fn is_too_small((width, height): (u16, u16)) -> bool {
    width < LEAST_SIZE.0 || height < LEAST_SIZE.1
}

/// What is known after drawing.
#[derive(Clone, Debug)]
pub struct FrameLayout {
    pub(crate) hits: Vec<(Rect, Target)>,
    /// The first line shown, for each tab, counted like [`List::base`](crate::console::tabs::objects::list::List::base).
    pub(crate) offsets: Vec<i64>,
    /// The objects on the screen.
    pub visible: Vec<ObjectId>,
    pub room: Room,
    /// The position of the text cursor.
    pub cursor: Option<(u16, u16)>,
    /// When the text of an age on the screen changes next.
    pub rolls: Option<Timestamp>,
}

impl Default for FrameLayout {
    fn default() -> Self {
        let room = Room {
            first: 0,
            from_start: false,
            sideways: 0,
            rows: 10,
            detail: 10,
            scroll: 0,
            dialog: 10,
            first_of_dialog: 0,
            sheet: 0,
        };
        Self { hits: Vec::new(), offsets: Vec::new(), visible: Vec::new(), room, cursor: None, rolls: None }
    }
}

impl FrameLayout {
    /// The target at a position: the one drawn last is on top.
    pub fn target(&self, x: u16, y: u16) -> Option<Target> {
        let hit = self.hits.iter().rev().find(|(area, _)| area.contains(Position { x, y }));
        hit.map(|(_, target)| target.clone())
    }

    /// The first line shown of a tab's table.
    pub(crate) fn offset(&mut self, tab: usize) -> &mut i64 {
        if self.offsets.len() <= tab {
            self.offsets.resize(tab + 1, 0);
        }
        &mut self.offsets[tab]
    }

    pub(crate) fn hit(&mut self, area: Rect, target: Target) {
        self.hits.push((area, target));
    }
}

/// The sizes of the parts of the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The first visible row of the table, among the loaded ones.
    pub first: usize,
    /// The table is on the screen from the first of the loaded rows on.
    pub from_start: bool,
    /// How far the columns of the table can be scrolled sideways.
    pub sideways: usize,
    /// Rows of the table.
    pub rows: usize,
    /// Lines of the detail.
    pub detail: usize,
    /// How far the detail, or the dialog on top, can be scrolled.
    pub scroll: usize,
    /// Lines of the palette or the help.
    pub dialog: usize,
    /// The first visible line of a dialog that scrolls by itself.
    pub first_of_dialog: usize,
    /// Lines of the preview on top, above its inputs.
    pub sheet: usize,
}

/// A target of the mouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Tab(usize),
    /// A line of the table.
    Line(LineKey),
    Header(&'static str),
    /// A share of the strip above a table.
    Share(Tone),
    /// A note on the table, with the command that a click on it runs.
    Command(&'static str),
    /// A place on the way here, so many steps back.
    Crumb(usize),
    /// The detail, outside its buttons.
    Detail,
    /// A page of the detail, by its index.
    Page(usize),
    /// A line of the detail that can be selected.
    DetailLine(LineId),
    /// A line of the list in the dialog on top.
    Choice(usize),
    Field(usize),
    /// A hint: a click presses its key.
    Key(Key),
    Cancel,
    Confirm,
    /// A dialog, outside its buttons.
    Dialog,
}

/// The identity of a table's line. It names the row and not its position, because rows may have moved since the frame
/// was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineKey {
    Object(ObjectId),
    /// A row of the table over all profiles.
    Across(AcrossKey),
    /// An entry of the journal, or a line of the inbox.
    Number(i64),
    Bill(BillId),
    /// An index in a list that does not change under the cursor.
    Row(usize),
}
