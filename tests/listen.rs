//! The receiver under deliveries of WeChat Pay and others: every acknowledged notification is stored once, whatever
//! happens.
#![cfg(unix)]

#[path = "support/listener.rs"]
mod listener;
#[path = "support/pen.rs"]
mod pen;
#[path = "support/receiver.rs"]
mod receiver;
mod support;

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use listener::Listener;
use paydeck::crypto::PROBE_PREFIX;
use paydeck::ledger::WholeEvent;
use paydeck::ledger::inbox::{EventRow, InboxSearch, Verdict};
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, Money};
use pen::{Headers, Pen};
use receiver::{Answer, Receiver};
use serde_json::{Value, json};
use support::{NOBODY, Shop, id, status, stderr, stdout};
use time::OffsetDateTime;

async fn post(url: &str, headers: &Headers, body: &[u8]) -> Result<u16, reqwest::Error> {
    post_with(&reqwest::Client::builder().no_proxy().build().unwrap(), url, headers, body).await
}

async fn post_with(http: &reqwest::Client, url: &str, headers: &Headers, body: &[u8]) -> Result<u16, reqwest::Error> {
    let mut request = http.post(url).body(body.to_vec());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Ok(request.send().await?.status().as_u16())
}

fn inbox(shop: &Shop) -> Vec<EventRow> {
    let search = InboxSearch { limit: usize::MAX >> 1, ..InboxSearch::default() };
    shop.ledger().inbox(&shop.actor().key, &search).unwrap()
}

fn whole(shop: &Shop, row: &EventRow) -> WholeEvent {
    shop.ledger().event(&shop.actor().key, row.id).unwrap().unwrap()
}

/// Waits until something is in the ledger.
async fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "it does not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How often each reason is counted.
fn refusals(shop: &Shop) -> HashMap<Verdict, u64> {
    let rows = inbox(shop).into_iter().filter(|row| row.verdict != Verdict::Genuine);
    rows.fold(HashMap::new(), |mut sums, row| {
        *sums.entry(row.verdict).or_default() += row.attempts;
        sums
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_kept_once_whatever_how_often_it_comes_also_after_a_restart() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let listener = Listener::start(&shop.config_path(), &["--output", "json"]);
    let body = pen.paid("N-1", "PAY-1");
    let first = pen.signed(&body);
    assert_eq!(post(&listener.url, &first, &body).await.unwrap(), 204);
    assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 204, "sent again");
    assert_eq!(post(&listener.url, &first, &body).await.unwrap(), 401, "the very bytes");
    let line: Value = serde_json::from_str(&listener.printed(1)[0]).unwrap();
    assert_eq!(
        (&line["type"], &line["kind"], &line["number"]),
        (&json!("TRANSACTION.SUCCESS"), &json!("transaction"), &json!("PAY-1"))
    );
    let (code, said) = listener.end();
    assert_eq!(code, 0, "{said:?}");
    let listener = Listener::start(&shop.config_path(), &[]);
    assert_eq!(post(&listener.url, &first, &body).await.unwrap(), 401, "nor after a restart");
    let row = inbox(&shop).into_iter().find(|row| row.verdict == Verdict::Genuine).unwrap();
    assert_eq!((row.attempts, row.notice.as_deref()), (2, Some("N-1")));
    assert!(row.slowest.is_some_and(|micros| micros > 0 && micros < 5_000_000), "{row:?}");
    let kept = whole(&shop, &row).deliveries;
    assert!(kept.iter().all(|kept| kept.delivery.body == body && kept.status == 204));
    let headers = String::from_utf8(kept[0].delivery.headers.clone()).unwrap();
    assert!(first.iter().all(|(name, value)| headers.contains(&format!("{name}: {value}\r\n"))), "{headers}");
    let (key, number) = (shop.actor().key, id(Kind::Transaction, "PAY-1"));
    assert!(shop.ledger().noted(&key, &number).unwrap().is_some());
    let (_, said) = listener.end();
    assert!(said.iter().any(|line| line.contains("exactly these bytes were received before")), "{said:?}");
    assert_eq!(refusals(&shop), HashMap::from([(Verdict::Replayed, 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_a_notification_is_refused_counted_and_has_no_effect() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let listener = Listener::start(&shop.config_path(), &[]);
    let url = listener.url.clone();
    let body = pen.paid("N-1", "PAY-1");
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let mut expected: HashMap<Verdict, u64> = HashMap::new();
    let mut requests: Vec<(Verdict, u16, Headers, Vec<u8>)> = Vec::new();
    let with = |name: &str, value: &str| -> Headers {
        let signed = pen.signed(&body).into_iter();
        signed.map(|(known, old)| (known, if known == name { value.to_owned() } else { old })).collect()
    };
    let without =
        |name: &str| -> Headers { pen.signed(&body).into_iter().filter(|(known, _)| *known != name).collect() };
    let probe = format!("{PROBE_PREFIX}abc");
    requests.push((Verdict::Probe, 401, with("wechatpay-signature", &probe), body.clone()));
    for name in ["wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial"] {
        requests.push((Verdict::Unsigned, 401, without(name), body.clone()));
    }
    requests.push((Verdict::Unsigned, 401, with("wechatpay-timestamp", "soon"), body.clone()));
    requests.push((Verdict::Unsigned, 401, Vec::new(), b"{}".to_vec()));
    let mut twice = pen.signed(&body);
    twice.push(("wechatpay-signature", "AAAA".to_owned()));
    requests.push((Verdict::Unsigned, 401, twice, body.clone()));
    requests.push((Verdict::UnknownKey, 401, with("wechatpay-serial", "NOT-A-SERIAL"), body.clone()));
    requests.push((Verdict::UnknownKey, 401, with("wechatpay-signature-type", "SM2"), body.clone()));
    requests.push((Verdict::Stale, 401, pen.signed_at(&body, now - 301), body.clone()));
    requests.push((Verdict::Stale, 401, pen.signed_at(&body, now + 400), body.clone()));
    requests.push((Verdict::Forged, 401, pen.forger().signed(&body), body.clone()));
    requests.push((Verdict::Forged, 401, pen.signed(b"other bytes"), body.clone()));
    requests.push((Verdict::Forged, 401, with("wechatpay-signature", "no base64!"), body.clone()));
    let sealed = pen.with_apiv3_key(&"k".repeat(32)).paid("N-1", "PAY-1");
    requests.push((Verdict::Sealed, 400, pen.signed(&sealed), sealed));
    for malformed in [&b"no JSON"[..], b"{}", b"[1]", b"\xff\xfe", b""] {
        requests.push((Verdict::Malformed, 400, pen.signed(malformed), malformed.to_vec()));
    }
    let stranger = pen.envelope("N-1", "TRANSACTION.SUCCESS", &json!({ "mchid": "1", "out_trade_no": "PAY-1" }));
    requests.push((Verdict::Malformed, 400, pen.signed(&stranger), stranger));
    let nameless = pen.envelope("", "TRANSACTION.SUCCESS", &json!({}));
    let nameless = String::from_utf8(nameless).unwrap().replace("\"id\":\"\",", "").into_bytes();
    requests.push((Verdict::Malformed, 400, pen.signed(&nameless), nameless));
    requests.push((Verdict::Malformed, 400, Vec::new(), b"<xml><return_code>SUCCESS</return_code></xml>".to_vec()));
    for (verdict, status, headers, body) in &requests {
        assert_eq!(post(&url, headers, body).await.unwrap(), *status, "{verdict:?} {headers:?}");
        *expected.entry(*verdict).or_default() += 1;
    }
    let oversized = vec![b'x'; 3 << 20];
    // The answer may come before the body is through, and end the connection.
    if let Ok(status) = post(&url, &pen.signed(&oversized), &oversized).await {
        assert_eq!(status, 413);
    }
    expected.insert(Verdict::Oversized, 1);
    assert_eq!(post(&format!("{url}/x"), &pen.signed(&body), &body).await.unwrap(), 404);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let got = http.get(&url).send().await.unwrap();
    assert_eq!((got.status().as_u16(), got.headers()["allow"].to_str().unwrap()), (405, "POST"));
    expected.insert(Verdict::Stray, 2);
    let counted = until(|| Some(refusals(&shop)).filter(|counted| *counted == expected || counted.len() > 20));
    assert_eq!(counted.await, expected);
    assert!(inbox(&shop).iter().all(|row| row.verdict != Verdict::Genuine));
    // The inbox shows what it was.
    let detail = |verdict| {
        let row = inbox(&shop).into_iter().find(|row| row.verdict == verdict).unwrap();
        let kept = whole(&shop, &row).deliveries;
        kept.into_iter().filter_map(|kept| kept.detail).collect::<Vec<_>>().join("|")
    };
    assert!(detail(Verdict::Unsigned).contains("Wechatpay-Nonce"));
    assert!(detail(Verdict::Stale).starts_with("clock: -"), "a code and what was found, for every language");
    // A genuine one is taken all the same.
    assert_eq!(post(&url, &pen.signed(&body), &body).await.unwrap(), 204);
    let (code, said) = listener.end();
    assert_eq!(code, 0);
    let security = said.iter().filter(|line| line.contains("refused:")).count();
    assert!(security <= 2 * expected.len(), "one line a reason, and what came after it: {said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_notified_because_it_carries_the_profiles_address() {
    let shop = Shop::open(100).await;
    let listener = Listener::start(&shop.config_path(), &["--output", "json"]);
    shop.edit_config("\"https://merchant.example/notify\"", &format!("\"{}\"", listener.url));
    let transaction = shop.object_for(&shop.client(), ActionId::TransactionRefund.action()).await.id;
    let refund = |number: &str, more: &[&str]| {
        let base = ["transaction", "refund", transaction.number.as_str(), "--yes", "--amount", "0.01"];
        let output = shop.paydeck(&[&base[..], &["--number", number], more].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let sent = shop.gateway.requests().into_iter().rfind(|request| request.method == "POST").unwrap();
        let sent: Value = serde_json::from_slice(&sent.body).unwrap();
        sent.get("notify_url").and_then(Value::as_str).map(str::to_owned)
    };
    assert_eq!(refund("R-1", &[]), Some(listener.url.clone()));
    shop.gateway.user().succeed_refund("R-1").unwrap();
    let line: Value = serde_json::from_str(&listener.printed(1)[0]).unwrap();
    assert_eq!((&line["type"], &line["number"]), (&json!("REFUND.SUCCESS"), &json!("R-1")));
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    assert_eq!(
        refund("R-2", &["--notify-url", "https://shop.example/refunds"]),
        Some("https://shop.example/refunds".into())
    );
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    shop.edit_config(&format!("notify_url = \"{}\"", listener.url), "");
    assert_eq!(refund("R-3", &[]), None, "the profile names none");
    assert_eq!(listener.end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_combined_order_is_linked_to_each_order_of_this_merchant_and_to_no_other() {
    let shop = Shop::open(0).await;
    let listener = Listener::start(&shop.config_path(), &["--output", "json"]);
    shop.edit_config("\"https://merchant.example/notify\"", &format!("\"{}\"", listener.url));
    for (number, amount) in [("PAY-00001", "1"), ("PAY-00002", "2")] {
        let create = ["transaction", "create", "native", "--number", number, "--amount", amount, "--yes"];
        let output = shop.paydeck(&[&create[..], &["--description", "拿铁"]].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
    }
    shop.gateway.user().pay_together(&["PAY-00001", "PAY-00002"]).unwrap();
    let line: Value = serde_json::from_str(&listener.printed(1)[0]).unwrap();
    let others = json!([{ "kind": "transaction", "number": "PAY-00002" }]);
    assert_eq!((&line["number"], &line["others"], &line["fact"]), (&json!("PAY-00001"), &others, &json!("paid")));
    let (ledger, key) = (shop.ledger(), shop.actor().key);
    for (number, fen) in [("PAY-00001", 100), ("PAY-00002", 200)] {
        let id = id(Kind::Transaction, number);
        let claims = ledger.claims(&key, &id).unwrap();
        let said: Vec<_> = claims.iter().map(|(claim, _)| (claim.fact.word(), claim.amount)).collect();
        assert_eq!(said, [("paid", Some(Money::cny(fen)))], "{number}");
        assert_eq!(ledger.events_of(&key, &id, 9).unwrap().len(), 1, "{number}");
    }
    let known = support::known(&ledger, &shop);
    assert!(known.iter().all(|known| !known.id.number.as_str().starts_with("OTHER")), "{known:?}");
    // The notification about the second agrees with a query: nothing is missing and nothing in dispute.
    for number in ["PAY-00001", "PAY-00002"] {
        assert_eq!(status(&shop.paydeck(&["transaction", "get", number])), 0);
    }
    assert_eq!(ledger.disagreements(&key, OffsetDateTime::now_utc() + time::Duration::HOUR, 9).unwrap(), []);
    let timeline = stdout(&shop.paydeck(&["transaction", "timeline", "PAY-00002", "--cached"]));
    assert!(timeline.contains("TRANSACTION.SUCCESS") || timeline.contains("paid"), "{timeline}");
    assert_eq!(listener.end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_unfinished_requests_disturb_no_other_client() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let listener = Listener::start(&shop.config_path(), &[]);
    let connect = || TcpStream::connect(listener.address()).unwrap();
    // Left open, in the middle of a head and of a body.
    let mut slow: Vec<TcpStream> = (0..20).map(|_| connect()).collect();
    for (i, stream) in slow.iter_mut().enumerate() {
        let part: &[u8] =
            if i % 2 == 0 { b"POST /notify HT" } else { b"POST /notify HTTP/1.1\r\ncontent-length: 100\r\n\r\nabc" };
        stream.write_all(part).unwrap();
    }
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"garbage\r\n\r\n", &[0; 100]] {
        let mut stream = connect();
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    }
    let mut stream = connect();
    let many: String = (0..500).map(|i| format!("x-{i}: 1\r\n")).collect();
    stream.write_all(format!("POST /notify HTTP/1.1\r\n{many}\r\n").as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 431");
    let body = pen.paid("N-1", "PAY-1");
    assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 204);
    until(|| refusals(&shop).get(&Verdict::Malformed).copied().filter(|count| *count >= 2)).await;
    drop(slow);
    assert_eq!(listener.end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_serials_do_not_make_it_ask_and_a_new_certificate_is_found() {
    let shop = Shop::open(0).await;
    let old = Pen::of(shop.folder.path());
    let listener = Listener::start(&shop.config_path(), &[]);
    let body = old.paid("N-1", "PAY-1");
    assert_eq!(post(&listener.url, &old.signed(&body), &body).await.unwrap(), 204);
    let fetched = shop.arrived(EndpointId::Certificates);
    for i in 0..50 {
        let mut headers = old.signed(&body);
        headers.iter_mut().filter(|(name, _)| *name == "wechatpay-serial").for_each(|(_, v)| *v = format!("{i:040X}"));
        assert_eq!(post(&listener.url, &headers, &body).await.unwrap(), 401);
    }
    // Each unknown serial is looked for once, and no more than three of them in a minute.
    assert!(shop.arrived(EndpointId::Certificates) <= fetched + 3);
    assert_eq!(listener.end().0, 0);
    // During the gray switch certificates are fetched when the first is named.
    shop.trust_both();
    let listener = Listener::start(&shop.config_path(), &[]);
    tokio::task::block_in_place(|| shop.gateway.rotate_certificate().unwrap());
    let new = Pen::of(shop.folder.path());
    assert_ne!(new.serial, old.serial);
    let body = new.paid("N-2", "PAY-2");
    assert_eq!(post(&listener.url, &new.signed(&body), &body).await.unwrap(), 204);
    assert_eq!(listener.end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_platform_keys_everything_is_put_off_and_that_is_reported() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let base = shop.gateway.base_url().to_owned();
    shop.edit_config(&base, NOBODY);
    let listener = Listener::start(&shop.config_path(), &[]);
    let body = pen.paid("N-1", "PAY-1");
    assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 503);
    listener.says("keys cannot be fetched");
    assert_eq!(listener.end().0, 0);
    assert!(inbox(&shop).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_written_acknowledges_nothing_until_it_can() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let listener = Listener::start(&shop.config_path(), &[]);
    let body = pen.paid("N-1", "PAY-1");
    assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 204);
    let lock = rusqlite::Connection::open(shop.ledger_path()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    for i in 2..4 {
        let body = pen.paid(&format!("N-{i}"), "PAY-2");
        assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 503);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "before WeChat Pay gives up");
    listener.says("are not acknowledged until they can");
    lock.execute_batch("ROLLBACK").unwrap();
    let body = pen.paid("N-9", "PAY-9");
    assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), 204);
    listener.says("stored again");
    let (code, said) = listener.end();
    assert_eq!(code, 0);
    assert_eq!(said.iter().filter(|line| line.contains("until they can")).count(), 1, "{said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_it_is_to_stop_is_finished() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let mut listener = Listener::start(&shop.config_path(), &[]);
    let body = pen.paid("N-1", "PAY-1");
    let headers: String = pen.signed(&body).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut stream = TcpStream::connect(listener.address()).unwrap();
    let head = format!("POST /notify HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..10]).unwrap();
    // Its head has been read when another connection has been served after it.
    let other = pen.paid("N-2", "PAY-2");
    assert_eq!(post(&listener.url, &pen.signed(&other), &other).await.unwrap(), 204);
    listener.terminate();
    // No new connection is accepted any more.
    until(|| TcpStream::connect(listener.address()).is_err().then_some(())).await;
    stream.write_all(&body[10..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert_eq!(listener.child.wait().unwrap().code(), Some(0));
    assert!(inbox(&shop).iter().any(|row| row.notice.as_deref() == Some("N-1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_has_every_acknowledged_one_exactly_once_and_no_forged_one() {
    const ALL: usize = 2000;
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let forger = pen.forger();
    let place: Arc<Mutex<Option<String>>> = Arc::default();
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (pen, forger, place, next, acknowledged) =
                (pen.clone(), forger.clone(), place.clone(), next.clone(), acknowledged.clone());
            tokio::spawn(async move {
                let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= ALL {
                        return;
                    }
                    // A fifth repeats one that came before; a twentieth is forged.
                    let forged = i % 20 == 7;
                    let name = if i % 5 == 4 { i - 4 } else { i };
                    let notice = if forged { format!("F-{i}") } else { format!("N-{name}") };
                    let body = pen.paid(&notice, &format!("PAY-{name}"));
                    loop {
                        let url = place.lock().unwrap().clone();
                        let headers = if forged { forger.signed(&body) } else { pen.signed(&body) };
                        let sent = match &url {
                            Some(url) => post_with(&http, url, &headers, &body).await.ok(),
                            None => None,
                        };
                        match sent {
                            Some(204) => {
                                assert!(!forged);
                                acknowledged.lock().unwrap().push(notice);
                                break;
                            }
                            Some(401) => {
                                assert!(forged, "{notice} is refused");
                                break;
                            }
                            // Sent again with a fresh signature, as WeChat Pay does.
                            _ => tokio::time::sleep(Duration::from_millis(20)).await,
                        }
                    }
                }
            })
        })
        .collect();
    let config = shop.config_path();
    let mut listener = Listener::start(&config, &[]);
    *place.lock().unwrap() = Some(listener.url.clone());
    for kill in 1..=3 {
        let count = ALL * kill / 4;
        until(|| (next.load(Ordering::Relaxed) >= count).then_some(())).await;
        listener.kill();
        listener = Listener::start(&config, &[]);
        *place.lock().unwrap() = Some(listener.url.clone());
    }
    for sender in senders {
        sender.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    assert_eq!(listener.end().0, 0);
    let genuine: Vec<String> = inbox(&shop).into_iter().filter_map(|row| row.notice).collect();
    let distinct: HashSet<&String> = genuine.iter().collect();
    assert_eq!(distinct.len(), genuine.len(), "each once");
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<_> = acknowledged.iter().filter(|notice| !distinct.contains(notice)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(genuine.iter().all(|notice| notice.starts_with("N-")), "a forged one is kept");
    assert_eq!(acknowledged.iter().collect::<HashSet<_>>().len(), genuine.len(), "all came through in the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_reaches_the_back_end_byte_for_byte_however_long_that_takes() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let works = Arc::new(AtomicBool::new(false));
    let back_end = {
        let works = works.clone();
        Receiver::start(move |_, _| Answer::of(if works.load(Ordering::Relaxed) { 200 } else { 500 })).await
    };
    let forward_mode = back_end.url();
    let arguments = ["--forward-to", forward_mode.as_str()];
    let listener = Listener::start(&shop.config_path(), &arguments);
    let bodies: Vec<Vec<u8>> = (0..5).map(|i| pen.paid(&format!("N-{i}"), &format!("PAY-{i}"))).collect();
    let mut sent = HashMap::new();
    for body in &bodies {
        let headers = pen.signed(body);
        assert_eq!(post(&listener.url, &headers, body).await.unwrap(), 204);
        sent.insert(headers[4].1.clone(), (headers, body.clone()));
    }
    let forged = pen.forger().signed(&bodies[0]);
    assert_eq!(post(&listener.url, &forged, &bodies[0]).await.unwrap(), 401);
    listener.says("HTTP 500");
    back_end.wait_for(5).await;
    listener.kill();
    works.store(true, Ordering::Relaxed);
    let listener = Listener::start(&shop.config_path(), &arguments);
    let accepted = |shop: &Shop| {
        let rows = inbox(shop).into_iter().filter(|row| row.verdict == Verdict::Genuine);
        rows.filter(|row| {
            whole(shop, row).deliveries.iter().any(|kept| kept.forwarded.as_ref().is_some_and(|one| one.accepted))
        })
        .count()
    };
    until(|| (accepted(&shop) == 5).then_some(())).await;
    let listed = inbox(&shop).iter().find(|row| row.notice.as_deref() == Some("N-0")).unwrap().id.to_string();
    let shown = shop.paydeck(&["--lang", "en", "events", "show", &listed]);
    assert!(stdout(&shown).contains("Forwarded: ✓ accepted by the back end · 200"), "{}", stdout(&shown));
    let shown = shop.paydeck(&["--output", "json", "events", "show", &listed]);
    let shown: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    assert_eq!(
        (&shown["deliveries"][0]["forwarded"]["accepted"], &shown["deliveries"][0]["status"]),
        (&json!(true), &json!(204))
    );
    for arrival in back_end.arrivals() {
        let (headers, body) = &sent[arrival.header("wechatpay-signature").unwrap()];
        assert_eq!(&arrival.body, body);
        for (name, value) in headers {
            assert_eq!(arrival.header(name), Some(value.as_str()));
        }
    }
    // A repeated delivery was already accepted, and is not forwarded again.
    let before = back_end.arrivals().len();
    assert_eq!(post(&listener.url, &pen.signed(&bodies[0]), &bodies[0]).await.unwrap(), 204);
    let last = pen.paid("N-LAST", "PAY-LAST");
    assert_eq!(post(&listener.url, &pen.signed(&last), &last).await.unwrap(), 204);
    let after = back_end.wait_for(before + 1).await;
    assert_eq!(after[before].body, last);
    assert_eq!(listener.end().0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answering_after_the_back_end_acknowledges_what_it_accepts() {
    let shop = Shop::open(0).await;
    let pen = Pen::of(shop.folder.path());
    let back_end = Receiver::start(|before, _| match before {
        0 => Answer::of(500),
        1 => Answer { location: Some("http://127.0.0.1:1/".into()), ..Answer::of(302) },
        _ => Answer::of(200),
    })
    .await;
    let forward_mode = back_end.url();
    let listener = Listener::start(&shop.config_path(), &["--forward-to", &forward_mode, "--answer-after-forward"]);
    let body = pen.paid("N-1", "PAY-1");
    for expected in [503, 503, 204, 204] {
        assert_eq!(post(&listener.url, &pen.signed(&body), &body).await.unwrap(), expected);
    }
    assert_eq!(back_end.arrivals().len(), 3, "accepted once is not passed on again");
    assert_eq!(listener.end().0, 0);
    let [row] = inbox(&shop).try_into().unwrap();
    assert_eq!(row.attempts, 4);
    let statuses: Vec<u16> = whole(&shop, &row).deliveries.iter().map(|kept| kept.status).collect();
    assert_eq!(statuses, [503, 503, 204, 204]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_received_at_is_refused_in_words() {
    let shop = Shop::open(0).await;
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let refused = |arguments: &[&str], text: &str| {
        let output = shop.paydeck(&[&["listen"], arguments].concat());
        assert_eq!(status(&output), 2, "{output:?}");
        assert!(stderr(&output).contains(text), "{}", stderr(&output));
        assert!(!stderr(&output).contains("hunter2"));
    };
    refused(&["--bind", &address], "choose another with --bind");
    refused(&["--path", "notify"], "/notify");
    refused(&["--path", "/notify?x=1"], "/notify");
    refused(&["--forward-to", "http://me:hunter2@127.0.0.1/"], "without a user or a password");
    refused(&["--answer-after-forward"], "--forward-to");
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let keyless = config.replace("apiv3_key = { file = \"apiv3_key.txt\" }\n", "");
    let keyless: String = keyless
        .split("\n[profiles.")
        .filter(|part| !part.contains("\"auto\""))
        .collect::<Vec<_>>()
        .join("\n[profiles.");
    std::fs::write(shop.config_path(), keyless).unwrap();
    refused(&["--profile", "sandbox-public-key", "--bind", "127.0.0.1:0"], "apiv3_key");
}
