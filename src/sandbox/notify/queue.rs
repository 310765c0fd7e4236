//! The messages that wait to be sent, by due time, and the records of the finished ones. Plain data: it reads no clock
//! and sends nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::address::on_this_machine;
use super::message::{DeliveryAttempt, DeliveryState, Message, NotificationRecord, envelope};
use super::schedule::wait_after;
use super::sender::DeliveryResult;
use crate::crypto::ApiV3Key;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::notice::Notice;

/// The most messages that wait; the oldest are dropped first.
const MOST_WAITING: usize = 4000;
/// The most finished notifications that are kept.
const MOST_FINISHED: usize = 1000;
/// How long a notification is held back so that a later one can overtake it.
const KEPT_BACK: Duration = Duration::MINUTE;

/// Deliberate irregularities of the delivery.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sandbox) struct Treatment {
    /// Acknowledged notifications are sent again.
    pub(in crate::sandbox) duplicate: bool,
    /// Later ones overtake earlier ones.
    pub(in crate::sandbox) reorder: bool,
}

/// A message taken from the queue to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) message: u64,
    pub(super) url: String,
    pub(super) body: Arc<str>,
}

#[derive(Debug)]
pub(super) struct Queue {
    key: ApiV3Key,
    messages: BTreeMap<u64, Message>,
    /// Messages by due time, then in the order they were queued.
    due: BTreeMap<(Timestamp, u64), u64>,
    finished: VecDeque<NotificationRecord>,
    /// The message held back for the next one.
    kept_back: Option<u64>,
    under_way: usize,
    /// Nothing is sent in real time while the clock is moved by hand.
    paused: bool,
    counter: u64,
}

impl Queue {
    pub(super) fn new(key: ApiV3Key) -> Self {
        Self {
            key,
            messages: BTreeMap::new(),
            due: BTreeMap::new(),
            finished: VecDeque::new(),
            kept_back: None,
            under_way: 0,
            paused: false,
            counter: 0,
        }
    }

    fn next_count(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Queues an event.
    pub(super) fn add(&mut self, notice: &Notice, treatment: Treatment) {
        let mut record = NotificationRecord::new(notice);
        if on_this_machine(&record.url).is_none() {
            tracing::debug!(url = record.url, event = record.event_type, "not on this machine, so not sent");
            record.state = DeliveryState::Unreachable;
            return self.finish(record);
        }
        let body = match envelope(&self.key, &record.id, notice) {
            Ok(body) => body.into(),
            Err(error) => return tracing::error!(%error, "a notification could not be sealed"),
        };
        let (message, at) = (self.next_count(), notice.at);
        self.messages.insert(message, Message { record, body, due: None, repeated: false });
        match self.kept_back.take() {
            // It overtakes the one held back, which follows right after it.
            Some(earlier) => {
                self.put(message, at);
                if self.messages.get(&earlier).is_some_and(|earlier| earlier.due.is_some()) {
                    self.put(earlier, at);
                }
            }
            None if treatment.reorder => {
                self.kept_back = Some(message);
                self.put(message, at + KEPT_BACK);
            }
            None => self.put(message, at),
        }
        if self.messages.len() > MOST_WAITING {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let waiting = self.messages.iter().find(|(_, message)| message.due.is_some()).map(|(message, _)| *message);
        if let Some(message) = waiting {
            self.end(message, DeliveryState::Dropped);
            tracing::warn!("too many notifications are waiting; the oldest was dropped");
        }
    }

    /// Changes the time at which a message is due.
    fn put(&mut self, message: u64, at: Timestamp) {
        let place = (at, self.next_count());
        if let Some(waiting) = self.messages.get_mut(&message) {
            if let Some(before) = waiting.due.replace(place) {
                self.due.remove(&before);
            }
            waiting.record.state = DeliveryState::Due(at);
            self.due.insert(place, message);
        }
    }

    fn end(&mut self, message: u64, state: DeliveryState) {
        let Some(mut message) = self.messages.remove(&message) else { return };
        if let Some(place) = message.due {
            self.due.remove(&place);
        }
        message.record.state = state;
        self.finish(message.record);
    }

    fn finish(&mut self, record: NotificationRecord) {
        if self.finished.len() == MOST_FINISHED {
            self.finished.pop_front();
        }
        self.finished.push_back(record);
    }

    /// When the next message is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next message that is due by `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Outgoing> {
        self.next_due().filter(|at| *at <= now)?;
        let (_, number) = self.due.pop_first()?;
        let message = self.messages.get_mut(&number)?;
        message.due = None;
        message.record.state = DeliveryState::UnderWay;
        self.under_way += 1;
        if self.kept_back == Some(number) {
            self.kept_back = None;
        }
        Some(Outgoing { message: number, url: message.record.url.clone(), body: Arc::clone(&message.body) })
    }

    /// Records an attempt with a wrong signature. Whatever the answer, the message itself is still to be sent.
    pub(super) fn probed(&mut self, outgoing: &Outgoing, at: Timestamp, answer: DeliveryResult) {
        if let Some(message) = self.messages.get_mut(&outgoing.message) {
            message.record.attempts.push(DeliveryAttempt { at, probe: true, answer });
        }
    }

    /// Records the result of an attempt and schedules the next one.
    pub(super) fn settle(&mut self, outgoing: &Outgoing, at: Timestamp, answer: DeliveryResult, treatment: Treatment) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some(message) = self.messages.get_mut(&outgoing.message) else { return };
        message.record.attempts.push(DeliveryAttempt { at, probe: false, answer });
        let acknowledged = matches!(answer, DeliveryResult::Acknowledged(_));
        match acknowledged {
            true if treatment.duplicate && !message.repeated => {
                message.repeated = true;
                self.put(outgoing.message, at);
            }
            true => self.end(outgoing.message, DeliveryState::Acknowledged),
            // It was acknowledged before, whatever the answer is now.
            false if message.repeated => self.end(outgoing.message, DeliveryState::Acknowledged),
            false => match wait_after(message.record.event_type, message.record.sent()) {
                Some(wait) => self.put(outgoing.message, at + wait),
                None => self.end(outgoing.message, DeliveryState::GivenUp),
            },
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    pub(super) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Every notification, waiting or finished, in the order of their events.
    pub(super) fn list(&self) -> Vec<NotificationRecord> {
        let waiting = self.messages.values().map(|message| &message.record);
        let mut all: Vec<NotificationRecord> = self.finished.iter().chain(waiting).cloned().collect();
        all.sort_by_key(|record| record.created);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::world::tests::at;
    use serde_json::json;

    const HERE: &str = "http://127.0.0.1:9/notify";

    fn queue() -> Queue {
        Queue::new(ApiV3Key::new(&"k".repeat(32)).unwrap())
    }

    fn notice(number: &str, seconds: i64, url: &str) -> Notice {
        Notice {
            url: url.to_owned(),
            at: at(seconds),
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "支付成功",
            resource: json!({ "out_trade_no": number }),
        }
    }

    /// Sends everything that is due, with the same answer for each, and returns the numbers in their order.
    fn play(queue: &mut Queue, now: Timestamp, answer: DeliveryResult, treatment: Treatment) -> Vec<String> {
        let mut numbers = Vec::new();
        while let Some(outgoing) = queue.take_due(now) {
            numbers.push(queue.messages[&outgoing.message].record.number.clone());
            queue.settle(&outgoing, now, answer, treatment);
        }
        numbers
    }

    #[test]
    fn waiting_and_finished_notifications_are_bounded() {
        let mut queue = queue();
        for i in 0..MOST_WAITING + 10 {
            queue.add(&notice(&format!("PAY{i}"), 0, HERE), Treatment::default());
        }
        assert_eq!(queue.messages.len(), MOST_WAITING);
        assert_eq!(queue.due.len(), MOST_WAITING);
        assert_eq!(queue.finished.len(), 10);
        assert_eq!(queue.finished[0].state, DeliveryState::Dropped);
        for i in 0..MOST_FINISHED + 10 {
            queue.add(&notice(&format!("PAY{i}"), 0, "https://merchant.example/notify"), Treatment::default());
        }
        assert_eq!(queue.finished.len(), MOST_FINISHED);
        assert_eq!(queue.finished[MOST_FINISHED - 1].state, DeliveryState::Unreachable);
        assert_eq!(queue.finished[MOST_FINISHED - 1].attempts, []);
    }

    #[test]
    fn a_later_event_overtakes_an_earlier_one_and_a_lonely_one_waits_a_minute() {
        let reorder = Treatment { reorder: true, ..Treatment::default() };
        let mut queue = queue();
        queue.add(&notice("PAY1", 0, HERE), reorder);
        assert_eq!(play(&mut queue, at(5), DeliveryResult::Acknowledged(200), reorder), [""; 0]);
        queue.add(&notice("PAY2", 10, HERE), reorder);
        assert_eq!(play(&mut queue, at(10), DeliveryResult::Acknowledged(200), reorder), ["PAY2", "PAY1"]);
        queue.add(&notice("PAY3", 20, HERE), reorder);
        assert_eq!(play(&mut queue, at(79), DeliveryResult::Acknowledged(200), reorder), [""; 0]);
        assert_eq!(play(&mut queue, at(80), DeliveryResult::Acknowledged(200), reorder), ["PAY3"]);
        queue.add(&notice("PAY4", 90, HERE), Treatment::default());
        assert_eq!(play(&mut queue, at(90), DeliveryResult::Acknowledged(200), reorder), ["PAY4"]);
    }

    #[test]
    fn a_duplicate_comes_once_more_after_its_acknowledgement() {
        let duplicate = Treatment { duplicate: true, ..Treatment::default() };
        let mut queue = queue();
        queue.add(&notice("PAY1", 0, HERE), duplicate);
        assert_eq!(play(&mut queue, at(0), DeliveryResult::Acknowledged(204), duplicate), ["PAY1"; 2]);
        assert_eq!(queue.list()[0].state, DeliveryState::Acknowledged);
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn a_sandbox_that_is_started_again_repeats_neither_an_id_nor_a_nonce() {
        let made = || {
            let mut queue = queue();
            queue.add(&notice("PAY1", 0, HERE), Treatment::default());
            let outgoing = queue.take_due(at(0)).unwrap();
            let nonce = outgoing.body.split_once("\"nonce\":").unwrap().1.to_owned();
            (queue.list()[0].id.clone(), nonce)
        };
        let (one, other) = (made(), made());
        assert_eq!(one.0.len(), 36);
        assert_ne!(one.0, other.0, "a receiver takes it for a duplicate");
        assert_ne!(one.1, other.1, "a nonce used twice under one key gives the plaintexts away");
    }
}
