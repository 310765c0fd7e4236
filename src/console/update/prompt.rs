//! Things typed in one line: the filter, the palette's query, the path of an export. And help.

use tui_input::Input;

use super::{bulk, pick, run};
use crate::console::effect::Effect;
use crate::console::export::{Export, default_path};
use crate::console::palette::{Intent, entries, find};
use crate::console::state::State;
use crate::console::state::dialog::{Dialog, FilterInput, Palette, Prompt};
use crate::console::state::toast::ToastKind;
use crate::model::Number;
use crate::model::filter::Filter;

pub fn filter(state: &mut State) -> Vec<Effect> {
    let before = state.list().filter().clone();
    let text = if before.is_empty() { String::new() } else { format!("{before} ") };
    state.dialogs.push(Dialog::Filter(FilterInput { input: Input::new(text), before, error: None }));
    Vec::new()
}

/// Filters as it is typed. What makes no sense yet leaves the last good filter in force.
pub fn filter_typed(state: &mut State) {
    let Some(Dialog::Filter(filter)) = state.dialogs.last_mut() else { return };
    match Filter::parse_typed(filter.input.value()) {
        Ok(parsed) => {
            filter.error = None;
            state.list_mut().set_filter(parsed);
        }
        Err(error) => filter.error = Some(error),
    }
}

/// Keeps the filter as it is typed to the end; one that makes no sense stays open.
pub fn keep_filter(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Filter(filter)) = state.dialogs.last_mut() else { return Vec::new() };
    match Filter::parse(filter.input.value()) {
        Ok(parsed) => {
            state.dialogs.pop();
            state.list_mut().set_filter(parsed);
        }
        Err(error) => filter.error = Some(error),
    }
    Vec::new()
}

/// Back to the filter there was before.
pub fn drop_filter(state: &mut State) -> Vec<Effect> {
    if let Some(Dialog::Filter(filter)) = state.dialogs.pop() {
        state.list_mut().set_filter(filter.before);
    }
    Vec::new()
}

pub fn palette(state: &mut State) -> Vec<Effect> {
    let entries = entries(state);
    let found = (0..entries.len()).collect();
    state.dialogs.push(Dialog::Palette(Palette { input: Input::default(), entries, found, selected: 0 }));
    Vec::new()
}

pub fn query_typed(state: &mut State) {
    if let Some(Dialog::Palette(palette)) = state.dialogs.last_mut() {
        palette.found = find(&palette.entries, palette.input.value());
        palette.selected = 0;
    }
}

/// Does what the selected entry says, unless something is in its way.
pub fn run_entry(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Palette(palette)) = state.dialogs.last() else { return Vec::new() };
    let chosen = palette.found.get(palette.selected).and_then(|at| palette.entries.get(*at));
    let Some(entry) = chosen.filter(|entry| entry.blocked.is_none()) else { return Vec::new() };
    let intent = entry.intent.clone();
    state.dialogs.pop();
    match intent {
        Intent::Command(command) => run(state, command),
        Intent::Take(take) => pick::perform(state, take),
        Intent::Lang(lang) => {
            state.lang = lang;
            Vec::new()
        }
        Intent::Theme(theme) => {
            state.theme = theme;
            Vec::new()
        }
    }
}

pub fn help(state: &mut State) -> Vec<Effect> {
    state.dialogs.push(Dialog::Help { scroll: 0 });
    Vec::new()
}

pub fn export(state: &mut State) -> Vec<Effect> {
    let input = Input::new(default_path(state.kind(), state.now));
    state.dialogs.push(Dialog::Export(Prompt { input }));
    Vec::new()
}

pub fn open(state: &mut State) -> Vec<Effect> {
    state.dialogs.push(Dialog::Open(Prompt { input: Input::default() }));
    Vec::new()
}

/// Enter, in a line that is typed.
pub fn accept(state: &mut State) -> Vec<Effect> {
    match state.dialogs.last() {
        Some(Dialog::Open(_)) => find_number(state),
        Some(Dialog::ExportBulk(_)) => bulk::write_export(state),
        _ => write_export(state),
    }
}

/// Has a number looked for. What is no number stays to be mended.
fn find_number(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Open(prompt)) = state.dialogs.last() else { return Vec::new() };
    match Number::parse(prompt.input.value()) {
        Ok(number) => {
            state.dialogs.pop();
            let title = state.lang.tr("toast-searching", &[("number", &number.as_str())]);
            state.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
            vec![Effect::Find(number)]
        }
        Err(error) => {
            let title = state.lang.t("toast-no-number").into_owned();
            state.toasts.push(ToastKind::Error, title, vec![error.to_string()], state.now);
            Vec::new()
        }
    }
}

fn write_export(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Export(prompt)) = state.dialogs.last() else { return Vec::new() };
    let path = prompt.input.value().trim().to_owned();
    if path.is_empty() {
        return Vec::new();
    }
    state.dialogs.pop();
    let list = state.list();
    let export = Export {
        path,
        columns: list.columns().collect(),
        selection: list.selection(),
        lang: state.lang,
        now: state.now,
    };
    vec![Effect::Export(Box::new(export))]
}
