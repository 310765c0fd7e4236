//! Draws the preview of an operation: what will be sent, for which merchant, and what cannot be undone.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput};
use crate::console::dialogs::state::Confirm;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::choice;
use crate::console::widgets::frame::json_line;
use crate::console::widgets::frame::{DIALOG, boxed, input, scrolled};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::i18n::Lang;
use crate::model::action::{Action, Field, FieldKind, PreviewLine, Risk, rows};
use crate::model::time::parse_any;
use crate::model::{self, Environment};
use crate::services::Became;
use crate::text;
use crate::text::age;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, confirm: &Confirm, area: Rect, placed: &mut FrameLayout) {
    let lang = state.lang;
    let operation = &*confirm.operation;
    let name = lang.action(operation.action.action());
    let width = area.width.saturating_sub(8).min(88);
    let lines = preview(state, confirm, usize::from(width));
    let changed = confirm.changed.as_ref().map(|changed| match &changed.illegal {
        Some(illegal) => tr!(lang, "confirm-now-illegal", reason = lang.t(illegal.0)),
        None => tr!(lang, "confirm-changed", state = meaning(lang, &changed.state), code = changed.state.code),
    });
    let profile = state.account().map_or("", |account| account.name.as_str());
    let second = confirm.earlier.as_ref().map(|earlier| match earlier.became {
        Became::Done => lang.t("confirm-second"),
        Became::Unknown => lang.t("confirm-unknown"),
        Became::UnderWay => lang.t("advice-repeated-under-way"),
    });
    let broken = confirm.confirm_input.broken.as_ref().map(|broken| explain::rule(lang, broken, profile));
    let notice = broken.or(changed).or(second);
    let label = |tail: &str| tr!(lang, "confirm-type", tail = tail);
    let asked = ConfirmPrompt { confirm_input: &confirm.confirm_input, label: &label, notice, ready: confirm.ready() };
    sheet(canvas, state, &name, &lines, &asked, (area, width), placed);
}

/// The inputs below a preview of one or of many objects.
pub(crate) struct ConfirmPrompt<'a> {
    pub confirm_input: &'a ConfirmInput,
    /// The prompt for the text that must be typed.
    pub label: &'a dyn Fn(&str) -> String,
    /// What prevents the confirmation, or what has changed.
    pub notice: Option<String>,
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
    placed: &mut FrameLayout,
) {
    let (lang, confirm_input) = (state.lang, asked.confirm_input);
    let wrapped = |text: &String| text::wrap(&text::neutralise(&format!("! {text}")), usize::from(width));
    let notice = asked.notice.as_ref().map(wrapped).unwrap_or_default();
    let inputs = u16::from(confirm_input.reason.is_some()) + u16::from(confirm_input.word.is_some());
    let fixed = 2 + notice.len() as u16 + inputs;
    let inner = boxed(canvas, state, title, area, (width, lines.len() as u16 + fixed), placed);
    let rows = inner.height.saturating_sub(fixed);
    scrolled(canvas, state, lines, Rect { height: rows, ..inner }, inner, confirm_input.scroll, placed);
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
        input(canvas, inner.x + used, y, inner.width.saturating_sub(used), reason, focused, placed);
        placed.hit(Rect { y, height: 1, ..inner }, Target::Field(0));
        y += 1;
    }
    if let Some(word) = &confirm_input.word {
        let strong = canvas.styles.strong();
        let used = canvas.put(inner.x, y, inner.width.saturating_sub(10), &(asked.label)(word), strong);
        let focused = confirm_input.focus == ConfirmFocus::Typing;
        input(canvas, inner.x + used + 1, y, 8, &confirm_input.typed, focused, placed);
        placed.hit(Rect { y, height: 1, ..inner }, Target::Field(1));
        if confirm_input.mismatch() {
            let (x, danger) = (inner.x + used + 11, canvas.styles.danger());
            let text = format!("✗ {}", tr!(lang, "confirm-mismatch", tail = word));
            canvas.put(x, y, inner.right().saturating_sub(x), &text, danger);
        }
        y += 1;
    }
    let place = Rect { y: y + 1, height: 1, ..inner };
    buttons(canvas, state, confirm_input.focus, asked.ready, place, placed);
}

fn buttons(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    at: ConfirmFocus,
    ready: bool,
    place: Rect,
    placed: &mut FrameLayout,
) {
    let lang = state.lang;
    let buttons = [
        (lang.t("button-cancel"), ConfirmFocus::Cancel, true, Target::Cancel),
        (lang.t("button-confirm"), ConfirmFocus::Confirm, ready, Target::Confirm),
    ];
    let mut x = place.x;
    for (label, focus, enabled, target) in buttons {
        let style = canvas.styles.button(at == focus, enabled);
        let width = canvas.put(x, place.y, place.right().saturating_sub(x), &format!("[ {label} ]"), style);
        placed.hit(Rect { x, y: place.y, width, height: 1 }, target);
        x += width + 2;
    }
}

/// Everything to know before confirming.
fn preview(state: &AppState, confirm: &Confirm, width: usize) -> Vec<Line> {
    let (lang, operation) = (state.lang, &*confirm.operation);
    let action = operation.action.action();
    let mut lines = stakes(state, action, width);
    lines.push(Line::new());
    lines.extend(merchant(state));
    let mut field = |name: &str, value: &str, role: Role| DIALOG.field(&mut lines, name, value, role, width);
    field(&lang.t(&operation.object.label()), operation.object.number.as_str(), Role::Strong);
    // The values decided here come before what is known of the object. The amount has no line of its own if a line of
    // the preview shows it.
    let amount = operation.amount.map(|amount| amount.to_string());
    let shows_amount = |fact: &PreviewLine| amount.as_ref().is_some_and(|amount| fact.value.ends_with(amount.as_str()));
    if let Some(amount) = amount.as_ref().filter(|_| !operation.preview.iter().any(shows_amount)) {
        field(&lang.t("column-amount"), amount, Role::Strong);
    }
    for fact in &operation.preview {
        field(&lang.t(fact.label), &fact.value, if shows_amount(fact) { Role::Strong } else { Role::Plain });
    }
    if let Some(earlier) = &confirm.earlier {
        field(&lang.t("confirm-earlier"), &explain::earlier(lang, earlier), Role::Warning);
    }
    // Amount, number and secrets are shown above; empty values are not shown.
    let number = operation.object.number.as_str();
    let is_shown = |(spec, value): &&(&'static Field, String)| {
        let above =
            spec.kind == FieldKind::Money || spec.kind.is_secret() || (spec.name == "number" && value == number);
        !(above || value.is_empty())
    };
    for (spec, value) in confirm.values.iter().filter(is_shown) {
        let value = match spec.kind {
            FieldKind::CompactTime => parse_any(value).map_or_else(|| value.clone(), age::exact),
            FieldKind::Choice(_) | FieldKind::Flag => choice(lang, spec, value),
            FieldKind::Rows { .. } => {
                for (i, row) in rows(value).into_iter().enumerate() {
                    let name = if i == 0 { lang.t(spec.label) } else { String::new() };
                    field(&name, row.join(" | ").trim_end_matches([' ', '|']), Role::Plain);
                }
                continue;
            }
            _ => value.clone(),
        };
        field(&lang.t(spec.label), &value, Role::Plain);
    }
    // What does not exist yet has no state to show.
    if let Some(before) = &confirm.before {
        if let Some(title) = &operation.title {
            field(&lang.t("column-name"), title, Role::Plain);
        }
        if let Some(user) = &operation.user {
            field(&lang.t("column-user"), user, Role::Plain);
        }
        let mut line = DIALOG.label(&lang.t("column-state"));
        line.push((format!("{} {}", before.tone.glyph(), meaning(lang, before)), Role::Tone(before.tone)));
        line.push((format!("  {}", before.code), Role::Faint));
        lines.push(line);
    }
    lines.push(Line::new());
    let request = format!("{} {}", operation.endpoint.endpoint().method.as_str(), operation.target);
    lines.push(vec![(lang.t("confirm-request"), Role::Heading)]);
    lines.extend(text::wrap(&text::neutralise(&request), width).into_iter().map(|line| vec![(line, Role::Plain)]));
    if operation.body.is_empty() {
        lines.push(vec![(lang.t("confirm-no-body"), Role::Faint)]);
    } else {
        let value: Result<serde_json::Value, _> = serde_json::from_str(&operation.body);
        let body = value.and_then(|value| serde_json::to_string_pretty(&value));
        lines.extend(body.unwrap_or_else(|_| operation.body.clone()).lines().map(json_line));
    }
    lines
}

/// What an action does, and whether it can be undone.
pub(crate) fn stakes(state: &AppState, action: &Action, width: usize) -> Vec<Line> {
    let (lang, mut lines) = (state.lang, Vec::new());
    let mut wrapped = |text: &str, role: Role| {
        lines.extend(text::wrap(&text::neutralise(text), width).into_iter().map(|line| vec![(line, role)]));
    };
    wrapped(&lang.t(&format!("effect-{}", action.name())), Role::Strong);
    match action.reverse {
        Some(reverse) => {
            let name = lang.action(reverse.action());
            wrapped(&tr!(lang, "confirm-reverse", action = name), Role::Faint);
        }
        None if action.risk == Risk::Makes => {}
        None => wrapped(&lang.t("confirm-irreversible"), Role::Warning),
    }
    lines
}

/// The merchant, and whether the money is real.
pub(crate) fn merchant(state: &AppState) -> Option<Line> {
    let (lang, account) = (state.lang, state.account()?);
    let (environment, role) = match account.environment {
        Environment::Production => (lang.t("badge-production"), Role::Warning),
        Environment::Sandbox => (lang.t("badge-sandbox"), Role::Accent),
    };
    let mut line = DIALOG.label(&lang.t("confirm-merchant"));
    line.push((format!("{} · {} · ", account.merchant.mchid, account.name), Role::Plain));
    line.push((environment, role));
    Some(line)
}

/// The meaning of a state; its code if this version does not know it.
pub(crate) fn meaning(lang: Lang, state: &model::State) -> String {
    lang.state(state)
}
