//! The view: pure functions from the state to a frame. What only drawing can know (where things are, how far the
//! table is scrolled) is returned, and kept beside the state.

use crate::console::app::chrome;
use crate::console::dialogs::view as dialogs;
use crate::console::widgets::toasts;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use crate::console::age::Clock;
use crate::console::app::msg::Target;
use crate::console::app::state::{Room, Stage, State};
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::TABS;
use crate::model::ObjectId;
use crate::model::time::Timestamp;

use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::styles::Styles;

/// Below this the console asks for more room.
pub const MIN_SIZE: (u16, u16) = (60, 16);

pub fn is_too_small((width, height): (u16, u16)) -> bool {
    width < MIN_SIZE.0 || height < MIN_SIZE.1
}

/// What drawing found out.
#[derive(Clone, Debug)]
pub struct Placed {
    pub(crate) hits: Vec<(Rect, Target)>,
    /// The first line shown, for each tab, counted like [`List::base`](crate::console::tabs::objects::list::List::base).
    pub(crate) offsets: Vec<i64>,
    /// The objects on the screen.
    pub visible: Vec<ObjectId>,
    pub room: Room,
    /// Where the text cursor belongs.
    pub cursor: Option<(u16, u16)>,
    /// When an age on the screen will read differently.
    pub rolls: Option<Timestamp>,
}

impl Default for Placed {
    fn default() -> Self {
        let room = Room { first: 0, rows: 10, detail: 10, scroll: 0, first_of_dialog: 0 };
        Self { hits: Vec::new(), offsets: vec![0; TABS.len()], visible: Vec::new(), room, cursor: None, rolls: None }
    }
}

impl Placed {
    /// What lies at a place: the last drawn lies on top.
    pub fn target(&self, x: u16, y: u16) -> Option<Target> {
        let hit = self.hits.iter().rev().find(|(area, _)| area.contains(Position { x, y }));
        hit.map(|(_, target)| target.clone())
    }

    pub(crate) fn hit(&mut self, area: Rect, target: Target) {
        self.hits.push((area, target));
    }
}

/// Draws a frame. `before` is what the last one found out.
pub fn draw(state: &State, before: &Placed, frame: &mut Frame<'_>) -> Placed {
    let area = frame.area();
    let mut placed = Placed { offsets: before.offsets.clone(), ..Placed::default() };
    let styles = Styles::new(state.theme, state.no_color);
    let clock = Clock::new(state.now);
    let mut canvas = Canvas { buffer: frame.buffer_mut(), styles, clock: &clock };
    canvas.fill(area, styles.ground());
    if is_too_small((area.width, area.height)) {
        chrome::too_small(&mut canvas, state, area);
        return placed;
    }
    let top = chrome::top(&mut canvas, state, area, &mut placed);
    chrome::bottom(&mut canvas, state, area, &mut placed);
    let main = Rect { x: 0, y: top, width: area.width, height: area.height.saturating_sub(top + 2) };
    match &state.stage {
        Stage::Opening(profile) => chrome::opening(&mut canvas, state, profile.as_deref(), main),
        Stage::Failed(explanation, _) => chrome::failed(&mut canvas, state, explanation, main),
        Stage::Open(_) => panes(&mut canvas, state, main, &mut placed),
    }
    toasts::draw(&mut canvas, state, main);
    for dialog in &state.dialogs {
        // What lies under a dialog is not to be clicked through it.
        if !matches!(dialog, Dialog::Filter(_) | Dialog::Search(_) | Dialog::Inbox(_)) {
            placed.hits.clear();
        }
        dialogs::draw(&mut canvas, state, dialog, area, &mut placed);
    }
    placed.rolls = clock.next();
    if let Some((x, y)) = placed.cursor {
        frame.set_cursor_position((x.min(area.right().saturating_sub(1)), y));
    }
    placed
}

/// The table, the detail, or both side by side.
fn panes(canvas: &mut Canvas<'_>, state: &State, main: Rect, placed: &mut Placed) {
    let pane = state.pane();
    let alone = pane.stands_alone(state);
    if state.is_wide() && !alone {
        let left = Rect { width: main.width - state.detail_width() - 1, ..main };
        let right = Rect { x: left.right() + 1, width: main.width - left.width - 1, ..main };
        pane.draw(canvas, state, left, placed);
        for y in main.top()..main.bottom() {
            let style = canvas.styles.faint();
            canvas.put(left.right(), y, 1, "│", style);
        }
        pane.draw_detail(canvas, state, right, placed);
    } else if state.scroll().is_some() {
        placed.visible = pane.shown_object(state).cloned().into_iter().collect();
        pane.draw_detail(canvas, state, main, placed);
    } else {
        pane.draw(canvas, state, main, placed);
    }
}
