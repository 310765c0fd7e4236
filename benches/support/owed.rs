//! A line for each target: what was measured, beside what, the figure, and whether it is what we owe.

use std::ops::{Bound, RangeBounds};

/// Prints the line of a target: `ours` and `peer` say what was measured in words, `owed` is where the figure must be.
pub fn report(what: &str, ours: &str, peer: &str, figure: f64, owed: impl RangeBounds<f64>) {
    let bound = |bound: Bound<&f64>| match bound {
        Bound::Included(target) | Bound::Excluded(target) => Some(*target),
        Bound::Unbounded => None,
    };
    let least = bound(owed.start_bound()).map(|target| format!("≥ {target}"));
    let most = bound(owed.end_bound()).map(|target| format!("≤ {target}"));
    let target = [least, most].into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let met = if owed.contains(&figure) { "met" } else { "not met" };
    let beside = if peer.is_empty() { String::new() } else { format!("; {peer}") };
    println!("{what}: {ours}{beside}; {figure:.2}, target {target}: {met}");
}
