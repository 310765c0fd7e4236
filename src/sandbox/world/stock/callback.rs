//! The callback URL for uses of coupons (coupons reference §3.14, §3.15): one address of a merchant for all stocks.

use serde_json::json;

use super::super::{Call, World};
use super::foreign;
use crate::model::time::{Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};

#[derive(Debug)]
pub(in super::super) struct Callback {
    pub(super) url: String,
    /// If false, nothing is sent.
    pub(super) on: bool,
}

/// Only https is allowed; http also for this machine, where a developer's listener is.
fn is_allowed(url: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .into_iter()
        .any(|start| url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])));
    (local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())) && !url.contains('?')
}

impl World {
    pub(in super::super) fn set_callback(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        if !fields.has("mchid") {
            return Err(fields.wrong("mchid", "回调商户不能为空", "missing"));
        }
        let mchid = fields.text("mchid", 1..=20)?;
        if !fields.has("notify_url") {
            return Err(fields.wrong("notify_url", "回调url不能为空", "missing"));
        }
        let url = fields.text("notify_url", 1..=256)?;
        let on = fields.boolean_if_given("switch")?.unwrap_or(true);
        if !is_allowed(url) {
            return Err(fields.wrong("notify_url", "回调url不合法", "not an https URL without a query"));
        }
        if mchid != self.merchant.mchid {
            return Err(fields.wrong("mchid", "商户号不合法", "not the caller"));
        }
        self.callback = Some(Callback { url: url.to_owned(), on });
        Ok(Answer::Document(json!({ "update_time": rfc3339(now), "notify_url": url })))
    }

    pub(in super::super) fn query_callback(&self, call: &Call) -> SandboxOutcome {
        let mchid = call.query().text("mchid", 20)?;
        if mchid != self.merchant.mchid {
            return Err(foreign());
        }
        let callback = self
            .callback
            .as_ref()
            .ok_or_else(|| SandboxRefusal::new(Code::ResourceNotExists, "回调地址不存在", "no address was ever set"))?;
        Ok(Answer::Document(json!({ "mchid": mchid, "notify_url": callback.url })))
    }
}
