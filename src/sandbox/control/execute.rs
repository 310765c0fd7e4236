//! Does what a verb says, to the users, the clock and the manners of a running gateway.

use std::sync::Arc;
use std::time::Duration as RealDuration;

use serde_json::{Value, json};

use super::grammar::{Arguments, Does, Misfit, Verb};
use super::words;
use crate::model::time::{Duration, rfc3339};
use crate::sandbox::gateway::Shared;
use crate::sandbox::user::User;
use crate::sandbox::{Fault, Matcher, UserError, notify};

/// How late a slow answer is unless it is said otherwise.
const SLOW: RealDuration = RealDuration::from_secs(10);

/// Why a verb was not done.
#[derive(Debug)]
pub(super) enum Refused {
    /// It was not said in a way that could be understood.
    Usage(String),
    /// It is not possible now, in words for the person.
    World(String),
}

impl From<Misfit> for Refused {
    fn from(misfit: Misfit) -> Self {
        Self::Usage(misfit.to_string())
    }
}

/// Does it and tells what is then.
pub(super) async fn play(
    shared: &Arc<Shared>,
    verb: &Verb,
    arguments: &Arguments,
    english: bool,
) -> Result<Value, Refused> {
    let user = User(shared);
    let faults = &shared.faults;
    let told = |result: Result<(), UserError>| result.map_err(|error| Refused::World(words::refusal(&error, english)));
    match verb.does {
        Does::Sign => told(user.sign(arguments.text("number")?))?,
        Does::Unsign => told(user.cancel_sign(arguments.text("number")?))?,
        Does::Revoke => told(user.close_service(arguments.text("number")?))?,
        Does::Confirm => told(user.confirm(arguments.text("number")?))?,
        Does::Pay => told(user.pay(arguments.text("number")?))?,
        Does::Fail => told(user.fail(arguments.text("number")?))?,
        Does::Deduct => told(user.begin_deduction(arguments.text("number")?, arguments.duration("for")?))?,
        Does::PayTogether => {
            let numbers = [Ok(arguments.text("number")?), arguments.text("other")];
            let numbers: Vec<&str> = numbers.into_iter().filter_map(Result::ok).collect();
            told(user.pay_together(&numbers))?;
        }
        Does::UseCoupon => told(user.use_coupon(arguments.text("number")?))?,
        Does::Expire => told(user.expire(arguments.text("number")?))?,
        Does::RefundSucceed => told(user.succeed_refund(arguments.text("number")?))?,
        Does::RefundFail => told(user.fail_refund(arguments.text("number")?))?,
        Does::RefundClose => told(user.close_refund(arguments.text("number")?))?,
        Does::Authorise => told(user.authorise(arguments.text("openid")?))?,
        Does::RefuseRisk => user.refuse_risk(arguments.text("openid")?),
        Does::Users => shared.with_world(|world, _| world.let_users_act(arguments.switch())),
        Does::Clock => return clock(shared, arguments, english).await,
        Does::Notifications => {
            let all = shared.office.list();
            return Ok(json!({ "notifications": all.iter().map(|told| told.json()).collect::<Vec<_>>() }));
        }
        Does::Manners => return Ok(manners(shared)),
        Does::Probe => faults.set_probes(arguments.percent("share")?),
        Does::Duplicate => faults.set_duplicate(arguments.switch()),
        Does::Reorder => faults.set_reorder(arguments.switch()),
        Does::Limit => faults.set_limit(arguments.limit("most")?),
        Does::Fault => plan_fault(shared, arguments)?,
        Does::Rotate => return rotate(shared).await,
        Does::Gray => faults.set_gray(arguments.percent("share")?),
        Does::PublicKeyOnly => faults.set_public_key_only(arguments.switch()),
        Does::ErrorsUnsigned => faults.set_errors_unsigned(arguments.switch()),
        Does::ExpireLinks => {
            let seconds = arguments.number("seconds").and_then(|seconds| u32::try_from(seconds).ok());
            faults.links_expire_after(seconds.unwrap_or(0));
        }
        Does::ClockOffset => {
            let seconds = arguments.number("seconds").ok_or(Misfit::Missing("seconds"))?;
            faults.set_clock_offset(Duration::seconds(seconds));
        }
        Does::Calm => faults.clear(),
    }
    Ok(json!({ "done": verb.name }))
}

async fn clock(shared: &Arc<Shared>, arguments: &Arguments, english: bool) -> Result<Value, Refused> {
    match (arguments.text("move"), arguments.duration("by")) {
        (Ok(_), Ok(by)) => {
            // In a task of its own: whoever asked may hang up, and what was begun is played to its end.
            let playing = Arc::clone(shared);
            let played = tokio::spawn(async move { notify::advance(&playing, by).await });
            if !matches!(played.await, Ok(Ok(_))) {
                let why = if english { "the clock does not go so far" } else { "时钟走不到那么远" };
                return Err(Refused::World(why.to_owned()));
            }
        }
        (Ok(_), Err(missing)) => return Err(missing.into()),
        (Err(_), _) => {}
    }
    Ok(json!({ "time": rfc3339(shared.clock.now()), "speed": shared.clock.speed() }))
}

async fn rotate(shared: &Arc<Shared>) -> Result<Value, Refused> {
    let rotating = Arc::clone(shared);
    let rotated = tokio::task::spawn_blocking(move || rotating.rotate_certificate()).await;
    match rotated {
        Ok(Ok(serial)) => Ok(json!({ "serial_no": serial.as_str() })),
        Ok(Err(error)) => Err(Refused::World(error.to_string())),
        Err(error) => Err(Refused::World(error.to_string())),
    }
}

fn plan_fault(shared: &Shared, arguments: &Arguments) -> Result<(), Refused> {
    let kind = arguments.text("kind")?;
    let delay = arguments.duration("for").map_or(SLOW, Duration::unsigned_abs);
    // Of all the faults only this one can be without what it needs.
    let fault = Fault::named(kind, delay, arguments.text("about").ok()).ok_or(Misfit::Missing("about"))?;
    let times = arguments.number("times").and_then(|times| usize::try_from(times).ok()).unwrap_or(1);
    match arguments.text("path") {
        Ok(path) => shared.faults.times_under(path, fault, times),
        Err(_) => shared.faults.times(Matcher::any(), fault, times),
    }
    Ok(())
}

fn manners(shared: &Shared) -> Value {
    let manners = shared.faults.manners();
    let switch = |on: bool| if on { "on" } else { "off" };
    json!({
        "users": switch(shared.with_world(|world, _| world.users_act())),
        "probe": manners.probe,
        "duplicate": switch(manners.duplicate),
        "reorder": switch(manners.reorder),
        "limit": manners.limit,
        "gray": manners.gray,
        "public-key-only": switch(manners.public_key_only),
        "errors-unsigned": switch(manners.errors_unsigned),
        "expire-links": manners.link_life.whole_seconds(),
        "clock-offset": manners.clock_offset.whole_seconds(),
        "fault": manners.faults,
    })
}
