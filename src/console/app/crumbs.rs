//! Draws the way here into the rule under the tabs: each place can be clicked.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::navigate::crumbs;
use crate::console::app::state::{AppState, Stage};
use crate::console::widgets::canvas::Canvas;
use crate::text;

/// Between two places.
const STEP: &str = " ▸ ";
/// In the place of those that are left out.
const LEFT_OUT: &str = "…";
/// The fewest columns of the present place.
const LEAST: usize = 12;

/// Draws the way here at the beginning of the rule. False if it is no more than the tab: nothing is drawn.
pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, rule: Rect, layout: &mut FrameLayout) -> bool {
    if !matches!(state.stage, Stage::Open(_)) {
        return false;
    }
    let crumbs = crumbs(state);
    if crumbs.len() < 2 {
        return false;
    }
    let shown = shorten(crumbs, usize::from(rule.width.saturating_sub(6)));
    let (faint, strong) = (canvas.styles.faint(), canvas.styles.strong());
    let mut x = rule.x + 2;
    canvas.put(x - 1, rule.y, 1, " ", faint);
    for (nth, (steps, words)) in shown.iter().enumerate() {
        if nth > 0 {
            x += canvas.put(x, rule.y, rule.width, STEP, faint);
        }
        let style = if nth + 1 == shown.len() { strong } else { faint };
        let width = canvas.put(x, rule.y, rule.right().saturating_sub(x + 2), words, style);
        if let Some(steps) = steps.filter(|steps| *steps > 0) {
            layout.hit(Rect { x, y: rule.y, width, height: 1 }, Target::Crumb(steps));
        }
        x += width;
    }
    canvas.put(x, rule.y, 1, " ", faint);
    true
}

/// As many of the places as there is room for: those in the middle are left out first, then the ends are cut.
fn shorten(crumbs: Vec<(usize, String)>, room: usize) -> Vec<(Option<usize>, String)> {
    let mut shown: Vec<(Option<usize>, String)> =
        crumbs.into_iter().map(|(steps, words)| (Some(steps), text::neutralise(&words).into_owned())).collect();
    let width = |shown: &[(Option<usize>, String)]| {
        let words: usize = shown.iter().map(|(_, words)| text::width(words)).sum();
        words + text::width(STEP) * shown.len().saturating_sub(1)
    };
    // The first place stays, and after the gap the last ones.
    while width(&shown) > room && shown.len() > 3 {
        if shown[1].0.is_none() {
            shown.remove(2);
        } else {
            shown[1] = (None, LEFT_OUT.to_owned());
        }
    }
    let over = width(&shown).saturating_sub(room);
    if over > 0
        && let Some((_, last)) = shown.last_mut()
    {
        *last = text::cut_middle(last, text::width(last).saturating_sub(over).max(LEAST)).into_owned();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(room: usize) -> String {
        let crumbs = ["Events", "User paid an order", "SGN000074-02", "91001202611210000000000000000001"];
        let crumbs = crumbs.iter().enumerate().map(|(i, words)| (crumbs.len() - i, (*words).to_owned())).collect();
        shorten(crumbs, room).into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(STEP)
    }

    #[test]
    fn the_middle_of_a_long_way_is_left_out_first_and_its_end_is_cut_last() {
        assert!(words(90).starts_with("Events ▸ User paid an order ▸ SGN000074-02 ▸ 9100"));
        assert_eq!(words(70), "Events ▸ … ▸ SGN000074-02 ▸ 91001202611210000000000000000001");
        assert_eq!(words(50), "Events ▸ … ▸ 91001202611210000000000000000001");
        let cut = words(30);
        assert!(cut.starts_with("Events ▸ … ▸ 91") && cut.ends_with("01") && text::width(&cut) <= 30, "{cut}");
    }
}
