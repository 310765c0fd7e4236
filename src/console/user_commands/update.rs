//! Starts user commands, asks before those that are to be confirmed, and shows what became of them.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::state::Dialog;
use crate::console::user_commands::state::{OutputPanel, ProgramOutcome, ProgramRun, RunConfirm};
use crate::console::user_commands::values;
use crate::console::user_commands::words::words;
use crate::i18n::Lang;
use crate::program::{ProgramEnd, UserCommand};
use crate::text::neutralise;

/// An output of up to this many lines is a message; a longer one has a window of its own.
const BRIEF: usize = 3;

/// Why a command cannot run here, if so.
pub(crate) fn blocked(state: &AppState, command: &UserCommand) -> Option<String> {
    let lang = state.lang;
    if command.dangerous
        && let Some(why) = state.forbids_changes()
    {
        return Some(lang.t(why));
    }
    if state.account().is_none() {
        return Some(lang.t("blocked-not-open"));
    }
    if !command.is_of_object() {
        return None;
    }
    match state.subject_id() {
        None => Some(lang.t("blocked-nothing-selected")),
        Some(id) if !command.kinds.is_empty() && !command.kinds.contains(&id.kind) => {
            let kinds: Vec<String> = command.kinds.iter().map(|kind| lang.kind(*kind)).collect();
            Some(tr!(lang, "user-not-for-kind", kinds = kinds.join(", ")))
        }
        Some(_) => None,
    }
}

/// Runs a command on the object under the cursor, or asks first.
pub(crate) fn begin(state: &mut AppState, command: &'static UserCommand) -> Vec<Effect> {
    let lang = state.lang;
    if let Some(why) = blocked(state, command) {
        state.view.toasts.push(ToastKind::Info, why, Vec::new(), state.now);
        return Vec::new();
    }
    let subject = state.subject_id().filter(|_| command.is_of_object()).cloned();
    let values = match &subject {
        Some(id) => values::of_object(state, id),
        None => values::of_profile(state),
    };
    let label = command.label().to_owned();
    let invocation = match command.program.with(&values) {
        Ok(invocation) => invocation,
        Err(like) => {
            let line = tr!(lang, "user-like-option", variable = like.variable);
            let title = tr!(lang, "user-not-run", label = neutralise(&label));
            state.view.toasts.push(ToastKind::Error, title, vec![line], state.now);
            return Vec::new();
        }
    };
    if command.confirm || command.dangerous {
        let word = subject.map_or_else(|| command.name.clone(), |id| id.number.to_string());
        let word = command.dangerous.then_some(word);
        let confirm_input = ConfirmInput::new(word, None, false, state.pressed);
        let confirm = RunConfirm { label, dangerous: command.dangerous, invocation, confirm_input };
        state.view.dialogs.push(Dialog::RunProgram(Box::new(confirm)));
        return Vec::new();
    }
    start(state, ProgramRun { label, invocation, hook: false })
}

/// Runs what was confirmed.
pub(crate) fn confirm_now(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::RunProgram(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    if !confirm.confirm_input.given() {
        confirm.confirm_input.refuse();
        return Vec::new();
    }
    let run = ProgramRun { label: confirm.label.clone(), invocation: confirm.invocation.clone(), hook: false };
    state.view.dialogs.pop();
    start(state, run)
}

/// What runs is shown.
fn start(state: &mut AppState, run: ProgramRun) -> Vec<Effect> {
    let (title, lines) = running(state.lang, &run);
    state.view.toasts.push(ToastKind::Info, title, lines, state.now);
    vec![Effect::Run(Box::new(run))]
}

/// The message that it runs.
fn running(lang: Lang, run: &ProgramRun) -> (String, Vec<String>) {
    (tr!(lang, "user-running", label = neutralise(&run.label)), vec![run.invocation.shown()])
}

/// A program has ended: shows its output, or why it failed.
pub(crate) fn ended(state: &mut AppState, outcome: ProgramOutcome) {
    let lang = state.lang;
    let ProgramOutcome { run, finished } = outcome;
    let done = finished.end == ProgramEnd::Done;
    if run.hook {
        state.view.hooks_running = state.view.hooks_running.saturating_sub(1);
        if done {
            return;
        }
    }
    let (title, shown) = running(lang, &run);
    state.view.toasts.withdraw_titled(&title, &shown);
    let lines: Vec<String> = finished.output.lines().map(|line| neutralise(line).into_owned()).collect();
    let idle = state.view.dialogs.is_empty();
    if lines.len() <= BRIEF || run.hook || !idle {
        let kind = if done { ToastKind::Done } else { ToastKind::Error };
        let title = format!("{}: {}", neutralise(&run.label), words(lang, &finished.end));
        let more = lines.len().saturating_sub(BRIEF);
        // What failed is shown as it was run.
        let mut shown = if done { Vec::new() } else { shown };
        shown.extend(lines.into_iter().take(BRIEF));
        shown.extend((more > 0).then(|| tr!(lang, "user-more-lines", n = more)));
        state.view.toasts.push(kind, title, shown, state.now);
        return;
    }
    let panel = OutputPanel {
        label: run.label,
        shown: run.invocation.shown(),
        end: finished.end,
        lines,
        cut: finished.cut,
        scroll: 0,
    };
    state.view.dialogs.push(Dialog::Output(Box::new(panel)));
}
