//! The chart of a bill's day: what came in stands above a base line, what went out hangs below it, both on one scale.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::console::app::state::AppState;
use crate::console::widgets::canvas::Canvas;
use crate::model::bill::{BillDigest, Hours, Volume};
use crate::model::{Currency, Progress, Tone};
use crate::text;

/// Blocks that are filled from below, by eighths.
const BLOCKS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The base line and the hours.
const FIXED: u16 = 2;

/// How the chart uses its rows: rows above and below the base line, and what a number of eighths of a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    above: u16,
    below: u16,
    /// This amount is this many rows high.
    amount: u128,
    rows: u16,
}

impl Scale {
    /// The largest scale at which both peaks fit into this many rows.
    fn fitting(came: u128, went: u128, rows: u16) -> Self {
        let alone = |above, below, amount| Self { above, below, amount, rows };
        match (came, went) {
            (_, 0) => return alone(rows, 0, came),
            (0, _) => return alone(0, rows, went),
            _ if rows < 2 => return alone(rows, 0, came),
            _ => {}
        }
        let split = |above: u16| {
            let below = rows - above;
            // The side that needs the smaller scale decides.
            let came_decides = came.saturating_mul(u128::from(below)) >= went.saturating_mul(u128::from(above));
            let (amount, high) = if came_decides { (came, above) } else { (went, below) };
            Self { above, below, amount, rows: high }
        };
        let better = |one: Self, other: Self| {
            let (new, old) = (u128::from(other.rows), u128::from(one.rows));
            if new.saturating_mul(one.amount) > old.saturating_mul(other.amount) { other } else { one }
        };
        (2..rows).map(split).fold(split(1), better)
    }

    /// The height of an amount in eighths of a row; anything more than nothing is visible.
    fn eighths(self, volume: Volume) -> u64 {
        let minor = volume.minor.unsigned_abs();
        if volume.count == 0 || self.amount == 0 {
            return 0;
        }
        let most = u128::from(self.rows) * 8;
        // For amounts too large to be multiplied, integer division is accurate enough.
        let divided = || minor / (self.amount / most).max(1);
        let height = minor.checked_mul(most).map_or_else(divided, |minor| (minor + self.amount / 2) / self.amount);
        u64::try_from(height).unwrap_or(u64::MAX).max(1)
    }
}

/// Draws the chart. Returns the line after it.
pub(super) fn draw(canvas: &mut Canvas<'_>, state: &AppState, digest: &BillDigest, area: Rect) -> u16 {
    // Of several currencies, the one with the most rows.
    let count = |clock: &&Hours| clock.hours.iter().flatten().map(|volume| volume.count).sum::<u64>();
    let Some(most_sold) = digest.hours.iter().max_by_key(count) else { return area.y };
    let (currency, hours) = (most_sold.currency, most_sold.hours);
    let most = |side: usize| hours.iter().map(|hour| hour[side].minor.unsigned_abs()).max().unwrap_or(0);
    let (came, went) = (most(0), most(1));
    let scale = Scale::fitting(came, went, area.height.saturating_sub(FIXED).max(1));
    let sides = [("bill-column-in", came), ("bill-column-out", went)];
    let peaks = sides.map(|(id, amount)| peak(state, id, amount, currency));
    let labels = peaks.iter().map(|peak| text::width(peak)).max().unwrap_or(0) as u16;
    let left = area.x + labels + 2;
    let wide = (area.right().saturating_sub(left) / 24).clamp(1, 4);
    let base = area.y + scale.above;
    let (faint, accent, busy) = (canvas.styles.faint(), canvas.styles.accent(), canvas.styles.tone(Tone::Busy));
    for y in area.y..=base + scale.below {
        canvas.put(left - 2, y, 2, if y == base { " ┼" } else { " │" }, faint);
    }
    canvas.rule(left, base, 24 * wide, "─", faint);
    canvas.put_right(area.x, base, labels, "0", faint);
    let bar = |canvas: &mut Canvas<'_>, hour: usize, y: u16, filled: u64, hanging: bool, style: Style| {
        // A block that hangs is one that stands, with its colours exchanged.
        let (block, style) = match (filled, hanging) {
            (1..=7, true) => (BLOCKS[8 - filled as usize], style.add_modifier(Modifier::REVERSED)),
            _ => (BLOCKS[filled.min(8) as usize], style),
        };
        let x = left + hour as u16 * wide;
        canvas.put(x, y, wide, &block.repeat(usize::from(wide.saturating_sub(1).max(1))), style);
    };
    for (hour, [into, out]) in hours.iter().enumerate() {
        let (up, down) = (scale.eighths(*into), scale.eighths(*out));
        for row in 0..scale.above {
            let filled = up.saturating_sub(u64::from(row) * 8).min(8);
            if filled > 0 {
                bar(canvas, hour, base - 1 - row, filled, false, accent);
            }
        }
        for row in 0..scale.below {
            let filled = down.saturating_sub(u64::from(row) * 8).min(8);
            if filled > 0 {
                bar(canvas, hour, base + 1 + row, filled, true, busy);
            }
        }
    }
    // Each peak is named where it ends.
    let rows_of = |side: usize, room: u16| {
        let highest = hours.iter().map(|hour| scale.eighths(hour[side])).max().unwrap_or(0);
        (highest.div_ceil(8) as u16).clamp(1, room.max(1))
    };
    for (side, (room, style)) in [(scale.above, accent), (scale.below, busy)].into_iter().enumerate() {
        if room > 0 && !peaks[side].is_empty() {
            let rows = rows_of(side, room);
            let y = if side == 0 { base - rows } else { base + rows };
            canvas.put_right(area.x, y, labels, &peaks[side], style);
            canvas.put(left - 1, y, 1, "┤", faint);
        }
    }
    let y = base + scale.below + 1;
    for hour in (0..24).step_by(6) {
        canvas.put(left + hour * wide, y, 2, &format!("{hour:02}"), faint);
    }
    y + 1
}

/// The highest amount of a side in words; nothing if there was none.
fn peak(state: &AppState, id: &str, amount: u128, currency: Currency) -> String {
    let volume = Volume { count: 1, minor: i128::try_from(amount).unwrap_or(i128::MAX) };
    if amount == 0 { String::new() } else { format!("{} {}", state.lang.t(id), volume.sum(currency)) }
}

/// Draws a label, a bar and its figure in each line, as many as fit. The bars have one length, the figures one end.
/// Returns the line after them.
pub(super) fn shares(canvas: &mut Canvas<'_>, area: Rect, shares: &[(String, String, Progress)]) -> u16 {
    let labels = 28.min(area.width / 2);
    let figures = shares.iter().map(|(_, figure, _)| text::width(figure) as u16).max().unwrap_or(0);
    let bar = area.width.saturating_sub(labels + 2 + figures).min(24);
    let accent = canvas.styles.accent();
    let x = area.x + labels + 1;
    for (y, (label, figure, progress)) in (area.y..area.bottom()).zip(shares) {
        canvas.put(area.x, y, labels, label, Style::new());
        canvas.bar(x, y, bar, *progress, accent);
        let room = area.right().saturating_sub(x + bar + 1);
        canvas.put_right(x + bar + 1, y, figures.min(room), figure, Style::new());
    }
    area.y + area.height.min(shares.len() as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(minor: i128) -> Volume {
        Volume { count: u64::from(minor != 0), minor }
    }

    #[test]
    fn both_sides_have_one_scale_and_the_peaks_fit() {
        for (came, went, rows) in [(18_700, 24_600, 5), (14_600, 16_800, 6), (77_274, 22_002, 5), (1, 1_000_000, 5)] {
            let scale = Scale::fitting(came, went, rows);
            assert_eq!(scale.above + scale.below, rows, "{scale:?}");
            let (up, down) = (scale.eighths(volume(came as i128)), scale.eighths(volume(went as i128)));
            assert!(up <= u64::from(scale.above) * 8 && down <= u64::from(scale.below) * 8, "{scale:?}");
            // The same amount is as high on either side: there is only one scale.
            let ratio = (up as f64 / down as f64) / (came as f64 / went as f64);
            assert!(came == 1 || (0.8..1.25).contains(&ratio), "{scale:?} {up} {down}");
        }
    }

    #[test]
    fn a_side_without_money_takes_no_room_and_huge_amounts_do_not_overflow() {
        assert_eq!(Scale::fitting(500, 0, 5), Scale { above: 5, below: 0, amount: 500, rows: 5 });
        assert_eq!(Scale::fitting(0, 500, 5), Scale { above: 0, below: 5, amount: 500, rows: 5 });
        assert_eq!(Scale::fitting(0, 0, 5).eighths(volume(0)), 0);
        let huge = Scale::fitting(u128::MAX / 3, u128::MAX / 2, 5);
        assert_eq!(huge.eighths(volume(1)), 1, "anything more than nothing is visible");
        assert!(huge.eighths(Volume { count: 1, minor: i128::MAX }) <= 40);
    }
}
