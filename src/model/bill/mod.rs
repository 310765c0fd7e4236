//! Bill files (账单; transactions reference §9). They are read line by line, however long they are; by header name and
//! never by position, in the layouts of today and of years ago; and exactly: an amount that cannot be read is an error,
//! not a guess. The summary at their end is compared with what their rows add up to.

mod digest;
mod fine;
mod header;
mod kind;
mod row;
mod said;

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use sha1::{Digest as _, Sha1};

pub use digest::{Digest, Disagreement, FlowTotals, Summary, Totals, TradeTotals, Volume};
pub use fine::Fine;
pub use header::{Header, Layout, is_summary, values};
pub use kind::{BillId, BillKind, FundAccount, TradeRows};
pub use row::{Direction, FlowRow, Named, RefundPart, Row, TradeRow};
pub use said::{BillRow, Said};

/// Why a bill cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BillError {
    #[error("the bill cannot be read, or does not unpack")]
    Read(#[from] io::Error),
    #[error("line {line} is not UTF-8")]
    Encoding { line: u64 },
    #[error("it does not begin with the header of a bill")]
    NoHeader,
    /// A row with more or fewer fields than its header. Lines count from 1.
    #[error("line {line} has {found} fields, its header has {expected}")]
    Fields { line: u64, found: usize, expected: usize },
    /// An amount or a time that is none.
    #[error("line {line}: {column} cannot be read")]
    Value { line: u64, column: &'static str },
    #[error("line {line} is longer than any line of a bill")]
    TooLong { line: u64 },
}

/// Bytes of a line: longer than any row.
const LONGEST_LINE: u64 = 1 << 20;

/// What files packed as gzip begin with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a bill, unpacked if they are gzip: by their magic, because headers do not say reliably.
pub fn unpack(bytes: &[u8]) -> Result<Cow<'_, [u8]>, BillError> {
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.into());
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain.into())
}

/// The same of what is read.
pub fn unpacked<'a>(mut input: impl BufRead + 'a) -> Result<Box<dyn BufRead + 'a>, BillError> {
    if input.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(io::BufReader::new(flate2::bufread::MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}

/// `hash_value` of a bill: SHA-1 of its unpacked bytes, byte-order mark included, in lower case.
pub fn sha1_hex(plain: &[u8]) -> String {
    Sha1::digest(plain).iter().map(|b| format!("{b:02x}")).collect()
}

/// A bill being read, unpacked.
#[derive(Debug)]
pub struct Bill<R> {
    input: R,
    header: Header,
    line: u64,
    summary: Option<Summary>,
}

impl<R: BufRead> Bill<R> {
    /// Reads the header.
    pub fn open(mut input: R) -> Result<Self, BillError> {
        let mut line = 0;
        while let Some(text) = next_line(&mut input, &mut line)? {
            if !text.is_empty() {
                let header = Header::parse(&text).ok_or(BillError::NoHeader)?;
                return Ok(Self { input, header, line, summary: None });
            }
        }
        Err(BillError::NoHeader)
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next row; none after the last.
    pub fn next_row(&mut self) -> Result<Option<Row>, BillError> {
        let mut names: Option<Vec<String>> = None;
        while let Some(text) = next_line(&mut self.input, &mut self.line)? {
            if text.is_empty() {
                continue;
            }
            let Some(values) = header::values(&text) else {
                names = Some(header::names(&text).map(str::to_owned).collect());
                continue;
            };
            let Some(names) = names.take() else {
                if self.summary.is_some() {
                    continue;
                }
                return self.header.row(&text, self.line).map(Some);
            };
            if names.len() != values.len() {
                return Err(BillError::Fields { line: self.line, found: values.len(), expected: names.len() });
            }
            self.summary = Some(Summary::new(names.into_iter().zip(values.into_iter().map(str::to_owned)).collect()));
        }
        Ok(None)
    }

    /// The summary, once all rows have been read; none if the bill has none.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }
}

/// A line without its end and without the byte-order mark; none at the end of the input.
fn next_line(input: &mut impl BufRead, count: &mut u64) -> Result<Option<String>, BillError> {
    let mut bytes = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    *count += 1;
    if bytes.len() as u64 == LONGEST_LINE && !bytes.ends_with(b"\n") {
        return Err(BillError::TooLong { line: *count });
    }
    let text = String::from_utf8(bytes).map_err(|_| BillError::Encoding { line: *count })?;
    let text = if *count == 1 { text.trim_start_matches('\u{feff}') } else { &text };
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Result<(Vec<Row>, Option<Summary>), BillError> {
        let mut bill = Bill::open(text.as_bytes())?;
        let mut rows = Vec::new();
        while let Some(row) = bill.next_row()? {
            rows.push(row);
        }
        Ok((rows, bill.summary().cloned()))
    }

    fn trade(row: &Row) -> &TradeRow {
        match row {
            Row::Trade(row) => row,
            Row::Flow(_) => panic!("{row:?}"),
        }
    }

    #[test]
    fn commas_in_names_do_not_move_columns() {
        for name in ["拿铁, 大杯", "拿铁\\  大杯"] {
            let bill = format!(
                "\u{feff}交易时间,商户订单号,商品名称,订单金额\r\n`2025-10-09 16:53:41,`T-1,`{name},`28.80\r\n总交易单数\r\n`1\r\n"
            );
            let (rows, summary) = rows(&bill).unwrap();
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
        let digest = Digest::of(&mut Bill::open(bill.as_bytes()).unwrap()).unwrap();
        let Totals::Trade(totals) = &digest.totals else { panic!() };
        assert_eq!((totals.payments, totals.paid, totals.settlement), (1, 1230, 1230));
        assert_eq!((totals.refunds, totals.requested, totals.refunded), (1, 230, 230));
        assert_eq!(totals.fee.to_string(), "0.06");
        assert_eq!(digest.summary, Some(vec![]));
    }

    #[test]
    fn a_row_that_was_cut_short_is_refused() {
        let error = rows("交易时间,商户订单号\r\n`2025-10-09 16:53:41\r\n").unwrap_err();
        assert!(matches!(error, BillError::Fields { line: 2, found: 1, expected: 2 }), "{error}");
    }

    #[test]
    fn an_amount_that_is_none_is_refused_by_line_and_column() {
        for amount in ["", "1.234", "x", "1e3"] {
            let text = format!("交易时间,商户订单号,订单金额\n`2025-10-09 16:53:41,`T-1,`{amount}\n");
            let error = rows(&text).unwrap_err();
            assert!(matches!(error, BillError::Value { line: 2, column: "订单金额" }), "{amount}: {error}");
        }
    }

    #[test]
    fn what_is_no_bill_is_refused() {
        for text in ["", "\n\n", "<html></html>", "{\"code\":\"x\"}", "a,b\n`1,`2\n"] {
            assert!(matches!(rows(text), Err(BillError::NoHeader)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(plain) = unpack(&bytes)
                && let Ok(mut bill) = Bill::open(&*plain)
            {
                let _ = Digest::of(&mut bill);
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
                let _ = Digest::of(&mut bill);
            }
        }

        #[test]
        fn whatever_is_written_into_a_row_is_read_from_it(
            name in "[^`\r\n,\\\\]{0,20}(,[^`\r\n,\\\\]{0,10}){0,3}",
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
            let (rows, _) = rows(&text).unwrap();
            let row = trade(&rows[0]);
            prop_assert_eq!(&row.description, &name);
            prop_assert_eq!((row.total.minor, row.fee.0, row.at), (total, fee, Some(at)));
        }
    }
}
