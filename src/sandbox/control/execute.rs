//! Runs a verb against the users, the clock and the behaviour of a running gateway.

use std::sync::Arc;
use std::time::Duration as RealDuration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::grammar::{ArgumentError, Arguments, Verb, VerbId};
use crate::model::time::{Duration, rfc3339};
use crate::sandbox::faults::{Fault, FaultMatcher};
use crate::sandbox::notify::{NotificationRecord, delivery};
use crate::sandbox::shared::Shared;
use crate::sandbox::user::User;
use crate::sandbox::world::UserError;

/// The delay of a slow answer unless another is given.
const SLOW: RealDuration = RealDuration::from_secs(10);

/// The codes of rejections that are no [`Reason`](crate::sandbox::Reason) of the world.
pub const UNKNOWN_NUMBER: &str = "unknown-number";
pub const CLOCK_TOO_FAR: &str = "clock-too-far";

/// Why a verb was not run.
#[derive(Debug)]
pub(super) enum ControlError {
    /// The request does not follow the grammar.
    Usage(String),
    /// The world's rules forbid it now.
    World(UserError),
    /// The clock cannot be moved that far.
    TooFar,
    /// A key could not be made or a file not be written.
    Failed(String),
}

impl From<ArgumentError> for ControlError {
    fn from(error: ArgumentError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<UserError> for ControlError {
    fn from(error: UserError) -> Self {
        Self::World(error)
    }
}

impl ControlError {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::Usage(_) => StatusCode::BAD_REQUEST,
            Self::World(_) | Self::TooFar | Self::Failed(_) => StatusCode::CONFLICT,
        }
    }

    /// The error as a client reads it; `message` is for those that do not know the code.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Usage(message) => json!({ "kind": "usage", "message": message }),
            Self::World(error) => {
                let (code, number) = match error {
                    UserError::Unknown(number) => (UNKNOWN_NUMBER, number.as_str()),
                    UserError::NotNow(reason) => (reason.code(), ""),
                };
                json!({ "kind": "refused", "code": code, "number": number, "message": error.to_string() })
            }
            Self::TooFar => json!({ "kind": "refused", "code": CLOCK_TOO_FAR, "message": "the clock is at its end" }),
            Self::Failed(message) => json!({ "kind": "refused", "message": message }),
        }
    }
}

/// Runs the verb and returns the document that reports the result.
pub(super) async fn execute(shared: &Arc<Shared>, verb: &Verb, arguments: &Arguments) -> Result<Value, ControlError> {
    let user = User(shared);
    let faults = &shared.faults;
    match verb.id {
        VerbId::Sign => user.sign(arguments.text("number")?)?,
        VerbId::Unsign => user.cancel_sign(arguments.text("number")?)?,
        VerbId::Revoke => user.close_service(arguments.text("number")?)?,
        VerbId::Confirm => user.confirm(arguments.text("number")?)?,
        VerbId::Pay => user.pay(arguments.text("number")?)?,
        VerbId::Fail => user.fail(arguments.text("number")?)?,
        VerbId::Deduct => user.begin_deduction(arguments.text("number")?, arguments.duration("for")?)?,
        VerbId::PayTogether => {
            let numbers = [Ok(arguments.text("number")?), arguments.text("other")];
            let numbers: Vec<&str> = numbers.into_iter().filter_map(Result::ok).collect();
            user.pay_together(&numbers)?;
        }
        VerbId::UseCoupon => user.use_coupon(arguments.text("number")?)?,
        VerbId::Expire => user.expire(arguments.text("number")?)?,
        VerbId::RefundSucceed => user.succeed_refund(arguments.text("number")?)?,
        VerbId::RefundFail => user.fail_refund(arguments.text("number")?)?,
        VerbId::RefundClose => user.close_refund(arguments.text("number")?)?,
        VerbId::Authorise => user.authorise(arguments.text("openid")?)?,
        VerbId::RefuseRisk => user.refuse_risk(arguments.text("openid")?),
        VerbId::Users => shared.with_world(|world, _| world.set_users_act(arguments.switch())),
        VerbId::Clock => return clock(shared, arguments).await,
        VerbId::Notifications => {
            let all = shared.outbox.list();
            return Ok(json!({ "notifications": all.iter().map(NotificationRecord::json).collect::<Vec<_>>() }));
        }
        VerbId::Behaviour => return Ok(behaviour(shared)),
        VerbId::Probe => faults.set_probes(arguments.percent("share")?),
        VerbId::Duplicate => faults.set_duplicate(arguments.switch()),
        VerbId::Reorder => faults.set_reorder(arguments.switch()),
        VerbId::Limit => faults.set_limit(arguments.limit("most")?),
        VerbId::Fault => plan_fault(shared, arguments)?,
        VerbId::Rotate => return rotate(shared).await,
        VerbId::Gray => faults.set_gray(arguments.percent("share")?),
        VerbId::PublicKeyOnly => faults.set_public_key_only(arguments.switch()),
        VerbId::ErrorsUnsigned => faults.set_errors_unsigned(arguments.switch()),
        VerbId::ExpireLinks => {
            let seconds = arguments.number("seconds").and_then(|seconds| u32::try_from(seconds).ok());
            faults.links_expire_after(seconds.unwrap_or(0));
        }
        VerbId::ClockOffset => {
            let seconds = arguments.number("seconds").ok_or(ArgumentError::Missing("seconds"))?;
            faults.set_clock_offset(Duration::seconds(seconds));
        }
        VerbId::Calm => faults.clear(),
    }
    Ok(json!({ "done": verb.name }))
}

async fn clock(shared: &Arc<Shared>, arguments: &Arguments) -> Result<Value, ControlError> {
    if arguments.text("move").is_ok() {
        let by = arguments.duration("by")?;
        // In a task of its own: if the client hangs up, the advance still runs to its end.
        let advancing = Arc::clone(shared);
        let advanced = tokio::spawn(async move { delivery::advance(&advancing, by).await });
        if !matches!(advanced.await, Ok(Ok(_))) {
            return Err(ControlError::TooFar);
        }
    }
    Ok(json!({ "time": rfc3339(shared.clock.now()), "speed": shared.clock.speed() }))
}

async fn rotate(shared: &Arc<Shared>) -> Result<Value, ControlError> {
    let rotating = Arc::clone(shared);
    let rotated = tokio::task::spawn_blocking(move || rotating.rotate_certificate()).await;
    match rotated {
        Ok(Ok(serial)) => Ok(json!({ "serial_no": serial.as_str() })),
        Ok(Err(error)) => Err(ControlError::Failed(error.to_string())),
        Err(error) => Err(ControlError::Failed(error.to_string())),
    }
}

fn plan_fault(shared: &Shared, arguments: &Arguments) -> Result<(), ControlError> {
    let kind = arguments.text("kind")?;
    let delay = arguments.duration("for").map_or(SLOW, Duration::unsigned_abs);
    // `answer-about` is the only fault that needs a further argument.
    let fault = Fault::named(kind, delay, arguments.text("about").ok()).ok_or(ArgumentError::Missing("about"))?;
    let times = arguments.number("times").and_then(|times| usize::try_from(times).ok()).unwrap_or(1);
    match arguments.text("path") {
        Ok(path) => shared.faults.times_under(path, fault, times),
        Err(_) => shared.faults.times(FaultMatcher::any(), fault, times),
    }
    Ok(())
}

fn behaviour(shared: &Shared) -> Value {
    let behaviour = shared.faults.behaviour();
    let switch = |on: bool| if on { "on" } else { "off" };
    json!({
        "users": switch(shared.with_world(|world, _| world.users_act())),
        "probe": behaviour.probe,
        "duplicate": switch(behaviour.duplicate),
        "reorder": switch(behaviour.reorder),
        "limit": behaviour.limit,
        "gray": behaviour.gray,
        "public-key-only": switch(behaviour.public_key_only),
        "errors-unsigned": switch(behaviour.errors_unsigned),
        "expire-links": behaviour.link_life.whole_seconds(),
        "clock-offset": behaviour.clock_offset.whole_seconds(),
        "fault": behaviour.faults,
    })
}
