//! The lines of a list to choose from. Both the view and the update take them from here.

use serde_json::Value;

use crate::console::app::state::AppState;
use crate::console::dialogs::state::{MenuAction, Picking};
use crate::console::tabs::objects::json;
use crate::console::tabs::objects::kinds::items;
use crate::console::tabs::objects::overview::Item;
use crate::model::Entity;
use crate::model::ObjectId;
use crate::model::action::Illegal;
use crate::model::action::{Action, ActionId, Risk, WriteName};
use crate::model::time::Timestamp;
use crate::text;

/// The most columns of the name of a field.
const FIELD_LABELS: usize = 34;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    pub label: String,
    /// Marks the current choice, before the label.
    pub mark: &'static str,
    /// Faint text after the label.
    pub note: String,
    /// Why it cannot be chosen.
    pub blocked: Option<String>,
    pub take: MenuAction,
}

/// The lines for a choice.
pub(crate) fn choices(state: &AppState, picking: &Picking) -> Vec<Choice> {
    let lang = state.lang;
    match picking {
        Picking::Action(object) => actions(state, object),
        Picking::Marked(ids) => bulk_actions(state, ids),
        Picking::New(kind) => Action::creating(*kind).map(|action| creation(state, action)).collect(),
        Picking::Sort => state
            .list()
            .into_iter()
            .flat_map(|list| list.columns().map(|column| (column, list.sort())))
            .map(|(column, sort)| {
                let mark = match (sort.column == column.id, sort.descending) {
                    (false, _) => " ",
                    (true, true) => "▼",
                    (true, false) => "▲",
                };
                line(mark, lang.t(column.header), None, MenuAction::Sort(column.id))
            })
            .collect(),
        Picking::Columns => state
            .list()
            .into_iter()
            .flat_map(|list| list.all_columns().into_iter().map(|column| (column, list.hidden.contains(column.id))))
            .map(|(column, hidden)| {
                let mark = if hidden { "·" } else { "✓" };
                let blocked = (column.priority == 0).then(|| lang.t("blocked-column-needed"));
                line(mark, lang.t(column.header), blocked, MenuAction::Column(column.id))
            })
            .collect(),
        Picking::Found(ids) => ids
            .iter()
            .map(|id| {
                let kind = lang.kind(id.kind);
                line(" ", format!("{kind} {}", id.number), None, MenuAction::Show(id.clone()))
            })
            .collect(),
        Picking::Field(id) => fields(state, id),
        Picking::Profile => state
            .profiles
            .iter()
            .map(|name| {
                let mark = if state.account().is_some_and(|account| account.name == *name) { "●" } else { " " };
                line(mark, name.clone(), None, MenuAction::Profile(name.clone()))
            })
            .collect(),
    }
}

fn line(mark: &'static str, label: String, blocked: Option<String>, take: MenuAction) -> Choice {
    Choice { label, mark, note: String::new(), blocked, take }
}

/// What can be copied of an object: its number, what its overview shows, then each value of its document by path.
fn fields(state: &AppState, id: &ObjectId) -> Vec<Choice> {
    let lang = state.lang;
    let Some(fresh) = state.fresh(id) else { return Vec::new() };
    let entity = &*fresh.object.entity;
    let mut fields = vec![
        (lang.t("column-number"), id.own_number().to_owned()),
        (lang.t("column-state"), lang.state(&entity.state())),
    ];
    for item in items(lang, entity) {
        match item {
            Item::Field { label, value, .. }
            | Item::Money { label, value }
            | Item::Gauge { label, figure: value, .. } => {
                fields.push((lang.t(label), value));
            }
            Item::Heading(_) | Item::Table { .. } => {}
        }
    }
    if let Ok(document) = serde_json::from_str::<Value>(&fresh.object.raw) {
        let paths = json::lines(&document, &Default::default()).into_iter().filter_map(|line| line.path);
        let leaf = |path: String| match json::at(&document, &path)? {
            Value::Object(_) | Value::Array(_) => None,
            Value::String(text) => Some((path, text.clone())),
            other => Some((path, other.to_string())),
        };
        fields.extend(paths.filter_map(leaf));
    }
    let widest = fields.iter().map(|(label, _)| text::width(label)).max().unwrap_or(0).min(FIELD_LABELS);
    let choice = |(label, value): (String, String)| {
        let label = text::cut_middle(&label, FIELD_LABELS).into_owned();
        let pad = " ".repeat(widest.saturating_sub(text::width(&label)));
        let note = value.clone();
        Choice { label: label + &pad, mark: " ", note, blocked: None, take: MenuAction::Copy(value) }
    };
    fields.into_iter().map(choice).collect()
}

/// A creation, with the reason if it is not possible.
pub(crate) fn creation(state: &AppState, action: &'static Action) -> Choice {
    let lang = state.lang;
    let blocked = denied(state, action.id).or(state.forbids_changes().map(|id| lang.t(id)));
    Choice {
        label: lang.action(action),
        mark: if blocked.is_some() { "·" } else { "▸" },
        note: lang.t(risk(action.risk)),
        blocked,
        take: MenuAction::New(action.id),
    }
}

/// The actions on an object: the possible ones first, the others with the reason.
pub(crate) fn actions(state: &AppState, object: &ObjectId) -> Vec<Choice> {
    let lang = state.lang;
    let Some(entity) = state.entity(object) else { return Vec::new() };
    let marks = state.marks(object);
    let all = if let Some(why) = state.forbids_changes() {
        Some(why)
    } else if marks.in_flight {
        Some("blocked-object-in-flight")
    } else if marks.unresolved {
        Some("blocked-unresolved")
    } else {
        None
    };
    let choice = |(id, illegal): (ActionId, Option<crate::model::action::Illegal>)| {
        let action = id.action();
        let reason = illegal.map(|illegal| illegal.0).or(all).map(|id| lang.t(id));
        // A rule forbids it whatever the object's state is, so this reason comes first.
        let reason = denied(state, id).or(reason);
        Choice {
            label: lang.action(action),
            mark: if reason.is_some() { "·" } else { "▸" },
            note: lang.t(risk(action.risk)),
            blocked: reason,
            take: MenuAction::Action(id, object.clone()),
        }
    };
    let region = state.region();
    let here = menu(entity, object, state.now).into_iter().filter(|(id, _)| id.action().is_in(region));
    let mut choices: Vec<Choice> = here.map(choice).collect();
    choices.sort_by_key(|choice| choice.blocked.is_some());
    choices
}

/// The message about the risk of an action.
fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Reversible => "risk-reversible",
        Risk::Makes => "risk-makes",
        Risk::Irreversible => "risk-irreversible",
        Risk::MovesMoney => "risk-money",
    }
}

/// Says that the rules of the profile never allow an action.
fn denied(state: &AppState, id: ActionId) -> Option<String> {
    let account = state.account().filter(|account| account.rules.denies(WriteName::Action(id)))?;
    Some(tr!(state.lang, "blocked-by-rules", profile = account.name))
}

/// The actions on marked objects with the number of objects for which each is legal; empty until the ledger has
/// answered.
fn bulk_actions(state: &AppState, ids: &[ObjectId]) -> Vec<Choice> {
    let lang = state.lang;
    let Some(survey) = state.view.survey.as_ref().filter(|survey| *survey.of == ids) else { return Vec::new() };
    let forbidden = state.forbids_changes();
    let choice = |(id, count): &(ActionId, usize)| {
        let here = forbidden.or((*count == 0).then_some("blocked-none-of-marked"));
        let reason = denied(state, *id).or(here.map(|id| lang.t(id)));
        let legal = tr!(lang, "bulk-legal", n = count, total = ids.len());
        Choice {
            label: lang.action(id.action()),
            mark: if reason.is_some() { "·" } else { "▸" },
            note: format!("{legal} · {}", lang.t(risk(id.action().risk))),
            blocked: reason,
            take: MenuAction::Marked(*id, ids.to_vec()),
        }
    };
    let mut choices: Vec<Choice> = survey.counts.iter().map(choice).collect();
    choices.sort_by_key(|choice| choice.blocked.is_some());
    choices
}

/// The actions on a kind, legal ones first, each with the reason if it is not possible.
fn menu(entity: &Entity, object: &ObjectId, now: Timestamp) -> Vec<(ActionId, Option<Illegal>)> {
    let mut entries: Vec<_> =
        Action::of(object.kind).map(|action| (action.id, action.legal(entity, now).err())).collect();
    entries.sort_by_key(|(_, illegal)| illegal.is_some());
    entries
}
