//! Finds out which object a number stands for: from the ledger, from the number's shape, and finally from WeChat Pay.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::api::ApiError;
use crate::ledger::LedgerError;
use crate::model::{Kind, Number, Numbers, Object, ObjectId, Region};
use crate::services::Runner;

/// Something to look up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// An object, by the number it is queried by.
    Object(ObjectId),
    /// A number whose object is not known; of this kind, if one is given.
    Number(Number, Option<Kind>),
}

/// One way to ask about a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupQuery {
    /// By the number its kind is queried by.
    Object(ObjectId),
    /// As WeChat Pay's own number of a transaction.
    TransactionId(Number),
    /// As a user's openid, for the user's permission.
    User(Number),
    /// As WeChat Pay's own number of a refund, where refunds can be asked for by it.
    RefundId(Number),
}

/// A question that found no object.
#[derive(Debug)]
pub struct LookupAttempt {
    pub question: LookupQuery,
    pub error: ApiError,
}

/// The result of looking a number up.
#[derive(Debug, Default)]
pub struct Search {
    /// More than one if the merchant has used the number for several kinds.
    pub found: Vec<Object>,
    /// In the order of asking.
    pub tried: Vec<LookupAttempt>,
    /// What was found could not be kept in the ledger, and why.
    pub store_error: Option<Arc<LedgerError>>,
}

/// The least length of a transaction's own number, and how it begins; and of a refund's.
const TRANSACTION_ID: (usize, &str) = (28, "4200");
/// How an openid begins, and its minimum length. Current ones have 28 characters; only a maximum of 128 is documented
/// (PayScore reference §3.1).
const OPENID: (&str, usize) = ("o", 10);
const REFUND_ID: (usize, &str) = (28, "50");

impl Lookup {
    /// What a text in a file or on the command line asks for. A transaction or a refund may be named by either of its
    /// numbers, a permission by its user.
    pub fn new(number: Number, kind: Option<Kind>) -> Self {
        let platforms = match kind {
            Some(Kind::Transaction) => is_like(&number, TRANSACTION_ID),
            Some(Kind::Refund) => is_like(&number, REFUND_ID),
            Some(Kind::Permission) => number.as_str().starts_with(OPENID.0),
            _ => false,
        };
        match kind {
            Some(kind) if !platforms => Self::Object(ObjectId::new(kind, number)),
            kind => Self::Number(number, kind),
        }
    }

    pub fn number(&self) -> &Number {
        match self {
            Self::Object(id) => &id.number,
            Self::Number(number, _) => number,
        }
    }

    /// Its kind, as far as that was known before asking.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Object(id) => Some(id.kind),
            Self::Number(_, kind) => *kind,
        }
    }
}

impl LookupQuery {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Object(id) => id.kind,
            Self::TransactionId(_) => Kind::Transaction,
            Self::User(_) => Kind::Permission,
            Self::RefundId(_) => Kind::Refund,
        }
    }

    /// The name WeChat Pay has for the number when it is asked about in this way.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Object(id) => id.kind.number_field(),
            Self::TransactionId(_) => "transaction_id",
            Self::User(_) => "openid",
            Self::RefundId(_) => "refund_id",
        }
    }
}

impl std::fmt::Display for LookupQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Object(id) => id.fmt(f),
            Self::TransactionId(number) => write!(f, "transaction {number}"),
            Self::User(openid) => write!(f, "permission {openid}"),
            Self::RefundId(number) => write!(f, "refund {number}"),
        }
    }
}

impl LookupAttempt {
    /// True if the answer was that there is no such object; any other error leaves that open. WeChat Pay says so with a
    /// code; a proxy's error page has no code.
    pub(crate) fn is_not_there(&self) -> bool {
        let refusal = self.error.refusal().filter(|refusal| !refusal.is_about_certificates());
        refusal.is_some_and(|refusal| refusal.status == 404 && !refusal.code.is_empty())
    }
}

/// Why querying stopped early: everything else would have failed, too.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Runner {
    /// Finds out what is meant, asking as little as the number's shape allows. An error that every
    /// other question would meet ends it. Nothing is kept yet.
    pub(crate) async fn search(&self, wanted: &Lookup) -> Result<Search, Stopped> {
        let (number, kind) = match wanted {
            Lookup::Object(id) => return self.ask_all(vec![LookupQuery::Object(id.clone())]).await,
            Lookup::Number(number, kind) => (number, *kind),
        };
        let (profile, text) = (self.actor.key.clone(), number.as_str().to_owned());
        let known = self.ledger.run(move |ledger| ledger.find(&profile, &text)).await?;
        let known = known.into_iter().map(|known| known.id).collect();
        let mut search = Search::default();
        for stage in stages(number, kind, known, self.region()) {
            let Search { found, tried, .. } = self.ask_all(stage).await?;
            search.tried.extend(tried);
            if !found.is_empty() {
                search.found = found;
                break;
            }
        }
        Ok(search)
    }

    /// Asks a few questions at once.
    async fn ask_all(&self, questions: Vec<LookupQuery>) -> Result<Search, Stopped> {
        let answers = questions.into_iter().map(|question| async move {
            let answer = match &question {
                LookupQuery::Object(id) => self.query(id).await.1,
                LookupQuery::TransactionId(number) => {
                    self.client.fetch_by_transaction_id(number).await.map(|(object, _)| object)
                }
                LookupQuery::User(openid) => self.client.fetch_by_openid(openid).await.map(|(object, _)| object),
                LookupQuery::RefundId(number) => self.client.fetch_by_refund_id(number).await.map(|(object, _)| object),
            };
            (question, answer)
        });
        let mut search = Search::default();
        for (question, answer) in join_all(answers).await {
            match answer {
                Ok(object) => search.found.push(object),
                Err(error) if error.is_of_the_object() => search.tried.push(LookupAttempt { question, error }),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(search)
    }
}

/// The questions about a number, in order: one group after another until one of them finds an object. WeChat Pay's own
/// numbers are recognised by their shape and queried alone. A merchant may have used one number for several kinds, so
/// these are queried together. A kind that the region lacks is queried only if it is named: then the answer is that it
/// does not exist.
fn stages(number: &Number, kind: Option<Kind>, known: Vec<ObjectId>, region: Region) -> Vec<Vec<LookupQuery>> {
    let text = number.as_str();
    let by_kind = |kind| LookupQuery::Object(ObjectId::new(kind, number.clone()));
    let mut stages: Vec<Vec<LookupQuery>> = vec![known.into_iter().map(LookupQuery::Object).collect()];
    if is_like(number, TRANSACTION_ID) {
        stages.push(vec![LookupQuery::TransactionId(number.clone())]);
    }
    if region == Region::Global && is_like(number, REFUND_ID) {
        stages.push(vec![LookupQuery::RefundId(number.clone())]);
    }
    let mut of_merchant = Vec::new();
    for kind in Kind::ALL {
        match kind.row().numbers {
            Numbers::Merchants { shortest, longest, place } => {
                if kind.is_in(region) && (shortest..=longest).contains(&text.len()) {
                    of_merchant.push((place, kind));
                }
            }
            Numbers::Digits { most } => {
                if kind.is_in(region) && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit()) {
                    stages.push(vec![by_kind(kind)]);
                }
            }
            Numbers::OfUser => {
                if is_of_user(number) {
                    stages.push(vec![by_kind(kind)]);
                }
            }
        }
    }
    of_merchant.sort_unstable();
    stages.push(of_merchant.into_iter().map(|(_, kind)| by_kind(kind)).collect());
    // This query always has an answer, with or without a permission, so it comes last.
    let named = kind == Some(Kind::Permission) && text.starts_with(OPENID.0);
    if named || (is_openid(number) && Kind::Permission.is_in(region)) {
        stages.push(vec![LookupQuery::User(number.clone())]);
    }
    // A kind that is named is trusted, whatever the shape of the number; but some cannot be queried without a user.
    if let Some(kind) = kind.filter(|kind| kind.row().numbers != Numbers::OfUser) {
        stages.push(vec![by_kind(kind)]);
    }
    let mut asked: Vec<LookupQuery> = Vec::new();
    for stage in &mut stages {
        stage.retain(|question| kind.is_none_or(|kind| kind == question.kind()) && !asked.contains(question));
        asked.extend(stage.iter().cloned());
    }
    stages.retain(|stage| !stage.is_empty());
    stages
}

fn is_like(number: &Number, (length, start): (usize, &str)) -> bool {
    let text = number.as_str();
    text.len() >= length && text.starts_with(start) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_openid(number: &Number) -> bool {
    let text = number.as_str();
    text.len() >= OPENID.1 && text.starts_with(OPENID.0) && !text.contains(['|', '*', '@'])
}

/// True for `NUMBER@OPENID`.
fn is_of_user(number: &Number) -> bool {
    let parts = number.as_str().split_once('@');
    parts.is_some_and(|(id, openid)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && openid.starts_with(OPENID.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields asked about, stages apart.
    fn plan(text: &str, kind: Option<Kind>, known: &[ObjectId]) -> String {
        plan_in(Region::Mainland, text, kind, known)
    }

    fn plan_in(region: Region, text: &str, kind: Option<Kind>, known: &[ObjectId]) -> String {
        let number = Number::parse(text).unwrap();
        let stage = |stage: Vec<LookupQuery>| stage.iter().map(LookupQuery::field).collect::<Vec<_>>().join("+");
        stages(&number, kind, known.to_vec(), region).into_iter().map(stage).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_shape_decides_what_is_asked_first() {
        let merchants =
            "out_trade_no+out_order_no+merchant_plan_no+merchant_sign_plan_no+out_refund_no+authorization_code";
        assert_eq!(plan("SO-20251121", None, &[]), merchants);
        assert_eq!(plan("98001234", None, &[]), format!("stock_id {merchants}"));
        assert_eq!(plan("123456789012345678901", None, &[]), merchants, "too long for a stock");
        assert_eq!(plan("4200001234202511211234567890", None, &[]), format!("transaction_id {merchants}"));
        let short = "out_order_no+merchant_plan_no+merchant_sign_plan_no+out_refund_no+authorization_code";
        assert_eq!(plan("P-1", None, &[]), short);
        assert_eq!(plan(&"x".repeat(33), None, &[]), "out_refund_no", "nothing else has such a number");
        assert_eq!(plan(&"x".repeat(33), Some(Kind::Refund), &[]), "out_refund_no");
    }

    #[test]
    fn abroad_only_orders_and_refunds_are_asked_about_by_either_of_their_numbers() {
        let plan = |text: &str, kind| plan_in(Region::Global, text, kind, &[]);
        assert_eq!(plan("GTX-0001", None), "out_trade_no+out_refund_no");
        assert_eq!(plan("98001234", None), "out_trade_no+out_refund_no", "there are no stocks");
        assert_eq!(plan("4200001234202511211234567890", None), "transaction_id out_trade_no+out_refund_no");
        assert_eq!(plan("50200207182018070300011301001", None), "refund_id out_trade_no+out_refund_no");
        assert_eq!(plan("50200207182018070300011301001", Some(Kind::Refund)), "refund_id out_refund_no");
    }

    #[test]
    fn a_given_kind_narrows_and_is_asked_whatever_the_shape() {
        assert_eq!(plan("SO-20251121", Some(Kind::ServiceOrder), &[]), "out_order_no");
        assert_eq!(plan("98001234", Some(Kind::Plan), &[]), "merchant_plan_no");
        assert_eq!(plan("ABC", Some(Kind::Stock), &[]), "stock_id");
        let by_either = "transaction_id out_trade_no";
        assert_eq!(plan("4200001234202511211234567890", Some(Kind::Transaction), &[]), by_either);
    }

    #[test]
    fn a_permission_is_asked_for_by_its_code_first_and_then_by_its_user() {
        let openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
        assert_eq!(plan(openid, Some(Kind::Permission), &[]), "authorization_code openid");
        assert!(plan(openid, None, &[]).ends_with("+authorization_code openid"));
        assert_eq!(plan("oShort", Some(Kind::Permission), &[]), "authorization_code openid");
        assert!(!plan("oShort", None, &[]).contains("openid"), "anything might begin so");
        assert!(
            plan("oFakeUser_0042", None, &[]).ends_with("+authorization_code openid"),
            "their length is not promised"
        );
        assert!(!plan_in(Region::Global, openid, None, &[]).contains("openid"), "there are no permissions");
        let wanted = |text: &str| Lookup::new(Number::parse(text).unwrap(), Some(Kind::Permission));
        assert!(matches!(wanted("oFakeUser_0042"), Lookup::Number(_, Some(Kind::Permission))));
        assert!(matches!(wanted("PMS000061"), Lookup::Object(_)));
        assert_eq!(plan("PMS000061", Some(Kind::Permission), &[]), "authorization_code");
    }

    #[test]
    fn a_coupon_is_asked_for_by_both_its_numbers_or_not_at_all() {
        let number = "80001234@oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
        assert_eq!(plan(number, None, &[]), "coupon_id out_refund_no");
        assert_eq!(plan(number, Some(Kind::Coupon), &[]), "coupon_id");
        assert_eq!(plan("80001234", Some(Kind::Coupon), &[]), "");
        let known = ObjectId::new(Kind::Coupon, Number::parse(number).unwrap());
        assert_eq!(plan("80001234", Some(Kind::Coupon), &[known]), "coupon_id", "the ledger knows whose it is");
    }

    #[test]
    fn what_the_ledger_knows_is_asked_first_and_once() {
        let number = Number::parse("SO-20251121").unwrap();
        let order = ObjectId::new(Kind::ServiceOrder, number);
        let rest = "out_trade_no+merchant_plan_no+merchant_sign_plan_no+out_refund_no+authorization_code";
        assert_eq!(plan("SO-20251121", None, std::slice::from_ref(&order)), format!("out_order_no {rest}"));
        // By WeChat Pay's number the ledger leads to the merchant's.
        assert_eq!(plan("15646546545165651651000", Some(Kind::ServiceOrder), &[order]), "out_order_no out_order_no");
        assert_eq!(
            plan("SO-20251121", Some(Kind::Plan), &[ObjectId::new(Kind::Stock, Number::parse("1").unwrap())]),
            "merchant_plan_no"
        );
    }

    #[test]
    fn either_number_of_a_transaction_names_it() {
        let wanted = |text: &str, kind| Lookup::new(Number::parse(text).unwrap(), kind);
        assert!(matches!(wanted("PAY-000001", Some(Kind::Transaction)), Lookup::Object(_)));
        let own = "4200001234202511211234567890";
        assert!(matches!(wanted(own, Some(Kind::Transaction)), Lookup::Number(_, Some(Kind::Transaction))));
        assert!(matches!(wanted(own, Some(Kind::Plan)), Lookup::Object(_)));
        assert!(matches!(wanted("PAY-000001", None), Lookup::Number(_, None)));
        let user = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
        assert!(matches!(wanted(user, Some(Kind::Permission)), Lookup::Number(_, Some(Kind::Permission))));
        assert!(matches!(wanted("PMS000061", Some(Kind::Permission)), Lookup::Object(_)));
    }
}
