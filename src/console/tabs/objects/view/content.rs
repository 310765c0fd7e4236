//! The lines of the present page of the detail, as it is drawn and as it is searched.

use serde_json::Value;

use crate::console::app::state::AppState;
use crate::console::tabs::objects::detail::{DetailPage, LineId};
use crate::console::tabs::objects::json;
use crate::console::tabs::objects::view::overview::overview;
use crate::console::tabs::objects::view::pages::{self, SelectableLine};
use crate::console::widgets::frame::json_line;
use crate::console::widgets::role::{Line, Role};
use crate::model::ObjectId;
use crate::text;
use crate::text::age::Clock;

/// All lines of the page, for this many columns.
pub(crate) fn content(state: &AppState, clock: &Clock, id: &ObjectId, width: usize) -> Vec<SelectableLine> {
    let opened = state.view.detail.as_ref().and_then(|detail| detail.opened.as_ref());
    let plain = |lines: Vec<Line>| lines.into_iter().map(|line| (None, line)).collect();
    match (state.page(), opened) {
        (DetailPage::Overview, _) => plain(overview(state, clock, id, width)),
        (DetailPage::Timeline, Some(opened)) => plain(pages::opened(state, opened, width)),
        (DetailPage::Timeline, None) => pages::timeline(state, clock, width),
        (DetailPage::Related, _) => pages::related(state, clock, width),
        (DetailPage::Raw, _) => raw(state, id, width),
    }
}

/// The document as received, formatted; its values can be selected and folded.
fn raw(state: &AppState, id: &ObjectId, width: usize) -> Vec<SelectableLine> {
    let Some(fresh) = state.fresh(id) else {
        return vec![(None, vec![(state.lang.t("detail-not-fetched"), Role::Faint)])];
    };
    let Ok(document) = serde_json::from_str::<Value>(&fresh.object.raw) else {
        return fresh.object.raw.lines().map(|line| (None, json_line(line))).collect();
    };
    let none = Default::default();
    let folded = state.view.detail.as_ref().map_or(&none, |detail| &detail.folded);
    let drawn = |line: json::JsonLine| {
        // A long value goes on below, under its name.
        let indent = line.before.chars().take_while(|c| *c == ' ').count() + 2;
        let room = width.saturating_sub(text::width(&line.before)).max(width / 3).max(8);
        let mut parts = text::wrap(&line.value, room).into_iter();
        let first = parts.next().unwrap_or_default();
        let rest: String = parts.collect();
        let mut drawn = vec![(line.before, Role::Accent), (first, Role::Plain)];
        drawn.extend(line.folded.map(|n| (format!("  {n}"), Role::Faint)));
        let below = if rest.is_empty() { Vec::new() } else { text::wrap(&rest, width.saturating_sub(indent).max(8)) };
        let below = below.into_iter().map(move |part| (None, vec![(" ".repeat(indent) + &part, Role::Plain)]));
        std::iter::once((line.path.map(LineId::Json), drawn)).chain(below)
    };
    json::lines(&document, folded).into_iter().flat_map(drawn).collect()
}
