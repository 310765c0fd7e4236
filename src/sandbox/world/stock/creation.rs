//! The rules of a new coupon stock (coupons reference §3.1).

use serde_json::json;

use super::super::agenda::Due;
use super::super::{Call, World};
use super::{Stock, StockStatus};
use crate::model::Kind;
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::world::numbers::NumberSource as _;

/// A rule that is not about a single field.
fn bad_rule(english: &'static str) -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, "批次发放规则或核销规则有误，请修改后重试", english)
}

/// At most nine Chinese characters, or twenty letters, or a mixture in proportion.
fn name_fits(name: &str) -> bool {
    let weight: usize = name.chars().map(|c| if c.is_ascii() { 9 } else { 20 }).sum();
    weight <= 180 && !name.contains(['_', ',', '，', ';', '；', '|'])
}

/// The number of coupons and their amounts.
struct Budget {
    max_coupons: i64,
    max_amount: i64,
    max_amount_by_day: Option<i64>,
    max_coupons_per_user: i64,
    coupon_amount: i64,
    transaction_minimum: i64,
}

impl Budget {
    /// Types and the sum are PARAM_ERRORs; ranges break a rule of issuing.
    fn read(issue: &Fields<'_>, usage: &Fields<'_>) -> Result<Self, SandboxRefusal> {
        let any = 0..=i64::MAX;
        let coupon = usage.object("fixed_normal_coupon")?;
        let budget = Self {
            max_coupons: issue.integer("max_coupons", any.clone())?,
            max_amount: issue.integer("max_amount", any.clone())?,
            max_amount_by_day: issue.integer_if_given("max_amount_by_day", any.clone())?,
            max_coupons_per_user: issue.integer("max_coupons_per_user", any.clone())?,
            coupon_amount: coupon.integer("coupon_amount", any.clone())?,
            transaction_minimum: coupon.integer("transaction_minimum", any)?,
        };
        issue.boolean("natural_person_limit")?;
        issue.boolean("prevent_api_abuse")?;
        if budget.coupon_amount.checked_mul(budget.max_coupons) != Some(budget.max_amount) {
            return Err(issue.wrong("max_amount", "批次预算等于批次面额乘以发券数", "not coupon_amount × max_coupons"));
        }
        Ok(budget)
    }

    fn check(&self) -> Result<(), SandboxRefusal> {
        if !(5..=10_000_000).contains(&self.max_coupons) || self.max_amount > 10_000_000_000 {
            return Err(bad_rule("max_coupons or max_amount is out of range"));
        }
        if self.max_amount_by_day.is_some_and(|by_day| by_day < 1 || by_day > self.max_amount) {
            return Err(bad_rule("max_amount_by_day is out of range"));
        }
        if !(1..=self.max_coupons.min(60)).contains(&self.max_coupons_per_user) {
            return Err(bad_rule("max_coupons_per_user is out of range"));
        }
        if !(10..=100_000).contains(&self.coupon_amount) {
            return Err(bad_rule("coupon_amount is out of range"));
        }
        if self.transaction_minimum <= self.coupon_amount || self.transaction_minimum > 10_000_000 {
            return Err(bad_rule("transaction_minimum is out of range"));
        }
        Ok(())
    }
}

impl World {
    pub(in super::super) fn create_stock(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let request = fields.number("out_request_no", 1..=128)?;
        let name = fields.text("stock_name", 1..=20)?;
        if !name_fits(name) {
            return Err(fields.wrong("stock_name", "批次名称不符合要求", "too long, or with _ , ; |"));
        }
        fields.text_if_given("comment", 0..=60)?;
        let owner = fields.text("belong_merchant", 1..=20)?;
        let (begins, ends) = (fields.time("available_begin_time")?, fields.time("available_end_time")?);
        let issue = fields.object("stock_use_rule")?;
        let usage = fields.object("coupon_use_rule")?;
        let budget = Budget::read(&issue, &usage)?;
        let merchants = usage.texts_if_given("available_merchants", 50, 1..=20)?;
        if merchants.is_empty() {
            return Err(usage.wrong("available_merchants", "参数“available_merchants”是必填项", "missing"));
        }
        let items = usage.texts_if_given("available_items", 50, 1..=128)?;
        usage.texts_if_given("goods_tag", 50, 1..=128)?;
        usage.texts_if_given("trade_type", 10, 1..=16)?;
        let combine_use = usage.boolean_if_given("combine_use")?.unwrap_or(true);
        let no_cash = fields.boolean("no_cash")?;
        fields.one_of("stock_type", &["NORMAL"])?;
        let description = match fields.object_if_given("pattern_info")? {
            Some(pattern) => pattern.text("description", 1..=1000)?,
            None => "",
        };
        if let Some(id) = self.stock_requests.get(request) {
            let Some(known) = self.stocks.get(id).filter(|known| known.request == call.content()) else {
                return Err(SandboxRefusal::new(
                    Code::ResourceAlreadyExists,
                    "商户请求单号已存在",
                    "the request number is in use with other content",
                ));
            };
            return Ok(Answer::Document(json!({ "stock_id": id, "create_time": rfc3339(known.created) })));
        }
        if owner != self.merchant.mchid || merchants.iter().any(|m| !m.bytes().all(|b| b.is_ascii_digit())) {
            return Err(SandboxRefusal::new(Code::MchNotExists, "商户号不合法", "no such merchant").tail(269_546_538));
        }
        if begins < now || ends <= now {
            return Err(SandboxRefusal::new(Code::RequestBlocked, "活动未开始或已结束", "the times are in the past")
                .tail(270_079_533));
        }
        budget.check()?;
        if begins > now + Duration::days(365) || ends <= begins || ends - begins > Duration::days(90) {
            return Err(bad_rule("the times are out of range"));
        }
        let id = self.rng.digits("177", 12);
        let stock = Stock {
            id: id.clone(),
            name: name.to_owned(),
            status: StockStatus::Unactivated,
            description: description.to_owned(),
            max_coupons: budget.max_coupons,
            max_amount: budget.max_amount,
            max_amount_by_day: budget.max_amount_by_day,
            max_coupons_per_user: budget.max_coupons_per_user,
            coupon_amount: budget.coupon_amount,
            transaction_minimum: budget.transaction_minimum,
            trade_type: usage.echo("trade_type"),
            combine_use,
            merchants,
            items,
            no_cash,
            created: now,
            begins,
            ends,
            distributed: 0,
            known: 0,
            today: None,
            frozen: 0,
            used: Vec::new(),
            refunded: Vec::new(),
            started: None,
            paused: None,
            restarted: None,
            stopped: None,
            request: call.content(),
        };
        self.stock_requests.insert(request.to_owned(), id.clone());
        self.schedule(ends, Due::StockOver(id.clone()));
        self.new_numbers.push((Kind::Stock, id.clone()));
        self.stocks.add(id.clone(), stock);
        Ok(Answer::Document(json!({ "stock_id": id, "create_time": rfc3339(now) })))
    }
}

#[cfg(test)]
pub(in crate::sandbox) mod tests {
    use super::super::super::tests::*;
    use super::*;
    use crate::model::EndpointId;
    use serde_json::Value;

    pub(crate) fn creation(request: &str) -> Value {
        json!({
            "stock_name": "秋季满减", "belong_merchant": MCHID,
            "available_begin_time": rfc3339(at(3600)), "available_end_time": rfc3339(at(30 * 86_400)),
            "stock_use_rule": {
                "max_coupons": 200, "max_amount": 100_000, "max_coupons_per_user": 2, "natural_person_limit": false,
                "prevent_api_abuse": true,
            },
            "coupon_use_rule": {
                "fixed_normal_coupon": { "coupon_amount": 500, "transaction_minimum": 3000 },
                "available_merchants": [MCHID],
            },
            "no_cash": true, "stock_type": "NORMAL", "out_request_no": request,
        })
    }

    #[test]
    fn a_stock_is_created_once_under_its_request_number() {
        let mut world = world();
        let first = call(&mut world, EndpointId::StockCreate, "", creation("R-1"), at(0)).unwrap();
        let again = call(&mut world, EndpointId::StockCreate, "", creation("R-1"), at(9)).unwrap();
        assert_eq!(first, again);
        let mut other = creation("R-1");
        other["no_cash"] = json!(false);
        let refused = call(&mut world, EndpointId::StockCreate, "", other, at(9));
        assert_eq!(code(&refused), "RESOURCE_ALREADY_EXISTS");
    }

    #[test]
    fn each_broken_rule_has_its_code() {
        let cases = [
            ("/stock_name", json!("一二三四五六七八九十"), "PARAM_ERROR"),
            ("/stock_name", json!("a_b"), "PARAM_ERROR"),
            ("/stock_type", json!("DISCOUNT"), "PARAM_ERROR"),
            ("/no_cash", json!("true"), "PARAM_ERROR"),
            ("/stock_use_rule/max_amount", json!(100_001), "PARAM_ERROR"),
            ("/stock_use_rule/max_coupons_per_user", json!(61), "INVALID_REQUEST"),
            ("/stock_use_rule/max_coupons_per_user", json!(0), "INVALID_REQUEST"),
            ("/coupon_use_rule/fixed_normal_coupon/transaction_minimum", json!(500), "INVALID_REQUEST"),
            ("/coupon_use_rule/available_merchants", json!([]), "PARAM_ERROR"),
            ("/coupon_use_rule/available_merchants", json!(["shop"]), "MCH_NOT_EXISTS"),
            ("/belong_merchant", json!("1900000000"), "MCH_NOT_EXISTS"),
            ("/available_begin_time", json!(rfc3339(at(-1))), "REQUEST_BLOCKED"),
            ("/available_begin_time", json!("tomorrow"), "PARAM_ERROR"),
            ("/available_end_time", json!(rfc3339(at(3600))), "INVALID_REQUEST"),
            ("/available_end_time", json!(rfc3339(at(92 * 86_400))), "INVALID_REQUEST"),
        ];
        for (pointer, value, expected) in cases {
            let mut body = creation("R-1");
            *body.pointer_mut(pointer).unwrap() = value.clone();
            let refused = call(&mut world(), EndpointId::StockCreate, "", body, at(0));
            assert_eq!(code(&refused), expected, "{pointer} = {value}");
        }
    }
}
