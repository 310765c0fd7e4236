//! The view as a file: CSV as it is shown, or JSON lines as WeChat Pay returned them.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::age;
use super::columns::{Column, Look, SortKey};
use super::row::Row;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::time::{Timestamp, compact};
use crate::text;

/// What is to be written where.
#[derive(Clone, Debug)]
pub struct Export {
    pub path: String,
    pub columns: Vec<&'static Column>,
    pub rows: Vec<Row>,
    pub lang: Lang,
    pub now: Timestamp,
}

impl PartialEq for Export {
    fn eq(&self, other: &Self) -> bool {
        let ids = |export: &Self| export.rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
        self.path == other.path && ids(self) == ids(other)
    }
}

/// The name that is proposed.
pub fn default_path(kind: Kind, now: Timestamp) -> String {
    format!("paydeck-{}-{}.csv", kind.noun(), compact(now))
}

impl Export {
    /// Writes the file, which must not exist yet. Returns how many rows it has.
    pub fn write(&self) -> io::Result<usize> {
        let mut file = BufWriter::new(File::create_new(&self.path)?);
        let name = self.path.to_ascii_lowercase();
        let count = match name.ends_with(".json") || name.ends_with(".jsonl") {
            true => self.json_lines(&mut file)?,
            false => self.csv(&mut file)?,
        };
        file.flush()?;
        Ok(count)
    }

    /// Rows that were never fetched have no document and are left out.
    fn json_lines(&self, out: &mut impl Write) -> io::Result<usize> {
        let mut count = 0;
        for fresh in self.rows.iter().filter_map(|row| row.fresh.as_ref()) {
            // A document may be laid out over many lines; read and written again it takes one.
            match serde_json::from_str::<serde_json::Value>(&fresh.object.raw) {
                Ok(value) => writeln!(out, "{value}")?,
                Err(error) => return Err(io::Error::other(error)),
            }
            count += 1;
        }
        Ok(count)
    }

    fn csv(&self, out: &mut impl Write) -> io::Result<usize> {
        let headers: Vec<String> = self.columns.iter().map(|column| quoted(&self.lang.t(column.header))).collect();
        writeln!(out, "{}", headers.join(","))?;
        let look = Look { lang: self.lang, now: self.now, width: usize::MAX };
        for row in &self.rows {
            let cells: Vec<String> = self.columns.iter().map(|column| quoted(&cell(column, row, &look))).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(self.rows.len())
    }
}

/// A cell for a file: times exact, everything else as on the screen.
fn cell(column: &Column, row: &Row, look: &Look) -> String {
    match (column.passing, (column.key)(row)) {
        (true, SortKey::Number(unix)) => Timestamp::from_unix_timestamp(unix).map(age::exact).unwrap_or_default(),
        (true, _) => String::new(),
        (false, _) => (column.cell)(row, look).text,
    }
}

/// A field of CSV. Spreadsheets take a leading sign for a formula; an apostrophe keeps outside text what it is.
fn quoted(field: &str) -> String {
    let field = text::neutralise(field);
    let formula = field.starts_with(['=', '+', '@', '-']);
    let apostrophe = if formula { "'" } else { "" };
    if formula || field.contains([',', '"']) {
        format!("\"{apostrophe}{}\"", field.replace('"', "\"\""))
    } else {
        field.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::columns::columns;
    use crate::console::fixture;

    #[test]
    fn a_view_is_written_as_csv_and_as_json_lines_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let rows = fixture::orders().into_iter().map(|known| Row::new(known.id, known.fresh)).collect();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let mut export = Export {
            path: path("view.csv"),
            columns: columns(Kind::ServiceOrder).iter().collect(),
            rows,
            lang: Lang::En,
            now: fixture::NOW,
        };
        assert_eq!(export.write().unwrap(), export.rows.len());
        let text = std::fs::read_to_string(&export.path).unwrap();
        assert!(text.starts_with("Number,Service,User,State,Amount"), "{text}");
        assert!(text.contains("充电宝租借"));
        assert!(export.write().is_err());
        export.path = path("view.jsonl");
        let fetched = export.rows.iter().filter(|row| row.fresh.is_some()).count();
        assert_eq!(export.write().unwrap(), fetched);
        assert_eq!(std::fs::read_to_string(&export.path).unwrap().lines().count(), fetched);
    }

    #[test]
    fn formulas_stay_text() {
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("line\nbreak"), "line␊break");
    }
}
