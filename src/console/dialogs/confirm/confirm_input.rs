//! What the operator gives before anything is sent, for one object or for many: a reason, a typed text, the
//! confirmation.

use tui_input::Input;

use crossterm::event::KeyCode;

use crate::console::app::keys::{Key, ch, ctrl};
use crate::model::action::{RuleBroken, is_reason};
use crate::model::time::{Duration, Timestamp};

/// The keys that unfold the request. The first is a character: where that belongs into the focused input, it is typed.
pub(crate) const FOLD_KEYS: [Key; 2] = [ch('r'), ctrl('r')];

/// How long a preview must have been on the screen before it takes a key.
pub(crate) const SEEN_FOR: Duration = Duration::milliseconds(300);

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
    /// The whole request is shown.
    pub unfolded: bool,
    /// It cannot be confirmed, whatever is typed: it can only be closed.
    barred: bool,
    /// A part of what it is about is still being read.
    incomplete: bool,
    /// Confirming was attempted too early.
    refused: bool,
    /// The key that opened the dialog has no effect until another was pressed.
    opened_by: Option<Key>,
    /// Since when the frame that shows what it is about has been on the screen.
    seen_since: Option<Timestamp>,
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
    pub(crate) fn with_reason(word: String, opened_by: Option<Key>) -> Self {
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
            unfolded: false,
            refused: false,
            barred: false,
            incomplete: false,
            opened_by,
            seen_since: None,
        };
        confirm_input.barred = confirm_input.broken.is_some();
        confirm_input.focus = confirm_input.places()[0];
        confirm_input
    }

    /// A frame that shows it was drawn.
    pub fn drawn(&mut self, at: Timestamp) {
        if !self.incomplete {
            self.seen_since.get_or_insert(at);
        }
    }

    /// Notes whether a part of what it is about is still being read: until then nobody has seen it.
    pub(crate) fn set_incomplete(&mut self, incomplete: bool) {
        self.incomplete = incomplete;
        self.hide();
    }

    /// What it shows has changed: it must be drawn, and seen, before it takes a key again.
    pub(crate) fn hide(&mut self) {
        self.seen_since = None;
    }

    /// Something was typed that it does not take yet.
    pub fn wait(&mut self, now: Timestamp) {
        self.seen_since = self.seen_since.map(|since| since.max(now));
    }

    /// Notes whether something bars it. If that has changed, it looks different.
    pub(crate) fn bar(&mut self, barred: bool) {
        if self.barred != barred {
            self.barred = barred;
            self.focus = self.places()[0];
            self.hide();
        }
    }

    pub(crate) fn is_barred(&self) -> bool {
        self.barred
    }

    /// From when on it takes keys.
    pub(crate) fn armed_at(&self) -> Option<Timestamp> {
        self.seen_since.map(|since| since + SEEN_FOR)
    }

    /// True once it has been on the screen long enough to be seen.
    pub(crate) fn is_armed(&self, now: Timestamp) -> bool {
        self.armed_at().is_some_and(|at| at <= now)
    }

    /// The elements that can have the focus, in their order.
    fn places(&self) -> Vec<ConfirmFocus> {
        if self.barred {
            return vec![ConfirmFocus::Cancel];
        }
        let reason = self.reason.is_some().then_some(ConfirmFocus::Reason);
        let typing = self.word.is_some().then_some(ConfirmFocus::Typing);
        reason.into_iter().chain(typing).chain([ConfirmFocus::Cancel, ConfirmFocus::Confirm]).collect()
    }

    /// Moves the focus to an element, if there is that one.
    pub(crate) fn focus_on(&mut self, focus: ConfirmFocus) {
        if self.places().contains(&focus) {
            self.focus = focus;
        }
    }

    /// Moves the focus to the next element in either direction.
    pub fn turn(&mut self, forward: bool) {
        let places = self.places();
        let at = places.iter().position(|place| *place == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.focus = places[(at + step) % places.len()];
    }

    /// Unfolds the request, or folds it again. It is the last part of the preview, so where that has no room, it is
    /// scrolled to the request, whose first line was the last one.
    pub(crate) fn fold(&mut self, last: usize) {
        self.unfolded = !self.unfolded;
        self.scroll = if self.unfolded { last } else { 0 };
    }

    /// Scrolls the preview.
    pub fn walk(&mut self, by: isize, limit: usize) {
        self.opened_by = None;
        self.scroll = self.scroll.saturating_add_signed(by).min(limit);
    }

    /// The focused input.
    pub(crate) fn input_mut(&mut self) -> Option<&mut Input> {
        match self.focus {
            ConfirmFocus::Reason => self.reason.as_mut(),
            ConfirmFocus::Typing => Some(&mut self.typed),
            ConfirmFocus::Cancel | ConfirmFocus::Confirm => None,
        }
    }

    /// Changes the text that must be typed, and clears what was typed for the former one.
    pub(crate) fn ask_for(&mut self, word: Option<String>) {
        if self.word != word {
            (self.word, self.typed, self.refused) = (word, Input::default(), false);
            self.hide();
            self.focus = self.places()[0];
        }
    }

    /// A text was changed: the message about the latest attempt no longer applies.
    pub(crate) fn edited(&mut self) {
        self.refused = false;
    }

    /// Confirming was attempted although something is missing.
    pub fn refuse(&mut self) {
        self.refused = true;
        if self.reason_missing() {
            self.focus = ConfirmFocus::Reason;
        }
    }

    /// True for the key that opened the dialog, until another was pressed; not if all it can do is close it again.
    pub(crate) fn is_debounced(&mut self, pressed: Option<Key>) -> bool {
        if !self.barred && pressed.is_some() && self.opened_by == pressed {
            return true;
        }
        self.opened_by = None;
        false
    }

    /// True if a character belongs into the focused input.
    pub fn takes(&self, c: char) -> bool {
        match self.focus {
            ConfirmFocus::Reason => true,
            ConfirmFocus::Typing => self.word.as_ref().is_some_and(|word| {
                let same = |own: char| own.to_lowercase().eq(c.to_lowercase());
                word.chars().any(same)
            }),
            ConfirmFocus::Cancel | ConfirmFocus::Confirm => false,
        }
    }

    /// The key that folds the request now.
    pub(crate) fn fold_key(&self) -> Key {
        FOLD_KEYS
            .into_iter()
            .find(|key| !matches!(key.code, KeyCode::Char(c) if *key == ch(c) && self.takes(c)))
            .unwrap_or(FOLD_KEYS[1])
    }

    /// The reason given here.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_ref().map(|reason| reason.value().trim())
    }

    fn reason_given(&self) -> bool {
        self.reason().is_none_or(is_reason)
    }

    /// True if confirming was attempted without the required reason.
    pub(crate) fn reason_missing(&self) -> bool {
        self.refused && !self.reason_given()
    }

    fn spelled(&self) -> &str {
        self.typed.value().trim()
    }

    /// True if what is typed cannot become the required text any more, or was submitted as if it were.
    pub(crate) fn mismatch(&self) -> bool {
        let typed = self.spelled();
        self.word.as_ref().is_some_and(|word| typed != word && (self.refused || !word.starts_with(typed)))
    }

    /// True if everything required was given, and no rule forbids the operation.
    pub fn given(&self) -> bool {
        let typed = self.word.as_ref().is_none_or(|word| self.spelled() == word);
        typed && !self.barred && self.reason_given()
    }
}
