//! The console as a whole on the screen: start, trouble, sizes, colours, hostile text.

use ratatui::style::Color;

use crate::api::{ApiError, RequestFailure};
use crate::console::app::msg::Msg;
use crate::console::tests::fixture;
use crate::console::tests::fixture::{
    Console, NOW, after, finished, fresh, id, open, order, press, previewed, receive, running, starting, surprised,
};
use crate::console::tests::screen::{assert_screen, picture, screen, terminal};
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::time::Duration;
use crate::services::{ConnectionTrouble, Event, Health};

fn first_run(mut state: Console) -> Console {
    state.first_run = true;
    state
}

/// The gateway is gone, and a query failed.
fn troubled(mut state: Console) -> Console {
    let error = std::sync::Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 10 }));
    let trouble = Some(ConnectionTrouble {
        since: NOW - Duration::minutes(2),
        error: error.clone(),
        again: Some(NOW + Duration::seconds(9)),
    });
    let health = Health { trouble, ..state.view.health.clone() };
    receive(&mut state, Event::Health(health));
    for number in ["SO20261121000004", "SO20261121000008"] {
        let id = fixture::id(Kind::ServiceOrder, number);
        receive(&mut state, Event::Fetched { id, at: NOW, result: Err(error.clone()) });
    }
    state
}

screen!(console: first_frame_en_80x24, starting(Lang::En, (80, 24)));
screen!(console: trouble_en_80x24, troubled(open(Lang::En, (80, 24))));
screen!(console: first_run_zh_80x24, first_run(open(Lang::ZhCn, (80, 24))));
screen!(console: too_small_en_39x9, open(Lang::En, (39, 9)));

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let mut state = open(Lang::En, (120, 40));
    let mut document = order("SO20261121000001", ["DOING", "USER_CONFIRM", ""], 1200);
    document["service_introduction"] = "\u{1b}[2J\u{202e}evil\u{200b}\u{7}\r\n".into();
    document["openid"] = "o\u{1b}]52;c;eA==\u{7}".into();
    let fresh = fresh(Kind::ServiceOrder, document, 0);
    receive(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) });
    for keys in ["", "<Enter>", "<Right>", "<Right>", "<Right>", "<Right>a", "<Enter>", "<Enter>"] {
        press(&mut state, keys);
        let picture = picture(&state);
        assert!(!picture.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
    }
    assert_screen("console", "hostile_text", &state);
}

#[test]
fn no_size_panics_on_any_screen() {
    let screens = [
        "",
        "<Enter>",
        "<Enter><Left>",
        "t",
        "t<Enter>",
        "f",
        "a",
        "a<Enter>",
        "a<Enter><Enter>",
        ":",
        "/x amount>",
        "s",
        "c",
        "?",
        "e",
        "p",
        "*",
        "*a",
        "*ajj<Enter>",
        "9",
        "9jj<Enter>",
        "9/x",
        "7",
        "7<Enter>",
        "7j<Enter>",
        "7n",
    ];
    let bulk = || {
        let mut state = open(Lang::ZhCn, (80, 24));
        fixture::bills(&mut state, 60);
        fixture::journal(&mut state);
        state
    };
    let states =
        [previewed(bulk(), "*ajj<Enter>客户来电<Enter>"), running(bulk()), surprised(bulk()), finished(bulk())];
    for mut state in screens.iter().map(|keys| after(bulk(), keys)).chain(states) {
        for (width, height) in (1..=44).step_by(3).flat_map(|w| (1..=13).step_by(2).map(move |h| (w, h))) {
            state.step(Msg::Resize(width, height));
            terminal(&state);
        }
        for (width, height) in [(60, 16), (61, 17), (159, 16), (160, 16), (300, 80)] {
            state.lang = Lang::En;
            state.step(Msg::Resize(width, height));
            terminal(&state);
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_cursor_is_seen() {
    use ratatui::style::Modifier;
    /// A row is reversed; in a preview the cursor is in an input, which is underlined.
    const CURSOR: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED);
    let mut state = open(Lang::En, (120, 40));
    state.surface.colors = crate::text::terminal::ColorDepth::None;
    for keys in ["", "a", "<Enter>", "<Enter>"] {
        press(&mut state, keys);
        let terminal = terminal(&state);
        let cells = &terminal.backend().buffer().content;
        assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys}");
        assert!(cells.iter().any(|cell| cell.modifier.intersects(CURSOR)), "{keys}");
    }
}

#[test]
fn a_change_wakes_the_screen_until_it_has_faded() {
    let mut state = open(Lang::En, (80, 24));
    assert_eq!(state.fade(), None);
    let fresh = fresh(Kind::ServiceOrder, order("SO20261121000001", ["DOING", "MCH_COMPLETE", "USER_PAYING"], 1200), 0);
    let then = NOW + Duration::seconds(2);
    state.step(Msg::Now(then));
    receive(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: then, result: Ok(fresh) });
    assert_eq!(state.fade(), Some(then + Duration::seconds(2)));
    state.step(Msg::Now(then + Duration::seconds(5)));
    assert_eq!(state.fade(), Some(then + Duration::seconds(6)));
    state.step(Msg::Now(then + Duration::seconds(6)));
    assert_eq!(state.fade(), None);
}

/// Not a benchmark, a guard against work that grows with the table at every frame or key.
#[test]
fn a_hundred_thousand_rows_are_drawn_as_quickly_as_eight() {
    let mut state = open(Lang::En, (120, 40));
    let number = |i: u32| id(Kind::ServiceOrder, &format!("BIG{i:08}"));
    let known = (0..100_000).map(|i| crate::services::Known { id: number(i), fresh: None, billed: None }).collect();
    state.learn(known);
    press(&mut state, "G");
    let start = std::time::Instant::now();
    for _ in 0..50 {
        press(&mut state, "k");
        terminal(&state);
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
}
