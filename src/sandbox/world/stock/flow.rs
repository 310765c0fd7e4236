//! The write-off and the refund detail of an ended stock, as files (核销明细, 退款明细; coupons reference §3.12, §3.13).

use serde_json::{Value, json};
use time::macros::format_description;

use super::super::files::FileLink;
use super::super::{Call, World};
use super::StockStatus;
use crate::model::time::{BEIJING, Duration, Timestamp};
use crate::model::{EndpointId, Money};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};

/// One use of a coupon, or one refund that gave some of it back.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) coupon: String,
    /// The amount taken off, or the part of it that was given back.
    pub(super) amount: i64,
    /// The amount of the order.
    pub(super) total: i64,
    pub(super) kind: &'static str,
    pub(super) transaction_id: String,
    pub(super) at: Timestamp,
    pub(super) goods: Vec<Value>,
    /// WeChat Pay's number of the refund.
    pub(super) refund: Option<String>,
}

/// The time of the day after at which the files are ready.
const READY_AT: Duration = Duration::hours(10);

const USE_HEADER: &str = "批次id,优惠id,优惠类型,优惠金额（元）,订单总金额（元）,交易类型,支付单号,消耗时间,消耗商户号,设备号,银行流水号,单品信息";
const REFUND_HEADER: &str = "批次id,优惠id,优惠类型,优惠金额（元）,订单总金额（元）,交易类型,支付单号,退款单号,退款时间,\
                             消耗商户号,设备号,银行流水号,单品信息";

impl Row {
    /// A line of either file. Device, bank serial and items come without the back-tick.
    fn line(&self, stock: &str, scope: &str, mchid: &str) -> String {
        let yuan = |fen: i64| Money::cny(fen).plain();
        let at = self.at.to_offset(BEIJING);
        let at = at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]")).unwrap_or_default();
        let mut cells = vec![
            stock.to_owned(),
            self.coupon.clone(),
            scope.to_owned(),
            yuan(self.amount),
            yuan(self.total),
            self.kind.to_owned(),
            self.transaction_id.clone(),
        ];
        cells.extend(self.refund.clone());
        cells.extend([at, mchid.to_owned()]);
        let cells: Vec<String> = cells.into_iter().map(|cell| format!("`{cell}")).collect();
        let goods = self
            .goods
            .iter()
            .filter_map(|goods| Some(format!("{}*{}", goods["goods_id"].as_str()?, goods["quantity"])));
        format!("{},,,{}\r\n", cells.join(","), goods.collect::<Vec<_>>().join("|"))
    }
}

impl World {
    pub(in super::super) fn stock_flow(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let stock = self.stocks.get(call.parameter("stock_id")).ok_or_else(super::unknown)?;
        let (header, rows) = match call.endpoint {
            EndpointId::StockRefundFlow => (REFUND_HEADER, &stock.refunded),
            _ => (USE_HEADER, &stock.used),
        };
        let over = stock.stopped.filter(|_| stock.status == StockStatus::Stoped);
        let midnight = over.map(|at| at.to_offset(BEIJING).date().midnight().assume_offset(BEIJING));
        let ready = midnight.is_some_and(|midnight| now >= midnight + Duration::DAY + READY_AT);
        if !ready || rows.is_empty() {
            return Err(SandboxRefusal::new(
                Code::ResourceNotExists,
                "账单文件不存在",
                "there is no such file, or not yet",
            ));
        }
        let scope = if stock.single_item() { "单品优惠" } else { "全场优惠" };
        let lines = rows.iter().map(|row| row.line(&stock.id, scope, &self.merchant.mchid));
        let file = format!("{header}\r\n{}", lines.collect::<String>());
        let FileLink { url, sha1 } = self.offer_file(file.into_bytes(), false, now)?;
        Ok(Answer::Document(json!({ "url": url, "hash_value": sha1, "hash_type": "SHA1" })))
    }
}
