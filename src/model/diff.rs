//! The differences between two documents, member by member.

use serde_json::Value;

/// One member that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path: `collection.details[0].amount`.
    pub path: String,
    /// Its value as JSON; `None` where there is no such member.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The differences between two documents: in the order of the later one, removed members last. The order of an object's
/// members does not count. A text that is not JSON is compared as one value.
pub(crate) fn diff(before: &str, after: &str) -> Vec<Difference> {
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    let mut found = Vec::new();
    compare(String::new(), Some(&read(before)), Some(&read(after)), &mut found);
    found
}

fn compare(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            for (name, value) in after {
                compare(inside(name), before.get(name), Some(value), found);
            }
            for (name, value) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
                compare(inside(name), Some(value), None, found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for at in 0..before.len().max(after.len()) {
                compare(format!("{path}[{at}]"), before.get(at), after.get(at), found);
            }
        }
        (before, after) => {
            let text = |value: Option<&Value>| value.map(Value::to_string);
            found.push(Difference { path, before: text(before), after: text(after) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changed_added_and_removed_members_are_reported_by_path() {
        let before = r#"{"state":"DOING","a":1,"collection":{"details":[{"amount":5}],"x":true},"gone":[1]}"#;
        let after =
            r#"{"a":1,"collection":{"x":true,"details":[{"amount":7},{"amount":8}]},"state":"DONE","new":null}"#;
        let differences: Vec<String> = diff(before, after)
            .iter()
            .map(|difference| {
                let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
                format!("{}: {} → {}", difference.path, value(&difference.before), value(&difference.after))
            })
            .collect();
        let expected = [
            "collection.details[0].amount: 5 → 7",
            r#"collection.details[1]: - → {"amount":8}"#,
            r#"state: "DOING" → "DONE""#,
            "new: - → null",
            "gone: [1] → -",
        ];
        assert_eq!(differences, expected);
    }

    #[test]
    fn what_is_not_json_is_compared_as_one_value() {
        assert_eq!(diff("", ""), []);
        assert_eq!(diff("<html>", "{}").len(), 1);
    }

    proptest! {
        #[test]
        fn a_document_does_not_differ_from_itself_in_another_order(pairs in prop::collection::vec(("[a-d]", 0..4), 0..6)) {
            let object = |pairs: &mut dyn Iterator<Item = &(String, i32)>| {
                let members: std::collections::BTreeMap<_, _> = pairs.cloned().collect();
                members
            };
            let forward = object(&mut pairs.iter());
            let text = |members: Vec<(&String, &i32)>| {
                Value::Object(members.into_iter().map(|(k, v)| (k.clone(), (*v).into())).collect()).to_string()
            };
            prop_assert_eq!(diff(&text(forward.iter().collect()), &text(forward.iter().rev().collect())), []);
        }
    }
}
