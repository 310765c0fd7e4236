//! Draws the form of an action: its fields, the rule of the focused one, and the errors of those that were filled in.
//! If not everything fits, the form scrolls.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::form::state::{FieldInput, Form, FormSubject};
use crate::console::dialogs::prefilled;
use crate::console::tabs::objects::kinds;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{boxed, choice, input, scroll_marks};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::console::words::why_not;
use crate::explain;
use crate::i18n::Lang;
use crate::model::Entity;
use crate::model::action::{Field, FieldError, FieldKind, InBulk, PrepareError, WriteName, form_currency};
use crate::text;

/// Columns of a form within its frame.
const WIDTH: u16 = 72;
/// Columns of its labels.
const LABELS: u16 = 20;

/// A line of the form.
enum FormRow {
    /// A field with its input.
    Field(usize),
    /// A field's rule or error. For a field of rows it is below the rows.
    Rule {
        line: String,
        broken: bool,
        below_rows: bool,
    },
    /// The label of a field of rows.
    Heading(&'static Field),
    /// The headings of its columns.
    Columns(&'static [Field]),
    /// One of its rows, starting at this cell.
    Cells(usize, &'static [Field]),
    Gap,
}

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, form: &Form, area: Rect, layout: &mut FrameLayout) {
    let lang = state.lang;
    let name = lang.action(form.action);
    let (title, fresh) = match &form.subject {
        FormSubject::One(id) => (format!("{name} · {}", id.number), state.fresh(id)),
        FormSubject::Marked(ids) => (format!("{name} · {}", tr!(lang, "bulk-marked", n = ids.len())), None),
        FormSubject::New => (name, None),
    };
    let object = fresh.map(|fresh| &fresh.object);
    let entity = object.map(|object| &*object.entity);
    let problems = form.problems(object, state.now);
    let own = own_fields(form);
    let fixed = 3 + own.len() as u16 + u16::from(!own.is_empty()) + 1;
    // The frame and an empty line on each side are not part of the form.
    let most = area.height.saturating_sub(4 + fixed);
    let width = WIDTH.min(area.width.saturating_sub(6));
    let roomy = rows(state, form, &problems, width, true);
    let rows = if roomy.len() as u16 <= most { roomy } else { rows(state, form, &problems, width, false) };
    let inner = boxed(canvas, state, &title, area, (WIDTH, rows.len() as u16 + fixed), layout);
    let (faint, warning) = (canvas.styles.faint(), canvas.styles.warning());
    let title = match &form.subject {
        FormSubject::One(id) => match entity.and_then(|entity| entity.title()) {
            Some(title) => format!("{} {title}", lang.t(kinds::title(id.kind))),
            None => String::new(),
        },
        FormSubject::Marked(_) => lang.t("bulk-form-shared"),
        FormSubject::New => lang.t("form-new"),
    };
    canvas.put(inner.x, inner.y, inner.width, &title, faint);
    let facts = entity.map_or_else(|| sums(lang, form), |entity| facts(lang, entity));
    canvas.line(inner.x, inner.y + 1, inner.width, &facts, Style::new());
    let seen = (rows.len() as u16).min(inner.height.saturating_sub(fixed));
    let limit = rows.len().saturating_sub(usize::from(seen));
    let scroll = first_seen(&rows, form.focus, usize::from(seen)).min(limit);
    let top = inner.y + 3;
    for (line, row) in rows.iter().skip(scroll).take(usize::from(seen)).enumerate() {
        draw_row(canvas, state, form, row, Rect { y: top + line as u16, height: 1, ..inner }, layout);
    }
    if limit > 0 {
        let place = Rect { y: top, ..inner };
        scroll_marks(canvas, state, place, seen, scroll, limit);
    }
    let mut y = top + seen;
    for (field, words) in &own {
        canvas.put(inner.x, y, LABELS - 2, &lang.t(field.label), faint);
        canvas.put(inner.x + LABELS, y, inner.width.saturating_sub(LABELS), &lang.t(words), Style::new());
        y += 1;
    }
    y += u16::from(!own.is_empty());
    match &form.refused {
        Some(error @ (PrepareError::Illegal(_) | PrepareError::Setting(_))) => {
            canvas.put(inner.x, y, inner.width, &format!("✗ {}", why_not(state.lang, error)), warning);
        }
        Some(PrepareError::Fields(_)) | None => {
            canvas.put(inner.x, y, inner.width, &lang.t("form-nothing-sent"), faint);
        }
    }
}

/// The lines of the form. With enough room every field has a line for its rule, so that nothing moves with the focus.
fn rows(state: &AppState, form: &Form, problems: &[FieldError], width: u16, roomy: bool) -> Vec<FormRow> {
    let mut rows = Vec::new();
    let focused = form.cells.get(form.focus).map(|cell| cell.field.name);
    let mut place = 0;
    while let Some(cell) = form.cells.get(place) {
        let spec = cell.field;
        match spec.kind {
            FieldKind::Rows { columns, .. } => {
                rows.push(FormRow::Heading(spec));
                rows.push(FormRow::Columns(columns));
                while form.cells.get(place).is_some_and(|cell| cell.field.name == spec.name) {
                    rows.push(FormRow::Cells(place, columns));
                    place += columns.len();
                }
            }
            _ => {
                rows.push(FormRow::Field(place));
                place += 1;
            }
        }
        let problem = problems.iter().find(|error| error.field == spec.name);
        let message = problem.map(|error| explain::problem(state.lang, &error.problem));
        let is_checked = !form.is_typed_in(spec.name, None);
        let message = message.or_else(|| above_cap(state, form, spec, cell.input.value()).filter(|_| is_checked));
        let broken = message.is_some();
        let message = message.map(|text| format!("✗ {text}"));
        let rule = || explain::field_rule(state.lang, spec.kind, Some(form.region));
        let message = message.or_else(|| (focused == Some(spec.name)).then(rule));
        let below_rows = matches!(spec.kind, FieldKind::Rows { .. });
        let room = if below_rows { width.saturating_sub(2) } else { width.saturating_sub(LABELS) };
        let lines = message.iter().flat_map(|text| text::wrap(text, usize::from(room.max(8))));
        rows.extend(lines.map(|line| FormRow::Rule { line, broken, below_rows }));
        if roomy && message.is_none() {
            rows.push(FormRow::Gap);
        }
    }
    rows
}

/// The first visible line, so that the focused field and its rule are visible.
fn first_seen(rows: &[FormRow], focus: usize, seen: usize) -> usize {
    let has_focus = |row: &FormRow| match row {
        FormRow::Field(cell) => *cell == focus,
        FormRow::Cells(first, columns) => (*first..first + columns.len()).contains(&focus),
        _ => false,
    };
    let at = rows.iter().position(has_focus).unwrap_or(0);
    (at + 3).saturating_sub(seen).min(at.saturating_sub(2))
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    form: &Form,
    row: &FormRow,
    place: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let (strong, faint, warning) = (canvas.styles.strong(), canvas.styles.faint(), canvas.styles.warning());
    let Rect { x, y, width, .. } = place;
    let inputs = x + LABELS;
    let room = width.saturating_sub(LABELS);
    match row {
        FormRow::Field(at) => {
            let Some(cell) = form.cells.get(*at) else { return };
            let focused = *at == form.focus;
            let label = lang.t(cell.field.label);
            canvas.put(x, y, LABELS - 2, &label, if focused { strong } else { faint });
            draw_cell(canvas, lang, cell, Rect { x: inputs, width: room, ..place }, focused, layout);
            layout.hit(place, Target::Field(*at));
        }
        FormRow::Rule { line, broken, below_rows } => {
            let x = if *below_rows { x + 2 } else { inputs };
            canvas.put(x, y, place.right().saturating_sub(x), line, if *broken { warning } else { faint });
        }
        FormRow::Heading(spec) => {
            let focused = form.cells.get(form.focus).is_some_and(|cell| cell.field.name == spec.name);
            canvas.put(x, y, width, &lang.t(spec.label), if focused { strong } else { faint });
            let keys: Vec<String> = ["form-add-row", "form-remove-row"]
                .into_iter()
                .filter_map(|id| state.commands.iter().find(|command| command.id == id))
                .filter_map(|command| Some(format!("{} {}", command.keys.first()?, command.label(state))))
                .collect();
            canvas.put_right(x, y, width.saturating_sub(2), &keys.join("  "), faint);
        }
        FormRow::Columns(columns) => {
            for (column, place) in columns.iter().zip(spread(columns, place)) {
                canvas.put(place.x, y, place.width, &lang.t(column.label), faint);
            }
        }
        FormRow::Cells(first, columns) => {
            for (offset, at) in spread(columns, place).into_iter().enumerate() {
                let Some(cell) = form.cells.get(first + offset) else { continue };
                draw_cell(canvas, lang, cell, at, first + offset == form.focus, layout);
                layout.hit(at, Target::Field(first + offset));
            }
        }
        FormRow::Gap => {}
    }
}

/// An input, or a chosen value with its meaning.
fn draw_cell(
    canvas: &mut Canvas<'_>,
    lang: Lang,
    cell: &FieldInput,
    place: Rect,
    focused: bool,
    layout: &mut FrameLayout,
) {
    let spec = cell.spec();
    if cell.input.value().is_empty() && !spec.required && !focused && cell.at.is_none() {
        let faint = canvas.styles.faint();
        canvas.put(place.x, place.y, place.width, &lang.t("form-optional"), faint);
        return;
    }
    if !cell.is_chosen() {
        input(canvas, place.x, place.y, place.width, &cell.input, focused, layout);
        if focused && cell.is_prefilled() {
            prefilled::mark(canvas, &cell.input, place);
        }
        return;
    }
    let style = canvas.styles.input(focused);
    let value = choice(lang, spec, cell.input.value());
    let shown = if focused { format!("‹ {value} ›") } else { value };
    let filled = shown.clone() + &" ".repeat(usize::from(place.width).saturating_sub(text::width(&shown)));
    canvas.put(place.x, place.y, place.width, &filled, style);
    if focused {
        layout.cursor = Some((place.x, place.y));
    }
}

/// The positions of the cells of a row: the first column is the widest.
fn spread(columns: &[Field], place: Rect) -> Vec<Rect> {
    let weight = |column: &Field| match column.kind {
        FieldKind::Text { .. } => 3,
        FieldKind::Id { .. } => 4,
        _ => 2,
    };
    let total: u16 = columns.iter().map(weight).sum();
    let gaps = columns.len().saturating_sub(1) as u16;
    // Indented by two columns under the field's label.
    let room = place.width.saturating_sub(gaps + 2);
    let mut x = place.x + 2;
    let mut places = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let last = i + 1 == columns.len();
        let width = if last { place.right().saturating_sub(x) } else { room * weight(column) / total.max(1) };
        places.push(Rect { x, width, height: 1, ..place });
        x += width + 1;
    }
    places
}

/// The total of a creation's values.
fn sums(lang: Lang, form: &Form) -> Line {
    let mut line = Line::new();
    for fact in form.action.sums(&form.values()).into_iter().filter(|fact| !fact.value.is_empty()) {
        let gap = if line.is_empty() { "" } else { " · " };
        line.push((format!("{gap}{} ", lang.t(fact.label)), Role::Faint));
        line.push((fact.value, Role::Strong));
    }
    line
}

/// The fields that are not filled in here because each of the objects has its own value.
fn own_fields(form: &Form) -> Vec<(&'static Field, &'static str)> {
    let own = |field: &'static Field| match field.in_bulk {
        InBulk::Own(words) => Some((field, words)),
        InBulk::Shared => None,
    };
    let many = matches!(form.subject, FormSubject::Marked(_));
    form.action.fields.iter().filter_map(own).filter(|_| many).collect()
}

/// Warns that an amount exceeds what the rules of the profile allow for this action, or is in another currency than theirs:
/// the gate refuses both.
fn above_cap(state: &AppState, form: &Form, spec: &Field, typed: &str) -> Option<String> {
    let account = state.account()?;
    let max = account.rules.cap(WriteName::Action(form.action.id))?;
    let object = match &form.subject {
        FormSubject::One(id) => state.fresh(id).map(|fresh| &fresh.object),
        FormSubject::Marked(_) | FormSubject::New => None,
    };
    let amount = spec.money(typed, form_currency(object, &form.values()))?;
    let (profile, shown) = (&account.name, max.to_string());
    if amount.currency != max.currency {
        return Some(tr!(state.lang, "form-other-currency", profile = profile, max = shown));
    }
    (amount.minor > max.minor).then(|| tr!(state.lang, "form-above-cap", profile = profile, max = shown))
}

/// The present state of the object, to compare the values with.
fn facts(lang: Lang, entity: &Entity) -> Line {
    let state = entity.state();
    let meaning = lang.state(&state);
    let mut line = vec![(format!("{} {meaning}", state.tone.glyph()), Role::Tone(state.tone))];
    let risk_fund = match entity {
        Entity::ServiceOrder(order) => order.risk_fund,
        _ => None,
    };
    for (label, amount) in [("detail-total", entity.amount()), ("detail-risk-fund", risk_fund)] {
        if let Some(amount) = amount {
            line.push((format!(" · {} ", lang.t(label)), Role::Faint));
            line.push((amount.to_string(), Role::Strong));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::ACTIONS;

    #[test]
    fn no_label_of_a_form_is_cut_off_at_80_columns() {
        let place = Rect { x: 0, y: 0, width: WIDTH.min(80 - 6), height: 1 };
        for lang in [Lang::En, Lang::ZhCn] {
            let cut = |field: &Field, room: u16| text::width(&lang.t(field.label)) > usize::from(room);
            for field in ACTIONS.iter().flat_map(|action| action.fields) {
                if let FieldKind::Rows { columns, .. } = field.kind {
                    for (column, place) in columns.iter().zip(spread(columns, place)) {
                        assert!(!cut(column, place.width), "{lang:?} {} {}", field.name, lang.t(column.label));
                    }
                } else {
                    assert!(!cut(field, LABELS - 2), "{lang:?} {}", lang.t(field.label));
                }
            }
        }
    }
}
