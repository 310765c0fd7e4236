//! The start values of an action's form.

use super::{Action, ActionContext, Field, FieldKind, Values};
use crate::model::time::{Timestamp, compact};
use crate::model::{AppId, Merchant, ServiceId};

/// The start values of an action's form on an object: each field, empty if nothing is known.
pub(super) fn defaults(action: &Action, context: &ActionContext<'_>) -> Values {
    let mut values = fresh(action, context);
    for field in action.fields_in(context.merchant.region) {
        let entry = values.entry(field.name).or_default();
        if let Some(value) = shared_default(field, context.now) {
            *entry = value;
        }
    }
    values
}

/// The merchant's settings and what the action adds to them.
pub(super) fn fresh(action: &Action, context: &ActionContext<'_>) -> Values {
    let mut values = settings(action, context.merchant);
    values.extend((action.defaults)(context));
    values
}

/// The start value of a field for any object.
pub(super) fn shared_default(field: &Field, now: Timestamp) -> Option<String> {
    (field.kind == FieldKind::CompactTime).then(|| compact(now))
}

/// Start values by field name: the merchant's settings, and the usual choices.
pub(super) fn settings(action: &Action, merchant: &Merchant) -> Values {
    let setting = |setting: Option<&str>| Some(setting.unwrap_or_default().to_owned());
    let default = |field: &Field| match field.name {
        "appid" => setting(merchant.appid.as_ref().map(AppId::as_str)),
        "service-id" => setting(merchant.service_id.as_ref().map(ServiceId::as_str)),
        "notify-url" => setting(merchant.notify_url.as_deref()),
        "merchants" => Some(merchant.mchid.as_str().to_owned()),
        _ => (!field.usual.is_empty()).then(|| field.usual.to_owned()),
    };
    let fields = action.fields_in(merchant.region);
    fields.filter_map(|field| Some((field.name, default(field)?))).collect()
}

/// A new number with a prefix, precise to the nanosecond. Two commands, on one machine or on two, often need one within
/// the same millisecond; WeChat Pay takes the second request under a number for a repetition of the first.
pub(super) fn fresh_number(prefix: &str, now: Timestamp) -> Values {
    Values::from([("number", format!("{prefix}{}{:09}", compact(now), now.nanosecond()))])
}
