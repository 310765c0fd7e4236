//! What the tests of the console show: one frozen moment of a shop, with Chinese names.

use std::sync::Arc;

use serde_json::{Value, json};
use time::macros::{date, datetime};
use tokio::sync::mpsc::UnboundedSender;

use crate::api::Client;
use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::state::State;
use crate::console::app::update::update;
use crate::console::tabs::objects::list::List;
use crate::console::{Account, Start, Theme, Themes};
use crate::i18n::Lang;
use crate::ledger::Onward;
use crate::ledger::inbox::Arrival;
use crate::ledger::{Claim, Conclusion, Delivery, Ending, Intent, Ledger, Stop, Store};
use crate::model::action::{Action, ActionId, Bulk, ConfirmedBy, Surroundings, prepare};
use crate::model::bill::{BillId, BillKind, FundAccount, TradeRows};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Document, Environment, Fact, Kind, MchId, Merchant, Method, Money, Number, Object, ObjectId, told};
use crate::services::bills::BillIndex;
use crate::services::{
    Actor, BillEvent, BillRecord, BillRequest, Browser, BulkRequest, Event, Fresh, Health, Known, LeftOut, Prepared,
    ReadRequest, Request, Session, SessionOptions, Source, WhyLeftOut,
};

/// Under which the ledger keeps the shop's objects.
pub const PROFILE: &str = "shop/1900000001";

pub const NOW: Timestamp = datetime!(2026-11-21 17:00:00 +8);

pub fn id(kind: Kind, number: &str) -> ObjectId {
    ObjectId::new(kind, Number::parse(number).unwrap())
}

/// An object as it was verified so many minutes ago.
pub fn fresh(kind: Kind, document: Value, minutes: i64) -> Fresh {
    let object = Object::parse(kind, &document.to_string()).unwrap();
    Fresh { object, verified_at: NOW - Duration::minutes(minutes), source: Source::Query }
}

fn known(kind: Kind, document: Value, minutes: i64) -> Known {
    let fresh = fresh(kind, document, minutes);
    Known { id: fresh.object.id.clone(), fresh: Some(fresh) }
}

/// A service order: its number, state triple and total in fen.
pub fn order(number: &str, state: [&str; 3], fen: i64) -> Value {
    let mut document = json!({
        "out_order_no": number, "service_introduction": "充电宝租借", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "order_id": format!("10000{number}"), "state": state[0], "risk_fund": {"name": "DEPOSIT", "amount": 9900},
        "time_range": {"start_time": "20261121150000", "end_time": "20261122150000"},
        "post_payments": [{"name": "租借费", "amount": fen, "description": "每小时3元", "count": 1}],
        "appid": "wxd678efh567hg6787", "service_id": "00004000000000176823"});
    if !state[1].is_empty() {
        document["state_description"] = state[1].into();
    }
    if !state[2].is_empty() {
        let paid = if state[2] == "USER_PAID" { fen } else { 0 };
        document["total_amount"] = fen.into();
        document["collection"] =
            json!({"state": state[2], "total_amount": fen, "paying_amount": fen - paid, "paid_amount": paid});
    }
    document
}

pub const RUNNING: [&str; 3] = ["DOING", "USER_CONFIRM", ""];
pub const COLLECTING: [&str; 3] = ["DOING", "MCH_COMPLETE", "USER_PAYING"];
pub const PAID: [&str; 3] = ["DONE", "", "USER_PAID"];

pub fn orders() -> Vec<Known> {
    let mut orders = vec![
        known(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1200), 0),
        known(Kind::ServiceOrder, order("SO20261121000002", COLLECTING, 2680), 3),
        known(Kind::ServiceOrder, order("SO20261121000003", PAID, 990), 240),
        known(Kind::ServiceOrder, order("SO20261121000004", ["REVOKED", "", ""], 1500), 25),
        known(Kind::ServiceOrder, order("SO20261121000005", ["EXPIRED", "", ""], 1500), 90),
        known(Kind::ServiceOrder, order("SO20261121000006", ["CREATED", "", ""], 123_456_700), 12),
        known(Kind::ServiceOrder, order("SO20261121000007", ["FROZEN", "", ""], 300), 1),
    ];
    orders.push(Known { id: id(Kind::ServiceOrder, "SO20261121000008"), fresh: None });
    orders
}

fn others() -> Vec<Known> {
    let steps = json!([
        {"plan_detail_no": 1, "plan_detail_name": "第一个月", "original_price": 9900, "actual_price": 6900, "plan_discount_description": "首月优惠"},
        {"plan_detail_no": 2, "plan_detail_name": "第二个月", "original_price": 9900, "actual_price": 8900}]);
    let plan = json!({
        "merchant_plan_no": "PLAN-YOGA-2026", "plan_id": "12312555200000001", "plan_name": "瑜伽月卡连续包月", "plan_state": "NORMAL",
        "plan_duration": 60, "total_original_price": 19800, "total_actual_price": 15800, "deduction_quantity": 2, "plan_detail_list": steps});
    let signed = json!({
        "merchant_sign_plan_no": "SIGN-0001", "plan_name": "瑜伽月卡连续包月", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "sign_state": "SIGNED",
        "total_actual_price": 15800, "deduction_quantity": 2, "sign_time": "2026-11-01T09:30:00+08:00", "signed_detail_list": [
            {"plan_detail_no": 1, "plan_detail_name": "第一个月", "plan_detail_state": "USED", "actual_price": 6900, "merchant_plan_detail_no": "SO20261121000003"},
            {"plan_detail_no": 2, "plan_detail_name": "第二个月", "plan_detail_state": "NOT_USED", "actual_price": 8900, "merchant_plan_detail_no": "SD-2"}]});
    let paid = json!({
        "out_trade_no": "T20261121000001", "transaction_id": "4200001234202611210000000001", "trade_state": "SUCCESS", "trade_type": "JSAPI",
        "attach": "门店 18 号", "success_time": "2026-11-21T16:40:00+08:00", "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {"total": 5800, "payer_total": 4800, "currency": "CNY", "payer_currency": "CNY"}});
    let unpaid = json!({"out_trade_no": "T20261121000002", "trade_state": "NOTPAY", "amount": {"total": 8800}});
    let stock = json!({
        "stock_id": "18529001", "stock_name": "双十一满减券", "status": "running", "distributed_coupons": 6400, "no_cash": true,
        "create_time": "2026-11-01T00:00:00+08:00", "available_begin_time": "2026-11-10T00:00:00+08:00",
        "available_end_time": "2026-12-31T23:59:59+08:00", "stock_use_rule": {"max_coupons": 10000, "max_amount": 5_000_000,
            "max_coupons_per_user": 3, "fixed_normal_coupon": {"coupon_amount": 500, "transaction_minimum": 5000}}});
    let refund = |number: &str, status: &str, account: &str, fen: i64| {
        let mut document = json!({
            "refund_id": format!("5030000123420261121{number}"), "out_refund_no": format!("RF{number}"), "status": status,
            "transaction_id": "4200001234202611200000000007", "out_trade_no": "T20261120000007", "channel": "ORIGINAL",
            "user_received_account": account, "create_time": "2026-11-21T16:20:00+08:00", "funds_account": "UNSETTLED",
            "amount": {"total": 9900, "refund": fen, "payer_total": 8800, "payer_refund": fen * 8 / 9, "currency": "CNY",
                "settlement_total": 8800, "settlement_refund": fen * 8 / 9, "discount_refund": fen - fen * 8 / 9}});
        if status == "SUCCESS" {
            document["success_time"] = "2026-11-21T16:20:09+08:00".into();
        }
        document
    };
    vec![
        known(Kind::Refund, refund("0000000001", "PROCESSING", "招商银行借记卡0403", 1800), 1),
        known(Kind::Refund, refund("0000000002", "SUCCESS", "支付用户零钱", 900), 40),
        known(Kind::Refund, refund("0000000003", "ABNORMAL", "工商银行信用卡8812", 2700), 3),
        known(Kind::Refund, refund("0000000004", "CLOSED", "支付用户零钱", 450), 9),
        known(Kind::Refund, refund("0000000005", "CHANGE", "支付用户零钱", 90), 2),
        known(Kind::Plan, plan, 1),
        known(Kind::SignPlan, signed, 2),
        known(Kind::Transaction, paid, 5),
        known(Kind::Transaction, unpaid, 2),
        known(Kind::Stock, stock, 7),
    ]
}

/// A chain from plan to cash: one plan, two sign plans, an order, what paid for it, and a refund of a part; and an order
/// whose number is known and no more.
pub fn chain() -> Vec<Known> {
    let plan = json!({"merchant_plan_no": "C-PLAN", "plan_id": "881", "plan_name": "晨跑月卡", "plan_state": "NORMAL",
        "total_actual_price": 5800});
    let signed = |number: &str, orders: Value| {
        json!({"merchant_sign_plan_no": number, "plan_id": "881", "plan_name": "晨跑月卡", "sign_state": "SIGNED",
            "total_actual_price": 5800, "sign_time": "2026-11-01T09:30:00+08:00", "signed_detail_list": orders})
    };
    let step = |number: &str| json!({"plan_detail_state": "USED", "merchant_plan_detail_no": number});
    let mut paid = order("C-ORDER", PAID, 5800);
    paid["collection"]["details"] = json!([{"transaction_id": "4200000000000000000000000881"}]);
    let transaction = json!({"out_trade_no": "C-TRADE", "transaction_id": "4200000000000000000000000881",
        "trade_state": "REFUND", "success_time": "2026-11-21T15:40:00+08:00", "amount": {"total": 5800}});
    let refund = json!({"out_refund_no": "C-REFUND", "refund_id": "50300001", "status": "PROCESSING",
        "out_trade_no": "C-TRADE", "create_time": "2026-11-21T16:40:00+08:00", "amount": {"total": 5800, "refund": 800}});
    vec![
        known(Kind::Plan, plan, 30),
        known(Kind::SignPlan, signed("C-SIGN-1", json!([step("C-ORDER"), step("C-LATER")])), 2),
        known(Kind::SignPlan, signed("C-SIGN-2", json!([])), 20),
        known(Kind::ServiceOrder, paid, 3),
        known(Kind::Transaction, transaction, 5),
        known(Kind::Refund, refund, 1),
    ]
}

/// A console that just started, its account not open yet.
pub fn starting(lang: Lang, size: (u16, u16)) -> Console {
    let opener: crate::console::Opener = Arc::new(|_| Box::pin(async { Err(Default::default()) }));
    let start = Start {
        lang,
        theme: Theme::default(),
        themes: Themes::default().usable().into(),
        opener,
        profile: None,
        no_color: false,
        bell: true,
        first_run: false,
    };
    Console::new(crate::console::app::starting(&start, NOW, size))
}

/// A console's state with a ledger of its own: what the state asks of the ledger is answered at once.
pub struct Console {
    state: State,
    ledger: Ledger,
    pub browser: Browser,
    /// The bills that were downloaded.
    bills: Vec<BillRecord>,
    folder: tempfile::TempDir,
}

impl Console {
    fn new(state: State) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let actor = Actor::new("shop", "1900000001", "test", false, Default::default());
        let browser = Browser::new(ledger.clone(), &actor);
        Self { state, ledger, browser, bills: Vec::new(), folder }
    }

    /// Takes in a message and answers what the state asks of the ledger; the other effects are returned.
    pub fn step(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = self.step_unanswered(msg);
        self.answer_all(effects)
    }

    /// Takes in a message; the ledger takes its time.
    pub fn step_unanswered(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.state, msg)
    }

    /// Answers what was asked of the ledger; the other effects are returned.
    pub fn answer_all(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        let mut rest = Vec::new();
        while !effects.is_empty() {
            let (asked, others): (Vec<_>, Vec<_>) = effects.drain(..).partition(is_look);
            rest.extend(others);
            let answers: Vec<Event> = asked.into_iter().filter_map(|effect| self.answer(effect)).collect();
            for answer in answers {
                let generation = self.state.generation;
                effects.extend(update(&mut self.state, Msg::Session { generation, event: answer }));
            }
        }
        rest
    }

    fn answer(&self, effect: Effect) -> Option<Event> {
        let Effect::Ask(request) = effect else { return None };
        match request {
            Request::Read(request) => Some(self.browser.answer(request, self.state.now, &Stop::default()).unwrap()),
            Request::Survey(kind, ids) => {
                let mut counts: Vec<_> =
                    Action::of(kind).filter(|action| action.is_for_many()).map(|action| (action.id, 0)).collect();
                for fresh in ids.iter().filter_map(|id| self.browser.object(id).unwrap()) {
                    let legal = |action: ActionId| action.action().legal(&fresh.object.entity, NOW).is_ok();
                    counts.iter_mut().for_each(|(action, count)| *count += usize::from(legal(*action)));
                }
                Some(Event::Surveyed { ids: Arc::new(ids), counts })
            }
            // The session would look in the journal.
            Request::Earlier(operation) => Some(Event::Earlier { operation, earlier: None }),
            Request::Bill(BillRequest::List) => {
                let listed = Ok(Arc::new(self.bills.clone()));
                Some(Event::Bill(BillEvent::Listed(listed)))
            }
            Request::Bill(BillRequest::Read(request)) => {
                let index = BillIndex::read(&request.file);
                let page = index.and_then(|index| index.page(request.from, request.count));
                let result = page.map(Arc::new).map_err(Arc::new);
                Some(Event::Bill(BillEvent::Rows { request: Arc::new(request), result }))
            }
            _ => None,
        }
    }

    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Writes an entry into the journal, and how it ended.
    pub fn journal(&self, intent: &Intent, ended: Option<(Ending, &str)>) {
        let id = self.ledger.intend(intent).unwrap();
        if let Some((ending, request_id)) = ended {
            let request_id = Some(request_id.to_owned());
            let settlement =
                Conclusion { ending, request_id, reply: Some("{}".into()), error: None, closed: None, made: None };
            self.ledger.settle(id, intent.at + Duration::SECOND, &settlement).unwrap();
        }
    }

    /// What was fetched without its number being noted before: what the ledger tells of it is frozen in time.
    pub fn see(&mut self, fresh: Vec<Fresh>) {
        let kinds: std::collections::BTreeSet<Kind> = fresh.iter().map(|fresh| fresh.object.id.kind).collect();
        self.ledger.put(PROFILE, &fresh).unwrap();
        kinds.into_iter().for_each(|kind| drop(hear(self, Event::KindChanged(kind))));
    }

    /// Opens a session on the console's ledger.
    pub fn session(&self, client: Client, events: UnboundedSender<Event>) -> Session {
        let actor = Actor::new("shop", "1900000001", "test", false, Default::default());
        let ledger = self.ledger.clone();
        let options = SessionOptions {
            client,
            ledger,
            actor,
            bills: self.folder.path().join("bills"),
            numbers: None,
            listen: None,
            merchant_certificate_expires: None,
        };
        Session::open(options, events)
    }

    /// The table on the current tab, where the test knows that there is one.
    pub fn list(&self) -> &List {
        self.state.list().unwrap()
    }

    /// A notification came so many minutes ago, so often; the ledger has it when it is told.
    pub fn notify(&mut self, event_type: &str, resource: &Value, minutes: i64, times: u8) {
        let at = NOW - Duration::minutes(minutes);
        for time in 1..=times {
            let delivery = Delivery {
                at: at + Duration::seconds(15 * i64::from(time - 1)),
                peer: "203.0.113.9:4711".into(),
                target: "/notify".into(),
                headers: b"Content-Type: application/json\r\n".to_vec(),
                body: b"{}".to_vec(),
            };
            let arrival = Arrival {
                delivery,
                stamp: [time ^ u8::try_from(minutes % 200).unwrap(); 32],
                status: 204,
                notice: format!("EV-{event_type}-{minutes}"),
                event_type: event_type.into(),
                created: Some(at - Duration::seconds(2)),
                summary: Some("支付成功".into()),
                resource: resource.to_string(),
                told: told(event_type, Document::new(resource)),
            };
            self.ledger.receive(PROFILE, &[arrival], &[], Onward::Nowhere).unwrap();
        }
        hear(self, Event::InboxChanged);
    }

    /// A row of a bill was noted so many minutes ago.
    pub fn claim(&mut self, of: ObjectId, fact: Fact, fen: Option<i64>, row: &str, minutes: i64) {
        let (said_at, heard_at) = (NOW - Duration::hours(20), NOW - Duration::minutes(minutes));
        let (kind, amount) = (of.kind, fen.map(Money::cny));
        let claim = Claim { source: Source::Bill, reference: row.into(), fact, amount, said_at, heard_at };
        self.ledger.claim(PROFILE, &[(of, claim)]).unwrap();
        hear(self, Event::KindChanged(kind));
    }

    /// An intent on an object, made so many minutes ago.
    pub fn intent(&self, action: &str, object: Option<ObjectId>, body: &Value, minutes: i64) -> Intent {
        let known = object.as_ref().and_then(|id| self.ledger.object(PROFILE, id).unwrap());
        Intent {
            at: NOW - Duration::minutes(minutes),
            platform_at: None,
            operator: "李雷".into(),
            profile: PROFILE.into(),
            mchid: "1900000001".into(),
            action: action.into(),
            target: format!("/v3/example/{}", object.as_ref().map_or("raw", |id| id.number.as_str())),
            object,
            method: Method::Post,
            body: if body.is_null() { String::new() } else { body.to_string() },
            state: known.as_ref().map(|fresh| fresh.object.entity.state().code).unwrap_or_default(),
            before: known.map(|fresh| fresh.object.raw.to_string()),
            seen: None,
            objects: 1,
            confirmed: ConfirmedBy::Typed,
            reason: None,
            once: None,
        }
    }

    /// Commits an intent; the screen is not told.
    pub fn write(&self, intent: &Intent) -> i64 {
        self.ledger.intend(intent).unwrap()
    }

    /// Writes down what became of an intent; the screen is not told.
    pub fn settle(&self, number: i64, conclusion: &Conclusion) {
        self.ledger.settle(number, NOW, conclusion).unwrap();
    }

    /// Commits an intent and what became of it, as another part of the program would: the screen is told afterwards.
    pub fn commit(&mut self, intent: &Intent, conclusions: &[Conclusion]) -> i64 {
        let number = self.write(intent);
        conclusions.iter().for_each(|conclusion| self.settle(number, conclusion));
        self.state.view.journal.look_again();
        self.step(Msg::Now(NOW));
        number
    }

    /// Puts objects into the ledger, and says so.
    pub fn learn(&mut self, known: Vec<Known>) {
        let kinds: std::collections::BTreeSet<Kind> = known.iter().map(|known| known.id.kind).collect();
        let ids: Vec<ObjectId> = known.iter().map(|known| known.id.clone()).collect();
        self.ledger.note(PROFILE, &ids, Source::Feed).unwrap();
        self.ledger.put(PROFILE, &known.into_iter().filter_map(|known| known.fresh).collect::<Vec<_>>()).unwrap();
        kinds.into_iter().for_each(|kind| drop(hear(self, Event::KindChanged(kind))));
    }
}

impl std::ops::Deref for Console {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl std::ops::DerefMut for Console {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

/// A trade bill of so many rows, in which every fifth is a refund.
pub fn trade_bill(rows: i64) -> String {
    let mut text =
        "\u{feff}交易时间,商户号,微信订单号,商户订单号,交易类型,交易状态,应结订单金额,商户退款单号,退款金额,退款状态,\
        商品名称,商户数据包,手续费,订单金额,申请退款金额\r\n"
            .to_owned();
    let (mut paid, mut given) = (0, 0);
    let yuan = |fen: i64| Money::cny(fen).plain();
    for i in 0..rows {
        // Most is sold around noon.
        let hour = if i % 3 == 0 { 8 + i % 14 } else { 11 + i % 3 };
        let at = format!("2026-11-20 {hour:02}:{:02}:{:02}", i % 60, i * 7 % 60);
        let (kind, attach) =
            if i % 4 == 3 { ("AUTH", format!("wxzff|1000{i}|SO{i:04}")) } else { ("JSAPI", String::new()) };
        let fen = 500 + i * 137 % 20_000;
        let goods = ["拿铁\\  大杯", "充电宝租借", "瑜伽月卡"][usize::try_from(i % 3).unwrap()];
        let row = if i % 5 == 4 {
            given += fen;
            ["REFUND".into(), yuan(0), format!("RF{i:04}"), yuan(fen), "PROCESSING".into(), yuan(0), yuan(fen)]
        } else {
            paid += fen;
            ["SUCCESS".into(), yuan(fen), "0".into(), yuan(0), String::new(), yuan(fen), yuan(0)]
        };
        let [state, settled, refund, refunded, refund_state, total, requested] = row;
        let cells = [
            at,
            "1900000001".into(),
            format!("42000012342026112000000{i:05}"),
            format!("T20261120{i:05}"),
            kind.into(),
            state,
            settled,
            refund,
            refunded,
            refund_state,
            goods.into(),
            attach,
            "0.00000".into(),
            total,
            requested,
        ];
        text.push_str(&format!("`{}\r\n", cells.join(",`")));
    }
    text + &format!(
        "总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n`{rows},`{},`{},`0.00000,`{},`{}\r\n",
        yuan(paid),
        yuan(given),
        yuan(paid),
        yuan(given)
    )
}

const FLOW_BILL: &str = "\u{feff}记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),\
    资金变更提交申请人,备注,业务凭证号\r\n\
    `2026-11-20 09:00:01,`4200001,`1,`交易,`交易,`收入,`26.80,`526.80,`system,`,`T20261120000001\r\n\
    `2026-11-20 09:00:01,`4200001,`2,`交易,`扣除交易手续费,`支出,`0.16,`526.64,`system,`结算手续费,`T20261120000001\r\n\
    `2026-11-20 21:30:00,`9900001,`3,`提现,`提现,`支出,`500.00,`26.64,`1900000001,`\x1b]0;evil\x07,`\r\n\
    资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`3,`1,`26.80,`2,`500.10\r\n";

/// Puts bills beside the ledger: of yesterday, of its account whose summary is wrong, and one that is gone.
pub fn bills(console: &mut Console, rows: i64) {
    let trade = |rows| BillKind::Trade(rows);
    keep_bills(
        console,
        2,
        vec![
            (date!(2026 - 11 - 20), trade(TradeRows::All), trade_bill(rows)),
            (date!(2026 - 11 - 20), BillKind::FundFlow(FundAccount::Basic), FLOW_BILL.to_owned()),
            (date!(2026 - 11 - 19), trade(TradeRows::Refund), trade_bill(9)),
        ],
    );
}

/// Puts bills beside the ledger as people may have put them there: one in two currencies, two in one file, and one with
/// lines that are none of its own.
pub fn odd_bills(console: &mut Console) {
    let case = |name: &str| {
        let path = format!("{}/tests/cases/{name}/bill.csv", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    let kind = BillKind::Trade(TradeRows::All);
    let flawed = case("bill-ok").replacen("\r\n`", "\r\n`2025-10-09 16:53:41,`cut\r\n乱,码\r\n`", 1);
    keep_bills(
        console,
        3,
        vec![
            (date!(2026 - 11 - 20), kind, case("bill-hkd")),
            (date!(2026 - 11 - 19), kind, case("bill-concat-two-days")),
            (date!(2026 - 11 - 18), kind, flawed),
        ],
    );
}

/// So many of them are still there.
fn keep_bills(console: &mut Console, there: usize, kept: Vec<(time::Date, BillKind, String)>) {
    let folder = console.folder.path().to_owned();
    let kept = kept.into_iter().enumerate().map(|(i, (day, kind, text))| {
        let id = BillId { day, kind };
        let file = folder.join(format!("1900000001-{}.csv", id.name()));
        std::fs::write(&file, &text).unwrap();
        let (digest, sha1) = crate::services::bills::examine(&file).unwrap();
        let (bytes, verified_at) = (text.len() as u64, NOW - Duration::hours(3));
        BillRecord {
            id,
            mchid: "1900000001".into(),
            file,
            present: i < there,
            bytes,
            sha1,
            verified_at,
            digest: Ok(digest),
        }
    });
    console.bills = kept.collect();
    console.state.view.bills.look_again();
    console.step(Msg::Now(NOW));
}

/// True if the ledger alone answers it.
fn is_look(effect: &Effect) -> bool {
    let Effect::Ask(request) = effect else { return false };
    match request {
        // The tests of watching answer it themselves.
        Request::Read(request) => !matches!(request, ReadRequest::Rows(_)),
        Request::Bill(request) => matches!(request, BillRequest::List | BillRequest::Read(_)),
        other => matches!(other, Request::Survey(..)),
    }
}

/// A bulk action prepared from what the ledger knows.
pub fn prepared(console: &Console, request: &BulkRequest) -> Prepared {
    let (action, merchant) = (request.action.action(), account(Environment::Sandbox).merchant);
    let mut prepared = Prepared { bulk: Bulk::new(request.action), states: vec![], left_out: vec![] };
    for id in &request.ids {
        let Some(fresh) = console.browser.object(id).unwrap() else { continue };
        let values = action.bulk_values(&request.values, &fresh.object, Surroundings::NONE, &merchant, NOW);
        match prepare(action, &fresh.object, Surroundings::NONE, &merchant, &values, NOW) {
            Ok(operation) => {
                prepared.bulk.add(operation).unwrap();
                prepared.states.push(fresh.object.entity.state());
            }
            Err(error) => {
                prepared.left_out.push(LeftOut { object: id.clone(), why: WhyLeftOut::Prepare(error) });
            }
        }
    }
    prepared
}

/// Presses keys that have a bulk action prepared, and answers with the preparation.
pub fn preview(console: &mut Console, keys: &str) -> Prepared {
    let effects = press(console, keys);
    let [Effect::Ask(Request::PrepareBulk(ticket, request))] = &effects[..] else { panic!("{effects:?}") };
    let prepared = prepared(console, request);
    let result = Ok(Arc::new(prepared.clone()));
    hear(console, Event::BulkPrepared { ticket: *ticket, result });
    prepared
}

pub fn account(environment: Environment) -> Account {
    let merchant = Merchant {
        appid: Some(crate::model::AppId::new("wxd678efh567hg6787")),
        service_id: Some(crate::model::ServiceId::new("00004000000000176823")),
        ..Merchant::new(MchId::new("1900000001"))
    };
    Account {
        name: "shop".into(),
        environment,
        merchant,
        read_only: false,
        insecure: false,
        rules: Default::default(),
        embedded: environment == Environment::Sandbox,
        host: "127.0.0.1:8080".into(),
    }
}

/// A console with an account open and rows on every tab, on the service orders.
pub fn open(lang: Lang, size: (u16, u16)) -> Console {
    let mut state = starting(lang, size);
    let profiles = vec!["shop".to_owned(), "branch".to_owned()];
    state.learn(orders().into_iter().chain(others()).collect());
    state.step(Msg::Opened { generation: 0, result: Ok((account(Environment::Sandbox), profiles)) });
    let health = Health {
        last_success: Some(NOW - Duration::seconds(4)),
        latency_ms: vec![12, 30, 18, 45, 22, 19],
        requests_last_second: 3,
        requests_per_second: 20,
        certificate_expires: Some(datetime!(2031-01-01 0:00 UTC)),
        ..Health::default()
    };
    hear(&mut state, Event::Health(health));
    state.tab = 2;
    // Number by number, so that screens are easy to read.
    let sort = crate::console::tabs::objects::list::Sort { column: "number", descending: false };
    state.list_of_mut(Kind::ServiceOrder).set_sort(sort);
    state.step(Msg::Now(NOW));
    state
}

/// The session says something. What was fetched or found is in the ledger when it is told.
pub fn hear(console: &mut Console, event: Event) -> Vec<Effect> {
    match &event {
        Event::Fetched { result: Ok(fresh), .. } => console.ledger.put(PROFILE, std::slice::from_ref(fresh)).unwrap(),
        Event::Searched(searched) => console.ledger.put(PROFILE, &searched.found).unwrap(),
        _ => {}
    }
    let learned = match &event {
        Event::Fetched { id, result: Ok(_), .. } => Some(id.kind),
        _ => None,
    };
    let generation = console.generation;
    let mut effects = console.step(Msg::Session { generation, event });
    if let Some(kind) = learned {
        effects.extend(console.step(Msg::Session { generation, event: Event::KindChanged(kind) }));
    }
    effects
}

/// Presses keys: characters as they are, `<Enter>`, `<Esc>`, `<Tab>`, `<Right>`, `<Down>` by name.
pub fn press(console: &mut Console, keys: &str) -> Vec<Effect> {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let mut effects = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|name| name.split_once('>'));
        let code = match named.map(|(name, _)| name) {
            Some("Enter") => KeyCode::Enter,
            Some("Esc") => KeyCode::Esc,
            Some("Tab") => KeyCode::Tab,
            Some("Right") => KeyCode::Right,
            Some("Down") => KeyCode::Down,
            Some("Up") => KeyCode::Up,
            Some("Left") => KeyCode::Left,
            Some("Back") => KeyCode::Backspace,
            Some(other) => panic!("no key is called {other}"),
            None => KeyCode::Char(c),
        };
        rest = named.map_or_else(|| &rest[c.len_utf8()..], |(_, after)| after);
        effects.extend(console.step(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))));
    }
    effects
}

/// What became of an intent: with the Request-ID every answer has, unless nobody knows. It ends with 0, or of a
/// refusal with the number of an order in the wrong state.
pub fn settled(ending: Ending, reply: Option<&str>, error: Option<&str>) -> Conclusion {
    let cause = if ending == Ending::Refused { 271_302_262 } else { 0 };
    let request_id = (ending != Ending::Unknown).then(|| format!("08F7A1-{cause}"));
    Conclusion {
        ending,
        request_id,
        reply: reply.map(str::to_owned),
        error: error.map(str::to_owned),
        closed: None,
        made: None,
    }
}

/// A journal of five entries, one for each way an action may stand. The third has changed its order since.
pub fn journal(console: &mut Console) {
    let order_id = |number| Some(id(Kind::ServiceOrder, number));
    let plan = console.intent("plan-stop", Some(id(Kind::Plan, "PLAN-YOGA-2026")), &Value::Null, 50);
    console.commit(&plan, &[settled(Ending::Done, None, None)]);
    let mut cancel = console.intent("order-cancel", order_id("SO20261121000003"), &json!({"reason": "客户来电"}), 45);
    cancel.reason = Some("客户来电：取消".into());
    let error = "refused: 400 INVALID_ORDER_STATE 订单状态不允许此操作";
    console.commit(&cancel, &[settled(Ending::Refused, None, Some(error))]);
    let body = json!({"post_payments": [{"name": "租借费", "amount": 2680}], "total_amount": 2680});
    let mut complete = console.intent("order-complete", order_id("SO20261121000002"), &body, 5);
    complete.before = Some(order("SO20261121000002", RUNNING, 2680).to_string());
    complete.state = "DOING/USER_CONFIRM".into();
    let reply = json!({"out_order_no": "SO20261121000002", "state": "DOING", "order_id": "10000"}).to_string();
    console.commit(&complete, &[settled(Ending::Done, Some(&reply), None)]);
    let body = json!({"out_refund_no": "R-1", "amount": {"refund": 1000, "total": 5800, "currency": "CNY"}});
    let refund = console.intent("transaction-refund", Some(id(Kind::Transaction, "T20261121000001")), &body, 2);
    console.commit(&refund, &[settled(Ending::Unknown, None, Some("the outcome is unknown: no answer within 10 s"))]);
    let raw = console.intent("api", None, &json!({"x": 1}), 0);
    console.commit(&raw, &[]);
}
