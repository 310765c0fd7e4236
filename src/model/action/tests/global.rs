//! The catalogue for merchants of WeChat Pay Global: what is sent, in which currency, and what is not available.

use serde_json::{Value, json};

use crate::model::action::*;
use crate::model::time::parse_compact;
use crate::model::{AppId, Currency, MchId, Money};

fn now() -> Timestamp {
    parse_compact("20261121165320").unwrap()
}

fn institution() -> Merchant {
    let sub_mchid = Some(MchId::new("1610000088"));
    Merchant { sub_mchid, ..direct() }
}

fn direct() -> Merchant {
    let notify_url = Some("https://shop.example.com/wx".to_owned());
    let appid = Some(AppId::new("wxa1"));
    Merchant { region: Region::Global, appid, notify_url, ..Merchant::new(MchId::new("1610000001")) }
}

fn made(action: ActionId, merchant: &Merchant, given: &[(&'static str, &str)]) -> Result<Operation, PrepareError> {
    let mut values = action.action().fresh(merchant, now());
    values.extend(given.iter().map(|(name, text)| (*name, (*text).to_owned())));
    create(action.action(), merchant, &values, now())
}

const ORDER: [(&str, &str); 5] = [
    ("number", "HK-000007"),
    ("description", "Harbour Cafe - breakfast set"),
    ("currency", "HKD"),
    ("amount", "68"),
    ("category", "5812"),
];

fn body(operation: &Operation) -> Value {
    serde_json::from_str(&operation.body).unwrap()
}

fn order(document: Value) -> Object {
    Object::parse(Kind::Transaction, &document.to_string()).unwrap()
}

fn paid(currency: &str, total: i64) -> Object {
    order(json!({"out_trade_no": "HK-000007", "id": "4200001", "trade_state": "SUCCESS",
        "success_time": "2026-11-20T09:00:00+08:00", "amount": {"total": total, "currency": currency}}))
}

fn problem(outcome: Result<Operation, PrepareError>) -> Option<(&'static str, Problem)> {
    match outcome {
        Err(PrepareError::Fields(mut errors)) => errors.pop().map(|error| (error.field, error.problem)),
        _ => None,
    }
}

#[test]
fn an_order_names_its_merchant_by_the_mode_and_its_way_to_pay_by_the_path() {
    let native = made(ActionId::TransactionNative, &institution(), &ORDER).unwrap();
    assert_eq!(native.target, "/v3/global/transactions/native");
    let expected = json!({
        "sp_mchid": "1610000001", "sub_mchid": "1610000088", "sp_appid": "wxa1", "out_trade_no": "HK-000007",
        "description": "Harbour Cafe - breakfast set", "notify_url": "https://shop.example.com/wx",
        "trade_type": "NATIVE", "merchant_category_code": "5812", "amount": {"total": 6800, "currency": "HKD"}});
    assert_eq!(body(&native), expected);
    assert_eq!(native.amount, Some(Money { minor: 6800, currency: Currency::parse("HKD").unwrap() }));
    let jsapi = [&ORDER[..], &[("openid", "oAbC")]].concat();
    let jsapi = body(&made(ActionId::TransactionJsapi, &institution(), &jsapi).unwrap());
    assert_eq!((&jsapi["payer"], &jsapi["trade_type"]), (&json!({"sp_openid": "oAbC"}), &json!("JSAPI")));
    let h5 = [&ORDER[..], &[("client-ip", "203.0.113.7"), ("store-id", "HC01")]].concat();
    let h5 = made(ActionId::TransactionH5, &direct(), &h5).unwrap();
    assert_eq!(h5.target, "/v3/global/transactions/mweb");
    let h5 = body(&h5);
    assert_eq!((&h5["mchid"], &h5["appid"], h5.get("sp_mchid")), (&json!("1610000001"), &json!("wxa1"), None));
    assert_eq!(h5["scene_info"], json!({"payer_client_ip": "203.0.113.7", "store_info": {"id": "HC01"}}));
}

#[test]
fn amounts_are_read_in_the_decimals_of_the_currency() {
    let amount = |currency: &'static str, amount: &'static str| {
        made(
            ActionId::TransactionNative,
            &direct(),
            &[&ORDER[..], &[("currency", currency), ("amount", amount)]].concat(),
        )
    };
    assert_eq!(body(&amount("JPY", "1280").unwrap())["amount"], json!({"total": 1280, "currency": "JPY"}));
    assert_eq!(body(&amount("USD", "12.80").unwrap())["amount"], json!({"total": 1280, "currency": "USD"}));
    let decimals = Problem::NotMoney(crate::model::MoneyError::Decimals(0));
    assert_eq!(problem(amount("JPY", "12.80")), Some(("amount", decimals)));
    for (field, value) in [("currency", "XXX"), ("currency", "hkd"), ("category", "58120"), ("category", "shop")] {
        let refused = made(ActionId::TransactionNative, &direct(), &[&ORDER[..], &[(field, value)]].concat());
        assert!(matches!(problem(refused), Some((of, Problem::Rule { .. })) if of == field), "{field} {value}");
    }
    let unsaid = made(ActionId::TransactionNative, &direct(), &[&ORDER[..], &[("currency", "")]].concat());
    assert_eq!(problem(unsaid), Some(("currency", Problem::Required)), "no currency is guessed");
}

#[test]
fn each_region_has_its_own_fields_and_what_is_not_there_is_refused() {
    let native = ActionId::TransactionNative;
    let other = made(native, &direct(), &[&ORDER[..], &[("fapiao", "true")]].concat());
    assert!(matches!(problem(other), Some(("fapiao", Problem::Rule { id: "problem-other-region", .. }))));
    let mainland = Merchant { region: Region::Mainland, ..direct() };
    let given = [("number", "T-000001"), ("description", "拿铁"), ("amount", "1"), ("currency", "HKD")];
    assert!(matches!(problem(made(native, &mainland, &given)), Some(("currency", Problem::Rule { .. }))));
    let plan = create(ActionId::PlanCreate.action(), &direct(), &Values::new(), now());
    assert_eq!(plan, Err(PrepareError::Illegal(Illegal("illegal-region"))));
    let names = |region| native.action().fields_in(region).map(|field| field.name).collect::<Vec<_>>();
    assert!(names(Region::Global).contains(&"category") && !names(Region::Mainland).contains(&"category"));
    assert_eq!(names(Region::Global).iter().filter(|name| **name == "attach").count(), 1);
}

#[test]
fn a_document_of_the_guide_is_read_into_the_form_and_agrees_with_what_is_sent() {
    let document = json!({
        "sp_mchid": "1610000001", "sub_mchid": "1610000088", "sp_appid": "wxa1", "out_trade_no": "HK-000007",
        "description": "set", "notify_url": "https://shop.example.com/wx", "trade_type": "JSAPI",
        "merchant_category_code": "5812", "amount": {"total": 1280, "currency": "JPY"}, "payer": {"sp_openid": "oAbC"}});
    let jsapi = ActionId::TransactionJsapi;
    let values = jsapi.action().read_body(&document, Region::Global).unwrap();
    assert_eq!((values["amount"].as_str(), values["openid"].as_str()), ("1280", "oAbC"));
    let operation = create(jsapi.action(), &institution(), &values, now()).unwrap();
    assert_eq!(body(&operation), document);
    assert!(derived_differ(&document, &operation.body, jsapi.action().derived).is_empty());
    let mut other = document.clone();
    other["sub_mchid"] = "1610000099".into();
    assert_eq!(derived_differ(&other, &operation.body, jsapi.action().derived)[0].field, "sub_mchid");
}

#[test]
fn an_order_is_closed_and_refunded_on_its_own_paths_in_its_own_currency() {
    let unpaid = order(json!({"out_trade_no": "HK-000007", "trade_state": "NOTPAY"}));
    let close = ActionId::TransactionClose.action();
    for (merchant, ids) in [
        (institution(), json!({"sp_mchid": "1610000001", "sub_mchid": "1610000088"})),
        (direct(), json!({"mchid": "1610000001"})),
    ] {
        let closed = prepare(close, &unpaid, RelatedState::NONE, &merchant, &Values::new(), now()).unwrap();
        assert_eq!(closed.target, "/v3/global/transactions/out-trade-no/HK-000007/close");
        assert_eq!(body(&closed), ids);
    }
    let refund = ActionId::TransactionRefund.action();
    let yen = paid("JPY", 12_800);
    let given = |amount: Option<&str>| {
        let mut values = refund.defaults(&yen, RelatedState::NONE, &institution(), now());
        values.extend(amount.map(|amount| ("amount", amount.to_owned())));
        prepare(refund, &yen, RelatedState::NONE, &institution(), &values, now())
    };
    let whole = given(None).unwrap();
    assert_eq!(whole.target, "/v3/global/refunds");
    let sent = body(&whole);
    assert_eq!(sent["amount"], json!({"refund": 12800, "total": 12800, "currency": "JPY"}));
    assert_eq!((&sent["sp_appid"], &sent["transaction_id"]), (&json!("wxa1"), &json!("4200001")));
    assert_eq!(given(Some("1280")).unwrap().amount.unwrap().to_string(), "JP¥1,280");
    assert!(matches!(problem(given(Some("12.8"))), Some(("amount", Problem::NotMoney(_)))));
    assert!(matches!(problem(given(Some("12801"))), Some(("amount", Problem::NotMore { .. }))));
    // The answer to a refund has no state, so it is not a refund's document.
    let reply =
        json!({"id": "5020", "out_refund_no": whole.outcome_object.number.as_str(), "amount": {"refund": 12800}});
    let (id, document) =
        crate::model::action::made(refund.id, &whole.outcome_object, &whole.target, &reply.to_string());
    assert_eq!((id, document.is_none()), (whole.outcome_object.clone(), true));
    let nameless = Merchant { appid: None, ..institution() };
    let values = refund.defaults(&yen, RelatedState::NONE, &nameless, now());
    let refused = prepare(refund, &yen, RelatedState::NONE, &nameless, &values, now());
    assert_eq!(refused, Err(PrepareError::Setting(crate::model::MissingSetting("appid"))));
}

#[test]
fn a_cap_in_yuan_lets_no_other_currency_pass_not_even_raw() {
    let rules = Rules { max_amount: Caps { others: Some(Money::cny(5_000)), ..Caps::default() }, ..Rules::default() };
    let body = json!({"amount": {"refund": 100, "total": 6800, "currency": "HKD"}}).to_string();
    let judge = |body: &str| {
        let raw = RawWrite::new(crate::model::Method::Post, "/v3/global/refunds", body, None).unwrap();
        rules.judge(Write::Raw(&raw), 1)
    };
    assert!(matches!(judge(&body), Err(RuleBroken::AmountUnknown { .. })));
    assert!(matches!(judge(&body.replace("HKD", "¥¥")), Err(RuleBroken::AmountUnknown { .. })));
    assert_eq!(judge(&body.replace("HKD", "CNY")), Ok(()));
}
