//! The detail of one object: its pages, and the lines on them.

use crate::console::app::navigate;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::tabs::bills::update as bills;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::detail::{ComparisonResult, Detail, DetailPage, OpenedDetail, Payload};
use crate::console::tabs::objects::json;
use crate::console::tabs::objects::lines::selectable_lines;
use crate::ledger::WholeEvent;
use crate::model::bill::BillRow;
use crate::model::diff::Difference;
use crate::model::{DatedEvent, DatedFact, Kind, Link, Number, ObjectId};
use crate::services::{ReadRequest, Request};

pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.detail = state.list().and_then(|list| list.cursor().cloned()).map(Detail::new);
    navigate::list_refunds(state)
}

/// Turns this many pages further.
pub(crate) fn turn(state: &mut AppState, by: usize) -> Vec<Effect> {
    show(state, state.page().turned(by));
    Vec::new()
}

/// Opens a page of the subject.
pub(crate) fn open_page(state: &mut AppState, page: DetailPage) -> Vec<Effect> {
    let effects = if state.view.detail.is_none() { open(state) } else { Vec::new() };
    show(state, page);
    effects
}

pub(crate) fn show(state: &mut AppState, page: DetailPage) {
    if let Some(detail) = &mut state.view.detail {
        detail.page = page;
        (detail.scroll, detail.line_id, detail.opened) = (0, None, None);
        detail.needle.iter_mut().for_each(|needle| needle.at = None);
    }
}

/// The ids of the lines that can be selected now.
fn lines(state: &AppState) -> Vec<LineId> {
    let Some(detail) = &state.view.detail else { return Vec::new() };
    let story = state.subject_story();
    story.map(|story| selectable_lines(detail.page, story, state.along_chain, &detail.folded)).unwrap_or_default()
}

/// Moves the selection by lines.
pub(crate) fn select_by(state: &mut AppState, by: isize) {
    let lines = lines(state);
    let at = state.line_id().and_then(|line_id| lines.iter().position(|line| *line == line_id)).unwrap_or(0);
    let next = at.saturating_add_signed(by).min(lines.len().saturating_sub(1));
    if let Some(detail) = &mut state.view.detail {
        detail.line_id = lines.into_iter().nth(next);
    }
}

/// A click on a line selects it.
pub(crate) fn select(state: &mut AppState, line_id: LineId) {
    if state.view.detail.is_none() {
        open(state);
    }
    if let Some(detail) = &mut state.view.detail {
        detail.line_id = Some(line_id);
    }
}

/// Enter on the selected line.
pub(crate) fn enter(state: &mut AppState) -> Vec<Effect> {
    match state.page() {
        DetailPage::Timeline => look_into(state),
        DetailPage::Related => follow(state),
        DetailPage::Raw => fold(state),
        DetailPage::Overview => Vec::new(),
    }
}

/// Opens the selected line of the timeline: the differences of a version, from the marked one if that is of the same
/// object; the journal's entry of an action; a notification; the bill with a row. Other lines lead to their object.
pub(crate) fn look_into(state: &mut AppState) -> Vec<Effect> {
    match state.line_id() {
        Some(LineId::Version(id)) => compare(state, id),
        Some(LineId::Entry(id)) => {
            lay_over(state, OpenedDetail::Entry(id));
            Vec::new()
        }
        Some(LineId::Event(id)) => {
            lay_over(state, OpenedDetail::Notification(id, Payload::NotYet));
            vec![ReadRequest::InboxEvent(id).into()]
        }
        Some(LineId::Row(_, name)) => BillRow::parse(&name).map(|row| bills::go_to_row(state, row)).unwrap_or_default(),
        Some(LineId::Dated(of, dated)) => navigate::show(state, &leads_to(of, &dated)),
        Some(LineId::Noted(of)) => navigate::show(state, &of),
        _ => Vec::new(),
    }
}

/// The object that a dated line leads to: for a step that has an order, the order.
pub(crate) fn leads_to(of: ObjectId, dated: &DatedEvent) -> ObjectId {
    let order = match &dated.what {
        DatedFact::Step { order: Some(order), .. } => Number::parse(order).ok(),
        _ => None,
    };
    order.map_or(of, |order| ObjectId::new(Kind::ServiceOrder, order))
}

fn compare(state: &mut AppState, id: i64) -> Vec<Effect> {
    let marked = state.view.detail.as_ref().and_then(|detail| detail.marked);
    let Some((of, versions, at)) = state.subject_story().and_then(|story| story.version(id)) else { return Vec::new() };
    let place = |id: i64| versions.iter().position(|version| version.id == id);
    let version = |place: usize| versions.get(place).map(|version| version.id);
    // Versions are listed newest first: the later of two has the lower index.
    let (before, after) = match marked.and_then(place).filter(|marked| *marked != at) {
        Some(marked) => (version(marked.max(at)), version(marked.min(at)).unwrap_or(id)),
        None => (version(at + 1), id),
    };
    let of = of.clone();
    lay_over(state, OpenedDetail::Compared { of: of.clone(), before, after, result: ComparisonResult::NotYet });
    vec![ReadRequest::Compare { of, before, after }.into()]
}

/// The two marked objects, by number, if exactly two are marked.
pub(crate) fn marked_pair(state: &AppState) -> Option<(ObjectId, ObjectId)> {
    let mut marked = state.list()?.marked();
    if marked.len() != 2 {
        return None;
    }
    marked.next().cloned().zip(marked.next().cloned())
}

/// Compares the latest documents of the two marked objects.
pub(crate) fn compare_marked(state: &mut AppState) -> Vec<Effect> {
    let Some((before, after)) = marked_pair(state) else { return Vec::new() };
    state.view.detail = Some(Detail { page: DetailPage::Timeline, ..Detail::new(after.clone()) });
    let (one, other) = (before.clone(), after.clone());
    lay_over(state, OpenedDetail::Objects { before: one, after: other, result: ComparisonResult::NotYet });
    vec![ReadRequest::CompareObjects { before, after }.into()]
}

fn lay_over(state: &mut AppState, opened: OpenedDetail) {
    if let Some(detail) = &mut state.view.detail {
        (detail.scroll, detail.opened) = (0, Some(opened));
    }
}

/// The ledger has compared two versions.
pub(crate) fn compared(
    state: &mut AppState,
    id: &ObjectId,
    pair: (Option<i64>, i64),
    differences: Option<Arc<Vec<Difference>>>,
) {
    let Some(detail) = &mut state.view.detail else { return };
    if let Some(OpenedDetail::Compared { of, before, after, result }) = &mut detail.opened
        && (&*of, (*before, *after)) == (id, pair)
    {
        *result = differences.map_or(ComparisonResult::Unreadable, ComparisonResult::Differences);
    }
}

/// The ledger has compared two objects.
pub(crate) fn objects_compared(
    state: &mut AppState,
    pair: (&ObjectId, &ObjectId),
    differences: Option<Arc<Vec<Difference>>>,
) {
    let opened = state.view.detail.as_mut().and_then(|detail| detail.opened.as_mut());
    if let Some(OpenedDetail::Objects { before, after, result }) = opened
        && (&*before, &*after) == pair
    {
        *result = differences.map_or(ComparisonResult::Unreadable, ComparisonResult::Differences);
    }
}

/// The ledger has read a stored notification.
pub(crate) fn notified(state: &mut AppState, event: i64, whole: Option<&Arc<WholeEvent>>) {
    if let Some(OpenedDetail::Notification(id, payload)) =
        state.view.detail.as_mut().and_then(|detail| detail.opened.as_mut())
        && *id == event
    {
        *payload = whole.cloned().map_or(Payload::Gone, Payload::There);
    }
}

/// Switches the timeline between the chain from plan to cash and the object alone. The line stays selected if both have
/// it.
pub(crate) fn turn_chain(state: &mut AppState) -> Vec<Effect> {
    state.along_chain = !state.along_chain;
    Vec::new()
}

/// Marks the selected version for a comparison, or removes the mark.
pub(crate) fn mark(state: &mut AppState) -> Vec<Effect> {
    let line_id = state.line_id();
    if let (Some(detail), Some(LineId::Version(id))) = (&mut state.view.detail, line_id) {
        detail.marked = if detail.marked == Some(id) { None } else { Some(id) };
    }
    Vec::new()
}

/// Goes to the selected related object. If only WeChat Pay's number is known, searches for it.
pub(crate) fn follow(state: &mut AppState) -> Vec<Effect> {
    match state.line_id() {
        Some(LineId::Object(id)) => navigate::show(state, &id),
        Some(LineId::Unresolved(link)) => {
            let number = Link::number(&link).clone();
            state.view.toasts.searching(state.lang, &number, state.now);
            vec![Request::Find(number).into()]
        }
        _ => Vec::new(),
    }
}

/// Asks the ledger again for what was on its way when the detail was left.
pub(crate) fn ask_again(state: &AppState) -> Vec<Effect> {
    match state.view.detail.as_ref().and_then(|detail| detail.opened.as_ref()) {
        Some(OpenedDetail::Compared { of, before, after, result: ComparisonResult::NotYet }) => {
            vec![ReadRequest::Compare { of: of.clone(), before: *before, after: *after }.into()]
        }
        Some(OpenedDetail::Objects { before, after, result: ComparisonResult::NotYet }) => {
            vec![ReadRequest::CompareObjects { before: before.clone(), after: after.clone() }.into()]
        }
        Some(OpenedDetail::Notification(id, Payload::NotYet)) => vec![ReadRequest::InboxEvent(*id).into()],
        _ => Vec::new(),
    }
}

/// The document of the subject.
fn document(state: &AppState) -> Option<Value> {
    let fresh = state.fresh(state.subject_id()?)?;
    serde_json::from_str(&fresh.object.raw).ok()
}

/// Folds the selected part of the document, or unfolds it. A value with nothing in it folds what it is in.
pub(crate) fn fold(state: &mut AppState) -> Vec<Effect> {
    let (Some(LineId::Json(path)), Some(document)) = (state.line_id(), document(state)) else { return Vec::new() };
    let foldable = json::containers(&document);
    let parent = foldable.iter().filter(|outer| path.starts_with(outer.as_str())).max_by_key(|outer| outer.len());
    let Some(folded) = foldable.get(&path).or(parent).cloned() else { return Vec::new() };
    if let Some(detail) = &mut state.view.detail
        && !detail.folded.remove(&folded)
    {
        detail.folded.insert(folded.clone());
        detail.line_id = Some(LineId::Json(folded));
    }
    Vec::new()
}

/// Folds everything in the document, or unfolds it.
pub(crate) fn fold_all(state: &mut AppState) -> Vec<Effect> {
    let Some(document) = document(state) else { return Vec::new() };
    if let Some(detail) = &mut state.view.detail {
        let all = json::containers(&document);
        detail.folded = if detail.folded.is_empty() { all } else { BTreeSet::new() };
        detail.line_id = None;
    }
    Vec::new()
}

/// Copies the selected value: a text without its quotes.
pub(crate) fn copy_value(state: &mut AppState) -> Vec<Effect> {
    let (Some(LineId::Json(path)), Some(document)) = (state.line_id(), document(state)) else { return Vec::new() };
    let value = json::at(&document, &path).map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    navigate::copy(state, value)
}

/// Undoes one thing in the detail, the latest that the screen shows. False if only the detail itself is open.
pub(crate) fn step_back(state: &mut AppState) -> bool {
    let Some(detail) = &mut state.view.detail else { return false };
    if detail.needle.take().is_some() {
        return true;
    }
    // The comparison of two objects was opened from the table: it goes with the detail.
    if matches!(detail.opened, Some(OpenedDetail::Objects { .. })) {
        return false;
    }
    if detail.opened.take().is_some() {
        detail.scroll = 0;
        return true;
    }
    // A mark on another page is not seen: it goes with the detail.
    detail.page == DetailPage::Timeline && detail.marked.take().is_some()
}
