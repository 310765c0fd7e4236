//! The search in the detail of an object: a text on any page, in the document also a path.

use crate::console::tabs::objects::json::PathQuery;
use crate::console::widgets::role::{Line, Role};

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needle {
    pub text: String,
    /// The line of the latest match, counted over the whole page.
    pub at: Option<usize>,
}

/// The lines that match.
pub(crate) fn matches(needle: &str, lines: &[Line], paths: &[Option<String>]) -> Vec<usize> {
    if needle.is_empty() {
        return Vec::new();
    }
    if let Some(query) = PathQuery::read(needle).filter(|_| !paths.is_empty()) {
        let led = |typing: bool| -> Vec<usize> {
            let leads = |path: &Option<String>| path.as_deref().is_some_and(|path| query.leads_to(path, typing));
            paths.iter().enumerate().filter(|(_, path)| leads(path)).map(|(nth, _)| nth).collect()
        };
        let whole = led(false);
        return if whole.is_empty() { led(true) } else { whole };
    }
    let folded = needle.to_lowercase();
    let has = |line: &Line| text_of(line).to_lowercase().contains(&folded);
    lines.iter().enumerate().filter(|(_, line)| has(line)).map(|(nth, _)| nth).collect()
}

fn text_of(line: &Line) -> String {
    line.iter().map(|(piece, _)| piece.as_str()).collect()
}

/// The line with each occurrence of the needle marked.
pub(crate) fn marked(line: &Line, needle: &str) -> Line {
    let folded = needle.to_lowercase();
    let text = text_of(line);
    let lower = text.to_lowercase();
    // Where lower case has another length, positions would not agree.
    if folded.is_empty() || lower.len() != text.len() {
        return line.clone();
    }
    let found: Vec<(usize, usize)> = lower.match_indices(&folded).map(|(at, hit)| (at, at + hit.len())).collect();
    let mut marked = Line::new();
    let mut start = 0;
    for (piece, role) in line {
        let end = start + piece.len();
        // A bar is drawn as a whole.
        if matches!(role, Role::Gauge(_)) {
            marked.push((piece.clone(), *role));
            start = end;
            continue;
        }
        let mut at = start;
        for (from, to) in found.iter().filter(|(from, to)| *to > start && *from < end) {
            let (from, to) = ((*from).max(start), (*to).min(end));
            let parts = [(at, from, *role), (from, to, Role::Found)];
            marked.extend(parts.into_iter().filter_map(|(from, to, role)| part(&text, from, to, role)));
            at = to;
        }
        marked.extend(part(&text, at, end, *role));
        start = end;
    }
    marked
}

fn part(text: &str, from: usize, to: usize, role: Role) -> Option<(String, Role)> {
    text.get(from..to).filter(|part| !part.is_empty()).map(|part| (part.to_owned(), role))
}

/// The match after a line, or before it, around the end; with `stay`, the line itself if it matches.
pub(crate) fn next(matches: &[usize], from: Option<usize>, forward: bool, stay: bool) -> Option<usize> {
    let (first, last) = (matches.first().copied()?, matches.last().copied()?);
    let Some(from) = from else { return Some(if forward { first } else { last }) };
    Some(match forward {
        true => matches.iter().copied().find(|line| *line > from || (stay && *line == from)).unwrap_or(first),
        false => matches.iter().copied().rev().find(|line| *line < from).unwrap_or(last),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occurrences_are_marked_across_pieces_whatever_their_case() {
        let line = vec![("Total ".to_owned(), Role::Faint), ("¥93.00 total".to_owned(), Role::Strong)];
        let marked = marked(&line, "TOTAL");
        let found: Vec<&str> =
            marked.iter().filter(|(_, role)| *role == Role::Found).map(|(piece, _)| piece.as_str()).collect();
        assert_eq!(found, ["Total", "total"]);
        assert_eq!(text_of(&marked), text_of(&line));
        let across = super::marked(&line, "l ¥9");
        assert_eq!(across.iter().filter(|(_, role)| *role == Role::Found).count(), 2, "in each piece a part of it");
    }

    #[test]
    fn the_next_match_goes_around_the_end() {
        let matches = [2, 5, 9];
        assert_eq!(next(&matches, None, true, false), Some(2));
        assert_eq!(next(&matches, Some(5), true, true), Some(5));
        assert_eq!(next(&matches, Some(5), true, false), Some(9));
        assert_eq!(next(&matches, Some(9), true, false), Some(2));
        assert_eq!(next(&matches, Some(2), false, false), Some(9));
        assert_eq!(next(&[], Some(2), true, false), None);
    }
}
