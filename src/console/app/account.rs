//! Opening an account again, or another one.

use crate::console::app::effect::Effect;
use crate::console::app::state::{AccountView, Stage, State};
use crate::console::app::toast::ToastKind;

/// Opens the account that could not be opened once more.
pub(crate) fn retry(state: &mut State) -> Vec<Effect> {
    let Stage::Failed(_, profile) = &state.stage else { return Vec::new() };
    if !state.view.in_flight.is_empty() {
        // What is under way ends with the session it was sent in.
        let text = state.lang.t("blocked-in-flight");
        state.view.toasts.push(ToastKind::Info, text, Vec::new(), state.now);
        return Vec::new();
    }
    let profile = profile.clone();
    state.view = AccountView::default();
    state.generation += 1;
    state.stage = Stage::Opening(profile.clone());
    vec![Effect::Open { generation: state.generation, profile }]
}

/// Leaves the account for another. Nothing of the old one stays on the screen.
pub(crate) fn switch(state: &mut State, name: String) -> Vec<Effect> {
    state.generation += 1;
    state.stage = Stage::Opening(Some(name.clone()));
    state.view = AccountView::default();
    state.first_run = false;
    vec![Effect::Open { generation: state.generation, profile: Some(name) }]
}
