//! The documented error codes (protocol reference §11, PayScore reference §7, coupons reference §2, Global reference
//! "Errors common to all"). The messages of a row are `means-CODE` and `advice-CODE`; of a row's other meaning on some
//! endpoints `means-CODE-name` and `advice-CODE-name`.

use super::{ErrorCode, Meaning, Next};
use crate::model::EndpointId;
use crate::model::EndpointId::*;

const PLACE: &[EndpointId] = &[
    TransactionJsapi,
    TransactionNative,
    TransactionApp,
    TransactionH5,
    GlobalApp,
    GlobalJsapi,
    GlobalNative,
    GlobalH5,
];
const CLOSE: &[EndpointId] = &[TransactionClose, GlobalClose, GlobalCloseById];
const REFUND: &[EndpointId] = &[RefundCreate, GlobalRefundCreate];
const REFUND_QUERY: &[EndpointId] = &[RefundQuery, GlobalRefundById, GlobalRefundByNumber];
const BILL: &[EndpointId] = &[BillTrade, BillFundFlow];
const FLOW: &[EndpointId] = &[StockUseFlow, StockRefundFlow];
const CERTIFICATES: &[EndpointId] = &[Certificates, GlobalCertificates];
/// Creations under a number that the merchant assigns.
const CREATE: &[EndpointId] = &[PlanCreate, SignPlanCreate, SignPlanOrderCreate, OrderCreate, PermissionCreate];
const ORDER: &[EndpointId] = &[OrderComplete, OrderModify, OrderCancel, OrderSync, OrderPay];
const ANY_ORDER: &[EndpointId] = &[OrderQuery, OrderComplete, OrderModify, OrderCancel, OrderSync, OrderPay];
const PAYSCORE: &[EndpointId] = &[
    PlanCreate,
    PlanQuery,
    PlanStop,
    SignPlanCreate,
    SignPlanQuery,
    SignPlanCancel,
    SignPlanOrderCreate,
    OrderCreate,
    OrderQuery,
    OrderComplete,
    OrderModify,
    OrderCancel,
    OrderSync,
    OrderPay,
    PermissionCreate,
    PermissionByOpenid,
    PermissionByCode,
    PermissionTerminateByOpenid,
    PermissionTerminateByCode,
];
const PERMISSION: &[EndpointId] = &[PermissionByCode, PermissionTerminateByCode];
const STOCK_STATE: &[EndpointId] = &[StockStart, StockPause, StockRestart];
const STOCK: &[EndpointId] =
    &[StockQuery, StockStart, StockPause, StockRestart, StockMerchants, StockItems, CouponSend];
/// Endpoints on which INVALID_REQUEST is about the owner of a stock.
const STOCK_OWNER: &[EndpointId] = &[StockQuery, StockStart, StockPause, StockRestart, StockMerchants, StockItems];
const COUPON: &[EndpointId] = &[CouponQuery, CouponList];

macro_rules! codes {
    ($($code:ident [$($alias:ident),*] $next:ident $(vague $vague:literal)?
        $(on $endpoints:expr, $name:literal $other:ident)*;)*) => {
        /// All documented codes.
        pub(crate) const CODES: &[ErrorCode] = &[$(ErrorCode {
            code: stringify!($code),
            aliases: &[$(stringify!($alias)),*],
            vague: codes!(@vague $($vague)?),
            meaning: Meaning {
                means: concat!("means-", stringify!($code)),
                advice: concat!("advice-", stringify!($code)),
                next: Next::$next,
            },
            elsewhere: &[$(($endpoints, Meaning {
                means: concat!("means-", stringify!($code), "-", $name),
                advice: concat!("advice-", stringify!($code), "-", $name),
                next: Next::$other,
            })),*],
        }),*];
    };
    (@vague $vague:literal) => { $vague };
    (@vague) => { false };
}

codes! {
    USER_PAYING [] Look;
    PARAM_ERROR [] Correct vague true on ORDER, "order" Look on STOCK_STATE, "stock" Look;
    INVALID_REQUEST [] Look vague true
        on PLACE, "place" Look on CLOSE, "close" Look on REFUND, "refund" Look
        on CREATE, "create" Look on ORDER, "order" Look
        on BILL, "bill" Correct on &[BillDownload], "download" Correct
        on &[StockCreate], "stock-create" Correct on STOCK_OWNER, "stock" Look on &[CouponSend], "send" Look
        on COUPON, "coupon" Correct;
    APPID_MCHID_NOT_MATCH [] Same;
    MCH_NOT_EXISTS [] Same on &[StockCreate], "stock" Correct;
    ORDER_CLOSED [] NewNumber on CLOSE, "close" Nothing;
    ORDER_PAID [] Look on CLOSE, "close" Look on PLACE, "place" Nothing;
    ORDER_REVERSED [] NewNumber;
    NO_STATEMENT_EXIST [] Nothing;
    STATEMENT_CREATING [] Same;
    SIGN_ERROR [] Same vague true;
    NO_AUTH [] Same on PAYSCORE, "payscore" Same;
    OUT_TRADE_NO_USED [] NewNumber;
    NOT_ENOUGH [] Same on REFUND, "refund" Same on &[StockStart], "start" Same on &[CouponSend], "send" Look
        on PLACE, "place" Look;
    USER_ACCOUNT_ABNORMAL [] Nothing on REFUND, "refund" Nothing on &[CouponSend], "send" Nothing;
    RULE_LIMIT [] Look vague true on &[CouponSend], "send" Nothing;
    TRADE_ERROR [] Look vague true;
    ACCOUNT_ERROR [] Look vague true;
    REQUEST_BLOCKED [] Look vague true on &[StockCreate], "create" Correct on &[StockStart], "start" Look
        on &[CouponSend], "send" Nothing;
    ORDER_NOT_EXIST [] Look on ANY_ORDER, "order" Look;
    RESOURCE_NOT_EXISTS [] Look on REFUND, "refund" Look on REFUND_QUERY, "refund-query" Look on FLOW, "flow" Look
        on STOCK, "stock" Look on &[CouponQuery], "coupon" Look on PERMISSION, "permission" Look
        on &[CallbackQuery], "callback" Look on CERTIFICATES, "certificates" Same;
    RESOURCE_ALREADY_EXISTS [] NewNumber;
    INVALID_ORDER_STATE [] Look;
    ORDER_CANCELED [] Nothing;
    ORDER_DONE [] Nothing;
    FREQUENCY_LIMITED [RATELIMIT_EXCEEDED, RATE_LIMITED, FREQUENCY_LIMIT_EXCEED] Look;
    SYSTEM_ERROR [] Look;
    BANK_ERROR [] Look;
    SERVICE_UNAVAILABLE [] Look;
    OPENID_MISMATCH [] Correct;
    INVALID_TRANSACTIONID [] Correct;
    TRADE_OVERDUE [] Nothing;
    REFUND_FEE_MISMATCH [] Look;
    AUTH_CODE_EXPIRE [] Look;
    AUTH_CODE_ERROR [] Look;
    AUTH_CODE_INVALID [] Look;
    NOT_SUPPORT_CARD [NOTSUPORTCARD] Look;
}
