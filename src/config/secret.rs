//! Where a secret comes from. Never the command line, where the process list shows it.

use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use secrecy::SecretSlice;

use crate::text::{ELLIPSIS, repeatable};

/// An upper limit on the length of a key.
const LONGEST: u64 = 1 << 20;

/// A file, an environment variable, or a command that prints the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    File(PathBuf),
    Env(String),
    /// Run by the shell; its standard output is the secret.
    Command {
        command: String,
        /// The variables that hold secrets by this configuration: commands do not inherit them.
        withheld: Arc<[String]>,
    },
}

impl SecretSource {
    /// Reads the secret's bytes. Blocking: a command may ask its keyring.
    pub fn read(&self) -> Result<SecretSlice<u8>, Box<dyn std::error::Error + Send + Sync>> {
        match self {
            Self::File(path) => {
                let mut bytes = Vec::new();
                std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
                Ok(bytes.into())
            }
            Self::Env(name) => match std::env::var(name).map(String::into_bytes) {
                Ok(value) => Ok(value.into()),
                // The library's error for invalid UTF-8 quotes the bytes.
                Err(std::env::VarError::NotUnicode(_)) => Err("the variable holds bytes that are no text".into()),
                Err(error) => Err(error.into()),
            },
            Self::Command { command, withheld } => {
                let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
                let mut shell_command = Command::new(shell[0]);
                shell_command.args([shell[1], command]);
                for name in withheld.iter() {
                    shell_command.env_remove(name);
                }
                let output = shell_command.output()?;
                if !output.status.success() {
                    // Its standard error may quote the secret; the status does not.
                    return Err(format!("the command ended with {}", output.status).into());
                }
                Ok(output.stdout.into())
            }
        }
    }

    /// Where it comes from, for messages: the name, never the value. A key may stand where a name belongs, so that only
    /// what looks like a name is repeated.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::File(path) if path.exists() => path.display().to_string(),
            Self::File(path) => {
                // Keys are letters and digits, base64 or PEM; names that long have a point, a dash or an underscore.
                let text = path.display().to_string();
                let is_name = |part: &str| part.len() < 24 || (part.len() <= 100 && part.contains(['.', '-', '_']));
                let plain = !text.contains(['\n', '=', '+']) && !text.contains("-----");
                if plain && text.split(['/', '\\']).all(is_name) { text } else { ELLIPSIS.to_owned() }
            }
            Self::Env(name) => {
                let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                match is_name && name.contains('_') && name.len() <= 64 {
                    true => format!("${name}"),
                    false => format!("${}", repeatable(name)),
                }
            }
            Self::Command { .. } => "a command".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_failing_command_does_not_reveal_its_output() {
        let command = |command: &str| SecretSource::Command { command: command.into(), withheld: Arc::default() };
        let source = command("echo hunter2; echo hunter2 >&2; exit 3");
        let error = source.read().unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        let good = command("printf hunter2").read().unwrap();
        assert_eq!(good.expose_secret(), b"hunter2");
        assert!(!format!("{good:?}").contains("hunter2"));
    }

    #[test]
    fn a_key_in_the_place_of_a_name_is_not_repeated() {
        let (key, pem) = ("aB3x".repeat(8), "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----");
        let base64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDoQvofHKrmx0ZM".to_owned();
        let slashes = format!("/etc/paydeck/{base64}/short");
        for secret in [&key, pem, &base64, &slashes, &format!("/etc/paydeck/{key}")] {
            for source in [SecretSource::File(secret.into()), SecretSource::Env(secret.to_owned())] {
                let described = source.describe();
                assert!(!described.contains(&key) && !described.contains("MIIE"), "{described}");
            }
        }
        assert_eq!(SecretSource::Env("PAYDECK_ABROAD_APIV3_KEY".into()).describe(), "$PAYDECK_ABROAD_APIV3_KEY");
        assert_eq!(SecretSource::Env("KEY".into()).describe(), "$KEY");
        let path = "/etc/paydeck/apiclient_key.pem";
        assert_eq!(SecretSource::File(path.into()).describe(), path);
    }
}
