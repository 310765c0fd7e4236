//! The refund of a transaction (transactions reference §6.1).

use serde_json::{Map, Value, json};

use super::evidence::{is_made, same};
use super::field::{REASON_50, text};
use super::{
    Action, ActionContext, ActionId, ActionRow, AmountIn, Behaviour, Evidence, Field, FieldKind, FormValues, Illegal,
    InBulk, PrepareError, PreviewLine, Problem, RawObject, RequestParts, Risk, SameBy, Values,
};
use crate::model::time::{Timestamp, compact};
use crate::model::{EndpointId, Entity, Kind, MOST_REFUNDS, Money, Number, REFUND_WITHIN, Region, TradeState};

pub(super) const REFUND: Action = Action {
    fields: &[
        Field {
            in_bulk: InBulk::Own("bulk-own-refund"),
            ..Field::needed("amount", "field-refund-amount", FieldKind::Money, "")
        },
        Field { kind: text(80), required: false, ..REASON_50 },
        Field {
            in_bulk: InBulk::Own("bulk-own-number"),
            ..Field::needed("number", "field-refund-number", FieldKind::Number, "")
        },
        // Without one, no notification of the refund is sent (transactions reference §6.3).
        Field::optional("notify-url", "detail-notify-url", FieldKind::Url { max: 256 }, ""),
    ],
    makes: Some(Kind::Refund),
    names_object: &["transaction_id", "out_trade_no"],
    amount_in: Some(AmountIn::AmountRefund),
    for_many: Some(true),
    defaults,
    raw_object: RawObject::Known,
    ..ActionRow(ActionId::TransactionRefund, Kind::Transaction, "refund", EndpointId::RefundCreate, Risk::MovesMoney)
        .does(Behaviour {
            legal,
            request,
            evidence: |sent, found| {
                let Entity::Refund(refund) = found else { return Evidence::Silent };
                let amount = sent.object("amount");
                is_made(
                    same(amount.money("refund", "currency"), refund.refund)
                        && same(amount.money("total", "currency"), refund.total)
                        && same(sent.text("transaction_id"), refund.transaction_id.clone())
                        && same(sent.text("out_trade_no"), refund.out_trade_no.clone()),
                )
            },
            same_by: SameBy::Amount,
        })
};

fn legal(entity: &Entity, now: Timestamp) -> Result<(), Illegal> {
    let Entity::Transaction(transaction) = entity else { return Err(Illegal::KIND) };
    match transaction.state {
        // If the time of payment is unknown, the platform decides.
        TradeState::Success | TradeState::Refund => match transaction.success_time {
            Some(paid) if now - paid > REFUND_WITHIN => Err(Illegal("illegal-refund-too-old")),
            Some(_) | None => Ok(()),
        },
        TradeState::NotPaid | TradeState::Closed | TradeState::PayError => Err(Illegal("illegal-refund-unpaid")),
        TradeState::UserPaying | TradeState::Accepted => Err(Illegal("illegal-trade-paying")),
        TradeState::Revoked => Err(Illegal("illegal-trade-over")),
        TradeState::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
    }
}

fn defaults(context: &ActionContext<'_>) -> Values {
    let (Some(object), Some(Entity::Transaction(transaction))) = (context.object, context.entity()) else {
        return Values::new();
    };
    let mut values = Values::from([("number", refund_number(&object.id.number, context.now))]);
    if let Some(refundable) = transaction.refundable(&context.related_state.related) {
        values.insert("amount", refundable.remainder.plain());
    }
    values
}

/// A new number for a refund: the order's own and the second. Refunds of one order are a minute apart, so no two of
/// them get the same number.
fn refund_number(order: &Number, now: Timestamp) -> String {
    let suffix = format!("-R{}", compact(now));
    // A number is ASCII; the platform's order numbers are short enough to be kept complete.
    let order: String = order.as_str().chars().take(Number::LONGEST - suffix.len()).collect();
    order + &suffix
}

/// Checks the amount against what is left, as far as that is known, and builds the request.
fn request(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let illegal = |reason| PrepareError::Illegal(Illegal(reason));
    let (Some(object), Some(Entity::Transaction(transaction))) = (context.object, context.entity()) else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let known = transaction.refundable(&context.related_state.related).ok_or(illegal("illegal-refund-no-total"))?;
    if known.remainder.minor == 0 {
        return Err(illegal("illegal-refund-nothing-left"));
    }
    if known.count >= MOST_REFUNDS {
        return Err(illegal("illegal-refund-too-many"));
    }
    // In the decimals of the order's own currency, whatever the merchant's.
    let amount = given.money("amount").ok_or(PrepareError::field("amount", Problem::Required))?;
    if amount.minor == 0 {
        return Err(PrepareError::field("amount", Problem::Zero));
    }
    if amount.minor > known.remainder.minor {
        return Err(PrepareError::field("amount", Problem::NotMore { most: known.remainder }));
    }
    let mut body = Map::new();
    if context.merchant.region == Region::Global {
        let ids = context.merchant.global_ids_with_app().map_err(PrepareError::Setting)?;
        body.extend(ids.into_iter().map(|(name, id)| (name.to_owned(), id.into())));
    }
    match &transaction.transaction_id {
        Some(id) => body.insert("transaction_id".into(), id.as_str().into()),
        None => body.insert("out_trade_no".into(), object.id.number.as_str().into()),
    };
    body.insert("out_refund_no".into(), given.text("number").into());
    if let Some(reason) = given.filled_text("reason") {
        body.insert("reason".into(), reason.into());
    }
    if let Some(url) = given.filled_text("notify-url") {
        body.insert("notify_url".into(), url.into());
    }
    let (total, currency) = (known.total, known.total.currency);
    let parts = json!({"refund": amount.minor, "total": total.minor, "currency": currency.code()});
    body.insert("amount".into(), parts);
    // It was refunded, and by none of the refunds known here: how far is unknown.
    let is_unknown = transaction.state == TradeState::Refund && known.count == 0;
    let refunded = if is_unknown { "?".to_owned() } else { known.refunded.to_string() };
    let stays = Money { minor: known.remainder.minor - amount.minor, ..known.remainder };
    let stays = (!is_unknown).then(|| PreviewLine::new("fact-stays-paid", stays));
    Ok(RequestParts {
        body: Value::Object(body),
        makes: Some(given.id(Kind::Refund)?),
        amount: Some(amount),
        preview: [
            PreviewLine::new("fact-this-refund", amount),
            PreviewLine::new("fact-paid-total", total),
            PreviewLine::new("fact-refunded-so-far", refunded),
            PreviewLine::new("fact-refundable-at-most", known.remainder),
        ]
        .into_iter()
        .chain(stays)
        .collect(),
        ..RequestParts::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::{FieldError, Operation, RelatedState, prepare};
    use crate::model::time::{Duration, parse_compact, rfc3339};
    use crate::model::{MchId, Merchant, Money, Object, ObjectId};

    fn now() -> Timestamp {
        parse_compact("20251009165320").unwrap()
    }

    fn paid(state: &str) -> Object {
        let document = json!({
            "out_trade_no": "T-000001", "transaction_id": "4200001", "trade_state": state, "attach": "desk=7",
            "success_time": "2025-10-01T00:00:00+08:00", "amount": {"total": 1000, "currency": "CNY"}});
        Object::parse(Kind::Transaction, &document.to_string()).unwrap()
    }

    fn refunded(number: &str, fen: i64, seconds_ago: i64) -> Object {
        let document = json!({
            "out_refund_no": number, "transaction_id": "4200001", "status": "SUCCESS", "amount": {"refund": fen},
            "create_time": rfc3339(now() - Duration::seconds(seconds_ago))});
        Object::parse(Kind::Refund, &document.to_string()).unwrap()
    }

    fn refund(object: &Object, related: &[Object], given: &[(&'static str, &str)]) -> Result<Operation, PrepareError> {
        let action = ActionId::TransactionRefund.action();
        let merchant = Merchant::new(MchId::new("1900000001"));
        let related_state = RelatedState { related: related.to_vec(), ..RelatedState::default() };
        let mut values = action.defaults(object, &related_state, &merchant, now());
        values.extend(given.iter().map(|(name, value)| (*name, (*value).to_owned())));
        prepare(action, object, &related_state, &merchant, &values, now())
    }

    fn problem(outcome: Result<Operation, PrepareError>) -> Option<(&'static str, Problem)> {
        match outcome {
            Err(PrepareError::Fields(mut errors)) => errors.pop().map(|error| (error.field, error.problem)),
            _ => None,
        }
    }

    #[test]
    fn a_refund_names_its_transaction_its_own_number_and_all_amounts() {
        let operation = refund(&paid("SUCCESS"), &[], &[("amount", "8.80"), ("reason", "做错口味")]).unwrap();
        let body: Value = serde_json::from_str(&operation.body).unwrap();
        let expected = json!({
            "transaction_id": "4200001", "out_refund_no": "T-000001-R20251009165320", "reason": "做错口味",
            "amount": {"refund": 880, "total": 1000, "currency": "CNY"}});
        assert_eq!((operation.target.as_str(), body), ("/v3/refund/domestic/refunds", expected));
        assert_eq!(operation.amount, Some(Money::cny(880)));
        let [object, made] = operation.touched().try_into().unwrap();
        assert_eq!((object.kind, made.kind), (Kind::Transaction, Kind::Refund));
        assert_eq!(
            (operation.outcome_object.number.as_str(), &made),
            ("T-000001-R20251009165320", &operation.outcome_object)
        );
        let unnumbered = r#"{"out_trade_no":"T-000001","trade_state":"SUCCESS","amount":{"total":1000}}"#;
        let unnumbered = Object::parse(Kind::Transaction, unnumbered).unwrap();
        assert!(refund(&unnumbered, &[], &[]).unwrap().body.contains(r#""out_trade_no":"T-000001""#));
    }

    #[test]
    fn a_refund_is_notified_to_the_address_of_the_profile_or_of_its_own_field() {
        let (action, paid) = (ActionId::TransactionRefund.action(), paid("SUCCESS"));
        let sent = |merchant: &Merchant, given: Option<&str>| {
            let mut values = action.defaults(&paid, RelatedState::NONE, merchant, now());
            values.extend(given.map(|url| ("notify-url", url.to_owned())));
            let operation = prepare(action, &paid, RelatedState::NONE, merchant, &values, now())?;
            let body: Value = serde_json::from_str(&operation.body).unwrap();
            Ok(body.get("notify_url").and_then(Value::as_str).map(str::to_owned))
        };
        let silent = Merchant::new(MchId::new("1900000001"));
        let url = "https://shop.example/wx".to_owned();
        let shop = Merchant { notify_url: Some(url.clone()), ..silent.clone() };
        assert_eq!(sent(&silent, None), Ok(None));
        assert_eq!(sent(&shop, None), Ok(Some(url.clone())));
        assert_eq!(sent(&shop, Some("https://shop.example/refunds")), Ok(Some("https://shop.example/refunds".into())));
        assert_eq!(sent(&shop, Some(" ")), Ok(None), "none is asked for");
        let refused = FieldError { field: "notify-url", problem: Problem::HasQuery };
        assert_eq!(sent(&shop, Some("https://shop.example/?a=1")), Err(PrepareError::Fields(vec![refused])));
        // In a bulk action the address is shared, and starts with the profile's.
        let shared = action.shared_defaults(&shop, now());
        let of_many = action.bulk_values(&shared, &paid, RelatedState::NONE, &shop, now());
        assert_eq!(of_many["notify-url"], url);
        let global = Merchant {
            region: Region::Global,
            appid: Some(crate::model::AppId::new("wx1")),
            notify_url: Some(url.clone()),
            ..silent
        };
        assert_eq!(sent(&global, None), Ok(Some(url)));
    }

    #[test]
    fn a_refund_starts_with_what_is_left_and_never_exceeds_it() {
        let related = [refunded("R-1", 300, 600), refunded("R-2", 250, 120)];
        let operation = refund(&paid("REFUND"), &related, &[]).unwrap();
        assert_eq!(operation.amount, Some(Money::cny(450)));
        let fact = |operation: &Operation, label: &str| {
            operation.preview.iter().find(|fact| fact.label == label).map(|fact| fact.value.clone()).unwrap()
        };
        assert_eq!(fact(&operation, "fact-refunded-so-far"), "¥5.50");
        assert_eq!(fact(&operation, "fact-refundable-at-most"), "¥4.50");
        let over = refund(&paid("REFUND"), &related, &[("amount", "4.51")]);
        assert_eq!(problem(over), Some(("amount", Problem::NotMore { most: Money::cny(450) })));
        assert_eq!(problem(refund(&paid("SUCCESS"), &[], &[("amount", "0")])), Some(("amount", Problem::Zero)));
        // It was refunded, and how far is unknown here.
        let untold = refund(&paid("REFUND"), &[], &[("amount", "1")]).unwrap();
        assert_eq!(fact(&untold, "fact-refunded-so-far"), "?");
        assert_eq!(fact(&untold, "fact-refundable-at-most"), "¥10.00");
    }

    #[test]
    fn what_the_known_refunds_forbid_is_reported_at_once() {
        let illegal = |related: &[Object]| match refund(&paid("REFUND"), related, &[("amount", "0.01")]) {
            Err(PrepareError::Illegal(illegal)) => illegal.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(illegal(&[refunded("R-1", 1000, 600)]), "illegal-refund-nothing-left");
        let fifty: Vec<Object> = (0..50).map(|i| refunded(&format!("R-{i}"), 1, 600)).collect();
        assert_eq!(illegal(&fifty), "illegal-refund-too-many");
        let amountless = r#"{"out_trade_no":"T-000001","trade_state":"SUCCESS"}"#;
        let amountless = Object::parse(Kind::Transaction, amountless).unwrap();
        let outcome = refund(&amountless, &[], &[("amount", "1")]);
        assert_eq!(outcome, Err(PrepareError::Illegal(Illegal("illegal-refund-no-total"))));
    }

    #[test]
    fn a_refund_number_keeps_to_its_rule_and_a_fresh_one_always_does() {
        let numbered = |number: &str| problem(refund(&paid("SUCCESS"), &[], &[("number", number)]));
        assert_eq!(numbered("a|b*c@d-_1"), None);
        assert_eq!(numbered(""), Some(("number", Problem::Required)));
        assert_eq!(numbered("R 1"), Some(("number", Problem::NotInNumbers(' '))));
        assert_eq!(numbered(&"R".repeat(65)), Some(("number", Problem::TooLong { max: 64 })));
        assert_eq!(problem(refund(&paid("SUCCESS"), &[], &[("reason", &"字".repeat(81))])), {
            Some(("reason", Problem::TooLong { max: 80 }))
        });
        let longest =
            Object { id: ObjectId::new(Kind::Transaction, Number::parse(&"9".repeat(64)).unwrap()), ..paid("SUCCESS") };
        let fresh = refund(&longest, &[], &[]).unwrap().outcome_object;
        assert_eq!(fresh.number.as_str().len(), 64);
        assert!(fresh.number.as_str().ends_with("-R20251009165320"));
    }
}
