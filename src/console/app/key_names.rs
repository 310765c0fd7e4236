//! Keys as the configuration writes them: `x`, `X`, `space`, `ctrl-o`, `f5`, `shift-tab`.

use crossterm::event::{KeyCode, KeyModifiers};

use crate::console::app::keys::{Key, KeyName};
use crate::text::nearest;

/// The names of keys that are no characters. The first of several is the one that is shown.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("pgup", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("pgdn", KeyCode::PageDown),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
];

/// A terminal sends these as other keys: Tab, Enter, Esc.
const SENT_AS_OTHERS: [char; 3] = ['i', 'm', '['];

impl Key {
    pub(crate) fn parse(text: &str) -> Result<Self, KeyName> {
        let unknown = || KeyName { nearest: nearest(text, NAMES.iter().map(|(name, _)| *name)) };
        let mut characters = text.chars();
        if let (Some(c), None) = (characters.next(), characters.next()) {
            return if c.is_control() || c == ' ' { Err(unknown()) } else { Ok(plain(KeyCode::Char(c))) };
        }
        let lower = text.to_lowercase();
        if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == lower) {
            return Ok(plain(*code));
        }
        let function = lower.strip_prefix('f').and_then(|number| number.parse().ok());
        if let Some(number) = function.filter(|number| (1..=12).contains(number)) {
            return Ok(plain(KeyCode::F(number)));
        }
        let rest = lower.strip_prefix("ctrl-").or_else(|| lower.strip_prefix('^')).ok_or_else(unknown)?;
        let mut rest = rest.chars();
        match (rest.next(), rest.next()) {
            (Some(c), None) if c.is_ascii_graphic() && !SENT_AS_OTHERS.contains(&c) => {
                Ok(Self { code: KeyCode::Char(c), modifiers: KeyModifiers::CONTROL })
            }
            _ => Err(unknown()),
        }
    }

    /// Its name, as [`Key::parse`] reads it.
    pub(crate) fn name(self) -> String {
        let control = if self.modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
        let named = NAMES.iter().find(|(_, code)| *code == self.code).map(|(name, _)| (*name).to_owned());
        let name = named.unwrap_or_else(|| match self.code {
            KeyCode::Char(c) => c.to_string(),
            other => other.to_string().to_lowercase(),
        });
        format!("{control}{name}")
    }
}

fn plain(code: KeyCode) -> Key {
    Key { code, modifiers: KeyModifiers::NONE }
}
