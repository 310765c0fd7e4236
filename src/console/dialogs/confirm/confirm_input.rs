//! What the operator gives before anything is sent, for one object or for many: a reason, a typed text, the
//! confirmation.

use tui_input::Input;

use crate::console::app::keys::Key;
use crate::model::action::{RuleBroken, is_reason};

/// The inputs below a preview, and their values.
#[derive(Clone, Debug)]
pub struct ConfirmInput {
    /// The text that must be typed, if a key press is not enough.
    pub word: Option<String>,
    /// The reason for the journal, if the profile requires one and the form has no such field.
    pub reason: Option<Input>,
    pub typed: Input,
    /// The rule of the profile that forbids the operation whatever is entered here.
    pub broken: Option<RuleBroken>,
    pub focus: ConfirmFocus,
    /// The scroll position of the preview.
    pub scroll: usize,
    /// Confirming was attempted too early.
    refused: bool,
    /// The key that opened the dialog has no effect until another was pressed.
    opened_by: Option<Key>,
}

/// What can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmFocus {
    Reason,
    Typing,
    Cancel,
    Confirm,
}

impl ConfirmInput {
    /// If `can_reason`, a rule that only requires a reason is satisfied by asking for one here.
    pub fn new(word: Option<String>, broken: Option<RuleBroken>, can_reason: bool, opened_by: Option<Key>) -> Self {
        let mut broken = broken;
        let reason = broken.take_if(|broken| can_reason && matches!(broken, RuleBroken::NoReason(_)));
        Self::asking(word, reason.is_some(), broken, opened_by)
    }

    /// Asks for a text to be typed, and for a reason.
    pub fn with_reason(word: String, opened_by: Option<Key>) -> Self {
        Self::asking(Some(word), true, None, opened_by)
    }

    fn asking(word: Option<String>, reason: bool, broken: Option<RuleBroken>, opened_by: Option<Key>) -> Self {
        let mut confirm_input = Self {
            word,
            reason: reason.then(Input::default),
            typed: Input::default(),
            broken,
            focus: ConfirmFocus::Cancel,
            scroll: 0,
            refused: false,
            opened_by,
        };
        confirm_input.focus = confirm_input.places()[0];
        confirm_input
    }

    /// The elements that can have the focus, in their order.
    fn places(&self) -> Vec<ConfirmFocus> {
        let reason = self.reason.is_some().then_some(ConfirmFocus::Reason);
        let typing = self.word.is_some().then_some(ConfirmFocus::Typing);
        reason.into_iter().chain(typing).chain([ConfirmFocus::Cancel, ConfirmFocus::Confirm]).collect()
    }

    /// Moves the focus to the next element in either direction.
    pub fn turn(&mut self, forward: bool) {
        let places = self.places();
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.focus = places[(at + step) % places.len()];
    }

    /// Scrolls the preview.
    pub fn walk(&mut self, by: isize, limit: usize) {
        self.opened_by = None;
        self.scroll = self.scroll.saturating_add_signed(by).min(limit);
    }

    /// The focused input.
    pub fn input_mut(&mut self) -> Option<&mut Input> {
        match self.focus {
            ConfirmFocus::Reason => self.reason.as_mut(),
            ConfirmFocus::Typing => Some(&mut self.typed),
            ConfirmFocus::Cancel | ConfirmFocus::Confirm => None,
        }
    }

    /// Changes the text that must be typed, and clears what was typed for the former one.
    pub fn ask_for(&mut self, word: Option<String>) {
        if self.word != word {
            (self.word, self.typed, self.refused) = (word, Input::default(), false);
            self.focus = self.places()[0];
        }
    }

    /// A text was changed: the message about the latest attempt no longer applies.
    pub fn edited(&mut self) {
        self.refused = false;
    }

    /// Confirming was attempted although something is missing.
    pub fn refuse(&mut self) {
        self.refused = true;
        if self.reason_missing() {
            self.focus = ConfirmFocus::Reason;
        }
    }

    /// True for the key that opened the dialog, until another was pressed.
    pub fn is_debounced(&mut self, pressed: Option<Key>) -> bool {
        if pressed.is_some() && self.opened_by == pressed {
            return true;
        }
        self.opened_by = None;
        false
    }

    /// The reason given here.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_ref().map(|reason| reason.value().trim())
    }

    fn reason_given(&self) -> bool {
        self.reason().is_none_or(is_reason)
    }

    /// True if confirming was attempted without the required reason.
    pub fn reason_missing(&self) -> bool {
        self.refused && !self.reason_given()
    }

    fn spelled(&self) -> &str {
        self.typed.value().trim()
    }

    /// True if what is typed cannot become the required text any more, or was submitted as if it were.
    pub fn mismatch(&self) -> bool {
        let typed = self.spelled();
        self.word.as_ref().is_some_and(|word| typed != word && (self.refused || !word.starts_with(typed)))
    }

    /// True if everything required was given, and no rule forbids the operation.
    pub fn given(&self) -> bool {
        let typed = self.word.as_ref().is_none_or(|word| self.spelled() == word);
        typed && self.broken.is_none() && self.reason_given()
    }
}
