//! Opens the account again, or another one.

use crate::console::app::effect::Effect;
use crate::console::app::state::{AccountView, AppState, Stage};
use crate::console::app::toast::{BrokenConfiguration, ToastKind};
use crate::console::kept::Kept;

/// Tries again to open the account.
pub(crate) fn retry(state: &mut AppState) -> Vec<Effect> {
    let Stage::Failed(_, profile) = &state.stage else { return Vec::new() };
    if state.is_busy() {
        // An operation in progress ends with the session that sent it.
        let text = state.lang.t("blocked-in-flight");
        state.view.toasts.push(ToastKind::Info, text, Vec::new(), state.now);
        return Vec::new();
    }
    let profile = profile.clone();
    clear(state);
    state.generation += 1;
    state.stage = Stage::Opening(profile.clone());
    vec![Effect::Open { generation: state.generation, profile }]
}

/// Nothing of the account stays on the screen; what is about the console itself does.
fn clear(state: &mut AppState) {
    state.view = AccountView::default();
    report_broken(state);
}

/// Switches to another account. Nothing of the old one stays on the screen.
pub(crate) fn switch(state: &mut AppState, name: String) -> Vec<Effect> {
    let left = Kept::of(state).map(|(profile, kept)| Effect::Keep { profile, kept: Box::new(kept) });
    state.generation += 1;
    // Of all profiles, the one that was chosen is shown.
    state.tab = state.shown_tab();
    state.stage = Stage::Opening(Some(name.clone()));
    clear(state);
    state.first_run = false;
    state.arrival = None;
    let open = Effect::Open { generation: state.generation, profile: Some(name) };
    left.into_iter().chain([open]).collect()
}

/// Shows what is wrong with the configuration, if something is: again after the account was changed.
pub(crate) fn report_broken(state: &mut AppState) {
    if let Some(BrokenConfiguration { message, what, text }) = state.broken_configuration.clone() {
        state.view.toasts.push_about(message, ToastKind::Error, what, text, state.now);
    }
}
