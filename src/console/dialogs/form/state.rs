//! The form of an action while it is filled in: one input for each field, and for each cell of its rows.

use crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

use crate::console::dialogs::prefilled::replaces;
use crate::model::action::{Action, Field, FieldError, FieldKind, InBulk, PrepareError, Problem, Values, rows};
use crate::model::time::Timestamp;
use crate::model::{ObjectId, Region};

/// What an action applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormSubject {
    One(ObjectId),
    Marked(Vec<ObjectId>),
    /// A creation has no object.
    New,
}

/// An action's form.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: &'static Action,
    pub subject: FormSubject,
    /// The merchant's region: each has its own fields.
    pub region: Region,
    /// All inputs, in the order of Tab.
    pub cells: Vec<FieldInput>,
    pub focus: usize,
    /// The errors of the latest attempt to submit.
    pub refused: Option<PrepareError>,
}

/// An input of the form.
#[derive(Clone, Debug)]
pub struct FieldInput {
    /// The field it belongs to.
    pub field: &'static Field,
    /// For fields of rows: the row and the column.
    pub at: Option<(usize, &'static Field)>,
    pub input: Input,
    /// Something was typed or chosen here. Until then, the first character replaces the value it came with.
    pub touched: bool,
    /// The focus has left it, or the form was submitted: from then on its errors are shown.
    pub left: bool,
}

impl FieldInput {
    pub fn new(field: &'static Field, at: Option<(usize, &'static Field)>, value: &str) -> Self {
        Self { field, at, input: value.to_owned().into(), touched: false, left: false }
    }

    /// What is checked as one: a field, or one row of a field of rows.
    fn unit(&self) -> (&'static str, Option<usize>) {
        (self.field.name, self.at.map(|(row, _)| row))
    }

    /// True if it has a value that the next character replaces.
    pub(crate) fn is_prefilled(&self) -> bool {
        !self.touched && !self.is_chosen() && !self.input.value().is_empty()
    }

    /// The rule that its value must satisfy: that of the column, or of the field.
    pub(crate) fn spec(&self) -> &'static Field {
        self.at.map_or(self.field, |(_, column)| column)
    }

    /// True if its value is chosen from a list, not typed.
    pub(crate) fn is_chosen(&self) -> bool {
        matches!(self.spec().kind, FieldKind::Choice(_) | FieldKind::Flag)
    }

    /// Handles a key that chooses a value. An optional field can also be empty.
    fn choose(&mut self, key: KeyEvent) -> bool {
        let spec = self.spec();
        let values: &[&str] = match spec.kind {
            FieldKind::Choice(values) => values,
            FieldKind::Flag => &["true", "false"],
            _ => return false,
        };
        let choices: Vec<&str> = (!spec.required).then_some("").into_iter().chain(values.iter().copied()).collect();
        let at = choices.iter().position(|value| *value == self.input.value());
        let step = match key.code {
            KeyCode::Right | KeyCode::Char(' ') => 1,
            KeyCode::Left => choices.len() - 1,
            KeyCode::Char('y' | 'Y') if spec.kind == FieldKind::Flag => return self.set("true"),
            KeyCode::Char('n' | 'N') if spec.kind == FieldKind::Flag => return self.set("false"),
            KeyCode::Backspace | KeyCode::Delete if !spec.required => return self.set(""),
            _ => return false,
        };
        let next = at.map_or(0, |at| (at + step) % choices.len());
        self.set(choices[next])
    }

    fn set(&mut self, value: &str) -> bool {
        self.input = Input::new(value.to_owned());
        true
    }
}

impl Form {
    pub fn new(action: &'static Action, subject: FormSubject, region: Region, values: &Values) -> Self {
        let mut form = Self { action, subject, region, cells: Vec::new(), focus: 0, refused: None };
        let text = |field: &Field| values.get(field.name).cloned().unwrap_or_default();
        for field in form.fields() {
            match field.kind {
                FieldKind::Rows { columns, .. } => {
                    for (row, cells) in rows(&text(field)).into_iter().enumerate() {
                        for (place, column) in columns.iter().enumerate() {
                            let value = cells.get(place).copied().unwrap_or_default();
                            form.cells.push(FieldInput::new(field, Some((row, column)), value));
                        }
                    }
                }
                _ => form.cells.push(FieldInput::new(field, None, &text(field))),
            }
        }
        form.settle();
        form
    }

    /// The fields to fill in; for many objects, only those with a shared value.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        let many = matches!(self.subject, FormSubject::Marked(_));
        self.action.fields_in(self.region).filter(move |field| !many || field.in_bulk == InBulk::Shared)
    }

    pub fn values(&self) -> Values {
        let mut values: Values = self.fields().map(|field| (field.name, String::new())).collect();
        for cell in &self.cells {
            let text = values.entry(cell.field.name).or_default();
            if let Some((row, column)) = cell.at {
                let first = cell.columns().first().is_some_and(|first| std::ptr::eq(first, column));
                text.push_str(match (row, first) {
                    (0, true) => "",
                    (_, true) => "\n",
                    (_, false) => "\t",
                });
            }
            text.push_str(cell.input.value());
        }
        // Empty rows are left out.
        for field in self.fields().filter(|field| matches!(field.kind, FieldKind::Rows { .. })) {
            if let Some(text) = values.get_mut(field.name) {
                let filled = |line: &&str| !line.trim().is_empty();
                *text = text.split('\n').filter(filled).collect::<Vec<_>>().join("\n");
            }
        }
        values
    }

    /// The focused input, if it accepts text.
    pub(crate) fn focused(&mut self) -> Option<&mut Input> {
        self.cells.get_mut(self.focus).filter(|cell| !cell.is_chosen()).map(|cell| &mut cell.input)
    }

    /// Handles a key that chooses the focused value. False if the key does not choose, or there is no such value.
    pub fn choose(&mut self, key: KeyEvent) -> bool {
        let Some(cell) = self.cells.get_mut(self.focus) else { return false };
        let chosen = cell.choose(key);
        if chosen {
            cell.touched = true;
            self.edited();
        }
        chosen
    }

    /// To be called after a value has changed.
    pub(crate) fn edited(&mut self) {
        self.refused = None;
        self.settle();
    }

    /// A key is about to be typed into the focused input: a character replaces a value that it came with, a cursor key
    /// keeps it. True if the value was removed.
    pub(crate) fn type_over(&mut self, key: KeyEvent) -> bool {
        let Some(cell) = self.cells.get_mut(self.focus).filter(|cell| !cell.is_chosen()) else { return false };
        let removed = replaces(key) && cell.is_prefilled();
        if removed {
            cell.input.reset();
        }
        cell.touched = true;
        removed
    }

    /// Moves the focus to the next or previous input.
    pub fn turn(&mut self, forward: bool) {
        let count = self.cells.len().max(1);
        self.focus_on((self.focus + if forward { 1 } else { count - 1 }) % count);
    }

    /// Moves the focus to this input. What it leaves is complete: its errors are shown from now on.
    pub(crate) fn focus_on(&mut self, place: usize) {
        let from = self.unit(self.focus);
        let place = place.min(self.cells.len().saturating_sub(1));
        let left: Vec<usize> = (0..self.cells.len()).filter(|at| self.unit(*at) == from).collect();
        if from != self.unit(place) && left.iter().any(|at| self.cells[*at].touched) {
            left.into_iter().for_each(|at| self.cells[at].left = true);
        }
        self.focus = place;
        self.settle();
    }

    fn unit(&self, place: usize) -> Option<(&'static str, Option<usize>)> {
        self.cells.get(place).map(FieldInput::unit)
    }

    /// Moves the focus to the first cell of the first invalid field.
    pub fn refuse(&mut self, error: PrepareError) {
        if let PrepareError::Fields(errors) = &error {
            let faulty = |cell: &FieldInput, error: &FieldError| {
                let row = self.row_of(error);
                cell.field.name == error.field && row.is_none_or(|row| cell.at.is_some_and(|(at, _)| at == row))
            };
            let place = errors.iter().find_map(|error| self.cells.iter().position(|cell| faulty(cell, error)));
            self.focus = place.unwrap_or(self.focus);
        }
        self.cells.iter_mut().for_each(|cell| cell.left = true);
        self.refused = Some(error);
    }

    /// The errors to show: of what was filled in so far, or of the latest attempt to submit. A field that is being typed
    /// in for the first time has none yet.
    pub(crate) fn problems(&self, object: Option<&crate::model::Object>, now: Timestamp) -> Vec<FieldError> {
        let mut errors = self.action.problems(object, &self.values(), self.region, false, now);
        errors.retain(|error| !self.is_typed_in(error.field, self.row_of(error)));
        if let Some(PrepareError::Fields(refused)) = &self.refused {
            errors.extend(refused.iter().filter(|error| !errors.contains(error)).cloned().collect::<Vec<_>>());
        }
        errors
    }

    /// True if this field, or this row of it, is being typed in for the first time.
    pub(crate) fn is_typed_in(&self, field: &str, row: Option<usize>) -> bool {
        let Some(focused) = self.cells.get(self.focus).filter(|cell| cell.field.name == field && !cell.left) else {
            return false;
        };
        let focused_row = focused.at.map(|(row, _)| row);
        let unit = self.unit(self.focus);
        let touched = (0..self.cells.len()).any(|at| self.unit(at) == unit && self.cells[at].touched);
        touched && (row.is_none() || row == focused_row)
    }

    /// The row of the form that an error names. Errors count only rows that are not empty.
    fn row_of(&self, error: &FieldError) -> Option<usize> {
        let Problem::Row { row, .. } = &error.problem else { return None };
        let rows = self.cells.iter().filter(|cell| cell.field.name == error.field).filter_map(|cell| cell.at);
        let mut filled: Vec<usize> = rows.map(|(row, _)| row).collect();
        filled.dedup();
        filled.retain(|row| {
            let of_row = |cell: &&FieldInput| cell.unit() == (error.field, Some(*row));
            self.cells.iter().filter(of_row).any(|cell| !cell.input.value().trim().is_empty())
        });
        filled.get(row.checked_sub(1)?).copied()
    }

    /// Where to insert the cells of a field that has none.
    pub(super) fn place_of(&self, field: &'static Field) -> usize {
        let order = |of: &Field| self.fields().position(|known| known.name == of.name);
        self.cells.iter().position(|cell| order(cell.field) > order(field)).unwrap_or(self.cells.len())
    }
}

impl FieldInput {
    fn columns(&self) -> &'static [Field] {
        match self.field.kind {
            FieldKind::Rows { columns, .. } => columns,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::ActionId;

    fn typed(form: &mut Form, text: &str) {
        if let Some(input) = form.focused() {
            *input = text.to_owned().into();
        }
        form.edited();
    }

    #[test]
    fn a_row_that_is_begun_brings_the_next_and_empty_rows_are_none() {
        let mut form = Form::new(ActionId::PlanCreate.action(), FormSubject::New, Region::Mainland, &Values::new());
        let rows = |form: &Form| form.cells.iter().filter(|cell| cell.at.is_some()).count() / 4;
        assert_eq!(rows(&form), 1);
        form.focus = form.cells.iter().position(|cell| cell.at.is_some()).unwrap();
        typed(&mut form, "第一课");
        assert_eq!(rows(&form), 2);
        form.turn(true);
        typed(&mut form, "99");
        form.turn(true);
        typed(&mut form, "88");
        assert_eq!(form.values()["details"], "第一课\t99\t88\t");
        let again = Form::new(form.action, FormSubject::New, Region::Mainland, &form.values());
        assert_eq!((rows(&again), again.values()), (2, form.values()));
        for _ in 0..3 {
            typed(&mut form, "");
            form.turn(false);
        }
        assert_eq!((rows(&form), form.values()["details"].as_str()), (1, ""));
    }

    #[test]
    fn a_choice_is_turned_and_not_typed() {
        let mut form = Form::new(ActionId::OrderCreate.action(), FormSubject::New, Region::Mainland, &Values::new());
        form.focus = form.cells.iter().position(|cell| cell.field.name == "risk-fund").unwrap();
        assert!(form.focused().is_none());
        let key = |code| KeyEvent::from(code);
        assert!(form.choose(key(KeyCode::Right)));
        assert_eq!(form.values()["risk-fund"], "ESTIMATE_ORDER_COST");
        assert!(form.choose(key(KeyCode::Left)));
        assert_eq!(form.values()["risk-fund"], "CASH_DEPOSIT");
        assert!(!form.choose(key(KeyCode::Char('x'))));
    }
}
