//! The signed client: one per profile, cheaply cloned.

mod error;

pub use error::{ApiError, Detail, Failure, Misconfigured, Refusal, Source, Untrusted};
