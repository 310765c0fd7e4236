//! Watching: starts, stops and pauses it, handles its events, and the list of watched objects.

use crate::console::app::navigate;
use crate::console::words::gap_words;
use std::sync::Arc;

use crate::console::app::command::{Differs, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::watching::state::WatchList;
use crate::i18n::Lang;
use crate::ledger::Listed;
use crate::model::{self, ObjectId, Tone};
use crate::services::{Fresh, Gap, Request, Watching};

/// How many objects a message names.
const NAMED: usize = 3;

/// The objects of the command: the marked ones, or the subject.
fn targets(state: &AppState) -> Vec<ObjectId> {
    match state.list().filter(|_| state.acts_on_marks()) {
        Some(list) => list.marked().cloned().collect(),
        None => state.subject_id().cloned().into_iter().collect(),
    }
}

/// True if an object can be watched or unwatched.
pub(crate) fn is_possible(state: &AppState) -> bool {
    targets(state).iter().any(|id| state.view.watched.of(id).is_some() || !state.is_settled(id))
}

/// True if the command unwatches: all of its objects that can be watched are.
pub(crate) fn unwatches(state: &AppState) -> bool {
    let targets = targets(state);
    let watched = |id: &ObjectId| state.view.watched.of(id).is_some();
    targets.iter().any(watched) && targets.iter().all(|id| watched(id) || state.is_settled(id))
}

/// Watches the objects that are not watched yet; if all are, unwatches them.
pub(crate) fn toggle(state: &mut AppState) -> Vec<Effect> {
    let (targets, lang) = (targets(state), state.lang);
    let watched = |id: &ObjectId| state.view.watched.of(id).is_some();
    if unwatches(state) {
        let ids: Vec<ObjectId> = targets.into_iter().filter(watched).collect();
        let title = targets_text(lang, "toast-unwatched", &ids);
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return vec![Request::Unwatch(ids).into()];
    }
    let (settled, open): (Vec<ObjectId>, Vec<ObjectId>) = targets.into_iter().partition(|id| state.is_settled(id));
    let ids: Vec<ObjectId> = open.into_iter().filter(|id| !watched(id)).collect();
    let left_out = (!settled.is_empty()).then(|| tr!(lang, "toast-watched-settled", n = settled.len()));
    let title = targets_text(lang, "toast-watched", &ids);
    state.view.toasts.push(ToastKind::Info, title, left_out.into_iter().collect(), state.now);
    vec![Request::Watch(ids).into()]
}

/// A message about one object, or about a number of them.
fn targets_text(lang: Lang, message: &str, ids: &[ObjectId]) -> String {
    let number = ids.first().map(|id| id.number.to_string()).unwrap_or_default();
    tr!(lang, message, n = ids.len(), number = number)
}

/// Shows the watched objects.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    let list = WatchList::new(state.view.watched.latest());
    state.view.dialogs.push(Dialog::Watching(list));
    Vec::new()
}

/// The list, while it is on top.
pub(crate) fn list(state: &AppState) -> Option<&WatchList> {
    match state.view.dialogs.last() {
        Some(Dialog::Watching(list)) => Some(list),
        _ => None,
    }
}

/// Goes to the selected object.
pub(crate) fn go(state: &mut AppState) -> Vec<Effect> {
    let Some(id) = list(state).and_then(WatchList::selected).cloned() else { return Vec::new() };
    state.view.dialogs.clear();
    navigate::show(state, &id)
}

/// Unwatches the selected object.
pub(crate) fn drop_selected(state: &mut AppState) -> Vec<Effect> {
    let id = list(state).and_then(WatchList::selected).cloned();
    id.map(|id| Request::Unwatch(vec![id]).into()).into_iter().collect()
}

/// The message of the command while watching is paused.
pub(crate) fn resumes(state: &AppState) -> Option<Differs> {
    state.view.watched.latest().paused.and_then(|_| shown_as("command-pause-end"))
}

/// Pauses watching, or resumes it.
pub(crate) fn pause(state: &mut AppState) -> Vec<Effect> {
    vec![Request::Pause(state.view.watched.latest().paused.is_none()).into()]
}

/// Turns the bell off or on for this run.
pub(crate) fn toggle_bell(state: &mut AppState) -> Vec<Effect> {
    state.bell = !state.bell;
    let title = state.lang.t(if state.bell { "toast-bell-on" } else { "toast-bell-off" });
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    Vec::new()
}

/// The watched objects or their due times have changed.
pub(crate) fn watching_changed(state: &mut AppState, watching: Arc<Watching>) {
    for dialog in &mut state.view.dialogs {
        if let Dialog::Watching(list) = dialog {
            list.sort(&watching);
        }
    }
    state.view.watched.set(watching);
}

/// Rows of watched objects were read or queried.
pub(crate) fn rows(state: &mut AppState, rows: &[Listed]) {
    for dialog in &mut state.view.dialogs {
        if let Dialog::Watching(list) = dialog {
            list.show(rows.iter().cloned());
        }
    }
}

/// A watched object has become final. It is reported with those that end at about the same time.
pub(crate) fn ended(state: &mut AppState, fresh: &Fresh) {
    let now = state.now;
    state.view.watched.end(fresh, now);
}

/// Reports the objects that have ended, if it is time to.
pub(crate) fn report_ended(state: &mut AppState) -> Vec<Effect> {
    let ended = state.view.watched.take_ended(state.now);
    let lang = state.lang;
    let meaning = |end: &model::State| lang.state(end);
    let words = |(id, end): &(ObjectId, model::State)| format!("{} {} {}", id.number, end.tone.glyph(), meaning(end));
    let (title, lines) = match ended.as_slice() {
        [] => return Vec::new(),
        [(id, end)] => (tr!(lang, "ended-one", number = id.number.as_str(), state = meaning(end)), Vec::new()),
        many => {
            let mut lines: Vec<String> = many.iter().take(NAMED).map(words).collect();
            let more = many.len().saturating_sub(NAMED);
            if more > 0 {
                lines.push(tr!(lang, "ended-more", n = more));
            }
            (tr!(lang, "ended-many", n = many.len()), lines)
        }
    };
    let well = ended.iter().all(|(_, state)| state.tone == Tone::Done);
    let kind = if well { ToastKind::Done } else { ToastKind::Info };
    state.view.toasts.push(kind, title.clone(), lines, state.now);
    if state.bell { vec![Effect::Ring(title)] } else { Vec::new() }
}

/// Records a gap in which nothing was observed.
pub(crate) fn missed(state: &mut AppState, gap: Gap) {
    state.view.watched.miss(gap);
}

/// Everything was queried again after a gap.
pub(crate) fn caught_up(state: &mut AppState, gap: Gap, changed: usize) {
    state.view.watched.catch_up(gap, changed);
    let title = tr!(state.lang, "toast-caught-up", n = changed);
    let line = gap_words(state.lang, &gap);
    state.view.toasts.push(ToastKind::Done, title, vec![line], state.now);
}
