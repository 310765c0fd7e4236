//! Which process wrote an intent, and whether it is still alive: every process holds a lock on its own file beside the
//! ledger, which the system releases when the process ends in any way.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::private;

/// Attempts at creating the file while another process may remove the folder.
const ATTEMPTS: usize = 100;

/// This process, as long as it has the ledger open.
#[derive(Debug)]
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    /// Locked for as long as it is open.
    _file: File,
}

impl Owner {
    pub(super) fn register(ledger: &Path) -> io::Result<Self> {
        let folder = folder(ledger);
        let mut failed = None;
        for _ in 0..ATTEMPTS {
            let name = crate::crypto::nonce();
            let path = folder.join(&name);
            let made = private::folder(&folder);
            let file = match made.and_then(|()| private::file().write(true).create_new(true).open(&path)) {
                Ok(file) => file,
                // The last of the other processes removed the folder meanwhile.
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {
                    failed = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            file.lock()?;
            // Before it was locked it looked like the file of an ended process.
            if private::is_at(&file, &path) {
                return Ok(Self { name, path, _file: file });
            }
        }
        Err(failed.unwrap_or_else(|| io::Error::other("the file is always taken away")))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // If this fails, the next process that opens the ledger removes it.
        let _ = std::fs::remove_file(&self.path);
        // As long as others have the ledger open, the folder is not empty and stays.
        let _ = self.path.parent().map(std::fs::remove_dir);
    }
}

/// The other processes that have, or had, a ledger open.
#[derive(Debug, Default)]
pub(super) struct OtherOwners {
    /// Whether any of them is alive.
    pub alive: bool,
    /// Those that ended without closing the ledger.
    pub dead: Vec<Dead>,
}

/// A process that ended without closing the ledger.
#[derive(Debug)]
pub(super) struct Dead {
    path: PathBuf,
    /// Locked, so that a process that is creating this file does not use it as its own.
    _file: File,
}

impl Dead {
    /// Removes its file.
    pub(super) fn remove(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Looks for the other processes.
pub(super) fn others(ledger: &Path, own: &Owner) -> OtherOwners {
    let mut others = OtherOwners::default();
    let Ok(entries) = std::fs::read_dir(folder(ledger)) else { return others };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| *path != own.path) {
        match File::open(&path).map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => others.dead.push(Dead { path, _file: file }),
            Ok((Err(_), _)) => others.alive = true,
            Err(error) => others.alive |= error.kind() != io::ErrorKind::NotFound,
        }
    }
    others
}

/// Whether the process of that name is still alive. If that cannot be determined it counts as alive: the request of
/// another process is not concluded while it may be under way.
pub(super) fn is_alive(ledger: &Path, name: &str) -> bool {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    match File::open(folder(ledger).join(name)).map(|file| file.try_lock()) {
        Ok(Ok(())) => false,
        Ok(Err(TryLockError::WouldBlock)) => true,
        Ok(Err(TryLockError::Error(_))) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn folder(ledger: &Path) -> PathBuf {
    let mut name = ledger.file_name().unwrap_or_default().to_owned();
    name.push(".owners");
    ledger.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_lives_until_it_is_dropped_or_its_lock_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let owner = Owner::register(&ledger).unwrap();
        let name = owner.name().to_owned();
        assert!(is_alive(&ledger, &name));
        // A killed process leaves its file unlocked.
        std::fs::write(super::folder(&ledger).join("killed"), "").unwrap();
        assert!(!is_alive(&ledger, "killed"));
        assert!(!is_alive(&ledger, "../../etc/passwd"));
        drop(owner);
        assert!(!is_alive(&ledger, &name));
    }

    #[test]
    fn what_the_dead_left_is_found_and_removed_and_the_living_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let (one, two) = (Owner::register(&ledger).unwrap(), Owner::register(&ledger).unwrap());
        std::fs::write(super::folder(&ledger).join("killed"), "").unwrap();
        let found = others(&ledger, &one);
        assert!(found.alive);
        assert_eq!(found.dead.len(), 1);
        found.dead.into_iter().for_each(Dead::remove);
        drop(two);
        let found = others(&ledger, &one);
        assert!(!found.alive && found.dead.is_empty());
        drop(one);
        assert!(!super::folder(&ledger).exists(), "nothing is left");
    }

    #[test]
    fn who_registers_while_others_sweep_lives() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let sweeper = scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let own = Owner::register(&ledger).unwrap();
                    others(&ledger, &own).dead.into_iter().for_each(Dead::remove);
                }
            });
            for _ in 0..300 {
                let owner = Owner::register(&ledger).unwrap();
                assert!(is_alive(&ledger, owner.name()));
                assert!(owner.path.exists());
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            sweeper.join().unwrap();
        });
    }
}
