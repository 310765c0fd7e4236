//! The journal: what was to be sent, committed before it leaves, and what became of it. Rows are only inserted.

use rusqlite::params;
use time::OffsetDateTime;

use super::objects::millis;
use super::{Ledger, LedgerError};
use crate::model::Method;

/// Who is about to do what.
#[derive(Clone, Debug)]
pub struct Intent {
    pub at: OffsetDateTime,
    pub operator: String,
    pub profile: String,
    pub mchid: String,
    /// The catalogue's name, or `api` for a raw request.
    pub action: String,
    /// The object's kind and number, by which the request is idempotent; empty for a raw request.
    pub kind: String,
    pub number: String,
    pub method: Method,
    pub target: String,
    /// The exact body.
    pub body: String,
    /// The object's state when it was confirmed.
    pub before: String,
}

/// What became of an intent. An unknown one may be followed by another once the object tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// `done`, `refused` or `unknown`.
    pub outcome: &'static str,
    pub request_id: Option<String>,
    /// The verified reply.
    pub reply: Option<String>,
    pub error: Option<String>,
}

impl Ledger {
    /// Commits an intent to the disk and gives its number. Nothing may be sent before this returns.
    pub fn intend(&self, intent: &Intent) -> Result<i64, LedgerError> {
        let connection = self.journal();
        connection.execute(
            "INSERT INTO intent (at, operator, profile, mchid, action, kind, number, method, target, body, before)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                millis(intent.at),
                intent.operator,
                intent.profile,
                intent.mchid,
                intent.action,
                intent.kind,
                intent.number,
                intent.method.as_str(),
                intent.target,
                intent.body,
                intent.before,
            ],
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// Adds what became of an intent.
    pub fn settle(&self, intent: i64, at: OffsetDateTime, settlement: &Settlement) -> Result<(), LedgerError> {
        let Settlement { outcome, request_id, reply, error } = settlement;
        self.journal().execute(
            "INSERT INTO settlement (intent, at, outcome, request_id, reply, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![intent, millis(at), outcome, request_id, reply, error],
        )?;
        Ok(())
    }

    /// The latest outcome of an intent; `None` while it is under way.
    pub fn outcome(&self, intent: i64) -> Result<Option<String>, LedgerError> {
        use rusqlite::OptionalExtension;
        let connection = self.journal();
        let mut statement =
            connection.prepare_cached("SELECT outcome FROM settlement WHERE intent = ?1 ORDER BY id DESC LIMIT 1")?;
        Ok(statement.query_row([intent], |row| row.get(0)).optional()?)
    }
}
