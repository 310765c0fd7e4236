//! Plans (支付分计划): create, query, stop (PayScore reference §2, §9.1).

use serde_json::{Value, json};

use super::{Call, MOST_DEDUCTIONS, MOST_PLAN_DAYS, World};
use crate::model::Kind;
use crate::model::time::{Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{Fields, drop_nulls};
use crate::sandbox::world::numbers::NumberSource as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlanState {
    Normal,
    Stop,
}

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) number: String,
    pub(super) plan_id: String,
    pub(super) service_id: String,
    pub(super) appid: String,
    pub(super) name: String,
    pub(super) duration_days: i64,
    pub(super) state: PlanState,
    pub(super) details: Vec<PlanDetail>,
    stopped: Option<Timestamp>,
    request: Value,
}

/// One charge of a plan, numbered by its place from 1.
#[derive(Clone, Debug)]
pub(super) struct PlanDetail {
    pub(super) name: String,
    pub(super) original_price: i64,
    pub(super) actual_price: i64,
    pub(super) discount: Option<String>,
}

impl PlanDetail {
    fn read(fields: &Fields<'_>) -> Result<Self, SandboxRefusal> {
        Ok(Self {
            name: fields.text("plan_detail_name", 1..=20)?.to_owned(),
            original_price: fields.integer("original_price", 0..=100_000_000)?,
            actual_price: fields.integer("actual_price", 0..=100_000_000)?,
            discount: fields.text_if_given("plan_discount_description", 0..=20)?.map(str::to_owned),
        })
    }
}

impl Plan {
    pub(super) fn original_total(&self) -> i64 {
        self.details.iter().map(|d| d.original_price).sum()
    }

    pub(super) fn actual_total(&self) -> i64 {
        self.details.iter().map(|d| d.actual_price).sum()
    }

    pub(super) fn document(&self, mchid: &str) -> Value {
        let details = self.details.iter().enumerate().map(|(i, detail)| {
            let mut entry = json!({
                "plan_detail_no": i + 1,
                "original_price": detail.original_price,
                "plan_discount_description": detail.discount,
                "actual_price": detail.actual_price,
                "plan_detail_name": detail.name,
            });
            drop_nulls(&mut entry);
            entry
        });
        let mut plan = json!({
            "plan_id": self.plan_id,
            "mchid": mchid,
            "appid": self.appid,
            "service_id": self.service_id,
            "merchant_plan_no": self.number,
            "plan_name": self.name,
            "plan_duration": self.duration_days,
            "plan_state": match self.state { PlanState::Normal => "NORMAL", PlanState::Stop => "STOP" },
            "total_original_price": self.original_total(),
            "total_actual_price": self.actual_total(),
            "deduction_quantity": self.details.len(),
            "plan_detail_list": details.collect::<Vec<_>>(),
        });
        if let Some(at) = self.stopped {
            plan["stop_mchid"] = mchid.into();
            plan["stop_time"] = rfc3339(at).into();
        }
        plan
    }
}

/// No plan has this number.
fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "计划不存在", "there is no such plan")
}

impl World {
    pub(super) fn create_plan(&mut self, call: &Call) -> SandboxOutcome {
        let fields = call.fields();
        let number = fields.number("merchant_plan_no", 1..=32)?;
        let service_id = fields.text("service_id", 1..=32)?;
        let appid = fields.text("appid", 1..=32)?;
        let name = fields.text("plan_name", 1..=20)?;
        let duration_days = fields.integer("plan_duration", 1..=MOST_PLAN_DAYS)?;
        let quantity = fields.integer("deduction_quantity", 1..=MOST_DEDUCTIONS)?;
        let original_total = fields.integer("total_original_price", 0..=i64::MAX)?;
        let actual_total = fields.integer("total_actual_price", 0..=i64::MAX)?;
        let list = fields.list("plan_detail_list", MOST_DEDUCTIONS as usize)?;
        let details = list.iter().map(PlanDetail::read).collect::<Result<Vec<_>, _>>()?;
        if details.len() as i64 != quantity {
            return Err(fields.wrong(
                "deduction_quantity",
                "计划扣费次数与计划详情列表长度不一致",
                "not the number of details",
            ));
        }
        for (i, detail) in details.iter().enumerate() {
            if detail.actual_price > detail.original_price {
                return Err(list[i].wrong("actual_price", "实际价格不能大于原价", "above original_price"));
            }
            if i > 0 && detail.actual_price > details[i - 1].actual_price {
                return Err(list[i].wrong("actual_price", "实际价格不能大于前一次", "above the previous detail's"));
            }
        }
        let plan = Plan {
            number: number.to_owned(),
            plan_id: String::new(),
            service_id: service_id.to_owned(),
            appid: appid.to_owned(),
            name: name.to_owned(),
            duration_days,
            state: PlanState::Normal,
            details,
            stopped: None,
            request: call.content(),
        };
        if plan.original_total() != original_total {
            return Err(fields.wrong("total_original_price", "总原价不等于各次原价之和", "not the sum of the details"));
        }
        if plan.actual_total() != actual_total {
            return Err(fields.wrong("total_actual_price", "总实际价不等于各次之和", "not the sum of the details"));
        }
        if !self.service(service_id)?.plans {
            return Err(SandboxRefusal::new(Code::NoAuth, "服务未开通按计划确认", "the service has no plans"));
        }
        self.check_appid(appid)?;
        if let Some(known) = self.plans.get(number) {
            return if known.request == plan.request {
                Ok(Answer::Document(known.document(&self.merchant.mchid)))
            } else {
                Err(SandboxRefusal::reentry())
            };
        }
        let plan_id = self.rng.digits("01", 32);
        self.plan_ids.insert(plan_id.clone(), number.to_owned());
        self.new_numbers.push((Kind::Plan, number.to_owned()));
        let plan = self.plans.add(number.to_owned(), Plan { plan_id, ..plan });
        Ok(Answer::Document(plan.document(&self.merchant.mchid)))
    }

    pub(super) fn query_plan(&self, call: &Call) -> SandboxOutcome {
        let plan = self.plans.get(call.parameter("merchant_plan_no")).ok_or_else(unknown)?;
        Ok(Answer::Document(plan.document(&self.merchant.mchid)))
    }

    pub(super) fn stop_plan(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let plan = self.plans.get_mut(call.parameter("merchant_plan_no")).ok_or_else(unknown)?;
        if plan.state == PlanState::Normal {
            plan.state = PlanState::Stop;
            plan.stopped = Some(now);
        }
        Ok(Answer::Document(plan.document(&self.merchant.mchid)))
    }
}

#[cfg(test)]
pub(in crate::sandbox) mod tests {
    use super::super::tests::*;
    use super::*;
    use crate::model::EndpointId;

    /// The creation of a plan of `prices.len()` charges, 9900 fen each before discounts.
    pub(crate) fn creation(number: &str, prices: &[i64]) -> Value {
        let detail = |(i, price): (usize, &i64)| json!({ "plan_detail_name": format!("第{}课", i + 1), "original_price": 9900, "actual_price": price });
        json!({
            "service_id": SERVICE, "appid": APPID, "merchant_plan_no": number, "plan_name": "陶艺体验课4次",
            "plan_duration": 120, "deduction_quantity": prices.len(),
            "total_original_price": 9900 * prices.len(), "total_actual_price": prices.iter().sum::<i64>(),
            "plan_detail_list": prices.iter().enumerate().map(detail).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn a_plan_is_created_queried_and_stopped_for_good() {
        let mut world = world();
        let body = creation("PLN-1", &[9900, 8800, 7700, 0]);
        let plan = call(&mut world, EndpointId::PlanCreate, "", body.clone(), at(0)).unwrap();
        assert_eq!(plan["plan_state"], "NORMAL");
        assert_eq!(plan["plan_detail_list"][3]["plan_detail_no"], 4);
        assert_eq!(world.take_new_numbers(), [(Kind::Plan, "PLN-1".to_owned())]);
        let again = call(&mut world, EndpointId::PlanCreate, "", body, at(9)).unwrap();
        assert_eq!(again, plan, "a replay is the same plan");
        let other = call(&mut world, EndpointId::PlanCreate, "", creation("PLN-1", &[1]), at(9));
        assert_eq!(code(&other), "INVALID_REQUEST");

        let stopped = call(&mut world, EndpointId::PlanStop, "PLN-1", Value::Null, at(10)).unwrap();
        assert_eq!((&stopped["plan_state"], &stopped["stop_mchid"]), (&json!("STOP"), &json!(MCHID)));
        let twice = call(&mut world, EndpointId::PlanStop, "PLN-1", json!({}), at(99)).unwrap();
        assert_eq!(twice, stopped);
        assert_eq!(call(&mut world, EndpointId::PlanQuery, "PLN-1", Value::Null, at(99)).unwrap(), stopped);
        for endpoint in [EndpointId::PlanQuery, EndpointId::PlanStop] {
            assert_eq!(code(&call(&mut world, endpoint, "PLN-2", Value::Null, at(99))), "RESOURCE_NOT_EXISTS");
        }
    }

    #[test]
    fn a_plan_that_does_not_add_up_is_refused() {
        let with = |name: &str, value: Value| {
            let mut body = creation("PLN-1", &[9900, 8800]);
            body[name] = value;
            body
        };
        let cases = [
            (creation("PLN-1", &[8800, 9900]), "PARAM_ERROR", "/plan_detail_list/1/actual_price"),
            (creation("PLN-1", &[9901]), "PARAM_ERROR", "/plan_detail_list/0/actual_price"),
            (with("deduction_quantity", json!(3)), "PARAM_ERROR", "/deduction_quantity"),
            (with("total_original_price", json!(1)), "PARAM_ERROR", "/total_original_price"),
            (with("total_actual_price", json!(1)), "PARAM_ERROR", "/total_actual_price"),
            (with("plan_duration", json!(MOST_PLAN_DAYS + 1)), "PARAM_ERROR", "/plan_duration"),
            (with("plan_name", json!("名".repeat(21))), "PARAM_ERROR", "/plan_name"),
            (with("merchant_plan_no", json!("课 1")), "PARAM_ERROR", "/merchant_plan_no"),
            (with("service_id", json!("1")), "NO_AUTH", ""),
            (with("appid", json!("wx0")), "INVALID_REQUEST", ""),
        ];
        for (body, expected, field) in cases {
            let refusal = call(&mut world(), EndpointId::PlanCreate, "", body, at(0)).unwrap_err().body(false);
            assert_eq!(refusal["code"], expected);
            assert_eq!(refusal["detail"]["field"].as_str().unwrap_or(""), field);
        }
    }
}
