//! What every state has in common: its code as the platform writes it, its meaning, its tone, and whether it ends.

/// How a state is to be felt. Shown by a glyph as well as a colour, so that colour alone never tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// Somebody else must act first (a user must sign, pay, confirm).
    Waiting,
    /// In force.
    Running,
    /// Money is on its way.
    Busy,
    /// Ended well.
    Done,
    /// Ended by a decision, or held.
    Stopped,
    /// Ended badly.
    Failed,
    /// A value this version does not know: shown as it came, never treated as final.
    Unknown,
}

impl Tone {
    /// One column wide in every terminal.
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Waiting => "○",
            Self::Running => "●",
            Self::Busy => "◐",
            Self::Done => "✓",
            Self::Stopped => "■",
            Self::Failed => "✗",
            Self::Unknown => "?",
        }
    }
}

/// A state, ready to be shown and judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As WeChat Pay writes it; the parts of a triple are joined by `/`.
    pub code: String,
    /// The message that says what it means; `None` for a value this version does not know.
    pub meaning: Option<&'static str>,
    pub tone: Tone,
    /// True if nothing will change any more.
    pub is_final: bool,
}

impl State {
    pub(super) fn known(code: impl Into<String>, meaning: &'static str, tone: Tone, is_final: bool) -> Self {
        Self { code: code.into(), meaning: Some(meaning), tone, is_final }
    }

    pub(super) fn unknown(code: &str) -> Self {
        Self { code: code.to_owned(), meaning: None, tone: Tone::Unknown, is_final: false }
    }
}

/// Defines a state enum from the platform's codes that keeps values it does not know.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $(| $alias:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value this version does not know, as it came.
            Unknown(String),
        }

        impl $name {
            pub fn parse(code: &str) -> Self {
                match code {
                    $($code $(| $alias)* => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }

            /// The code as the platform writes it.
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code,
                }
            }
        }
    };
}
pub(super) use states;
