//! Keeps what the screen looks like while the console runs, so that it is not lost with a process that is killed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::console::kept::Kept;
use crate::console::kept::store::KeptStore;

/// Changes that come together are written once.
const SETTLES: Duration = Duration::from_secs(1);

/// Writes in the background until it is dropped.
#[derive(Debug)]
pub(crate) struct Keeper(watch::Sender<Option<(String, Kept)>>);

impl Keeper {
    pub(crate) fn start(store: Arc<KeptStore>) -> Self {
        let (sender, mut latest) = watch::channel(None::<(String, Kept)>);
        tokio::spawn(async move {
            while latest.changed().await.is_ok() {
                tokio::time::sleep(SETTLES).await;
                let Some((profile, kept)) = latest.borrow_and_update().clone() else { continue };
                let store = store.clone();
                if tokio::task::spawn_blocking(move || store.write(&profile, &kept)).await.is_err() {
                    return;
                }
            }
        });
        Self(sender)
    }

    /// What a profile's screen looks like now.
    pub(crate) fn note(&self, screen: Option<(String, Kept)>) {
        self.0.send_if_modified(|known| {
            let modified = *known != screen;
            *known = screen;
            modified
        });
    }
}
