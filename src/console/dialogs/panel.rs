//! Draws the palette and the help: one panel in groups, in two columns where the screen is wide.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::command::{Command, within};
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::state::AppState;
use crate::console::dialogs::legend;
use crate::console::dialogs::palette::group;
use crate::console::dialogs::scopes::{CALENDAR, CONFIRM, FORM, PALETTE, WORDS};
use crate::console::dialogs::state::{Palette, PaletteEntry, PanelGroup};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{boxed, input, scroll_marks};
use crate::console::widgets::role::{Line, Role};
use crate::text;

/// From how many columns on there are two.
const WIDE: u16 = 110;
/// The least columns of the keys, so that the groups of the help have one edge.
const KEYS: usize = 9;
/// Columns inside the panel: of one column, and at most of two.
const NARROW: u16 = 76;
const WIDEST: u16 = 132;
/// Between two columns.
const GAP: u16 = 3;

/// A line of the panel.
#[derive(Clone)]
enum PanelLine {
    Blank,
    Heading(String),
    Text(Line),
    /// An entry of the palette, by its place among those found.
    Entry(usize),
}

/// Lines in one column or two.
struct Columns {
    columns: Vec<Vec<PanelLine>>,
}

impl Columns {
    /// Splits the lines before the heading by which both columns become most alike in length.
    fn of(lines: Vec<PanelLine>, wide: bool) -> Self {
        let heading = |at: &usize| matches!(lines[*at], PanelLine::Heading(_));
        let split = (1..lines.len()).filter(heading).min_by_key(|at| (*at).max(lines.len() - at));
        Self::split(lines, split, wide)
    }

    fn split(lines: Vec<PanelLine>, split: Option<usize>, wide: bool) -> Self {
        let mut columns = vec![lines.clone()];
        if let Some(split) = split.filter(|_| wide) {
            let right = columns[0].split_off(split);
            columns.push(right);
        }
        for column in &mut columns {
            while matches!(column.last(), Some(PanelLine::Blank)) {
                column.pop();
            }
        }
        Self { columns }
    }

    fn rows(&self) -> usize {
        self.columns.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// The row of an entry.
    fn row_of(&self, place: usize) -> usize {
        let is = |line: &PanelLine| matches!(line, PanelLine::Entry(entry) if *entry == place);
        self.columns.iter().find_map(|column| column.iter().position(is)).unwrap_or(0)
    }
}

fn width(area: Rect) -> (u16, bool) {
    let wide = area.width >= WIDE;
    (if wide { WIDEST.min(area.width - 8) } else { NARROW.min(area.width.saturating_sub(6)) }, wide)
}

/// Draws the rows from `first` on.
fn draw(
    canvas: &mut Canvas<'_>,
    columns: &Columns,
    (place, first): (Rect, usize),
    mut entry: impl FnMut(&mut Canvas<'_>, usize, Rect),
) {
    let count = columns.columns.len() as u16;
    let width = (place.width - GAP * count.saturating_sub(1)) / count.max(1);
    for (i, column) in columns.columns.iter().enumerate() {
        let x = place.x + i as u16 * (width + GAP);
        for (row, line) in column.iter().skip(first).take(place.height.into()).enumerate() {
            let y = place.y + row as u16;
            match line {
                PanelLine::Blank => {}
                PanelLine::Heading(text) => {
                    let style = canvas.styles.role(Role::Heading);
                    let used = canvas.put(x, y, width, text, style);
                    let faint = canvas.styles.faint();
                    canvas.rule(x + used + 1, y, width.saturating_sub(used + 1), "─", faint);
                }
                PanelLine::Text(line) => {
                    canvas.line(x, y, width, line, Style::new());
                }
                PanelLine::Entry(place) => entry(canvas, *place, Rect { x, y, width, height: 1 }),
            }
        }
    }
}

pub(crate) fn palette(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    palette: &Palette,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let (width, wide) = width(area);
    let grouped = palette.input.value().trim().is_empty();
    let columns = Columns::of(palette_lines(state, palette, grouped), wide && grouped);
    let room = usize::from(area.height.saturating_sub(6));
    let rows = if grouped { columns.rows().min(room) } else { room.min(22) };
    let inner = boxed(canvas, state, &lang.t("palette-title"), area, (width, rows as u16 + 2), layout);
    let accent = canvas.styles.accent();
    canvas.put(inner.x, inner.y, 1, ":", accent);
    input(canvas, inner.x + 2, inner.y, inner.width - 2, &palette.input, true, layout);
    let faint = canvas.styles.faint();
    if grouped {
        let hint = lang.t("palette-hint");
        let wanted = text::width(&hint) as u16 + 6;
        if wanted < inner.width {
            canvas.put(inner.x + 4, inner.y, inner.width - 4, &hint, faint);
        }
    }
    let place = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let shown = usize::from(place.height);
    layout.room.dialog = shown;
    let row = columns.row_of(palette.selected);
    // The heading above the first entry is shown with it.
    let first = if row <= 1 { 0 } else { (row + 1).saturating_sub(shown) };
    let limit = columns.rows().saturating_sub(shown);
    // The marks of scrolling stand beside the entries.
    let beside = Rect { width: place.width.saturating_sub(u16::from(limit > 0)), ..place };
    draw(canvas, &columns, (beside, first), |canvas, i, place| {
        if let Some(entry) = palette.found.get(i).and_then(|at| palette.entries.get(*at)) {
            draw_entry(canvas, entry, i == palette.selected, place);
            layout.hit(place, Target::Choice(i));
        }
    });
    if palette.found.is_empty() {
        canvas.put(place.x + 2, place.y, place.width - 2, &lang.t("palette-nothing"), faint);
    }
    if limit > 0 {
        scroll_marks(canvas, state, place, place.height, first, limit);
    }
}

/// The entries by group, the impossible ones last; after a search, best first.
fn palette_lines(state: &AppState, palette: &Palette, grouped: bool) -> Vec<PanelLine> {
    let places = || palette.found.iter().enumerate();
    let entry = |at: &usize| palette.entries.get(*at);
    if !grouped {
        return places().map(|(place, _)| PanelLine::Entry(place)).collect();
    }
    let mut lines = Vec::new();
    let mut section = |heading: &str, wanted: &dyn Fn(&PaletteEntry) -> bool| {
        let chosen = places().filter(|(_, at)| entry(at).is_some_and(wanted)).map(|(place, _)| PanelLine::Entry(place));
        let chosen: Vec<PanelLine> = chosen.collect();
        if !chosen.is_empty() {
            lines.push(PanelLine::Heading(state.lang.t(heading)));
            lines.extend(chosen);
            lines.push(PanelLine::Blank);
        }
    };
    for group in PanelGroup::ALL {
        section(group.message(), &|entry| entry.group == group && entry.blocked.is_none());
    }
    section("group-impossible", &|entry| entry.blocked.is_some());
    lines
}

fn draw_entry(canvas: &mut Canvas<'_>, entry: &PaletteEntry, selected: bool, place: Rect) {
    let base = canvas.ground(place, selected);
    let role = match (&entry.blocked, selected) {
        (Some(_), _) => Role::Faint,
        (None, true) => Role::Strong,
        (None, false) => Role::Plain,
    };
    if entry.current {
        let accent = base.patch(canvas.styles.accent());
        canvas.put(place.x, place.y, 1, "✓", accent);
    }
    let mut line = vec![(entry.label.clone(), role)];
    line.extend(entry.blocked.iter().map(|reason| (format!(" — {reason}"), Role::Faint)));
    let keys = text::width(&entry.keys) as u16;
    let room = place.width.saturating_sub(if keys == 0 { 3 } else { keys + 4 });
    canvas.line(place.x + 2, place.y, room, &line, base);
    let style = base.patch(if entry.blocked.is_some() { canvas.styles.faint() } else { canvas.styles.accent() });
    canvas.put_right(place.x, place.y, place.width - 1, &entry.keys, style);
}

/// Every command that applies under the help with its keys, the signs, and the language of the filter.
pub(crate) fn help(canvas: &mut Canvas<'_>, state: &AppState, scroll: usize, area: Rect, layout: &mut FrameLayout) {
    let (width, wide) = width(area);
    // The marks of scrolling stand beside the text.
    let column = (if wide { (width - GAP) / 2 } else { width }).saturating_sub(2);
    let lines = help_lines(state, usize::from(column));
    // Columns of about the same length, so that neither is empty where the help is scrolled.
    let headings = (0..lines.len()).filter(|at| matches!(lines[*at], PanelLine::Heading(_)));
    let right = headings.min_by_key(|at| (*at).max(lines.len() - at));
    let columns = Columns::split(lines, right, wide);
    let rows = columns.rows().min(usize::from(area.height.saturating_sub(4)));
    let inner = boxed(canvas, state, &state.lang.t("help-title"), area, (width, rows as u16), layout);
    let shown = usize::from(inner.height);
    layout.room.scroll = columns.rows().saturating_sub(shown);
    layout.room.dialog = shown;
    let first = scroll.min(layout.room.scroll);
    layout.room.first_of_dialog = first;
    draw(canvas, &columns, (inner, first), |_, _, _| {});
    scroll_marks(canvas, state, inner, inner.height, first, layout.room.scroll);
}

fn help_lines(state: &AppState, width: usize) -> Vec<PanelLine> {
    let lang = state.lang;
    let scope = state.scope_beneath();
    let mut lines = Vec::new();
    let keys = |command: &Command| command.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut section = |heading: String, rows: Vec<(String, Role, String)>| {
        if rows.is_empty() {
            return;
        }
        let first = rows.iter().map(|(key, ..)| text::width(key)).max().unwrap_or(0).max(KEYS) + 2;
        lines.push(PanelLine::Heading(heading));
        for (key, role, meaning) in rows {
            let wrapped = text::wrap(&meaning, width.saturating_sub(first).max(16));
            for (i, part) in wrapped.into_iter().enumerate() {
                let key = if i == 0 { key.clone() } else { String::new() };
                let space = " ".repeat(first - text::width(&key));
                lines.push(PanelLine::Text(vec![(key, role), (space, Role::Plain), (part, Role::Plain)]));
            }
        }
        lines.push(PanelLine::Blank);
    };
    let rows = |wanted: &dyn Fn(&Command) -> bool, active| -> Vec<(String, Role, String)> {
        let commands = within(&state.commands, active).filter(|command| !command.keys.is_empty() && wanted(command));
        commands.map(|command| (keys(command), Role::Accent, command.label(state))).collect()
    };
    for group in PanelGroup::ALL {
        section(lang.t(group.message()), rows(&|command| self::group(command.id) == group, scope));
    }
    section(lang.t("help-signs"), legend::signs(state));
    section(lang.t("help-filter"), legend::filter(state));
    // The keys of dialogs that open from here.
    let dialogs = [
        ("help-in-filter", WORDS),
        ("help-in-calendar", CALENDAR),
        ("help-in-palette", PALETTE),
        ("help-in-form", FORM),
        ("help-in-confirm", CONFIRM),
    ];
    for (heading, scope) in dialogs {
        section(lang.t(heading), rows(&|command| command.scope.covers(scope) && !always(command), scope));
    }
    for rule in ["help-esc", "help-ahead"] {
        let wrapped = text::wrap(&lang.t(rule), width);
        lines.extend(wrapped.into_iter().map(|part| PanelLine::Text(vec![(part, Role::Faint)])));
    }
    lines
}

/// It applies everywhere, so it is listed once.
fn always(command: &Command) -> bool {
    command.scope == crate::console::app::scope::Scope::ALWAYS
}
