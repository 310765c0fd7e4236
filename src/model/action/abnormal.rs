//! The application for a refund that did not reach its user (transactions reference §7, R3): the money is paid to a
//! card of the user, or to the merchant's own card, and the merchant then pays the user.

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::evidence::shows;
use super::field::Typed;
use super::{
    Action, ActionContext, ActionId, ActionRow, Behaviour, Evidence, Field, FieldError, FieldKind, FormValues, Illegal,
    Operation, PrepareError, PreviewLine, Problem, RawObject, RequestParts, Risk, SameBy, Secret,
};
use crate::model::{EndpointId, Entity, Kind, RefundStatus};

pub(super) const APPLY: Action = Action {
    fields: FIELDS,
    by_platform_number: Some(EndpointId::RefundApplyAbnormal),
    // The money of each goes to a card of its own.
    for_many: Some(false),
    rules: |given, _, _| rules(given),
    raw_object: RawObject::Known,
    ..ActionRow(
        ActionId::RefundApplyAbnormal,
        Kind::Refund,
        "apply-abnormal",
        EndpointId::RefundApplyAbnormal,
        Risk::MovesMoney,
    )
    .does(Behaviour {
        legal: |entity, _| {
            let Entity::Refund(refund) = entity else { return Err(Illegal::KIND) };
            match refund.status {
                RefundStatus::Abnormal if refund.refund_id.is_none() => Err(NO_ID),
                RefundStatus::Abnormal => Ok(()),
                RefundStatus::Processing => Err(Illegal("illegal-refund-processing")),
                RefundStatus::Success => Err(Illegal("illegal-refund-arrived")),
                RefundStatus::Closed => Err(Illegal("illegal-refund-closed")),
                RefundStatus::Unknown(_) => Err(Illegal::UNKNOWN_STATE),
            }
        },
        request,
        // Whether it was applied for here or on the merchant platform, it is no longer abnormal.
        evidence: |_, found| {
            let Entity::Refund(refund) = found else { return Evidence::Silent };
            shows(matches!(refund.status, RefundStatus::Processing | RefundStatus::Success), found)
        },
        same_by: SameBy::Terms,
    })
};

const NO_ID: Illegal = Illegal("illegal-refund-no-id");

/// Where the money is paid to.
const TYPES: &[&str] = &[TO_USER, TO_MERCHANT];
const TO_USER: &str = "USER_BANK_CARD";
const TO_MERCHANT: &str = "MERCHANT_BANK_CARD";

/// The banks whose debit cards are supported.
pub(crate) const BANKS: &[&str] = &[
    "CMB_DEBIT",
    "COMM_DEBIT",
    "ABC_DEBIT",
    "CCB_DEBIT",
    "ICBC_DEBIT",
    "BOC_DEBIT",
    "PAB_DEBIT",
    "SPDB_DEBIT",
    "CITIC_DEBIT",
    "CEB_DEBIT",
    "CMBC_DEBIT",
    "CIB_DEBIT",
    "GDB_DEBIT",
    "PSBC_DEBIT",
    "NBCB_DEBIT",
];

/// The maximum of OAEP with a 2048-bit key (protocol reference §8.2), in characters of three bytes.
const LONGEST_NAME: usize = 64;

const FIELDS: &[Field] = &[
    Field::needed("type", "field-receiving-card", FieldKind::Choice(TYPES), "/type"),
    Field::optional("bank-type", "field-bank", FieldKind::Choice(BANKS), "/bank_type"),
    Field::optional("bank-account", "field-card-number", FieldKind::CardNumber, "/bank_account"),
    Field::optional("real-name", "field-card-holder", FieldKind::HolderName { max: LONGEST_NAME }, "/real_name"),
];

/// Fields for a card of the user only.
const OF_USER: [&str; 3] = ["bank-type", "bank-account", "real-name"];

/// A secret in the form that may be shown: the last digits of a card, the last character of a name.
pub fn masked(kind: FieldKind, text: &str) -> String {
    let Some(shown) = kind.shown_of_secret() else { return text.to_owned() };
    let characters: Vec<char> = text.trim().chars().collect();
    // If it is too short to hide anything, nothing is shown.
    let from = if characters.len() > shown { characters.len() - shown } else { characters.len() };
    format!("****{}", characters[from..].iter().collect::<String>())
}

/// The rules between the fields: a card of the user needs all of them, the merchant's own none.
fn rules(given: &FormValues<'_>) -> Vec<FieldError> {
    let problem = |field: &'static str| {
        let problem = match (given.text("type"), given.is_filled(field)) {
            (TO_USER, false) => Problem::Required,
            (TO_MERCHANT, true) => Problem::Rule { id: "problem-no-card-of-user", value: String::new() },
            _ => return None,
        };
        Some(FieldError { field, problem })
    };
    OF_USER.into_iter().filter_map(problem).collect()
}

/// Builds the request, with masks in place of the secrets.
fn request(context: &ActionContext<'_>, given: &FormValues<'_>) -> Result<RequestParts, PrepareError> {
    let (Some(object), Some(Entity::Refund(refund))) = (context.object, context.entity()) else {
        return Err(PrepareError::Illegal(Illegal::KIND));
    };
    let refund_id = refund.refund_id.clone().ok_or(PrepareError::Illegal(NO_ID))?;
    let mut body = Map::new();
    let mut secrets = Vec::new();
    let amount = refund.refund;
    let mut preview: Vec<_> = amount.iter().map(|amount| PreviewLine::new("fact-this-refund", amount)).collect();
    body.insert("out_refund_no".into(), object.id.number.as_str().into());
    for field in FIELDS {
        let Some(Typed::Text(plain)) = given.typed(field.name) else { continue };
        let member = field.at.trim_start_matches('/');
        let shown = masked(field.kind, plain);
        if field.kind.is_secret() {
            preview.push(PreviewLine::new(field.label, &shown));
            secrets.push(Secret { member, text: plain.clone().into() });
        }
        body.insert(member.into(), shown.into());
    }
    let path = Some(("refund_id", refund_id));
    Ok(RequestParts { path, body: body.into(), amount, preview, secrets, ..RequestParts::default() })
}

impl Operation {
    /// Replaces the masks by the encrypted texts: this is sent, and recorded in the journal.
    pub(super) fn encrypt<E>(&mut self, encrypt: impl Fn(&str) -> Result<String, E>) -> Result<(), E> {
        let mut body: Map<String, Value> = serde_json::from_str(&self.body).unwrap_or_default();
        for secret in &self.secrets {
            body.insert(secret.member.to_owned(), encrypt(secret.text.expose_secret())?.into());
        }
        self.body = Value::Object(body).to_string();
        self.secrets.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::action::{Confirmation, RelatedState, evidence, prepare};
    use crate::model::time::{Timestamp, parse_compact};
    use crate::model::{AppId, Environment, MchId, Merchant, Money, Object, Region};

    fn now() -> Timestamp {
        parse_compact("20251009165320").unwrap()
    }

    fn refund(status: &str, refund_id: Option<&str>) -> Object {
        let document = json!({"out_refund_no": "R-1", "refund_id": refund_id, "status": status,
            "amount": {"refund": 880, "total": 2880, "currency": "CNY"}});
        Object::parse(Kind::Refund, &document.to_string()).unwrap()
    }

    fn shop() -> Merchant {
        Merchant::new(MchId::new("1900000001"))
    }

    fn prepared(
        object: &Object,
        given: &[(&'static str, &str)],
        merchant: &Merchant,
    ) -> Result<Operation, PrepareError> {
        let action = ActionId::RefundApplyAbnormal.action();
        let mut values = action.defaults(object, RelatedState::NONE, merchant, now());
        values.extend(given.iter().map(|(name, value)| (*name, (*value).to_owned())));
        prepare(action, object, RelatedState::NONE, merchant, &values, now())
    }

    const CARD: [(&str, &str); 4] =
        [("type", TO_USER), ("bank-type", "CMB_DEBIT"), ("bank-account", "6225 8801 2345 6789"), ("real-name", "张三")];

    #[test]
    fn the_number_and_the_name_are_masked_until_they_are_encrypted_and_the_rest_stays_as_it_was_shown() {
        let operation = prepared(&refund("ABNORMAL", Some("5030")), &CARD, &shop()).unwrap();
        assert_eq!(operation.target, "/v3/refund/domestic/refunds/5030/apply-abnormal-refund");
        assert_eq!(operation.amount, Some(Money::cny(880)), "the gate knows what it moves");
        let body: Value = serde_json::from_str(&operation.body).unwrap();
        let shown = json!({"out_refund_no": "R-1", "type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT",
            "bank_account": "****6789", "real_name": "****三"});
        assert_eq!(body, shown);
        let everything = format!("{operation:?}");
        assert!(!everything.contains("622588") && !everything.contains("张"), "{everything}");
        assert_eq!(operation.typed_confirmation(Environment::Sandbox), Some("R-1".to_owned()), "money moves");
        let confirmed = operation.confirm(Confirmation::Typed("R-1".into())).unwrap();
        let sealed = confirmed.encrypted(|text| Ok::<_, ()>(format!("<{text}>"))).unwrap();
        let sent: Value = serde_json::from_str(&sealed.what().body).unwrap();
        assert_eq!((&sent["bank_account"], &sent["real_name"]), (&json!("<6225880123456789>"), &json!("<张三>")));
        assert_eq!((&sent["type"], &sent["out_refund_no"]), (&json!("USER_BANK_CARD"), &json!("R-1")));
        assert!(sealed.what().secrets.is_empty());
    }

    #[test]
    fn a_users_card_is_named_in_full_and_the_merchants_own_not_at_all() {
        let object = refund("ABNORMAL", Some("5030"));
        let wrong = |given: &[(&'static str, &str)]| match prepared(&object, given, &shop()) {
            Err(PrepareError::Fields(errors)) => errors.iter().map(|error| error.field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong(&[]), ["type"]);
        assert_eq!(wrong(&CARD[..1]), OF_USER);
        assert_eq!(wrong(&[&CARD[..], &[("type", TO_MERCHANT)]].concat()), OF_USER);
        for number in ["1234567", "6225x88012345678", "6225880123456789622588012345678901"] {
            assert_eq!(wrong(&[&CARD[..], &[("bank-account", number)]].concat()), ["bank-account"]);
        }
        assert_eq!(wrong(&[&CARD[..], &[("bank-type", "CMB_CREDIT")]].concat()), ["bank-type"]);
        assert_eq!(wrong(&[&CARD[..], &[("real-name", "😀")]].concat()), ["real-name"]);
        let own = prepared(&object, &[("type", TO_MERCHANT)], &shop()).unwrap();
        assert_eq!(own.body, json!({"out_refund_no": "R-1", "type": "MERCHANT_BANK_CARD"}).to_string());
    }

    #[test]
    fn only_a_refund_that_failed_is_applied_for_and_only_on_the_mainland() {
        let illegal = |status: &str, id| match prepared(&refund(status, id), &[("type", TO_MERCHANT)], &shop()) {
            Err(PrepareError::Illegal(illegal)) => illegal.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(illegal("PROCESSING", Some("5030")), "illegal-refund-processing");
        assert_eq!(illegal("SUCCESS", Some("5030")), "illegal-refund-arrived");
        assert_eq!(illegal("CLOSED", Some("5030")), "illegal-refund-closed");
        assert_eq!(illegal("LATER", Some("5030")), "illegal-state-unknown");
        assert_eq!(illegal("ABNORMAL", None), "illegal-refund-no-id");
        let global = Merchant { region: Region::Global, appid: Some(AppId::new("wx1")), ..shop() };
        let there = prepared(&refund("ABNORMAL", Some("5030")), &[("type", TO_MERCHANT)], &global);
        assert_eq!(there, Err(PrepareError::Illegal(Illegal("illegal-region"))));
    }

    #[test]
    fn the_refund_itself_shows_whether_it_was_taken_up() {
        let shows = |status: &str| {
            let object = refund(status, Some("5030"));
            let Entity::Refund(_) = &*object.entity else { panic!() };
            evidence(ActionId::RefundApplyAbnormal, "{}", &object.entity)
        };
        assert_eq!(["PROCESSING", "SUCCESS"].map(shows), [Evidence::Effect; 2]);
        assert_eq!(["ABNORMAL", "LATER"].map(shows), [Evidence::NoEffect; 2]);
        assert_eq!(shows("CLOSED"), Evidence::Contrary);
    }
}
