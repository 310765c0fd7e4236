//! The folder of a sandbox that was started without one: removed when the process ends, or by the next start if it was
//! killed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::private;

/// The prefix of the folders in the system's temporary folder.
const PREFIX: &str = "paydeck-sandbox-";

/// A file in each folder that its process keeps locked as long as it lives.
const LOCK: &str = "owner.lock";

/// A folder without that file is kept this long: another process may be creating it.
const UNOWNED_FOR: Duration = Duration::from_secs(24 * 3600);

/// Attempts to remove a folder, and the pause between them: a request in flight may still be writing a file.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
    /// Locked.
    _lock: File,
}

impl Temporary {
    /// Creates a folder, and removes those whose processes are gone.
    pub fn make() -> io::Result<Self> {
        Self::make_in(&std::env::temp_dir())
    }

    fn make_in(place: &Path) -> io::Result<Self> {
        remove_abandoned(place);
        for _ in 0..ATTEMPTS {
            let path = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?.keep();
            let lock = path.join(LOCK);
            let file = private::file().write(true).create_new(true).open(&lock)?;
            file.lock()?;
            // Until it was locked, another process may have removed it as abandoned.
            if private::is_at(&file, &lock) {
                return Ok(Self { path, _lock: file });
            }
        }
        Err(io::Error::other("the folder is always removed"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        for _ in 0..ATTEMPTS {
            match fs::remove_dir_all(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(PAUSE),
                _ => return,
            }
        }
        tracing::warn!(path = %self.path.display(), "the sandbox's folder could not be removed; the next start does it");
    }
}

/// Removes the folders of processes that are gone.
fn remove_abandoned(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        // Neither through a link nor another user's.
        if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir() && is_ours(&found)) {
            continue;
        }
        let dead = match File::open(path.join(LOCK)) {
            // The lock is held until the folder is removed.
            Ok(file) => file.try_lock().is_ok().then_some(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let age = fs::metadata(&path).and_then(|found| found.modified()).map(|at| at.elapsed());
                age.is_ok_and(|age| age.is_ok_and(|age| age > UNOWNED_FOR)).then_some(None)
            }
            Err(_) => None,
        };
        if let Some(_held) = dead {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(unix)]
fn is_ours(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_sandbox_left_goes_with_the_next_start_and_a_living_one_stays() {
        let place = tempfile::tempdir().unwrap();
        let living = Temporary::make_in(place.path()).unwrap();
        fs::write(living.path().join("config.toml"), "").unwrap();
        // A process that was killed leaves its lock file, unlocked; one that is just starting has none yet.
        let (killed, starting) =
            (place.path().join("paydeck-sandbox-killed"), place.path().join("paydeck-sandbox-new"));
        fs::create_dir_all(killed.join("gateway")).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        fs::create_dir(&starting).unwrap();
        let other = place.path().join("paydeck-else");
        fs::create_dir(&other).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&other, place.path().join("paydeck-sandbox-link")).unwrap();
        let next = Temporary::make_in(place.path()).unwrap();
        assert!(!killed.exists());
        assert!(living.path().join("config.toml").exists() && starting.exists() && other.exists());
        let paths = [living.path().to_owned(), next.path().to_owned()];
        drop((living, next));
        assert!(paths.iter().all(|path| !path.exists()));
    }
}
