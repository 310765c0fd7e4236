//! The bell, and the desktop notification that many terminals can show. The text is written within an escape sequence,
//! so nothing in it may be interpreted as the end of the sequence.

use crate::text;

/// Columns of a notification; desktops show little more.
const LENGTH: usize = 200;

/// How the terminal is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bell {
    dialect: Option<Dialect>,
    /// Under tmux a sequence must be wrapped; tmux passes it on if `allow-passthrough` allows it.
    wrapped: bool,
}

/// The sequence of a desktop notification. Only one is sent, because a terminal that knows several would show each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// `OSC 9`: iTerm2, WezTerm, Ghostty, Warp; ignored by most others.
    Plain,
    /// `OSC 777`: rxvt, foot, and terminals based on VTE.
    Titled,
    /// `OSC 99`: kitty.
    Kitty,
}

impl Bell {
    /// Detects the terminal from the environment.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        let is_any = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        let dialect = if is_set("KITTY_WINDOW_ID") || is_any(&["xterm-kitty"]) {
            Some(Dialect::Kitty)
        } else if is_set("VTE_VERSION") || is_any(&["rxvt", "foot"]) {
            Some(Dialect::Titled)
        } else if is_any(&["linux", "dumb", "vt"]) || term.is_empty() {
            // These would print the sequence.
            None
        } else {
            Some(Dialect::Plain)
        };
        Self { dialect, wrapped: is_set("TMUX") }
    }

    /// The bytes to write: the bell, and a notification with this text.
    pub(super) fn ring(self, text: &str) -> String {
        let text = harmless(text);
        let sequence = match self.dialect {
            None => String::new(),
            Some(Dialect::Plain) => format!("\x1b]9;Paydeck: {text}\x1b\\"),
            Some(Dialect::Titled) => format!("\x1b]777;notify;Paydeck;{text}\x1b\\"),
            Some(Dialect::Kitty) => format!("\x1b]99;i=paydeck;Paydeck: {text}\x1b\\"),
        };
        match self.wrapped && !sequence.is_empty() {
            false => format!("\x07{sequence}"),
            true => format!("\x07\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
        }
    }
}

/// The text without characters that end the sequence or separate its parts.
fn harmless(text: &str) -> String {
    let safe = text::neutralise(text).replace(';', ",");
    text::cut(&safe, LENGTH).chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bell(variables: &[(&str, &str)]) -> Bell {
        let value =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Bell::of(value)
    }

    #[test]
    fn each_terminal_is_rung_in_its_own_way() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("TERM", "xterm-kitty")], "\x07\x1b]99;i=paydeck;Paydeck: T1 · done\x1b\\"),
            (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], "\x07\x1b]777;notify;Paydeck;T1 · done\x1b\\"),
            (&[("TERM", "foot")], "\x07\x1b]777;notify;Paydeck;T1 · done\x1b\\"),
            (&[("TERM", "xterm-256color")], "\x07\x1b]9;Paydeck: T1 · done\x1b\\"),
            (&[("TERM", "linux")], "\x07"),
            (
                &[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-1/default,1,0")],
                "\x07\x1bPtmux;\x1b\x1b]9;Paydeck: T1 · done\x1b\x1b\\\x1b\\",
            ),
        ];
        for (variables, written) in cases {
            assert_eq!(bell(variables).ring("T1 · done"), written, "{variables:?}");
        }
    }

    #[test]
    fn a_hostile_text_ends_no_sequence_and_begins_none() {
        let evil = "x\x07\x1b\\\x1b]52;c;eA==\x07;\u{9c}\u{9d}\u{202e}\r\n";
        for term in ["xterm-kitty", "foot", "xterm"] {
            let sequence = bell(&[("TERM", term)]).ring(evil);
            let text = sequence.strip_suffix("\x1b\\").unwrap().rsplit_once("x").unwrap().1;
            assert!(!text.contains(|c: char| c.is_control() || c == ';' || c == '\u{202e}'), "{sequence:?}");
        }
        assert!(bell(&[("TERM", "foot")]).ring(&"长".repeat(5000)).len() < 700);
    }
}
