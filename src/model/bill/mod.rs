//! Bill files (账单; transactions reference §9, Global reference §9). They are read line by line, however long they
//! are; by header name and never by position, in current and old layouts, and as other programs save them; and exactly:
//! an amount that cannot be read is an error, not a guess. Every line is a row, part of a summary, or an error with its
//! number. The summary of each bill in a file is compared with the sum of its rows.

mod claim;
mod decimal;
mod digest;
mod facts;
mod header;
mod kind;
mod row;
mod sorter;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};

pub use claim::{BillClaim, BillRow};
pub use decimal::Decimal;
pub use digest::{
    Agreement, BadLines, BillDigest, BillGroup, BillPart, BillSummary, FigureMismatch, FlowTotals, Hours, Totals,
    TradeSums, TradeTotals, Volume, is_figure,
};
pub use facts::{BillFacts, RowSubjects, facts_together};
pub use header::{DELIMITERS, Header, Layout, cells as split, has_lost_digits, merchants_text, values};
pub use kind::{BillId, BillKind, FundAccount, TradeRows};
pub use row::{BillFileRow, Direction, FlowRow, NumberMeaning, RefundPart, TradeRow};
pub use sorter::{Sorted, Sorter};
pub use text::{BillLine, BillLines, Encoding, Foreign, LONGEST_LINE, Reached};

/// Why a file cannot be read as bills.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    #[error("it cannot be read or unpacked")]
    Read(#[from] io::Error),
    /// A type of file that is not text.
    #[error("it is not text ({})", .0.word())]
    Foreign(Foreign),
    #[error("it is empty")]
    Empty,
    #[error("it does not begin with the header of a bill")]
    NoHeader,
    /// WeChat provides these to paying users.
    #[error("it is a statement of a user's own payments (微信支付账单明细), not a merchant's bill")]
    Consumers,
    /// The encoding of its first line is unknown.
    #[error("its encoding is neither UTF-8 nor GBK")]
    Encoding,
    /// A bill of another layout begins at this line.
    #[error("line {line} starts a bill of another kind than the first")]
    Mixed { line: u64 },
    #[error("it has more than {0} bills")]
    TooMany(usize),
}

/// A line of a bill that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Counted from 1.
    pub line: u64,
    #[serde(flatten)]
    pub why: Why,
}

/// Why a line could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    /// Its encoding differs from the rest of the file.
    Encoding,
    /// More or fewer fields than its header.
    Fields {
        found: usize,
        expected: usize,
    },
    /// A malformed amount, currency or time.
    Value {
        column: Cow<'static, str>,
    },
    TooLong,
    /// Neither a row nor a summary.
    Stray,
    /// The names of a summary's figures, without their values.
    NoValues,
    /// A spreadsheet kept only the first digits of a number: `4.20001E+27`. The rest of the row is read.
    LostDigits {
        column: Cow<'static, str>,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => write!(f, "it is not written as the rest of the file"),
            Self::Fields { found, expected } => write!(f, "it has {found} fields, but its header has {expected}"),
            Self::Value { column } => write!(f, "{column} cannot be read"),
            Self::TooLong => write!(f, "it is longer than any line of a bill"),
            Self::Stray => write!(f, "it is neither a row nor a summary"),
            Self::NoValues => write!(f, "a summary without its values"),
            Self::LostDigits { column } => write!(f, "{column} has lost digits"),
        }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// The magic number of gzip files.
pub const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a bill, decompressed if they are gzip: detected by their magic number, because HTTP headers are
/// unreliable.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, BillError> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.into());
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain.into())
}

/// The same for a stream.
pub(crate) fn unpacked<'a>(mut input: impl BufRead + 'a) -> Result<Box<dyn BufRead + 'a>, BillError> {
    if input.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(io::BufReader::new(flate2::bufread::MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}

/// Whether a file with this first line is a statement that WeChat provides to paying users.
pub(crate) fn begins_consumers(line: &str) -> bool {
    line.starts_with("微信支付账单明细")
}

/// `hash_value` of a bill: SHA-1 of its decompressed bytes, byte-order mark included, in lower case.
pub fn sha1_hex(plain: &[u8]) -> String {
    Sha1::digest(plain).iter().map(|b| format!("{b:02x}")).collect()
}

/// A row with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct BillEntry {
    pub line: u64,
    pub row: BillFileRow,
    /// The line as it was read.
    pub text: String,
    /// The column whose number a spreadsheet has cut.
    pub lost: Option<&'static str>,
    /// Another program than WeChat Pay wrote it.
    pub resaved: bool,
}

impl BillEntry {
    /// Its cells as they were read, in the order of its header.
    pub fn cells(&self, header: &Header) -> Vec<Cow<'_, str>> {
        match values(&self.text) {
            Some(values) => values.into_iter().map(Cow::from).collect(),
            None => header.split(&self.text),
        }
    }
}

/// The cells of a row's line, as its header has columns: other programs pad lines with empty cells.
pub fn cells_of<'a>(header: &Header, line: &'a str) -> Vec<Cow<'a, str>> {
    let mut cells: Vec<Cow<'a, str>> = match values(line) {
        Some(values) => values.into_iter().map(Cow::from).collect(),
        None => header.split(line),
    };
    cells.truncate(header.width());
    cells
}

/// The parts of a file of bills.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// The header of a further bill.
    Begins {
        line: u64,
    },
    Entry(Box<BillEntry>),
    Bad(BadLine),
    Summary {
        line: u64,
        summary: BillSummary,
    },
}

/// A reader of a file of bills, decompressed.
#[derive(Debug)]
pub struct Bill<R> {
    lines: BillLines<R>,
    sorter: Sorter,
    header: Arc<Header>,
    begins: u64,
    held: Option<Piece>,
}

/// The position of a reader in a file of bills: reading can continue from here.
#[derive(Clone, Debug)]
pub struct Bookmark {
    pub reached: Reached,
    sorter: Sorter,
    header: Arc<Header>,
    held: Option<Piece>,
}

impl<R: BufRead> Bill<R> {
    /// Reads the header of the first.
    pub fn open(input: R) -> Result<Self, BillError> {
        let mut lines = BillLines::open(input)?;
        let mut sorter = Sorter::default();
        while let Some(BillLine { number, text }) = lines.next_line()? {
            let text = text.map_err(|why| match why {
                Why::Encoding => BillError::Encoding,
                _ => BillError::NoHeader,
            })?;
            match sorter.sort(number, &text) {
                Sorted::Blank => {}
                Sorted::Header => {
                    let header = sorter.header().filter(|header| header.has_amounts()).ok_or(BillError::NoHeader)?;
                    let header = header.clone();
                    return Ok(Self { lines, sorter, header, begins: number, held: None });
                }
                _ if begins_consumers(&text) => return Err(BillError::Consumers),
                _ => return Err(BillError::NoHeader),
            }
        }
        Err(BillError::Empty)
    }

    /// Continues at a bookmark; the input must be at its offset.
    pub(crate) fn go_on(input: R, at: &Bookmark) -> Self {
        let Bookmark { reached, sorter, header, held } = at.clone();
        Self { lines: BillLines::go_on(input, reached), sorter, header, begins: 0, held }
    }

    /// The current position.
    pub(crate) fn bookmark(&self) -> Bookmark {
        let (sorter, header, held) = (self.sorter.clone(), self.header.clone(), self.held.clone());
        Bookmark { reached: self.lines.reached(), sorter, header, held }
    }

    /// The header of the current bill.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The line of the first header.
    pub fn begins(&self) -> u64 {
        self.begins
    }

    /// The encoding of the file, as far as it is known.
    pub fn encoding(&self) -> Encoding {
        self.lines.encoding().unwrap_or(Encoding::Utf8)
    }

    /// The next piece; `None` at the end. Bad lines are pieces: reading continues after them.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Piece>, BillError> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        let no_values = |line| Piece::Bad(BadLine { line, why: Why::NoValues });
        loop {
            let Some(BillLine { number: line, text }) = self.lines.next_line()? else {
                return Ok(self.sorter.take_unfinished(true).map(no_values));
            };
            let bad = |why| Some(Piece::Bad(BadLine { line, why }));
            let text = match text {
                Ok(text) => text,
                Err(why) => return Ok(bad(why)),
            };
            let mut piece = match self.sorter.sort(line, &text) {
                Sorted::Blank | Sorted::Names => None,
                Sorted::Header => {
                    let header = self.sorter.header().cloned().filter(|header| header.has_amounts());
                    let header = header.filter(|header| header.layout() == self.header.layout());
                    self.header = header.ok_or(BillError::Mixed { line })?;
                    Some(Piece::Begins { line })
                }
                Sorted::Row { cells, resaved } => match self.header.row(&cells) {
                    Ok(row) => {
                        let lost = self.header.lost_digits(&cells, resaved);
                        Some(Piece::Entry(Box::new(BillEntry { line, row, text: String::new(), lost, resaved })))
                    }
                    Err(why) => bad(why),
                },
                Sorted::Summary(summary) => Some(Piece::Summary { line, summary }),
                Sorted::Bad(why) => bad(why),
                Sorted::Other => bad(Why::Stray),
            };
            if let Some(Piece::Entry(entry)) = &mut piece {
                entry.text = text;
            }
            match (self.sorter.take_unfinished(false), piece) {
                (Some(names), piece) => {
                    self.held = piece;
                    return Ok(Some(no_values(names)));
                }
                (None, Some(piece)) => return Ok(Some(piece)),
                (None, None) => {}
            }
        }
    }

    /// The next row, or the next line that should be a row.
    pub fn next_row(&mut self) -> Result<Option<Result<Box<BillEntry>, BadLine>>, BillError> {
        while let Some(piece) = self.next_piece()? {
            match piece {
                Piece::Entry(entry) => return Ok(Some(Ok(entry))),
                Piece::Bad(bad) => return Ok(Some(Err(bad))),
                Piece::Begins { .. } | Piece::Summary { .. } => {}
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = (Vec<BillFileRow>, Vec<BadLine>, Option<BillSummary>);

    fn rows(text: &str) -> Result<Read, BillError> {
        let mut bill = Bill::open(text.as_bytes())?;
        let (mut rows, mut bad, mut found) = (Vec::new(), Vec::new(), None);
        while let Some(piece) = bill.next_piece()? {
            match piece {
                Piece::Entry(entry) => rows.push(entry.row),
                Piece::Bad(line) => bad.push(line),
                Piece::Summary { summary, .. } => found = Some(summary),
                Piece::Begins { .. } => {}
            }
        }
        Ok((rows, bad, found))
    }

    fn trade(row: &BillFileRow) -> &TradeRow {
        match row {
            BillFileRow::Trade(row) => row,
            BillFileRow::Flow(_) => panic!("{row:?}"),
        }
    }

    #[test]
    fn commas_in_names_do_not_move_columns() {
        for name in ["拿铁, 大杯", "拿铁\\  大杯"] {
            let bill = format!(
                "\u{feff}交易时间,商户订单号,商品名称,订单金额\r\n`2025-10-09 16:53:41,`T-1,`{name},`28.80\r\n总交易单数\r\n`1\r\n"
            );
            let (rows, _, summary) = rows(&bill).unwrap();
            let row = trade(&rows[0]);
            assert_eq!((row.description.as_str(), row.total.minor), ("拿铁, 大杯", 2880));
            assert_eq!(summary.unwrap().get("总交易单数"), Some("1"));
        }
    }

    #[test]
    fn the_layout_of_years_ago_is_read_by_its_old_names() {
        let bill = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,\
            代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率\n\
            `2016-02-01 10:00:00,`wx1,`1900009999,`0,`,`4001,`T-1,`o1,`JSAPI,`SUCCESS,`CFT,`CNY,`12.30,`0.30,`0,`0,`0,`0,`,`,`a,`b,`0.07380,`0.60%\n\
            `2016-02-01 11:00:00,`wx1,`1900009999,`0,`,`4001,`T-1,`o1,`JSAPI,`REFUND,`CFT,`CNY,`0.00,`0.00,`2001,`R-1,`2.30,`0.10,`ORIGINAL,`SUCCESS,`a,`b,`-0.01380,`0.60%\n\
            总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额\n\
            `2,`12.30,`2.30,`0.10,`0.06000\n";
        let digest = BillDigest::of(&mut Bill::open(bill.as_bytes()).unwrap()).unwrap();
        let Totals::Trade(totals) = &digest.totals else { panic!() };
        let sums = totals.single().unwrap();
        assert_eq!((totals.payments, sums.paid.minor, sums.settlement), (1, 1230, 1230));
        assert_eq!((totals.refunds, sums.requested.minor, sums.refunded), (1, 230, 230));
        assert_eq!(sums.fee.to_string(), "0.06");
        assert!(digest.is_sound(), "{digest:?}");
    }

    #[test]
    fn a_row_that_was_cut_short_is_named_and_the_others_are_read() {
        let text = "交易时间,商户订单号,订单金额\r\n`2025-10-09 16:53:41\r\n`2025-10-09 16:53:41,`T-1,`1.00\r\n";
        let (rows, bad, _) = rows(text).unwrap();
        assert_eq!(bad, [BadLine { line: 2, why: Why::Fields { found: 1, expected: 3 } }]);
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn a_malformed_amount_or_time_is_reported_by_line_and_column() {
        for (time, amount, column) in [
            ("2025-10-09 16:53:41", "", "订单金额"),
            ("2025-10-09 16:53:41", "1.234", "订单金额"),
            ("2025-10-09 16:53:41", "x", "订单金额"),
            ("2025-10-09 16:53:41", "1e3", "订单金额"),
            ("2025-10-09 25:53:41", "1.00", "交易时间"),
        ] {
            let text = format!("交易时间,商户订单号,订单金额\n`{time},`T-1,`{amount}\n");
            let (rows, bad, _) = rows(&text).unwrap();
            let why = Why::Value { column: column.into() };
            assert_eq!((rows.len(), bad), (0, vec![BadLine { line: 2, why }]), "{time} {amount}");
        }
    }

    #[test]
    fn what_is_not_a_bill_is_refused() {
        for text in ["<html></html>", "{\"code\":\"x\"}", "a,b\n`1,`2\n", "交易时间,商户订单号\n`1,`2\n"] {
            assert!(matches!(rows(text), Err(BillError::NoHeader)), "{text}");
        }
        for text in ["", "\n\n", "\u{feff}"] {
            assert!(matches!(rows(text), Err(BillError::Empty)), "{text:?}");
        }
        assert!(matches!(rows("\u{feff}微信支付账单明细,,\n"), Err(BillError::Consumers)));
        let mixed = "交易时间,商户订单号,订单金额\n记账时间,资金流水单号,收支金额(元)\n";
        assert!(matches!(rows(mixed), Err(BillError::Mixed { line: 2 })));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(plain) = unpack(&bytes)
                && let Ok(mut bill) = Bill::open(&*plain)
            {
                let _ = BillDigest::of(&mut bill);
            }
        }

        #[test]
        fn no_mixture_of_a_bills_parts_panics(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("交易时间,商户订单号,订单金额,手续费"), Just("\r\n"), Just("\n"), Just("`"), Just(",`"), Just(","),
                    Just("2025-10-09 16:53:41"), Just("28.80"), Just("-0.05000"), Just("总交易单数"), Just("\u{feff}"),
                    Just("99999999999999999999"), Just("9000000000000000.00"), Just("记账时间,资金流水单号,收支金额(元)"),
                ],
                0..40,
            )
        ) {
            if let Ok(mut bill) = Bill::open(parts.concat().as_bytes()) {
                let _ = BillDigest::of(&mut bill);
            }
        }

        #[test]
        fn whatever_is_written_into_a_row_is_read_from_it(
            name in "[^`\x00-\x1f,\\\\]{0,20}(,[^`\x00-\x1f,\\\\]{0,10}){0,3}",
            total in 0i64..10_000_000_000,
            fee in -10_000_000i64..10_000_000,
            unix in 1_500_000_000i64..2_000_000_000,
            shuffled in Just(["交易时间", "商户订单号", "商品名称", "订单金额", "手续费", "某新列"]).prop_shuffle(),
        ) {
            let at = time::OffsetDateTime::from_unix_timestamp(unix).unwrap();
            let value = |column: &str| match column {
                "交易时间" => super::super::time::bill_time(at),
                "商户订单号" => "T-1".to_owned(),
                "商品名称" => name.replace(',', "\\ "),
                "订单金额" => super::super::Money::cny(total).plain(),
                "手续费" => format!("{}{}.{:05}", if fee < 0 { "-" } else { "" }, fee.abs() / 100_000, fee.abs() % 100_000),
                _ => "x".to_owned(),
            };
            let line: Vec<String> = shuffled.iter().map(|column| value(column)).collect();
            let text = format!("\u{feff}{}\r\n`{}\r\n", shuffled.join(","), line.join(",`"));
            let (rows, ..) = rows(&text).unwrap();
            let row = trade(&rows[0]);
            prop_assert_eq!(&row.description, &name);
            prop_assert_eq!((row.total.minor, row.fee.0, row.at), (total, i128::from(fee), Some(at)));
        }
    }
}
