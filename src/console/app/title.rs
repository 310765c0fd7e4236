//! Titles: of the window, so that a terminal's tab says which merchant it is and what goes on, and of the panel, in the
//! rule under the tabs.

use crate::console::app::state::{AppState, Stage};
use crate::console::tabs::across::state::Across;
use crate::console::tabs::newest;
use crate::console::tabs::objects::list::List;
use crate::console::widgets::role::{Line, Role};
use crate::model::Tone;
use crate::text;

/// The columns of a filter in the title of a panel.
const FILTER: usize = 40;

/// The title of the window: the profile, the merchant, and the one thing that matters most now.
pub(crate) fn window(state: &AppState) -> String {
    let mut parts = vec!["paydeck".to_owned()];
    match &state.stage {
        Stage::Open(_) if state.across().is_some() => parts.push(state.lang.t("tab-all-profiles")),
        Stage::Open(account) => {
            parts.push(format!("{} {}", account.name, account.merchant.mchid.as_str()));
            parts.extend(going_on(state));
        }
        Stage::Opening(profile) | Stage::Failed(_, profile) => parts.extend(profile.clone()),
    }
    parts.join(" · ")
}

/// What goes on, most urgent first.
fn going_on(state: &AppState) -> Option<String> {
    let (lang, view) = (state.lang, &state.view);
    if let Some(bulk) = view.bulk.as_ref().filter(|bulk| bulk.is_under_way()) {
        return Some(tr!(lang, "title-bulk", done = bulk.ended(), total = bulk.rows.len()));
    }
    let alarms: usize = state.tabs.iter().map(|tab| tab.pane.alarms(state)).sum();
    let watched = view.watched.latest().objects.len();
    if view.unsound.is_some() {
        Some(lang.t("title-damaged"))
    } else if !view.in_flight.is_empty() {
        Some(tr!(lang, "title-sending", n = view.in_flight.len()))
    } else if !view.unresolved.is_empty() {
        Some(tr!(lang, "title-unknown", n = view.unresolved.len()))
    } else if view.health.trouble.is_some() {
        Some(lang.t("title-unreachable"))
    } else if alarms > 0 {
        Some(format!("⚠ {alarms}"))
    } else {
        (watched > 0).then(|| tr!(lang, "title-waiting", n = watched))
    }
}

/// The title of the panel: what is listed, how many, by which filter.
pub(crate) fn panel(state: &AppState) -> Line {
    let tab = &state.tabs[state.tab];
    let mut line = vec![(state.lang.t(&format!("tab-{}", tab.id)), Role::Strong)];
    if state.across().is_some() {
        let kind = state.tabs[state.shown_tab()].id;
        line.push((format!(" · {}", state.lang.t(&format!("tab-{kind}"))), Role::Strong));
    }
    if let Some(count) = tab.pane.count(state) {
        let shown = state.list().and_then(|list| list.totals()).map(|totals| totals.shown);
        let count = match shown.filter(|shown| *shown != count) {
            Some(shown) => tr!(state.lang, "panel-some", shown = shown, n = count),
            None => count.to_string(),
        };
        line.push((format!(" · {count}"), Role::Faint));
    }
    let filter = state.list().map(List::filter).or_else(|| state.across().map(Across::filter));
    let Some(mut filter) = filter.cloned() else { return line };
    if filter.asks_problems() {
        let key = newest::key_of(state, "problems");
        line.push((format!(" · {}", tr!(state.lang, "only-problems", key = key)), Role::Tone(Tone::Failed)));
        filter = filter.without_share();
    }
    if !filter.is_empty() {
        line.push((format!(" · /{}", text::cut(&filter.to_string(), FILTER)), Role::Accent));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::fixture::{open, press, receive, starting};
    use crate::i18n::Lang;
    use crate::services::{ConnectionTrouble, Event, Health};

    #[test]
    fn the_window_says_which_merchant_and_what_goes_on() {
        assert_eq!(window(&starting(Lang::En, (80, 24))), "paydeck");
        let mut console = open(Lang::En, (80, 24));
        let calm = window(&console);
        assert!(calm.starts_with("paydeck · shop 1900000001"), "{calm}");
        let error =
            std::sync::Arc::new(crate::api::ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 10 }));
        let trouble = Some(ConnectionTrouble { since: console.now, error, again: None });
        receive(&mut console, Event::Health(Health { trouble, ..Health::default() }));
        assert_eq!(window(&console), "paydeck · shop 1900000001 · unreachable");
    }

    #[test]
    fn the_panel_says_what_is_listed_and_how_it_is_filtered() {
        let mut console = open(Lang::En, (120, 40));
        let text = |state: &AppState| panel(state).into_iter().map(|(text, _)| text).collect::<String>();
        let all = text(&console);
        press(&mut console, "/state:✗<Enter>");
        let some = text(&console);
        assert!(all.starts_with("Service orders · ") && !all.contains(" of "), "{all}");
        assert!(some.contains(" of ") && some.ends_with(" · /state:✗"), "{some}");
    }
}
