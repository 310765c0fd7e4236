//! Short messages that come and go; errors stay until they are dismissed.

use crate::api::ApiError;
use crate::explain::{self, Explanation};
use crate::i18n::Lang;
use crate::model::Number;
use crate::model::time::{Duration, Timestamp};
use crate::services::Ticket;

/// How many are kept before the oldest gives way.
const KEPT: usize = 4;
const SHOWN: Duration = Duration::seconds(6);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Done,
    Info,
    /// Stays: nobody knows the outcome yet.
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

/// What it says the start of, so that the end takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Nothing,
    Operation(Ticket),
    /// Numbers that are being looked for.
    Search,
}

/// The messages on the screen, newest last.
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

    /// Says how an operation stands, until [`Self::withdraw`].
    pub fn push_about(&mut self, ticket: Ticket, kind: ToastKind, title: String, lines: Vec<String>, now: Timestamp) {
        self.add(Toast { kind, title, lines, born: now, about: About::Operation(ticket) });
    }

    /// Says that a number is being looked for, until [`Self::searched`].
    pub fn searching(&mut self, lang: Lang, number: &Number, now: Timestamp) {
        let title = tr!(lang, "toast-searching", number = number.as_str());
        self.add(Toast { kind: ToastKind::Info, title, lines: Vec::new(), born: now, about: About::Search });
    }

    /// A search has ended. Several at once are rare, and every end speaks for itself.
    pub fn searched(&mut self) {
        self.0.retain(|toast| toast.about != About::Search);
    }

    fn add(&mut self, toast: Toast) {
        // Saying the same again only says it longer.
        if !toast.stays() {
            self.0.retain(|old| {
                (old.kind, &old.title, &old.lines, old.about) != (toast.kind, &toast.title, &toast.lines, toast.about)
            });
        }
        if self.0.len() >= KEPT {
            // What passes anyway gives way first; an error only to what stays as it does; an unknown outcome never.
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

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Toast> {
        self.0.iter()
    }

    /// Takes away the newest. False if there is none.
    pub fn dismiss(&mut self) -> bool {
        self.0.pop().is_some()
    }

    /// Drops what has had its time; says when the next is due.
    pub fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.0.retain(|toast| toast.ends().is_none_or(|end| end > now));
        self.0.iter().filter_map(Toast::ends).min()
    }
}

/// What went wrong between us and WeChat Pay, under a headline: a refusal in its own words first.
pub(crate) fn error_lines(lang: Lang, error: &ApiError) -> Vec<String> {
    let explanation = explain::api_error(explain::on_screen(lang), error);
    let mut text = lines(lang, &explanation);
    if matches!(error, ApiError::Refused(_)) {
        text.insert(0, explanation.what);
    }
    text
}

/// An explanation as the lines under a headline: why, what now, code and Request-ID.
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
