//! What happens to coupons with their users' payments and refunds (coupons reference §1, §5; transactions reference
//! §3, §6.3).

use std::cmp::Reverse;

use rand::RngExt;
use serde_json::{Value, json};

use super::super::trade_type::TradeType;
use super::super::{Call, Caller, Reason, UserError, World};
use super::coupon::{Coupon, CouponStatus, Use};
use super::flow::Row;
use super::{Stock, StockStatus};
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::fields::drop_nulls;
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;

/// An item that is paid for.
#[derive(Clone, Debug)]
pub(in super::super) struct Goods {
    id: String,
    quantity: i64,
    price: i64,
}

impl Goods {
    /// The articles in the order's request.
    pub(in super::super) fn of(request: &Value) -> Vec<Self> {
        let list = request["detail"]["goods_detail"].as_array().into_iter().flatten();
        list.filter_map(|goods| {
            let number = |name: &str| goods[name].as_i64().unwrap_or(0);
            let id = goods["merchant_goods_id"].as_str()?.to_owned();
            Some(Self { id, quantity: number("quantity"), price: number("unit_price") })
        })
        .collect()
    }
}

/// A payment about to be made.
#[derive(Clone, Debug)]
pub(in super::super) struct Purchase {
    pub(in super::super) kind: TradeType,
    pub(in super::super) total: i64,
    pub(in super::super) goods: Vec<Goods>,
}

impl Stock {
    /// Whether its coupons can be used for this purchase at this merchant.
    fn accepts(&self, purchase: &Purchase, mchid: &str) -> bool {
        let ways: &[&str] = match purchase.kind {
            TradeType::Jsapi => &["MICROAPP", "OTHER"],
            TradeType::App => &["APPPAY"],
            TradeType::Native | TradeType::H5 => &["OTHER"],
            TradeType::Micropay => &["CARD"],
            TradeType::Auth => &["PPAY"],
        };
        let restricted = self.trade_type.as_ref().and_then(Value::as_array).filter(|given| !given.is_empty());
        let allowed = |given: &Vec<Value>| given.iter().any(|one| one.as_str().is_some_and(|one| ways.contains(&one)));
        purchase.total >= self.transaction_minimum
            && self.merchants.iter().any(|one| one == mchid)
            && restricted.is_none_or(allowed)
            && (self.items.is_empty() || purchase.goods.iter().any(|goods| self.items.contains(&goods.id)))
    }
}

impl World {
    /// Uses the payer's best coupon for this, if any; it becomes the payment's `promotion_detail`.
    pub(in super::super) fn spend_coupon(
        &mut self,
        openid: &str,
        purchase: &Purchase,
        transaction_id: &str,
        now: Timestamp,
    ) -> Vec<Value> {
        let mchid = self.merchant.mchid.clone();
        let fits = |coupon: &&Coupon| {
            let stock = self.stocks.get(&coupon.stock);
            stock.is_some_and(|stock| coupon.is_good(stock, now) && stock.accepts(purchase, &mchid))
        };
        let worth = |coupon: &&Coupon| {
            let amount = self.stocks.get(&coupon.stock).map_or(0, |stock| stock.coupon_amount);
            (amount, Reverse(coupon.received))
        };
        match self.coupons_of(openid).filter(fits).max_by_key(worth).map(|coupon| coupon.id.clone()) {
            Some(id) => self.spend(&id, purchase, transaction_id, now),
            None => Vec::new(),
        }
    }

    /// Uses this coupon for a payment that it fits; it becomes the payment's `promotion_detail`.
    pub(in super::super) fn spend(
        &mut self,
        id: &str,
        purchase: &Purchase,
        transaction_id: &str,
        now: Timestamp,
    ) -> Vec<Value> {
        let mchid = self.merchant.mchid.clone();
        let Some(coupon) = self.coupons.get_mut(id) else { return Vec::new() };
        let Some(stock) = self.stocks.get_mut(&coupon.stock) else { return Vec::new() };
        // A coupon for an article counts for one unit of it.
        let item = purchase.goods.iter().find(|goods| stock.items.contains(&goods.id));
        let amount = stock.coupon_amount;
        let item = |price: &str| {
            let detail = |goods: &Goods| {
                json!({
                    "goods_id": goods.id, "quantity": goods.quantity, price: goods.price, "discount_amount": amount,
                })
            };
            item.map(detail).into_iter().collect::<Vec<Value>>()
        };
        let goods = item("price");
        coupon.used = Some(Use { at: now, transaction_id: transaction_id.to_owned(), goods: goods.clone() });
        stock.spend_frozen(amount);
        stock.used.push(Row {
            coupon: id.to_owned(),
            amount,
            total: purchase.total,
            kind: purchase.kind.word(),
            transaction_id: transaction_id.to_owned(),
            at: now,
            goods,
            refund: None,
        });
        let (kind, platform, merchant) = if stock.no_cash { ("NOCASH", 0, amount) } else { ("CASH", amount, 0) };
        let mut promotion = json!({
            "coupon_id": id, "name": stock.name, "scope": if stock.single_item() { "SINGLE" } else { "GLOBAL" },
            "type": kind, "amount": amount, "stock_id": stock.id, "wechatpay_contribute": platform,
            "merchant_contribute": merchant, "other_contribute": 0, "currency": "CNY",
            "goods_detail": Some(item("unit_price")).filter(|goods| !goods.is_empty()),
        });
        drop_nulls(&mut promotion);
        let mut resource = coupon.document(stock, &mchid, now);
        resource["out_request_no"] = Value::Null;
        drop_nulls(&mut resource);
        self.announce_coupon(resource, now);
        vec![promotion]
    }

    /// The user of a coupon pays its minimum amount at a till of the merchant, and uses it.
    pub(in crate::sandbox) fn use_coupon(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let (id, whose) = number.split_once('@').map_or((number, None), |(id, openid)| (id, Some(openid)));
        let found = self.coupons.get(id).filter(|coupon| whose.is_none_or(|openid| openid == coupon.openid));
        let found = found.and_then(|coupon| Some((coupon, self.stocks.get(&coupon.stock)?)));
        let (coupon, stock) = found.ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        match coupon.status(stock, now) {
            CouponStatus::Used => return Err(UserError::NotNow(Reason::CouponUsed)),
            CouponStatus::Expired => return Err(UserError::NotNow(Reason::CouponExpired)),
            CouponStatus::Sent if !coupon.is_good(stock, now) => {
                return Err(UserError::NotNow(Reason::CouponNotYet));
            }
            CouponStatus::Sent => {}
        }
        let total = stock.transaction_minimum.max(stock.coupon_amount + 1);
        let goods = stock.items.first().map(|item| Goods { id: item.clone(), quantity: 1, price: total });
        let ways = [TradeType::Micropay, TradeType::Jsapi, TradeType::App, TradeType::Native];
        let purchases = ways.map(|kind| Purchase { kind, total, goods: goods.clone().into_iter().collect() });
        let purchase = purchases.into_iter().find(|purchase| stock.accepts(purchase, &self.merchant.mchid));
        let purchase = purchase.ok_or(UserError::NotNow(Reason::CouponElsewhere))?;
        let (id, openid, description) = (coupon.id.clone(), coupon.openid.clone(), stock.name.clone());
        self.pay_with_coupon(&id, openid, description, &purchase, now);
        Ok(())
    }

    fn announce_coupon(&mut self, resource: Value, at: Timestamp) {
        let Some(callback) = self.callback.as_ref().filter(|callback| callback.on) else { return };
        let url = callback.url.clone();
        let summary = "代金券核销";
        self.announce(Notice { url, at, event_type: "COUPON.USE", original_type: "coupon", summary, resource });
    }

    /// A refund has arrived: its part of a coupon is listed in the stock's refund flow, and once the payment is refunded
    /// completely, the coupon is returned.
    pub(in super::super) fn coupon_refunded(&mut self, refund: &str, now: Timestamp) {
        let Some(refund) = self.refunds.get(refund) else { return };
        let Some(transaction) = self.transactions.get(&refund.trade) else { return };
        let Some(payment) = &transaction.payment else { return };
        let (amount, refund_id) = (refund.amount - refund.payer_refund, refund.refund_id.clone());
        let whole = self.arrived(&refund.trade) == transaction.total;
        let (transaction_id, total, kind) =
            (payment.transaction_id.clone(), transaction.total, transaction.kind.word());
        let coupons: Vec<String> = payment
            .promotions
            .iter()
            .filter_map(|promotion| Some(promotion["coupon_id"].as_str()?.to_owned()))
            .collect();
        for id in coupons {
            let Some(coupon) = self.coupons.get_mut(&id) else { continue };
            let Some(stock) = self.stocks.get_mut(&coupon.stock) else { continue };
            let goods = coupon.used.as_ref().map(|used| used.goods.clone()).unwrap_or_default();
            let (at, refund) = (now, Some(refund_id.clone()));
            let transaction_id = transaction_id.clone();
            if whole && coupon.used.as_ref().is_some_and(|used| used.transaction_id == transaction_id) {
                coupon.used = None;
                self.balance += stock.take_back();
            }
            stock.refunded.push(Row { coupon: id, amount, total, kind, transaction_id, at, goods, refund });
        }
    }

    /// Assigns to this payer one of the coupons that were received elsewhere.
    pub(in super::super) fn discover_coupon(&mut self, openid: &str, purchase: &Purchase, now: Timestamp) {
        if self.stocks.len() == 0 {
            return;
        }
        let place = self.rng.random_range(0..self.stocks.len());
        let id = self.rng.digits("8000", 14);
        let stock = self.stocks.at(place);
        let Some(started) = stock.started.filter(|at| *at <= now) else { return };
        let alive = stock.begins <= now && now < stock.ends;
        if alive && stock.known < stock.distributed && stock.accepts(purchase, &self.merchant.mchid) {
            let (stock_id, received) = (stock.id.clone(), started.max(now - Duration::days(2)));
            self.receive(&id, &stock_id, openid, None, received);
        }
    }

    /// Adds an unused coupon of an ended stock, received while it ran.
    pub(in super::super) fn forget_coupon(&mut self, place: usize) -> Option<()> {
        let ended: Vec<&Stock> = self.stocks.iter().filter(|stock| stock.known < stock.distributed).collect();
        let ended: Vec<&&Stock> = ended.iter().filter(|stock| stock.status == StockStatus::Stoped).collect();
        let stock = ended.get(place.checked_rem(ended.len())?)?;
        let (stock_id, received) = (stock.id.clone(), stock.started?.max(stock.ends - Duration::days(9)));
        let (openid, id) = (self.random_user(), self.rng.digits("8000", 14));
        self.receive(&id, &stock_id, &openid, None, received);
        Some(())
    }

    /// The shop sends a user a coupon of a running stock, if any is left. Returns its minimum amount, and from when on it
    /// can be used.
    pub(in super::super) fn hand_coupon(
        &mut self,
        openid: &str,
        place: usize,
        now: Timestamp,
    ) -> Option<(i64, Timestamp)> {
        let gives = |stock: &&Stock| {
            stock.status == StockStatus::Running && stock.started.is_some_and(|at| at <= now) && stock.items.is_empty()
        };
        let stocks: Vec<&Stock> = self.stocks.iter().filter(gives).collect();
        let stock = stocks.get(place.checked_rem(stocks.len())?)?;
        let (stock_id, minimum, begins) = (stock.id.clone(), stock.transaction_minimum, stock.begins);
        let body = json!({
            "stock_id": stock_id, "out_request_no": self.next_number("CPN"), "appid": self.merchant.appid,
            "stock_creator_mchid": self.merchant.mchid,
        });
        let Value::Object(body) = body else { return None };
        let endpoint = crate::model::EndpointId::CouponSend;
        let caller = Caller::Mainland;
        let call = Call { caller, endpoint, parameters: vec![("openid", openid.to_owned())], query: Vec::new(), body };
        self.handle(&call, now).ok()?;
        Some((minimum, begins))
    }
}
