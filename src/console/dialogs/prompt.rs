//! One-line inputs: the palette's query, the path of an export. Also the help.

use tui_input::Input;

use crate::console::app::effect::Effect;
use crate::console::app::export::{Export, default_path};
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::filter::{saved, update as filter};
use crate::console::dialogs::palette::{self, entries, search as search_entries};
use crate::console::dialogs::state::PaletteIntent;
use crate::console::dialogs::state::{Dialog, Palette, Prompt};
use crate::console::dialogs::{coupons, pick};
use crate::console::tabs::bills::books::update as books;
use crate::console::tabs::bills::state::newest_day;
use crate::console::tabs::inbox::update as events;
use crate::console::tabs::objects::search as search_in;
use crate::explain;
use crate::model::Number;
use crate::model::time::{compact_day, midnight, parse_compact_day};
use crate::services::Request;

/// Restores the filter from before.
pub(crate) fn drop_filter(state: &mut AppState) -> Vec<Effect> {
    match state.view.dialogs.pop() {
        Some(Dialog::Filter(input)) => filter::set_in(state, input.language, input.before),
        Some(Dialog::Find(find)) => search_in::drop_input(state, find),
        _ => {}
    }
    Vec::new()
}

pub(crate) fn palette(state: &mut AppState) -> Vec<Effect> {
    let entries = entries(state);
    let own = entries.len();
    let (input, found) = (Input::default(), Vec::new());
    let mut palette = Palette { input, entries, own, found, selected: 0, wanted: None };
    search_entries(&mut palette);
    state.view.dialogs.push(Dialog::Palette(palette));
    Vec::new()
}

pub(crate) fn query_typed(state: &mut AppState) {
    if let Some(Dialog::Palette(palette)) = state.view.dialogs.last_mut() {
        palette::typed(palette);
    }
}

/// From the help to the search in what it lists.
pub(crate) fn search_help(state: &mut AppState) -> Vec<Effect> {
    state.view.dialogs.pop();
    palette(state)
}

/// Runs the selected entry if it is possible.
pub(crate) fn run_entry(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Palette(palette)) = state.view.dialogs.last() else { return Vec::new() };
    let chosen = palette.found.get(palette.selected).and_then(|at| palette.entries.get(*at));
    let Some(entry) = chosen.filter(|entry| entry.blocked.is_none()) else { return Vec::new() };
    let intent = entry.intent.clone();
    state.view.dialogs.pop();
    match intent {
        PaletteIntent::Command(id) => {
            let command = state.commands.iter().find(|command| command.id == id).copied();
            command.map_or_else(Vec::new, |command| command.run(state))
        }
        PaletteIntent::Take(take) => pick::perform(state, take),
        PaletteIntent::Lang(lang) => {
            state.lang = lang;
            Vec::new()
        }
        PaletteIntent::SavedFilter(filter) => saved::apply(state, &filter),
        PaletteIntent::Theme(theme) => {
            state.theme = theme;
            Vec::new()
        }
    }
}

pub(crate) fn help(state: &mut AppState) -> Vec<Effect> {
    state.view.dialogs.push(Dialog::Help { scroll: 0 });
    Vec::new()
}

pub(crate) fn export(state: &mut AppState) -> Vec<Effect> {
    let Some(kind) = state.kind() else { return Vec::new() };
    state.view.dialogs.push(Dialog::Export(Prompt::proposing(default_path(kind, state.now))));
    Vec::new()
}

pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.dialogs.push(Dialog::Open(Prompt::default()));
    Vec::new()
}

/// Asks for the day of the statement; the newest is proposed.
pub(crate) fn statement(state: &mut AppState) -> Vec<Effect> {
    let day = newest_day(state.now).map(|day| compact_day(midnight(day))).unwrap_or_default();
    state.view.dialogs.push(Dialog::Statement(Prompt::proposing(day)));
    Vec::new()
}

/// Requests the statement. An input that is not a day stays open for correction.
fn write_statement(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Statement(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let lang = state.lang;
    let Some(day) = parse_compact_day(prompt.input.value()) else {
        state.view.toasts.push(ToastKind::Error, lang.t("toast-no-day"), Vec::new(), state.now);
        return Vec::new();
    };
    state.view.dialogs.pop();
    let title = tr!(lang, "toast-statement-asked", day = day);
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    let path = format!("paydeck-statement-{day}.csv").into();
    vec![Request::SaveStatement { day, path }.into()]
}

/// Enter in a one-line input.
pub(crate) fn accept(state: &mut AppState) -> Vec<Effect> {
    let Some(dialog) = state.view.dialogs.last() else { return Vec::new() };
    match dialog {
        Dialog::Open(_) => find_number(state),
        Dialog::UserCoupons(_) => coupons::list(state),
        Dialog::ReplayTo(_) => events::preview_replay(state),
        Dialog::ExportBulk(_) => bulk::write_export(state),
        Dialog::Statement(_) => write_statement(state),
        Dialog::OrdersFile(_) => books::start(state),
        Dialog::CloseDifference(_) => books::close(state),
        Dialog::SaveFilter(_) => saved::save(state),
        Dialog::Export(_) => write_export(state),
        Dialog::Filter(_)
        | Dialog::Calendar(_)
        | Dialog::Find(_)
        | Dialog::Palette(_)
        | Dialog::Pick(_)
        | Dialog::Form(_)
        | Dialog::Handover
        | Dialog::Bill(_)
        | Dialog::Confirm(_)
        | Dialog::Preparing(_)
        | Dialog::BulkConfirm(_)
        | Dialog::Bulk { .. }
        | Dialog::Watching(_)
        | Dialog::Settlements(_)
        | Dialog::Replay(_)
        | Dialog::CloseEntry(_)
        | Dialog::Usable(_)
        | Dialog::Help { .. }
        | Dialog::RunProgram(_)
        | Dialog::Output(_)
        | Dialog::Quit => Vec::new(),
    }
}

/// Searches for a number. An input that is not a number stays open for correction.
fn find_number(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Open(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    match Number::parse(prompt.input.value()) {
        Ok(number) => {
            state.view.dialogs.pop();
            state.view.toasts.searching(state.lang, &number, state.now);
            vec![Request::Find(number).into()]
        }
        Err(error) => {
            let title = state.lang.t("toast-no-number");
            state.view.toasts.push(ToastKind::Error, title, vec![explain::number(state.lang, &error)], state.now);
            Vec::new()
        }
    }
}

fn write_export(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Export(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let path = prompt.input.value().trim().to_owned();
    if path.is_empty() {
        return Vec::new();
    }
    state.view.dialogs.pop();
    let Some(list) = state.list() else { return Vec::new() };
    let export = Export {
        path,
        columns: list.columns().collect(),
        selection: list.selection(),
        lang: state.lang,
        now: state.now,
    };
    vec![Effect::Export(Box::new(export))]
}
