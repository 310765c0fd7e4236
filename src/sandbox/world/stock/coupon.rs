//! Coupons of users (代金券): sent by the merchant, received elsewhere, queried one by one and by user (coupons
//! reference §3.3, §3.8, §3.11). `spending` uses them.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::super::{Call, World};
use super::{Stock, StockStatus, foreign, unknown};
use crate::model::Kind;
use crate::model::time::{Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{UrlQuery, drop_nulls};
use crate::sandbox::world::numbers::NumberSource as _;

/// The largest page of a user's coupons, and the usual one.
const MOST: u64 = 50;
const USUAL: u64 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum CouponStatus {
    Sent,
    Used,
    Expired,
}

impl CouponStatus {
    const fn word(self) -> &'static str {
        match self {
            Self::Sent => "SENDED",
            Self::Used => "USED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// The payment that a coupon was used for.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) at: Timestamp,
    pub(super) transaction_id: String,
    /// The articles, if it is a coupon for articles.
    pub(super) goods: Vec<Value>,
}

#[derive(Debug)]
pub(in super::super) struct Coupon {
    pub(super) id: String,
    pub(in super::super) stock: String,
    pub(super) openid: String,
    /// The number and the content of the request that sent it; `None` if the user received it elsewhere.
    request: Option<(String, Value)>,
    pub(super) received: Timestamp,
    pub(super) used: Option<Use>,
}

impl Coupon {
    pub(super) fn status(&self, stock: &Stock, now: Timestamp) -> CouponStatus {
        match &self.used {
            Some(_) => CouponStatus::Used,
            None if now >= stock.ends => CouponStatus::Expired,
            None => CouponStatus::Sent,
        }
    }

    /// True while it can be used, if a payment fits.
    pub(super) fn is_good(&self, stock: &Stock, now: Timestamp) -> bool {
        self.status(stock, now) == CouponStatus::Sent && now >= stock.begins.max(self.received)
    }

    pub(in super::super) fn document(&self, stock: &Stock, mchid: &str, now: Timestamp) -> Value {
        let used = self.used.as_ref().map(|used| {
            let mut consumed = json!({
                "consume_time": rfc3339(used.at), "consume_mchid": mchid, "transaction_id": used.transaction_id,
                "goods_detail": Some(&used.goods).filter(|goods| !goods.is_empty()),
            });
            drop_nulls(&mut consumed);
            consumed
        });
        let mut document = json!({
            "stock_creator_mchid": mchid,
            "stock_id": self.stock,
            "coupon_id": self.id,
            "coupon_name": stock.name,
            "status": self.status(stock, now).word(),
            "description": stock.description,
            "create_time": rfc3339(self.received),
            "coupon_type": "NORMAL",
            "no_cash": stock.no_cash,
            "available_begin_time": rfc3339(stock.begins),
            "available_end_time": rfc3339(stock.ends),
            "singleitem": stock.single_item(),
            "normal_coupon_information": {
                "coupon_amount": stock.coupon_amount, "transaction_minimum": stock.transaction_minimum,
            },
            "consume_information": used,
            "out_request_no": self.request.as_ref().map(|(number, _)| number),
        });
        drop_nulls(&mut document);
        document
    }

    /// The number by which the merchant knows it.
    pub(in super::super) fn number(&self) -> String {
        format!("{}@{}", self.id, self.openid)
    }
}

fn mismatch() -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, "openid与appid不匹配", "the openid is not of this appid")
        .tail(270_079_501)
}

/// A query for a user's coupons.
struct CouponsQuery<'a> {
    stock: Option<&'a str>,
    status: Option<CouponStatus>,
    page: u64,
    limit: u64,
}

impl<'a> CouponsQuery<'a> {
    fn read(query: UrlQuery<'a>) -> Result<Self, SandboxRefusal> {
        let status = match query.text_if_given("status", 16)? {
            None => None,
            Some("SENDED") => Some(CouponStatus::Sent),
            Some("USED") => Some(CouponStatus::Used),
            Some(_) => return Err(UrlQuery::wrong("status", "非法的券状态", "must be SENDED or USED")),
        };
        let limit = query.integer_if_given("limit")?.unwrap_or(USUAL);
        if limit > MOST {
            return Err(UrlQuery::wrong("limit", "页大小超过阈值", "above 50"));
        }
        if limit == 0 {
            return Err(UrlQuery::wrong("limit", "页大小必须大于0", "below 1"));
        }
        let page = query.integer_if_given("offset")?.unwrap_or(0);
        Ok(Self { stock: query.text_if_given("stock_id", 20)?, status, page, limit })
    }
}

impl World {
    /// The checks come in the documented order; a known number is answered before the stock is checked.
    pub(in super::super) fn send_coupon(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let openid = call.parameter("openid");
        let stock_id = fields.text("stock_id", 1..=20)?;
        let request = fields.number("out_request_no", 1..=128)?;
        let appid = fields.text("appid", 1..=128)?;
        let creator = fields.text("stock_creator_mchid", 1..=20)?;
        for name in ["coupon_value", "coupon_minimum"] {
            if fields.has(name) {
                return Err(fields.wrong(name, "该参数未开放", "not open to merchants"));
            }
        }
        let stock = self.stocks.get(stock_id).ok_or_else(unknown)?;
        if creator != self.merchant.mchid {
            return Err(
                SandboxRefusal::new(Code::RequestBlocked, "商户无权发券", "not the merchant's stock").tail(270_079_509)
            );
        }
        if appid != self.merchant.appid {
            return Err(SandboxRefusal::new(
                Code::AppidMchidNotMatch,
                "商户号与appid不匹配",
                "the appid is not bound to this mchid",
            ));
        }
        // Every openid begins like this, and nothing more can be checked.
        if !openid.starts_with('o') {
            return Err(mismatch());
        }
        if let Some(known) = self.coupon_requests.get(request).and_then(|id| self.coupons.get(id)) {
            let same =
                known.openid == openid && known.request.as_ref().is_some_and(|(_, body)| *body == call.content());
            return match same {
                true => Ok(Answer::Document(json!({ "coupon_id": known.id }))),
                false => Err(SandboxRefusal::new(
                    Code::InvalidRequest,
                    "商户单据号已存在，请求内容不一致",
                    "the request number is in use with other content",
                )),
            };
        }
        if stock.status != StockStatus::Running {
            return Err(SandboxRefusal::new(Code::InvalidRequest, "活动已结束或未激活", "the stock is not running"));
        }
        let theirs = self.coupons_of(openid).filter(|coupon| coupon.stock == stock_id).count();
        if i64::try_from(theirs).is_ok_and(|theirs| theirs >= stock.max_coupons_per_user) {
            return Err(SandboxRefusal::new(
                Code::RuleLimit,
                "用户已达最大领券次数",
                "the user has as many as allowed",
            ));
        }
        if stock.left(now) < 1 {
            return Err(
                SandboxRefusal::new(Code::NotEnough, "批次预算不足", "the stock's budget is used up").tail(270_079_534)
            );
        }
        if self.abnormal.contains(openid) {
            return Err(SandboxRefusal::new(Code::UserAccountAbnormal, "用户非法", "the user's account is abnormal"));
        }
        let id = self.rng.digits("8000", 14);
        if let Some(stock) = self.stocks.get_mut(stock_id) {
            stock.give(1, now);
        }
        self.coupon_requests.insert(request.to_owned(), id.clone());
        self.receive(&id, stock_id, openid, Some((request.to_owned(), call.content())), now);
        Ok(Answer::Document(json!({ "coupon_id": id })))
    }

    /// Assigns one of the distributed coupons to this user.
    pub(super) fn receive(
        &mut self,
        id: &str,
        stock_id: &str,
        openid: &str,
        request: Option<(String, Value)>,
        at: Timestamp,
    ) {
        let Some(stock) = self.stocks.get_mut(stock_id) else { return };
        stock.known += 1;
        let (id, stock) = (id.to_owned(), stock_id.to_owned());
        let coupon = Coupon { id: id.clone(), stock, openid: openid.to_owned(), request, received: at, used: None };
        self.new_numbers.push((Kind::Coupon, coupon.number()));
        self.coupons_by_user.entry(openid.to_owned()).or_default().push(id.clone());
        self.coupons.add(id, coupon);
    }

    pub(super) fn coupons_of(&self, openid: &str) -> impl Iterator<Item = &Coupon> {
        self.coupons_by_user.get(openid).into_iter().flatten().filter_map(|id| self.coupons.get(id))
    }

    pub(in super::super) fn query_coupon(&self, call: &Call, now: Timestamp) -> SandboxOutcome {
        if call.query().text("appid", 128)? != self.merchant.appid {
            return Err(mismatch());
        }
        let openid = call.parameter("openid");
        let coupon = self.coupons.get(call.parameter("coupon_id")).filter(|coupon| coupon.openid == openid);
        let found = coupon.and_then(|coupon| Some((coupon, self.stocks.get(&coupon.stock)?)));
        let (coupon, stock) = found
            .ok_or_else(|| SandboxRefusal::new(Code::ResourceNotExists, "券不存在", "the user has no such coupon"))?;
        Ok(Answer::Document(coupon.document(stock, &self.merchant.mchid, now)))
    }

    /// A merchant sees the coupons that it has created or sent, except expired ones; or, by available merchant, all that
    /// can be used there now. The newest come first.
    pub(in super::super) fn list_coupons(&self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let query = call.query();
        let appid = query.text("appid", 128)?;
        let by_creator = query.text_if_given("creator_mchid", 20)?.or(query.text_if_given("sender_mchid", 20)?);
        let usable_at = query.text_if_given("available_mchid", 20)?;
        let wanted = CouponsQuery::read(query)?;
        if by_creator.is_none() && usable_at.is_none() {
            return Err(UrlQuery::wrong("creator_mchid", "商户号必填", "one of the three merchants is needed"));
        }
        if appid != self.merchant.appid {
            return Err(mismatch());
        }
        if by_creator.is_some_and(|mchid| mchid != self.merchant.mchid) {
            return Err(foreign());
        }
        let (mchid, openid) = (&self.merchant.mchid, call.parameter("openid"));
        let theirs = self.coupons_of(openid).filter_map(|coupon| Some((coupon, self.stocks.get(&coupon.stock)?)));
        let chosen = |(coupon, stock): &(&Coupon, &Stock)| {
            let status = coupon.status(stock, now);
            match (by_creator, usable_at) {
                (None, Some(at)) => coupon.is_good(stock, now) && stock.merchants.iter().any(|mchid| mchid == at),
                _ => {
                    status != CouponStatus::Expired
                        && wanted.status.is_none_or(|wanted| wanted == status)
                        && wanted.stock.is_none_or(|wanted| wanted == coupon.stock)
                }
            }
        };
        let mut found: Vec<(&Coupon, &Stock)> = theirs.filter(chosen).collect();
        found.sort_by_key(|(coupon, _)| Reverse(coupon.received));
        let (page, limit) = match by_creator {
            Some(_) => (wanted.page, wanted.limit),
            // This query has no pages: all are returned.
            None => (0, (found.len() as u64).max(1)),
        };
        let first = usize::try_from(page.saturating_mul(limit)).unwrap_or(usize::MAX);
        let rows = found.iter().skip(first).take(limit as usize);
        let rows: Vec<Value> = rows.map(|(coupon, stock)| coupon.document(stock, mchid, now)).collect();
        Ok(super::page(rows.into(), found.len(), page, limit))
    }

    /// Makes a user's account abnormal: it receives neither coupons nor refunds.
    pub(in crate::sandbox) fn make_abnormal(&mut self, openid: &str) {
        self.abnormal.insert(openid.to_owned());
    }
}
