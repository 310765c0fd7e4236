//! The one way a lock of the sandbox is taken.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a holder panicked: every mutex here guards plain data.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
