//! The files: one for each profile, in a folder of their own. Its calls block.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::console::kept::Kept;
use crate::private;
use crate::sync::lock;

/// A file of Paydeck's is a few kilobytes; a longer one is something else.
const LONGEST: u64 = 1 << 20;

/// Where what profiles looked like is kept.
#[derive(Debug)]
pub struct KeptStore {
    folder: PathBuf,
    /// What earlier runs kept is not read.
    fresh: bool,
    /// The profiles kept in this run.
    written: Mutex<BTreeSet<String>>,
}

impl KeptStore {
    pub fn new(folder: PathBuf, fresh: bool) -> Self {
        Self { folder, fresh, written: Mutex::default() }
    }

    /// What a profile looked like when it was left. A file that is not there or is damaged is as good as none.
    pub(crate) fn read(&self, profile: &str) -> Option<Kept> {
        if self.fresh && !lock(&self.written).contains(profile) {
            return None;
        }
        let mut text = String::new();
        let file = std::fs::File::open(path(&self.folder, profile)).ok()?;
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        Kept::parse(&text)
    }

    /// Keeps what a profile looks like. The file is replaced as a whole: it is never half written.
    pub(crate) fn write(&self, profile: &str, kept: &Kept) {
        let mut written = lock(&self.written);
        let path = path(&self.folder, profile);
        let write = || -> std::io::Result<()> {
            private::folder(&self.folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(kept.text().as_bytes())?;
            file.persist(&path)?;
            Ok(())
        };
        match write() {
            Ok(()) => {
                written.insert(profile.to_owned());
            }
            Err(error) => tracing::warn!(%error, path = %path.display(), "the session of the profile is not kept"),
        }
    }
}

/// The file of a profile. Its name is the profile's, with everything escaped that could mean something in a path.
fn path(folder: &Path, profile: &str) -> PathBuf {
    let mut name = String::new();
    for byte in profile.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            // Capital letters too: on some systems they are the same file as the small ones.
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    folder.join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_of_any_name_has_a_file_in_the_folder_and_of_its_own() {
        let folder = Path::new("/data/sessions");
        let names = ["shop", "Shop", "../etc/passwd", "a/b", "商户", "a.b", "%", ""];
        let paths: BTreeSet<PathBuf> = names.iter().map(|name| path(folder, name)).collect();
        assert_eq!(paths.len(), names.len());
        for path in paths {
            assert_eq!(path.parent(), Some(folder), "{}", path.display());
        }
    }

    #[test]
    fn what_is_kept_is_read_again_unless_the_start_is_fresh() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("sessions");
        let kept = Kept { tab: Some("refunds".into()), ..Kept::default() };
        KeptStore::new(place.clone(), false).write("shop", &kept);
        assert_eq!(KeptStore::new(place.clone(), false).read("shop"), Some(kept.clone()));
        assert_eq!(KeptStore::new(place.clone(), false).read("branch"), None);
        let fresh = KeptStore::new(place.clone(), true);
        assert_eq!(fresh.read("shop"), None);
        fresh.write("shop", &kept);
        assert_eq!(fresh.read("shop"), Some(kept), "what this run has kept is not from an earlier one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&place), mode(&path(&place, "shop"))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeptStore::new(folder.path().to_owned(), false);
        for text in ["", "{", "[]", "\u{0}\u{1}", "{\"version\":2,\"tab\":\"refunds\"}", "{\"tab\":\"refunds\"}"] {
            std::fs::write(path(folder.path(), "shop"), text).unwrap();
            assert_eq!(store.read("shop"), None, "{text:?}");
        }
        std::fs::write(path(folder.path(), "shop"), [0xff, 0xfe]).unwrap();
        assert_eq!(store.read("shop"), None);
    }
}
