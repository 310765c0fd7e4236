//! The strip above a table: the share of each state as a bar with its figures, the last 24 hours, the sum. A share
//! filters the table; chosen again, it no longer does.

use ratatui::layout::Rect;

use crate::console::app::command::{NotReady, Ready, open};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::state::AppState;
use crate::console::tabs::objects::list::List;
use crate::console::tabs::objects::shares::Strip;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Role;
use crate::model::filter::Filter;
use crate::model::{Sum, Tone};
use crate::text;

/// On a lower screen the rows are worth more.
const LEAST_HEIGHT: u16 = 28;
/// The columns of the bar.
const BAR: (u16, u16) = (8, 32);
/// The shares differ in height, too, so that no colour is needed to see where one ends.
const LEVELS: [&str; 7] = ["▇", "▆", "▅", "▄", "▃", "▂", "▁"];

/// True if the strip has a place above this table.
pub(crate) fn is_shown(state: &AppState, list: &List) -> bool {
    let any = list.strip.as_ref().is_some_and(|strip| strip.tones().next().is_some());
    state.size.1 >= LEAST_HEIGHT && any
}

/// Draws the strip. Returns what is left for the table.
pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    list: &List,
    area: Rect,
    layout: &mut FrameLayout,
) -> Rect {
    let Some(strip) = list.strip.as_ref().filter(|_| is_shown(state, list)) else { return area };
    let figures: Vec<(Tone, u64, String)> =
        strip.tones().map(|(tone, count)| (tone, count, format!(" {}{count} ", tone.glyph()))).collect();
    let width = |texts: &[String]| texts.iter().map(|text| text::width(text)).sum::<usize>() as u16;
    let taken = width(&figures.iter().map(|(.., text)| text.clone()).collect::<Vec<_>>());
    // The bar grows with what the right side leaves; the right side gives way first.
    let room = area.width.saturating_sub(3 + taken);
    let right = right(state, list, strip, room.saturating_sub(BAR.0 + 2));
    let right_width = width(&right.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>());
    let bar = room.saturating_sub(right_width + 2).clamp(BAR.0, BAR.1);
    let mut x = area.x + 1;
    let chosen = list.filter().share();
    for (nth, ((tone, ..), columns)) in figures.iter().zip(columns(&figures, bar)).enumerate() {
        let style = canvas.styles.tone(*tone);
        let symbol = if text::ambiguous::is_wide() { "=" } else { LEVELS[nth.min(LEVELS.len() - 1)] };
        let place = Rect { x, y: area.y, width: columns, height: 1 };
        canvas.put(x, area.y, columns, &symbol.repeat(usize::from(columns)), style);
        layout.hit(place, Target::Share(*tone));
        x += columns;
    }
    x += 1;
    for (tone, _, text) in &figures {
        let is_chosen =
            chosen.is_some_and(|glyph| glyph == tone.glyph() || (glyph == Filter::PROBLEMS && tone.is_problem()));
        let style = if is_chosen { canvas.styles.tab(true) } else { canvas.styles.tone(*tone) };
        let width = canvas.put(x, area.y, area.right().saturating_sub(x), text, style);
        layout.hit(Rect { x, y: area.y, width, height: 1 }, Target::Share(*tone));
        x += width;
    }
    let from = area.right().saturating_sub(right_width + 1);
    canvas.line(from, area.y, right_width, &right, ratatui::style::Style::new());
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// The last 24 hours and the sum, as far as there is room: first the day's sum goes, then half of the bars, then the sum
/// of all, which the line below the table has, too.
fn right(state: &AppState, list: &List, strip: &Strip, room: u16) -> Vec<(String, Role)> {
    let lang = state.lang;
    let amounts = |sums: &[Sum]| sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
    let day = |together: usize| match strip.is_quiet() {
        // A flat line says nothing.
        true => Vec::new(),
        false => vec![(format!("{} ", lang.t("strip-day")), Role::Faint), (strip.sparkline(together), Role::Accent)],
    };
    let day_sum = match strip.day().is_empty() {
        true => Vec::new(),
        false => vec![(format!(" {}", amounts(strip.day())), Role::Plain)],
    };
    let sum: Vec<(String, Role)> = match list.totals().filter(|totals| !totals.sums.is_empty()) {
        Some(totals) => {
            vec![(format!("   {} ", lang.t("strip-sum")), Role::Faint), (amounts(&totals.sums), Role::Amount)]
        }
        None => Vec::new(),
    };
    let ways = [
        [day(1), day_sum.clone(), sum.clone()].concat(),
        [day(1), sum.clone()].concat(),
        [day(2), sum.clone()].concat(),
        [day(2), day_sum].concat(),
        day(2),
        sum,
    ];
    let width = |line: &[(String, Role)]| line.iter().map(|(text, _)| text::width(text)).sum::<usize>();
    ways.into_iter().find(|way| width(way) <= usize::from(room)).unwrap_or_default()
}

/// The columns of each share of the bar. None vanishes, and together they are the bar.
fn columns(figures: &[(Tone, u64, String)], bar: u16) -> Vec<u16> {
    let total: u64 = figures.iter().map(|(_, count, _)| count).sum::<u64>().max(1);
    let whole = |count: u64| (u128::from(count) * u128::from(bar) / u128::from(total)) as u16;
    let mut columns: Vec<u16> = figures.iter().map(|(_, count, _)| whole(*count).max(1)).collect();
    let largest = (0..columns.len()).max_by_key(|at| columns[*at]).unwrap_or(0);
    let sum: u16 = columns.iter().sum();
    if let Some(column) = columns.get_mut(largest) {
        *column = (*column + bar).saturating_sub(sum).max(1);
    }
    columns
}

/// Shows the rows of a share only; all again if it was chosen.
pub(crate) fn choose(state: &mut AppState, tone: Tone) -> Vec<Effect> {
    toggle(state, tone.glyph())
}

/// Goes to the next share, after the last one to all rows.
pub(crate) fn next(state: &mut AppState) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let chosen = list.filter().share().map(str::to_owned);
    let tones: Vec<Tone> =
        list.strip.iter().flat_map(|strip| strip.tones().collect::<Vec<_>>()).map(|(tone, _)| tone).collect();
    let at = tones.iter().position(|tone| Some(tone.glyph()) == chosen.as_deref());
    match (at.map_or(0, |at| at + 1), chosen) {
        (next, _) if next < tones.len() => toggle(state, tones[next].glyph()),
        (_, Some(last)) => toggle(state, &last),
        _ => Vec::new(),
    }
}

fn toggle(state: &mut AppState, glyph: &str) -> Vec<Effect> {
    if let Some(list) = state.list_mut() {
        let filter = list.filter().toggled_share(glyph);
        list.set_filter(filter);
    }
    Vec::new()
}

/// There is something to choose from.
pub(crate) fn choosable(state: &AppState) -> Ready {
    open(state)?;
    let any = state.list().and_then(|list| list.strip.as_ref()).is_some_and(|strip| !strip.is_empty());
    if any { Ok(()) } else { Err(NotReady::Blocked("blocked-nothing-selected")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tabs::objects::shares::ORDER;

    #[test]
    fn no_share_vanishes_from_the_bar_and_together_they_fill_it() {
        let figures = |counts: &[u64]| -> Vec<(Tone, u64, String)> {
            counts.iter().zip(ORDER).map(|(count, tone)| (tone, *count, String::new())).collect()
        };
        assert_eq!(columns(&figures(&[1, 1]), 8), [4, 4]);
        assert_eq!(columns(&figures(&[1_000_000, 1, 1]), 20), [18, 1, 1]);
        for counts in [vec![5], vec![3, 3, 3], vec![1; 7], vec![u64::MAX / 8; 7], vec![0, 9]] {
            let columns = columns(&figures(&counts), 16);
            assert_eq!(columns.iter().sum::<u16>(), 16, "{counts:?}");
            assert!(columns.iter().all(|column| *column > 0), "{counts:?}");
        }
    }
}
