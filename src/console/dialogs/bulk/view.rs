//! Draws bulk actions: the preparation, the preview that names every object, and the panel of outcomes.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::state::{BulkConfirm, BulkPhase, OperationProgress, Preparing, Running};
use crate::console::dialogs::confirm::bar;
use crate::console::dialogs::confirm::receipt::{TALL, effect, figure, meaning, merchant, undo};
use crate::console::dialogs::confirm::view::{ConfirmPrompt, sheet};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{DIALOG, boxed, scrolled};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::model::action::{FieldKind, InBulk, Operation};
use crate::model::time::parse_any;
use crate::model::{self, ObjectId, Sum};
use crate::services::{LeftOut, Outcome, Surprise};
use crate::text;
use crate::text::age;

/// Fewer columns than this show too little of a sentence to be useful.
const LEGIBLE: usize = 16;
/// Columns of the amounts in a list.
const AMOUNTS: usize = 14;

/// Columns of the numbers in a list: in full, unless they would take more than half of it.
fn numbers<'a>(ids: impl Iterator<Item = &'a ObjectId>, width: usize) -> usize {
    ids.map(|id| text::width(id.number.as_str())).max().unwrap_or(0).min(width / 2)
}

pub(crate) fn preparing(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    preparing: &Preparing,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let inner = boxed(canvas, state, &lang.t("bulk-preparing-title"), area, (60, 3), layout);
    let (done, total) = (preparing.done, preparing.total);
    let text = match total {
        0 => lang.t("bulk-preparing"),
        _ => tr!(lang, "bulk-preparing-asked", done = done, total = total),
    };
    canvas.put(inner.x, inner.y, inner.width, &text, Style::new());
    let faint = canvas.styles.faint();
    canvas.put(inner.x, inner.y + 2, inner.width, &lang.t("form-nothing-sent"), faint);
}

pub(crate) fn confirm(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    confirm: &BulkConfirm,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let (lang, bulk) = (state.lang, &confirm.prepared.bulk);
    let name = lang.action(bulk.action().action());
    let title = format!("{name} · {}", tr!(lang, "bulk-objects", n = bulk.len()));
    let width = area.width.saturating_sub(8).min(96);
    let lines = preview(state, confirm, usize::from(width), area.height >= TALL);
    let label = |word: &str| tr!(lang, "bulk-confirm-type", count = word);
    let asked = ConfirmPrompt {
        confirm_input: &confirm.confirm_input,
        label: &label,
        barred: bar::of_many(state, confirm),
        notice: None,
        button: Some(format!("{name} · {}", bulk.len())),
        ready: confirm.ready(),
    };
    sheet(canvas, state, &title, &lines, &asked, (area, width), layout);
}

/// Everything to know before confirming: every object is named.
fn preview(state: &AppState, confirm: &BulkConfirm, width: usize, tall: bool) -> Vec<Line> {
    let (lang, prepared) = (state.lang, &*confirm.prepared);
    let (bulk, action) = (&prepared.bulk, prepared.bulk.action().action());
    let totals = bulk.totals();
    let mut lines = match totals.is_empty() {
        true => Vec::new(),
        false => figure(&amounts(&totals), &tr!(lang, "bulk-objects", n = bulk.len()), width, tall),
    };
    lines.extend(effect(state, action, width));
    if let Some((undo, role)) = undo(lang, action) {
        lines.extend(text::wrap(&undo, width).into_iter().map(|line| vec![(line, role)]));
    }
    lines.push(Line::new());
    lines.extend(merchant(state));
    let mut add = |name: &str, value: String, role: Role| {
        for (i, part) in text::wrap(&text::neutralise(&value), width.saturating_sub(18).max(8)).into_iter().enumerate()
        {
            let mut line = DIALOG.label(if i == 0 { name } else { "" });
            line.push((part, role));
            lines.push(line);
        }
    };
    let max = state.account().map_or(0, |account| account.rules.max_bulk);
    add(&lang.t("bulk-how-many"), tr!(lang, "bulk-count", n = bulk.len(), max = max), Role::Strong);
    if !totals.is_empty() {
        add(&lang.t("bulk-total"), amounts(&totals), Role::Strong);
    }
    add(&lang.t("bulk-pace"), tr!(lang, "bulk-rate", n = confirm.rate.per_second()), Role::Plain);
    for spec in action.fields {
        let value = match (spec.in_bulk, confirm.values.get(spec.name).map(|value| value.trim())) {
            (InBulk::Own(own), _) => lang.t(own),
            (InBulk::Shared, Some(value)) if !value.is_empty() => match spec.kind {
                FieldKind::CompactTime => parse_any(value).map_or_else(|| value.to_owned(), age::exact),
                _ => value.to_owned(),
            },
            (InBulk::Shared, _) => continue,
        };
        add(&lang.t(spec.label), value, Role::Plain);
    }
    lines.push(Line::new());
    let columns = numbers(bulk.operations().iter().map(|one| &one.object), width);
    let named = |(one, before)| self::named(state, one, before, [columns, width]);
    lines.extend(bulk.operations().iter().zip(&prepared.states).map(named));
    lines.extend(left_out(state, &prepared.left_out, width));
    lines
}

fn amounts(sums: &[Sum]) -> String {
    sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ")
}

/// One object: its number, amount, state, title and user.
fn named(state: &AppState, operation: &Operation, before: &model::State, [columns, width]: [usize; 2]) -> Line {
    let amount = operation.amount.map(|amount| amount.to_string()).unwrap_or_default();
    let who: Vec<&str> = [&operation.title, &operation.user].into_iter().flatten().map(String::as_str).collect();
    let text = format!("{} {}", before.tone.glyph(), meaning(state.lang, before));
    let used = columns + AMOUNTS + text::width(&text) + 4;
    vec![
        (left(operation.object.number.as_str(), columns), Role::Plain),
        (right(&amount, AMOUNTS), Role::Strong),
        (format!("  {text}"), Role::Tone(before.tone)),
        (format!("  {}", text::cut(&text::neutralise(&who.join(" · ")), width.saturating_sub(used))), Role::Faint),
    ]
}

/// The objects left out, each with the reason.
fn left_out(state: &AppState, left_out: &[LeftOut], width: usize) -> Vec<Line> {
    if left_out.is_empty() {
        return Vec::new();
    }
    let lang = state.lang;
    let profile = state.account().map_or("", |account| account.name.as_str());
    let heading = tr!(lang, "bulk-left-out", n = left_out.len());
    let mut lines = vec![Line::new(), vec![(heading, Role::Heading)]];
    let columns = numbers(left_out.iter().map(|one| &one.object), width);
    for LeftOut { object, why } in left_out {
        let why = text::neutralise(&explain::left_out(explain::on_screen(lang), why, profile)).into_owned();
        for (i, part) in text::wrap(&why, width.saturating_sub(columns + 4).max(8)).into_iter().enumerate() {
            let number =
                if i == 0 { format!("· {}", left(object.number.as_str(), columns)) } else { left("", columns + 2) };
            lines.push(vec![(number, Role::Plain), (format!("  {part}"), Role::Faint)]);
        }
    }
    lines
}

/// Draws the panel of the bulk action in progress, or of the latest one.
pub(crate) fn panel(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    bulk: &Running,
    scroll: Option<usize>,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let name = lang.action(bulk.action.action());
    let title = format!("{name} · {}", tr!(lang, "bulk-objects", n = bulk.rows.len()));
    let width = area.width.saturating_sub(8).min(108);
    let columns = numbers(bulk.rows.iter().map(|(one, _)| &one.object), width.into());
    let ending = |(one, progress): &(_, _)| self::ending(state, bulk, one, progress, [columns, width.into()]);
    let mut lines: Vec<Line> = bulk.rows.iter().map(ending).collect();
    lines.extend(left_out(state, &bulk.left_out, width.into()));
    let (head, role) = phase(state, bulk);
    let head = text::wrap(&text::neutralise(&head), usize::from(width));
    let fixed = head.len() as u16 + 3;
    let inner = boxed(canvas, state, &title, area, (width, lines.len() as u16 + fixed), layout);
    let mut y = inner.y;
    for line in &head {
        canvas.line(inner.x, y, inner.width, &[(line.clone(), role)], Style::new());
        y += 1;
    }
    canvas.line(inner.x, y, inner.width, &tally(state, bulk), Style::new());
    let rows = inner.bottom().saturating_sub(y + 2);
    let list = Rect { y: y + 2, height: rows, ..inner };
    // Until the operator scrolls, the current operation is in the middle.
    let scroll =
        scroll.unwrap_or(if bulk.is_under_way() { bulk.at().saturating_sub(usize::from(rows) / 2) } else { 0 });
    scrolled(canvas, state, &lines, list, list, scroll, layout);
}

/// The status: what it does, or what it waits for.
fn phase(state: &AppState, bulk: &Running) -> (String, Role) {
    let lang = state.lang;
    match &bulk.phase {
        BulkPhase::Running => (tr!(lang, "bulk-running", n = bulk.rate.per_second()), Role::Accent),
        BulkPhase::Paused(None) => (lang.t("bulk-paused"), Role::Warning),
        BulkPhase::Paused(Some(surprise)) => {
            let explanation = match surprise {
                Surprise::Unknown(error) | Surprise::Error(error) => {
                    explain::api_error(explain::on_screen(lang), error)
                }
                Surprise::Denied(denial) => explain::denial(explain::on_screen(lang), denial),
            };
            (tr!(lang, "bulk-surprised", why = explanation.line()), Role::Warning)
        }
        BulkPhase::Stopping => (lang.t("bulk-stopping"), Role::Warning),
        BulkPhase::Finished => (lang.t("bulk-finished"), Role::Strong),
    }
}

/// The number of operations that have ended, by outcome.
fn tally(state: &AppState, bulk: &Running) -> Line {
    let lang = state.lang;
    let ended = tr!(lang, "bulk-ended", done = bulk.ended(), total = bulk.rows.len());
    let mut line = vec![(ended, Role::Strong)];
    for (word, count) in bulk.counts() {
        let role = match word {
            "done" => Role::Plain,
            "left-out" | "not-sent" => Role::Faint,
            _ => Role::Warning,
        };
        line.push((format!("  {} {count} {}", glyph(word), lang.t(&format!("bulk-outcome-{word}"))), role));
    }
    line
}

fn glyph(word: &str) -> &'static str {
    match word {
        "done" => "✓",
        "refused" | "denied" => "✗",
        "unknown" => "?",
        _ => "·",
    }
}

/// The outcome of one operation.
fn ending(
    state: &AppState,
    bulk: &Running,
    operation: &Operation,
    progress: &OperationProgress,
    [columns, width]: [usize; 2],
) -> Line {
    let lang = state.lang;
    let outcome = if let OperationProgress::Ended(outcome) = progress { Some(outcome) } else { None };
    let (mark, text, role) = match (bulk.word(progress), progress) {
        (Some(word), _) => {
            let role = if word == "done" { Role::Plain } else { Role::Warning };
            let text = lang.t(&format!("bulk-outcome-{word}"));
            (glyph(word), text, if word == "not-sent" { Role::Faint } else { role })
        }
        (None, OperationProgress::Sending) => ("▸", lang.t("bulk-outcome-sending"), Role::Accent),
        (None, _) => ("·", lang.t("bulk-outcome-waiting"), Role::Faint),
    };
    let request = outcome.and_then(Outcome::request_id).map(str::to_owned);
    let explanation = outcome.and_then(|outcome| explain::outcome(explain::on_screen(lang), outcome));
    let (why, next) = explanation.map(|text| (text.why.unwrap_or(text.what), text.next)).unzip();
    let mut more = [why, request].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let head = format!("{mark} {}", left(operation.object.number.as_str(), columns));
    let used = text::width(&head) + AMOUNTS + text::width(&text) + 4;
    let amount = operation.amount.map(|amount| amount.to_string()).unwrap_or_default();
    // The advice is shown only if more than its beginning fits.
    let room = width.saturating_sub(used);
    if let Some(next) = next.flatten().filter(|_| text::width(&more) + LEGIBLE <= room) {
        more = format!("{more} · {next}");
    }
    let more = text::neutralise(&more).into_owned();
    vec![
        (head, role),
        (right(&amount, AMOUNTS), Role::Plain),
        (format!("  {text}"), role),
        (format!("  {}", text::cut(&more, room)), Role::Faint),
    ]
}

fn left(text: &str, columns: usize) -> String {
    let text = text::cut_middle(text, columns);
    let space = " ".repeat(columns.saturating_sub(text::width(&text)));
    format!("{text}{space}")
}

fn right(text: &str, columns: usize) -> String {
    let space = " ".repeat(columns.saturating_sub(text::width(text)));
    format!("{space}{text}")
}
