//! What every kind has in the console, and in its row of the table of kinds.

use std::collections::BTreeSet;

use crate::console::tabs::TABS;
use crate::console::tabs::objects::kinds::{column, columns, items};
use crate::console::tests::fixture::fresh;
use crate::i18n::Lang;
use crate::model::{Kind, Numbers};
use serde_json::json;

const LANGS: [Lang; 2] = [Lang::En, Lang::ZhCn];

#[test]
fn every_kind_has_words_in_every_language() {
    for kind in Kind::ALL {
        let row = kind.row();
        let mut ids = vec![format!("kind-{}", row.noun), format!("short-{}", row.noun)];
        ids.extend(row.made_of.map(|of| format!("new-of-{}", of.noun())));
        for id in ids {
            assert!(LANGS.into_iter().all(|lang| lang.has(&id)), "{id}");
        }
    }
}

#[test]
fn every_kind_has_a_tab_with_words() {
    for kind in Kind::ALL {
        let tab = TABS.iter().find(|tab| tab.pane.kind() == Some(kind));
        let tab = tab.unwrap_or_else(|| panic!("{kind:?} has no tab"));
        for id in [format!("tab-{}", tab.id), format!("command-{}", tab.command)] {
            assert!(LANGS.into_iter().all(|lang| lang.has(&id)), "{id}");
        }
    }
}

#[test]
fn every_kind_has_columns_and_an_overview() {
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
