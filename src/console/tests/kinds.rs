//! What every kind has in the console, and in its row of the table of kinds.

use std::collections::BTreeSet;

use crate::console::app::command::COMMANDS;
use crate::console::tabs::objects::kinds::{column, columns, items};
use crate::console::tabs::{Content, TABS, place};
use crate::console::tests::fixture::{fresh, open};
use crate::i18n::Lang;
use crate::model::{Kind, Numbers};
use serde_json::json;

const LANGS: [Lang; 2] = [Lang::En, Lang::ZhCn];

#[test]
fn every_kind_has_words_in_every_language() {
    for kind in Kind::ALL {
        let row = kind.row();
        let mut ids = vec![format!("kind-{}", row.noun), format!("short-{}", row.noun), row.tab.to_owned()];
        ids.extend(row.made_of.map(|of| format!("new-of-{}", of.noun())));
        for id in ids {
            assert!(LANGS.into_iter().all(|lang| lang.has(&id)), "{id}");
        }
    }
}

#[test]
fn every_kind_has_a_tab_and_a_command_that_opens_it() {
    assert_eq!(TABS.iter().filter(|tab| matches!(tab.content, Content::Objects(_))).count(), Kind::ALL.len());
    for kind in Kind::ALL {
        let content = Content::Objects(kind);
        let tab = place(content).unwrap();
        assert_eq!(TABS[tab].digit, kind.row().digit);
        let opens = COMMANDS.iter().filter(|command| command.id.starts_with("tab-")).any(|command| {
            let mut console = open(Lang::En, (80, 24));
            // From another tab.
            console.tab = (tab + 1) % TABS.len();
            (command.run)(&mut console);
            console.content() == content && LANGS.into_iter().all(|lang| lang.has(&format!("command-{}", command.id)))
        });
        assert!(opens, "{kind:?}");
    }
    let keys: Vec<char> = TABS.iter().filter_map(|tab| tab.digit).collect();
    assert_eq!(keys, ['1', '2', '3', '4', '5', '6', '7', '8', '9'], "no two have the same");
    assert!(TABS[keys.len()..].iter().all(|tab| tab.digit.is_none()), "those without a key are last");
}

#[test]
fn every_kind_has_columns_that_it_can_be_sorted_and_told_apart_by_and_an_overview() {
    for kind in Kind::ALL {
        assert!(column(kind, kind.row().sort.0).is_some(), "{kind:?}");
        let shown: BTreeSet<&str> = columns(kind).iter().map(|column| column.id).collect();
        assert!(["number", "state", "fresh"].iter().all(|id| shown.contains(id)), "{kind:?}");
        let known = fresh(kind, json!({ kind.number_field(): "N-1", "openid": "oUser", "create_time": "x" }), 0);
        for lang in LANGS {
            items(lang, &known.object.entity);
        }
    }
}

#[test]
fn kinds_whose_numbers_are_asked_about_together_have_places_of_their_own() {
    let places: Vec<u8> = Kind::ALL
        .into_iter()
        .filter_map(|kind| match kind.row().numbers {
            Numbers::Merchants { place, .. } => Some(place),
            Numbers::Digits { .. } | Numbers::OfUser => None,
        })
        .collect();
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len());
}

#[test]
fn a_kind_is_read_back_from_its_noun_and_has_a_number_field_of_its_own() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_noun(kind.noun()), Some(kind));
        assert_eq!(Kind::ALL.iter().filter(|other| other.number_field() == kind.number_field()).count(), 1);
    }
}
