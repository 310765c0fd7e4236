//! What is kept, as the screen shows it after the next start.

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::kept::Kept;
use crate::console::tabs::objects::list::List;
use crate::console::tests::fixture::{Console, account, open, press, starting};
use crate::console::tests::screen::picture;
use crate::i18n::Lang;
use crate::model::{Environment, Kind};

/// A console on the same ledger's contents, started with what was kept.
fn started(kept: &str) -> Console {
    let mut console = open(Lang::En, (120, 40));
    crate::console::app::account::switch(&mut console, "shop".into());
    restart(&mut console, kept, "");
    console
}

/// The account opens while these keys have been pressed.
fn restart(console: &mut Console, kept: &str, keys: &str) {
    let generation = console.generation;
    press(console, keys);
    if let Some(kept) = Kept::parse(kept) {
        console.step(Msg::Kept { generation, kept: Box::new(kept) });
    }
    let profiles = vec!["shop".to_owned(), "branch".to_owned()];
    console.step(Msg::Opened { generation, result: Ok((account(Environment::Sandbox), profiles)) });
}

fn kept(console: &Console) -> String {
    Kept::of(console).expect("an account is open").1.text()
}

#[test]
fn tab_filter_order_columns_and_cursor_are_as_they_were() {
    let mut before = open(Lang::En, (120, 40));
    press(&mut before, "3/state:DONE<Enter>4s<Enter>jj5/1852<Enter>");
    press(&mut before, "3cjj<Enter>J<Esc>4");
    let wanted = [kept(&before), picture(&before)];
    let mut after = started(&wanted[0]);
    assert_eq!(after.tabs[after.tab].id, "transactions");
    assert_eq!(after.list_of(Kind::ServiceOrder).filter().to_string(), "state:done");
    assert_eq!(after.list_of(Kind::ServiceOrder).hidden, before.list_of(Kind::ServiceOrder).hidden);
    assert!(!after.list_of(Kind::ServiceOrder).hidden.is_empty());
    assert!(!before.list_of(Kind::ServiceOrder).order().is_empty());
    assert_eq!(after.list_of(Kind::ServiceOrder).order(), before.list_of(Kind::ServiceOrder).order());
    assert_eq!(after.list_of(Kind::Transaction).sort(), before.list_of(Kind::Transaction).sort());
    assert_eq!(after.list_of(Kind::Transaction).cursor(), before.list_of(Kind::Transaction).cursor());
    assert_eq!(after.list_of(Kind::Stock).filter().to_string(), "1852");
    press(&mut after, "34");
    press(&mut before, "34");
    assert_eq!(kept(&after), kept(&before));
}

#[test]
fn the_split_and_the_wide_tables_are_as_they_were() {
    let mut before = open(Lang::En, (140, 40));
    press(&mut before, "3C9C");
    press(&mut before, "4z");
    let after = started(&kept(&before));
    let wide = |console: &Console| {
        let tables = Kind::ALL.into_iter().filter(|kind| console.list_of(*kind).sideways.wide).collect::<Vec<_>>();
        (tables, console.view.tabs.journal.sideways.wide, console.view.tabs.inbox.sideways.wide)
    };
    assert_eq!(wide(&before).0, [Kind::ServiceOrder]);
    assert_eq!(wide(&after), wide(&before));
    assert!(wide(&after).1 || wide(&after).2, "one of the other two tables, too");
    assert!(!after.split);
    press(&mut before, "z");
    assert!(started(&kept(&before)).split);
    let untouched = r#"{"version":1,"split":"no","lists":{"order":{"wide":3}}}"#;
    assert!(started(untouched).split, "what is damaged is left out");
}

#[test]
fn a_tab_chosen_while_the_account_opens_stays() {
    let mut console = open(Lang::En, (120, 40));
    let text = r#"{"version":1,"tab":"refunds"}"#;
    crate::console::app::account::switch(&mut console, "shop".into());
    restart(&mut console, text, "5");
    assert_eq!(console.tabs[console.tab].id, "stocks");
}

#[test]
fn keys_typed_while_an_account_opens_wait_for_its_screen_as_it_was_left() {
    let text = r#"{"version":1,"tab":"refunds","split":false,"lists":{"transaction":{"wide":true}}}"#;
    let wide = |console: &Console| console.list_of(Kind::Transaction).sideways.wide;
    let mut before = started(text);
    press(&mut before, "4Cz");
    let mut console = open(Lang::En, (120, 40));
    crate::console::app::account::switch(&mut console, "shop".into());
    restart(&mut console, text, "4Cz");
    assert_eq!(console.tabs[console.tab].id, "transactions");
    assert!(!wide(&console) && console.split, "they turn what was kept, as they would a moment later");
    assert_eq!(console.view.toasts.iter().count(), 0);
    assert_eq!(picture(&console), picture(&before));
}

#[test]
fn keys_typed_for_an_account_that_cannot_be_opened_are_dropped_and_leaving_never_waits() {
    let mut console = open(Lang::En, (120, 40));
    crate::console::app::account::switch(&mut console, "shop".into());
    let (generation, tab) = (console.generation, console.tab);
    assert_eq!(press(&mut console, "4/q"), []);
    assert_eq!(console.step(Msg::Opened { generation, result: Err(Default::default()) }), []);
    assert_eq!((console.tab, console.view.typed_ahead.len(), console.view.dialogs.len()), (tab, 0, 0));
    let mut console = open(Lang::En, (120, 40));
    crate::console::app::account::switch(&mut console, "shop".into());
    assert_eq!(press(&mut console, "q"), [Effect::Quit]);
}

#[test]
fn what_this_version_does_not_know_or_is_damaged_is_left_out() {
    let text = r#"{"version":1,"tab":"ledgers","split":{"x":1},"journal":7,"lists":{"order":{"filter":"amount>x",
        "sort":"colour","descending":"yes","hidden":["number","state","colour","title",3],"columns":null,"cursor":"  "},
        "invoice":{"filter":"x"},"refund":[],"transaction":{"filter":"R-1","sort":"state","descending":true}}}"#;
    let console = started(text);
    let (order, untouched) = (console.list_of(Kind::ServiceOrder), List::new(Kind::ServiceOrder));
    assert!(order.filter().is_empty());
    assert_eq!(order.sort(), untouched.sort());
    assert!(!order.hidden.contains("number"), "a column that is needed is not hidden");
    assert!(order.hidden.contains("title"));
    assert_eq!(console.list_of(Kind::Transaction).sort().column, "state");
    assert_eq!(console.list_of(Kind::Transaction).filter().to_string(), "r-1");
}

#[test]
fn leaving_a_profile_for_another_keeps_it() {
    let mut console = open(Lang::En, (120, 40));
    press(&mut console, "6/x<Enter>");
    let before = kept(&console);
    let effects = press(&mut console, "pj<Enter>");
    let [Effect::Keep { profile, kept }, Effect::Open { .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((profile.as_str(), kept.text()), ("shop/1900000001", before));
    assert_eq!(Kept::of(&console), None, "nothing is kept of a profile that is not open");
    let unopened = starting(Lang::En, (80, 24));
    assert_eq!(Kept::of(&unopened), None);
}

#[test]
fn a_profile_that_is_changed_to_another_merchant_has_a_screen_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::console::KeptStore::new(folder.path().to_owned(), false);
    let mut console = open(Lang::En, (120, 40));
    press(&mut console, "6/x<Enter>");
    let (of, left) = Kept::of(&console).unwrap();
    store.write(&of, &left);
    let mut another = account(Environment::Sandbox);
    assert_eq!(store.read(&another.kept_as()), Some(left));
    another.merchant.mchid = crate::model::MchId::new("1900000002");
    assert_eq!(store.read(&another.kept_as()), None, "under the same name");
}
