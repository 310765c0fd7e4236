//! The vectors of `tests/vectors/`, which independent implementations accept, byte for byte.

use std::path::PathBuf;

use paydeck::crypto::{
    ApiV3Key, Authorization, Certificate, PrivateKey, PublicKey, SignatureHeaders, open, request_message,
    response_message, verify,
};
use paydeck::model::{Serial, bill};
use serde_json::Value;

const NOW: i64 = 1_760_000_000;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

fn str_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {value}"))
}

fn private_key(name: &str) -> PrivateKey {
    PrivateKey::parse(&text(&format!("keys/{name}")).into()).unwrap()
}

/// The platform key of a serial, certificate or public key alike.
fn platform_key(serial: &Serial) -> Option<PublicKey> {
    let file = json("response_verification.json")["keys"][serial.as_str()].as_str()?.to_owned();
    let text = text(&file);
    Some(match Certificate::parse(&text) {
        Ok(certificate) => {
            assert_eq!(&certificate.serial, serial, "the serial is read from the certificate as it is written");
            certificate.public_key
        }
        Err(_) => PublicKey::parse(&text).unwrap(),
    })
}

fn headers(of: &Value) -> SignatureHeaders {
    let members = of.as_object().unwrap();
    SignatureHeaders::collect(|name| {
        members.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).and_then(|(_, v)| v.as_str())
    })
}

#[test]
fn requests_are_signed_as_the_vectors_are_from_either_form_of_the_key() {
    let vectors = json("request_signing.json");
    for key in ["merchant_key_pkcs8.TESTONLY.pem", "merchant_key_pkcs1.TESTONLY.pem"] {
        let key = private_key(key);
        for case in vectors["cases"].as_array().unwrap() {
            let (name, timestamp) = (str_of(case, "name"), case["timestamp"].to_string());
            let body = str_of(case, "signed_body").as_bytes();
            let nonce = str_of(case, "nonce_str");
            let message = request_message(str_of(case, "method"), str_of(case, "url"), &timestamp, nonce, body);
            assert_eq!(message, str_of(case, "message").as_bytes(), "{name}");
            assert_eq!(key.sign(&message), str_of(case, "signature"), "{name}");
            let header = Authorization::parse(str_of(case, "authorization")).unwrap();
            assert!(
                header.is_signed_by(&key.public_key(), str_of(case, "method"), str_of(case, "url"), body),
                "{name}"
            );
            assert_eq!(header.to_string(), str_of(case, "authorization"), "{name}");
        }
    }
}

#[test]
fn answers_are_believed_exactly_where_the_vectors_say() {
    let vectors = json("response_verification.json");
    for case in vectors["cases"].as_array().unwrap() {
        let name = str_of(case, "name");
        let result = verify(&headers(&case["headers"]), str_of(case, "body").as_bytes(), NOW, platform_key);
        assert_eq!(result.is_ok(), str_of(case, "expect") == "valid", "{name}: {result:?}");
    }
}

#[test]
fn resources_open_exactly_where_the_vectors_say() {
    for case in json("aead.json")["cases"].as_array().unwrap() {
        let name = str_of(case, "name");
        let key = ApiV3Key::new(str_of(case, "apiv3_key")).unwrap();
        let opened = open(&key, str_of(case, "nonce"), str_of(case, "associated_data"), str_of(case, "ciphertext"));
        match str_of(case, "expect") {
            "ok" => assert_eq!(opened.unwrap(), str_of(case, "plaintext").as_bytes(), "{name}"),
            _ => assert!(opened.is_err(), "{name}"),
        }
    }
}

#[test]
fn sensitive_fields_open_with_oaep_sha1_only() {
    for case in json("oaep.json")["cases"].as_array().unwrap() {
        let name = str_of(case, "name");
        let file = str_of(case, "decrypt_with").trim_start_matches("keys/").to_owned();
        let opened = private_key(&file).decrypt_field(str_of(case, "ciphertext"));
        if matches!(name, "wrong_digest_sha256" | "pkcs1v15_padding") {
            assert!(opened.is_err(), "{name}");
        } else {
            let plaintext = str_of(case, "plaintext").as_bytes();
            assert_eq!(opened.unwrap(), plaintext, "{name}");
            let key = private_key(&file);
            let again = key.public_key().encrypt_field(plaintext).unwrap();
            assert_eq!(key.decrypt_field(&again).unwrap(), plaintext, "{name}");
        }
    }
}

#[test]
fn front_end_parameters_are_signed_as_the_vectors_are() {
    let key = private_key("merchant_key_pkcs8.TESTONLY.pem");
    for case in json("pay_sign.json")["cases"].as_array().unwrap() {
        let expected = case.get("paySign").or(case.get("sign")).and_then(Value::as_str).unwrap();
        assert_eq!(key.sign(str_of(case, "message").as_bytes()), expected);
    }
}

/// A whole HTTP message: its headers, and its body exactly.
fn http_message(name: &str) -> (SignatureHeaders, Vec<u8>) {
    let bytes = std::fs::read(path(name)).unwrap();
    let split = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("head and body");
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let found = SignatureHeaders::collect(|name| {
        head.lines().filter_map(|l| l.split_once(": ")).find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    });
    (found, bytes[split + 4..].to_vec())
}

#[test]
fn notifications_verify_and_open() {
    let key = ApiV3Key::new(str_of(&json("identity.json"), "apiv3_key")).unwrap();
    for name in [
        "notify_transaction_success",
        "notify_transaction_success_pubkey",
        "notify_refund_success",
        "notify_refund_abnormal",
        "notify_refund_closed",
    ] {
        let (headers, body) = http_message(&format!("{name}.http"));
        assert_eq!(body, std::fs::read(path(&format!("{name}.body.json"))).unwrap(), "{name}");
        verify(&headers, &body, NOW, platform_key).unwrap_or_else(|e| panic!("{name}: {e}"));
        let envelope: Value = serde_json::from_slice(&body).unwrap();
        let resource = &envelope["resource"];
        let associated = resource["associated_data"].as_str().unwrap_or_default();
        let opened = open(&key, str_of(resource, "nonce"), associated, str_of(resource, "ciphertext")).unwrap();
        assert_eq!(opened, std::fs::read(path(&format!("{name}.plaintext.json"))).unwrap(), "{name}");
        let mut tampered = body.clone();
        tampered[10] ^= 1;
        assert!(verify(&headers, &tampered, NOW, platform_key).is_err(), "{name}");
    }
}

#[test]
fn the_signed_text_of_an_answer_is_the_vectors() {
    for case in json("response_verification.json")["cases"].as_array().unwrap() {
        let headers = headers(&case["headers"]);
        let Some(signed) = case["signed_message"].as_str().filter(|_| str_of(case, "expect") == "valid") else {
            continue;
        };
        let (timestamp, nonce) = (headers.timestamp.unwrap(), headers.nonce.unwrap());
        let message = response_message(&timestamp, &nonce, str_of(case, "body").as_bytes());
        assert_eq!(message, signed.as_bytes());
    }
}

#[test]
fn bills_read_and_their_hash_is_that_of_the_unpacked_bytes() {
    let manifest = json("bills/manifest.json");
    let mut checked = 0;
    for entry in std::fs::read_dir(path("bills")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(plain) = name.strip_suffix(".gz").or(name.strip_suffix(".csv").map(|_| name.as_str())) else {
            continue;
        };
        let packed = std::fs::read(path(&format!("bills/{name}"))).unwrap();
        let bytes = bill::unpack(&packed).unwrap();
        assert_eq!(*bytes, *std::fs::read(path(&format!("bills/{plain}"))).unwrap(), "{name}");
        let hash = bill::sha1_hex(&bytes);
        assert!(manifest.to_string().to_ascii_lowercase().contains(&hash), "{name}: {hash}");
        let mut bill = bill::Bill::open(&*bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let digest = bill::BillDigest::of(&mut bill).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Rows, what came in and what went out in fen, and what remains: exact.
        let (rows, came, went, net) = match plain {
            "trade_all_empty.csv" => (0, 0, 0, "¥0.00"),
            "trade_all.csv" | "trade_all_raw_comma.csv" => (3, 12_880, 880, "¥117.90"),
            "trade_refund.csv" => (1, 0, 880, "-¥8.14"),
            "fundflow_basic.csv" => (3, 2680, 830, "¥18.50"),
            _ => (2, 12_880, 0, "¥126.04"),
        };
        let found = match &digest.totals {
            bill::Totals::Trade(totals) => {
                let sums = totals.single().unwrap();
                (sums.paid.minor, sums.requested.minor)
            }
            bill::Totals::Flow(totals) => (totals.income.minor, totals.outgo.minor),
        };
        assert_eq!((digest.totals.rows(), found, &*digest.totals.columns()[3][0]), (rows, (came, went), net), "{name}");
        assert!(digest.parts[0].summary.as_ref().unwrap().holds(), "{name}: the summary says what the rows come to");
        checked += 1;
    }
    assert_eq!(checked, 14);
}
