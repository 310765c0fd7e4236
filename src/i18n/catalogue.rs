//! The messages of one language. A message is parsed when it is first used: parsing all of them would take a third of
//! the time in which a console shows its first frame, and most of a short command's.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::named_keys;

pub(super) struct Catalogue<'a> {
    /// The Fluent source of each message by its id. Messages do not refer to one another; a test checks that.
    sources: HashMap<&'a str, &'a str>,
    /// Those that were used.
    parsed: RwLock<FluentBundle<FluentResource>>,
}

impl<'a> Catalogue<'a> {
    pub(super) fn new(tag: &str, files: impl Iterator<Item = &'a str>) -> Self {
        let language: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks are themselves bidirectional controls; outside text is neutralised before it gets here.
        bundle.set_use_isolating(false);
        // It fails only for a name that is taken.
        let _ = bundle.add_function("KEY", named_keys::key);
        Self { sources: files.flat_map(messages).collect(), parsed: RwLock::new(bundle) }
    }

    /// True if the message exists.
    pub(super) fn has(&self, id: &str) -> bool {
        self.sources.contains_key(id)
    }

    /// The message with its arguments; the id itself if there is no such message.
    pub(super) fn format(&self, id: &str, args: Option<&FluentArgs>) -> String {
        let Some(source) = self.sources.get(id) else { return id.to_owned() };
        if let Some(text) = self.format_parsed(id, args) {
            return text;
        }
        // The files are part of the program; a test parses them strictly.
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(partial, _)| partial);
        self.parsed.write().unwrap_or_else(PoisonError::into_inner).add_resource_overriding(resource);
        self.format_parsed(id, args).unwrap_or_else(|| id.to_owned())
    }

    fn format_parsed(&self, id: &str, args: Option<&FluentArgs>) -> Option<String> {
        let bundle = self.parsed.read().unwrap_or_else(PoisonError::into_inner);
        let pattern = bundle.get_message(id)?.value()?;
        Some(bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }
}

/// The messages of a file, each with its source: from the line with its id to the line before the next.
fn messages(file: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts_message = |line: &str| line.starts_with(|c: char| c.is_ascii_alphabetic());
    let mut rest = file;
    std::iter::from_fn(move || {
        loop {
            let line_end = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let (line, after) = rest.split_at_checked(line_end).filter(|(line, _)| !line.is_empty())?;
            if !starts_message(line) {
                rest = after;
                continue;
            }
            let more: usize = after
                .split_inclusive('\n')
                .take_while(|line| line.starts_with([' ', '\n', '\r', '}']))
                .map(str::len)
                .sum();
            let (source, after) = rest.split_at(line_end + more);
            rest = after;
            let id = line.split_once('=').map_or(line, |(id, _)| id).trim();
            return Some((id, source));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, files};

    #[test]
    fn each_message_is_found_whole_among_comments_and_further_lines() {
        let file = "# a comment\n\na = one\n# another\nb-c = { $n ->\n    [one] one\n   *[other] { $n }\n}\nd =\n    two\n\n    lines\n";
        let found: Vec<_> = messages(file).collect();
        assert_eq!(found[0], ("a", "a = one\n"));
        assert_eq!(found[1], ("b-c", "b-c = { $n ->\n    [one] one\n   *[other] { $n }\n}\n"));
        assert_eq!(found[2], ("d", "d =\n    two\n\n    lines\n"));
        assert_eq!(found.len(), 3);
    }

    /// As if each file had been parsed as a whole; and no message needs another one.
    #[test]
    fn messages_parsed_one_by_one_are_those_of_the_whole_files() {
        let entries = |source: &str| -> Vec<String> {
            let parsed = FluentResource::try_new(source.to_owned()).expect("it parses");
            parsed.entries().map(|entry| format!("{entry:?}")).filter(|entry| entry.starts_with("Message")).collect()
        };
        for lang in Lang::ALL {
            for file in files(lang.tag()) {
                let alone: Vec<String> = messages(file).flat_map(|(_, source)| entries(source)).collect();
                assert_eq!(alone, entries(file), "{lang:?}");
                assert!(
                    !alone.iter().any(|entry| entry.contains("MessageReference") || entry.contains("TermReference"))
                );
            }
        }
    }
}
