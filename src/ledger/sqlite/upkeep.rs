//! Checks of the ledger before anything is sent, copies, and recounting of sums.
//!
//! The journal decides whether money moves twice, so all of it is verified before a process sends its first change: the
//! pages and indexes of its tables, every record's hash, the chain, the stored head, and the numbers of intents. That takes milliseconds for
//! thousands of entries. The rest of the file is checked when a process ended without closing it, and otherwise once a
//! day.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, backup};

use super::convert::millis;
use super::error::is_damage;
use super::{Sqlite, immediate};
use crate::ledger::engine::{Journal, Upkeep};
use crate::ledger::{Checkup, Flaw, LedgerError};
use crate::model::time::Timestamp;
use crate::private;
use crate::sync::lock;

/// A sound ledger is checked again after this time.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// A damaged ledger is checked again after this time: it may have been repaired.
const AGAIN: Duration = Duration::from_secs(60);

/// Lines of SQLite's findings that are kept.
const FINDINGS: usize = 20;

/// The result of the latest check in this process.
pub(super) struct Checked {
    at: Instant,
    flaw: Option<Flaw>,
}

impl Upkeep for Sqlite {
    fn ensure_sound(&self) -> Result<(), LedgerError> {
        let mut checked = lock(&self.checked);
        let is_due = |checked: &Checked| checked.at.elapsed() >= if checked.flaw.is_some() { AGAIN } else { EVERY };
        if checked.as_ref().is_none_or(is_due) {
            let flaw = match self.flaw() {
                Err(error) if is_damage(&error) => Some(Flaw::File(error.to_string())),
                found => found?,
            };
            *checked = Some(Checked { at: Instant::now(), flaw });
        }
        match checked.as_ref().and_then(|checked| checked.flaw.clone()) {
            Some(flaw) => Err(LedgerError::Unsound(flaw)),
            None => Ok(()),
        }
    }

    fn check(&self) -> Result<Checkup, LedgerError> {
        let file = match integrity(&*self.reader()?, "PRAGMA integrity_check") {
            Err(error) if is_damage(&error) => vec![error.to_string()],
            found => found?,
        };
        let journal = match self.verify_journal() {
            Err(error) if is_damage(&error) => Err(Flaw::File(error.to_string())),
            verified => verified?.map_err(Flaw::Journal),
        };
        // A damaged file is not written to.
        let recounted = if file.is_empty() { self.recount()? } else { 0 };
        let checkup = Checkup { file, journal, recounted };
        if checkup.is_sound() {
            self.note_checked();
        }
        let flaw = checkup.flaw();
        let checked = Checked { at: Instant::now(), flaw };
        *lock(&self.checked) = Some(checked);
        Ok(checkup)
    }

    fn backup(&self, file: &Path) -> Result<i64, LedgerError> {
        let failed = |source| LedgerError::Copy { path: file.to_owned(), source };
        // An existing file is kept: it may be the only good copy.
        private::file().write(true).create_new(true).open(file).map_err(failed)?;
        let copied = self.copy_to(file);
        if copied.is_err() {
            for name in ["", "-wal", "-shm", "-journal"] {
                let mut path = file.as_os_str().to_owned();
                path.push(name);
                let _ = std::fs::remove_file(path);
            }
        }
        copied.map_err(|error| match error {
            // The copy equals the source page by page: damage found in it is damage of the source.
            LedgerError::Damaged(_) | LedgerError::Unsound(_) | LedgerError::Busy => error.of(&self.path),
            error => error.of(file),
        })
    }

    fn index_words(&self, limit: usize) -> Result<bool, LedgerError> {
        self.index(limit)
    }
}

impl Sqlite {
    /// The first error in the data that decides whether something may be sent.
    fn flaw(&self) -> Result<Option<Flaw>, LedgerError> {
        let connection = self.reader()?;
        for table in ["PRAGMA integrity_check('journal')", "PRAGMA integrity_check('intent')"] {
            if let Some(finding) = integrity(&connection, table)?.into_iter().next() {
                return Ok(Some(Flaw::File(finding)));
            }
        }
        if let Err(broken) = self.verify_journal()? {
            return Ok(Some(Flaw::Journal(broken)));
        }
        if self.is_check_due(&connection)? {
            if let Some(finding) = integrity(&connection, "PRAGMA quick_check")?.into_iter().next() {
                return Ok(Some(Flaw::File(finding)));
            }
            self.note_checked();
        }
        Ok(None)
    }

    /// Whether the whole file must be checked.
    fn is_check_due(&self, connection: &Connection) -> Result<bool, LedgerError> {
        if self.unclean.load(std::sync::atomic::Ordering::Relaxed) || number(connection, "unclean")?.is_some() {
            return Ok(true);
        }
        let now = millis(Timestamp::now_utc());
        let day = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
        Ok(number(connection, "checked_at")?.is_none_or(|at| !(0..day).contains(&now.saturating_sub(at))))
    }

    /// Records that the file is sound. If that cannot be written, it is checked again.
    fn note_checked(&self) {
        let connection = self.journal();
        let now = millis(Timestamp::now_utc());
        let noted = connection
            .execute("INSERT OR REPLACE INTO upkeep VALUES ('checked_at', ?1)", [now])
            .and_then(|_| connection.execute("DELETE FROM upkeep WHERE name = 'unclean'", []));
        match noted {
            Ok(_) => self.unclean.store(false, std::sync::atomic::Ordering::Relaxed),
            Err(error) => tracing::debug!(%error, "that the ledger was checked could not be noted"),
        }
    }

    /// Recounts the sums of every list; returns how many were wrong.
    fn recount(&self) -> Result<usize, LedgerError> {
        const COUNTED: &str = "SELECT list, ifnull(state, ''), ifnull(currency, ''), count(*),
            sum(ifnull(amount, 0) >> 32), sum(ifnull(amount, 0) & 4294967295) FROM object GROUP BY 1, 2, 3";
        const KEPT: &str = "SELECT list, state, currency, count, high, low FROM tally
            WHERE count <> 0 OR high <> 0 OR low <> 0";
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let wrong: i64 = transaction.query_row(
            &format!(
                "WITH counted (list, state, currency, count, high, low) AS ({COUNTED}), kept AS ({KEPT})
                 SELECT count(*) FROM (SELECT DISTINCT list, state, currency FROM (
                     SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                     UNION ALL SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)))"
            ),
            [],
            |row| row.get(0),
        )?;
        if wrong > 0 {
            transaction.execute("DELETE FROM tally", [])?;
            transaction.execute(&format!("INSERT INTO tally {COUNTED}"), [])?;
        }
        transaction.commit()?;
        Ok(usize::try_from(wrong).unwrap_or(usize::MAX))
    }

    /// Copies everything from one snapshot, and verifies the copy.
    fn copy_to(&self, file: &Path) -> Result<i64, LedgerError> {
        let source = self.reader()?;
        let mut copy = Connection::open(file)?;
        // In one step: the copy is of one commit although others may write meanwhile, without waiting.
        match backup::Backup::new(&source, &mut copy)?.step(-1)? {
            backup::StepResult::Done => {}
            _ => return Err(LedgerError::Busy),
        }
        // One file, which can also be opened on a read-only medium.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        if let Some(finding) = integrity(&copy, "PRAGMA integrity_check")?.into_iter().next() {
            return Err(LedgerError::Unsound(Flaw::File(finding)));
        }
        let verified = super::journal::verify(&copy)?;
        copy.close().map_err(|(_, error)| LedgerError::from(error))?;
        let written = std::fs::File::open(file).and_then(|file| file.sync_all());
        written.map_err(|source| LedgerError::Copy { path: file.to_owned(), source })?;
        verified.map_err(|broken| LedgerError::Unsound(Flaw::Journal(broken)))
    }

    /// Records that a process ended without closing the ledger. False if that cannot be written.
    pub(super) fn note_unclean(&self) -> bool {
        self.unclean.store(true, std::sync::atomic::Ordering::Relaxed);
        let now = millis(Timestamp::now_utc());
        self.journal().execute("INSERT OR IGNORE INTO upkeep VALUES ('unclean', ?1)", [now]).is_ok()
    }
}

/// A number stored about the file.
pub(super) fn number(connection: &Connection, name: &str) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT value FROM upkeep WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// SQLite's findings about a file; empty if it is sound.
fn integrity(connection: &Connection, pragma: &str) -> Result<Vec<String>, LedgerError> {
    let mut statement = connection.prepare(pragma)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut lines = lines.take(FINDINGS).collect::<Result<Vec<_>, _>>()?;
    lines.retain(|line| line != "ok");
    Ok(lines)
}
