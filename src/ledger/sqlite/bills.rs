//! Takes the rows of bills in. A file's rows are written in one transaction; in the usual case each of them costs one
//! statement for its object and one for the row itself.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::bill_facts::{self, ROWS, end_of};
use super::convert::{millis, object_id, timestamp};
use super::indexes::Indexes;
use super::tally::TallyChanges;
use super::{Sqlite, claims, immediate, list_or_new};
use crate::ledger::engine::Bills;
use crate::ledger::{BillStep, BillsTaken, KeptBillRow, LedgerError, NewBill, NewBillRow, Source, TakenBill};
use crate::model::time::{Timestamp, day, parse_day};
use crate::model::{Kind, ObjectId, Summary, filter};

/// Settings of a connection: their names and values.
type Settings = [(&'static str, &'static str); 4];

/// While rows are taken in. The cache is in KiB, negative: the index of the numbers is written at random. What does not
/// fit in memory is sorted in files, by a thread beside this one. Every row that is referred to was found or made a moment
/// before.
const INTAKE: Settings =
    [("cache_size", "-65536"), ("temp_store", "FILE"), ("threads", "2"), ("foreign_keys", "FALSE")];
/// At all other times.
const USUAL: Settings = [("cache_size", "-2048"), ("temp_store", "MEMORY"), ("threads", "0"), ("foreign_keys", "TRUE")];

fn set(connection: &Connection, settings: &Settings) -> Result<(), LedgerError> {
    settings.iter().try_for_each(|(name, value)| Ok(connection.pragma_update(None, name, value)?))
}

impl Bills for Sqlite {
    fn take_bills(
        &self,
        profile: &str,
        next: &mut dyn FnMut() -> Option<BillStep>,
    ) -> Result<Option<BillsTaken>, LedgerError> {
        let mut connection = self.objects();
        set(&connection, &INTAKE)?;
        let taken = take(&mut connection, profile, next);
        set(&connection, &USUAL)?;
        let taken = taken?;
        if taken.is_some_and(|taken| taken.rows > 0) {
            // On the disk before it is said to be done, and the log of a long bill is given back. Readers may be in the
            // way of that: then the next commits do it.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).optional()?;
        }
        Ok(taken)
    }

    fn taken_bills(&self, profile: &str) -> Result<Vec<TakenBill>, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            "SELECT kind, day, hash, proven, rows, taken_at FROM bill WHERE profile = ?1 ORDER BY day DESC, kind",
        )?;
        let taken = |row: &Row<'_>| {
            let Some(day) = parse_day(&row.get::<_, String>(1)?) else { return Ok(None) };
            Ok(Some(TakenBill {
                kind: row.get(0)?,
                day,
                hash: row.get(2)?,
                proven: row.get(3)?,
                rows: u64::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
                taken_at: timestamp(row.get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
            }))
        };
        Ok(statement.query_map([profile], taken)?.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn bill_rows(&self, profile: &str, id: &ObjectId) -> Result<Vec<KeptBillRow>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(Vec::new()) };
        let Some(row) = row_of(&connection, list, id.number.as_str())? else { return Ok(Vec::new()) };
        Ok(bill_facts::rows_of(&connection, row)?.into_iter().rev().map(|stored| stored.kept).collect())
    }
}

fn row_of(connection: &Connection, list: i64, number: &str) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT id FROM object WHERE list = ?1 AND number = ?2")?;
    Ok(statement.query_row(params![list, number], |row| row.get(0)).optional()?)
}

fn take(
    connection: &mut Connection,
    profile: &str,
    next: &mut dyn FnMut() -> Option<BillStep>,
) -> Result<Option<BillsTaken>, LedgerError> {
    let transaction = immediate(connection)?;
    let mut intake = Intake {
        transaction: &transaction,
        profile,
        now: millis(Timestamp::now_utc()),
        lists: HashMap::new(),
        bill: None,
        before: BTreeSet::new(),
        tally: TallyChanges::begin(&transaction)?,
        indexes: Indexes::of(&transaction)?,
        taken: BillsTaken::default(),
    };
    loop {
        match next() {
            Some(BillStep::Begins(bill)) => intake.begin(&bill)?,
            Some(BillStep::Rows(rows)) => intake.rows(&rows)?,
            Some(BillStep::Ends(sums)) => intake.end(&sums)?,
            Some(BillStep::Verified) => break,
            // Dropped, the transaction leaves nothing behind.
            None => return Ok(None),
        }
    }
    let Intake { tally, indexes, taken, .. } = intake;
    tally.write(&transaction)?;
    indexes.write(&transaction)?;
    transaction.commit()?;
    Ok(Some(taken))
}

/// A bill whose rows are being written.
struct OpenBill {
    id: i64,
    /// The rows so far.
    rows: i64,
    /// The end of its day in milliseconds.
    ends: i64,
}

struct Intake<'a> {
    transaction: &'a Transaction<'a>,
    profile: &'a str,
    now: i64,
    lists: HashMap<Kind, i64>,
    /// `None` while the rows are those of a bill that is here already.
    bill: Option<OpenBill>,
    /// The objects of the bill whose place this one takes.
    before: BTreeSet<i64>,
    tally: TallyChanges,
    indexes: Indexes,
    taken: BillsTaken,
}

impl Intake<'_> {
    fn begin(&mut self, bill: &NewBill) -> Result<(), LedgerError> {
        let (transaction, day_text) = (self.transaction, day(bill.day));
        let found = transaction
            .prepare_cached("SELECT id, hash FROM bill WHERE profile = ?1 AND kind = ?2 AND day = ?3")?
            .query_row([self.profile, &bill.kind, &day_text], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })
            .optional()?;
        self.bill = None;
        if let Some((id, hash)) = found {
            if hash == bill.hash {
                transaction.execute("UPDATE bill SET proven = max(proven, ?2) WHERE id = ?1", (id, bill.proven))?;
                return Ok(());
            }
            self.remove(id, &format!("{}-{day_text}#*", bill.kind))?;
        }
        transaction.execute(
            "INSERT INTO bill (profile, kind, day, hash, proven, header, rows, sums, taken_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '', ?7)",
            params![self.profile, bill.kind, day_text, bill.hash, bill.proven, bill.header, self.now],
        )?;
        let id = transaction.last_insert_rowid();
        self.bill = Some(OpenBill { id, rows: 0, ends: millis(end_of(bill.day)) });
        Ok(())
    }

    /// Removes a bill with its rows and what they claimed.
    fn remove(&mut self, bill: i64, references: &str) -> Result<(), LedgerError> {
        let (from, to) = (bill * ROWS, (bill + 1) * ROWS);
        let mut statement = self.transaction.prepare(
            "SELECT object FROM bill_row WHERE id >= ?1 AND id < ?2 AND object IS NOT NULL
             UNION SELECT other FROM bill_row WHERE id >= ?1 AND id < ?2 AND other IS NOT NULL",
        )?;
        let objects = statement.query_map([from, to], |row| row.get::<_, i64>(0))?;
        for object in objects {
            let object = object?;
            self.transaction
                .prepare_cached("DELETE FROM claim WHERE object = ?1 AND source = 'bill' AND reference GLOB ?2")?
                .execute(params![object, references])?;
            self.before.insert(object);
        }
        self.transaction.execute("DELETE FROM bill_row WHERE id >= ?1 AND id < ?2", [from, to])?;
        self.transaction.execute("DELETE FROM bill WHERE id = ?1", [bill])?;
        self.taken.replaced += 1;
        Ok(())
    }

    fn rows(&mut self, rows: &[NewBillRow]) -> Result<(), LedgerError> {
        let Some(mut bill) = self.bill.take() else { return Ok(()) };
        let mut known = BTreeSet::new();
        for row in rows {
            bill.rows += 1;
            self.row(&bill, row, &mut known)?;
        }
        for object in known {
            self.reconsider(object, Some(bill.id))?;
        }
        self.taken.rows += rows.len() as u64;
        self.bill = Some(bill);
        self.indexes.set_aside_after(self.taken.new, self.transaction)?;
        Ok(())
    }

    /// Writes a row, and its object unless that is known; what is known is added to `known`.
    fn row(&mut self, bill: &OpenBill, row: &NewBillRow, known: &mut BTreeSet<i64>) -> Result<(), LedgerError> {
        let object = match &row.subjects.subject {
            Some(id) => Some(self.object(id, row.facts.as_ref().map(|facts| &facts.summary), bill, known)?),
            None => None,
        };
        let other = match &row.subjects.other {
            Some(id) => {
                let other = self.object(id, None, bill, known)?;
                // A refund's row completes its transaction.
                known.insert(other);
                Some(other)
            }
            None => None,
        };
        self.transaction
            .prepare_cached("INSERT INTO bill_row (id, object, other, line, cells) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                bill.id * ROWS + bill.rows,
                object,
                other,
                i64::try_from(row.line).unwrap_or(i64::MAX),
                row.cells
            ])?;
        if let (Some(object), Some(other)) = (object, other) {
            link(self.transaction, object, other)?;
        }
        Ok(())
    }

    /// The row of an object, made with these facts if there is none; else it is added to `known`.
    fn object(
        &mut self,
        id: &ObjectId,
        facts: Option<&Summary>,
        bill: &OpenBill,
        known: &mut BTreeSet<i64>,
    ) -> Result<i64, LedgerError> {
        let list = match self.lists.get(&id.kind) {
            Some(list) => *list,
            None => list_or_new(self.transaction, self.profile, id.kind)?,
        };
        self.lists.insert(id.kind, list);
        let number = id.number.as_str();
        let words = facts.map_or_else(|| filter::words([Some(number)]), |summary| summary.words(number));
        let made = self
            .transaction
            .prepare_cached(
                "INSERT INTO object (list, number, origin, noted_at, words, verified_at, source, state,
                     platform_number, title, user, amount, currency, second, second_currency, time, label)
                 VALUES (:list, :number, 'bill', :now, :words, :at, :source, :state, :platform_number, :title, :user,
                     :amount, :currency, :second, :second_currency, :time, :label) ON CONFLICT DO NOTHING",
            )?
            .execute(named_params! {
                ":list": list,
                ":number": number,
                ":now": self.now,
                ":words": words,
                ":at": facts.map(|_| bill.ends),
                ":source": facts.map(|_| Source::Bill.name()),
                ":state": facts.map(|facts| &facts.state.code),
                ":platform_number": facts.and_then(|facts| facts.platform_number.as_deref()),
                ":title": facts.and_then(|facts| facts.title.as_deref()),
                ":user": facts.and_then(|facts| facts.user.as_deref()),
                ":amount": facts.and_then(|facts| facts.amount).map(|amount| amount.minor),
                ":currency": facts.and_then(|facts| facts.amount.as_ref()).map(|amount| amount.currency.code()),
                ":second": facts.and_then(|facts| facts.second).map(|amount| amount.minor),
                ":second_currency": facts.and_then(|facts| facts.second.as_ref()).map(|amount| amount.currency.code()),
                ":time": facts.and_then(|facts| facts.time).map(millis),
                ":label": facts.and_then(|facts| facts.label.as_deref()),
            })?;
        if made > 0 {
            let amount = facts.and_then(|facts| facts.amount.as_ref());
            let amount = amount.map(|amount| (amount.minor, amount.currency.code()));
            self.tally.count(list, facts.map(|facts| &*facts.state.code), amount, 1);
            self.taken.new += 1;
            return Ok(self.transaction.last_insert_rowid());
        }
        let row = row_of(self.transaction, list, number)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        if known.insert(row) {
            self.taken.known += 1;
        }
        Ok(row)
    }

    /// Considers what all bills say of an object: with a document it is a claim, without one it is what is known. `bill`:
    /// whose rows are new.
    fn reconsider(&mut self, row: i64, bill: Option<i64>) -> Result<(), LedgerError> {
        let sql = "SELECT list.kind, list, number, document, object.state, amount, currency, object.source
             FROM object JOIN list ON list.id = object.list LEFT JOIN version ON version.id = object.version
             WHERE object.id = ?1";
        let known = |row: &Row<'_>| {
            let id = Kind::from_noun(&row.get::<_, String>(0)?).zip(Some(row.get::<_, String>(2)?));
            let amount = row.get::<_, Option<i64>>(5)?.zip(row.get::<_, Option<String>>(6)?);
            let (state, source): (Option<String>, Option<String>) = (row.get(4)?, row.get(7)?);
            Ok((id, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(3)?, state, amount, source))
        };
        let (id, list, document, state, amount, source) =
            self.transaction.prepare_cached(sql)?.query_row([row], known)?;
        let Some(id) = id.and_then(|(kind, number)| object_id(kind, &number)) else { return Ok(()) };
        if let Some(document) = document {
            return compare(self.transaction, row, (&id, &document), bill);
        }
        let rows = bill_facts::rows_of(self.transaction, row)?;
        let said = bill_facts::together(&id, &rows);
        if said.is_none() && source.is_none() {
            return Ok(());
        }
        let amount = amount.as_ref().map(|(minor, currency)| (*minor, currency.as_str()));
        self.tally.count(list, state.as_deref(), amount, -1);
        let summary = said.as_ref().map(|(summary, _)| summary);
        let amount = summary.and_then(|summary| summary.amount.as_ref());
        let amount = amount.map(|amount| (amount.minor, amount.currency.code()));
        self.tally.count(list, summary.map(|summary| &*summary.state.code), amount, 1);
        let number = id.number.as_str();
        let words = summary.map_or_else(|| filter::words([Some(number)]), |summary| summary.words(number));
        self.transaction
            .prepare_cached(
                // A number that only bills named is not due. One that no bill names any more is asked about once.
                "UPDATE object SET words = :words, verified_at = :at, source = :source, state = :state,
                     platform_number = :platform_number, title = :title, user = :user, amount = :amount,
                     currency = :currency, second = :second, second_currency = :second_currency, time = :time,
                     label = :label, due_at = CASE WHEN :gone THEN 0 WHEN origin = 'bill' THEN NULL ELSE due_at END
                 WHERE id = :row",
            )?
            .execute(named_params! {
                ":row": row,
                ":words": words,
                ":at": said.as_ref().map(|(_, at)| millis(*at)),
                ":source": said.as_ref().map(|_| Source::Bill.name()),
                ":state": summary.map(|summary| &summary.state.code),
                ":platform_number": summary.and_then(|summary| summary.platform_number.as_deref()),
                ":title": summary.and_then(|summary| summary.title.as_deref()),
                ":user": summary.and_then(|summary| summary.user.as_deref()),
                ":amount": amount.map(|(minor, _)| minor),
                ":currency": amount.map(|(_, currency)| currency),
                ":second": summary.and_then(|summary| summary.second).map(|second| second.minor),
                ":second_currency":
                    summary.and_then(|summary| summary.second.as_ref()).map(|second| second.currency.code()),
                ":time": summary.and_then(|summary| summary.time).map(millis),
                ":label": summary.and_then(|summary| summary.label.as_deref()),
                ":gone": rows.is_empty(),
            })?;
        Ok(())
    }

    fn end(&mut self, sums: &str) -> Result<(), LedgerError> {
        if let Some(bill) = self.bill.take() {
            self.transaction
                .execute("UPDATE bill SET rows = ?2, sums = ?3 WHERE id = ?1", params![bill.id, bill.rows, sums])?;
        }
        for object in std::mem::take(&mut self.before) {
            // Only a link that no row stands for any more is in the way of a later one.
            self.transaction
                .prepare_cached(
                    "DELETE FROM link WHERE object = ?1 AND EXISTS (
                         SELECT 1 FROM object WHERE id = ?1 AND version IS NULL)",
                )?
                .execute([object])?;
            relink(self.transaction, object)?;
            self.reconsider(object, None)?;
        }
        Ok(())
    }
}

/// Links the object of a row with the other that it names.
fn link(transaction: &Transaction<'_>, object: i64, other: i64) -> Result<(), LedgerError> {
    transaction
        .prepare_cached(
            "INSERT INTO link (object, list, number, platform, due_at)
             SELECT ?1, list, number, 0, NULL FROM object WHERE id = ?2 ON CONFLICT DO NOTHING",
        )?
        .execute([object, other])?;
    Ok(())
}

/// Links an object with what the rows of bills about it name.
pub(super) fn relink(transaction: &Transaction<'_>, object: i64) -> Result<(), LedgerError> {
    transaction
        .prepare_cached(
            "INSERT INTO link (object, list, number, platform, due_at)
             SELECT ?1, named.list, named.number, 0, NULL
             FROM bill_row JOIN object named ON named.id = bill_row.other WHERE bill_row.object = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute([object])?;
    Ok(())
}

/// Compares what bills say of an object with its document, which is the latest; `within` one bill, or in all.
pub(super) fn compare(
    transaction: &Transaction<'_>,
    row: i64,
    (id, document): (&ObjectId, &str),
    within: Option<i64>,
) -> Result<(), LedgerError> {
    for stored in
        bill_facts::rows_of(transaction, row)?.iter().filter(|stored| within.is_none_or(|bill| stored.bill == bill))
    {
        for claim in stored.claims(id) {
            claims::claim_of(transaction, (row, Some(document)), id, &claim)?;
        }
    }
    Ok(())
}
