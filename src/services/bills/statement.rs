//! Statements of WeChat Pay Global: a day's is kept beside the bills, and its rows are in the ledger. The ledger names the
//! hash that its file must have, so a statement needs no record of its own.

use std::io::{self, Write as _};
use std::path::PathBuf;

use super::intake::{BillInLedger, Intake, NotTaken, OnIntake, STATEMENT};
use super::{BillFailure, BillRecord, BillStore, examine};
use crate::api::StatementFile;
use crate::ledger::LedgerError;
use crate::model::bill::{BillError, BillId, BillKind, TradeRows};
use crate::model::time::{Date, Timestamp, day};
use crate::services::Runner;

impl Runner {
    /// Where the statement of a day is kept.
    fn statement_path(&self, of: Date) -> PathBuf {
        self.bills().folder().join(format!("{}-{STATEMENT}-{}.csv", self.client.mchid(), day(of)))
    }

    /// Keeps the verified statement of a day, and takes its rows into the ledger.
    pub async fn take_statement(
        &self,
        of: Date,
        statement: &StatementFile,
        progress: OnIntake,
    ) -> Result<Intake, NotTaken> {
        let file = self.keep_statement(of, statement.text.clone().into_bytes()).await?;
        let record = self.statement_record(of, file.clone(), statement.digest.clone(), Timestamp::now_utc());
        self.take_bill(file, Some(record), progress).await
    }

    /// Keeps a copy of a statement whose rows are in the ledger from a file, so that its day can be reconciled later.
    pub(crate) async fn keep_taken_statement(&self, file: PathBuf, intake: &Intake) -> Result<(), NotTaken> {
        let [BillInLedger { kind, day }] = &intake.bills[..] else { return Ok(()) };
        if kind != STATEMENT {
            return Ok(());
        }
        let read = move || {
            let mut bytes = Vec::new();
            let file = io::BufReader::new(std::fs::File::open(&file)?);
            io::Read::read_to_end(&mut crate::model::bill::unpacked(file)?, &mut bytes)?;
            Ok::<_, BillError>(bytes)
        };
        let read = tokio::task::spawn_blocking(read).await;
        let bytes = read.unwrap_or_else(|error| Err(BillError::Read(io::Error::other(error))))?;
        self.keep_statement(*day, bytes).await.map(drop)
    }

    async fn keep_statement(&self, of: Date, bytes: Vec<u8>) -> Result<PathBuf, NotTaken> {
        let (path, folder) = (self.statement_path(of), self.bills().folder().to_owned());
        let kept = path.clone();
        let write = move || {
            let mut file = BillStore::begin(&folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(&kept)?;
            Ok::<(), io::Error>(())
        };
        let written = tokio::task::spawn_blocking(write).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(BillError::Read)?;
        std::path::absolute(&path).map_err(|error| BillError::Read(error).into())
    }

    fn statement_record(&self, of: Date, file: PathBuf, sha1: String, verified_at: Timestamp) -> BillRecord {
        let digest = examine(&file).map(|(digest, _)| digest).map_err(|error| error.to_string());
        let bytes = file.metadata().map_or(0, |file| file.len());
        let (id, mchid) = (BillId { day: of, kind: BillKind::Trade(TradeRows::All) }, self.client.mchid().to_string());
        BillRecord { id, mchid, present: file.is_file(), file, bytes, sha1, verified_at, digest }
    }

    /// The statements whose rows are in the ledger and whose files are here.
    pub(crate) async fn statements(&self) -> Result<Vec<BillRecord>, LedgerError> {
        let profile = self.actor.key.clone();
        let taken = self.ledger.run(move |ledger| ledger.taken_bills(&profile)).await?;
        let taken = taken.into_iter().filter(|bill| bill.kind == STATEMENT);
        let records =
            taken.map(|bill| self.statement_record(bill.day, self.statement_path(bill.day), bill.hash, bill.taken_at));
        Ok(records.filter(|record| record.present).collect())
    }

    /// Asks for the statement of a day, keeps it and takes its rows in.
    pub(crate) async fn fetch_statement(&self, of: Date) -> Result<BillRecord, BillFailure> {
        let compact: String = day(of).chars().filter(|c| *c != '-').collect();
        let statement = self.client.statement(&compact).await?;
        let path = self.statement_path(of);
        let taken = self.take_statement(of, &statement, std::sync::Arc::new(|_| ())).await;
        taken.map_err(|why| BillFailure::file(&path, io::Error::other(why)))?;
        Ok(self.statement_record(of, path, statement.digest, Timestamp::now_utc()))
    }
}
