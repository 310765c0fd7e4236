//! What is drawn, before a theme says how it looks.

use crate::console::widgets::highlight::Highlight;
use crate::model::{Progress, Tone};

/// A piece of a line, and a line of pieces.
pub(crate) type Line = Vec<(String, Role)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A cell ready to be drawn. Its text may come from outside; the painter neutralises it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    pub role: Role,
}

/// How a text is to be felt; the theme knows what that looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Role {
    #[default]
    Plain,
    Faint,
    Strong,
    Heading,
    Accent,
    Tone(Tone),
    Gauge(Progress),
    /// Something to worry about: failed, or old.
    Warning,
    /// It was something else a moment ago.
    Changed(Highlight),
}
