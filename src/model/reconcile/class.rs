//! What becomes of a row: it agrees with the other sides, or it is a difference of a class, in finance's words.

/// One of the sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BookSide {
    /// 交易账单: what WeChat Pay says was paid and refunded.
    Trade,
    /// The merchant's own orders.
    Orders,
    /// 资金账单: how the balance of the account changed.
    Flow,
}

impl BookSide {
    pub const ALL: [Self; 3] = [Self::Trade, Self::Orders, Self::Flow];

    /// Its name in JSON and CSV, and the stem of its message.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Orders => "orders",
            Self::Flow => "flow",
        }
    }
}

/// What a row moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Movement {
    Payment,
    Refund,
    /// 撤销: a payment that was taken back under its own number.
    Reversal,
    /// Anything else that changes a balance: a withdrawal, a top-up, profit sharing.
    Other,
}

impl Movement {
    pub const ALL: [Self; 4] = [Self::Payment, Self::Refund, Self::Reversal, Self::Other];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
            Self::Other => "other",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|movement| movement.word() == word)
    }
}

/// A class of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DifferenceClass {
    /// 长款: money without an order.
    Surplus,
    /// 短款: an order without money.
    Shortage,
    /// 金额不符.
    Amount,
    /// 状态不符.
    State,
    /// 重复.
    Duplicate,
    /// 无支付的退款: no side knows the payment.
    RefundWithoutPayment,
    /// 超额退款: more than is left of the payment.
    RefundTooLarge,
    /// 手续费不符: the fee is not what the agreed rate makes.
    Fee,
    /// 交易与资金不符.
    TradeAndFlow,
}

impl DifferenceClass {
    pub const ALL: [Self; 9] = [
        Self::Surplus,
        Self::Shortage,
        Self::Amount,
        Self::State,
        Self::Duplicate,
        Self::RefundWithoutPayment,
        Self::RefundTooLarge,
        Self::Fee,
        Self::TradeAndFlow,
    ];

    /// Its name in JSON, CSV and the ledger, and the stem of its messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Surplus => "surplus",
            Self::Shortage => "shortage",
            Self::Amount => "amount",
            Self::State => "state",
            Self::Duplicate => "duplicate",
            Self::RefundWithoutPayment => "refund-without-payment",
            Self::RefundTooLarge => "refund-too-large",
            Self::Fee => "fee",
            Self::TradeAndFlow => "trade-and-flow",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// What became of a row. Every row has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowVerdict {
    /// All sides that are there agree.
    Matched,
    /// 日切: they agree, on two sides of a midnight.
    AcrossDays,
    /// It agrees with what was held over from an earlier day.
    HeldOver,
    /// An order that was not paid, and no money came: nothing is due.
    NothingDue,
    /// A row of another day, which is there only to be matched.
    OtherDay,
    /// A change of the balance that no trade bill lists.
    OtherBusiness,
    /// There is no other side to compare it with.
    NotCompared,
    Differs(DifferenceClass),
}

impl RowVerdict {
    /// All, in the order in which they are added up.
    pub fn all() -> impl Iterator<Item = Self> {
        let agreed = [Self::Matched, Self::AcrossDays, Self::HeldOver, Self::NothingDue];
        let others = [Self::OtherBusiness, Self::OtherDay, Self::NotCompared];
        agreed.into_iter().chain(DifferenceClass::ALL.into_iter().map(Self::Differs)).chain(others)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::AcrossDays => "across-days",
            Self::HeldOver => "held-over",
            Self::NothingDue => "nothing-due",
            Self::OtherDay => "other-day",
            Self::OtherBusiness => "other-business",
            Self::NotCompared => "not-compared",
            Self::Differs(class) => class.word(),
        }
    }
}

/// How sure it is that a difference is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// It may be explained by what was not compared.
    Possible,
    Likely,
    /// Two sides say so, or a query has shown it.
    Certain,
}

impl Confidence {
    pub const ALL: [Self; 3] = [Self::Possible, Self::Likely, Self::Certain];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confidence| confidence.word() == word)
    }
}

/// Why a row differs. The words are in the catalogue, under [`Self::word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WhyDifferent {
    NoOrder,
    /// A refund that the merchant does not know, of an order that it does.
    NoRefundOrder,
    NoMoney,
    /// The same near a midnight, where the bill of the other day is missing.
    NoMoneyAtMidnight,
    NoRefundMoney,
    Amounts,
    Currencies,
    PaidButUnpaid,
    PaidButClosed,
    ReversedButPaid,
    RefundFailed,
    /// A query shows another state than the bill or the order.
    QueryShows,
    ListedTwice,
    PaidTwice,
    OrderedTwice,
    RefundedTwice,
    NoPayment,
    /// A query shows that the payment was never made.
    NeverPaid,
    MoreThanPaid,
    Rate,
    NotInFlow,
    NotInTrade,
    FlowAmount,
    FlowFee,
}

impl WhyDifferent {
    pub const ALL: [Self; 24] = [
        Self::NoOrder,
        Self::NoRefundOrder,
        Self::NoMoney,
        Self::NoMoneyAtMidnight,
        Self::NoRefundMoney,
        Self::Amounts,
        Self::Currencies,
        Self::PaidButUnpaid,
        Self::PaidButClosed,
        Self::ReversedButPaid,
        Self::RefundFailed,
        Self::QueryShows,
        Self::ListedTwice,
        Self::PaidTwice,
        Self::OrderedTwice,
        Self::RefundedTwice,
        Self::NoPayment,
        Self::NeverPaid,
        Self::MoreThanPaid,
        Self::Rate,
        Self::NotInFlow,
        Self::NotInTrade,
        Self::FlowAmount,
        Self::FlowFee,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::NoOrder => "no-order",
            Self::NoRefundOrder => "no-refund-order",
            Self::NoMoney => "no-money",
            Self::NoMoneyAtMidnight => "no-money-at-midnight",
            Self::NoRefundMoney => "no-refund-money",
            Self::Amounts => "amounts",
            Self::Currencies => "currencies",
            Self::PaidButUnpaid => "paid-but-unpaid",
            Self::PaidButClosed => "paid-but-closed",
            Self::ReversedButPaid => "reversed-but-paid",
            Self::RefundFailed => "refund-failed",
            Self::QueryShows => "query-shows",
            Self::ListedTwice => "listed-twice",
            Self::PaidTwice => "paid-twice",
            Self::OrderedTwice => "ordered-twice",
            Self::RefundedTwice => "refunded-twice",
            Self::NoPayment => "no-payment",
            Self::NeverPaid => "never-paid",
            Self::MoreThanPaid => "more-than-paid",
            Self::Rate => "rate",
            Self::NotInFlow => "not-in-flow",
            Self::NotInTrade => "not-in-trade",
            Self::FlowAmount => "flow-amount",
            Self::FlowFee => "flow-fee",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }

    /// What to do about it.
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::NoOrder | Self::PaidButUnpaid => Remedy::CompleteOrRefund,
            Self::PaidButClosed | Self::PaidTwice => Remedy::RefundIt,
            Self::NoMoney | Self::NoRefundMoney | Self::QueryShows => Remedy::Query,
            Self::NoMoneyAtMidnight => Remedy::NextBill,
            Self::NoRefundOrder | Self::RefundedTwice | Self::NoPayment | Self::NeverPaid | Self::MoreThanPaid => {
                Remedy::FindWhoRefunded
            }
            Self::Amounts | Self::Currencies | Self::ReversedButPaid | Self::OrderedTwice => Remedy::CorrectBooks,
            Self::RefundFailed => Remedy::RetryRefund,
            Self::ListedTwice | Self::Rate | Self::FlowAmount | Self::FlowFee => Remedy::AskWeChatPay,
            Self::NotInFlow | Self::NotInTrade => Remedy::OtherAccount,
        }
    }
}

/// What to do about a difference. The words are in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    CompleteOrRefund,
    RefundIt,
    Query,
    NextBill,
    FindWhoRefunded,
    CorrectBooks,
    RetryRefund,
    AskWeChatPay,
    OtherAccount,
}

impl Remedy {
    pub const fn word(self) -> &'static str {
        match self {
            Self::CompleteOrRefund => "complete-or-refund",
            Self::RefundIt => "refund-it",
            Self::Query => "query",
            Self::NextBill => "next-bill",
            Self::FindWhoRefunded => "find-who-refunded",
            Self::CorrectBooks => "correct-books",
            Self::RetryRefund => "retry-refund",
            Self::AskWeChatPay => "ask-wechat-pay",
            Self::OtherAccount => "other-account",
        }
    }
}
