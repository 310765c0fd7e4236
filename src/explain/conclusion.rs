//! The error that a conclusion in the journal keeps.

use super::answer::sentences;
use super::{Explanation, Voice, api_error};
use crate::api::ApiError;
use crate::ledger::{Ending, RecordedConclusion, RecordedIntent};
use crate::model::Method;

/// Explains the error that a conclusion in the journal keeps. `last` if it is the latest: advice on what to do now is
/// only given on that.
pub fn conclusion(
    voice: impl Into<Voice>,
    intent: &RecordedIntent,
    conclusion: &RecordedConclusion,
    last: bool,
) -> Option<Explanation> {
    let lang = voice.into();
    let text = conclusion.error.as_deref()?;
    let unasked = intent.action == "api" && intent.kind.is_empty();
    let lang = if unasked { lang.of_raw() } else { lang };
    let method = intent.method.map_or("", Method::as_str);
    let error = ApiError::reread(text).map(|error| error.to(method, &intent.target));
    let refused = conclusion.ending == Ending::Refused;
    let mut explanation = match error {
        Some(mut error) => {
            if let Some(refusal) = error.refusal_mut() {
                refusal.request_id.clone_from(&conclusion.request_id);
            }
            api_error(lang, &error)
        }
        None => {
            let unknown = text.starts_with("the outcome is unknown").then(|| lang.t("advice-unknown-outcome"));
            Explanation { what: lang.shorten(text), next: unknown, ..Default::default() }
        }
    };
    let unsent = ["unreachable: ", "untrusted: ", "configuration: "].iter().any(|kind| text.starts_with(kind));
    if refused && unsent {
        explanation.why = Some(tr!(lang.lang, "what-unsent", what = explanation.what));
        explanation.next = Some(lang.t("advice-unsent"));
    }
    if refused && text.starts_with("the outcome is unknown") {
        // The object shows another outcome.
        let why = [explanation.why, Some(lang.t("why-no-effect"))];
        explanation.why = Some(sentences(why.into_iter().flatten()));
        explanation.next = Some(lang.t("advice-no-effect"));
    }
    if !last || (conclusion.ending.is_final() && !refused) {
        explanation.next = None;
    }
    Some(explanation)
}
