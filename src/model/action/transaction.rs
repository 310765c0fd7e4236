//! Actions on transactions: place (transactions reference §2.1, Global reference §1) and close.

use serde_json::{Map, Value};

use super::body::place as put;
use super::evidence::{is_made, same, shows};
use super::field::{APPID, NOTIFY, OPENID, text};
use super::form::fresh_number;
use super::{
    Action, ActionContext, ActionId, ActionRow, AmountIn, Behaviour, Evidence, Field, FieldError, FieldKind,
    FormValues, Illegal, PrepareError, Problem, RequestParts, Risk, SameBy,
};
use crate::model::time::Duration;
use crate::model::{EndpointId, Entity, Kind, Merchant, Region, TradeState};

pub(super) const CLOSE: Action = Action {
    by_platform_number: Some(EndpointId::GlobalCloseById),
    ..ActionRow(
        ActionId::TransactionClose,
        Kind::Transaction,
        "close",
        EndpointId::TransactionClose,
        Risk::Irreversible,
    )
    .does(Behaviour {
        legal: |entity, _| {
            let Entity::Transaction(transaction) = entity else { return Err(Illegal::KIND) };
            match transaction.state {
                TradeState::NotPaid => Ok(()),
                TradeState::Success | TradeState::Refund => Err(Illegal("illegal-trade-paid")),
                TradeState::Closed => Err(Illegal("illegal-trade-closed")),
                TradeState::UserPaying | TradeState::Accepted => Err(Illegal("illegal-trade-paying")),
                TradeState::Revoked | TradeState::PayError => Err(Illegal("illegal-trade-over")),
                TradeState::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
            }
        },
        request: close,
        evidence: |_, found| {
            let Entity::Transaction(transaction) = found else { return Evidence::Silent };
            shows(transaction.state == TradeState::Closed, found)
        },
        same_by: SameBy::Terms,
    })
};

fn close(context: &ActionContext<'_>, _: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let Some(Entity::Transaction(transaction)) = context.entity() else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let merchant = context.merchant;
    let ids = match merchant.region {
        Region::Mainland => vec![("mchid", transaction.mchid.as_deref().unwrap_or(merchant.mchid.as_str()))],
        Region::Global => merchant.global_ids(),
    };
    let body: Map<String, Value> = ids.into_iter().map(|(name, id)| (name.to_owned(), id.into())).collect();
    Ok(RequestParts { body: body.into(), amount: transaction.total, ..RequestParts::default() })
}

const fn mainland(field: Field) -> Field {
    field.only(Region::Mainland)
}

const fn global(field: Field) -> Field {
    field.only(Region::Global)
}

const PROFIT_SHARING: Field =
    Field::optional("profit-sharing", "field-profit-sharing", FieldKind::Flag, "/settle_info/profit_sharing");
const NO_CREDIT: &[&str] = &["no_credit"];

/// The fields of every order, followed by those of one way to pay.
macro_rules! fields {
    ($($own:expr),*) => {
        &[
            Field::needed("number", "column-trade-number", FieldKind::Id { min: 6, max: 32 }, "/out_trade_no"),
            Field::needed("description", "field-goods", text(127), "/description"),
            global(Field::needed("currency", "field-currency", text(3), "/amount/currency")),
            Field::needed("amount", "column-amount", FieldKind::Money, "/amount/total"),
            global(Field::needed("category", "field-category", text(16), "/merchant_category_code")),
            $($own,)*
            Field::optional("expires", "field-expires", FieldKind::Time, "/time_expire"),
            mainland(Field::optional("attach", "column-attach", text(128), "/attach")),
            global(Field::optional("attach", "column-attach", text(127), "/attach")),
            Field::optional("goods-tag", "field-goods-tag", text(32), "/goods_tag"),
            mainland(PROFIT_SHARING),
            mainland(Field::optional("fapiao", "field-fapiao", FieldKind::Flag, "/support_fapiao")),
            global(Field::optional("limit-pay", "field-limit-pay", FieldKind::Choice(NO_CREDIT), "/limit_pay")),
            NOTIFY,
            APPID,
        ]
    };
}

pub(super) const JSAPI: Action = Action {
    fields: fields!(Field { at: "/payer/openid", ..OPENID }),
    ..placing(ActionId::TransactionJsapi, "create-jsapi", EndpointId::TransactionJsapi, |context, given| {
        place(context, given, "JSAPI")
    })
};

pub(super) const NATIVE: Action = Action {
    fields: fields!(),
    rules: |given, _, region| rules(given, region, 7),
    ..placing(ActionId::TransactionNative, "create-native", EndpointId::TransactionNative, |context, given| {
        place(context, given, "NATIVE")
    })
};

pub(super) const APP: Action = Action {
    fields: fields!(),
    ..placing(ActionId::TransactionApp, "create-app", EndpointId::TransactionApp, |context, given| {
        place(context, given, "APP")
    })
};

pub(super) const H5: Action = Action {
    fields: fields!(
        Field::needed("client-ip", "field-client-ip", text(45), "/scene_info/payer_client_ip"),
        mainland(
            Field::needed(
                "h5-type",
                "field-h5-type",
                FieldKind::Choice(&["Wap", "iOS", "Android"]),
                "/scene_info/h5_info/type"
            )
            .usually("Wap")
        ),
        global(Field::needed("store-id", "field-store-id", text(32), "/scene_info/store_info/id")),
        global(Field::optional("store-name", "field-store-name", text(256), "/scene_info/store_info/name")),
        global(Field::optional("store-address", "field-store-address", text(512), "/scene_info/store_info/address"))
    ),
    ..placing(ActionId::TransactionH5, "create-h5", EndpointId::TransactionH5, |context, given| {
        place(context, given, "MWEB")
    })
};

/// An action that places an order, which expires after 15 days at the latest.
const fn placing(
    id: ActionId,
    verb: &'static str,
    endpoint: EndpointId,
    request: fn(&ActionContext<'_>, &FormValues<'_>) -> Result<RequestParts, PrepareError>,
) -> Action {
    Action {
        makes: Some(Kind::Transaction),
        derived: &["mchid", "sp_mchid", "sub_mchid", "trade_type", "amount/currency"],
        amount_in: Some(AmountIn::AmountTotal),
        defaults: |context| fresh_number("PAY", context.now),
        rules: |given, _, region| rules(given, region, 15),
        ..ActionRow(id, Kind::Transaction, verb, endpoint, Risk::Makes).does(Behaviour {
            legal: |_, _| Err(Illegal::KIND),
            request,
            evidence: |sent, found| {
                let Entity::Transaction(transaction) = found else { return Evidence::Silent };
                let same_user = same(sent.object("payer").text("openid"), transaction.openid.clone());
                is_made(same_user && same(AmountIn::AmountTotal.read(sent), transaction.total))
            },
            same_by: SameBy::Terms,
        })
    }
}

/// `trade_type`, the way to pay, is sent to Global only.
fn place(context: &ActionContext<'_>, given: &FormValues<'_>, trade_type: &str) -> Result<RequestParts, PrepareError> {
    let (merchant, mut body) = (context.merchant, given.body());
    match merchant.region {
        Region::Mainland => {
            body.insert("mchid".into(), merchant.mchid.as_str().into());
        }
        Region::Global => of_global_merchant(merchant, trade_type, &mut body),
    }
    put(&mut body, "/amount/currency", given.currency.code().into());
    Ok(RequestParts {
        body: body.into(),
        makes: Some(given.id(Kind::Transaction)?),
        amount: given.money("amount"),
        ..RequestParts::default()
    })
}

/// Adds the merchant of a Global order and the way to pay: an institution's members have other names (Global reference
/// §0).
fn of_global_merchant(merchant: &Merchant, trade_type: &str, body: &mut Map<String, Value>) {
    for (name, id) in merchant.global_ids() {
        body.insert(name.into(), id.into());
    }
    if merchant.sub_mchid.is_some() {
        let rename = |members: &mut Map<String, Value>, from: &str, to: &str| {
            if let Some(value) = members.remove(from) {
                members.insert(to.to_owned(), value);
            }
        };
        rename(body, "appid", "sp_appid");
        if let Some(Value::Object(payer)) = body.get_mut("payer") {
            rename(payer, "openid", "sp_openid");
        }
    }
    body.insert("trade_type".into(), trade_type.into());
}

/// The currencies in which an order may be placed (Global reference §0).
const CURRENCIES: [&str; 30] = [
    "CNY", "HKD", "GBP", "USD", "JPY", "CAD", "AUD", "EUR", "NZD", "KRW", "THB", "SGD", "RUB", "CHF", "SEK", "DKK",
    "NOK", "AED", "TRY", "MOP", "TWD", "CZK", "MYR", "PHP", "IDR", "MNT", "QAR", "HUF", "KHR", "ISK",
];

/// `longest`: the latest expiry of the order, in days.
fn rules(given: &FormValues<'_>, region: Region, longest: i64) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field, problem| errors.push(FieldError { field, problem });
    if given.money("amount").is_some_and(|amount| amount.minor == 0) {
        refuse("amount", Problem::Zero);
    }
    if given.filled_text("currency").is_some_and(|code| !CURRENCIES.contains(&code)) {
        refuse("currency", Problem::Rule { id: "problem-currency", value: CURRENCIES.join(", ") });
    }
    let is_category = |code: &str| code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    if given.filled_text("category").is_some_and(|code| !is_category(code)) {
        refuse("category", Problem::Rule { id: "problem-category", value: String::new() });
    }
    if let Some(at) = given.time("expires") {
        if at < given.now + Duration::MINUTE {
            refuse("expires", Problem::Past);
        // WeChat Pay Global documents no latest time.
        } else if region == Region::Mainland && at > given.now + Duration::days(longest) {
            refuse("expires", Problem::Rule { id: "problem-expires-late", value: longest.to_string() });
        }
    }
    errors
}
