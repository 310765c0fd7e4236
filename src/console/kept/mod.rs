//! What a profile's screen looked like when it was left: the tab, whether the detail stands beside the table, and of each
//! table its filter, its order, its columns and its cursor. The next start shows the same. No object's data is in it but the number under the cursor.

pub(crate) mod keeper;
mod screen;
pub(crate) mod store;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

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
    /// The tables of these two show all their columns.
    journal_wide: bool,
    events_wide: bool,
    /// The detail stands beside the table.
    split: Option<bool>,
}

/// What is kept of the table of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct KeptList {
    filter: Option<String>,
    sort: Option<(String, bool)>,
    /// The ids of the columns in the operator's order; empty for the usual one.
    columns: Vec<String>,
    hidden: Vec<String>,
    /// All columns are shown, not only those that fit.
    wide: bool,
    cursor: Option<String>,
}

impl Kept {
    /// Reads the file's text. What is damaged or unknown in it is left out; `None` if nothing of it can be read.
    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let version = value.get("version")?.as_u64()?;
        if version != VERSION {
            return None;
        }
        let string = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let flag = |name: &str| value.get(name).and_then(Value::as_bool);
        let lists = value.get("lists").and_then(Value::as_object);
        let list = |(noun, list): (&String, &Value)| (noun.clone(), KeptList::read(list));
        Some(Self {
            tab: string("tab"),
            lists: lists.into_iter().flatten().map(list).collect(),
            journal: string("journal"),
            events: string("events"),
            journal_wide: flag("journal_wide").unwrap_or(false),
            events_wide: flag("events_wide").unwrap_or(false),
            split: flag("split"),
        })
    }

    fn text(&self) -> String {
        let lists: Map<String, Value> = self.lists.iter().map(|(noun, list)| (noun.clone(), list.value())).collect();
        let value = json!({
            "version": VERSION, "tab": self.tab, "lists": lists, "journal": self.journal, "events": self.events,
            "journal_wide": self.journal_wide, "events_wide": self.events_wide, "split": self.split,
        });
        format!("{value:#}\n")
    }
}

impl KeptList {
    fn read(value: &Value) -> Self {
        let string = |value: &Value| value.as_str().map(str::to_owned);
        let strings = |name: &str| {
            let values = value.get(name).and_then(Value::as_array);
            values.into_iter().flatten().filter_map(string).collect()
        };
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let descending = flag("descending");
        Self {
            filter: value.get("filter").and_then(string),
            sort: value.get("sort").and_then(string).map(|column| (column, descending)),
            columns: strings("columns"),
            hidden: strings("hidden"),
            wide: flag("wide"),
            cursor: value.get("cursor").and_then(string),
        }
    }

    fn value(&self) -> Value {
        let sort = self.sort.as_ref();
        json!({
            "filter": self.filter, "sort": sort.map(|sort| &sort.0), "descending": sort.map(|sort| sort.1),
            "columns": self.columns, "hidden": self.hidden, "wide": self.wide, "cursor": self.cursor,
        })
    }
}
