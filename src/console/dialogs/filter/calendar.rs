//! A calendar from which a day is taken into the filter. Days are those of Beijing.

use ratatui::layout::Rect;
use ratatui::style::Style;
use tui_input::Input;

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::state::AppState;
use crate::console::dialogs::filter::state::Calendar;
use crate::console::dialogs::filter::update as filter;
use crate::console::dialogs::state::Dialog;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::boxed;
use crate::model::filter::{Language, LastTerm, Qualifier};
use crate::model::time::{Date, Duration, beijing_day, day, parse_day};

/// What the day limits, in the order in which a key turns it.
const LIMITS: [Qualifier; 3] = [Qualifier::On, Qualifier::Since, Qualifier::Before];

/// What it is called; that is the same in every table.
fn name(limit: Qualifier) -> &'static str {
    Language::OBJECTS.name(limit)
}

/// Columns of a day.
const CELL: u16 = 4;

/// Opens it on the day that was typed last, else on today.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    let today = beijing_day(state.now);
    let Some(Dialog::Filter(filter)) = state.view.dialogs.last() else { return Vec::new() };
    let last = LastTerm::of(filter.input.value());
    let (limit, typed) = last.qualified(filter.language).unwrap_or((Qualifier::On, ""));
    let limit = if LIMITS.contains(&limit) { limit } else { Qualifier::On };
    let calendar = Calendar { day: parse_day(typed).unwrap_or(today), limit };
    state.view.dialogs.push(Dialog::Calendar(calendar));
    Vec::new()
}

fn change(state: &mut AppState, change: impl FnOnce(&mut Calendar)) -> Vec<Effect> {
    if let Some(Dialog::Calendar(calendar)) = state.view.dialogs.last_mut() {
        change(calendar);
    }
    Vec::new()
}

pub(crate) fn days(state: &mut AppState, by: i64) -> Vec<Effect> {
    change(state, |calendar| calendar.day = calendar.day.checked_add(Duration::days(by)).unwrap_or(calendar.day))
}

pub(crate) fn months(state: &mut AppState, forward: bool) -> Vec<Effect> {
    change(state, |calendar| {
        let at = calendar.day;
        let month = if forward { at.month().next() } else { at.month().previous() };
        let years = match (forward, at.month()) {
            (true, time::Month::December) => 1,
            (false, time::Month::January) => -1,
            _ => 0,
        };
        let year = at.year() + years;
        // The last day of a shorter month.
        let day = at.day().min(month.length(year));
        calendar.day = Date::from_calendar_date(year, month, day).unwrap_or(at);
    })
}

pub(crate) fn today(state: &mut AppState) -> Vec<Effect> {
    let today = beijing_day(state.now);
    change(state, |calendar| calendar.day = today)
}

/// The day itself, from it on, or before it.
pub(crate) fn turn(state: &mut AppState) -> Vec<Effect> {
    change(state, |calendar| {
        let place = LIMITS.iter().position(|limit| *limit == calendar.limit).unwrap_or(0);
        calendar.limit = LIMITS[(place + 1) % LIMITS.len()];
    })
}

/// Puts the day into the filter, in place of a time that is the last term.
pub(crate) fn take(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Calendar(calendar)) = state.view.dialogs.pop_if(|dialog| matches!(dialog, Dialog::Calendar(_)))
    else {
        return Vec::new();
    };
    if let Some(Dialog::Filter(input)) = state.view.dialogs.last_mut() {
        let text = input.input.value();
        let last = LastTerm::of(text);
        let begun = |limit: &Qualifier| !last.text.is_empty() && name(*limit).starts_with(&*last.text);
        let limits = last.qualified(input.language).is_some_and(|(limit, _)| LIMITS.contains(&limit));
        let replaced = limits || LIMITS.iter().any(begun);
        let mut kept = if replaced { text[..last.start].to_owned() } else { text.to_owned() };
        if !kept.is_empty() && !kept.ends_with(char::is_whitespace) {
            kept.push(' ');
        }
        let mark = if replaced && text[last.start..].starts_with('!') { "!" } else { "" };
        input.input = Input::new(format!("{kept}{mark}{}", calendar.term()));
        filter::typed(state);
    }
    Vec::new()
}

/// A click on a day chooses it; again, it is taken.
pub(crate) fn click(state: &mut AppState, date: usize, double: bool) -> Vec<Effect> {
    let Some(Dialog::Calendar(calendar)) = state.view.dialogs.last_mut() else { return Vec::new() };
    let again = usize::from(calendar.day.day()) == date;
    let chosen = u8::try_from(date).ok().and_then(|date| calendar.day.replace_day(date).ok());
    calendar.day = chosen.unwrap_or(calendar.day);
    if again || double { take(state) } else { Vec::new() }
}

impl Calendar {
    /// The term that it puts into the filter.
    pub fn term(&self) -> String {
        format!("{}:{}", name(self.limit), day(self.day))
    }
}

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    calendar: &Calendar,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let first = calendar.day.replace_day(1).unwrap_or(calendar.day);
    let before = u16::from(first.weekday().number_days_from_monday());
    let length = u16::from(first.month().length(first.year()));
    let month = u8::from(first.month());
    let title = tr!(lang, &format!("calendar-month-{month}"), year = first.year().to_string());
    let inner = boxed(canvas, state, &title, area, (7 * CELL + 6, 11), layout);
    let left = inner.x + 3;
    let (faint, strong, accent) = (canvas.styles.faint(), canvas.styles.strong(), canvas.styles.accent());
    for (i, name) in lang.t("calendar-weekdays").split_whitespace().enumerate() {
        canvas.put_right(left + i as u16 * CELL, inner.y, CELL - 1, name, faint);
    }
    let today = beijing_day(state.now);
    // Where not all weeks have room, the chosen one is the last that is shown.
    let weeks = inner.height.saturating_sub(4).max(1);
    let hidden = ((before + u16::from(calendar.day.day()) - 1) / 7 + 1).saturating_sub(weeks);
    for date in 1..=length {
        let cell = before + date - 1;
        let Some(week) = (cell / 7).checked_sub(hidden).filter(|week| *week < weeks) else { continue };
        let place = Rect { x: left + cell % 7 * CELL, y: inner.y + 1 + week, width: CELL - 1, height: 1 };
        let this = first.replace_day(date as u8).unwrap_or(first);
        let style = match this.cmp(&today) {
            std::cmp::Ordering::Equal => accent,
            std::cmp::Ordering::Less => Style::new(),
            std::cmp::Ordering::Greater => faint,
        };
        let style = if this == calendar.day { canvas.styles.button(true, true) } else { style };
        canvas.put(place.x, place.y, CELL - 1, &format!("{date:>3}"), style);
        layout.hit(place, Target::Choice(date.into()));
    }
    let meaning = lang.t(match calendar.limit {
        Qualifier::Since => "calendar-since",
        Qualifier::Before => "calendar-before",
        _ => "calendar-on",
    });
    let used = canvas.put(left, inner.bottom() - 3, inner.width - 3, &calendar.term(), strong);
    canvas.put(left + used + 2, inner.bottom() - 3, inner.width.saturating_sub(used + 5), &meaning, faint);
    for (i, hint) in ["calendar-hint-1", "calendar-hint-2"].into_iter().enumerate() {
        canvas.put(left, inner.bottom() - 2 + i as u16, inner.width - 3, &lang.t(hint), faint);
    }
}
