//! A small world for the tests of its parts.

use super::*;
use crate::sandbox::answer::Answer;
use time::OffsetDateTime;

pub(crate) const APPID: &str = "wx5a1c0de5a1c0de01";
pub(crate) const SERVICE: &str = "00004501000000160777000000042424";
pub(crate) const MCHID: &str = "1900012345";
pub(crate) const USER: &str = "oFakeUser_0042";

pub(crate) fn merchant() -> SandboxMerchant {
    SandboxMerchant {
        mchid: MCHID.to_owned(),
        appid: APPID.to_owned(),
        service_id: SERVICE.to_owned(),
        notify_url: "https://merchant.example/notify".to_owned(),
        notify_url_global: "https://merchant.example/notify".to_owned(),
    }
}

/// `seconds` after the time of the test vectors.
pub(crate) fn at(seconds: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp(1_760_000_000 + seconds).unwrap()
}

pub(crate) fn world() -> World {
    let mut world = World::empty(merchant(), 1, false);
    world.permit(USER, at(-86_400));
    world.notices.clear();
    world
}

/// Calls an endpoint; `text` is its path parameters, parted by `/`, and its query behind a `?`.
pub(crate) fn call(
    world: &mut World,
    endpoint: EndpointId,
    text: &str,
    body: Value,
    now: Timestamp,
) -> Result<Value, SandboxRefusal> {
    let guide = endpoint.endpoint().guide;
    let global = guide == crate::model::endpoint::Guide::Global;
    let caller = if global { Caller::Global(Party::Institution) } else { Caller::Mainland };
    call_as(world, caller, endpoint, text, body, now)
}

pub(crate) fn call_as(
    world: &mut World,
    caller: Caller,
    endpoint: EndpointId,
    text: &str,
    body: Value,
    now: Timestamp,
) -> Result<Value, SandboxRefusal> {
    let segments = endpoint.endpoint().path.split('/');
    let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let call = Call {
        caller,
        endpoint,
        parameters: names.zip(path.split('/').map(str::to_owned)).collect(),
        query: query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
        body: match body {
            Value::Object(map) => map,
            _ => Map::new(),
        },
    };
    world.handle(&call, now).map(|answer| match answer {
        Answer::Document(value) => value,
        Answer::File { bytes, .. } => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
        Answer::Statement(text) => text.into(),
        Answer::Nothing => Value::Null,
    })
}

/// The status and code of a refusal.
pub(crate) fn code(outcome: &Result<Value, SandboxRefusal>) -> &'static str {
    outcome.as_ref().err().map_or("", |refusal| refusal.code.as_str())
}

/// The creation of a small plan.
pub(crate) fn plan_creation(number: &str) -> Value {
    super::plan::tests::creation(number, &[9900, 8800, 0])
}
