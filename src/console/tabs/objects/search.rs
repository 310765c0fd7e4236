//! Searching in the detail: as the needle is typed, and from match to match.

use tui_input::Input;

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::state::{Dialog, FindInput};
use crate::console::tabs::objects::detail::DetailPage;
use crate::console::tabs::objects::find::{Needle, next};
use crate::console::tabs::objects::view::content::content;
use crate::console::tabs::objects::view::detail::found;
use crate::text::age::Clock;

/// Opens the input. It starts with the latest needle.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    let Some(detail) = &state.view.detail else { return Vec::new() };
    let before = detail.needle.clone();
    let text = before.as_ref().map(|needle| needle.text.clone()).unwrap_or_default();
    let folded = detail.folded.clone();
    state.view.dialogs.push(Dialog::Find(FindInput { input: Input::new(text), before, folded }));
    Vec::new()
}

/// Searches as the needle is typed, from where the page is.
pub(crate) fn typed(state: &mut AppState) {
    let Some(Dialog::Find(find)) = state.view.dialogs.last() else { return };
    let text = find.input.value().to_owned();
    let Some(detail) = &mut state.view.detail else { return };
    let at = detail.needle.as_ref().and_then(|needle| needle.at);
    detail.needle = (!text.is_empty()).then_some(Needle { text, at });
    go(state, true, true);
}

/// Closes the input and restores the needle and the folds from before.
pub(crate) fn drop_input(state: &mut AppState, find: FindInput) {
    if let Some(detail) = &mut state.view.detail {
        (detail.needle, detail.folded) = (find.before, find.folded);
    }
}

/// The next match, or the one before.
pub(crate) fn step(state: &mut AppState, forward: bool) -> Vec<Effect> {
    go(state, forward, false);
    Vec::new()
}

fn go(state: &mut AppState, forward: bool, stay: bool) {
    let is_raw = state.page() == DetailPage::Raw;
    let selected = state.line_id().filter(|_| state.selects_spots());
    let width = usize::from(state.detail_width().saturating_sub(2));
    let middle = state.room.detail / 2;
    let Some(detail) = &mut state.view.detail else { return };
    let Some(needle) = detail.needle.clone() else { return };
    if is_raw {
        // A match may be in what is folded.
        detail.folded.clear();
    }
    let of = detail.of.clone();
    let lines = content(state, &Clock::new(state.now), &of, width);
    let found = found(&lines, &needle.text);
    // Where lines are selected, the search goes on from the selected one.
    let here = selected.and_then(|selected| lines.iter().position(|(line_id, _)| line_id.as_ref() == Some(&selected)));
    let at = next(&found, needle.at.or(here), forward, stay);
    if let Some(detail) = &mut state.view.detail {
        detail.needle = Some(Needle { at, ..needle });
        if let Some(at) = at {
            detail.scroll = at.saturating_sub(middle);
            detail.line_id = lines.into_iter().nth(at).and_then(|(line_id, _)| line_id).or(detail.line_id.take());
        }
    }
}
