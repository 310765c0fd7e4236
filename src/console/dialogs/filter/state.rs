//! What the calendar and the words that can be typed consist of.

use crate::model::Tone;
use crate::model::filter::Qualifier;
use crate::model::time::Date;

/// The calendar over the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub day: Date,
    pub limit: Qualifier,
}

/// A text that can take the place of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub text: String,
    /// What it means, in the language of the interface.
    pub meaning: String,
    pub tone: Option<Tone>,
    /// The bytes of the input that it replaces.
    pub replaces: (usize, usize),
}
