//! Where a secret comes from. Never the command line, where the process list shows it.

use std::path::PathBuf;
use std::process::Command;

use secrecy::SecretString;

/// A file, an environment variable, or a command that prints the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    File(PathBuf),
    Env(String),
    /// Run by the shell; its standard output is the secret.
    Command(String),
}

impl SecretSource {
    /// Reads the secret. Blocking: a command may ask its keyring.
    pub fn read(&self) -> Result<SecretString, Box<dyn std::error::Error + Send + Sync>> {
        match self {
            Self::File(path) => Ok(std::fs::read_to_string(path)?.into()),
            Self::Env(name) => match std::env::var(name) {
                Ok(value) => Ok(value.into()),
                // The library's error for bytes that are no text quotes them.
                Err(std::env::VarError::NotUnicode(_)) => Err("the variable holds bytes that are no text".into()),
                Err(error) => Err(error.into()),
            },
            Self::Command(command) => {
                let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
                let output = Command::new(shell[0]).args([shell[1], command]).output()?;
                if !output.status.success() {
                    // Its standard error may quote the secret; the status does not.
                    return Err(format!("the command ended with {}", output.status).into());
                }
                Ok(String::from_utf8(output.stdout).map_err(|_| "the command printed bytes that are no text")?.into())
            }
        }
    }

    /// Where it comes from, for messages: the name, never the value.
    pub fn describe(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Env(name) => format!("${name}"),
            Self::Command(_) => "a command".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_failing_command_does_not_tell_its_output() {
        let source = SecretSource::Command("echo hunter2; echo hunter2 >&2; exit 3".into());
        let error = source.read().unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        let good = SecretSource::Command("printf hunter2".into()).read().unwrap();
        assert_eq!(good.expose_secret(), "hunter2");
        assert!(!format!("{good:?}").contains("hunter2"));
    }
}
