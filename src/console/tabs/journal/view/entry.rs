//! Draws the detail of one entry of the journal: what was confirmed and sent, the outcome, what it changed.

use ratatui::layout::Rect;
use ratatui::style::Style;
use serde_json::Value;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::tabs::journal::entry::{action_words, amount, words};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{Labels, json_line};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::console::words::{error_line, state_before};
use crate::explain::{self, Explanation};
use crate::i18n::Lang;
use crate::ledger::{JournalEntry, RecordedConclusion, RecordedIntent};
use crate::model::Object;
use crate::model::action::Action;
use crate::model::diff::{Difference, diff};
use crate::text;
use crate::text::age;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    layout.hit(area, Target::Detail);
    let Some(entry) = state.view.tabs.journal.selected() else { return };
    let (strong, accent) = (canvas.styles.strong(), canvas.styles.accent());
    let mark = if state.view.tabs.journal.reading.is_some() { "▌" } else { " " };
    canvas.put(area.x, area.y, 1, mark, accent);
    let width = area.width.saturating_sub(2);
    let title = tr!(state.lang, "journal-entry", n = entry.id, action = action_words(state.lang, entry));
    let used = canvas.put(area.x + 1, area.y, width, &title, strong);
    let (outcome, tone) = words(state.lang, entry.ending());
    let tone = canvas.styles.tone(tone);
    canvas.put(area.x + used + 4, area.y, width.saturating_sub(used + 3), &outcome, tone);
    let body = Rect { x: area.x + 1, y: area.y + 2, width, height: area.height.saturating_sub(2) };
    let lines = Lines { lang: state.lang, width: usize::from(body.width), lines: Vec::new() }.of(state, entry);
    let rows = usize::from(body.height);
    let limit = lines.len().saturating_sub(rows);
    layout.room.detail = rows;
    layout.room.scroll = limit;
    let scroll = state.view.tabs.journal.reading.unwrap_or(0).min(limit);
    for (i, line) in lines.iter().skip(scroll).take(rows).enumerate() {
        canvas.line(body.x, body.y + i as u16, body.width, line, Style::new());
    }
    if limit > scroll {
        canvas.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, "↓", accent);
    }
}

/// Collects the lines; missing values are left out.
struct Lines {
    lang: Lang,
    width: usize,
    lines: Vec<Line>,
}

impl Lines {
    fn of(mut self, state: &AppState, entry: &JournalEntry) -> Vec<Line> {
        let lang = self.lang;
        let intent = &entry.intent;
        self.field("journal-at", &intent.at.map(age::exact).unwrap_or_default());
        self.field("journal-column-operator", &intent.operator);
        self.field("journal-profile", &intent.profile);
        self.field("confirm-merchant", &intent.mchid);
        self.field("journal-column-action", &lang.with_code(action_words(lang, entry), &intent.action));
        let object = intent.object.as_ref();
        let kind = |noun| lang.t(&format!("kind-{noun}"));
        let object = object.map(|id| format!("{} {}", kind(id.kind.noun()), id.number));
        self.field("journal-column-object", &object.unwrap_or_default());
        self.field("column-amount", &amount(entry).map(|amount| amount.to_string()).unwrap_or_default());
        self.field("journal-state-before", &state_before(lang, intent));
        let confirmed = match intent.confirmed.as_str() {
            "typed" => lang.t("journal-confirmed-typed"),
            "yes" => lang.t("journal-confirmed-yes"),
            "flag" => lang.t("journal-confirmed-flag"),
            other => other.into(),
        };
        self.field("journal-confirmed", &confirmed);
        self.field("field-reason", intent.reason.as_deref().unwrap_or_default());

        self.heading(&lang.t("journal-changed"));
        self.changes(state, entry);

        let count = entry.conclusions.len();
        for (i, conclusion) in entry.conclusions.iter().enumerate() {
            self.conclusion(intent, conclusion, i + 1 == count);
        }
        if entry.conclusions.is_empty() {
            self.heading(&lang.t("journal-column-outcome"));
            let (outcome, tone) = words(lang, None);
            self.lines.push(vec![(outcome, Role::Tone(tone))]);
        }

        self.heading(&lang.t("journal-request"));
        self.text(&intent.request(), Role::Plain);
        self.json(&intent.body);

        self.heading(&lang.t("journal-chain"));
        self.field("journal-column-entry", &entry.id.to_string());
        self.field("journal-hash", &entry.hash);
        self.text(&lang.t("journal-verify-hint"), Role::Faint);
        self.lines
    }

    fn heading(&mut self, text: &str) {
        self.lines.push(Line::new());
        self.lines.push(vec![(text.to_owned(), Role::Heading)]);
    }

    fn field(&mut self, label: &'static str, value: &str) {
        if !value.is_empty() {
            Labels::within(self.width).field(&mut self.lines, &self.lang.t(label), value, Role::Plain, self.width);
        }
    }

    /// A text, wrapped.
    fn text(&mut self, text: &str, role: Role) {
        let safe = text::neutralise(text);
        self.lines.extend(text::wrap(&safe, self.width).into_iter().map(|line| vec![(line, role)]));
    }

    /// A body: JSON formatted, anything else unchanged.
    fn json(&mut self, body: &str) {
        if body.is_empty() {
            return self.text(&self.lang.t("confirm-no-body"), Role::Faint);
        }
        let laid_out = serde_json::from_str::<Value>(body).and_then(|value| serde_json::to_string_pretty(&value));
        let laid_out = laid_out.unwrap_or_else(|_| body.to_owned());
        for line in laid_out.lines() {
            // What was sent is shown in full.
            match text::width(&text::neutralise(line)) <= self.width {
                true => self.lines.push(json_line(line)),
                false => self.text(line, Role::Plain),
            }
        }
    }

    /// The outcome. Errors are explained as they are elsewhere; only for the last one the next action is shown.
    fn conclusion(&mut self, intent: &RecordedIntent, conclusion: &RecordedConclusion, last: bool) {
        let RecordedConclusion { at, ending, request_id, reply, .. } = conclusion;
        self.heading(&self.lang.t("journal-column-outcome"));
        let (outcome, tone) = words(self.lang, Some(*ending));
        let mut line = vec![(outcome, Role::Tone(tone))];
        line.extend(at.map(|at| (format!("  {}", age::exact(at)), Role::Faint)));
        self.lines.push(line);
        self.field("journal-column-request-id", request_id.as_deref().unwrap_or_default());
        let explained = explain::conclusion(explain::on_screen(self.lang), intent, conclusion, last);
        if let Some(explained) = explained {
            self.field("journal-error", &error_line(self.lang, &explained));
            let Explanation { why, next, .. } = explained;
            self.field("journal-error-why", &why.unwrap_or_default());
            self.field("journal-error-next", &next.unwrap_or_default());
        }
        if let Some(reply) = reply {
            self.text(&self.lang.t("journal-reply"), Role::Faint);
            self.json(reply);
        }
    }

    /// The differences between the document before and the present one.
    fn changes(&mut self, state: &AppState, entry: &JournalEntry) {
        let Some(id) = &entry.intent.object else { return self.text(&self.lang.t("journal-no-object"), Role::Faint) };
        let Some(before) = &entry.intent.before else {
            return self.text(&self.lang.t("journal-no-before"), Role::Faint);
        };
        if Action::named(&entry.intent.action).is_some_and(Action::is_setting) {
            // A setting is no object that could be queried again.
            self.text(&self.lang.t("journal-against-request"), Role::Faint);
            diff(before, &entry.intent.body).iter().for_each(|difference| self.difference(difference));
            return;
        }
        // A document verified before the request was sent does not show its effect.
        let since = |at| entry.intent.at.is_none_or(|sent| at >= sent);
        let fresh = state.fresh(id).filter(|fresh| since(fresh.verified_at));
        // A reply is compared only if it is a document of the same object.
        let reply = entry.latest(|one| &one.reply);
        let reply = reply.filter(|reply| Object::parse(id.kind, reply).is_ok_and(|object| object.id == *id));
        let (label, after) = match (fresh, reply) {
            (Some(fresh), _) => {
                let at = age::exact(fresh.verified_at);
                (tr!(self.lang, "journal-against-latest", at = at), &*fresh.object.raw)
            }
            (None, Some(reply)) => (self.lang.t("journal-against-reply"), reply),
            (None, None) => return self.text(&self.lang.t("journal-not-seen-since"), Role::Faint),
        };
        self.text(&label, Role::Faint);
        let differences = diff(before, after);
        if differences.is_empty() {
            self.text(&self.lang.t("journal-no-difference"), Role::Plain);
        }
        differences.iter().for_each(|difference| self.difference(difference));
    }

    fn difference(&mut self, difference: &Difference) {
        let Difference { path, before, after } = difference;
        self.text(path, Role::Plain);
        for (mark, value, role) in [("-", before, Role::Warning), ("+", after, Role::Accent)] {
            let Some(value) = value else { continue };
            let safe = text::neutralise(value);
            let wrapped = text::wrap(&safe, self.width.saturating_sub(4).max(8));
            for (i, part) in wrapped.into_iter().enumerate() {
                let mark = if i == 0 { mark } else { " " };
                self.lines.push(vec![(format!("  {mark} "), role), (part, Role::Plain)]);
            }
        }
    }
}
