//! What the rows of a trade bill say of objects, into the ledger: where a document says something else, that shows.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::ledger::{Claim, Ledger, LedgerError, Source};
use crate::model::ObjectId;
use crate::model::bill::{BillError, BillFileRow, BillId, BillKind, BillRow};
use crate::model::time::Timestamp;
use crate::services::Runner;
use crate::services::bills::{BillFailure, BillRecord};

/// Claims noted in one commit: others wait for the ledger meanwhile.
const CLAIMED_AT_ONCE: usize = 5_000;

/// Why the claims of a bill were not recorded.
#[derive(Debug)]
pub enum Unclaimed {
    Bill(BillFailure),
    Ledger(LedgerError),
    /// The file is no longer the one that was verified: its hashes of then and now.
    Altered {
        path: PathBuf,
        was: String,
        is: String,
    },
}

impl Runner {
    /// The record of the bill that a file is, if it was downloaded here.
    pub(crate) async fn bill_at(&self, file: &Path) -> Option<BillRecord> {
        let (bills, file) = (self.bills(), std::path::absolute(file).ok()?);
        let find = move || bills.list().ok()?.into_iter().find(|record| record.file == file);
        tokio::task::spawn_blocking(find).await.ok().flatten()
    }

    /// Notes what a bill that was downloaded says, unless its file is no longer what WeChat Pay sent.
    pub(crate) async fn claim_record(&self, record: &BillRecord) -> Result<(), Unclaimed> {
        let file = record.file.clone();
        let hash = tokio::task::spawn_blocking(move || crate::services::bills::hash(&file)).await;
        let is = hash.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let is = is.map_err(|error| unread(&record.file, error))?;
        if is != record.sha1 {
            return Err(Unclaimed::Altered { path: record.file.clone(), was: record.sha1.clone(), is });
        }
        self.claim_bill(record.id, record.file.clone()).await
    }

    /// Notes what the rows of a bill say, each once however often it is noted. Rows that cannot be read say nothing. A
    /// fund-flow bill lists changes of a balance, which say nothing of an object's state.
    pub(crate) async fn claim_bill(&self, id: BillId, file: PathBuf) -> Result<(), Unclaimed> {
        if !matches!(id.kind, BillKind::Trade(_)) {
            return Ok(());
        }
        let (ledger, profile, path) = (self.ledger.clone(), self.actor.key.clone(), file.clone());
        let claim = move || claim_rows(&ledger, &profile, id, &path);
        let claimed = tokio::task::spawn_blocking(claim).await;
        claimed.unwrap_or_else(|error| Err(unread(&file, std::io::Error::other(error))))
    }
}

fn unread(file: &Path, error: std::io::Error) -> Unclaimed {
    Unclaimed::Bill(BillFailure::file(file, error))
}

fn claim_rows(ledger: &Ledger, profile: &str, id: BillId, file: &Path) -> Result<(), Unclaimed> {
    let received_at = OffsetDateTime::now_utc();
    let failed = |error: BillError| match error {
        BillError::Read(error) => unread(file, error),
        other => unread(file, std::io::Error::new(std::io::ErrorKind::InvalidData, other)),
    };
    let keep = |claims: &mut Vec<(ObjectId, Claim)>| {
        let kept = ledger.claim(profile, claims);
        claims.clear();
        kept.map_err(|error| Unclaimed::Ledger(ledger.named(error)))
    };
    let mut bill = crate::services::bills::open(file).map_err(failed)?;
    let (mut claims, mut row) = (Vec::with_capacity(CLAIMED_AT_ONCE), 0);
    while let Some(read) = bill.next_row().map_err(failed)? {
        row += 1;
        let Ok(entry) = read else { continue };
        claims.extend(claims_of(entry.row, BillRow { bill: id, row }, received_at));
        if claims.len() >= CLAIMED_AT_ONCE {
            keep(&mut claims)?;
        }
    }
    keep(&mut claims)
}

/// The claims of a row.
fn claims_of(row: BillFileRow, place: BillRow, received_at: Timestamp) -> Vec<(ObjectId, Claim)> {
    let BillFileRow::Trade(row) = row else { return Vec::new() };
    let reference = place.to_string();
    let claim = |made: crate::model::bill::BillClaim| {
        let (source, reference) = (Source::Bill, reference.clone());
        let said_at = made.at.unwrap_or(received_at);
        (made.of, Claim { source, reference, fact: made.fact, amount: made.amount, said_at, received_at })
    };
    row.says().into_iter().map(claim).collect()
}
