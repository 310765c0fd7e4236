//! What a preview of one operation says, as a receipt: the amount first, then what remains, whose it is and whether it
//! can be undone; the request is folded.

use crate::console::app::state::AppState;
use crate::console::dialogs::state::{Confirm, Replaced};
use crate::console::tabs::objects::kinds;
use crate::console::widgets::big;
use crate::console::widgets::frame::{DIALOG, choice, json_line};
use crate::console::widgets::role::{Line, Role};
use crate::explain;
use crate::i18n::Lang;
use crate::model::action::{Action, Field, FieldKind, Operation, PreviewLine, Risk, rows};
use crate::model::time::{parse_any, parse_rfc3339};
use crate::model::{self, Environment, Money};
use crate::text;
use crate::text::age;

/// Terminals with at least so many rows have room for large figures.
pub(crate) const TALL: u16 = 30;

/// Facts that stand beside the amount: what it is a part of, and what remains.
const BESIDE: [&str; 2] = ["fact-paid-total", "fact-stays-paid"];

/// Everything to know before confirming.
pub(crate) fn lines(state: &AppState, confirm: &Confirm, width: usize, tall: bool) -> Vec<Line> {
    let lang = state.lang;
    let mut lines = head(state, confirm, width, tall);
    lines.push(Line::new());
    lines.extend(effect(state, confirm.operation.action.action(), width));
    lines.push(Line::new());
    lines.extend(merchant(state));
    details(state, confirm, width, &mut lines);
    lines.push(Line::new());
    request(lang, confirm, width, &mut lines);
    lines
}

/// The amount, what it is a part of and what remains; whose it is; whether it can be undone.
fn head(state: &AppState, confirm: &Confirm, width: usize, tall: bool) -> Vec<Line> {
    let (lang, operation) = (state.lang, &*confirm.operation);
    let mut lines = Vec::new();
    if let Some(amount) = moved(operation) {
        let [whole, stays] = BESIDE;
        let fact = |label: &str| operation.preview.iter().find(|fact| fact.label == label).map(|fact| &*fact.value);
        let whole = fact(whole).map(|whole| tr!(lang, "receipt-of", whole = whole));
        let stays = fact(stays).map(|stays| tr!(lang, "receipt-stays", stays = stays));
        let beside: Vec<String> = whole.into_iter().chain(stays).collect();
        lines.extend(figure(&amount.to_string(), &beside.join("   "), width, tall));
    }
    let number = operation.object.number.as_str();
    // A setting of the merchant is not an object: its number is only the name of its entries in the journal.
    let subject = match state.account().filter(|_| operation.action.action().is_setting()) {
        Some(account) => format!("{} {}", lang.t("confirm-merchant"), account.merchant.mchid),
        None => format!("{} {number}", lang.t(&operation.object.label())),
    };
    let mut whose = vec![(subject, Role::Strong)];
    if let Some(user) = &operation.user {
        let user = format!("→ {} {user}", lang.t("receipt-user"));
        // Neither is ever elided: if they do not fit on one line, they take two.
        if text::width(&whose[0].0) + 1 + text::width(&text::neutralise(&user)) > width {
            lines.push(centred(std::mem::take(&mut whose), width));
            whose.push((user, Role::Plain));
        } else {
            whose.push((format!(" {user}"), Role::Plain));
        }
    }
    let undo = match &confirm.replaced {
        Some(Replaced::Read(None)) => Some((lang.t("confirm-no-former"), Role::Warning)),
        _ => undo(lang, operation.action.action()),
    };
    let wide: usize = whose.iter().chain(&undo).map(|(text, _)| text::width(&text::neutralise(text))).sum();
    match undo {
        Some((undo, role)) if wide + 3 <= width => {
            whose.push((format!("   {undo}"), role));
            lines.push(centred(whose, width));
        }
        undo => {
            lines.push(centred(whose, width));
            if let Some((undo, role)) = undo {
                lines.extend(text::wrap(&undo, width).into_iter().map(|line| centred(vec![(line, role)], width)));
            }
        }
    }
    lines
}

/// The amount that an action moves or asks for. What is only stopped or paused has an amount, too, but nothing is paid:
/// that amount is a line among the others.
pub(crate) fn moved(operation: &Operation) -> Option<Money> {
    operation.amount.filter(|_| matches!(operation.action.action().risk, Risk::MovesMoney | Risk::Makes))
}

/// An amount in large figures if there is room, with what belongs beside it.
pub(crate) fn figure(amount: &str, beside: &str, width: usize, tall: bool) -> Vec<Line> {
    let side = |text: &str| (format!("   {text}"), Role::Plain);
    let mut lines = if tall { vec![Line::new()] } else { Vec::new() };
    match big::rows(amount).filter(|rows| tall && text::width(&rows[0]) + text::width(beside) + 3 <= width) {
        Some(rows) => {
            let blank = " ".repeat(text::width(beside));
            for (i, row) in rows.into_iter().enumerate() {
                let mut line = vec![(row, Role::Strong)];
                if !beside.is_empty() {
                    line.push(side(if i == 2 { beside } else { &blank }));
                }
                lines.push(centred(line, width));
            }
        }
        None if beside.is_empty() => lines.push(centred(vec![(amount.to_owned(), Role::Strong)], width)),
        None => lines.push(centred(vec![(amount.to_owned(), Role::Strong), side(beside)], width)),
    }
    lines.push(Line::new());
    lines
}

fn centred(line: Line, width: usize) -> Line {
    let taken: usize = line.iter().map(|(text, _)| text::width(&text::neutralise(text))).sum();
    let space = " ".repeat(width.saturating_sub(taken) / 2);
    std::iter::once((space, Role::Plain)).chain(line).collect()
}

/// What an action does.
pub(crate) fn effect(state: &AppState, action: &Action, width: usize) -> Vec<Line> {
    let effect = state.lang.t(&format!("effect-{}", action.name()));
    text::wrap(&text::neutralise(&effect), width).into_iter().map(|line| vec![(line, Role::Strong)]).collect()
}

/// Whether it can be undone, and how.
pub(crate) fn undo(lang: Lang, action: &Action) -> Option<(String, Role)> {
    match (action.reverse, action.risk) {
        (Some(reverse), _) => {
            let name = lang.action(reverse.action());
            Some((tr!(lang, "confirm-reverse", action = name), Role::Faint))
        }
        (None, Risk::Reversible) => Some((lang.t("confirm-undone-by-former"), Role::Faint)),
        (None, Risk::Makes) => None,
        (None, Risk::Irreversible | Risk::MovesMoney) => Some((lang.t("confirm-irreversible"), Role::Warning)),
    }
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

/// The values decided here, then what is known of the object.
fn details(state: &AppState, confirm: &Confirm, width: usize, lines: &mut Vec<Line>) {
    let (lang, operation) = (state.lang, &*confirm.operation);
    let mut field = |name: &str, value: &str, role: Role| DIALOG.field(lines, name, value, role, width);
    if let Some(replaced) = &confirm.replaced {
        let (text, role) = match replaced {
            Replaced::Reading => (lang.t("confirm-replaces-reading"), Role::Faint),
            Replaced::Read(Some(url)) => (url.clone(), Role::Strong),
            Replaced::Read(None) => (lang.t("confirm-replaces-none"), Role::Plain),
            Replaced::Unread(_) => (lang.t("confirm-replaces-unknown"), Role::Warning),
        };
        field(&lang.t("confirm-replaces"), &text, role);
    }
    // The amount has no line of its own if a line of the preview shows it.
    let amount = operation.amount.map(|amount| amount.to_string());
    let shows_amount = |fact: &PreviewLine| amount.as_ref().is_some_and(|amount| fact.value.ends_with(amount.as_str()));
    if let Some(amount) = amount.as_deref().filter(|_| moved(operation).is_none())
        && !operation.preview.iter().any(shows_amount)
    {
        field(&lang.t("column-amount"), amount, Role::Strong);
    }
    // What the amount is a part of stands beside it.
    let beside = |fact: &&PreviewLine| moved(operation).is_some() && BESIDE.contains(&fact.label);
    for fact in operation.preview.iter().filter(|fact| !beside(fact)) {
        let role = if shows_amount(fact) { Role::Strong } else { Role::Plain };
        field(&lang.t(fact.label), &times_in_words(&fact.value), role);
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
            field(&lang.t(kinds::title(operation.object.kind)), title, Role::Plain);
        }
        let mut line = DIALOG.label(&lang.t("column-state"));
        let words = meaning(lang, before);
        line.push((format!("{} {words}", before.tone.glyph()), Role::Tone(before.tone)));
        line.extend(lang.code_beside(&words, &before.code).map(|code| (format!("  {code}"), Role::Faint)));
        lines.push(line);
    }
}

/// The same with the times in it, or the two ends of a period, as they are written elsewhere.
fn times_in_words(value: &str) -> String {
    let word = |part: &str| parse_rfc3339(part).map_or_else(|| part.to_owned(), age::exact);
    value.split(" → ").map(word).collect::<Vec<_>>().join(" → ")
}

/// The request: its first line; unfolded, every byte of it.
fn request(lang: Lang, confirm: &Confirm, width: usize, lines: &mut Vec<Line>) {
    let operation = &*confirm.operation;
    let unfolded = confirm.confirm_input.unfolded;
    let target = format!("{} {}", operation.endpoint.endpoint().method.as_str(), operation.target);
    let target = text::neutralise(&target);
    let mark = format!("{} {} ", if unfolded { "▾" } else { "▸" }, lang.t("confirm-request"));
    let key = format!("  {}", confirm.confirm_input.fold_key());
    if !unfolded {
        let room = width.saturating_sub(text::width(&mark) + text::width(&key));
        let target = text::cut(&target, room).into_owned();
        lines.push(vec![(mark, Role::Heading), (target, Role::Plain), (key, Role::Accent)]);
        return;
    }
    lines.push(vec![(mark, Role::Heading), (key, Role::Accent)]);
    lines.extend(text::wrap(&target, width).into_iter().map(|line| vec![(line, Role::Plain)]));
    if operation.body.is_empty() {
        lines.push(vec![(lang.t("confirm-no-body"), Role::Faint)]);
    } else {
        let value: Result<serde_json::Value, _> = serde_json::from_str(&operation.body);
        let body = value.and_then(|value| serde_json::to_string_pretty(&value));
        lines.extend(body.unwrap_or_else(|_| operation.body.clone()).lines().map(json_line));
    }
}
