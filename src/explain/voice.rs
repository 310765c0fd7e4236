//! The wording of an explanation: its language, the surface where it is read, and the length of quoted texts.

use std::borrow::Cow;

use fluent_bundle::FluentValue;

use crate::i18n::{Lang, ToText};
use crate::text;

/// Where an error is read. Commands and flags do not help on a screen, nor keys in a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    CommandLine,
    Console,
}

/// A language and a surface. A message `x` is the text for the command line; a different text for the console is
/// `x-console`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    pub(super) lang: Lang,
    surface: Surface,
    /// True for a raw request, which has a different text for some messages.
    raw: bool,
    /// How much of a text from outside is shown, in characters.
    longest: usize,
}

/// The voice of the console. A language alone converts to the voice of the command line.
pub const fn on_screen(lang: Lang) -> Voice {
    Voice { lang, surface: Surface::Console, raw: false, longest: text::LONGEST }
}

impl From<Lang> for Voice {
    fn from(lang: Lang) -> Self {
        Self { lang, surface: Surface::CommandLine, raw: false, longest: text::LONGEST }
    }
}

impl Voice {
    /// The same with another length for texts from outside.
    pub(super) const fn within(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// The same for a raw request.
    pub(super) const fn of_raw(self) -> Self {
        Self { raw: true, ..self }
    }

    /// The id of the message for this surface and for a raw request.
    fn id(self, id: &str) -> Cow<'_, str> {
        let raw = self.raw.then(|| format!("{id}-raw")).filter(|raw| self.lang.has(raw));
        let id = raw.map_or(Cow::Borrowed(id), Cow::Owned);
        let own = (self.surface == Surface::Console).then(|| format!("{id}-console"));
        own.filter(|own| self.lang.has(own)).map_or(id, Cow::Owned)
    }

    pub(super) fn t(self, id: &str) -> String {
        self.lang.t(&self.id(id))
    }

    /// The message with its arguments, each shortened: of a page of a megabyte only the beginning is useful.
    pub(super) fn tr(self, id: &str, args: &[(&str, &dyn ToText)]) -> String {
        let args: Vec<(&str, Short<'_>)> = args.iter().map(|(name, value)| (*name, self.short(*value))).collect();
        let args: Vec<(&str, &dyn ToText)> = args.iter().map(|(name, value)| (*name, value as &dyn ToText)).collect();
        self.lang.tr(&self.id(id), &args)
    }

    /// The beginning of a text from outside, with the size of the full text.
    pub(super) fn shorten(self, text: &str) -> String {
        match text::beginning(text, self.longest) {
            None => text.to_owned(),
            Some(beginning) => {
                let bytes = text::grouped(text.len());
                self.lang.tr(&self.id("text-shortened"), &[("beginning", &beginning), ("bytes", &bytes)])
            }
        }
    }

    fn short<'a>(self, value: &'a dyn ToText) -> Short<'a> {
        match value.to_value() {
            FluentValue::String(text) if text.len() > self.longest => Short::Text(self.shorten(&text)),
            _ => Short::Whole(value),
        }
    }
}

/// An argument as it was given, or its beginning.
enum Short<'a> {
    Whole(&'a dyn ToText),
    Text(String),
}

impl ToText for Short<'_> {
    fn to_value(&self) -> FluentValue<'_> {
        match self {
            Self::Whole(value) => value.to_value(),
            Self::Text(text) => text.to_value(),
        }
    }
}
