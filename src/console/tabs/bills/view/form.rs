//! Draws the form to download a bill: its kind and its day.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::dialogs::prefilled;
use crate::console::tabs::bills::state::{BillField, BillForm, DayProblem};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{boxed, input};
use crate::text;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, form: &BillForm, area: Rect, layout: &mut FrameLayout) {
    const LABEL: u16 = 12;
    let lang = state.lang;
    let inner = boxed(canvas, state, &lang.t("bill-form-title"), area, (70, 10), layout);
    let (strong, faint, warning) = (canvas.styles.strong(), canvas.styles.faint(), canvas.styles.warning());
    let mut y = inner.y;
    for (i, at) in BillField::ALL.into_iter().enumerate() {
        let focused = form.focus == at;
        let (label, value) = match at {
            BillField::Kind => ("bill-field-kind", format!("bill-{}", form.kind.noun())),
            BillField::Which => ("bill-field-which", format!("bill-{}", form.kind.word())),
            BillField::Day => ("bill-column-day", String::new()),
        };
        canvas.put(inner.x, y, LABEL, &lang.t(label), if focused { strong } else { faint });
        let (x, width) = (inner.x + LABEL + 1, inner.width.saturating_sub(LABEL + 1));
        match at {
            BillField::Day => {
                input(canvas, x, y, width, &form.day, focused, layout);
                if focused && !form.touched {
                    prefilled::mark(canvas, &form.day, Rect { x, y, width, height: 1 });
                }
                let (words, style) = match form.shown_problem(state.now) {
                    Some(DayProblem::NotADay) => (format!("✗ {}", lang.t("bill-day-not")), warning),
                    Some(DayProblem::GoesOn) => {
                        let day = form.day.value().trim().to_owned();
                        (format!("✗ {}", tr!(lang, "bill-day-goes-on", day = day)), warning)
                    }
                    None if focused => (lang.t("bill-day-rule"), faint),
                    None => (String::new(), faint),
                };
                canvas.put(x, y + 1, width, &words, style);
            }
            BillField::Kind | BillField::Which => {
                let style = if focused { canvas.styles.accent() } else { Style::new() };
                canvas.put(x, y, width, &format!("‹ {} ›", lang.t(&value)), style);
            }
        }
        layout.hit(Rect { x: inner.x, y, width: inner.width, height: 1 }, Target::Field(i));
        y += 2;
    }
    y += 1;
    let words = lang.t("bill-form-unsigned");
    for line in text::wrap(&words, usize::from(inner.width)) {
        canvas.put(inner.x, y, inner.width, &line, faint);
        y += 1;
    }
}
