//! Draws the table over all profiles: in front of each row the profile that it belongs to.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::{FrameLayout, LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::start::Peer;
use crate::console::tabs::across::state::Across;
use crate::console::tabs::newest;
use crate::console::tabs::objects::columns::{Look, ObjectColumn};
use crate::console::tabs::objects::kinds::columns;
use crate::console::tabs::objects::view::{role_of, small_columns};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::paged::Keyed;
use crate::console::widgets::role::{Line, Role};
use crate::console::widgets::styles::Styles;
use crate::console::widgets::table::{self, Head, MARGIN, Need, Table, VisibleRows};
use crate::explain;
use crate::ledger::Listed;
use crate::model::{Environment, Sum, Tone};
use crate::text;

/// The most columns of the names of the profiles.
const NAMES: u16 = 18;
/// The same on a small screen.
const SMALL: u16 = 8;
/// From how many columns on a small screen shows the state.
const SMALL_STATE: u16 = 52;
/// The most lines about profiles that cannot be read.
const FAILURES: usize = 3;
/// From how many columns on the environment is written out.
const ROOMY: u16 = 100;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let across = &state.view.tabs.across;
    let area = failures(canvas, state, across, area);
    let peers: &[Peer] = state.account().map_or(&[], |account| &account.peers);
    let small = state.is_small();
    let list = state.list_of(across.kind());
    let columns: Vec<(&ObjectColumn, table::Column<Listed>)> = match small {
        true => {
            let all = small_columns(list, across.rows().iter().map(|row| &row.row)).into_iter();
            // The state gives way, so that no amount is cut.
            all.filter(|(column, _)| column.id != "state" || area.width >= SMALL_STATE).collect()
        }
        false => list.columns().map(|column| (column, shown(column, area.width))).collect(),
    };
    let (columns, shown): (Vec<&ObjectColumn>, Vec<table::Column<Listed>>) = columns.into_iter().unzip();
    // The names are as wide as the widest of all profiles, so that no column moves while the operator scrolls.
    let most = if small { SMALL } else { NAMES.min(area.width / 6) };
    let header = state.lang.t("column-profile");
    let names = peers.iter().map(|peer| text::width(&peer.name)).max().unwrap_or(0);
    let names = (names as u16).clamp(text::width(&header) as u16, most.max(text::width(&header) as u16));
    let mixed = peers.iter().any(|peer| peer.environment != peers[0].environment);
    let badges = if mixed && area.width >= ROOMY { widest_badge(state) + 1 } else { 0 };
    let taken = 2 + names + badges;
    let rest = Rect { x: area.x + taken, width: area.width.saturating_sub(taken), ..area };
    let head_style = canvas.styles.header();
    canvas.put(area.x + MARGIN, area.y, names, &header, head_style);
    let mark = |at: usize| if columns[at].id == "time" { " ▼" } else { "" };
    let contents = contents(canvas, state, across, &columns);
    let head = Head { contents: &contents, sideways: Some(across.sideways) };
    let table = Table::with_head(canvas, state.lang, &shown, rest, mark, head, layout);
    let rows = across.rows();
    let window = VisibleRows { base: across.base(), cursor: across.position(), count: rows.len() };
    let visible = table.visible(state.tab, window, layout);
    newest::note(canvas, state, &table, across.newer_above(visible.start), layout);
    if rows.is_empty() {
        return empty(canvas, state, across, area);
    }
    for (nth, row) in rows[visible].iter().enumerate() {
        let cells = table.line(nth);
        let line = Rect { x: area.x, width: area.width, ..cells };
        let key = row.key();
        let own = state.is_open_profile(&row.profile);
        let under_cursor = across.cursor() == Some(&key);
        let role = role_of(&row.row, false, under_cursor);
        let style = canvas.styles.row(role);
        canvas.buffer.set_style(line, style);
        let base = style.patch(canvas.ground(line, under_cursor));
        name(canvas, state, state.peer(&row.profile), base, Rect { x: area.x + MARGIN - 1, width: names + 1, ..line });
        if let Some(peer) = state.peer(&row.profile).filter(|_| badges > 0) {
            let at = area.x + MARGIN + names + 1;
            let style = base.patch(environment(canvas, peer.environment));
            canvas.put(at, line.y, badges - 1, &state.lang.environment(peer.environment), style);
        }
        // What goes on is known of the open profile's objects only.
        let marks = if own { state.marks(&row.row.id) } else { Marks::NONE };
        let look = state.look_of(canvas.clock);
        let cut_off = look.cut_off.filter(|_| own);
        let look = Look { marks: &marks, row: role, cut_off, ..look };
        table.cells(canvas, &row.row, look, (cells, base), |_| None);
        layout.hit(line, Target::Line(LineKey::Across(key)));
        // The session queries what is on the screen: only its own merchant's objects.
        if own && (row.row.billed_on().is_none() || (under_cursor && state.view.detail.is_some())) {
            layout.visible.push(row.row.id.clone());
        }
    }
}

/// A column as in the table of one profile; but the time, by which the rows are merged, stays longer than the others.
/// The names take some of the width of a narrow screen: there the middle of a long number is left out.
fn shown(column: &ObjectColumn, width: u16) -> table::Column<Listed> {
    let shown = column.shown();
    let fit = if column.id == "number" && width < ROOMY { Fit::Content } else { shown.need.fit };
    let priority = match (column.id, shown.need.priority) {
        ("time", _) => 2,
        ("fresh", _) => 3,
        (_, usual @ 0..=1) => usual,
        (_, usual) => usual + 2,
    };
    table::Column { need: Need { priority, fit, ..shown.need }, ..shown }
}

/// The name of a profile in its colour; in front of it a mark where the money is real.
fn name(canvas: &mut Canvas<'_>, state: &AppState, peer: Option<&Peer>, base: Style, place: Rect) {
    let Some(peer) = peer else { return };
    if peer.environment == Environment::Production {
        let style = base.patch(environment(canvas, peer.environment));
        canvas.put(place.x, place.y, 1, "▌", style);
    }
    let style = match peer.color {
        Some(color) => Styles::new(&state.theme.tinted(Some(color)), state.surface).profile(),
        None => base.patch(canvas.styles.strong()),
    };
    let name = text::cut(&peer.name, usize::from(place.width - 1));
    canvas.put(place.x + 1, place.y, place.width - 1, &name, style);
}

fn environment(canvas: &Canvas<'_>, environment: Environment) -> Style {
    canvas.styles.rule(Some(environment))
}

/// The status line: no merchant is named, because the rows are those of several.
pub(crate) fn status(canvas: &mut Canvas<'_>, state: &AppState, width: u16) {
    let lang = state.lang;
    let peers: &[Peer] = state.account().map_or(&[], |account| &account.peers);
    let style = canvas.styles.environment(state.environment().unwrap_or(Environment::Production));
    let mut x = canvas.put(0, 0, width, &format!(" {} ", lang.t("badge-all-profiles")), style) + 1;
    if state.is_small() {
        let (strong, across) = (canvas.styles.strong(), &state.view.tabs.across);
        let known = across.known().map(|known| format!(" {known}")).unwrap_or_default();
        x += canvas.put(x, 0, width, &format!("{}{known}", lang.kind(across.kind())), strong) + 1;
    }
    let names = peers.iter().map(|peer| &*peer.name).collect::<Vec<_>>().join(" · ");
    let words = format!("{}  {names}", tr!(lang, "across-profiles", n = peers.len()));
    let faint = canvas.styles.faint();
    canvas.put(x, 0, width.saturating_sub(x + 1), &text::cut(&words, usize::from(width.saturating_sub(x + 1))), faint);
}

fn widest_badge(state: &AppState) -> u16 {
    let all = [Environment::Production, Environment::Sandbox];
    all.map(|environment| text::width(&state.lang.environment(environment)) as u16).into_iter().max().unwrap_or(0)
}

/// A line for each profile that cannot be read. Returns what is left for the table.
fn failures(canvas: &mut Canvas<'_>, state: &AppState, across: &Across, area: Rect) -> Rect {
    let failures = across.failures();
    let warning = canvas.styles.warning();
    let mut y = area.y;
    for (key, error) in failures.iter().take(FAILURES) {
        let name = state.peer(key).map_or(&***key, |peer| &peer.name);
        let what = explain::ledger(explain::on_screen(state.lang), error).what;
        let line = tr!(state.lang, "across-unread", name = name, what = what);
        canvas.put(1, y, area.width.saturating_sub(2), &format!("✗ {line}"), warning);
        y += 1;
    }
    if failures.len() > FAILURES {
        let line = tr!(state.lang, "across-unread-more", n = failures.len() - FAILURES);
        canvas.put(1, y, area.width.saturating_sub(2), &line, warning);
        y += 1;
    }
    Rect { y, height: area.height.saturating_sub(y - area.y), ..area }
}

/// The widths of what is in these columns.
fn contents(canvas: &Canvas<'_>, state: &AppState, across: &Across, shown: &[&ObjectColumn]) -> Vec<u16> {
    let all = columns(across.kind());
    let widths = across.widths(state.lang, |rows| {
        let all: Vec<table::Column<Listed>> = all.iter().map(ObjectColumn::shown).collect();
        let rows: Vec<Listed> = rows.iter().map(|row| row.row.clone()).collect();
        table::measure(&all, &rows, state.look_of(canvas.clock))
    });
    let of = |column: &&ObjectColumn| all.iter().position(|one| one.id == column.id).and_then(|at| widths.get(at));
    shown.iter().map(|column| of(column).copied().unwrap_or(0)).collect()
}

fn empty(canvas: &mut Canvas<'_>, state: &AppState, across: &Across, area: Rect) {
    if !across.is_read() {
        return;
    }
    let (title, hint) = match across.filter().is_empty() {
        true => ("across-empty-title", "across-empty-hint"),
        false => ("empty-filter-title", "empty-filter-hint"),
    };
    table::empty(canvas, &state.lang.t(title), &[(state.lang.t(hint), Role::Faint)], area);
}

/// The line under the table: how many rows, and the sums by currency; those of real money apart from the others.
pub(crate) fn totals(state: &AppState, width: u16) -> Line {
    let (lang, across) = (state.lang, &state.view.tabs.across);
    let peers: &[Peer] = state.account().map_or(&[], |account| &account.peers);
    let totals = across.totals(peers);
    if totals.is_empty() {
        return Line::new();
    }
    let (shown, known) = totals.iter().fold((0, 0), |(shown, known), (_, one)| (shown + one.shown, known + one.known));
    let count = match shown == known {
        true => tr!(lang, "totals-all", n = known),
        false => tr!(lang, "totals-some", shown = shown, n = known),
    };
    let mut groups: Vec<Line> = vec![vec![(count, Role::Strong)]];
    let filter = across.filter();
    if !filter.is_empty() {
        let only = filter.asks_problems().then(|| lang.t("totals-problems"));
        let filter = if only.is_some() { filter.without_share() } else { filter.clone() };
        let rest = (!filter.is_empty()).then(|| format!("/{filter}"));
        let words = only.into_iter().chain(rest).collect::<Vec<_>>().join(" ");
        groups.push(vec![(format!("  {}", text::cut(&words, usize::from(width / 3))), Role::Accent)]);
    }
    let (mixed, twice) = (totals.len() > 1, across.counts_twice(peers));
    if twice {
        groups.push(vec![(format!("  {}", lang.t("across-no-sum")), Role::Faint)]);
    }
    for (environment, one) in totals.iter().filter(|(_, one)| !one.sums.is_empty() && !twice) {
        let amounts = |sums: &[Sum]| sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
        let role = if *environment == Environment::Production { Role::Warning } else { Role::Faint };
        let badge = mixed.then(|| (format!("  {}", lang.environment(*environment)), role));
        let space = if mixed { " " } else { "  " };
        let sum = format!("{space}{}", tr!(lang, "totals-sum", sum = amounts(&one.sums)));
        let mut line: Line = badge.into_iter().chain([(sum, Role::Plain)]).collect();
        // Cancelled amounts must not be mistaken for earned ones.
        if one.ended.iter().any(|sum| sum.minor != 0) {
            let marks = format!("{}{}", Tone::Stopped.glyph(), Tone::Failed.glyph());
            line.push((tr!(lang, "totals-ended", marks = marks, sum = amounts(&one.ended)), Role::Faint));
        }
        groups.push(line);
    }
    // What belongs together is shown in full or not at all: half an amount is a wrong amount.
    let mut room = usize::from(width);
    groups.retain(|group| {
        let taken: usize = group.iter().map(|(piece, _)| text::width(piece)).sum();
        let fits = taken <= room;
        room -= if fits { taken } else { 0 };
        fits
    });
    groups.concat()
}
