//! Classifies each line of a file: the header of a bill, a row, its summary, or something else. The command line, the
//! console and the import all use it.

use std::borrow::Cow;
use std::sync::Arc;

use super::digest::{BillSummary, is_figure};
use super::header::{Header, values};
use super::{Decimal, Why};

/// The class of a line.
#[derive(Debug, PartialEq)]
pub enum Sorted<'a> {
    Blank,
    /// The header with which a bill begins; see [`Sorter::header`].
    Header,
    /// The cells of a row. `resaved`: another program than WeChat Pay wrote it.
    Row {
        cells: Vec<Cow<'a, str>>,
        resaved: bool,
    },
    /// The names of the figures whose values are on the next line.
    Names,
    Summary(BillSummary),
    /// An incomplete line of WeChat Pay's.
    Bad(Why),
    /// Something else, or no bill has begun.
    Other,
}

/// The state of reading a file of bills.
#[derive(Clone, Debug, Default)]
pub struct Sorter {
    header: Option<Arc<Header>>,
    /// Names of figures whose values have not been read, and their line.
    names: Option<(u64, Vec<String>)>,
    /// A line with backticks was read since the header.
    ticked: bool,
    /// The line of names whose values are missing.
    unfinished: Option<u64>,
}

impl Sorter {
    /// The header of the current bill.
    pub fn header(&self) -> Option<&Arc<Header>> {
        self.header.as_ref()
    }

    /// Whether the current bill is as WeChat Pay wrote it, so that any other line is a fault.
    pub(crate) fn is_ticked(&self) -> bool {
        self.header.is_some() && self.ticked
    }

    /// The next line belongs to no bill.
    pub fn leave(&mut self) {
        *self = Self { unfinished: self.unfinished.or(self.names.as_ref().map(|(line, _)| *line)), ..Self::default() };
    }

    /// The line of a summary's names whose values are missing, once; `ended`: the file has ended.
    pub(crate) fn take_unfinished(&mut self, ended: bool) -> Option<u64> {
        let pending = self.names.take_if(|_| ended).map(|(line, _)| line);
        self.unfinished.take().or(pending)
    }

    /// Classifies the next line.
    pub fn sort<'a>(&mut self, line: u64, text: &'a str) -> Sorted<'a> {
        if text.chars().all(|c| c.is_whitespace() || ",;".contains(c)) {
            return Sorted::Blank;
        }
        if let Some(header) = Header::parse(text) {
            self.leave();
            self.header = Some(Arc::new(header));
            return Sorted::Header;
        }
        let Some(header) = self.header.clone() else { return Sorted::Other };
        match values(text) {
            Some(values) => {
                self.ticked = true;
                self.ticked_line(&header, values.into_iter().map(Cow::from).collect())
            }
            None => self.plain_line(&header, line, text),
        }
    }

    /// A line of values as WeChat Pay writes them.
    fn ticked_line<'a>(&mut self, header: &Header, cells: Vec<Cow<'a, str>>) -> Sorted<'a> {
        let row = cells.len() == header.width() && header.is_timed(&cells);
        match self.names.take() {
            Some((line, _)) if row => self.unfinished = Some(line),
            Some((_, names)) if names.len() == cells.len() => return summary(names, cells),
            Some((_, names)) => return Sorted::Bad(Why::Fields { found: cells.len(), expected: names.len() }),
            None => {}
        }
        if cells.len() != header.width() {
            return Sorted::Bad(Why::Fields { found: cells.len(), expected: header.width() });
        }
        match header.untimed(&cells) {
            Some(column) => Sorted::Bad(Why::Value { column: column.into() }),
            None => Sorted::Row { cells, resaved: false },
        }
    }

    /// A line of values as other programs write them, or of names as WeChat Pay writes them.
    fn plain_line<'a>(&mut self, header: &Header, line: u64, text: &'a str) -> Sorted<'a> {
        let mut cells = header.split(text);
        // Other programs pad short lines with empty cells.
        let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        if cells.first().is_some_and(|name| is_figure(name)) {
            self.unfinished = self.names.take().map(|(line, _)| line).or(self.unfinished);
            cells.truncate(filled);
            if cells.get(1).is_some_and(|cell| Decimal::parse(cell).is_some()) {
                let pair = |pair: &[Cow<'_, str>]| Some((pair.first()?.to_string(), pair.get(1)?.to_string()));
                return Sorted::Summary(BillSummary::new(cells.chunks(2).filter_map(pair).collect()));
            }
            self.names = Some((line, cells.into_iter().map(Cow::into_owned).collect()));
            return Sorted::Names;
        }
        if cells.len() > header.width() && filled <= header.width() {
            cells.truncate(header.width());
        }
        if cells.len() == header.width() && header.is_timed(&cells) {
            self.unfinished = self.names.take().map(|(line, _)| line).or(self.unfinished);
            return Sorted::Row { cells, resaved: true };
        }
        match self.names.take() {
            Some((_, names)) if names.len() >= filled && numeric(&cells[..filled]) => {
                cells.resize(names.len(), Cow::Borrowed(""));
                summary(names, cells)
            }
            Some((line, _)) => {
                self.unfinished = Some(line);
                Sorted::Other
            }
            // A row that was cut short still has its time.
            None if header.is_timed(&cells) => {
                Sorted::Bad(Why::Fields { found: cells.len(), expected: header.width() })
            }
            None => Sorted::Other,
        }
    }
}

fn numeric(cells: &[Cow<'_, str>]) -> bool {
    !cells.is_empty() && cells.iter().all(|cell| Decimal::parse(cell).is_some())
}

fn summary(names: Vec<String>, values: Vec<Cow<'_, str>>) -> Sorted<'static> {
    Sorted::Summary(BillSummary::new(names.into_iter().zip(values.into_iter().map(Cow::into_owned)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "交易时间,商户订单号,订单金额";

    /// The class of each line, in a word.
    fn sorted(lines: &[&str]) -> (Vec<String>, Option<u64>) {
        let mut sorter = Sorter::default();
        let mut words = Vec::new();
        let mut unfinished = None;
        for (i, line) in lines.iter().enumerate() {
            words.push(match sorter.sort(i as u64 + 1, line) {
                Sorted::Row { cells, resaved } => {
                    format!("row {}{}", cells.join("|"), if resaved { " resaved" } else { "" })
                }
                Sorted::Summary(summary) => format!("summary {summary:?}"),
                Sorted::Bad(why) => format!("bad {why}"),
                other => format!("{other:?}").to_lowercase(),
            });
            unfinished = unfinished.or(sorter.take_unfinished(false));
        }
        (words, unfinished.or(sorter.take_unfinished(true)))
    }

    #[test]
    fn a_bill_of_wechat_pay_and_one_that_was_saved_again_have_the_same_lines() {
        let ticked = sorted(&[HEADER, "`2025-10-09 16:53:41,`T-1,`1.00", "总交易单数,订单总金额", "`1,`1.00", ""]);
        let summary = "summary BillSummary([(\"总交易单数\", \"1\"), (\"订单总金额\", \"1.00\")])";
        let row = "row 2025-10-09 16:53:41|T-1|1.00";
        assert_eq!(ticked, (["header", row, "names", summary, "blank"].map(str::to_owned).to_vec(), None));
        for [plain, values] in [
            ["2025-10-09 16:53:41,T-1,1.00", "1,1.00,"],
            ["'2025-10-09 16:53:41,'T-1,'1.00", "'1,'1.00"],
            ["\t2025-10-09 16:53:41,\tT-1,\t1.00", "\t1,\t1.00"],
            ["\"2025-10-09 16:53:41\",\"=\"\"T-1\"\"\",\"1.00\",", "\"1\",\"1.00\""],
            ["\"`2025-10-09 16:53:41\",\"`T-1\",\"`1.00\"", "\"`1\",\"`1.00\""],
        ] {
            let (words, unfinished) = sorted(&[HEADER, plain, "总交易单数,订单总金额,", values, ",,"]);
            assert_eq!((words[1].as_str(), words[3].as_str()), (&*format!("{row} resaved"), summary), "{plain}");
            assert_eq!((words[4].as_str(), unfinished), ("blank", None));
        }
        let (words, _) = sorted(&["交易时间\t商户订单号\t订单金额", "2025-10-09 16:53:41\tT-1\t1.00", "总交易单数\t1"]);
        assert_eq!(words[1..], [format!("{row} resaved"), "summary BillSummary([(\"总交易单数\", \"1\")])".into()]);
    }

    #[test]
    fn what_is_neither_a_row_nor_a_summary_is_reported() {
        let row = "`2025-10-09 16:53:41,`T-1,`1.00";
        let words = |lines: &[&str]| sorted(lines).0.split_off(2);
        assert_eq!(words(&[HEADER, row, "a,b,c", row]), ["other", "row 2025-10-09 16:53:41|T-1|1.00"]);
        assert_eq!(words(&[HEADER, row, "`2025-10-09 16:53:41,`T-2"]), ["bad it has 2 fields, but its header has 3"]);
        assert_eq!(words(&[HEADER, row, "2025-10-09 16:53:41,T-2"]), ["bad it has 2 fields, but its header has 3"]);
        assert_eq!(
            words(&[HEADER, row, "总交易单数,订单总金额", "`1"])[1],
            "bad it has 1 fields, but its header has 2"
        );
        assert_eq!(words(&[HEADER, row, "`1,`2,`3"]), ["bad 交易时间 cannot be read"]);
        // Names without values, at the end or before something else.
        assert_eq!(sorted(&[HEADER, row, "总交易单数,订单总金额"]).1, Some(3));
        assert_eq!(sorted(&[HEADER, row, "总交易单数,订单总金额,x", row]).1, Some(3));
        assert_eq!(sorted(&[HEADER, row, "总交易单数,订单总金额", HEADER]).1, Some(3));
        assert_eq!(sorted(&[HEADER, row, "总交易单数,订单总金额", "总交易单数", "`1"]).1, Some(3));
    }
}
