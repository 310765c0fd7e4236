//! What a person gives before anything is sent, of one object or of many: a reason, a text typed out, the yes.

use tui_input::Input;

use crate::console::app::keys::Key;
use crate::model::action::{RuleBroken, is_reason};

/// What is asked beneath a preview, and how far it has been given.
#[derive(Clone, Debug)]
pub struct ConfirmInput {
    /// What must be typed, where a yes is not enough.
    pub word: Option<String>,
    /// The reason for the journal, where the profile wants one and the form asked for none.
    pub reason: Option<Input>,
    pub typed: Input,
    /// The rule of the profile that is broken, whatever is given here.
    pub broken: Option<RuleBroken>,
    pub focus: ConfirmFocus,
    /// Of the preview: lines above the first that is seen.
    pub scroll: usize,
    /// Confirming was tried too early.
    refused: bool,
    /// The key that opened it is deaf until another was pressed.
    opened_by: Option<Key>,
}

/// Where the focus can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmFocus {
    Reason,
    Typing,
    Cancel,
    Confirm,
}

impl ConfirmInput {
    /// A rule that only lacks a reason is met by asking for one here, if `can_reason`.
    pub fn new(word: Option<String>, broken: Option<RuleBroken>, can_reason: bool, opened_by: Option<Key>) -> Self {
        let mut broken = broken;
        let reason = broken.take_if(|broken| can_reason && matches!(broken, RuleBroken::NoReason(_)));
        Self::asking(word, reason.is_some(), broken, opened_by)
    }

    /// Asks for a text that must be typed, and for a reason.
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

    /// Where the focus can be, in its order.
    fn places(&self) -> Vec<ConfirmFocus> {
        let reason = self.reason.is_some().then_some(ConfirmFocus::Reason);
        let typing = self.word.is_some().then_some(ConfirmFocus::Typing);
        reason.into_iter().chain(typing).chain([ConfirmFocus::Cancel, ConfirmFocus::Confirm]).collect()
    }

    /// The next place for the focus, in either direction.
    pub fn turn(&mut self, forward: bool) {
        let places = self.places();
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.focus = places[(at + step) % places.len()];
    }

    /// Moves the preview.
    pub fn walk(&mut self, by: isize, limit: usize) {
        self.opened_by = None;
        self.scroll = self.scroll.saturating_add_signed(by).min(limit);
    }

    /// The input that has the focus.
    pub fn input_mut(&mut self) -> Option<&mut Input> {
        match self.focus {
            ConfirmFocus::Reason => self.reason.as_mut(),
            ConfirmFocus::Typing => Some(&mut self.typed),
            ConfirmFocus::Cancel | ConfirmFocus::Confirm => None,
        }
    }

    /// Another text must be typed from now on; what was typed so far was meant for the former.
    pub fn ask_for(&mut self, word: Option<String>) {
        if self.word != word {
            (self.word, self.typed, self.refused) = (word, Input::default(), false);
            self.focus = self.places()[0];
        }
    }

    /// A text was changed: what was said of the last try no longer holds.
    pub fn edited(&mut self) {
        self.refused = false;
    }

    /// Confirming was tried, and something is in the way.
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

    /// True once confirming was tried without the reason that is wanted.
    pub fn reason_missing(&self) -> bool {
        self.refused && !self.reason_given()
    }

    fn spelled(&self) -> &str {
        self.typed.value().trim()
    }

    /// True once what is typed can no longer become what is asked for, or was taken for it.
    pub fn mismatch(&self) -> bool {
        let typed = self.spelled();
        self.word.as_ref().is_some_and(|word| typed != word && (self.refused || !word.starts_with(typed)))
    }

    /// True if all that is asked has been given, and no rule forbids it.
    pub fn given(&self) -> bool {
        let typed = self.word.as_ref().is_none_or(|word| self.spelled() == word);
        typed && self.broken.is_none() && self.reason_given()
    }
}
