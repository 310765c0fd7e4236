//! Shows and copies what a creation returned for the merchant's front end.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::state::Dialog;

/// Shows what the latest creation returned for the front end.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    if state.view.handover.is_some() {
        state.view.dialogs.push(Dialog::Handover);
    }
    Vec::new()
}

/// Copies the text of the QR code, the link or the parameters.
pub(crate) fn copy(state: &mut AppState) -> Vec<Effect> {
    let text = state.view.handover.as_ref().map(|(_, handover)| handover.what.text().to_owned());
    put(state, text)
}

/// Copies the parameters as JSON, or the text if there are no parameters.
pub(crate) fn copy_all(state: &mut AppState) -> Vec<Effect> {
    let text = state.view.handover.as_ref().map(|(_, handover)| {
        let parameters = handover.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
        let parameters: serde_json::Map<_, serde_json::Value> = parameters.collect();
        if parameters.is_empty() {
            handover.what.text().to_owned()
        } else {
            serde_json::Value::from(parameters).to_string()
        }
    });
    put(state, text)
}

fn put(state: &mut AppState, text: Option<String>) -> Vec<Effect> {
    let Some(text) = text else { return Vec::new() };
    let title = state.lang.t("toast-handover-copied");
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    vec![Effect::Copy(text)]
}
