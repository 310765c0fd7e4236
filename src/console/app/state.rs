//! The state of the console, in one place on one task. It is made of small states; only `update` changes it.

use crate::console::app::frame_layout::{FrameLayout, Room, is_small};
use crate::console::widgets::table;
use crate::text::age::Clock;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::api::ApiError;
use crate::console::app::command::{Command, find};
use crate::console::app::effect::Effect;
use crate::console::app::key_tables::KeyTables;
use crate::console::app::keys::Key;
use crate::console::app::scope::Scope;
use crate::console::app::trail::Trail;
use crate::console::tabs::across::state::AcrossArrival;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::history::{History, HistoryQuery};
use crate::console::tabs::objects::lines::selectable_lines;
use crate::console::tabs::pane::{Pane, Tab};
use crate::console::tabs::states::TabStates;
use crate::console::theme::Theme;
use crate::console::{Account, LiveSettings, Start};
use crate::explain::Explanation;
use crate::i18n::{Lang, NamedKeys};
use crate::ledger::{Disagreement, LedgerError, Listed};
use crate::model::action::{ActionId, Operation, RelatedState, Values};
use crate::model::time::Timestamp;
use crate::model::{self, Entity, Handover, Kind, ObjectId, Region};
use crate::services::{Fresh, Health, ObjectHistory, ReadRequest};
use crate::text::terminal::TerminalLook;

use crate::console::app::toast::{BrokenConfiguration, Toasts};
use crate::console::dialogs::bulk::state::{ActionCounts, Running};
use crate::console::dialogs::state::{Dialog, Pick, Picking};
use crate::console::dialogs::watching::state::WatchState;
use crate::console::tabs::objects::detail::{Detail, DetailPage};
use crate::console::tabs::objects::list::List;

/// From how many columns on the detail stands beside the table.
pub const WIDE: u16 = 120;
/// The fewest columns of the detail beside the table.
const DETAIL_COLUMNS: u16 = 50;

/// Whose draft: the object an action is on, none of a creation; and the action.
pub type DraftKey = (Option<ObjectId>, ActionId);

/// Everything the screen shows.
#[derive(Clone, Debug)]
pub struct AppState {
    pub lang: Lang,
    pub theme: Theme,
    pub themes: Arc<[Theme]>,
    /// What the terminal can show.
    pub surface: TerminalLook,
    /// The latest time a message brought.
    pub now: Timestamp,
    pub stage: Stage,
    /// Counts the accounts opened; what an earlier one still says is dropped.
    pub generation: u64,
    /// Names of the profiles there are.
    pub profiles: Vec<String>,
    /// The tabs and the commands there are.
    pub tabs: Arc<[Tab]>,
    pub commands: Arc<[Command]>,
    /// The commands with the keys that they have without a configuration.
    usual: Arc<[Command]>,
    /// Their keys, as messages name them.
    pub(crate) named_keys: NamedKeys,
    /// The place of the current tab.
    pub tab: usize,
    /// What is to be shown once the account being opened is open.
    pub(crate) arrival: Option<AcrossArrival>,
    /// What belongs to the current account.
    pub view: AccountView,
    /// The timeline goes along the chain from plan to cash.
    pub along_chain: bool,
    /// On a wide screen the detail stands beside the table.
    pub split: bool,
    pub next_ticket: u64,
    /// Ring when a watched object has become final.
    pub bell: bool,
    pub first_run: bool,
    /// Of the configuration, as far as it may change while the console runs.
    pub settings: LiveSettings,
    /// What is wrong with the configuration, while it is.
    pub(crate) broken_configuration: Option<BrokenConfiguration>,
    /// The mouse is left to the terminal, which selects text with it.
    pub mouse_free: bool,
    /// The key being handled.
    pub pressed: Option<Key>,
    /// The key that closed a confirmation, and when it was last pressed.
    pub debounced_key: Option<(Key, Timestamp)>,
    pub size: (u16, u16),
    /// What the last frame had room for.
    pub room: Room,
}

/// Everything on the screen that belongs to one account. Another account gets a new one: nothing of one is ever drawn over
/// another.
#[derive(Clone, Debug, Default)]
pub struct AccountView {
    pub tabs: TabStates,
    /// Objects whose refresh was asked for and not answered, and whose last query failed.
    pub asked: HashSet<ObjectId>,
    pub failed: HashMap<ObjectId, (Timestamp, Arc<ApiError>)>,
    /// Of the object that the screen shows.
    pub history: History,
    /// Keys that wait for the ledger's answer to the one before: they mean what it will show.
    pub typed_ahead: Vec<KeyEvent>,
    /// A tab was opened since the account is.
    pub tab_chosen: bool,
    /// Present while the detail has the keys.
    pub detail: Option<Detail>,
    /// Where the operator has been.
    pub trail: Trail,
    /// Top is last.
    pub dialogs: Vec<Dialog>,
    pub toasts: Toasts,
    pub health: Health,
    /// The ledger is damaged: nothing is sent.
    pub unsound: Option<Arc<LedgerError>>,
    pub watched: WatchState,
    /// The latest known states of watched objects, for the hooks; and how many hooks are under way.
    pub watched_states: HashMap<ObjectId, String>,
    pub hooks_running: usize,
    pub in_flight: BTreeMap<u64, Operation>,
    /// Operations whose outcome is not known yet, by the ticket they were sent under.
    pub unresolved: BTreeMap<u64, Operation>,
    /// Objects with an open journal entry, from this run and earlier ones.
    pub open_entries: BTreeSet<ObjectId>,
    /// The bulk action that is under way, or was the last.
    pub bulk: Option<Running>,
    /// What can be done to the marked objects, once the ledger has answered.
    pub survey: Option<ActionCounts>,
    /// An action of the journal that is repeated once its object is at hand, with the values of its form.
    pub repeating: Option<(ActionId, ObjectId, Values)>,
    /// Forms left half filled.
    pub drafts: BTreeMap<DraftKey, Values>,
    /// What was typed for the operations under way, by their tickets: a draft again if nothing comes of them.
    pub sent: BTreeMap<u64, (DraftKey, Values)>,
    /// What the latest creation has for its front end.
    pub handover: Option<(ObjectId, Handover)>,
}

/// How far the account is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Being opened; the profile's name if one was asked for.
    Opening(Option<String>),
    Open(Account),
    /// It could not be opened; the profile's name if one was asked for.
    Failed(Explanation, Option<String>),
}

impl AppState {
    pub fn new(tables: KeyTables, start: &Start, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            lang: start.lang,
            theme: start.theme.clone(),
            themes: [start.theme.clone()].into(),
            surface: start.surface,
            now,
            stage: Stage::Opening(start.profile.clone()),
            generation: 0,
            profiles: Vec::new(),
            tabs: tables.tabs,
            commands: tables.commands,
            usual: tables.usual,
            named_keys: tables.named,
            tab: 0,
            arrival: start.all_profiles.then_some(AcrossArrival::START),
            view: AccountView::default(),
            along_chain: false,
            split: true,
            next_ticket: 1,
            bell: start.bell,
            first_run: start.first_run,
            settings: start.configured.settings.clone(),
            broken_configuration: None,
            mouse_free: false,
            pressed: None,
            debounced_key: None,
            size,
            room: Room { scroll: usize::MAX, ..FrameLayout::default().room },
        }
    }

    /// Why nothing can be changed here, whatever it is, if that is so.
    pub(crate) fn forbids_changes(&self) -> Option<&'static str> {
        let read_only = self.account().is_some_and(|account| account.read_only);
        let unsound = self.view.unsound.as_ref().map(|_| "blocked-damaged");
        unsound.or(read_only.then_some("blocked-read-only"))
    }

    /// The theme, with the colour of the account's profile; over all profiles without it.
    pub(crate) fn shown_theme(&self) -> Theme {
        let account = self.account().filter(|_| self.across().is_none());
        self.theme.tinted(account.and_then(|account| account.color))
    }

    /// The tab that is marked as the current one: over all profiles that of the kind that is listed.
    pub(crate) fn shown_tab(&self) -> usize {
        self.across().and_then(|across| self.place_of(across.kind())).unwrap_or(self.tab)
    }

    pub fn account(&self) -> Option<&Account> {
        match &self.stage {
            Stage::Open(account) => Some(account),
            _ => None,
        }
    }

    pub fn is_wide(&self) -> bool {
        self.split && self.size.0 >= WIDE && !self.is_small()
    }

    /// True if the terminal has room for a reduced list only.
    pub(crate) fn is_small(&self) -> bool {
        is_small(self.size)
    }

    /// What the current tab is.
    pub fn pane(&self) -> &'static dyn Pane {
        self.tabs[self.tab].pane
    }

    /// The scope that has the keys.
    pub fn scope(&self) -> Scope {
        self.view.dialogs.last().map_or_else(|| self.scope_beneath(), Dialog::scope)
    }

    /// The scope that has the keys once all dialogs are closed.
    pub(crate) fn scope_beneath(&self) -> Scope {
        self.pane().scope(self)
    }

    /// Opens a tab; every tab is notified. [`navigate`](crate::console::app::navigate) also keeps the way back.
    pub(crate) fn open_tab(&mut self, tab: usize) -> Vec<Effect> {
        self.view.tab_chosen = true;
        if tab < self.tabs.len() && tab != self.tab {
            while self.pane().close_detail(self) {}
            self.tab = tab;
            self.tabs.clone().iter().for_each(|tab| tab.pane.tab_opened(self));
        }
        Vec::new()
    }

    /// Opens a list to choose from.
    pub(crate) fn pick(&mut self, what: Picking, selected: usize) -> Vec<Effect> {
        self.view.dialogs.push(Dialog::Pick(Pick { what, selected }));
        Vec::new()
    }

    /// The place of a tab, by its id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.id == id)
    }

    /// The place of the tab that lists a kind.
    pub(crate) fn place_of(&self, kind: Kind) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.pane.kind() == Some(kind))
    }

    /// The kind on the current tab, if that lists objects.
    pub fn kind(&self) -> Option<Kind> {
        self.pane().kind()
    }

    /// The table of objects on the current tab, if that has one.
    pub fn list(&self) -> Option<&List> {
        self.kind().map(|kind| self.list_of(kind))
    }

    pub(crate) fn list_mut(&mut self) -> Option<&mut List> {
        self.kind().map(|kind| self.list_of_mut(kind))
    }

    pub(crate) fn list_of(&self, kind: Kind) -> &List {
        self.view.tabs.lists.of(kind)
    }

    pub(crate) fn list_of_mut(&mut self, kind: Kind) -> &mut List {
        self.view.tabs.lists.of_mut(kind)
    }

    /// What commands are about: the object whose detail has the keys, else the one under the cursor.
    pub(crate) fn subject_id(&self) -> Option<&ObjectId> {
        self.view.detail.as_ref().map(|detail| &detail.of).or_else(|| self.list()?.cursor())
    }

    /// The subject's row, if it is at hand.
    pub fn subject(&self) -> Option<&Listed> {
        self.row(self.subject_id()?)
    }

    fn row(&self, id: &ObjectId) -> Option<&Listed> {
        self.list_of(id.kind).find(id)
    }

    /// How far the detail is scrolled, while one has the keys.
    pub(crate) fn scroll(&self) -> Option<usize> {
        self.pane().scroll(self).copied()
    }

    pub(crate) fn scroll_mut(&mut self) -> Option<&mut usize> {
        self.pane().scroll_mut(self)
    }

    /// The latest document of an object, if it is at hand.
    pub fn fresh(&self, id: &ObjectId) -> Option<&Fresh> {
        self.view.history.of(id)?.fresh.as_ref()
    }

    /// What is known around an object, if it is at hand.
    pub fn related_state(&self, id: &ObjectId) -> &RelatedState {
        self.view.history.of(id).map_or(RelatedState::NONE, |story| &story.related_state)
    }

    pub fn entity(&self, id: &ObjectId) -> Option<&Entity> {
        self.fresh(id).map(|fresh| &*fresh.object.entity)
    }

    /// True while a dialog or a key that waits may be about the row under the cursor.
    pub(crate) fn is_about_a_row(&self) -> bool {
        !self.view.dialogs.is_empty() || !self.view.typed_ahead.is_empty()
    }

    /// True while the table is on its way to what the last key asked for.
    pub(crate) fn awaits_table(&self) -> bool {
        self.pane().is_loading(self)
    }

    /// True while the ledger is being asked about the subject, also again because its document is a later one: what is
    /// known around it may be from before, and no preview is made of that.
    pub(crate) fn awaits_surroundings(&self) -> bool {
        self.subject_id().is_some_and(|id| self.view.history.is_pending() || self.view.history.of(id).is_none())
    }

    /// True while the list on top lists what can be done to marked objects, and the ledger has not counted that yet.
    pub(crate) fn awaits_survey(&self) -> bool {
        let Some(Dialog::Pick(Pick { what: Picking::Marked(ids), .. })) = self.view.dialogs.last() else {
            return false;
        };
        self.view.survey.as_ref().is_none_or(|survey| *survey.of != *ids)
    }

    /// True until the ledger has answered what it knows of the subject.
    pub(crate) fn awaits_story(&self) -> bool {
        self.subject_id().is_some_and(|id| match self.view.history.of(id) {
            Some(story) => story.fresh.is_none() && self.view.history.is_pending(),
            None => true,
        })
    }

    /// What is to be read from the ledger so that the screen shows what it is to show.
    pub fn look(&mut self) -> Vec<Effect> {
        if self.account().is_none() {
            return Vec::new();
        }
        let mut effects = self.pane().requests(self);
        effects.extend(self.tabs.clone().iter().flat_map(|tab| tab.pane.background_requests(self)));
        // The subject's history is read when it becomes the subject, and when its row shows a later document.
        let subject = self.pane().shown_object(self).map(|id| HistoryQuery {
            of: id.clone(),
            verified_at: self.row(id).and_then(Listed::verified_at),
            chain: self.shows_chain(),
        });
        effects.extend(self.view.history.ask(subject, self.now));
        if let Some(Dialog::Watching(list)) = self.view.dialogs.last_mut() {
            let rows = list.ask();
            effects.extend((!rows.is_empty()).then_some(ReadRequest::Rows(rows).into()));
        }
        if let Some(Dialog::Palette(palette)) = self.view.dialogs.last_mut() {
            effects.extend(palette.ask().map(|text| ReadRequest::Objects(text).into()));
        }
        effects
    }

    /// Columns of the detail, its frame included.
    pub(crate) fn detail_width(&self) -> u16 {
        let width = self.size.0;
        if self.is_wide() { (width - width * 3 / 5 - 1).max(DETAIL_COLUMNS) } else { width }
    }

    /// The state of an object, as far as it is at hand.
    pub(crate) fn row_state(&self, id: &ObjectId) -> Option<model::State> {
        let state = self.entity(id).map(|entity| entity.state());
        state.or_else(|| Some(self.row(id)?.seen.as_ref()?.summary.state.clone()))
    }

    /// The story of the subject, if it is at hand.
    pub(crate) fn subject_story(&self) -> Option<&ObjectHistory> {
        self.view.history.of(self.subject_id()?)
    }

    /// True if the page that is shown goes along the chain from plan to cash.
    pub(crate) fn shows_chain(&self) -> bool {
        self.page() == DetailPage::Timeline && self.along_chain && self.kind().is_some()
    }

    /// The page of the detail. Each visit begins with the overview.
    pub fn page(&self) -> DetailPage {
        self.view.detail.as_ref().map(|detail| detail.page).unwrap_or_default()
    }

    /// The line of the page that is selected.
    pub(crate) fn line_id(&self) -> Option<LineId> {
        let detail = self.view.detail.as_ref()?;
        let selectable_lines = selectable_lines(self.page(), self.subject_story()?, self.along_chain, &detail.folded);
        detail
            .line_id
            .clone()
            .filter(|line_id| selectable_lines.contains(line_id))
            .or_else(|| selectable_lines.into_iter().next())
    }

    /// True if the detail has the keys and lines are selected on its page.
    pub(crate) fn selects_spots(&self) -> bool {
        self.page().has_selectable_lines() && self.view.detail.as_ref().is_some_and(|detail| detail.opened.is_none())
    }

    /// A query of an object was answered.
    pub fn fetched(&mut self, fresh: Fresh) {
        let id = fresh.object.id.clone();
        let now = self.now;
        self.list_of_mut(id.kind).fetched(&fresh, now);
        let subject = self.subject_id().cloned();
        self.view.history.fetched(&fresh, subject.as_ref(), now);
    }

    /// True if an object is known to be final: nothing of it changes by itself any more.
    pub(crate) fn is_settled(&self, id: &ObjectId) -> bool {
        let row = self.row(id).and_then(|row| row.seen.as_ref()).is_some_and(|seen| seen.summary.state.is_final);
        row || self.entity(id).is_some_and(|entity| entity.state().is_final)
    }

    /// True if actions are about the marked rows of the table, not about one object.
    pub(crate) fn acts_on_marks(&self) -> bool {
        self.view.detail.is_none() && self.list().is_some_and(|list| list.marked().len() > 0)
    }

    /// Where the merchant is.
    pub fn region(&self) -> Region {
        self.account().map_or(Region::Mainland, |account| account.merchant.region)
    }

    /// The key for what a key does by default where the keys go now: that key, unless the configuration gives the
    /// command others.
    pub(crate) fn bound(&self, key: Key) -> Option<Key> {
        let usual = find(&self.usual, self.scope(), key)?.id;
        let keys = self.commands.iter().find(|command| command.id == usual)?.keys;
        keys.iter().find(|bound| **bound == key).or(keys.first()).copied()
    }

    /// Removes what has expired; returns when the screen changes next without an event.
    pub(crate) fn fade(&mut self) -> Option<Timestamp> {
        let now = self.now;
        let armed = self.view.dialogs.last().and_then(Dialog::confirm_input).and_then(|input| input.armed_at());
        let armed = armed.filter(|at| *at > now);
        let highlight = [self.view.toasts.fade(now), self.view.history.fade(now), self.view.watched.due(), armed];
        let current = self.tab;
        let tabs = self.tabs.clone();
        let panes = tabs.iter().enumerate().filter_map(|(place, tab)| tab.pane.next_change(self, place == current));
        panes.chain(highlight.into_iter().flatten()).min()
    }

    /// What the cells of a table depend on besides their rows.
    pub(crate) fn look_of<'a>(&self, clock: &'a Clock) -> table::Look<'a> {
        table::Look::new(self.lang, clock, self.cut_off())
    }

    /// The disagreements that are shown by now.
    pub fn disputes(&self) -> Vec<&Disagreement> {
        self.view.tabs.disputes.shown(self.now, self.view.health.trouble.is_some()).collect()
    }

    /// Since when WeChat Pay cannot be reached, if it cannot.
    pub(crate) fn cut_off(&self) -> Option<Timestamp> {
        self.view.health.trouble.as_ref().map(|trouble| trouble.since)
    }
}
