//! The filters and the sets of columns that the operator has given a name: a file beside the ledger, `filters.toml`, with those of all
//! profiles. It can be edited by hand; an entry that this program cannot read is kept.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::Kind;
use crate::private;

/// The filters of a profile, and where they are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedFilters {
    pub path: PathBuf,
    pub filters: Vec<SavedFilter>,
    /// Why they could not be read.
    pub trouble: Option<String>,
}

/// A filter with a name, or a set of columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    pub profile: String,
    pub name: String,
    /// The noun of the kind whose table it filters.
    pub kind: String,
    pub filter: String,
    /// The ids of the columns that it shows, in their order; empty for a filter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct File {
    #[serde(default, rename = "filter")]
    filters: Vec<SavedFilter>,
}

/// A change of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterChange {
    /// Adds it; replaces the one of the same name.
    Save(SavedFilter),
    Delete(SavedFilter),
}

impl SavedFilter {
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_noun(&self.kind)
    }

    /// A set of columns, not a filter.
    pub(crate) fn is_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    fn is(&self, other: &Self) -> bool {
        (&self.profile, &self.name, self.is_columns()) == (&other.profile, &other.name, other.is_columns())
    }
}

impl SavedFilters {
    /// Reads those of a profile from this folder. Blocking.
    pub fn read(folder: &Path, profile: &str) -> Self {
        let path = folder.join("filters.toml");
        match read(&path) {
            Ok(File { mut filters }) => {
                filters.retain(|filter| filter.profile == profile);
                Self { path, filters, trouble: None }
            }
            Err(error) => Self { trouble: Some(error), path, filters: Vec::new() },
        }
    }
}

impl FilterChange {
    fn profile(&self) -> &str {
        let (Self::Save(filter) | Self::Delete(filter)) = self;
        &filter.profile
    }

    /// Changes the file as it is now, which another console may have written; returns the profile's filters. A file
    /// that cannot be read is not overwritten. Blocking.
    pub fn write(&self, path: &Path) -> Result<Vec<SavedFilter>, String> {
        let mut file = read(path)?;
        match self {
            Self::Save(new) => match file.filters.iter_mut().find(|filter| filter.is(new)) {
                Some(old) => old.clone_from(new),
                None => file.filters.push(new.clone()),
            },
            Self::Delete(gone) => file.filters.retain(|filter| !filter.is(gone)),
        }
        let text = toml::to_string(&file).map_err(|error| error.to_string())?;
        replace(path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        file.filters.retain(|filter| filter.profile == self.profile());
        Ok(file.filters)
    }
}

fn read(path: &Path) -> Result<File, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let line =
        |error: &toml::de::Error| error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count());
    toml::from_str(&text).map_err(|error| format!("{}:{}: {}", path.display(), line(&error).max(1), error.message()))
}

/// Replaces a file as a whole: it is never seen half written.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private::folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(profile: &str, name: &str, text: &str) -> SavedFilter {
        let (profile, name, kind, filter) = (profile.into(), name.into(), "order".into(), text.into());
        SavedFilter { profile, name, kind, filter, columns: Vec::new() }
    }

    #[test]
    fn filters_are_kept_by_profile_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut saved = SavedFilters::read(folder.path(), "shop");
        assert_eq!((&*saved.filters, &saved.trouble), (&[][..], &None));
        for new in
            [filter("shop", "大额", "amount>100"), filter("branch", "大额", "amount>5"), filter("shop", "b", "x")]
        {
            saved.filters = FilterChange::Save(new).write(&saved.path).unwrap();
        }
        FilterChange::Save(filter("shop", "大额", "amount>200")).write(&saved.path).unwrap();
        let read = SavedFilters::read(folder.path(), "shop").filters;
        assert_eq!(read, [filter("shop", "大额", "amount>200"), filter("shop", "b", "x")]);
        // A set of columns may have the same name.
        let columns = SavedFilter { columns: vec!["number".into()], ..filter("shop", "大额", "") };
        let both = FilterChange::Save(columns.clone()).write(&saved.path).unwrap();
        assert_eq!(both, [filter("shop", "大额", "amount>200"), filter("shop", "b", "x"), columns.clone()]);
        FilterChange::Delete(columns).write(&saved.path).unwrap();
        let delete = FilterChange::Delete(filter("shop", "大额", ""));
        assert_eq!(delete.write(&saved.path).unwrap(), [filter("shop", "b", "x")]);
        assert_eq!(SavedFilters::read(folder.path(), "branch").filters.len(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_reported_with_its_line_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("filters.toml");
        let broken = "[[filter]]\nprofile = \"shop\"\nname = broken\n";
        std::fs::write(&path, broken).unwrap();
        let saved = SavedFilters::read(folder.path(), "shop");
        assert!(saved.trouble.as_ref().is_some_and(|trouble| trouble.contains("filters.toml:3")), "{saved:?}");
        assert!(FilterChange::Save(filter("shop", "a", "x")).write(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    }
}
