//! Totals of a file of bills, the comparison with each bill's summary, and the volume by hour of the day. Amounts are
//! added up exactly by currency, however many there are.

#[cfg(test)]
mod tests;
mod totals;

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::{BadLine, Bill, BillEntry, BillError, BillFileRow, Direction, Encoding, Header, Piece, Why};
use crate::model::time::{self, BEIJING, Date, Timestamp, beijing_day, midnight};
use crate::model::{Currency, Money};
use totals::code;
pub use totals::{FlowTotals, Totals, TradeSums, TradeTotals, Volume};

/// The names with which a summary may begin, in current and old layouts.
const FIGURES: [&str; 16] = [
    "总交易单数",
    "应结订单总金额",
    "总交易额",
    "退款总金额",
    "总退款金额",
    "充值券退款总金额",
    "总代金券或立减优惠退款金额",
    "总企业红包退款金额",
    "手续费总金额",
    "订单总金额",
    "申请退款总金额",
    "资金流水总笔数",
    "收入笔数",
    "收入金额",
    "支出笔数",
    "支出金额",
];

/// Whether a summary has a figure of this name.
pub fn is_figure(name: &str) -> bool {
    FIGURES.contains(&name.trim())
}

/// The figures below a bill's rows, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillSummary(Vec<(String, String)>);

impl BillSummary {
    pub(super) fn new(figures: Vec<(String, String)>) -> Self {
        Self(figures)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A figure of the summary that differs from the sum of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureMismatch {
    pub name: String,
    pub says: String,
    pub found: String,
}

/// The result of comparing a summary with its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The figures that were compared, and those that could not be: their name is unknown, or there are several
    /// currencies.
    pub compared: Vec<String>,
    pub not_compared: Vec<String>,
    pub disagreements: Vec<FigureMismatch>,
}

impl Agreement {
    /// Something was compared, and there is no difference.
    pub fn holds(&self) -> bool {
        self.disagreements.is_empty() && !self.compared.is_empty()
    }
}

/// One of the bills in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillPart {
    /// The line of its header; for rows after a summary, of the first of them.
    pub line: u64,
    pub rows: u64,
    /// `None` if it has no summary: then it is unknown whether rows are missing.
    pub summary: Option<Agreement>,
}

/// Income and expenses in each hour of the day, in Beijing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    #[serde(with = "code")]
    pub currency: Currency,
    pub hours: [[Volume; 2]; 24],
}

/// Rows of one state and type of transaction, or of one business and its type, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillGroup {
    pub state: String,
    pub kind: String,
    #[serde(with = "code")]
    pub currency: Currency,
    pub volume: Volume,
}

/// Faulty lines: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLines {
    pub count: u64,
    pub first: Vec<BadLine>,
}

impl BadLines {
    /// How many lines are listed. There may be as many as the file has lines.
    const NAMED: usize = 100;

    fn add(&mut self, line: BadLine) {
        self.count += 1;
        if self.first.len() < Self::NAMED {
            self.first.push(line);
        }
    }
}

/// The digest of a file of bills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillDigest {
    pub totals: Totals,
    /// The merchant number in the rows, and the times of the first and the last of them, in Unix time.
    pub mchid: Option<String>,
    pub span: Option<(i64, i64)>,
    /// By currency, in the order of their first rows.
    pub hours: Vec<Hours>,
    pub groups: Vec<BillGroup>,
    /// The bills in the file: usually one.
    pub parts: Vec<BillPart>,
    /// Lines that could not be read: the totals do not include them.
    pub bad: BadLines,
    /// Rows with a number that has lost digits.
    pub lost: BadLines,
    pub encoding: Encoding,
    /// Rows that another program than WeChat Pay wrote.
    pub resaved: u64,
    /// It is a statement of WeChat Pay Global, which has no summary.
    pub statement: bool,
}

/// The most groups: there are a dozen words, and a file of other words must not fill the memory.
const GROUPS: usize = 64;
/// The most currencies whose hours are kept.
const CLOCKS: usize = 16;
/// The most bills in one file: three kinds for each day of years.
const PARTS: usize = 10_000;

impl BillDigest {
    /// The merchant or day of the rows, if it is another than this one. The time of a refund may be that of its
    /// payment, so one row of the day is enough.
    pub fn another(&self, merchant: &str, day: Date) -> Option<String> {
        if let Some(mchid) = self.mchid.as_deref().filter(|mchid| *mchid != merchant) {
            return Some(mchid.to_owned());
        }
        let begins = midnight(day).unix_timestamp();
        let (_, last) = self.span.filter(|(first, last)| *last < begins || *first >= begins + 86_400)?;
        let last = Timestamp::from_unix_timestamp(last).ok()?;
        Some(time::day(beijing_day(last)))
    }

    /// Rows, and lines that should be rows.
    pub fn entries(&self) -> u64 {
        self.totals.rows() + self.bad.count
    }

    /// Differences between summaries and their rows, with the line of the bill.
    pub fn disagreements(&self) -> impl Iterator<Item = (u64, &FigureMismatch)> {
        let summaries = self.parts.iter().filter_map(|part| Some((part.line, part.summary.as_ref()?)));
        summaries.flat_map(|(line, summary)| summary.disagreements.iter().map(move |one| (line, one)))
    }

    /// Whether each bill has rows and, if its layout has one, a summary that agrees with them, and every line was read
    /// completely.
    pub(crate) fn is_sound(&self) -> bool {
        let agrees = |part: &BillPart| part.rows > 0 && part.summary.as_ref().map_or(self.statement, Agreement::holds);
        self.bad.count == 0 && self.lost.count == 0 && self.parts.iter().all(agrees)
    }

    /// Reads a file to its end.
    pub fn of<R: BufRead>(bill: &mut Bill<R>) -> Result<Self, BillError> {
        Self::of_each(bill, &mut |_, _, _| Ok(()))
    }

    /// The same, handing on each row with the bill in the file that it belongs to, counted from 0, and its header. An
    /// error there ends the reading.
    pub(crate) fn of_each<R: BufRead>(
        bill: &mut Bill<R>,
        each: &mut dyn FnMut(usize, BillEntry, &Header) -> Result<(), BillError>,
    ) -> Result<Self, BillError> {
        let mut totals = Totals::new(bill.header().layout());
        let mut own = totals.emptied();
        let mut hours: Vec<Hours> = Vec::new();
        let mut groups = Groups::new();
        let (mut mchid, mut span, mut resaved) = (None, None, 0);
        let statement = bill.header().is_statement();
        let (mut bad, mut lost) = (BadLines::default(), BadLines::default());
        let mut parts = vec![BillPart { line: bill.begins(), rows: 0, summary: None }];
        while let Some(piece) = bill.next_piece()? {
            let ended = parts.last().is_some_and(|part| part.summary.is_some());
            let begins = match &piece {
                Piece::Begins { line } => Some(*line),
                Piece::Entry(entry) if ended => Some(entry.line),
                _ => None,
            };
            if let Some(line) = begins {
                if parts.len() >= PARTS {
                    return Err(BillError::TooMany(PARTS));
                }
                parts.push(BillPart { line, rows: 0, summary: None });
                own = own.emptied();
            }
            let entry = match piece {
                Piece::Begins { .. } => continue,
                Piece::Bad(line) => {
                    bad.add(line);
                    continue;
                }
                Piece::Summary { summary, .. } => {
                    if let Some(part) = parts.last_mut() {
                        own.compare(&summary, part.summary.get_or_insert_default());
                    }
                    continue;
                }
                Piece::Entry(entry) => entry,
            };
            if let Some(part) = parts.last_mut() {
                part.rows += 1;
            }
            if let Some(column) = entry.lost {
                lost.add(BadLine { line: entry.line, why: Why::LostDigits { column: column.into() } });
            }
            resaved += u64::from(entry.resaved);
            let row = &entry.row;
            totals.add(row);
            own.add(row);
            if let BillFileRow::Trade(row) = row
                && mchid.is_none()
            {
                mchid = Some(row.mchid.clone()).filter(|mchid| !mchid.is_empty());
            }
            let amount = row.amount();
            let (side, (state, kind)) = match row {
                BillFileRow::Trade(row) => (Some(usize::from(row.refund.is_some())), (&row.state, &row.trade_type)),
                BillFileRow::Flow(row) => {
                    let side = match row.direction {
                        Direction::In => Some(0),
                        Direction::Out => Some(1),
                        Direction::Other(_) => None,
                    };
                    (side, (&row.business, &row.kind))
                }
            };
            if let Some(at) = row.at() {
                let unix = at.unix_timestamp();
                let (first, last) = span.unwrap_or((unix, unix));
                span = Some((unix.min(first), unix.max(last)));
                let hour = usize::from(at.to_offset(BEIJING).hour()) % 24;
                if let (Some(side), Some(clock)) = (side, clock(&mut hours, amount.currency)) {
                    clock.hours[hour][side].add(amount);
                }
            }
            add_to_group(&mut groups, state, kind, amount);
            each(parts.len() - 1, *entry, bill.header())?;
        }
        let group = |((state, kind, _), (currency, volume))| BillGroup { state, kind, currency, volume };
        let groups = groups.into_iter().map(group).collect();
        let encoding = bill.encoding();
        Ok(Self { totals, mchid, span, hours, groups, parts, bad, lost, encoding, resaved, statement })
    }
}

type Groups = BTreeMap<(String, String, String), (Currency, Volume)>;

fn add_to_group(groups: &mut Groups, state: &str, kind: &str, amount: Money) {
    let key = |state: &str, kind: &str| (state.to_owned(), kind.to_owned(), amount.currency.code().to_owned());
    let own = key(state, kind);
    let room = groups.len() < GROUPS || groups.contains_key(&own);
    let (_, volume) =
        groups.entry(if room { own } else { key("", "") }).or_insert((amount.currency, Volume::default()));
    volume.add(amount);
}

/// The hours of a currency; empty if there are too many currencies.
fn clock(hours: &mut Vec<Hours>, currency: Currency) -> Option<&mut Hours> {
    let place = hours.iter().position(|clock| clock.currency == currency).unwrap_or(hours.len());
    if place == hours.len() && place < CLOCKS {
        hours.push(Hours { currency, hours: Default::default() });
    }
    hours.get_mut(place)
}
