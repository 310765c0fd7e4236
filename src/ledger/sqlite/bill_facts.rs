//! The rows of bills about one object: what they say of it together, and what they claim once it has a document.

use rusqlite::{Connection, Row, params};

use super::convert::timestamp;
use crate::ledger::inbox::Claim;
use crate::ledger::{KeptBillRow, LedgerError, Source, TakenBill};
use crate::model::bill::{BillFileRow, BillId, BillRow, Header, TradeRow, cells_of, facts_together};
use crate::model::time::{Timestamp, midnight, parse_day};
use crate::model::{ObjectId, Summary};

/// Rows of one object that are read. It has two or three; a file may have it in every row.
const MOST: i64 = 200;

/// `bill_row.id` is the bill's id times this, and the row.
pub(super) const ROWS: i64 = 1 << 32;

/// A row of a bill about an object.
pub(super) struct StoredRow {
    /// The id of its bill.
    pub bill: i64,
    pub kept: KeptBillRow,
    parsed: Option<BillFileRow>,
}

/// The rows about an object in the order of their days, at most [`MOST`].
pub(super) fn rows_of(connection: &Connection, object: i64) -> Result<Vec<StoredRow>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT bill_row.id, line, cells, kind, day, hash, proven, rows, taken_at, header
         FROM bill_row JOIN bill ON bill.id = bill_row.id >> 32 WHERE bill_row.id IN (
             SELECT id FROM bill_row WHERE object = ?1 UNION SELECT id FROM bill_row WHERE other = ?1)
         ORDER BY day, kind, bill_row.id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![object, MOST], read)?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Reads a row. `None` for one that this version cannot read.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<StoredRow>> {
    let id: i64 = row.get(0)?;
    let (line, text): (i64, String) = (row.get(1)?, row.get(2)?);
    let (day, header): (String, String) = (row.get(4)?, row.get(9)?);
    let Some((day, header)) = parse_day(&day).zip(Header::parse(&header)) else { return Ok(None) };
    let cells = cells_of(&header, &text);
    let parsed = header.row(&cells).ok();
    let cells = header.names().iter().zip(&cells).map(|(name, cell)| (name.clone(), cell.to_string()));
    let count = |n: i64| u64::try_from(n).unwrap_or_default();
    let bill = TakenBill {
        kind: row.get(3)?,
        day,
        hash: row.get(5)?,
        proven: row.get(6)?,
        rows: count(row.get(7)?),
        taken_at: timestamp(row.get(8)?).unwrap_or(Timestamp::UNIX_EPOCH),
    };
    let kept = KeptBillRow { bill, row: count(id % ROWS), line: count(line), cells: cells.collect() };
    Ok(Some(StoredRow { bill: id / ROWS, kept, parsed }))
}

impl StoredRow {
    fn trade(&self) -> Option<&TradeRow> {
        match self.parsed.as_ref()? {
            BillFileRow::Trade(row) => Some(row),
            BillFileRow::Flow(_) => None,
        }
    }

    /// What it says of an object, as a claim about it.
    pub(super) fn claims<'a>(&'a self, id: &'a ObjectId) -> impl Iterator<Item = Claim> + 'a {
        let bill = BillId::parse(&format!("{}-{}", self.kept.bill.kind, crate::model::time::day(self.kept.bill.day)));
        let place = bill.map(|bill| BillRow { bill, row: self.kept.row });
        let said = self.trade().map(TradeRow::says).unwrap_or_default();
        said.into_iter().filter(move |said| said.of == *id).zip(place).map(|(said, place)| Claim {
            source: Source::Bill,
            reference: place.to_string(),
            fact: said.fact,
            amount: said.amount,
            said_at: said.at.unwrap_or(self.kept.bill.taken_at),
            received_at: self.kept.bill.taken_at,
        })
    }
}

/// What bills say of an object together, and the end of the latest of their days.
pub(super) fn together(id: &ObjectId, rows: &[StoredRow]) -> Option<(Summary, Timestamp)> {
    let summary = facts_together(id, rows.iter().filter_map(StoredRow::trade))?;
    let latest = rows.iter().filter(|row| row.trade().is_some()).map(|row| row.kept.bill.day).max()?;
    Some((summary, end_of(latest)))
}

/// The end of a day in Beijing: a bill says how things were then.
pub(super) fn end_of(day: crate::model::time::Date) -> Timestamp {
    day.next_day().map_or_else(|| midnight(day), midnight)
}

/// What bills claim about an object that has no document to compare with.
pub(super) fn unjudged(connection: &Connection, list: i64, id: &ObjectId) -> Result<Vec<Claim>, LedgerError> {
    let row = connection
        .prepare_cached("SELECT id FROM object WHERE list = ?1 AND number = ?2 AND version IS NULL")?
        .query_map(params![list, id.number.as_str()], |row| row.get::<_, i64>(0))?
        .next()
        .transpose()?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let rows = rows_of(connection, row)?;
    Ok(rows.iter().flat_map(|stored| stored.claims(id).collect::<Vec<_>>()).collect())
}
