//! On which line of the file a key is.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of a key like `profiles.shop.region`, counted from 1; if the key itself is not there, the line of the table
/// that it belongs to.
pub(super) fn line_of(text: &str, key: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let at = find(table.get_ref(), key)?;
    Some(text.get(..at.start)?.matches('\n').count() + 1)
}

fn find(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    // Names may have points of their own, so that the longest fits best.
    let beginning = |name: &str| match key.strip_prefix(name)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    };
    let candidates = table.iter().filter_map(|(name, value)| Some((name, value, beginning(name.get_ref())?)));
    let (name, value, rest) = candidates.max_by_key(|(name, ..)| name.get_ref().len())?;
    let inside = match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => find(inner, rest),
        _ => None,
    };
    Some(inside.unwrap_or_else(|| Spanned::span(name)))
}

/// The keys whose values differ between two texts of the file, without the values.
pub fn changed_keys(before: &str, after: &str) -> Vec<String> {
    let read = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let mut changed = Vec::new();
    differ(&read(before), &read(after), "", &mut changed);
    changed
}

fn differ(before: &toml::Table, after: &toml::Table, prefix: &str, changed: &mut Vec<String>) {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let key = format!("{prefix}{name}");
        match (before.get(name), after.get(name)) {
            (Some(toml::Value::Table(before)), Some(toml::Value::Table(after))) => {
                differ(before, after, &format!("{key}."), changed);
            }
            (before, after) if before != after => changed.push(key),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "bell = true\n\n[profiles.\"shop.eu\"]\nmchid = \"1\"\n\n[profiles.\"shop.eu\".rules]\ndeny = []\n";

    #[test]
    fn a_key_is_found_on_its_line_and_a_missing_one_on_its_tables() {
        for (key, line) in [
            ("bell", Some(1)),
            ("profiles.shop.eu.mchid", Some(4)),
            ("profiles.shop.eu.apiv3_key", Some(3)),
            ("profiles.shop.eu.rules.deny", Some(7)),
            ("language", None),
        ] {
            assert_eq!(line_of(FILE, key), line, "{key}");
        }
    }

    #[test]
    fn changes_are_named_by_their_keys() {
        let after = FILE.replace("true", "false").replace("\"1\"", "\"2\"") + "store = \"x\"\n[hooks]\n";
        assert_eq!(
            changed_keys(FILE, &after),
            ["bell", "hooks", "profiles.shop.eu.mchid", "profiles.shop.eu.rules.store"]
        );
        assert!(changed_keys(FILE, FILE).is_empty());
    }
}
