//! Ends an order without a charge: cancelled (O5), paid elsewhere (O6), or never confirmed (PayScore reference §4.7, §4.8).

use super::super::{Call, World};
use super::{Named, Paid, Payment, Step, unknown};
use crate::model::time::{Timestamp, parse_compact};
use crate::sandbox::answer::{Answer, SandboxOutcome};

const CANCELLED: &[&str] = &["appid", "mchid", "out_order_no", "service_id", "order_id"];

impl World {
    pub(in super::super) fn cancel_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let named = Named::read(&fields)?;
        fields.text("reason", 1..=50)?;
        let order = self.orders.get_mut(call.parameter("out_order_no")).ok_or_else(unknown)?;
        named.check(order)?;
        match order.step {
            Step::Created | Step::Running | Step::Charging => order.check_in_flight(now)?,
            Step::Revoked if order.replays.cancel.as_ref() == Some(&call.content()) => {
                return Ok(Answer::Document(order.subset(&self.merchant.mchid, CANCELLED)));
            }
            Step::Expired => return Err(order.step.refusal().tail(271_316_592)),
            other => return Err(other.refusal()),
        }
        order.step = Step::Revoked;
        order.since = now;
        order.replays.cancel = Some(call.content());
        let answer = order.subset(&self.merchant.mchid, CANCELLED);
        if let Some(origin) = order.origin.clone() {
            self.detail_cancelled(&origin.sign_plan, origin.place, now);
        }
        Ok(Answer::Document(answer))
    }

    pub(in super::super) fn sync_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let named = Named::read(&fields)?;
        fields.one_of("type", &["Order_Paid"])?;
        let detail = fields.object("detail")?;
        let at = parse_compact(detail.text("paid_time", 8..=14)?)
            .ok_or_else(|| detail.wrong("paid_time", "时间格式错误", "not yyyyMMddHHmmss or yyyyMMdd"))?;
        let order = self.orders.get_mut(call.parameter("out_order_no")).ok_or_else(unknown)?;
        named.check(order)?;
        match (order.step, order.total) {
            (Step::Charging, Some(amount)) => {
                order.check_in_flight(now)?;
                order.paid = Some(Paid { how: Payment::Merchant, amount, at });
                order.step = Step::Done;
                order.since = now;
                order.replays.sync = Some(call.content());
            }
            (Step::Done, _) if order.replays.sync.as_ref() == Some(&call.content()) => {
                return Ok(Answer::Document(order.document(&self.merchant.mchid)));
            }
            (other, _) => return Err(other.refusal()),
        }
        let answer = order.document(&self.merchant.mchid);
        let number = order.number.clone();
        self.settle_detail_if_done(&number, now);
        Ok(Answer::Document(answer))
    }

    pub(in super::super) fn expire_order(&mut self, number: &str) {
        if let Some(order) = self.orders.get_mut(number)
            && order.step == Step::Created
        {
            order.step = Step::Expired;
        }
    }
}
