//! Short messages that come and go; errors stay until they are dismissed.

use crate::api::ApiError;
use crate::explain::{self, Explanation};
use crate::i18n::Lang;
use crate::model::Number;
use crate::model::time::{Duration, Timestamp};
use crate::services::{Stopped, Ticket};

/// The message about a configuration that cannot be read. It is shown whatever account is open.
#[derive(Clone, Debug)]
pub(crate) struct BrokenConfiguration {
    pub message: Ticket,
    pub what: String,
    pub text: Vec<String>,
}

/// The number of toasts that are kept before the oldest is dropped.
const KEPT: usize = 4;
const SHOWN: Duration = Duration::seconds(6);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Done,
    Info,
    /// Stays: the outcome is unknown.
    Unknown,
    /// Stays.
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub kind: ToastKind,
    pub title: String,
    pub lines: Vec<String>,
    pub born: Timestamp,
    about: About,
}

/// What a toast reports the start of, so that its end can replace it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Nothing,
    Operation(Ticket),
    /// Numbers that are being searched.
    Search,
}

/// The toasts on the screen, newest last.
#[derive(Clone, Debug, Default)]
pub struct Toasts(Vec<Toast>);

impl Toast {
    pub fn stays(&self) -> bool {
        matches!(self.kind, ToastKind::Unknown | ToastKind::Error)
    }

    fn ends(&self) -> Option<Timestamp> {
        (!self.stays()).then(|| self.born + SHOWN)
    }
}

impl Toasts {
    pub fn push(&mut self, kind: ToastKind, title: impl Into<String>, lines: Vec<String>, now: Timestamp) {
        self.add(Toast { kind, title: title.into(), lines, born: now, about: About::Nothing });
    }

    /// Shows the state of an operation, until [`Self::withdraw`].
    pub(crate) fn push_about(
        &mut self,
        ticket: Ticket,
        kind: ToastKind,
        title: String,
        lines: Vec<String>,
        now: Timestamp,
    ) {
        self.add(Toast { kind, title, lines, born: now, about: About::Operation(ticket) });
    }

    /// Shows that a number is being searched, until [`Self::searched`].
    pub(crate) fn searching(&mut self, lang: Lang, number: &Number, now: Timestamp) {
        let title = tr!(lang, "toast-searching", number = number.as_str());
        self.add(Toast { kind: ToastKind::Info, title, lines: Vec::new(), born: now, about: About::Search });
    }

    /// A search has ended. Several at once are rare, and the result of each is shown.
    pub fn searched(&mut self) {
        self.0.retain(|toast| toast.about != About::Search);
    }

    fn add(&mut self, toast: Toast) {
        // Repeating a message only shows it longer.
        if !toast.stays() {
            self.0.retain(|old| {
                (old.kind, &old.title, &old.lines, old.about) != (toast.kind, &toast.title, &toast.lines, toast.about)
            });
        }
        if self.0.len() >= KEPT {
            // Toasts that expire are dropped first, an error only for one that stays, too; an unknown outcome never.
            let passing = self.0.iter().position(|old| !old.stays());
            let error = || self.0.iter().position(|old| toast.stays() && old.kind == ToastKind::Error);
            if let Some(at) = passing.or_else(error) {
                self.0.remove(at);
            }
        }
        self.0.push(toast);
    }

    pub fn withdraw(&mut self, ticket: Ticket) {
        self.0.retain(|toast| toast.about != About::Operation(ticket));
    }

    /// Removes what reported a start, for which [`Self::push_about`] has no ticket.
    pub(crate) fn withdraw_titled(&mut self, title: &str, lines: &[String]) {
        self.0.retain(|toast| toast.stays() || toast.title != title || toast.lines != lines);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Toast> {
        self.0.iter()
    }

    /// Closes the newest. False if there was none.
    pub(crate) fn dismiss(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// Drops expired toasts; returns when the next one expires.
    pub(crate) fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.0.retain(|toast| toast.ends().is_none_or(|end| end > now));
        self.0.iter().filter_map(Toast::ends).min()
    }
}

/// The message of why a search stopped early.
pub(crate) fn stopped_lines(lang: Lang, stopped: &Stopped) -> Vec<String> {
    match stopped {
        Stopped::Api(error) => error_lines(lang, error),
        Stopped::Ledger(error) => lines(lang, &explain::ledger(explain::on_screen(lang), error)),
    }
}

/// An API error under a headline: for a refusal, WeChat Pay's own message first.
pub(crate) fn error_lines(lang: Lang, error: &ApiError) -> Vec<String> {
    let explanation = explain::api_error(explain::on_screen(lang), error);
    let mut text = lines(lang, &explanation);
    if matches!(error, ApiError::Refused(_)) {
        text.insert(0, explanation.what);
    }
    text
}

/// An explanation as the lines below a headline: the reason, the next action, code and Request-ID.
pub(crate) fn lines(lang: Lang, explanation: &Explanation) -> Vec<String> {
    let mut lines: Vec<String> = [&explanation.why, &explanation.next].into_iter().flatten().cloned().collect();
    lines.extend(explanation.diagnosis.clone());
    let code = explanation.code.as_ref().map(|code| tr!(lang, "toast-code", code = code));
    let request = explanation.request_id.as_ref().map(|id| tr!(lang, "toast-request-id", id = id));
    let facts: Vec<String> = [code, request].into_iter().flatten().collect();
    if !facts.is_empty() {
        lines.push(facts.join(" · "));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(toasts: &Toasts) -> Vec<&str> {
        toasts.iter().map(|toast| toast.title.as_str()).collect()
    }

    #[test]
    fn what_must_be_read_is_not_pushed_out_by_what_passes() {
        let (mut toasts, now) = (Toasts::default(), Timestamp::UNIX_EPOCH);
        toasts.push(ToastKind::Unknown, "unknown", Vec::new(), now);
        toasts.push(ToastKind::Error, "refused", Vec::new(), now);
        for _ in 0..4 {
            toasts.push(ToastKind::Done, "copied", Vec::new(), now);
        }
        assert_eq!(titles(&toasts), ["unknown", "refused", "copied"], "an equal message takes its twin's place");
        for title in ["a", "b", "c"] {
            toasts.push(ToastKind::Info, title, Vec::new(), now);
        }
        assert_eq!(titles(&toasts), ["unknown", "refused", "b", "c"]);
        for title in ["1", "2", "3", "4"] {
            toasts.push(ToastKind::Error, title, Vec::new(), now);
        }
        assert_eq!(titles(&toasts), ["unknown", "2", "3", "4"]);
    }
}
