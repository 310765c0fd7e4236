//! Draws the overview of an object: its place in its chain, its state and why it is in it, its fields, its actions.

use std::collections::HashSet;

use crate::console::app::state::AppState;
use crate::console::dialogs::choices::actions;
use crate::console::tabs::inbox::view as events;
use crate::console::tabs::objects::columns::is_stale;
use crate::console::tabs::objects::kinds::items;
use crate::console::tabs::objects::overview::{Item, is_figure};
use crate::console::tabs::objects::view::{chain, why};
use crate::console::widgets::frame::{Labels, NARROW};
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::role::{Align, Line, Role};
use crate::explain;
use crate::explain::timeline::bill_kind;
use crate::model;
use crate::model::ObjectId;
use crate::services::{Fresh, Watch};
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

pub(super) fn overview(state: &AppState, clock: &Clock, id: &ObjectId, width: usize) -> Vec<Line> {
    let lang = state.lang;
    let (fresh, marks) = (state.fresh(id), state.marks(id));
    let labels = Labels::within(width);
    let mut lines = Vec::new();
    let changes = Changes::of(state, id);
    if let Some(object_state) = fresh.map(|fresh| fresh.object.entity.state()) {
        let meaning = lang.state(&object_state);
        let mut line = labels.label(&lang.t("column-state"));
        let role = changes.state(&object_state.code).unwrap_or(Role::Tone(object_state.tone));
        line.push((format!("{} {meaning}", object_state.tone.glyph()), role));
        // The page Raw shows the code, too: a code that would be cut is left out.
        let code = lang.code_beside(&meaning, &object_state.code).map(|code| format!("  {code}"));
        let used = line.iter().map(|(part, _)| text::width(part)).sum::<usize>();
        line.extend(code.filter(|code| used + text::width(code) <= width).map(|code| (code, Role::Faint)));
        lines.push(line);
    }
    lines.push(freshness(state, clock, (id, fresh), &marks, (labels, width)));
    if let Some(watch) = state.view.watched.of(id) {
        let text = watched(state, clock, watch);
        labels.field(&mut lines, &lang.t("detail-watched"), &text, Role::Accent, width);
    }
    if let Some((at, error)) = &marks.failed {
        let explanation = explain::api_error(explain::on_screen(lang), error);
        let text = explanation.line();
        labels.field(
            &mut lines,
            &lang.t("detail-query-failed"),
            &format!("{} · {} · {text}", clock.ago(lang, *at), age::clock(*at)),
            Role::Warning,
            width,
        );
    }
    for words in events::disputed(state, id) {
        labels.field(&mut lines, &lang.t("detail-disputed"), &words, Role::Warning, width);
    }
    let Some(entity) = fresh.map(|fresh| &*fresh.object.entity) else {
        if state.awaits_story() {
            return lines;
        }
        let rows = billed(state, id, (labels, width));
        lines.push(Line::new());
        if rows.is_empty() {
            lines.push(vec![(lang.t("detail-not-fetched"), Role::Faint)]);
        }
        lines.extend(rows);
        return lines;
    };
    let found = items(lang, entity);
    // For a stock, the amount is among its limits.
    let has_gauge = found.iter().any(|item| matches!(item, Item::Gauge { .. }));
    if let Some(progress) = entity.progress().filter(|_| !has_gauge) {
        let mut line = labels.label(&lang.t("column-progress"));
        line.push((format!("{}%", progress.percent()), Role::Gauge(progress)));
        lines.push(line);
    }
    let choices = actions(state, id);
    if let Some(story) = state.view.history.of(id) {
        let present = entity.state();
        lines.extend(why::lines(state, clock, (story, &present), &choices, (labels, width)));
        let chain = chain::lines(lang, story, entity, width);
        if !chain.is_empty() {
            lines.splice(0..0, chain.into_iter().chain([Line::new()]));
        }
    }
    lines.push(Line::new());
    let money = |item: &Item| if let Item::Money { value, .. } = item { text::width(value) } else { 0 };
    let figures = found.iter().map(money).max().unwrap_or(0);
    for item in found {
        match item {
            Item::Money { label, value } => {
                let role = changes.field(label, &value).unwrap_or(Role::Strong);
                let mut line = labels.label(&lang.t(label));
                line.push((format!("{}{value}", " ".repeat(figures - text::width(&value))), role));
                lines.push(line);
            }
            Item::Heading(id) => {
                lines.push(Line::new());
                lines.push(vec![(lang.t(id), Role::Heading)]);
            }
            Item::Field { label, value, role } => {
                let role = changes.field(label, &value).unwrap_or(role);
                labels.field(&mut lines, &lang.t(label), &value, role, width);
            }
            Item::Gauge { label: name, figure, progress } => {
                let mut line = labels.label(&lang.t(name));
                // A bar shows how much; the text beside it says that it moved.
                match changes.field(name, &figure) {
                    Some(role) => line.push((figure, role)),
                    None => line.push((figure, Role::Gauge(progress))),
                }
                lines.push(line);
            }
            Item::Table { headers, rows } => {
                let roles: Vec<Role> = rows.iter().map(|row| changes.row(row).unwrap_or(Role::Plain)).collect();
                let align = |id: &&str| if is_figure(id) { Align::Right } else { Align::Left };
                let headers = headers.iter().map(|id| (lang.t(id), align(id))).collect();
                lines.extend(table(headers, rows, &roles, width));
            }
        }
    }
    lines.extend(billed(state, id, (labels, width)));
    if !choices.is_empty() {
        lines.push(Line::new());
        lines.push(vec![(lang.t("detail-actions"), Role::Heading)]);
        for choice in choices {
            match choice.blocked {
                None => lines.push(vec![
                    (format!("▸ {}", choice.label), Role::Plain),
                    (format!("  {}", choice.note), Role::Faint),
                ]),
                Some(reason) => lines.extend(blocked(&choice.label, &reason, width)),
            }
        }
    }
    lines
}

/// The bill from which all that is known of an object comes.
fn billed_on(state: &AppState, id: &ObjectId) -> Option<String> {
    let story = state.view.history.of(id).filter(|story| story.fresh.is_none())?;
    let date = model::time::day(story.bill_rows.first()?.bill.day);
    Some(tr!(state.lang, "fresh-bill", date = date))
}

/// The rows of bills about an object with all their cells, each under the name of its bill.
fn billed(state: &AppState, id: &ObjectId, (labels, width): (Labels, usize)) -> Vec<Line> {
    let Some(story) = state.view.history.of(id) else { return Vec::new() };
    let lang = state.lang;
    let mut lines = Vec::new();
    for row in &story.bill_rows {
        let date = model::time::day(row.bill.day);
        let words = if story.fresh.is_none() { "detail-billed-alone" } else { "detail-billed" };
        lines.extend([Line::new(), vec![(tr!(lang, words, date = date), Role::Heading)]]);
        let place = tr!(lang, "detail-bill-row", bill = bill_kind(lang, &row.bill.kind), row = row.row);
        lines.push(vec![(place, Role::Faint)]);
        for (name, value) in row.cells.iter().filter(|(_, value)| !value.is_empty()) {
            labels.field(&mut lines, name, value, Role::Plain, width);
        }
    }
    lines
}

/// An action that is not possible, and why: the reason stands below where it has no room beside.
fn blocked(action: &str, reason: &str, width: usize) -> Vec<Line> {
    let beside = format!("· {action} — {reason}");
    if text::width(&beside) <= width {
        return vec![vec![(beside, Role::Faint)]];
    }
    let below = text::wrap(reason, width.saturating_sub(2)).into_iter().map(|line| format!("  {line}"));
    std::iter::once(format!("· {action}")).chain(below).map(|line| vec![(line, Role::Faint)]).collect()
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
                Item::Field { label, value, .. }
                | Item::Money { label, value }
                | Item::Gauge { label, figure: value, .. } => {
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

fn freshness(
    state: &AppState,
    clock: &Clock,
    (id, fresh): (&ObjectId, Option<&Fresh>),
    marks: &Marks,
    (labels, width): (Labels, usize),
) -> Line {
    let lang = state.lang;
    let mut line = labels.label(&lang.t("detail-verified"));
    match fresh {
        None => line.push((billed_on(state, id).unwrap_or("…".into()), Role::Faint)),
        Some(fresh) => {
            let source = lang.t(&format!("source-{}", fresh.source.name()));
            // With the age before it, the time of day is enough where there is little room.
            let narrow = width < NARROW && !fresh.object.entity.state().is_final;
            let at = if narrow { age::clock(fresh.verified_at) } else { age::exact(fresh.verified_at) };
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
fn table(headers: Vec<(String, Align)>, rows: Vec<Vec<String>>, roles: &[Role], width: usize) -> Vec<Line> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| text::neutralise(cell).into_owned()).collect()).collect();
    let mut widths: Vec<usize> = headers.iter().map(|(header, _)| text::width(header)).collect();
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
        let pad = |((cell, width), (_, align)): ((&String, &usize), &(String, Align))| {
            let cut = text::cut(cell, *width);
            let space = " ".repeat(width - text::width(&cut));
            let padded = match align {
                Align::Left => format!("{cut}{space}  "),
                Align::Right => format!("{space}{cut}  "),
            };
            (padded, role)
        };
        row.iter().zip(&widths).zip(&headers).map(pad).collect()
    };
    let titles: Vec<String> = headers.iter().map(|(header, _)| header.clone()).collect();
    std::iter::once(cells(&titles, Role::Faint))
        .chain(rows.iter().zip(roles).map(|(row, role)| cells(row, *role)))
        .collect()
}
