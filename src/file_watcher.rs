//! Waits until a file changes, whichever process writes it, without polling it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Where the system cannot report changes, the file is assumed to change this often.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Watches a file and its write-ahead log, which has the same name and the ending `-wal`.
#[derive(Debug)]
pub(crate) struct FileWatcher {
    changed: Arc<Notify>,
    /// Watches until it is dropped. `None` where the system cannot.
    watcher: Option<RecommendedWatcher>,
}

impl FileWatcher {
    /// Watches a file, which need not exist yet, from here on. Blocking.
    pub(crate) fn new(path: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let watcher = watch(path, changed.clone());
        let watcher = watcher.inspect_err(|error| {
            tracing::warn!(%error, path = %path.display(), "changes of the file are not reported, so it is polled");
        });
        Self { changed, watcher: watcher.ok() }
    }

    /// Waits until something has changed since the previous call; several changes may be reported as one.
    pub(crate) async fn changed(&self) {
        match self.watcher {
            Some(_) => self.changed.notified().await,
            None => tokio::time::sleep(POLL_EVERY).await,
        }
    }
}

impl FileWatcher {
    /// Watches every file directly in a folder. Blocking.
    pub(crate) fn of_folder(folder: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let reported = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !is_change(&event)) {
                return;
            }
            reported.notify_one();
        });
        let watcher = watcher.and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        Self { changed, watcher: watcher.ok() }
    }
}

/// The folder is watched: a file may be replaced, and its log may come and go.
fn watch(path: &Path, changed: Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    // Behind a link the file itself is written.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().map(OsStr::to_owned).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // A failed report may have been one of a change.
        if event.is_err() || event.is_ok_and(|event| concerns(&event, &name)) {
            changed.notify_one();
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// True for a change of the file or its log. Opening and reading are no changes.
fn concerns(event: &notify::Event, name: &OsStr) -> bool {
    let mut wal: OsString = name.to_owned();
    wal.push("-wal");
    let ours = |path: &PathBuf| path.file_name().is_none_or(|other| other == name || other == wal);
    is_change(event) && (event.need_rescan() || event.paths.iter().any(ours))
}

/// Opening and reading are no changes.
fn is_change(event: &notify::Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    const LONG: Duration = Duration::from_secs(20);

    impl FileWatcher {
        /// Reports a change as the system does.
        pub(crate) fn change(&self) -> Arc<Notify> {
            self.changed.clone()
        }
    }

    async fn reported(watcher: &FileWatcher) {
        tokio::time::timeout(LONG, watcher.changed()).await.expect("the change is reported");
    }

    #[tokio::test]
    async fn a_file_is_reported_when_it_is_made_grows_is_replaced_or_its_log_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let watcher = FileWatcher::new(&path);
        let mut file = std::fs::File::create(&path).unwrap();
        reported(&watcher).await;
        file.write_all(b"x").unwrap();
        reported(&watcher).await;
        let other = folder.path().join("other");
        std::fs::write(&other, "y").unwrap();
        std::fs::rename(&other, &path).unwrap();
        reported(&watcher).await;
        std::fs::write(folder.path().join("ledger.db-wal"), "z").unwrap();
        reported(&watcher).await;
    }

    #[tokio::test]
    async fn a_folder_is_reported_when_any_file_in_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let watcher = FileWatcher::of_folder(folder.path());
        std::fs::write(folder.path().join("a.toml"), "x").unwrap();
        reported(&watcher).await;
    }

    #[test]
    fn reading_and_other_files_are_no_change() {
        use notify::event::{CreateKind, Flag, ModifyKind, RemoveKind};
        let concerns_it = |kind: EventKind, file: &str| {
            let event = notify::Event::new(kind).add_path(Path::new("/data").join(file));
            concerns(&event, OsStr::new("ledger.db"))
        };
        let (modified, opened) = (EventKind::Modify(ModifyKind::Any), AccessKind::Open(AccessMode::Any));
        assert!(concerns_it(modified, "ledger.db") && concerns_it(modified, "ledger.db-wal"));
        assert!(concerns_it(EventKind::Create(CreateKind::File), "ledger.db"));
        assert!(concerns_it(EventKind::Remove(RemoveKind::File), "ledger.db-wal"));
        assert!(concerns_it(EventKind::Access(AccessKind::Close(AccessMode::Write)), "ledger.db"));
        assert!(!concerns_it(modified, "ledger.db-shm") && !concerns_it(modified, "other.db"));
        assert!(!concerns_it(EventKind::Access(opened), "ledger.db"));
        let overflow = notify::Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(concerns(&overflow, OsStr::new("ledger.db")), "what was lost may have been a change");
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_folder_does_not_exist_the_file_is_polled() {
        let folder = tempfile::tempdir().unwrap();
        let watcher = FileWatcher::new(&folder.path().join("none").join("ledger.db"));
        assert!(watcher.watcher.is_none());
        let start = tokio::time::Instant::now();
        watcher.changed().await;
        assert_eq!(start.elapsed(), POLL_EVERY);
    }
}
