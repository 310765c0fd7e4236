//! The totals of a file of bills, by currency, and their comparison with a bill's summary.

use serde::{Deserialize, Serialize};

use super::{Agreement, BillSummary, FigureMismatch};
use crate::model::bill::{BillFileRow, Decimal, Direction, FlowRow, Layout, TradeRow};
use crate::model::{Currency, Money, Sum};

/// A count, and a sum in a currency's smallest unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    pub count: u64,
    pub minor: i128,
}

impl Volume {
    // A file has fewer than 2^64 rows of less than 2^63 each: the sum fits.
    pub(super) fn add(&mut self, amount: Money) {
        self.count += 1;
        self.minor += i128::from(amount.minor);
    }

    /// The sum in one currency.
    pub fn sum(self, currency: Currency) -> Sum {
        Sum { minor: self.minor, currency }
    }
}

/// Currencies are stored by their codes.
pub(super) mod code {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Currency;

    pub(in super::super) fn serialize<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
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

    pub(crate) fn add(&mut self, row: &TradeRow) {
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
    pub(crate) fn add(&mut self, row: &FlowRow) {
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

    pub(crate) fn add(&mut self, row: &BillFileRow) {
        match (self, row) {
            (Self::Trade(totals), BillFileRow::Trade(row)) => totals.add(row),
            (Self::Flow(totals), BillFileRow::Flow(row)) => totals.add(row),
            // All rows of a bill have its layout.
            _ => {}
        }
    }

    /// Empty totals of the same layout.
    pub(super) fn emptied(&self) -> Self {
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
    pub(super) fn compare(&self, summary: &BillSummary, agreement: &mut Agreement) {
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
