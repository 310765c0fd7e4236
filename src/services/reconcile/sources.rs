//! Which bills a reconciliation needs: those of its days, and of the day before and after; downloaded where they are not
//! here yet.

use std::path::PathBuf;

use time::OffsetDateTime;

use super::ReconcileError;
use crate::model::Region;
use crate::model::bill::{BillId, BillKind, FundAccount, TradeRows};
use crate::model::reconcile::{BookSide, Period};
use crate::model::time::Date;
use crate::services::Runner;
use crate::services::bills::{BillFailure, BillRecord, Destination};

/// The bills of one side.
#[derive(Clone, Debug, Default)]
pub(super) struct BillsOfSide {
    pub records: Vec<BillRecord>,
    /// Days of the reconciliation that are covered: by a bill, or because WeChat Pay has no record of that day.
    pub covered: Vec<Date>,
    /// Days without a bill.
    pub missing: Vec<Date>,
}

/// What is wanted of the bills.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub period: Period,
    pub offline: bool,
    /// Files that are given: then nothing is downloaded.
    pub given: Vec<PathBuf>,
}

impl Runner {
    /// The bills of a side: `kinds` are alternatives, each of them bills that together are the day's.
    pub(super) async fn bills_of(
        &self,
        side: BookSide,
        wanted: &Wanted,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<BillsOfSide, ReconcileError> {
        let mut found = BillsOfSide::default();
        let (trade, flow) = (BillKind::Trade, BillKind::FundFlow);
        let alternatives: &[&[BillKind]] = match side {
            BookSide::Trade => &[&[trade(TradeRows::All)], &[trade(TradeRows::Success), trade(TradeRows::Refund)]],
            BookSide::Flow => &[&[flow(FundAccount::Basic)]],
            BookSide::Orders => return Ok(found),
        };
        let bills = self.bills();
        let list = move || bills.list().map_err(|error| BillFailure::file(bills.folder(), error));
        let listed = tokio::task::spawn_blocking(list).await.unwrap_or_else(|_| Ok(Vec::new()))?;
        if self.region() == Region::Global {
            return self.statements_of(side, wanted).await;
        }
        let here = |id: BillId| listed.iter().find(|record| record.id == id && record.present).cloned();
        let of_day = |day: Date| {
            alternatives.iter().find_map(|kinds| {
                kinds.iter().map(|kind| here(BillId { day, kind: *kind })).collect::<Option<Vec<_>>>()
            })
        };
        let can_fetch = !wanted.offline;
        let neighbours = wanted.period.neighbours().into_iter().flatten();
        for day in wanted.period.days().chain(neighbours) {
            let within = wanted.period.contains(day);
            if let Some(records) = of_day(day) {
                found.records.extend(records);
                found.covered.push(day);
                continue;
            }
            let id = BillId { day, kind: alternatives[0][0] };
            if !can_fetch || !id.has_ended(OffsetDateTime::now_utc()) {
                found.missing.push(day);
                continue;
            }
            match self.fetch_bill(id, true, &Destination::Kept, progress).await {
                Ok(record) => {
                    found.records.push(record);
                    found.covered.push(day);
                }
                Err(BillFailure::Api(error)) if has_code(&error, "NO_STATEMENT_EXIST") => found.covered.push(day),
                // The bill of a neighbouring day is of use, and not needed.
                Err(BillFailure::Api(error)) if !within && error.refusal().is_some() => found.missing.push(day),
                // An account may have no fund-flow bill.
                Err(BillFailure::Api(error)) if side == BookSide::Flow && error.refusal().is_some() => {
                    found.missing.push(day);
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(found)
    }
}

impl Runner {
    /// The statements of WeChat Pay Global are its trade bills; it has none of the account.
    async fn statements_of(&self, side: BookSide, wanted: &Wanted) -> Result<BillsOfSide, ReconcileError> {
        let mut found = BillsOfSide::default();
        if side != BookSide::Trade {
            return Ok(found);
        }
        let here = self.statements().await?;
        let neighbours = wanted.period.neighbours().into_iter().flatten();
        for day in wanted.period.days().chain(neighbours) {
            let id = BillId { day, kind: BillKind::Trade(TradeRows::All) };
            let record = match here.iter().find(|record| record.id == id) {
                Some(record) => Ok(record.clone()),
                None if wanted.offline || !id.has_ended(OffsetDateTime::now_utc()) => {
                    found.missing.push(day);
                    continue;
                }
                None => self.fetch_statement(day).await,
            };
            match record {
                Ok(record) => {
                    found.records.push(record);
                    found.covered.push(day);
                }
                Err(BillFailure::Api(error)) if has_code(&error, "NO_STATEMENT_EXIST") => found.covered.push(day),
                Err(BillFailure::Api(error)) if !wanted.period.contains(day) && error.refusal().is_some() => {
                    found.missing.push(day);
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(found)
    }
}

fn has_code(error: &crate::api::ApiError, code: &str) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == code)
}
