//! The detail of one object: its pages, and the lines on them.

use super::browse;
use crate::console::effect::Effect;
use crate::console::pages::{Spot, spots};
use crate::console::state::State;
use crate::console::state::detail::{Detail, DetailPage, Opened, Told};
use crate::console::state::list::List;
use crate::console::state::toast::ToastKind;
use crate::model::diff::Difference;
use crate::model::{Kind, Link, ObjectId, Region};

pub fn open(state: &mut State) -> Vec<Effect> {
    state.detail = state.list().and_then(List::cursor).cloned().map(Detail::new);
    list_refunds(state)
}

/// Where WeChat Pay lists an order's refunds, whoever looks at the order is shown all of them.
pub fn list_refunds(state: &State) -> Vec<Effect> {
    let abroad = state.account().is_some_and(|account| account.merchant.region == Region::Global);
    let order = state.detail.as_ref().map(|detail| &detail.of).filter(|id| id.kind == Kind::Transaction);
    order.filter(|_| abroad).cloned().map(Effect::ListRefunds).into_iter().collect()
}

/// Goes so many pages further.
pub fn turn(state: &mut State, by: usize) -> Vec<Effect> {
    show(state, state.page.turned(by));
    Vec::new()
}

/// Opens a page of the subject.
pub fn open_page(state: &mut State, page: DetailPage) -> Vec<Effect> {
    let effects = if state.detail.is_none() { open(state) } else { Vec::new() };
    show(state, page);
    effects
}

pub fn show(state: &mut State, page: DetailPage) {
    state.page = page;
    if let Some(detail) = &mut state.detail {
        (detail.scroll, detail.spot, detail.opened) = (0, None, None);
    }
}

/// The lines that can be selected now.
fn lines(state: &State) -> Vec<Spot> {
    state.subject_story().map(|story| spots(state.page, story)).unwrap_or_default()
}

/// Moves the selection by lines.
pub fn select_by(state: &mut State, by: isize) {
    let lines = lines(state);
    let at = state.spot().and_then(|spot| lines.iter().position(|line| *line == spot)).unwrap_or(0);
    let next = at.saturating_add_signed(by).min(lines.len().saturating_sub(1));
    if let Some(detail) = &mut state.detail {
        detail.spot = lines.into_iter().nth(next);
    }
}

/// A click on a line selects it.
pub fn select(state: &mut State, spot: Spot) {
    if state.detail.is_none() {
        open(state);
    }
    if let Some(detail) = &mut state.detail {
        detail.spot = Some(spot);
    }
}

/// Does with the selected line what Enter does.
pub fn enter(state: &mut State) -> Vec<Effect> {
    match state.page {
        DetailPage::Timeline => look_into(state),
        DetailPage::Related => follow(state),
        DetailPage::Overview | DetailPage::Raw => Vec::new(),
    }
}

/// Opens the selected line of the timeline: a version to its differences, from the marked one if there is one; an
/// action to its entry in the journal.
pub fn look_into(state: &mut State) -> Vec<Effect> {
    let (Some(spot), Some(story)) = (state.spot(), state.subject_story()) else { return Vec::new() };
    let place = |id: i64| story.versions.iter().position(|version| version.id == id);
    let versions: Vec<i64> = story.versions.iter().map(|version| version.id).collect();
    let (pair, entry) = match spot {
        Spot::Version(id) => {
            let Some(at) = place(id) else { return Vec::new() };
            let marked = state.detail.as_ref().and_then(|detail| detail.marked).and_then(place);
            // Newest first: the later of two has the lower place.
            let (before, after) = match marked.filter(|marked| *marked != at) {
                Some(marked) => (versions.get(marked.max(at)).copied(), versions[marked.min(at)]),
                None => (versions.get(at + 1).copied(), id),
            };
            (Some((before, after)), None)
        }
        Spot::Entry(id) => (None, Some(id)),
        _ => (None, None),
    };
    let Some(detail) = &mut state.detail else { return Vec::new() };
    detail.scroll = 0;
    detail.opened = entry.map(Opened::Entry);
    let Some((before, after)) = pair else { return Vec::new() };
    detail.opened = Some(Opened::Compared { before, after, told: Told::NotYet });
    vec![Effect::Compare { of: detail.of.clone(), before, after }]
}

/// The ledger told how two versions differ.
pub fn compared(
    state: &mut State,
    of: &ObjectId,
    pair: (Option<i64>, i64),
    differences: Option<std::sync::Arc<Vec<Difference>>>,
) {
    let Some(detail) = state.detail.as_mut().filter(|detail| detail.of == *of) else { return };
    if let Some(Opened::Compared { before, after, told }) = &mut detail.opened
        && (*before, *after) == pair
    {
        *told = differences.map_or(Told::Unreadable, Told::Differences);
    }
}

/// Marks the selected version to be compared with another, or takes the mark away.
pub fn mark(state: &mut State) -> Vec<Effect> {
    let spot = state.spot();
    if let (Some(detail), Some(Spot::Version(id))) = (&mut state.detail, spot) {
        detail.marked = if detail.marked == Some(id) { None } else { Some(id) };
    }
    Vec::new()
}

/// Goes to the selected related object. One that is known by WeChat Pay's number alone is looked for.
pub fn follow(state: &mut State) -> Vec<Effect> {
    match state.spot() {
        Some(Spot::Object(id)) => browse::show(state, &id),
        Some(Spot::Unmet(link)) => {
            let number = Link::number(&link).clone();
            let title = state.lang.tr("toast-searching", &[("number", &number.as_str())]);
            state.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
            vec![Effect::Find(number)]
        }
        _ => Vec::new(),
    }
}

/// Goes back to the object that led here; the one that is left is selected there.
pub fn return_to(state: &mut State) -> Vec<Effect> {
    let Some(detail) = &mut state.detail else { return Vec::new() };
    let Some(before) = detail.came_from.pop() else { return Vec::new() };
    let (left, trail) = (detail.of.clone(), std::mem::take(&mut detail.came_from));
    let effects = browse::show(state, &before);
    if let Some(detail) = &mut state.detail {
        detail.came_from = trail;
        detail.spot = (state.page == DetailPage::Related).then_some(Spot::Object(left));
    }
    effects
}

/// Takes back one thing within the detail. False if there is nothing but the detail itself.
pub fn step_back(state: &mut State) -> bool {
    let Some(detail) = &mut state.detail else { return false };
    if detail.opened.take().is_some() {
        detail.scroll = 0;
        return true;
    }
    detail.marked.take().is_some()
}
