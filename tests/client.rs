//! The signed client against the real gateway: every fault, both modes, the gray switch.

mod support;

use std::time::{Duration, Instant};

use paydeck::api::{ApiError, Misconfigured, RequestFailure, Untrusted};
use paydeck::crypto::{AeadError, VerifyError};
use paydeck::model::action::{ACTIONS, ActionId, Confirmation, evidence};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use paydeck::services::Outcome;
use support::{NOBODY, Shop, error_of, id, outcome_of};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_fetched_in_certificate_mode_and_in_public_key_mode() {
    let shop = Shop::open(60).await;
    for (profile, certificate_calls) in [("sandbox-public-key", 0), ("sandbox", 1)] {
        let client = shop.client_of(profile);
        for kind in Kind::ALL {
            let id = shop.ids(kind).into_iter().next().unwrap();
            let (object, reply) = client.fetch(&id, None).await.unwrap();
            assert_eq!(object.id, id);
            assert!(reply.request_id.is_some_and(|id| id.ends_with("-0")));
        }
        assert_eq!(shop.arrived(EndpointId::Certificates), certificate_calls, "{profile}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_without_certificates_works_with_its_public_key_and_gets_a_clear_error_without() {
    let shop = Shop::open(10).await;
    shop.gateway.faults().set_public_key_only(true);
    let plan = shop.ids(Kind::Plan).remove(0);
    shop.client_of("sandbox-public-key").fetch(&plan, None).await.unwrap();
    let error = shop.client().fetch(&plan, None).await.unwrap_err();
    // Without a certificate the answer cannot be verified: it is a hint, and no fact about the merchant.
    let refusal = error.refusal().unwrap();
    assert!(matches!(error, ApiError::Refused(_)) && refusal.status == 404 && !refusal.signed, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn during_the_gray_switch_both_kinds_of_signature_are_trusted() {
    let shop = Shop::open(10).await;
    shop.trust_both();
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    client.fetch(&plan, None).await.unwrap();
    assert_eq!(shop.arrived(EndpointId::Certificates), 0, "no network before it is needed");
    // The platform goes back to its certificate although the public key was asked for.
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::OtherSigner);
    client.fetch(&plan, None).await.unwrap();
    assert_eq!(shop.arrived(EndpointId::Certificates), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_fetched_once_when_an_answer_names_it() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    client.fetch(&plan, None).await.unwrap();
    shop.gateway.rotate_certificate().unwrap();
    // Also right after another look at the certificates.
    client.fetch(&plan, None).await.unwrap();
    assert_eq!(shop.arrived(EndpointId::Certificates), 2);
    // For a serial that no key has, once.
    for _ in 0..2 {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::UnknownSerial);
        let error = client.fetch(&plan, None).await.unwrap_err();
        assert!(
            matches!(&error, ApiError::Untrusted { reason: Untrusted::Signature(VerifyError::UnknownSerial(_)), .. }),
            "{error}"
        );
        assert_eq!(shop.arrived(EndpointId::Certificates), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_read_has_its_error_type() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    client.fetch(&plan, None).await.unwrap();
    let matcher = FaultMatcher::endpoint(EndpointId::PlanQuery);
    // Once: a retried request succeeds, an unusable answer is rejected.
    for (fault, succeeds) in [
        (Fault::RateLimited, true),
        (Fault::FailBefore, true),
        (Fault::DropAfter, true),
        (Fault::HoldAfter, true),
        (Fault::Probe, true),
        (Fault::Truncated, true),
        (Fault::Html(502), true),
        (Fault::BadSignature, false),
        (Fault::UnknownSerial, false),
        (Fault::NoSignature, false),
        (Fault::Html(200), false),
        (Fault::Huge(50 << 20), false),
    ] {
        shop.gateway.faults().once(matcher.clone(), fault.clone());
        let result = client.fetch(&plan, None).await;
        assert_eq!(result.is_ok(), succeeds, "{fault:?}: {:?}", result.err());
        if let Err(error) = result {
            let kind = if matches!(fault, Fault::Huge(_)) { "unreachable" } else { "untrusted" };
            assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        }
        shop.gateway.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_limited_or_failed_is_never_called_refused() {
    let shop = Shop::open(40).await;
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    let plan = shop.object_for(&client, stop).await;
    let operation = shop.operation(&client, stop, &plan);
    for fault in [Fault::RateLimited, Fault::FailBefore] {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), fault.clone());
        let before = shop.mutations();
        let error = client.call(stop.endpoint, &operation.target, &operation.body).await.unwrap_err();
        assert!(matches!(error, ApiError::UnknownOutcome(_)), "{fault:?}: {error}");
        assert_eq!(shop.mutations(), before + 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_answer_about_another_object_does_not_pass_for_the_one_asked_for() {
    let shop = Shop::open(100).await;
    let client = shop.client();
    for kind in [Kind::Plan, Kind::SignPlan, Kind::Transaction, Kind::Stock, Kind::Refund] {
        let ids = shop.ids(kind);
        let matcher = FaultMatcher { endpoint: None, target: Some(ids[0].number.as_str().to_owned()) };
        shop.gateway.faults().once(matcher, Fault::AnswerAbout(ids[1].number.as_str().to_owned()));
        let error = client.fetch(&ids[0], None).await.unwrap_err();
        assert!(matches!(&error, ApiError::Untrusted { reason: Untrusted::Another { .. }, .. }), "{kind:?}: {error}");
        client.fetch(&ids[0], None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_signed_long_before_the_question_is_no_answer_to_it() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    let ahead = |seconds| shop.gateway.faults().set_clock_offset(time::Duration::seconds(seconds));
    ahead(120);
    client.fetch(&plan, None).await.unwrap();
    // As from a cache of two minutes ago.
    ahead(0);
    let error = client.fetch(&plan, None).await.unwrap_err();
    assert!(matches!(&error, ApiError::Untrusted { reason: Untrusted::Stale, .. }), "{error}");
    ahead(80);
    client.fetch(&plan, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_queries_that_meet_a_new_certificate_at_once_all_pass() {
    let shop = Shop::open(60).await;
    // During the gray switch no certificate is held before an answer names one.
    shop.trust_both();
    let client = shop.client();
    let ids = shop.ids(Kind::SignPlan);
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::SignPlanQuery), Fault::OtherSigner, ids.len());
    let mut queries = tokio::task::JoinSet::new();
    for id in ids {
        let client = client.clone();
        queries.spawn(async move { client.fetch(&id, None).await.map(drop) });
    }
    while let Some(result) = queries.join_next().await {
        result.unwrap().unwrap();
    }
    assert_eq!(shop.arrived(EndpointId::Certificates), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_out() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    client.fetch(&plan, None).await.unwrap();
    shop.gateway.faults().once(FaultMatcher::any(), Fault::RateLimited);
    let start = Instant::now();
    client.fetch(&plan, None).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_about_what_is_watched_is_reported_at_once_and_not_queried_again() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    // Trust comes first, so that only the question is counted.
    client.fetch(&plan, None).await.unwrap();
    let (endpoint, target) = client.question(&plan, None).unwrap();
    let before = shop.arrived(endpoint);
    shop.gateway.faults().once(FaultMatcher::endpoint(endpoint), Fault::HoldAfter);
    let error = client.query(client.permit().unwrap(), endpoint, &target).await.unwrap_err();
    assert!(matches!(error, ApiError::Unreachable(RequestFailure::Timeout { .. })), "{error}");
    assert_eq!(shop.arrived(endpoint), before + 1);
    client.query(client.permit().unwrap(), endpoint, &target).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_is_never_sent_twice_whatever_befalls_its_answer() {
    let shop = Shop::open(500).await;
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    for fault in [
        Fault::Accepted,
        Fault::FailAfter,
        Fault::DropAfter,
        Fault::HoldAfter,
        Fault::BadSignature,
        Fault::UnknownSerial,
        Fault::NoSignature,
        Fault::Probe,
        Fault::Truncated,
        Fault::Huge(5 << 20),
        // An answer of a proxy is no evidence of the outcome.
        Fault::Html(200),
        Fault::Html(302),
        Fault::Html(403),
        Fault::Html(502),
    ] {
        let plan = shop.object_for(&client, stop).await;
        let operation = shop.confirmed(&client, stop, &plan);
        let before = shop.mutations();
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), fault.clone());
        let mut notified = false;
        let outcome = shop.runner(&client).perform(operation, |_| notified = true).await;
        let Outcome::Done { found_by_query, journal, .. } = outcome else { panic!("{fault:?}: {outcome:?}") };
        assert!(found_by_query && notified, "{fault:?}");
        assert_eq!(shop.mutations(), before + 1, "{fault:?}");
        assert_eq!(outcome_of(&shop.ledger(), journal).as_deref(), Some("done"));
        shop.gateway.faults().clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_of_the_catalogue_takes_effect_and_read_only_lets_none_leave() {
    let shop = Shop::open(400).await;
    let client = shop.client();
    let mut guard = shop.actor();
    guard.read_only = true;
    let guarded = paydeck::services::Runner::new(client.clone(), shop.ledger(), guard, &shop.bills());
    for action in ACTIONS {
        let operation = shop.ready(&client, action).await.confirm(Confirmation::Flag).unwrap();
        let before = shop.mutations();
        let denied = guarded.perform(operation.clone(), |_| ()).await;
        assert!(matches!(denied, Outcome::Denied(paydeck::services::Denial::ReadOnly)), "{}", action.name());
        assert_eq!(shop.mutations(), before, "{}", action.name());
        let outcome = shop.runner(&client).perform(operation.clone(), |_| ()).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{}: {outcome:?}", action.name());
        // Where the coupons' events go is no object.
        if action.id == ActionId::StockCallback {
            continue;
        }
        let outcome_object =
            outcome.made().map_or_else(|| operation.what().outcome_object.clone(), |made| made.id.clone());
        let (after, _) = client.fetch(&outcome_object, None).await.unwrap();
        assert_ne!(
            evidence(action.id, &operation.what().body, &after.entity),
            paydeck::model::action::Evidence::NoEffect,
            "{}: {}",
            action.name(),
            after.raw
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_a_wrong_serial_and_a_wrong_apiv3_key_are_distinguished() {
    let shop = Shop::open(5).await;
    let plan = shop.ids(Kind::Plan).remove(0);
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let unrelated = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys/unrelated_key.TESTONLY.pem");
    let serial = config.split("merchant_serial = \"").nth(1).unwrap()[..40].to_owned();
    // Without the certificate next to the key it cannot be detected here; the gateway detects it.
    std::fs::remove_file(shop.folder.path().join("apiclient_cert.pem")).unwrap();
    let mut seen = Vec::new();
    for (from, to) in [("apiclient_key.pem".to_owned(), unrelated.to_owned()), (serial, "0".repeat(40))] {
        std::fs::write(shop.config_path(), config.replace(&from, &to)).unwrap();
        let error = shop.client().fetch(&plan, None).await.unwrap_err();
        assert_eq!(error.refusal().map(|r| r.status), Some(401), "{error}");
        let explained = paydeck::explain::api_error(paydeck::i18n::Lang::En, &error);
        seen.push(explained.next.unwrap());
    }
    assert_ne!(seen[0], seen[1], "a wrong key and a wrong serial are distinguished");
    std::fs::write(shop.config_path(), &config).unwrap();
    std::fs::write(shop.folder.path().join("apiv3_key.txt"), "0123456789abcdef0123456789abcdef").unwrap();
    let error = shop.client().fetch(&plan, None).await.unwrap_err();
    assert!(matches!(&error, ApiError::Untrusted { reason: Untrusted::Certificates(AeadError::Tag), .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_in_and_not_finished_is_asked_again() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::Accepted);
    let (object, _) = client.fetch(&plan, None).await.unwrap();
    assert_eq!((object.id, shop.arrived(EndpointId::PlanQuery)), (plan, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_minutes_off_is_named() {
    let shop = Shop::open(5).await;
    shop.gateway.faults().set_clock_offset(time::Duration::minutes(10));
    let plan = shop.ids(Kind::Plan).remove(0);
    let error = shop.client().fetch(&plan, None).await.unwrap_err();
    let explained = paydeck::explain::api_error(paydeck::i18n::Lang::En, &error);
    assert!(explained.next.as_deref().is_some_and(|next| next.contains("clock")), "{error}: {explained:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_unreachable_even_for_a_mutation_and_nothing_was_sent() {
    let shop = Shop::open(40).await;
    let client = shop.client();
    let stop = ActionId::PlanStop.action();
    let plan = shop.object_for(&client, stop).await;
    let operation = shop.confirmed(&client, stop, &plan);
    shop.edit_config(shop.gateway.base_url(), NOBODY);
    let runner = shop.runner(&shop.client());
    let outcome = runner.perform(operation, |_| ()).await;
    let error = error_of(&outcome);
    assert!(matches!(&*error, ApiError::Unreachable(RequestFailure::Connect(_))), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_number_is_refused_with_its_cause() {
    let shop = Shop::open(5).await;
    let client = shop.client();
    for kind in Kind::ALL {
        // A query for a coupon needs its user, too.
        let number = if kind == Kind::Coupon { "404404404@oNobody" } else { "404404404" };
        let error = client.fetch(&id(kind, number), None).await.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert!(matches!(error, ApiError::Refused(_)) && refusal.status == 404 && refusal.signed, "{error}");
        assert!(!refusal.code.is_empty() && refusal.request_id.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_is_tried_four_times_and_what_is_watched_is_tried_again_after_a_failure() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::FailBefore, 10);
    let error = client.fetch(&plan, None).await.unwrap_err();
    assert!(matches!(error, ApiError::Unreachable(RequestFailure::Status(_))), "{error}");
    assert_eq!(shop.arrived(EndpointId::PlanQuery), 4);
    shop.gateway.faults().clear();
    let (endpoint, target) = client.question(&plan, None).unwrap();
    shop.gateway.faults().once(FaultMatcher::endpoint(endpoint), Fault::FailBefore);
    client.query(client.permit().unwrap(), endpoint, &target).await.unwrap();
    assert_eq!(shop.arrived(EndpointId::PlanQuery), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_has_its_turn_takes_no_other_and_a_limit_holds_everybody_back() {
    let shop = Shop::open(10).await;
    shop.edit_config("requests_per_second = 400", "requests_per_second = 1");
    let client = shop.client_of("sandbox-public-key");
    let plan = shop.ids(Kind::Plan).remove(0);
    let (endpoint, target) = client.question(&plan, None).unwrap();
    let began = tokio::time::Instant::now();
    client.query(client.permit().unwrap(), endpoint, &target).await.unwrap();
    // One turn a second was taken; a second one would be due a second later.
    if let Err(next) = client.permit() {
        assert!(next < began + Duration::from_millis(1900), "{:?}", next - began);
    }
    let shop = Shop::open(10).await;
    let (client, plan) = (shop.client(), shop.ids(Kind::Plan).remove(0));
    client.fetch(&plan, None).await.unwrap();
    assert_eq!(client.latencies().len(), 1, "of the question; certificates are no round trip of the operator's");
    let stop = EndpointId::PlanStop;
    shop.gateway.faults().once(FaultMatcher::endpoint(stop), Fault::RateLimited);
    let target = stop.endpoint().target(&[("merchant_plan_no", plan.number.as_str())], &[]);
    let before = tokio::time::Instant::now();
    client.call(stop, &target, "").await.unwrap_err();
    let held = client.permit().unwrap_err();
    assert!(held >= before + Duration::from_secs(1), "no query for a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn round_trips_are_remembered_the_latest_forty() {
    let shop = Shop::open(10).await;
    let client = shop.client();
    let plan = shop.ids(Kind::Plan).remove(0);
    for _ in 0..45 {
        client.fetch(&plan, None).await.unwrap();
    }
    assert_eq!(client.latencies().len(), 40);
    assert!(client.latencies().iter().all(|round_trip| *round_trip > Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_answer_whose_signature_is_wrong_is_not_believed() {
    let shop = Shop::open(5).await;
    let client = shop.client();
    let nobody = id(Kind::Plan, "404404404");
    client.fetch(&nobody, None).await.unwrap_err();
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::BadSignature);
    let error = client.fetch(&nobody, None).await.unwrap_err();
    assert!(matches!(error, ApiError::Untrusted { reason: Untrusted::Signature(_), .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_public_key_mode_no_certificate_is_ever_looked_for() {
    let shop = Shop::open(5).await;
    let client = shop.client_of("sandbox-public-key");
    let plan = shop.ids(Kind::Plan).remove(0);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), Fault::UnknownSerial);
    let error = client.fetch(&plan, None).await.unwrap_err();
    assert!(matches!(error, ApiError::Untrusted { .. }), "{error}");
    assert_eq!(shop.arrived(EndpointId::Certificates), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_instead_of_certificates_is_untrusted_or_no_word_about_the_merchant() {
    let shop = Shop::open(5).await;
    let plan = shop.ids(Kind::Plan).remove(0);
    let answered = async |fault: Fault| {
        let faults = shop.gateway.faults();
        faults.times(FaultMatcher::endpoint(EndpointId::Certificates), fault, 4);
        let error = shop.client().fetch(&plan, None).await.unwrap_err();
        faults.clear();
        error
    };
    for status in [200, 302] {
        let error = answered(Fault::Html(status)).await;
        let page = matches!(&error, ApiError::Untrusted { reason: Untrusted::Unsigned { html: true }, .. });
        assert!(page, "{status}: {error}");
    }
    // A proxy's 404 does not say that the merchant has no certificates; and it is not signed.
    let error = answered(Fault::Html(404)).await;
    let refusal = error.refusal().unwrap();
    assert!(matches!(error, ApiError::Refused(_)) && !refusal.signed, "{error}");
    let error = answered(Fault::NoSignature).await;
    assert!(matches!(&error, ApiError::Untrusted { reason: Untrusted::Unsigned { html: false }, .. }), "{error}");
    let error = answered(Fault::BadSignature).await;
    assert!(matches!(&error, ApiError::Untrusted { reason: Untrusted::Signature(_), .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_region_lacks_is_never_asked_for() {
    let shop = Shop::open(5).await;
    let client = shop.client();
    let before = shop.gateway.requests().len();
    let error = client.call(EndpointId::GlobalRefundList, "/v3/global/refunds", "").await.unwrap_err();
    assert!(matches!(error, ApiError::Configuration(Misconfigured::Region(_))), "{error}");
    assert_eq!(shop.gateway.requests().len(), before);
}
