//! How an object is queried: each kind by the number it is known under.

use super::{AppId, Document, EndpointId, Entity, MchId, ObjectId, Region, ServiceId};

/// The merchant's settings in a profile that requests carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub mchid: MchId,
    pub appid: Option<AppId>,
    /// PayScore's service id.
    pub service_id: Option<ServiceId>,
    pub region: Region,
    /// The merchant for whom a Global institution acts.
    pub sub_mchid: Option<MchId>,
    /// The default address for WeChat Pay's notifications.
    pub notify_url: Option<String>,
}

impl Merchant {
    /// A mainland merchant of which only the number is known.
    pub fn new(mchid: MchId) -> Self {
        let region = Region::Mainland;
        Self { mchid, appid: None, service_id: None, region, sub_mchid: None, notify_url: None }
    }

    pub(super) fn appid(&self) -> Result<&str, MissingSetting> {
        self.appid.as_ref().map(AppId::as_str).ok_or(MissingSetting("appid"))
    }

    pub(super) fn service_id(&self) -> Result<&str, MissingSetting> {
        self.service_id.as_ref().map(ServiceId::as_str).ok_or(MissingSetting("service_id"))
    }

    /// The same with the appid: the institution's, or the merchant's.
    pub fn global_ids_with_app(&self) -> Result<Vec<(&'static str, &str)>, MissingSetting> {
        let appid = self.appid()?;
        let mut ids = self.global_ids();
        ids.push((if self.sub_mchid.is_some() { "sp_appid" } else { "appid" }, appid));
        Ok(ids)
    }

    /// The merchant that a document names, if it is another than this one.
    pub fn foreign_merchant(&self, raw: &str) -> Option<String> {
        let ours = match self.region {
            // A merchant that acts for others is named `sp_mchid`.
            Region::Mainland => vec![("mchid", self.mchid.as_str()), ("sp_mchid", self.mchid.as_str())],
            Region::Global => self.global_ids(),
        };
        let named = |name: &str| Document::member(raw, name).map(|value| (name.to_owned(), value));
        let known: &[&str] = match self.region {
            Region::Mainland => &["mchid", "sp_mchid"],
            // The members of the other mode are another merchant's, too.
            Region::Global => &["mchid", "sp_mchid", "sub_mchid"],
        };
        let mut values = known.iter().filter_map(|name| named(name));
        values.find(|(name, value)| !ours.contains(&(name.as_str(), value.as_str()))).map(|(_, value)| value)
    }

    /// The members by which a Global request names its merchant: an institution acts for one of its merchants (Global
    /// reference §0).
    pub(crate) fn global_ids(&self) -> Vec<(&'static str, &str)> {
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

/// Why an object cannot be queried.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unaskable {
    #[error(transparent)]
    Setting(#[from] MissingSetting),
    /// It exists only in the other region.
    #[error("not available in the region {}", .0.name())]
    Region(Region),
}

/// The endpoint and request target that query an object. Its known values (a service order's own appid and service id)
/// take precedence over the profile's settings.
pub fn query_of(id: &ObjectId, merchant: &Merchant, known: Option<&Entity>) -> Result<(EndpointId, String), Unaskable> {
    let asking = Asking { id, merchant, known };
    match merchant.region {
        Region::Mainland => Ok(id.kind.query(&asking)?),
        region if id.kind.is_in(region) => Ok(asking.by_number(&merchant.global_ids())),
        region => Err(Unaskable::Region(region)),
    }
}

/// What the query of an object depends on.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    pub id: &'a ObjectId,
    pub merchant: &'a Merchant,
    pub known: Option<&'a Entity>,
}

impl Asking<'_> {
    /// The query by the number of the object.
    pub(super) fn by_number(&self, query: &[(&str, &str)]) -> (EndpointId, String) {
        let row = self.id.kind.row();
        let endpoint = row.query.on(self.merchant.region);
        (endpoint, endpoint.endpoint().target(&[(row.number_field, self.id.number.as_str())], query))
    }
}

/// The query of a user's permission by their openid.
pub fn permission_of(openid: &str, merchant: &Merchant) -> Result<(EndpointId, String), MissingSetting> {
    let endpoint = EndpointId::PermissionByOpenid;
    let query = [("service_id", merchant.service_id()?), ("appid", merchant.appid()?)];
    Ok((endpoint, endpoint.endpoint().target(&[("openid", openid)], &query)))
}

/// The appid and service id an order was created with: all calls for one order must carry the same.
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
