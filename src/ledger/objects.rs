//! The objects: one row for each number, with the latest verified document.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, params};
use time::OffsetDateTime;

use super::{Fresh, Known, Ledger, LedgerError, Source};
use crate::model::{Kind, Number, Object, ObjectId};

impl Ledger {
    /// Remembers numbers whose objects have not been fetched. Known ones stay as they are.
    pub fn note(&self, profile: &str, ids: &[ObjectId]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = connection.transaction()?;
        for id in ids {
            transaction
                .prepare_cached(
                    "INSERT INTO object (profile, kind, number) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![profile, id.kind.noun(), id.number.as_str()])?;
        }
        Ok(transaction.commit()?)
    }

    /// Stores verified documents. An older one never replaces a newer one.
    pub fn put(&self, profile: &str, objects: &[Fresh]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = connection.transaction()?;
        for Fresh { object, verified_at, source } in objects {
            transaction
                .prepare_cached(
                    "INSERT INTO object (profile, kind, number, document, state, source, verified_at, platform_number)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                     ON CONFLICT (profile, kind, number) DO UPDATE SET
                         document = excluded.document, state = excluded.state,
                         source = excluded.source, verified_at = excluded.verified_at,
                         platform_number = excluded.platform_number
                     WHERE verified_at IS NULL OR verified_at <= excluded.verified_at",
                )?
                .execute(params![
                    profile,
                    object.id.kind.noun(),
                    object.id.number.as_str(),
                    &*object.raw,
                    object.entity.state().code,
                    source.name(),
                    millis(*verified_at),
                    object.entity.platform_number(),
                ])?;
        }
        Ok(transaction.commit()?)
    }

    /// Everything known of a profile, in the order it became known.
    pub fn known(&self, profile: &str) -> Result<Vec<Known>, LedgerError> {
        let connection = self.objects();
        let mut statement = connection.prepare_cached(
            "SELECT kind, number, document, source, verified_at FROM object WHERE profile = ?1 ORDER BY rowid",
        )?;
        let rows = statement.query_map([profile], known)?;
        // A row this version cannot read (a kind of a later one) is passed over, not lost.
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// What is known of one object.
    pub fn object(&self, profile: &str, id: &ObjectId) -> Result<Option<Fresh>, LedgerError> {
        let connection = self.objects();
        let row = connection
            .prepare_cached(
                "SELECT kind, number, document, source, verified_at FROM object
                 WHERE profile = ?1 AND kind = ?2 AND number = ?3",
            )?
            .query_row(params![profile, id.kind.noun(), id.number.as_str()], known)
            .optional()?;
        Ok(row.flatten().and_then(|known| known.fresh))
    }

    /// Everything known under a text: the merchant's number of any kind, or WeChat Pay's own.
    pub fn find(&self, profile: &str, text: &str) -> Result<Vec<Known>, LedgerError> {
        let kinds = Kind::ALL.map(|kind| format!("'{}'", kind.noun())).join(", ");
        let connection = self.objects();
        // Both halves are looked up in an index; naming the kinds is what lets the first use the primary key.
        let mut statement = connection.prepare_cached(&format!(
            "SELECT kind, number, document, source, verified_at FROM object WHERE rowid IN (
                 SELECT rowid FROM object WHERE profile = ?1 AND kind IN ({kinds}) AND number = ?2
                 UNION SELECT rowid FROM object WHERE profile = ?1 AND platform_number = ?2)
             ORDER BY rowid"
        ))?;
        let rows = statement.query_map([profile, text], known)?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Those of the objects whose documents were verified at that time or later. No document is read for it.
    pub fn verified_since(
        &self,
        profile: &str,
        ids: &[ObjectId],
        since: OffsetDateTime,
    ) -> Result<HashSet<ObjectId>, LedgerError> {
        let connection = self.objects();
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM object WHERE profile = ?1 AND kind = ?2 AND number = ?3 AND verified_at >= ?4",
        )?;
        let mut verified = HashSet::new();
        for id in ids {
            if statement.exists(params![profile, id.kind.noun(), id.number.as_str(), millis(since)])? {
                verified.insert(id.clone());
            }
        }
        Ok(verified)
    }
}

fn known(row: &Row<'_>) -> rusqlite::Result<Option<Known>> {
    let (kind, number): (String, String) = (row.get(0)?, row.get(1)?);
    let (Some(kind), Ok(number)) = (Kind::from_noun(&kind), Number::parse(&number)) else { return Ok(None) };
    let (document, source, at): (Option<String>, Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let fresh = document.zip(at).and_then(|(document, at)| {
        Some(Fresh {
            object: Object::parse(kind, &document).ok()?,
            verified_at: OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok()?,
            source: Source::from_name(source.as_deref().unwrap_or_default()),
        })
    });
    Ok(Some(Known { id: ObjectId::new(kind, number), fresh }))
}

/// Unix milliseconds, the ledger's unit of time.
pub(super) fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Store;

    fn plan(name: &str, at: i64) -> Fresh {
        let raw = format!(r#"{{"merchant_plan_no":"P-1","plan_name":"{name}","plan_state":"NORMAL"}}"#);
        Fresh {
            object: Object::parse(Kind::Plan, &raw).unwrap(),
            verified_at: OffsetDateTime::from_unix_timestamp(at).unwrap(),
            source: Source::Query,
        }
    }

    #[test]
    fn an_older_document_never_replaces_a_newer_one_and_profiles_are_apart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let id = plan("x", 1).object.id;
        ledger.note("shop", std::slice::from_ref(&id)).unwrap();
        assert!(ledger.object("shop", &id).unwrap().is_none());
        ledger.put("shop", &[plan("new", 200)]).unwrap();
        ledger.put("shop", &[plan("old", 100)]).unwrap();
        ledger.note("shop", std::slice::from_ref(&id)).unwrap();
        let known = ledger.known("shop").unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(known[0].fresh.as_ref().unwrap().object.entity.title(), Some("new"));
        assert!(ledger.known("other").unwrap().is_empty());
    }

    #[test]
    fn an_object_is_found_by_the_merchants_number_and_by_wechat_pays() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let order = r#"{"out_order_no":"N-1","order_id":"15646546545165651651","state":"DOING"}"#;
        let order = Fresh::now(Object::parse(Kind::ServiceOrder, order).unwrap(), Source::Query);
        let paid = r#"{"out_trade_no":"N-1","transaction_id":"4200001","trade_state":"SUCCESS"}"#;
        let paid = Fresh::now(Object::parse(Kind::Transaction, paid).unwrap(), Source::Query);
        let ids = [order.object.id.clone(), paid.object.id.clone()];
        let noted = ObjectId::new(Kind::Plan, Number::parse("N-1").unwrap());
        ledger.put("shop", &[order, paid]).unwrap();
        ledger.note("shop", std::slice::from_ref(&noted)).unwrap();
        let found = |text: &str| -> Vec<ObjectId> {
            ledger.find("shop", text).unwrap().into_iter().map(|known| known.id).collect()
        };
        assert_eq!(found("N-1"), [ids[0].clone(), ids[1].clone(), noted.clone()]);
        assert_eq!(found("15646546545165651651"), [ids[0].clone()]);
        assert_eq!(found("4200001"), [ids[1].clone()]);
        assert!(found("4200002").is_empty() && ledger.find("other", "N-1").unwrap().is_empty());
        let all = [ids[0].clone(), ids[1].clone(), noted];
        let hour_ago = OffsetDateTime::now_utc() - time::Duration::HOUR;
        assert_eq!(ledger.verified_since("shop", &all, hour_ago).unwrap(), HashSet::from(ids));
        assert!(ledger.verified_since("shop", &all, hour_ago + time::Duration::hours(2)).unwrap().is_empty());
    }
}
