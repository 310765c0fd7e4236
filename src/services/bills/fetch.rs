//! Downloads a bill: its hash is checked before it gets a name, then it is read and recorded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::api::{ApiError, DownloadError, Fetched, Untrusted};
use crate::model::bill::{BillError, BillId};
use crate::services::bills::{BillRecord, BillStore};
use crate::services::{NumberFile, Runner, read_numbers};

/// Where a bill is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Where Paydeck keeps them.
    Kept,
    /// A folder, or a file of this name.
    Path(PathBuf),
}

/// Why a bill could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum BillFailure {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl BillFailure {
    pub(crate) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

impl Runner {
    /// Where the bills of this profile are kept.
    pub fn bills(&self) -> BillStore {
        BillStore::new(&self.bills, &self.actor)
    }

    /// Downloads a bill. Its file gets its name only when its hash is the one that WeChat Pay gave; until then, and
    /// after any error, nothing is written there. `progress` is called with the number of bytes received.
    pub(crate) async fn fetch_bill(
        &self,
        id: BillId,
        packed: bool,
        to: &Destination,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<BillRecord, BillFailure> {
        let bills = self.bills();
        let path = self.place(&bills, id, to)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let begun = BillStore::begin(folder).map_err(|error| BillFailure::file(folder, error))?;
        let fetched = self.fetch_bill_into(&begun, id, packed, progress).await?;
        let mchid = self.client.mchid().as_str().to_owned();
        let file = path.clone();
        let finish = move || {
            let record = recorded(&begun, id, mchid, file, fetched)?;
            bills.finish(begun, &record).map_err(|error| BillFailure::file(&record.file, error))?;
            Ok(record)
        };
        let finished = tokio::task::spawn_blocking(finish).await;
        finished.unwrap_or_else(|error| Err(BillFailure::file(&path, io::Error::other(error))))
    }

    /// Downloads a bill for reading it once; it is deleted with the returned file.
    pub(crate) async fn fetch_bill_once(
        &self,
        id: BillId,
        packed: bool,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(NamedTempFile, BillRecord), BillFailure> {
        let folder = std::env::temp_dir();
        let begun = BillStore::begin(&folder).map_err(|error| BillFailure::file(&folder, error))?;
        let fetched = self.fetch_bill_into(&begun, id, packed, progress).await?;
        let mchid = self.client.mchid().as_str().to_owned();
        let read = move || {
            let record = recorded(&begun, id, mchid, begun.path().to_owned(), fetched)?;
            Ok((begun, record))
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|error| Err(BillFailure::file(&folder, io::Error::other(error))))
    }

    async fn fetch_bill_into(
        &self,
        begun: &NamedTempFile,
        id: BillId,
        packed: bool,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Fetched, BillFailure> {
        let fetched = self.client.fetch_file(id.kind.endpoint(), &id.target(packed), begun.as_file(), progress).await;
        fetched.map_err(|error| match error {
            DownloadError::Api(error) => BillFailure::Api(error),
            DownloadError::File(error) => BillFailure::file(begun.path(), error),
        })
    }

    /// The path of a bill, from the root on, so that its record leads to it from anywhere.
    fn place(&self, bills: &BillStore, id: BillId, to: &Destination) -> Result<PathBuf, BillFailure> {
        let name = format!("{}-{}.csv", self.client.mchid(), id.name());
        let path = match to {
            Destination::Kept => bills.folder().join(name),
            Destination::Path(path) if path.is_dir() || path.as_os_str().to_string_lossy().ends_with(['/', '\\']) => {
                path.join(name)
            }
            Destination::Path(path) => path.clone(),
        };
        std::path::absolute(&path).map_err(|error| BillFailure::file(&path, error))
    }

    /// The numbers that a bill's rows name.
    pub(crate) async fn bill_numbers(&self, file: PathBuf) -> Result<NumberFile, BillFailure> {
        let path = file.clone();
        let read = move || read_numbers(fs::File::open(&path).map(io::BufReader::new)?, None);
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.unwrap_or_else(|error| Err(BillError::Read(io::Error::other(error))));
        read.map_err(|error| match error {
            BillError::Read(error) => BillFailure::file(&file, error),
            other => BillFailure::file(&file, io::Error::new(io::ErrorKind::InvalidData, other)),
        })
    }

    /// The record of the bill that a file is, if it was downloaded here.
    pub(crate) async fn bill_at(&self, file: &Path) -> Option<BillRecord> {
        let (bills, file) = (self.bills(), std::path::absolute(file).ok()?);
        let find = move || bills.list().ok()?.into_iter().find(|record| record.file == file);
        tokio::task::spawn_blocking(find).await.ok().flatten()
    }
}

/// Reads what was fetched. A genuine bill of another day or merchant (from a cache, or replayed) must not pass for
/// this one; one that cannot be read is kept all the same, for it is what WeChat Pay sent.
fn recorded(
    begun: &NamedTempFile,
    id: BillId,
    mchid: String,
    file: PathBuf,
    fetched: Fetched,
) -> Result<BillRecord, BillFailure> {
    let digest = crate::services::bills::examine(begun.path()).map(|(digest, _)| digest);
    if let Ok(digest) = &digest
        && let Some(found) = digest.another(&mchid, id.day)
    {
        let reason = Untrusted::Another { found };
        return Err(ApiError::Untrusted { reason, request_id: None }.into());
    }
    Ok(BillRecord {
        id,
        mchid,
        file,
        present: true,
        bytes: fetched.bytes,
        sha1: fetched.sha1,
        verified_at: OffsetDateTime::now_utc(),
        digest: digest.map_err(|error| error.to_string()),
    })
}
