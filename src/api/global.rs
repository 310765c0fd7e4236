//! What only WeChat Pay Global has: an order's refunds, statements as text, settlements (Global reference §8, §9, §11).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::transport::HttpAnswer;
use super::{ApiError, Client, Untrusted};
use crate::model::bill::{sha1_hex, unpack};
use crate::model::{self, Document, DocumentError, EndpointId, Kind, Object, ObjectId, Settled, Settlement};

/// A day's statement, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFile {
    /// The text, unpacked.
    pub text: String,
    /// SHA-1 of its bytes, in hexadecimal.
    pub digest: String,
    pub request_id: Option<String>,
}

/// Refunds of an order on one page: the most there can be.
const REFUNDS: &str = "20";
/// Settlements on one page, as many as are recommended.
const SETTLEMENTS: &str = "10";

impl Client {
    /// The statement of a day, `20261121`. WeChat Pay signs its digest in place of its bytes, so both are checked: the
    /// signature over the digest, and the digest against the bytes. A statement without a valid signature is rejected,
    /// whatever its digest.
    pub async fn statement(&self, day: &str) -> Result<StatementFile, ApiError> {
        self.check_region(EndpointId::GlobalStatement)?;
        let endpoint = EndpointId::GlobalStatement.endpoint();
        let mut query = vec![("date", day)];
        query.extend(self.merchant().global_ids());
        let target = endpoint.target(&[], &query);
        let mut count = 1;
        loop {
            match self.ask_for_statement(&target).await {
                Ok(statement) => return self.check_statement(statement, day),
                Err(error) => self.before_repeating(&target, error.to("GET", &target), false, &mut count).await?,
            }
        }
    }

    async fn ask_for_statement(&self, target: &str) -> Result<StatementFile, ApiError> {
        let answer = self.ask_for_file(target).await?;
        if (200..300).contains(&answer.status) {
            return self.believe_statement(answer).await;
        }
        let request_id = answer.request_id.clone();
        // An error is signed like every other error.
        self.judge(answer).await?;
        Err(ApiError::Untrusted { reason: Untrusted::Unsigned { html: false }, request_id })
    }

    /// The signature is over the digest alone: a genuine statement of another day or merchant (from a cache, or replayed
    /// within the five minutes) must not pass for this one.
    fn check_statement(&self, statement: StatementFile, day: &str) -> Result<StatementFile, ApiError> {
        let ids = self.merchant().global_ids();
        match another(&statement.text, day, |mchid| ids.iter().any(|(_, id)| *id == mchid)) {
            None => Ok(statement),
            Some(found) => {
                let reason = Untrusted::Another { found };
                Err(ApiError::Untrusted { reason, request_id: statement.request_id })
            }
        }
    }

    async fn believe_statement(&self, answer: HttpAnswer) -> Result<StatementFile, ApiError> {
        let request_id = answer.request_id.clone();
        let untrusted = |reason| ApiError::Untrusted { reason, request_id: request_id.clone() };
        let Some(digest) = answer.digest.clone() else {
            // Without a digest the signature can only be over the bytes themselves.
            self.verify(&answer, &answer.body).await.map_err(untrusted)?;
            return read_statement(&answer.body, request_id.clone());
        };
        self.verify(&answer, signed_text(&digest).as_bytes()).await.map_err(untrusted)?;
        if !is_digest_of(&digest, &answer.body) {
            return Err(untrusted(Untrusted::Digest));
        }
        read_statement(&answer.body, request_id.clone())
    }

    /// One page of an order's refunds, from a row on, and their total number. Its rows name neither order nor
    /// transaction: they list the refunds with their states.
    pub async fn list_refunds(&self, order: &ObjectId, offset: usize) -> Result<(Vec<Object>, usize), ApiError> {
        let endpoint = EndpointId::GlobalRefundList;
        let offset = offset.to_string();
        let mut query = vec![("out_trade_no", order.number.as_str())];
        query.extend(self.merchant().global_ids());
        query.extend([("offset", offset.as_str()), ("count", REFUNDS)]);
        let reply = self.call(endpoint, &endpoint.endpoint().target(&[], &query), "").await?;
        let unreadable = |source: DocumentError| ApiError::Unreadable { source, request_id: reply.request_id.clone() };
        let page: Page<'_> = serde_json::from_str(&reply.body).map_err(|error| unreadable(error.into()))?;
        // A genuine answer about another order must not pass for this one.
        let foreign_merchant = self.merchant().foreign_merchant(&reply.body);
        let of = page.out_trade_no.as_deref().unwrap_or_default();
        if foreign_merchant.is_some() || of != order.number.as_str() {
            let found = foreign_merchant.unwrap_or_else(|| of.to_owned());
            return Err(ApiError::Untrusted { reason: Untrusted::Another { found }, request_id: reply.request_id });
        }
        let refund = |row: &&RawValue| Object::parse(Kind::Refund, row.get());
        let refunds = page.data.iter().map(refund).collect::<Result<_, _>>().map_err(unreadable)?;
        Ok((refunds, page.count(page.total_num.as_ref())))
    }

    /// One page of settlements, from a row on, and their total number.
    pub async fn list_settlements(&self, which: &Settled, offset: usize) -> Result<(Vec<Settlement>, usize), ApiError> {
        let endpoint = EndpointId::GlobalSettlements;
        let offset = offset.to_string();
        let mut query = match which {
            Settled::Between(from, to) => vec![
                ("settle_state", "SETTLED"),
                ("settle_start_date", from.as_str()),
                ("settle_end_date", to.as_str()),
            ],
            Settled::NotYet => vec![("settle_state", "UNSETTLE")],
        };
        query.extend([("limit", SETTLEMENTS), ("offset", offset.as_str())]);
        let reply = self.call(endpoint, &endpoint.endpoint().target(&[], &query), "").await?;
        let unreadable = |source: DocumentError| ApiError::Unreadable { source, request_id: reply.request_id.clone() };
        let page: Page<'_> = serde_json::from_str(&reply.body).map_err(|error| unreadable(error.into()))?;
        let settlement = |row: &&RawValue| {
            let value: serde_json::Value = serde_json::from_str(row.get())?;
            Ok(Settlement::read(Document::new(&value)))
        };
        let rows = page.data.iter().map(settlement).collect::<Result<_, _>>().map_err(unreadable)?;
        Ok((rows, page.count(page.total_count.as_ref())))
    }
}

/// A page of a list. `data` may be absent if there are no rows, and the counts may be text.
#[derive(Deserialize)]
struct Page<'a> {
    out_trade_no: Option<String>,
    total_num: Option<serde_json::Value>,
    total_count: Option<serde_json::Value>,
    #[serde(default, borrow)]
    data: Vec<&'a RawValue>,
}

impl Page<'_> {
    fn count(&self, of: Option<&serde_json::Value>) -> usize {
        let count = of.and_then(|n| Document::new(&serde_json::json!({ "n": n })).int("n"));
        count.and_then(|n| usize::try_from(n).ok()).unwrap_or(self.data.len())
    }
}

/// The text that the signature of a statement covers.
fn signed_text(digest: &str) -> String {
    format!("{{\"sha1\":\"{digest}\"}}")
}

/// Whether a digest matches these bytes: as received, or unpacked.
fn is_digest_of(digest: &str, bytes: &[u8]) -> bool {
    let digest = digest.trim();
    let is = |bytes: &[u8]| sha1_hex(bytes).eq_ignore_ascii_case(digest);
    is(bytes) || unpack(bytes).is_ok_and(|plain| is(&plain))
}

/// What a statement's rows say that they are about, if it is neither the merchant nor the day. The time of a refund may
/// be that of its payment, so one row of the day is enough; a layout with neither contradicts nothing.
fn another(text: &str, day: &str, is_ours: impl Fn(&str) -> bool) -> Option<String> {
    let statement = model::Statement::parse(text.as_bytes()).ok()?;
    let first = statement.rows().next()?;
    let merchants: Vec<&str> =
        ["商户号", "子商户号"].iter().filter_map(|column| first.get(column)).map(str::trim).collect();
    if let Some(named) = merchants.first().filter(|mchid| !mchid.is_empty())
        && !merchants.iter().any(|mchid| is_ours(mchid))
    {
        return Some((*named).to_owned());
    }
    let day_of = |row: model::StatementRow<'_>| {
        let digits: String = row.get("交易时间")?.chars().filter(char::is_ascii_digit).take(day.len()).collect();
        Some(digits).filter(|digits| digits.len() == day.len())
    };
    let mut found = None;
    for stated in statement.rows().filter_map(day_of) {
        if stated == day {
            return None;
        }
        found = Some(stated);
    }
    found
}

fn read_statement(bytes: &[u8], request_id: Option<String>) -> Result<StatementFile, ApiError> {
    let unreadable = |source: DocumentError| ApiError::Unreadable { source, request_id: request_id.clone() };
    let plain = unpack(bytes).map_err(|error| unreadable(DocumentError::Packed(error.to_string())))?;
    let text = std::str::from_utf8(&plain).map_err(|error| unreadable(error.into()))?;
    Ok(StatementFile { text: text.to_owned(), digest: sha1_hex(&plain), request_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_of_another_day_or_merchant_is_not_the_one_that_was_asked_for() {
        let statement = |mchid: &str, sub_mchid: &str, days: &[&str]| {
            let rows = days.iter().map(|day| format!("`{day} 10:00:00,`{mchid},`{sub_mchid}\r\n"));
            format!("交易时间,商户号,子商户号\r\n{}", rows.collect::<String>())
        };
        let stated = |text: &str| another(text, "20261121", |mchid| mchid == "1610000001");
        assert_eq!(stated(&statement("1610000001", "0", &["2026-11-21"])), None);
        assert_eq!(stated(&statement("1610000001", "0", &["2026-11-20", "2026-11-21"])), None);
        assert_eq!(stated(&statement("1610000009", "1610000001", &["2026-11-21"])), None);
        let other_day = stated(&statement("1610000001", "0", &["2026-11-19", "2026-11-20"]));
        assert_eq!(other_day.as_deref(), Some("20261120"));
        let foreign_merchant = stated(&statement("1610000002", "0", &["2026-11-21"]));
        assert_eq!(foreign_merchant.as_deref(), Some("1610000002"));
        for silent in ["", "a,b\r\n`1,`2\r\n", "交易时间\r\n`?\r\n", "a\r\n`1,`2\r\n"] {
            assert_eq!(stated(silent), None, "{silent:?}");
        }
    }
}
