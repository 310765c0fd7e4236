use serde_json::json;

use crate::i18n::Lang;
use crate::model::action::*;
use crate::model::time::parse_compact;

#[test]
fn every_field_defines_its_source_in_a_bulk_action() {
    for field in ACTIONS.iter().flat_map(|action| action.fields) {
        if let InBulk::Own(words) = field.in_bulk {
            assert!(Lang::En.has(words) && Lang::ZhCn.has(words), "{words}");
        }
    }
    let complete = ActionId::OrderComplete.action();
    let order = json!({"out_order_no": "O-1", "state": "DOING", "state_description": "USER_CONFIRM", "post_payments": [{"name": "a", "amount": 880}]});
    let order = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap();
    let shared = Values::from([("amount", "0.01".to_owned())]);
    let now = parse_compact("20251009165320").unwrap();
    let merchant = Merchant::new(crate::model::MchId::new("1900000001"));
    assert_eq!(
        complete.bulk_values(&shared, &order, RelatedState::NONE, &merchant, now)["amount"],
        "8.80",
        "an order's own"
    );
    assert_eq!(
        ActionId::OrderModify.action().bulk_values(&shared, &order, RelatedState::NONE, &merchant, now)["amount"],
        "0.01"
    );
}

#[test]
fn the_catalogue_is_in_the_order_of_its_names_and_every_row_is_a_mutation_of_its_kind() {
    for (i, action) in ACTIONS.iter().enumerate() {
        assert_eq!(action.id as usize, i);
        assert!(action.endpoint.endpoint().is_mutation());
        let same = ACTIONS.iter().filter(|other| other.name() == action.name()).count();
        assert_eq!(same, 1, "verbs are unique");
        if let Some(reverse) = action.reverse {
            assert_eq!(reverse.action().kind, action.kind);
            assert_eq!(action.risk, Risk::Reversible);
        }
    }
}

#[test]
fn the_amount_of_a_raw_write_is_read_wherever_a_form_asks_for_one() {
    for action in ACTIONS {
        let asks = action.fields.iter().any(|field| field.kind == FieldKind::Money);
        // The worth of a made object may be in no single member.
        let found = action.amount_in.is_some() || action.makes.is_some();
        assert!(!asks || found, "{} moves an amount that a raw write would hide", action.name());
        assert!(asks || action.amount_in.is_none(), "{}", action.name());
        let same_by_amount = matches!(action.behaviour.same_by, SameBy::Amount);
        assert!(!same_by_amount || action.amount_in.is_some(), "{}", action.name());
    }
}

/// What is not found by a number that was sent must name the query that finds it: its outcome would stay unknown.
#[test]
fn what_wechat_pay_numbers_is_found_by_a_query_of_its_own() {
    for action in ACTIONS {
        let by_merchant = action.makes.is_none_or(Kind::is_numbered_by_merchant);
        assert_eq!(action.shown_by == ShownBy::Object, by_merchant, "{}", action.name());
    }
}

#[test]
fn the_example_configuration_lists_the_names_of_all_actions() {
    let example = include_str!("../../../../config.example.toml");
    let (_, list) = example.split_once("(paydeck journal list):").expect("the list begins");
    let (list, _) = list.split_once("\"api\"").expect("the list ends");
    // Names are separated by commas; some have a remark in parentheses.
    let listed = list.split([',', ';']).map(|name| name.split('(').next().unwrap_or_default());
    let mut listed: Vec<String> = listed.map(|name| name.trim_matches([' ', '#', '\n']).to_owned()).collect();
    listed.retain(|name| !name.is_empty());
    let mut names: Vec<String> = ACTIONS.iter().map(Action::name).collect();
    listed.sort_unstable();
    names.sort_unstable();
    assert_eq!(listed, names);
}

/// Two commands often run within one millisecond, and WeChat Pay takes a second request under a number for a repetition
/// of the first.
#[test]
fn two_numbers_made_within_a_millisecond_differ_and_are_legal() {
    let merchant = Merchant::new(crate::model::MchId::new("1900000001"));
    let now = parse_compact("20251009165320").unwrap();
    let later = now + time::Duration::nanoseconds(100);
    for action in ACTIONS.iter().filter(|action| action.fields.iter().any(|field| field.name == "number")) {
        let numbers = [now, later].map(|now| action.fresh(&merchant, now).remove("number"));
        let [Some(first), Some(second)] = numbers else { continue };
        assert_ne!(first, second, "{}", action.name());
        let problems = action.problems(None, &action.fresh(&merchant, later), merchant.region, false, later);
        let illegal = problems.iter().any(|error| error.field == "number");
        assert!(!illegal, "{}: {second}", action.name());
    }
}
