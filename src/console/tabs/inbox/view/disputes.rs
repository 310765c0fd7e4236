//! Draws the disagreements: the claims about an object, their sources, and what its document says.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::receipt::meaning;
use crate::console::tabs::inbox::view::words::type_words_of;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::console::widgets::table;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{Claim, Disagreement, Dispute, Source};
use crate::model::ObjectId;
use crate::text;
use crate::text::age;

/// Lines of one disagreement.
const LINES: u16 = 3;
/// Indentation of the lines below the object's.
const INDENT: usize = 4;

pub(super) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let shown = state.disputes();
    let rows = usize::from(area.height / LINES).max(1);
    layout.room.rows = rows;
    if shown.is_empty() {
        return empty(canvas, state, area);
    }
    let at = state.view.tabs.disputes.position(&shown);
    let first = (at + 1).saturating_sub(rows);
    layout.room.first = first;
    for (i, one) in shown.iter().enumerate().skip(first).take(rows) {
        let y = area.y + (i - first) as u16 * LINES;
        let place = Rect { y, height: LINES.min(area.bottom().saturating_sub(y)), ..area };
        let width = usize::from(area.width.saturating_sub(4));
        let base = if i == at { canvas.styles.selected() } else { ratatui::style::Style::new() };
        canvas.buffer.set_style(place.intersection(canvas.buffer.area), base);
        for (line, pieces) in [title(state, one), said(state.lang, one), known(state, one)].iter().enumerate() {
            let y = place.y + line as u16;
            if y < place.bottom() {
                canvas.line(place.x + 2, y, width as u16, pieces, base);
            }
        }
        if i == at {
            let accent = base.patch(canvas.styles.accent());
            (place.top()..place.bottom()).for_each(|y| {
                canvas.put(place.x, y, 1, "▌", accent);
            });
        }
        layout.hit(place, Target::Line(LineKey::Row(i)));
    }
    let accent = canvas.styles.accent();
    if first + rows < shown.len() {
        canvas.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, "↓", accent);
    }
}

/// The object, and the result of its latest query.
fn title(state: &AppState, one: &Disagreement) -> Line {
    let (lang, id) = (state.lang, &one.row.id);
    let kind = lang.kind(id.kind);
    let mut line = vec![("⚠ ".into(), Role::Warning), (format!("{kind} {}", id.number), Role::Strong)];
    let (words, role) = match state.view.tabs.disputes.again(id) {
        None => return line,
        Some(again) => match &again.result {
            None => (lang.t("detail-asked"), Role::Accent),
            Some(Ok(())) => (tr!(lang, "dispute-still", at = age::clock(again.at)), Role::Warning),
            Some(Err(error)) => {
                let what = explain::api_error(explain::on_screen(lang), error).what;
                (tr!(lang, "dispute-unasked", at = age::clock(again.at), what = what), Role::Warning)
            }
        },
    };
    line.push((format!("  {words}"), role));
    line
}

/// The claims that contradict an object's document, a line each, for the object's own detail.
pub(crate) fn disputed(state: &AppState, id: &ObjectId) -> Vec<String> {
    let lang = state.lang;
    let words = |one: &Disagreement| match &one.dispute {
        Dispute::Claimed(claim) => {
            let id = match claim.source {
                Source::Bill => "detail-disputed-bill",
                _ => "detail-disputed-notification",
            };
            tr!(lang, id, what = what(lang, claim))
        }
        Dispute::Missing { event_type, .. } => {
            tr!(lang, "detail-disputed-missing", what = type_words_of(lang, event_type))
        }
    };
    state.disputes().into_iter().filter(|one| one.row.id == *id).map(words).collect()
}

/// A claim: what happened, and the amount.
fn what(lang: Lang, claim: &Claim) -> String {
    let amount = claim.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
    format!("{}{amount}", lang.t(&format!("fact-{}", claim.fact.word())))
}

/// A claim with its source and its time.
fn said(lang: Lang, one: &Disagreement) -> Line {
    let (who, what, rest) = match &one.dispute {
        Dispute::Claimed(claim) => {
            let who = match claim.source {
                Source::Bill => "dispute-bill-says",
                _ => "dispute-notification-says",
            };
            let since = tr!(lang, "dispute-since", at = age::exact(claim.said_at));
            // A bill is shown by its reference; the notification can be opened by a key.
            let bill = (claim.source == Source::Bill).then(|| format!(" · {}", claim.reference));
            (who, what(lang, claim), format!("  {since}{}", bill.unwrap_or_default()))
        }
        Dispute::Missing { event_type, since } => {
            let words = type_words_of(lang, event_type);
            let rest = tr!(lang, "dispute-due-since", at = age::exact(*since));
            ("dispute-missing", words, format!("  {rest}"))
        }
    };
    vec![
        (format!("{:INDENT$}{}  ", "", lang.t(who)), Role::Faint),
        (text::neutralise(&what).into_owned(), Role::Warning),
        (rest, Role::Faint),
    ]
}

/// The latest document.
fn known(state: &AppState, one: &Disagreement) -> Line {
    let lang = state.lang;
    let head = (format!("{:INDENT$}{}  ", "", lang.t("dispute-document-says")), Role::Faint);
    let Some(seen) = &one.row.seen else {
        return vec![head, (lang.t("dispute-never-asked"), Role::Plain)];
    };
    let now = &seen.summary.state;
    let amount = one.row.amount().map(|amount| format!(" {amount}")).unwrap_or_default();
    let verified = age::ago(lang, state.now - seen.verified_at);
    let words = meaning(lang, now);
    let code = lang.code_beside(&words, &now.code).map(|code| format!("{code} · ")).unwrap_or_default();
    vec![
        head,
        (format!("{} {words}", now.tone.glyph()), Role::Tone(now.tone)),
        (amount, Role::Plain),
        (format!("  {code}{}", tr!(lang, "dispute-verified", age = verified)), Role::Faint),
    ]
}

/// The number of disagreements.
pub(super) fn line(state: &AppState) -> Line {
    let (lang, n) = (state.lang, state.disputes().len());
    let id = if state.view.tabs.disputes.has_more() { "disputes-more" } else { "disputes-count" };
    vec![(tr!(lang, id, n = n), Role::Strong), (format!("  {}", lang.t("disputes-what")), Role::Faint)]
}

fn empty(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    if !state.view.tabs.disputes.is_read() {
        return;
    }
    let hint = (state.lang.t("disputes-none-hint"), Role::Faint);
    table::empty(canvas, &state.lang.t("disputes-none"), &[hint], area);
}
