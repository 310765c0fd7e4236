//! Waits until a file changes, whoever writes it, without looking at it in between.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Where the system cannot tell, the file is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a file and those beside it of the same name with an ending (`-wal`) are watched by.
#[derive(Debug)]
pub struct Tidings {
    changed: Arc<Notify>,
    /// Watches as long as it is there. `None` where the system cannot.
    watcher: Option<RecommendedWatcher>,
}

impl Tidings {
    /// Watches a file, which need not be there yet. What changes from here on is told. Blocking.
    pub fn of(path: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let watcher = watch(path, changed.clone());
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, path = %path.display(), "changes of the file are not told, so it is looked at");
        });
        Self { changed, watcher: watcher.ok() }
    }

    /// Waits until something has changed since it was last waited for; several changes may be one.
    pub async fn changed(&self) {
        match self.watcher {
            Some(_) => self.changed.notified().await,
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// The folder is watched: a file may be replaced, and one beside it may come and go.
fn watch(path: &Path, changed: Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    // Behind a link the file itself is written.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().map(OsStr::to_owned).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // What cannot be told may have been a change.
        if event.is_err() || event.is_ok_and(|event| concerns(&event, &name)) {
            changed.notify_one();
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// True for a change of the file or of one beside it. That it is opened and read is none.
fn concerns(event: &notify::Event, name: &OsStr) -> bool {
    let changes = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let mut wal: OsString = name.to_owned();
    wal.push("-wal");
    let ours = |path: &PathBuf| path.file_name().is_none_or(|other| other == name || other == wal);
    changes && (event.need_rescan() || event.paths.iter().any(ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const LONG: Duration = Duration::from_secs(20);

    async fn told(tidings: &Tidings) {
        tokio::time::timeout(LONG, tidings.changed()).await.expect("the change is told");
    }

    #[tokio::test]
    async fn a_file_is_told_of_when_it_comes_grows_is_replaced_or_something_is_written_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let tidings = Tidings::of(&path);
        let mut file = std::fs::File::create(&path).unwrap();
        told(&tidings).await;
        file.write_all(b"x").unwrap();
        told(&tidings).await;
        let other = folder.path().join("other");
        std::fs::write(&other, "y").unwrap();
        std::fs::rename(&other, &path).unwrap();
        told(&tidings).await;
        std::fs::write(folder.path().join("ledger.db-wal"), "z").unwrap();
        told(&tidings).await;
    }

    #[test]
    fn reading_and_other_files_are_no_change() {
        use notify::event::{CreateKind, Flag, ModifyKind, RemoveKind};
        let told = |kind: EventKind, file: &str| {
            let event = notify::Event::new(kind).add_path(Path::new("/data").join(file));
            concerns(&event, OsStr::new("ledger.db"))
        };
        let (modified, opened) = (EventKind::Modify(ModifyKind::Any), AccessKind::Open(AccessMode::Any));
        assert!(told(modified, "ledger.db") && told(modified, "ledger.db-wal"));
        assert!(told(EventKind::Create(CreateKind::File), "ledger.db"));
        assert!(told(EventKind::Remove(RemoveKind::File), "ledger.db-wal"));
        assert!(told(EventKind::Access(AccessKind::Close(AccessMode::Write)), "ledger.db"));
        assert!(!told(modified, "ledger.db-shm") && !told(modified, "other.db"));
        assert!(!told(EventKind::Access(opened), "ledger.db"));
        let overflow = notify::Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(concerns(&overflow, OsStr::new("ledger.db")), "what was lost may have been a change");
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_folder_is_not_there_the_file_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let tidings = Tidings::of(&folder.path().join("none").join("ledger.db"));
        assert!(tidings.watcher.is_none());
        let start = tokio::time::Instant::now();
        tidings.changed().await;
        assert_eq!(start.elapsed(), LOOK_EVERY);
    }
}
