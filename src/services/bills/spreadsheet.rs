//! A bill's rows for a spreadsheet: every column that the file has, numbers of objects as text so that none of their
//! digits are lost, and no text from outside as a formula.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::model::bill::{BillError, Header, Piece, merchants_text};
use crate::model::time::parse_bill_time;
use crate::services::bills::BillFailure;
use crate::text::neutralise;

/// Why nothing was exported.
#[derive(Debug)]
pub(crate) enum Unexported {
    /// The bill cannot be read.
    Bill(BillError),
    /// The exported file cannot be written.
    File(BillFailure),
}

impl From<BillError> for Unexported {
    fn from(error: BillError) -> Self {
        Self::Bill(error)
    }
}

/// Makes a new file of a bill's rows, whole or not at all. Returns how many there are.
pub(crate) fn save_spreadsheet(bill: &Path, to: &Path) -> Result<u64, Unexported> {
    let failed = |error| Unexported::File(BillFailure::file(to, error));
    if to.exists() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let begun = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut out = io::BufWriter::new(begun.as_file());
    let rows = write_spreadsheet(bill, &mut out).map_err(|error| match error {
        Unexported::File(BillFailure::File { source, .. }) => failed(source),
        other => other,
    })?;
    out.flush().map_err(failed)?;
    drop(out);
    begun.as_file().sync_all().map_err(failed)?;
    begun.persist_noclobber(to).map_err(|error| failed(error.error))?;
    Ok(rows)
}

/// Writes a bill's rows.
pub(crate) fn write_spreadsheet(bill: &Path, out: &mut dyn Write) -> Result<u64, Unexported> {
    let failed = |error: io::Error| Unexported::File(BillFailure::file(bill, error));
    // Bills of different days may have different columns: the table has all of them.
    let mut columns = Columns::default();
    let mut reader = crate::services::bills::open(bill)?;
    columns.add(reader.header());
    while let Some(piece) = reader.next_piece()? {
        if matches!(piece, Piece::Begins { .. }) {
            columns.add(reader.header());
        }
    }
    // Spreadsheets recognise UTF-8 by this mark.
    out.write_all("\u{feff}".as_bytes()).map_err(failed)?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let csv_failed = |error: csv::Error| failed(error.into());
    writer.write_record(columns.0.iter().map(|(name, _)| text(name))).map_err(csv_failed)?;
    let mut reader = crate::services::bills::open(bill)?;
    let mut places = columns.places(reader.header());
    let mut rows = 0;
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Begins { .. } => places = columns.places(reader.header()),
            Piece::Entry(entry) => {
                let cells = entry.cells(reader.header());
                let mut record = vec![String::new(); columns.0.len()];
                for (place, (value, column)) in cells.iter().zip(&places).enumerate() {
                    record[*column] = cell(value, reader.header(), place);
                }
                writer.write_record(&record).map_err(csv_failed)?;
                rows += 1;
            }
            Piece::Bad(_) | Piece::Summary { .. } => {}
        }
    }
    writer.flush().map_err(failed)?;
    Ok(rows)
}

/// The columns of all bills in a file, each by its name and by how many of that name are before it in its header.
#[derive(Default)]
struct Columns(Vec<(String, usize)>);

impl Columns {
    fn named(header: &Header) -> impl Iterator<Item = (String, usize)> {
        let names = header.names();
        let before = |place: usize| names[..place].iter().filter(|name| **name == names[place]).count();
        (0..names.len()).map(move |place| (names[place].clone(), before(place)))
    }

    fn add(&mut self, header: &Header) {
        for column in Self::named(header) {
            if !self.0.contains(&column) {
                self.0.push(column);
            }
        }
    }

    /// Where each column of a header is.
    fn places(&self, header: &Header) -> Vec<usize> {
        let place = |column| self.0.iter().position(|own| *own == column).unwrap_or_default();
        Self::named(header).map(place).collect()
    }
}

fn cell(value: &str, header: &Header, place: usize) -> String {
    let value = if header.is_merchants(place) { merchants_text(value).into() } else { Cow::Borrowed(value.trim()) };
    if value.is_empty() || parse_bill_time(&value).is_some() {
        return value.into_owned();
    }
    let amount = value.strip_suffix('%').unwrap_or(&value);
    let is_amount = is_number(amount) && !is_long(amount);
    if is_amount && !header.names_something(place) {
        return value.into_owned();
    }
    let harmless = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*@.+".contains(&byte));
    let is_number = header.names_something(place) || is_number(&value) || value.parse::<f64>().is_ok();
    // A formula of nothing but a text: no spreadsheet makes a number of it.
    if harmless && is_number && value != "0" { format!("=\"{value}\"") } else { text(&value) }
}

/// Digits with at most a sign and a point.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a spreadsheet would change a number: it keeps fifteen digits and no leading zeros.
fn is_long(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    digits > 15 || (number.len() > 1 && number.starts_with('0') && !number.contains('.'))
}

/// Text that is no formula, and nothing that a terminal or a spreadsheet would obey.
fn text(value: &str) -> String {
    let lines: Vec<Cow<'_, str>> = value.split('\n').map(neutralise).collect();
    let value = lines.join("\n");
    // Some spreadsheets take the full-width signs for the others.
    if value.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) { format!("'{value}") } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bill: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bill.csv");
        std::fs::write(&file, bill).unwrap();
        let to = folder.path().join("for-a-spreadsheet.csv");
        save_spreadsheet(&file, &to).unwrap();
        let again = save_spreadsheet(&file, &to);
        assert!(matches!(again, Err(Unexported::File(_))), "what is there stays: {again:?}");
        std::fs::read_to_string(to).unwrap()
    }

    #[test]
    fn numbers_keep_their_digits_and_text_becomes_no_formula() {
        let text = written(
            "\u{feff}交易时间,商户号,微信订单号,商户订单号,商品名称,手续费,费率,订单金额,某新列\r\n\
            `2025-10-09 16:53:41,`1900009999,`4200009999202510090000000001,`007,`=HYPERLINK(1)\\ x\\n-1,`-0.05000,`0.60%,`1.00,`12345678901234567\r\n\
            `2025-10-09 16:53:42,`1900009999,`,`2E10,`@SUM(1),`0.00000,`0.60%,`1234567.80,`x\u{1b}[1m\r\n",
        );
        let expected = "\u{feff}交易时间,商户号,微信订单号,商户订单号,商品名称,手续费,费率,订单金额,某新列\r\n\
            2025-10-09 16:53:41,\"=\"\"1900009999\"\"\",\"=\"\"4200009999202510090000000001\"\"\",\"=\"\"007\"\"\",\
            \"'=HYPERLINK(1),x\n-1\",-0.05000,0.60%,1.00,\"=\"\"12345678901234567\"\"\"\r\n\
            2025-10-09 16:53:42,\"=\"\"1900009999\"\"\",,\"=\"\"2E10\"\"\",'@SUM(1),0.00000,0.60%,1234567.80,x␛[1m\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_exported_is_read_as_the_same_bill_again_with_the_columns_of_all() {
        let one = "交易时间,商户订单号,订单金额\n`2025-10-09 16:53:41,`4200009999202510090000000001,`1.00\n";
        let other = "交易时间,商户订单号,手续费,订单金额\n`2025-10-10 16:53:41,`T-2,`0.01000,`2.00\n";
        let text = written(&format!("{one}{other}"));
        assert_eq!(text.lines().next(), Some("\u{feff}交易时间,商户订单号,订单金额,手续费"));
        // A column that the first has not is empty there, which is no amount.
        let mut bill = crate::model::bill::Bill::open(text.as_bytes()).unwrap();
        let (first, second) = (bill.next_row().unwrap().unwrap(), bill.next_row().unwrap().unwrap());
        assert!(first.is_err());
        let second = second.unwrap().row;
        assert_eq!((second.numbers()[0].1, second.amount().minor), ("T-2", 200));
        let text = written(one);
        let mut bill = crate::model::bill::Bill::open(text.as_bytes()).unwrap();
        let row = bill.next_row().unwrap().unwrap().unwrap().row;
        assert_eq!((row.numbers()[0].1, row.amount().minor), ("4200009999202510090000000001", 100));
    }
}
