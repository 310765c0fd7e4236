//! Draws the detail of one object. The pages Overview and Raw are here.

use crate::console::widgets::frame::{DETAIL, json_line};
use std::collections::HashSet;

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::choices::actions;
use crate::console::tabs::inbox::view as events;
use crate::console::tabs::objects::columns::is_stale;
use crate::console::tabs::objects::detail::DetailPage;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::kinds::items;
use crate::console::tabs::objects::overview::Item;
use crate::console::tabs::objects::view::pages;
use crate::console::tabs::objects::view::pages::SelectableLine;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::model::ObjectId;
use crate::services::{Fresh, Watch};
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, placed: &mut FrameLayout) {
    placed.hit(area, Target::Detail);
    let Some(id) = state.subject_id() else { return };
    let focused = state.view.detail.is_some();
    let (strong, accent) = (canvas.styles.strong(), canvas.styles.accent());
    let mark = if focused { "▌" } else { " " };
    canvas.put(area.x, area.y, 1, mark, accent);
    let labels = DetailPage::ALL.map(|page| match page {
        DetailPage::Overview => state.lang.t("page-overview"),
        DetailPage::Timeline => state.lang.t("page-timeline"),
        DetailPage::Related => state.lang.t("page-related"),
        DetailPage::Raw => state.lang.t("page-raw"),
    });
    let pages: usize = labels.iter().map(|label| text::width(label) + 2).sum();
    let room = usize::from(area.width).saturating_sub(pages + 2);
    let kind = state.lang.kind(id.kind);
    // The number identifies the object. Where there is little room the kind is left out: the tab shows it.
    let title = match format!("{kind} {}", id.number) {
        title if text::width(&title) <= room => title,
        _ => text::cut_middle(id.number.as_str(), room).into_owned(),
    };
    let used = canvas.put(area.x + 1, area.y, room as u16, &title, strong);
    let spare = room.saturating_sub(usize::from(used)).min(2) as u16;
    let mut x = area.x + used + 2 + spare;
    for (page, label) in DetailPage::ALL.into_iter().zip(labels) {
        let style = canvas.styles.tab(page == state.page());
        let width = canvas.put(x, area.y, area.right().saturating_sub(x), &label, style);
        placed.hit(Rect { x, y: area.y, width, height: 1 }, Target::Page(page as usize));
        x += width + 2;
    }
    let body = Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    let width = usize::from(body.width);
    let opened = state.view.detail.as_ref().and_then(|detail| detail.opened.as_ref());
    let plain = |lines: Vec<Line>| lines.into_iter().map(|line| (None, line)).collect();
    let lines: Vec<SelectableLine> = match (state.page(), opened) {
        (DetailPage::Overview, _) => plain(overview(state, canvas.clock, id, width)),
        (DetailPage::Timeline, Some(opened)) => plain(pages::opened(state, opened, width)),
        (DetailPage::Timeline, None) => pages::timeline(state, canvas.clock, width),
        (DetailPage::Related, _) => pages::related(state, canvas.clock, width),
        (DetailPage::Raw, _) => plain(raw(state, id)),
    };
    let rows = usize::from(body.height);
    let limit = lines.len().saturating_sub(rows);
    placed.room.detail = rows;
    placed.room.scroll = limit;
    let selected = state.line_id().filter(|_| state.selects_spots());
    let scroll = match &selected {
        Some(line_id) => middle(&lines, line_id, rows).min(limit),
        None => state.view.detail.as_ref().map_or(0, |detail| detail.scroll).min(limit),
    };
    for (i, (line_id, line)) in lines.iter().skip(scroll).take(rows).enumerate() {
        let place = Rect { y: body.y + i as u16, height: 1, ..body };
        let is_selected = line_id.is_some() && *line_id == selected;
        let base = canvas.ground(Rect { x: area.x, width: area.width, ..place }, is_selected);
        canvas.line(place.x, place.y, place.width, line, base);
        if let Some(line_id) = line_id {
            placed.hit(place, Target::DetailLine(line_id.clone()));
        }
    }
    if limit > scroll {
        let more = canvas.styles.accent();
        canvas.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, "↓", more);
    }
}

/// The first visible line, so that the selected ones are in the middle.
fn middle(lines: &[SelectableLine], selected: &LineId, rows: usize) -> usize {
    let is_selected = |(line_id, _): &SelectableLine| line_id.as_ref() == Some(selected);
    let first = lines.iter().position(is_selected).unwrap_or(0);
    let count = lines.iter().filter(|line| is_selected(line)).count();
    (first + count / 2).saturating_sub(rows / 2)
}

fn overview(state: &AppState, clock: &Clock, id: &ObjectId, width: usize) -> Vec<Line> {
    let lang = state.lang;
    let (fresh, marks) = (state.fresh(id), state.marks(id));
    let mut lines = Vec::new();
    let changes = Changes::of(state, id);
    if let Some(object_state) = fresh.map(|fresh| fresh.object.entity.state()) {
        let meaning = lang.state(&object_state);
        let mut line = DETAIL.label(&lang.t("column-state"));
        let role = changes.state(&object_state.code).unwrap_or(Role::Tone(object_state.tone));
        line.push((format!("{} {meaning}", object_state.tone.glyph()), role));
        line.push((format!("  {}", object_state.code), Role::Faint));
        lines.push(line);
    }
    lines.push(freshness(state, clock, fresh, &marks));
    if let Some(watch) = state.view.watched.of(id) {
        let text = watched(state, clock, watch);
        DETAIL.field(&mut lines, &lang.t("detail-watched"), &text, Role::Accent, width);
    }
    if let Some((at, error)) = &marks.failed {
        let explanation = explain::api_error(explain::on_screen(lang), error);
        let text = explanation.line();
        DETAIL.field(
            &mut lines,
            &lang.t("detail-query-failed"),
            &format!("{} · {} · {text}", clock.ago(lang, *at), age::clock(*at)),
            Role::Warning,
            width,
        );
    }
    for words in events::disputed(state, id) {
        DETAIL.field(&mut lines, &lang.t("detail-disputed"), &words, Role::Warning, width);
    }
    let Some(entity) = fresh.map(|fresh| &*fresh.object.entity) else {
        if state.awaits_story() {
            return lines;
        }
        lines.push(Line::new());
        lines.push(vec![(lang.t("detail-not-fetched"), Role::Faint)]);
        return lines;
    };
    let found = items(lang, entity);
    // For a stock, the amount is among its limits.
    let has_gauge = found.iter().any(|item| matches!(item, Item::Gauge { .. }));
    if let Some(progress) = entity.progress().filter(|_| !has_gauge) {
        let mut line = DETAIL.label(&lang.t("column-progress"));
        line.push((format!("{}%", progress.percent()), Role::Gauge(progress)));
        lines.push(line);
    }
    lines.push(Line::new());
    for item in found {
        match item {
            Item::Heading(id) => {
                lines.push(Line::new());
                lines.push(vec![(lang.t(id), Role::Heading)]);
            }
            Item::Field { label, value, role } => {
                let role = changes.field(label, &value).unwrap_or(role);
                DETAIL.field(&mut lines, &lang.t(label), &value, role, width);
            }
            Item::Gauge { label: name, figure, progress } => {
                let mut line = DETAIL.label(&lang.t(name));
                // A bar shows how much; the text beside it says that it moved.
                match changes.field(name, &figure) {
                    Some(role) => line.push((figure, role)),
                    None => line.push((figure, Role::Gauge(progress))),
                }
                lines.push(line);
            }
            Item::Table { headers, rows } => {
                let roles: Vec<Role> = rows.iter().map(|row| changes.row(row).unwrap_or(Role::Plain)).collect();
                let headers = headers.iter().map(|id| lang.t(id)).collect();
                lines.extend(table(headers, rows, &roles, width));
            }
        }
    }
    let choices = actions(state, id);
    if !choices.is_empty() {
        lines.push(Line::new());
        lines.push(vec![(lang.t("detail-actions"), Role::Heading)]);
        for choice in choices {
            match choice.blocked {
                None => lines.push(vec![
                    (format!("▸ {}", choice.label), Role::Plain),
                    (format!("  {}", choice.note), Role::Faint),
                ]),
                Some(reason) => lines.push(vec![(format!("· {} — {reason}", choice.label), Role::Faint)]),
            }
        }
    }
    lines
}

/// What of an object has just changed.
struct Changes {
    highlight: Option<Highlight>,
    state: String,
    fields: HashSet<(&'static str, String)>,
    rows: HashSet<Vec<String>>,
}

impl Changes {
    fn of(state: &AppState, id: &ObjectId) -> Self {
        let before = state.view.history.before(id, state.now);
        let highlight = before.map(|(_, highlight)| highlight);
        let mut changes = Self { highlight, state: String::new(), fields: HashSet::new(), rows: HashSet::new() };
        let Some((before, _)) = before else { return changes };
        changes.state = before.entity.state().code;
        for item in items(state.lang, &before.entity) {
            match item {
                Item::Heading(_) => {}
                Item::Field { label, value, .. } | Item::Gauge { label, figure: value, .. } => {
                    changes.fields.insert((label, value));
                }
                Item::Table { rows, .. } => changes.rows.extend(rows),
            }
        }
        changes
    }

    fn role(&self, was: bool) -> Option<Role> {
        self.highlight.filter(|_| !was).map(Role::Changed)
    }

    fn state(&self, code: &str) -> Option<Role> {
        self.role(self.state == code)
    }

    fn field(&self, label: &'static str, value: &str) -> Option<Role> {
        self.highlight?;
        self.role(self.fields.contains(&(label, value.to_owned())))
    }

    fn row(&self, cells: &[String]) -> Option<Role> {
        self.role(self.rows.contains(cells))
    }
}

/// Since when and why an object is watched, and when it is queried next.
fn watched(state: &AppState, clock: &Clock, watch: &Watch) -> String {
    let lang = state.lang;
    let why = lang.t(&format!("watch-{}", watch.why.name()));
    let since = tr!(lang, "watched-since", at = clock.moment(watch.since), why = why);
    let next = match watch.due {
        _ if state.view.watched.latest().paused.is_some() => lang.t("watched-paused"),
        due if due <= state.now => lang.t("watched-next-now"),
        due => tr!(lang, "watched-next", at = clock.moment(due)),
    };
    format!("◉ {since} · {next}")
}

fn freshness(state: &AppState, clock: &Clock, fresh: Option<&Fresh>, marks: &Marks) -> Line {
    let lang = state.lang;
    let mut line = DETAIL.label(&lang.t("detail-verified"));
    match fresh {
        None => line.push(("…".into(), Role::Faint)),
        Some(fresh) => {
            let source = lang.t(&format!("source-{}", fresh.source.name()));
            let at = age::exact(fresh.verified_at);
            // A final document does not age.
            if fresh.object.entity.state().is_final {
                line.push((at, Role::Plain));
                line.push((format!(" · {source}"), Role::Faint));
            } else {
                let stale = is_stale(fresh.verified_at, clock.now, state.cut_off());
                let role = if stale { Role::Warning } else { Role::Plain };
                line.push((clock.ago(lang, fresh.verified_at), role));
                line.push((format!(" · {source} · {at}"), Role::Faint));
            }
        }
    }
    if marks.in_flight {
        line.push((format!(" · {}", lang.t("fresh-sending")), Role::Warning));
    } else if marks.unresolved {
        line.push((format!(" · {}", lang.t("blocked-unresolved")), Role::Warning));
    } else if marks.asked {
        line.push((format!(" · {}", lang.t("detail-asked")), Role::Accent));
    }
    line
}

/// A small table. Its columns are as wide as their texts; the widest is shortened if needed. Each row has its role.
fn table(headers: Vec<String>, rows: Vec<Vec<String>>, roles: &[Role], width: usize) -> Vec<Line> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| text::neutralise(cell).into_owned()).collect()).collect();
    let mut widths: Vec<usize> = headers.iter().map(|header| text::width(header)).collect();
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = text::width(cell).max(*widest);
        }
    }
    while widths.iter().map(|w| w + 2).sum::<usize>() > width.max(widths.len() * 6) {
        match widths.iter_mut().max() {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    let cells = |row: &[String], role: Role| -> Line {
        let pad = |(cell, width): (&String, &usize)| {
            let cut = text::cut(cell, *width);
            let space = " ".repeat(width + 2 - text::width(&cut));
            (format!("{cut}{space}"), role)
        };
        row.iter().zip(&widths).map(pad).collect()
    };
    std::iter::once(cells(&headers, Role::Faint))
        .chain(rows.iter().zip(roles).map(|(row, role)| cells(row, *role)))
        .collect()
}

/// The document as received, formatted.
fn raw(state: &AppState, id: &ObjectId) -> Vec<Line> {
    let Some(fresh) = state.fresh(id) else {
        return vec![vec![(state.lang.t("detail-not-fetched"), Role::Faint)]];
    };
    let value: Result<serde_json::Value, _> = serde_json::from_str(&fresh.object.raw);
    let text = value.and_then(|value| serde_json::to_string_pretty(&value));
    let text = text.unwrap_or_else(|_| fresh.object.raw.to_string());
    text.lines().map(json_line).collect()
}
