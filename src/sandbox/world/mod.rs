//! The merchant's world at WeChat Pay: plans, sign plans, service orders, permissions, transactions, refunds, coupon
//! stocks and coupons, and the rules by which they change. It is plain data behind one lock of the gateway. Every change
//! is a function of the world, a call and the time; the world reads no clock and does no I/O, so its rules are tested
//! without HTTP. Random numbers come from a generator that it owns: the same seed gives the same world.

mod agenda;
mod announcements;
mod bill;
mod catalogue;
mod files;
mod global;
mod numbers;
mod order;
mod permission;
mod plan;
mod refund;
mod seed;
mod shop;
mod sign_plan;
mod stock;
mod store;
#[cfg(test)]
pub(super) mod tests;
mod trade_type;
mod transaction;
mod user_error;
mod users;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Map, Value};

use super::answer::{Code, SandboxOutcome, SandboxRefusal};
use super::fields::{Fields, UrlQuery};
use super::notice::Notice;
use crate::model::endpoint::Guide;
use crate::model::time::{Duration, Timestamp};
use crate::model::{EndpointId, Kind};
use agenda::Due;
use files::Files;
use order::Order;
use permission::Permission;
use plan::Plan;
use refund::Refund;
use sign_plan::SignPlan;
use stock::{Callback, Coupon, Stock};
use store::ObjectStore;
use transaction::Transaction;

pub(super) use files::expired_link;
pub(super) use global::{End, Global, Party};
pub(super) use refund::RefundStatus;
pub use seed::AUTHORISED_USER;
pub use user_error::{Reason, UserError};

/// The mainland merchant.
#[derive(Clone, Debug)]
pub(super) struct SandboxMerchant {
    pub(super) mchid: String,
    pub(super) appid: String,
    /// The PayScore service of the configured profile: with plans, with and without confirmation.
    pub(super) service_id: String,
    pub(super) notify_url: String,
    /// Where events of the Global merchants are sent.
    pub(super) notify_url_global: String,
}

/// A PayScore service and what it permits (PayScore reference §0).
#[derive(Clone, Debug)]
struct Service {
    id: String,
    plans: bool,
    confirm: bool,
    no_confirm: bool,
}

/// 服务风险金额上限, fen.
const CEILING: i64 = 500_000;
/// The merchant's balance at the start, fen: enough for all seeded stocks.
const BALANCE: i64 = 1_000_000_000_000_000;
const MOST_PLAN_DAYS: i64 = 720;
const MOST_DEDUCTIONS: i64 = 60;

/// Which of the sandbox's merchants calls; they share a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Mainland,
    Global(Party),
}

/// A verified request, decoded.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) caller: Caller,
    pub(super) endpoint: EndpointId,
    /// Path parameters, percent-decoded.
    pub(super) parameters: Vec<(&'static str, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Map<String, Value>,
}

impl Call {
    fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    fn fields(&self) -> Fields<'_> {
        Fields::of(&self.body)
    }

    fn query(&self) -> UrlQuery<'_> {
        UrlQuery(&self.query)
    }

    /// The content that a replay must repeat.
    fn content(&self) -> Value {
        Value::Object(self.body.clone())
    }
}

/// All objects, and the state of the rules.
#[derive(Debug)]
pub(super) struct World {
    merchant: SandboxMerchant,
    services: [Service; 2],
    rng: StdRng,
    /// Whether users and the shop act on their own, or only on demand.
    users_act: bool,
    plans: ObjectStore<Plan>,
    sign_plans: ObjectStore<SignPlan>,
    orders: ObjectStore<Order>,
    transactions: ObjectStore<Transaction>,
    stocks: ObjectStore<Stock>,
    refunds: ObjectStore<Refund>,
    files: Files,
    /// From WeChat Pay's own plan numbers to the merchant's.
    plan_ids: HashMap<String, String>,
    sign_plan_ids: HashMap<String, String>,
    transaction_ids: HashMap<String, String>,
    /// A transaction's refunds, oldest first.
    refunds_by_trade: HashMap<String, Vec<String>>,
    stock_requests: HashMap<String, String>,
    coupons: ObjectStore<Coupon>,
    /// A user's coupons, oldest first.
    coupons_by_user: HashMap<String, Vec<String>>,
    coupon_requests: HashMap<String, String>,
    callback: Option<Callback>,
    /// The merchant's balance for prefunded stocks, in fen.
    balance: i64,
    /// How long a new stock cannot be started yet.
    stock_delay: Duration,
    /// `merchant_plan_detail_no` is unique within a merchant.
    detail_numbers: HashSet<String>,
    /// By authorization code.
    permissions: ObjectStore<Permission>,
    /// The code under which a user last authorised a service, by openid and service.
    permission_codes: HashMap<(String, String), String>,
    /// The shop's regular customers.
    people: Vec<String>,
    /// Users that the risk assessment refuses.
    risky: HashSet<String>,
    /// Users whose accounts are abnormal: neither coupons nor money reach them.
    abnormal: HashSet<String>,
    /// The account that refunds are paid from is empty.
    short_of_money: bool,
    agenda: BTreeSet<(Timestamp, Due)>,
    /// Numbers created since the gateway last took them.
    new_numbers: Vec<(Kind, String)>,
    /// The Global merchants.
    global: Global,
    /// Events that the gateway has not taken yet.
    notices: VecDeque<Notice>,
    /// While the past is seeded, events are not announced.
    silent: bool,
    /// The number of objects up to which the shop and its users create more.
    bound: usize,
    /// Counts the shop's own numbers.
    serial: u64,
}

impl World {
    /// A merchant with nothing.
    pub(super) fn empty(merchant: SandboxMerchant, seed: u64, users_act: bool) -> Self {
        // A second service for orders whose mode the service does not permit.
        let no_confirm_only = format!("{}9", &merchant.service_id[..merchant.service_id.len().saturating_sub(1)]);
        let services = [
            Service { id: merchant.service_id.clone(), plans: true, confirm: true, no_confirm: true },
            Service { id: no_confirm_only, plans: false, confirm: false, no_confirm: true },
        ];
        let global = Global::empty(seed, &merchant.notify_url_global);
        Self {
            merchant,
            services,
            rng: StdRng::seed_from_u64(seed),
            users_act,
            plans: ObjectStore::default(),
            sign_plans: ObjectStore::default(),
            orders: ObjectStore::default(),
            transactions: ObjectStore::default(),
            stocks: ObjectStore::default(),
            refunds: ObjectStore::default(),
            files: Files::default(),
            plan_ids: HashMap::new(),
            sign_plan_ids: HashMap::new(),
            transaction_ids: HashMap::new(),
            refunds_by_trade: HashMap::new(),
            stock_requests: HashMap::new(),
            coupons: ObjectStore::default(),
            coupons_by_user: HashMap::new(),
            coupon_requests: HashMap::new(),
            callback: None,
            balance: BALANCE,
            stock_delay: Duration::ZERO,
            detail_numbers: HashSet::new(),
            permissions: ObjectStore::default(),
            permission_codes: HashMap::new(),
            people: Vec::new(),
            risky: HashSet::new(),
            abnormal: HashSet::new(),
            short_of_money: false,
            agenda: BTreeSet::new(),
            new_numbers: Vec::new(),
            global,
            notices: VecDeque::new(),
            silent: false,
            bound: 0,
            serial: 0,
        }
    }

    /// Answers a request that the gate let through.
    pub(super) fn handle(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        self.advance(now);
        if call.caller != Caller::Mainland && call.endpoint.endpoint().guide != Guide::Global {
            return Err(SandboxRefusal::overseas());
        }
        let no_certificate =
            || Err(SandboxRefusal::new(Code::ResourceNotExists, "证书不存在", "there is no certificate"));
        match call.endpoint {
            EndpointId::Certificates => no_certificate(),
            EndpointId::GlobalCertificates => self.global(call, |_, _| no_certificate()),
            EndpointId::PlanCreate => self.create_plan(call),
            EndpointId::PlanQuery => self.query_plan(call),
            EndpointId::PlanStop => self.stop_plan(call, now),
            EndpointId::SignPlanCreate => self.create_sign_plan(call, now),
            EndpointId::SignPlanQuery => self.query_sign_plan(call),
            EndpointId::SignPlanCancel => self.cancel_sign_plan(call, now),
            EndpointId::SignPlanOrderCreate => self.create_order_of_detail(call, now),
            EndpointId::OrderCreate => self.create_order(call, now),
            EndpointId::OrderQuery => self.query_order(call),
            EndpointId::OrderComplete => self.complete_order(call, now),
            EndpointId::OrderModify => self.modify_order(call, now),
            EndpointId::OrderCancel => self.cancel_order(call, now),
            EndpointId::OrderSync => self.sync_order(call, now),
            EndpointId::OrderPay => self.push_order(call, now),
            EndpointId::PermissionCreate => self.create_permission(call, now),
            EndpointId::PermissionByOpenid => self.query_permission_of_user(call),
            EndpointId::PermissionByCode => self.query_permission(call),
            EndpointId::PermissionTerminateByOpenid => self.end_permission_of_user(call, now),
            EndpointId::PermissionTerminateByCode => self.end_permission(call, now),
            EndpointId::TransactionJsapi
            | EndpointId::TransactionNative
            | EndpointId::TransactionApp
            | EndpointId::TransactionH5 => self.place_transaction(call, now),
            EndpointId::TransactionById => self.query_transaction_by_id(call),
            EndpointId::TransactionByNumber => self.query_transaction(call),
            EndpointId::TransactionClose => self.close_transaction(call),
            EndpointId::RefundCreate => self.create_refund(call, now),
            EndpointId::RefundQuery => self.query_refund(call),
            EndpointId::RefundApplyAbnormal => self.apply_abnormal(call, now),
            EndpointId::BillTrade => self.trade_bill(call, now),
            EndpointId::BillFundFlow => self.fund_flow_bill(call, now),
            EndpointId::BillDownload => self.download_file(call, now),
            EndpointId::StockCreate => self.create_stock(call, now),
            EndpointId::StockList => self.list_stocks(call),
            EndpointId::StockQuery => self.query_stock(call),
            EndpointId::StockStart => self.start_stock(call, now),
            EndpointId::StockPause => self.pause_stock(call, now),
            EndpointId::StockRestart => self.restart_stock(call, now),
            EndpointId::StockMerchants | EndpointId::StockItems => self.list_usable(call),
            EndpointId::StockUseFlow | EndpointId::StockRefundFlow => self.stock_flow(call, now),
            EndpointId::CouponSend => self.send_coupon(call, now),
            EndpointId::CouponQuery => self.query_coupon(call, now),
            EndpointId::CouponList => self.list_coupons(call, now),
            EndpointId::CallbackSet => self.set_callback(call, now),
            EndpointId::CallbackQuery => self.query_callback(call),
            EndpointId::GlobalApp | EndpointId::GlobalJsapi | EndpointId::GlobalNative | EndpointId::GlobalH5 => {
                self.global(call, |global, party| global.place(party, call, now))
            }
            EndpointId::GlobalById | EndpointId::GlobalByNumber => {
                self.global(call, |global, party| global.query(party, call))
            }
            EndpointId::GlobalClose | EndpointId::GlobalCloseById => {
                self.global(call, |global, party| global.close(party, call, now))
            }
            EndpointId::GlobalRefundCreate => self.global(call, |global, party| global.give_back(party, call, now)),
            EndpointId::GlobalRefundById | EndpointId::GlobalRefundByNumber => {
                self.global(call, |global, party| global.query_refund(party, call))
            }
            EndpointId::GlobalRefundList => self.global(call, |global, party| global.list_refunds(party, call)),
            EndpointId::GlobalStatement => self.global(call, |global, party| global.statement(party, call, now)),
            EndpointId::GlobalSettlements => self.global(call, |global, party| global.settlements(party, call, now)),
        }
    }

    /// Applies a rule of the Global world for its caller.
    fn global(&mut self, call: &Call, rule: impl FnOnce(&mut Global, Party) -> SandboxOutcome) -> SandboxOutcome {
        match call.caller {
            Caller::Global(party) => self.with_global(|global| rule(global, party)),
            // A mainland merchant has no access to Global endpoints.
            Caller::Mainland => Err(SandboxRefusal::new(
                Code::NoAuth,
                "商户暂无权限使用此接口",
                "this merchant may not use this endpoint",
            )),
        }
    }

    /// The numbers created since the last call, oldest first.
    pub(super) fn take_new_numbers(&mut self) -> Vec<(Kind, String)> {
        std::mem::take(&mut self.new_numbers)
    }

    /// Acts in the Global world, and announces its events.
    pub(super) fn with_global<T>(&mut self, action: impl FnOnce(&mut Global) -> T) -> T {
        let result = action(&mut self.global);
        self.global.take_notices().into_iter().for_each(|notice| self.announce(notice));
        result
    }

    /// The numbers created for a Global merchant since the last call, oldest first.
    pub(super) fn take_new_global_numbers(&mut self, party: Party) -> Vec<(Kind, String)> {
        self.global.take_new_numbers(party)
    }

    /// The number of objects on the mainland.
    pub(super) fn len(&self) -> usize {
        let payscore = self.plans.len() + self.sign_plans.len() + self.orders.len();
        payscore + self.transactions.len() + self.refunds.len() + self.stocks.len() + self.coupons.len()
    }

    /// Makes the risk assessment refuse a user from now on.
    pub(super) fn refuse_risk(&mut self, openid: &str) {
        self.risky.insert(openid.to_owned());
    }

    fn service(&self, id: &str) -> Result<&Service, SandboxRefusal> {
        self.services.iter().find(|s| s.id == id).ok_or_else(|| {
            SandboxRefusal::new(Code::NoAuth, "商户暂无权限使用此服务", "this merchant may not use this service")
        })
    }

    fn check_appid(&self, appid: &str) -> Result<(), SandboxRefusal> {
        if appid == self.merchant.appid { Ok(()) } else { Err(SandboxRefusal::not_bound()) }
    }
}
