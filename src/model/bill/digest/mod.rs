//! Totals of a file of bills, the comparison with each bill's summary, and the volume by hour of the day. Amounts are
//! added up exactly by currency, however many there are.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::super::time::{self, BEIJING, Date, Timestamp, beijing_day, midnight};
use super::super::{Currency, Money, Sum};
use super::{
    BadLine, Bill, BillError, BillFileRow, Decimal, Direction, Encoding, FlowRow, Layout, Piece, TradeRow, Why,
};

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

/// A count, and a sum in a currency's smallest unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    pub count: u64,
    pub minor: i128,
}

impl Volume {
    // A file has fewer than 2^64 rows of less than 2^63 each: the sum fits.
    fn add(&mut self, amount: Money) {
        self.count += 1;
        self.minor += i128::from(amount.minor);
    }

    /// The sum in one currency.
    pub fn sum(self, currency: Currency) -> Sum {
        Sum { minor: self.minor, currency }
    }
}

/// Currencies are stored by their codes.
mod code {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Currency;

    pub(super) fn serialize<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::parse(&code).ok_or_else(|| D::Error::custom("no currency"))
    }
}

/// Totals of a trade bill in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeSums {
    #[serde(with = "code")]
    pub currency: Currency,
    /// 订单总金额, of payments ordered in this currency.
    pub paid: Volume,
    /// 申请退款总金额, of refunds of such orders.
    pub requested: Volume,
    /// 应结订单总金额, of payments settled in this currency.
    pub settlement: i128,
    /// 退款总金额.
    pub refunded: i128,
    /// 充值券退款总金额.
    pub coupon_refunded: i128,
    /// 手续费总金额.
    pub fee: Decimal,
}

impl TradeSums {
    fn new(currency: Currency) -> Self {
        let none = Volume::default();
        Self {
            currency,
            paid: none,
            requested: none,
            settlement: 0,
            refunded: 0,
            coupon_refunded: 0,
            fee: Decimal::default(),
        }
    }

    fn fine(&self, minor: i128) -> Decimal {
        Decimal::of(Sum { minor, currency: self.currency })
    }

    /// The net amount of the day: what is settled, less refunds and fees.
    pub fn net(&self) -> Decimal {
        self.fine(self.settlement).minus(self.fine(self.refunded)).minus(self.fee)
    }

    /// Whether something is settled in it.
    fn is_settled(&self) -> bool {
        self.settlement != 0 || self.refunded != 0 || self.fee != Decimal::default()
    }
}

/// Totals of a trade bill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeTotals {
    pub payments: u64,
    pub refunds: u64,
    /// By currency, in the order of their first rows.
    pub sums: Vec<TradeSums>,
}

/// Totals of a fund-flow bill; amounts in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowTotals {
    pub rows: u64,
    pub income: Volume,
    pub outgo: Volume,
    /// Neither, by the word in the direction column.
    pub other: Volume,
}

/// Totals of either bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Totals {
    Trade(TradeTotals),
    Flow(FlowTotals),
}

impl TradeTotals {
    fn of(&mut self, currency: Currency) -> &mut TradeSums {
        let place = self.sums.iter().position(|sums| sums.currency == currency).unwrap_or_else(|| {
            self.sums.push(TradeSums::new(currency));
            self.sums.len() - 1
        });
        &mut self.sums[place]
    }

    fn add(&mut self, row: &TradeRow) {
        match &row.refund {
            Some(refund) => {
                self.refunds += 1;
                self.of(refund.requested.currency).requested.add(refund.requested);
                self.of(refund.refunded.currency).refunded += i128::from(refund.refunded.minor);
                self.of(refund.coupon.currency).coupon_refunded += i128::from(refund.coupon.minor);
            }
            None => {
                self.payments += 1;
                self.of(row.total.currency).paid.add(row.total);
                self.of(row.settlement.currency).settlement += i128::from(row.settlement.minor);
            }
        }
        let sums = self.of(row.settled_in);
        sums.fee = sums.fee.plus(row.fee);
    }

    /// The sums of its only currency; of yuan if there are no rows; `None` for several currencies.
    pub fn single(&self) -> Option<TradeSums> {
        match &self.sums[..] {
            [] => Some(TradeSums::new(Currency::CNY)),
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The sums of each currency, at least of one.
    pub fn each(&self) -> Vec<TradeSums> {
        self.single().map_or_else(|| self.sums.clone(), |one| vec![one])
    }
}

impl FlowTotals {
    fn add(&mut self, row: &FlowRow) {
        self.rows += 1;
        match row.direction {
            Direction::In => self.income.add(row.amount),
            Direction::Out => self.outgo.add(row.amount),
            Direction::Other(_) => self.other.add(row.amount),
        }
    }

    /// Income less expenses.
    pub fn net(&self) -> Sum {
        Sum { minor: self.income.minor - self.outgo.minor, currency: Currency::CNY }
    }
}

/// A figure of a summary: a count or an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Count(u64),
    Amount(Decimal, Currency),
}

impl Figure {
    fn is(self, text: &str) -> bool {
        match self {
            // Spreadsheets may write a count with decimals, too.
            Self::Count(count) => Decimal::parse(text) == Some(Decimal(i128::from(count) * 100_000)),
            Self::Amount(amount, _) => Decimal::parse(text) == Some(amount),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Amount(amount, currency) => amount.plain(currency),
        }
    }
}

impl Totals {
    pub fn new(layout: Layout) -> Self {
        match layout {
            Layout::Trade => Self::Trade(TradeTotals::default()),
            Layout::FundFlow => Self::Flow(FlowTotals::default()),
        }
    }

    fn add(&mut self, row: &BillFileRow) {
        match (self, row) {
            (Self::Trade(totals), BillFileRow::Trade(row)) => totals.add(row),
            (Self::Flow(totals), BillFileRow::Flow(row)) => totals.add(row),
            // All rows of a bill have its layout.
            _ => {}
        }
    }

    /// Empty totals of the same layout.
    fn emptied(&self) -> Self {
        match self {
            Self::Trade(_) => Self::new(Layout::Trade),
            Self::Flow(_) => Self::new(Layout::FundFlow),
        }
    }

    pub fn rows(&self) -> u64 {
        match self {
            Self::Trade(totals) => totals.payments + totals.refunds,
            Self::Flow(totals) => totals.rows,
        }
    }

    /// Income, expenses, fees and the rest, each in every currency of the bill, formatted for people.
    pub fn columns(&self) -> [Vec<String>; 4] {
        match self {
            Self::Trade(totals) => {
                let each = totals.each();
                let alone = each.len() == 1;
                let of = |some: fn(&TradeSums) -> bool, words: fn(&TradeSums) -> String| -> Vec<String> {
                    each.iter().filter(|sums| alone || some(sums)).map(words).collect()
                };
                [
                    of(|sums| sums.paid.count > 0, |sums| sums.paid.sum(sums.currency).to_string()),
                    of(|sums| sums.requested.count > 0, |sums| sums.requested.sum(sums.currency).to_string()),
                    of(TradeSums::is_settled, |sums| sums.fee.shown(sums.currency)),
                    of(TradeSums::is_settled, |sums| sums.net().shown(sums.currency)),
                ]
            }
            Self::Flow(totals) => [
                vec![totals.income.sum(Currency::CNY).to_string()],
                vec![totals.outgo.sum(Currency::CNY).to_string()],
                Vec::new(),
                vec![totals.net().to_string()],
            ],
        }
    }

    /// The totals formatted for people, each with its message id.
    pub fn figures(&self) -> Vec<(&'static str, String)> {
        let counted = |volume: Volume, currency: Currency| format!("{} ×{}", volume.sum(currency), volume.count);
        match self {
            Self::Trade(totals) => {
                let each = totals.each();
                let alone = each.len() == 1;
                let of = |some: fn(&TradeSums) -> bool, words: &dyn Fn(&TradeSums) -> String| -> String {
                    let words: Vec<String> = each.iter().filter(|sums| alone || some(sums)).map(words).collect();
                    if words.is_empty() { "–".to_owned() } else { words.join(" · ") }
                };
                let sum = |minor: i128, sums: &TradeSums| Sum { minor, currency: sums.currency }.to_string();
                let is_settled = TradeSums::is_settled;
                vec![
                    ("bill-payments", of(|sums| sums.paid.count > 0, &|sums| counted(sums.paid, sums.currency))),
                    (
                        "bill-refunds",
                        of(|sums| sums.requested.count > 0, &|sums| counted(sums.requested, sums.currency)),
                    ),
                    ("bill-settlement", of(|sums| sums.settlement != 0, &|sums| sum(sums.settlement, sums))),
                    ("bill-refunded", of(|sums| sums.refunded != 0, &|sums| sum(sums.refunded, sums))),
                    ("bill-fee", of(is_settled, &|sums| sums.fee.shown(sums.currency))),
                    ("bill-net", of(is_settled, &|sums| sums.net().shown(sums.currency))),
                ]
            }
            Self::Flow(totals) => {
                let mut figures = vec![
                    ("bill-income", counted(totals.income, Currency::CNY)),
                    ("bill-outgo", counted(totals.outgo, Currency::CNY)),
                    ("bill-net", totals.net().to_string()),
                ];
                if totals.other.count > 0 {
                    figures.insert(2, ("bill-neither", counted(totals.other, Currency::CNY)));
                }
                figures
            }
        }
    }

    /// The expected figure of a summary by name, in current and old layouts. `None` for an unknown name, and for
    /// amounts in several currencies.
    fn figure(&self, name: &str) -> Option<Figure> {
        match self {
            Self::Trade(totals) => {
                let amount = |of: fn(&TradeSums) -> Decimal| {
                    totals.single().map(|sums| Figure::Amount(of(&sums), sums.currency))
                };
                match name {
                    "总交易单数" => Some(Figure::Count(self.rows())),
                    "应结订单总金额" | "总交易额" => amount(|sums| sums.fine(sums.settlement)),
                    "退款总金额" | "总退款金额" => amount(|sums| sums.fine(sums.refunded)),
                    "充值券退款总金额" | "总代金券或立减优惠退款金额" | "总企业红包退款金额" => {
                        amount(|sums| sums.fine(sums.coupon_refunded))
                    }
                    "手续费总金额" => amount(|sums| sums.fee),
                    "订单总金额" => amount(|sums| sums.fine(sums.paid.minor)),
                    "申请退款总金额" => amount(|sums| sums.fine(sums.requested.minor)),
                    _ => None,
                }
            }
            Self::Flow(totals) => {
                let amount = |volume: Volume| {
                    let sum = volume.sum(Currency::CNY);
                    Some(Figure::Amount(Decimal::of(sum), sum.currency))
                };
                match name {
                    "资金流水总笔数" => Some(Figure::Count(totals.rows)),
                    "收入笔数" => Some(Figure::Count(totals.income.count)),
                    "收入金额" => amount(totals.income),
                    "支出笔数" => Some(Figure::Count(totals.outgo.count)),
                    "支出金额" => amount(totals.outgo),
                    _ => None,
                }
            }
        }
    }

    /// Compares a summary with the rows.
    fn compare(&self, summary: &BillSummary, agreement: &mut Agreement) {
        /// How much of a summary is kept: real ones have seven short figures.
        const HELD: usize = 32;
        let short = |text: &str| text.chars().take(64).collect::<String>();
        for (name, text) in summary.0.iter().take(HELD) {
            let Some(figure) = self.figure(name) else {
                agreement.not_compared.push(short(name));
                continue;
            };
            agreement.compared.push(name.clone());
            if !figure.is(text) {
                let found = figure.words();
                agreement.disagreements.push(FigureMismatch { name: name.clone(), says: short(text), found });
            }
        }
        agreement.not_compared.truncate(HELD);
    }
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
    pub fn is_sound(&self) -> bool {
        let agrees = |part: &BillPart| part.rows > 0 && part.summary.as_ref().map_or(self.statement, Agreement::holds);
        self.bad.count == 0 && self.lost.count == 0 && self.parts.iter().all(agrees)
    }

    /// Reads a file to its end.
    pub fn of<R: BufRead>(bill: &mut Bill<R>) -> Result<Self, BillError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "交易时间,商户订单号,交易状态,交易类型,订单金额,应结订单金额,商户退款单号,退款金额,申请退款金额,手续费\n";

    fn digest(text: &str) -> BillDigest {
        let digest = BillDigest::of(&mut Bill::open(text.as_bytes()).unwrap()).unwrap();
        // It can be stored and read back.
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<BillDigest>(&json).unwrap(), digest);
        digest
    }

    fn figure(digest: &BillDigest, id: &str) -> String {
        digest.totals.figures().into_iter().find(|(name, _)| *name == id).unwrap().1
    }

    /// The lines of the bills in a file, their rows, and whether their summaries agree.
    fn parts(digest: &BillDigest) -> Vec<(u64, u64, Option<bool>)> {
        digest.parts.iter().map(|part| (part.line, part.rows, part.summary.as_ref().map(Agreement::holds))).collect()
    }

    #[test]
    fn a_summary_that_its_rows_do_not_come_to_is_named_figure_by_figure() {
        let text = format!(
            "{HEADER}`2025-10-09 16:53:41,`T-1,`SUCCESS,`JSAPI,`28.80,`26.80,`0,`0.00,`0.00,`0.16000\n\
             `2025-10-09 17:20:01,`T-1,`REFUND,`JSAPI,`0.00,`0.00,`R-1,`8.19,`8.80,`-0.05000\n\
             总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,某新项\n`2,`26.80,`8.20,`0.11000,`28.80,`1\n"
        );
        let digest = digest(&text);
        let expected = FigureMismatch { name: "退款总金额".into(), says: "8.20".into(), found: "8.19".into() };
        assert_eq!(digest.disagreements().collect::<Vec<_>>(), [(1, &expected)]);
        assert_eq!(digest.parts[0].summary.as_ref().unwrap().not_compared, ["某新项"]);
        assert_eq!(figure(&digest, "bill-net"), "¥18.50");
        let hours = digest.hours[0].hours;
        assert_eq!(hours[16], [Volume { count: 1, minor: 2880 }, Volume::default()]);
        assert_eq!(hours[17][1], Volume { count: 1, minor: 880 });
        assert_eq!(digest.groups.len(), 2);
        let day = |text| time::parse_day(text).unwrap();
        assert_eq!(digest.another("1900009999", day("2025-10-09")), None);
        assert_eq!(digest.another("1900009999", day("2025-10-10")).as_deref(), Some("2025-10-09"));
    }

    #[test]
    fn a_count_is_compared_and_shown_as_a_count() {
        let digest = digest("交易时间,商户订单号,订单金额\n`2025-10-09 16:53:41,`T-1,`1.00\n总交易单数\n`7\n");
        let expected = FigureMismatch { name: "总交易单数".into(), says: "7".into(), found: "1".into() };
        assert_eq!(digest.disagreements().collect::<Vec<_>>(), [(1, &expected)]);
    }

    #[test]
    fn several_bills_in_a_file_are_compared_each_with_its_own_summary() {
        let header = "交易时间,商户订单号,订单金额\n";
        let row = "`2025-10-09 16:53:41,`T-1,`1.00\n";
        let summary = |n: u64| format!("总交易单数,订单总金额\n`{n},`{n}.00\n");
        let [one, two] = [summary(1), summary(2)];
        for (text, expected) in [
            (format!("{header}{row}{one}{header}{row}{row}{two}"), vec![(1, 1, Some(true)), (5, 2, Some(true))]),
            (
                format!("{header}{row}{one}{header}{row}{one}{row}"),
                vec![(1, 1, Some(true)), (5, 1, Some(true)), (9, 1, None)],
            ),
            (format!("{header}{row}{header}{row}"), vec![(1, 1, None), (3, 1, None)]),
            // Two summaries of the same rows: one of them is wrong.
            (format!("{header}{row}{two}{one}"), vec![(1, 1, Some(false))]),
            (format!("{header}{one}"), vec![(1, 0, Some(false))]),
            (header.to_owned(), vec![(1, 0, None)]),
            // No figure can be compared.
            (format!("{header}{row}总企业红包金额,某新项\n`1,`1\n"), vec![(1, 1, None)]),
        ] {
            let digest = digest(&text);
            assert_eq!(parts(&digest), expected, "{text}");
            let sound = expected.iter().all(|(_, rows, holds)| *rows > 0 && *holds == Some(true));
            assert_eq!(digest.is_sound(), sound && digest.bad.count == 0, "{text}");
        }
    }

    #[test]
    fn amounts_are_added_up_by_currency_with_the_decimals_of_each() {
        let text = "交易时间,商户订单号,交易状态,标价币种,订单金额（标价币种）,结算币种,应结订单金额,商户退款单号,\
            申请退款金额,退款结算币种,退款应结订单金额,手续费\n\
            `2026-11-25 02:54:03,`T-1,`SUCCESS,`HKD,`135.00,`HKD,`135.00,`0,`0.00,`,`0.00,`1.35\n\
            `2026-11-25 03:54:03,`T-2,`SUCCESS,`HKD,`45.00,`USD,`5.80,`0,`0.00,`,`0.00,`0.06\n\
            `2026-11-25 04:54:03,`T-3,`SUCCESS,`JPY,`9600.00,`JPY,`9600,`0,`0.00,`,`0.00,`96\n\
            `2026-11-25 05:54:03,`T-4,`REFUND,`USD,`29.99,`USD,`0.00,`R-1,`8.99,`USD,`8.99,`-0.08\n\
            总交易单数,订单总金额\n`4,`9780.00\n";
        let digest = digest(text);
        assert_eq!(figure(&digest, "bill-payments"), "HK$180.00 ×2 · JP¥9,600 ×1");
        assert_eq!(figure(&digest, "bill-refunds"), "US$8.99 ×1");
        assert_eq!(figure(&digest, "bill-settlement"), "HK$135.00 · US$5.80 · JP¥9,600");
        assert_eq!(figure(&digest, "bill-fee"), "HK$1.35 · -US$0.02 · JP¥96");
        assert_eq!(figure(&digest, "bill-net"), "HK$133.65 · -US$3.17 · JP¥9,504");
        // The count is compared, a sum over several currencies is not.
        let summary = digest.parts[0].summary.as_ref().unwrap();
        assert!(summary.holds());
        assert_eq!(
            (&*summary.compared, &*summary.not_compared),
            (&["总交易单数".to_owned()][..], &["订单总金额".to_owned()][..])
        );
        assert_eq!(digest.hours.len(), 3);
    }

    #[test]
    fn no_sum_is_too_large_to_be_exact() {
        let row = "`2025-10-09 16:53:41,`T-1,`92233720368547758.07\n";
        let digest = digest(&format!("交易时间,商户订单号,订单金额\n{row}{row}总交易单数\n`2\n"));
        assert_eq!(figure(&digest, "bill-payments"), "¥184,467,440,737,095,516.14 ×2");
    }

    #[test]
    fn what_came_neither_in_nor_out_is_counted_by_itself() {
        let text = "记账时间,资金流水单号,业务名称,收支类型,收支金额(元)\n\
            `2025-10-09 16:53:41,`1,`交易,`收入,`2.00\n`2025-10-09 16:53:41,`2,`冻结,`冻结,`1.00\n";
        let digest = digest(text);
        assert_eq!(figure(&digest, "bill-neither"), "¥1.00 ×1");
        assert_eq!((figure(&digest, "bill-net").as_str(), digest.hours[0].hours[16][0].count), ("¥2.00", 1));
    }

    #[test]
    fn words_without_end_do_not_fill_the_memory() {
        let rows: String = (0..1000)
            .map(|i| format!("`2025-10-09 16:53:41,`T-{i},`S{i},`JSAPI,`0.01,`0.01,`0,`0.00,`0.00,`0.00000\na,b\n"))
            .collect();
        let digest = digest(&format!("{HEADER}{rows}"));
        assert!(digest.groups.len() <= GROUPS + 1);
        assert_eq!(digest.groups.iter().map(|group| group.volume.count).sum::<u64>(), 1000);
        assert_eq!((digest.totals.rows(), digest.bad.count, digest.bad.first.len()), (1000, 1000, BadLines::NAMED));
    }
}
