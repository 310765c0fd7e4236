//! Queries about coupons: those of a user, and where a stock's can be used.

use crate::console::app::navigate;
use std::sync::Arc;

use crate::api::{ApiError, Usable};
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::{ToastKind, error_lines};
use crate::console::dialogs::state::{Dialog, Prompt, UsablePanel};
use crate::explain;
use crate::model::filter::Filter;
use crate::model::{Number, ObjectId};
use crate::services::Request;

/// Asks for the user whose coupons to list; the user of the selection is proposed.
pub(crate) fn ask(state: &mut AppState) -> Vec<Effect> {
    let user = state.subject().and_then(|row| row.seen.as_ref()?.summary.user.clone());
    state.view.dialogs.push(Dialog::UserCoupons(Prompt::proposing(user.unwrap_or_default())));
    Vec::new()
}

/// Requests the coupons of the typed user. An input that cannot be an openid stays open for correction.
pub(crate) fn list(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::UserCoupons(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let (title, text, effects) = match Number::parse(prompt.input.value()) {
        Ok(openid) => {
            state.view.dialogs.pop();
            let title = tr!(state.lang, "toast-asking-coupons", openid = openid.as_str());
            (title, Vec::new(), vec![Request::ListCoupons(openid).into()])
        }
        Err(error) => (state.lang.t("toast-no-openid"), vec![explain::number(state.lang, &error)], Vec::new()),
    };
    let kind = if effects.is_empty() { ToastKind::Error } else { ToastKind::Info };
    state.view.toasts.push(kind, title, text, state.now);
    effects
}

/// Shows a user's coupons, which were listed and are in the ledger.
pub(crate) fn listed(state: &mut AppState, openid: &Number, result: Result<usize, Arc<ApiError>>) -> Vec<Effect> {
    let lang = state.lang;
    match result {
        Ok(count) => {
            let title = tr!(lang, "toast-coupons", n = count, openid = openid.as_str());
            state.view.toasts.push(ToastKind::Done, title, Vec::new(), state.now);
            // An open dialog is not closed without the operator.
            if count == 0 || !state.view.dialogs.is_empty() {
                return Vec::new();
            }
            let effects = navigate::open_named(state, "coupons");
            state.view.detail = None;
            if let (Some(list), Ok(filter)) = (state.list_mut(), Filter::parse(openid.as_str())) {
                list.set_filter(filter);
            }
            effects
        }
        Err(error) => {
            let title = tr!(lang, "toast-coupons-failed", openid = openid.as_str());
            state.view.toasts.push(ToastKind::Error, title, error_lines(lang, &error), state.now);
            Vec::new()
        }
    }
}

/// Opens the panel that shows where the selected stock can be used.
pub(crate) fn usable_merchants(state: &mut AppState) -> Vec<Effect> {
    usable(state, Usable::Merchants)
}

/// Opens the panel that shows for which goods the selected stock can be used.
pub(crate) fn usable_items(state: &mut AppState) -> Vec<Effect> {
    usable(state, Usable::Items)
}

fn usable(state: &mut AppState, what: Usable) -> Vec<Effect> {
    let Some(stock) = state.subject_id().cloned() else { return Vec::new() };
    state.view.dialogs.push(Dialog::Usable(UsablePanel { stock: stock.clone(), what, answer: None, scroll: 0 }));
    vec![Request::ListUsable(stock, what).into()]
}

/// Shows the answer to a query of where coupons are usable.
pub(crate) fn usable_received(
    state: &mut AppState,
    of: &ObjectId,
    about: Usable,
    result: Result<Arc<Vec<String>>, Arc<ApiError>>,
) {
    for dialog in &mut state.view.dialogs {
        if let Dialog::Usable(panel) = dialog
            && (&panel.stock, panel.what) == (of, about)
        {
            panel.answer = Some(result.clone());
        }
    }
}
