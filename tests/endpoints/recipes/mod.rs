//! For every endpoint its preparation and the request to send, and for every documented refusal how to provoke it.

mod bill;
mod certificates;
mod coupon;
mod global;
mod order;
mod permission;
mod plan;
mod refund;
mod stock;
mod transaction;

use paydeck::model::EndpointId::{self, *};
use paydeck::model::endpoint::ErrorRow;

use crate::call::Call;
use crate::stage::Stage;

/// A call that succeeds. A new endpoint does not compile without one.
pub async fn success(stage: &Stage, id: EndpointId) -> Call {
    match id {
        Certificates => certificates::mainland(),
        PlanCreate => plan::create(stage),
        PlanQuery => plan::query(stage).await,
        PlanStop => plan::stop(stage).await,
        SignPlanCreate => plan::offer(stage).await,
        SignPlanQuery => plan::query_signed(stage).await,
        SignPlanCancel => plan::cancel(stage).await,
        SignPlanOrderCreate => plan::order(stage).await,
        OrderCreate => order::create(stage),
        OrderQuery => order::query(stage).await,
        OrderComplete => order::complete(stage).await,
        OrderModify => order::modify(stage).await,
        OrderCancel => order::cancel(stage).await,
        OrderSync => order::sync(stage).await,
        OrderPay => order::pay(stage).await,
        PermissionCreate => permission::create(stage),
        PermissionByOpenid => permission::by_openid(stage).await,
        PermissionByCode => permission::by_code(stage).await,
        PermissionTerminateByOpenid => permission::end_by_openid(stage).await,
        PermissionTerminateByCode => permission::end_by_code(stage).await,
        TransactionJsapi | TransactionNative | TransactionApp | TransactionH5 => transaction::place(stage, id),
        TransactionById => transaction::by_id(stage).await,
        TransactionByNumber => transaction::by_number(stage).await,
        TransactionClose => transaction::close(stage).await,
        RefundCreate => refund::create(stage).await,
        RefundQuery => refund::query(stage).await,
        RefundApplyAbnormal => refund::apply_abnormal(stage).await,
        BillTrade | BillFundFlow => bill::link(stage, id).await,
        BillDownload => bill::download(stage).await,
        StockCreate => stock::create(stage),
        StockList => stock::list(stage).await,
        StockQuery | StockMerchants | StockItems => stock::read(stage, id).await,
        StockStart | StockPause | StockRestart => stock::change(stage, id).await,
        StockUseFlow | StockRefundFlow => coupon::flow(stage, id).await,
        CouponSend => coupon::send(stage).await,
        CouponQuery => coupon::query(stage).await,
        CouponList => coupon::list(stage).await,
        CallbackSet => coupon::set_callback(stage),
        CallbackQuery => coupon::query_callback(stage).await,
        GlobalCertificates => certificates::global(),
        GlobalApp | GlobalJsapi | GlobalNative | GlobalH5 => global::place(stage, id),
        GlobalById | GlobalByNumber => global::query(stage, id).await,
        GlobalClose | GlobalCloseById => global::close(stage, id).await,
        GlobalRefundCreate => global::refund(stage).await,
        GlobalRefundById | GlobalRefundByNumber => global::query_refund(stage, id).await,
        GlobalRefundList => global::list_refunds(stage).await,
        GlobalStatement => global::statement(stage).await,
        GlobalSettlements => global::settlements(stage).await,
    }
}

/// A call that is refused in this way; `None` if it is not written yet.
pub async fn refusal(stage: &Stage, id: EndpointId, error: &ErrorRow) -> Option<Call> {
    let code = error.code;
    match id {
        Certificates | GlobalCertificates => certificates::refusal(stage, id, code),
        PlanCreate | PlanQuery | PlanStop | SignPlanCreate | SignPlanQuery | SignPlanCancel | SignPlanOrderCreate => {
            plan::refusal(stage, id, code).await
        }
        OrderCreate | OrderQuery | OrderComplete | OrderModify | OrderCancel | OrderSync | OrderPay => {
            order::refusal(stage, id, code).await
        }
        PermissionCreate
        | PermissionByOpenid
        | PermissionByCode
        | PermissionTerminateByOpenid
        | PermissionTerminateByCode => permission::refusal(stage, id, code).await,
        TransactionJsapi | TransactionNative | TransactionApp | TransactionH5 | TransactionById
        | TransactionByNumber | TransactionClose => transaction::refusal(stage, id, code).await,
        RefundCreate | RefundQuery | RefundApplyAbnormal => refund::refusal(stage, id, code).await,
        BillTrade | BillFundFlow | BillDownload => bill::refusal(stage, id, code).await,
        StockCreate | StockList | StockQuery | StockStart | StockPause | StockRestart | StockMerchants | StockItems => {
            stock::refusal(stage, id, code).await
        }
        StockUseFlow | StockRefundFlow | CouponSend | CouponQuery | CouponList | CallbackSet | CallbackQuery => {
            coupon::refusal(stage, id, code).await
        }
        GlobalApp | GlobalJsapi | GlobalNative | GlobalH5 | GlobalById | GlobalByNumber | GlobalClose
        | GlobalCloseById | GlobalRefundCreate | GlobalRefundById | GlobalRefundByNumber | GlobalRefundList
        | GlobalStatement | GlobalSettlements => global::refusal(stage, id, code).await,
    }
}
