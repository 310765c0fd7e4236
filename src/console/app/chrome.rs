//! Draws what is around the tables: the status line, the tabs, the banner above, the totals and the hints below.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::crumbs;
use crate::console::app::frame_layout::LEAST_SIZE;
use crate::console::app::frame_layout::Target;
use crate::console::app::frame_layout::{FrameLayout, RULE};
use crate::console::app::health;
use crate::console::app::hints;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::title;
use crate::console::app::toast::lines;
use crate::console::dialogs::scopes::FILTER;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::across::state::TAB;
use crate::console::tabs::across::view as across_view;
use crate::console::tabs::pane::Tab;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Role;
use crate::console::words::gap_words;
use crate::explain::{self, Explanation};
use crate::ledger::LedgerError;
use crate::model::{Environment, Tone};
use crate::services::ConnectionTrouble;
use crate::text;
use crate::text::age;

/// Draws status, tabs, rule and banner. Returns the first free line.
pub(crate) fn top(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) -> u16 {
    let bar = canvas.styles.bar();
    canvas.fill(Rect { x: 0, y: 0, height: 2, ..area }, bar);
    status(canvas, state, area);
    tabs(canvas, state, area, layout);
    let environment = state.environment();
    let rule = canvas.styles.rule(environment);
    let symbol = if environment == Some(Environment::Production) { "━" } else { "─" };
    canvas.rule(0, RULE, area.width, symbol, rule);
    let is_on_the_way = crumbs::draw(canvas, state, Rect { y: 2, height: 1, ..area }, layout);
    if !is_on_the_way && state.account().is_some() {
        let title = title::panel(state);
        let room = area.width.saturating_sub(6);
        canvas.put(2, 2, 1, " ", rule);
        let mut end = 3;
        for piece in &title {
            let width = canvas.line(end, RULE, room.saturating_sub(end - 3), std::slice::from_ref(piece), Style::new());
            // The note that only problems are shown is clicked as its key is pressed.
            if piece.1 == Role::Tone(Tone::Failed) {
                layout.hit(Rect { x: end, y: RULE, width, height: 1 }, Target::Command("problems"));
            }
            end += width;
        }
        canvas.put(end, RULE, 1, " ", rule);
    }
    let mut y = 3;
    if let Some(error) = &state.view.unsound {
        y += alarm(canvas, state.lang.t("what-ledger-unsound"), &damage(state, error), Rect { y, ..area });
    }
    if let Some(trouble) = &state.view.health.trouble {
        y += self::trouble(canvas, state, trouble, Rect { y, ..area });
    }
    if let Some(text) = calm_banner(state) {
        y += calm(canvas, &text, Rect { y, ..area });
    }
    if state.first_run && matches!(state.stage, Stage::Open(_)) {
        let (strong, faint) = (canvas.styles.accent(), canvas.styles.faint());
        let width = area.width.saturating_sub(3);
        for (id, style) in [("first-run-what", strong), ("first-run-keys", faint)] {
            for line in text::wrap(&state.lang.t(id), usize::from(width)) {
                canvas.put(2, y, width, &line, style);
                y += 1;
            }
        }
    }
    y
}

/// The short explanation of a damaged ledger: a small screen has three lines for it. What to do comes first.
fn damage(state: &AppState, error: &LedgerError) -> String {
    let found = match error.parts().1 {
        LedgerError::Unsound(flaw) => Some(explain::flaw(explain::on_screen(state.lang), flaw)),
        _ => explain::ledger(explain::on_screen(state.lang), error).why,
    };
    let parts = [Some(state.lang.t("banner-damaged")), found];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Draws the trouble of the connection: what and since when, then why and what to do. Returns the lines it took.
fn trouble(canvas: &mut Canvas<'_>, state: &AppState, trouble: &ConnectionTrouble, area: Rect) -> u16 {
    let lang = state.lang;
    let explanation = explain::api_error(explain::on_screen(lang), &trouble.error);
    let what = explanation.what.trim_end_matches(['.', '。']);
    let since = canvas.clock.moment(trouble.since);
    let head = match trouble.again.map(|again| canvas.clock.moment(again)) {
        Some(again) => tr!(lang, "banner-trouble-again", what = what, since = since, again = again),
        None => tr!(lang, "banner-trouble", what = what, since = since),
    };
    let now = state.view.health.last_success.map(|at| tr!(lang, "banner-as-of", at = canvas.clock.moment(at)));
    let now = now.or_else(|| Some(lang.t("banner-now")));
    let parts: Vec<String> = [explanation.why, explanation.next, now].into_iter().flatten().collect();
    alarm(canvas, head, &parts.join(" · "), area)
}

/// Draws a prominent banner: a headline and its explanation. Returns the lines it took.
fn alarm(canvas: &mut Canvas<'_>, head: String, rest: &str, area: Rect) -> u16 {
    let width = area.width.saturating_sub(2);
    let mut lines = vec![head];
    lines.extend(text::wrap(&text::neutralise(rest), usize::from(width)));
    // The table keeps most of a small screen.
    lines.truncate(usize::from(area.height / 6).clamp(2, 5));
    let banner = canvas.styles.banner();
    canvas.fill(Rect { x: 0, height: lines.len() as u16, ..area }, banner);
    for (i, line) in lines.iter().enumerate() {
        canvas.put(1, area.y + i as u16, width, line, banner);
    }
    lines.len() as u16
}

/// The state of watching: paused, or catching up after a gap.
fn calm_banner(state: &AppState) -> Option<String> {
    let lang = state.lang;
    if let Some(since) = state.view.watched.latest().paused {
        return Some(tr!(lang, "banner-paused", since = age::clock(since)));
    }
    // While WeChat Pay is unreachable, nothing is caught up.
    let gap = state.view.watched.open_gap().filter(|_| state.view.health.trouble.is_none())?;
    let asking = tr!(lang, "gap-asking", n = gap.objects);
    Some(format!("{} · {asking}", gap_words(lang, gap)))
}

/// Draws a quiet banner. Returns the lines it took.
fn calm(canvas: &mut Canvas<'_>, text: &str, area: Rect) -> u16 {
    let width = area.width.saturating_sub(3);
    let mut lines = text::wrap(text, usize::from(width));
    lines.truncate(2);
    let (raised, accent) = (canvas.styles.raised(), canvas.styles.accent());
    canvas.fill(Rect { x: 0, height: lines.len() as u16, ..area }, raised);
    for (i, line) in lines.iter().enumerate() {
        canvas.put(0, area.y + i as u16, 1, "▌", accent);
        canvas.put(2, area.y + i as u16, width, line, accent);
    }
    lines.len() as u16
}

fn status(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    let lang = state.lang;
    let mut x = 0;
    match &state.stage {
        // The connection is that of one of them: it is not shown for all.
        Stage::Open(_) if state.across().is_some() => return across_view::status(canvas, state, area.width),
        Stage::Open(account) => {
            let badge = lang.environment(account.environment);
            let style = canvas.styles.environment(account.environment);
            x += canvas.put(x, 0, area.width, &format!(" {badge} "), style);
            // In the colour of the profile, if it has one.
            let name = if account.color.is_some() { canvas.styles.profile() } else { canvas.styles.strong() };
            x += canvas.put(x, 0, area.width / 4, &format!(" {} ", account.name), name);
            x += u16::from(account.color.is_some());
            let faint = canvas.styles.faint();
            x += canvas.put(x, 0, 34, account.merchant.mchid.as_str(), faint) + 1;
            if account.insecure {
                let bad = canvas.styles.warning();
                x += canvas.put(x, 0, 24, &lang.t("badge-insecure"), bad) + 1;
            }
            if account.read_only {
                let warning = canvas.styles.warning();
                x += canvas.put(x, 0, 16, &lang.t("badge-read-only"), warning) + 1;
            }
            if area.width >= 120 {
                x += canvas.put(x, 0, 40, &account.host, faint) + 1;
            }
        }
        _ => {
            let strong = canvas.styles.strong();
            x = canvas.put(1, 0, area.width, "Paydeck", strong) + 2;
        }
    }
    health::draw(canvas, state, x, area.width);
}

/// Draws the tabs. If not all fit, the current one is visible, and a mark says that there are more. Over all profiles the
/// counts and alarms of one of them have no place here.
fn tabs(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    // Counts, wide gaps and whole names give way, in this order, before a tab does.
    const WAYS: [(bool, bool, u16); 5] =
        [(false, true, 3), (false, false, 3), (false, false, 2), (true, false, 3), (true, false, 2)];
    let everywhere = state.across().is_some();
    let open = state.shown_tab();
    let label = |tab: &Tab, short: bool, counted: bool| {
        let known = tab.pane.count(state).filter(|known| *known > 0 && counted && !everywhere);
        let count = known.map(|known| format!(" {known}")).unwrap_or_default();
        let key = tab.keys.first().map(|key| format!("{key} ")).unwrap_or_default();
        let name = match tab.pane.kind().filter(|_| short) {
            Some(kind) => format!("short-{}", kind.noun()),
            None => format!("tab-{}", tab.id),
        };
        format!("{key}{}{count}", state.lang.t(&name))
    };
    // Tabs without a key are shown only while they are open.
    let shown = |(i, tab): &(usize, &Tab)| tab.id != TAB && (!tab.keys.is_empty() || *i == open);
    let labels = |short: bool, counted: bool| -> Vec<(usize, String)> {
        state.tabs.iter().enumerate().filter(shown).map(|(i, tab)| (i, label(tab, short, counted))).collect()
    };
    let alarms: Vec<String> = state
        .tabs
        .iter()
        .map(|tab| match tab.pane.alarms(state) {
            _ if everywhere => String::new(),
            0 => String::new(),
            alarms => format!(" ⚠{alarms}"),
        })
        .collect();
    let alarm = |i: usize| alarms[i].as_str();
    let measured = |(short, counted, gap): (bool, bool, u16)| {
        let labels = labels(short, counted);
        let whole = |(i, label): &(usize, String)| text::width(label) as u16 + text::width(alarm(*i)) as u16 + gap;
        let widths: Vec<u16> = labels.iter().map(whole).collect();
        (labels, widths, gap)
    };
    let fit = |widths: &[u16], gap: u16| widths.iter().sum::<u16>() - gap <= area.width.saturating_sub(2);
    let all_fit = WAYS.into_iter().map(measured).find(|(_, widths, gap)| fit(widths, *gap));
    let everything = all_fit.is_some();
    let (labels, widths, gap) = all_fit.unwrap_or_else(|| measured(WAYS[1]));
    let current = labels.iter().position(|(i, _)| *i == open).unwrap_or(0);
    let span = |from: usize, to: usize| widths[from..to].iter().sum::<u16>() - gap;
    // Two columns on either side are for the marks. An alarm is shown even if its tab is not.
    let alarmed = alarms.iter().position(|alarm| !alarm.is_empty()).unwrap_or(0);
    let alarm_width = text::width(alarm(alarmed)) as u16;
    let room = if everything { area.width } else { area.width.saturating_sub(3 + alarm_width) };
    let first = (0..=current).find(|first| span(*first, current + 1) <= room).unwrap_or(current);
    let last = (current + 1..=labels.len()).rev().find(|last| span(first, *last) <= room).unwrap_or(current + 1);
    let accent = canvas.styles.accent();
    let mut x = 1;
    if first > 0 {
        canvas.put(0, 1, 1, "‹", accent);
    }
    for (i, label) in &labels[first..last] {
        let current = *i == open;
        let style = canvas.styles.tab(current);
        let mut width = canvas.put(x, 1, area.width.saturating_sub(x), label, style);
        if current {
            // A pill is as wide as its label and the space around it.
            canvas.put(x.saturating_sub(1), 1, 1, " ", style);
            canvas.put(x + width, 1, 1, " ", style);
        }
        let warning = canvas.styles.warning();
        width += canvas.put(x + width, 1, area.width.saturating_sub(x + width), alarm(*i), warning);
        layout.hit(Rect { x, y: 1, width, height: 1 }, Target::Tab(*i));
        x += width + gap;
    }
    if let Some((next, _)) = labels.get(last) {
        let more = Rect { x: area.width - 2, y: 1, width: 2, height: 1 };
        canvas.put(more.x, 1, 2, "›", accent);
        layout.hit(more, Target::Tab(*next));
        if labels[last..].iter().any(|(i, _)| *i == alarmed) {
            let place = Rect { x: more.x.saturating_sub(alarm_width), width: alarm_width, ..more };
            let warning = canvas.styles.warning();
            canvas.put(place.x, 1, alarm_width, alarm(alarmed), warning);
            layout.hit(place, Target::Tab(alarmed));
        }
    }
}

/// Draws totals and hints.
pub(crate) fn bottom(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let y = area.height - 2;
    let bar = canvas.styles.bar();
    canvas.fill(Rect { x: 0, y, height: 2, ..area }, bar);
    if matches!(state.stage, Stage::Open(_)) {
        let width = area.width.saturating_sub(2);
        let line = state.pane().summary(state, width);
        canvas.line(1, y, area.width.saturating_sub(2), &line, ratatui::style::Style::new());
    }
    // The filter's input is in the place of the hints.
    if FILTER.covers(state.scope()) {
        return;
    }
    hints::draw(canvas, state, y + 1, area.width, layout);
}

pub(crate) fn opening(canvas: &mut Canvas<'_>, state: &AppState, profile: Option<&str>, main: Rect) {
    let text = match profile {
        Some(name) => tr!(state.lang, "opening-profile", name = name),
        None => state.lang.t("opening"),
    };
    let faint = canvas.styles.faint();
    canvas.put(main.x + 4, main.y + main.height / 3, main.width.saturating_sub(5), &text, faint);
}

pub(crate) fn failed(canvas: &mut Canvas<'_>, state: &AppState, explanation: &Explanation, main: Rect) {
    let width = main.width.saturating_sub(8).min(90);
    let mut y = main.y + 2;
    let danger = canvas.styles.danger();
    canvas.put(4, y, width, &format!("✗ {}", explanation.what), danger);
    y += 2;
    for paragraph in lines(state.lang, explanation) {
        for line in text::wrap(&text::neutralise(&paragraph), usize::from(width)) {
            if y >= main.bottom() {
                return;
            }
            canvas.put(4, y, width, &line, ratatui::style::Style::new());
            y += 1;
        }
        y += 1;
    }
}

/// Draws the request for a larger terminal.
pub(crate) fn too_small(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    let text = match state.view.dialogs.last() {
        Some(Dialog::Quit) => state.lang.t("quit-small"),
        _ => tr!(state.lang, "too-small", width = LEAST_SIZE.0, height = LEAST_SIZE.1),
    };
    for (i, line) in text::wrap(&text, usize::from(area.width.max(2))).iter().take(area.height.into()).enumerate() {
        canvas.put(0, i as u16, area.width, line, ratatui::style::Style::new());
    }
}
