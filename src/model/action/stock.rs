//! Actions on stocks of cash coupons (coupons reference §3): create, start, pause and restart them, send coupons; and
//! set where their events go.

use serde_json::json;

use super::body::place;
use super::evidence::{is_made, same, shows};
use super::field::{APPID, NOTIFY, OPENID, text};
use super::form::fresh_number;
use super::{
    Action, ActionContext, ActionId, ActionRow, Behaviour, Evidence, Field, FieldError, FieldKind, FormValues, Illegal,
    PrepareError, PreviewLine, Problem, RequestParts, Risk, SameBy, ShownBy, Values,
};
use crate::model::time::{Duration, rfc3339};
use crate::model::{EndpointId, Entity, Kind, Merchant, Money, Number, ObjectId, Stock, StockStatus};

pub(super) const START: Action = Action {
    // A started stock stays started.
    sent_again: Some(true),
    ..ActionRow(ActionId::StockStart, Kind::Stock, "start", EndpointId::StockStart, Risk::MovesMoney).does(Behaviour {
        legal: |entity, _| is_in(entity, &StockStatus::Unactivated),
        request: |context, _| {
            let (stock, mut request) = about_stock(context)?;
            if stock.no_cash == Some(false) {
                // A prefunded stock freezes its whole budget when it starts (coupons reference §3.2).
                let frozen = stock.max_amount.map(|amount| amount.to_string()).unwrap_or_default();
                request.preview.push(PreviewLine::new("fact-budget-frozen", frozen));
            }
            Ok(request)
        },
        // Only a started stock can be paused.
        evidence: |_, found| shows_status(found, &[StockStatus::Running, StockStatus::Paused]),
        same_by: SameBy::Terms,
    })
};

pub(super) const PAUSE: Action = Action {
    reverse: Some(ActionId::StockRestart),
    sent_again: Some(true),
    ..ActionRow(ActionId::StockPause, Kind::Stock, "pause", EndpointId::StockPause, Risk::Reversible).does(Behaviour {
        legal: |entity, _| is_in(entity, &StockStatus::Running),
        request: |context, _| Ok(about_stock(context)?.1),
        evidence: |_, found| shows_status(found, &[StockStatus::Paused]),
        same_by: SameBy::Terms,
    })
};

pub(super) const RESTART: Action = Action {
    reverse: Some(ActionId::StockPause),
    sent_again: Some(true),
    ..ActionRow(ActionId::StockRestart, Kind::Stock, "restart", EndpointId::StockRestart, Risk::Reversible).does(
        Behaviour {
            legal: |entity, _| is_in(entity, &StockStatus::Paused),
            request: |context, _| Ok(about_stock(context)?.1),
            evidence: |_, found| shows_status(found, &[StockStatus::Running]),
            same_by: SameBy::Terms,
        },
    )
};

/// A coupon of a stock, for a user (coupons reference §3.3).
pub(super) const SEND: Action = Action {
    fields: &[
        Field { at: "", ..OPENID },
        Field::needed("number", "field-request-number", FieldKind::Id { min: 1, max: 64 }, "/out_request_no"),
        APPID,
    ],
    makes: Some(Kind::Coupon),
    derived: &["stock_id", "stock_creator_mchid"],
    number_in: Some("out_request_no"),
    shown_by: ShownBy::SentCoupon,
    names_object: &["stock_id"],
    made_verb: "send",
    defaults: request_number,
    made: |made| {
        made.numbered("coupon_id", |id| made.path_parameter().and_then(|openid| ObjectId::of_coupon(id, &openid).ok()))
    },
    ..ActionRow(ActionId::StockSend, Kind::Stock, "send", EndpointId::CouponSend, Risk::MovesMoney).does(Behaviour {
        legal: |entity, _| is_in(entity, &StockStatus::Running),
        request: send,
        evidence: |sent, found| {
            let Entity::Coupon(coupon) = found else { return Evidence::Silent };
            is_made(same(sent.text("out_request_no"), coupon.out_request_no.clone()))
        },
        same_by: SameBy::Receiver,
    })
};

/// Sets where coupon events go (coupons reference §3.14). The number that it makes only identifies the setting.
pub(super) const CALLBACK: Action = Action {
    fields: &[
        Field { kind: FieldKind::Url { max: 256 }, ..NOTIFY },
        Field::needed("switch", "field-callback-switch", FieldKind::Flag, "/switch").usually("true"),
    ],
    makes: Some(Kind::Stock),
    derived: &["mchid"],
    shown_by: ShownBy::Setting,
    ..ActionRow(ActionId::StockCallback, Kind::Stock, "callback", EndpointId::CallbackSet, Risk::Reversible).does(
        Behaviour {
            legal: |_, _| Err(Illegal::KIND),
            request: |context, given| {
                let mchid = context.merchant.mchid.as_str();
                let mut body = given.body();
                body.insert("mchid".into(), mchid.into());
                let number = Number::parse(&format!("callback@{mchid}"));
                let number = number.map_err(|_| PrepareError::field("number", Problem::Required))?;
                let makes = Some(ObjectId::new(Kind::Stock, number));
                Ok(RequestParts { body: body.into(), makes, ..RequestParts::default() })
            },
            // It is not an object.
            evidence: |_, _| Evidence::Silent,
            same_by: SameBy::Terms,
        },
    )
};

/// Coupon stocks (coupons reference §3.1).
pub(super) const CREATE: Action = Action {
    fields: FIELDS,
    makes: Some(Kind::Stock),
    derived: &["belong_merchant", "stock_type", "stock_use_rule/max_amount"],
    number_in: Some("out_request_no"),
    shown_by: ShownBy::NewStock,
    // The reference does not define a second request under one number.
    sent_again: Some(false),
    defaults: request_number,
    rules: |given, _, _| rules(given),
    sums,
    made: |made| made.numbered("stock_id", |id| Some(ObjectId::new(Kind::Stock, Number::parse(id).ok()?))),
    ..ActionRow(ActionId::StockCreate, Kind::Stock, "create", EndpointId::StockCreate, Risk::Irreversible).does(
        Behaviour {
            legal: |_, _| Err(Illegal::KIND),
            request: create,
            evidence: |sent, found| {
                let Entity::Stock(stock) = found else { return Evidence::Silent };
                let same_budget = same(sent.object("stock_use_rule").fen("max_amount"), stock.max_amount);
                is_made(same_budget && same(sent.text("stock_name"), stock.name.clone()))
            },
            same_by: SameBy::TermsUnderAnyNumber,
        },
    )
};

const FIELDS: &[Field] = &[
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
    )
    .usually("1"),
    Field::optional("by-day", "detail-budget-by-day", FieldKind::Money, "/stock_use_rule/max_amount_by_day"),
    Field::needed("no-cash", "field-no-cash", FieldKind::Flag, "/no_cash").usually("false"),
    Field::needed("natural-person", "field-natural-person", FieldKind::Flag, "/stock_use_rule/natural_person_limit")
        .usually("false"),
    Field::needed("prevent-abuse", "field-prevent-abuse", FieldKind::Flag, "/stock_use_rule/prevent_api_abuse")
        .usually("true"),
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

fn is_in(entity: &Entity, wanted: &StockStatus) -> Result<(), Illegal> {
    let Entity::Stock(stock) = entity else { return Err(Illegal::KIND) };
    match &stock.status {
        StockStatus::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
        status if status == wanted => Ok(()),
        StockStatus::Unactivated => Err(Illegal("illegal-stock-unactivated")),
        StockStatus::Audit => Err(Illegal("illegal-stock-audit")),
        StockStatus::Running => Err(Illegal("illegal-stock-running")),
        StockStatus::Paused => Err(Illegal("illegal-stock-paused")),
        StockStatus::Stopped => Err(Illegal("illegal-stock-stopped")),
    }
}

fn shows_status(found: &Entity, wanted: &[StockStatus]) -> Evidence {
    let Entity::Stock(stock) = found else { return Evidence::Silent };
    shows(wanted.contains(&stock.status), found)
}

/// The number of a request, which must begin with the merchant's number.
fn request_number(context: &ActionContext<'_>) -> Values {
    fresh_number(context.merchant.mchid.as_str(), context.now)
}

fn creator<'a>(stock: &'a Stock, merchant: &'a Merchant) -> &'a str {
    stock.creator_mchid.as_deref().unwrap_or(merchant.mchid.as_str())
}

/// A request that changes a stock's state.
fn about_stock<'a>(context: &ActionContext<'a>) -> Result<(&'a Stock, RequestParts), PrepareError> {
    let Some(Entity::Stock(stock)) = context.entity() else { return Err(PrepareError::Illegal(Illegal::KIND)) };
    let mut preview = Vec::new();
    if let (Some(sent), Some(max)) = (stock.distributed_coupons, stock.max_coupons) {
        preview.push(PreviewLine::new("fact-coupons-sent", format!("{sent} / {max}")));
        // No query shows how many were used; sent coupons stay valid (coupons reference §5).
        let worth = stock.distributed_amount().map(|worth| format!(" · ≤ {worth}")).unwrap_or_default();
        preview.push(PreviewLine::new("fact-coupons-outstanding", format!("≤ {sent}{worth}")));
    }
    preview.extend(stock.end_time.map(|end| PreviewLine::new("fact-stock-ends", rfc3339(end))));
    let body = json!({"stock_creator_mchid": creator(stock, context.merchant)});
    Ok((stock, RequestParts { body, amount: stock.max_amount, preview, ..RequestParts::default() }))
}

fn send(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let (Some(object), Some(Entity::Stock(stock))) = (context.object, context.entity()) else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let mut body = given.body();
    body.insert("stock_creator_mchid".into(), creator(stock, context.merchant).into());
    body.insert("stock_id".into(), object.id.number.as_str().into());
    let sent = stock.distributed_coupons.zip(stock.max_coupons);
    let preview = sent.map(|(sent, most)| PreviewLine::new("fact-coupons-sent", format!("{sent} / {most}")));
    Ok(RequestParts {
        path: Some(("openid", given.text("openid").to_owned())),
        body: body.into(),
        makes: Some(given.id(Kind::Coupon)?),
        amount: stock.coupon_amount,
        preview: preview.into_iter().collect(),
        ..RequestParts::default()
    })
}

fn create(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let (mut body, amount) = (given.body(), budget(given));
    body.insert("belong_merchant".into(), context.merchant.mchid.as_str().into());
    body.insert("stock_type".into(), "NORMAL".into());
    place(&mut body, "/stock_use_rule/max_amount", amount.map_or(0, |budget| budget.minor).into());
    let mut preview = sums(given);
    if let (Some(begins), Some(ends)) = (given.time("begins"), given.time("ends")) {
        let period = format!("{} → {}", rfc3339(begins), rfc3339(ends));
        preview.push(PreviewLine::new("fact-stock-runs", period));
    }
    Ok(RequestParts {
        body: body.into(),
        makes: Some(given.id(Kind::Stock)?),
        amount,
        preview,
        ..RequestParts::default()
    })
}

fn sums(given: &FormValues<'_>) -> Vec<PreviewLine> {
    vec![PreviewLine::new("column-budget", budget(given).map(|budget| budget.to_string()).unwrap_or_default())]
}

/// The maximum cost of a stock: every coupon used.
fn budget(given: &FormValues<'_>) -> Option<Money> {
    let (face, coupons) = (given.money("face")?, given.whole("coupons")?);
    Some(Money { minor: face.minor.checked_mul(coupons)?, ..face })
}

/// Limits of a stock in fen (coupons reference §3.1).
const FACE: (i64, i64) = (10, 100_000);
const MOST_MINIMUM: i64 = 10_000_000;
const MOST_BUDGET: i64 = 10_000_000_000;

fn rules(given: &FormValues<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
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
    let merchant = given.text("merchant-name");
    if !merchant.is_ascii() && merchant.chars().count() > 12 {
        rule("merchant-name", "problem-merchant-name-long", String::new());
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
            } else if ends > begins.saturating_add(Duration::days(90)) {
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
    if let Some(budget) = budget(given) {
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
    if given.words("trade-types").iter().any(|trade| !COUPON_TRADES.contains(&trade.as_str())) {
        rule("trade-types", "problem-coupon-trades", COUPON_TRADES.join(", "));
    }
    if given.text("goods-tags").contains(|c: char| !(c.is_ascii_alphanumeric() || "_,， ".contains(c))) {
        rule("goods-tags", "problem-goods-tag-marks", String::new());
    }
    if given.text("jump") == "MINI_PROGRAM" {
        for field in ["jump-appid", "jump-path"] {
            if !given.is_filled(field) {
                rule(field, "problem-jump-alone", String::new());
            }
        }
    }
    // Members of the pattern are allowed only with a description (coupons reference §3.1).
    let pattern = ["merchant-name", "logo", "image", "color", "jump", "jump-appid", "jump-path"];
    if !given.is_filled("description") && pattern.iter().any(|field| given.is_filled(field)) {
        rule("description", "problem-pattern-described", String::new());
    }
    errors
}
