//! Hooks: programs that run when a watched object changes, or becomes final.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::user_commands::state::ProgramRun;
use crate::console::user_commands::values::with_summary;
use crate::ledger::Listed;
use crate::program::Program;
use crate::services::{Event, Fresh};

/// Programs that may be under way or wait at once. What is more is left out, and reported.
const MOST: usize = 64;

/// Takes in an event before the rest of the console does: what changed is compared with what was known.
pub(crate) fn notice(state: &mut AppState, event: &Event) -> Vec<Effect> {
    match event {
        Event::Fetched { id, result: Ok(fresh), .. } if state.view.watched.of(id).is_some() => {
            let code = fresh.object.entity.state().code;
            let known = state.row_state(id).map(|known| known.code);
            let before = state.view.watched_states.insert(id.clone(), code.clone()).or(known);
            match before.filter(|before| *before != code) {
                Some(before) => run(state, "on_change", fresh, Some(before)),
                None => Vec::new(),
            }
        }
        Event::Final(fresh) => {
            state.view.watched_states.remove(&fresh.object.id);
            run(state, "on_final", fresh, None)
        }
        _ => Vec::new(),
    }
}

fn run(state: &mut AppState, hook: &'static str, fresh: &Fresh, before: Option<String>) -> Vec<Effect> {
    let program: Option<&Program> = match hook {
        "on_final" => state.settings.hooks.on_final.as_ref(),
        _ => state.settings.hooks.on_change.as_ref(),
    };
    let Some(program) = program else { return Vec::new() };
    let mut values = with_summary(state, &fresh.object.id, Listed::of(fresh).seen.map(|seen| seen.summary));
    values.extend(before.map(|before| ("before", before)));
    let invocation = program.with(&values);
    let lang = state.lang;
    let refused = match invocation {
        Ok(_) if state.view.hooks_running >= MOST => lang.t("hook-too-many"),
        Ok(invocation) => {
            state.view.hooks_running += 1;
            return vec![Effect::Run(Box::new(ProgramRun { label: hook.to_owned(), invocation, hook: true }))];
        }
        Err(like) => tr!(lang, "user-like-option", variable = like.variable),
    };
    let title = tr!(lang, "hook-not-run", hook = hook, number = fresh.object.id.number.as_str());
    state.view.toasts.push(ToastKind::Error, title, vec![refused], state.now);
    Vec::new()
}
