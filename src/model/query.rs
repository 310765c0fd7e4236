//! How an object is asked for: each kind by the number it is known under.

use super::{AppId, Document, EndpointId, Entity, Kind, MchId, ObjectId, Region, ServiceId};

/// Whose objects they are: the settings of a profile that requests carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub mchid: MchId,
    pub appid: Option<AppId>,
    /// PayScore's service id.
    pub service_id: Option<ServiceId>,
    pub region: Region,
    /// For whom a Global institution acts.
    pub sub_mchid: Option<MchId>,
    /// Where WeChat Pay is to send notifications, if a request says nothing else.
    pub notify_url: Option<String>,
}

impl Merchant {
    /// One on the mainland of whom nothing but the number is known.
    pub fn new(mchid: MchId) -> Self {
        let region = Region::Mainland;
        Self { mchid, appid: None, service_id: None, region, sub_mchid: None, notify_url: None }
    }

    /// The same where an appid belongs, too: that of the institution, or of the merchant.
    pub fn global_ids_with_app(&self) -> Result<Vec<(&'static str, &str)>, MissingSetting> {
        let appid = self.appid.as_ref().ok_or(MissingSetting("appid"))?.as_str();
        let mut ids = self.global_ids();
        ids.push((if self.sub_mchid.is_some() { "sp_appid" } else { "appid" }, appid));
        Ok(ids)
    }

    /// Whose a document is, if it says so and that is not this merchant.
    pub fn stranger(&self, raw: &str) -> Option<String> {
        let ours = match self.region {
            // Who acts for others says so by another name.
            Region::Mainland => vec![("mchid", self.mchid.as_str()), ("sp_mchid", self.mchid.as_str())],
            Region::Global => self.global_ids(),
        };
        let named = |name: &str| Document::member(raw, name).map(|value| (name.to_owned(), value));
        let known: &[&str] = match self.region {
            Region::Mainland => &["mchid", "sp_mchid"],
            // The members of the other mode are another merchant's, too.
            Region::Global => &["mchid", "sp_mchid", "sub_mchid"],
        };
        let mut said = known.iter().filter_map(|name| named(name));
        said.find(|(name, value)| !ours.contains(&(name.as_str(), value.as_str()))).map(|(_, value)| value)
    }

    /// The members by which a Global request says whose it is: an institution acts for one of its merchants (Global
    /// reference §0).
    pub fn global_ids(&self) -> Vec<(&'static str, &str)> {
        match &self.sub_mchid {
            Some(sub) => vec![("sp_mchid", self.mchid.as_str()), ("sub_mchid", sub.as_str())],
            None => vec![("mchid", self.mchid.as_str())],
        }
    }
}

/// A setting that a request needs and the profile lacks: its name in the configuration.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the profile has no {0}")]
pub struct MissingSetting(pub &'static str);

/// Why an object cannot be asked for.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unaskable {
    #[error(transparent)]
    Setting(#[from] MissingSetting),
    /// What exists only in the other region.
    #[error("there is no such thing in the region {}", .0.name())]
    Region(Region),
}

/// The endpoint and request target that query an object. What is known of it (a service order's own appid and
/// service id) goes before the profile's settings.
pub fn query_of(id: &ObjectId, merchant: &Merchant, known: Option<&Entity>) -> Result<(EndpointId, String), Unaskable> {
    let number = id.number.as_str();
    let mchid = merchant.mchid.as_str();
    let at = |endpoint: EndpointId, query: &[(&str, &str)]| {
        (endpoint, endpoint.endpoint().target(&[(id.kind.number_field(), number)], query))
    };
    if merchant.region == Region::Global {
        return match id.kind {
            Kind::Transaction => Ok(at(EndpointId::GlobalByNumber, &merchant.global_ids())),
            Kind::Refund => Ok(at(EndpointId::GlobalRefundByNumber, &merchant.global_ids())),
            _ => Err(Unaskable::Region(Region::Global)),
        };
    }
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
        Kind::Permission => {
            let service_id = merchant.service_id.as_ref().ok_or(MissingSetting("service_id"))?.as_str();
            let by_user = match known {
                Some(Entity::Permission(permission)) => permission.openid.as_deref() == Some(number),
                _ => false,
            };
            match by_user {
                true => permission_of(number, merchant)?,
                false => at(EndpointId::PermissionByCode, &[("service_id", service_id)]),
            }
        }
        Kind::Coupon => {
            let appid = merchant.appid.as_ref().ok_or(MissingSetting("appid"))?.as_str();
            let (coupon_id, openid) = id.coupon().unwrap_or((number, ""));
            let parameters = [("openid", openid), ("coupon_id", coupon_id)];
            (EndpointId::CouponQuery, EndpointId::CouponQuery.endpoint().target(&parameters, &[("appid", appid)]))
        }
        Kind::Stock => {
            let creator = match known {
                Some(Entity::Stock(stock)) => stock.creator_mchid.as_deref(),
                _ => None,
            };
            at(EndpointId::StockQuery, &[("stock_creator_mchid", creator.unwrap_or(mchid))])
        }
    })
}

/// The query of a user's permission by their openid.
pub fn permission_of(openid: &str, merchant: &Merchant) -> Result<(EndpointId, String), MissingSetting> {
    let service_id = merchant.service_id.as_ref().ok_or(MissingSetting("service_id"))?.as_str();
    let appid = merchant.appid.as_ref().ok_or(MissingSetting("appid"))?.as_str();
    let endpoint = EndpointId::PermissionByOpenid;
    let query = [("service_id", service_id), ("appid", appid)];
    Ok((endpoint, endpoint.endpoint().target(&[("openid", openid)], &query)))
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
