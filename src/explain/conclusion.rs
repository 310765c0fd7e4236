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
            let (what, why) =
                in_words(lang, text).map_or_else(|| (lang.shorten(text), None), |(what, why)| (what, Some(why)));
            Explanation { what, why, next: unknown, ..Default::default() }
        }
    };
    let unsent = ["unreachable: ", "untrusted: ", "configuration: "].iter().any(|kind| text.starts_with(kind));
    if refused && unsent {
        let parts = [Some(explanation.what.clone()), explanation.why];
        let what = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        explanation.why = Some(tr!(lang.lang, "what-unsent", what = what));
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

/// What happened and why, if the text is one that this version writes. Reasons that quote a library keep only their own
/// words.
fn in_words(lang: Voice, text: &str) -> Option<(String, String)> {
    const KINDS: [(&str, &str); 3] = [
        ("the outcome is unknown: ", "what-unknown-outcome"),
        ("unreachable: ", "what-unreachable"),
        ("untrusted: ", "what-untrusted"),
    ];
    const REASONS: [(&str, &str); 6] = [
        ("cannot connect", "why-kept-connect"),
        ("the connection broke", "why-kept-broken"),
        ("the host could not prove its identity", "why-kept-tls"),
        ("the answer is not signed", "why-unsigned"),
        (
            "the answer does not show the effect: it is about the object, but does not show the change",
            "why-unproven-not-shown",
        ),
        ("the answer does not show the effect: it does not say which request it belongs to", "why-unproven-unnamed"),
    ];
    let (what, reason) = KINDS.iter().find_map(|(kind, what)| Some((what, text.strip_prefix(kind)?)))?;
    let within = || reason.strip_prefix("no answer within ")?.strip_suffix(" s")?.parse::<u64>().ok();
    let why = match REASONS.iter().find(|(kept, _)| *kept == reason) {
        Some((_, why)) => lang.t(why),
        None => within().map_or_else(|| lang.shorten(reason), |seconds| tr!(lang, "why-timeout", seconds = seconds)),
    };
    Some((lang.t(what), why))
}
