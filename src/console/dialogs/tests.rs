//! Menus, the palette, the search for an object, help, export.

use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::state::Stage;
use crate::console::dialogs::choices::actions;
use crate::console::dialogs::state::{Dialog, MenuAction};
use crate::console::tests::fixture::{
    Console, PAID, after, fresh, open, operation_on_top, order, press, receive, ruled, selected, with_rules,
};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::action::{ActionId, Rules, WriteName};
use crate::model::{Kind, Number, Region};
use crate::services::{Event, Fresh, Request, Searched};

fn console() -> Console {
    open(Lang::En, (80, 24))
}

screen!(dialogs: menu_en_80x24, after(open(Lang::En, (80, 24)), "a"));
screen!(dialogs: sort_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "s"));
screen!(dialogs: palette_zh_80x24, after(open(Lang::ZhCn, (80, 24)), ":complete"));
screen!(dialogs: help_en_80x24, after(open(Lang::En, (80, 24)), "?"));
screen!(dialogs: menu_denied_zh_80x24, after(ruled(open(Lang::ZhCn, (80, 24)), false), "a"));
screen!(dialogs: export_en_80x24, after(open(Lang::En, (80, 24)), "e"));
screen!(dialogs: help_of_the_detail_zh_120x50, after(open(Lang::ZhCn, (120, 50)), "<Enter>?"));

#[test]
fn beside_a_dialog_is_a_part_of_the_screen_or_nothing() {
    for width in 60..140 {
        for keys in ["a", ":", "?", "s", "a<Enter>", "e"] {
            let shown = picture(&after(open(Lang::En, (width, 24)), keys));
            let line = shown.lines().find(|line| line.contains('╭')).unwrap();
            let left = line.chars().position(|c| c == '╭').unwrap();
            assert!(left == 0 || left >= 4, "{keys} at {width}: {line}");
        }
    }
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[test]
fn where_nothing_can_be_done_that_is_said_in_place_of_an_empty_menu() {
    for (keys, region) in [("6*a", Region::Mainland), ("6a", Region::Global)] {
        let mut state = console();
        if let Stage::Open(account) = &mut state.stage {
            account.merchant.region = region;
        }
        press(&mut state, keys);
        assert!(state.view.dialogs.is_empty(), "{keys}");
        let reported = state.lang.t("actions-none");
        assert!(state.view.toasts.iter().any(|toast| toast.title == reported), "{keys}");
    }
}

#[test]
fn a_read_only_account_prepares_nothing() {
    let mut state = console();
    if let Stage::Open(account) = &mut state.stage {
        account.read_only = true;
    }
    for tab in ["1", "2", "3", "4", "5"] {
        press(&mut state, tab);
        for action in 0..6 {
            press(&mut state, "a");
            press(&mut state, &"j".repeat(action));
            assert_eq!(press(&mut state, "<Enter><Enter><Tab><Enter>"), vec![]);
            assert_eq!(operation_on_top(&state), None);
            press(&mut state, "<Esc>");
        }
    }
}

#[test]
fn one_find_is_shown_several_are_offered_and_nothing_found_is_reported() {
    let mut state = console();
    assert_eq!(
        press(&mut state, "oSO20261121000003<Enter>"),
        vec![Effect::Ask(Request::Find(number("SO20261121000003")))]
    );
    let other =
        fresh(Kind::Plan, serde_json::json!({"merchant_plan_no": "SO20261121000003", "plan_state": "NORMAL"}), 0);
    let searched = |found: Vec<Fresh>| {
        let tried = Arc::new(Vec::new());
        Event::Searched(Searched { number: number("SO20261121000003"), found, tried, stopped: None })
    };
    let order = fresh(Kind::ServiceOrder, order("SO20261121000003", PAID, 990), 0);
    receive(&mut state, searched(vec![order.clone()]));
    assert_eq!((selected(&state), state.view.detail.is_some()), (order.object.id.clone(), true));
    assert_eq!(state.view.toasts.iter().count(), 0, "nothing is being looked for any more");
    receive(&mut state, searched(vec![order, other.clone()]));
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Pick(_))));
    press(&mut state, "j<Enter>");
    assert_eq!(selected(&state), other.object.id);
    receive(&mut state, searched(Vec::new()));
    assert!(state.view.toasts.dismiss(), "an error stays until it is read");
}

#[test]
fn an_action_that_the_rules_deny_is_dimmed_with_the_reason_and_cannot_be_chosen() {
    let deny = WriteName::all().collect();
    let mut state = with_rules(Rules { deny, ..Rules::default() });
    for tab in ["1", "2", "3", "4", "5"] {
        press(&mut state, tab);
        let id = selected(&state);
        let choices = actions(&state, &id);
        let reported = |choice: &crate::console::dialogs::choices::Choice| {
            choice.blocked.as_deref() == Some("Denied by the rules of profile shop")
        };
        assert!(!choices.is_empty() && choices.iter().all(reported), "{choices:?}");
        assert_eq!(press(&mut state, "a<Enter><Enter><Tab><Enter><Esc>"), vec![]);
        assert_eq!(operation_on_top(&state), None);
    }
}

#[test]
fn what_can_be_done_stands_before_what_the_rules_deny() {
    let deny = [WriteName::Action(ActionId::OrderComplete)].into();
    let state = with_rules(Rules { deny, ..Rules::default() });
    let order = selected(&state);
    let choices = actions(&state, &order);
    assert_eq!(choices[0].take, MenuAction::Action(ActionId::OrderCancel, order));
    assert!(choices[0].blocked.is_none() && choices[1].blocked.is_some());
}

#[test]
fn the_first_character_replaces_the_value_that_a_prompt_proposes() {
    use crate::console::app::msg::Msg;
    let value = |state: &mut Console| match state.view.dialogs.last_mut() {
        Some(dialog) => dialog.prompt_mut().map(|prompt| prompt.input.value().to_owned()).unwrap(),
        None => panic!("no prompt"),
    };
    let mut state = after(console(), "e");
    let proposed = value(&mut state);
    assert!(proposed.ends_with(".csv"));
    press(&mut state, "x");
    assert_eq!(value(&mut state), "x");
    press(&mut state, "y");
    assert_eq!(value(&mut state), "xy", "only the first");
    for (keys, expected) in [("<Right>x", format!("{proposed}x")), ("<Back>", String::new())] {
        let mut state = after(console(), "e");
        press(&mut state, keys);
        assert_eq!(value(&mut state), expected, "{keys}");
    }
    let mut state = after(console(), "e");
    state.step(Msg::Paste("orders.csv".into()));
    assert_eq!(value(&mut state), "orders.csv");
}

screen!(dialogs: palette_current_en_80x24, after(open(Lang::En, (80, 24)), ":theme"));
screen!(dialogs: palette_current_zh_40x12, after(open(Lang::ZhCn, (40, 12)), ":主题"));

#[test]
fn the_palette_marks_the_profile_the_theme_and_the_language_and_switches_them() {
    use crate::console::tests::screen::picture;
    let marked = |state: &Console| -> Vec<String> {
        let Some(Dialog::Palette(palette)) = state.view.dialogs.last() else { panic!("no palette") };
        palette.entries.iter().filter(|entry| entry.current).map(|entry| entry.label.clone()).collect()
    };
    let mut state = after(console(), ":");
    let before = marked(&state);
    assert_eq!(before.len(), 3, "{before:?}");
    assert!(before[0].contains("shop") && before[2].contains("English"), "{before:?}");
    let shown = picture(&after(console(), &format!(":{}", before[2])));
    assert!(shown.contains(&format!("✓ {}", before[2])), "{shown}");
    press(&mut state, "theme light<Enter>:");
    assert_eq!(&*state.theme.name, "light");
    assert!(marked(&state)[1].to_lowercase().contains("light"), "{:?}", marked(&state));
    press(&mut state, "language chinese<Enter>:");
    assert_eq!(state.lang, Lang::ZhCn);
    assert!(marked(&state)[2].contains("简体中文"), "{:?}", marked(&state));
    let effects = press(&mut state, "branch<Enter>");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Open { profile, .. } if profile.as_deref() == Some("branch")))
    );
}
