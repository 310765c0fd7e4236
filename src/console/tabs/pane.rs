//! What a tab is.

use std::fmt;

use ratatui::layout::Rect;

use crate::console::app::command::{Differs, Ready};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{FrameLayout, LineKey};
use crate::console::app::keys::Key;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::app::trail::TableSpot;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Sideways;
use crate::console::widgets::role::Line;
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};
use crate::services::{Event, TabAnswer};

/// One tab.
#[derive(Clone, Copy)]
pub struct Tab {
    /// With `tab-` before it, the message that names it.
    pub id: &'static str,
    /// The id of the command that opens it.
    pub command: &'static str,
    /// The keys that open it. A tab without one is reached by the palette and by Tab.
    pub keys: &'static [Key],
    pub pane: &'static dyn Pane,
}

impl fmt::Debug for Tab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tab({})", self.id)
    }
}

/// What a tab shows and how it answers to the commands that all tabs share. Methods take the whole state: a tab may
/// open dialogs, show messages and go to other tabs. What is left out is the same for every tab.
pub trait Pane: Sync {
    /// The kind of objects it lists, if it lists objects.
    fn kind(&self) -> Option<Kind> {
        None
    }

    /// Takes in the answer to a request of its own. Returns any other, for the tabs behind it.
    fn answer(&self, _: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        Some(answer)
    }

    /// Every tab sees every event, before the rest of the console handles it: what the tab shows may be stale now.
    fn notice(&self, _: &mut AppState, _: &Event) -> Vec<Effect> {
        Vec::new()
    }

    /// Which of its parts has the keys.
    fn scope(&self, state: &AppState) -> Scope;

    /// Moves the cursor of its table by lines; `isize::MIN` and `isize::MAX` are its two ends.
    fn move_by(&self, state: &mut AppState, lines: isize);

    /// From now on the cursor stays on what it is on, whatever comes in above.
    fn pin(&self, state: &mut AppState);

    /// The first of the loaded rows of its table is on the screen.
    fn see_start(&self, _: &mut AppState) {}

    /// Which columns of its table are shown, if they can be scrolled sideways.
    fn sideways_mut<'a>(&self, _: &'a mut AppState) -> Option<&'a mut Sideways> {
        None
    }

    /// A line of its table was clicked.
    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect>;

    /// Opens the detail of the line under the cursor.
    fn open(&self, state: &mut AppState) -> Vec<Effect>;

    /// Closes the detail. False if none is open.
    fn close_detail(&self, state: &mut AppState) -> bool;

    /// With no detail open: clears the filter, or leaves what was opened in the table.
    fn step_back(&self, state: &mut AppState);

    /// A tab was opened, this one or another.
    fn tab_opened(&self, _: &mut AppState) {}

    /// Whether [`Pane::reload`] can run.
    fn can_reload(&self, _: &AppState) -> Ready {
        Ok(())
    }

    /// Reads its table again, or queries what is under the cursor.
    fn reload(&self, state: &mut AppState) -> Vec<Effect>;

    /// How reloading is shown in hints and help.
    fn reload_shown_as(&self, state: &AppState) -> Option<Differs>;

    /// True while its table is on its way to what the last key asked for.
    fn is_loading(&self, state: &AppState) -> bool;

    /// What is to be read so that it shows what it is to show. Called while it is the current tab.
    fn requests(&self, state: &mut AppState) -> Vec<Effect>;

    /// What is to be read of it whichever tab is open.
    fn background_requests(&self, _: &mut AppState) -> Vec<Effect> {
        Vec::new()
    }

    /// Drops highlights that have had their time. When it will look different although nothing happens; what only its
    /// own table shows counts only while it is `current`.
    fn next_change(&self, _: &mut AppState, _current: bool) -> Option<Timestamp> {
        None
    }

    /// How far its detail is scrolled, while that has the keys.
    fn scroll<'a>(&self, state: &'a AppState) -> Option<&'a usize>;

    fn scroll_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut usize>;

    /// The object whose history the screen shows.
    fn shown_object<'a>(&self, _: &'a AppState) -> Option<&'a ObjectId> {
        None
    }

    /// Goes to a page of the detail, by its place.
    fn show_page(&self, _: &mut AppState, _page: usize) -> Vec<Effect> {
        Vec::new()
    }

    /// What of its table is kept to come back to it.
    fn spot(&self, _: &AppState) -> TableSpot {
        TableSpot::Bare
    }

    /// Restores its table as it was left; a detail of an object is open again already.
    fn return_to(&self, _: &mut AppState, _: TableSpot) -> Vec<Effect> {
        Vec::new()
    }

    /// What is open in it, in the words of a breadcrumb.
    fn crumb(&self, _: &AppState) -> Option<String> {
        None
    }

    /// Takes back one thing in the detail, which stays open. False if there is nothing to take back.
    fn undo_in_detail(&self, _: &mut AppState) -> bool {
        false
    }

    /// How many there are, beside the name of the tab.
    fn count(&self, _: &AppState) -> Option<u64> {
        None
    }

    /// How many things in it need attention, beside the name of the tab.
    fn alarms(&self, _: &AppState) -> usize {
        0
    }

    /// The line under the table.
    fn summary(&self, state: &AppState, width: u16) -> Line;

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout);

    /// Draws the detail: beside the table on a wide screen, else in its place.
    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout);

    /// True if its table has no rows to show.
    fn is_empty(&self, _: &AppState) -> bool;

    /// True if the table takes a wide screen for itself.
    fn stands_alone(&self, _: &AppState) -> bool {
        false
    }
}
