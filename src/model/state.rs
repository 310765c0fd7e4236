//! What all states have in common: a code as the platform writes it, a meaning, a tone, and whether it is final.

/// The tone of a state. Shown by a glyph as well as a colour, so that it never depends on colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// Another party must act first (a user must sign, pay, confirm).
    Waiting,
    /// In force.
    Running,
    /// Money is on its way.
    Busy,
    /// Ended successfully.
    Done,
    /// Ended by a decision, or held.
    Stopped,
    /// Failed.
    Failed,
    /// A value this version does not know: shown as received, never treated as final.
    Unknown,
}

impl Tone {
    /// Needs an operator's attention.
    pub(crate) const fn is_problem(self) -> bool {
        matches!(self, Self::Failed | Self::Unknown)
    }

    /// One column wide in every terminal.
    pub(crate) const fn glyph(self) -> &'static str {
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

/// Why an object stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The message that says what it waits for.
    pub wants: &'static str,
    /// The messages of the states that usually follow, the likeliest first.
    pub follows: &'static [&'static str],
}

/// A state with what is needed to show and judge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As WeChat Pay writes it; the parts of a triple are joined by `/`.
    pub code: String,
    /// The message id of its meaning; `None` for a value this version does not know.
    pub meaning: Option<&'static str>,
    pub tone: Tone,
    /// True if nothing will change any more.
    pub is_final: bool,
    /// What an object in this state waits for, unless it is final.
    pub waits: Option<Waiting>,
}

impl State {
    pub(super) fn known(code: impl Into<String>, meaning: &'static str, tone: Tone, is_final: bool) -> Self {
        Self { code: code.into(), meaning: Some(meaning), tone, is_final, waits: None }
    }

    pub(super) fn unknown(code: &str) -> Self {
        Self { code: code.to_owned(), meaning: None, tone: Tone::Unknown, is_final: false, waits: None }
    }

    /// The same with what it waits for and the meanings of the states that usually follow.
    pub(super) fn waits(self, wants: &'static str, follows: &'static [&'static str]) -> Self {
        Self { waits: Some(Waiting { wants, follows }), ..self }
    }

    /// What an object in this state waits for; `None` if nothing changes any more or the state is not known.
    pub fn waiting(&self) -> Option<Waiting> {
        self.waits.filter(|_| !self.is_final)
    }
}

/// Defines a state enum from the platform's codes. It keeps unknown values.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $(| $alias:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value this version does not know, as received.
            Unknown(String),
        }

        impl $name {
            /// The codes as the platform writes them.
            pub const CODES: &'static [&'static str] = &[$($code,)*];

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

#[cfg(test)]
mod tests {
    use crate::i18n::Lang;
    use crate::model::Kind;

    #[test]
    fn every_state_that_may_change_says_what_it_waits_for_and_what_follows() {
        let states = Kind::ALL.into_iter().flat_map(Kind::states);
        for state in states.filter(|state| state.meaning.is_some() && !state.is_final) {
            let waiting = state.waiting().unwrap_or_else(|| panic!("{state:?}"));
            for lang in Lang::ALL {
                assert!(lang.has(waiting.wants), "{}", waiting.wants);
            }
            for follows in waiting.follows {
                assert!(Lang::En.has(follows) && Some(*follows) != state.meaning, "{follows}");
            }
        }
    }
}
