//! Programs of the operator's own, as the configuration names them: user commands and hooks. A program is started with
//! its arguments one by one, and a value is always within one argument: no shell reads it. A line for a shell, where the
//! configuration asks for one, contains no values; it reads them from variables of the environment.

mod run;
mod template;
mod variables;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use run::{Finished, ProgramEnd};
pub use template::{Template, TemplateError};
pub use variables::LikeOption;
use variables::OF_THE_PROFILE;
pub(crate) use variables::{VARIABLES, VariableValues};

use crate::model::Kind;
use crate::text::neutralise;

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments; for a shell its one line.
    pub run: Vec<Template>,
    pub shell: bool,
    /// After this long it is stopped.
    pub timeout: Duration,
    /// The variables that hold secrets by the configuration: it does not inherit them.
    pub withheld: Arc<[String]>,
}

/// A command of the console that runs a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCommand {
    pub name: String,
    /// What the palette and the help call it; its name by default.
    pub label: Option<String>,
    /// As the configuration writes them.
    pub keys: Vec<String>,
    /// The kinds of objects it is for; empty: all.
    pub kinds: Vec<Kind>,
    pub program: Program,
    /// It asks before it runs.
    pub confirm: bool,
    /// It asks for the number to be typed before it runs.
    pub dangerous: bool,
    /// The line of the configuration that begins it.
    pub line: usize,
}

/// Programs that run when a watched object changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    pub on_final: Option<Program>,
    pub on_change: Option<Program>,
}

/// A program with its values in place, as it will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    shell: bool,
    timeout: Duration,
    withheld: Arc<[String]>,
}

impl UserCommand {
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// True if it is about an object: there must be one.
    pub(crate) fn is_of_object(&self) -> bool {
        let of_object = |variable: &&str| !OF_THE_PROFILE.contains(variable);
        let named = self.program.run.iter().flat_map(Template::variables).any(|variable| of_object(&variable));
        !self.kinds.is_empty() || named || self.program.shell
    }
}

impl Program {
    /// Puts the values in place. A value that is missing is empty. Text from outside cannot do more than be a text:
    /// control characters and marks of the text direction are replaced.
    pub(crate) fn with(&self, values: &VariableValues) -> Result<Invocation, LikeOption> {
        let values: VariableValues =
            values.iter().map(|(name, value)| (*name, neutralise(value).into_owned())).collect();
        let arguments = self.run.iter().map(|template| template.with(&values)).collect::<Result<_, _>>()?;
        let variable = |name: &str| format!("PAYDECK_{}", name.to_uppercase());
        // All are set, so that none is inherited from elsewhere.
        let value = |name: &'static str| values.get(name).cloned().unwrap_or_default();
        let environment = VARIABLES.iter().map(|name| (variable(name), value(name))).collect();
        let (shell, timeout, withheld) = (self.shell, self.timeout, self.withheld.clone());
        Ok(Invocation { arguments, environment, shell, timeout, withheld })
    }
}

impl Invocation {
    /// The command line for the eye: arguments with blanks are in quotation marks.
    pub fn shown(&self) -> String {
        if self.shell {
            return format!("sh -c {:?}", self.arguments.join(" "));
        }
        let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
        let quoted = |argument: &String| match !argument.is_empty() && argument.chars().all(plain) {
            true => argument.clone(),
            false => format!("{argument:?}"),
        };
        self.arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }

    #[cfg(test)]
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }
}

#[cfg(test)]
mod tests;
