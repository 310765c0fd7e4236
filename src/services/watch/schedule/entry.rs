//! What the schedule remembers about one object.

use std::time::Duration;

use tokio::time::Instant;

use crate::services::watch::pace;

/// What the ledger knows of an object that comes on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownBefore {
    /// How long ago its document was verified.
    pub age: Duration,
    /// How long it had been the same by then, if that is known.
    pub quiet: Option<Duration>,
    pub is_final: bool,
}

/// The result of a query, as far as the schedule cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryResult {
    /// It was fetched; `changed` if the document differs from the last one.
    Fetched { changed: bool, is_final: bool },
    /// It was refused (an unknown number, a missing permission): querying again soon is useless.
    Refused,
    /// This query failed, although others may succeed.
    Stumbled,
    /// WeChat Pay did not answer.
    Unanswered,
}

#[derive(Debug)]
pub(super) struct ScheduleEntry {
    /// Its number among the entries.
    pub key: u64,
    pub visible: bool,
    pub watched: bool,
    /// Waits to be queried before everything else.
    pub urgent: bool,
    pub in_flight: bool,
    /// The query in flight, or the last answered one, was requested by a user.
    pub asked_for: bool,
    /// The time under which it is in a line.
    pub queued: Option<Instant>,
    /// Since when it waits to be queried, regardless of its last answer.
    wanted: Option<Instant>,
    /// Its last answer in this run, and when that arrived.
    last: Option<(Instant, QueryResult)>,
    /// Until when its document was seen to be the same, and for how long.
    quiet: Option<(Instant, Duration)>,
    /// Consecutive failures of its own.
    stumbles: u32,
}

impl ScheduleEntry {
    pub(super) fn new(key: u64, now: Instant) -> Self {
        Self {
            key,
            visible: false,
            watched: false,
            urgent: false,
            in_flight: false,
            asked_for: false,
            queued: None,
            wanted: Some(now),
            last: None,
            quiet: None,
            stumbles: 0,
        }
    }

    /// Records that its document has been the same for this long, unless more is known.
    pub(super) fn be_quiet(&mut self, quiet: Duration, now: Instant) {
        self.quiet.get_or_insert((now, quiet));
    }

    /// Takes what the ledger knows, unless it was queried in this run: what is final is not queried, and the rest when
    /// it is due after its last query, by this process or another.
    pub(super) fn know(&mut self, known: KnownBefore, now: Instant) {
        if self.last.is_some() || self.in_flight || self.watched || self.urgent {
            return;
        }
        let (quiet, is_final) = (known.quiet.unwrap_or(pace::FIRST_SEEN), known.is_final);
        // No pause is longer, and the clock may not reach further back.
        let verified = now.checked_sub(known.age.min(pace::WATCHED));
        self.quiet.get_or_insert((verified.unwrap_or(now), quiet));
        if let Some(at) = verified.or(is_final.then_some(now)) {
            (self.wanted, self.last) = (None, Some((at, QueryResult::Fetched { changed: false, is_final })));
        }
    }

    /// Requests another query, unless it is final.
    pub(super) fn recheck(&mut self, now: Instant) {
        if !self.is_final() {
            self.wanted.get_or_insert(now);
        }
    }

    /// Counts it as in flight.
    pub(super) fn take(&mut self) {
        self.in_flight = true;
        self.asked_for = std::mem::take(&mut self.urgent);
        self.wanted = None;
    }

    pub(super) fn answered(&mut self, now: Instant, answer: QueryResult) {
        self.in_flight = false;
        match answer {
            QueryResult::Fetched { changed, .. } => {
                let quiet = self.quiet.map_or(pace::FIRST_SEEN, |(at, quiet)| quiet + (now - at));
                self.quiet = Some((now, if changed { Duration::ZERO } else { quiet }));
                self.stumbles = 0;
            }
            QueryResult::Refused => self.stumbles = 0,
            QueryResult::Stumbled => self.stumbles = self.stumbles.saturating_add(1),
            QueryResult::Unanswered => {}
        }
        self.last = Some((now, answer));
    }

    pub(super) fn is_known(&self) -> bool {
        self.last.is_some()
    }

    pub(super) fn is_final(&self) -> bool {
        matches!(self.last, Some((_, QueryResult::Fetched { is_final: true, .. })))
    }

    /// True if an answer arrived within this time.
    pub(super) fn was_answered(&self, within: Duration, now: Instant) -> bool {
        self.last.is_some_and(|(at, answer)| answer != QueryResult::Unanswered && now - at < within)
    }

    pub(super) fn has_failed(&self) -> bool {
        !matches!(self.last, None | Some((_, QueryResult::Fetched { .. })))
    }

    /// True if it is watched or on the screen and may still change.
    pub(super) fn is_open(&self) -> bool {
        (self.visible || self.watched) && !self.is_final()
    }

    /// When it is next queried by itself; `None` if it is final.
    pub(super) fn due(&self) -> Option<Instant> {
        let (at, answer) = match (self.wanted, self.last) {
            (Some(wanted), _) => return Some(wanted),
            (None, last) => last?,
        };
        Some(match answer {
            QueryResult::Fetched { is_final: true, .. } => return None,
            QueryResult::Fetched { .. } => {
                let quiet = self.quiet.map_or(pace::FIRST_SEEN, |(_, quiet)| quiet);
                at + pace::pause(quiet, self.visible)
            }
            QueryResult::Refused => at + pace::REFUSED,
            QueryResult::Stumbled => at + pace::after_stumbling(self.stumbles),
            QueryResult::Unanswered => at + pace::LEAST,
        })
    }
}
