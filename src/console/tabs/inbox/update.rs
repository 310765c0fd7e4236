//! The tab of the inbox: its table, one of its lines, replaying it, and the disagreements.

use crate::console::app::navigate;
use crate::console::tabs::inbox::payload::subject;
use std::sync::Arc;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::state::{Dialog, Prompt, ReplayConfirm};
use crate::console::tabs::inbox::disputes::{DisputeKey, Round};
use crate::console::tabs::inbox::payload::latest;
use crate::console::tabs::inbox::state::{EventPage, Replaying};
use crate::explain;
use crate::ledger::{Claim, Disagreement, Dispute, InboxPart, Source};
use crate::model::time::Timestamp;
use crate::model::{Environment, ObjectId, Subject};
use crate::services::{Event, ReadRequest, Replay, ReplayError, Replayed, Request, TabAnswer};

/// The target that is proposed before one was used.
const EXAMPLE_URL: &str = "http://127.0.0.1:3000/notify";

/// Takes in the answers to the requests of this tab.
pub(crate) fn answer(state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
    match answer {
        TabAnswer::InboxPage { request, page } => {
            state.view.tabs.inbox.show(&request, Arc::unwrap_or_clone(page), state.now);
        }
        TabAnswer::InboxEvent { id, event } => state.view.tabs.inbox.open(id, event),
        TabAnswer::Disputes(disputes) => state.view.tabs.disputes.show(disputes),
        TabAnswer::Reconciled { id, standing } => reconciled(state, &id, &standing),
        TabAnswer::Replayed { event, url, result } => replayed(state, event, url, result),
        other => return Some(other),
    }
    None
}

/// What is received or learned may begin or end a disagreement.
pub(crate) fn notice(state: &mut AppState, event: &Event) -> Vec<Effect> {
    match event {
        Event::KindChanged(_) => state.view.tabs.disputes.mark_stale(),
        Event::InboxChanged => {
            state.view.tabs.inbox.mark_stale();
            state.view.tabs.disputes.mark_stale();
        }
        Event::Listening(listening) => state.view.tabs.inbox.listening = Some(listening.clone()),
        Event::Fetched { id, at, result } => return fetched(state, id, *at, result.as_ref().err()),
        _ => {}
    }
    Vec::new()
}

/// The detail of the line under the cursor.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.tabs.inbox.pin();
    state.view.tabs.inbox.page = EventPage::Overview;
    state.view.tabs.inbox.reading = state.view.tabs.inbox.selected().map(|_| 0);
    Vec::new()
}

pub(crate) fn show_page(state: &mut AppState, page: EventPage) {
    state.view.tabs.inbox.page = page;
    state.view.tabs.inbox.reading.iter_mut().for_each(|scroll| *scroll = 0);
}

/// Turns this many pages further.
pub(crate) fn turn(state: &mut AppState, by: usize) -> Vec<Effect> {
    let page = state.view.tabs.inbox.page.turned(by);
    show_page(state, page);
    Vec::new()
}

/// Switches between the inbox and the disagreements.
pub(crate) fn turn_view(state: &mut AppState) -> Vec<Effect> {
    state.view.tabs.inbox.disputing = !state.view.tabs.inbox.disputing;
    state.view.tabs.inbox.reading = None;
    state.view.tabs.inbox.mark_stale();
    state.view.tabs.disputes.mark_stale();
    Vec::new()
}

/// Cycles through all lines, the genuine ones, and the rejected ones.
pub(crate) fn turn_part(state: &mut AppState) -> Vec<Effect> {
    let part = match state.view.tabs.inbox.filter().part {
        None => Some(InboxPart::Genuine),
        Some(InboxPart::Genuine) => Some(InboxPart::Refused),
        Some(InboxPart::Refused) => None,
    };
    let filter = state.view.tabs.inbox.filter().with_part(part);
    state.view.tabs.inbox.set_filter(filter);
    Vec::new()
}

/// The object that the line under the cursor names, or the message that says why it has none.
pub(crate) fn object(state: &AppState) -> Result<&ObjectId, &'static str> {
    let row = state.view.tabs.inbox.selected().ok_or("blocked-nothing-selected")?;
    if let Some(id) = &row.subject {
        return Ok(id);
    }
    match state.view.tabs.inbox.whole().map(|event| subject(event.row.event_type.as_deref(), event.resource.as_deref()))
    {
        Some(Subject::Coupon(_)) => Err("blocked-coupon-without-user"),
        _ => Err("blocked-event-without-object"),
    }
}

/// Goes from a line to its object.
pub(crate) fn show_object(state: &mut AppState) -> Vec<Effect> {
    match object(state).cloned() {
        Ok(id) => navigate::show(state, &id),
        Err(_) => Vec::new(),
    }
}

/// WeChat Pay's id of the notification. Rejected requests have none; for those, the verdict.
pub(crate) fn copy_id(state: &mut AppState) -> Vec<Effect> {
    let row = state.view.tabs.inbox.selected();
    let text = row.map(|row| row.notice.clone().unwrap_or_else(|| row.verdict.word().to_owned()));
    navigate::copy(state, text)
}

/// The decrypted resource; on the raw page, and for rejected requests, the request as received.
pub(crate) fn copy_payload(state: &mut AppState) -> Vec<Effect> {
    let Some(event) = state.view.tabs.inbox.whole().cloned() else { return Vec::new() };
    let request = || {
        let delivery = &latest(&event)?.delivery;
        let bytes = [&delivery.headers[..], b"\r\n", &delivery.body].concat();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let raw = state.view.tabs.inbox.page == EventPage::Raw && state.view.tabs.inbox.reading.is_some();
    let text = event.resource.clone().filter(|_| !raw).or_else(request);
    navigate::copy(state, text)
}

/// Asks for the URL of a replay.
pub(crate) fn replay(state: &mut AppState) -> Vec<Effect> {
    let url = match state.view.tabs.inbox.replay_url.as_str() {
        "" => EXAMPLE_URL.to_owned(),
        url => url.to_owned(),
    };
    state.view.dialogs.push(Dialog::ReplayTo(Prompt::proposing(url)));
    Vec::new()
}

/// Shows the preview of a replay.
pub(crate) fn preview_replay(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::ReplayTo(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let url = prompt.input.value().to_owned();
    let kept = state.view.tabs.inbox.whole().and_then(|event| Some((event.row.id, event.row.verdict, latest(event)?)));
    let Some((event, verdict, kept)) = kept else { return Vec::new() };
    let base_url = state.account().map_or_else(String::new, |account| account.host.clone());
    match Replay::new(verdict, &kept.delivery, &url, &base_url) {
        Ok(replay) => {
            // What is sent to another machine names users and amounts, so the receiving host must be typed; where the
            // money is real, for this machine, too: its back end acts on what it receives.
            let production = state.account().is_some_and(|account| account.environment == Environment::Production);
            let word = (production || !replay.is_local()).then(|| replay.host());
            let confirm_input = ConfirmInput::new(word, None, false, state.pressed);
            let confirm = ReplayConfirm { event, sent_at: kept.delivery.at, replay, confirm_input };
            state.view.dialogs.pop();
            state.view.dialogs.push(Dialog::Replay(Box::new(confirm)));
        }
        Err(error) => {
            let title = state.lang.t(error.message());
            state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        }
    }
    Vec::new()
}

/// Sends the replay, if everything the dialog asks for was given.
pub(crate) fn send_replay(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Replay(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    if !confirm.confirm_input.given() {
        confirm.confirm_input.refuse();
        return Vec::new();
    }
    let (event, replay) = (confirm.event, confirm.replay.clone());
    state.view.dialogs.pop();
    state.view.tabs.inbox.replay_url = replay.url().to_owned();
    let replaying = Replaying { url: replay.url().to_owned(), at: state.now, result: None };
    state.view.tabs.inbox.replays.insert(event, replaying);
    vec![Request::Replay(event, Box::new(replay)).into()]
}

/// What the other side said.
fn replayed(state: &mut AppState, event: i64, url: String, result: Result<Replayed, Arc<ReplayError>>) {
    let lang = state.lang;
    let (kind, title, text) = match &result {
        Ok(Replayed { status, took, says }) => {
            let accepted = matches!(status, 200..=299);
            let id = if accepted { "toast-replay-accepted" } else { "toast-replay-refused" };
            let kind = if accepted { ToastKind::Done } else { ToastKind::Error };
            let says: String = says.trim().chars().take(300).collect();
            (
                kind,
                tr!(lang, id, status = status, ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX)),
                Some(says).filter(|says| !says.is_empty()),
            )
        }
        Err(error) => {
            let why = explain::failure(explain::on_screen(lang), &error.0);
            (ToastKind::Error, lang.t("toast-replay-failed"), Some(why))
        }
    };
    let text = text.into_iter().chain([url.clone()]).collect();
    state.view.toasts.push(kind, title, text, state.now);
    state.view.tabs.inbox.replays.insert(event, Replaying { url, at: state.now, result: Some(result) });
}

/// The disagreement under the cursor.
pub(crate) fn dispute(state: &AppState) -> Option<&Disagreement> {
    let shown = state.disputes();
    shown.get(state.view.tabs.disputes.position(&shown)).copied()
}

/// Moves the cursor of the inbox or of the disagreements.
pub(crate) fn walk(state: &mut AppState, by: isize) {
    if !state.view.tabs.inbox.disputing {
        return state.view.tabs.inbox.move_by(by);
    }
    let shown = state.disputes();
    let line = state.view.tabs.disputes.position(&shown).saturating_add_signed(by).min(shown.len().saturating_sub(1));
    let key = shown.get(line).map(|one| DisputeKey::of(one));
    state.view.tabs.disputes.set(line, key);
}

/// A click on a disagreement.
pub(crate) fn select(state: &mut AppState, line: usize) {
    let key = state.disputes().get(line).map(|one| DisputeKey::of(one));
    state.view.tabs.disputes.set(line, key);
}

pub(crate) fn dispute_object(state: &mut AppState) -> Vec<Effect> {
    let id = dispute(state).map(|one| one.row.id.clone());
    id.map(|id| navigate::show(state, &id)).unwrap_or_default()
}

/// The line of the inbox that a disagreement comes from.
pub(crate) fn source(state: &AppState) -> Result<i64, &'static str> {
    match &dispute(state).ok_or("blocked-nothing-selected")?.dispute {
        Dispute::Missing { .. } => Err("blocked-never-received"),
        Dispute::Claimed(Claim { source: Source::Notification, reference, .. }) => {
            reference.parse().map_err(|_| "blocked-event-without-object")
        }
        Dispute::Claimed(_) => Err("blocked-from-a-bill"),
    }
}

/// Goes from a disagreement to the notification behind it.
pub(crate) fn dispute_event(state: &mut AppState) -> Vec<Effect> {
    if let Ok(event) = source(state) {
        let tab = state.tab;
        navigate::jump(state, tab, true);
        state.view.tabs.inbox.disputing = false;
        state.view.tabs.inbox.seek(event);
        show_page(state, EventPage::Overview);
        state.view.tabs.inbox.reading = Some(0);
    }
    Vec::new()
}

/// Queries the object in dispute.
pub(crate) fn resolve(state: &mut AppState) -> Vec<Effect> {
    let ids = dispute(state).map(|one| one.row.id.clone()).into_iter().collect();
    ask(state, ids)
}

/// Queries all objects in dispute.
pub(crate) fn resolve_all(state: &mut AppState) -> Vec<Effect> {
    let mut ids: Vec<ObjectId> = Vec::new();
    for one in state.disputes() {
        if !ids.contains(&one.row.id) {
            ids.push(one.row.id.clone());
        }
    }
    let title = tr!(state.lang, "toast-resolving", n = ids.len());
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    ask(state, ids)
}

fn ask(state: &mut AppState, ids: Vec<ObjectId>) -> Vec<Effect> {
    let ids: Vec<ObjectId> = ids.into_iter().filter(|id| !state.view.tabs.disputes.is_asked(id)).collect();
    state.view.tabs.disputes.asking(&ids, state.now);
    state.view.asked.extend(ids.iter().cloned());
    if ids.is_empty() { Vec::new() } else { vec![Request::Refresh(ids).into()] }
}

/// A query came back: if it was asked because of a disagreement, is there still one?
fn fetched(state: &mut AppState, id: &ObjectId, at: Timestamp, error: Option<&Arc<ApiError>>) -> Vec<Effect> {
    if state.view.tabs.disputes.about(id).next().is_some() {
        state.view.tabs.disputes.mark_stale();
    }
    if !state.view.tabs.disputes.is_asked(id) {
        return Vec::new();
    }
    let Some(error) = error else { return vec![ReadRequest::Reconcile(id.clone()).into()] };
    if let Some(round) = state.view.tabs.disputes.failed(id, error.clone(), at) {
        match round.asked {
            1 => {
                let title = tr!(state.lang, "toast-not-asked", number = id.number.as_str());
                let text = toast::error_lines(state.lang, error);
                state.view.toasts.push(ToastKind::Error, title, text, state.now);
            }
            _ => show_round(state, round),
        }
    }
    Vec::new()
}

/// An object was asked because of a disagreement, and this is what its document still does not say.
fn reconciled(state: &mut AppState, id: &ObjectId, standing: &[Claim]) {
    let known = state
        .view
        .tabs
        .disputes
        .about(id)
        .next()
        .and_then(|one| one.row.seen.as_ref().map(|seen| seen.summary.state.clone()));
    state.view.tabs.disputes.mark_stale();
    let Some(round) = state.view.tabs.disputes.reconciled(id, standing, state.now) else { return };
    if round.asked > 1 {
        return show_round(state, round);
    }
    let lang = state.lang;
    let now = state.row_state(id).or(known);
    let words = now.map(|now| lang.with_code(lang.state(&now), &now.code));
    let (kind, title) = match standing.is_empty() {
        true => (ToastKind::Done, "toast-agreed"),
        false => (ToastKind::Info, "toast-standing"),
    };
    state.view.toasts.push(
        kind,
        tr!(lang, title, number = id.number.as_str(), state = words.unwrap_or_default()),
        Vec::new(),
        state.now,
    );
}

/// Reports the results of objects that were queried together.
fn show_round(state: &mut AppState, round: Round) {
    let kind = if round.failed > 0 { ToastKind::Error } else { ToastKind::Done };
    let title = tr!(
        state.lang,
        "toast-resolved-all",
        n = round.asked,
        agreed = round.agreed,
        standing = round.standing,
        failed = round.failed
    );
    state.view.toasts.push(kind, title, Vec::new(), state.now);
}
