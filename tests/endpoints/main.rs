//! Walks the table of endpoints: every row is called against the real gateway, and every refusal it documents is
//! provoked once. A row without a recipe fails, as does one whose answer is another.

mod call;
mod recipes;
mod stage;
#[path = "../support/mod.rs"]
mod support;

use std::any::type_name_of_val;

use paydeck::api::{ApiError, Client};
use paydeck::i18n::Lang;
use paydeck::model::endpoint::{ENDPOINTS, EVERYWHERE, Endpoint, ErrorRow, Guide};
use paydeck::sandbox::{Fault, FaultMatcher};
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn certificates_do_what_they_document() {
    walk(Guide::Protocol).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_sign_plans_do_what_they_document() {
    walk(Guide::PayScorePlan).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_refunds_and_bills_do_what_they_document() {
    walk(Guide::Transactions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_orders_and_permissions_do_what_they_document() {
    walk(Guide::PayScore).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn global_merchants_get_what_is_documented() {
    walk(Guide::Global).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stocks_and_coupons_do_what_they_document() {
    walk(Guide::Coupons).await;
}

/// Calls every row of a guide, and reports all failures together.
async fn walk(guide: Guide) {
    let stage = Stage::set().await;
    let mut wrong = Vec::new();
    let rows = || ENDPOINTS.iter().filter(|endpoint| endpoint.guide == guide);
    for endpoint in rows() {
        for error in endpoint.errors {
            if let Err(why) = refusal(&stage, endpoint, error).await {
                wrong.push(format!("{:?} {} {}: {why}", endpoint.id, error.status, error.code));
            }
            stage.put_right();
        }
    }
    for endpoint in rows() {
        if let Err(why) = success(&stage, endpoint).await {
            wrong.push(format!("{:?}: {why}", endpoint.id));
        }
        stage.put_right();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Provokes exactly this refusal.
async fn refusal(stage: &Stage, endpoint: &Endpoint, error: &ErrorRow) -> Result<(), String> {
    let call = recipes::refusal(stage, endpoint.id, error).await.ok_or("no recipe")?;
    assert_eq!(call.endpoint, endpoint.id);
    let client = stage.client(endpoint.id);
    expect(client.call(call.endpoint, &call.target(), &call.body()).await, error)
}

/// What every endpoint may answer has no effect; after it the very same call succeeds.
async fn success(stage: &Stage, endpoint: &Endpoint) -> Result<(), String> {
    let call = recipes::success(stage, endpoint.id).await;
    assert_eq!(call.endpoint, endpoint.id);
    for error in EVERYWHERE {
        let fault = match error.status {
            429 => Some(Fault::RateLimited),
            500 => Some(Fault::FailBefore),
            _ => None,
        };
        // A client that signs with another key is refused; a limit holds a client back, so each has its own.
        let client = match fault {
            Some(_) => stage.fresh_client(endpoint.id),
            None => stage.stranger(endpoint.id),
        };
        fault
            .into_iter()
            .for_each(|fault| stage.shop.gateway.faults().once(FaultMatcher::endpoint(endpoint.id), fault));
        // Sent as a change, it is not retried.
        let outcome = client.send(endpoint.method, &call.target(), &call.body(), true).await;
        expect(outcome, error)?;
    }
    let answer = stage.answer(&call).await.map_err(|error| error.to_string())?;
    call.check(&answer)
}

/// Compares an outcome with a documented error.
fn expect<T: std::fmt::Debug>(outcome: Result<T, ApiError>, error: &ErrorRow) -> Result<(), String> {
    let found = match &outcome {
        Ok(reply) => return Err(format!("succeeded: {reply:?}")),
        Err(found) => found,
    };
    let refusal = found.refusal().ok_or_else(|| format!("no error answer: {found}"))?;
    if (refusal.status, refusal.code.as_str()) != (error.status, error.code) {
        return Err(format!("answered {refusal}"));
    }
    let explained = paydeck::explain::api_error(Lang::En, found);
    if explained.why.is_none() || explained.next.is_none() { Err("is not explained".to_owned()) } else { Ok(()) }
}

/// The public functions of the client that the table names. A function that goes away does not compile here.
fn public_functions() -> Vec<&'static str> {
    let paths = [
        type_name_of_val(&Client::bill_link),
        type_name_of_val(&Client::call),
        type_name_of_val(&Client::call_encrypted),
        type_name_of_val(&Client::callback),
        type_name_of_val(&Client::download),
        type_name_of_val(&Client::fetch),
        type_name_of_val(&Client::fetch_by_openid),
        type_name_of_val(&Client::fetch_by_refund_id),
        type_name_of_val(&Client::fetch_by_transaction_id),
        type_name_of_val(&Client::list_coupons),
        type_name_of_val(&Client::list_refunds),
        type_name_of_val(&Client::list_settlements),
        type_name_of_val(&Client::list_stocks),
        type_name_of_val(&Client::list_usable),
        type_name_of_val(&Client::statement),
    ];
    paths.into_iter().filter_map(|path| path.rsplit("::").next()).collect()
}

#[test]
fn every_endpoint_is_called_by_a_public_function_of_the_client() {
    let functions = public_functions();
    for endpoint in ENDPOINTS {
        assert!(functions.contains(&endpoint.client), "{:?}: there is no Client::{}", endpoint.id, endpoint.client);
    }
    for function in functions {
        assert!(ENDPOINTS.iter().any(|endpoint| endpoint.client == function), "no row names {function}");
    }
}
