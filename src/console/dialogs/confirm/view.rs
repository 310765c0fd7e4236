//! Draws the preview of a change with the inputs and buttons below it. The screen behind it is dimmed.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::bar;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput};
use crate::console::dialogs::confirm::receipt;
use crate::console::dialogs::state::Confirm;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{barred_box, boxed, input, scrolled};
use crate::console::widgets::role::Line;
use crate::services::Became;
use crate::text;

/// Columns of the input for the text to type: at least and at most.
const INPUT: [u16; 2] = [8, 24];
/// A longer name does not fit on a button.
const BUTTON: usize = 32;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, confirm: &Confirm, area: Rect, layout: &mut FrameLayout) {
    let lang = state.lang;
    let operation = &*confirm.operation;
    let name = lang.action(operation.action.action());
    let width = area.width.saturating_sub(8).min(88);
    let lines = receipt::lines(state, confirm, usize::from(width), area.height >= receipt::TALL);
    let changed = confirm.changed.as_ref().map(|changed| {
        let words = lang.with_code(receipt::meaning(lang, &changed.state), &changed.state.code);
        tr!(lang, "confirm-changed", state = words)
    });
    let second = confirm.earlier.as_ref().and_then(|earlier| match earlier.became {
        Became::Done => Some(lang.t("confirm-second")),
        Became::Unknown => Some(lang.t("confirm-unknown")),
        Became::UnderWay => None,
    });
    let label = |tail: &str| tr!(lang, "confirm-type", tail = tail);
    let button = receipt::moved(operation).map_or_else(|| name.clone(), |amount| format!("{name} {amount}"));
    let asked = ConfirmPrompt {
        confirm_input: &confirm.confirm_input,
        label: &label,
        barred: bar::of_one(state, confirm),
        notice: changed.or(second),
        button: Some(button),
        ready: confirm.ready(),
    };
    sheet(canvas, state, &name, &lines, &asked, (area, width), layout);
}

/// The inputs below a preview of one or of many objects.
pub(crate) struct ConfirmPrompt<'a> {
    pub confirm_input: &'a ConfirmInput,
    /// The prompt for the text that must be typed.
    pub label: &'a dyn Fn(&str) -> String,
    /// Why it cannot be confirmed: it can only be closed.
    pub barred: Option<String>,
    /// What has changed.
    pub notice: Option<String>,
    /// The name of the confirming button, if it has one of its own.
    pub button: Option<String>,
    pub ready: bool,
}

/// Draws a preview that scrolls, and below it the inputs, which do not.
pub(crate) fn sheet(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    title: &str,
    lines: &[Line],
    asked: &ConfirmPrompt<'_>,
    (area, width): (Rect, u16),
    layout: &mut FrameLayout,
) {
    if let Some(why) = &asked.barred {
        return barred(canvas, state, title, lines, (asked, why), (area, width), layout);
    }
    let (lang, confirm_input) = (state.lang, asked.confirm_input);
    let wrapped = |text: &String| text::wrap(&text::neutralise(&format!("! {text}")), usize::from(width));
    let notice = asked.notice.as_ref().map(wrapped).unwrap_or_default();
    let buttons = Buttons::new(state, asked, width);
    let prompt = confirm_input.word.as_ref().map(|word| (asked.label)(word));
    let typed = confirm_input.word.as_ref().map_or(0, |word| text::width(word) as u16 + 1).clamp(INPUT[0], INPUT[1]);
    let wide = prompt.as_ref().map_or(0, |prompt| text::width(prompt) as u16 + 1 + typed + 2);
    // The typed text stands beside the buttons if there is room.
    let beside = prompt.is_none() || wide + buttons.width() <= width;
    let fixed = 2 + notice.len() as u16 + u16::from(confirm_input.reason.is_some()) + u16::from(!beside);
    let inner = boxed(canvas, state, title, area, (width, lines.len() as u16 + fixed), layout);
    let rows = inner.height.saturating_sub(fixed);
    scrolled(canvas, state, lines, Rect { height: rows, ..inner }, inner, confirm_input.scroll, layout);
    let mut y = inner.y + rows;
    for line in &notice {
        let danger = canvas.styles.danger();
        canvas.put(inner.x, y, inner.width, line, danger);
        y += 1;
    }
    if let Some(reason) = &confirm_input.reason {
        let missing = confirm_input.reason_missing();
        let style = if missing { canvas.styles.danger() } else { canvas.styles.strong() };
        let label = format!("{}{}", if missing { "✗ " } else { "" }, lang.t("confirm-reason"));
        let used = canvas.put(inner.x, y, inner.width.saturating_sub(10), &label, style) + 1;
        let focused = confirm_input.focus == ConfirmFocus::Reason;
        input(canvas, inner.x + used, y, inner.width.saturating_sub(used), reason, focused, layout);
        layout.hit(Rect { y, height: 1, ..inner }, Target::Field(0));
        y += 1;
    }
    if let (Some(word), Some(prompt)) = (&confirm_input.word, prompt) {
        if confirm_input.mismatch() {
            let danger = canvas.styles.danger();
            let text = format!("✗ {}", tr!(lang, "confirm-mismatch", tail = word));
            canvas.put(inner.x, y, inner.width, &text, danger);
        }
        let strong = canvas.styles.strong();
        let used = canvas.put(inner.x, y + 1, inner.width.saturating_sub(typed + 2), &prompt, strong);
        let focused = confirm_input.focus == ConfirmFocus::Typing;
        input(canvas, inner.x + used + 1, y + 1, typed, &confirm_input.typed, focused, layout);
        layout.hit(Rect { y: y + 1, height: 1, width: wide.min(inner.width), ..inner }, Target::Field(1));
        y += u16::from(!beside);
    }
    let x = inner.right().saturating_sub(buttons.width()).max(inner.x);
    buttons.draw(canvas, confirm_input, (x, y + 1, inner.right()), layout);
}

/// A preview that cannot be confirmed: red, why, and one button that closes it.
fn barred(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    title: &str,
    lines: &[Line],
    (asked, why): (&ConfirmPrompt<'_>, &str),
    (area, width): (Rect, u16),
    layout: &mut FrameLayout,
) {
    let why = text::wrap(&text::neutralise(&format!("✗ {why}")), usize::from(width));
    let fixed = why.len() as u16 + 2;
    let title = format!("{title} · {}", state.lang.t("confirm-barred"));
    let inner = barred_box(canvas, state, &title, area, (width, lines.len() as u16 + fixed), layout);
    let danger = canvas.styles.danger();
    for (i, line) in why.iter().enumerate() {
        canvas.put(inner.x, inner.y + i as u16, inner.width, line, danger);
    }
    let top = inner.y + why.len() as u16;
    let rows = inner.height.saturating_sub(fixed);
    let place = Rect { y: top, height: rows, ..inner };
    scrolled(canvas, state, lines, place, inner, asked.confirm_input.scroll, layout);
    let buttons = Buttons::new(state, asked, width);
    let x = inner.right().saturating_sub(buttons.width()).max(inner.x);
    buttons.draw(canvas, asked.confirm_input, (x, inner.bottom() - 1, inner.right()), layout);
}

/// The buttons of a preview, from left to right.
struct Buttons(Vec<(String, ConfirmFocus, bool, Target)>);

impl Buttons {
    fn new(state: &AppState, asked: &ConfirmPrompt<'_>, width: u16) -> Self {
        let lang = state.lang;
        // Until the preview has been seen, no button does anything.
        let armed = asked.confirm_input.is_armed(state.now);
        if asked.barred.is_some() {
            let close = format!("[ {} ]", lang.t("button-close"));
            return Self(vec![(close, ConfirmFocus::Cancel, armed, Target::Cancel)]);
        }
        let fits = |name: &String| text::width(name) <= BUTTON.min(usize::from(width) / 2);
        let name = asked.button.clone().filter(fits).unwrap_or_else(|| lang.t("button-confirm"));
        let cancel = format!("[ {} ]", lang.t("button-cancel"));
        Self(vec![
            (cancel, ConfirmFocus::Cancel, armed, Target::Cancel),
            (format!("[ {name} ]"), ConfirmFocus::Confirm, armed && asked.ready, Target::Confirm),
        ])
    }

    fn width(&self) -> u16 {
        let widths = self.0.iter().map(|(label, ..)| text::width(label) as u16);
        widths.sum::<u16>() + 2 * (self.0.len() as u16 - 1)
    }

    fn draw(
        self,
        canvas: &mut Canvas<'_>,
        confirm_input: &ConfirmInput,
        (x, y, right): (u16, u16, u16),
        layout: &mut FrameLayout,
    ) {
        let mut x = x;
        for (label, focus, enabled, target) in self.0 {
            let style = canvas.styles.button(confirm_input.focus == focus, enabled);
            let width = canvas.put(x, y, right.saturating_sub(x), &label, style);
            layout.hit(Rect { x, y, width, height: 1 }, target);
            x += width + 2;
        }
    }
}
