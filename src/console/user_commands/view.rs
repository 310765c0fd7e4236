//! Draws the question before a program runs, and its output.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::bar;
use crate::console::dialogs::confirm::receipt::merchant;
use crate::console::dialogs::confirm::view::{ConfirmPrompt, sheet};
use crate::console::user_commands::state::{OutputPanel, RunConfirm};
use crate::console::user_commands::words::words;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{boxed, scrolled};
use crate::console::widgets::role::{Line, Role};
use crate::program::ProgramEnd;
use crate::text::{neutralise, wrap};

pub(crate) fn confirm(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    confirm: &RunConfirm,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let width = area.width.saturating_sub(8).min(80);
    let mut lines: Vec<Line> = Vec::new();
    lines.extend(merchant(state));
    lines.push(Line::new());
    lines.push(vec![(lang.t("user-will-run"), Role::Heading)]);
    let shown = wrap(&neutralise(&confirm.invocation.shown()), usize::from(width));
    lines.extend(shown.into_iter().map(|line| vec![(line, Role::Strong)]));
    lines.push(Line::new());
    let (meaning, role) = match confirm.dangerous {
        true => (lang.t("user-dangerous"), Role::Warning),
        false => (lang.t("user-confirm"), Role::Faint),
    };
    lines.extend(wrap(&meaning, usize::from(width)).into_iter().map(|line| vec![(line, role)]));
    let label = |word: &str| tr!(lang, "confirm-type", tail = word);
    let ready = confirm.confirm_input.given();
    let asked = ConfirmPrompt {
        confirm_input: &confirm.confirm_input,
        label: &label,
        barred: bar::of_program(state, confirm),
        notice: None,
        button: Some(lang.t("user-button")),
        ready,
    };
    sheet(canvas, state, &neutralise(&confirm.label), &lines, &asked, (area, width), layout);
}

pub(crate) fn output(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    panel: &OutputPanel,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let width = area.width.saturating_sub(8).min(120);
    let wrapped = |text: &str, role: Role| {
        let lines = wrap(text, usize::from(width)).into_iter().map(|line| vec![(line, role)]);
        lines.collect::<Vec<Line>>()
    };
    let mut lines = wrapped(&neutralise(&panel.shown), Role::Faint);
    let role = if panel.end == ProgramEnd::Done { Role::Faint } else { Role::Warning };
    lines.extend(wrapped(&words(state.lang, &panel.end), role));
    lines.push(Line::new());
    // A blank line stays one.
    let output = |line: &String| if line.is_empty() { vec![Line::new()] } else { wrapped(line, Role::Plain) };
    lines.extend(panel.lines.iter().flat_map(output));
    if panel.cut {
        lines.extend(wrapped(&state.lang.t("user-output-cut"), Role::Faint));
    }
    let height = lines.len().min(usize::from(area.height)) as u16;
    let inner = boxed(canvas, state, &neutralise(&panel.label), area, (width, height), layout);
    scrolled(canvas, state, &lines, inner, inner, panel.scroll, layout);
}
