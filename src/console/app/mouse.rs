//! The mouse. A click never does more than the key would, and one click never confirms.

use crate::console::app::browse;
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::Target;
use crate::console::app::navigate;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::confirm::update as confirm_input;
use crate::console::dialogs::filter::{calendar, update as filter};
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::watching::update as watch;
use crate::console::dialogs::{action, pick, prompt};
use crate::console::tabs::bills::state::BillField;
use crate::console::tabs::objects::strip;
use crate::console::tabs::objects::update as detail;

/// Lines that one step of the wheel scrolls.
const NOTCH: isize = 3;

/// Leaves the mouse to the terminal, so that it selects text, or takes it back.
pub(crate) fn free(state: &mut AppState) -> Vec<Effect> {
    state.mouse_free = !state.mouse_free;
    let id = if state.mouse_free { "toast-mouse-free" } else { "toast-mouse-taken" };
    let title = state.lang.t(id);
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    vec![Effect::Mouse(!state.mouse_free)]
}

pub(crate) fn click(state: &mut AppState, target: Target, double: bool) -> Vec<Effect> {
    if !state.view.dialogs.is_empty() {
        return in_dialog(state, target, double);
    }
    match target {
        Target::Tab(tab) => navigate::open_tab(state, tab),
        Target::Line(key) => state.pane().click(state, key, double),
        Target::Share(tone) => strip::choose(state, tone),
        Target::Command(id) => {
            // It is about the table.
            while state.pane().close_detail(state) {}
            let command = state.commands.iter().find(|command| command.id == id).copied();
            command.map_or_else(Vec::new, |command| command.run(state))
        }
        Target::Header(column) => pick::sort_by(state, column),
        // If the detail has the keys already, it stays as it is.
        Target::Detail if state.scroll().is_some() => Vec::new(),
        Target::Detail => state.pane().open(state),
        Target::DetailLine(line_id) => {
            let unseen = state.view.detail.is_none();
            detail::select(state, line_id);
            // If the detail was only shown beside the table, a double click gives it the keys and selects the line.
            if double && !unseen { detail::enter(state) } else { Vec::new() }
        }
        Target::Page(page) => state.pane().show_page(state, page),
        Target::Crumb(steps) => navigate::step_back_by(state, steps),
        // A hint's key is pressed before this; the others are parts of a dialog.
        Target::Key(_) | Target::Choice(_) | Target::Field(_) | Target::Cancel | Target::Confirm | Target::Dialog => {
            Vec::new()
        }
    }
}

fn in_dialog(state: &mut AppState, target: Target, double: bool) -> Vec<Effect> {
    // A preview takes no click but the one that closes it until it has been seen.
    if target != Target::Cancel && confirm_input::is_unseen(state) {
        return Vec::new();
    }
    match (state.view.dialogs.last_mut(), target) {
        (Some(Dialog::Pick(pick)), Target::Choice(line)) => {
            let again = pick.selected == line;
            pick.selected = line;
            if again || double { pick::take(state) } else { Vec::new() }
        }
        (Some(Dialog::Watching(list)), Target::Choice(line)) => {
            list.move_to(line);
            if double { watch::go(state) } else { Vec::new() }
        }
        (Some(Dialog::Filter(_)), Target::Choice(line)) => filter::click(state, line),
        (Some(Dialog::Calendar(_)), Target::Choice(date)) => calendar::click(state, date, double),
        (Some(Dialog::Palette(palette)), Target::Choice(line)) => {
            palette.selected = line;
            prompt::run_entry(state)
        }
        (Some(Dialog::Form(form)), Target::Field(field)) => {
            form.focus_on(field);
            Vec::new()
        }
        (Some(Dialog::Bill(form)), Target::Field(field)) => {
            form.focus = BillField::ALL[field.min(BillField::ALL.len() - 1)];
            Vec::new()
        }
        (Some(Dialog::Form(_)), Target::Confirm) => action::submit(state),
        (Some(Dialog::Form(_)), Target::Cancel) => action::leave_form(state),
        (Some(dialog), Target::Field(field)) if dialog.confirm_input().is_some() => {
            confirm_input::click_field(state, field)
        }
        (Some(dialog), Target::Confirm) if dialog.confirm_input().is_some() => {
            confirm_input::click_confirm(state, double)
        }
        (Some(_), Target::Cancel) => crate::console::dialogs::update::close(state),
        _ => Vec::new(),
    }
}

pub(crate) fn wheel(state: &mut AppState, target: Option<Target>, down: bool) -> Vec<Effect> {
    let lines = if down { NOTCH } else { -NOTCH };
    if !state.view.dialogs.is_empty() {
        return crate::console::dialogs::update::walk(state, lines.signum());
    }
    match (target, state.scroll()) {
        (Some(Target::Line(_)), Some(_)) => Vec::new(),
        _ => browse::walk(state, lines),
    }
}
