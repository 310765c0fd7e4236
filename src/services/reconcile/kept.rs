//! What is given once and kept for each profile: how its orders are read, and its agreed rate. A file of its own beside
//! the profile's bills, not the operator's configuration.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::reconcile::ColumnMap;

const NAME: &str = "reconcile.toml";

/// What is kept of one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptReconcile {
    /// The agreed rate: `0.60%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    pub map: ColumnMap,
}

impl KeptReconcile {
    /// Reads what is kept in a profile's folder of bills. A file that is not there or is damaged is as good as none.
    pub(super) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(NAME)).unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "the kept mapping of orders cannot be read");
            Self::default()
        })
    }

    /// Keeps it. The file is replaced as a whole.
    pub(super) fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        let path = folder.join(NAME);
        file.persist(&path)?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("bills");
        assert_eq!(KeptReconcile::read(&place), KeptReconcile::default());
        let map = ColumnMap::parse("number=订单号,amount=金额,unit=fen,zone=+00:00,paid=OK|Y").unwrap();
        let kept = KeptReconcile { rate: Some("0.60%".into()), map };
        kept.write(&place).unwrap();
        assert_eq!(KeptReconcile::read(&place), kept);
        std::fs::write(place.join(NAME), "rate = ").unwrap();
        assert_eq!(KeptReconcile::read(&place), KeptReconcile::default());
    }
}
