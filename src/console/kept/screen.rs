//! From the screen and back to it.

use crate::console::app::state::{AppState, Stage};
use crate::console::kept::{Kept, KeptList, key};
use crate::console::tabs::objects::kinds::column;
use crate::console::tabs::objects::list::{List, ListSort};
use crate::model::filter::{Filter, Language};
use crate::model::{Kind, Number, ObjectId};
use crate::services::{InboxFilter, JournalFilter};

impl Kept {
    /// What the screen looks like now, and whose it is; `None` without an account.
    pub(crate) fn of(state: &AppState) -> Option<(String, Self)> {
        let Stage::Open(account) = &state.stage else { return None };
        let lists = Kind::ALL.map(|kind| (kind.noun().to_owned(), KeptList::of(state.list_of(kind))));
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let kept = Self {
            tab: state.tabs.get(state.shown_tab()).map(|tab| tab.id.to_owned()),
            lists: lists.into(),
            journal: text(&state.view.tabs.journal.filter().text()),
            events: text(&state.view.tabs.inbox.filter().text()),
            journal_wide: state.view.tabs.journal.sideways.wide,
            events_wide: state.view.tabs.inbox.sideways.wide,
            split: Some(state.split),
        };
        Some((key(account), kept))
    }

    /// Makes the screen look like that, as far as it can. A tab chosen meanwhile stays.
    pub(crate) fn restore(self, state: &mut AppState) {
        for (noun, kept) in self.lists {
            if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.noun() == noun) {
                kept.restore(state.list_of_mut(kind));
            }
        }
        // Words that this version does not know are left out.
        if let Some(filter) = self.journal.and_then(|text| JournalFilter::parse(&text).ok()) {
            state.view.tabs.journal.set_filter(filter);
        }
        if let Some(filter) = self.events.and_then(|text| Filter::parse_in(Language::EVENTS, &text).ok()) {
            state.view.tabs.inbox.set_filter(InboxFilter::default().with_filter(filter));
        }
        state.view.tabs.journal.sideways.wide = self.journal_wide;
        state.view.tabs.inbox.sideways.wide = self.events_wide;
        state.split = self.split.unwrap_or(state.split);
        let tab = self.tab.and_then(|id| state.place(&id));
        if let Some(tab) = tab.filter(|_| !state.view.tab_chosen) {
            state.open_tab(tab);
        }
    }
}

impl KeptList {
    fn of(list: &List) -> Self {
        let filter = list.filter();
        // At the top the cursor follows what comes in: it is on no row of its own.
        let cursor = list.cursor().filter(|_| list.is_pinned() && list.position() > 0);
        Self {
            filter: (!filter.is_empty()).then(|| filter.to_string()),
            sort: Some((list.sort().column.to_owned(), list.sort().descending)),
            columns: list.order().iter().map(|id| (*id).to_owned()).collect(),
            hidden: list.hidden.iter().map(|id| (*id).to_owned()).collect(),
            wide: list.sideways.wide,
            cursor: cursor.map(|id| id.number.to_string()),
        }
    }

    fn restore(self, list: &mut List) {
        let kind = list.kind;
        let known = |id: &String| column(kind, id);
        let hidden = self.hidden.iter().filter_map(known).filter(|column| column.priority > 0);
        list.hidden = hidden.map(|column| column.id).collect();
        list.set_order(self.columns.iter().filter_map(known).map(|column| column.id).collect());
        list.sideways.wide = self.wide;
        if let Some((column, descending)) = self.sort.and_then(|(id, down)| Some((known(&id)?.id, down))) {
            list.set_sort(ListSort { column, descending });
        }
        if let Some(filter) = self.filter.and_then(|text| Filter::parse(&text).ok()) {
            list.set_filter(filter);
        }
        if let Some(number) = self.cursor.and_then(|number| Number::parse(&number).ok()) {
            list.seek(ObjectId::new(kind, number));
        }
    }
}
