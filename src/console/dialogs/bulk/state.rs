//! The state of bulk actions: the preview that waits for confirmation, and the action in progress.

use std::sync::Arc;

use crate::console::Account;
use crate::console::app::keys::Key;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::model::ObjectId;
use crate::model::action::{ActionId, Bulk, Confirmation, NotConfirmed, Operation, Values, Write};
use crate::services::{BulkEvent, BulkRun, LeftOut, Outcome, Prepared, Rate, Surprise, Ticket};

/// For how many of the marked objects each action is legal.
#[derive(Clone, Debug)]
pub struct ActionCounts {
    pub of: Arc<Vec<ObjectId>>,
    pub counts: Vec<(ActionId, usize)>,
}

/// A bulk action that is being prepared.
#[derive(Clone, Debug)]
pub struct Preparing {
    pub ticket: Ticket,
    pub values: Values,
    /// How many objects had to be queried, and how many have been.
    pub done: usize,
    pub total: usize,
    /// The key that started it. It has no effect in the preview until another key was pressed.
    pub asked_by: Option<Key>,
}

/// The preview of a bulk action that waits for confirmation. It holds exactly the operations that will be sent.
#[derive(Clone, Debug)]
pub struct BulkConfirm {
    pub prepared: Arc<Prepared>,
    /// The values shared by all operations.
    pub values: Values,
    pub rate: Rate,
    pub confirm_input: ConfirmInput,
}

impl BulkConfirm {
    pub fn new(prepared: Arc<Prepared>, values: Values, rate: Rate, account: &Account, opened_by: Option<Key>) -> Self {
        let rules = &account.rules;
        let operations = prepared.bulk.operations();
        let broken = operations.iter().find_map(|one| rules.judge(Write::Operation(one), operations.len()).err());
        let can_reason = !prepared.bulk.action().action().asks_reason();
        // Without an operation there is nothing to type.
        let word = prepared.bulk.typed_confirmation(account.environment).filter(|_| !prepared.bulk.is_empty());
        Self { confirm_input: ConfirmInput::new(word, broken, can_reason, opened_by), prepared, values, rate }
    }

    /// True if the operations can be confirmed.
    pub fn ready(&self) -> bool {
        self.confirm_input.given() && self.confirmed().is_ok()
    }

    /// The operations that the dialog shows, confirmed, with the reason given here.
    pub fn confirmed(&self) -> Result<BulkRun, NotConfirmed> {
        let bulk: Bulk = self.prepared.bulk.clone().with_reason(self.confirm_input.reason());
        let confirmation = match self.confirm_input.word {
            Some(_) => Confirmation::Count(self.confirm_input.typed.value().to_owned()),
            None => Confirmation::Yes,
        };
        Ok(BulkRun { operations: bulk.confirm(confirmation)?, rate: self.rate })
    }
}

/// A bulk action in progress, or one that has ended.
#[derive(Clone, Debug)]
pub struct Running {
    pub action: ActionId,
    pub rows: Vec<(Operation, OperationProgress)>,
    pub left_out: Vec<LeftOut>,
    pub rate: Rate,
    pub phase: BulkPhase,
}

/// The progress of one operation.
#[derive(Clone, Debug)]
pub enum OperationProgress {
    Waiting,
    Sending,
    Ended(Outcome),
}

/// The progress of the whole action.
#[derive(Clone, Debug)]
pub enum BulkPhase {
    Running,
    /// With the cause, unless the operator paused it.
    Paused(Option<Surprise>),
    /// Operations in flight are being finished.
    Stopping,
    Finished,
}

impl Running {
    pub fn new(run: &BulkRun, prepared: &Prepared) -> Self {
        let rows = run.operations.iter().map(|one| (one.what().clone(), OperationProgress::Waiting)).collect();
        let left_out = prepared.left_out.clone();
        Self { action: prepared.bulk.action(), rows, left_out, rate: run.rate, phase: BulkPhase::Running }
    }

    pub(crate) fn is_under_way(&self) -> bool {
        !matches!(self.phase, BulkPhase::Finished)
    }

    /// Applies an event of the running action. Returns the operation if it has succeeded.
    pub fn apply(&mut self, event: BulkEvent) -> Option<Operation> {
        match event {
            BulkEvent::Started(place) => {
                if let Some((_, progress)) = self.rows.get_mut(place) {
                    *progress = OperationProgress::Sending;
                }
            }
            BulkEvent::Ended(place, outcome) => {
                let (operation, progress) = self.rows.get_mut(place)?;
                let done = matches!(outcome, Outcome::Done { .. });
                *progress = OperationProgress::Ended(outcome);
                return done.then(|| operation.clone());
            }
            BulkEvent::Paused(surprise) => self.phase = BulkPhase::Paused(surprise),
            BulkEvent::Resumed => self.phase = BulkPhase::Running,
            BulkEvent::Finished => self.phase = BulkPhase::Finished,
        }
        None
    }

    /// The number of operations that have ended, whatever their outcome.
    pub fn ended(&self) -> usize {
        self.rows.iter().filter(|(_, progress)| matches!(progress, OperationProgress::Ended(_))).count()
    }

    pub(crate) fn in_flight(&self) -> impl Iterator<Item = &Operation> {
        self.rows
            .iter()
            .filter(|(_, progress)| matches!(progress, OperationProgress::Sending))
            .map(|(operation, _)| operation)
    }

    /// The word of each operation's outcome. Operations that were never sent have one once the action has ended.
    pub fn word(&self, progress: &OperationProgress) -> Option<&'static str> {
        match progress {
            OperationProgress::Ended(outcome) => Some(outcome.word()),
            OperationProgress::Waiting if !self.is_under_way() => Some("not-sent"),
            OperationProgress::Waiting | OperationProgress::Sending => None,
        }
    }

    /// The number of operations for each outcome, in the order of the words.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let words = ["done", "refused", "denied", "unknown", "not-sent"];
        let count = |word| self.rows.iter().filter(|(_, progress)| self.word(progress) == Some(word)).count();
        let counts = words.into_iter().map(|word| (word, count(word)));
        counts.chain([("left-out", self.left_out.len())]).filter(|(_, count)| *count > 0).collect()
    }

    /// The line of the current operation.
    pub fn at(&self) -> usize {
        self.rows.iter().position(|(_, progress)| !matches!(progress, OperationProgress::Ended(_))).unwrap_or(0)
    }
}
