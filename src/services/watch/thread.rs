//! The thread of a session's refresher. Two hundred queries in a second are two hundred times a timer, a signature, an
//! answer on a socket and a note of it: on the threads of the program each of these wakes another thread, which costs more
//! than the work. On one thread with a runtime of its own none does, and what arrives together is handled together.

use std::future::Future;
use std::sync::mpsc;

/// Threads for calls that block: one for the ledger, and some for the names of hosts.
const BLOCKING: usize = 4;

/// Runs a task on a thread and a runtime of its own, or beside the others where the system has no more threads.
pub(crate) fn on_its_own_thread(task: impl Future<Output = ()> + Send + 'static) {
    let (give, take) = mpsc::channel();
    let started =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING).build().and_then(
            |runtime| {
                let run = move || take.recv().into_iter().for_each(|task| runtime.block_on(task));
                std::thread::Builder::new().name("refresher".into()).spawn(run)
            },
        );
    match started {
        // It waits for the task.
        Ok(_) => drop(give.send(task)),
        Err(error) => {
            tracing::warn!(%error, "no thread for the refresher");
            tokio::spawn(task);
        }
    }
}
