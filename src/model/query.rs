//! How an object is asked for: each kind by the number it is known under.

use super::{AppId, EndpointId, Entity, Kind, MchId, ObjectId, ServiceId};

/// Whose objects they are: the settings of a profile that requests carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub mchid: MchId,
    pub appid: Option<AppId>,
    /// PayScore's service id.
    pub service_id: Option<ServiceId>,
}

/// A setting that a request needs and the profile lacks: its name in the configuration.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the profile has no {0}")]
pub struct MissingSetting(pub &'static str);

/// The endpoint and request target that query an object. What is known of it (a service order's own appid and
/// service id) goes before the profile's settings.
pub fn query_of(
    id: &ObjectId,
    merchant: &Merchant,
    known: Option<&Entity>,
) -> Result<(EndpointId, String), MissingSetting> {
    let number = id.number.as_str();
    let mchid = merchant.mchid.as_str();
    let at = |endpoint: EndpointId, query: &[(&str, &str)]| {
        (endpoint, endpoint.endpoint().target(&[(id.kind.number_field(), number)], query))
    };
    Ok(match id.kind {
        Kind::Plan => at(EndpointId::PlanQuery, &[]),
        Kind::SignPlan => at(EndpointId::SignPlanQuery, &[]),
        Kind::ServiceOrder => {
            let (appid, service_id) = order_owner(merchant, known)?;
            let query = [("service_id", service_id), ("out_order_no", number), ("appid", appid)];
            at(EndpointId::OrderQuery, &query)
        }
        Kind::Transaction => at(EndpointId::TransactionByNumber, &[("mchid", mchid)]),
        Kind::Refund => at(EndpointId::RefundQuery, &[]),
        Kind::Stock => {
            let creator = match known {
                Some(Entity::Stock(stock)) => stock.creator_mchid.as_deref(),
                _ => None,
            };
            at(EndpointId::StockQuery, &[("stock_creator_mchid", creator.unwrap_or(mchid))])
        }
    })
}

/// The appid and service id an order was created with: one order's calls must all carry the same.
pub(super) fn order_owner<'a>(
    merchant: &'a Merchant,
    known: Option<&'a Entity>,
) -> Result<(&'a str, &'a str), MissingSetting> {
    let order = match known {
        Some(Entity::ServiceOrder(order)) => Some(order),
        _ => None,
    };
    let appid = order.and_then(|o| o.appid.as_deref()).or(merchant.appid.as_ref().map(AppId::as_str));
    let service_id =
        order.and_then(|o| o.service_id.as_deref()).or(merchant.service_id.as_ref().map(ServiceId::as_str));
    Ok((appid.ok_or(MissingSetting("appid"))?, service_id.ok_or(MissingSetting("service_id"))?))
}
