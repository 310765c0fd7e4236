//! What the console holds of programs that are about to run, run, or have run.

use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::program::{Finished, Invocation, ProgramEnd};

/// A program that waits for confirmation. It is exactly what will run.
#[derive(Clone, Debug)]
pub struct RunConfirm {
    pub label: String,
    pub dangerous: bool,
    pub invocation: Invocation,
    pub confirm_input: ConfirmInput,
}

/// A program to run.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramRun {
    pub label: String,
    pub invocation: Invocation,
    /// It is a hook's: only its failure is shown.
    pub hook: bool,
}

/// What became of a program.
#[derive(Clone, Debug)]
pub struct ProgramOutcome {
    pub run: ProgramRun,
    pub(crate) finished: Finished,
}

/// The output of a program on the screen.
#[derive(Clone, Debug)]
pub struct OutputPanel {
    pub label: String,
    /// The command line.
    pub shown: String,
    pub(crate) end: ProgramEnd,
    pub lines: Vec<String>,
    pub cut: bool,
    pub scroll: usize,
}
