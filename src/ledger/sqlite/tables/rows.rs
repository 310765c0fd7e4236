//! Rows of tables and their sums, as they are read from the columns of a query.

use rusqlite::Row;

use crate::ledger::query::Group;
use crate::ledger::sqlite::convert::{lenient, object_id, timestamp};
use crate::ledger::{Listed, Seen, Source};
use crate::model::{Currency, Kind, Money, Progress, State, Summary};

/// The columns that [`listed`] reads.
pub(in crate::ledger::sqlite) const LISTED: &str = "number, origin, source, verified_at, final, state, platform_number, title, user, \
     amount, currency, second, second_currency, done, total, time, ends, label, quantity, days";

/// Reads [`LISTED`] from a column on. `None` for a number that this version cannot parse.
pub(in crate::ledger::sqlite) fn listed(kind: Kind, row: &Row<'_>, from: usize) -> rusqlite::Result<Option<Listed>> {
    // An unreadable row or column must not hide the others: unreadable values count as missing.
    let text = |at: usize| lenient::<String>(row, from + at);
    let number = |at: usize| lenient::<i64>(row, from + at);
    let Some(id) = text(0).and_then(|number| object_id(kind, &number)) else { return Ok(None) };
    let origin = Source::from_name(&text(1).unwrap_or_default());
    let (verified_at, state) = (number(3), text(5));
    let Some((verified_at, code)) = verified_at.and_then(timestamp).zip(state) else {
        return Ok(Some(Listed { id, origin, seen: None }));
    };
    let money = |at: usize| {
        let currency = text(at + 1).and_then(|code| Currency::parse(&code));
        number(at).zip(currency).map(|(minor, currency)| Money { minor, currency })
    };
    let time = |at: usize| number(at).and_then(timestamp);
    let count = |at: usize| number(at).and_then(|n| u64::try_from(n).ok());
    let progress = count(13).zip(count(14));
    let summary = Summary {
        state: State { is_final: lenient(row, from + 4).unwrap_or(false), ..kind.state(&code) },
        platform_number: text(6),
        title: text(7),
        user: text(8),
        amount: money(9),
        second: money(11),
        progress: progress.map(|(done, total)| Progress { done, total }),
        time: time(15),
        ends: time(16),
        label: text(17),
        quantity: number(18),
        days: number(19),
    };
    let source = Source::from_name(&text(2).unwrap_or_default());
    Ok(Some(Listed { id, origin, seen: Some(Seen { summary, verified_at, source }) }))
}

/// The two halves of a sum of amounts: neither can overflow, however many rows there are and whatever their amounts.
pub(in crate::ledger::sqlite) const HALVES: &str = "ifnull(sum(amount >> 32), 0), ifnull(sum(amount & 4294967295), 0)";

/// Reads state, currency, count and the two halves of the amount from a column on.
pub(in crate::ledger::sqlite) fn group(kind: Kind, row: &Row<'_>, from: usize) -> rusqlite::Result<Group> {
    let (state, currency): (String, String) = (row.get(from)?, row.get(from + 1)?);
    let count: i64 = row.get(from + 2)?;
    let (high, low): (i64, i64) = (row.get(from + 3)?, row.get(from + 4)?);
    Ok(Group {
        state: (!state.is_empty()).then(|| kind.state(&state)),
        currency: Currency::parse(&currency),
        count: u64::try_from(count).unwrap_or_default(),
        amount: (i128::from(high) << 32) + i128::from(low),
    })
}
