//! The right side of the status line: the state of the connection. Each part has a place of its own, so that none moves
//! when another comes, goes or changes: what is always there is at the right, what comes and goes is left of it.

use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::state::BulkPhase;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Role;
use crate::model::time::Duration;
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

/// A certificate that expires within this time is warned about.
const CERTIFICATE_WARNING: Duration = Duration::days(30);

/// Round trips below this are drawn low, however similar they are.
const QUICK_MS: u64 = 40;

/// Round trips that are drawn.
const TRIPS: usize = 8;

/// The space between two parts.
const GAP: usize = 2;

/// One part of the status.
struct Part {
    text: String,
    role: Role,
    /// Columns kept for it, whatever it says at the moment.
    place: usize,
    /// On a narrow screen the parts with the highest numbers are left out.
    rank: u8,
}

impl Part {
    fn new(rank: u8, text: String, role: Role) -> Self {
        Self { place: text::width(&text), text, role, rank }
    }

    /// With a place as wide as this text.
    fn kept_for(self, longest: &str) -> Self {
        Self { place: self.place.max(text::width(longest)), ..self }
    }
}

/// Draws the parts that fit between `left` and the right edge.
pub(super) fn draw(canvas: &mut Canvas<'_>, state: &AppState, left: u16, width: u16) {
    let mut parts = parts(state, canvas.clock, width);
    let room = usize::from(width.saturating_sub(left + 1));
    while parts.iter().map(|part| part.place + GAP).sum::<usize>() > room {
        let Some(least) = parts.iter().map(|part| part.rank).max() else { break };
        parts.retain(|part| part.rank != least);
    }
    let mut right = width.saturating_sub(1);
    for part in &parts {
        right = right.saturating_sub(part.place as u16);
        let style = canvas.styles.role(part.role);
        canvas.put_right(right, 0, part.place as u16, &part.text, style);
        right = right.saturating_sub(GAP as u16);
    }
}

/// The parts from right to left.
fn parts(state: &AppState, clock: &Clock, width: u16) -> Vec<Part> {
    let (lang, health) = (state.lang, &state.view.health);
    let mut parts = Vec::new();
    if let Some(last) = health.latency_ms.last() {
        let shown = format!("{} {last} ms", sparkline(&health.latency_ms, TRIPS));
        let longest = format!("{} 9999 ms", "█".repeat(TRIPS));
        parts.push(Part::new(3, shown, Role::Faint).kept_for(&longest));
    }
    if health.requests_per_second > 0 {
        let (used, limit) = (health.requests_last_second, health.requests_per_second);
        let budget = |used| tr!(lang, "status-budget", used = used, limit = limit);
        // A low rate is not shown: it would alternate between 0 and 1.
        let (shown, role) = match used * 10 {
            few if few < limit => (tr!(lang, "status-budget-calm", limit = limit), Role::Faint),
            many if many >= limit * 9 => (budget(used), Role::Warning),
            _ => (budget(used), Role::Faint),
        };
        parts.push(Part::new(2, shown, role).kept_for(&budget(limit)));
    }
    if let Some(at) = health.last_success {
        let shown = tr!(lang, "status-verified", at = clock.moment(at));
        parts.push(Part::new(1, shown, Role::Faint));
    }
    let expires = health.certificate_expires;
    if let Some(at) = expires.filter(|at| width >= 160 && *at - state.now >= CERTIFICATE_WARNING) {
        let date = age::absolute(at).chars().take(10).collect::<String>();
        parts.push(Part::new(5, tr!(lang, "status-certificate", date = date), Role::Faint));
    }
    let queued = if health.queued > 0 { tr!(lang, "status-queued", n = health.queued) } else { String::new() };
    let watching = watching(state, clock);
    if !queued.is_empty() || !watching.is_empty() {
        parts.push(Part::new(4, queued, Role::Faint).kept_for(&tr!(lang, "status-queued", n = 99_usize)));
    }
    for (rank, (shown, longest)) in (6..).zip(watching) {
        parts.push(Part::new(rank, shown, Role::Faint).kept_for(&longest));
    }
    if let Some(bulk) = state.view.bulk.as_ref().filter(|bulk| bulk.is_under_way()) {
        let (id, role) = match bulk.phase {
            BulkPhase::Paused(_) => ("status-bulk-paused", Role::Warning),
            _ => ("status-bulk", Role::Accent),
        };
        let total = bulk.rows.len();
        let longest = tr!(lang, id, done = total, total = total);
        parts.push(Part::new(0, tr!(lang, id, done = bulk.ended(), total = total), role).kept_for(&longest));
    }
    if let Some(at) = expires.filter(|at| *at - state.now < CERTIFICATE_WARNING) {
        let days = (at - state.now).whole_days().max(0);
        clock.note(at - Duration::days(days));
        parts.push(Part::new(0, tr!(lang, "status-certificate-soon", n = days), Role::Warning));
    }
    parts
}

/// The number of watched objects, and when the next is queried; each with the longest text of its place.
fn watching(state: &AppState, clock: &Clock) -> Vec<(String, String)> {
    let (lang, watching) = (state.lang, state.view.watched.latest());
    if watching.objects.is_empty() {
        return Vec::new();
    }
    let count = tr!(lang, "status-watching", n = watching.objects.len());
    // An object that is overdue waits for the budget.
    let next = watching.next.as_ref().filter(|(_, at)| *at > state.now && watching.paused.is_none());
    let next = next.map(|(_, at)| tr!(lang, "status-watching-next", at = clock.moment(*at))).unwrap_or_default();
    vec![(count.clone(), count), (next, tr!(lang, "status-watching-next", at = "00:00:00"))]
}

/// The latest values as bars, relative to the highest.
fn sparkline(values: &[u64], width: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = &values[values.len().saturating_sub(width)..];
    let highest = shown.iter().copied().max().unwrap_or(0).max(QUICK_MS);
    let bar = |value: &u64| BARS[usize::try_from(u128::from(*value) * 7 / u128::from(highest)).unwrap_or(7).min(7)];
    shown.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::fixture::{NOW, open, receive};
    use crate::console::tests::screen::picture;
    use crate::i18n::Lang;
    use crate::services::{Event, Health};

    #[test]
    fn no_part_of_the_status_moves_when_another_comes_goes_or_changes() {
        for lang in [Lang::En, Lang::ZhCn] {
            for width in [80, 120, 160, 200] {
                let mut console = open(lang, (width, 24));
                let usual = console.view.health.clone();
                // The column at which what is always there begins.
                let verified = lang.t("status-verified");
                let word: String = verified.chars().take_while(|c| !c.is_whitespace() && *c != '\u{2068}').collect();
                let place = |picture: &str| {
                    let status = picture.lines().next().unwrap();
                    status.find(word.as_str()).map(|at| text::width(&status[..at]))
                };
                let before = place(&picture(&console));
                assert!(before.is_some(), "{lang:?} {width}: {}", picture(&console));
                for (queued, used, latency) in [(0, 0, 7), (3, 20, 999), (12, 11, 1200), (0, 3, 19)] {
                    let mut latency_ms = usual.latency_ms.clone();
                    latency_ms.push(latency);
                    let health = Health { queued, requests_last_second: used, latency_ms, ..usual.clone() };
                    receive(&mut console, Event::Health(health));
                    assert_eq!(place(&picture(&console)), before, "{lang:?} {width} {queued}");
                }
                let soon = Some(NOW + Duration::days(3));
                receive(&mut console, Event::Health(Health { certificate_expires: soon, ..usual }));
                assert!(width == 80 || place(&picture(&console)) == before);
            }
        }
    }
}
