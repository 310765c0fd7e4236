//! The fields of what is made, each with its own rule and its place in the body.

use crate::model::Region;
use crate::model::action::field::{Field, FieldKind};

const fn text(max: usize) -> FieldKind {
    FieldKind::Text { max }
}

const APPID: Field = Field::needed("appid", "detail-appid", text(32), "/appid");
const SERVICE: Field = Field::needed("service-id", "detail-service-id", text(32), "/service_id");
const OPENID: Field = Field::needed("openid", "field-openid", text(128), "/openid");
const NOTIFY: Field = Field::needed("notify-url", "detail-notify-url", FieldKind::Url { max: 255 }, "/notify_url");
const ID: FieldKind = FieldKind::Id { min: 1, max: 32 };

/// Plans (PayScore reference §2.2).
pub(in crate::model::action) const PLAN: &[Field] = &[
    Field::needed("number", "field-plan-number", ID, "/merchant_plan_no"),
    Field::needed("name", "column-plan-name", text(20), "/plan_name"),
    Field::needed("days", "field-plan-days", FieldKind::Whole { min: 1, max: 3650 }, "/plan_duration"),
    Field::needed(
        "details",
        "field-plan-details",
        FieldKind::Rows {
            columns: &[
                Field::needed("name", "column-name", text(20), "plan_detail_name"),
                Field::needed("original", "column-original-price", FieldKind::Money, "original_price"),
                Field::needed("actual", "column-price", FieldKind::Money, "actual_price"),
                Field::optional("discount", "detail-discount", text(20), "plan_discount_description"),
            ],
            most: 100,
        },
        "/plan_detail_list",
    ),
    SERVICE,
    APPID,
];

/// Sign plans, made of a plan (PayScore reference §3.2).
pub(in crate::model::action) const SIGN_PLAN: &[Field] = &[
    Field::needed("number", "field-sign-plan-number", ID, "/merchant_sign_plan_no"),
    OPENID,
    Field::optional(
        "details",
        "field-detail-numbers",
        FieldKind::Rows {
            columns: &[
                Field::needed("detail", "detail-step", FieldKind::Whole { min: 1, max: 1000 }, "plan_detail_no"),
                Field::needed("number", "field-order-number", ID, "merchant_plan_detail_no"),
            ],
            most: 1000,
        },
        "/sign_plan_detail",
    ),
    Field { kind: FieldKind::Url { max: 1024 }, ..NOTIFY },
    APPID,
];

/// Service orders made of a sign plan's detail (PayScore reference §3.6).
pub(in crate::model::action) const DETAIL_ORDER: &[Field] = &[
    Field::needed("detail", "field-detail", FieldKind::Whole { min: 1, max: 1000 }, "/plan_detail_no"),
    Field::optional("introduction", "column-service", text(20), "/service_introduction"),
    Field::needed("start", "field-start", FieldKind::Start, "/time_range/start_time"),
    Field::optional("end", "field-end", FieldKind::LaterCompactTime, "/time_range/end_time"),
    Field::optional("attach", "column-attach", text(256), "/attach"),
    Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
    APPID,
];

/// `risk_fund.name` (PayScore reference §4.2).
pub(super) const RISK_FUNDS: &[&str] = &["ESTIMATE_ORDER_COST", "DEPOSIT", "ADVANCE", "CASH_DEPOSIT"];
const LINES: &[Field] = &[
    Field::needed("name", "column-name", text(20), "name"),
    Field::optional("amount", "column-amount", FieldKind::Money, "amount"),
    Field::optional("description", "detail-description", text(30), "description"),
    Field::optional("count", "detail-count", FieldKind::Whole { min: 1, max: 100 }, "count"),
];

/// Service orders (PayScore reference §4.3).
pub(in crate::model::action) const ORDER: &[Field] = &[
    Field::needed("number", "field-order-number", ID, "/out_order_no"),
    Field::needed("introduction", "column-service", text(20), "/service_introduction"),
    Field::needed("confirm", "field-need-confirm", FieldKind::Flag, "/need_user_confirm"),
    Field { required: false, ..OPENID },
    Field::needed("start", "field-start", FieldKind::Start, "/time_range/start_time"),
    Field::optional("start-remark", "field-start-remark", text(20), "/time_range/start_time_remark"),
    Field::optional("end", "field-end", FieldKind::LaterCompactTime, "/time_range/end_time"),
    Field::optional("end-remark", "field-end-remark", text(20), "/time_range/end_time_remark"),
    Field::optional("payments", "field-payments", FieldKind::Rows { columns: LINES, most: 100 }, "/post_payments"),
    Field::optional("discounts", "field-discounts", FieldKind::Rows { columns: LINES, most: 30 }, "/post_discounts"),
    Field::needed("risk-fund", "field-risk-fund-name", FieldKind::Choice(RISK_FUNDS), "/risk_fund/name"),
    Field::needed("risk-amount", "detail-risk-fund", FieldKind::Money, "/risk_fund/amount"),
    Field::optional("risk-description", "field-risk-description", text(30), "/risk_fund/description"),
    Field::optional("start-location", "field-start-location", text(50), "/location/start_location"),
    Field::optional("end-location", "field-end-location", text(50), "/location/end_location"),
    Field::optional("attach", "column-attach", text(256), "/attach"),
    NOTIFY,
    SERVICE,
    APPID,
];

/// Permissions (PayScore reference §5).
pub(in crate::model::action) const PERMISSION: &[Field] = &[
    Field::needed("number", "column-authorization-code", ID, "/authorization_code"),
    Field { required: false, ..NOTIFY },
    SERVICE,
    APPID,
];

const fn here(field: Field) -> Field {
    field.only(Region::Mainland)
}

const fn abroad(field: Field) -> Field {
    field.only(Region::Global)
}

const PROFIT_SHARING: Field =
    Field::optional("profit-sharing", "field-profit-sharing", FieldKind::Flag, "/settle_info/profit_sharing");

macro_rules! transaction {
    ($($own:expr),*) => {
        &[
            Field::needed("number", "column-trade-number", FieldKind::Id { min: 6, max: 32 }, "/out_trade_no"),
            Field::needed("description", "field-goods", text(127), "/description"),
            abroad(Field::needed("currency", "field-currency", text(3), "/amount/currency")),
            Field::needed("amount", "column-amount", FieldKind::Money, "/amount/total"),
            abroad(Field::needed("category", "field-category", text(16), "/merchant_category_code")),
            $($own,)*
            Field::optional("expires", "field-expires", FieldKind::Time, "/time_expire"),
            here(Field::optional("attach", "column-attach", text(128), "/attach")),
            abroad(Field::optional("attach", "column-attach", text(127), "/attach")),
            Field::optional("goods-tag", "field-goods-tag", text(32), "/goods_tag"),
            here(PROFIT_SHARING),
            here(Field::optional("fapiao", "field-fapiao", FieldKind::Flag, "/support_fapiao")),
            abroad(Field::optional("limit-pay", "field-limit-pay", FieldKind::Choice(NO_CREDIT), "/limit_pay")),
            NOTIFY,
            APPID,
        ]
    };
}
const NO_CREDIT: &[&str] = &["no_credit"];

/// The currencies in which an order may be placed (Global reference §0).
pub(super) const CURRENCIES: [&str; 30] = [
    "CNY", "HKD", "GBP", "USD", "JPY", "CAD", "AUD", "EUR", "NZD", "KRW", "THB", "SGD", "RUB", "CHF", "SEK", "DKK",
    "NOK", "AED", "TRY", "MOP", "TWD", "CZK", "MYR", "PHP", "IDR", "MNT", "QAR", "HUF", "KHR", "ISK",
];

/// Orders (transactions reference §2.1, Global reference §1).
pub(in crate::model::action) const JSAPI: &[Field] = transaction!(Field { at: "/payer/openid", ..OPENID });
pub(in crate::model::action) const NATIVE: &[Field] = transaction!();
pub(in crate::model::action) const APP: &[Field] = transaction!();
pub(in crate::model::action) const H5: &[Field] = transaction!(
    Field::needed("client-ip", "field-client-ip", text(45), "/scene_info/payer_client_ip"),
    here(Field::needed(
        "h5-type",
        "field-h5-type",
        FieldKind::Choice(&["Wap", "iOS", "Android"]),
        "/scene_info/h5_info/type"
    )),
    abroad(Field::needed("store-id", "field-store-id", text(32), "/scene_info/store_info/id")),
    abroad(Field::optional("store-name", "field-store-name", text(256), "/scene_info/store_info/name")),
    abroad(Field::optional("store-address", "field-store-address", text(512), "/scene_info/store_info/address"))
);

/// Coupon stocks (coupons reference §3.1).
pub(in crate::model::action) const STOCK: &[Field] = &[
    Field::needed("number", "field-request-number", FieldKind::Id { min: 1, max: 64 }, "/out_request_no"),
    Field::needed("name", "field-stock-name", text(20), "/stock_name"),
    Field::needed("begins", "detail-begins", FieldKind::Time, "/available_begin_time"),
    Field::needed("ends", "column-ends", FieldKind::Time, "/available_end_time"),
    Field::needed("face", "column-face-value", FieldKind::Money, "/coupon_use_rule/fixed_normal_coupon/coupon_amount"),
    Field::needed(
        "minimum",
        "detail-minimum",
        FieldKind::Money,
        "/coupon_use_rule/fixed_normal_coupon/transaction_minimum",
    ),
    Field::needed(
        "coupons",
        "field-max-coupons",
        FieldKind::Whole { min: 5, max: 10_000_000 },
        "/stock_use_rule/max_coupons",
    ),
    Field::needed(
        "per-user",
        "detail-per-user",
        FieldKind::Whole { min: 1, max: 60 },
        "/stock_use_rule/max_coupons_per_user",
    ),
    Field::optional("by-day", "detail-budget-by-day", FieldKind::Money, "/stock_use_rule/max_amount_by_day"),
    Field::needed("no-cash", "field-no-cash", FieldKind::Flag, "/no_cash"),
    Field::needed("natural-person", "field-natural-person", FieldKind::Flag, "/stock_use_rule/natural_person_limit"),
    Field::needed("prevent-abuse", "field-prevent-abuse", FieldKind::Flag, "/stock_use_rule/prevent_api_abuse"),
    Field::needed(
        "merchants",
        "field-merchants",
        FieldKind::Words { most: 50, max: 20 },
        "/coupon_use_rule/available_merchants",
    ),
    Field::optional(
        "items",
        "field-items",
        FieldKind::Words { most: 50, max: 128 },
        "/coupon_use_rule/available_items",
    ),
    Field::optional(
        "goods-tags",
        "field-goods-tag",
        FieldKind::Words { most: 50, max: 128 },
        "/coupon_use_rule/goods_tag",
    ),
    Field::optional(
        "trade-types",
        "column-trade-type",
        FieldKind::Words { most: 6, max: 16 },
        "/coupon_use_rule/trade_type",
    ),
    Field::optional("combine", "field-combine", FieldKind::Flag, "/coupon_use_rule/combine_use"),
    Field::optional(
        "limit-pay",
        "field-limit-pay",
        FieldKind::Words { most: 1, max: 32 },
        "/coupon_use_rule/limit_pay",
    ),
    Field::optional("description", "detail-description", text(1000), "/pattern_info/description"),
    Field::optional("merchant-name", "field-merchant-name", text(36), "/pattern_info/merchant_name"),
    Field::optional("logo", "field-logo", text(128), "/pattern_info/merchant_logo"),
    Field::optional("image", "field-image", text(128), "/pattern_info/coupon_image"),
    Field::optional("color", "field-color", FieldKind::Choice(COLORS), "/pattern_info/background_color"),
    Field::optional("jump", "field-jump", FieldKind::Choice(JUMPS), "/pattern_info/jump_target"),
    Field::optional("jump-appid", "field-jump-appid", text(32), "/pattern_info/mini_program_appid"),
    Field::optional("jump-path", "field-jump-path", text(256), "/pattern_info/mini_program_path"),
    Field::optional("comment", "field-comment", text(60), "/comment"),
];
const COLORS: &[&str] = &[
    "COLOR010", "COLOR020", "COLOR030", "COLOR040", "COLOR050", "COLOR060", "COLOR070", "COLOR080", "COLOR081",
    "COLOR082", "COLOR090", "COLOR100", "COLOR101", "COLOR102",
];
const JUMPS: &[&str] = &["DEFAULT_PAGE", "PAYMENT_CODE", "MINI_PROGRAM"];
/// `trade_type` of a coupon (coupons reference §1).
pub(super) const COUPON_TRADES: &[&str] = &["MICROAPP", "APPPAY", "PPAY", "CARD", "FACE", "OTHER"];

/// Coupons, sent of a stock (coupons reference §3.3).
pub(in crate::model::action) const COUPON: &[Field] = &[
    Field { at: "", ..OPENID },
    Field::needed("number", "field-request-number", FieldKind::Id { min: 1, max: 64 }, "/out_request_no"),
    APPID,
];

/// Where coupon events go (coupons reference §3.14).
pub(in crate::model::action) const CALLBACK: &[Field] = &[
    Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
    Field::needed("switch", "field-callback-switch", FieldKind::Flag, "/switch"),
];
