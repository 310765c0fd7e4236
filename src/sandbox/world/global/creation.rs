//! Reads the creation of an order, member by member (Global reference §1).

use serde_json::{Map, Value, json};

use super::market::{CATEGORIES, listed};
use super::order::{GlobalOrder, UNPAID_LIFE};
use super::{Due, Global, Party};
use crate::model::time::Timestamp;
use crate::model::{Currency, EndpointId, Money};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::notify::address::on_this_machine;
use crate::sandbox::world::Call;
use crate::sandbox::world::numbers::NumberSource as _;
use crate::sandbox::world::trade_type::TradeType;
use crate::sandbox::world::transaction::TradeState;

/// The members of a creation; any other is refused.
const MEMBERS: [&str; 20] = [
    "sp_mchid",
    "sub_mchid",
    "sp_appid",
    "sub_appid",
    "mchid",
    "appid",
    "description",
    "attach",
    "notify_url",
    "out_trade_no",
    "goods_tag",
    "trade_type",
    "limit_pay",
    "time_start",
    "time_expire",
    "merchant_category_code",
    "payer",
    "amount",
    "scene_info",
    "detail",
];

/// An address for notifications: HTTPS, without a query. A developer's listener on this machine is allowed, too.
pub(super) fn notify_url<'a>(fields: &Fields<'a>) -> Result<Option<&'a str>, SandboxRefusal> {
    let url = fields.text_if_given("notify_url", 1..=256)?;
    let sent_to = |url: &str| url.starts_with("https://") || on_this_machine(url).is_some();
    match url.is_none_or(|url| sent_to(url) && !url.contains(['?', '#'])) {
        true => Ok(url),
        false => Err(fields.wrong("notify_url", "回调地址不合法", "not an HTTPS URL without a query")),
    }
}

/// The order of a creation, and when it expires.
fn read(
    fields: &Fields<'_>,
    party: Party,
    kind: TradeType,
    now: Timestamp,
) -> Result<(GlobalOrder, Timestamp), SandboxRefusal> {
    fields.only(&MEMBERS)?;
    party.check(fields, true)?;
    let description = fields.text("description", 1..=127)?;
    let number = fields.number_with("out_trade_no", 1..=32, "_-*")?;
    let attach = fields.text_if_given("attach", 0..=127)?;
    fields.text("notify_url", 1..=256)?;
    let url = notify_url(fields)?.unwrap_or_default();
    fields.text_if_given("goods_tag", 0..=32)?;
    if fields.text("trade_type", 1..=16)? != kind.word() {
        return Err(fields.wrong("trade_type", "交易类型与接口不一致", "is not that of the path"));
    }
    if fields.has("limit_pay") {
        fields.one_of("limit_pay", &["no_credit"])?;
    }
    fields.time_if_given("time_start")?;
    let expires = fields.time_if_given("time_expire")?;
    if expires.is_some_and(|at| at <= now) {
        return Err(fields.wrong("time_expire", "订单失效时间早于当前时间", "is over"));
    }
    if !CATEGORIES.contains(&fields.text("merchant_category_code", 1..=16)?) {
        return Err(fields.wrong("merchant_category_code", "$key0$参数格式错误", "not a listed category"));
    }
    let amount = fields.object("amount")?;
    amount.only(&["total", "currency"])?;
    let total = amount.integer("total", 1..=10_000_000_000)?;
    let currency: Currency = listed(amount.text("currency", 1..=16)?)
        .ok_or_else(|| amount.wrong("currency", "不支持的币种", "not a listed currency"))?;
    let payer = payer(fields, party, kind)?;
    scene(fields, kind)?;
    if let Some(detail) = fields.object_if_given("detail")? {
        for goods in detail.list_if_given("goods_detail", 100)? {
            goods.text("goods_id", 1..=32)?;
            goods.integer("quantity", 1..=1_000_000)?;
            goods.integer("price", 0..=10_000_000_000)?;
        }
    }
    let order = GlobalOrder {
        number: number.to_owned(),
        transaction_id: String::new(),
        kind,
        state: TradeState::NotPay,
        description: description.to_owned(),
        attach: attach.filter(|text| !text.is_empty()).map(str::to_owned),
        notify_url: url.to_owned(),
        total: Money { minor: total, currency },
        payer,
        payment: None,
        placed: now,
        request: Value::Null,
    };
    Ok((order, expires.unwrap_or(now + UNPAID_LIFE)))
}

/// The payer of an order, which JSAPI requires.
fn payer(fields: &Fields<'_>, party: Party, kind: TradeType) -> Result<Option<Value>, SandboxRefusal> {
    let payer = match kind {
        TradeType::Jsapi => Some(fields.object("payer")?),
        _ => fields.object_if_given("payer")?,
    };
    let Some(payer) = payer else { return Ok(None) };
    let names: &[&str] = if party == Party::Direct { &["openid"] } else { &["sp_openid", "sub_openid"] };
    payer.only(names)?;
    let given: Vec<&str> = names.iter().copied().filter(|name| payer.has(name)).collect();
    let Some(first) = given.first() else {
        return Err(payer.wrong(names[0], "$key0$参数格式错误", "missing"));
    };
    if *first == "sub_openid" && !fields.has("sub_appid") {
        return Err(payer.wrong("sub_openid", "$key0$参数格式错误", "needs sub_appid"));
    }
    let mut known = Map::new();
    for name in given {
        known.insert(name.to_owned(), payer.text(name, 1..=128)?.into());
    }
    Ok(Some(Value::Object(known)))
}

/// Checks `scene_info`: H5 requires the payer's address and the store.
fn scene(fields: &Fields<'_>, kind: TradeType) -> Result<(), SandboxRefusal> {
    let mweb = kind == TradeType::H5;
    let scene = if mweb { Some(fields.object("scene_info")?) } else { fields.object_if_given("scene_info")? };
    let Some(scene) = scene else { return Ok(()) };
    if mweb {
        scene.text("payer_client_ip", 1..=45)?;
    } else {
        scene.text_if_given("payer_client_ip", 1..=45)?;
    }
    let store = if mweb { Some(scene.object("store_info")?) } else { scene.object_if_given("store_info")? };
    match store {
        Some(store) => store.text("id", 1..=32).map(|_| ()),
        None => Ok(()),
    }
}

impl Global {
    pub(in crate::sandbox::world) fn place(&mut self, party: Party, call: &Call, now: Timestamp) -> SandboxOutcome {
        let kind = match call.endpoint {
            EndpointId::GlobalJsapi => TradeType::Jsapi,
            EndpointId::GlobalApp => TradeType::App,
            EndpointId::GlobalH5 => TradeType::H5,
            _ => TradeType::Native,
        };
        let (order, expires) = read(&call.fields(), party, kind, now)?;
        let order = GlobalOrder { request: call.content(), ..order };
        if let Some(known) = self.books(party).orders.get(&order.number) {
            return match known.state {
                TradeState::Success | TradeState::Refund => {
                    Err(SandboxRefusal::new(Code::GlobalOrderPaid, "该订单已支付", "the order is paid"))
                }
                TradeState::Closed => {
                    Err(SandboxRefusal::new(Code::GlobalOrderClosed, "该订单已关闭", "the order is closed"))
                }
                TradeState::Revoked => {
                    Err(SandboxRefusal::new(Code::GlobalOrderReversed, "该订单已撤销", "the order was reversed"))
                }
                TradeState::NotPay if known.request == order.request => Ok(self.prepay(kind)),
                _ => Err(SandboxRefusal::new(
                    Code::OutTradeNoUsed,
                    "商户订单号重复",
                    "the number is in use with other data",
                )),
            };
        }
        self.schedule(expires, party, Due::Unpaid(order.number.clone()));
        self.add_order(party, order);
        Ok(self.prepay(kind))
    }

    fn prepay(&mut self, kind: TradeType) -> Answer {
        let token = self.rng.token(28);
        Answer::Document(match kind {
            TradeType::Native => json!({ "code_url": format!("weixin://wxpay/s/{}", &token[..10]) }),
            TradeType::H5 => {
                json!({ "mweb_url": format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx{token}") })
            }
            _ => json!({ "prepay_id": format!("wx{token}") }),
        })
    }
}
