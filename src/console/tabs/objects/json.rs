//! A document as lines that can be folded, each with the path of its value: `.amount.total`, `.list[0]`.

use std::collections::BTreeSet;

use serde_json::Value;

/// A line of a formatted document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonLine {
    /// The path of the value that begins here; `None` for a closing bracket.
    pub path: Option<String>,
    /// Indentation, and the member's name.
    pub before: String,
    /// The value, or its bracket.
    pub value: String,
    /// How many members or items are folded in.
    pub folded: Option<usize>,
}

/// The lines of a document. What is in `folded`, by path, takes one line.
pub(crate) fn lines(document: &Value, folded: &BTreeSet<String>) -> Vec<JsonLine> {
    let mut lines = Vec::new();
    add(&mut lines, document, folded, (String::new(), 0, String::new(), ""));
    lines
}

fn add(
    lines: &mut Vec<JsonLine>,
    value: &Value,
    folded: &BTreeSet<String>,
    (path, depth, name, comma): (String, usize, String, &str),
) {
    let before = format!("{}{name}", "  ".repeat(depth));
    let (open, close, count) = match value {
        Value::Object(members) if !members.is_empty() => ("{", "}", members.len()),
        Value::Array(items) if !items.is_empty() => ("[", "]", items.len()),
        leaf => {
            lines.push(JsonLine { path: Some(path), before, value: format!("{leaf}{comma}"), folded: None });
            return;
        }
    };
    if folded.contains(&path) {
        let value = format!("{open}…{close}{comma}");
        lines.push(JsonLine { path: Some(path), before, value, folded: Some(count) });
        return;
    }
    lines.push(JsonLine { path: Some(path.clone()), before, value: open.to_owned(), folded: None });
    let comma_after = |nth: usize| if nth + 1 < count { "," } else { "" };
    match value {
        Value::Object(members) => {
            for (nth, (name, member)) in members.iter().enumerate() {
                let shown = format!("{}: ", Value::String(name.clone()));
                add(lines, member, folded, (path.clone() + &step(name), depth + 1, shown, comma_after(nth)));
            }
        }
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                add(lines, item, folded, (format!("{path}[{nth}]"), depth + 1, String::new(), comma_after(nth)));
            }
        }
        _ => {}
    }
    let value = format!("{close}{comma}");
    lines.push(JsonLine { path: None, before: "  ".repeat(depth), value, folded: None });
}

/// A member in a path.
fn step(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain { format!(".{name}") } else { format!("[{}]", Value::String(name.to_owned())) }
}

/// The value at a path.
pub(crate) fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    parse(path)?.into_iter().try_fold(document, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(nth) => value.get(nth),
        Step::Any => None,
    })
}

/// The paths of everything that can be folded, the whole document left out.
pub(crate) fn containers(document: &Value) -> BTreeSet<String> {
    let opens = |line: &JsonLine| matches!(line.value.as_str(), "{" | "[");
    let all = lines(document, &BTreeSet::new()).into_iter().filter(opens).filter_map(|line| line.path);
    all.filter(|path| !path.is_empty()).collect()
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
    /// `[*]` or `[]`: each item.
    Any,
}

/// Reads `.amount.total`, `$.list[0]["odd name"]`, `.list[*].amount`; `None` if it is no path.
fn parse(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.trim().strip_prefix('$').unwrap_or(text.trim());
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[\"") {
            let end = after.find("\"]")?;
            let name: String = serde_json::from_str(&format!("\"{}\"", &after[..end])).ok()?;
            steps.push(Step::Member(name));
            rest = &after[end + 2..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after.split_once(']')?;
            steps.push(match inside {
                "" | "*" => Step::Any,
                nth => Step::Item(nth.parse().ok()?),
            });
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            // A path that is being typed may end in a dot.
            if end > 0 || !after.is_empty() {
                steps.push(Step::Member(after[..end].to_owned()));
            }
            rest = &after[end..];
        }
    }
    Some(steps)
}

/// A path that is searched for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathQuery(Vec<Step>);

impl PathQuery {
    /// Reads what was typed if it begins like a path.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_path = text.starts_with(['$', '.']);
        parse(text).filter(|steps| is_path && !steps.is_empty()).map(Self)
    }

    /// True if the query leads to this path; with `typing` the last name may be incomplete.
    pub(crate) fn leads_to(&self, path: &str, typing: bool) -> bool {
        let Some(steps) = parse(path).filter(|steps| steps.len() == self.0.len()) else { return false };
        let last = steps.len() - 1;
        self.0.iter().zip(&steps).enumerate().all(|(nth, (wanted, step))| match (wanted, step) {
            (Step::Any, Step::Item(_)) => true,
            (Step::Member(wanted), Step::Member(name)) if typing && nth == last => name.starts_with(wanted.as_str()),
            (wanted, step) => wanted == step,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({"out_trade_no": "T-1", "amount": {"total": 93, "currency": "CNY"}, "empty": {}, "list": [
            {"odd name": 1, "x": [true, null]}, {"x": []}]})
    }

    #[test]
    fn unfolded_lines_are_the_formatted_document() {
        let document = document();
        let drawn: Vec<String> =
            lines(&document, &BTreeSet::new()).into_iter().map(|line| line.before + &line.value).collect();
        assert_eq!(drawn.join("\n"), serde_json::to_string_pretty(&document).unwrap());
    }

    #[test]
    fn every_path_leads_to_the_value_of_its_line() {
        let document = document();
        for line in lines(&document, &BTreeSet::new()) {
            let Some(path) = line.path else { continue };
            let value = at(&document, &path).unwrap_or_else(|| panic!("{path}"));
            let drawn = line.value.trim_end_matches(',');
            assert!(value.is_object() || value.is_array() || serde_json::from_str(drawn).ok().as_ref() == Some(value));
        }
    }

    #[test]
    fn a_folded_value_takes_one_line_and_says_how_much_is_in_it() {
        let document = document();
        let all = lines(&document, &BTreeSet::new()).len();
        let folded = lines(&document, &BTreeSet::from([".amount".to_owned()]));
        assert_eq!(folded.len(), all - 3);
        let line = folded.iter().find(|line| line.path.as_deref() == Some(".amount")).unwrap();
        assert_eq!((line.value.as_str(), line.folded), ("{…},", Some(2)));
        assert_eq!(lines(&document, &containers(&document)).len(), 2 + 4);
    }

    #[test]
    fn a_path_finds_its_value_with_names_indexes_and_stars() {
        let finds = |query: &str, typing: bool| -> Vec<String> {
            let query = PathQuery::read(query).unwrap();
            let paths = lines(&document(), &BTreeSet::new()).into_iter().filter_map(|line| line.path);
            paths.filter(|path| query.leads_to(path, typing)).collect()
        };
        assert_eq!(finds(".amount.total", false), [".amount.total"]);
        assert_eq!(finds("$.list[1].x", false), [".list[1].x"]);
        assert_eq!(finds("$.list[*].x", false), [".list[0].x", ".list[1].x"]);
        assert_eq!(finds("$.list[0][\"odd name\"]", false), [".list[0][\"odd name\"]"]);
        assert_eq!(finds(".am", true), [".amount"]);
        assert!(finds(".am", false).is_empty());
        for no_path in ["amount", "", "$", ".list[", ".list[x]", "¥93.00"] {
            assert_eq!(PathQuery::read(no_path), None, "{no_path}");
        }
    }
}
