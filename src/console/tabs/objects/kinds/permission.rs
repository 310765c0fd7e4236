//! Permissions: their columns and their overview.

use crate::console::tabs::objects::columns::{FRESH, NUMBER, ObjectColumn, STATE, TIME, TITLE, USER};
use crate::console::tabs::objects::overview::Items;
use crate::console::widgets::columns::Fit;
use crate::model::Permission;

pub(super) const COLUMNS: &[ObjectColumn] = &[
    ObjectColumn { header: "column-authorization-code", ..NUMBER },
    USER,
    STATE,
    // A service's id has 32 characters and is useless if it is cut.
    ObjectColumn { header: "column-service", min: 32, ideal: 32, fit: Fit::Whole, priority: 6, ..TITLE },
    ObjectColumn { header: "column-authorized", ..TIME },
    FRESH,
];

pub(super) fn overview(items: &mut Items, permission: &Permission) {
    items.text("column-authorization-code", permission.authorization_code.as_deref());
    items.text("column-user", permission.openid.as_deref());
    items.time("column-authorized", permission.success_time);
    items.time("detail-permission-cancelled", permission.cancel_time);
    items.text("detail-appid", permission.appid.as_deref());
    items.text("detail-service-id", permission.service_id.as_deref());
    items.text("detail-notify-url", permission.notify_url.as_deref());
}
