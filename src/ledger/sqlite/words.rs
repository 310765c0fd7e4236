//! The index of the words of objects: SQLite's FTS5 with trigrams. It holds the rows up to `words_to`; those after it are
//! read. What it finds has the trigrams of a text, not necessarily the text: the words of each row are compared.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::{Sqlite, immediate, upkeep};
use crate::ledger::LedgerError;

/// Characters of a trigram.
const GRAM: usize = 3;

/// Trigrams of a text that are looked up: of a number of thirty digits, eight leave no other row.
const LOOKED_UP: usize = 8;

/// So many rows that are not in the index are read in a few milliseconds.
#[cfg(not(test))]
const REST: i64 = 20_000;
/// Tests have few rows.
#[cfg(test)]
const REST: i64 = 8;

/// So many rows are read by their ids, compared and sorted in some hundredths of a second. A walk in the order of a
/// table reads more where fewer rows than this have a word.
#[cfg(not(test))]
const FEW: i64 = 20_000;
#[cfg(test)]
const FEW: i64 = 8;

/// Trigrams that begin with two letters, at most.
const BEGINNINGS: usize = 100;

/// The few rows that may have some texts among their words: those that the index finds, and all that are not in it.
pub(super) struct WordRows {
    /// A full-text query.
    query: String,
    words_to: i64,
}

impl WordRows {
    /// Looks for all of these texts. `None` if the rows are many, or the index is of no use: the texts are single
    /// letters, or too many rows are not in it yet.
    pub(super) fn few(connection: &Connection, texts: &[String]) -> Result<Option<Self>, LedgerError> {
        let mut terms = Vec::new();
        for text in texts {
            terms.extend(trigrams(text).iter().map(|gram| quoted(gram)));
            if text.chars().count() == GRAM - 1 {
                terms.extend(beginning(connection, text)?);
            }
        }
        if terms.is_empty() {
            return Ok(None);
        }
        let words_to = upkeep::number(connection, WORDS_TO)?.unwrap_or_default();
        let last: i64 =
            connection.prepare_cached("SELECT ifnull(max(id), 0) FROM object")?.query_row([], |row| row.get(0))?;
        // A rare word among the rows in the index is rare among as many others.
        if last.saturating_sub(words_to) > REST.max(words_to) {
            return Ok(None);
        }
        let query = terms.join(" AND ");
        let count: i64 = connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM word WHERE word MATCH ?1 LIMIT ?2)")?
            .query_row(params![query, FEW + 1], |row| row.get(0))?;
        Ok((count <= FEW).then_some(Self { query, words_to }))
    }

    /// Conditions on `object`, each with an AND before it, and their values: the rows that the index finds, and those
    /// that are not in it.
    pub(super) fn conditions(&self) -> [(String, Vec<Value>); 2] {
        let found = " AND id IN (SELECT rowid FROM word WHERE word MATCH ?)".to_owned();
        [(found, vec![Value::from(self.query.clone())]), (" AND id > ?".to_owned(), vec![Value::from(self.words_to)])]
    }
}

/// A string of a full-text query.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Two letters, as the trigrams that begin with them. `None` if many rows have these.
fn beginning(connection: &Connection, letters: &str) -> Result<Option<String>, LedgerError> {
    let mut found = connection.prepare_cached("SELECT term, doc FROM word_gram WHERE term >= ?1 AND term < ?2")?;
    let mut rows = found.query([letters, &format!("{letters}{}", char::MAX)])?;
    let (mut grams, mut documents) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        grams.push(quoted(&row.get::<_, String>(0)?));
        documents += row.get::<_, i64>(1)?;
        if documents > FEW || grams.len() > BEGINNINGS {
            return Ok(None);
        }
    }
    // No row has this one.
    grams.push(quoted(&format!("{letters}{}", char::MAX)));
    Ok(Some(format!("({})", grams.join(" OR "))))
}

/// Trigrams of a text, spread over all of it; all of them if there are few.
fn trigrams(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let Some(last) = letters.len().checked_sub(GRAM) else { return Vec::new() };
    let steps = last.min(LOOKED_UP - 1);
    let starts = (0..=steps).map(|step| (step * last).checked_div(steps).unwrap_or(0));
    starts.map(|start| letters[start..start + GRAM].iter().collect()).collect()
}

/// The name in the table `upkeep`.
const WORDS_TO: &str = "words_to";

impl Sqlite {
    /// Adds at most `limit` rows to the index. Returns whether there are more.
    pub(super) fn index(&self, limit: usize) -> Result<bool, LedgerError> {
        // Most calls find nothing to do, and take no lock.
        if rows_to_index(&*self.reader()?, limit)?.is_none() {
            return Ok(false);
        }
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let Some((from, to)) = rows_to_index(&transaction, limit)? else { return Ok(false) };
        transaction
            .prepare_cached(
                "INSERT INTO word (rowid, words) SELECT id, words || '  ' FROM object WHERE id > ?1 AND id <= ?2",
            )?
            .execute([from, to])?;
        transaction.execute("UPDATE upkeep SET value = ?2 WHERE name = ?1", params![WORDS_TO, to])?;
        let more = rows_to_index(&transaction, 1)?.is_some();
        transaction.commit()?;
        Ok(more)
    }
}

/// The ids after which and up to which rows are to be added.
fn rows_to_index(connection: &Connection, limit: usize) -> Result<Option<(i64, i64)>, LedgerError> {
    let from = upkeep::number(connection, WORDS_TO)?.unwrap_or_default();
    let to: Option<i64> = connection
        .prepare_cached("SELECT max(id) FROM (SELECT id FROM object WHERE id > ?1 ORDER BY id LIMIT ?2)")?
        .query_row(params![from, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(to.map(|to| (from, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trigrams_of_a_text_cover_it() {
        assert!(trigrams("拿铁").is_empty() && trigrams("").is_empty());
        assert_eq!(trigrams("拿铁大"), ["拿铁大"]);
        assert_eq!(trigrams("abcde"), ["abc", "bcd", "cde"]);
        let long = trigrams("4200001122270144858216953170");
        assert_eq!((long.len(), &*long[0], &*long[LOOKED_UP - 1]), (LOOKED_UP, "420", "170"));
    }
}
