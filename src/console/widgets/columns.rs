//! The widths of a table's columns: as wide as what is in them, those that matter least dropped first where there is no
//! room, or all of them, scrolled sideways behind the first.

/// The space between two columns, and the most of it where there is room.
const GAP: u16 = 2;
const WIDE_GAP: u16 = 4;
/// What a column that takes the remaining width takes of it.
const SPARE: u16 = 30;
/// No content makes a column wider than this.
const LONGEST: u16 = 64;

/// What must not be cut drops other columns up to this width only, which is that of the longest number of WeChat Pay's
/// own: a longer one shows its two ends where there is no room, instead of hiding the amounts.
const WHOLE: u16 = 32;

/// The width of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub min: u16,
    pub ideal: u16,
    /// On a narrow terminal the columns with the highest numbers are dropped first; 0 is never dropped.
    pub priority: u8,
    /// It gets its full width before others do.
    pub first: bool,
    /// It takes the remaining width.
    pub spare: bool,
    pub fit: Fit,
    /// What is in it is this wide, if that was measured.
    pub content: Option<u16>,
}

/// How the width of a column depends on what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// Not at all.
    #[default]
    Fixed,
    /// No wider than what is in it; cut where there is no room.
    Content,
    /// As wide as what is in it: useless if it is cut.
    Whole,
}

/// Which columns of a wide table are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sideways {
    /// All of them at their full width, instead of those that fit.
    pub wide: bool,
    /// How many right of the first are scrolled off.
    pub by: usize,
}

/// Columns with their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Laid {
    /// By the index among all, each with its width.
    pub columns: Vec<(usize, u16)>,
    pub gap: u16,
    /// There are more on the left, or on the right.
    pub before: bool,
    pub after: bool,
    /// How far they can be scrolled.
    pub most: usize,
}

pub(crate) const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false, fit: Fit::Fixed, content: None }
}

impl Need {
    /// The same with what is in it measured.
    pub(crate) fn holding(self, content: u16) -> Self {
        let content = content.clamp(1, LONGEST);
        match self.fit {
            Fit::Fixed => self,
            Fit::Content => {
                let ideal = self.ideal.min(content);
                Self { min: self.min.min(content), ideal, content: Some(content), ..self }
            }
            Fit::Whole => Self { min: content.min(WHOLE), ideal: content, content: Some(content), ..self },
        }
    }

    /// The width at which nothing in it is cut, as far as that is known.
    fn full(&self) -> u16 {
        self.content.filter(|_| self.spare || self.fit == Fit::Whole).unwrap_or(self.ideal).min(self.ideal + SPARE)
    }
}

/// Lays columns out in a width.
pub(crate) fn lay_out(needs: &[Need], width: u16, sideways: Sideways) -> Laid {
    let fitted = widths(needs, width);
    let dropped = fitted.len() < needs.len();
    let most = match (sideways.wide, dropped) {
        (true, _) => most(needs, width),
        // The first step goes from the columns that fit to all of them.
        (false, true) => most(needs, width) + 1,
        (false, false) => 0,
    };
    let by = sideways.by.min(most);
    if !sideways.wide && by == 0 {
        let gap = gap(&fitted, width);
        return Laid { columns: fitted, gap, before: false, after: dropped, most };
    }
    let by = if sideways.wide { by } else { by - 1 };
    let (columns, all) = scrolled(needs, width, by);
    let gap = if all { gap(&columns, width) } else { GAP };
    Laid { columns, gap, before: by > 0, after: !all, most }
}

/// The width of the first column where the others are scrolled behind it.
fn frozen(needs: &[Need], width: u16) -> u16 {
    needs.first().map_or(0, |need| need.full().min(width / 2))
}

/// The first column and as many as fit of those behind the first `by` others; and whether that is all of them.
fn scrolled(needs: &[Need], width: u16, by: usize) -> (Vec<(usize, u16)>, bool) {
    let mut columns = vec![(0, frozen(needs, width))];
    let mut left = width.saturating_sub(frozen(needs, width));
    for (at, need) in needs.iter().enumerate().skip(1 + by) {
        let room = left.saturating_sub(GAP);
        // The first of them is always there, cut if need be.
        let least = if columns.len() == 1 { 1 } else { need.min };
        if room < least {
            return (columns, false);
        }
        let taken = need.full().min(room);
        columns.push((at, taken));
        left = room - taken;
    }
    (columns, true)
}

/// How far the columns must be scrolled to see the last one.
fn most(needs: &[Need], width: u16) -> usize {
    (0..needs.len().saturating_sub(1)).find(|by| scrolled(needs, width, *by).1).unwrap_or(needs.len().saturating_sub(2))
}

/// The space between columns: more where there is room.
fn gap(columns: &[(usize, u16)], width: u16) -> u16 {
    let taken: u16 = columns.iter().map(|(_, width)| width).sum();
    let gaps = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    width.saturating_sub(taken).checked_div(gaps).unwrap_or(GAP).clamp(GAP, WIDE_GAP)
}

/// Which columns fit, and how wide each is: the least important are dropped first; what is left is given to those that
/// can be wider, and finally to the one that takes the remaining width.
pub(crate) fn widths(needs: &[Need], width: u16) -> Vec<(usize, u16)> {
    let mut needs = needs.to_vec();
    let mut left: Vec<usize> = (0..needs.len()).collect();
    let needed = |needs: &[Need], left: &[usize]| {
        left.iter().map(|at| needs[*at].min.saturating_add(GAP)).sum::<u16>().saturating_sub(GAP)
    };
    while needed(&needs, &left) > width {
        // Of columns that matter alike, the last goes first, and the others only if they must.
        let droppable = left.iter().copied().filter(|at| needs[*at].priority > 0);
        let Some(least) = droppable.max_by_key(|at| needs[*at].priority) else { break };
        left.retain(|at| *at != least);
    }
    // A narrow one may fit although a wide one that matters more did not.
    let mut dropped: Vec<usize> = (0..needs.len()).filter(|at| !left.contains(at)).collect();
    dropped.sort_by_key(|at| needs[*at].priority);
    for at in dropped {
        let mut with = left.clone();
        with.insert(left.partition_point(|other| *other < at), at);
        if needed(&needs, &with) <= width {
            left = with;
        }
    }
    // Not even those that are never dropped fit: the widest are cut.
    while let over = needed(&needs, &left).saturating_sub(width)
        && over > 0
        && let Some(widest) = left.iter().copied().max_by_key(|at| needs[*at].min)
        && needs[widest].min > 1
    {
        let next = left.iter().filter(|at| **at != widest).map(|at| needs[*at].min).max().unwrap_or(0);
        let cut = (needs[widest].min - next).max(1).min(over);
        needs[widest].min -= cut;
        needs[widest].ideal = needs[widest].min;
    }
    let mut spare = width.saturating_sub(needed(&needs, &left));
    let mut fitted: Vec<(usize, u16)> = left.into_iter().map(|at| (at, needs[at].min)).collect();
    for (at, width) in fitted.iter_mut().filter(|(at, _)| needs[*at].first) {
        let more = (needs[*at].ideal - needs[*at].min).min(spare);
        *width += more;
        spare -= more;
    }
    // The others get one column each in turn.
    while spare > 0 {
        let before = spare;
        for (at, width) in &mut fitted {
            let more = u16::from(spare > 0 && *width < needs[*at].ideal);
            *width += more;
            spare -= more;
        }
        if spare == before {
            break;
        }
    }
    if let Some((at, width)) = fitted.iter_mut().find(|(at, _)| needs[*at].spare) {
        let wanted = needs[*at].content.map_or(SPARE, |content| content.saturating_sub(*width));
        *width += spare.min(SPARE).min(wanted);
    }
    fitted
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A table of these columns is never wider than its place, and this one is visible at any width from `least`.
    pub(crate) fn assert_fits(needs: &[Need], least: u16, kept: usize) {
        for width in least..220 {
            for sideways in [Sideways::default(), Sideways { wide: true, by: 0 }, Sideways { wide: false, by: 3 }] {
                let laid = lay_out(needs, width, sideways);
                let taken: u16 = laid.columns.iter().map(|(_, width)| width + laid.gap).sum::<u16>() - laid.gap;
                assert!(taken <= width, "{needs:?} at {width} {sideways:?}");
            }
            let fitted = widths(needs, width);
            assert!(fitted.iter().any(|(at, _)| *at == kept), "{needs:?} at {width}");
        }
    }

    fn whole(width: u16, priority: u8) -> Need {
        Need { fit: Fit::Whole, ..need(6, 28, priority) }.holding(width)
    }

    fn words(width: u16, priority: u8) -> Need {
        Need { fit: Fit::Content, spare: true, ..need(8, 20, priority) }.holding(width)
    }

    #[test]
    fn a_column_is_as_wide_as_what_is_in_it() {
        assert_eq!(widths(&[whole(12, 0), words(5, 1), whole(9, 2)], 100), [(0, 12), (1, 5), (2, 9)]);
        // A long text takes what is left, and is cut where nothing is.
        assert_eq!(widths(&[whole(12, 0), words(40, 1), whole(9, 2)], 100)[1], (1, 40));
        assert_eq!(widths(&[whole(12, 0), words(40, 1), whole(9, 2)], 40)[1], (1, 15));
    }

    #[test]
    fn what_must_not_be_cut_drops_others_first_and_is_cut_only_where_it_stands_alone() {
        let needs = [whole(32, 0), words(20, 3), whole(28, 7), whole(13, 0)];
        assert_eq!(widths(&needs, 60), [(0, 32), (1, 11), (3, 13)]);
        assert_eq!(widths(&needs, 50), [(0, 32), (3, 13)]);
        assert_eq!(widths(&needs, 30), [(0, 15), (3, 13)]);
    }

    #[test]
    fn of_columns_that_matter_alike_only_as_many_are_dropped_as_must_be() {
        let needs = [whole(28, 0), whole(16, 0), whole(10, 1), whole(10, 1)];
        assert_eq!(widths(&needs, 66), [(0, 28), (1, 16), (2, 10)]);
        assert_eq!(widths(&needs, 50), [(0, 28), (1, 16)]);
    }

    #[test]
    fn a_narrow_column_fits_where_a_wide_one_that_matters_more_does_not() {
        let needs = [whole(20, 0), whole(30, 2), whole(8, 3), whole(9, 1)];
        assert_eq!(widths(&needs, 50), [(0, 20), (2, 8), (3, 9)]);
    }

    #[test]
    fn a_number_longer_than_any_of_wechat_pays_own_hides_no_amount() {
        let needs = [whole(37, 0), whole(16, 0), whole(9, 1)];
        assert_eq!(widths(&needs, 64), [(0, 35), (1, 16), (2, 9)]);
        assert_eq!(widths(&needs, 70), [(0, 37), (1, 16), (2, 9)]);
    }

    #[test]
    fn every_column_is_reached_sideways_behind_the_first() {
        let needs: Vec<Need> = [20, 18, 16, 12, 12, 30, 10].map(|width| whole(width, 1)).into();
        for width in [30u16, 60, 77] {
            let Laid { most, after, .. } = lay_out(&needs, width, Sideways::default());
            assert!(most > 0 && after);
            let mut reached = vec![false; needs.len()];
            assert_eq!(lay_out(&needs, width, Sideways { wide: true, by: 0 }).most, most - 1);
            for by in 1..=most {
                let laid = lay_out(&needs, width, Sideways { wide: false, by });
                assert_eq!(laid.columns[0], (0, 20.min(width / 2)), "the first stays");
                assert_eq!((laid.before, laid.after), (by > 1, by < most));
                laid.columns.iter().for_each(|(at, _)| reached[*at] = true);
            }
            assert!(reached.iter().all(|reached| *reached), "{width}");
            let end = lay_out(&needs, width, Sideways { wide: false, by: 99 });
            assert_eq!(end, lay_out(&needs, width, Sideways { wide: false, by: most }));
            assert_eq!(end.columns.last().map(|(at, _)| *at), Some(6));
        }
        assert_eq!(lay_out(&needs, 200, Sideways { wide: false, by: 3 }).most, 0, "all are there already");
    }

    #[test]
    fn room_that_nobody_needs_is_between_the_columns() {
        let needs = [whole(10, 0), whole(10, 0), whole(10, 0)];
        assert_eq!([34, 36, 38, 90].map(|width| lay_out(&needs, width, Sideways::default()).gap), [2, 3, 4, 4]);
    }
}
