//! A merchant places a transaction.

use serde_json::{Value, json};

use super::{TradeState, TradeType, Transaction, UNPAID_LIFE};
use crate::model::EndpointId;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::world::agenda::Due;
use crate::sandbox::world::numbers::NumberSource as _;
use crate::sandbox::world::{Call, World};

impl World {
    pub(in crate::sandbox::world) fn place_transaction(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let kind = match call.endpoint {
            EndpointId::TransactionJsapi => TradeType::Jsapi,
            EndpointId::TransactionApp => TradeType::App,
            EndpointId::TransactionH5 => TradeType::H5,
            _ => TradeType::Native,
        };
        let fields = call.fields();
        let appid = fields.text("appid", 1..=32)?;
        fields.text("mchid", 1..=32)?;
        let description = fields.text("description", 1..=127)?;
        let number = fields.number("out_trade_no", 6..=32)?;
        let expires = fields.time_if_given("time_expire")?;
        let attach = fields.text_if_given("attach", 0..=128)?;
        let url = fields.notify_url("notify_url", 1..=255)?;
        fields.text_if_given("goods_tag", 1..=32)?;
        let amount = fields.object("amount")?;
        let total = amount.integer("total", 1..=10_000_000_000)?;
        if amount.text_if_given("currency", 1..=16)?.is_some_and(|currency| currency != "CNY") {
            return Err(amount.wrong("currency", "仅支持CNY", "only CNY"));
        }
        let openid = self.payer(&fields, kind)?;
        check_scene(&fields, kind)?;
        if fields
            .object_if_given("detail")?
            .is_some_and(|d| Value::Object(d.members().clone()).to_string().len() > 6144)
        {
            return Err(fields.wrong("detail", "商品详情超过6144字节", "longer than 6144 bytes"));
        }
        if appid != self.merchant.appid {
            return Err(SandboxRefusal::new(
                Code::AppidMchidNotMatch,
                "AppID和mch_id不匹配",
                "the appid is not bound to this mchid",
            ));
        }
        if let Some(known) = self.transactions.get_mut(number) {
            return match known.state {
                TradeState::Closed => {
                    Err(SandboxRefusal::new(Code::OrderClosed, "该订单已关闭", "the order is closed"))
                }
                _ if known.kind != kind || known.request != call.content() => Err(SandboxRefusal::new(
                    Code::OutTradeNoUsed,
                    "商户订单号重复",
                    "the number is in use with other data",
                )),
                TradeState::NotPay => {
                    known.placed = now;
                    Ok(self.prepay(kind))
                }
                _ => {
                    Err(SandboxRefusal::new(Code::InvalidRequest, "该订单已支付", "the order is paid")
                        .tail(268_449_538))
                }
            };
        }
        let longest = now + Duration::days(if kind == TradeType::Native { 7 } else { 15 });
        let transaction = Transaction {
            number: number.to_owned(),
            kind,
            state: TradeState::NotPay,
            description: description.to_owned(),
            attach: attach.map(str::to_owned),
            total,
            openid: openid.map(str::to_owned),
            payment: None,
            expires: expires.map(|at| at.clamp(now + Duration::MINUTE, longest)),
            placed: now,
            notify_url: url.to_owned(),
            request: call.content(),
        };
        self.schedule(now + UNPAID_LIFE, Due::TransactionUnpaid(number.to_owned()));
        self.add_transaction(transaction);
        Ok(self.prepay(kind))
    }

    fn payer<'a>(&self, fields: &Fields<'a>, kind: TradeType) -> Result<Option<&'a str>, SandboxRefusal> {
        if kind != TradeType::Jsapi {
            return Ok(None);
        }
        if !fields.has("payer") {
            return Err(SandboxRefusal::new(Code::InvalidRequest, "JSAPI支付必须传openid", "JSAPI needs payer.openid")
                .tail(268_501_013));
        }
        fields.object("payer")?.text("openid", 1..=128).map(Some)
    }

    fn prepay(&mut self, kind: TradeType) -> Answer {
        let token = self.rng.token(32);
        Answer::Document(match kind {
            TradeType::Native => json!({ "code_url": format!("weixin://wxpay/bizpayurl/up?pr={token}") }),
            TradeType::H5 => {
                let prepay = self.rng.digits("wx", 30);
                json!({ "h5_url": format!("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay}&package={token}") })
            }
            _ => json!({ "prepay_id": format!("wx{token}") }),
        })
    }
}

/// H5 must say where the payer is.
fn check_scene(fields: &Fields<'_>, kind: TradeType) -> Result<(), SandboxRefusal> {
    let scene = match kind {
        TradeType::H5 => Some(fields.object("scene_info")?),
        _ => fields.object_if_given("scene_info")?,
    };
    let Some(scene) = scene else { return Ok(()) };
    scene.text("payer_client_ip", 1..=45)?;
    if kind == TradeType::H5 {
        scene.object("h5_info")?.text("type", 1..=32)?;
    }
    Ok(())
}
