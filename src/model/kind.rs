//! The kinds of objects, in the order of their tabs.

use super::Region;

/// A kind of object. Adding one: a variant here, an entity file beside this one, rows in [`super::endpoint`] and
/// [`super::action`], columns in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// 支付分计划
    Plan,
    /// 用户签约计划
    SignPlan,
    /// 支付分服务订单
    ServiceOrder,
    /// 支付交易
    Transaction,
    /// 代金券批次
    Stock,
    /// 退款
    Refund,
    /// 支付分授权
    Permission,
    /// 代金券
    Coupon,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Plan,
        Self::SignPlan,
        Self::ServiceOrder,
        Self::Transaction,
        Self::Stock,
        Self::Refund,
        Self::Permission,
        Self::Coupon,
    ];

    /// Whether a merchant of the region has any: WeChat Pay Global knows orders and refunds only (Global reference §0).
    pub const fn is_in(self, region: Region) -> bool {
        matches!(region, Region::Mainland) || matches!(self, Self::Transaction | Self::Refund)
    }

    /// The word for it on the command line, in the journal and in files.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::SignPlan => "sign-plan",
            Self::ServiceOrder => "order",
            Self::Transaction => "transaction",
            Self::Stock => "stock",
            Self::Refund => "refund",
            Self::Permission => "permission",
            Self::Coupon => "coupon",
        }
    }

    pub fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.noun() == noun)
    }

    /// The member of its document that holds the number it is queried by.
    pub const fn number_field(self) -> &'static str {
        match self {
            Self::Plan => "merchant_plan_no",
            Self::SignPlan => "merchant_sign_plan_no",
            Self::ServiceOrder => "out_order_no",
            Self::Transaction => "out_trade_no",
            Self::Stock => "stock_id",
            Self::Refund => "out_refund_no",
            Self::Permission => "authorization_code",
            Self::Coupon => "coupon_id",
        }
    }
}
