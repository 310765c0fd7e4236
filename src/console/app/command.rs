//! The table of commands. Keys, palette, hint line and help all read it; a test walks it.

use crossterm::event::KeyCode;

use crate::api::Usable;
use crate::console::app::effect::Effect;
use crate::console::app::keys::{Key, ch, ctrl, special};
use crate::console::app::state::{DetailPage, Stage, State};
use crate::console::app::{browse, leave};
use crate::console::dialogs::bulk::state::Pace;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::confirm::consent::ConfirmFocus;
use crate::console::dialogs::confirm::update as consent;
use crate::console::dialogs::handover::update as handover;
use crate::console::dialogs::settlements::state::Settlements;
use crate::console::dialogs::settlements::update as settlements;
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::watching::state::WatchList;
use crate::console::dialogs::watching::update as watch;
use crate::console::dialogs::{action, coupons, pick, prompt, update as dialog};
use crate::console::tabs::bills::update as bills;
use crate::console::tabs::inbox::payload::latest;
use crate::console::tabs::inbox::state::EventPage;
use crate::console::tabs::inbox::update as events;
use crate::console::tabs::journal::update as journal;
use crate::console::tabs::objects::lines::Spot;
use crate::console::tabs::objects::update as detail;
use crate::console::tabs::{Content, TABS};
use crate::model::{Kind, ObjectId, Region};
use crate::services::{NotReplayable, is_whole};

/// One command.
pub struct Command {
    /// With `command-` before it, its message.
    pub id: &'static str,
    pub keys: &'static [Key],
    pub scope: Scope,
    /// Its place in the hint line; 0 keeps it out.
    pub hint: u8,
    /// Whether it can run now; if not, the message that says why.
    pub ready: fn(&State) -> Result<(), &'static str>,
    pub run: fn(&mut State) -> Vec<Effect>,
}

/// Where a command applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Always,
    /// Nothing lies over the tab: its table or its detail has the keys.
    Browse,
    /// Any tab's table.
    Tables,
    /// Table and detail of objects.
    Objects,
    /// The journal's table and detail.
    Journal,
    Table,
    /// The detail, on whatever page.
    Detail,
    /// Its page Timeline.
    Timeline,
    /// What a line of the timeline was opened to.
    Opened,
    /// Its page Related.
    Related,
    /// The bills, and the rows of one.
    OfBills,
    /// The list of the bills.
    Bills,
    /// The rows of a bill.
    BillRows,
    /// The inbox, one of its lines, and the disagreements.
    OfEvents,
    /// The inbox's table and detail.
    Events,
    /// The inbox's table.
    Notices,
    /// The detail of one line.
    Notice,
    /// The queue of disagreements.
    Disputes,
    /// Which bill to fetch.
    BillForm,
    /// The journal's table.
    Entries,
    /// The detail of one entry.
    Entry,
    Filter,
    Palette,
    Pick,
    Form,
    Confirm,
    Preparing,
    Bulk,
    Settlements,
    Watching,
    Prompt,
    /// Something to be read.
    Help,
    Quit,
    /// What a creation has for its front end.
    Handover,
}

impl Scope {
    /// The scope that has the keys.
    pub fn of(state: &State) -> Self {
        match state.dialogs.last() {
            None => Self::beneath(state),
            Some(Dialog::Filter(_) | Dialog::Search(_) | Dialog::Inbox(_)) => Self::Filter,
            Some(Dialog::Palette(_)) => Self::Palette,
            Some(Dialog::Pick(_)) => Self::Pick,
            Some(Dialog::Form(_)) => Self::Form,
            Some(Dialog::Bill(_)) => Self::BillForm,
            Some(Dialog::Confirm(_) | Dialog::BulkConfirm(_) | Dialog::Replay(_) | Dialog::CloseEntry(_)) => {
                Self::Confirm
            }
            Some(Dialog::Preparing(_)) => Self::Preparing,
            Some(Dialog::Bulk { .. }) => Self::Bulk,
            Some(Dialog::Settlements(_)) => Self::Settlements,
            Some(Dialog::Watching(_)) => Self::Watching,
            Some(
                Dialog::Export(_)
                | Dialog::ExportBulk(_)
                | Dialog::Statement(_)
                | Dialog::Open(_)
                | Dialog::ReplayTo(_)
                | Dialog::UserCoupons(_),
            ) => Self::Prompt,
            Some(Dialog::Help { .. } | Dialog::Usable(_)) => Self::Help,
            Some(Dialog::Quit) => Self::Quit,
            Some(Dialog::Handover) => Self::Handover,
        }
    }

    /// The scope that has the keys once all dialogs are closed.
    pub fn beneath(state: &State) -> Self {
        match (state.content(), &state.detail, state.page) {
            (Content::Journal, ..) if state.scroll().is_some() => Self::Entry,
            (Content::Journal, ..) => Self::Entries,
            (Content::Events, ..) if state.events.disputing => Self::Disputes,
            (Content::Events, ..) if state.scroll().is_some() => Self::Notice,
            (Content::Events, ..) => Self::Notices,
            (Content::Bills, ..) if state.bills.reading.is_some() => Self::BillRows,
            (Content::Bills, ..) => Self::Bills,
            (Content::Objects(_), None, _) => Self::Table,
            (Content::Objects(_), Some(detail), DetailPage::Timeline) if detail.opened.is_some() => Self::Opened,
            (Content::Objects(_), Some(_), DetailPage::Timeline) => Self::Timeline,
            (Content::Objects(_), Some(_), DetailPage::Related) => Self::Related,
            (Content::Objects(_), Some(_), DetailPage::Overview | DetailPage::Raw) => Self::Detail,
        }
    }

    /// True for the detail of an object, whatever its page.
    fn is_detail(self) -> bool {
        matches!(self, Self::Detail | Self::Timeline | Self::Opened | Self::Related)
    }

    /// True if commands of this scope apply while `active` has the keys.
    pub fn covers(self, active: Self) -> bool {
        match self {
            Self::Always => true,
            Self::Browse => {
                matches!(active, Self::Table | Self::Entries | Self::Entry | Self::Bills | Self::BillRows)
                    || active.is_detail()
                    || Self::OfEvents.covers(active)
            }
            Self::Tables => matches!(
                active,
                Self::Table | Self::Entries | Self::Bills | Self::BillRows | Self::Notices | Self::Disputes
            ),
            Self::OfEvents => matches!(active, Self::Notices | Self::Notice | Self::Disputes),
            Self::Events => matches!(active, Self::Notices | Self::Notice),
            Self::OfBills => matches!(active, Self::Bills | Self::BillRows),
            Self::Objects => active == Self::Table || active.is_detail(),
            Self::Journal => matches!(active, Self::Entries | Self::Entry),
            Self::Detail => active.is_detail(),
            _ => self == active,
        }
    }
}

impl Command {
    /// Its place in the hint line where the state is now.
    pub fn rank(&self, state: &State) -> u8 {
        match self.id {
            // There it is what the list is for.
            "refresh" if Scope::of(state) == Scope::Disputes => 2,
            _ => self.hint,
        }
    }

    /// The message that says what it does where the state is now.
    pub fn label(&self, state: &State) -> String {
        if let Some(meaning) = look_into_label(state).filter(|_| self.id == "look-into") {
            return state.lang.t(meaning).into_owned();
        }
        let focus = state.dialogs.last().and_then(Dialog::consent).map(|consent| consent.focus);
        let meaning = match (self.id, focus) {
            ("refresh", _) if matches!(state.stage, Stage::Failed(..)) => "command-retry",
            ("refresh", _) if state.content() == Content::Events && state.events.disputing => "command-resolve",
            ("disputes", _) if state.events.disputing => "command-inbox",
            ("prompt-accept", _) if matches!(state.dialogs.last(), Some(Dialog::ReplayTo(_))) => {
                "command-replay-preview"
            }
            ("refresh", _) if state.kind().is_none() => "command-reread",
            ("prompt-accept", _) if matches!(state.dialogs.last(), Some(Dialog::Open(_))) => "command-find",
            ("prompt-accept", _) if matches!(state.dialogs.last(), Some(Dialog::UserCoupons(_))) => {
                "command-ask-coupons"
            }
            ("prompt-accept", _) if matches!(state.dialogs.last(), Some(Dialog::Statement(_))) => {
                "command-statement-write"
            }
            ("down", _) if state.selects_spots() => "command-next-line",
            ("up", _) if state.selects_spots() => "command-previous-line",
            ("top", _) if state.selects_spots() => "command-first-line",
            ("bottom", _) if state.selects_spots() => "command-last-line",
            ("along-chain", _) if state.along_chain => "command-along-chain-not",
            ("look-into", _) if state.detail.as_ref().is_some_and(|detail| detail.marked.is_some()) => {
                "command-compare-marked"
            }
            ("watch", _) if watch::unwatches(state) => "command-unwatch",
            ("pause" | "watching-pause", _) if state.watched.told().paused.is_some() => "command-pause-end",
            ("bell", _) if state.watched.bell => "command-bell-off",
            ("act", _) if state.acts_on_marks() => "command-act-marked",
            ("bulk-close", _) if !state.is_busy() => "command-pick-close",
            ("bulk-pause", _) if state.bulk.as_ref().is_some_and(|bulk| matches!(bulk.pace, Pace::Paused(_))) => {
                "command-bulk-go-on"
            }
            ("down", _) if state.scroll().is_some() => "command-help-down",
            ("up", _) if state.scroll().is_some() => "command-help-up",
            ("top", _) if state.scroll().is_some() => "command-detail-top",
            ("bottom", _) if state.scroll().is_some() => "command-detail-bottom",
            ("confirm-press", Some(ConfirmFocus::Reason)) => "command-confirm-next",
            ("confirm-press", Some(ConfirmFocus::Cancel)) => "button-cancel",
            ("confirm-press", Some(ConfirmFocus::Typing | ConfirmFocus::Confirm)) => "button-confirm",
            (id, _) => return state.lang.t(&format!("command-{id}")).into_owned(),
        };
        state.lang.t(meaning).into_owned()
    }
}

/// The command a key stands for while a scope has the keys.
pub fn find(active: Scope, key: Key) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.scope.covers(active) && command.keys.contains(&key))
}

/// Commands that apply in a scope.
pub fn within(active: Scope) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| command.scope.covers(active))
}

const fn command(
    id: &'static str,
    scope: Scope,
    keys: &'static [Key],
    hint: u8,
    ready: fn(&State) -> Result<(), &'static str>,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command { id, keys, scope, hint, ready, run }
}

const ENTER: Key = special(KeyCode::Enter);
const ESC: Key = special(KeyCode::Esc);
const BACKSPACE: Key = special(KeyCode::Backspace);
const UP: Key = special(KeyCode::Up);
const DOWN: Key = special(KeyCode::Down);
const LEFT: Key = special(KeyCode::Left);
const RIGHT: Key = special(KeyCode::Right);
const TAB: Key = special(KeyCode::Tab);
const BACK_TAB: Key = special(KeyCode::BackTab);
const PAGE_UP: Key = special(KeyCode::PageUp);
const PAGE_DOWN: Key = special(KeyCode::PageDown);
const HOME: Key = special(KeyCode::Home);
const END: Key = special(KeyCode::End);

/// Lines a page of a list has.
const LINES: isize = 10;

/// All commands, in the order of help and palette.
pub static COMMANDS: &[Command] = &[
    command("act", Scope::Objects, &[ch('a')], 2, acting, action::menu),
    command("open", Scope::Table, &[ENTER], 1, selected, detail::open),
    command("mark", Scope::Table, &[ch(' ')], 15, markable, bulk::mark),
    command("mark-all", Scope::Table, &[ch('*')], 0, markable, bulk::mark_all),
    command("unmark-all", Scope::Table, &[ch('u')], 0, marks, bulk::unmark_all),
    command("new", Scope::Table, &[ch('n')], 4, creatable, action::create_new),
    command("handover", Scope::Browse, &[ch('H')], 0, handed, handover::open),
    command("bulk", Scope::Browse, &[ch('b')], 0, in_bulk, bulk::open),
    command("filter", Scope::Table, &[ch('/')], 3, open, prompt::filter),
    command("sort", Scope::Table, &[ch('s')], 13, open, pick::sort),
    command("columns", Scope::Table, &[ch('c')], 0, open, pick::columns),
    command("refresh", Scope::Browse, &[ch('r')], 12, refreshable, browse::refresh),
    command("refresh-visible", Scope::Table, &[ch('R')], 0, rows, browse::refresh_visible),
    command("watch", Scope::Objects, &[ch('w')], 11, watchable, watch::toggle),
    command("watching", Scope::Browse, &[ch('W')], 0, open, watch::open),
    command("pause", Scope::Browse, &[ch('P')], 0, open, watch::pause),
    command("bell", Scope::Browse, &[], 0, always, watch::toggle_bell),
    command("copy-number", Scope::Objects, &[ch('y')], 14, selected, browse::copy_number),
    command("copy-json", Scope::Objects, &[ch('Y')], 0, fetched, browse::copy_json),
    command("journal-of", Scope::Objects, &[ch('J')], 15, journaled, journal::of_subject),
    command("entry-open", Scope::Entries, &[ENTER], 1, entry, journal::open),
    command("entry-search", Scope::Entries, &[ch('/')], 3, open, prompt::search),
    command("entry-object", Scope::Entry, &[ENTER], 1, entry_object, journal::show_object),
    command("entry-close", Scope::Journal, &[ch('X')], 13, entry_open, journal::close_entry),
    command("entry-copy", Scope::Journal, &[ch('y')], 14, entry, journal::copy_number),
    command("entry-copy-json", Scope::Journal, &[ch('Y')], 0, entry, journal::copy_json),
    command("event-open", Scope::Notices, &[ENTER], 1, event, events::open),
    command("event-search", Scope::Notices, &[ch('/')], 3, open, events::search),
    command("event-part", Scope::Notices, &[ch('v')], 5, open, events::turn_part),
    command("event-object", Scope::Notice, &[ENTER], 1, event_object, events::show_object),
    command("event-page", Scope::Notice, &[RIGHT, ch('l'), TAB], 2, always, |state| events::turn(state, 1)),
    command("event-page-back", Scope::Notice, &[LEFT, ch('h'), BACK_TAB], 0, always, |state| {
        events::turn(state, EventPage::ALL.len() - 1)
    }),
    command("event-replay", Scope::Events, &[ch('s')], 6, replayable, events::replay),
    command("event-copy", Scope::Events, &[ch('y')], 14, event, events::copy_id),
    command("event-copy-payload", Scope::Events, &[ch('Y')], 0, event_kept, events::copy_payload),
    command("dispute-object", Scope::Disputes, &[ENTER], 1, dispute, events::dispute_object),
    command("dispute-event", Scope::Disputes, &[ch('e')], 4, dispute_event, events::dispute_event),
    command("dispute-resolve-all", Scope::Disputes, &[ch('R')], 3, dispute, events::resolve_all),
    command("disputes", Scope::OfEvents, &[ch('d')], 4, open, events::turn_view),
    command("bill-open", Scope::Bills, &[ENTER], 1, bill, bills::open),
    command("bill-row", Scope::BillRows, &[ENTER], 1, bill_row, bills::follow),
    command("bill-fetch", Scope::OfBills, &[ch('n')], 2, open, bills::form),
    command("bill-note", Scope::OfBills, &[ch('i')], 3, bill, bills::note),
    command("bill-copy", Scope::Bills, &[ch('y')], 14, listed, bills::copy_path),
    command("bill-copy-number", Scope::BillRows, &[ch('y')], 14, bill_row, bills::copy_number),
    command("find", Scope::Browse, &[ch('o')], 4, open, prompt::open),
    command("export", Scope::Table, &[ch('e')], 0, rows, prompt::export),
    command("settlements", Scope::Browse, &[], 0, abroad, settlements::open),
    command("statement", Scope::Browse, &[], 0, abroad, prompt::statement),
    command("palette", Scope::Browse, &[ch(':')], 7, always, prompt::palette),
    command("profile", Scope::Browse, &[ch('p')], 11, settled, pick::profile),
    command("help", Scope::Browse, &[ch('?')], 8, always, prompt::help),
    command("back", Scope::Browse, &[ESC], 10, always, browse::back),
    command("quit", Scope::Browse, &[ch('q')], 9, always, leave::quit),
    command("tab-1", Scope::Browse, &[ch('1')], 0, always, |state| browse::open_tab(state, 0)),
    command("tab-2", Scope::Browse, &[ch('2')], 0, always, |state| browse::open_tab(state, 1)),
    command("tab-3", Scope::Browse, &[ch('3')], 0, always, |state| browse::open_tab(state, 2)),
    command("tab-4", Scope::Browse, &[ch('4')], 0, always, |state| browse::open_tab(state, 3)),
    command("tab-5", Scope::Browse, &[ch('5')], 0, always, |state| browse::open_tab(state, 4)),
    command("tab-6", Scope::Browse, &[ch('6')], 0, always, |state| browse::open_tab(state, 5)),
    command("tab-7", Scope::Browse, &[ch('7')], 0, always, bills::open_tab),
    command("tab-8", Scope::Browse, &[ch('8')], 0, always, events::open_tab),
    command("tab-9", Scope::Browse, &[ch('9')], 0, always, journal::open_tab),
    command("tab-permissions", Scope::Browse, &[], 0, always, |state| browse::open_kind(state, Kind::Permission)),
    command("tab-coupons", Scope::Browse, &[], 0, always, |state| browse::open_kind(state, Kind::Coupon)),
    command("user-coupons", Scope::Browse, &[], 0, open, coupons::ask),
    command("usable-merchants", Scope::Objects, &[], 0, stock, |state| coupons::usable(state, Usable::Merchants)),
    command("usable-items", Scope::Objects, &[], 0, stock, |state| coupons::usable(state, Usable::Items)),
    command("next-tab", Scope::Tables, &[TAB], 0, always, |state| browse::turn_tab(state, 1)),
    command("previous-tab", Scope::Tables, &[BACK_TAB], 0, always, |state| browse::turn_tab(state, TABS.len() - 1)),
    command("down", Scope::Browse, &[ch('j'), DOWN], 0, always, |state| browse::walk(state, 1)),
    command("up", Scope::Browse, &[ch('k'), UP], 0, always, |state| browse::walk(state, -1)),
    command("page-down", Scope::Browse, &[PAGE_DOWN, ctrl('f')], 0, always, |state| browse::page(state, 1)),
    command("page-up", Scope::Browse, &[PAGE_UP, ctrl('b')], 0, always, |state| browse::page(state, -1)),
    command("top", Scope::Browse, &[ch('g'), HOME], 0, always, browse::to_start),
    command("bottom", Scope::Browse, &[ch('G'), END], 0, always, browse::to_end),
    command("look-into", Scope::Timeline, &[ENTER], 1, opens, detail::look_into),
    command("mark-version", Scope::Timeline, &[ch('m')], 1, version, detail::mark),
    command("along-chain", Scope::Timeline, &[ch('c')], 1, always, detail::turn_chain),
    command("follow", Scope::Related, &[ENTER], 1, follows, detail::follow),
    command("turn-page", Scope::Detail, &[RIGHT, ch('l'), TAB], 1, always, |state| detail::turn(state, 1)),
    command("turn-page-back", Scope::Detail, &[LEFT, ch('h'), BACK_TAB], 0, always, |state| {
        detail::turn(state, DetailPage::ALL.len() - 1)
    }),
    command("return", Scope::Detail, &[BACKSPACE], 0, came_from, detail::return_to),
    command("timeline", Scope::Browse, &[ch('t')], 0, selected, |state| detail::open_page(state, DetailPage::Timeline)),
    command("related", Scope::Browse, &[ch('f')], 0, selected, |state| detail::open_page(state, DetailPage::Related)),
    command("filter-keep", Scope::Filter, &[ENTER], 1, always, prompt::keep_filter),
    command("filter-drop", Scope::Filter, &[ESC], 2, always, prompt::drop_filter),
    command("palette-run", Scope::Palette, &[ENTER], 1, always, prompt::run_entry),
    command("palette-down", Scope::Palette, &[DOWN, ctrl('n')], 0, always, |state| dialog::walk(state, 1)),
    command("palette-up", Scope::Palette, &[UP, ctrl('p')], 0, always, |state| dialog::walk(state, -1)),
    command("palette-close", Scope::Palette, &[ESC], 2, always, dialog::close),
    command("pick-take", Scope::Pick, &[ENTER, ch(' ')], 1, always, pick::take),
    command("pick-down", Scope::Pick, &[ch('j'), DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("pick-up", Scope::Pick, &[ch('k'), UP], 0, always, |state| dialog::walk(state, -1)),
    command("pick-page-down", Scope::Pick, &[PAGE_DOWN, ctrl('f')], 0, always, |state| dialog::walk(state, LINES)),
    command("pick-page-up", Scope::Pick, &[PAGE_UP, ctrl('b')], 0, always, |state| dialog::walk(state, -LINES)),
    command("pick-top", Scope::Pick, &[ch('g'), HOME], 0, always, |state| dialog::walk(state, isize::MIN)),
    command("pick-bottom", Scope::Pick, &[ch('G'), END], 0, always, |state| dialog::walk(state, isize::MAX)),
    command("pick-close", Scope::Pick, &[ESC, ch('q')], 2, always, dialog::close),
    command("form-next", Scope::Form, &[TAB, DOWN], 2, always, |state| action::turn_field(state, true)),
    command("form-previous", Scope::Form, &[BACK_TAB, UP], 0, always, |state| action::turn_field(state, false)),
    command("form-preview", Scope::Form, &[ENTER], 1, always, action::submit),
    command("form-close", Scope::Form, &[ESC], 3, always, action::leave_form),
    command("bill-form-fetch", Scope::BillForm, &[ENTER], 1, always, bills::fetch),
    command("bill-form-choose", Scope::BillForm, &[RIGHT], 2, always, |state| bills::choose(state, true)),
    command("bill-form-choose-back", Scope::BillForm, &[LEFT], 0, always, |state| bills::choose(state, false)),
    command("bill-form-next", Scope::BillForm, &[TAB, DOWN], 3, always, |state| bills::turn_field(state, true)),
    command("bill-form-previous", Scope::BillForm, &[BACK_TAB, UP], 0, always, |state| bills::turn_field(state, false)),
    command("bill-form-close", Scope::BillForm, &[ESC], 4, always, dialog::close),
    command("confirm-press", Scope::Confirm, &[ENTER], 1, always, consent::press),
    command("confirm-next", Scope::Confirm, &[TAB, RIGHT], 2, always, |state| consent::turn_focus(state, true)),
    command("confirm-previous", Scope::Confirm, &[BACK_TAB, LEFT], 0, always, |state| {
        consent::turn_focus(state, false)
    }),
    command("confirm-down", Scope::Confirm, &[DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("confirm-up", Scope::Confirm, &[UP], 0, always, |state| dialog::walk(state, -1)),
    command("confirm-page-down", Scope::Confirm, &[PAGE_DOWN], 0, always, |state| dialog::walk(state, LINES)),
    command("confirm-page-up", Scope::Confirm, &[PAGE_UP], 0, always, |state| dialog::walk(state, -LINES)),
    command("confirm-close", Scope::Confirm, &[ESC], 3, always, dialog::close),
    command("preparing-close", Scope::Preparing, &[ESC], 1, always, dialog::close),
    command("bulk-pause", Scope::Bulk, &[ch('p'), ch(' ')], 1, under_way, bulk::pause),
    command("bulk-stop", Scope::Bulk, &[ch('s')], 2, under_way, bulk::stop),
    command("bulk-export", Scope::Bulk, &[ch('e')], 3, always, bulk::export),
    command("bulk-down", Scope::Bulk, &[ch('j'), DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("bulk-up", Scope::Bulk, &[ch('k'), UP], 0, always, |state| dialog::walk(state, -1)),
    command("bulk-page-down", Scope::Bulk, &[PAGE_DOWN, ctrl('f')], 0, always, |state| dialog::walk(state, LINES)),
    command("bulk-page-up", Scope::Bulk, &[PAGE_UP, ctrl('b')], 0, always, |state| dialog::walk(state, -LINES)),
    command("bulk-close", Scope::Bulk, &[ESC, ch('q')], 4, always, dialog::close),
    command("settlements-turn", Scope::Settlements, &[TAB], 1, always, settlements::turn),
    command("settlements-next", Scope::Settlements, &[RIGHT, ch('n')], 2, page_after, |state| {
        settlements::page(state, true)
    }),
    command("settlements-previous", Scope::Settlements, &[LEFT, ch('p')], 3, page_before, |state| {
        settlements::page(state, false)
    }),
    command("settlements-again", Scope::Settlements, &[ch('r')], 4, always, settlements::again),
    command("settlements-down", Scope::Settlements, &[ch('j'), DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("settlements-up", Scope::Settlements, &[ch('k'), UP], 0, always, |state| dialog::walk(state, -1)),
    command("settlements-close", Scope::Settlements, &[ESC, ch('q')], 5, always, dialog::close),
    command("watching-go", Scope::Watching, &[ENTER], 1, watched, watch::go),
    command("watching-drop", Scope::Watching, &[ch('w'), ch(' ')], 2, watched, watch::drop_selected),
    command("watching-pause", Scope::Watching, &[ch('P')], 3, always, watch::pause),
    command("watching-down", Scope::Watching, &[ch('j'), DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("watching-up", Scope::Watching, &[ch('k'), UP], 0, always, |state| dialog::walk(state, -1)),
    command("watching-page-down", Scope::Watching, &[PAGE_DOWN, ctrl('f')], 0, always, |state| {
        dialog::walk(state, LINES)
    }),
    command("watching-page-up", Scope::Watching, &[PAGE_UP, ctrl('b')], 0, always, |state| dialog::walk(state, -LINES)),
    command("watching-top", Scope::Watching, &[ch('g'), HOME], 0, always, |state| dialog::walk(state, isize::MIN)),
    command("watching-bottom", Scope::Watching, &[ch('G'), END], 0, always, |state| dialog::walk(state, isize::MAX)),
    command("watching-close", Scope::Watching, &[ESC, ch('q'), ch('W')], 4, always, dialog::close),
    command("handover-copy", Scope::Handover, &[ch('y'), ENTER], 1, always, handover::copy),
    command("handover-copy-all", Scope::Handover, &[ch('Y')], 2, always, handover::copy_all),
    command("handover-close", Scope::Handover, &[ESC, ch('q')], 3, always, dialog::close),
    command("prompt-accept", Scope::Prompt, &[ENTER], 1, always, prompt::accept),
    command("prompt-close", Scope::Prompt, &[ESC], 2, always, dialog::close),
    command("help-down", Scope::Help, &[ch('j'), DOWN, PAGE_DOWN], 0, always, |state| dialog::walk(state, 1)),
    command("help-up", Scope::Help, &[ch('k'), UP, PAGE_UP], 0, always, |state| dialog::walk(state, -1)),
    command("help-close", Scope::Help, &[ESC, ch('?'), ch('q'), ENTER], 1, always, dialog::close),
    command("quit-anyway", Scope::Quit, &[ch('y')], 1, always, leave::now),
    command("stay", Scope::Quit, &[ESC, ch('n'), ENTER], 2, always, dialog::close),
    command("suspend", Scope::Always, &[ctrl('z')], 0, always, |_| vec![Effect::Suspend]),
    command("leave-now", Scope::Always, &[ctrl('c')], 0, always, leave::now),
];

/// Not a refusal: the ledger is about to answer, and the key waits for it.
pub const WAIT: &str = "blocked-waiting";

fn always(_: &State) -> Result<(), &'static str> {
    Ok(())
}

fn listed(state: &State) -> Result<(), &'static str> {
    state.bills.selected().map(drop).ok_or("blocked-no-bill")
}

/// A bill whose file is there.
fn bill(state: &State) -> Result<(), &'static str> {
    let record = state.bills.shown().ok_or("blocked-no-bill")?;
    if record.present { Ok(()) } else { Err("blocked-bill-gone") }
}

fn bill_row(state: &State) -> Result<(), &'static str> {
    let reading = state.bills.reading.as_ref().ok_or("blocked-no-bill")?;
    let row = reading.selected().ok_or("blocked-nothing-selected")?;
    bills::wanted(row).map(drop).ok_or("blocked-row-of-nothing")
}

fn open(state: &State) -> Result<(), &'static str> {
    state.account().map(drop).ok_or("blocked-not-open")
}

fn selected(state: &State) -> Result<(), &'static str> {
    state.subject_id().map(drop).ok_or("blocked-nothing-selected")
}

fn rows(state: &State) -> Result<(), &'static str> {
    state.list().filter(|list| !list.rows().is_empty()).map(drop).ok_or("blocked-no-rows")
}

fn stock(state: &State) -> Result<(), &'static str> {
    open(state)?;
    let stock = state.subject_id().filter(|id| id.kind == Kind::Stock);
    stock.map(drop).ok_or("blocked-no-stock")
}

fn journaled(state: &State) -> Result<(), &'static str> {
    open(state)?;
    selected(state)
}

fn entry(state: &State) -> Result<(), &'static str> {
    state.journal.selected().map(drop).ok_or("blocked-nothing-selected")
}

/// An entry that nothing has ended.
fn entry_open(state: &State) -> Result<(), &'static str> {
    let entry = state.journal.selected().ok_or("blocked-nothing-selected")?;
    if entry.outcome.is_open() { Ok(()) } else { Err("blocked-entry-ended") }
}

fn entry_object(state: &State) -> Result<(), &'static str> {
    let entry = state.journal.selected().ok_or("blocked-nothing-selected")?;
    entry.object.as_ref().map(drop).ok_or("blocked-no-object")
}

fn event(state: &State) -> Result<(), &'static str> {
    state.events.selected().map(drop).ok_or("blocked-nothing-selected")
}

fn event_object(state: &State) -> Result<(), &'static str> {
    let row = state.events.selected().ok_or("blocked-nothing-selected")?;
    if row.subject.is_none() && state.events.awaits_whole() { Err(WAIT) } else { events::object(state).map(drop) }
}

/// A line of which all that is kept is at hand.
fn event_kept(state: &State) -> Result<(), &'static str> {
    event(state)?;
    match state.events.whole() {
        Some(_) => Ok(()),
        None if state.events.awaits_whole() => Err(WAIT),
        None => Err(NotReplayable::NotKept.message()),
    }
}

/// One of which a delivery is kept whole.
fn replayable(state: &State) -> Result<(), &'static str> {
    event_kept(state)?;
    let event = state.events.whole().and_then(|event| Some((event.row.verdict, latest(event)?)));
    let (verdict, kept) = event.ok_or(NotReplayable::NotKept.message())?;
    if is_whole(verdict, &kept.delivery) { Ok(()) } else { Err(NotReplayable::Cut.message()) }
}

fn dispute(state: &State) -> Result<(), &'static str> {
    events::dispute(state).map(drop).ok_or("blocked-no-dispute")
}

fn dispute_event(state: &State) -> Result<(), &'static str> {
    dispute(state)?;
    events::source(state).map(drop)
}

fn fetched(state: &State) -> Result<(), &'static str> {
    selected(state)?;
    if state.awaits_story() {
        return Err(WAIT);
    }
    state.subject_id().and_then(|id| state.entity(id)).map(drop).ok_or("blocked-not-fetched")
}

/// The line of the timeline can be opened, or leads to another object.
fn opens(state: &State) -> Result<(), &'static str> {
    let is_another = |id: &ObjectId| state.subject_id() != Some(id);
    match state.spot() {
        _ if state.awaits_story() => Err(WAIT),
        Some(Spot::Version(_) | Spot::Entry(_) | Spot::Event(_) | Spot::Row(..)) => Ok(()),
        Some(Spot::Noted(of)) if is_another(&of) => Ok(()),
        Some(Spot::Dated(of, dated)) if is_another(&detail::leads_to(of.clone(), &dated)) => Ok(()),
        _ => Err("blocked-nothing-inside"),
    }
}

/// What looking into a line means, unless it tells what changed.
fn look_into_label(state: &State) -> Option<&'static str> {
    Some(match state.spot()? {
        Spot::Entry(_) => "command-look-into-entry",
        Spot::Event(_) => "command-look-into-notification",
        Spot::Row(..) => "command-look-into-row",
        Spot::Dated(..) | Spot::Noted(_) => "command-follow",
        _ => return None,
    })
}

fn version(state: &State) -> Result<(), &'static str> {
    match state.spot() {
        _ if state.awaits_story() => Err(WAIT),
        Some(Spot::Version(_)) => Ok(()),
        _ => Err("blocked-no-version"),
    }
}

fn follows(state: &State) -> Result<(), &'static str> {
    match state.spot() {
        _ if state.awaits_story() => Err(WAIT),
        Some(_) => Ok(()),
        None => Err("blocked-nothing-related"),
    }
}

fn came_from(state: &State) -> Result<(), &'static str> {
    let led = state.detail.as_ref().is_some_and(|detail| !detail.came_from.is_empty());
    if led { Ok(()) } else { Err("blocked-came-from-nowhere") }
}

fn refreshable(state: &State) -> Result<(), &'static str> {
    if matches!(state.stage, Stage::Failed(..)) {
        return Ok(());
    }
    open(state)?;
    if state.content() == Content::Events && state.events.disputing {
        return dispute(state);
    }
    if state.kind().is_none() { Ok(()) } else { selected(state) }
}

fn acting(state: &State) -> Result<(), &'static str> {
    open(state)?;
    if state.acts_on_marks() {
        return if under_way(state).is_ok() { Err("blocked-bulk") } else { Ok(()) };
    }
    fetched(state)?;
    if state.awaits_surroundings() { Err(WAIT) } else { Ok(()) }
}

/// Something can be created: an account is open that may write.
fn creatable(state: &State) -> Result<(), &'static str> {
    open(state)?;
    match () {
        () if state.kind().is_none() => Err("blocked-nothing-selected"),
        () => state.forbids_changes().map_or(Ok(()), Err),
    }
}

fn handed(state: &State) -> Result<(), &'static str> {
    state.handover.as_ref().map(drop).ok_or("blocked-no-handover")
}

fn markable(state: &State) -> Result<(), &'static str> {
    open(state)?;
    rows(state)
}

fn marks(state: &State) -> Result<(), &'static str> {
    if state.list().is_none_or(|list| list.marked().len() == 0) { Err("blocked-no-marks") } else { Ok(()) }
}

/// Something is to be watched until it is final, or not any more.
fn watchable(state: &State) -> Result<(), &'static str> {
    open(state)?;
    if !state.acts_on_marks() {
        selected(state)?;
    }
    if watch::is_possible(state) { Ok(()) } else { Err("blocked-final") }
}

fn watched(state: &State) -> Result<(), &'static str> {
    watch::list(state).and_then(WatchList::selected).map(drop).ok_or("blocked-nothing-watched")
}

/// Only WeChat Pay Global has settlements and statements to ask for.
fn abroad(state: &State) -> Result<(), &'static str> {
    open(state)?;
    let region = state.account().map(|account| account.merchant.region);
    if region == Some(Region::Global) { Ok(()) } else { Err("blocked-not-global") }
}

fn settlements(state: &State) -> Option<&Settlements> {
    match state.dialogs.last() {
        Some(Dialog::Settlements(settlements)) => Some(settlements),
        _ => None,
    }
}

fn page_after(state: &State) -> Result<(), &'static str> {
    settlements(state).and_then(Settlements::after).map(drop).ok_or("blocked-last-page")
}

fn page_before(state: &State) -> Result<(), &'static str> {
    settlements(state).and_then(Settlements::before).map(drop).ok_or("blocked-first-page")
}

fn in_bulk(state: &State) -> Result<(), &'static str> {
    state.bulk.as_ref().map(drop).ok_or("blocked-no-bulk")
}

fn under_way(state: &State) -> Result<(), &'static str> {
    state.bulk.as_ref().filter(|bulk| bulk.is_under_way()).map(drop).ok_or("blocked-bulk-over")
}

/// Accounts are not changed under an operation that is under way.
fn settled(state: &State) -> Result<(), &'static str> {
    match state.stage {
        Stage::Opening(_) => Err("blocked-not-open"),
        _ if state.is_busy() => Err("blocked-in-flight"),
        _ if state.profiles.is_empty() => Err("blocked-no-profiles"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use std::collections::HashMap;

    const SCOPES: [Scope; 26] = [
        Scope::Notices,
        Scope::Notice,
        Scope::Disputes,
        Scope::Bills,
        Scope::BillRows,
        Scope::BillForm,
        Scope::Table,
        Scope::Detail,
        Scope::Timeline,
        Scope::Opened,
        Scope::Related,
        Scope::Entries,
        Scope::Entry,
        Scope::Filter,
        Scope::Palette,
        Scope::Pick,
        Scope::Form,
        Scope::Confirm,
        Scope::Preparing,
        Scope::Bulk,
        Scope::Settlements,
        Scope::Watching,
        Scope::Prompt,
        Scope::Handover,
        Scope::Help,
        Scope::Quit,
    ];

    #[test]
    fn no_two_commands_share_a_key_where_both_apply() {
        for scope in SCOPES {
            let mut keys: HashMap<Key, &str> = HashMap::new();
            for command in within(scope) {
                for key in command.keys {
                    let other = keys.insert(*key, command.id);
                    assert_eq!(other, None, "{key} in {scope:?}: {}", command.id);
                }
            }
        }
    }

    #[test]
    fn every_command_has_words_and_an_id_of_its_own() {
        let mut ids: Vec<&str> = COMMANDS.iter().map(|command| command.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), COMMANDS.len());
        for command in COMMANDS {
            let message = format!("command-{}", command.id);
            assert!(Lang::En.has(&message) && Lang::ZhCn.has(&message), "{message}");
        }
        for message in
            ["final", "nothing-watched", "nothing-inside", "no-version", "nothing-related", "came-from-nowhere"]
        {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in ["coupon-of-nobody", "event-of-nothing", "nothing-came", "a-bill-said-it", "no-dispute"] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in [
            NotReplayable::NotKept,
            NotReplayable::Cut,
            NotReplayable::Url,
            NotReplayable::NoScheme,
            NotReplayable::WeChatPay,
        ] {
            assert!(Lang::En.has(message.message()), "{message:?}");
        }
        for message in ["no-bill", "bill-gone", "row-of-nothing"] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in
            ["no-marks", "no-bulk", "bulk", "bulk-over", "none-of-marked", "not-global", "first-page", "last-page"]
        {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in [
            "not-open",
            "nothing-selected",
            "no-rows",
            "not-fetched",
            "no-object",
            "no-stock",
            "in-flight",
            "no-profiles",
            "waiting",
        ] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
    }

    #[test]
    fn every_tab_has_its_number_key_and_words() {
        let mut state = crate::console::tests::fixture::open(Lang::En, (80, 24));
        for (place, tab) in TABS.iter().enumerate() {
            let Some(digit) = tab.digit else { continue };
            let key = ch(digit);
            for scope in [Scope::Table, Scope::Detail, Scope::Entries, Scope::Entry, Scope::Notices, Scope::Disputes] {
                assert_eq!(find(scope, key).map(|c| c.id), Some(format!("tab-{digit}").as_str()));
            }
            crate::console::tests::fixture::press(&mut state, &digit.to_string());
            assert_eq!(state.tab, place);
            assert!(Lang::En.has(tab.label));
        }
    }
}
