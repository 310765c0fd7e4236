//! The state of the console, in one place on one task. It is made of small states; only `update` changes it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::keys::Key;
use crate::console::tabs::objects::lines::{Spot, spots};
use crate::console::tabs::{Content, TABS};
use crate::console::theme::Theme;
use crate::console::{Account, Start};
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::ledger::{LedgerError, Listed};
use crate::model::action::{ActionId, Operation, Surroundings, Values};
use crate::model::time::Timestamp;
use crate::model::{self, Entity, Handover, Kind, Object, ObjectId, Region};
use crate::services::{BillWish, Fresh, Health, Story, Ticket};

use crate::console::app::toast::Toasts;
use crate::console::dialogs::bulk::state::{Running, Survey};
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::watching::state::Watched;
use crate::console::tabs::bills::state::{Bills, Reading};
use crate::console::tabs::inbox::disputes::Disputes;
use crate::console::tabs::inbox::state::Events;
use crate::console::tabs::journal::state::Journal;
pub use crate::console::tabs::objects::detail::{Detail, DetailPage};
use crate::console::tabs::objects::list::List;
use crate::console::tabs::objects::marks::Marks;
use crate::console::widgets::fading::Fading;

/// From how many columns on the detail stands beside the table.
pub const WIDE: u16 = 160;

/// Whose draft: the object an action is on, none of a creation; and the action.
pub type DraftKey = (Option<ObjectId>, ActionId);

/// Everything the screen shows.
#[derive(Clone, Debug)]
pub struct State {
    pub lang: Lang,
    pub theme: Theme,
    pub no_color: bool,
    /// The latest time a message brought.
    pub now: Timestamp,
    pub stage: Stage,
    /// Counts the accounts opened; what an earlier one still says is dropped.
    pub generation: u64,
    /// Names of the profiles there are.
    pub profiles: Vec<String>,
    pub tab: usize,
    pub lists: Vec<List>,
    pub journal: Journal,
    pub bills: Bills,
    pub events: Events,
    pub disputes: Disputes,
    /// Objects whose refresh was asked for and not answered, and whose last query failed.
    pub asked: HashSet<ObjectId>,
    pub failed: HashMap<ObjectId, (Timestamp, Arc<ApiError>)>,
    /// All that is known of the subject, once the ledger told.
    pub story: Option<(ObjectId, Story)>,
    /// What its object was before the latest change under our eyes, and when that was.
    before: Option<(Object, Timestamp)>,
    /// Whose story the ledger was asked for, when its row's document was verified, and whether along its chain.
    story_asked: Option<(ObjectId, Option<Timestamp>, bool)>,
    /// It has not answered yet.
    story_pending: bool,
    /// What was told of a related object since.
    story_old: bool,
    /// Keys that wait for the ledger's answer to the one before: they mean what it will show.
    pub typed_ahead: Vec<KeyEvent>,
    /// Present while the detail has the keys.
    pub detail: Option<Detail>,
    pub page: DetailPage,
    /// The timeline goes along the chain from plan to cash.
    pub along_chain: bool,
    /// Top is last.
    pub dialogs: Vec<Dialog>,
    pub toasts: Toasts,
    pub health: Health,
    /// The ledger is damaged: nothing is sent.
    pub unsound: Option<Arc<LedgerError>>,
    pub watched: Watched,
    pub flights: BTreeMap<u64, Operation>,
    /// Operations whose outcome nobody knows yet, by the name they flew under.
    pub unresolved: BTreeMap<u64, Operation>,
    /// Objects with an open journal entry, from this run and earlier ones.
    pub open_entries: BTreeSet<ObjectId>,
    pub next_ticket: u64,
    /// The bulk action that is under way, or was the last.
    pub bulk: Option<Running>,
    /// What can be done to the marked objects, once the ledger told.
    pub survey: Option<Survey>,
    /// Forms left half filled.
    pub drafts: BTreeMap<DraftKey, Values>,
    /// What was typed for the operations under way, by their tickets: a draft again if nothing comes of them.
    pub sent: BTreeMap<u64, (DraftKey, Values)>,
    /// What the latest creation has for its front end.
    pub handover: Option<(ObjectId, Handover)>,
    pub first_run: bool,
    /// The key being handled.
    pub pressed: Option<Key>,
    /// The key that closed a confirmation, and when it was last pressed.
    pub deaf: Option<(Key, Timestamp)>,
    pub size: (u16, u16),
    /// What the last frame had room for.
    pub room: Room,
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

/// What the last frame had room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The first row of the table that is seen, of those the list has at hand.
    pub first: usize,
    /// Rows of the table.
    pub rows: usize,
    /// Lines of the detail.
    pub detail: usize,
    /// How far the detail, or the dialog on top, can be scrolled.
    pub scroll: usize,
    /// The first line that is seen of a dialog that scrolls by itself.
    pub first_of_dialog: usize,
}

impl State {
    pub fn new(start: &Start, now: Timestamp, size: (u16, u16)) -> Self {
        Self {
            lang: start.lang,
            theme: start.theme,
            no_color: start.no_color,
            now,
            stage: Stage::Opening(start.profile.clone()),
            generation: 0,
            profiles: Vec::new(),
            tab: 0,
            lists: Kind::ALL.map(List::new).into(),
            journal: Journal::default(),
            bills: Bills::default(),
            events: Events::default(),
            disputes: Disputes::default(),
            asked: HashSet::new(),
            failed: HashMap::new(),
            story: None,
            before: None,
            story_asked: None,
            story_pending: false,
            story_old: false,
            typed_ahead: Vec::new(),
            detail: None,
            page: DetailPage::default(),
            along_chain: false,
            dialogs: Vec::new(),
            toasts: Toasts::default(),
            health: Health::default(),
            unsound: None,
            watched: Watched::new(start.bell),
            flights: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            open_entries: BTreeSet::new(),
            next_ticket: 1,
            bulk: None,
            survey: None,
            drafts: BTreeMap::new(),
            sent: BTreeMap::new(),
            handover: None,
            first_run: start.first_run,
            pressed: None,
            deaf: None,
            size,
            room: Room { first: 0, rows: 10, detail: 10, scroll: usize::MAX, first_of_dialog: 0 },
        }
    }

    /// Why nothing can be changed here, whatever it is, if that is so.
    pub fn forbids_changes(&self) -> Option<&'static str> {
        let read_only = self.account().is_some_and(|account| account.read_only);
        let unsound = self.unsound.as_ref().map(|_| "blocked-damaged");
        unsound.or(read_only.then_some("blocked-read-only"))
    }

    pub fn account(&self) -> Option<&Account> {
        match &self.stage {
            Stage::Open(account) => Some(account),
            _ => None,
        }
    }

    pub fn is_wide(&self) -> bool {
        self.size.0 >= WIDE
    }

    /// What stands in the current tab.
    pub fn content(&self) -> Content {
        TABS[self.tab].content
    }

    /// The kind on the current tab; the journal, the bills and the events have none.
    pub fn kind(&self) -> Option<Kind> {
        match self.content() {
            Content::Objects(kind) => Some(kind),
            Content::Journal | Content::Bills | Content::Events => None,
        }
    }

    /// The table of objects on the current tab, if that has one.
    pub fn list(&self) -> Option<&List> {
        self.kind().map(|kind| self.list_of(kind))
    }

    pub fn list_mut(&mut self) -> Option<&mut List> {
        self.kind().map(|kind| self.list_of_mut(kind))
    }

    pub fn is_journal(&self) -> bool {
        self.content() == Content::Journal
    }

    pub fn list_of(&self, kind: Kind) -> &List {
        // `lists` has one entry for each of `Kind::ALL`, in that order.
        &self.lists[kind as usize]
    }

    pub fn list_of_mut(&mut self, kind: Kind) -> &mut List {
        &mut self.lists[kind as usize]
    }

    /// What commands are about: the object whose detail has the keys, else the one under the cursor.
    pub fn subject_id(&self) -> Option<&ObjectId> {
        self.detail.as_ref().map(|detail| &detail.of).or_else(|| self.list()?.cursor())
    }

    /// The subject's row, if it is at hand.
    pub fn subject(&self) -> Option<&Listed> {
        self.row(self.subject_id()?)
    }

    fn row(&self, id: &ObjectId) -> Option<&Listed> {
        self.list_of(id.kind).find(id)
    }

    /// The object whose story the screen tells: the subject, or the one of the entry that is shown whole.
    pub fn told_id(&self) -> Option<&ObjectId> {
        if self.content() == Content::Events {
            return None;
        }
        if self.content() != Content::Journal {
            return self.subject_id();
        }
        let shown = self.is_wide() || self.journal.reading.is_some();
        self.journal.selected().filter(|_| shown)?.object.as_ref()
    }

    /// How far the detail is scrolled, while one has the keys.
    pub fn scroll(&self) -> Option<usize> {
        match self.content() {
            Content::Objects(_) => self.detail.as_ref().map(|detail| detail.scroll),
            Content::Journal => self.journal.reading,
            Content::Events => self.events.reading,
            Content::Bills => None,
        }
    }

    pub fn scroll_mut(&mut self) -> Option<&mut usize> {
        match self.content() {
            Content::Objects(_) => self.detail.as_mut().map(|detail| &mut detail.scroll),
            Content::Journal => self.journal.reading.as_mut(),
            Content::Events => self.events.reading.as_mut(),
            Content::Bills => None,
        }
    }

    /// From now on the cursor stays on what it is on.
    pub fn touch(&mut self) {
        match self.content() {
            Content::Objects(kind) => self.list_of_mut(kind).touch(),
            Content::Journal => self.journal.touch(),
            Content::Bills => self.bills.touch(),
            Content::Events => self.events.touch(),
        }
    }

    /// The latest document of an object, if the ledger told it.
    pub fn fresh(&self, id: &ObjectId) -> Option<&Fresh> {
        self.story.as_ref().filter(|(of, _)| of == id)?.1.fresh.as_ref()
    }

    /// What is known around an object, if the ledger told it.
    pub fn around(&self, id: &ObjectId) -> &Surroundings {
        let story = self.story.as_ref().filter(|(of, _)| of == id);
        story.map_or(Surroundings::NONE, |(_, story)| &story.around)
    }

    pub fn entity(&self, id: &ObjectId) -> Option<&Entity> {
        self.fresh(id).map(|fresh| &*fresh.object.entity)
    }

    /// True while the table is on its way to what the last key asked for.
    pub fn awaits_table(&self) -> bool {
        match self.content() {
            Content::Objects(kind) => self.list_of(kind).is_on_its_way(),
            Content::Journal => self.journal.is_on_its_way(),
            Content::Bills => self.bills.is_on_its_way(),
            Content::Events => !self.events.disputing && self.events.is_on_its_way(),
        }
    }

    /// True while the ledger is being asked about the subject, also once more because its document is a later one: what
    /// is known around it may be from before, and no preview is made of that.
    pub fn awaits_surroundings(&self) -> bool {
        let told = |id: &ObjectId| self.story.as_ref().is_some_and(|(of, _)| of == id);
        self.subject_id().is_some_and(|id| self.story_pending || !told(id))
    }

    /// True while the ledger has not told yet what it knows of the subject.
    pub fn awaits_story(&self) -> bool {
        self.subject_id().is_some_and(|id| match &self.story {
            Some((of, story)) if of == id => story.fresh.is_none() && self.story_pending,
            _ => true,
        })
    }

    /// What is to be read from the ledger so that the screen shows what it is to show.
    pub fn look(&mut self) -> Vec<Effect> {
        if self.account().is_none() {
            return Vec::new();
        }
        let current = self.kind();
        let glance = self.list_mut().and_then(List::ask);
        let journal = if self.is_journal() { self.journal.ask() } else { None };
        let events = self.look_at_events();
        let bills = (self.content() == Content::Bills && self.bills.ask()).then_some(BillWish::List);
        let rows = self.bills.reading.as_mut().and_then(Reading::ask).map(BillWish::Read);
        // The tabs tell how much is in them; what a filter hides on another tab is added up when it is opened.
        let counted = |list: &&mut List| Some(list.kind) == current || list.filter().is_empty();
        let sums: Vec<Effect> =
            self.lists.iter_mut().filter(counted).filter_map(List::ask_sums).map(Effect::Sum).collect();
        // The subject's story is read when it becomes the subject, and when its row shows a later document.
        let whole = self.tells_chain();
        let subject = self.told_id().map(|id| (id.clone(), self.row(id).and_then(Listed::verified_at), whole));
        let again = self.story_old && !self.story_pending;
        let is_told = |(id, at, whole): &(ObjectId, Option<Timestamp>, bool)| {
            let asked = self.story_asked.as_ref();
            // Who asked for the whole chain has been told of the object, too.
            asked.is_some_and(|asked| asked.0 == *id && asked.1 == *at && (asked.2 || !whole))
        };
        let told = subject.as_ref().is_none_or(is_told) && !(again && subject.is_some());
        let story = subject.filter(|_| !told);
        if story.is_some() {
            self.story_old = false;
            (self.story_pending, self.story_asked) = (true, story.clone());
        }
        let story = story.map(|(id, _, whole)| if whole { Effect::WholeStory(id) } else { Effect::Story(id) });
        let watched = match self.dialogs.last_mut() {
            Some(Dialog::Watching(list)) => list.ask(),
            _ => Vec::new(),
        };
        let watched = (!watched.is_empty()).then_some(Effect::Rows(watched));
        let journal = journal.map(Effect::Journal);
        let bills = bills.into_iter().chain(rows).map(Effect::Bill);
        glance
            .map(Effect::Glance)
            .into_iter()
            .chain(journal)
            .chain(events)
            .chain(bills)
            .chain(sums)
            .chain(story)
            .chain(watched)
            .collect()
    }

    /// What is to be read of the inbox, and of the disagreements, which every tab counts.
    fn look_at_events(&mut self) -> Vec<Effect> {
        let disputes = self.disputes.ask(self.now).then_some(Effect::Disputes);
        if self.content() != Content::Events || self.events.disputing {
            return disputes.into_iter().collect();
        }
        let glance = self.events.ask(self.now).map(Effect::Inbox);
        // A key may wait for what only the detail needs otherwise.
        let shown = self.is_wide() || self.events.reading.is_some() || !self.typed_ahead.is_empty();
        let whole = self.events.ask_whole(shown).map(Effect::OpenEvent);
        self.events.lay_out(usize::from(self.detail_width().saturating_sub(2)));
        disputes.into_iter().chain(glance).chain(whole).collect()
    }

    /// Columns of the detail, its frame included.
    pub fn detail_width(&self) -> u16 {
        let width = self.size.0;
        if self.is_wide() { width - width * 3 / 5 - 1 } else { width }
    }

    /// The state of an object, as far as it is at hand.
    pub fn row_state(&self, id: &ObjectId) -> Option<model::State> {
        let told = self.entity(id).map(|entity| entity.state());
        told.or_else(|| Some(self.row(id)?.seen.as_ref()?.summary.state.clone()))
    }

    /// Has the subject's story read once more.
    pub fn doubt_story(&mut self) {
        self.story_old = true;
    }

    /// The ledger told what it knows of an object.
    pub fn take_story(&mut self, id: ObjectId, mut story: Story) {
        let Some((_, _, whole)) = self.story_asked.as_ref().filter(|(asked, ..)| *asked == id) else { return };
        if *whole && story.chain.is_none() {
            // It was asked for before the chain was; the other answer follows.
            return;
        }
        self.story_pending = false;
        // What was fetched meanwhile, or could not be kept, is newer than the ledger.
        let at = |fresh: &Option<Fresh>| fresh.as_ref().map(|fresh| fresh.verified_at);
        match self.story.take().filter(|(of, _)| *of == id) {
            Some((_, before)) if at(&before.fresh) > at(&story.fresh) => story.fresh = before.fresh,
            Some((_, before)) => self.note_change(before.fresh, story.fresh.as_ref()),
            None => self.before = None,
        }
        self.story = Some((id, story));
    }

    /// The story of the subject, once the ledger told.
    pub fn subject_story(&self) -> Option<&Story> {
        let id = self.subject_id()?;
        self.story.as_ref().filter(|(of, _)| of == id).map(|(_, story)| story)
    }

    /// True if the page that is shown goes along the chain from plan to cash.
    pub fn tells_chain(&self) -> bool {
        self.page == DetailPage::Timeline && self.along_chain && self.kind().is_some()
    }

    /// The line of the page that is selected.
    pub fn spot(&self) -> Option<Spot> {
        let detail = self.detail.as_ref()?;
        let spots = spots(self.page, self.subject_story()?, self.along_chain);
        detail.spot.clone().filter(|spot| spots.contains(spot)).or_else(|| spots.into_iter().next())
    }

    /// True if the detail has the keys and lines are selected on its page.
    pub fn selects_spots(&self) -> bool {
        self.page.has_spots() && self.detail.as_ref().is_some_and(|detail| detail.opened.is_none())
    }

    /// The ledger learned of objects of a kind: what the page Related shows may be old.
    pub fn learned(&mut self, kind: Kind) {
        self.story_old |= (self.detail.is_some() || self.is_wide())
            && self.page == DetailPage::Related
            && self.subject_id().is_some_and(|id| id.kind.may_be_related(kind));
    }

    /// A query of an object was answered.
    pub fn fetched(&mut self, fresh: Fresh) {
        let id = fresh.object.id.clone();
        let now = self.now;
        self.list_of_mut(id.kind).fetched(&fresh, now);
        let is_told_of = |story: &Story| {
            let mut near = story.related.iter().map(|related| &related.row).chain(&story.further);
            let in_chain = story.chain.iter().flat_map(|chain| &chain.others).any(|(of, _)| *of == id);
            in_chain || near.any(|row| row.id == id) || story.around.related.iter().any(|related| related.id == id)
        };
        self.story_old |= self.subject_story().is_some_and(is_told_of);
        if let Some((_, story)) = self.story.as_mut().filter(|(of, _)| *of == id) {
            let before = story.fresh.replace(fresh.clone());
            self.note_change(before, Some(&fresh));
        }
    }

    /// Remembers what the subject was, so that what has changed stands out.
    fn note_change(&mut self, before: Option<Fresh>, after: Option<&Fresh>) {
        if let (Some(before), Some(after)) = (before, after)
            && before.object.raw != after.object.raw
        {
            self.before = Some((before.object, Fading::born(self.now)));
        }
    }

    /// What an object was before it changed, and how far that has faded, while it is to be seen.
    pub fn before(&self, id: &ObjectId) -> Option<(&Object, Fading)> {
        let (before, born) = self.before.as_ref().filter(|(before, _)| before.id == *id)?;
        Some((before, Fading::of(*born, self.now)?))
    }

    /// True if an object is known to be final: nothing of it changes by itself any more.
    pub fn is_settled(&self, id: &ObjectId) -> bool {
        let row = self.row(id).and_then(|row| row.seen.as_ref()).is_some_and(|seen| seen.summary.state.is_final);
        row || self.entity(id).is_some_and(|entity| entity.state().is_final)
    }

    /// What is under way with an object.
    pub fn marks(&self, id: &ObjectId) -> Marks {
        let among = |all: &BTreeMap<u64, Operation>| all.values().any(|operation| operation.object == *id);
        Marks {
            asked: self.asked.contains(id),
            failed: self.failed.get(id).cloned(),
            in_flight: among(&self.flights) || self.is_sent_in_bulk(id),
            unresolved: among(&self.unresolved) || self.open_entries.contains(id),
        }
    }

    /// Notes an operation as under way and gives it a name.
    pub fn take_off(&mut self, operation: Operation) -> Ticket {
        let ticket = self.next_ticket();
        self.flights.insert(ticket.0, operation);
        ticket
    }

    /// A name that nothing else has.
    pub fn next_ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket(self.next_ticket - 1)
    }

    /// True if actions are about the marked rows of the table, not about one object.
    pub fn acts_on_marks(&self) -> bool {
        self.detail.is_none() && self.list().is_some_and(|list| list.marked().len() > 0)
    }

    /// Where the merchant is.
    pub fn region(&self) -> Region {
        self.account().map_or(Region::Mainland, |account| account.merchant.region)
    }

    /// True while something is under way that leaving would cut off.
    pub fn is_busy(&self) -> bool {
        !self.flights.is_empty() || self.bulk.as_ref().is_some_and(Running::is_under_way)
    }

    /// Operations of a bulk action that are under way.
    pub fn bulk_in_flight(&self) -> usize {
        self.bulk.iter().flat_map(Running::in_flight).count()
    }

    fn is_sent_in_bulk(&self, id: &ObjectId) -> bool {
        self.bulk.iter().flat_map(Running::in_flight).any(|operation| operation.object == *id)
    }

    /// The operation came to an end, or to an outcome that nobody knows; then its end is told later.
    pub fn land(&mut self, ticket: Ticket, known: bool) -> Option<Operation> {
        let operation = self.flights.remove(&ticket.0).or_else(|| self.unresolved.remove(&ticket.0))?;
        if !known {
            self.unresolved.insert(ticket.0, operation.clone());
        }
        Some(operation)
    }

    /// The journal's entry on an object has ended.
    pub fn close_entry(&mut self, id: &ObjectId) {
        self.unresolved.retain(|_, operation| operation.object != *id);
        self.open_entries.remove(id);
    }

    /// Forgets everything of the account: nothing of it is to be seen with the next.
    pub fn leave_account(&mut self) {
        self.lists = Kind::ALL.map(List::new).into();
        self.journal = Journal::default();
        self.bills = Bills::default();
        (self.events, self.disputes) = (Events::default(), Disputes::default());
        self.health = Health::default();
        self.unsound = None;
        self.watched = Watched::new(self.watched.bell);
        (self.story, self.before, self.story_asked, self.detail) = (None, None, None, None);
        self.story_pending = false;
        self.asked.clear();
        self.failed.clear();
        self.typed_ahead.clear();
        self.dialogs.clear();
        self.drafts.clear();
        self.sent.clear();
        self.handover = None;
        (self.bulk, self.survey) = (None, None);
        self.unresolved.clear();
        self.open_entries.clear();
    }

    /// Lets pass what passes with time; says when the screen will look different although nothing happens.
    pub fn fade(&mut self) -> Option<Timestamp> {
        let now = self.now;
        let toasts = self.toasts.fade(now);
        // What fades on another tab is not waited for.
        let current = self.kind();
        let faded = self.lists.iter_mut().filter_map(|list| list.fade(now).filter(|_| current == Some(list.kind)));
        let changes = faded.min();
        let before = self.before.as_ref().and_then(|(_, born)| Fading::next(*born, now));
        if before.is_none() {
            self.before = None;
        }
        let changes = [changes, before].into_iter().flatten().min();
        let opened = self.account().is_some();
        let reads = opened && self.content() == Content::Events && !self.events.disputing;
        let events = if reads { self.events.fade(now) } else { None };
        let disputes = if opened { self.disputes.wake(now) } else { None };
        [toasts, changes, events, disputes, self.watched.due()].into_iter().flatten().min()
    }

    /// Since when nobody can be asked, while that is so.
    pub fn cut_off(&self) -> Option<Timestamp> {
        self.health.trouble.as_ref().map(|trouble| trouble.since)
    }
}
