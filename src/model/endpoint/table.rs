//! The rows of the table: every endpoint of the five guides. Documented errors are those of an endpoint's own page;
//! those of all endpoints are in [`EVERYWHERE`].

use super::proof::SentValue::{Body, Optional, Path};
use super::proof::{AnswerProof, NOTHING};
use super::{Endpoint, ErrorRow, Guide, Method, Repeat};

macro_rules! endpoints {
    ($($id:ident $method:ident $path:literal $repeat:ident $guide:ident $client:ident $cli:literal
        [$($status:literal $code:ident),* $(,)?] $(also $alias:literal)? $(global $global:ident)?
        $(proof $proof:expr)?;)*) => {
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
            proof: endpoints!(@proof $($proof)?),
        }),*];
    };
    (@option $value:literal) => { Some($value) };
    (@option) => { None };
    (@global $id:ident) => { Some(EndpointId::$id) };
    (@global) => { None };
    (@proof $proof:expr) => { Some($proof) };
    (@proof) => { None };
}

/// Errors that any endpoint may return (protocol reference §11.1). A rate limit has several spellings.
pub const EVERYWHERE: &[ErrorRow] = &[
    ErrorRow { status: 401, code: "SIGN_ERROR" },
    ErrorRow { status: 429, code: "FREQUENCY_LIMITED" },
    ErrorRow { status: 500, code: "SYSTEM_ERROR" },
];

endpoints! {
    Certificates Get "/v3/certificates" Read Protocol call "profile check"
        [404 RESOURCE_NOT_EXISTS] global GlobalCertificates;

    PlanCreate Post "/v3/payscore/plan/payscore-plans" SameNumber PayScorePlan call "plan create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        proof AnswerProof {
            same: &[
                ("/merchant_plan_no", Body("/merchant_plan_no")),
                ("/total_actual_price", Optional("/total_actual_price")),
                ("/total_original_price", Optional("/total_original_price")),
            ],
            proves: true,
            ..NOTHING
        };
    PlanQuery Get "/v3/payscore/plan/payscore-plans/merchant-plan-no/{merchant_plan_no}" Read PayScorePlan fetch "plan get"
        [404 RESOURCE_NOT_EXISTS];
    PlanStop Post "/v3/payscore/plan/payscore-plans/merchant-plan-no/{merchant_plan_no}/stop" SameNumber PayScorePlan
        call "plan stop" [404 RESOURCE_NOT_EXISTS]
        proof AnswerProof {
            same: &[("/merchant_plan_no", Path("merchant_plan_no"))],
            effect: &[("/plan_state", "STOP")],
            proves: true,
            ..NOTHING
        };
    SignPlanCreate Post "/v3/payscore/sign-plan/user-sign-plans" SameNumber PayScorePlan call "sign-plan create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        proof AnswerProof {
            same: &[
                ("/sign_plan/merchant_sign_plan_no", Body("/merchant_sign_plan_no")),
                ("/sign_plan/plan_id", Optional("/plan_id")),
            ],
            has: &["/package"],
            proves: true,
            ..NOTHING
        };
    SignPlanQuery Get "/v3/payscore/sign-plan/user-sign-plans/merchant-sign-plan-no/{merchant_sign_plan_no}" Read
        PayScorePlan fetch "sign-plan get" [404 RESOURCE_NOT_EXISTS];
    SignPlanCancel Post "/v3/payscore/sign-plan/user-sign-plans/merchant-sign-plan-no/{merchant_sign_plan_no}/stop"
        SameNumber PayScorePlan call "sign-plan cancel"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS]
        proof AnswerProof {
            same: &[("/merchant_sign_plan_no", Path("merchant_sign_plan_no"))],
            effect: &[("/cancel_sign_type", "MERCHANT")],
            proves: true,
            ..NOTHING
        };
    SignPlanOrderCreate Post "/v3/payscore/sign-plan/serviceorder" SameNumber PayScorePlan call "order create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        proof AnswerProof {
            same: &[("/out_order_no", Body("/out_trade_no")), ("/service_id", Optional("/service_id"))],
            has: &["/state"],
            proves: true,
            ..NOTHING
        };

    OrderCreate Post "/v3/payscore/serviceorder" SameNumber PayScore call "order create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        proof AnswerProof {
            same: &[
                ("/out_order_no", Body("/out_order_no")),
                ("/service_id", Optional("/service_id")),
                ("/risk_fund/amount", Optional("/risk_fund/amount")),
            ],
            has: &["/state"],
            proves: true,
            ..NOTHING
        };
    OrderQuery Get "/v3/payscore/serviceorder" Read PayScore fetch "order get"
        [400 PARAM_ERROR, 403 NO_AUTH, 404 ORDER_NOT_EXIST];
    OrderComplete Post "/v3/payscore/serviceorder/{out_order_no}/complete" SameNumber PayScore call "order complete"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST]
        proof AnswerProof {
            same: &[("/out_order_no", Path("out_order_no")), ("/total_amount", Body("/total_amount"))],
            effect: &[("/state_description", "MCH_COMPLETE"), ("/state", "DONE")],
            proves: true,
            ..NOTHING
        };
    OrderModify Post "/v3/payscore/serviceorder/{out_order_no}/modify" SameNumber PayScore call "order modify"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST]
        proof AnswerProof {
            same: &[("/out_order_no", Path("out_order_no")), ("/total_amount", Body("/total_amount"))],
            proves: true,
            ..NOTHING
        };
    OrderCancel Post "/v3/payscore/serviceorder/{out_order_no}/cancel" SameNumber PayScore call "order cancel"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST]
        // The answers to collecting and to giving up the money are the same.
        proof AnswerProof { same: &[("/out_order_no", Path("out_order_no"))], ..NOTHING };
    OrderSync Post "/v3/payscore/serviceorder/{out_order_no}/sync" SameNumber PayScore call "order sync"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH,
         404 ORDER_NOT_EXIST]
        // An order that ended meanwhile may have been paid through WeChat Pay: its query shows it.
        proof AnswerProof { same: &[("/out_order_no", Path("out_order_no"))], effect: &[("/state", "DONE")], ..NOTHING };
    OrderPay Post "/v3/payscore/serviceorder/{out_order_no}/pay" QueryFirst PayScore call "order pay"
        [400 INVALID_ORDER_STATE, 400 ORDER_CANCELED, 400 ORDER_DONE, 403 NO_AUTH, 404 ORDER_NOT_EXIST]
        // No query ever shows it.
        proof AnswerProof { same: &[("/out_order_no", Path("out_order_no"))], proves: true, ..NOTHING };
    PermissionCreate Post "/v3/payscore/permissions" SameNumber PayScore call "permission create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        proof AnswerProof { has: &["/apply_permissions_token"], ..NOTHING };
    PermissionByOpenid Get "/v3/payscore/permissions/openid/{openid}" Read PayScore fetch_by_openid "permission get"
        [400 PARAM_ERROR, 403 NO_AUTH];
    PermissionByCode Get "/v3/payscore/permissions/authorization-code/{authorization_code}" Read PayScore fetch
        "permission get" [400 PARAM_ERROR, 403 NO_AUTH, 404 RESOURCE_NOT_EXISTS];
    PermissionTerminateByOpenid Post "/v3/payscore/permissions/openid/{openid}/terminate" QueryFirst PayScore call
        "permission terminate-openid" [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH]
        // Answered by 204.
        proof NOTHING;
    PermissionTerminateByCode Post "/v3/payscore/permissions/authorization-code/{authorization_code}/terminate"
        QueryFirst PayScore call "permission terminate"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NO_AUTH, 404 RESOURCE_NOT_EXISTS]
        // Answered by 204.
        proof NOTHING;

    TransactionJsapi Post "/v3/pay/transactions/jsapi" SameNumber Transactions call "transaction create jsapi"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        also "/v3/pay/transactions/miniprogram" global GlobalJsapi
        proof AnswerProof { has: &["/prepay_id"], ..NOTHING };
    TransactionNative Post "/v3/pay/transactions/native" SameNumber Transactions call "transaction create native"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalNative
        proof AnswerProof { has: &["/code_url"], ..NOTHING };
    TransactionApp Post "/v3/pay/transactions/app" SameNumber Transactions call "transaction create app"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalApp
        proof AnswerProof { has: &["/prepay_id"], ..NOTHING };
    TransactionH5 Post "/v3/pay/transactions/h5" SameNumber Transactions call "transaction create h5"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 APPID_MCHID_NOT_MATCH, 400 ORDER_CLOSED, 403 OUT_TRADE_NO_USED]
        global GlobalH5
        proof AnswerProof { has: &["/h5_url"], ..NOTHING };
    TransactionById Get "/v3/pay/transactions/id/{transaction_id}" Read Transactions fetch_by_transaction_id "transaction get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 ORDER_NOT_EXIST] global GlobalById;
    TransactionByNumber Get "/v3/pay/transactions/out-trade-no/{out_trade_no}" Read Transactions fetch "transaction get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 ORDER_NOT_EXIST] global GlobalByNumber;
    TransactionClose Post "/v3/pay/transactions/out-trade-no/{out_trade_no}/close" SameNumber Transactions call
        "transaction close" [400 PARAM_ERROR, 400 ORDER_PAID] global GlobalClose
        // Answered by 204.
        proof NOTHING;

    RefundCreate Post "/v3/refund/domestic/refunds" SameNumber Transactions call "refund create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOT_ENOUGH, 403 USER_ACCOUNT_ABNORMAL, 404 RESOURCE_NOT_EXISTS]
        global GlobalRefundCreate
        proof AnswerProof {
            same: &[
                ("/out_refund_no", Body("/out_refund_no")),
                ("/amount/refund", Body("/amount/refund")),
                ("/amount/total", Optional("/amount/total")),
                ("/transaction_id", Optional("/transaction_id")),
                ("/out_trade_no", Optional("/out_trade_no")),
            ],
            has: &["/status"],
            proves: true,
            ..NOTHING
        };
    RefundQuery Get "/v3/refund/domestic/refunds/{out_refund_no}" Read Transactions fetch "refund get"
        [404 RESOURCE_NOT_EXISTS] global GlobalRefundByNumber;
    RefundApplyAbnormal Post "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund" QueryFirst Transactions
        call_encrypted "refund apply-abnormal" [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS]
        // The acceptance of the refund had the same answer before it failed, and the status right after is not
        // documented (transactions reference §6.4): the query shows whether it is still abnormal.
        proof AnswerProof {
            same: &[("/refund_id", Path("refund_id")), ("/out_refund_no", Body("/out_refund_no"))],
            has: &["/status"],
            ..NOTHING
        };
    BillTrade Get "/v3/bill/tradebill" Read Transactions bill_link "bill trade"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 NO_STATEMENT_EXIST, 400 STATEMENT_CREATING];
    BillFundFlow Get "/v3/bill/fundflowbill" Read Transactions bill_link "bill fundflow"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 NO_STATEMENT_EXIST, 400 STATEMENT_CREATING];
    BillDownload Get "/v3/billdownload/file" Read Transactions download "bill trade"
        [400 INVALID_REQUEST];

    StockCreate Post "/v3/marketing/favor/coupon-stocks" SameNumber Coupons call "stock create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 MCH_NOT_EXISTS, 400 RESOURCE_ALREADY_EXISTS, 403 REQUEST_BLOCKED]
        // The answer assigns the number: the object under it must be queried.
        proof AnswerProof { has: &["/stock_id"], ..NOTHING };
    StockList Get "/v3/marketing/favor/stocks" Read Coupons list_stocks "stock list" [400 PARAM_ERROR];
    StockQuery Get "/v3/marketing/favor/stocks/{stock_id}" Read Coupons fetch "stock get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    StockStart Post "/v3/marketing/favor/stocks/{stock_id}/start" QueryFirst Coupons call "stock start"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOT_ENOUGH, 403 REQUEST_BLOCKED, 404 RESOURCE_NOT_EXISTS]
        proof AnswerProof { same: &[("/stock_id", Path("stock_id"))], has: &["/start_time"], ..NOTHING };
    StockPause Post "/v3/marketing/favor/stocks/{stock_id}/pause" QueryFirst Coupons call "stock pause"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS]
        // A stock can be paused and restarted repeatedly: an earlier answer is identical.
        proof AnswerProof { same: &[("/stock_id", Path("stock_id"))], ..NOTHING };
    StockRestart Post "/v3/marketing/favor/stocks/{stock_id}/restart" QueryFirst Coupons call "stock restart"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS]
        // A stock can be paused and restarted repeatedly: an earlier answer is identical.
        proof AnswerProof { same: &[("/stock_id", Path("stock_id"))], ..NOTHING };
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
         403 REQUEST_BLOCKED, 403 USER_ACCOUNT_ABNORMAL, 404 RESOURCE_NOT_EXISTS]
        proof AnswerProof { has: &["/coupon_id"], ..NOTHING };
    CouponQuery Get "/v3/marketing/favor/users/{openid}/coupons/{coupon_id}" Read Coupons fetch "coupon get"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 404 RESOURCE_NOT_EXISTS];
    CouponList Get "/v3/marketing/favor/users/{openid}/coupons" Read Coupons list_coupons "coupon list"
        [400 PARAM_ERROR, 400 INVALID_REQUEST];
    CallbackSet Post "/v3/marketing/favor/callbacks" SameNumber Coupons call "stock callback" [400 PARAM_ERROR]
        proof AnswerProof { same: &[("/notify_url", Body("/notify_url"))], ..NOTHING };
    CallbackQuery Get "/v3/marketing/favor/callbacks" Read Coupons callback "stock callback"
        [400 PARAM_ERROR, 404 RESOURCE_NOT_EXISTS];

    GlobalCertificates Get "/v3/global/certificates" Read Global call "profile check"
        [404 RESOURCE_NOT_EXISTS];
    GlobalApp Post "/v3/global/transactions/app" SameNumber Global call "transaction create app"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED]
        proof AnswerProof { has: &["/prepay_id"], ..NOTHING };
    GlobalJsapi Post "/v3/global/transactions/jsapi" SameNumber Global call "transaction create jsapi"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED]
        proof AnswerProof { has: &["/prepay_id"], ..NOTHING };
    GlobalNative Post "/v3/global/transactions/native" SameNumber Global call "transaction create native"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED]
        proof AnswerProof { has: &["/code_url"], ..NOTHING };
    GlobalH5 Post "/v3/global/transactions/mweb" SameNumber Global call "transaction create h5"
        [400 PARAM_ERROR, 400 ORDERPAID, 400 ORDERCLOSED, 403 OUT_TRADE_NO_USED]
        proof AnswerProof { has: &["/mweb_url"], ..NOTHING };
    GlobalById Get "/v3/global/transactions/id/{id}" Read Global fetch_by_transaction_id "transaction get"
        [400 PARAM_ERROR, 404 ORDER_NOT_EXIST];
    GlobalByNumber Get "/v3/global/transactions/out-trade-no/{out_trade_no}" Read Global fetch "transaction get"
        [400 PARAM_ERROR, 404 ORDER_NOT_EXIST];
    GlobalClose Post "/v3/global/transactions/out-trade-no/{out_trade_no}/close" SameNumber Global call
        "transaction close" [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 ORDERPAID, 400 ORDERCLOSED, 404 ORDER_NOT_EXIST]
        // Answered by 204.
        proof NOTHING;
    GlobalCloseById Post "/v3/global/transactions/id/{id}/close" SameNumber Global call "api POST"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 400 ORDERPAID, 400 ORDERCLOSED, 404 ORDER_NOT_EXIST]
        // Answered by 204.
        proof NOTHING;
    GlobalRefundCreate Post "/v3/global/refunds" SameNumber Global call "refund create"
        [400 PARAM_ERROR, 400 INVALID_REQUEST, 403 NOTENOUGH, 403 TRADE_OVERDUE, 404 RESOURCE_NOT_EXISTS]
        proof AnswerProof {
            same: &[
                ("/out_refund_no", Body("/out_refund_no")),
                ("/amount/refund", Body("/amount/refund")),
                ("/amount/currency", Optional("/amount/currency")),
            ],
            proves: true,
            ..NOTHING
        };
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
