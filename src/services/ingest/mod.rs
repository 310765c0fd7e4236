//! How objects come into the ledger: numbers looked up, files of numbers imported or followed, links in documents,
//! lists of coupons and of WeChat Pay Global.

pub(crate) mod coupons;
pub(crate) mod global;
pub(crate) mod import;
pub(crate) mod link_resolver;
pub(crate) mod lookup;
pub(crate) mod number_ingest;
pub(crate) mod number_tail;
pub(crate) mod numbers;
pub(crate) mod query_all;
