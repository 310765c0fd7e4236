//! The documented rules between the fields of what is made.

use super::fields::{COUPON_TRADES, CURRENCIES};
use super::given::{Given, stock_budget};
use super::next_detail;
use crate::model::action::{ActionId, FieldError, Problem, Values, abnormal};
use crate::model::time::{Duration, Timestamp, parse_compact};
use crate::model::{Entity, Money, Object, Region};

/// The rules between fields, of what has been filled in so far.
pub(in crate::model::action) fn rules(
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
        ActionId::RefundApplyAbnormal => errors.extend(abnormal::rules(values)),
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
            time_rules(&given, &mut |field, problem| errors.push(FieldError { field, problem }));
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
    time_rules(given, &mut rule);
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

/// The times of a service: its end is behind its start and still to come (PayScore reference §4.2).
fn time_rules(given: &Given<'_>, rule: &mut impl FnMut(&'static str, Problem)) {
    let (start, end) = (parse_compact(given.text("start")), parse_compact(given.text("end")));
    let Some(end) = end else { return };
    // Of days the same will do.
    let to_the_second = given.text("end").len() == 14 && given.text("start").len() == 14;
    if start.is_some_and(|start| end < start || (end == start && to_the_second)) {
        rule("end", Problem::Rule { id: "problem-end-before-start", value: String::new() });
    } else if given.text("end").len() == 14 && end < given.now + Duration::MINUTE {
        rule("end", Problem::Past);
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
    if given.text("goods-tags").contains(|c: char| !(c.is_ascii_alphanumeric() || "_,， ".contains(c))) {
        rule("goods-tags", "problem-goods-tag-marks", String::new());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(action: ActionId, given: &[(&'static str, &str)]) -> Vec<(&'static str, Problem)> {
        let values = given.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        let now = parse_compact("20251009120000").unwrap();
        let errors = rules(action, None, &values, Region::Mainland, now);
        errors.into_iter().map(|error| (error.field, error.problem)).collect()
    }

    #[test]
    fn a_service_ends_after_its_start_whatever_its_order_is_made_of() {
        let rule = |id| Problem::Rule { id, value: String::new() };
        for action in [ActionId::OrderCreate, ActionId::SignPlanOrder] {
            let times = |start, end| broken(action, &[("start", start), ("end", end)]);
            let wrong = vec![("end", rule("problem-end-before-start"))];
            assert_eq!(times("20251010100000", "20251010100000"), wrong);
            assert_eq!(times("20251010100000", "20251010095959"), wrong);
            assert_eq!(times("20251011", "20251010"), wrong);
            assert_eq!(times("20251010", "20251010"), []);
            assert_eq!(times("20251010100000", "20251010100001"), []);
            assert_eq!(times("OnAccept", "20251009120059"), [("end", Problem::Past)]);
            assert_eq!(times("OnAccept", "20251009120100"), []);
        }
    }

    #[test]
    fn a_stock_names_its_merchant_shortly_and_its_tags_plainly() {
        let of = |field: &'static str, text: &str| {
            let told = broken(ActionId::StockCreate, &[("description", "x"), (field, text)]);
            told.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        let none: [&str; 0] = [];
        assert_eq!(of("merchant-name", &"字".repeat(12)), none);
        assert_eq!(of("merchant-name", &"字".repeat(13)), ["merchant-name"]);
        assert_eq!(of("merchant-name", &"a".repeat(36)), none);
        assert_eq!(of("goods-tags", "WX_1, b2，C"), none);
        assert_eq!(of("goods-tags", "a-b"), ["goods-tags"]);
    }
}
