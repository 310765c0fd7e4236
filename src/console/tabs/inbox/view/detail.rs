//! Draws the detail of one line of the inbox: what it says, its payload, and its deliveries.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::tabs::inbox::payload::PayloadLayout;
use crate::console::tabs::inbox::payload::subject;
use crate::console::tabs::inbox::state::{EventPage, Replaying};
use crate::console::tabs::inbox::view::words::{answered, grouped, peer, tone, took, type_words, verdict};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{Labels, json_line};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{EventRow, StoredDelivery, Verdict, WholeEvent};
use crate::model::{Document, Subject, read_fact, read_fact_for};
use crate::services::{ANSWER_WITHIN, Replayed, is_whole};
use crate::text;
use crate::text::age;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    layout.hit(area, Target::Detail);
    let Some(row) = state.view.tabs.inbox.selected() else { return };
    head(canvas, state, row, area, layout);
    let body = Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    let (rows, width) = (usize::from(body.height), usize::from(body.width));
    let scroll = state.view.tabs.inbox.reading.unwrap_or(0);
    let whole = state.view.tabs.inbox.whole();
    let (count, lines): (usize, Vec<Line>) = match (state.view.tabs.inbox.page, whole, state.view.tabs.inbox.layout()) {
        (_, None, _) | (_, _, None) => (0, Vec::new()),
        (EventPage::Overview, Some(event), _) => all(overview(state, event, width)),
        (EventPage::Deliveries, Some(event), _) => all(deliveries(state, event, width)),
        (EventPage::Payload, Some(event), Some(layout)) => payload(state, event, layout, (scroll, rows), width),
        (EventPage::Raw, Some(event), Some(layout)) => raw(state, event, layout, (scroll, rows), width),
    };
    let limit = count.saturating_sub(rows);
    layout.room.detail = rows;
    layout.room.scroll = limit;
    // Of long pages only the visible lines are built.
    let made = lines.len() < count;
    let skipped = if made { 0 } else { scroll.min(limit) };
    for (i, line) in lines.iter().skip(skipped).take(rows).enumerate() {
        canvas.line(body.x, body.y + i as u16, body.width, line, Style::new());
    }
    if limit > scroll {
        let accent = canvas.styles.accent();
        canvas.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, "↓", accent);
    }
}

fn all(lines: Vec<Line>) -> (usize, Vec<Line>) {
    (lines.len(), lines)
}

/// What a line is about.
pub(crate) fn title(lang: Lang, row: &EventRow) -> String {
    match row.verdict {
        Verdict::Genuine => type_words(lang, row),
        refused => verdict(lang, refused),
    }
}

/// The title, and the pages beside it.
fn head(canvas: &mut Canvas<'_>, state: &AppState, row: &EventRow, area: Rect, layout: &mut FrameLayout) {
    let lang = state.lang;
    let (strong, accent) = (canvas.styles.strong(), canvas.styles.accent());
    let mark = if state.view.tabs.inbox.reading.is_some() { "▌" } else { " " };
    canvas.put(area.x, area.y, 1, mark, accent);
    let labels = EventPage::ALL.map(|page| lang.t(page.label()));
    let pages: usize = labels.iter().map(|label| text::width(label) + 2).sum();
    let room = usize::from(area.width).saturating_sub(pages + 2);
    let title = title(lang, row);
    let used = canvas.put(area.x + 1, area.y, room as u16, &title, strong);
    let mut x = area.x + used + 2 + room.saturating_sub(usize::from(used)).min(2) as u16;
    for (page, label) in EventPage::ALL.into_iter().zip(labels) {
        let style = canvas.styles.tab(page == state.view.tabs.inbox.page);
        let width = canvas.put(x, area.y, area.right().saturating_sub(x), &label, style);
        layout.hit(Rect { x, y: area.y, width, height: 1 }, Target::Page(page as usize));
        x += width + 2;
    }
}

/// Collects labels and values.
struct Lines {
    lang: Lang,
    width: usize,
    lines: Vec<Line>,
}

impl Lines {
    fn new(lang: Lang, width: usize) -> Self {
        Self { lang, width, lines: Vec::new() }
    }

    fn field(&mut self, label: &'static str, value: Option<String>, role: Role) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            Labels::within(self.width).field(&mut self.lines, &self.lang.t(label), &value, role, self.width);
        }
    }

    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::new());
        }
        self.lines.push(vec![(text.to_owned(), Role::Heading)]);
    }

    fn text(&mut self, text: &str, role: Role) {
        self.lines.extend(text::wrap(&text::neutralise(text), self.width).into_iter().map(|line| vec![(line, role)]));
    }
}

fn overview(state: &AppState, event: &WholeEvent, width: usize) -> Vec<Line> {
    let (lang, row) = (state.lang, &event.row);
    let mut lines = Lines::new(lang, width);
    lines.field("events-column-verdict", Some(verdict(lang, row.verdict)), Role::Tone(tone(row.verdict)));
    match row.verdict {
        Verdict::Genuine => genuine(&mut lines, state, event),
        refused => {
            lines.field("events-column-attempts", Some(format!("×{}", grouped(row.attempts))), Role::Strong);
            lines.field("events-first", Some(age::exact(row.first_at)), Role::Plain);
            lines.field("events-last", Some(age::exact(row.last_at)), Role::Plain);
            lines.field("events-peer", Some(peer(row)), Role::Plain);
            lines.lines.push(Line::new());
            lines.text(&lang.t(&format!("verdict-{}-why", refused.word())), Role::Plain);
            lines.text(&tr!(lang, "events-refused-kept", n = event.deliveries.len()), Role::Faint);
        }
    }
    if let Some(replaying) = state.view.tabs.inbox.replays.get(&row.id) {
        lines.heading(&lang.t("events-replayed"));
        let (words, role) = replay_words(lang, replaying);
        lines.field("events-replay-to", Some(replaying.url.clone()), Role::Plain);
        lines.field("events-replay-at", Some(age::exact(replaying.at)), Role::Plain);
        lines.field("events-replay-answer", Some(words), role);
    }
    lines.lines
}

fn genuine(lines: &mut Lines, state: &AppState, event: &WholeEvent) {
    let (lang, row) = (state.lang, &event.row);
    let code = row.event_type.as_deref().unwrap_or_default();
    let shown = lang.with_code(type_words(lang, row), code);
    lines.field("events-column-type", Some(shown), Role::Strong);
    if row.fact.is_none() {
        lines.text(&lang.t("events-undocumented"), Role::Faint);
    }
    let object = row.subject.as_ref().map(|id| {
        let kind = lang.kind(id.kind);
        format!("{kind} {}", id.number)
    });
    let coupon = match subject(row.event_type.as_deref(), event.resource.as_deref()) {
        Subject::Coupon(coupon) if object.is_none() => Some(coupon),
        _ => None,
    };
    lines.field("events-column-object", object, Role::Plain);
    if let Some(coupon) = coupon {
        lines.field("events-column-object", Some(format!("{} {coupon}", lang.t("kind-coupon"))), Role::Plain);
        lines.text(&lang.t("blocked-coupon-without-user"), Role::Faint);
    }
    let resource =
        event.resource.as_deref().and_then(|resource| serde_json::from_str(resource).ok()).unwrap_or_default();
    let (event_type, resource) = (row.event_type.as_deref().unwrap_or_default(), Document::new(&resource));
    let read_fact = match state.account() {
        Some(account) => read_fact_for(&account.merchant.mchid, event_type, resource),
        None => read_fact(event_type, resource),
    };
    let says = read_fact.fact.map(|fact| {
        let amount = read_fact.amount.map(|amount| format!(" {amount}")).unwrap_or_default();
        let since = read_fact.at.map(|at| tr!(lang, "dispute-since", at = age::exact(at))).map(|at| format!(" · {at}"));
        format!("{}{amount}{}", lang.t(&format!("fact-{}", fact.word())), since.unwrap_or_default())
    });
    lines.field("events-column-fact", says, Role::Plain);
    for part in &read_fact.others {
        let amount = part.amount.map(|amount| format!(" · {amount}")).unwrap_or_default();
        lines.field("events-with", Some(format!("{}{amount}", part.of.number)), Role::Plain);
    }
    lines.field("events-column-summary", row.summary.clone(), Role::Plain);
    lines.field("events-id", row.notice.clone(), Role::Plain);
    lines.lines.push(Line::new());
    lines.field("events-created", row.created.map(age::exact), Role::Plain);
    let delay = row.created.map(|created| (row.first_at - created).whole_milliseconds().max(0));
    let delay = delay.map(|ms| took(u64::try_from(ms).unwrap_or(u64::MAX).saturating_mul(1_000)));
    let delay = delay.map(|delay| format!(" · {}", tr!(lang, "events-delay", delay = delay)));
    lines.field("events-first", Some(age::exact(row.first_at) + &delay.unwrap_or_default()), Role::Plain);
    let again = (row.attempts > 1).then(|| age::exact(row.last_at));
    lines.field("events-last", again, Role::Plain);
    lines.field("events-column-attempts", Some(format!("×{}", grouped(row.attempts))), Role::Plain);
    let limit = took(u64::try_from(ANSWER_WITHIN.whole_microseconds()).unwrap_or(u64::MAX));
    let slowest = row.slowest.map(|slowest| {
        let role = answered(slowest, 0).role;
        (tr!(lang, "events-of-limit", took = took(slowest), limit = limit), role)
    });
    match slowest {
        Some((words, role)) => lines.field("events-column-answered", Some(words), role),
        None => lines.field("events-column-answered", Some(lang.t("events-unanswered")), Role::Faint),
    }
}

/// The result of a replay.
fn replay_words(lang: Lang, replaying: &Replaying) -> (String, Role) {
    match &replaying.result {
        None => (lang.t("events-replay-waiting"), Role::Faint),
        Some(Ok(Replayed { status, took, says })) => {
            let ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
            let role = if matches!(status, 200..=299) { Role::Plain } else { Role::Warning };
            let says = says.trim();
            let says = if says.is_empty() { String::new() } else { format!(" · {says}") };
            (format!("{}{says}", tr!(lang, "events-replay-status", status = status, ms = ms)), role)
        }
        Some(Err(error)) => (explain::failure(explain::on_screen(lang), &error.0), Role::Warning),
    }
}

fn deliveries(state: &AppState, event: &WholeEvent, width: usize) -> Vec<Line> {
    let lang = state.lang;
    let mut lines = Lines::new(lang, width);
    let more = event.row.attempts.saturating_sub(event.deliveries.len() as u64);
    for (i, kept) in event.deliveries.iter().enumerate().rev() {
        lines.heading(&tr!(lang, "events-delivery", n = (i + 1)));
        delivery(&mut lines, kept);
        if !is_whole(event.row.verdict, &kept.delivery) {
            lines.text(&lang.t("replay-cut"), Role::Warning);
        }
    }
    if more > 0 {
        lines.lines.push(Line::new());
        lines.text(&tr!(lang, "events-not-kept", n = grouped(more)), Role::Faint);
    }
    lines.lines
}

fn delivery(lines: &mut Lines, kept: &StoredDelivery) {
    let StoredDelivery { delivery, status, took: micros, detail, forwarded, .. } = kept;
    lines.field("column-time", Some(age::exact(delivery.at)), Role::Plain);
    lines.field("events-peer", Some(delivery.peer.clone()), Role::Plain);
    lines.field("events-target", Some(delivery.target.clone()), Role::Plain);
    let role = if matches!(status, 200..=299) { Role::Plain } else { Role::Warning };
    lines.field("events-status", Some(status.to_string()), role);
    let slow = micros.map(|micros| answered(micros, 0));
    let (text, role) =
        slow.map_or_else(|| (lines.lang.t("events-unanswered"), Role::Faint), |cell| (cell.text, cell.role));
    lines.field("events-column-answered", Some(text), role);
    let [headers, body] = [delivery.headers.len(), delivery.body.len()].map(|bytes| grouped(bytes as u64));
    let sizes = tr!(lines.lang, "events-sizes", headers = headers, body = body);
    lines.field("events-bytes", Some(sizes), Role::Plain);
    let detail = detail.as_deref().map(|detail| explain::refused(lines.lang, detail));
    lines.field("events-detail", detail, Role::Warning);
    if let Some(forwarded) = forwarded {
        let role = if forwarded.accepted { Role::Plain } else { Role::Warning };
        lines.field("events-forwarded", Some(explain::forwarded(lines.lang, forwarded, age::exact)), role);
    }
}

/// The decrypted resource, formatted. Only visible lines are built.
fn payload(
    state: &AppState,
    event: &WholeEvent,
    layout: &PayloadLayout,
    (scroll, rows): (usize, usize),
    width: usize,
) -> (usize, Vec<Line>) {
    if event.resource.is_none() {
        let mut lines = Lines::new(state.lang, width);
        lines.text(&state.lang.t("events-nothing-opened"), Role::Faint);
        return all(lines.lines);
    }
    let count = layout.payload.len();
    let scroll = scroll.min(count.saturating_sub(rows));
    let seen = layout.payload.iter().skip(scroll).take(rows);
    (count, seen.map(|line| json_line(line)).collect())
}

/// The latest request as received: request line, headers, body.
fn raw(
    state: &AppState,
    event: &WholeEvent,
    layout: &PayloadLayout,
    (scroll, rows): (usize, usize),
    width: usize,
) -> (usize, Vec<Line>) {
    let lang = state.lang;
    let Some(kept) = crate::console::tabs::inbox::payload::latest(event) else {
        let mut lines = Lines::new(lang, width);
        lines.text(&lang.t("replay-not-kept"), Role::Faint);
        return all(lines.lines);
    };
    let mut head = Lines::new(lang, width);
    head.text(&tr!(lang, "events-raw-of", at = age::exact(kept.delivery.at), peer = kept.delivery.peer), Role::Faint);
    if !is_whole(event.row.verdict, &kept.delivery) {
        head.text(&lang.t("replay-cut"), Role::Warning);
    }
    head.lines.push(Line::new());
    let plain = |line: &String| vec![(line.clone(), Role::Plain)];
    let between = Line::new();
    let count = head.lines.len() + layout.headers.len() + 1 + layout.body.len();
    let scroll = scroll.min(count.saturating_sub(rows));
    let lines = head
        .lines
        .into_iter()
        .chain(layout.headers.iter().map(|line| vec![(line.clone(), Role::Accent)]))
        .chain([between])
        .chain(layout.body.iter().map(plain));
    // Nothing before the first visible line is built.
    (count, lines.skip(scroll).take(rows).collect())
}
