//! Draws the dialogs over the tables: lists, palette, prompts, help. Forms and confirmations are drawn in their own
//! files.

use crate::console::dialogs::scopes::{CONFIRM, FILTER, FORM, PALETTE};
use crate::console::widgets::frame::{self, boxed, input, scrolled};
use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use crate::api::Usable;
use crate::console::app::command::{Command, within};
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::view as bulk;
use crate::console::dialogs::choices::{Choice, choices};
use crate::console::dialogs::confirm::view as confirm;
use crate::console::dialogs::form::view as form;
use crate::console::dialogs::handover::view as handover;
use crate::console::dialogs::settlements::view as settlements;
use crate::console::dialogs::state::{Dialog, FilterInput, Palette, Pick, Picking, Prompt, UsablePanel};
use crate::console::dialogs::watching::view as watching;
use crate::console::tabs::inbox::view as events;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::text;

/// Draws a one-line prompt with a title and a hint.
fn prompt(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    prompt: &Prompt,
    [title, hint]: [&str; 2],
    area: Rect,
    placed: &mut FrameLayout,
) {
    let inner = boxed(canvas, state, &state.lang.t(title), area, (70, 4), placed);
    input(canvas, inner.x, inner.y, inner.width, &prompt.input, true, placed);
    let faint = canvas.styles.faint();
    let hint = text::wrap(&state.lang.t(hint), usize::from(inner.width));
    for (i, line) in hint.iter().enumerate().take(3) {
        canvas.put(inner.x, inner.y + 1 + i as u16, inner.width, line, faint);
    }
}

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, dialog: &Dialog, area: Rect, placed: &mut FrameLayout) {
    match dialog {
        Dialog::Filter(FilterInput { input, error, .. }) => {
            let error = error.as_ref().map(|error| tr!(state.lang, error.message, term = error.term));
            filter(canvas, input, error, &state.lang.t("filter-hint"), area, placed);
        }
        Dialog::Search(search) => {
            filter(canvas, &search.input, None, &state.lang.t("journal-search-hint"), area, placed);
        }
        Dialog::Inbox(search) => {
            let error = search.error.as_ref().map(|error| tr!(state.lang, "events-no-verdict", word = error.0));
            filter(canvas, &search.input, error, &state.lang.t("events-search-hint"), area, placed);
        }
        Dialog::ReplayTo(prompt) => {
            self::prompt(canvas, state, prompt, ["replay-title", "replay-hint"], area, placed);
        }
        Dialog::CloseEntry(confirm) => {
            crate::console::tabs::journal::closing::draw(canvas, state, confirm, area, placed)
        }
        Dialog::Replay(confirm) => events::replay(canvas, state, confirm, area, placed),
        Dialog::Palette(palette) => self::palette(canvas, state, palette, area, placed),
        Dialog::Pick(pick) => self::pick(canvas, state, pick, area, placed),
        Dialog::Form(form) => form::draw(canvas, state, form, area, placed),
        Dialog::Bill(form) => crate::console::tabs::bills::view::form(canvas, state, form, area, placed),
        Dialog::Confirm(confirm) => confirm::draw(canvas, state, confirm, area, placed),
        Dialog::Preparing(preparing) => bulk::preparing(canvas, state, preparing, area, placed),
        Dialog::BulkConfirm(confirm) => bulk::confirm(canvas, state, confirm, area, placed),
        Dialog::Bulk { scroll } => {
            if let Some(running) = &state.view.bulk {
                bulk::panel(canvas, state, running, *scroll, area, placed);
            }
        }
        Dialog::Watching(list) => watching::draw(canvas, state, list, area, placed),
        Dialog::Settlements(settlements) => settlements::draw(canvas, state, settlements, area, placed),
        Dialog::Statement(prompt) => {
            self::prompt(canvas, state, prompt, ["statement-title", "statement-hint"], area, placed);
        }
        Dialog::ExportBulk(prompt) => {
            self::prompt(canvas, state, prompt, ["bulk-export-title", "bulk-export-hint"], area, placed);
        }
        Dialog::Export(prompt) => self::prompt(canvas, state, prompt, ["export-title", "export-hint"], area, placed),
        Dialog::Open(prompt) => self::prompt(canvas, state, prompt, ["open-title", "open-hint"], area, placed),
        Dialog::UserCoupons(prompt) => {
            self::prompt(canvas, state, prompt, ["user-coupons-title", "user-coupons-hint"], area, placed);
        }
        Dialog::Usable(panel) => usable(canvas, state, panel, area, placed),
        Dialog::Help { scroll } => help(canvas, state, *scroll, area, placed),
        Dialog::Handover => handover::draw(canvas, state, area, placed),
        Dialog::Quit => {
            let running = state.view.bulk.as_ref().filter(|bulk| bulk.is_under_way());
            let inner = boxed(
                canvas,
                state,
                &state.lang.t("quit-title"),
                area,
                (62, 2 + 2 + state.view.in_flight.len() as u16 + u16::from(running.is_some())),
                placed,
            );
            canvas.put(inner.x, inner.y, inner.width, &state.lang.t("quit-question"), Style::new());
            if let Some(bulk) = running {
                let line = tr!(state.lang, "quit-bulk", done = bulk.ended(), total = bulk.rows.len());
                let warning = canvas.styles.warning();
                canvas.put(inner.x, inner.bottom() - 1, inner.width, &line, warning);
            }
            for (i, operation) in
                state.view.in_flight.values().enumerate().take(usize::from(inner.height.saturating_sub(2)))
            {
                let name = state.lang.action(operation.action.action());
                let line = format!("· {name} {}", operation.object.number);
                let faint = canvas.styles.faint();
                canvas.put(inner.x, inner.y + 2 + i as u16, inner.width, &line, faint);
            }
        }
    }
}

/// Draws an input in the place of the hints, with its error or its suggestions.
fn filter(
    canvas: &mut Canvas<'_>,
    input: &Input,
    error: Option<String>,
    hint: &str,
    area: Rect,
    placed: &mut FrameLayout,
) {
    let y = area.height - 1;
    let (accent, warning, faint) = (canvas.styles.accent(), canvas.styles.warning(), canvas.styles.faint());
    canvas.put(1, y, 1, "/", accent);
    let (text, style) = match error {
        Some(error) => (error, warning),
        None => (hint.to_owned(), faint),
    };
    // The explanation is shown in full; the input takes the rest, and at least a third.
    let wanted = text::width(&text::neutralise(&text)) as u16 + 6;
    let width = area.width.saturating_sub(wanted).clamp(area.width / 3, area.width / 2);
    frame::input(canvas, 2, y, width, input, true, placed);
    let x = width + 4;
    canvas.put(x, y, area.width - x, &text, style);
}

fn pick(canvas: &mut Canvas<'_>, state: &AppState, pick: &Pick, area: Rect, placed: &mut FrameLayout) {
    let lang = state.lang;
    let choices = choices(state, &pick.what);
    let title = match &pick.what {
        Picking::Action(id) => format!("{} · {}", lang.t("pick-action"), id.number),
        Picking::Marked(ids) => {
            format!("{} · {}", lang.t("pick-action"), tr!(lang, "bulk-marked", n = ids.len()))
        }
        Picking::New(_) => lang.t("pick-new"),
        Picking::Sort => lang.t("pick-sort"),
        Picking::Columns => lang.t("pick-columns"),
        Picking::Profile => lang.t("pick-profile"),
        Picking::Found(_) => lang.t("pick-found"),
    };
    let wide = match pick.what {
        Picking::Action(_) | Picking::Marked(_) | Picking::Found(_) | Picking::New(_) => 72,
        _ => 40,
    };
    // An illegal action takes a second line for the reason.
    let tall: usize = choices.iter().map(|choice| 1 + usize::from(choice.blocked.is_some())).sum();
    let inner = boxed(canvas, state, &title, area, (wide, tall.max(1) as u16), placed);
    if choices.is_empty() && matches!(pick.what, Picking::Marked(_)) {
        let faint = canvas.styles.faint();
        canvas.put(inner.x, inner.y, inner.width, &lang.t("blocked-waiting"), faint);
    }
    let height = |choice: &Choice| 1 + u16::from(choice.blocked.is_some());
    let (first, end) = window(&choices.iter().map(height).collect::<Vec<_>>(), pick.selected, inner.height);
    let mut y = inner.y;
    for (i, choice) in choices.iter().enumerate().skip(first) {
        let height = height(choice);
        if y + height > inner.bottom() {
            break;
        }
        let place = Rect { y, height, ..inner };
        let base = if i == pick.selected { canvas.styles.selected() } else { Style::new() };
        canvas.buffer.set_style(place, base);
        let role = if choice.blocked.is_some() { Role::Faint } else { Role::Strong };
        let label = vec![
            (format!("{} ", choice.mark), Role::Accent),
            (choice.label.clone(), role),
            (format!("  {}", choice.note), Role::Faint),
        ];
        canvas.line(inner.x, y, inner.width, &label, base);
        if let Some(reason) = &choice.blocked {
            let faint = base.patch(canvas.styles.faint());
            canvas.put(inner.x + 2, y + 1, inner.width - 2, reason, faint);
        }
        placed.hit(place, Target::Choice(i));
        y += height;
    }
    let accent = canvas.styles.accent();
    if first > 0 {
        canvas.put(inner.right() - 1, inner.y, 1, "↑", accent);
    }
    if end < choices.len() {
        canvas.put(inner.right() - 1, inner.bottom() - 1, 1, "↓", accent);
        let more = format!(" {} / {} ", pick.selected + 1, choices.len());
        canvas.put_right(inner.x, inner.bottom(), inner.width, &more, accent);
    }
}

/// The range of items of these heights that is visible when the selected one is: the first, and the one after the last.
fn window(heights: &[u16], selected: usize, room: u16) -> (usize, usize) {
    let (mut first, mut used) = (selected.min(heights.len()), heights.get(selected).copied().unwrap_or(0));
    // Scrolls back to the beginning if that fits, else as far as it does.
    while first > 0 && used + heights[first - 1] <= room {
        first -= 1;
        used += heights[first];
    }
    let mut end = (selected + 1).min(heights.len());
    while end < heights.len() && used + heights[end] <= room {
        used += heights[end];
        end += 1;
    }
    (first, end)
}

fn palette(canvas: &mut Canvas<'_>, state: &AppState, palette: &Palette, area: Rect, placed: &mut FrameLayout) {
    let rows = area.height.saturating_sub(8).min(18);
    let inner = boxed(canvas, state, &state.lang.t("palette-title"), area, (76, rows + 1), placed);
    let accent = canvas.styles.accent();
    canvas.put(inner.x, inner.y, 1, ":", accent);
    input(canvas, inner.x + 2, inner.y, inner.width - 2, &palette.input, true, placed);
    let shown = usize::from(inner.height.saturating_sub(1));
    let offset = (palette.selected + 1).saturating_sub(shown);
    let found = palette.found.iter().filter_map(|i| palette.entries.get(*i)).enumerate().skip(offset).take(shown);
    for (line, (i, entry)) in found.enumerate() {
        let place = Rect { y: inner.y + 1 + line as u16, height: 1, ..inner };
        let base = if i == palette.selected { canvas.styles.selected() } else { Style::new() };
        canvas.buffer.set_style(place, base);
        let mut text = vec![(entry.label.clone(), if entry.blocked.is_some() { Role::Faint } else { Role::Plain })];
        text.extend(entry.blocked.iter().map(|reason| (format!(" — {reason}"), Role::Faint)));
        let room = if entry.keys.is_empty() { place.width - 3 } else { place.width - 16 };
        canvas.line(place.x + 2, place.y, room, &text, base);
        let keys = base.patch(canvas.styles.faint());
        canvas.put_right(place.right() - 13, place.y, 12, &entry.keys, keys);
        placed.hit(place, Target::Choice(i));
    }
    if palette.found.is_empty() {
        let faint = canvas.styles.faint();
        canvas.put(inner.x + 2, inner.y + 2, inner.width - 2, &state.lang.t("palette-nothing"), faint);
    }
}

/// Every command that applies under the help, with its keys.
fn help(canvas: &mut Canvas<'_>, state: &AppState, scroll: usize, area: Rect, placed: &mut FrameLayout) {
    let lang = state.lang;
    let scope = state.scope_beneath();
    let mut lines: Vec<Line> = Vec::new();
    let keys = |command: &Command| command.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let keyed = || within(state.commands, scope).filter(|command| !command.keys.is_empty());
    let column = keyed().map(|command| text::width(&keys(command))).max().unwrap_or(0) + 2;
    for command in keyed() {
        let keys = keys(command);
        let space = " ".repeat(column.saturating_sub(text::width(&keys)));
        lines.push(vec![(keys, Role::Accent), (space, Role::Plain), (command.label(state), Role::Plain)]);
    }
    lines.push(Vec::new());
    // The keys of dialogs that open from here, a line for each.
    let inner_scopes = [("filter", FILTER), ("palette", PALETTE), ("form", FORM), ("confirm", CONFIRM)];
    for (name, scope) in inner_scopes {
        let key = |command: &Command| command.keys.first().map(ToString::to_string).unwrap_or_default();
        let own = within(state.commands, scope).filter(|command| command.scope == scope);
        let commands: Vec<String> = own.map(|command| format!("{} {}", key(command), command.label(state))).collect();
        let text = format!("{}  {}", lang.t(&format!("help-in-{name}")), commands.join(" · "));
        lines.extend(text::wrap(&text, 70).into_iter().map(|line| vec![(line, Role::Plain)]));
    }
    lines.push(Vec::new());
    let tab = state.place("events").and_then(|place| state.tabs[place].keys.first());
    let tab = tab.map(ToString::to_string).unwrap_or_default();
    for words in [lang.t("help-ahead"), lang.t("help-filter"), tr!(lang, "help-marks", tab = tab)] {
        lines.extend(text::wrap(&words, 70).into_iter().map(|line| vec![(line, Role::Faint)]));
    }
    let inner = boxed(canvas, state, &lang.t("help-title"), area, (72, lines.len() as u16), placed);
    scrolled(canvas, state, &lines, inner, inner, scroll, placed);
}

/// Draws where a stock's coupons can be used, or for which goods.
fn usable(canvas: &mut Canvas<'_>, state: &AppState, panel: &UsablePanel, area: Rect, placed: &mut FrameLayout) {
    let lang = state.lang;
    let (name, none) = match panel.what {
        Usable::Merchants => ("usable-merchants-title", "usable-no-merchants"),
        Usable::Items => ("usable-items-title", "usable-whole-orders"),
    };
    let words =
        |text: &str, role| text::wrap(text, 56).into_iter().map(|line| vec![(line, role)]).collect::<Vec<Line>>();
    let (count, lines) = match &panel.answer {
        None => (None, words(&lang.t("usable-asking"), Role::Faint)),
        Some(Ok(found)) if found.is_empty() => (None, words(&lang.t(none), Role::Plain)),
        Some(Ok(found)) => {
            (Some(found.len()), found.iter().map(|one| vec![(one.clone(), Role::Plain)]).collect::<Vec<Line>>())
        }
        Some(Err(error)) => {
            let explained = explain::api_error(explain::on_screen(lang), error);
            let all = [Some(explained.what), explained.why, explained.next];
            (None, all.into_iter().flatten().flat_map(|text| words(&text, Role::Warning)).collect())
        }
    };
    let count = count.map(|n| format!(" · {n}")).unwrap_or_default();
    let title = format!("{} · {}{count}", lang.t(name), panel.stock.number);
    let inner = boxed(canvas, state, &title, area, (58, lines.len().min(30) as u16), placed);
    scrolled(canvas, state, &lines, inner, inner, panel.scroll, placed);
}
