//! Parts of dialogs and details: framed boxes, inputs, text that scrolls, labels with values.

use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use crate::console::app::command::{DOWN, UP};
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::state::AppState;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::{Line, Role};
use crate::i18n::Lang;
use crate::model::Environment;
use crate::model::action::{Field, FieldKind};
use crate::text;

/// Columns of the labels of a detail, and of one beside a table: there a number of 32 digits still fits beside them.
const LABELS: usize = 22;
const NARROW_LABELS: usize = 16;
/// Fewer columns beside a dialog, of both sides together, show nothing of the screen behind it.
const SCRAPS: u16 = 8;
/// A detail narrower than this stands beside a table, or on a narrow screen.
pub(crate) const NARROW: usize = 60;

/// A framed box whose title and frame are red: what it shows cannot be done.
pub(crate) fn barred_box(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    title: &str,
    area: Rect,
    size: (u16, u16),
    layout: &mut FrameLayout,
) -> Rect {
    let (border, strong) = (canvas.styles.danger(), canvas.styles.danger());
    framed(canvas, state, (&format!("✗ {title}"), strong, border), area, size, layout)
}

/// A framed box in the middle of the screen, with this many columns and rows inside. Red where money is real.
pub(crate) fn boxed(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    title: &str,
    area: Rect,
    size: (u16, u16),
    layout: &mut FrameLayout,
) -> Rect {
    let border = canvas.styles.rule(state.account().map(|account| account.environment));
    let strong = canvas.styles.strong();
    framed(canvas, state, (title, strong, border), area, size, layout)
}

fn framed(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    (title, strong, border): (&str, Style, Style),
    area: Rect,
    size: (u16, u16),
    layout: &mut FrameLayout,
) -> Rect {
    let width = size.0 + 4;
    // What little of the screen would be left beside it is only scraps.
    let width = if width + SCRAPS < area.width { width } else { area.width };
    let height = (size.1 + 2).min(area.height.saturating_sub(2));
    let place = Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height };
    let raised = canvas.styles.raised();
    canvas.fill(place, raised);
    layout.hit(place, Target::Dialog);
    let production = state.account().filter(|account| account.environment == Environment::Production);
    // Without colours, too, real money must not be mistaken for play money.
    let [corners, bar, side] =
        if production.is_some() { ["╔╗╚╝", "═", "║"] } else { ["╭╮╰╯", "─", "│"] };
    let corners: Vec<char> = corners.chars().collect();
    let bar = bar.repeat(usize::from(width - 2));
    canvas.put(place.x, place.y, width, &format!("{}{bar}{}", corners[0], corners[1]), border);
    canvas.put(place.x, place.bottom() - 1, width, &format!("{}{bar}{}", corners[2], corners[3]), border);
    for y in place.y + 1..place.bottom() - 1 {
        canvas.put(place.x, y, 1, side, border);
        canvas.put(place.right() - 1, y, 1, side, border);
    }
    let mut x = place.x + 2;
    if production.is_some() {
        let badge = canvas.styles.environment(Environment::Production);
        x += canvas.put(x, place.y, width - 4, &format!(" {} ", state.lang.t("badge-production")), badge);
    }
    canvas.put(x, place.y, (place.right() - 2).saturating_sub(x), &format!(" {title} "), strong);
    Rect { x: place.x + 2, y: place.y + 1, width: width - 4, height: height - 2 }
}

/// On the lower border: that there is more, and the keys to see it. An arrow shows where the text continues.
pub(crate) fn scroll_marks(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    inner: Rect,
    rows: u16,
    scroll: usize,
    limit: usize,
) {
    if limit == 0 {
        return;
    }
    let accent = canvas.styles.accent();
    if scroll > 0 {
        canvas.put(inner.right() - 1, inner.y, 1, "↑", accent);
    }
    if scroll < limit {
        canvas.put(inner.right() - 1, inner.y + rows.saturating_sub(1), 1, "↓", accent);
    }
    let keys = [UP, DOWN].map(|key| state.bound(key).map(|key| key.to_string()).unwrap_or_default()).concat();
    let hint = tr!(state.lang, "scroll-hint", keys = keys);
    canvas.put_right(inner.x, inner.bottom(), inner.width, &format!(" {hint} "), accent);
}

/// The visible lines of a text, with marks if there are more.
pub(crate) fn scrolled(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    lines: &[Line],
    place: Rect,
    frame: Rect,
    scroll: usize,
    layout: &mut FrameLayout,
) {
    let rows = usize::from(place.height);
    layout.room.scroll = lines.len().saturating_sub(rows);
    let scroll = scroll.min(layout.room.scroll);
    layout.room.first_of_dialog = scroll;
    layout.room.sheet = rows;
    for (i, line) in lines.iter().skip(scroll).take(rows).enumerate() {
        canvas.line(place.x, place.y + i as u16, place.width, line, Style::new());
    }
    scroll_marks(canvas, state, frame, place.height, scroll, layout.room.scroll);
}

/// An input, scrolled so that its cursor is visible.
pub(crate) fn input(
    canvas: &mut Canvas<'_>,
    x: u16,
    y: u16,
    width: u16,
    input: &Input,
    focused: bool,
    layout: &mut FrameLayout,
) {
    let style = canvas.styles.input(focused);
    canvas.put(x, y, width, &" ".repeat(usize::from(width)), style);
    let before: String = input.value().chars().take(input.cursor()).collect();
    let safe = text::neutralise(&before);
    let room = usize::from(width.saturating_sub(1));
    let used = canvas.put(x, y, width, text::tail(&safe, room), style);
    let after: String = input.value().chars().skip(input.cursor()).collect();
    canvas.put(x + used, y, width - used, &after, style);
    if focused {
        layout.cursor = Some((x + used, y));
    }
}

/// The labels of a list of fields: how many columns they take.
#[derive(Clone, Copy)]
pub(crate) struct Labels(pub usize);

/// The width in a dialog.
pub(crate) const DIALOG: Labels = Labels(18);

impl Labels {
    /// Those of a detail of this width.
    pub(crate) fn within(width: usize) -> Self {
        Self(if width < NARROW { NARROW_LABELS } else { LABELS })
    }

    pub(crate) fn label(self, name: &str) -> Line {
        let name = text::cut(name, self.0 - 1);
        let space = " ".repeat(self.0 - text::width(&name));
        vec![(format!("{name}{space}"), Role::Faint)]
    }

    /// A label and its value; a long value continues below.
    pub(crate) fn field(self, lines: &mut Vec<Line>, name: &str, value: &str, role: Role, width: usize) {
        let wrapped = text::wrap(&text::neutralise(value), width.saturating_sub(self.0).max(8));
        for (i, part) in wrapped.into_iter().enumerate() {
            let mut line = self.label(if i == 0 { name } else { "" });
            line.push((part, role));
            lines.push(line);
        }
    }
}

/// A line of formatted JSON: the name faint, the value plain.
pub(crate) fn json_line(line: &str) -> Line {
    match line.split_once("\": ") {
        Some((name, value)) => vec![(format!("{name}\": "), Role::Accent), (value.to_owned(), Role::Plain)],
        None => vec![(line.to_owned(), Role::Plain)],
    }
}

/// A chosen value with its meaning.
pub(crate) fn choice(lang: Lang, spec: &Field, value: &str) -> String {
    match (spec.kind, value) {
        (_, "") => "—".to_owned(),
        (FieldKind::Flag, "true") => lang.t("value-yes"),
        (FieldKind::Flag, "false") => lang.t("value-no"),
        (FieldKind::Choice(values), value) if values.contains(&value) => {
            let words = lang.t(&format!("choice-{value}"));
            match lang.code_beside(&words, value) {
                Some(code) => format!("{words} ({code})"),
                None => words,
            }
        }
        (_, value) => value.to_owned(),
    }
}
