//! The signed client: one per profile, cheaply cloned. It signs every request, verifies every reply before a byte of
//! it is used, fetches the platform's certificates on its own, keeps to the profile's request budget, repeats only
//! what is safe to repeat, and returns the outcome of a call as a type. Files alone are not signed: see `download`.

mod budget;
mod client;
mod coupons;
mod download;
mod error;
mod global;
mod notification;
mod reply;
mod retry;
mod transport;
mod trust;

pub use budget::Budget;
pub use client::{Client, ClientOptions, Permit};
pub use coupons::{CouponFilter, CouponPage, CouponsBy, StockFilter, Usable};
pub use download::{DownloadError, Fetched, FileLink};
pub use error::{ApiError, BoxedError, ErrorDetail, Misconfigured, Refusal, RequestFailure, Unproven, Untrusted};
pub use global::StatementFile;
pub use notification::{NotANotification, Notification};
pub use reply::{Proof, Reply};
pub(crate) use transport::failure;
pub use transport::{Limits, Signer, is_exact_target};
pub use trust::{PlatformMode, Trust};
