//! Draws the pages Timeline and Related, and opened lines of the timeline.

use crate::console::app::state::AppState;
use crate::console::tabs::inbox::view::notification;
use crate::console::tabs::objects::columns::Look;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::detail::{ComparisonResult, OpenedDetail};
use crate::console::tabs::objects::kinds::column;
use crate::console::tabs::objects::lines as pages;
use crate::console::tabs::objects::lines::{Family, RelatedLine, families};
use crate::console::widgets::frame::{Labels, json_line};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::console::words::{error_line, state_before};
use crate::explain;
use crate::explain::timeline;
use crate::explain::timeline::{Described, action, describe, glyphed, outcome};
use crate::i18n::Lang;
use crate::ledger::{JournalEntry, Listed, Version};
use crate::model::diff::Difference;
use crate::model::time::beijing_day;
use crate::model::{self, Kind, ObjectId};
use crate::services::{EntryKind, ObjectHistory, TimelineEntry};
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

/// A line, and its id if it can be selected.
pub(crate) type SelectableLine = (Option<LineId>, Line);

/// Columns of an entry's owner on narrow and on wide screens.
const OWNER: [usize; 2] = [18, 30];
/// Columns of a state with its glyph.
const STATE: usize = 18;
/// The fewest columns in which an object takes one line, and in which all its cells fit.
const ONE_LINE: usize = 76;
const ROOMY: usize = 100;

/// The timeline, newest first: of one object, or along its chain with a heading for each day.
pub(crate) fn timeline(state: &AppState, clock: &Clock, width: usize) -> Vec<SelectableLine> {
    let Some(story) = state.subject_story() else { return Vec::new() };
    let mut lines = bounds(state, story, width);
    let mut day = None;
    for entry in pages::timeline(story, state.along_chain) {
        let line_id = LineId::of(&entry);
        let drawn = if state.along_chain {
            let today = beijing_day(entry.at);
            if day.replace(today) != Some(today) {
                lines.push((None, vec![(model::time::day(today), Role::Heading)]));
            }
            let owner = whose(state.lang, entry.of, OWNER[usize::from(width >= ROOMY)]);
            let role = if *entry.of == story.of { Role::Strong } else { Role::Plain };
            drawn_entry(state, clock, &entry, age::clock(entry.at), Some((owner, role)), width)
        } else {
            drawn_entry(state, clock, &entry, age::exact(entry.at), None, width)
        };
        lines.extend(drawn.into_iter().map(|line| (Some(line_id.clone()), line)));
    }
    lines
}

/// Draws one entry: on one line if it fits, else with its facts below.
fn drawn_entry(
    state: &AppState,
    clock: &Clock,
    entry: &TimelineEntry<'_>,
    at: String,
    owner: Option<(String, Role)>,
    width: usize,
) -> Vec<Line> {
    let marked = state.view.detail.as_ref().and_then(|detail| detail.marked);
    let is_marked = matches!(entry.what, EntryKind::Version { version, .. } if marked == Some(version.id));
    let mark = if is_marked { "◆ " } else { "  " };
    let Described { head, mut facts } = describe(state.lang, entry);
    if owner.is_none() {
        facts.insert(0, clock.ago(state.lang, entry.at));
    }
    let indent = text::width(&at) + 4;
    let mut line = vec![(mark.to_owned(), Role::Accent), (format!("{at}  "), Role::Plain)];
    line.extend(owner);
    let taken_by = |line: &Line| line.iter().map(|(piece, _)| text::width(piece)).sum::<usize>();
    let begun = taken_by(&line);
    line.extend(head.into_iter().map(|(piece, tone)| (piece, tone.map_or(Role::Plain, Role::Tone))));
    let taken = taken_by(&line);
    let facts = text::neutralise(&facts.join(" · ")).into_owned();
    let pad = (begun + STATE).saturating_sub(taken) + 2;
    if taken + pad + text::width(&facts) <= width {
        line.push((format!("{}{facts}", " ".repeat(pad)), Role::Faint));
        return vec![line];
    }
    let wrapped = text::wrap(&facts, width.saturating_sub(indent).max(8));
    let beneath = |part: String| vec![(format!("{:indent$}{part}", ""), Role::Faint)];
    std::iter::once(line).chain(wrapped.into_iter().map(beneath)).collect()
}

/// Notes above the timeline of a chain: it is still being read, or only some of its many objects are shown.
fn bounds(state: &AppState, story: &ObjectHistory, width: usize) -> Vec<SelectableLine> {
    let lang = state.lang;
    let note =
        |words: String| text::wrap(&words, width.max(8)).into_iter().map(|part| (None, vec![(part, Role::Faint)]));
    match &story.chain {
        _ if !state.along_chain => Vec::new(),
        None => note(lang.t("timeline-chain-coming")).collect(),
        Some(chain) => {
            let bound = |(kind, count): &(Kind, u64)| {
                let kind_word = lang.kind(*kind);
                let (shown, count) = (chain.count_read(*kind), *count);
                tr!(lang, "timeline-chain-some", kind = kind_word, shown = shown, n = count)
            };
            chain.of_many.iter().map(bound).flat_map(note).collect()
        }
    }
}

/// The owner of an entry: the word of its kind, and as much of the number as fits.
fn whose(lang: Lang, of: &ObjectId, width: usize) -> String {
    let kind = lang.t(&format!("short-{}", of.kind.noun()));
    let room = width.saturating_sub(text::width(&kind) + 3).max(4);
    let words = format!("{kind} {}", text::cut_middle(of.own_number(), room));
    let pad = width.saturating_sub(text::width(&words));
    words + &" ".repeat(pad)
}

/// The related objects, by kind in the order of the chain.
pub(crate) fn related(state: &AppState, clock: &Clock, width: usize) -> Vec<SelectableLine> {
    let lang = state.lang;
    let Some(story) = state.subject_story() else { return Vec::new() };
    let rows = story.related.iter().map(|related| &related.row).chain(&story.further);
    let widest = rows.map(|row| text::width(row.id.number.as_str())).max().unwrap_or(0).max(20);
    let mut lines: Vec<SelectableLine> = Vec::new();
    for family in families(story) {
        if !lines.is_empty() {
            lines.push((None, Line::new()));
        }
        lines.extend(heading(lang, &family, width).into_iter().map(|line| (None, line)));
        for found in &family.related {
            let drawn = match found {
                RelatedLine::Near(row) => object(state, clock, row, Role::Strong, (widest, width)),
                RelatedLine::Far(row) => object(state, clock, row, Role::Plain, (widest, width)),
                RelatedLine::Unresolved(link) => {
                    vec![vec![(format!("  {}  ", link.number()), Role::Plain), (lang.t("related-unmet"), Role::Faint)]]
                }
            };
            lines.extend(drawn.into_iter().map(|line| (Some(found.line_id()), line)));
        }
    }
    if lines.is_empty() {
        let nothing = text::wrap(&lang.t("related-nothing"), width.max(8)).into_iter();
        lines.extend(nothing.map(|line| (None, vec![(line, Role::Faint)])));
    }
    lines
}

/// The kind, the number of objects, and their states if there are more than are shown.
fn heading(lang: Lang, family: &Family<'_>, width: usize) -> Vec<Line> {
    let kind = lang.kind(family.kind);
    let shown = family.related.len();
    let all: u64 = family.all.iter().map(|(_, count)| count).sum();
    let is_far = family.related.iter().all(|line| matches!(line, RelatedLine::Far(_)));
    let note = match (all > shown as u64, is_far) {
        (true, _) => tr!(lang, "related-some", shown = shown, n = all),
        (false, true) => lang.t("related-far"),
        (false, false) => String::new(),
    };
    let mut lines = vec![vec![(kind, Role::Heading), (format!("  {note}"), Role::Faint)]];
    if all > shown as u64 {
        let state = |(state, count): &(Option<&model::State>, u64)| {
            let words = state.map_or_else(|| lang.t("related-not-fetched"), |state| glyphed(lang, state));
            format!("{words} {count}")
        };
        let states = family.all.iter().map(state).collect::<Vec<_>>().join(" · ");
        let wrapped = text::wrap(&text::neutralise(&states), width.saturating_sub(2).max(8));
        lines.extend(wrapped.into_iter().map(|part| vec![(format!("  {part}"), Role::Faint)]));
    }
    lines
}

/// A related object with the cells of its own table. No number is wider than `widest`.
fn object(state: &AppState, clock: &Clock, row: &Listed, role: Role, (widest, width): (usize, usize)) -> Vec<Line> {
    let marks = state.marks(&row.id);
    let cell = |id: &str, width: usize| {
        let look = Look { marks: &marks, width, ..state.look_of(clock) };
        let cell = column(row.id.kind, id).map(|column| (column.cell)(row, &look)).unwrap_or_default();
        (text::neutralise(&cell.text).into_owned(), cell.role)
    };
    let left = |(words, role): (String, Role), width: usize| {
        let words = text::cut(&words, width).into_owned();
        let space = " ".repeat(width + 2 - text::width(&words));
        (words + &space, role)
    };
    let right = |(words, role): (String, Role), width: usize| {
        let words = text::cut(&words, width).into_owned();
        (format!("{}{words}", " ".repeat(width - text::width(&words))), role)
    };
    let number = |width: usize| {
        let whole = Some(row.id.number.as_str()).filter(|number| text::width(number) <= width);
        (text::cut_middle(whole.unwrap_or(row.id.own_number()), width).into_owned(), role)
    };
    let condition = match row.seen {
        Some(_) => cell("state", STATE),
        None => (state.lang.t("related-not-fetched"), Role::Faint),
    };
    let margin = || ("  ".to_owned(), Role::Plain);
    let time = if width >= 100 { 16 } else { 10 };
    let beside = width.saturating_sub(2 + STATE + 13 + time + 9 + 8).min(widest);
    // A number is shown in full, if need be on a line of its own.
    let whole = text::width(row.id.own_number());
    if width < ONE_LINE || whole > beside {
        let facts = [cell("amount", 15), cell("time", 16), cell("fresh", 10)].map(|(words, _)| words);
        let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        let facts = facts.join(" · ");
        let room = width.saturating_sub(text::width(&condition.0) + 4).max(8).min(widest);
        let indent = || ("    ".to_owned(), Role::Plain);
        let beneath = (!facts.is_empty()).then(|| vec![indent(), (facts, Role::Faint)]);
        let first = match whole <= room {
            true => vec![vec![margin(), left(number(room), room), condition]],
            false => vec![vec![margin(), number(width.saturating_sub(2))], vec![indent(), condition]],
        };
        return first.into_iter().chain(beneath.filter(|_| row.seen.is_some())).collect();
    }
    let room = beside;
    if row.seen.is_none() {
        return vec![vec![margin(), left(number(room), room), condition]];
    }
    vec![vec![
        margin(),
        left(number(room), room),
        left(condition, STATE),
        right(cell("amount", 13), 13),
        margin(),
        left(cell("time", time), time),
        right(cell("fresh", 9), 9),
    ]]
}

/// Draws an opened line of the timeline.
pub(crate) fn opened(state: &AppState, opened: &OpenedDetail, width: usize) -> Vec<Line> {
    match (opened, state.subject_story()) {
        (OpenedDetail::Objects { before, after, result }, _) => objects(state.lang, (before, after), result, width),
        (_, None) => Vec::new(),
        (OpenedDetail::Compared { of, before, after, result }, Some(story)) => {
            let versions = story.version(*after).map(|(_, versions, _)| versions).unwrap_or_default();
            let mut lines = Vec::new();
            if *of != story.of {
                lines.push(vec![(whose(state.lang, of, width), Role::Strong)]);
            }
            lines.extend(compared(state.lang, of.kind, versions, (*before, *after), result, width));
            lines
        }
        (OpenedDetail::Entry(id), Some(story)) => {
            story.entry(*id).map(|entry| opened_entry(state.lang, entry, width)).unwrap_or_default()
        }
        (OpenedDetail::Notification(_, payload), Some(_)) => notification::opened(state.lang, payload, width),
    }
}

fn compared(
    lang: Lang,
    kind: Kind,
    versions: &[Version],
    (before, after): (Option<i64>, i64),
    result: &ComparisonResult,
    width: usize,
) -> Vec<Line> {
    let version = |id: i64| versions.iter().find(|version| version.id == id);
    let number = |id: i64| versions.iter().position(|version| version.id == id).map_or(0, |at| versions.len() - at);
    let seen = |version: &Version| {
        format!("#{} {} {}", number(version.id), age::exact(version.seen_at), glyphed(lang, &version.state))
    };
    let mut lines = Vec::new();
    for (sign, version) in [("−", before.and_then(version)), ("+", version(after))] {
        if let Some(version) = version {
            let tone = Role::Tone(version.state.tone);
            lines.push(vec![(format!("{sign} "), Role::Accent), (seen(version), tone)]);
        }
    }
    if before.is_none() {
        lines.push(vec![(lang.t("compare-first"), Role::Faint)]);
    }
    lines.push(Line::new());
    lines.extend(differences(lang, kind, result, "compare-unreadable", width));
    lines
}

/// The latest documents of two objects: their names, and what differs.
fn objects(lang: Lang, (before, after): (&ObjectId, &ObjectId), result: &ComparisonResult, width: usize) -> Vec<Line> {
    let named = |sign: &str, id: &ObjectId| {
        let name = format!("{} {}", lang.kind(id.kind), id.own_number());
        vec![(format!("{sign} "), Role::Accent), (text::neutralise(&name).into_owned(), Role::Strong)]
    };
    let mut lines = vec![named("−", before), named("+", after), Line::new()];
    lines.extend(differences(lang, after.kind, result, "compare-no-document", width));
    lines
}

/// The result of a comparison; `unreadable` is the message if there is none.
fn differences(lang: Lang, kind: Kind, result: &ComparisonResult, unreadable: &str, width: usize) -> Vec<Line> {
    match result {
        ComparisonResult::NotYet => vec![vec![("…".into(), Role::Faint)]],
        ComparisonResult::Unreadable => {
            text::wrap(&lang.t(unreadable), width.max(8)).into_iter().map(|part| vec![(part, Role::Warning)]).collect()
        }
        ComparisonResult::Differences(found) if found.is_empty() => vec![vec![(lang.t("compare-same"), Role::Faint)]],
        ComparisonResult::Differences(found) => {
            let drawn = |difference: &&Difference| differing(lang, kind, difference, width);
            timeline::changed_first(found).iter().flat_map(drawn).collect()
        }
    }
}

/// One difference: on one line if it fits, else with each value in full below its path.
fn differing(lang: Lang, kind: Kind, difference: &Difference, width: usize) -> Vec<Line> {
    let path = text::neutralise(&difference.path);
    let value = |value: &Option<String>| match value {
        Some(value) => text::neutralise(&timeline::worded(kind, &difference.path, value)).into_owned(),
        None => lang.t("compare-absent"),
    };
    let (before, after) = (value(&difference.before), value(&difference.after));
    if text::width(&path) + text::width(&before) + text::width(&after) + 5 <= width {
        return vec![vec![
            (format!("{path}: "), Role::Accent),
            (before, Role::Faint),
            (" → ".into(), Role::Accent),
            (after, Role::Strong),
        ]];
    }
    let mut lines: Vec<Line> =
        text::wrap(&path, width.max(8)).into_iter().map(|part| vec![(part, Role::Accent)]).collect();
    for (sign, value, role) in [("−", before, Role::Faint), ("→", after, Role::Strong)] {
        for (i, part) in text::wrap(&value, width.saturating_sub(4).max(8)).into_iter().enumerate() {
            lines.push(vec![(format!("  {} ", if i == 0 { sign } else { " " }), Role::Accent), (part, role)]);
        }
    }
    lines
}

/// An entry of the journal: what was sent, by whom and why, and the answer.
fn opened_entry(lang: Lang, entry: &JournalEntry, width: usize) -> Vec<Line> {
    let intent = &entry.intent;
    let (outcome, tone) = outcome(lang, entry);
    let confirmed = match intent.confirmed.as_str() {
        "typed" => lang.t("entry-typed"),
        "yes" => lang.t("entry-yes"),
        "flag" => lang.t("entry-flag"),
        other => other.to_owned(),
    };
    let mut lines = vec![vec![
        (format!("{} · {} · ", tr!(lang, "toast-journal", journal = entry.id), action(lang, entry)), Role::Strong),
        (format!("{} {outcome}", tone.glyph()), Role::Tone(tone)),
    ]];
    let failed = entry.conclusions.iter().rev().find(|one| one.error.is_some());
    let error = failed.and_then(|one| explain::conclusion(explain::on_screen(lang), intent, one, true));
    let error = error.map(|explained| error_line(lang, &explained)).unwrap_or_default();
    let fields = [
        ("column-time", intent.at.map(age::exact).unwrap_or_default()),
        ("entry-operator", intent.operator.clone()),
        ("entry-confirmed", confirmed),
        ("field-reason", intent.reason.clone().unwrap_or_default()),
        ("column-state", state_before(lang, intent)),
        ("confirm-request", intent.request()),
        ("entry-request-id", entry.latest(|one| &one.request_id).unwrap_or_default().to_owned()),
        ("entry-error", error),
    ];
    for (label, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        Labels::within(width).field(&mut lines, &lang.t(label), &value, Role::Plain, width);
    }
    let reply = entry.latest(|one| &one.reply).unwrap_or_default();
    for (label, body) in [("entry-body", &*intent.body), ("entry-reply", reply)] {
        if body.is_empty() {
            continue;
        }
        lines.extend([Line::new(), vec![(lang.t(label), Role::Heading)]]);
        let value = serde_json::from_str::<serde_json::Value>(body);
        let laid_out = value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or(body.to_owned());
        let wrapped = laid_out.lines().flat_map(|line| text::wrap(&text::neutralise(line), width.max(8)));
        lines.extend(wrapped.collect::<Vec<_>>().iter().map(|line| json_line(line)));
    }
    lines
}
