//! Hooks: programs that run when a watched object changes, or becomes final.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::user_commands::state::ProgramRun;
use crate::console::user_commands::values::with_summary;
use crate::ledger::Listed;
use crate::model::ObjectId;
use crate::program::{Hooks, Program};
use crate::services::{Event, Fresh, Watching};

/// Programs that may be under way or wait at once. What is more is left out, and reported.
const MOST: usize = 64;

/// When a program runs.
#[derive(Clone, Copy)]
enum Hook {
    OnChange,
    OnFinal,
}

impl Hook {
    /// Its name in the configuration.
    const fn name(self) -> &'static str {
        match self {
            Self::OnChange => "on_change",
            Self::OnFinal => "on_final",
        }
    }

    const fn program(self, hooks: &Hooks) -> Option<&Program> {
        match self {
            Self::OnChange => hooks.on_change.as_ref(),
            Self::OnFinal => hooks.on_final.as_ref(),
        }
    }
}

/// Takes in an event before the rest of the console does: what changed is compared with what was known.
pub(crate) fn notice(state: &mut AppState, event: &Event) -> Vec<Effect> {
    match event {
        Event::Watching(watching) => {
            remember(state, watching);
            Vec::new()
        }
        Event::Fetched { id, result: Ok(fresh), .. } if state.view.watched.of(id).is_some() => {
            let known = state.row_state(id).map(|known| known.code);
            let before = state.view.watched_states.insert(id.clone(), fresh.object.entity.state().code).or(known);
            changed(state, fresh, before)
        }
        Event::Final(fresh) => {
            // The last change ends the watch, so it is not reported as a change of a watched object.
            let before = state.view.watched_states.remove(&fresh.object.id);
            let mut effects = changed(state, fresh, before);
            effects.extend(run(state, Hook::OnFinal, fresh, None));
            effects
        }
        _ => Vec::new(),
    }
}

/// Remembers the states of objects whose watch begins or ends now: the answer that ends it comes afterwards.
fn remember(state: &mut AppState, watching: &Watching) {
    if state.settings.hooks.on_change.is_none() {
        return;
    }
    let before = &state.view.watched.latest().objects;
    let begun: Vec<ObjectId> = watching.objects.keys().filter(|id| !before.contains_key(*id)).cloned().collect();
    let ended: Vec<ObjectId> = before.keys().filter(|id| !watching.objects.contains_key(*id)).cloned().collect();
    for id in &begun {
        // From an earlier watch.
        state.view.watched_states.remove(id);
    }
    for id in begun.into_iter().chain(ended) {
        if let Some(known) = state.row_state(&id) {
            state.view.watched_states.entry(id).or_insert(known.code);
        }
    }
}

fn changed(state: &mut AppState, fresh: &Fresh, before: Option<String>) -> Vec<Effect> {
    match before.filter(|before| *before != fresh.object.entity.state().code) {
        Some(before) => run(state, Hook::OnChange, fresh, Some(before)),
        None => Vec::new(),
    }
}

fn run(state: &mut AppState, hook: Hook, fresh: &Fresh, before: Option<String>) -> Vec<Effect> {
    let Some(program) = hook.program(&state.settings.hooks) else { return Vec::new() };
    let mut values = with_summary(state, &fresh.object.id, Listed::of(fresh).seen.map(|seen| seen.summary));
    values.extend(before.map(|before| ("before", before)));
    let invocation = program.with(&values);
    let lang = state.lang;
    let refused = match invocation {
        Ok(_) if state.view.hooks_running >= MOST => lang.t("hook-too-many"),
        Ok(invocation) => {
            state.view.hooks_running += 1;
            return vec![Effect::Run(Box::new(ProgramRun { label: hook.name().to_owned(), invocation, hook: true }))];
        }
        Err(like) => tr!(lang, "user-like-option", variable = like.variable),
    };
    let title = tr!(lang, "hook-not-run", hook = hook.name(), number = fresh.object.id.number.as_str());
    state.view.toasts.push(ToastKind::Error, title, vec![refused], state.now);
    Vec::new()
}
