//! Why an object stands where it stands: what it waits for, since when, what usually follows, and what can be done.

use crate::console::app::state::AppState;
use crate::console::dialogs::choices::Choice;
use crate::console::widgets::frame::Labels;
use crate::console::widgets::role::{Line, Role};
use crate::ledger::Version;
use crate::model::time::Timestamp;
use crate::model::{State, Waiting};
use crate::services::ObjectHistory;
use crate::text::age;
use crate::text::age::Clock;

/// The lines; none for an object that is final.
pub(super) fn lines(
    state: &AppState,
    clock: &Clock,
    (story, present): (&ObjectHistory, &State),
    choices: &[Choice],
    (labels, width): (Labels, usize),
) -> Vec<Line> {
    let lang = state.lang;
    let mut lines = Vec::new();
    let Some(Waiting { wants, follows }) = present.waiting() else { return lines };
    labels.field(&mut lines, &lang.t("detail-wants"), &lang.t(wants), Role::Strong, width);
    if let Some(at) = since(story, present) {
        let words = tr!(lang, "detail-since-at", at = age::exact(at), ago = clock.ago(lang, at));
        labels.field(&mut lines, &lang.t("detail-since"), &words, Role::Plain, width);
    }
    if !follows.is_empty() {
        let next: Vec<String> = follows.iter().map(|id| lang.t(id)).collect();
        labels.field(&mut lines, &lang.t("detail-follows"), &next.join(" · "), Role::Plain, width);
    }
    let possible: Vec<&str> =
        choices.iter().filter(|choice| choice.blocked.is_none()).map(|choice| choice.label.as_str()).collect();
    if !possible.is_empty() {
        labels.field(&mut lines, &lang.t("detail-possible"), &possible.join(" · "), Role::Accent, width);
    }
    lines
}

/// Since when it is in its state: by WeChat Pay's clock if the document says so, else since it was first seen in it.
fn since(story: &ObjectHistory, present: &State) -> Option<Timestamp> {
    let same = |version: &&Version| version.state.code == present.code;
    let run = story.own.versions.iter().take_while(same);
    run.last().map(|version| version.since.unwrap_or(version.seen_at))
}
