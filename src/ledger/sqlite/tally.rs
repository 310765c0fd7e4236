//! Counts many rows of a list at once. The triggers that keep the table `tally` change it for every row, each time with
//! a journal of that statement; a transaction that writes thousands of rows sets them aside and adds up here.

use std::collections::HashMap;

use rusqlite::{Transaction, params};

use crate::ledger::LedgerError;

/// The triggers set aside for one transaction, and what they would have counted. Dropping it without
/// [`TallyChanges::write`] is for transactions that are rolled back, which bring the triggers back.
pub(super) struct TallyChanges {
    triggers: Vec<String>,
    changes: HashMap<TallyGroup, TallySum>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TallyGroup {
    list: i64,
    state: String,
    currency: String,
}

#[derive(Clone, Copy, Debug, Default)]
struct TallySum {
    count: i64,
    high: i64,
    low: i64,
}

impl TallyChanges {
    pub(super) fn begin(transaction: &Transaction<'_>) -> Result<Self, LedgerError> {
        let mut found = transaction.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'object'
             AND name GLOB 'object_is_counted*' ORDER BY name",
        )?;
        let named = found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let mut triggers = Vec::new();
        for named in named.collect::<Result<Vec<_>, _>>()? {
            let (name, sql) = named;
            transaction.execute_batch(&format!("DROP TRIGGER {name}"))?;
            triggers.push(sql);
        }
        Ok(Self { triggers, changes: HashMap::new() })
    }

    /// One row more (`by` 1) or less (-1) with these columns.
    pub(super) fn count(&mut self, list: i64, state: Option<&str>, amount: Option<(i64, &str)>, by: i64) {
        let (state, currency) = (state.unwrap_or_default(), amount.map_or("", |(_, currency)| currency));
        let minor = amount.map_or(0, |(minor, _)| minor);
        let group = TallyGroup { list, state: state.to_owned(), currency: currency.to_owned() };
        let sum = self.changes.entry(group).or_default();
        sum.count += by;
        sum.high += by * (minor >> 32);
        sum.low += by * (minor & 0xffff_ffff);
    }

    /// Writes the sums, and puts the triggers back.
    pub(super) fn write(self, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        for (TallyGroup { list, state, currency }, TallySum { count, high, low }) in self.changes {
            transaction.execute(
                "INSERT INTO tally VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE
                 SET count = count + excluded.count, high = high + excluded.high, low = low + excluded.low",
                params![list, state, currency, count, high, low],
            )?;
        }
        for trigger in self.triggers {
            transaction.execute_batch(&trigger)?;
        }
        Ok(())
    }
}
