use crate::model::Region;
use crate::model::action::{ActionId, Problem};
use crate::model::time::parse_compact;

fn broken(action: ActionId, given: &[(&'static str, &str)]) -> Vec<(&'static str, Problem)> {
    let values = given.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    let now = parse_compact("20251009120000").unwrap();
    let errors = action.action().problems(None, &values, Region::Mainland, false, now);
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
        let errors = broken(ActionId::StockCreate, &[("description", "x"), (field, text)]);
        errors.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(of("merchant-name", &"字".repeat(12)), none);
    assert_eq!(of("merchant-name", &"字".repeat(13)), ["merchant-name"]);
    assert_eq!(of("merchant-name", &"a".repeat(36)), none);
    assert_eq!(of("goods-tags", "WX_1, b2，C"), none);
    assert_eq!(of("goods-tags", "a-b"), ["goods-tags"]);
}
