//! The sandbox's notifications as a merchant's listener receives them: signed, encrypted, sent again on schedule, and
//! the same again for the same seed.

#[path = "support/receiver.rs"]
mod receiver;
mod support;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use paydeck::crypto::{ApiV3Key, Certificate, PROBE_PREFIX, PublicKey, VerifyError, verify};
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{self, DeliveryResult, DeliveryState, NotificationRecord, Options};
use receiver::{Answer, Arrival, Receiver};
use serde_json::{Value, json};
use support::{Shop, id, status, stderr, stdout};
use time::OffsetDateTime;
use time::macros::datetime;

const START: OffsetDateTime = datetime!(2025-10-09 08:53:20 UTC);

/// When a payment is sent again, counted from its first sending.
const PAYMENT: [i64; 16] =
    [0, 15, 30, 60, 240, 840, 2040, 3840, 5640, 7440, 11_040, 21_840, 32_640, 43_440, 65_040, 86_640];

/// A gateway whose clock stands still, and whose shop is notified at `url`.
async fn shop(objects: usize, url: &str) -> Shop {
    start(Options { objects, notify_url: Some(url.to_owned()), speed: 0, start: Some(START), ..options() }).await
}

fn options() -> Options {
    Options { users_act: false, objects: 0, ..Options::new("") }
}

async fn start(options: Options) -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let gateway = sandbox::start(Options { identity: folder.path().to_owned(), ..options }).await.unwrap();
    Shop { gateway, folder }
}

fn text(shop: &Shop, name: &str) -> String {
    std::fs::read_to_string(shop.folder.path().join(name)).unwrap()
}

fn apiv3_key(shop: &Shop) -> ApiV3Key {
    ApiV3Key::new(&text(shop, "apiv3_key.txt")).unwrap()
}

/// Places an order of ¥28.80 that is notified at `url`, and pays it.
async fn pay(shop: &Shop, number: &str, url: &str) {
    place(shop, number, url).await;
    shop.gateway.user().pay(number).unwrap();
}

async fn place(shop: &Shop, number: &str, url: &str) {
    // Answered in either mode.
    let client = shop.client_of("sandbox-public-key");
    let body = json!({
        "appid": "wx5a1c0de5a1c0de01", "mchid": "1900012345", "description": "拿铁 大杯", "out_trade_no": number,
        "notify_url": url, "amount": { "total": 2880, "currency": "CNY" },
    });
    let place = EndpointId::TransactionNative;
    client.call(place, place.endpoint().path, &body.to_string()).await.unwrap();
}

fn only(shop: &Shop) -> NotificationRecord {
    let [one] = shop.gateway.notifications().try_into().unwrap_or_else(|all: Vec<_>| panic!("{all:?}"));
    one
}

fn offsets(notified: &NotificationRecord) -> Vec<i64> {
    notified.attempts.iter().map(|sending| (sending.at - notified.created).whole_seconds()).collect()
}

/// Verifies a callback with every platform key in the identity's folder.
fn judge(shop: &Shop, arrival: &Arrival) -> Result<(), VerifyError> {
    let certificate = Certificate::parse(&text(shop, "wechatpay_cert.pem")).unwrap();
    let public_key = PublicKey::parse(&text(shop, "pub_key.pem")).unwrap();
    let id = text(shop, "pub_key_id.txt");
    let now = OffsetDateTime::now_utc().unix_timestamp();
    verify(&arrival.signature(), &arrival.body, now, |serial| match serial.as_str() {
        serial if serial == certificate.serial.as_str() => Some(certificate.public_key.clone()),
        serial if serial == id.trim() => Some(public_key.clone()),
        _ => None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_all_is_sent_to_sixteen_times_in_twenty_five_hours_played_within_a_second() {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let receiver = Receiver::answering(500).await;
        let shop = shop(0, &receiver.url()).await;
        pay(&shop, "PAY000001", &receiver.url()).await;
        let began = Instant::now();
        assert!(shop.gateway.advance(time::Duration::hours(25)).await);
        fastest = fastest.min(began.elapsed());
        let notified = only(&shop);
        assert_eq!(offsets(&notified), PAYMENT);
        assert_eq!(notified.state, DeliveryState::GivenUp);
        assert!(
            notified.attempts.iter().all(|sending| sending.answer == DeliveryResult::Refused(500) && !sending.probe)
        );
        let arrivals = receiver.arrivals();
        assert_eq!(arrivals.len(), 16);
        let distinct = |of: &dyn Fn(&Arrival) -> String| arrivals.iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!(distinct(&|arrival| arrival.id()), 1);
        assert_eq!(distinct(&|arrival| arrival.opened(&apiv3_key(&shop)).to_string()), 1);
        assert_eq!(distinct(&|arrival| arrival.header("wechatpay-nonce").unwrap().to_owned()), 16);
        assert_eq!(distinct(&|arrival| arrival.header("wechatpay-signature").unwrap().to_owned()), 16);
        assert!(arrivals.iter().all(|arrival| judge(&shop, arrival) == Ok(())));
        // A machine that is busy with other things gets another try.
        if fastest < Duration::from_secs(1) {
            return;
        }
    }
    panic!("{fastest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_plays_the_same_sequence() {
    // Every third is refused, so that schedules of all kinds run.
    let receiver = Receiver::start(|count, _| Answer::of(if count % 3 == 0 { 204 } else { 503 })).await;
    let (mut runs, mut known) = (Vec::new(), HashSet::new());
    for _ in 0..2 {
        let before = receiver.arrivals().len();
        // The receiver's own turn depends on how many came before.
        assert_eq!(before % 3, 0, "{before}");
        let shop = shop(300, &receiver.url()).await;
        let user = shop.gateway.user();
        for kind in [Kind::SignPlan, Kind::ServiceOrder, Kind::Transaction, Kind::Refund] {
            for id in shop.ids(kind) {
                // Most are past it.
                let number = id.number.as_str();
                let _ = match kind {
                    Kind::SignPlan => user.sign(number),
                    Kind::ServiceOrder => user.confirm(number).or_else(|_| user.pay(number)),
                    Kind::Refund => user.fail_refund(number),
                    _ => user.pay(number),
                };
            }
        }
        assert!(shop.gateway.advance(time::Duration::days(8)).await);
        let mut notified = shop.gateway.notifications();
        // The ids alone are never the same: a receiver would take the second run's for duplicates.
        let place = |arrival: &Arrival| notified.iter().position(|notified| notified.id == arrival.id()).unwrap();
        let arrived: Vec<usize> = receiver.arrivals()[before..].iter().map(place).collect();
        let ids: HashSet<String> = notified.iter_mut().map(|notified| std::mem::take(&mut notified.id)).collect();
        assert!(known.is_disjoint(&ids));
        known.extend(ids);
        runs.push((notified, arrived));
        // Fills up to a whole turn.
        while !receiver.arrivals().len().is_multiple_of(3) {
            knock(&receiver).await;
        }
    }
    let [one, other] = runs.try_into().unwrap();
    assert_eq!(one, other);
    let (notified, arrived) = one;
    let kinds: HashSet<&str> = notified.iter().map(|notified| notified.event_type).collect();
    assert!(kinds.len() >= 5, "{kinds:?}");
    assert!(arrived.len() > notified.len());
}

/// A request that is no notification.
async fn knock(receiver: &Receiver) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let url = receiver.url();
    let host = url.trim_start_matches("http://").trim_end_matches("/notify").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_has_the_form_of_the_vectors_and_says_what_a_query_says() {
    let receiver = Receiver::answering(204).await;
    let shop = shop(0, &receiver.url()).await;
    pay(&shop, "PAY000001", &receiver.url()).await;
    let arrival = receiver.wait_for(1).await.remove(0);
    let vector = |name: &str| std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let model: Value = serde_json::from_slice(&vector("notify_transaction_success.body.json")).unwrap();
    let envelope = arrival.envelope();
    assert_eq!(names(&envelope), names(&model));
    assert_eq!(names(&envelope["resource"]), names(&model["resource"]));
    for same in ["resource_type", "event_type", "summary"] {
        assert_eq!(envelope[same], model[same]);
    }
    for same in ["original_type", "algorithm", "associated_data"] {
        assert_eq!(envelope["resource"][same], model["resource"][same]);
    }
    assert_eq!(envelope["id"].as_str().unwrap().len(), 36);
    assert_eq!(envelope["create_time"], "2025-10-09T16:53:20+08:00");
    assert_eq!(envelope["resource"]["nonce"].as_str().unwrap().len(), 12);
    let http = String::from_utf8(vector("notify_transaction_success.http")).unwrap();
    for line in http.lines().skip(1).take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        let given = arrival.header(name).unwrap_or_else(|| panic!("{name} is missing"));
        if ["User-Agent", "Accept", "Pragma", "Content-Type", "Wechatpay-Signature-Type"].contains(&name) {
            assert_eq!(given, value);
        }
    }
    assert_eq!(judge(&shop, &arrival), Ok(()));
    let (object, _) = shop.client().fetch(&id(Kind::Transaction, "PAY000001"), None).await.unwrap();
    assert_eq!(arrival.opened(&apiv3_key(&shop)), serde_json::from_str::<Value>(&object.raw).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_quick_200_or_204_that_means_it_ends_the_resending() {
    let answers = [
        Answer { location: Some("/elsewhere".to_owned()), ..Answer::of(302) },
        Answer { delay: Duration::from_secs(20), ..Answer::of(204) },
        Answer::saying(200, "<!DOCTYPE html><title>Log in</title>"),
        Answer::saying(200, r#"{"code":"FAIL","message":"later"}"#),
        Answer::of(201),
        Answer::of(404),
        Answer::saying(200, r#"{"code":"SUCCESS","message":"OK"}"#),
    ];
    let count = answers.len();
    let receiver = Receiver::start(move |i, _| answers[i.min(count - 1)].clone()).await;
    let options = Options { patience: Duration::from_millis(400), speed: 0, start: Some(START), ..options() };
    let shop = start(options).await;
    pay(&shop, "PAY000001", &receiver.url()).await;
    assert!(shop.gateway.advance(time::Duration::hours(25)).await);
    let notified = only(&shop);
    let became: Vec<DeliveryResult> = notified.attempts.iter().map(|sending| sending.answer).collect();
    let expected = [
        DeliveryResult::Refused(302),
        DeliveryResult::Late,
        DeliveryResult::NotAcknowledged(200),
        DeliveryResult::NotAcknowledged(200),
        DeliveryResult::Refused(201),
        DeliveryResult::Refused(404),
        DeliveryResult::Acknowledged(200),
    ];
    assert_eq!(became, expected);
    assert_eq!(notified.state, DeliveryState::Acknowledged);
    assert_eq!(offsets(&notified), PAYMENT[..7]);
    assert_eq!(receiver.arrivals().len(), 7);
    assert!(receiver.arrivals().iter().all(|arrival| arrival.target == "/notify"), "a redirect is not followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_at_the_third_sending_it_comes_no_more() {
    let receiver = Receiver::start(|count, _| Answer::of(if count < 2 { 500 } else { 200 })).await;
    let shop = shop(0, &receiver.url()).await;
    pay(&shop, "PAY000001", &receiver.url()).await;
    assert!(shop.gateway.advance(time::Duration::days(3)).await);
    assert_eq!(offsets(&only(&shop)), [0, 15, 30]);
    assert_eq!((only(&shop).state, receiver.arrivals().len()), (DeliveryState::Acknowledged, 3));
    assert!(!shop.gateway.advance(time::Duration::days(400_000)).await, "the calendar ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_machine_is_contacted() {
    let receiver = Receiver::answering(200).await;
    let shop = start(Options { speed: 0, ..options() }).await;
    for (i, url) in
        ["https://merchant.example/notify", "http://127.0.0.1.example/", "http://192.0.2.1/"].iter().enumerate()
    {
        pay(&shop, &format!("PAY00000{i}"), url).await;
    }
    pay(&shop, "PAY000009", &receiver.url().replace("127.0.0.1", "localhost")).await;
    assert!(shop.gateway.advance(time::Duration::hours(25)).await);
    let notified = shop.gateway.notifications();
    let standing = |notified: &NotificationRecord| (notified.state, notified.attempts.len());
    assert_eq!(notified[..3].iter().map(standing).collect::<Vec<_>>(), [(DeliveryState::Unreachable, 0); 3]);
    assert_eq!(standing(&notified[3]), (DeliveryState::Acknowledged, 1), "localhost is this machine");
    let refused = sandbox::start(Options { notify_url: Some("http://127.0.0.1/?a=1".into()), ..options() }).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("?a=1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn during_the_gray_switch_a_part_is_signed_with_the_public_key() {
    let receiver = Receiver::answering(204).await;
    let shop = shop(0, &receiver.url()).await;
    let faults = shop.gateway.faults();
    let signers = async |from: usize| -> Vec<bool> {
        for i in from..from + 4 {
            pay(&shop, &format!("PAY00000{i}"), &receiver.url()).await;
        }
        let arrivals = receiver.wait_for(from + 4).await.split_off(from);
        assert!(arrivals.iter().all(|arrival| judge(&shop, arrival) == Ok(())));
        arrivals.iter().map(|arrival| arrival.header("wechatpay-serial").unwrap().starts_with("PUB_KEY_ID_")).collect()
    };
    assert_eq!(signers(0).await, [false; 4]);
    faults.set_gray(50);
    assert_eq!(signers(4).await, [false, true, false, true]);
    faults.set_public_key_only(true);
    assert_eq!(signers(8).await, [true; 4]);
    faults.clear();
    let newest = shop.gateway.rotate_certificate().unwrap();
    assert_eq!(signers(12).await, [false; 4]);
    assert_eq!(receiver.arrivals()[15].header("wechatpay-serial"), Some(newest.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_comes_before_the_callback_and_shows_who_does_not_verify() {
    let is_probe = |arrival: &Arrival| arrival.header("wechatpay-signature").unwrap().starts_with(PROBE_PREFIX);
    let careful = Receiver::start(move |_, arrival| Answer::of(if is_probe(arrival) { 401 } else { 204 })).await;
    let credulous = Receiver::answering(200).await;
    let shop = shop(0, &careful.url()).await;
    place(&shop, "PAY000001", &careful.url()).await;
    place(&shop, "PAY000002", &credulous.url()).await;
    shop.gateway.faults().set_probes(100);
    shop.gateway.user().pay("PAY000001").unwrap();
    shop.gateway.user().pay("PAY000002").unwrap();
    assert!(shop.gateway.advance(time::Duration::hours(25)).await);
    let notified = shop.gateway.notifications();
    let became = |i: usize| notified[i].attempts.iter().map(|s| (s.probe, s.answer)).collect::<Vec<_>>();
    assert_eq!(became(0), [(true, DeliveryResult::Refused(401)), (false, DeliveryResult::Acknowledged(204))]);
    assert_eq!(became(1), [(true, DeliveryResult::Acknowledged(200)), (false, DeliveryResult::Acknowledged(200))]);
    assert!(notified.iter().all(|notified| notified.sent() == 1 && notified.state == DeliveryState::Acknowledged));
    assert_eq!(judge(&shop, &careful.arrivals()[0]), Err(VerifyError::Probe));
    assert_eq!(judge(&shop, &careful.arrivals()[1]), Ok(()));
    // Answers are probes, too; a retry succeeds.
    let (object, _) = shop.client().fetch(&id(Kind::Transaction, "PAY000001"), None).await.unwrap();
    assert_eq!(object.entity.state().code, "SUCCESS");
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_have_the_same_id_and_later_events_overtake_earlier_ones() {
    let receiver = Receiver::answering(204).await;
    let shop = shop(0, &receiver.url()).await;
    shop.gateway.faults().set_duplicate(true);
    pay(&shop, "PAY000001", &receiver.url()).await;
    let twice = receiver.wait_for(2).await;
    assert_eq!(twice[0].id(), twice[1].id());
    assert_ne!(twice[0].header("wechatpay-signature"), twice[1].header("wechatpay-signature"));
    shop.gateway.faults().clear();
    shop.gateway.faults().set_reorder(true);
    pay(&shop, "PAY000002", &receiver.url()).await;
    pay(&shop, "PAY000003", &receiver.url()).await;
    assert!(shop.gateway.advance(time::Duration::minutes(5)).await);
    let key = apiv3_key(&shop);
    let numbers: Vec<Value> =
        receiver.arrivals()[2..].iter().map(|arrival| arrival.opened(&key)["out_trade_no"].clone()).collect();
    assert_eq!(numbers, ["PAY000003", "PAY000002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_passes_by_itself_sends_again_and_notifies_what_comes_due() {
    let receiver = Receiver::start(|count, _| Answer::of(if count < 3 { 500 } else { 204 })).await;
    let shop = start(Options { speed: 3600, ..options() }).await;
    pay(&shop, "PAY000001", &receiver.url()).await;
    receiver.wait_for(4).await;
    let client = shop.client();
    let body = json!({
        "out_trade_no": "PAY000001", "out_refund_no": "RFD000001", "notify_url": receiver.url(),
        "amount": { "refund": 100, "total": 2880, "currency": "CNY" },
    });
    let refund = EndpointId::RefundCreate;
    client.call(refund, refund.endpoint().path, &body.to_string()).await.unwrap();
    // Without a query, the refund arrives by itself, and is notified.
    let notified = receiver.wait_for(5).await[4].opened(&apiv3_key(&shop));
    assert_eq!(notified["out_refund_no"], "RFD000001");
    assert!(["SUCCESS", "ABNORMAL"].contains(&notified["refund_status"].as_str().unwrap()));
    let sendings = &shop.gateway.notifications()[0].attempts;
    assert!(sendings.windows(2).all(|pair| pair[1].at - pair[0].at >= time::Duration::seconds(15)));
}

/// A callback as a proxy would keep it: an HTTP message.
fn kept(arrival: &Arrival) -> Vec<u8> {
    let mut message = format!("POST {} HTTP/1.1\r\n", arrival.target).into_bytes();
    for (name, value) in &arrival.headers {
        message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    [&message, &b"\r\n"[..], &arrival.body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_a_callback_is_judged_and_opened_by_the_command() {
    let receiver = Receiver::answering(204).await;
    let shop = shop(300, &receiver.url()).await;
    pay(&shop, "PAY000001", &receiver.url()).await;
    let signed = shop.ids(Kind::SignPlan).into_iter().find(|id| shop.gateway.user().sign(id.number.as_str()).is_ok());
    let failed =
        shop.ids(Kind::Refund).into_iter().find(|id| shop.gateway.user().fail_refund(id.number.as_str()).is_ok());
    let notified = [
        ("TRANSACTION.SUCCESS", "transaction", "PAY000001".to_owned()),
        ("PAYSCORE.USER_SIGN_PLAN", "sign-plan", signed.unwrap().number.to_string()),
        ("REFUND.ABNORMAL", "refund", failed.unwrap().number.to_string()),
    ];
    let arrivals = receiver.wait_for(notified.len()).await;
    let file = shop.folder.path().join("kept.http");
    let verify = |message: &[u8], profile: &str| {
        std::fs::write(&file, message).unwrap();
        shop.paydeck(&["--profile", profile, "--output", "json", "verify", file.to_str().unwrap()])
    };
    for (event_type, kind, number) in notified {
        let arrival = arrivals.iter().find(|arrival| arrival.envelope()["event_type"] == event_type).unwrap();
        let output = verify(&kept(arrival), "sandbox");
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let verdict: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(verdict["notification"]["id"], *arrival.id());
        assert_eq!(verdict["subject"], json!({ "kind": kind, "number": number }));
        assert_eq!(verdict["content"], arrival.opened(&apiv3_key(&shop)));
        // With a letter changed on the way, or under a key that is not the profile's, nothing is opened.
        let tampered = String::from_utf8(kept(arrival)).unwrap().replace(event_type, "TRANSACTION.OTHER");
        for output in [verify(tampered.as_bytes(), "sandbox"), verify(&kept(arrival), "sandbox-public-key")] {
            assert_eq!((status(&output), stdout(&output)), (4, String::new()), "{}", stderr(&output));
        }
    }
    // The signature probe is refused like any other.
    let probed = String::from_utf8(kept(&arrivals[0])).unwrap();
    let signature = arrivals[0].header("wechatpay-signature").unwrap();
    let output = verify(probed.replace(signature, &format!("{PROBE_PREFIX}{signature}")).as_bytes(), "sandbox");
    assert_eq!(status(&output), 4);
    assert_eq!(status(&verify(b"no message", "sandbox")), 2);
}
