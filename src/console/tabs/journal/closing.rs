//! The preview before an entry of the journal is closed without a known outcome.

use crate::console::widgets::frame::DIALOG;
use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::bar;
use crate::console::dialogs::confirm::view::{ConfirmPrompt, sheet};
use crate::console::dialogs::state::CloseConfirm;
use crate::console::tabs::journal::entry::{action_words, amount, words};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::ledger::RecordedIntent;
use crate::text;
use crate::text::age;

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    confirm: &CloseConfirm,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let (lang, entry) = (state.lang, &*confirm.entry);
    let RecordedIntent { at, operator, object, .. } = &entry.intent;
    let (outcome, tone) = words(lang, entry.ending());
    let width = area.width.saturating_sub(8).min(80);
    let mut lines: Vec<Line> = Vec::new();
    let mut field =
        |name: &str, value: &str, role: Role| DIALOG.field(&mut lines, name, value, role, usize::from(width));
    field(&lang.t("journal-column-entry"), &entry.id.to_string(), Role::Strong);
    field(&lang.t("column-time"), &at.map(age::exact).unwrap_or_default(), Role::Plain);
    field(&lang.t("journal-column-operator"), operator, Role::Plain);
    field(&lang.t("journal-column-action"), &action_words(lang, entry), Role::Strong);
    if let Some(object) = object {
        let kind = lang.t(&object.label());
        field(&lang.t("journal-column-object"), &format!("{kind} {}", object.number), Role::Plain);
    }
    if let Some(amount) = amount(entry) {
        field(&lang.t("column-amount"), &amount.to_string(), Role::Strong);
    }
    field(&lang.t("journal-column-outcome"), &outcome, Role::Tone(tone));
    lines.push(Line::new());
    let meaning = text::wrap(&lang.t("close-meaning"), usize::from(width));
    lines.extend(meaning.into_iter().map(|line| vec![(line, Role::Warning)]));
    let label = |number: &str| tr!(lang, "confirm-type", tail = number);
    let asked = ConfirmPrompt {
        confirm_input: &confirm.confirm_input,
        label: &label,
        barred: bar::forbidden(state),
        notice: None,
        button: None,
        ready: confirm.confirm_input.given(),
    };
    sheet(canvas, state, &lang.t("close-title"), &lines, &asked, (area, width), layout);
}
