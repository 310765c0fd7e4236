//! Statements of WeChat Pay Global (对账单; Global reference §9): read by header name and never by position. WeChat Pay
//! may add columns, so no column is fixed here.

use super::bill::is_figure;

/// Why a statement cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    #[error("the statement is not UTF-8")]
    Encoding(#[from] std::str::Utf8Error),
    #[error("the statement has no header")]
    Empty,
    /// A row with more or fewer fields than its header. Lines count from 1.
    #[error("line {line} has {found} fields, but its header has {expected}")]
    Fields { line: usize, found: usize, expected: usize },
    #[error("line {line} is neither a row nor a summary")]
    Stray { line: usize },
}

/// The contents of a statement.
#[derive(Debug)]
pub struct Statement<'a> {
    header: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
    summary: Vec<(&'a str, &'a str)>,
}

/// One row, read by column name.
#[derive(Clone, Copy, Debug)]
pub struct StatementRow<'a> {
    header: &'a [&'a str],
    fields: &'a [&'a str],
}

impl<'a> Statement<'a> {
    /// Reads an unpacked statement.
    pub fn parse(plain: &'a [u8]) -> Result<Self, StatementError> {
        let text = std::str::from_utf8(plain)?;
        let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.is_empty());
        let (_, header) = lines.next().ok_or(StatementError::Empty)?;
        let mut bill = Self { header: names(header), rows: Vec::new(), summary: Vec::new() };
        // The names in the summary, until the line of their values is read.
        let mut figures: Option<Vec<&str>> = None;
        for (number, line) in lines {
            let Some(values) = line.strip_prefix('`') else {
                let names = names(line);
                let summary = names.first().is_some_and(|name| is_figure(name));
                // Concatenated statements repeat the header.
                if (names != bill.header && !summary) || figures.is_some() {
                    return Err(StatementError::Stray { line: number + 1 });
                }
                figures = Some(names).filter(|_| summary);
                continue;
            };
            // Values may hold commas, but never a comma before a backtick.
            let fields: Vec<&str> = values.split(",`").collect();
            let expected = figures.as_ref().map_or(bill.header.len(), Vec::len);
            if fields.len() != expected {
                return Err(StatementError::Fields { line: number + 1, found: fields.len(), expected });
            }
            match figures.take() {
                Some(names) => bill.summary = names.into_iter().zip(fields).collect(),
                None => bill.rows.push(fields),
            }
        }
        Ok(bill)
    }

    pub fn rows(&self) -> impl Iterator<Item = StatementRow<'_>> {
        self.rows.iter().map(|fields| StatementRow { header: &self.header, fields })
    }

    /// A figure of the summary by name.
    pub fn summary(&self, name: &str) -> Option<&'a str> {
        self.summary.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }
}

impl<'a> StatementRow<'a> {
    /// A field by column name; `None` if the layout has no such column.
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let at = self.header.iter().position(|name| *name == column)?;
        self.fields.get(at).copied()
    }

    /// All columns by name.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.header.iter().copied().zip(self.fields.iter().copied())
    }
}

fn names(line: &str) -> Vec<&str> {
    line.split(',').map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commas_in_names_do_not_move_columns() {
        let bill = "\u{feff}商户订单号,商品名称,订单金额\r\n`T-1,`拿铁, 大杯,`28.80\r\n总交易单数\r\n`1\r\n";
        let bill = Statement::parse(bill.as_bytes()).unwrap();
        let row = bill.rows().next().unwrap();
        assert_eq!((row.get("商品名称"), row.get("订单金额"), row.get("x")), (Some("拿铁, 大杯"), Some("28.80"), None));
        assert_eq!(bill.summary("总交易单数"), Some("1"));
    }

    #[test]
    fn a_row_that_was_cut_short_is_refused() {
        let error = Statement::parse(b"a,b\r\n`1\r\n").unwrap_err();
        assert!(matches!(error, StatementError::Fields { line: 2, found: 1, expected: 2 }), "{error}");
    }

    #[test]
    fn a_header_that_comes_again_costs_no_row_and_another_line_is_named() {
        let rows = |text: &str| {
            let statement = Statement::parse(text.as_bytes())?;
            Ok::<_, StatementError>(statement.rows().filter_map(|row| row.get("a")).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(rows("a,b\n`1,`2\na,b\n`3,`4\n`5,`6\n").unwrap(), "1 3 5");
        assert_eq!(rows("a,b\n`1,`2\n总交易单数\n`1\n`3,`4\n").unwrap(), "1 3");
        assert!(matches!(rows("a,b\n`1,`2\nc,d\n`3,`4\n"), Err(StatementError::Stray { line: 3 })));
        assert!(matches!(rows("a,b\n总交易单数\na,b\n"), Err(StatementError::Stray { line: 3 })));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = Statement::parse(text.as_bytes());
        }
    }
}
