//! Draws the dialogs over the tables: lists, palette, prompts, help. Forms and confirmations are drawn in their own
//! files.

use crate::console::widgets::frame::{boxed, input, scrolled};
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::api::Usable;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::view as bulk;
use crate::console::dialogs::choices::{Choice, choices};
use crate::console::dialogs::confirm::view as confirm;
use crate::console::dialogs::filter;
use crate::console::dialogs::form::view as form;
use crate::console::dialogs::handover::view as handover;
use crate::console::dialogs::input_line::filter_line;
use crate::console::dialogs::panel;
use crate::console::dialogs::prefilled;
use crate::console::dialogs::settlements::view as settlements;
use crate::console::dialogs::state::{Dialog, Pick, Picking, Prompt, UsablePanel};
use crate::console::dialogs::watching::view as watching;
use crate::console::tabs::inbox::view as events;
use crate::console::user_commands::view as user_commands;
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
    layout: &mut FrameLayout,
) {
    let inner = boxed(canvas, state, &state.lang.t(title), area, (70, 4), layout);
    input(canvas, inner.x, inner.y, inner.width, &prompt.input, true, layout);
    if prompt.proposed {
        prefilled::mark(canvas, &prompt.input, inner);
    }
    let faint = canvas.styles.faint();
    let hint = text::wrap(&state.lang.t(hint), usize::from(inner.width));
    for (i, line) in hint.iter().enumerate().take(3) {
        canvas.put(inner.x, inner.y + 1 + i as u16, inner.width, line, faint);
    }
}

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, dialog: &Dialog, area: Rect, layout: &mut FrameLayout) {
    match dialog {
        Dialog::Filter(input) => filter::view::draw(canvas, state, input, area, layout),
        Dialog::Calendar(day) => filter::calendar::draw(canvas, state, day, area, layout),
        Dialog::SaveFilter(prompt) => {
            let title = match filter::saved::names_columns(state) {
                true => "save-columns-title",
                false => "save-filter-title",
            };
            self::prompt(canvas, state, prompt, [title, "save-filter-hint"], area, layout);
        }
        Dialog::Find(find) => {
            filter_line(canvas, &find.input, None, &state.lang.t("find-hint"), area, layout);
        }
        Dialog::ReplayTo(prompt) => {
            self::prompt(canvas, state, prompt, ["replay-title", "replay-hint"], area, layout);
        }
        Dialog::CloseEntry(confirm) => {
            crate::console::tabs::journal::closing::draw(canvas, state, confirm, area, layout)
        }
        Dialog::Replay(confirm) => events::replay(canvas, state, confirm, area, layout),
        Dialog::Palette(palette) => panel::palette(canvas, state, palette, area, layout),
        Dialog::Pick(pick) => self::pick(canvas, state, pick, area, layout),
        Dialog::Form(form) => form::draw(canvas, state, form, area, layout),
        Dialog::Bill(form) => crate::console::tabs::bills::view::form(canvas, state, form, area, layout),
        Dialog::Confirm(confirm) => confirm::draw(canvas, state, confirm, area, layout),
        Dialog::Preparing(preparing) => bulk::preparing(canvas, state, preparing, area, layout),
        Dialog::BulkConfirm(confirm) => bulk::confirm(canvas, state, confirm, area, layout),
        Dialog::Bulk { scroll } => {
            if let Some(running) = &state.view.bulk {
                bulk::panel(canvas, state, running, *scroll, area, layout);
            }
        }
        Dialog::Watching(list) => watching::draw(canvas, state, list, area, layout),
        Dialog::Settlements(settlements) => settlements::draw(canvas, state, settlements, area, layout),
        Dialog::Statement(prompt) => {
            self::prompt(canvas, state, prompt, ["statement-title", "statement-hint"], area, layout);
        }
        Dialog::OrdersFile(prompt) => {
            self::prompt(canvas, state, prompt, ["books-orders-title", "books-orders-hint"], area, layout);
        }
        Dialog::CloseDifference(prompt) => {
            self::prompt(canvas, state, prompt, ["books-close-title", "books-close-hint"], area, layout);
        }
        Dialog::ExportBulk(prompt) => {
            self::prompt(canvas, state, prompt, ["bulk-export-title", "bulk-export-hint"], area, layout);
        }
        Dialog::Export(prompt) => self::prompt(canvas, state, prompt, ["export-title", "export-hint"], area, layout),
        Dialog::Open(prompt) => self::prompt(canvas, state, prompt, ["open-title", "open-hint"], area, layout),
        Dialog::UserCoupons(prompt) => {
            self::prompt(canvas, state, prompt, ["user-coupons-title", "user-coupons-hint"], area, layout);
        }
        Dialog::Usable(panel) => usable(canvas, state, panel, area, layout),
        Dialog::Help { scroll } => panel::help(canvas, state, *scroll, area, layout),
        Dialog::RunProgram(confirm) => user_commands::confirm(canvas, state, confirm, area, layout),
        Dialog::Output(panel) => user_commands::output(canvas, state, panel, area, layout),
        Dialog::Handover => handover::draw(canvas, state, area, layout),
        Dialog::Quit => quit(canvas, state, area, layout),
    }
}

/// Asks whether to quit although something is under way, and names it.
fn quit(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let running = state.view.bulk.as_ref().filter(|bulk| bulk.is_under_way());
    let inner = boxed(
        canvas,
        state,
        &state.lang.t("quit-title"),
        area,
        (62, 2 + 2 + state.view.in_flight.len() as u16 + u16::from(running.is_some())),
        layout,
    );
    canvas.put(inner.x, inner.y, inner.width, &state.lang.t("quit-question"), Style::new());
    if let Some(bulk) = running {
        let line = tr!(state.lang, "quit-bulk", done = bulk.ended(), total = bulk.rows.len());
        let warning = canvas.styles.warning();
        canvas.put(inner.x, inner.bottom() - 1, inner.width, &line, warning);
    }
    for (i, operation) in state.view.in_flight.values().enumerate().take(usize::from(inner.height.saturating_sub(2))) {
        let name = state.lang.action(operation.action.action());
        let line = format!("· {name} {}", operation.object.number);
        let faint = canvas.styles.faint();
        canvas.put(inner.x, inner.y + 2 + i as u16, inner.width, &line, faint);
    }
}

fn pick(canvas: &mut Canvas<'_>, state: &AppState, pick: &Pick, area: Rect, layout: &mut FrameLayout) {
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
        Picking::Field(id) => format!("{} · {}", lang.t("pick-field"), id.number),
    };
    let wide = match pick.what {
        Picking::Action(_) | Picking::Marked(_) | Picking::Found(_) | Picking::New(_) | Picking::Field(_) => 72,
        _ => 40,
    };
    // An illegal action takes a second line for the reason.
    let tall: usize = choices.iter().map(|choice| 1 + usize::from(choice.blocked.is_some())).sum();
    let inner = boxed(canvas, state, &title, area, (wide, tall.max(1) as u16), layout);
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
        layout.hit(place, Target::Choice(i));
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

/// Draws where a stock's coupons can be used, or for which goods.
fn usable(canvas: &mut Canvas<'_>, state: &AppState, panel: &UsablePanel, area: Rect, layout: &mut FrameLayout) {
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
    let inner = boxed(canvas, state, &title, area, (58, lines.len().min(30) as u16), layout);
    scrolled(canvas, state, &lines, inner, inner, panel.scroll, layout);
}
