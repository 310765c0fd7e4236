use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::Environment;
use crate::model::action::intention::Repetition;
use crate::model::action::{Confirmation, ConfirmedBy, NotConfirmed};
use crate::model::{Currency, Method, Number};

fn operation(id: ActionId, amount: Option<Money>, reason: Option<&str>) -> Operation {
    let kind = id.action().kind;
    Operation {
        endpoint: id.action().endpoint,
        action: id,
        object: ObjectId::new(kind, Number::parse("N-0001").unwrap()),
        outcome_object: ObjectId::new(kind, Number::parse("N-0001").unwrap()),
        title: None,
        user: None,
        before: String::new(),
        target: target(id),
        body: String::new(),
        seen: Some(0),
        amount,
        preview: Vec::new(),
        reason: reason.map(str::to_owned),
        secrets: Vec::new(),
        replaces: None,
        again: Default::default(),
    }
}

fn target(id: ActionId) -> String {
    let action = id.action();
    action
        .endpoint
        .endpoint()
        .target(&[(action.kind.number_field(), "N-0001"), ("openid", "oUser"), ("refund_id", "5030")], &[])
}

fn raw(target: &str, body: &str, reason: Option<&str>) -> RawWrite {
    RawWrite::new(Method::Post, target, body, reason).unwrap()
}

fn action(id: ActionId) -> WriteName {
    WriteName::Action(id)
}

#[test]
fn each_rule_forbids_what_it_names_and_nothing_else() {
    use ActionId::{OrderCancel, OrderComplete, OrderPay, PlanStop, StockPause};
    let denies = |name| Rules { deny: [name].into(), ..Rules::default() };
    let caps = |names: &[(ActionId, i64)], others: Option<i64>| Rules {
        max_amount: Caps {
            by_name: names.iter().map(|(id, fen)| (action(*id), Money::cny(*fen))).collect(),
            others: others.map(Money::cny),
        },
        ..Rules::default()
    };
    let reasons = |reasons| Rules { require_reason: reasons, ..Rules::default() };
    let bulk = Rules { max_bulk: 20, ..Rules::default() };
    let fen = |fen| Some(Money::cny(fen));
    let above = |id, amount, max| {
        Err(RuleBroken::AmountAbove { write: action(id), amount: Money::cny(amount), max: Money::cny(max) })
    };
    let unknown = |id, max| Err(RuleBroken::AmountUnknown { write: action(id), max: Money::cny(max) });
    let no_reason = |id| Err(RuleBroken::NoReason(action(id)));
    let cases = [
        (Rules::default(), operation(PlanStop, fen(i64::MAX), None), 100, Ok(())),
        (Rules::default(), operation(PlanStop, None, None), 101, Err(RuleBroken::TooMany { objects: 101, max: 100 })),
        (denies(action(PlanStop)), operation(PlanStop, None, None), 1, Err(RuleBroken::Denied(action(PlanStop)))),
        (denies(action(PlanStop)), operation(OrderPay, fen(1), None), 1, Ok(())),
        (denies(WriteName::Api), operation(PlanStop, None, None), 1, Ok(())),
        (caps(&[], Some(500)), operation(OrderComplete, fen(500), None), 1, Ok(())),
        (caps(&[], Some(500)), operation(OrderComplete, fen(501), None), 1, above(OrderComplete, 501, 500)),
        (caps(&[(OrderComplete, 900)], Some(500)), operation(OrderComplete, fen(900), None), 1, Ok(())),
        (caps(&[(OrderComplete, 900)], Some(500)), operation(OrderPay, fen(501), None), 1, above(OrderPay, 501, 500)),
        (caps(&[(OrderComplete, 900)], None), operation(OrderPay, fen(501), None), 1, Ok(())),
        // Money moves, and the amount is unknown; or no money is given up.
        (caps(&[], Some(500)), operation(OrderPay, None, None), 1, unknown(OrderPay, 500)),
        (caps(&[], Some(500)), operation(OrderCancel, None, None), 1, Ok(())),
        (bulk.clone(), operation(StockPause, None, None), 20, Ok(())),
        (bulk, operation(StockPause, None, None), 21, Err(RuleBroken::TooMany { objects: 21, max: 20 })),
        (reasons(Reasons::All), operation(PlanStop, None, None), 1, no_reason(PlanStop)),
        (reasons(Reasons::All), operation(PlanStop, None, Some(" -- ")), 1, no_reason(PlanStop)),
        (reasons(Reasons::All), operation(PlanStop, None, Some("客户要求")), 1, Ok(())),
        (reasons(Reasons::Of([action(OrderCancel)].into())), operation(PlanStop, None, None), 1, Ok(())),
    ];
    for (rules, operation, objects, expected) in cases {
        assert_eq!(rules.judge(Write::Operation(&operation), objects), expected, "{operation:?} {rules:?}");
    }
}

#[test]
fn an_amount_in_another_currency_is_not_below_a_cap_in_yuan() {
    let rules = Rules { max_amount: Caps { others: Some(Money::cny(500)), ..Caps::default() }, ..Rules::default() };
    let dollars = Money { minor: 1, currency: Currency::parse("USD").unwrap() };
    let broken = rules.judge(Write::Operation(&operation(ActionId::TransactionClose, Some(dollars), None)), 1);
    assert!(matches!(broken, Err(RuleBroken::AmountUnknown { .. })), "{broken:?}");
}

#[test]
fn a_raw_request_is_held_to_its_own_rules_and_to_those_of_the_action_it_reaches() {
    let stop = target(ActionId::PlanStop);
    let complete = target(ActionId::OrderComplete);
    let deny = |name| Rules { deny: [name].into(), ..Rules::default() };
    let broken = |rules: &Rules, raw: &RawWrite| rules.judge(Write::Raw(raw), 1).err();
    let denied = deny(action(ActionId::PlanStop));
    assert_eq!(broken(&denied, &raw(&stop, "", None)), Some(RuleBroken::Denied(action(ActionId::PlanStop))));
    assert_eq!(broken(&denied, &raw(&complete, "", None)), None);
    assert_eq!(broken(&deny(WriteName::Api), &raw("/v3/x", "", None)), Some(RuleBroken::Denied(WriteName::Api)));
    let reasons = Rules { require_reason: Reasons::Of([action(ActionId::PlanStop)].into()), ..Rules::default() };
    assert_eq!(broken(&reasons, &raw(&stop, "", None)), Some(RuleBroken::NoReason(action(ActionId::PlanStop))));
    assert_eq!(broken(&reasons, &raw(&stop, "", Some("asked for"))), None);
    assert_eq!(broken(&reasons, &raw(&complete, "", None)), None);
    let capped = Rules { max_amount: Caps { others: Some(Money::cny(500)), ..Caps::default() }, ..Rules::default() };
    let amount = |body: &str| broken(&capped, &raw(&complete, body, None)).map(|broken| broken.kind());
    assert_eq!(amount(&json!({"total_amount": 500}).to_string()), None);
    for body in [r#"{"total_amount": 501}"#, "", "{}", "[]", r#"{"total_amount": 1, "total_amount": 2}"#] {
        assert_eq!(amount(body), Some("rule-max-amount"), "{body}");
    }
}

#[test]
fn with_a_cap_in_force_a_raw_write_to_an_unknown_path_is_refused_whatever_it_contains() {
    let cap = |by_name: &[WriteName], others: bool| Caps {
        by_name: by_name.iter().map(|name| (*name, Money::cny(500))).collect(),
        others: others.then(|| Money::cny(500)),
    };
    let caps = [cap(&[], true), cap(&[WriteName::Api], false), cap(&[action(ActionId::OrderComplete)], false)];
    let transfers = "/v3/fund-app/mch-transfer/transfer-bills";
    let targets = [
        transfers,
        "/v3/profitsharing/orders",
        "/v3/refund/domestic/refunds/5030/apply-abnormal-refund-x",
        "/v3/fund-app/mch-transfer/transfer-bills?x=1",
        "/v3/%66und-app/mch-transfer/transfer-bills",
        // Known as a read, not as a write.
        "/v3/certificates",
        "/v3/marketing/favor/stocks/17",
    ];
    let bodies = [
        r#"{"transfer_amount": 100000}"#,
        r#"{"receivers": [{"amount": 100000}]}"#,
        r#"{"out_refund_no": "R-1", "type": "USER_BANK_CARD"}"#,
        r#"{"amount": 1}"#,
        "{}",
        "",
        "not JSON",
    ];
    let methods = [Method::Post, Method::Put, Method::Patch, Method::Delete];
    for max_amount in caps {
        let rules = Rules { max_amount, ..Rules::default() };
        for (target, body) in targets.iter().flat_map(|target| bodies.map(|body| (*target, body))) {
            for method in methods {
                let raw = RawWrite::new(method, target, body, None).unwrap();
                assert_eq!(
                    rules.judge(Write::Raw(&raw), 1),
                    Err(RuleBroken::PathUnknown),
                    "{method:?} {target} {body}"
                );
                assert_eq!(Rules::default().judge(Write::Raw(&raw), 1), Ok(()), "without a cap {target} {body}");
            }
        }
    }
}

#[test]
fn a_path_that_the_rules_name_passes_with_what_its_cap_allows_whatever_the_money_is_called() {
    let rules = |by_name: &[WriteName]| Rules {
        max_amount: Caps {
            by_name: by_name.iter().map(|name| (*name, Money::cny(500))).collect(),
            others: by_name.is_empty().then(|| Money::cny(500)),
        },
        allow_paths: [RawPath::parse("/v3/transfers").unwrap()].into(),
        ..Rules::default()
    };
    for rules in [rules(&[]), rules(&[WriteName::Api])] {
        let judge = |target: &str, body: &str| rules.judge(Write::Raw(&raw(target, body, None)), 1).err();
        for body in ["", "{}", r#"{"transfer_amount": 500}"#, r#"{"receivers": [{"amount": 200}, {"amount": 300}]}"#] {
            assert_eq!(judge("/v3/transfers", body), None, "{body}");
            assert_eq!(judge("/v3/transfers?x=1", body), None, "{body}");
        }
        for body in [r#"{"transfer_amount": 501}"#, r#"{"receivers": [{"amount": 200}, {"amount": 301}]}"#] {
            assert!(matches!(judge("/v3/transfers", body), Some(RuleBroken::AmountAbove { .. })), "{body}");
        }
        for body in [
            "[]",
            r#"{"amount": 1, "amount": 2}"#,
            r#"{"amount": "1"}"#,
            r#"{"amount": {"total": 1, "currency": "USD"}}"#,
        ] {
            assert!(matches!(judge("/v3/transfers", body), Some(RuleBroken::AmountUnknown { .. })), "{body}");
        }
        assert_eq!(judge("/v3/transfers/", "{}"), Some(RuleBroken::PathUnknown));
    }
    let stop = target(ActionId::OrderPay);
    let named = Rules { allow_paths: [RawPath::parse(&stop).unwrap()].into(), ..rules(&[]) };
    let broken = named.judge(Write::Raw(&raw(&stop, "{}", None)), 1);
    assert!(matches!(broken, Err(RuleBroken::AmountUnknown { .. })), "an action stays one: {broken:?}");
}

#[test]
fn an_operation_is_confirmed_as_its_risk_demands() {
    let stop = || operation(ActionId::PlanStop, None, None);
    let pause = || operation(ActionId::StockPause, None, None);
    let typed = |text: &str| Confirmation::Typed(text.to_owned());
    let by = |operation: Operation, confirmation| operation.confirm(confirmation).map(|confirmed| confirmed.by());
    assert_eq!(by(stop(), typed("0001")), Ok(ConfirmedBy::Typed));
    assert_eq!(by(stop(), Confirmation::Flag), Ok(ConfirmedBy::Flag));
    assert_eq!(by(pause(), Confirmation::Yes), Ok(ConfirmedBy::Yes));
    assert_eq!(by(stop(), Confirmation::Yes), Err(NotConfirmed::Plain));
    assert_eq!(by(stop(), typed("0002")), Err(NotConfirmed::Mismatch));
    assert_eq!(by(stop(), typed("")), Err(NotConfirmed::Mismatch));
    assert_eq!(by(pause(), typed("0001")), Ok(ConfirmedBy::Typed));
    assert_eq!(by(pause(), typed("0002")), Err(NotConfirmed::Mismatch));
    assert_eq!(pause().typed_confirmation(Environment::Sandbox), None);
    assert_eq!(pause().typed_confirmation(Environment::Production).as_deref(), Some("0001"), "money is real");
    let again = || Operation { again: Repetition::AfterEntry(7), ..pause() };
    assert_eq!(again().typed_confirmation(Environment::Sandbox).as_deref(), Some("0001-7"));
    assert_eq!(by(again(), typed("0001-7")), Ok(ConfirmedBy::Typed));
    for wrong in ["7", "0001", "0001-8"] {
        assert_eq!(by(again(), typed(wrong)), Err(NotConfirmed::Mismatch), "{wrong}");
    }
    let raw = || raw("/v3/x", "", None);
    assert_eq!(raw().confirm(Confirmation::Yes), Err(NotConfirmed::NoPreview));
    assert_eq!(raw().confirm(Confirmation::Flag).map(|confirmed| confirmed.objects()), Ok(1));
    assert_eq!(stop().confirm(Confirmation::Flag).unwrap().among(7).objects(), 7);
}

proptest! {
    #[test]
    fn no_operation_above_its_cap_passes(
        which in 0..ACTIONS.len(), fen in -1_000_000i64..1_000_000, own in prop::option::of(0i64..1_000_000),
        others in prop::option::of(0i64..1_000_000), objects in 1usize..100,
    ) {
        let id = ACTIONS[which].id;
        let by_name = own.map(|own| (action(id), Money::cny(own))).into_iter().collect();
        let rules = Rules { max_amount: Caps { by_name, others: others.map(Money::cny) }, ..Rules::default() };
        let max = own.or(others);
        let operation = operation(id, Some(Money::cny(fen)), None);
        let passes = rules.judge(Write::Operation(&operation), objects).is_ok();
        prop_assert_eq!(passes, max.is_none_or(|max| fen <= max));
        // A raw request does not either: it passes only if its body has the amount.
        let raw = raw(&target(id), &json!({"total_amount": fen}).to_string(), None);
        let has_amount = matches!(id, ActionId::OrderComplete | ActionId::OrderModify);
        prop_assert_eq!(rules.judge(Write::Raw(&raw), objects).is_ok(), max.is_none() || (has_amount && fen >= 0 && passes));
    }
}
