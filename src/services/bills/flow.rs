//! A stock's flow files: what was used, and what was given back (coupons reference §3.12, §3.13). They are not bills of a
//! day, so nothing is kept of them but the file that was asked for.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::api::{DownloadError, Fetched};
use crate::model::{EndpointId, Kind, Number};
use crate::services::Runner;
use crate::services::bills::{BillFailure, BillStore};

/// Which of a stock's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillFlow {
    Use,
    Refund,
}

impl BillFlow {
    pub const ALL: [Self; 2] = [Self::Use, Self::Refund];

    /// The command line's verb, and the end of the file's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Use => "use-flow",
            Self::Refund => "refund-flow",
        }
    }

    const fn endpoint(self) -> EndpointId {
        match self {
            Self::Use => EndpointId::StockUseFlow,
            Self::Refund => EndpointId::StockRefundFlow,
        }
    }
}

impl Runner {
    /// Downloads a stock's flow file for reading it once. Its hash is the one that WeChat Pay gave, or there is an
    /// error; it is deleted with the returned file.
    pub(crate) async fn fetch_flow(
        &self,
        stock: &Number,
        flow: BillFlow,
        folder: &Path,
    ) -> Result<(NamedTempFile, Fetched), BillFailure> {
        let begun = BillStore::begin(folder).map_err(|error| BillFailure::file(folder, error))?;
        let endpoint = flow.endpoint();
        let target = endpoint.endpoint().target(&[(Kind::Stock.number_field(), stock.as_str())], &[]);
        let fetched = self.client.fetch_file(endpoint, &target, begun.as_file(), &mut |_| ()).await;
        match fetched {
            Ok(fetched) => Ok((begun, fetched)),
            Err(DownloadError::Api(error)) => Err(BillFailure::Api(error)),
            Err(DownloadError::File(error)) => Err(BillFailure::file(begun.path(), error)),
        }
    }

    /// The same into a folder, or to a file of that name. A file that is there stays as it is.
    pub(crate) async fn save_flow(
        &self,
        stock: &Number,
        flow: BillFlow,
        to: &Path,
    ) -> Result<(PathBuf, Fetched), BillFailure> {
        let name = format!("{}-{stock}-{}.csv", self.client.mchid(), flow.word());
        let path = if to.is_dir() { to.join(name) } else { to.to_owned() };
        let path = std::path::absolute(&path).map_err(|error| BillFailure::file(to, error))?;
        if path.exists() {
            // Checked before any request.
            return Err(BillFailure::file(&path, io::ErrorKind::AlreadyExists.into()));
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        let (begun, fetched) = self.fetch_flow(stock, flow, folder).await?;
        begun.as_file().sync_all().map_err(|error| BillFailure::file(&path, error))?;
        begun.persist_noclobber(&path).map_err(|error| BillFailure::file(&path, error.error))?;
        Ok((path, fetched))
    }
}
