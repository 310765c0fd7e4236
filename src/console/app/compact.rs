//! The screen of a small terminal: one line about the account, the list or the detail, the hints. What must not be cut,
//! such as a form or a confirmation, is not drawn and takes no key but the one that closes it.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::chrome;
use crate::console::app::command::ESC;
use crate::console::app::frame_layout::{FrameLayout, MIN_SIZE, Target};
use crate::console::app::hints;
use crate::console::app::room::needs_room;
use crate::console::app::state::{AppState, Stage};
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::view as dialogs;
use crate::console::tabs::across::view as across_view;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::boxed;
use crate::console::widgets::toasts;
use crate::explain;
use crate::text;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    head(canvas, state, area.width);
    let top = 1 + trouble(canvas, state, area.width);
    let main = Rect { y: top, height: area.height.saturating_sub(top + 1), ..area };
    match &state.stage {
        Stage::Opening(profile) => chrome::opening(canvas, state, profile.as_deref(), main),
        Stage::Failed(explanation, _) => chrome::failed(canvas, state, explanation, main),
        Stage::Open(_) => {
            let pane = state.pane();
            if state.scroll().is_some() {
                layout.visible = pane.shown_object(state).cloned().into_iter().collect();
                pane.draw_detail(canvas, state, main, layout);
            } else {
                pane.draw(canvas, state, main, layout);
            }
        }
    }
    toasts::draw(canvas, state, main);
    let dialog = state.view.dialogs.last();
    let typed_below = matches!(dialog, Some(Dialog::Filter(_)));
    if dialog.is_some() && !typed_below {
        // A click must not reach what is under a dialog.
        layout.hits.clear();
    }
    if !typed_below {
        hints::draw(canvas, state, area.height.saturating_sub(1), area.width, layout);
    }
    match dialog {
        Some(dialog) if needs_room(dialog) => no_room(canvas, state, area, layout),
        Some(dialog) => {
            let keys: Vec<(Rect, Target)> = layout.hits.clone();
            dialogs::draw(canvas, state, dialog, area, layout);
            layout.hits.extend(keys);
        }
        None => {}
    }
}

/// Whose money it is, and what is listed.
fn head(canvas: &mut Canvas<'_>, state: &AppState, width: u16) {
    let lang = state.lang;
    let strong = canvas.styles.strong();
    let Some(account) = state.account() else {
        canvas.put(1, 0, width.saturating_sub(1), "Paydeck", strong);
        return;
    };
    if state.across().is_some() {
        return across_view::status(canvas, state, width);
    }
    let badge = lang.environment(account.environment);
    let style = canvas.styles.environment(account.environment);
    let mut x = canvas.put(0, 0, width, &format!(" {badge} "), style) + 1;
    let tab = &state.tabs[state.tab];
    let shown = state.list().and_then(|list| list.totals()).map(|totals| totals.shown);
    let count = tab.pane.count(state).map(|count| match shown.filter(|shown| *shown != count) {
        Some(shown) => format!(" {shown}/{count}"),
        None => format!(" {count}"),
    });
    let count = count.unwrap_or_default();
    let name = format!("{}{count}", lang.t(&format!("tab-{}", tab.id)));
    x += canvas.put(x, 0, width.saturating_sub(x), &name, strong) + 1;
    let faint = canvas.styles.faint();
    x += canvas.put(x, 0, width.saturating_sub(x), &account.name, faint) + 1;
    if let Some(filter) = state.list().map(|list| list.filter()).filter(|filter| !filter.is_empty()) {
        let accent = canvas.styles.accent();
        let words = match filter.asks_problems() {
            true => lang.t("totals-problems"),
            false => format!("/{filter}"),
        };
        canvas.put(x, 0, width.saturating_sub(x), &words, accent);
    }
}

/// One line of what is wrong, if anything is. Returns the lines it took.
fn trouble(canvas: &mut Canvas<'_>, state: &AppState, width: u16) -> u16 {
    let lang = state.lang;
    let damaged = state.view.unsound.as_ref().map(|_| lang.t("what-ledger-unsound"));
    let unreachable = || {
        let trouble = state.view.health.trouble.as_ref()?;
        Some(explain::api_error(explain::on_screen(lang), &trouble.error).what)
    };
    let insecure = || state.account().filter(|account| account.insecure).map(|_| lang.t("badge-insecure"));
    let Some(words) = damaged.or_else(unreachable).or_else(insecure) else { return 0 };
    let banner = canvas.styles.banner();
    canvas.fill(Rect { x: 0, y: 1, width, height: 1 }, banner);
    canvas.put(1, 1, width.saturating_sub(2), &words, banner);
    1
}

/// In place of a dialog that would be cut.
fn no_room(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let key = state.bound(ESC).map(|key| key.to_string()).unwrap_or_default();
    let words = tr!(state.lang, "small-no-room", width = MIN_SIZE.0, height = MIN_SIZE.1, key = key);
    let lines = text::wrap(&words, usize::from(area.width.saturating_sub(6).clamp(1, 60)));
    let keys = layout.hits.clone();
    let inner = boxed(canvas, state, &state.lang.t("small-title"), area, (60, lines.len() as u16), layout);
    for (i, line) in lines.iter().take(inner.height.into()).enumerate() {
        canvas.put(inner.x, inner.y + i as u16, inner.width, line, Style::new());
    }
    layout.hits.extend(keys);
}

#[cfg(test)]
mod tests {
    use crate::console::app::effect::Effect;
    use crate::console::app::msg::Msg;
    use crate::console::dialogs::state::Dialog;
    use crate::console::tests::fixture;
    use crate::console::tests::fixture::{Console, after, open, operation_on_top, press, production};
    use crate::console::tests::screen::{picture, screen, terminal};
    use crate::i18n::Lang;

    fn full(lang: Lang, size: (u16, u16)) -> Console {
        let mut console = open(lang, size);
        fixture::bills(&mut console, 60);
        fixture::journal(&mut console);
        console
    }

    screen!(small: orders_en_40x10, full(Lang::En, (40, 10)));
    screen!(small: orders_zh_40x12, full(Lang::ZhCn, (40, 12)));
    screen!(small: detail_en_50x14, after(full(Lang::En, (50, 14)), "<Enter>"));
    screen!(small: journal_zh_44x12, after(full(Lang::ZhCn, (44, 12)), "9"));
    screen!(small: bills_en_40x12, after(full(Lang::En, (40, 12)), "7"));
    screen!(small: no_room_en_40x10, after(full(Lang::En, (40, 10)), "a<Enter>"));
    screen!(small: no_room_zh_59x15, after(production(full(Lang::ZhCn, (59, 15))), "a<Enter><Enter>"));
    screen!(small: palette_en_40x12, after(full(Lang::En, (40, 12)), ":"));

    #[test]
    fn a_small_list_shows_number_state_and_amount_and_can_be_worked_with() {
        for size in [(40, 10), (59, 15), (40, 30), (200, 12)] {
            let mut console = full(Lang::En, size);
            let shown = picture(&console);
            assert!(shown.contains("SANDBOX") && shown.contains("¥12.00"), "{size:?} {shown}");
            assert!(shown.contains("In ser") || shown.contains("● "), "{size:?} {shown}");
            press(&mut console, "/paid<Enter>");
            assert!(console.list().rows().len() < 8, "the search works");
            press(&mut console, "<Esc><Enter>");
            assert!(console.view.detail.is_some(), "open");
            press(&mut console, "<Esc>");
            assert!(console.view.detail.is_none(), "back");
            press(&mut console, "?");
            assert!(picture(&console).contains("Help"), "help: {}", picture(&console));
            press(&mut console, "<Esc>");
            assert_eq!(press(&mut console, "q"), [Effect::Quit]);
        }
    }

    #[test]
    fn a_filter_in_force_is_shown_with_how_many_rows_it_leaves() {
        let console = after(full(Lang::En, (50, 14)), "/state:paid<Enter>");
        let head = picture(&console).lines().next().unwrap_or_default().to_owned();
        assert!(head.contains("Service orders 1/8") && head.contains("shop /state:paid"), "{head}");
        let mut console = console;
        press(&mut console, "<Esc>");
        assert!(picture(&console).contains("Service orders 8 shop"));
    }

    #[test]
    fn what_has_no_room_says_so_and_only_closes() {
        let mut console = after(full(Lang::En, (80, 24)), "a<Enter><Enter>");
        assert!(operation_on_top(&console).is_some());
        console.step(Msg::Resize(40, 10));
        let shown = picture(&console);
        assert!(shown.contains("60×16") && !shown.contains("Cancel ]"), "{shown}");
        // Neither keys nor pastes reach what cannot be seen.
        assert_eq!(press(&mut console, "<Tab><Tab>0001<Enter>"), []);
        console.step(Msg::Paste("0001".into()));
        let untouched = |console: &Console| match console.view.dialogs.last() {
            Some(Dialog::Confirm(confirm)) => confirm.confirm_input.typed.value().is_empty(),
            _ => false,
        };
        assert!(untouched(&console));
        press(&mut console, "<Esc>");
        assert!(operation_on_top(&console).is_none());
        assert!(matches!(console.view.dialogs.last(), Some(Dialog::Form(_))));
        press(&mut console, "5<Esc>");
        assert!(console.view.dialogs.is_empty());
        let kept = console.view.drafts.values().next().unwrap();
        assert_eq!(kept["amount"], "12.00", "nothing was typed into what was not seen");
    }

    #[test]
    fn no_screen_panics_from_1x1_to_40x10_on_any_tab_with_any_dialog() {
        let keys = [
            "",
            "<Enter>",
            "<Enter><Right>",
            "<Enter><Right><Right>",
            "a",
            "a<Enter>",
            "a<Enter><Enter>",
            "n",
            "n<Enter>",
            "/x amount>",
            ":",
            ":re",
            "?",
            "o",
            "e",
            "s",
            "c",
            "p",
            "*a",
            "*ajj<Enter>",
            "W",
            "H",
            "t",
            "t<Enter>",
            "f",
            "J",
            "w",
        ];
        for lang in [Lang::En, Lang::ZhCn] {
            for tab in 1..=9 {
                for keys in keys {
                    let mut console = after(full(lang, (80, 24)), &format!("{tab}{keys}"));
                    for size in (1..=40).step_by(3).flat_map(|w| (1..=10).step_by(3).map(move |h| (w, h))) {
                        console.step(Msg::Resize(size.0, size.1));
                        terminal(&console);
                    }
                    for size in [(1, 40), (39, 40), (200, 1), (200, 9), (200, 10), (59, 16), (60, 15)] {
                        console.step(Msg::Resize(size.0, size.1));
                        terminal(&console);
                    }
                }
            }
        }
    }
}
