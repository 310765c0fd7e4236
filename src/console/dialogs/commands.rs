//! The commands of the dialogs.

use crate::console::app::command::{
    BACK_TAB, Command, DOWN, Differs, END, ENTER, ESC, HOME, LEFT, NotReady, PAGE_DOWN, PAGE_UP, RIGHT, Ready, TAB, UP,
    always, command, shown_as,
};
use crate::console::app::keys::{ch, ctrl};
use crate::console::app::leave;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput, FOLD_KEYS};
use crate::console::dialogs::confirm::update as confirm_input;
use crate::console::dialogs::filter::{calendar, saved, update as filter};
use crate::console::dialogs::form::state::Form;
use crate::console::dialogs::handover::update as handover;
use crate::console::dialogs::request;
use crate::console::dialogs::scopes::{
    BULK, CALENDAR, CONFIRM, FILTER, FORM, FORM_ROWS, HANDOVER, HELP, LISTS, PALETTE, PICK, PREPARING, PROMPT, QUIT,
    SETTLEMENTS, WATCHING, WORDS,
};
use crate::console::dialogs::settlements::state::Settlements;
use crate::console::dialogs::settlements::update as settlements;
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::update as dialog;
use crate::console::dialogs::watching::state::WatchList;
use crate::console::dialogs::watching::update as watch;
use crate::console::dialogs::{action, pick, prompt};
use crate::console::tabs::objects::arrange;

/// Lines that PageUp and PageDown move in a preview.
const LINES: isize = 10;

pub(crate) const COMMANDS: &[Command] = &[
    command("filter-complete", WORDS, &[TAB], 3, always, filter::complete),
    command("filter-next-word", WORDS, &[DOWN], 0, always, |state| filter::choose(state, 1)),
    command("filter-previous-word", WORDS, &[UP, BACK_TAB], 0, always, |state| filter::choose(state, -1)),
    command("filter-calendar", WORDS, &[ctrl('t')], 4, always, calendar::open),
    command("filter-save", WORDS, &[ctrl('s')], 5, saved::savable, saved::ask),
    command("filter-keep", FILTER, &[ENTER], 1, always, filter::keep),
    command("filter-drop", FILTER, &[ESC], 2, always, prompt::drop_filter),
    command("palette-run", PALETTE, &[ENTER], 1, always, prompt::run_entry),
    command("palette-down", PALETTE, &[DOWN, ctrl('n')], 0, always, |state| dialog::walk(state, 1)),
    command("palette-up", PALETTE, &[UP, ctrl('p')], 0, always, |state| dialog::walk(state, -1)),
    command("palette-page-down", PALETTE, &[PAGE_DOWN], 0, always, |state| dialog::page(state, 1)),
    command("palette-page-up", PALETTE, &[PAGE_UP], 0, always, |state| dialog::page(state, -1)),
    command("palette-top", PALETTE, &[HOME], 0, always, |state| dialog::walk(state, isize::MIN)),
    command("palette-bottom", PALETTE, &[END], 0, always, |state| dialog::walk(state, isize::MAX)),
    command("palette-delete", PALETTE, &[ctrl('d')], 0, saved::deletable, saved::delete).differing(|state| {
        saved::deletable(state).ok().map(|()| Differs { message: "command-palette-delete", hint: Some(3) })
    }),
    command("calendar-take", CALENDAR, &[ENTER], 1, always, calendar::take),
    command("calendar-turn", CALENDAR, &[TAB, ch(' ')], 2, always, calendar::turn),
    command("calendar-left", CALENDAR, &[LEFT, ch('h')], 0, always, |state| calendar::days(state, -1)),
    command("calendar-right", CALENDAR, &[RIGHT, ch('l')], 0, always, |state| calendar::days(state, 1)),
    command("calendar-up", CALENDAR, &[UP, ch('k')], 0, always, |state| calendar::days(state, -7)),
    command("calendar-down", CALENDAR, &[DOWN, ch('j')], 0, always, |state| calendar::days(state, 7)),
    command("calendar-earlier", CALENDAR, &[PAGE_UP, ch('<')], 0, always, |state| calendar::months(state, false)),
    command("calendar-later", CALENDAR, &[PAGE_DOWN, ch('>')], 0, always, |state| calendar::months(state, true)),
    command("calendar-today", CALENDAR, &[ch('t'), HOME], 3, always, calendar::today),
    command("calendar-close", CALENDAR, &[ESC, ch('q')], 4, always, dialog::close),
    command("palette-close", PALETTE, &[ESC], 2, always, dialog::close),
    command("list-down", LISTS, &[ch('j'), DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("list-up", LISTS, &[ch('k'), UP], 0, always, |state| dialog::walk(state, -1)),
    command("list-page-down", LISTS, &[PAGE_DOWN, ctrl('f')], 0, always, |state| dialog::page(state, 1)),
    command("list-page-up", LISTS, &[PAGE_UP, ctrl('b')], 0, always, |state| dialog::page(state, -1)),
    command("list-top", LISTS, &[ch('g'), HOME], 0, always, |state| dialog::walk(state, isize::MIN)),
    command("list-bottom", LISTS, &[ch('G'), END], 0, always, |state| dialog::walk(state, isize::MAX)),
    command("pick-take", PICK, &[ENTER, ch(' ')], 1, always, pick::take).needing_history(),
    command("column-down", PICK, &[ch('J')], 0, arrange::column_moves, |state| arrange::move_column(state, 1))
        .differing(|state| arrange::column_hint(state, "command-column-down")),
    command("column-up", PICK, &[ch('K')], 0, arrange::column_moves, |state| arrange::move_column(state, -1))
        .differing(|state| arrange::column_hint(state, "command-column-up")),
    command("columns-save", PICK, &[ctrl('s')], 0, arrange::has_columns, saved::ask)
        .differing(|state| arrange::column_hint(state, "command-columns-save")),
    command("pick-close", PICK, &[ESC, ch('q')], 2, always, dialog::close),
    command("form-preview", FORM, &[ENTER], 1, always, action::submit).needing_history(),
    command("form-close", FORM, &[ESC], 2, always, action::leave_form),
    command("form-add-row", FORM_ROWS, &[ctrl('n')], 3, row_after, |state| action::in_form(state, Form::add_row)),
    command("form-remove-row", FORM_ROWS, &[ctrl('d')], 4, in_row, |state| action::in_form(state, Form::remove_row)),
    command("form-reset", FORM, &[ctrl('r')], 5, always, action::reset_form).needing_history(),
    command("form-next", FORM, &[TAB], 6, always, |state| action::in_form(state, |form| form.turn(true))),
    command("form-previous", FORM, &[BACK_TAB], 0, always, |state| action::in_form(state, |form| form.turn(false))),
    command("form-down", FORM, &[DOWN], 0, always, |state| action::in_form(state, |form| form.step(true))),
    command("form-up", FORM, &[UP], 0, always, |state| action::in_form(state, |form| form.step(false))),
    command("confirm-press", CONFIRM, &[ENTER], 1, always, confirm_input::press).differing(presses),
    command("confirm-next", CONFIRM, &[TAB, RIGHT], 2, always, |state| confirm_input::turn_focus(state, true))
        .differing(barred),
    command("confirm-previous", CONFIRM, &[BACK_TAB, LEFT], 0, always, |state| confirm_input::turn_focus(state, false)),
    command("confirm-down", CONFIRM, &[DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("confirm-up", CONFIRM, &[UP], 0, always, |state| dialog::walk(state, -1)),
    command("confirm-page-down", CONFIRM, &[PAGE_DOWN], 0, always, |state| dialog::walk(state, LINES)),
    command("confirm-page-up", CONFIRM, &[PAGE_UP], 0, always, |state| dialog::walk(state, -LINES)),
    command("confirm-request", CONFIRM, &FOLD_KEYS, 4, foldable, confirm_input::fold).differing(unfoldable),
    command("confirm-close", CONFIRM, &[ESC], 3, always, dialog::close).differing(barred),
    command("preparing-close", PREPARING, &[ESC], 1, always, dialog::close),
    command("bulk-pause", BULK, &[ch('p'), ch(' ')], 1, under_way, bulk::pause).differing(bulk::resumes),
    command("bulk-stop", BULK, &[ch('s')], 2, under_way, bulk::stop),
    command("bulk-export", BULK, &[ch('e')], 3, always, bulk::export),
    command("bulk-close", BULK, &[ESC, ch('q')], 4, always, dialog::close)
        .differing(|state| if state.is_busy() { None } else { shown_as("command-pick-close") }),
    command("settlements-turn", SETTLEMENTS, &[TAB], 1, always, settlements::turn),
    command("settlements-next", SETTLEMENTS, &[RIGHT, ch('n')], 2, page_after, |state| settlements::page(state, true)),
    command("settlements-previous", SETTLEMENTS, &[LEFT, ch('p')], 3, page_before, |state| {
        settlements::page(state, false)
    }),
    command("settlements-again", SETTLEMENTS, &[ch('r')], 4, always, settlements::again),
    command("settlements-close", SETTLEMENTS, &[ESC, ch('q')], 5, always, dialog::close),
    command("watching-go", WATCHING, &[ENTER], 1, watched, watch::go),
    command("watching-drop", WATCHING, &[ch('w'), ch(' ')], 2, watched, watch::drop_selected),
    command("watching-pause", WATCHING, &[ch('P')], 3, always, watch::pause).differing(watch::resumes),
    command("watching-close", WATCHING, &[ESC, ch('q'), ch('W')], 4, always, dialog::close),
    command("handover-copy", HANDOVER, &[ch('y'), ENTER], 1, always, handover::copy),
    command("handover-copy-all", HANDOVER, &[ch('Y')], 2, always, handover::copy_all),
    command("handover-close", HANDOVER, &[ESC, ch('q')], 3, always, dialog::close),
    command("confirm-copy-curl", CONFIRM, &[ctrl('y')], 0, previewed, request::copy_curl),
    command("confirm-copy-command", CONFIRM, &[ctrl('x')], 0, previewed, request::copy_command),
    command("prompt-accept", PROMPT, &[ENTER], 1, always, prompt::accept).differing(accepts),
    command("prompt-close", PROMPT, &[ESC], 2, always, dialog::close),
    command("help-search", HELP, &[ch(':'), ch('/')], 2, helps, prompt::search_help).differing(searches_nothing),
    command("help-close", HELP, &[ESC, ch('?'), ch('q'), ENTER], 1, always, dialog::close),
    command("quit-anyway", QUIT, &[ch('y')], 1, always, leave::now).unseen(),
    command("stay", QUIT, &[ESC, ch('n'), ENTER], 2, always, dialog::close).unseen(),
];

/// The preview of one operation.
fn previewed(state: &AppState) -> Ready {
    match state.view.dialogs.last() {
        Some(Dialog::Confirm(_)) => Ok(()),
        _ => Err(NotReady::Blocked("blocked-no-request")),
    }
}

/// The focus is in a row of the form.
fn in_row(state: &AppState) -> Ready {
    match state.view.dialogs.last() {
        Some(Dialog::Form(form)) if form.is_in_row() => Ok(()),
        _ => Err(NotReady::Blocked("blocked-not-in-row")),
    }
}

/// The focus is in a row, and there may be another.
fn row_after(state: &AppState) -> Ready {
    in_row(state)?;
    match state.view.dialogs.last() {
        Some(Dialog::Form(form)) if form.can_add_row() => Ok(()),
        _ => Err(NotReady::Blocked("blocked-most-rows")),
    }
}

/// Only a preview of one operation has one request.
fn foldable(state: &AppState) -> Ready {
    let one = matches!(state.view.dialogs.last(), Some(Dialog::Confirm(_)));
    if one { Ok(()) } else { Err(NotReady::Blocked("blocked-no-request")) }
}

/// Where there is no request, no hint speaks of one.
fn unfoldable(state: &AppState) -> Option<Differs> {
    foldable(state).is_err().then_some(Differs { message: "command-confirm-request", hint: Some(0) })
}

fn watched(state: &AppState) -> Ready {
    watch::list(state).and_then(WatchList::selected).map(drop).ok_or(NotReady::Blocked("blocked-nothing-watched"))
}

fn page_after(state: &AppState) -> Ready {
    settlements(state).and_then(Settlements::after).map(drop).ok_or(NotReady::Blocked("blocked-last-page"))
}

fn page_before(state: &AppState) -> Ready {
    settlements(state).and_then(Settlements::before).map(drop).ok_or(NotReady::Blocked("blocked-first-page"))
}

pub(crate) fn under_way(state: &AppState) -> Ready {
    state.view.bulk.as_ref().filter(|bulk| bulk.is_under_way()).map(drop).ok_or(NotReady::Blocked("blocked-bulk-over"))
}

fn settlements(state: &AppState) -> Option<&Settlements> {
    match state.view.dialogs.last() {
        Some(Dialog::Settlements(settlements)) => Some(settlements),
        _ => None,
    }
}

/// The help is on top, not another text.
fn helps(state: &AppState) -> Ready {
    let helps = matches!(state.view.dialogs.last(), Some(Dialog::Help { .. }));
    if helps { Ok(()) } else { Err(NotReady::Blocked("blocked-nothing-to-search")) }
}

/// In another text there is nothing to search.
fn searches_nothing(state: &AppState) -> Option<Differs> {
    helps(state).is_err().then_some(Differs { message: "command-help-search", hint: Some(0) })
}

/// Enter in a one-line input, except in the prompts that write a file.
fn accepts(state: &AppState) -> Option<Differs> {
    shown_as(match state.view.dialogs.last()? {
        Dialog::ReplayTo(_) => "command-replay-preview",
        Dialog::Open(_) => "command-find",
        Dialog::UserCoupons(_) => "command-ask-coupons",
        Dialog::Statement(_) => "command-statement-write",
        Dialog::OrdersFile(_) => "command-bill-reconcile",
        Dialog::CloseDifference(_) => "command-books-close",
        Dialog::SaveFilter(_) if saved::names_columns(state) => "command-columns-save",
        Dialog::SaveFilter(_) => "command-save-filter",
        _ => return None,
    })
}

/// Where the only button closes the preview, Enter says so, and nothing else is to be chosen.
fn barred(state: &AppState) -> Option<Differs> {
    let barred = state.view.dialogs.last().and_then(Dialog::confirm_input).is_some_and(ConfirmInput::is_barred);
    barred.then_some(Differs { message: "command-pick-close", hint: Some(0) })
}

/// Enter on the focused element.
fn presses(state: &AppState) -> Option<Differs> {
    let confirm_input = state.view.dialogs.last()?.confirm_input()?;
    if confirm_input.is_barred() {
        return shown_as("command-pick-close");
    }
    shown_as(match confirm_input.focus {
        ConfirmFocus::Reason => "command-confirm-next",
        ConfirmFocus::Cancel => "command-confirm-close",
        ConfirmFocus::Typing | ConfirmFocus::Confirm => "command-confirm-now",
    })
}
