//! Takes in a changed configuration while the console runs.

use crate::console::app::account::report_broken;
use crate::console::app::keymap::tables;
use crate::console::app::state::AppState;
use crate::console::app::toast::{BrokenConfiguration, ToastKind, lines};
use crate::console::start::{Reload, Reloaded};

pub(crate) fn reload(state: &mut AppState, reload: Reload) {
    // A message about the file as it was before does not apply any more.
    if let Some(broken) = state.broken_configuration.take() {
        state.view.toasts.withdraw(broken.message);
    }
    match reload {
        Reload::Broken(unread) => {
            let explanation = (unread.0)(state.lang);
            let text = lines(state.lang, &explanation);
            stays(state, explanation.what, text);
        }
        Reload::Read(reloaded) => take_in(state, *reloaded),
    }
}

/// A mistake: what was in force stays.
fn stays(state: &mut AppState, what: String, mut text: Vec<String>) {
    text.push(state.lang.t("reload-stays"));
    let message = state.next_ticket();
    state.broken_configuration = Some(BrokenConfiguration { message, what, text });
    report_broken(state);
}

fn take_in(state: &mut AppState, reloaded: Reloaded) {
    let Reloaded { file, settings, lang, theme, bell, themes, restart } = reloaded;
    // The same keys and commands keep their table.
    if settings.keys != state.settings.keys || settings.commands != state.settings.commands {
        match tables(&settings.keys, &settings.commands) {
            Ok(tables) => {
                (state.tabs, state.commands, state.named_keys) = (tables.tabs, tables.commands, tables.named);
            }
            Err(problems) => {
                let line = |line: usize, text: String| {
                    tr!(state.lang, "reload-line", file = file, line = line, problem = text)
                };
                let text = problems.iter().map(|problem| line(problem.line, problem.text(state.lang))).collect();
                return stays(state, state.lang.t("keys-wrong"), text);
            }
        }
    }
    state.settings = settings;
    state.lang = lang.unwrap_or(state.lang);
    state.bell = bell.unwrap_or(state.bell);
    let edited = || themes.iter().find(|theme| theme.name == state.theme.name).cloned();
    if let Some(theme) = theme.or_else(edited) {
        state.theme = theme;
    }
    state.themes = themes;
    let title = state.lang.t("reload-done");
    let text = (!restart.is_empty()).then(|| tr!(state.lang, "reload-restart", keys = restart.join(", ")));
    let kind = if text.is_some() { ToastKind::Info } else { ToastKind::Done };
    state.view.toasts.push(kind, title, text.into_iter().collect(), state.now);
}
