//! Takes messages from the queue to the receiver, in real time or as the clock is moved by hand. The world's agenda is
//! run along with it, because what comes due there (a refund arrives) is what gets announced.

use std::sync::Arc;

use axum::http::HeaderMap;
use tokio::task::JoinSet;

use super::queue::Outgoing;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::platform::{make_probe, set};
use crate::sandbox::reply::request_id;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::World;
use crate::sync::lock;

/// How many messages are sent at once in real time.
const AT_ONCE: usize = 16;

/// The clock cannot be moved that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct TooFar;

/// Sends what comes due as time passes, until the gateway closes.
pub(in crate::sandbox) async fn run(shared: Arc<Shared>) {
    let mut under_way = JoinSet::new();
    // With a clock that stands still, runs must be repeatable: one message after the other.
    let at_once = if shared.clock.speed() == 0 { 1 } else { AT_ONCE };
    loop {
        shared.with_world(World::advance);
        while under_way.len() < at_once
            && let Some(outgoing) = next_outgoing(&shared)
        {
            let shared = Arc::clone(&shared);
            under_way.spawn(async move { deliver(&shared, outgoing).await });
        }
        // At the limit only the end of an attempt makes a difference.
        let wait = if under_way.len() < at_once { until_next(&shared) } else { None };
        let time = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.closing.cancelled() => return,
            () = shared.outbox.woken.notified() => {}
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = time => {}
        }
    }
}

/// What is due now, unless the clock is being moved by hand.
fn next_outgoing(shared: &Shared) -> Option<Outgoing> {
    let now = shared.clock.now();
    let mut queue = shared.outbox.queue();
    if queue.is_paused() { None } else { queue.take_due(now) }
}

/// How long until the next thing is due; `None` if nothing is, or the clock does not get there by itself.
fn until_next(shared: &Shared) -> Option<std::time::Duration> {
    let queue = shared.outbox.queue();
    let message = queue.next_due().filter(|_| !queue.is_paused());
    drop(queue);
    let next = [message, shared.next_in_world()].into_iter().flatten().min()?;
    shared.clock.until(next)
}

/// Moves the clock ahead and does everything that comes due on the way in the order of its time: the world's agenda and
/// attempts to send alike, each attempt awaited before anything else happens. Returns the time reached.
pub(in crate::sandbox) async fn advance(shared: &Shared, by: Duration) -> Result<Timestamp, TooFar> {
    let _turn = shared.outbox.clock_turn.lock().await;
    let _pause = Pause::new(shared);
    shared.outbox.wait_until_idle().await;
    let hold = shared.clock.hold();
    let target = shared.clock.after(by).ok_or(TooFar)?;
    loop {
        let message = shared.outbox.queue().next_due();
        let next = [message, shared.next_in_world()].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= target) else { break };
        hold.move_to(next);
        shared.with_world(World::advance);
        let outgoing = shared.outbox.queue().take_due(shared.clock.now());
        if let Some(outgoing) = outgoing {
            deliver(shared, outgoing).await;
        }
    }
    hold.move_to(target);
    Ok(target)
}

/// While it lives, nothing is sent in real time.
struct Pause<'a>(&'a Shared);

impl<'a> Pause<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.outbox.queue().set_paused(true);
        Self(shared)
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.outbox.queue().set_paused(false);
        self.0.outbox.wake();
    }
}

/// The headers of a callback, signed now: with the certificate or, for the share of the gray switch, the public key.
fn callback_headers(shared: &Shared, body: &str, probe: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let public = shared.faults.signs_with_public_key();
    let signer = lock(&shared.identity).platform.callback_signer(public);
    if let Some(signer) = signer {
        signer.sign(body.as_bytes(), shared.wire_now(), &mut headers);
    }
    if probe {
        make_probe(&mut headers);
    }
    set(&mut headers, "request-id", &request_id(0));
    headers
}

/// Sends a message, after a probe if one is due, and records the result.
async fn deliver(shared: &Shared, outgoing: Outgoing) {
    let at = shared.clock.now();
    let outbox = &shared.outbox;
    let send = async |probe: bool| {
        let headers = callback_headers(shared, &outgoing.body, probe);
        outbox.sender.send(&outgoing.url, headers, &outgoing.body).await
    };
    if shared.faults.probes_callback() {
        let answer = send(true).await;
        outbox.queue().probed(&outgoing, at, answer);
    }
    let answer = send(false).await;
    tracing::debug!(url = outgoing.url, answer = answer.word(), "a notification was sent");
    outbox.queue().settle(&outgoing, at, answer, shared.faults.treatment());
    outbox.settled.notify_waiters();
}
