//! The reads of the coupon endpoints that do not return a single object: lists, where a stock can be used, where uses
//! are reported (coupons reference §3.6, §3.9–3.11, §3.15). Also a user's permission, which is queried by user.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ApiError, Client, Misconfigured, Reply};
use crate::model::time::{Timestamp, rfc3339};
use crate::model::{
    CouponStatus, Document, DocumentError, EndpointId, Kind, Number, Object, ObjectId, StockStatus, permission_of,
};

/// Which stocks are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StockFilter {
    pub status: Option<StockStatus>,
    /// Created at this time or later, and at this time or earlier.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// The merchant's role in a query for a user's coupons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CouponsBy {
    /// It created their stocks.
    #[default]
    Creator,
    /// It sent them.
    Sender,
    /// They can be used at the merchant now: neither used nor expired. No other filter applies to this list.
    Available,
}

/// Which of a user's coupons are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CouponFilter {
    pub by: CouponsBy,
    pub stock: Option<Number>,
    pub status: Option<CouponStatus>,
}

/// A query about a stock: where it can be used, or for which items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usable {
    Merchants,
    Items,
}

/// A page of a list, and the total number of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct CouponPage<T> {
    pub rows: Vec<T>,
    pub total: u64,
}

/// `data` may be absent if there are no rows, and the count may be text (coupons reference §0).
#[derive(Deserialize)]
struct Listing<'a> {
    #[serde(default)]
    total_count: Value,
    #[serde(default, borrow)]
    data: Option<Vec<&'a RawValue>>,
}

impl CouponsBy {
    pub const ALL: [Self; 3] = [Self::Creator, Self::Sender, Self::Available];

    /// Its name on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Sender => "sender",
            Self::Available => "available",
        }
    }

    const fn parameter(self) -> &'static str {
        match self {
            Self::Creator => "creator_mchid",
            Self::Sender => "sender_mchid",
            Self::Available => "available_mchid",
        }
    }
}

impl Usable {
    const fn endpoint(self) -> EndpointId {
        match self {
            Self::Merchants => EndpointId::StockMerchants,
            Self::Items => EndpointId::StockItems,
        }
    }

    /// The largest page.
    const fn limit(self) -> &'static str {
        match self {
            Self::Merchants => "50",
            Self::Items => "100",
        }
    }
}

impl Client {
    /// One page of the merchant's stocks (at most ten); pages are counted from 0.
    pub async fn list_stocks(&self, filter: &StockFilter, page: u32) -> Result<CouponPage<Object>, ApiError> {
        let page = page.to_string();
        let [since, until] = [filter.since, filter.until].map(|at| at.map(rfc3339));
        let mut query =
            vec![("offset", page.as_str()), ("limit", "10"), ("stock_creator_mchid", self.mchid().as_str())];
        query.extend(since.as_deref().map(|since| ("create_start_time", since)));
        query.extend(until.as_deref().map(|until| ("create_end_time", until)));
        query.extend(filter.status.as_ref().map(|status| ("status", status.code())));
        let endpoint = EndpointId::StockList;
        let reply = self.call(endpoint, &endpoint.endpoint().target(&[], &query), "").await?;
        read_page(&reply, |row| Object::parse(Kind::Stock, row))
    }

    /// One page of a user's coupons; pages are counted from 0. Expired ones are never among them.
    pub async fn list_coupons(
        &self,
        openid: &Number,
        filter: &CouponFilter,
        page: u32,
    ) -> Result<CouponPage<Object>, ApiError> {
        let appid = self.merchant().appid.as_ref().ok_or(crate::model::MissingSetting("appid"));
        let appid = appid.map_err(Misconfigured::from)?.as_str();
        let page = page.to_string();
        let mut query = vec![("appid", appid), (filter.by.parameter(), self.mchid().as_str())];
        if filter.by != CouponsBy::Available {
            query.extend(filter.stock.as_ref().map(|stock| ("stock_id", stock.as_str())));
            query.extend(filter.status.as_ref().map(|status| ("status", status.code())));
            query.extend([("offset", page.as_str()), ("limit", "20")]);
        }
        let endpoint = EndpointId::CouponList;
        let target = endpoint.endpoint().target(&[("openid", openid.as_str())], &query);
        let reply = self.call(endpoint, &target, "").await?;
        read_page(&reply, |row| {
            let field = Kind::Coupon.number_field();
            let coupon_id = Document::member(row, field).ok_or(DocumentError::Missing(field))?;
            let id = ObjectId::of_coupon(&coupon_id, openid.as_str());
            Object::parse_as(&id.map_err(|source| DocumentError::Number { field, source })?, row)
        })
    }

    /// One page of the merchants where a stock's coupons can be used, or of the items; pages are counted from 0.
    pub async fn list_usable(&self, stock: &Number, what: Usable, page: u32) -> Result<CouponPage<String>, ApiError> {
        let page = page.to_string();
        let mchid = self.mchid().as_str();
        let query = [("offset", page.as_str()), ("limit", what.limit()), ("stock_creator_mchid", mchid)];
        let target = what.endpoint().endpoint().target(&[("stock_id", stock.as_str())], &query);
        let reply = self.call(what.endpoint(), &target, "").await?;
        read_page(&reply, |row| match serde_json::from_str(row)? {
            Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        })
    }

    /// The address to which WeChat Pay reports uses of coupons; `None` if it was never set.
    pub async fn callback(&self) -> Result<Option<String>, ApiError> {
        let endpoint = EndpointId::CallbackQuery;
        let target = endpoint.endpoint().target(&[], &[("mchid", self.mchid().as_str())]);
        match self.call(endpoint, &target, "").await {
            Ok(reply) => {
                let url = Document::member(&reply.body, "notify_url").ok_or(DocumentError::Missing("notify_url"));
                url.map(Some).map_err(|source| unreadable(&reply, source))
            }
            Err(ApiError::Refused(refusal))
                if refusal.status == 404
                    && refusal.code == "RESOURCE_NOT_EXISTS"
                    && !refusal.is_about_certificates() =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Queries a permission by its user. Its id is the code in the answer, if there is one.
    pub async fn fetch_by_openid(&self, openid: &Number) -> Result<(Object, Reply), ApiError> {
        let (endpoint, target) = permission_of(openid.as_str(), self.merchant()).map_err(Misconfigured::from)?;
        let reply = self.call(endpoint, &target, "").await?;
        let object = Object::parse(Kind::Permission, &reply.body).map_err(|source| unreadable(&reply, source))?;
        self.check_whose(object.entity.user() == Some(openid.as_str()), &object, &reply)?;
        Ok((object, reply))
    }
}

fn unreadable(reply: &Reply, source: DocumentError) -> ApiError {
    ApiError::Unreadable { source, request_id: reply.request_id.clone() }
}

fn read_page<T>(reply: &Reply, row: impl Fn(&str) -> Result<T, DocumentError>) -> Result<CouponPage<T>, ApiError> {
    let read = || {
        let list: Listing<'_> = serde_json::from_str(&reply.body)?;
        let total = Document::new(&serde_json::json!({ "n": list.total_count })).int("n").unwrap_or_default();
        let rows = list.data.iter().flatten().map(|text| row(text.get())).collect::<Result<_, _>>()?;
        Ok(CouponPage { rows, total: u64::try_from(total).unwrap_or_default() })
    };
    read().map_err(|source| unreadable(reply, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Proof;

    fn page(body: &str) -> Result<CouponPage<Object>, ApiError> {
        let reply =
            Reply { status: 200, body: body.to_owned(), request_id: Some("08F7-0".into()), proof: Proof::Itself };
        read_page(&reply, |row| Object::parse(Kind::Stock, row))
    }

    #[test]
    fn a_page_may_lack_its_rows_and_count_in_text() {
        let empty = page(r#"{"total_count":"200","limit":"10"}"#).unwrap();
        assert_eq!((empty.rows.len(), empty.total), (0, 200));
        assert_eq!(page(r#"{"data":null}"#).unwrap().total, 0);
        let one = page(r#"{"total_count":1,"data":[{"stock_id":"1","status":"stopped","new":[1]}]}"#).unwrap();
        assert_eq!(one.rows[0].entity.state().meaning, Some("state-stock-stopped"));
        assert!(one.rows[0].raw.contains("\"new\":[1]"), "what is not known is kept");
    }

    #[test]
    fn a_page_that_cannot_be_read_is_named_with_its_request() {
        for body in ["<html>", r#"{"data":[{"status":"running"}]}"#, r#"{"data":{"stock_id":"1"}}"#] {
            let error = page(body).unwrap_err();
            assert!(matches!(&error, ApiError::Unreadable { request_id: Some(id), .. } if id == "08F7-0"), "{error}");
        }
    }
}
