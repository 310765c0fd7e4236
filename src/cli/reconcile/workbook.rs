//! A reconciliation as a workbook: the sums first, then a sheet for each class of difference and one for what is held
//! over. Numbers of orders are text, amounts are numbers.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::rows::{self, ReportCell};
use crate::explain;
use crate::i18n::Lang;
use crate::model::Sum;
use crate::model::reconcile::{DifferenceClass, RowVerdict};
use crate::model::time::beijing_day;
use crate::services::reconcile::Reconciled;
use crate::text::width;

struct Formats {
    heading: Format,
    text: Format,
    total: Format,
}

pub(super) fn bytes(lang: Lang, reconciled: &Reconciled) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let formats = Formats {
        heading: Format::new().set_bold().set_background_color(0xE8_EEF5).set_text_wrap(),
        // Text, whatever it looks like.
        text: Format::new().set_num_format("@").set_align(FormatAlign::Left),
        total: Format::new().set_bold(),
    };
    summary(lang, reconciled, workbook.add_worksheet(), &formats)?;
    let ids = rows::ids(reconciled);
    for class in DifferenceClass::ALL {
        let mut differences = reconciled.result.of_class(class).peekable();
        if differences.peek().is_none() {
            continue;
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name(explain::difference_class(lang, class))?;
        header(sheet, &rows::header(lang), &formats)?;
        let mut line = 0u32;
        for difference in differences.take(MOST_ROWS) {
            line += 1;
            for (column, cell) in (0u16..).zip(rows::cells(lang, &difference, ids.get(&difference.key()).copied())) {
                write(sheet, (line, column), cell, &formats)?;
            }
        }
        sheet.autofilter(0, 0, line, u16::try_from(rows::COLUMNS.len()).unwrap_or(0))?;
    }
    held(lang, reconciled, &mut workbook, &formats)?;
    workbook.save_to_buffer()
}

/// A sheet has 1,048,576 rows.
const MOST_ROWS: usize = 1_048_000;

fn header(sheet: &mut Worksheet, names: &[String], formats: &Formats) -> Result<(), XlsxError> {
    for (column, name) in (0u16..).zip(names) {
        sheet.write_string_with_format(0, column, name, &formats.heading)?;
        let wide = match column {
            3 | 4 => 32.0,
            14 | 15 => 60.0,
            9 | 11 => 20.0,
            _ => 14.0,
        };
        sheet.set_column_width(column, wide)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// An amount as a number with the decimals of its currency. A workbook has fifteen digits; one with more is text.
fn number(sheet: &mut Worksheet, (row, column): (u32, u16), sum: Sum, bold: bool) -> Result<(), XlsxError> {
    let decimals = usize::from(sum.currency.decimals());
    let pattern = if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(decimals)) };
    let mut format = Format::new().set_num_format(pattern);
    if bold {
        format = format.set_bold();
    }
    let plain = sum.plain();
    match plain.parse::<f64>() {
        // Written as the shortest number that is read as this one: no digit is lost.
        Ok(value) if sum.minor.unsigned_abs() < 1_000_000_000_000_000 => {
            sheet.write_number_with_format(row, column, value, &format)?;
        }
        _ => {
            sheet.write_string(row, column, plain)?;
        }
    }
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: ReportCell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        ReportCell::Text(text) => sheet.write_string_with_format(row, column, text, &formats.text).map(|_| ()),
        ReportCell::Amount(amount) => number(sheet, (row, column), amount.into(), false),
    }
}

fn summary(lang: Lang, reconciled: &Reconciled, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(lang.t("reconcile-summary"))?;
    let result = &reconciled.result;
    let title = tr!(lang, "reconcile-title", days = explain::reconciled_days(lang, result));
    sheet.write_string_with_format(0, 0, title, &formats.total)?;
    sheet.write_string(1, 0, lang.t("reconcile-zone"))?;
    sheet.set_column_width(0, 34)?;
    let mut line = 3u32;
    for balance in result.balances() {
        let side = format!("{} · {}", explain::book_side(lang, balance.side), balance.currency.code());
        for (column, text) in [(0u16, side), (1, lang.t("reconcile-count")), (2, lang.t("reconcile-cell-amount"))] {
            sheet.write_string_with_format(line, column, text, &formats.heading)?;
        }
        for verdict in RowVerdict::all() {
            let Some(volume) = balance.parts.get(&verdict) else { continue };
            line += 1;
            sheet.write_string(line, 0, explain::row_verdict(lang, verdict))?;
            count(sheet, (line, 1), volume.count)?;
            number(sheet, (line, 2), balance.sum(*volume), false)?;
        }
        line += 1;
        sheet.write_string_with_format(line, 0, lang.t("reconcile-total"), &formats.total)?;
        count(sheet, (line, 1), balance.total.count)?;
        number(sheet, (line, 2), balance.sum(balance.total), true)?;
        line += 2;
    }
    let notes = super::text::sides(lang, reconciled).into_iter().chain(explain::reconcile_notes(lang, reconciled));
    for note in notes {
        sheet.write_string(line, 0, note)?;
        line += 1;
    }
    let widest = result.balances().iter().map(|balance| width(&balance.sum(balance.total).to_string())).max();
    sheet.set_column_width(2, widest.unwrap_or(12).max(14) as f64)?;
    Ok(())
}

fn count(sheet: &mut Worksheet, (row, column): (u32, u16), count: u64) -> Result<(), XlsxError> {
    sheet.write_number(row, column, count as f64)?;
    Ok(())
}

fn held(lang: Lang, reconciled: &Reconciled, workbook: &mut Workbook, formats: &Formats) -> Result<(), XlsxError> {
    if reconciled.open.is_empty() {
        return Ok(());
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name(lang.t("reconcile-held-over"))?;
    let mut names = vec![lang.t("reconcile-cell-age")];
    names.extend(rows::header(lang));
    header(sheet, &names, formats)?;
    let today = beijing_day(time::OffsetDateTime::now_utc());
    for (line, held) in (1u32..).zip(reconciled.open.iter().take(MOST_ROWS)) {
        sheet.write_number(line, 0, held.age(today) as f64)?;
        for (column, cell) in (1u16..).zip(rows::cells(lang, &held.difference, Some(held.id))) {
            write(sheet, (line, column), cell, formats)?;
        }
    }
    Ok(())
}
