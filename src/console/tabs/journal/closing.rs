//! What is shown before an entry of the journal is closed without its outcome being known.

use crate::console::widgets::frame::DIALOG;
use ratatui::layout::Rect;

use crate::console::app::placed::Placed;
use crate::console::app::state::State;
use crate::console::dialogs::confirm::view::{Asked, sheet};
use crate::console::dialogs::state::CloseConfirm;
use crate::console::tabs::journal::entry::{action_words, amount, words};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::ink::Ink;
use crate::console::widgets::ink::Line;
use crate::ledger::RecordedIntent;
use crate::text;
use crate::text::age;

pub fn draw(canvas: &mut Canvas<'_>, state: &State, confirm: &CloseConfirm, area: Rect, placed: &mut Placed) {
    let (lang, entry) = (state.lang, &*confirm.entry);
    let RecordedIntent { at, operator, object, .. } = &entry.intent;
    let (outcome, tone) = words(lang, entry.ending());
    let width = area.width.saturating_sub(8).min(80);
    let mut lines: Vec<Line> = Vec::new();
    let mut field = |name: &str, value: &str, ink: Ink| DIALOG.field(&mut lines, name, value, ink, usize::from(width));
    field(&lang.t("journal-column-entry"), &entry.id.to_string(), Ink::Strong);
    field(&lang.t("column-time"), &at.map(age::exact).unwrap_or_default(), Ink::Plain);
    field(&lang.t("journal-column-operator"), operator, Ink::Plain);
    field(&lang.t("journal-column-action"), &action_words(lang, entry), Ink::Strong);
    if let Some(object) = object {
        let kind = lang.t(&object.label()).into_owned();
        field(&lang.t("journal-column-object"), &format!("{kind} {}", object.number), Ink::Plain);
    }
    if let Some(amount) = amount(entry) {
        field(&lang.t("column-amount"), &amount.to_string(), Ink::Strong);
    }
    field(&lang.t("journal-column-outcome"), &outcome, Ink::Tone(tone));
    lines.push(Line::new());
    let meaning = text::wrap(&lang.t("close-meaning"), usize::from(width));
    lines.extend(meaning.into_iter().map(|line| vec![(line, Ink::Warning)]));
    let label = |number: &str| lang.tr("confirm-type", &[("tail", &number)]);
    let asked = Asked { consent: &confirm.consent, label: &label, notice: None, ready: confirm.consent.given() };
    sheet(canvas, state, &lang.t("close-title"), &lines, &asked, (area, width), placed);
}
