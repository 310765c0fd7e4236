//! The form of an action: its fields, each with its rule beneath, checked as it is typed.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Placed;
use super::canvas::{Canvas, Line};
use super::dialogs::{boxed, field};
use crate::console::columns::Ink;
use crate::console::msg::Target;
use crate::console::state::State;
use crate::console::state::dialog::{Form, Subject};
use crate::console::update::action::why_not;
use crate::explain;
use crate::i18n::{Lang, ToText};
use crate::model::action::{Field, FieldKind, InBulk, PrepareError, WriteName};
use crate::model::{Currency, Entity, Money};

pub fn draw(canvas: &mut Canvas<'_>, state: &State, form: &Form, area: Rect, placed: &mut Placed) {
    let lang = state.lang;
    let name = lang.t(&format!("action-{}", form.action.name())).into_owned();
    let (title, entity) = match &form.subject {
        Subject::One(id) => (format!("{name} · {}", id.number), state.entity(id)),
        Subject::Marked(ids) => (format!("{name} · {}", lang.tr("bulk-marked", &[("n", &ids.len())])), None),
    };
    let own = own_fields(form);
    let height = 3 * form.inputs.len() as u16 + own.len() as u16 + u16::from(!own.is_empty()) + 4;
    let inner = boxed(canvas, state, &title, area, (72, height), placed);
    let (strong, faint, warning) = (canvas.styles.strong(), canvas.styles.faint(), canvas.styles.warning());
    let mut y = inner.y;
    let title = match &form.subject {
        Subject::One(_) => entity.and_then(|entity| entity.title()).unwrap_or("").to_owned(),
        Subject::Marked(_) => lang.t("bulk-form-shared").into_owned(),
    };
    canvas.put(inner.x, y, inner.width, &title, faint);
    let facts = entity.map(|entity| facts(lang, entity)).unwrap_or_default();
    canvas.line(inner.x, y + 1, inner.width, &facts, Style::new());
    y += 3;
    for (i, (spec, input)) in form.fields().zip(&form.inputs).enumerate() {
        let focused = i == form.focus;
        let label = lang.t(spec.label).into_owned();
        canvas.put(inner.x, y, 18, &label, if focused { strong } else { faint });
        field(canvas, inner.x + 20, y, inner.width - 20, input, focused, placed);
        placed.hit(Rect { x: inner.x, y, width: inner.width, height: 2 }, Target::Field(i));
        // An empty field is no mistake before somebody tries to go on.
        let typed = if input.value().is_empty() { None } else { spec.check(input.value(), state.now).err() };
        match typed.or_else(|| form.error(spec.name).map(|error| error.problem.clone())) {
            Some(problem) => {
                let text = format!("✗ {}", explain::problem(lang, &problem));
                canvas.put(inner.x + 20, y + 1, inner.width - 20, &text, warning);
            }
            None => match above_cap(state, form, spec.kind, input.value()) {
                Some(text) => drop(canvas.put(inner.x + 20, y + 1, inner.width - 20, &format!("✗ {text}"), warning)),
                None => drop(canvas.put(
                    inner.x + 20,
                    y + 1,
                    inner.width - 20,
                    &explain::field_rule(lang, spec.kind),
                    faint,
                )),
            },
        }
        y += 3;
    }
    for (field, words) in &own {
        canvas.put(inner.x, y, 18, &lang.t(field.label), faint);
        canvas.put(inner.x + 20, y, inner.width - 20, &lang.t(words), Style::new());
        y += 1;
    }
    y += u16::from(!own.is_empty());
    match &form.refused {
        Some(error @ (PrepareError::Illegal(_) | PrepareError::Setting(_))) => {
            canvas.put(inner.x, y, inner.width, &format!("✗ {}", why_not(state, error)), warning);
        }
        _ => drop(canvas.put(inner.x, y, inner.width, &lang.t("form-nothing-sent"), faint)),
    }
}

/// The fields that are not filled in here, because each of many objects takes its own.
fn own_fields(form: &Form) -> Vec<(&'static Field, &'static str)> {
    let own = |field: &'static Field| match field.in_bulk {
        InBulk::Own(words) => Some((field, words)),
        InBulk::Shared => None,
    };
    let many = matches!(form.subject, Subject::Marked(_));
    form.action.fields.iter().filter_map(own).filter(|_| many).collect()
}

/// That an amount is more than the rules of the profile allow for this action.
fn above_cap(state: &State, form: &Form, kind: FieldKind, typed: &str) -> Option<String> {
    let account = state.account().filter(|_| kind == FieldKind::Money)?;
    let max = account.rules.cap(WriteName::Action(form.action.id))?;
    let above = Money::parse(typed, Currency::CNY).is_ok_and(|amount| amount.minor > max.minor);
    let args: [(&str, &dyn ToText); 2] = [("profile", &account.name), ("max", &max.to_string())];
    above.then(|| state.lang.tr("form-above-cap", &args))
}

/// How the object is now: what the values that are filled in have to be measured by.
fn facts(lang: Lang, entity: &Entity) -> Line {
    let state = entity.state();
    let meaning = state.meaning.map_or_else(|| state.code.clone(), |id| lang.t(id).into_owned());
    let mut line = vec![(format!("{} {meaning}", state.tone.glyph()), Ink::Tone(state.tone))];
    let risk_fund = match entity {
        Entity::ServiceOrder(order) => order.risk_fund,
        _ => None,
    };
    for (label, amount) in [("detail-total", entity.amount()), ("detail-risk-fund", risk_fund)] {
        if let Some(amount) = amount {
            line.push((format!(" · {} ", lang.t(label)), Ink::Faint));
            line.push((amount.to_string(), Ink::Strong));
        }
    }
    line
}
