//! What only WeChat Pay Global lists: an order's refunds, and settlements.

use std::io::Write;
use std::path::PathBuf;

use crate::api::{ApiError, Client, StatementFile};
use crate::model::{self, MOST_REFUNDS, ObjectId, Settled, Settlement};
use crate::services::{Lookup, Runner, Search, Source, Stopped};

/// Pages that are asked for at the most: a wrong count must not loop.
const PAGES: usize = 1000;

impl Runner {
    /// Lists an order's refunds at WeChat Pay and returns their numbers, oldest first. A row of the list is too little
    /// to be kept as a document, so refunds that have changed or are unknown are queried; `report` is called for each.
    pub async fn refunds_of(
        &self,
        order: &ObjectId,
        mut report: impl FnMut(Search) + Send,
    ) -> Result<Vec<ObjectId>, Stopped> {
        let mut rows = Vec::new();
        loop {
            let (page, total) = self.client.list_refunds(order, rows.len()).await?;
            let ended = page.is_empty();
            rows.extend(page);
            if ended || rows.len() >= total || rows.len() > 2 * MOST_REFUNDS {
                break;
            }
        }
        let ids: Vec<ObjectId> = rows.iter().map(|row| row.id.clone()).collect();
        self.note(ids.clone(), Source::List).await?;
        let mut wanted = Vec::new();
        for row in rows {
            let known = self.known(&row.id).await?;
            let state = row.entity.state();
            if !known.is_some_and(|known| known.object.entity.state() == state) {
                wanted.push(Lookup::Object(row.id));
            }
        }
        self.query_all(wanted, |_, search| report(search)).await?;
        Ok(ids)
    }
}

/// A statement that was written to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// From the root on.
    pub path: PathBuf,
    /// Payments and refunds in it.
    pub rows: usize,
    pub digest: String,
}

/// Why a statement was not written.
#[derive(Debug, thiserror::Error)]
pub enum Unsaved {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("cannot write {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

/// Asks for the statement of a day and writes it, verified, as it came. An existing file stays as it is.
pub async fn save_statement(client: &Client, day: &str, path: PathBuf) -> Result<(Saved, StatementFile), Unsaved> {
    let path = std::path::absolute(&path).map_err(|source| Unsaved::File { path, source })?;
    if path.exists() {
        // Checked before any request.
        return Err(Unsaved::File { path, source: std::io::ErrorKind::AlreadyExists.into() });
    }
    let statement = client.statement(day).await?;
    let written = path.clone();
    let write = move || {
        let mut file = std::fs::File::create_new(&written)?;
        file.write_all(statement.text.as_bytes())?;
        file.sync_all()?;
        Ok(statement)
    };
    let written = tokio::task::spawn_blocking(write).await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    match written {
        Ok(statement) => {
            let (rows, digest) = (statement_rows(&statement), statement.digest.clone());
            Ok((Saved { path, rows, digest }, statement))
        }
        Err(source) => Err(Unsaved::File { path, source }),
    }
}

/// The number of payments and refunds in a statement. For an unknown layout, the number of its data lines.
pub fn statement_rows(statement: &StatementFile) -> usize {
    let lines = || statement.text.lines().filter(|line| line.starts_with('`')).count();
    model::Statement::parse(statement.text.as_bytes()).map_or_else(|_| lines(), |read| read.rows().count())
}

/// All settlements of a merchant of WeChat Pay Global.
pub async fn all_settlements(client: &Client, which: &Settled) -> Result<Vec<Settlement>, ApiError> {
    let mut all: Vec<Settlement> = Vec::new();
    for _ in 0..PAGES {
        let (page, total) = client.list_settlements(which, all.len()).await?;
        let ended = page.is_empty();
        all.extend(page);
        if ended || all.len() >= total {
            break;
        }
    }
    Ok(all)
}
