//! What a bill comes to: its totals, whether its own summary says the same, and how its volume lies over the day.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::{Deserialize, Serialize};

use super::super::Money;
use super::super::time::{self, BEIJING, Date, Timestamp, beijing_day, midnight};
use super::{Bill, BillError, Direction, Fine, FlowRow, Layout, Row, TradeRow};

/// The figures below a bill's rows, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary(Vec<(String, String)>);

impl Summary {
    pub(super) fn new(figures: Vec<(String, String)>) -> Self {
        Self(figures)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A figure of the summary that its rows do not come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    pub name: String,
    pub says: String,
    pub found: String,
}

/// How many, and how much in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    pub count: u64,
    pub fen: i64,
}

impl Volume {
    fn add(&mut self, amount: Money) {
        self.count += 1;
        self.fen = self.fen.saturating_add(amount.minor);
    }
}

/// Totals of a trade bill; amounts in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeTotals {
    pub payments: u64,
    pub refunds: u64,
    /// 订单总金额.
    pub paid: i64,
    /// 应结订单总金额.
    pub settlement: i64,
    /// 申请退款总金额.
    pub requested: i64,
    /// 退款总金额.
    pub refunded: i64,
    /// 充值券退款总金额.
    pub coupon_refunded: i64,
    pub fee: Fine,
}

/// Totals of a fund-flow bill; amounts in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowTotals {
    pub rows: u64,
    pub income: Volume,
    pub outgo: Volume,
}

/// Totals of either bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Totals {
    Trade(TradeTotals),
    Flow(FlowTotals),
}

impl TradeTotals {
    fn add(&mut self, row: &TradeRow) {
        let sum = |into: &mut i64, amount: Money| *into = into.saturating_add(amount.minor);
        match &row.refund {
            Some(refund) => {
                self.refunds += 1;
                sum(&mut self.requested, refund.requested);
                sum(&mut self.refunded, refund.refunded);
                sum(&mut self.coupon_refunded, refund.coupon);
            }
            None => self.payments += 1,
        }
        // They are nought on the row of a refund, or the summary tells.
        sum(&mut self.paid, row.total);
        sum(&mut self.settlement, row.settlement);
        self.fee = self.fee.plus(row.fee);
    }

    /// What the day brought: what is settled, without what was given back and the fees.
    pub fn net(&self) -> Fine {
        Fine::of_fen(self.settlement).minus(Fine::of_fen(self.refunded)).minus(self.fee)
    }
}

impl FlowTotals {
    fn add(&mut self, row: &FlowRow) {
        self.rows += 1;
        match row.direction {
            Direction::In => self.income.add(row.amount),
            Direction::Out => self.outgo.add(row.amount),
            Direction::Other(_) => {}
        }
    }

    pub fn net(&self) -> Fine {
        Fine::of_fen(self.income.fen).minus(Fine::of_fen(self.outgo.fen))
    }
}

impl Totals {
    pub fn new(layout: Layout) -> Self {
        match layout {
            Layout::Trade => Self::Trade(TradeTotals::default()),
            Layout::FundFlow => Self::Flow(FlowTotals::default()),
        }
    }

    fn add(&mut self, row: &Row) {
        match (self, row) {
            (Self::Trade(totals), Row::Trade(row)) => totals.add(row),
            (Self::Flow(totals), Row::Flow(row)) => totals.add(row),
            // A bill's rows are all of its own layout.
            _ => {}
        }
    }

    pub fn rows(&self) -> u64 {
        match self {
            Self::Trade(totals) => totals.payments + totals.refunds,
            Self::Flow(totals) => totals.rows,
        }
    }

    pub fn net(&self) -> Fine {
        match self {
            Self::Trade(totals) => totals.net(),
            Self::Flow(totals) => totals.net(),
        }
    }

    /// The totals as a person reads them, each with the message that names it.
    pub fn figures(&self) -> Vec<(&'static str, String)> {
        let counted = |count: u64, fen: i64| format!("{} ×{count}", Money::cny(fen));
        match self {
            Self::Trade(totals) => vec![
                ("bill-payments", counted(totals.payments, totals.paid)),
                ("bill-refunds", counted(totals.refunds, totals.requested)),
                ("bill-settlement", Money::cny(totals.settlement).to_string()),
                ("bill-refunded", Money::cny(totals.refunded).to_string()),
                ("bill-fee", totals.fee.shown()),
                ("bill-net", totals.net().shown()),
            ],
            Self::Flow(totals) => vec![
                ("bill-income", counted(totals.income.count, totals.income.fen)),
                ("bill-outgo", counted(totals.outgo.count, totals.outgo.fen)),
                ("bill-net", totals.net().shown()),
            ],
        }
    }

    /// The figure of a summary by its name, of today or of years ago, as it should be.
    fn figure(&self, name: &str) -> Option<Fine> {
        let count = |count: u64| Fine(i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(100_000));
        let fen = Fine::of_fen;
        match self {
            Self::Trade(totals) => match name {
                "总交易单数" => Some(count(self.rows())),
                "应结订单总金额" | "总交易额" => Some(fen(totals.settlement)),
                "退款总金额" | "总退款金额" => Some(fen(totals.refunded)),
                "充值券退款总金额" | "总代金券或立减优惠退款金额" | "总企业红包退款金额" => {
                    Some(fen(totals.coupon_refunded))
                }
                "手续费总金额" => Some(totals.fee),
                "订单总金额" => Some(fen(totals.paid)),
                "申请退款总金额" => Some(fen(totals.requested)),
                _ => None,
            },
            Self::Flow(totals) => match name {
                "资金流水总笔数" => Some(count(totals.rows)),
                "收入笔数" => Some(count(totals.income.count)),
                "收入金额" => Some(fen(totals.income.fen)),
                "支出笔数" => Some(count(totals.outgo.count)),
                "支出金额" => Some(fen(totals.outgo.fen)),
                _ => None,
            },
        }
    }

    /// Where a summary says something else than the rows.
    fn disagreements(&self, summary: &Summary) -> Vec<Disagreement> {
        let disagrees = |(name, says): &(String, String)| {
            let found = self.figure(name)?;
            (Fine::parse(says) != Some(found)).then(|| Disagreement {
                name: name.clone(),
                says: says.clone(),
                found: found.to_string(),
            })
        };
        summary.0.iter().filter_map(disagrees).collect()
    }
}

/// What a bill comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub totals: Totals,
    /// The merchant number that the rows say, and when the first and the last of them were, in Unix time.
    pub mchid: Option<String>,
    pub span: Option<(i64, i64)>,
    /// What came in and what went out in each hour of the day, in Beijing.
    pub hours: [[Volume; 2]; 24],
    /// By state and type of transaction, or by business and its type.
    pub groups: Vec<(String, String, Volume)>,
    /// Where the summary disagrees with the rows; none if the bill has no summary.
    pub summary: Option<Vec<Disagreement>>,
}

/// Groups that are told apart: there are a dozen words, and a file of other words must not fill the memory.
const GROUPS: usize = 64;

impl Digest {
    /// What the rows say that they are about, if it is neither this merchant nor this day. The time of a refund may be
    /// that of its payment, so one row of the day is enough.
    pub fn another(&self, merchant: &str, day: Date) -> Option<String> {
        if let Some(mchid) = self.mchid.as_deref().filter(|mchid| *mchid != merchant) {
            return Some(mchid.to_owned());
        }
        let begins = midnight(day).unix_timestamp();
        let (_, last) = self.span.filter(|(first, last)| *last < begins || *first >= begins + 86_400)?;
        let last = Timestamp::from_unix_timestamp(last).ok()?;
        Some(time::day(beijing_day(last)))
    }

    /// Reads a bill to its end.
    pub fn of<R: BufRead>(bill: &mut Bill<R>) -> Result<Self, BillError> {
        let mut totals = Totals::new(bill.header().layout());
        let mut hours = [[Volume::default(); 2]; 24];
        let mut groups: BTreeMap<(String, String), Volume> = BTreeMap::new();
        let (mut mchid, mut span) = (None, None);
        while let Some(row) = bill.next_row()? {
            totals.add(&row);
            if let Row::Trade(row) = &row
                && mchid.is_none()
            {
                mchid = Some(row.mchid.clone()).filter(|mchid| !mchid.is_empty());
            }
            let (out, group) = match &row {
                Row::Trade(row) => (row.refund.is_some(), (row.state.clone(), row.trade_type.clone())),
                Row::Flow(row) => (row.direction == Direction::Out, (row.business.clone(), row.kind.clone())),
            };
            if let Some(at) = row.at() {
                let unix = at.unix_timestamp();
                let (first, last) = span.unwrap_or((unix, unix));
                span = Some((unix.min(first), unix.max(last)));
                hours[usize::from(at.to_offset(BEIJING).hour()) % 24][usize::from(out)].add(row.amount());
            }
            let room = groups.len() < GROUPS || groups.contains_key(&group);
            groups.entry(if room { group } else { Default::default() }).or_default().add(row.amount());
        }
        let summary = bill.summary().map(|summary| totals.disagreements(summary));
        let groups = groups.into_iter().map(|((state, kind), volume)| (state, kind, volume)).collect();
        Ok(Self { totals, mchid, span, hours, groups, summary })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "交易时间,商户订单号,交易状态,交易类型,订单金额,应结订单金额,商户退款单号,退款金额,申请退款金额,手续费\n";

    #[test]
    fn a_summary_that_its_rows_do_not_come_to_is_told_figure_by_figure() {
        let text = format!(
            "{HEADER}`2025-10-09 16:53:41,`T-1,`SUCCESS,`JSAPI,`28.80,`26.80,`0,`0.00,`0.00,`0.16000\n\
             `2025-10-09 17:20:01,`T-1,`REFUND,`JSAPI,`0.00,`0.00,`R-1,`8.19,`8.80,`-0.05000\n\
             总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,某新项\n`2,`26.80,`8.20,`0.11000,`28.80,`1\n"
        );
        let digest = Digest::of(&mut Bill::open(text.as_bytes()).unwrap()).unwrap();
        let told = Disagreement { name: "退款总金额".into(), says: "8.20".into(), found: "8.19".into() };
        assert_eq!(digest.summary, Some(vec![told]));
        assert_eq!(digest.totals.net().to_string(), "18.50");
        assert_eq!(digest.hours[16], [Volume { count: 1, fen: 2880 }, Volume::default()]);
        assert_eq!(digest.hours[17][1], Volume { count: 1, fen: 880 });
        assert_eq!(digest.groups.len(), 2);
        let day = |text| time::parse_day(text).unwrap();
        assert_eq!(digest.another("1900009999", day("2025-10-09")), None);
        assert_eq!(digest.another("1900009999", day("2025-10-10")).as_deref(), Some("2025-10-09"));
        // It survives being written down.
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }

    #[test]
    fn words_without_end_do_not_fill_the_memory() {
        let rows: String = (0..1000)
            .map(|i| format!("`2025-10-09 16:53:41,`T-{i},`S{i},`JSAPI,`0.01,`0.01,`0,`0.00,`0.00,`0.00000\n"))
            .collect();
        let digest = Digest::of(&mut Bill::open(format!("{HEADER}{rows}").as_bytes()).unwrap()).unwrap();
        assert!(digest.groups.len() <= GROUPS + 1);
        assert_eq!(digest.groups.iter().map(|(_, _, volume)| volume.count).sum::<u64>(), 1000);
        assert_eq!((digest.totals.rows(), digest.summary), (1000, None));
    }
}
