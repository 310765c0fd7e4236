//! What an order may charge, and when: its lines, the formula, the ceiling and the times (PayScore reference §4.2).

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::model::time::{BEIJING, Duration, Timestamp, compact, parse_compact};
use crate::sandbox::answer::{Code, SandboxRefusal};
use crate::sandbox::fields::Fields;

/// Above any ceiling, and small enough that a hundred of them add up without overflow.
const MOST: i64 = 1_000_000_000_000;

/// The lines of a creation, completion or modification.
pub(super) struct Lines {
    pub(super) payments: Value,
    pub(super) discounts: Option<Value>,
    payment_sum: i64,
    discount_sum: i64,
}

impl Lines {
    /// At creation an amount may still be open; a description then says how it will be calculated.
    pub(super) fn of_creation(fields: &Fields<'_>) -> Result<Self, SandboxRefusal> {
        Self::read(fields, false)
    }

    /// At completion and modification every line has its amount.
    pub(super) fn final_of(fields: &Fields<'_>) -> Result<Self, SandboxRefusal> {
        fields.list("post_payments", 100)?;
        Self::read(fields, true)
    }

    fn read(fields: &Fields<'_>, settled: bool) -> Result<Self, SandboxRefusal> {
        let payments = fields.list_if_given("post_payments", 100)?;
        let mut names = HashSet::new();
        let mut payment_sum = 0;
        for line in &payments {
            let name = line.text("name", 1..=20)?;
            if name != "商品信息" && !names.insert(name) {
                return Err(line.wrong("name", "付费项目名称不能重复", "given twice"));
            }
            let amount = line.integer_if_given("amount", 0..=MOST)?;
            let description = line.text_if_given("description", 1..=30)?;
            if amount.is_none() && (settled || description.is_none()) {
                return Err(line.wrong("amount", "付费项目金额必填", "missing"));
            }
            line.integer_if_given("count", 1..=100)?;
            payment_sum += amount.unwrap_or(0);
        }
        let discounts = fields.list_if_given("post_discounts", 30)?;
        let mut names = HashSet::new();
        let mut discount_sum = 0;
        for line in &discounts {
            let name = line.text("name", 1..=20)?;
            if !names.insert(name) {
                return Err(line.wrong("name", "优惠名称不能重复", "given twice"));
            }
            line.text("description", 1..=30)?;
            let amount = line.integer_if_given("amount", 0..=MOST)?;
            if settled && amount.is_none() {
                return Err(line.wrong("amount", "优惠金额必填", "missing"));
            }
            line.integer_if_given("count", 1..=100)?;
            discount_sum += amount.unwrap_or(0);
        }
        Ok(Self {
            payments: fields.echo("post_payments").unwrap_or_else(|| Value::Array(Vec::new())),
            discounts: fields.echo("post_discounts"),
            payment_sum,
            discount_sum,
        })
    }

    /// `total_amount`, which must be payments less discounts.
    pub(super) fn total(&self, fields: &Fields<'_>) -> Result<i64, SandboxRefusal> {
        let total = fields.integer("total_amount", 0..=MOST)?;
        if total == self.payment_sum - self.discount_sum {
            Ok(total)
        } else {
            let issue = format!("not {} - {}", self.payment_sum, self.discount_sum);
            Err(fields.wrong("total_amount", "最终总金额计算非法", issue))
        }
    }

    /// Even before discounts the payments must stay below the ceiling.
    pub(super) fn check_ceiling(&self, ceiling: i64) -> Result<(), SandboxRefusal> {
        if self.discounts.is_none() && self.payment_sum > ceiling { Err(above(ceiling)) } else { Ok(()) }
    }
}

pub(super) fn above(ceiling: i64) -> SandboxRefusal {
    SandboxRefusal::new(
        Code::InvalidRequest,
        "订单总金额超过服务风险金额上限",
        format!("the total is above the ceiling of {ceiling} fen"),
    )
    .tail(271_316_656)
}

/// Reads `risk_fund`. A service without confirmation is always 先享.
pub(super) fn risk_fund(fields: &Fields<'_>, confirm: bool) -> Result<i64, SandboxRefusal> {
    let fund = fields.object("risk_fund")?;
    let name = fund.text("name", 1..=64)?;
    let known = ["ESTIMATE_ORDER_COST", "DEPOSIT", "ADVANCE", "CASH_DEPOSIT"];
    if !known[..if confirm { 4 } else { 1 }].contains(&name) {
        return Err(fund.wrong("name", "订单风险金额名称不符合要求", "not a name this service may use"));
    }
    fund.text_if_given("description", 1..=30)?;
    fund.integer("amount", 1..=MOST)
}

/// Checks `time_range` of a creation and returns it as sent.
pub(super) fn range_of_creation(fields: &Fields<'_>, now: Timestamp) -> Result<Map<String, Value>, SandboxRefusal> {
    let range = fields.object("time_range")?;
    let start = range.text("start_time", 1..=14)?;
    let end = range.text_if_given("end_time", 1..=14)?;
    for (time, remark) in [("start_time", "start_time_remark"), ("end_time", "end_time_remark")] {
        if range.text_if_given(remark, 1..=20)?.is_some() && !range.has(time) {
            return Err(range.wrong(remark, "未填写时间时不能填写备注", "a remark without its time"));
        }
    }
    let midnight = now.to_offset(BEIJING).replace_time(time::Time::MIDNIGHT);
    let begins = if start == "OnAccept" {
        now
    } else {
        let at = moment(&range, "start_time", start)?;
        if at < (if start.len() == 8 { midnight } else { now }) {
            return Err(range.wrong("start_time", "服务开始时间不能早于当前时间", "in the past"));
        }
        at
    };
    if let Some(end) = end {
        let at = moment(&range, "end_time", end)?;
        let first_day = begins.to_offset(BEIJING).replace_time(time::Time::MIDNIGHT);
        // A day lasts until its end, so only a day before the first one is too early.
        let early =
            if end.len() == 8 { at < first_day.max(midnight) } else { at <= begins || at <= now + Duration::MINUTE };
        if early {
            return Err(range.wrong("end_time", "预计结束时间早于开始时间", "not after the start").tail(271_316_637));
        }
    }
    Ok(range.members().clone())
}

/// `OnAccept` becomes the moment at which the service began.
pub(super) fn begin(range: &mut Map<String, Value>, now: Timestamp) {
    if range.get("start_time").is_some_and(|start| start == "OnAccept") {
        range.insert("start_time".to_owned(), compact(now).into());
    }
}

/// Checks `time_range` of a completion against that of the creation, and returns the two merged.
pub(super) fn range_of_completion(
    fields: &Fields<'_>,
    created: &Map<String, Value>,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<Map<String, Value>, SandboxRefusal> {
    let mut merged = created.clone();
    let given = fields.object_if_given("time_range")?;
    if let Some(range) = &given {
        for remark in ["start_time_remark", "end_time_remark"] {
            range.text_if_given(remark, 1..=20)?;
        }
        for (name, value) in range.members() {
            merged.insert(name.clone(), value.clone());
        }
    }
    let over = Fields::of(&merged);
    let Some(end_text) = over.text_if_given("end_time", 1..=14)? else {
        return Err(fields.wrong("time_range", "创建订单未填写服务结束时间，则结束时间必填", "end_time is missing"));
    };
    let start_text = over.text("start_time", 1..=14)?;
    let (start, end) = (moment(&over, "start_time", start_text)?, moment(&over, "end_time", end_text)?);
    let Some(range) = given else { return Ok(merged) };
    let created_start = created.get("start_time").and_then(Value::as_str).unwrap_or(start_text);
    let days = created_start.len() == 8;
    if start_text.len() != created_start.len() || end_text.len() != created_start.len() {
        return Err(range.wrong("end_time", "时间精度与创建订单时不一致", "not the precision used at creation"));
    }
    if range.has("start_time") && !days && start < created_at - Duration::SECOND {
        return Err(range.wrong("start_time", "实际开始时间早于创建订单时间", "before the order was created"));
    }
    if end < start || (end == start && !days) {
        return Err(range.wrong("end_time", "真实结束时间小于预计开始时间", "not after the start").tail(271_316_637));
    }
    if range.has("end_time") && end > now {
        return Err(range.wrong("end_time", "实际结束时间不能晚于使用完结接口的时间", "in the future"));
    }
    Ok(merged)
}

fn moment(range: &Fields<'_>, name: &str, text: &str) -> Result<Timestamp, SandboxRefusal> {
    parse_compact(text).ok_or_else(|| {
        range.wrong(name, "时间格式错误，应为yyyyMMddHHmmss或yyyyMMdd", "not yyyyMMddHHmmss or yyyyMMdd")
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::at;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn issue<T>(result: Result<T, SandboxRefusal>) -> String {
        result.err().map_or(String::new(), |r| r.body(true)["detail"]["issue"].as_str().unwrap_or("?").to_owned())
    }

    #[test]
    fn times_of_a_creation() {
        // The clock is 2025-10-09 16:53:20 in Beijing.
        let cases = [
            (json!({ "start_time": "OnAccept" }), ""),
            (json!({ "start_time": "20251009165320" }), ""),
            (json!({ "start_time": "20251009165319" }), "in the past"),
            (json!({ "start_time": "20251009" }), ""),
            (json!({ "start_time": "20251008" }), "in the past"),
            (json!({ "start_time": "OnAccept", "end_time": "20251009165420" }), "not after the start"),
            (json!({ "start_time": "OnAccept", "end_time": "20251009165421" }), ""),
            (json!({ "start_time": "20251009", "end_time": "20251009" }), ""),
            (json!({ "start_time": "20251010", "end_time": "20251009" }), "not after the start"),
            (json!({ "start_time": "2025-10-09" }), "not yyyyMMddHHmmss or yyyyMMdd"),
            (json!({ "start_time": "OnAccept", "end_time_remark": "还车" }), "a remark without its time"),
        ];
        for (range, expected) in cases {
            let body = json!({ "time_range": range });
            let fields = Fields::of(body.as_object().unwrap());
            assert_eq!(issue(range_of_creation(&fields, at(0))), expected, "{range}");
        }
    }

    #[test]
    fn times_of_a_completion() {
        let on_accept = json!({ "start_time": "20251009165320" });
        let with_end = json!({ "start_time": "20251009", "end_time": "20251012" });
        let cases = [
            (&on_accept, json!({}), "end_time is missing"),
            (&on_accept, json!({ "time_range": { "end_time": "20251009170000" } }), ""),
            (&on_accept, json!({ "time_range": { "end_time": "20251009165320" } }), "not after the start"),
            (&on_accept, json!({ "time_range": { "end_time": "20251010000000" } }), "in the future"),
            (&on_accept, json!({ "time_range": { "end_time": "20251009" } }), "not the precision used at creation"),
            (
                &on_accept,
                json!({ "time_range": { "start_time": "20251009165300", "end_time": "20251009170000" } }),
                "before the order was created",
            ),
            (&with_end, json!({}), ""),
            (&with_end, json!({ "time_range": { "end_time": "20251009" } }), ""),
        ];
        for (created, body, expected) in cases {
            let fields = Fields::of(body.as_object().unwrap());
            let outcome = range_of_completion(&fields, created.as_object().unwrap(), at(0), at(3600));
            assert_eq!(issue(outcome), expected, "{body}");
        }
    }

    #[test]
    fn lines_have_names_and_amounts() {
        let cases = [
            (json!([{ "name": "骑行", "amount": 1 }]), ""),
            (json!([{ "name": "骑行" }]), "missing"),
            (json!([{ "name": "骑行", "description": "2元/10分钟" }]), "missing"),
            (json!([{ "name": "骑行", "amount": 1 }, { "name": "骑行", "amount": 1 }]), "given twice"),
            (json!([{ "name": "商品信息", "amount": 1 }, { "name": "商品信息", "amount": 1 }]), ""),
            (json!([{ "name": "骑行", "amount": -1 }]), "below minimum 0"),
            (json!([{ "name": "骑行", "amount": 1, "count": 101 }]), "above maximum 100"),
        ];
        for (payments, expected) in cases {
            let body = json!({ "post_payments": payments });
            assert_eq!(issue(Lines::final_of(&Fields::of(body.as_object().unwrap()))), expected, "{payments}");
        }
    }

    proptest! {
        #[test]
        fn only_payments_less_discounts_is_the_total(payment in 0i64..1_000_000, discount in 0i64..1_000_000, off in -3i64..4) {
            let body = json!({
                "post_payments": [{ "name": "课程", "amount": payment }],
                "post_discounts": [{ "name": "立减", "description": "新客", "amount": discount }],
                "total_amount": payment - discount + off,
            });
            let fields = Fields::of(body.as_object().unwrap());
            let total = Lines::final_of(&fields).unwrap().total(&fields);
            prop_assert_eq!(total.is_ok(), off == 0 && payment >= discount);
        }
    }
}
