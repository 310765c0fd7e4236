//! Draws the summary of a bill: totals, whether its hash and its own summary are right, and its volume by hour and
//! state.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::state::AppState;
use crate::console::tabs::bills::state::BillReading;
use crate::console::tabs::bills::view::chart;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::explain::timeline::bill_name;
use crate::explain::{Finding, findings};
use crate::i18n::Lang;
use crate::model::bill::{BillDigest, BillGroup, Layout, Totals};
use crate::model::{Progress, Tone};
use crate::services::BillRecord;
use crate::text;
use crate::text::age;

/// Draws all parts, one below the other.
pub(super) fn whole(canvas: &mut Canvas<'_>, state: &AppState, record: &BillRecord, area: Rect) {
    const LABEL: usize = 18;
    let lang = state.lang;
    let strong = canvas.styles.strong();
    canvas.put(area.x, area.y, area.width, &bill_name(lang, record.id), strong);
    let mut y = area.y + 2;
    let mut lines: Vec<Line> = Vec::new();
    match &record.digest {
        Ok(digest) => {
            lines.push(vec![(tr!(lang, "bill-row-count", n = digest.totals.rows()), Role::Plain)]);
            for (id, value) in digest.totals.figures() {
                let label = lang.t(id);
                let space = " ".repeat(LABEL.saturating_sub(text::width(&label)));
                // Sums of several currencies may take more than one line.
                let room = usize::from(area.width).saturating_sub(LABEL).max(1);
                let mut values = text::wrap(&value, room).into_iter();
                let first = values.next().unwrap_or_default();
                lines.push(vec![(label + &space, Role::Faint), (first, Role::Strong)]);
                lines.extend(values.map(|value| vec![(" ".repeat(LABEL) + &value, Role::Strong)]));
            }
            lines.extend(agreement(state, digest, area.width));
        }
        Err(why) => lines.extend(wrapped(&tr!(lang, "bill-unread", why = why), area.width, Role::Warning)),
    }
    let at = age::absolute(record.verified_at);
    let unchanged = state.view.tabs.bills.reading.as_ref().and_then(BillReading::is_unchanged);
    lines.extend(match unchanged {
        Some(false) => wrapped(&lang.t("bill-changed-since"), area.width, Role::Tone(Tone::Failed)),
        _ => wrapped(&tr!(lang, "bill-hash-verified", hash = record.sha1, at = at), area.width, Role::Faint),
    });
    for line in lines.iter().take(usize::from(area.bottom().saturating_sub(y))) {
        canvas.line(area.x, y, area.width, line, Style::new());
        y += 1;
    }
    let Ok(digest) = &record.digest else { return };
    let heading = canvas.styles.role(Role::Heading);
    if y + 10 <= area.bottom() {
        canvas.put(area.x, y + 1, area.width, &lang.t("bill-by-hour"), heading);
        y = chart::draw(canvas, state, digest, Rect { y: y + 2, height: 8, ..area });
    }
    if y + 3 <= area.bottom() {
        let title = match layout(record) {
            Some(Layout::FundFlow) => "bill-by-business",
            _ => "bill-by-state",
        };
        canvas.put(area.x, y + 1, area.width, &lang.t(title), heading);
        y += 2;
        chart::shares(canvas, Rect { y, height: area.bottom() - y, ..area }, &groups(lang, digest));
    }
}

/// Draws the most important figures in a few lines above the rows. Returns how many it took.
pub(super) fn brief(canvas: &mut Canvas<'_>, state: &AppState, reading: &BillReading, area: Rect) -> u16 {
    let (lang, record) = (state.lang, &reading.record);
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    let verdict = match reading.is_unchanged() {
        Some(false) => (lang.t("bill-changed-since"), Role::Tone(Tone::Failed)),
        Some(true) => (format!("✓ {}", lang.t("bill-still-verified")), Role::Tone(Tone::Done)),
        None => (lang.t("bill-being-read"), Role::Faint),
    };
    let title = vec![(bill_name(lang, record.id), Role::Strong), ("  ".to_owned(), Role::Plain), verdict];
    canvas.line(x, area.y, width, &title, Style::new());
    let Ok(digest) = &record.digest else { return 1 };
    let tall = area.height >= 30;
    // Where there is little room, the least important figures are left out.
    let shown = |(id, _): &(&str, String)| tall || !matches!(*id, "bill-settlement" | "bill-refunded");
    let figures = digest.totals.figures().into_iter().filter(shown);
    let figures: Vec<String> = figures.map(|(id, value)| format!("{} {value}", lang.t(id))).collect();
    let mut y = area.y + 1;
    for line in text::wrap(&figures.join(" · "), usize::from(width)).iter().take(2) {
        canvas.put(x, y, width, line, Style::new());
        y += 1;
    }
    let mut agreement = agreement(state, digest, width);
    // Where there is little room, problems come first.
    agreement.sort_by_key(|line| line.iter().all(|(_, role)| *role != Role::Warning));
    for line in agreement.iter().take(if tall { 4 } else { 1 }) {
        canvas.line(x, y, width, line, Style::new());
        y += 1;
    }
    // The rows keep most of a small screen.
    if area.height >= 16 {
        y = chart::draw(canvas, state, digest, Rect { x, y, width, height: if tall { 8 } else { 5 } });
    }
    if tall {
        let groups = groups(lang, digest);
        y = chart::shares(canvas, Rect { x, y, width, height: 6 }, &groups);
    } else if area.height >= 14 {
        let words = by_volume(digest)
            .into_iter()
            .map(|group| format!("{} ×{}", label(lang, digest, group), group.volume.count));
        let faint = canvas.styles.faint();
        canvas.put(x, y, width, &text::fitting(words, " · ", usize::from(width)), faint);
        y += 1;
    }
    y - area.y
}

fn wrapped(text: &str, width: u16, role: Role) -> Vec<Line> {
    text::wrap(&text::neutralise(text), usize::from(width)).into_iter().map(|line| vec![(line, role)]).collect()
}

/// The findings about the file: whether its own summary agrees, and what is missing.
fn agreement(state: &AppState, digest: &BillDigest, width: u16) -> Vec<Line> {
    let line = |finding: Finding| {
        let (mark, role) = match finding {
            Finding::Holds(_) => ("✓", Role::Tone(Tone::Done)),
            Finding::Note(_) => ("–", Role::Faint),
            Finding::Fails(_) => ("✗", Role::Warning),
        };
        wrapped(&format!("{mark} {}", finding.text()), width, role)
    };
    findings(digest, state.lang).into_iter().flat_map(line).collect()
}

/// The groups, largest amount first.
fn by_volume(digest: &BillDigest) -> Vec<&BillGroup> {
    let mut groups: Vec<&BillGroup> = digest.groups.iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.volume.minor));
    groups
}

/// The groups, largest amount first, each with its total, measured by the largest in the same currency.
fn groups(lang: Lang, digest: &BillDigest) -> Vec<(String, String, Progress)> {
    let of = |group: &BillGroup| {
        let same = digest.groups.iter().filter(|other| other.currency == group.currency);
        let most = same.map(|group| group.volume.minor.unsigned_abs()).max().unwrap_or(0);
        let done = group.volume.minor.unsigned_abs();
        // A gauge shows hundredths at most: the last digits of huge amounts are dropped.
        let shift = (128 - most.leading_zeros()).saturating_sub(64);
        let part = |amount: u128| u64::try_from(amount >> shift).unwrap_or(u64::MAX);
        let counted = format!("{} ×{}", group.volume.sum(group.currency), group.volume.count);
        (label(lang, digest, group), counted, Progress { done: part(done), total: part(most) })
    };
    by_volume(digest).into_iter().map(of).collect()
}

/// With several currencies, each group is labelled with its own.
fn label(lang: Lang, digest: &BillDigest, group: &BillGroup) -> String {
    if group.state.is_empty() {
        return "…".to_owned();
    }
    let label = match digest.totals {
        Totals::Trade(_) => {
            let words = [lang.code("bill-state", &group.state), lang.code("trade-type", &group.kind)];
            words.join(" ").trim_end().to_owned()
        }
        Totals::Flow(_) => format!("{} {}", group.state, group.kind),
    };
    let alone = digest.groups.iter().all(|other| other.currency == group.currency);
    if alone { label } else { format!("{label} {}", group.currency.code()) }
}

/// Which layout a bill has, where that is known.
fn layout(record: &BillRecord) -> Option<Layout> {
    match record.digest.as_ref().ok()?.totals {
        Totals::Trade(_) => Some(Layout::Trade),
        Totals::Flow(_) => Some(Layout::FundFlow),
    }
}
