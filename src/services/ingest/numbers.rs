//! Reads files of numbers in the usual formats: CSV with or without a header, JSON lines, one number a line, bills;
//! with gzip or without, in UTF-8, UTF-16 or GBK. Lines that cannot be read are reported, and the rest is read.

use std::collections::{HashSet, VecDeque};
use std::io::{self, BufRead};

use serde_json::Value;

use crate::model::bill::{
    self, BillError, BillLine, BillLines, DELIMITERS, Encoding, Layout, NumberMeaning, Sorted, Sorter, Why,
    has_lost_digits, unpacked,
};
use crate::model::{Document, Kind, Number, NumberError, ObjectId};
use crate::services::Lookup;

/// What a file holds.
#[derive(Debug, Default)]
pub struct NumberFile {
    /// In the order of the file, each once.
    pub wanted: Vec<Lookup>,
    /// Lines counted from 1, and what is wrong with them.
    pub malformed: Vec<(u64, Malformed)>,
    /// What the file is written in, if it is not UTF-8.
    pub encoding: Option<Encoding>,
    /// The lines of bills that have no summary: nothing says that their rows are all of them.
    pub unended: Vec<u64>,
}

/// Why a line names nothing that could be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// No column or member that holds a number has one.
    NoNumber,
    Number(NumberError),
    /// A spreadsheet kept only the first digits of its number.
    LostDigits(String),
    /// The kind it names does not exist.
    Kind(String),
    /// It begins like a JSON object but is not valid JSON.
    Json,
    /// Several columns, and no header that says which is meant.
    NoHeader,
    /// It cannot be read, or is a line of a bill that is not whole.
    Line(Why),
}

/// What a column of a table or a member of a JSON object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberColumn {
    /// The number that objects of a kind are queried by.
    Of(Kind),
    TransactionId,
    /// A number of the kind that another column says.
    Number,
    Kind,
}

/// How far a quoted cell may reach: a quote that is never closed must not swallow the rest of the file.
const QUOTED: (usize, usize) = (100, 64 << 10);

/// Reads a file of numbers. `kind` is what they are where the file itself does not say.
pub fn read_numbers(input: impl BufRead, kind: Option<Kind>) -> Result<NumberFile, BillError> {
    let mut lines = InputLines { lines: BillLines::open(unpacked(input)?)?, returned: VecDeque::new() };
    let mut reader = Reader { kind, ..Reader::default() };
    while let Some(BillLine { number, text }) = lines.next()? {
        let text = match text {
            Ok(text) => text,
            Err(why) => {
                reader.numbers.malformed.push((number, Malformed::Line(why)));
                continue;
            }
        };
        if number == 1 && bill::begins_consumers(&text) {
            return Err(BillError::Consumers);
        }
        if text.trim().is_empty() || reader.bill(number, &text) {
            continue;
        }
        if reader.columns.is_empty() && text.trim_start().starts_with('{') {
            reader.json(number, &text);
        } else if let Some(cells) = reader.bill_row(&text) {
            reader.row(number, &cells);
        } else {
            let chunk = lines.chunk(text)?;
            reader.table(number, &chunk);
        }
    }
    reader.end_bill();
    let mut numbers = reader.numbers;
    numbers.encoding = lines.lines.encoding().filter(|encoding| *encoding != Encoding::Utf8);
    Ok(numbers)
}

#[derive(Default)]
struct Reader {
    kind: Option<Kind>,
    bill: Sorter,
    /// The line of the latest bill's header, until its summary has come.
    unended: Option<u64>,
    /// Its summary has come.
    summed: bool,
    /// What the latest header says, and of how many columns; empty before there is one.
    columns: Vec<(usize, NumberColumn)>,
    width: usize,
    delimiter: u8,
    numbers: NumberFile,
    seen: HashSet<Lookup>,
}

impl Reader {
    /// Reads a line of a bill: its header, a row, the summary. False if it is none of these.
    fn bill(&mut self, line: u64, text: &str) -> bool {
        let bad = |why| Malformed::Line(why);
        let sorted = self.bill.sort(line, text);
        if let Some(line) = self.bill.take_unfinished(false) {
            self.numbers.malformed.push((line, bad(Why::NoValues)));
        }
        match sorted {
            Sorted::Blank | Sorted::Names => {}
            Sorted::Header => {
                self.numbers.unended.extend(self.unended.take());
                let Some(header) = self.bill.header().cloned() else { return false };
                // A merchant's own table may have a time and numbers, too; only a bill has money, by its columns.
                self.unended = Some(line).filter(|_| header.has_amounts() && !header.is_statement());
                self.summed = false;
                self.columns = columns(header.names());
                (self.width, self.delimiter) = (header.width(), header.delimiter());
            }
            Sorted::Summary(_) => (self.unended, self.summed) = (None, true),
            Sorted::Bad(why) if self.bill.is_ticked() => self.numbers.malformed.push((line, bad(why))),
            Sorted::Row { cells, resaved } => {
                let Some(header) = self.bill.header().cloned() else { return false };
                // Rows after a summary are not part of it.
                if std::mem::take(&mut self.summed) && header.has_amounts() {
                    self.unended = Some(line);
                }
                let named = match header.numbers(&cells) {
                    Ok(named) => named,
                    Err(why) => {
                        self.numbers.malformed.push((line, bad(why)));
                        return true;
                    }
                };
                // A withdrawal changes the balance, but is not an object.
                if named.is_empty() && header.layout() == Layout::FundFlow {
                    return true;
                }
                let wanted = named.into_iter().map(|(named, number)| {
                    let number = parsed(number, resaved)?;
                    Ok(match named {
                        NumberMeaning::Object(kind) => Lookup::Object(ObjectId::new(kind, number)),
                        NumberMeaning::TransactionId => Lookup::Number(number, Some(Kind::Transaction)),
                    })
                });
                let wanted = wanted.collect();
                self.add(line, wanted);
            }
            Sorted::Bad(_) | Sorted::Other if self.bill.header().is_none() => return false,
            Sorted::Bad(_) | Sorted::Other => {
                let cells = bill::split(text, self.delimiter);
                if self.is_header(&cells, &columns(&cells)) {
                    self.end_bill();
                    self.columns = Vec::new();
                    return false;
                }
                if self.bill.is_ticked() {
                    self.numbers.malformed.push((line, bad(Why::Stray)));
                    return true;
                }
                return false;
            }
        }
        true
    }

    /// What follows, if anything does, belongs to no bill.
    fn end_bill(&mut self) {
        if let Some(line) = self.bill.take_unfinished(true) {
            self.numbers.malformed.push((line, Malformed::Line(Why::NoValues)));
        }
        self.bill.leave();
        self.numbers.unended.extend(self.unended.take());
    }

    /// Whether a table begins with these cells. Files may be concatenated, headers included; a title that happens to
    /// equal a header's name does not begin a table.
    fn is_header<T: AsRef<str>>(&self, cells: &[T], found: &[(usize, NumberColumn)]) -> bool {
        let names =
            |(i, _): &(usize, NumberColumn)| cells.get(*i).is_none_or(|cell| column(clean(cell.as_ref())).is_some());
        found.iter().any(|(_, column)| *column != NumberColumn::Kind) && self.columns.iter().all(names)
    }

    fn json(&mut self, line: u64, text: &str) {
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            return self.numbers.malformed.push((line, Malformed::Json));
        };
        let doc = Document::new(&value);
        let names = value.as_object().into_iter().flat_map(|members| members.keys());
        let fields = names.filter_map(|name| Some((column(name)?, doc.text(name)?))).collect();
        self.take(line, fields);
    }

    /// The cells of a row as bills write it, in a table of another kind.
    fn bill_row<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let cells = bill::values(text).filter(|_| self.width > 1)?;
        (cells.len() == self.width).then_some(cells)
    }

    /// A line of a table; several where a quoted cell goes on over them.
    fn table(&mut self, line: u64, text: &str) {
        if self.columns.is_empty() {
            self.delimiter = DELIMITERS.into_iter().find(|d| text.as_bytes().contains(d)).unwrap_or(b',');
        }
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).flexible(true).delimiter(self.delimiter);
        for record in reader.from_reader(text.as_bytes()).records() {
            // Text in memory is always a record of some length.
            let Ok(record) = record else { continue };
            let within = record.position().map_or(1, csv::Position::line);
            self.row(line + within.saturating_sub(1), &record.iter().collect::<Vec<_>>());
        }
    }

    fn row(&mut self, line: u64, cells: &[&str]) {
        let header = columns(cells);
        if self.is_header(cells, &header) {
            (self.columns, self.width) = (header, cells.len());
            return;
        }
        let fields = if self.columns.is_empty() {
            let mut filled = cells.iter().filter(|cell| !clean(cell).is_empty());
            match (filled.next(), filled.next()) {
                (Some(only), None) => vec![(NumberColumn::Number, (*only).to_owned())],
                (None, _) => return,
                _ => return self.numbers.malformed.push((line, Malformed::NoHeader)),
            }
        } else {
            let field = |(i, column): &(usize, NumberColumn)| Some((*column, (*cells.get(*i)?).to_owned()));
            self.columns.iter().filter_map(field).collect()
        };
        self.take(line, fields);
    }

    /// Takes the numbers of one line in.
    fn take(&mut self, line: u64, fields: Vec<(NumberColumn, String)>) {
        let text = |of: NumberColumn| {
            fields.iter().filter(|(column, _)| *column == of).map(|(_, text)| clean(text)).find(|text| !text.is_empty())
        };
        let mut taken = Vec::new();
        for (column, number) in fields.iter().map(|(column, text)| (*column, clean(text))) {
            // A bill writes 0 where a row is no refund.
            let none = column == NumberColumn::Of(Kind::Refund) && number == "0";
            if number.is_empty() || none || column == NumberColumn::Kind {
                continue;
            }
            let number = parsed(number, false);
            taken.push(match column {
                NumberColumn::Of(kind) => number.map(|number| Lookup::Object(ObjectId::new(kind, number))),
                // One of its two numbers is enough, and the merchant's is the one it is kept under.
                NumberColumn::TransactionId if text(NumberColumn::Of(Kind::Transaction)).is_some() => continue,
                NumberColumn::TransactionId => number.map(|number| Lookup::Number(number, Some(Kind::Transaction))),
                NumberColumn::Number | NumberColumn::Kind => match text(NumberColumn::Kind) {
                    None => number.map(|number| Lookup::new(number, self.kind)),
                    Some(noun) => match Kind::from_noun(noun) {
                        Some(kind) => number.map(|number| Lookup::new(number, Some(kind))),
                        None => Err(Malformed::Kind(noun.to_owned())),
                    },
                },
            });
        }
        self.add(line, taken);
    }

    fn add(&mut self, line: u64, mut taken: Vec<Result<Lookup, Malformed>>) {
        if taken.is_empty() {
            taken.push(Err(Malformed::NoNumber));
        }
        for taken in taken {
            match taken {
                Ok(wanted) if self.seen.insert(wanted.clone()) => self.numbers.wanted.push(wanted),
                Ok(_) => {}
                Err(why) => self.numbers.malformed.push((line, why)),
            }
        }
    }
}

/// A number as a file writes it. `resaved`: a spreadsheet may have rounded it.
fn parsed(number: &str, resaved: bool) -> Result<Number, Malformed> {
    if has_lost_digits(number, resaved) {
        return Err(Malformed::LostDigits(number.to_owned()));
    }
    Number::parse(number).map_err(Malformed::Number)
}

/// What the columns of a header hold, where they hold something of this.
fn columns<T: AsRef<str>>(names: &[T]) -> Vec<(usize, NumberColumn)> {
    names.iter().enumerate().filter_map(|(i, name)| Some((i, column(clean(name.as_ref()))?))).collect()
}

/// What a header's name or a document's member says about its values.
fn column(name: &str) -> Option<NumberColumn> {
    match name.to_ascii_lowercase().as_str() {
        "kind" => Some(NumberColumn::Kind),
        "number" => Some(NumberColumn::Number),
        "商户订单号" => Some(NumberColumn::Of(Kind::Transaction)),
        "商户退款单号" => Some(NumberColumn::Of(Kind::Refund)),
        "transaction_id" | "微信订单号" | "微信支付订单号" => Some(NumberColumn::TransactionId),
        name => Kind::ALL.into_iter().find(|kind| kind.number_field() == name).map(NumberColumn::Of),
    }
}

/// A cell without what bills, spreadsheets and exports put around numbers so that they stay text.
fn clean(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || "`'\"=\u{feff}".contains(c))
}

struct InputLines<R> {
    lines: BillLines<R>,
    /// Read, and given back to be read again.
    returned: VecDeque<BillLine>,
}

impl<R: BufRead> InputLines<R> {
    fn next(&mut self) -> io::Result<Option<BillLine>> {
        match self.returned.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }

    /// The line with those that its quotes reach over; the line alone if they are not closed soon.
    fn chunk(&mut self, first: String) -> io::Result<String> {
        let odd = |text: &str| text.bytes().filter(|b| *b == b'"').count() % 2 == 1;
        if !odd(&first) {
            return Ok(first);
        }
        let (most_lines, most_bytes) = QUOTED;
        let mut chunk = first.clone();
        let mut more = Vec::new();
        while more.len() < most_lines && chunk.len() < most_bytes {
            let Some(line) = self.next()? else { break };
            let text = line.text.as_deref().unwrap_or_default();
            let closes = odd(text);
            chunk.push('\n');
            chunk.push_str(text);
            more.push(line);
            if closes {
                return Ok(chunk);
            }
        }
        more.into_iter().rev().for_each(|line| self.returned.push_front(line));
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is read, one `kind number` each; and the lines that are malformed.
    fn read(text: &str, kind: Option<Kind>) -> (String, Vec<u64>) {
        let numbers = read_numbers(text.as_bytes(), kind).unwrap();
        let words = numbers.wanted.iter().map(|w| format!("{} {}", w.kind().map_or("?", Kind::noun), w.number()));
        (words.collect::<Vec<_>>().join(", "), numbers.malformed.into_iter().map(|(line, _)| line).collect())
    }

    #[test]
    fn a_header_says_what_its_columns_hold() {
        let text = "\u{feff}name,out_order_no,out_trade_no\r\nx,SO-1,PAY-1\r\n\r\n\"a, \"\"b\"\"\nc\",SO-2,\r\ny,SO 3,PAY-1\r\n";
        let (read_, malformed) = read(text, None);
        assert_eq!((read_.as_str(), malformed), ("order SO-1, transaction PAY-1, order SO-2", vec![6]));
        let (mixed, malformed) = read("kind,number\nplan,P-1\nplane,P-2\n,P-3\n", Some(Kind::Stock));
        assert_eq!((mixed.as_str(), malformed), ("plan P-1, stock P-3", vec![3]));
        assert_eq!(read("number,title\nP-1,number\nP-2,x\n", Some(Kind::Plan)).0, "plan P-1, plan P-2");
        assert_eq!(read("stock_id;x\n'1;2\nout_trade_no;y\n=\"PAY-2\";2\n", None).0, "stock 1, transaction PAY-2");
    }

    #[test]
    fn a_bill_is_read_to_its_summary() {
        let text = "\u{feff}交易时间,微信订单号,商户订单号,商品名称\r\n`2025-10-09 10:00:00,`4200001234202511211234567890,`PAY-1,`a, b\r\n\
            `2025-10-09 10:00:00,`4200001234202511211234567891,`,`c\r\n总交易单数,应结订单总金额\r\n`2,`1.00\r\n";
        let (read_, malformed) = read(text, None);
        assert_eq!(read_, "transaction PAY-1, transaction 4200001234202511211234567891");
        assert!(malformed.is_empty(), "{malformed:?}");
    }

    #[test]
    fn a_bill_names_refunds_where_there_are_any() {
        let text = "\u{feff}交易时间,商户订单号,商户退款单号\r\n`2025-10-09 10:00:00,`PAY-1,`0\r\n`2025-10-09 10:00:00,`PAY-1,`R@1\r\n总交易单数\r\n`2\r\n";
        assert_eq!(read(text, None), ("transaction PAY-1, refund R@1".to_owned(), vec![]));
        let document = "{\"out_refund_no\":\"R-2\",\"out_trade_no\":\"PAY-2\",\"transaction_id\":\"4200\"}\n";
        assert_eq!(read(document, None).0, "refund R-2, transaction PAY-2");
    }

    #[test]
    fn bills_one_behind_another_are_read_and_deductions_name_their_service_orders() {
        let text = "\u{feff}交易时间,商户订单号,商户数据包\r\n`2025-10-09 10:00:00,`91001,`wxzff|4000|SO-1\r\n总交易单数\r\n`1\r\n\
            记账时间,资金流水单号,业务名称,业务凭证号\r\n`2025-10-09 10:00:00,`1,`退款,`R-1\r\n`2025-10-09 10:00:00,`2,`提现,`X-1\r\n\
            资金流水总笔数\r\n`2\r\nout_order_no\nSO-2\n";
        let (read_, malformed) = read(text, None);
        assert_eq!(read_, "transaction 91001, order SO-1, refund R-1, order SO-2");
        assert!(malformed.is_empty(), "a withdrawal has no number of an object: {malformed:?}");
    }

    #[test]
    fn what_is_not_whole_in_a_bill_is_named_and_what_is_no_bill_is_a_table() {
        let header = "交易时间,商户订单号,订单金额\n";
        let row = "`2025-10-09 10:00:00,`PAY-1,`1.00\n";
        let bill = format!("{header}{row}a,b,c\n`1,`2,`3\n`2025-10-09 10:00:00,`PAY-2\n总交易单数\n`1\n{row}");
        assert_eq!(read(&bill, None), ("transaction PAY-1".to_owned(), vec![3, 4, 5]));
        let numbers = read_numbers(bill.as_bytes(), None).unwrap();
        assert_eq!(numbers.unended, [8], "the row behind the summary is none of those that it sums up");
        assert_eq!(read_numbers(format!("{header}{row}总交易单数\n").as_bytes(), None).unwrap().unended, [1]);
        // A merchant's own table has a time and numbers, too.
        let table = "门店,商户订单号,交易时间\n一店,PAY-1,2025-10-09 16:53:41\n二店,PAY-2,昨天\nout_refund_no\nR-1\n";
        assert_eq!(read(table, None), ("transaction PAY-1, transaction PAY-2, refund R-1".to_owned(), vec![]));
        let numbers = read_numbers(table.as_bytes(), None).unwrap();
        assert_eq!((numbers.unended, numbers.encoding), (vec![], None));
    }

    #[test]
    fn json_lines_and_bare_numbers_are_read() {
        let text = "{\"kind\":\"order\",\"number\":\"SO-1\"}\n{\"merchant_plan_no\":\"P-1\",\"plan_state\":\"NORMAL\"}\n{\"x\":1}\n{";
        assert_eq!(read(text, None), ("order SO-1, plan P-1".to_owned(), vec![3, 4]));
        assert_eq!(read("`SO-1\n \nSO-2\r\nSO-1\na,b\n", Some(Kind::ServiceOrder)).0, "order SO-1, order SO-2");
        assert_eq!(read("SO-1\na,b\n", None), ("? SO-1".to_owned(), vec![2]));
    }

    #[test]
    fn a_huge_line_and_an_open_quote_cost_no_more_than_themselves() {
        let huge = "x".repeat(3 * bill::LONGEST_LINE);
        assert_eq!(read(&format!("{huge}\nSO-1\n"), None), ("? SO-1".to_owned(), vec![1]));
        let many: String = (0..300).map(|i| format!("SO-{i}\n")).collect();
        let (read_, malformed) = read(&format!("out_order_no\n\"open\n{many}"), None);
        assert_eq!(read_.split(", ").count(), 301);
        assert!(malformed.is_empty());
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in any::<Vec<u8>>()) {
            // What is no text at all is refused as a whole.
            let _ = read_numbers(&bytes[..], None);
        }

        #[test]
        fn no_mixture_of_what_is_read_panics(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("\n"), Just("\r\n"), Just(","), Just("\""), Just("`"), Just("{"), Just("}"), Just("\t"),
                    Just("\u{feff}"), Just("out_order_no"), Just("kind,number"), Just("商户订单号"), Just("plan"),
                    Just("{\"kind\":\"order\",\"number\":\"SO-1\"}"), Just("SO-1"), Just("总交易单数"),
                ],
                0..40,
            )
        ) {
            let text = parts.concat();
            let lines = text.lines().count() as u64;
            let numbers = read_numbers(text.as_bytes(), None).unwrap();
            prop_assert!(numbers.malformed.iter().all(|(line, _)| (1..=lines).contains(line)));
        }

        #[test]
        fn a_bad_line_never_hides_the_next(rubbish in "[^\x00-\x1f\u{feff}]{0,60}") {
            prop_assume!(!rubbish.starts_with("总交易单数") && column(clean(&rubbish)).is_none());
            let numbers = read_numbers(format!("{rubbish}\nSO-NEXT-1\n").as_bytes(), None).unwrap();
            prop_assert!(numbers.wanted.iter().any(|wanted| wanted.number().as_str() == "SO-NEXT-1"));
        }
    }
}
