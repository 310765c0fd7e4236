//! Which process wrote an intent, and whether it still lives: every process holds a lock on a file of its own beside
//! the ledger, which the system releases however the process ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// This process, as long as it has the ledger open.
#[derive(Debug)]
pub struct Owner {
    name: String,
    path: PathBuf,
    /// Locked for as long as it is open.
    _file: File,
}

impl Owner {
    pub fn register(ledger: &Path) -> io::Result<Self> {
        let folder = folder(ledger);
        std::fs::create_dir_all(&folder)?;
        let name = crate::crypto::nonce();
        let path = folder.join(&name);
        let file = File::create_new(&path)?;
        file.lock()?;
        Ok(Self { name, path, _file: file })
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // If it stays, the next one who asks finds it unlocked and takes it away.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the process of that name still lives. Where that cannot be told it counts as living: nobody else's
/// request is judged while it may be under way.
pub fn is_alive(ledger: &Path, name: &str) -> bool {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let path = folder(ledger).join(name);
    match File::open(&path).map(|file| file.try_lock()) {
        Ok(Ok(())) => {
            let _ = std::fs::remove_file(&path);
            false
        }
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
        drop(owner);
        assert!(!is_alive(&ledger, &name));
        // A process that was killed leaves its file, unlocked.
        std::fs::write(super::folder(&ledger).join("killed"), "").unwrap();
        assert!(!is_alive(&ledger, "killed"));
        assert!(!is_alive(&ledger, "../../etc/passwd"));
    }
}
