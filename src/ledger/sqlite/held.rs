//! Differences that are held over. Their rows change in one commit with the journal's record of who closed them.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::convert::{lenient, millis, object_id, timestamp};
use super::journal::append;
use super::{Sqlite, immediate};
use crate::ledger::engine::{HeldOver, Upkeep};
use crate::ledger::journal::decision;
use crate::ledger::{
    Conclusion, DifferenceClosing, Ending, HeldChanges, HeldDifference, HeldEnd, HoldOver, LedgerError, NotHeld,
};
use crate::model::reconcile::{
    BookDifference, BookSide, BookState, Confidence, DifferenceClass, Movement, Period, RowOfSide, RowPlace,
    WhyDifferent,
};
use crate::model::time::{Timestamp, day, parse_day};
use crate::model::{Currency, Kind};

const HELD: &str = "difference.id, class, movement, difference.number, difference.of, day, amount, currency, why,
    confidence, side, row_amount, row_state, row_at, opened_at, seen_at, ended_at, intent.number, compared
    FROM difference LEFT JOIN intent ON intent.record = difference.journal";

/// In place of the sides that were compared: the days in which the other side of an ended one arrived.
const ARRIVED: &str = "arrived ";

impl HeldOver for Sqlite {
    fn hold_over(&self, profile: &str, run: &HoldOver) -> Result<HeldChanges, LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let mut changes = HeldChanges::default();
        let at = millis(run.at);
        for id in &run.settled {
            changes.settled += arrive(&transaction, profile, *id, at, run.period)?;
        }
        let compared = run.sides.iter().map(|side| side.word()).collect::<Vec<_>>().join(" ");
        let mut found = HashSet::new();
        for difference in &run.found {
            let key = difference.key();
            match state(&transaction, profile, &key)? {
                Some((true, _)) => changes.closed.push(key.clone()),
                // One that had ended by itself is open again.
                Some((false, open)) => changes.opened += usize::from(!open),
                None => changes.opened += 1,
            }
            insert(&transaction, profile, difference, &compared, at)?;
            found.insert(key);
        }
        // What was found on these days with the same sides, and is not found any more, has been put right.
        let (from, to) = (day(run.period.from), day(run.period.to));
        let open: Vec<(i64, String, String)> = {
            let mut open = transaction.prepare_cached(
                "SELECT id, key, compared FROM difference
                 WHERE profile = ?1 AND ended_at IS NULL AND day BETWEEN ?2 AND ?3",
            )?;
            let rows = open.query_map([profile, &from, &to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<Result<_, _>>()?
        };
        let has = |side: &str| run.sides.iter().any(|own| own.word() == side);
        for (id, ..) in open.iter().filter(|(_, key, sides)| !found.contains(key) && sides.split(' ').all(has)) {
            changes.settled += end(&transaction, profile, *id, at)?;
        }
        transaction.commit()?;
        Ok(changes)
    }

    fn held(&self, profile: &str, open: bool, limit: usize) -> Result<Vec<HeldDifference>, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {HELD} WHERE difference.profile = ?1 AND (?2 = 0 OR ended_at IS NULL)
             ORDER BY ended_at IS NOT NULL, day, difference.id LIMIT ?3"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![profile, open, limit], held)?.collect::<Result<Vec<_>, _>>()?;
        // A class of a later version is not shown, and stays.
        Ok(rows.into_iter().flatten().collect())
    }

    fn close_difference(
        &self,
        profile: &str,
        id: i64,
        closing: &DifferenceClosing,
    ) -> Result<Result<i64, NotHeld>, LedgerError> {
        self.ensure_sound()?;
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let query = format!("SELECT {HELD} WHERE difference.profile = ?1 AND difference.id = ?2");
        let found = transaction.prepare_cached(&query)?.query_row(params![profile, id], held).optional()?.flatten();
        let Some(found) = found else { return Ok(Err(NotHeld::Missing)) };
        if let Some(ended) = found.ended {
            return Ok(Err(NotHeld::Ended(ended)));
        }
        let object = match found.difference.movement {
            Movement::Payment | Movement::Reversal => object_id(Kind::Transaction, &found.difference.number),
            Movement::Refund => object_id(Kind::Refund, &found.difference.number),
            Movement::Other => None,
        };
        let record =
            append(&transaction, decision(profile, object.as_ref(), &found.difference, closing, self.owner.name()))?;
        append(&transaction, Conclusion::of(Ending::Done).entry(record, closing.at))?;
        transaction
            .prepare_cached("UPDATE difference SET ended_at = ?2, journal = ?3 WHERE id = ?1")?
            .execute(params![id, millis(closing.at), record])?;
        let number = "SELECT number FROM intent WHERE record = ?1";
        let number = transaction.prepare_cached(number)?.query_row([record], |row| row.get(0))?;
        transaction.commit()?;
        Ok(Ok(number))
    }
}

fn end(transaction: &Transaction<'_>, profile: &str, id: i64, at: i64) -> Result<usize, LedgerError> {
    let ended = "UPDATE difference SET ended_at = ?3 WHERE profile = ?1 AND id = ?2 AND ended_at IS NULL";
    Ok(transaction.prepare_cached(ended)?.execute(params![profile, id, at])?)
}

/// Ends one whose other side has arrived, and notes in which days.
fn arrive(transaction: &Transaction<'_>, profile: &str, id: i64, at: i64, of: Period) -> Result<usize, LedgerError> {
    let ended =
        "UPDATE difference SET ended_at = ?3, compared = ?4 WHERE profile = ?1 AND id = ?2 AND ended_at IS NULL";
    let of = format!("{ARRIVED}{}..{}", day(of.from), day(of.to));
    Ok(transaction.prepare_cached(ended)?.execute(params![profile, id, at, of])?)
}

/// Whether a person has closed it, and whether it is open; `None` if there is none.
fn state(transaction: &Transaction<'_>, profile: &str, key: &str) -> Result<Option<(bool, bool)>, LedgerError> {
    let known = "SELECT journal IS NOT NULL, ended_at IS NULL FROM difference WHERE profile = ?1 AND key = ?2";
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(transaction.prepare_cached(known)?.query_row([profile, key], row).optional()?)
}

fn insert(
    transaction: &Transaction<'_>,
    profile: &str,
    difference: &BookDifference,
    compared: &str,
    at: i64,
) -> Result<(), LedgerError> {
    let rows = BookSide::ALL.map(|side| difference.row(side).map(|row| (side, row)));
    let mut rows = rows.into_iter().flatten();
    let (first, alone) = (rows.next(), rows.next().is_none());
    let side = first.filter(|_| alone).map(|(side, _)| side.word());
    let (amount, state, row_at) =
        first.map_or((0, BookState::Unsaid, None), |(_, row)| (row.amount, row.state, row.at));
    transaction
        .prepare_cached(
            "INSERT INTO difference (profile, key, class, movement, number, of, day, amount, currency, why, confidence,
                 side, row_amount, row_state, row_at, compared, opened_at, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17)
             ON CONFLICT (profile, key) DO UPDATE SET day = excluded.day, amount = excluded.amount,
                 currency = excluded.currency, why = excluded.why, confidence = excluded.confidence,
                 side = excluded.side, row_amount = excluded.row_amount, row_state = excluded.row_state,
                 row_at = excluded.row_at, compared = excluded.compared, seen_at = excluded.seen_at,
                 ended_at = CASE WHEN journal IS NULL THEN NULL ELSE ended_at END",
        )?
        .execute(params![
            profile,
            difference.key(),
            difference.class.word(),
            difference.movement.word(),
            difference.number,
            difference.order,
            day(difference.day),
            difference.amount,
            difference.currency.code(),
            difference.why.word(),
            difference.confidence.word(),
            side,
            amount,
            state.word(),
            row_at.map(millis),
            compared,
            at,
        ])?;
    Ok(())
}

fn arrived(compared: &str) -> Option<Period> {
    let (from, to) = compared.strip_prefix(ARRIVED)?.split_once("..")?;
    Some(Period { from: parse_day(from)?, to: parse_day(to)? })
}

fn held(row: &Row<'_>) -> rusqlite::Result<Option<HeldDifference>> {
    let text = |at: usize| lenient::<String>(row, at).unwrap_or_default();
    let time = |at: usize| lenient::<i64>(row, at).and_then(timestamp);
    let read = || {
        let (day, currency) = (parse_day(&text(5))?, Currency::parse(&text(7))?);
        let movement = Movement::from_word(&text(2))?;
        let side = BookSide::ALL.into_iter().find(|side| side.word() == text(10));
        let place = RowPlace { file: 0, line: 0 };
        let state = BookState::from_word(&text(12)).unwrap_or(BookState::Unsaid);
        let (amount, at) = (lenient(row, 11).unwrap_or_default(), time(13));
        let of = |which| (side == Some(which)).then_some(RowOfSide { amount, state, at, day, place });
        Some(BookDifference {
            class: DifferenceClass::from_word(&text(1))?,
            why: WhyDifferent::from_word(&text(8))?,
            confidence: Confidence::from_word(&text(9))?,
            movement,
            number: text(3),
            order: lenient(row, 4),
            day,
            currency,
            amount: lenient(row, 6).unwrap_or_default(),
            trade: of(BookSide::Trade),
            orders: of(BookSide::Orders),
            flow: of(BookSide::Flow),
            known: None,
            secondary: false,
        })
    };
    let Some(difference) = read() else { return Ok(None) };
    let since = |at: usize| time(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let ended = time(16).map(|at| HeldEnd { at, journal: lenient(row, 17), arrived: arrived(&text(18)) });
    Ok(Some(HeldDifference { id: row.get(0)?, difference, opened_at: since(14), seen_at: since(15), ended }))
}
