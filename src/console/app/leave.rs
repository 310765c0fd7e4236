//! Leaving.

use crate::console::app::effect::Effect;
use crate::console::app::state::State;
use crate::console::dialogs::state::Dialog;

/// Leaves, unless an operation is under way: then it asks.
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
