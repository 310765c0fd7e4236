//! The gate: every check that precedes the business rules, in the server's order (protocol reference §4).

use std::collections::{HashSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Mutex;

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use super::answer::{Code, SandboxRefusal};
use super::world::{Call, Caller, Party};
use crate::crypto::{Authorization, AuthorizationError, CLOCK_WINDOW_SECONDS, Certificate, request_message};
use crate::model::endpoint::{Guide, NoEndpoint, percent_decode};
use crate::model::{Endpoint, EndpointId, Method};
use crate::sync::lock;

/// How many characters a `nonce_str` has. The reference does not say; WeChat Pay's own are 32 long.
const NONCE_LENGTH: RangeInclusive<usize> = 16..=32;

/// The longest body of a request.
pub(super) const LONGEST_BODY: usize = 1 << 20;

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawRequest<'a> {
    pub(super) method: &'a str,
    /// Path and query exactly as on the wire.
    pub(super) target: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// How a request is rejected.
#[derive(Debug)]
pub(super) enum Rejected {
    /// 404 or 405 without a body.
    Unrouted(u16),
    /// The sender was not authenticated, so the answer is not signed.
    Unauthenticated(SandboxRefusal),
    /// The sender is authenticated, but the request is not well formed.
    Invalid(SandboxRefusal),
}

/// Admits only the merchants of the sandbox, which share a key.
#[derive(Debug)]
pub(super) struct Gate {
    /// The mainland merchant's number.
    mchid: String,
    certificate: Certificate,
    nonces: Mutex<Nonces>,
}

/// The nonces of the last minutes.
#[derive(Debug, Default)]
struct Nonces {
    known: HashSet<String>,
    order: VecDeque<(i64, String)>,
}

impl Nonces {
    /// False if the nonce was used within the window. Older ones need not be kept: their timestamps are refused.
    fn admit(&mut self, nonce: &str, now: i64) -> bool {
        let window = 2 * CLOCK_WINDOW_SECONDS.cast_signed();
        while let Some((at, _)) = self.order.front()
            && *at + window < now
            && let Some((_, old)) = self.order.pop_front()
        {
            self.known.remove(&old);
        }
        let fresh = self.known.insert(nonce.to_owned());
        if fresh {
            self.order.push_back((now, nonce.to_owned()));
        }
        fresh
    }
}

fn sign_error(chinese: &'static str, english: &'static str) -> SandboxRefusal {
    SandboxRefusal::new(Code::SignError, chinese, english)
}

impl Gate {
    pub(super) fn new(mchid: &str, certificate: Certificate) -> Self {
        Self { mchid: mchid.to_owned(), certificate, nonces: Mutex::default() }
    }

    /// Turns a request into a call, or says how to reject it.
    pub(super) fn check(&self, request: &RawRequest<'_>, now: i64) -> Result<Call, Rejected> {
        let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
        let (endpoint, parameters) = Endpoint::find(request.method, path).map_err(|none| match none {
            NoEndpoint::Path => Rejected::Unrouted(404),
            NoEndpoint::Method => Rejected::Unrouted(405),
        })?;
        let empty = |name: &str| request.headers.get(name).is_none_or(|value| value.is_empty());
        if empty("accept") || empty("user-agent") {
            return Err(Rejected::Unauthenticated(SandboxRefusal::new(
                Code::InvalidRequest,
                "Http头缺少Accept或User-Agent",
                "the header Accept or User-Agent is missing",
            )));
        }
        let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        self.verify(header, request.method, request.target, request.body, now).map_err(Rejected::Unauthenticated)?;
        let mchid = header.and_then(|header| Authorization::parse(header).ok()).map(|signed| signed.mchid);
        let mchid = mchid.unwrap_or_default();
        let caller = self.caller(&mchid).unwrap_or(Caller::Mainland);
        if (endpoint.guide == Guide::Global) != (caller != Caller::Mainland) {
            return Err(Rejected::Invalid(SandboxRefusal::overseas()));
        }
        let body = self.body(endpoint.method, request, &mchid).map_err(Rejected::Invalid)?;
        let malformed = || {
            Rejected::Invalid(SandboxRefusal::new(
                Code::ParamError,
                "请求参数编码错误",
                "the target is not percent-encoded UTF-8",
            ))
        };
        let parameters = parameters
            .into_iter()
            .map(|(name, value)| Some((name, percent_decode(&value)?)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(malformed)?;
        let query = decode_query(query).ok_or_else(malformed)?;
        Ok(Call { caller, endpoint: endpoint.id, parameters, query, body })
    }

    /// The merchant with this number.
    fn caller(&self, mchid: &str) -> Option<Caller> {
        let global = || Party::ALL.into_iter().find(|party| party.mchid() == mchid).map(Caller::Global);
        if mchid == self.mchid { Some(Caller::Mainland) } else { global() }
    }

    /// Verifies the `Authorization` header over what was signed: the body, or the `meta` part of an upload.
    pub(super) fn verify(
        &self,
        header: Option<&str>,
        method: &str,
        target: &str,
        signed_body: &[u8],
        now: i64,
    ) -> Result<(), SandboxRefusal> {
        let malformed = || {
            sign_error(
                "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
                "the Authorization header is missing or malformed",
            )
            .tail(270_924_332)
        };
        let header = header.filter(|h| h.contains(' ')).ok_or_else(malformed)?;
        let authorization = Authorization::parse(header).map_err(|error| match error {
            AuthorizationError::Scheme => {
                sign_error("HTTP头Authorization认证类型不正确", "the scheme of the Authorization header is not known")
            }
            AuthorizationError::Grammar | AuthorizationError::Value(_) => malformed(),
        })?;
        if !NONCE_LENGTH.contains(&authorization.nonce_str.chars().count()) {
            return Err(sign_error(
                "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
                "the nonce_str of the Authorization header is not 16 to 32 characters long",
            )
            .tail(270_924_332));
        }
        let at: i64 = authorization.timestamp.parse().map_err(|_| malformed())?;
        // Exactly five minutes still pass here; the vectors refuse from 301 s on.
        if at.abs_diff(now) > CLOCK_WINDOW_SECONDS {
            return Err(sign_error(
                "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
                "the timestamp of the Authorization header is more than 5 minutes from now",
            )
            .tail(268_573_590));
        }
        if self.caller(&authorization.mchid).is_none() || authorization.serial_no != self.certificate.serial.as_str() {
            return Err(sign_error(
                "商户证书序列号有误。请使用签名私钥匹配的证书序列号",
                "the merchant certificate's serial number is wrong",
            )
            .tail(269_546_507));
        }
        if now >= self.certificate.not_after.unix_timestamp() {
            return Err(sign_error("商户证书已过期", "the merchant certificate has expired").tail(269_546_505));
        }
        if !authorization.is_signed_by(&self.certificate.public_key, method, target, signed_body) {
            let message =
                request_message(method, target, &authorization.timestamp, &authorization.nonce_str, signed_body);
            return Err(sign_error("签名错误", "the signature is wrong").detail(diagnosis(method, target, &message)));
        }
        let mut nonces = lock(&self.nonces);
        if !nonces.admit(&authorization.nonce_str, now) {
            return Err(sign_error("nonce_str重复，请求重放", "the nonce_str was used before"));
        }
        Ok(())
    }

    /// The body as an object; that of a GET is ignored.
    fn body(
        &self,
        method: Method,
        request: &RawRequest<'_>,
        mchid: &str,
    ) -> Result<Map<String, Value>, SandboxRefusal> {
        if method == Method::Get || request.body.is_empty() {
            return Ok(Map::new());
        }
        let wrong =
            |chinese: &'static str, english: &'static str| SandboxRefusal::new(Code::ParamError, chinese, english);
        let content_type = request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
        if !content_type.to_ascii_lowercase().starts_with("application/json") {
            return Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "Http头Content-Type必须为application/json",
                "Content-Type must be application/json",
            ));
        }
        if request.body.len() > LONGEST_BODY {
            return Err(wrong("请求体超过最大长度", "the body is longer than 1 MiB"));
        }
        let text =
            std::str::from_utf8(request.body).map_err(|_| wrong("请求体不是UTF-8编码", "the body is not UTF-8"))?;
        let value: Value =
            serde_json::from_str(text).map_err(|_| wrong("请求体不是合法的JSON", "the body is not JSON"))?;
        let Value::Object(body) = value else {
            return Err(wrong("请求体必须是JSON对象", "the body is not a JSON object"));
        };
        for (name, member) in &body {
            check_value(member, &format!("/{name}"))?;
        }
        if body.get("mchid").is_some_and(|named| named.is_string() && *named != *mchid) {
            return Err(wrong(
                "http header中的mchid与post payload中的mchid不匹配",
                "the mchid of the body is not that of the Authorization header",
            ));
        }
        Ok(body)
    }
}

/// Refuses null and characters outside the Basic Multilingual Plane (protocol reference §2).
fn check_value(value: &Value, pointer: &str) -> Result<(), SandboxRefusal> {
    let wrong = |chinese: &str, issue: &str| {
        let detail = json!({ "field": pointer, "value": value, "issue": issue, "location": "body" });
        Err(SandboxRefusal::new(
            Code::ParamError,
            format!("输入源“/body{pointer}”{chinese}"),
            format!("{pointer}: {issue}"),
        )
        .detail(detail))
    };
    match value {
        Value::Null => wrong("不能为null", "null is not allowed"),
        Value::String(text) if text.chars().any(|c| c > '\u{ffff}') => {
            wrong("含有不支持的字符", "characters of four UTF-8 bytes are not allowed")
        }
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| check_value(item, &format!("{pointer}/{i}")))
        }
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| check_value(member, &format!("{pointer}/{name}")))
        }
        _ => Ok(()),
    }
}

/// What the server signed, for the developer to compare.
fn diagnosis(method: &str, target: &str, message: &[u8]) -> Value {
    let text: String = String::from_utf8_lossy(message).chars().take(256).collect();
    json!({
        "field": "signature", "location": "authorization", "detail": { "issue": "sign not match" },
        "sign_information": {
            "method": method, "url": target, "truncated_sign_message": text, "sign_message_length": message.len(),
        },
    })
}

/// Splits and decodes a query. A plus is a space here, which is why times must be encoded.
fn decode_query(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// The endpoint of a request, before anything is checked: for the log.
pub(super) fn endpoint_of(method: &str, target: &str) -> Option<EndpointId> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    Endpoint::find(method, path).ok().map(|(endpoint, _)| endpoint.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PrivateKey;
    use proptest::prelude::*;
    use secrecy::SecretString;

    const NOW: i64 = 1_760_000_000;

    fn vector(name: &str) -> String {
        let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    }

    fn gate() -> Gate {
        let certificate = Certificate::parse(&vector("keys/merchant_cert.TESTONLY.pem")).unwrap();
        Gate::new("1900009999", certificate)
    }

    fn cases(name: &str) -> Vec<Value> {
        let vectors: Value = serde_json::from_str(&vector(name)).unwrap();
        vectors["cases"].as_array().unwrap().clone()
    }

    #[test]
    fn every_signed_vector_is_accepted_once() {
        let gate = gate();
        for case in cases("request_signing.json") {
            let text = |name: &str| case[name].as_str().unwrap();
            let verify = || {
                gate.verify(
                    Some(text("authorization")),
                    text("method"),
                    text("url"),
                    text("signed_body").as_bytes(),
                    NOW,
                )
            };
            assert_eq!(verify(), Ok(()), "{}", text("name"));
            assert_eq!(verify().map_err(|r| r.code), Err(Code::SignError), "a replay of {}", text("name"));
        }
    }

    #[test]
    fn every_rejection_vector_is_refused() {
        for case in cases("request_rejections.json") {
            let header = case["authorization"].as_str();
            let text = |name: &str| case[name].as_str().unwrap();
            let outcome = gate().verify(header, text("method"), text("url"), text("body").as_bytes(), NOW);
            assert_eq!(outcome.map_err(|r| r.code), Err(Code::SignError), "{}", text("name"));
        }
    }

    /// Passes a request through the gate, signed now.
    fn send(method: &str, target: &str, body: &str, without: &str) -> Result<Call, Rejected> {
        let key = PrivateKey::parse(&SecretString::from(vector("keys/merchant_key_pkcs8.TESTONLY.pem"))).unwrap();
        let gate = gate();
        let serial = gate.certificate.serial.clone();
        let authorization =
            Authorization::sign(&key, "1900009999", serial.as_str(), method, target, body.as_bytes(), NOW);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", "application/json"),
            ("user-agent", "test"),
            ("content-type", "application/json"),
            ("authorization", &authorization.to_string()),
        ] {
            if name != without {
                headers.insert(name, value.parse().unwrap());
            }
        }
        gate.check(&RawRequest { method, target, headers: &headers, body: body.as_bytes() }, NOW)
    }

    #[test]
    fn checks_come_in_the_servers_order() {
        const CLOSE: &str = "/v3/pay/transactions/out-trade-no/PAY00000001/close";
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST_BODY));
        let cases = [
            ("GET", "/v3/nothing", "", "accept", "unrouted 404"),
            ("DELETE", CLOSE, "", "accept", "unrouted 405"),
            ("POST", CLOSE, "{}", "accept", "unauthenticated INVALID_REQUEST"),
            ("POST", CLOSE, "{}", "user-agent", "unauthenticated INVALID_REQUEST"),
            ("POST", CLOSE, "{}", "authorization", "unauthenticated SIGN_ERROR"),
            ("POST", CLOSE, "{}", "content-type", "invalid INVALID_REQUEST"),
            ("POST", CLOSE, "[]", "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, "{", "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, "{\"a\":{\"b\":[null]}}", "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, "{\"a\":\"😀\"}", "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, &long, "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, "{\"mchid\":\"1900000000\"}", "", "invalid PARAM_ERROR"),
            ("POST", CLOSE, "{\"mchid\":\"1900009999\"}", "", "passed"),
            ("POST", CLOSE, "", "", "passed"),
            ("GET", "/v3/marketing/favor/stocks?offset=%zz", "", "", "invalid PARAM_ERROR"),
        ];
        for (method, target, body, without, expected) in cases {
            let outcome = match send(method, target, body, without) {
                Ok(_) => "passed".to_owned(),
                Err(Rejected::Unrouted(status)) => format!("unrouted {status}"),
                Err(Rejected::Unauthenticated(refusal)) => format!("unauthenticated {}", refusal.code.as_str()),
                Err(Rejected::Invalid(refusal)) => format!("invalid {}", refusal.code.as_str()),
            };
            assert_eq!(outcome, expected, "{method} {target} {:.40}", body);
        }
    }

    #[test]
    fn a_nonce_of_another_length_than_16_to_32_characters_is_refused_although_it_is_signed() {
        let key = PrivateKey::parse(&SecretString::from(vector("keys/merchant_key_pkcs8.TESTONLY.pem"))).unwrap();
        let gate = gate();
        let verify = |nonce: &str| {
            let (method, target) = ("GET", "/v3/certificates");
            let signature = key.sign(&request_message(method, target, &NOW.to_string(), nonce, b""));
            let header = format!(
                "WECHATPAY2-SHA256-RSA2048 mchid=\"1900009999\",nonce_str=\"{nonce}\",signature=\"{signature}\",\
                 timestamp=\"{NOW}\",serial_no=\"{}\"",
                gate.certificate.serial
            );
            gate.verify(Some(&header), method, target, b"", NOW).map_err(|refusal| refusal.code)
        };
        for length in [16, 17, 31, 32] {
            assert_eq!(verify(&"n".repeat(length)), Ok(()), "{length}");
        }
        for length in [1, 15, 33, 128] {
            assert_eq!(verify(&"n".repeat(length)), Err(Code::SignError), "{length}");
        }
    }

    #[test]
    fn a_wrong_signature_is_diagnosed() {
        let case = &cases("request_rejections.json")[0];
        let (url, header) = (case["url"].as_str().unwrap(), case["authorization"].as_str());
        let body = gate().verify(header, "GET", url, b"", NOW).unwrap_err().body(false);
        let information = &body["detail"]["sign_information"];
        assert_eq!(information["url"], url);
        assert_eq!(information["sign_message_length"], 117);
    }

    #[test]
    fn parameters_arrive_decoded() {
        let call = send("GET", "/v3/pay/transactions/out-trade-no/AB%7CC%2A1?mchid=19%2B1&x=a+b", "", "").unwrap();
        assert_eq!(call.parameters, [("out_trade_no", "AB|C*1".to_owned())]);
        assert_eq!(call.query[0].1, "19+1");
        assert_eq!(call.query[1].1, "a b");
    }

    proptest! {
        #[test]
        fn no_header_that_is_not_signed_passes(header in "(WECHATPAY2-SHA256-RSA2048 )?[ -~]{0,120}") {
            prop_assert!(gate().verify(Some(&header), "GET", "/v3/certificates", b"", NOW).is_err());
        }
    }
}
