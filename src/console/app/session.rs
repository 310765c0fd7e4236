//! Handles events from the account's session.

use crate::console::app::navigate;
use std::sync::Arc;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::{ToastKind, error_lines, lines, stopped_lines};
use crate::console::dialogs::bulk::state::ActionCounts;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::filter::saved;
use crate::console::dialogs::handover::update as handover;
use crate::console::dialogs::settlements::update as settlements;
use crate::console::dialogs::state::{Dialog, Picking};
use crate::console::dialogs::watching::update as watch;
use crate::console::dialogs::{action, coupons, palette};
use crate::console::tabs::across::update as across;
use crate::console::user_commands::hooks;
use crate::console::{Account, Unopened};
use crate::explain::{self, Explanation};
use crate::ledger::Listed;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::{
    Event, Fresh, Made, Outcome, PendingConclusion, Request, Resolved, Saved, Searched, Ticket, Unresolved, Unsaved,
};

pub(crate) fn opened(state: &mut AppState, result: Result<(Account, Vec<String>), Unopened>) -> Vec<Effect> {
    match result {
        Ok((account, profiles)) => {
            state.profiles = profiles;
            state.stage = Stage::Open(account);
            saved::report(state);
            return across::arrive(state);
        }
        Err(Unopened { explanation, accounts }) => {
            if !accounts.is_empty() {
                state.profiles = accounts;
            }
            let asked = match &mut state.stage {
                Stage::Opening(asked) => asked.take(),
                _ => None,
            };
            fail(state, explanation, asked);
        }
    }
    Vec::new()
}

/// The account cannot be shown. Keys that waited for it are dropped: they were meant for what is not there.
fn fail(state: &mut AppState, explanation: Explanation, profile: Option<String>) {
    state.view.typed_ahead.clear();
    state.stage = Stage::Failed(explanation, profile);
}

/// The tabs take in what concerns them; the rest is here.
pub(crate) fn event(state: &mut AppState, event: Event) -> Vec<Effect> {
    let tabs = state.tabs.clone();
    let mut effects = hooks::notice(state, &event);
    effects.extend(tabs.iter().flat_map(|tab| tab.pane.notice(state, &event)));
    match event {
        Event::Tab(answer) => {
            let left = tabs.iter().try_fold(answer, |answer, tab| tab.pane.answer(state, answer));
            debug_assert!(left.is_none(), "no tab takes {left:?}");
        }
        // What is known around the subject may have changed.
        Event::KindChanged(_) | Event::InboxChanged => state.view.history.mark_stale(),
        Event::Listening(_) | Event::OtherProfileChanged(_) => {}
        Event::Story { id, story } => state.view.history.take(id, Arc::unwrap_or_clone(story), state.now),
        Event::Fetched { id, at, result } => fetched(state, &id, at, result),
        Event::Concluded { ticket, outcome } => effects.extend(concluded(state, ticket, outcome)),
        Event::Earlier { operation, earlier } => {
            if let Some(earlier) = earlier {
                action::would_repeat(state, &operation, Arc::new(*earlier));
            }
        }
        Event::Replaced { operation, result } => action::would_replace(state, &operation, result),
        Event::Health(health) => state.view.health = health,
        Event::Unresolved(open) => unresolved(state, open),
        Event::Resolved(resolved) => effects.extend(self::resolved(state, resolved)),
        Event::Matching { selection, rows, more } => effects.extend(bulk::matching(state, &selection, &rows, more)),
        Event::ActionsCounted { ids, counts } => state.view.survey = Some(ActionCounts { of: ids, counts }),
        Event::BulkReading { ticket, done, total } => bulk::reading(state, ticket, done, total),
        Event::BulkPrepared { ticket, result } => effects.extend(bulk::prepared(state, ticket, result)),
        Event::Bulk(event) => effects.extend(bulk::event(state, event)),
        Event::Searched(searched) => effects.extend(self::searched(state, searched)),
        Event::CouponsListed { openid, result } => effects.extend(coupons::listed(state, &openid, result)),
        Event::UsableListed { stock, what, result } => coupons::usable_received(state, &stock, what, result),
        Event::RefundsListed { order, result } => {
            if let Err(stopped) = result {
                let title = tr!(state.lang, "toast-refunds-unlisted", number = order.number.as_str());
                let text = stopped_lines(state.lang, &stopped);
                state.view.toasts.push(ToastKind::Error, title, text, state.now);
            }
        }
        Event::StatementSaved { day, result } => statement_saved(state, &day, result),
        Event::Settlements { ticket, result } => effects.extend(settlements::shown(state, ticket, result)),
        Event::Watching(watching) => watch::watching_changed(state, watching),
        Event::Rows(rows) => watch::rows(state, &rows),
        Event::ObjectsFound { text, rows } => palette::objects_found(state, &text, &rows),
        Event::Final(fresh) => watch::ended(state, &fresh),
        Event::Gap(gap) => watch::missed(state, gap),
        Event::CaughtUp { gap, changed } => watch::caught_up(state, gap, changed),
        Event::Unwritten { object, unwritten } => self::unwritten(state, object, &unwritten),
        Event::NotStored(error) => {
            let title = state.lang.t("toast-not-saved");
            let text = lines(state.lang, &explain::ledger(explain::on_screen(state.lang), &error));
            state.view.toasts.push(ToastKind::Error, title, text, state.now);
        }
        Event::Unsound(error) => state.view.unsound = Some(error),
        Event::Unreadable(error) => {
            let profile = state.account().map(|account| account.name.clone());
            state.view.dialogs.clear();
            fail(state, explain::ledger(explain::on_screen(state.lang), &error), profile);
        }
    }
    effects
}

/// Where a statement was written to, or why it was not.
fn statement_saved(state: &mut AppState, day: &str, result: Result<Saved, Arc<Unsaved>>) {
    let lang = state.lang;
    let (kind, title, text) = match result.as_ref().map_err(|error| &**error) {
        Ok(Saved { path, rows, digest }) => {
            let text = vec![path.display().to_string(), tr!(lang, "toast-statement-digest", digest = digest)];
            (ToastKind::Done, tr!(lang, "toast-statement", day = day, n = rows), text)
        }
        Err(error) => {
            let title = tr!(lang, "toast-no-statement", day = day);
            let text = match error {
                Unsaved::Api(error) => error_lines(lang, error),
                Unsaved::File { path, source } => vec![format!("{}: {source}", path.display())],
            };
            (ToastKind::Error, title, text)
        }
    };
    state.view.toasts.push(kind, title, text, state.now);
}

/// Shows the object that was found. If there are several, asks which; if none, reports what was tried.
fn searched(state: &mut AppState, searched: Searched) -> Vec<Effect> {
    let Searched { number, found, tried, stopped } = searched;
    state.view.toasts.searched();
    let ids: Vec<ObjectId> = found.iter().map(|fresh| fresh.object.id.clone()).collect();
    ids.iter().for_each(|id| state.list_of_mut(id.kind).learned());
    found.into_iter().for_each(|fresh| learn(state, fresh));
    match ids.as_slice() {
        // An open dialog is not closed under the operator.
        [id] if state.view.dialogs.is_empty() => return navigate::show(state, id),
        [] => {
            let lang = state.lang;
            let text = match stopped.as_deref() {
                Some(stopped) => stopped_lines(state.lang, stopped),
                None => vec![explain::tried(explain::on_screen(lang), &tried)],
            };
            let title = tr!(lang, "toast-not-found", number = number.as_str());
            state.view.toasts.push(ToastKind::Error, title, text, state.now);
        }
        _ => return state.pick(Picking::Found(ids), 0),
    }
    Vec::new()
}

/// Marks the objects on which no new action is allowed. Entries of earlier runs are reported once.
fn unresolved(state: &mut AppState, open: Vec<Unresolved>) {
    let first =
        state.view.open_entries.is_empty() && state.view.unresolved.is_empty() && state.view.in_flight.is_empty();
    if first && !open.is_empty() {
        let title = tr!(state.lang, "toast-unresolved", count = open.len());
        let text = vec![state.lang.t("toast-unresolved-next")];
        state.view.toasts.push(ToastKind::Unknown, title, text, state.now);
    }
    state.view.open_entries = open.into_iter().filter_map(|open| open.object).collect();
    // What another process has concluded is not unknown any more.
    let open = &state.view.open_entries;
    state.view.unresolved.retain(|_, operation| open.contains(&operation.object));
}

/// The journal does not say what became of an action: nothing new is allowed on the object until it does.
fn unwritten(state: &mut AppState, object: ObjectId, unwritten: &PendingConclusion) {
    let explanation = explain::unwritten(explain::on_screen(state.lang), unwritten);
    let title = format!("{} · {}", object.number, explanation.what);
    state.view.toasts.push(ToastKind::Error, title, lines(state.lang, &explanation), state.now);
    state.view.open_entries.insert(object);
}

/// An open entry has ended: the object showed its outcome.
fn resolved(state: &mut AppState, resolved: Resolved) -> Vec<Effect> {
    let Resolved { journal, object, ending, .. } = resolved;
    let word = state.lang.t(&format!("outcome-{}", ending.outcome()));
    let number = object.as_ref().map(|id| id.number.as_str().to_owned()).unwrap_or_default();
    let title = tr!(state.lang, "toast-resolved", journal = journal, number = number, outcome = word);
    state.view.toasts.push(ToastKind::Done, title, across::whose(state).into_iter().collect(), state.now);
    let Some(object) = object else { return Vec::new() };
    state.close_entry(&object);
    vec![Request::Refresh(vec![object]).into()]
}

fn fetched(state: &mut AppState, id: &ObjectId, at: Timestamp, result: Result<Fresh, Arc<ApiError>>) {
    state.view.asked.remove(id);
    match result {
        Ok(fresh) => {
            state.view.failed.remove(id);
            learn(state, fresh);
        }
        Err(error) => {
            state.view.failed.insert(id.clone(), (at, error));
        }
    }
}

/// Takes in a verified object. A dialog that waits for a yes learns how its object is now; its operation stays what
/// it was.
fn learn(state: &mut AppState, fresh: Fresh) {
    let now = state.now;
    for dialog in &mut state.view.dialogs {
        match dialog {
            Dialog::Confirm(confirm) => confirm.observe(&fresh.object, now),
            Dialog::Watching(list) => list.show([Listed::of(&fresh)]),
            // They were prepared for what they show, and the gate checks the object again before it sends; the others
            // are about no object, or are drawn from the state.
            Dialog::BulkConfirm(_)
            | Dialog::Replay(_)
            | Dialog::CloseEntry(_)
            | Dialog::RunProgram(_)
            | Dialog::Filter(_)
            | Dialog::Calendar(_)
            | Dialog::SaveFilter(_)
            | Dialog::Find(_)
            | Dialog::Palette(_)
            | Dialog::Pick(_)
            | Dialog::Form(_)
            | Dialog::Handover
            | Dialog::Bill(_)
            | Dialog::Preparing(_)
            | Dialog::Bulk { .. }
            | Dialog::Settlements(_)
            | Dialog::Export(_)
            | Dialog::ExportBulk(_)
            | Dialog::Statement(_)
            | Dialog::OrdersFile(_)
            | Dialog::CloseDifference(_)
            | Dialog::Open(_)
            | Dialog::ReplayTo(_)
            | Dialog::UserCoupons(_)
            | Dialog::Usable(_)
            | Dialog::Help { .. }
            | Dialog::Output(_)
            | Dialog::Quit => {}
        }
    }
    state.fetched(fresh);
}

fn concluded(state: &mut AppState, ticket: Ticket, outcome: Outcome) -> Vec<Effect> {
    let known = !matches!(outcome, Outcome::Unknown { .. });
    let Some(operation) = state.finish_write(ticket, known) else { return Vec::new() };
    state.view.toasts.withdraw(ticket);
    let lang = state.lang;
    let action = lang.action(operation.action.action());
    let number = operation.object.number.as_str().to_owned();
    let title = |id: &str| tr!(lang, id, action = action, number = number);
    let journal = |id: &i64| tr!(lang, "toast-journal", journal = id);
    let made = outcome.made().cloned();
    let (kind, title, text) = match &outcome {
        Outcome::Done { request_id, journal: entry, found_by_query, .. } => {
            let request = request_id.as_ref().map(|id| tr!(lang, "toast-request-id", id = id));
            let found = found_by_query.then(|| lang.t("toast-found-by-query"));
            let replaced = operation.replaced_url().map(|url| tr!(lang, "toast-replaced", url = url));
            let facts = [found, replaced, request, Some(journal(entry))].into_iter().flatten().collect();
            (ToastKind::Done, title("toast-done"), facts)
        }
        Outcome::Refused { error, journal: entry } => {
            let mut text = error_lines(lang, error);
            text.extend(entry.as_ref().map(journal));
            (ToastKind::Error, title("toast-refused"), text)
        }
        Outcome::NoEffect { journal: entry, .. } => {
            let text = vec![lang.t("why-no-effect"), journal(entry)];
            (ToastKind::Error, title("toast-refused"), text)
        }
        Outcome::Unknown { error, journal: entry } => {
            let mut text = error_lines(lang, error);
            text.push(tr!(lang, "toast-unknown-next", journal = entry));
            (ToastKind::Unknown, title("toast-unknown"), text)
        }
        Outcome::Denied(denial) => {
            let text = lines(lang, &explain::denial(explain::on_screen(lang), denial));
            (ToastKind::Error, title("toast-denied"), text)
        }
    };
    let mut text = text;
    text.extend(across::whose(state));
    if let Some((key, typed)) = known.then(|| state.view.sent.remove(&ticket.0)).flatten()
        && matches!(outcome, Outcome::Refused { .. } | Outcome::NoEffect { .. } | Outcome::Denied(_))
    {
        // The values are kept to be corrected and sent again under the same number: it is the same intent.
        state.view.drafts.entry(key).or_insert(typed);
        text.push(lang.t("toast-draft-kept"));
    }
    match known {
        true => state.view.toasts.push(kind, title, text, state.now),
        // Its end will take the place of this message.
        false => state.view.toasts.push_about(ticket, kind, title, text, state.now),
    }
    // Whatever came of it, the screen is to show how the object is now; of what is created that is the new one.
    let on = Some(operation.object.clone()).filter(|_| !operation.action.action().is_creation());
    let shown: Vec<ObjectId> = on.into_iter().chain(made.as_ref().map(|made| made.id.clone())).collect();
    for id in &shown {
        state.list_of_mut(id.kind).learned();
    }
    if let Some(made) = made {
        took_shape(state, made, operation.action.action().is_creation());
    }
    if shown.is_empty() { Vec::new() } else { vec![Request::Refresh(shown).into()] }
}

/// Something was made: the cursor goes to it where it stands on its own, and what its front end needs is shown, unless
/// the person has begun something else.
fn took_shape(state: &mut AppState, made: Made, alone: bool) {
    let idle = state.view.dialogs.is_empty();
    if alone && idle && state.view.detail.is_none() && state.kind() == Some(made.id.kind) {
        state.list_of_mut(made.id.kind).go_to(made.id.clone());
    } else if state.kind() != Some(made.id.kind) {
        // Its tab opens with the cursor on it.
        state.list_of_mut(made.id.kind).go_to_made(made.id.clone());
    }
    if let Some(handover) = made.handover {
        state.view.handover = Some((made.id, handover));
        if idle {
            let _ = handover::open(state);
        } else {
            let title = state.lang.t("toast-handover");
            state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        }
    }
}
