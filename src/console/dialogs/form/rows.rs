//! The rows of a field of rows: they are added, removed, and walked through.

use std::ops::Range;

use crate::console::dialogs::form::state::{FieldInput, Form};
use crate::model::action::{Field, FieldKind};

/// A field of rows: its columns, the most rows it may have, and the places of its inputs.
struct Rows {
    field: &'static Field,
    columns: &'static [Field],
    most: usize,
    cells: Range<usize>,
}

impl Rows {
    fn count(&self) -> usize {
        self.cells.len() / self.columns.len()
    }

    fn row(&self, row: usize) -> Range<usize> {
        let start = self.cells.start + row * self.columns.len();
        start..start + self.columns.len()
    }

    fn empty_row(&self) -> impl Iterator<Item = FieldInput> + use<> {
        let (field, columns) = (self.field, self.columns);
        columns.iter().map(move |column| FieldInput::new(field, Some((0, column)), ""))
    }
}

impl Form {
    /// True if it has a field of rows.
    pub(crate) fn has_rows(&self) -> bool {
        self.cells.iter().any(|cell| cell.at.is_some())
    }

    /// The field of rows that has the focus, and the row.
    fn focused_rows(&self) -> Option<(Rows, usize)> {
        let cell = self.cells.get(self.focus)?;
        let (row, _) = cell.at?;
        Some((self.rows_of(cell.field)?, row))
    }

    fn rows_of(&self, field: &'static Field) -> Option<Rows> {
        let FieldKind::Rows { columns, most } = field.kind else { return None };
        let of_field = |cell: &FieldInput| cell.field.name == field.name;
        let start = self.cells.iter().position(of_field).unwrap_or_else(|| self.place_of(field));
        let count = self.cells.iter().filter(|cell| of_field(cell)).count();
        Some(Rows { field, columns, most, cells: start..start + count })
    }

    fn is_empty(&self, cells: Range<usize>) -> bool {
        self.cells[cells].iter().all(|cell| cell.input.value().trim().is_empty())
    }

    /// True if the focus is in a row.
    pub(crate) fn is_in_row(&self) -> bool {
        self.focused_rows().is_some()
    }

    /// True if another row may follow the focused one.
    pub(crate) fn can_add_row(&self) -> bool {
        self.focused_rows().is_some_and(|(rows, _)| {
            rows.count() < rows.most || rows.count() > 0 && self.is_empty(rows.row(rows.count() - 1))
        })
    }

    /// Adds an empty row below the focused one and moves there. One that is empty already is used.
    pub(crate) fn add_row(&mut self) {
        let Some((rows, row)) = self.focused_rows().filter(|_| self.can_add_row()) else { return };
        let last = rows.count() - 1;
        if self.is_empty(rows.row(row)) {
            return self.focus_on(rows.row(row).start);
        }
        if row < last && self.is_empty(rows.row(row + 1)) {
            return self.focus_on(rows.row(row + 1).start);
        }
        if rows.count() == rows.most {
            self.cells.drain(rows.row(last));
        }
        let place = rows.row(row).end;
        self.cells.splice(place..place, rows.empty_row());
        self.renumber();
        self.refused = None;
        self.focus_on(place);
    }

    /// Removes the focused row.
    pub(crate) fn remove_row(&mut self) {
        let Some((rows, row)) = self.focused_rows() else { return };
        let width = rows.columns.len();
        self.cells.drain(rows.row(row));
        if self.focus + width >= rows.cells.end {
            self.focus = if row > 0 { self.focus - width } else { rows.cells.start };
        }
        self.renumber();
        self.edited();
    }

    /// Moves the focus down or up: in rows by a row, elsewhere by a field.
    pub fn step(&mut self, down: bool) {
        let Some((rows, row)) = self.focused_rows() else {
            self.turn(down);
            // Rows are entered at the beginning of one.
            let entered = self.focused_rows().map(|(rows, row)| rows.row(row).start);
            return entered.into_iter().for_each(|start| self.focus_on(start));
        };
        let (width, count) = (rows.columns.len(), self.cells.len());
        let next = match (down, row) {
            (true, row) if row + 1 < rows.count() => self.focus + width,
            (true, _) => rows.cells.end % count,
            (false, 0) => (rows.cells.start + count - 1) % count,
            (false, _) => self.focus - width,
        };
        self.focus_on(next);
    }

    /// Keeps exactly one empty row after the last filled one, and no other but the one that is being typed in.
    pub(super) fn settle(&mut self) {
        let fields: Vec<&'static Field> = self.fields().collect();
        for field in fields {
            let Some(rows) = self.rows_of(field) else { continue };
            let focused =
                rows.cells.contains(&self.focus).then(|| (self.focus - rows.cells.start) / rows.columns.len());
            let last = rows.count().checked_sub(1);
            let mut count = rows.count();
            for row in (0..rows.count()).rev() {
                let before = row.checked_sub(1);
                let follows_empty =
                    before.is_some_and(|before| focused == Some(before) && self.is_empty(rows.row(before)));
                let kept = focused == Some(row) || Some(row) == last && !follows_empty;
                if kept || !self.is_empty(rows.row(row)) {
                    continue;
                }
                self.cells.drain(rows.row(row));
                count -= 1;
                if self.focus >= rows.row(row).end {
                    self.focus -= rows.columns.len();
                }
            }
            let end = rows.row(count).start;
            let last_is_empty = count > 0 && self.is_empty(end - rows.columns.len()..end);
            if !last_is_empty && count < rows.most {
                self.cells.splice(end..end, rows.empty_row());
                if self.focus >= end && !rows.cells.is_empty() {
                    self.focus += rows.columns.len();
                }
            }
        }
        self.renumber();
    }

    /// Numbers the rows as they stand.
    fn renumber(&mut self) {
        let mut before: Option<&'static str> = None;
        let mut next = 0;
        for cell in &mut self.cells {
            if before != Some(cell.field.name) {
                (before, next) = (Some(cell.field.name), 0);
            }
            let FieldKind::Rows { columns, .. } = cell.field.kind else { continue };
            if let Some((row, _)) = &mut cell.at {
                *row = next / columns.len();
                next += 1;
            }
        }
    }
}
