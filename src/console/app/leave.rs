//! Quits the console.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::state::Dialog;

/// Quits, or asks first if an operation is in progress.
pub(crate) fn quit(state: &mut AppState) -> Vec<Effect> {
    if !state.is_busy() {
        return vec![Effect::Quit];
    }
    state.view.dialogs.push(Dialog::Quit);
    Vec::new()
}

pub(crate) fn now(_: &mut AppState) -> Vec<Effect> {
    vec![Effect::Quit]
}
