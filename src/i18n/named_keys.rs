//! The keys that messages name. In a message, `{ KEY("refresh", "r") }` is the key of the command `refresh` as it is
//! bound while the message is written. Which keys are bound holds for the thread that updates and draws; where none
//! are known, the second text stands there: the key that the command has by default.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};

/// The text of the key of each command, by the command's id.
pub(crate) type NamedKeys = Arc<BTreeMap<&'static str, String>>;

thread_local! {
    static NAMED: RefCell<NamedKeys> = RefCell::default();
}

/// The keys that messages name from now on, on this thread.
pub(crate) fn name_keys(keys: &NamedKeys) {
    NAMED.with_borrow_mut(|named| {
        if !Arc::ptr_eq(named, keys) {
            *named = keys.clone();
        }
    });
}

/// The function `KEY` of the messages: the id of the command, and its default key.
pub(super) fn key<'a>(given: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    let [FluentValue::String(command), FluentValue::String(default)] = given else { return FluentValue::Error };
    let bound = NAMED.with_borrow(|named| named.get(&**command).cloned());
    bound.map_or_else(|| FluentValue::String(default.clone()), FluentValue::from)
}
