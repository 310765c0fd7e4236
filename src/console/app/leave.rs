//! Quits the console.

use crate::console::app::effect::Effect;
use crate::console::app::state::State;
use crate::console::dialogs::state::Dialog;

/// Quits, or asks first if an operation is in progress.
pub(crate) fn quit(state: &mut State) -> Vec<Effect> {
    if !state.is_busy() {
        return vec![Effect::Quit];
    }
    state.view.dialogs.push(Dialog::Quit);
    Vec::new()
}

pub(crate) fn now(_: &mut State) -> Vec<Effect> {
    vec![Effect::Quit]
}
