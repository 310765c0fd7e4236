//! The pieces of a line, and their roles, which a theme maps to styles.

use crate::console::widgets::highlight::Highlight;
use crate::model::{Progress, Tone};

/// A piece of a line, and a line of pieces.
pub(crate) type Line = Vec<(String, Role)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A cell to draw. Its text may come from outside; the painter neutralises it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    pub role: Role,
}

/// What a whole row is, which its background and its quiet cells show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowRole {
    #[default]
    Plain,
    /// Its state is final: nothing of it changes by itself any more.
    Final,
    /// The same, and it ended well: its amount counts.
    Settled,
    /// It needs attention: it failed, or its state is not known.
    Problem,
}

/// The role of a text; the theme defines its style.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Role {
    #[default]
    Plain,
    Faint,
    Strong,
    /// An amount of money: it leads the eye.
    Amount,
    Heading,
    Accent,
    Tone(Tone),
    Gauge(Progress),
    /// A problem: failed, or old.
    Warning,
    /// It matches what is searched for.
    Found,
    /// It has changed a moment ago.
    Changed(Highlight),
}
