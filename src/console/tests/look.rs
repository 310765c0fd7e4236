//! The look: what is raised, dimmed, filled, and what a terminal with less shows instead.

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::style::{Color, Modifier};

use crate::console::Themes;
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::msg::Msg;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::view::draw;
use crate::console::tests::fixture::{Console, account, after, open, press};
use crate::console::tests::screen::{picture, terminal};
use crate::i18n::Lang;
use crate::model::{Environment, Tone};
use crate::text::terminal::{Borders, ColorDepth};

fn buffer(state: &AppState) -> Buffer {
    terminal(state).backend().buffer().clone()
}

/// The places of a text in a line.
fn column(buffer: &Buffer, y: u16, text: &str) -> Option<u16> {
    let line: Vec<&str> = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
    (0..buffer.area.width).find(|x| line[usize::from(*x)..].concat().starts_with(text))
}

fn shown(console: &Console) -> (String, String) {
    let list = console.list();
    let rows = list.rows().iter().filter_map(|row| row.seen.as_ref()).map(|seen| seen.summary.state.tone.glyph());
    let rows: std::collections::BTreeSet<_> = rows.collect();
    (list.filter().to_string(), rows.into_iter().collect())
}

#[test]
fn header_and_footer_are_raised_and_the_current_tab_is_a_pill() {
    let console = open(Lang::En, (120, 40));
    let buffer = buffer(&console);
    let ground = buffer[(119, 20)].bg;
    for y in [0, 1, 38, 39] {
        assert_ne!(buffer[(118, y)].bg, ground, "line {y}");
    }
    let at = column(&buffer, 1, "3 Service orders").unwrap();
    let pill = buffer[(at, 1)].bg;
    assert!(pill != buffer[(118, 1)].bg && buffer[(at - 1, 1)].bg == pill && buffer[(at + 16, 1)].bg == pill);
    assert_ne!(buffer[(column(&buffer, 1, "4 Trans").unwrap(), 1)].bg, pill);
}

#[test]
fn a_profiles_colour_is_on_its_tab_and_its_name() {
    let mut console = open(Lang::En, (120, 40));
    let mut account = account(Environment::Production);
    account.color = Some(Color::Rgb(0xe3, 0xb3, 0x41));
    console.stage = Stage::Open(account);
    let buffer = buffer(&console);
    for (y, text) in [(0, "shop"), (1, "3 Service orders")] {
        assert_eq!(buffer[(column(&buffer, y, text).unwrap(), y)].bg, Color::Rgb(0xe3, 0xb3, 0x41), "{text}");
    }
}

#[test]
fn what_is_behind_a_dialog_is_dimmed_but_whose_money_it_is_stays() {
    let console = open(Lang::En, (120, 40));
    let before = buffer(&console);
    let behind = buffer(&after(console, "a"));
    assert_eq!(behind[(1, 0)], before[(1, 0)], "the badge");
    let corners = [(1, 1), (118, 1), (2, 20), (2, 38), (118, 38)];
    let colors: std::collections::HashSet<_> = corners.map(|at| (behind[at].fg, behind[at].bg)).into();
    assert_eq!(colors.len(), 1, "{colors:?}");
    assert!(corners.iter().all(|at| behind[*at].modifier == Modifier::empty()));
    // A line of input at the foot is not a dialog.
    let filter = buffer(&after(open(Lang::En, (120, 40)), "/"));
    assert_eq!(filter[(30, 10)], before[(30, 10)]);
}

#[test]
fn a_share_of_the_strip_filters_and_again_no_longer() {
    // Wide enough for the 24 hours, and for the table alone.
    let mut console = open(Lang::En, (118, 40));
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(118, 40)).unwrap();
    let mut layout = FrameLayout::default();
    terminal.draw(|frame| layout = draw(&console, &FrameLayout::default(), frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let y = (0..40).find(|y| column(buffer, *y, "24 h ").is_some()).unwrap();
    let x = column(buffer, y, "✗").unwrap();
    let target = layout.target(x, y).unwrap();
    assert_eq!(target, Target::Share(Tone::Failed));
    assert_eq!(layout.target(1, y), Some(Target::Share(Tone::Done)), "the bar");
    let all = shown(&console);
    console.step(Msg::Click { target: target.clone(), double: false });
    assert_eq!(shown(&console), ("state:✗".into(), "✗".into()));
    // The other shares are still there to choose from.
    let strip = picture(&console);
    assert!(strip.lines().nth(y.into()).is_some_and(|line| line.contains('✓') && line.contains('●')), "{strip}");
    console.step(Msg::Click { target, double: false });
    assert_eq!(shown(&console), all);
}

#[test]
fn a_narrow_strip_keeps_the_24_hours_and_leaves_the_sum_to_the_line_below() {
    // The pane beside the table leaves it 69 columns, and all six shares occur.
    let shown = picture(&open(Lang::En, (120, 40)));
    let strip = shown.lines().find(|line| line.starts_with(" ▇")).unwrap();
    assert!(strip.contains("24 h ") && strip.contains("✗"), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with(" 8 in all") && line.contains("sum ¥")), "{shown}");
}

#[test]
fn what_was_paid_stays_bright_in_a_settled_row_and_what_was_cancelled_does_not() {
    let buffer = buffer(&open(Lang::En, (120, 40)));
    let amount = |number: &str| {
        let y = (0..40).find(|y| column(&buffer, *y, number).is_some()).unwrap();
        (buffer[(column(&buffer, y, "¥").unwrap(), y)].fg, buffer[(column(&buffer, y, number).unwrap(), y)].fg)
    };
    let (paid, number) = amount("SO20261121000003");
    let (cancelled, dimmed) = amount("SO20261121000004");
    assert_eq!((number, cancelled), (dimmed, dimmed));
    assert_ne!(paid, dimmed);
}

#[test]
fn an_empty_column_makes_room_before_a_name_is_cut() {
    let mut console = open(Lang::En, (120, 40));
    // Nothing is collected in an order that has expired.
    press(&mut console, "!");
    let shown = picture(&console);
    let head = shown.lines().find(|line| line.contains("Number")).unwrap().split('│').next().unwrap_or_default();
    assert!(head.contains("Service") && !head.contains("Collected"), "{shown}");
    assert!(!shown.lines().filter(|line| line.contains("Expired")).any(|line| line.contains("充…")), "{shown}");
}

#[test]
fn a_key_walks_the_shares() {
    let mut console = open(Lang::En, (80, 24));
    let all = shown(&console);
    press(&mut console, "%");
    assert_eq!(shown(&console), ("state:✓".into(), "✓".into()));
    press(&mut console, "%");
    assert_eq!(shown(&console), ("state:●".into(), "●".into()));
    let mut seen = Vec::new();
    for _ in 0..8 {
        press(&mut console, "%");
        seen.push(shown(&console));
    }
    assert!(seen.contains(&all), "after the last share all rows are shown: {seen:?}");
}

#[test]
fn the_strip_gives_way_on_a_low_screen() {
    for (size, is_there) in [((80, 27), false), ((80, 28), true), ((200, 60), true)] {
        for lang in [Lang::En, Lang::ZhCn] {
            let strip = picture(&open(lang, size)).lines().any(|line| line.starts_with(" ▇"));
            assert_eq!(strip, is_there, "{size:?} {lang:?}");
        }
    }
}

#[test]
fn no_line_character_is_left_with_ascii_borders() {
    for keys in ["", ":", "a", "<Enter>", "n", "7", "8", "9"] {
        let mut console = after(open(Lang::En, (200, 60)), keys);
        console.surface.borders = Borders::Ascii;
        let picture = picture(&console);
        let line = picture.chars().find(|c| ('\u{2500}'..='\u{257f}').contains(c));
        assert_eq!(line, None, "{keys}\n{picture}");
    }
}

/// A terminal that draws ambiguous characters two columns wide gets the next column left free, so everything stays in
/// its place.
#[test]
fn where_ambiguous_characters_are_wide_they_have_two_columns() {
    for lang in [Lang::En, Lang::ZhCn] {
        for (size, keys) in
            [((120, 40), ""), ((80, 24), "a"), ((200, 60), "<Enter>"), ((120, 40), "8"), ((120, 40), "9")]
        {
            let mut console = after(open(lang, size), keys);
            (console.surface.wide_ambiguous, console.surface.borders) = (true, Borders::Ascii);
            let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(size.0, size.1)).unwrap();
            let frame = terminal.draw(|frame| drop(draw(&console, &FrameLayout::default(), frame))).unwrap();
            let (buffer, mut wide) = (frame.buffer, 0);
            for y in 0..size.1 {
                for x in 0..size.0 {
                    let cell = &buffer[(x, y)];
                    if crate::text::ambiguous::is_ambiguous(cell.symbol()) {
                        wide += 1;
                        assert!(
                            matches!(cell.diff_option, CellDiffOption::ForcedWidth(two) if two.get() == 2),
                            "{x} {y}"
                        );
                        assert_eq!(buffer[(x + 1, y)].symbol(), " ", "after {} in {x} {y}", cell.symbol());
                    }
                }
            }
            assert!(wide > 5, "{size:?} {keys}");
            crate::text::ambiguous::set_wide(false);
        }
    }
}

#[test]
fn with_any_number_of_colours_the_selected_row_is_seen() {
    for theme in Themes::default().usable() {
        for colors in [ColorDepth::True, ColorDepth::Indexed, ColorDepth::Sixteen, ColorDepth::None] {
            let mut console = open(Lang::En, (80, 24));
            console.theme = theme.clone();
            console.surface.colors = colors;
            let buffer = buffer(&console);
            let selected = (0..24).find(|y| buffer[(0, *y)].symbol() == "▌").unwrap();
            let (on, off) = (&buffer[(40, selected)], &buffer[(40, selected + 1)]);
            let differs = on.bg != off.bg || on.modifier.contains(Modifier::REVERSED);
            assert!(differs, "{} {colors:?}", theme.name);
            // Nothing in it is dimmed: dim and reversed is a patch.
            let dim = (0..80).any(|x| buffer[(x, selected)].modifier.contains(Modifier::DIM));
            assert!(!dim, "{} {colors:?}", theme.name);
            let kinds: Vec<Color> = buffer.content.iter().flat_map(|cell| [cell.fg, cell.bg]).collect();
            let fits = kinds.iter().all(|color| match (colors, color) {
                (_, Color::Reset) | (ColorDepth::True, _) => true,
                (ColorDepth::Indexed, color) => !matches!(color, Color::Rgb(..)),
                (ColorDepth::Sixteen, color) => !matches!(color, Color::Rgb(..) | Color::Indexed(_)),
                (ColorDepth::None, _) => false,
            });
            assert!(fits, "{} {colors:?}", theme.name);
        }
    }
}

#[test]
fn an_empty_table_takes_a_wide_screen_for_itself() {
    let divider = |console: &Console| column(&buffer(console), 20, "│");
    let console = open(Lang::En, (120, 40));
    assert!(divider(&console).is_some());
    let mut console = after(console, "/zzzz<Enter>");
    assert!(console.list().rows().is_empty() && divider(&console).is_none());
    press(&mut console, "<Esc>");
    assert!(divider(&console).is_some());
    assert!(divider(&after(console, "9")).is_none());
}

#[test]
fn the_line_of_a_filter_covers_the_hints() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "/");
    let buffer = buffer(&console);
    // Between the input and the words beside it.
    let words = column(&buffer, 23, "Tab words").unwrap();
    assert_eq!([words - 1, words - 2].map(|x| buffer[(x, 23)].symbol().to_owned()), [" ", " "]);
}
