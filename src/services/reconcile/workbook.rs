//! The rows of a workbook of Excel 2007 or later, one after another: the first sheet that has any.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use crate::model::time::{Duration, bill_time, parse_bill_time};

/// Calls `each` with the number of a row, counted from 1, and its cells as text, until it returns an error.
pub(super) fn each_row<E: From<io::Error>>(
    path: &Path,
    mut each: impl FnMut(u64, &[String]) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |error: XlsxError| E::from(io::Error::new(io::ErrorKind::InvalidData, error));
    let mut workbook: Xlsx<BufReader<File>> = Xlsx::new(BufReader::new(File::open(path)?)).map_err(failed)?;
    for sheet in workbook.sheet_names() {
        let mut cells = match workbook.worksheet_cells_reader(&sheet) {
            // A chart is no table.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            cells => cells.map_err(failed)?,
        };
        let (mut row, mut at, mut some) = (Vec::new(), None, false);
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            let (line, column) = cell.get_position();
            if at.is_some_and(|at| at != line) {
                each(at.map_or(1, |at: u32| u64::from(at) + 1), &row)?;
                row.clear();
            }
            (at, some) = (Some(line), true);
            // A cell far to the right does not make a row of millions.
            let column = usize::try_from(column).unwrap_or(usize::MAX).min(MOST_COLUMNS);
            if row.len() <= column {
                row.resize(column + 1, String::new());
            }
            row[column] = text(cell.get_value());
        }
        if let Some(at) = at {
            each(u64::from(at) + 1, &row)?;
        }
        if some {
            return Ok(());
        }
    }
    Ok(())
}

/// The columns that are read.
const MOST_COLUMNS: usize = 255;

fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            // A time is a fraction of a day, which is rarely a whole second exactly.
            let carry = if milli >= 500 { 1 } else { 0 };
            let at = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
            match parse_bill_time(&at) {
                Some(exact) => bill_time(exact + Duration::seconds(carry)),
                None => at,
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A number as it was typed. Beyond fifteen digits a workbook has not kept it: it is written so that this is seen.
fn number_text(number: f64) -> String {
    if number.abs() >= 1e15 {
        let text = format!("{number:E}");
        return text.replacen('E', "E+", 1);
    }
    // What was calculated has digits that nobody typed: 0.1 + 0.2.
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    #[test]
    fn cells_are_read_as_they_were_typed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.xlsx");
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        sheet.write_string(0, 0, "订单号").unwrap();
        sheet.write_string(1, 0, "42000012345678901234").unwrap();
        sheet.write_number(1, 1, 0.1 + 0.2).unwrap();
        let at = ExcelDateTime::from_ymd(2026, 11, 20).unwrap().and_hms(23, 59, 58).unwrap();
        sheet.write_datetime_with_format(1, 2, &at, &format).unwrap();
        sheet.write_number(3, 0, 42_000_012_345_678_901_234.0).unwrap();
        sheet.write_number(3, 2, 28.8).unwrap();
        workbook.save(&path).unwrap();
        let mut rows = Vec::new();
        let read = |line, cells: &[String]| {
            rows.push((line, cells.to_vec()));
            Ok::<(), io::Error>(())
        };
        each_row(&path, read).unwrap();
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        assert_eq!(rows[0], (1, row(&["订单号"])));
        assert_eq!(rows[1], (2, row(&["42000012345678901234", "0.3", "2026-11-20 23:59:58"])));
        assert_eq!(rows[2], (4, row(&["4.20000123456789E+19", "", "28.8"])));
        let not = folder.path().join("not.xlsx");
        std::fs::write(&not, b"PK\x03\x04 nothing").unwrap();
        assert!(each_row(&not, |_, _| Ok::<(), io::Error>(())).is_err());
    }
}
