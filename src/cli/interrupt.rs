//! Ends a long-running command on a signal.

/// The signals that end the program. Created before the command reports that it is ready, so that a signal sent in
/// response is not missed.
pub(super) struct Interrupt {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 4]>,
}

impl Interrupt {
    pub(super) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()];
            let [term, hup, interrupt, quit] = kinds.map(signal);
            // Without a handler the signal ends the process by itself.
            let signals = term.and_then(|term| Ok([term, hup?, interrupt?, quit?])).ok();
            Self { signals }
        }
        #[cfg(not(unix))]
        Self {}
    }

    pub(super) async fn wait(self) {
        #[cfg(unix)]
        if let Some([mut term, mut hup, mut interrupt, mut quit]) = self.signals {
            tokio::select! {
                _ = term.recv() => return,
                _ = hup.recv() => return,
                _ = interrupt.recv() => return,
                _ = quit.recv() => return,
            }
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}
