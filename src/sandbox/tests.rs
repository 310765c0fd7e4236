//! The gateway over HTTP, as a client meets it.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::crypto::{ApiV3Key, Authorization, Certificate, PrivateKey, PublicKey, SignatureHeaders, open, verify};
use crate::model::{EndpointId, Serial};

/// A gateway and a merchant's client of it.
struct Setup {
    gateway: Gateway,
    folder: TempDir,
    key: PrivateKey,
    serial: Serial,
}

/// An answer as it came over the wire.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn signature(&self) -> SignatureHeaders {
        SignatureHeaders {
            timestamp: self.header("wechatpay-timestamp"),
            nonce: self.header("wechatpay-nonce"),
            signature: self.header("wechatpay-signature"),
            serial: self.header("wechatpay-serial"),
            signature_type: self.header("wechatpay-signature-type"),
        }
    }

    fn is_verified_by(&self, serial: &str, key: &PublicKey) -> bool {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        verify(&self.signature(), &self.body, now, |s| (s.as_str() == serial).then(|| key.clone())).is_ok()
    }
}

impl Setup {
    async fn new(objects: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { objects, users_act: false, ..Options::new(folder.path()) };
        let gateway = start(options).await.unwrap();
        let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let key = PrivateKey::parse(&SecretString::from(text("apiclient_key.pem"))).unwrap();
        let serial = Certificate::parse(&text("apiclient_cert.pem")).unwrap().serial;
        Self { gateway, folder, key, serial }
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn certificate(&self) -> Certificate {
        Certificate::parse(&self.text("wechatpay_cert.pem")).unwrap()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.gateway.base_url().trim_start_matches("http://")).await.unwrap()
    }

    /// The request's bytes, signed now.
    fn request(&self, method: &str, target: &str, body: &str, extra: &str) -> Vec<u8> {
        self.request_as("1900012345", method, target, body, extra)
    }

    /// The same of another merchant.
    fn request_as(&self, mchid: &str, method: &str, target: &str, body: &str, extra: &str) -> Vec<u8> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let authorization =
            Authorization::sign(&self.key, mchid, self.serial.as_str(), method, target, body.as_bytes(), now);
        format!(
            "{method} {target} HTTP/1.1\r\nHost: sandbox\r\nAccept: application/json\r\nUser-Agent: test\r\n\
             Content-Type: application/json\r\nAuthorization: {authorization}\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    /// Sends on a connection of its own. None if it was closed without an answer.
    async fn raw(&self, request: &[u8]) -> Option<Reply> {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        read_reply(&mut stream).await
    }

    async fn send(&self, method: &str, target: &str, body: Value, extra: &str) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(&self.request(method, target, &body, extra)).await.unwrap()
    }

    async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, Value::Null, "").await
    }
}

/// Reads one answer, by its Content-Length.
async fn read_reply(stream: &mut TcpStream) -> Option<Reply> {
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(count) => body.extend_from_slice(&part[..count]),
        }
    }
    Some(Reply { status, headers, body })
}

const CERTIFICATES: &str = "/v3/certificates";

/// The certificates of an answer, opened with the APIv3 key.
fn opened(reply: &Reply, key: &ApiV3Key) -> Vec<Certificate> {
    let data = reply.json()["data"].as_array().unwrap().clone();
    data.iter()
        .map(|entry| {
            let sealed = &entry["encrypt_certificate"];
            let text = |name: &str| sealed[name].as_str().unwrap();
            let pem = open(key, text("nonce"), text("associated_data"), text("ciphertext")).unwrap();
            let certificate = Certificate::parse(std::str::from_utf8(&pem).unwrap()).unwrap();
            assert_eq!(entry["serial_no"], certificate.serial.as_str());
            certificate
        })
        .collect()
}

#[tokio::test]
async fn a_first_download_of_certificates_verifies_itself_and_rotation_shows() {
    let setup = Setup::new(0).await;
    let key = ApiV3Key::new(&setup.text("apiv3_key.txt")).unwrap();
    let reply = setup.get(CERTIFICATES).await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("request-id").unwrap().ends_with("-0"));
    let certificates = opened(&reply, &key);
    assert!(reply.is_verified_by(certificates[0].serial.as_str(), &certificates[0].public_key));

    let newest = setup.gateway.rotate_certificate().unwrap();
    let reply = setup.get(CERTIFICATES).await;
    let certificates = opened(&reply, &key);
    assert_eq!(certificates.len(), 2);
    assert_eq!(certificates[1].serial, newest);
    assert!(reply.is_verified_by(newest.as_str(), &certificates[1].public_key));

    setup.gateway.faults().set_public_key_only(true);
    let reply = setup.get(CERTIFICATES).await;
    assert_eq!((reply.status, reply.json()["code"].as_str()), (404, Some("RESOURCE_NOT_EXISTS")));
    setup.gateway.stop().await;
}

#[tokio::test]
async fn the_public_key_signs_for_who_asks_for_it() {
    let setup = Setup::new(0).await;
    let id = setup.text("pub_key_id.txt");
    let reply = setup.send("GET", CERTIFICATES, Value::Null, &format!("Wechatpay-Serial: {id}\r\n")).await;
    assert!(reply.is_verified_by(&id, &PublicKey::parse(&setup.text("pub_key.pem")).unwrap()));
    let reply = setup.send("GET", CERTIFICATES, Value::Null, "Wechatpay-Serial: 12\r\n").await;
    assert_eq!((reply.status, reply.json()["code"].as_str()), (400, Some("PARAM_ERROR")));
}

#[tokio::test]
async fn strangers_get_unsigned_refusals_and_no_words_about_paths() {
    let setup = Setup::new(0).await;
    let nowhere = setup.get("/v3/nowhere").await;
    assert_eq!((nowhere.status, nowhere.body.len()), (404, 0));
    let wrong = setup.send("DELETE", CERTIFICATES, Value::Null, "").await;
    assert_eq!((wrong.status, wrong.body.len()), (405, 0));
    let request = format!("GET {CERTIFICATES} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: x\r\n\r\n");
    let reply = setup.raw(request.as_bytes()).await.unwrap();
    assert_eq!((reply.status, reply.json()["code"].as_str()), (401, Some("SIGN_ERROR")));
    assert!(reply.signature().absent());
    assert!(reply.header("request-id").unwrap().ends_with("-270924332"));
    let signed = setup.request("GET", CERTIFICATES, "", "");
    assert_eq!(setup.raw(&signed).await.unwrap().status, 200);
    assert_eq!(setup.raw(&signed).await.unwrap().status, 401, "a replay");
    let statuses: Vec<_> = setup.gateway.requests().iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(404), Some(405), Some(401), Some(200), Some(401)]);
}

#[tokio::test]
async fn errors_of_known_senders_are_signed_unless_switched_off_and_speak_their_language() {
    let setup = Setup::new(0).await;
    let target = "/v3/pay/transactions/out-trade-no/PAY000001?mchid=1900012345";
    let certificate = setup.certificate();
    let reply = setup.get(target).await;
    assert_eq!((reply.status, reply.json()["message"].as_str()), (404, Some("订单不存在")));
    assert!(reply.is_verified_by(certificate.serial.as_str(), &certificate.public_key));
    setup.gateway.faults().set_errors_unsigned(true);
    let reply = setup.send("GET", target, Value::Null, "Accept-Language: en\r\n").await;
    assert_eq!(reply.json()["message"], "there is no such order");
    assert!(reply.signature().absent());
}

const INSTITUTION: &str = "1610000001";

#[tokio::test]
async fn the_mainlands_merchant_and_those_abroad_are_refused_each_others_paths() {
    let setup = Setup::new(0).await;
    for (mchid, target, expected) in [
        ("1900012345", "/v3/global/transactions/out-trade-no/GTX-1?mchid=1900012345", (400, "INVALID_REQUEST")),
        ("1900012345", "/v3/global/certificates", (400, "INVALID_REQUEST")),
        (INSTITUTION, "/v3/pay/transactions/out-trade-no/PAY-1?mchid=1610000001", (400, "INVALID_REQUEST")),
        (INSTITUTION, CERTIFICATES, (400, "INVALID_REQUEST")),
        (INSTITUTION, "/v3/global/transactions/out-trade-no/G-1?sp_mchid=1610000001", (400, "PARAM_ERROR")),
        ("1610000009", "/v3/global/certificates", (401, "SIGN_ERROR")),
    ] {
        let reply = setup.raw(&setup.request_as(mchid, "GET", target, "", "")).await.unwrap();
        assert_eq!((reply.status, reply.json()["code"].as_str().unwrap()), expected, "{mchid} {target}");
    }
    let key = ApiV3Key::new(&setup.text("apiv3_key.txt")).unwrap();
    let request = setup.request_as(INSTITUTION, "GET", "/v3/global/certificates", "", "");
    assert_eq!(opened(&setup.raw(&request).await.unwrap(), &key).len(), 1);
}

#[tokio::test]
async fn a_statement_is_signed_by_its_digest_packed_or_not() {
    let setup = Setup::new(20).await;
    let certificate = setup.certificate();
    let day = crate::model::time::compact_day(OffsetDateTime::now_utc() - crate::model::time::Duration::days(3));
    let target = format!("/v3/global/statements?date={day}&sp_mchid={INSTITUTION}");
    let ask = async |extra: &str| setup.raw(&setup.request_as(INSTITUTION, "GET", &target, "", extra)).await.unwrap();
    let (plain, packed) = (ask("").await, ask("Accept-Encoding: gzip\r\n").await);
    assert_eq!((plain.status, packed.header("content-encoding").as_deref()), (200, Some("gzip")));
    assert_eq!(crate::model::bill::unpack(&packed.body).unwrap(), plain.body.as_slice());
    for mut reply in [plain, packed] {
        let digest = reply.header("wechatpay-statement-sha1").unwrap();
        let text = crate::model::bill::unpack(&reply.body).unwrap();
        assert_eq!(crate::model::bill::sha1_hex(&text), digest);
        reply.body = format!("{{\"sha1\":\"{digest}\"}}").into_bytes();
        assert!(reply.is_verified_by(certificate.serial.as_str(), &certificate.public_key));
    }
}

#[tokio::test]
async fn a_transaction_is_placed_paid_and_a_204_is_signed_too() {
    let setup = Setup::new(0).await;
    let body = json!({
        "appid": "wx5a1c0de5a1c0de01", "mchid": "1900012345", "description": "拿铁 大杯", "out_trade_no": "PAY000001",
        "notify_url": "https://merchant.example/notify", "amount": { "total": 2880, "currency": "CNY" },
    });
    let placed = setup.send("POST", "/v3/pay/transactions/native", body, "").await;
    assert!(placed.json()["code_url"].as_str().unwrap().starts_with("weixin://"));
    assert_eq!(setup.text("numbers.jsonl"), "{\"kind\":\"transaction\",\"number\":\"PAY000001\"}\n");
    let close = "/v3/pay/transactions/out-trade-no/PAY000001/close";
    let closed = setup.send("POST", close, json!({ "mchid": "1900012345" }), "").await;
    let certificate = setup.certificate();
    assert_eq!((closed.status, closed.body.len()), (204, 0));
    assert!(closed.is_verified_by(certificate.serial.as_str(), &certificate.public_key));
    assert!(setup.gateway.user().pay_transaction("PAY000001").is_err(), "a closed transaction is never paid");
}

#[tokio::test]
async fn each_fault_befalls_once() {
    let setup = Setup::new(0).await;
    let certificate = setup.certificate();
    let verified = |reply: &Reply| reply.is_verified_by(certificate.serial.as_str(), &certificate.public_key);
    let plan = |number: &str| crate::sandbox::world::tests::plan_creation(number).to_string();
    let create = "/v3/payscore/plan/payscore-plans";
    let exists = async |number: &str| setup.get(&format!("{create}/merchant-plan-no/{number}")).await.status == 200;
    let cases = [
        (Fault::RateLimited, Some((429, true)), false),
        (Fault::Accepted, Some((202, true)), true),
        (Fault::FailBefore, Some((500, true)), false),
        (Fault::FailAfter, Some((500, true)), true),
        (Fault::DropAfter, None, true),
        (Fault::BadSignature, Some((200, false)), true),
        (Fault::UnknownSerial, Some((200, false)), true),
        (Fault::NoSignature, Some((200, false)), true),
        (Fault::Probe, Some((200, false)), true),
        (Fault::Html(502), Some((502, false)), true),
        (Fault::Slow(Duration::from_millis(80)), Some((200, true)), true),
    ];
    for (i, (fault, expected, effect)) in cases.into_iter().enumerate() {
        let number = format!("PLN-{i}");
        setup.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanCreate), fault.clone());
        let began = Instant::now();
        let reply = setup.raw(&setup.request("POST", create, &plan(&number), "")).await;
        assert_eq!(reply.as_ref().map(|r| (r.status, verified(r))), expected, "{fault:?}");
        assert_eq!(exists(&number).await, effect, "{fault:?}");
        if let Fault::Slow(delay) = fault {
            assert!(began.elapsed() >= delay);
        }
    }
}

#[tokio::test]
async fn bodies_are_cut_short_or_endless_and_answers_held() {
    let setup = Setup::new(0).await;
    let faults = setup.gateway.faults();
    faults.once(FaultMatcher::any(), Fault::Truncated);
    let reply = setup.get(CERTIFICATES).await;
    assert_eq!(reply.header("content-length").unwrap(), (reply.body.len() + 64).to_string());
    faults.once(FaultMatcher::any(), Fault::Huge(5_000_000));
    assert_eq!(setup.get(CERTIFICATES).await.body.len(), 5_000_000);
    faults.once(FaultMatcher::any(), Fault::HoldAfter);
    let request = setup.request("GET", CERTIFICATES, "", "");
    let held = tokio::time::timeout(Duration::from_millis(200), setup.raw(&request)).await;
    assert!(held.is_err());
    faults.set_clock_offset(crate::model::time::Duration::seconds(400));
    let reply = setup.get(CERTIFICATES).await;
    assert_eq!(reply.status, 401);
    assert!(reply.header("date").unwrap().ends_with("GMT"));
}

#[tokio::test]
async fn a_connection_is_kept_and_answers_at_once() {
    let setup = Setup::new(0).await;
    let mut stream = setup.connect().await;
    let mut times = Vec::new();
    for _ in 0..21 {
        let request = setup.request("GET", CERTIFICATES, "", "");
        let began = Instant::now();
        stream.write_all(&request).await.unwrap();
        assert_eq!(read_reply(&mut stream).await.unwrap().status, 200);
        times.push(began.elapsed());
    }
    times.sort_unstable();
    // Nagle and delayed acknowledgements would cost 40 ms each.
    assert!(times[10] < Duration::from_millis(35), "{:?}", times[10]);
}

#[tokio::test]
async fn a_second_start_keeps_the_keys_and_numbers_everything_again() {
    let setup = Setup::new(100).await;
    let (serial, config) = (setup.serial.clone(), setup.text("config.toml"));
    let numbers = setup.text("numbers.jsonl");
    assert!(numbers.lines().count() >= 100);
    for line in numbers.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(crate::model::Kind::from_noun(entry["kind"].as_str().unwrap()).is_some());
    }
    assert!(config.contains(setup.gateway.base_url()));
    let Setup { gateway, folder, .. } = setup;
    gateway.stop().await;
    let options = Options { objects: 100, users_act: false, ..Options::new(folder.path()) };
    let again = start(options).await.unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("numbers.jsonl")).unwrap(), numbers);
    let config = std::fs::read_to_string(again.config()).unwrap();
    assert!(config.contains(serial.as_str()) && config.contains(again.base_url()));
}

#[tokio::test]
async fn users_live_on_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = start(Options { objects: 200, ..Options::new(folder.path()) }).await.unwrap();
    let numbers = || std::fs::read_to_string(folder.path().join("numbers.jsonl")).unwrap().len();
    let before = numbers();
    let began = Instant::now();
    while numbers() == before && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(numbers() > before, "nothing new in half a minute");
    gateway.stop().await;
}

#[tokio::test]
async fn a_bill_comes_by_a_signed_link_and_is_itself_not_signed() {
    use crate::model::bill::{BillId, BillKind, TradeRows, sha1_hex, unpack};
    let setup = Setup::new(200).await;
    // Yesterday's may still be in the making.
    let day = crate::model::time::beijing_day(OffsetDateTime::now_utc() - time::Duration::days(2));
    let bill = BillId { day, kind: BillKind::Trade(TradeRows::All) };
    let certificate = setup.certificate();
    for packed in [false, true] {
        let link = setup.get(&bill.target(packed)).await;
        assert_eq!(link.status, 200);
        assert!(link.is_verified_by(certificate.serial.as_str(), &certificate.public_key));
        let link = link.json();
        let target = link["download_url"].as_str().unwrap().strip_prefix(setup.gateway.base_url()).unwrap();
        let file = setup.get(target).await;
        let content_type = if packed { "application/x-gzip" } else { "text/plain" };
        assert_eq!((file.status, file.header("content-type").as_deref()), (200, Some(content_type)));
        assert!(file.signature().absent());
        assert_eq!(link["hash_value"], sha1_hex(&unpack(&file.body).unwrap()));
        let faults = setup.gateway.faults();
        faults.once(FaultMatcher::endpoint(EndpointId::BillDownload), Fault::Altered);
        let altered = setup.get(target).await;
        assert_eq!(altered.body.len(), file.body.len());
        assert_ne!(altered.body, file.body);
        faults.once(FaultMatcher::endpoint(EndpointId::BillDownload), Fault::LinkExpired);
        assert_eq!(setup.get(target).await.json()["code"], "INVALID_REQUEST");
        assert_eq!(
            setup
                .raw(format!("GET {target} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: x\r\n\r\n").as_bytes())
                .await
                .unwrap()
                .status,
            401
        );
    }
}
