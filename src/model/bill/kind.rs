//! Which bill: its rows, and its day (transactions reference §9.1).

use std::cmp::Reverse;

use super::super::EndpointId;
use super::super::time::{Date, Timestamp, beijing_day, day};

/// Which rows a trade bill lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TradeRows {
    /// Payments and refunds.
    All,
    /// Payments only.
    Success,
    /// Refunds only.
    Refund,
}

impl TradeRows {
    pub const ALL: [Self; 3] = [Self::All, Self::Success, Self::Refund];

    /// `bill_type` in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rows| rows.word().eq_ignore_ascii_case(text))
    }
}

/// The merchant's account of a fund-flow bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FundAccount {
    /// 基本账户.
    Basic,
    /// 运营账户.
    Operation,
    /// 手续费账户.
    Fees,
}

impl FundAccount {
    pub const ALL: [Self; 3] = [Self::Basic, Self::Operation, Self::Fees];

    /// `account_type` in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::Operation => "OPERATION",
            Self::Fees => "FEES",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.word().eq_ignore_ascii_case(text))
    }
}

/// A kind of bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BillKind {
    /// 交易账单.
    Trade(TradeRows),
    /// 资金账单.
    FundFlow(FundAccount),
}

impl BillKind {
    /// All of them, in the order they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        TradeRows::ALL.into_iter().map(Self::Trade).chain(FundAccount::ALL.into_iter().map(Self::FundFlow))
    }

    /// Its name on the command line and in file names.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Trade(_) => "trade",
            Self::FundFlow(_) => "fundflow",
        }
    }

    /// WeChat Pay's word for which rows, or which account.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trade(rows) => rows.word(),
            Self::FundFlow(account) => account.word(),
        }
    }

    /// Undoes [`Self::noun`] and [`Self::word`].
    pub fn parse(noun: &str, word: &str) -> Option<Self> {
        Self::all().find(|kind| kind.noun() == noun && kind.word().eq_ignore_ascii_case(word))
    }

    /// The endpoint that returns the link to it.
    pub const fn endpoint(self) -> EndpointId {
        match self {
            Self::Trade(_) => EndpointId::BillTrade,
            Self::FundFlow(_) => EndpointId::BillFundFlow,
        }
    }
}

/// One bill: a kind, and a day in Beijing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BillId {
    pub day: Date,
    pub kind: BillKind,
}

impl BillId {
    /// The order in which bills are listed.
    pub(crate) fn latest_first(&self) -> impl Ord + use<> {
        (Reverse(self.day), self.kind)
    }

    /// The query of the request. `packed`: the file is to be sent as gzip.
    pub fn target(&self, packed: bool) -> String {
        let day = day(self.day);
        let which = match self.kind {
            BillKind::Trade(rows) => ("bill_type", rows.word()),
            BillKind::FundFlow(account) => ("account_type", account.word()),
        };
        let query = [("bill_date", day.as_str()), which, ("tar_type", "GZIP")];
        self.kind.endpoint().endpoint().target(&[], if packed { &query } else { &query[..2] })
    }

    /// False until the day has ended: before that there is no bill, so no request is needed.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.day < beijing_day(now)
    }

    /// `trade-ALL-2025-10-09`.
    pub fn name(&self) -> String {
        format!("{}-{}-{}", self.kind.noun(), self.kind.word(), day(self.day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::parse_day;

    #[test]
    fn a_kind_is_found_by_its_words_again() {
        assert_eq!(BillKind::all().count(), 6);
        for kind in BillKind::all() {
            assert_eq!(BillKind::parse(kind.noun(), &kind.word().to_lowercase()), Some(kind));
        }
        assert_eq!(BillKind::parse("trade", "BASIC"), None);
    }

    #[test]
    fn the_target_is_what_the_reference_asks_for() {
        let day = parse_day("2025-10-09").unwrap();
        let refunds = BillId { day, kind: BillKind::Trade(TradeRows::Refund) };
        assert_eq!(refunds.target(false), "/v3/bill/tradebill?bill_date=2025-10-09&bill_type=REFUND");
        let flow = BillId { day, kind: BillKind::FundFlow(FundAccount::Basic) };
        assert_eq!(flow.target(true), "/v3/bill/fundflowbill?bill_date=2025-10-09&account_type=BASIC&tar_type=GZIP");
    }
}
