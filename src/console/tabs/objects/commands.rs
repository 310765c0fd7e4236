//! The commands of a table of objects and of the detail.

use crate::console::app::browse;
use crate::console::app::command::{
    BACK_TAB, Command, Differs, ENTER, LEFT, NotReady, RIGHT, Ready, TAB, always, command, open, rows, selected,
    shown_as,
};
use crate::console::app::keys::{ch, ctrl};
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::filter::{saved, update as filter};
use crate::console::dialogs::handover::update as handover;
use crate::console::dialogs::watching::update as watch;
use crate::console::dialogs::{self, action, pick};
use crate::console::tabs::journal::update as journal;
use crate::console::tabs::objects::arrange;
use crate::console::tabs::objects::detail::DetailPage;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::search;
use crate::console::tabs::objects::strip;
use crate::console::tabs::objects::update as detail;
use crate::model::{Kind, ObjectId};

/// Table and detail of objects.
pub(crate) const OBJECTS: Scope = Scope::new("objects", &[]);
pub(crate) const TABLE: Scope = Scope::new("table", &[OBJECTS, Scope::TABLES, Scope::COLUMNS, Scope::BROWSE]);
/// The detail on any page.
pub(crate) const DETAIL: Scope = Scope::new("detail", &[OBJECTS, Scope::BROWSE]);
/// The detail's page Timeline.
pub(crate) const TIMELINE: Scope = Scope::new("timeline", &[DETAIL]);
/// An opened line of the timeline.
pub(crate) const OPENED: Scope = Scope::new("opened", &[DETAIL]);
/// The detail's page Related.
pub(crate) const RELATED: Scope = Scope::new("related", &[DETAIL]);
/// The detail's page Raw.
pub(crate) const RAW: Scope = Scope::new("raw", &[DETAIL]);

pub(crate) const COMMANDS: &[Command] = &[
    command("act", OBJECTS, &[ch('a')], 2, acting, action::menu)
        .differing(|state| if state.acts_on_marks() { shown_as("command-act-marked") } else { None }),
    command("open", TABLE, &[ENTER], 1, selected, detail::open),
    command("mark", TABLE, &[ch(' ')], 15, markable, bulk::mark),
    command("mark-all", TABLE, &[ch('*')], 0, markable, bulk::mark_all),
    command("unmark-all", TABLE, &[ch('u')], 0, marks, bulk::unmark_all),
    command("mark-range", TABLE, &[ch('V')], 0, arrange::range, bulk::mark_range),
    command("mark-invert", TABLE, &[ch('I')], 0, markable, bulk::invert),
    command("compare-objects", TABLE, &[ch('=')], 0, two_marked, detail::compare_marked)
        .differing(|state| detail::marked_pair(state).and(COMPARING)),
    command("new", TABLE, &[ch('n')], 4, creatable, action::create_new),
    command("handover", Scope::BROWSE, &[ch('H')], 0, handed, handover::open),
    command("bulk", Scope::BROWSE, &[ch('b')], 0, in_bulk, bulk::open),
    command("filter", TABLE, &[ch('/')], 3, open, filter::open),
    command("save-filter", Scope::COLUMNS, &[ctrl('s')], 0, saved::filtered, saved::ask),
    command("share", TABLE, &[ch('%')], 0, strip::choosable, strip::next),
    command("problems", Scope::COLUMNS, &[ch('!')], 6, open, filter::problems).differing(filter::problems_shown_as),
    command("sort", TABLE, &[ch('s')], 13, open, pick::sort),
    command("columns", TABLE, &[ch('c')], 0, open, pick::columns),
    command("columns-wide", Scope::COLUMNS, &[ch('C')], 0, open, arrange::turn_wide).differing(arrange::wide_shown_as),
    command("columns-right", Scope::COLUMNS, &[RIGHT, ch('l')], 0, scrolls, |state| arrange::scroll(state, 1)),
    command("columns-left", Scope::COLUMNS, &[LEFT, ch('h')], 0, scrolls, |state| arrange::scroll(state, -1)),
    command("refresh", Scope::BROWSE, &[ch('r')], 12, browse::refreshable, browse::refresh)
        .differing(browse::refreshes),
    command("refresh-visible", TABLE, &[ch('R')], 0, rows, browse::refresh_visible),
    command("watch", OBJECTS, &[ch('w')], 11, watchable, watch::toggle)
        .differing(|state| if watch::unwatches(state) { shown_as("command-unwatch") } else { None }),
    command("watching", Scope::BROWSE, &[ch('W')], 0, open, watch::open),
    command("pause", Scope::BROWSE, &[ch('P')], 0, open, watch::pause).differing(watch::resumes),
    command("bell", Scope::BROWSE, &[], 0, always, watch::toggle_bell)
        .differing(|state| if state.bell { shown_as("command-bell-off") } else { None }),
    command("copy-number", OBJECTS, &[ch('y')], 14, selected, browse::copy_number),
    command("copy-json", OBJECTS, &[ch('Y')], 0, fetched, browse::copy_json),
    command("copy-field", OBJECTS, &[ch('x')], 0, fetched, pick::field),
    command("journal-of", OBJECTS, &[ch('J')], 15, journaled, journal::of_subject),
];

pub(crate) const DETAIL_COMMANDS: &[Command] = &[
    command("look-into", TIMELINE, &[ENTER], 1, opens, detail::look_into).differing(looks_into),
    command("mark-version", TIMELINE, &[ch('m')], 1, version, detail::mark),
    command("along-chain", TIMELINE, &[ch('c')], 1, always, detail::turn_chain)
        .differing(|state| if state.along_chain { shown_as("command-along-chain-not") } else { None }),
    command("follow", RELATED, &[ENTER], 1, follows, detail::follow),
    command("fold", RAW, &[ENTER, ch(' ')], 1, fetched, detail::fold),
    command("fold-all", RAW, &[ch('F')], 2, fetched, detail::fold_all),
    command("copy-value", RAW, &[ch('c')], 3, fetched, detail::copy_value),
    command("find-in", DETAIL, &[ch('/')], 3, always, search::open),
    command("find-next", DETAIL, &[ch('n')], 0, searched, |state| search::step(state, true)),
    command("find-previous", DETAIL, &[ch('N')], 0, searched, |state| search::step(state, false)),
    command("turn-page", DETAIL, &[RIGHT, ch('l'), TAB], 1, always, |state| detail::turn(state, 1)),
    command("turn-page-back", DETAIL, &[LEFT, ch('h'), BACK_TAB], 0, always, |state| {
        detail::turn(state, DetailPage::ALL.len() - 1)
    }),
    command("timeline", Scope::BROWSE, &[ch('t')], 0, selected, |state| detail::open_page(state, DetailPage::Timeline)),
    command("related", Scope::BROWSE, &[ch('f')], 0, selected, |state| detail::open_page(state, DetailPage::Related)),
];

fn fetched(state: &AppState) -> Ready {
    selected(state)?;
    if state.awaits_story() {
        return Err(NotReady::Wait);
    }
    state.subject_id().and_then(|id| state.entity(id)).map(drop).ok_or(NotReady::Blocked("blocked-not-fetched"))
}

fn journaled(state: &AppState) -> Ready {
    open(state)?;
    selected(state)
}

/// Something is searched for.
fn searched(state: &AppState) -> Ready {
    let needle = state.view.detail.as_ref().and_then(|detail| detail.needle.as_ref());
    needle.map(drop).ok_or(NotReady::Blocked("blocked-no-search"))
}

/// The line of the timeline can be opened, or leads to another object.
fn opens(state: &AppState) -> Ready {
    let is_another = |id: &ObjectId| state.subject_id() != Some(id);
    match state.line_id() {
        _ if state.awaits_story() => Err(NotReady::Wait),
        Some(LineId::Version(_) | LineId::Entry(_) | LineId::Event(_) | LineId::Row(..)) => Ok(()),
        Some(LineId::Noted(of)) if is_another(&of) => Ok(()),
        Some(LineId::Dated(of, dated)) if is_another(&detail::leads_to(of.clone(), &dated)) => Ok(()),
        _ => Err(NotReady::Blocked("blocked-nothing-inside")),
    }
}

/// The message of opening a line, unless it shows differences.
fn looks_into(state: &AppState) -> Option<Differs> {
    shown_as(match state.line_id() {
        Some(LineId::Entry(_)) => "command-look-into-entry",
        Some(LineId::Event(_)) => "command-look-into-notification",
        Some(LineId::Row(..)) => "command-look-into-row",
        Some(LineId::Dated(..) | LineId::Noted(_)) => "command-follow",
        _ if state.view.detail.as_ref().is_some_and(|detail| detail.marked.is_some()) => "command-compare-marked",
        _ => return None,
    })
}

fn version(state: &AppState) -> Ready {
    match state.line_id() {
        _ if state.awaits_story() => Err(NotReady::Wait),
        Some(LineId::Version(_)) => Ok(()),
        _ => Err(NotReady::Blocked("blocked-no-version")),
    }
}

fn follows(state: &AppState) -> Ready {
    match state.line_id() {
        _ if state.awaits_story() => Err(NotReady::Wait),
        Some(_) => Ok(()),
        None => Err(NotReady::Blocked("blocked-nothing-related")),
    }
}

fn acting(state: &AppState) -> Ready {
    open(state)?;
    if state.acts_on_marks() {
        return if dialogs::commands::under_way(state).is_ok() {
            Err(NotReady::Blocked("blocked-bulk"))
        } else {
            Ok(())
        };
    }
    fetched(state)?;
    if state.awaits_surroundings() { Err(NotReady::Wait) } else { Ok(()) }
}

/// An object can be created: the account may write.
fn creatable(state: &AppState) -> Ready {
    open(state)?;
    if state.kind().is_none() {
        return Err(NotReady::Blocked("blocked-nothing-selected"));
    }
    state.forbids_changes().map_or(Ok(()), |reason| Err(NotReady::Blocked(reason)))
}

fn handed(state: &AppState) -> Ready {
    state.view.handover.as_ref().map(drop).ok_or(NotReady::Blocked("blocked-no-handover"))
}

/// There are columns beyond those on the screen.
fn scrolls(state: &AppState) -> Ready {
    open(state)?;
    if state.room.sideways > 0 { Ok(()) } else { Err(NotReady::Blocked("blocked-all-columns")) }
}

fn markable(state: &AppState) -> Ready {
    open(state)?;
    rows(state)
}

fn marks(state: &AppState) -> Ready {
    if state.list().is_none_or(|list| list.marked().len() == 0) {
        Err(NotReady::Blocked("blocked-no-marks"))
    } else {
        Ok(())
    }
}

/// While two rows are marked, the hint line shows that they can be compared.
const COMPARING: Option<Differs> = Some(Differs { message: "command-compare-objects", hint: Some(2) });

fn two_marked(state: &AppState) -> Ready {
    open(state)?;
    detail::marked_pair(state).map(drop).ok_or(NotReady::Blocked("blocked-not-two"))
}

/// An object can be watched or unwatched.
fn watchable(state: &AppState) -> Ready {
    open(state)?;
    if !state.acts_on_marks() {
        selected(state)?;
    }
    if watch::is_possible(state) { Ok(()) } else { Err(NotReady::Blocked("blocked-final")) }
}

fn in_bulk(state: &AppState) -> Ready {
    state.view.bulk.as_ref().map(drop).ok_or(NotReady::Blocked("blocked-no-bulk"))
}

pub(crate) fn stock(state: &AppState) -> Ready {
    open(state)?;
    let stock = state.subject_id().filter(|id| id.kind == Kind::Stock);
    stock.map(drop).ok_or(NotReady::Blocked("blocked-no-stock"))
}
