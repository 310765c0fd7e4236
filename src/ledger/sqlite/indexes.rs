//! The indexes of objects while a great many are inserted. An index that is made at once is sorted, where row by row each
//! of its pages is written many times.

use rusqlite::Transaction;

use crate::ledger::LedgerError;

/// Fewer new rows than this are cheaper row by row.
#[cfg(not(test))]
const MANY: u64 = 50_000;
/// Tests have few rows.
#[cfg(test)]
const MANY: u64 = 2;

/// KiB of pages that are kept while indexes are made, and of entries that are sorted at once; the rest is in files.
const SORTED: i64 = 16 << 10;

/// The indexes set aside for one transaction. Dropping it without [`Indexes::write`] is for transactions that are rolled
/// back, which bring them back.
pub(super) struct Indexes {
    /// The rows there were at the beginning, which are sorted again as well.
    rows: u64,
    /// The statements that make them; empty while they are kept.
    aside: Vec<String>,
}

impl Indexes {
    pub(super) fn of(transaction: &Transaction<'_>) -> Result<Self, LedgerError> {
        let rows: i64 = transaction.query_row("SELECT ifnull(sum(count), 0) FROM tally", [], |row| row.get(0))?;
        Ok(Self { rows: u64::try_from(rows).unwrap_or_default(), aside: Vec::new() })
    }

    /// Sets them aside once there are so many new rows that making them again, each from a scan of all rows, is less
    /// work. Those stay to which a bill's rows add nothing (what is due) or all in one place (when they were verified),
    /// and the one that keeps numbers apart.
    pub(super) fn set_aside_after(&mut self, new: u64, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        if !self.aside.is_empty() || new < MANY.max(self.rows / 2) {
            return Ok(());
        }
        let mut found = transaction.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'object' AND sql IS NOT NULL
             AND name NOT IN ('object_due', 'object_verified') ORDER BY name",
        )?;
        let named = found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        for named in named.collect::<Result<Vec<_>, _>>()? {
            let (name, sql) = named;
            transaction.execute_batch(&format!("DROP INDEX {name}"))?;
            self.aside.push(sql);
        }
        Ok(())
    }

    /// Makes them again.
    pub(super) fn write(self, transaction: &Transaction<'_>) -> Result<(), LedgerError> {
        if self.aside.is_empty() {
            return Ok(());
        }
        // As much again is sorted at once.
        transaction.pragma_update(None, "cache_size", -SORTED)?;
        Ok(self.aside.iter().try_for_each(|index| transaction.execute_batch(index))?)
    }
}
