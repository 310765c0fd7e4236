//! The detail of one object.

use crate::console::effect::Effect;
use crate::console::state::list::List;
use crate::console::state::{Detail, State};

pub fn open(state: &mut State) -> Vec<Effect> {
    state.detail = state.list().and_then(List::cursor).map(|of| Detail { of: of.clone(), scroll: 0 });
    Vec::new()
}

/// The other page.
pub fn turn(state: &mut State) -> Vec<Effect> {
    show(state, state.page.other());
    Vec::new()
}

pub fn show(state: &mut State, page: crate::console::state::DetailPage) {
    state.page = page;
    if let Some(detail) = &mut state.detail {
        detail.scroll = 0;
    }
}
