//! What is made: plans, sign plans, service orders, permissions, transactions, stocks and coupons. Their fields with
//! the documented rules, what follows from what was filled in, and what the preview tells.

use serde_json::{Map, Value, json};

use super::field::{Field, FieldKind, ON_ACCEPT, flag, money_in, rows};
use super::{ActionId, Fact, FieldError, PrepareError, Problem, Values, body};
use crate::model::time::{Duration, Timestamp, compact, parse_compact, parse_typed, rfc3339};
use crate::model::{
    Currency, DetailState, Document, Entity, Kind, Merchant, MissingSetting, Money, Number, Object, ObjectId, Plan,
    Region, SignPlan,
};

const fn text(max: usize) -> FieldKind {
    FieldKind::Text { max }
}

const APPID: Field = Field::needed("appid", "detail-appid", text(32), "/appid");
const SERVICE: Field = Field::needed("service-id", "detail-service-id", text(32), "/service_id");
const OPENID: Field = Field::needed("openid", "field-openid", text(128), "/openid");
const NOTIFY: Field = Field::needed("notify-url", "detail-notify-url", FieldKind::Url { max: 255 }, "/notify_url");
const ID: FieldKind = FieldKind::Id { min: 1, max: 32 };

/// Plans (PayScore reference §2.2).
pub(super) const PLAN: &[Field] = &[
    Field::needed("number", "field-plan-number", ID, "/merchant_plan_no"),
    Field::needed("name", "column-plan-name", text(20), "/plan_name"),
    Field::needed("days", "field-plan-days", FieldKind::Whole { min: 1, max: 3650 }, "/plan_duration"),
    Field::needed(
        "details",
        "field-plan-details",
        FieldKind::Rows {
            columns: &[
                Field::needed("name", "column-name", text(20), "plan_detail_name"),
                Field::needed("original", "detail-original-price", FieldKind::Money, "original_price"),
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
pub(super) const SIGN_PLAN: &[Field] = &[
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
pub(super) const DETAIL_ORDER: &[Field] = &[
    Field::needed("detail", "field-detail", FieldKind::Whole { min: 1, max: 1000 }, "/plan_detail_no"),
    Field::optional("introduction", "column-service", text(20), "/service_introduction"),
    Field::needed("start", "field-start", FieldKind::Start, "/time_range/start_time"),
    Field::optional("end", "field-end", FieldKind::LaterCompactTime, "/time_range/end_time"),
    Field::optional("attach", "column-attach", text(256), "/attach"),
    Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
    APPID,
];

/// `risk_fund.name` (PayScore reference §4.2).
const RISK_FUNDS: &[&str] = &["ESTIMATE_ORDER_COST", "DEPOSIT", "ADVANCE", "CASH_DEPOSIT"];
const LINES: &[Field] = &[
    Field::needed("name", "column-name", text(20), "name"),
    Field::optional("amount", "column-amount", FieldKind::Money, "amount"),
    Field::optional("description", "detail-description", text(30), "description"),
    Field::optional("count", "detail-count", FieldKind::Whole { min: 1, max: 100 }, "count"),
];

/// Service orders (PayScore reference §4.3).
pub(super) const ORDER: &[Field] = &[
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
pub(super) const PERMISSION: &[Field] = &[
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
const CURRENCIES: [&str; 30] = [
    "CNY", "HKD", "GBP", "USD", "JPY", "CAD", "AUD", "EUR", "NZD", "KRW", "THB", "SGD", "RUB", "CHF", "SEK", "DKK",
    "NOK", "AED", "TRY", "MOP", "TWD", "CZK", "MYR", "PHP", "IDR", "MNT", "QAR", "HUF", "KHR", "ISK",
];

/// Orders (transactions reference §2.1, Global reference §1).
pub(super) const JSAPI: &[Field] = transaction!(Field { at: "/payer/openid", ..OPENID });
pub(super) const NATIVE: &[Field] = transaction!();
pub(super) const APP: &[Field] = transaction!();
pub(super) const H5: &[Field] = transaction!(
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
pub(super) const STOCK: &[Field] = &[
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
        "detail-max-coupons",
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
const COUPON_TRADES: &[&str] = &["MICROAPP", "APPPAY", "PPAY", "CARD", "FACE", "OTHER"];

/// Coupons, sent of a stock (coupons reference §3.3).
pub(super) const COUPON: &[Field] = &[
    Field { at: "", ..OPENID },
    Field::needed("number", "field-request-number", FieldKind::Id { min: 1, max: 64 }, "/out_request_no"),
    APPID,
];

/// Where coupon events go (coupons reference §3.14).
pub(super) const CALLBACK: &[Field] = &[
    Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
    Field::needed("switch", "field-callback-switch", FieldKind::Flag, "/switch"),
];

/// What the form starts with, of what no object says.
pub(super) fn defaults(action: ActionId, merchant: &Merchant, now: Timestamp) -> Values {
    let mut values = Values::new();
    let setting = |setting: Option<&str>| setting.unwrap_or_default().to_owned();
    // Two people, or two commands, may ask within one second.
    let moment = format!("{}{:03}", compact(now), now.millisecond());
    let fresh = |prefix: &str| format!("{prefix}{moment}");
    for field in action.action().fields_in(merchant.region) {
        let value = match (field.name, action) {
            ("appid", _) => setting(merchant.appid.as_ref().map(crate::model::AppId::as_str)),
            ("service-id", _) => setting(merchant.service_id.as_ref().map(crate::model::ServiceId::as_str)),
            ("notify-url", _) => setting(merchant.notify_url.as_deref()),
            ("number", ActionId::PlanCreate) => fresh("PLN"),
            ("number", ActionId::PlanSell) => fresh("SGN"),
            ("number", ActionId::OrderCreate) => fresh("SO"),
            ("number", ActionId::PermissionCreate) => fresh("AUTH"),
            ("number", ActionId::StockCreate | ActionId::StockSend) => format!("{}{moment}", merchant.mchid),
            ("number", ActionId::TransactionJsapi | ActionId::TransactionNative) => fresh("PAY"),
            ("number", ActionId::TransactionApp | ActionId::TransactionH5) => fresh("PAY"),
            ("start", _) => ON_ACCEPT.to_owned(),
            ("confirm" | "natural-person" | "no-cash", _) => "false".to_owned(),
            ("prevent-abuse" | "switch", _) => "true".to_owned(),
            ("risk-fund", _) => RISK_FUNDS[0].to_owned(),
            ("h5-type", _) => "Wap".to_owned(),
            ("per-user", _) => "1".to_owned(),
            ("merchants", _) => merchant.mchid.as_str().to_owned(),
            _ => continue,
        };
        values.insert(field.name, value);
    }
    values
}

/// The same, of what the object says that it is made of.
pub(super) fn defaults_of(action: ActionId, object: &Object, values: &mut Values) {
    if let (ActionId::SignPlanOrder, Entity::SignPlan(sign_plan)) = (action, &*object.entity) {
        let next = next_detail(sign_plan).map(|place| (place + 1).to_string());
        values.insert("detail", next.unwrap_or_default());
        let name: String = sign_plan.plan_name.as_deref().unwrap_or_default().chars().take(20).collect();
        values.insert("introduction", name);
    }
}

/// The detail whose turn it is: the first that was not used, if everything before it has ended (PayScore reference
/// §3.6).
pub(super) fn next_detail(sign_plan: &SignPlan) -> Option<usize> {
    let ended = |state: &DetailState| matches!(state, DetailState::Used | DetailState::Cancelled);
    let place = sign_plan.details.iter().position(|detail| !ended(&detail.state))?;
    (sign_plan.details[place].state == DetailState::NotUsed).then_some(place)
}

/// The rules between fields, of what has been filled in so far.
pub(super) fn rules(
    action: ActionId,
    object: Option<&Object>,
    values: &Values,
    region: Region,
    now: Timestamp,
) -> Vec<FieldError> {
    let given = Given { values, now };
    let mut errors = Vec::new();
    let mut rule = |field: &'static str, id: &'static str, value: String| {
        errors.push(FieldError { field, problem: Problem::Rule { id, value } });
    };
    match action {
        ActionId::PlanCreate => plan_rules(&given, &mut errors),
        ActionId::SignPlanOrder => {
            let next = object.and_then(|object| match &*object.entity {
                Entity::SignPlan(sign_plan) => next_detail(sign_plan),
                _ => None,
            });
            if let (Some(next), Some(asked)) = (next, given.whole("detail"))
                && i64::try_from(next + 1) != Ok(asked)
            {
                rule("detail", "problem-detail-order", (next + 1).to_string());
            }
        }
        ActionId::OrderCreate => order_rules(&given, &mut errors),
        ActionId::TransactionJsapi
        | ActionId::TransactionNative
        | ActionId::TransactionApp
        | ActionId::TransactionH5 => {
            if given.money("amount").is_some_and(|amount| amount.minor == 0) {
                errors.push(FieldError { field: "amount", problem: Problem::Zero });
            }
            let code = given.text("currency");
            if !code.is_empty() && !CURRENCIES.contains(&code) {
                let problem = Problem::Rule { id: "problem-currency", value: CURRENCIES.join(", ") };
                errors.push(FieldError { field: "currency", problem });
            }
            let category = given.text("category");
            if !category.is_empty() && (category.len() != 4 || !category.bytes().all(|b| b.is_ascii_digit())) {
                let problem = Problem::Rule { id: "problem-category", value: String::new() };
                errors.push(FieldError { field: "category", problem });
            }
            let longest = if action == ActionId::TransactionNative { 7 } else { 15 };
            match given.time("expires") {
                // How late an order may expire is not said of WeChat Pay Global.
                Some(at) if at >= now + Duration::MINUTE && region == Region::Global => {}
                Some(at) if at < now + Duration::MINUTE => {
                    errors.push(FieldError { field: "expires", problem: Problem::Past });
                }
                Some(at) if at > now + Duration::days(longest) => {
                    errors.push(FieldError {
                        field: "expires",
                        problem: Problem::Rule { id: "problem-expires-late", value: longest.to_string() },
                    });
                }
                _ => {}
            }
        }
        ActionId::StockCreate => stock_rules(&given, &mut errors),
        _ => {}
    }
    errors
}

/// What was filled in, read by type. What does not read is told by its own rule.
struct Given<'a> {
    values: &'a Values,
    now: Timestamp,
}

impl<'a> Given<'a> {
    fn text(&self, name: &str) -> &'a str {
        self.values.get(name).map_or("", |text| text.trim())
    }

    fn currency(&self) -> Currency {
        currency(self.values)
    }

    fn money(&self, name: &str) -> Option<Money> {
        money_in(self.text(name), self.currency()).ok()
    }

    fn whole(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        parse_typed(self.text(name))
    }

    fn flag(&self, name: &str) -> Option<bool> {
        flag(self.text(name))
    }

    fn rows(&self, name: &str) -> Vec<Vec<&'a str>> {
        self.values.get(name).map(|text| rows(text)).unwrap_or_default()
    }

    /// The amounts of a column.
    fn amounts(&self, name: &str, column: usize) -> Vec<Option<Money>> {
        let amount = |cells: &Vec<&str>| money_in(cells.get(column)?, self.currency()).ok();
        self.rows(name).iter().map(amount).collect()
    }
}

/// The currency that amounts are in: what the form says, else yuan.
pub(super) fn currency(values: &Values) -> Currency {
    values.get("currency").and_then(|code| Currency::parse(code)).unwrap_or(Currency::CNY)
}

/// The same on an object: what its own amount is in goes before what a form says.
pub(super) fn currency_of(object: Option<&Object>, values: &Values) -> Currency {
    let own = object.and_then(|object| object.entity.amount()).map(|amount| amount.currency);
    own.unwrap_or_else(|| currency(values))
}

fn in_row(row: usize, column: Option<&'static str>, id: &'static str, value: String) -> Problem {
    Problem::Row { row, column, problem: Box::new(Problem::Rule { id, value }) }
}

fn plan_rules(given: &Given<'_>, errors: &mut Vec<FieldError>) {
    let (originals, actuals) = (given.amounts("details", 1), given.amounts("details", 2));
    for (i, (original, actual)) in originals.iter().zip(&actuals).enumerate() {
        let Some(actual) = actual else { continue };
        if let Some(original) = original.filter(|original| actual.minor > original.minor) {
            let problem = in_row(i + 1, Some("column-price"), "problem-above-original", original.to_string());
            errors.push(FieldError { field: "details", problem });
        }
        // Prices of the details never rise (PayScore reference §2.2, rule 4).
        let before = i.checked_sub(1).and_then(|before| actuals[before]);
        if let Some(before) = before.filter(|before| actual.minor > before.minor) {
            let problem = in_row(i + 1, Some("column-price"), "problem-price-rises", before.to_string());
            errors.push(FieldError { field: "details", problem });
        }
    }
}

fn order_rules(given: &Given<'_>, errors: &mut Vec<FieldError>) {
    let mut rule = |field: &'static str, problem: Problem| errors.push(FieldError { field, problem });
    let plain = |id: &'static str| Problem::Rule { id, value: String::new() };
    match given.flag("confirm") {
        Some(false) if given.text("openid").is_empty() => rule("openid", plain("problem-openid-needed")),
        Some(true) if !given.text("openid").is_empty() => rule("openid", plain("problem-openid-unwanted")),
        _ => {}
    }
    // A service without confirmation can only be used first and paid later (PayScore reference §4.2).
    if given.flag("confirm") == Some(false) && !matches!(given.text("risk-fund"), "" | "ESTIMATE_ORDER_COST") {
        rule("risk-fund", plain("problem-risk-fund-estimate"));
    }
    if given.money("risk-amount").is_some_and(|amount| amount.minor == 0) {
        rule("risk-amount", Problem::Zero);
    }
    let (start, end) = (parse_compact(given.text("start")), parse_compact(given.text("end")));
    if let Some(end) = end {
        if start
            .is_some_and(|start| end <= start && given.text("start").len() == given.text("end").len() && end != start)
            || start.is_some_and(|start| end < start)
        {
            rule("end", plain("problem-end-before-start"));
        } else if given.text("end").len() == 14 && end < given.now + Duration::MINUTE {
            rule("end", Problem::Past);
        }
    }
    if !given.text("end-remark").is_empty() && given.text("end").is_empty() {
        rule("end-remark", plain("problem-remark-alone"));
    }
    if !given.text("end-location").is_empty() && given.text("start-location").is_empty() {
        rule("end-location", plain("problem-location-alone"));
    }
    for (field, both) in [("payments", false), ("discounts", true)] {
        let rows = given.rows(field);
        for (i, cells) in rows.iter().enumerate() {
            let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
            let told = |id| in_row(i + 1, None, id, String::new());
            if both && cell(2).is_empty() {
                rule(field, told("problem-discount-described"));
            } else if !both && cell(1).is_empty() && cell(2).is_empty() {
                rule(field, told("problem-line-empty"));
            }
            // 商品信息 is the one name that may stand twice.
            let same = rows[..i].iter().any(|before| before.first() == cells.first());
            if same && cell(0) != "商品信息" {
                rule(field, told("problem-name-twice"));
            }
        }
    }
}

/// Bounds of a stock in fen (coupons reference §3.1).
const FACE: (i64, i64) = (10, 100_000);
const MOST_MINIMUM: i64 = 10_000_000;
const MOST_BUDGET: i64 = 10_000_000_000;

fn stock_rules(given: &Given<'_>, errors: &mut Vec<FieldError>) {
    let mut rule = |field: &'static str, id: &'static str, value: String| {
        errors.push(FieldError { field, problem: Problem::Rule { id, value } });
    };
    let name = given.text("name");
    let chinese = name.chars().filter(|c| !c.is_ascii()).count();
    if name.contains(['_', ',', ';', '|', '，', '；']) {
        rule("name", "problem-stock-name-marks", String::new());
    } else if chinese > 0 && name.chars().count() > 9 {
        rule("name", "problem-stock-name-long", String::new());
    }
    let (begins, ends) = (given.time("begins"), given.time("ends"));
    if let Some(begins) = begins {
        if begins < given.now {
            rule("begins", "problem-begins-past", String::new());
        } else if begins > given.now + Duration::days(365) {
            rule("begins", "problem-begins-late", String::new());
        }
        if let Some(ends) = ends {
            if ends <= begins {
                rule("ends", "problem-ends-before", String::new());
            } else if ends > begins + Duration::days(90) {
                rule("ends", "problem-ends-late", String::new());
            }
        }
    }
    let face = given.money("face");
    if let Some(face) = face.filter(|face| !(FACE.0..=FACE.1).contains(&face.minor)) {
        rule("face", "problem-face-range", face.to_string());
    }
    if let Some(minimum) = given.money("minimum") {
        if minimum.minor > MOST_MINIMUM {
            rule("minimum", "problem-minimum-range", Money::cny(MOST_MINIMUM).to_string());
        } else if let Some(face) = face.filter(|face| minimum.minor <= face.minor) {
            rule("minimum", "problem-minimum-face", face.to_string());
        }
    }
    if let Some(budget) = stock_budget(given) {
        if budget.minor > MOST_BUDGET {
            rule("coupons", "problem-budget-range", budget.to_string());
        }
        match given.money("by-day") {
            Some(by_day) if by_day.minor > budget.minor => rule("by-day", "problem-by-day", budget.to_string()),
            Some(Money { minor: 0, .. }) => rule("by-day", "problem-zero", String::new()),
            _ => {}
        }
    }
    if let (Some(each), Some(all)) = (given.whole("per-user"), given.whole("coupons"))
        && each > all
    {
        rule("per-user", "problem-per-user", all.to_string());
    }
    for trade in given.text("trade-types").split([',', '，']).map(str::trim).filter(|trade| !trade.is_empty()) {
        if !COUPON_TRADES.contains(&trade) {
            rule("trade-types", "problem-coupon-trades", COUPON_TRADES.join(", "));
            break;
        }
    }
    if given.text("jump") == "MINI_PROGRAM" {
        for field in ["jump-appid", "jump-path"] {
            if given.text(field).is_empty() {
                rule(field, "problem-jump-alone", String::new());
            }
        }
    }
    // What belongs to the pattern stands there only with a description (coupons reference §3.1).
    let pattern = ["merchant-name", "logo", "image", "color", "jump", "jump-appid", "jump-path"];
    if given.text("description").is_empty() && pattern.iter().any(|field| !given.text(field).is_empty()) {
        rule("description", "problem-pattern-described", String::new());
    }
}

fn stock_budget(given: &Given<'_>) -> Option<Money> {
    let (face, coupons) = (given.money("face")?, given.whole("coupons")?);
    Some(Money { minor: face.minor.checked_mul(coupons)?, ..face })
}

/// What the values come to, while they are typed and in the preview.
pub(super) fn sums(action: ActionId, values: &Values) -> Vec<Fact> {
    let given = Given { values, now: Timestamp::UNIX_EPOCH };
    let total = |amounts: Vec<Option<Money>>| {
        let minor = amounts.iter().flatten().fold(0i64, |sum, amount| sum.saturating_add(amount.minor));
        Money { minor, currency: given.currency() }
    };
    let fact = |label, value: String| Fact { label, value };
    match action {
        ActionId::PlanCreate => {
            let (original, actual) = (total(given.amounts("details", 1)), total(given.amounts("details", 2)));
            vec![
                fact("column-deductions", given.rows("details").len().to_string()),
                fact("detail-original-price", original.to_string()),
                fact("column-price", actual.to_string()),
            ]
        }
        ActionId::OrderCreate => {
            let (payments, discounts) = (total(given.amounts("payments", 1)), total(given.amounts("discounts", 1)));
            let rest = Money { minor: payments.minor.saturating_sub(discounts.minor), ..payments };
            vec![fact("fact-lines-total", rest.to_string())]
        }
        ActionId::StockCreate => {
            let budget = stock_budget(&given).map(|budget| budget.to_string()).unwrap_or_default();
            vec![fact("column-budget", budget)]
        }
        _ => Vec::new(),
    }
}

/// What is made of the values, beside the body that the fields declare.
pub(super) struct Made {
    pub(super) id: ObjectId,
    pub(super) amount: Option<Money>,
    pub(super) facts: Vec<Fact>,
}

/// Completes the body of a creation, and says what it makes. The values were checked.
pub(super) fn complete(
    action: ActionId,
    object: Option<&Object>,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
    map: &mut Map<String, Value>,
) -> Result<Made, PrepareError> {
    let given = Given { values, now };
    let number = |text: &str, kind: Kind| {
        let parsed = Number::parse(text);
        parsed
            .map(|number| ObjectId::new(kind, number))
            .map_err(|_| PrepareError::Fields(vec![FieldError { field: "number", problem: Problem::Required }]))
    };
    let mchid = merchant.mchid.as_str();
    let mut facts = sums(action, values);
    let mut amount = None;
    let id = match (action, object.map(|object| &*object.entity)) {
        (ActionId::PlanCreate, _) => {
            let total = |column| {
                let amounts = given.amounts("details", column);
                amounts.iter().flatten().fold(0i64, |sum, amount| sum.saturating_add(amount.minor))
            };
            let (original, actual) = (total(1), total(2));
            map.insert("deduction_quantity".into(), given.rows("details").len().into());
            map.insert("total_original_price".into(), original.into());
            map.insert("total_actual_price".into(), actual.into());
            amount = Some(Money::cny(actual));
            number(given.text("number"), Kind::Plan)?
        }
        (ActionId::PlanSell, Some(Entity::Plan(plan))) => {
            let plan_id = plan.plan_id.as_deref().ok_or(PrepareError::Illegal(super::Illegal("illegal-plan-no-id")))?;
            let service_id = plan.service_id.as_deref().or(merchant.service_id.as_ref().map(|id| id.as_str()));
            let service_id = service_id.ok_or(PrepareError::Setting(MissingSetting("service_id")))?;
            map.insert("service_id".into(), service_id.into());
            map.insert("plan_id".into(), plan_id.into());
            let own = given.text("number");
            number_details(plan, own, &given, map)?;
            amount = plan.total_actual_price;
            number(own, Kind::SignPlan)?
        }
        (ActionId::SignPlanOrder, Some(Entity::SignPlan(sign_plan))) => {
            let place =
                next_detail(sign_plan).ok_or(PrepareError::Illegal(super::Illegal("illegal-detail-blocked")))?;
            let detail = &sign_plan.details[place];
            let own = detail.order_number.as_deref().unwrap_or_default();
            for (name, value) in [
                ("service_id", sign_plan.service_id.as_deref()),
                ("sign_plan_id", sign_plan.sign_plan_id.as_deref()),
                ("openid", sign_plan.openid.as_deref()),
                ("out_trade_no", Some(own)),
            ] {
                map.insert(name.into(), value.unwrap_or_default().into());
            }
            amount = detail.actual_price;
            number(own, Kind::ServiceOrder)?
        }
        (ActionId::OrderCreate, _) => {
            amount = given.money("risk-amount");
            number(given.text("number"), Kind::ServiceOrder)?
        }
        (ActionId::PermissionCreate, _) => number(given.text("number"), Kind::Permission)?,
        (
            ActionId::TransactionJsapi
            | ActionId::TransactionNative
            | ActionId::TransactionApp
            | ActionId::TransactionH5,
            _,
        ) => {
            match merchant.region {
                Region::Mainland => drop(map.insert("mchid".into(), mchid.into())),
                Region::Global => of_global_merchant(action, merchant, map),
            }
            body::place(map, "/amount/currency", given.currency().code().into());
            amount = given.money("amount");
            number(given.text("number"), Kind::Transaction)?
        }
        (ActionId::StockCreate, _) => {
            map.insert("belong_merchant".into(), mchid.into());
            map.insert("stock_type".into(), "NORMAL".into());
            amount = stock_budget(&given);
            body::place(map, "/stock_use_rule/max_amount", amount.map_or(0, |budget| budget.minor).into());
            if let (Some(begins), Some(ends)) = (given.time("begins"), given.time("ends")) {
                facts
                    .push(Fact {
                        label: "fact-stock-runs", value: format!("{} → {}", rfc3339(begins), rfc3339(ends))
                    });
            }
            // Until it is made it is known by the number of the request.
            number(given.text("number"), Kind::Stock)?
        }
        (ActionId::StockSend, Some(Entity::Stock(stock))) => {
            let creator = stock.creator_mchid.as_deref().unwrap_or(mchid);
            map.insert("stock_creator_mchid".into(), creator.into());
            if let Some(stock) = object {
                map.insert("stock_id".into(), stock.id.number.as_str().into());
            }
            amount = stock.coupon_amount;
            if let (Some(sent), Some(most)) = (stock.distributed_coupons, stock.max_coupons) {
                facts.push(Fact { label: "fact-coupons-sent", value: format!("{sent} / {most}") });
            }
            // Likewise.
            number(given.text("number"), Kind::Coupon)?
        }
        (ActionId::StockCallback, _) => {
            map.insert("mchid".into(), mchid.into());
            number(&format!("callback@{mchid}"), Kind::Stock)?
        }
        _ => return Err(PrepareError::Illegal(super::Illegal("illegal-kind"))),
    };
    Ok(Made { id, amount, facts })
}

/// Says whose an order abroad is, and how it is to be paid: an institution's members have names of their own (Global
/// reference §0).
fn of_global_merchant(action: ActionId, merchant: &Merchant, map: &mut Map<String, Value>) {
    for (name, id) in merchant.global_ids() {
        map.insert(name.into(), id.into());
    }
    if merchant.sub_mchid.is_some() {
        let rename = |members: &mut Map<String, Value>, from: &str, to: &str| {
            if let Some(value) = members.remove(from) {
                members.insert(to.to_owned(), value);
            }
        };
        rename(map, "appid", "sp_appid");
        if let Some(Value::Object(payer)) = map.get_mut("payer") {
            rename(payer, "openid", "sp_openid");
        }
    }
    let word = match action {
        ActionId::TransactionJsapi => "JSAPI",
        ActionId::TransactionApp => "APP",
        ActionId::TransactionH5 => "MWEB",
        _ => "NATIVE",
    };
    map.insert("trade_type".into(), word.into());
}

/// The longest number of an order (PayScore reference §0).
const ORDER_NUMBER: usize = 32;

/// The numbers of a sign plan's details, which become those of their orders: those that were given, each detail once,
/// or the sign plan's own with the detail behind it.
fn number_details(plan: &Plan, own: &str, given: &Given<'_>, map: &mut Map<String, Value>) -> Result<(), PrepareError> {
    let refuse = |field, id, value: String| {
        Err(PrepareError::Fields(vec![FieldError { field, problem: Problem::Rule { id, value } }]))
    };
    let rows = given.rows("details");
    if !rows.is_empty() {
        let mut details: Vec<usize> = rows.iter().filter_map(|cells| cells.first()?.parse().ok()).collect();
        details.sort_unstable();
        let numbers: std::collections::HashSet<_> = rows.iter().filter_map(|cells| cells.get(1)).collect();
        if details != (1..=plan.details.len()).collect::<Vec<_>>() || numbers.len() != rows.len() {
            return refuse("details", "problem-details-once", plan.details.len().to_string());
        }
        return Ok(());
    }
    let numbers: Vec<String> = (1..=plan.details.len()).map(|n| format!("{own}-{n:02}")).collect();
    if let Some(long) = numbers.iter().map(String::len).max().filter(|longest| *longest > ORDER_NUMBER) {
        return refuse("number", "problem-detail-numbers-long", (own.len() + ORDER_NUMBER - long).to_string());
    }
    let detail = |(i, number): (usize, String)| json!({"plan_detail_no": i + 1, "merchant_plan_detail_no": number});
    map.insert("sign_plan_detail".into(), numbers.into_iter().enumerate().map(detail).collect());
    Ok(())
}

/// What a body says of members that the action works out itself, where that differs from what it comes to.
pub fn derived_differ(given: &Value, built: &str, derived: &[&'static str]) -> Vec<FieldError> {
    let built: Value = serde_json::from_str(built).unwrap_or_default();
    let differs = |pointer: &&'static str| {
        let at = format!("/{pointer}");
        given.pointer(&at).is_some_and(|given| built.pointer(&at) != Some(given))
    };
    let told = |field: &'static str| {
        let value = built.pointer(&format!("/{field}")).map(Value::to_string).unwrap_or_default();
        FieldError { field, problem: Problem::Rule { id: "problem-derived", value } }
    };
    derived.iter().copied().filter(|pointer| differs(&pointer)).map(told).collect()
}

/// What a reply to a creation says was made: its id, and its document where the reply holds one.
pub fn made(action: ActionId, operation: &ObjectId, target: &str, reply: &str) -> (ObjectId, Option<Object>) {
    let value: Value = serde_json::from_str(reply).unwrap_or_default();
    let doc = Document::new(&value);
    let found = match action {
        ActionId::StockCreate => {
            let id = doc.text("stock_id").and_then(|id| Number::parse(&id).ok());
            return (id.map_or_else(|| operation.clone(), |id| ObjectId::new(Kind::Stock, id)), None);
        }
        ActionId::StockSend => {
            let endpoint = action.action().endpoint.endpoint();
            let openid = endpoint.parameters_leniently(target).and_then(|found| found.into_iter().next());
            let id = doc.text("coupon_id").zip(openid).and_then(|(id, openid)| ObjectId::of_coupon(&id, &openid).ok());
            return (id.unwrap_or_else(|| operation.clone()), None);
        }
        ActionId::PlanSell => value.get("sign_plan").map(Value::to_string),
        _ => Some(reply.to_owned()),
    };
    // A refund abroad is accepted without a word about its state: that is no document of it yet (Global reference §6).
    let whole = |object: &Object| object.id.kind != Kind::Refund || !object.entity.state().code.is_empty();
    let object = found
        .and_then(|raw| Object::parse(operation.kind, &raw).ok())
        .filter(|object| object.id == *operation && whole(object));
    (operation.clone(), object)
}
