//! The way from the queue to the receiver, in real time or played by hand. The world's own agenda is played along,
//! for what comes due there (a refund arrives) is what there is to tell.

use std::sync::Arc;

use axum::http::HeaderMap;
use tokio::task::JoinSet;

use super::queue::Errand;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::gateway::Shared;
use crate::sandbox::platform::{make_probe, set};
use crate::sandbox::reply::request_id;
use crate::sandbox::world::World;
use crate::sync::lock;

/// How many are sent at once in real time.
const AT_ONCE: usize = 16;

/// The clock does not go so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct TooFar;

/// Sends what comes due as time passes, until the gateway closes.
pub(in crate::sandbox) async fn run(shared: Arc<Shared>) {
    let mut under_way = JoinSet::new();
    // Who lets the clock stand still wants the same sequence again: one after the other.
    let at_once = if shared.clock.speed() == 0 { 1 } else { AT_ONCE };
    loop {
        shared.with_world(World::advance);
        while under_way.len() < at_once
            && let Some(errand) = next_errand(&shared)
        {
            let shared = Arc::clone(&shared);
            under_way.spawn(async move { deliver(&shared, errand).await });
        }
        // With every hand full only an end makes a difference.
        let wait = if under_way.len() < at_once { until_next(&shared) } else { None };
        let time = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.closing.cancelled() => return,
            () = shared.office.bell.notified() => {}
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = time => {}
        }
    }
}

/// What is due now, unless the clock is played by hand.
fn next_errand(shared: &Shared) -> Option<Errand> {
    let now = shared.clock.now();
    let mut queue = shared.office.queue();
    if queue.is_paused() { None } else { queue.take_due(now) }
}

/// How long until the next thing is due; `None` if nothing is, or the clock does not get there by itself.
fn until_next(shared: &Shared) -> Option<std::time::Duration> {
    let queue = shared.office.queue();
    let letter = queue.next_due().filter(|_| !queue.is_paused());
    drop(queue);
    let next = [letter, shared.next_in_world()].into_iter().flatten().min()?;
    shared.clock.until(next)
}

/// Moves the clock ahead, and plays all that is due on the way in the order of its time: the world's agenda and
/// sendings alike, each sending awaited before anything else happens. Returns the time it is then.
pub(in crate::sandbox) async fn advance(shared: &Shared, by: Duration) -> Result<Timestamp, TooFar> {
    let _turn = shared.office.turn.lock().await;
    let _pause = Pause::new(shared);
    shared.office.wait_for_all().await;
    let held = shared.clock.hold();
    let target = shared.clock.after(by).ok_or(TooFar)?;
    loop {
        let letter = shared.office.queue().next_due();
        let next = [letter, shared.next_in_world()].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= target) else { break };
        held.move_to(next);
        shared.with_world(World::advance);
        let errand = shared.office.queue().take_due(shared.clock.now());
        if let Some(errand) = errand {
            deliver(shared, errand).await;
        }
    }
    held.move_to(target);
    Ok(target)
}

/// While it lives, nothing is sent in real time.
struct Pause<'a>(&'a Shared);

impl<'a> Pause<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.office.queue().set_paused(true);
        Self(shared)
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.office.queue().set_paused(false);
        self.0.office.ring();
    }
}

impl super::Office {
    /// Waits until nothing is under way.
    async fn wait_for_all(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Listening begins before the look, so that no end is missed.
            settled.as_mut().enable();
            if self.queue().under_way() == 0 {
                return;
            }
            settled.await;
        }
    }
}

impl Shared {
    /// The headers of a callback, signed now: with the certificate or, as the gray switch has it, the public key.
    fn callback_headers(&self, body: &str, probe: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let public = self.faults.signs_with_public_key();
        let signer = lock(&self.identity).platform.callback_signer(public);
        if let Some(signer) = signer {
            signer.sign(body.as_bytes(), self.wire_now(), &mut headers);
        }
        if probe {
            make_probe(&mut headers);
        }
        set(&mut headers, "request-id", &request_id(0));
        headers
    }
}

/// Sends a letter, after a probe if the platform is in the mood, and notes what became of it.
async fn deliver(shared: &Shared, errand: Errand) {
    let at = shared.clock.now();
    let office = &shared.office;
    if shared.faults.probes_callback() {
        let answer = office.courier.carry(&errand.url, shared.callback_headers(&errand.body, true), &errand.body).await;
        office.queue().probed(&errand, at, answer);
    }
    let answer = office.courier.carry(&errand.url, shared.callback_headers(&errand.body, false), &errand.body).await;
    tracing::debug!(url = errand.url, answer = answer.word(), "a notification was sent");
    office.queue().settle(&errand, at, answer, shared.faults.treatment());
    office.settled.notify_waiters();
}
