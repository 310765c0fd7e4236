//! Bills of a past day, and the file behind a link.

use paydeck::model::EndpointId::{self, *};
use paydeck::model::time::BEIJING;
use serde_json::Value;
use time::{Duration, Time};

use super::transaction;
use crate::call::Call;
use crate::stage::Stage;

/// The day in Beijing, so long ago.
fn day(stage: &Stage, ago: Duration) -> String {
    (stage.now() - ago).to_offset(BEIJING).date().to_string()
}

/// The bill of a day with a payment.
pub async fn link(stage: &Stage, id: EndpointId) -> Call {
    transaction::paid(stage).await;
    stage.let_time_pass(Duration::days(2));
    Call::to(id)
        .asking("bill_date", day(stage, Duration::days(2)))
        .gives("/hash_type", "SHA1")
        .gives("/download_url", Value::Null)
}

pub async fn download(stage: &Stage) -> Call {
    let link = link(stage, BillTrade).await;
    let answer = stage.done(link.clone()).await;
    let (_, token) = answer["download_url"].as_str().unwrap().split_once("token=").unwrap();
    Call::to(BillDownload).asking("token", token).linked_by(link).gives("/bytes", Value::Null)
}

pub async fn refusal(stage: &Stage, id: EndpointId, code: &str) -> Option<Call> {
    Some(match (id, code) {
        (BillTrade | BillFundFlow, "PARAM_ERROR") => link(stage, id).await.asking("bill_date", "20251009"),
        (BillTrade | BillFundFlow, "INVALID_REQUEST") => {
            link(stage, id).await.asking("bill_date", day(stage, Duration::ZERO))
        }
        (BillTrade | BillFundFlow, "NO_STATEMENT_EXIST") => {
            link(stage, id).await.asking("bill_date", day(stage, Duration::days(60)))
        }
        // Yesterday's, at two in the morning.
        (BillTrade | BillFundFlow, "STATEMENT_CREATING") => {
            transaction::paid(stage).await;
            let here = stage.now().to_offset(BEIJING);
            let night = here.replace_time(Time::MIDNIGHT) + Duration::DAY + Duration::hours(2);
            stage.let_time_pass(night - here);
            Call::to(id).asking("bill_date", day(stage, Duration::DAY))
        }
        (BillDownload, "INVALID_REQUEST") => {
            let call = download(stage).await;
            stage.let_time_pass(Duration::seconds(31));
            call
        }
        _ => return None,
    })
}
