//! What a profile's screen looked like when it was left: the tab, and of each table its filter, its order, its columns
//! and its cursor. The next start shows the same. No object's data is in it but the number under the cursor.

pub(crate) mod store;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::console::app::state::{AppState, Stage};
use crate::console::tabs::objects::kinds::column;
use crate::console::tabs::objects::list::{List, ListSort};
use crate::model::filter::Filter;
use crate::model::{Kind, Number, ObjectId};
use crate::services::{InboxFilter, JournalFilter};

/// The version of the file. A file of a later one is not read.
const VERSION: u64 = 1;

/// What is kept of one profile's screen. Everything in it may be missing, or name what this version does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    tab: Option<String>,
    /// By the noun of the kind.
    lists: BTreeMap<String, KeptList>,
    /// The texts of the searches in the journal and in the events.
    journal: Option<String>,
    events: Option<String>,
}

/// What is kept of the table of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct KeptList {
    filter: Option<String>,
    sort: Option<(String, bool)>,
    /// The ids of the columns on the screen, in their order.
    columns: Vec<String>,
    hidden: Vec<String>,
    cursor: Option<String>,
}

impl Kept {
    /// What the screen looks like now, and whose it is; `None` without an account.
    pub(crate) fn of(state: &AppState) -> Option<(String, Self)> {
        let Stage::Open(account) = &state.stage else { return None };
        let lists = Kind::ALL.map(|kind| (kind.noun().to_owned(), KeptList::of(state.list_of(kind))));
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let kept = Self {
            tab: state.tabs.get(state.tab).map(|tab| tab.id.to_owned()),
            lists: lists.into(),
            journal: text(&state.view.tabs.journal.filter().text),
            events: text(state.view.tabs.inbox.filter().text()),
        };
        Some((account.name.clone(), kept))
    }

    /// Makes the screen look like that, as far as it can. A tab chosen meanwhile stays.
    pub(crate) fn restore(self, state: &mut AppState) {
        for (noun, kept) in self.lists {
            if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.noun() == noun) {
                kept.restore(state.list_of_mut(kind));
            }
        }
        if let Some(text) = self.journal {
            state.view.tabs.journal.set_filter(JournalFilter { text, object: None });
        }
        if let Some(filter) = self.events.and_then(|text| InboxFilter::parse(&text, None).ok()) {
            state.view.tabs.inbox.set_filter(filter);
        }
        let tab = self.tab.and_then(|id| state.place(&id));
        if let Some(tab) = tab.filter(|_| !state.view.tab_chosen) {
            state.open_tab(tab);
        }
    }

    /// Reads the file's text. What is damaged or unknown in it is left out; `None` if nothing of it can be read.
    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let version = value.get("version")?.as_u64()?;
        if version != VERSION {
            return None;
        }
        let string = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let lists = value.get("lists").and_then(Value::as_object);
        let list = |(noun, list): (&String, &Value)| (noun.clone(), KeptList::read(list));
        Some(Self {
            tab: string("tab"),
            lists: lists.into_iter().flatten().map(list).collect(),
            journal: string("journal"),
            events: string("events"),
        })
    }

    fn text(&self) -> String {
        let lists: Map<String, Value> = self.lists.iter().map(|(noun, list)| (noun.clone(), list.value())).collect();
        let value = json!({
            "version": VERSION, "tab": self.tab, "lists": lists, "journal": self.journal, "events": self.events,
        });
        format!("{value:#}\n")
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
            columns: list.columns().map(|column| column.id.to_owned()).collect(),
            hidden: list.hidden.iter().map(|id| (*id).to_owned()).collect(),
            cursor: cursor.map(|id| id.number.to_string()),
        }
    }

    fn restore(self, list: &mut List) {
        let kind = list.kind;
        let known = |id: &String| column(kind, id);
        let hidden = self.hidden.iter().filter_map(known).filter(|column| column.priority > 0);
        list.hidden = hidden.map(|column| column.id).collect();
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

    fn read(value: &Value) -> Self {
        let string = |value: &Value| value.as_str().map(str::to_owned);
        let strings = |name: &str| {
            let values = value.get(name).and_then(Value::as_array);
            values.into_iter().flatten().filter_map(string).collect()
        };
        let descending = value.get("descending").and_then(Value::as_bool).unwrap_or(false);
        Self {
            filter: value.get("filter").and_then(string),
            sort: value.get("sort").and_then(string).map(|column| (column, descending)),
            columns: strings("columns"),
            hidden: strings("hidden"),
            cursor: value.get("cursor").and_then(string),
        }
    }

    fn value(&self) -> Value {
        let sort = self.sort.as_ref();
        json!({
            "filter": self.filter, "sort": sort.map(|sort| &sort.0), "descending": sort.map(|sort| sort.1),
            "columns": self.columns, "hidden": self.hidden, "cursor": self.cursor,
        })
    }
}
