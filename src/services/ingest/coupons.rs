//! Complete lists from the coupon endpoints, which answer in pages.

use std::collections::HashSet;

use crate::api::{ApiError, Client, CouponFilter, CouponPage, CouponsBy, StockFilter, Usable};
use crate::model::{Number, Object};

/// Pages that are asked for at the most: a wrong count must not loop.
const MOST_PAGES: u32 = 1000;

/// The merchant's stocks that pass a filter.
pub async fn list_stocks(client: &Client, filter: &StockFilter) -> Result<Vec<Object>, ApiError> {
    let mut stocks: Vec<Object> = Vec::new();
    // A stock that is made meanwhile moves the others on to the next page.
    let mut seen = HashSet::new();
    for page in 0..MOST_PAGES {
        let CouponPage { rows, total } = client.list_stocks(filter, page).await?;
        let ended = rows.is_empty();
        stocks.extend(rows.into_iter().filter(|stock| seen.insert(stock.id.clone())));
        if ended || stocks.len() as u64 >= total {
            break;
        }
    }
    Ok(stocks)
}

/// A user's coupons that pass a filter.
pub async fn list_coupons(client: &Client, openid: &Number, filter: &CouponFilter) -> Result<Vec<Object>, ApiError> {
    let mut coupons: Vec<Object> = Vec::new();
    let mut seen = HashSet::new();
    for page in 0..MOST_PAGES {
        let CouponPage { rows, total } = client.list_coupons(openid, filter, page).await?;
        let ended = rows.is_empty() || filter.by == CouponsBy::Available;
        coupons.extend(rows.into_iter().filter(|coupon| seen.insert(coupon.id.clone())));
        if ended || coupons.len() as u64 >= total {
            break;
        }
    }
    Ok(coupons)
}

/// All merchants where a stock's coupons can be used, or all items they can be used for. No items at all mean that
/// they are for whole orders.
pub async fn list_usable(client: &Client, stock: &Number, what: Usable) -> Result<Vec<String>, ApiError> {
    let mut found: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for page in 0..MOST_PAGES {
        let CouponPage { rows, total } = client.list_usable(stock, what, page).await?;
        let ended = rows.is_empty();
        found.extend(rows.into_iter().filter(|row| seen.insert(row.clone())));
        if ended || found.len() as u64 >= total {
            break;
        }
    }
    Ok(found)
}
