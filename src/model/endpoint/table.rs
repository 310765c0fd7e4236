//! The rows of the table: every endpoint of the five guides. Documented errors are those of an endpoint's own page;
//! what every endpoint may answer stands in [`EVERYWHERE`].

use super::{Endpoint, ErrorRow, Guide, Method, Repeat};

macro_rules! endpoints {
    ($($id:ident $method:ident $path:literal $repeat:ident $guide:ident $client:ident $cli:literal
        [$($status:literal $code:ident),* $(,)?] $(also $alias:literal)? $(global $global:ident)?;)*) => {
        /// Names of the endpoints.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EndpointId { $($id),* }

        /// All endpoints, in the order of [`EndpointId`].
        pub const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            id: EndpointId::$id,
            method: Method::$method,
            path: $path,
            alias: endpoints!(@option $($alias)?),
            repeat: Repeat::$repeat,
            guide: Guide::$guide,
            client: stringify!($client),
            cli: $cli,
            errors: &[$(ErrorRow { status: $status, code: stringify!($code) }),*],
            global: endpoints!(@global $($global)?),
        }),*];
    };
    (@option $value:literal) => { Some($value) };
    (@option) => { None };
    (@global $id:ident) => { Some(EndpointId::$id) };
    (@global) => { None };
}

/// What any endpoint may answer (protocol reference §11.1). A limit is spelled in several ways.
pub const EVERYWHERE: &[ErrorRow] = &[
    ErrorRow { status: 401, code: "SIGN_ERROR" },
    ErrorRow { status: 429, code: "FREQUENCY_LIMITED" },
    ErrorRow { status: 500, code: "SYSTEM_ERROR" },
];

endpoints! {
    Certificates Get "/v3/certificates" Read Protocol call "profile check"
        [404 RESOURCE_NOT_EXISTS] global GlobalCertificates;

    PlanCreate Post "/v3/payscore/plan/payscore-plans" SameNumber PayScorePlan call "plan create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];
    PlanQuery Get "/v3/payscore/plan/payscore-plans/merchant-plan-no/{merchant_plan_no}" Read PayScorePlan fetch "plan get"
        [404 RESOURCE_NOT_EXISTS];
    PlanStop Post "/v3/payscore/plan/payscore-plans/merchant-plan-no/{merchant_plan_no}/stop" SameNumber PayScorePlan
        call "plan stop" [404 RESOURCE_NOT_EXISTS];
    SignPlanCreate Post "/v3/payscore/sign-plan/user-sign-plans" SameNumber PayScorePlan call "sign-plan create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];
    SignPlanQuery Get "/v3/payscore/sign-plan/user-sign-plans/merchant-sign-plan-no/{merchant_sign_plan_no}" Read
        PayScorePlan fetch "sign-plan get" [404 RESOURCE_NOT_EXISTS];
    SignPlanCancel Post "/v3/payscore/sign-plan/user-sign-plans/merchant-sign-plan-no/{merchant_sign_plan_no}/stop"
        SameNumber PayScorePlan call "sign-plan cancel"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    SignPlanOrderCreate Post "/v3/payscore/sign-plan/serviceorder" SameNumber PayScorePlan call "order create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];

    OrderCreate Post "/v3/payscore/serviceorder" SameNumber PayScore call "order create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];
    OrderQuery Get "/v3/payscore/serviceorder" Read PayScore fetch "order get"
        [400 PARAM_ERROR, 403 NO_AUTH, 404 ORDER_NOT_EXIST];
    OrderComplete Post "/v3/payscore/serviceorder/{out_order_no}/complete" SameNumber PayScore call "order complete"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST];
    OrderModify Post "/v3/payscore/serviceorder/{out_order_no}/modify" SameNumber PayScore call "order modify"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST];
    OrderCancel Post "/v3/payscore/serviceorder/{out_order_no}/cancel" SameNumber PayScore call "order cancel"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST];
    OrderSync Post "/v3/payscore/serviceorder/{out_order_no}/sync" SameNumber PayScore call "order sync"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST];
    OrderPay Post "/v3/payscore/serviceorder/{out_order_no}/pay" QueryFirst PayScore call "order pay"
        [400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH, 404 ORDER_NOT_EXIST];
    PermissionCreate Post "/v3/payscore/permissions" SameNumber PayScore call "permission create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];
    PermissionByOpenid Get "/v3/payscore/permissions/openid/{openid}" Read PayScore fetch_by_openid "permission get"
        [400 PARAM_ERROR, 403 NO_AUTH];
    PermissionByCode Get "/v3/payscore/permissions/authorization-code/{authorization_code}" Read PayScore fetch
        "permission get" [400 PARAM_ERROR, 403 NO_AUTH, 404 RESOURCE_NOT_EXISTS];
    PermissionTerminateByOpenid Post "/v3/payscore/permissions/openid/{openid}/terminate" QueryFirst PayScore call
        "permission terminate-openid" [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH];
    PermissionTerminateByCode Post "/v3/payscore/permissions/authorization-code/{authorization_code}/terminate"
        QueryFirst PayScore call "permission terminate"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH, 404 RESOURCE_NOT_EXISTS];

    TransactionJsapi Post "/v3/pay/transactions/jsapi" SameNumber Transactions call "transaction create jsapi"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        also "/v3/pay/transactions/miniprogram" global GlobalJsapi;
    TransactionNative Post "/v3/pay/transactions/native" SameNumber Transactions call "transaction create native"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalNative;
    TransactionApp Post "/v3/pay/transactions/app" SameNumber Transactions call "transaction create app"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalApp;
    TransactionH5 Post "/v3/pay/transactions/h5" SameNumber Transactions call "transaction create h5"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalH5;
    TransactionById Get "/v3/pay/transactions/id/{transaction_id}" Read Transactions fetch_by_transaction_id "transaction get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 ORDER_NOT_EXIST] global GlobalById;
    TransactionByNumber Get "/v3/pay/transactions/out-trade-no/{out_trade_no}" Read Transactions fetch "transaction get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 ORDER_NOT_EXIST] global GlobalByNumber;
    TransactionClose Post "/v3/pay/transactions/out-trade-no/{out_trade_no}/close" SameNumber Transactions call
        "transaction close" [400 PARAM_ERROR, 400 ORDER_PAID] global GlobalClose;

    RefundCreate Post "/v3/refund/domestic/refunds" SameNumber Transactions call "refund create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOT_ENOUGH, 403 USER_ACCOUNT_ABNORMAL, 404 RESOURCE_NOT_EXISTS]
        global GlobalRefundCreate;
    RefundQuery Get "/v3/refund/domestic/refunds/{out_refund_no}" Read Transactions fetch "refund get"
        [404 RESOURCE_NOT_EXISTS] global GlobalRefundByNumber;
    RefundApplyAbnormal Post "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund" QueryFirst Transactions
        call_encrypted "refund apply-abnormal" [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    BillTrade Get "/v3/bill/tradebill" Read Transactions bill_link "bill trade"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 NO_STATEMENT_EXIST, 400 STATEMENT_CREATING];
    BillFundFlow Get "/v3/bill/fundflowbill" Read Transactions bill_link "bill fundflow"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 NO_STATEMENT_EXIST, 400 STATEMENT_CREATING];
    BillDownload Get "/v3/billdownload/file" Read Transactions download "bill trade"
        [400 INVALID_REQUEST];

    StockCreate Post "/v3/marketing/favor/coupon-stocks" SameNumber Coupons call "stock create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 MCH_NOT_EXISTS, 400 RESOURCE_ALREADY_EXISTS, 403 REQUEST_BLOCKED];
    StockList Get "/v3/marketing/favor/stocks" Read Coupons list_stocks "stock list" [400 PARAM_ERROR];
    StockQuery Get "/v3/marketing/favor/stocks/{stock_id}" Read Coupons fetch "stock get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockStart Post "/v3/marketing/favor/stocks/{stock_id}/start" QueryFirst Coupons call "stock start"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOT_ENOUGH, 403 REQUEST_BLOCKED, 404 RESOURCE_NOT_EXISTS];
    StockPause Post "/v3/marketing/favor/stocks/{stock_id}/pause" QueryFirst Coupons call "stock pause"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockRestart Post "/v3/marketing/favor/stocks/{stock_id}/restart" QueryFirst Coupons call "stock restart"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockMerchants Get "/v3/marketing/favor/stocks/{stock_id}/merchants" Read Coupons list_usable "stock merchants"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockItems Get "/v3/marketing/favor/stocks/{stock_id}/items" Read Coupons list_usable "stock items"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockUseFlow Get "/v3/marketing/favor/stocks/{stock_id}/use-flow" Read Coupons bill_link "stock use-flow"
        [404 RESOURCE_NOT_EXISTS];
    StockRefundFlow Get "/v3/marketing/favor/stocks/{stock_id}/refund-flow" Read Coupons bill_link "stock refund-flow"
        [404 RESOURCE_NOT_EXISTS];
    CouponSend Post "/v3/marketing/favor/users/{openid}/coupons" SameNumber Coupons call "coupon send"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 403 NOT_ENOUGH, 403 RULE_LIMIT,
         403 REQUEST_BLOCKED, 403 USER_ACCOUNT_ABNORMAL, 404 RESOURCE_NOT_EXISTS];
    CouponQuery Get "/v3/marketing/favor/users/{openid}/coupons/{coupon_id}" Read Coupons fetch "coupon get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    CouponList Get "/v3/marketing/favor/users/{openid}/coupons" Read Coupons list_coupons "coupon list"
        [400 PARAM_ERROR, 400 INVALID_REQUEST];
    CallbackSet Post "/v3/marketing/favor/callbacks" SameNumber Coupons call "stock callback" [400 PARAM_ERROR];
    CallbackQuery Get "/v3/marketing/favor/callbacks" Read Coupons callback "stock callback"
        [400 PARAM_ERROR, 404 RESOURCE_NOT_EXISTS];

    GlobalCertificates Get "/v3/global/certificates" Read Global call "profile check"
        [404 RESOURCE_NOT_EXISTS];
    GlobalApp Post "/v3/global/transactions/app" SameNumber Global call "transaction create app"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED];
    GlobalJsapi Post "/v3/global/transactions/jsapi" SameNumber Global call "transaction create jsapi"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED];
    GlobalNative Post "/v3/global/transactions/native" SameNumber Global call "transaction create native"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED];
    GlobalH5 Post "/v3/global/transactions/mweb" SameNumber Global call "transaction create h5"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED];
    GlobalById Get "/v3/global/transactions/id/{id}" Read Global fetch_by_transaction_id "transaction get"
        [400 PARAM_ERROR, 404 ORDER_NOT_EXIST];
    GlobalByNumber Get "/v3/global/transactions/out-trade-no/{out_trade_no}" Read Global fetch "transaction get"
        [400 PARAM_ERROR, 404 ORDER_NOT_EXIST];
    GlobalClose Post "/v3/global/transactions/out-trade-no/{out_trade_no}/close" SameNumber Global call
        "transaction close" [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 ORDERPAID, 400 ORDERCLOSED, 404 ORDER_NOT_EXIST];
    GlobalCloseById Post "/v3/global/transactions/id/{id}/close" SameNumber Global call "api POST"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 ORDERPAID, 400 ORDERCLOSED, 404 ORDER_NOT_EXIST];
    GlobalRefundCreate Post "/v3/global/refunds" SameNumber Global call "refund create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOTENOUGH, 403 TRADE_OVERDUE, 404 RESOURCE_NOT_EXISTS];
    GlobalRefundById Get "/v3/global/refunds/id/{refund_id}" Read Global fetch_by_refund_id "refund get"
        [400 PARAM_ERROR, 404 RESOURCE_NOT_EXISTS];
    GlobalRefundByNumber Get "/v3/global/refunds/out-refund-no/{out_refund_no}" Read Global fetch "refund get"
        [400 PARAM_ERROR, 404 RESOURCE_NOT_EXISTS];
    GlobalRefundList Get "/v3/global/refunds" Read Global list_refunds "refund list" [400 PARAM_ERROR];
    GlobalStatement Get "/v3/global/statements" Read Global statement "bill statement"
        [400 PARAM_ERROR, 400 STATEMENT_CREATING, 404 NO_STATEMENT_EXIST];
    GlobalSettlements Get "/v3/global/settle/settlements" Read Global list_settlements "settlement list"
        [400 PARAM_ERROR];
}
