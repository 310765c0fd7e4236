//! The configuration: one TOML file, read strictly. Unknown keys are errors that name the key and the nearest known
//! one; relative paths are relative to the file. `config.example.toml` documents every key.

mod error;
mod file;
mod ids;
mod keys;
mod lines;
mod own;
mod profile;
mod rules;
mod secret;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ratatui::style::Color;

use crate::i18n::Lang;
use crate::ledger::Store;
use crate::model::action::Rules;
use crate::model::{Environment, Merchant, Serial};
use crate::program::{Hooks, UserCommand};
use crate::services::ListenOptions;
use crate::text::repeatable;
use crate::text::terminal::{Borders, ColorDepth};

pub use error::{ConfigError, IdProblem};
pub use file::parse_store;
pub use keys::{Credentials, KeyComparison};
pub use lines::changed_keys;
pub use own::KeyBinding;
pub use secret::SecretSource;

/// The whole file, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    pub default_profile: Option<String>,
    pub language: Option<Lang>,
    pub theme: Option<String>,
    /// How many colours to use; by default, as many as the terminal has.
    pub colors: Option<ColorDepth>,
    pub borders: Borders,
    /// Ambiguous characters are two columns wide.
    pub wide_ambiguous: bool,
    /// Ring the terminal's bell when a watched object becomes final.
    pub bell: bool,
    /// The console opens as it was left.
    pub keep_session: bool,
    /// The keys that replace those of the console's commands.
    pub keys: Vec<KeyBinding>,
    /// The operator's own commands.
    pub commands: Vec<UserCommand>,
    pub hooks: Hooks,
    /// Where the ledger is.
    pub store: Store,
    pub profiles: BTreeMap<String, Profile>,
}

/// One merchant with one operator's keys and rules.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub environment: Environment,
    /// The colour of its current tab and its name.
    pub color: Option<Color>,
    pub merchant: Merchant,
    pub merchant_serial: Serial,
    pub private_key: SecretSource,
    pub apiv3_key: Option<SecretSource>,
    pub base_url: String,
    /// Requests go to another machine without TLS, as `insecure = true` lets them.
    pub insecure: bool,
    /// `platform.certificates = "auto"`.
    pub certificates: bool,
    /// `platform.public_key` and `platform.id`.
    pub public_key: Option<(SecretSource, Serial)>,
    pub read_only: bool,
    /// Further limits on what it may do.
    pub rules: Rules,
    pub requests_per_second: u32,
    pub timeout_seconds: u64,
    /// How long the outcome of an action without an answer is queried.
    pub resolve_within: std::time::Duration,
    /// The name shown in the journal.
    pub operator: String,
    /// A JSON-lines file of numbers that the merchant's back end appends to.
    pub numbers: Option<PathBuf>,
    /// Where the console receives notifications, if it does.
    pub listen: Option<ListenOptions>,
}

impl Config {
    /// The default path of the file: the platform's configuration directory.
    pub(crate) fn default_path() -> Option<PathBuf> {
        Some(directories::ProjectDirs::from("", "", "paydeck")?.config_dir().join("config.toml"))
    }

    /// The folder for the bills of all profiles.
    pub fn bills(&self) -> PathBuf {
        self.store.folder().join("bills")
    }

    /// The folder for what the screens of the profiles looked like.
    pub fn sessions(&self) -> PathBuf {
        self.store.folder().join("sessions")
    }

    /// The error for a theme that does not exist.
    pub(crate) fn wrong_theme(&self, name: &str, known: &str) -> ConfigError {
        let error = ConfigError::value("theme", name, known);
        match std::fs::read_to_string(&self.path) {
            Ok(text) => error.on_its_line(&self.path, &text),
            Err(_) => error,
        }
    }

    /// The profile of that name; without a name the default one, or the only one.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, ConfigError> {
        let known = || self.profiles.keys().cloned().collect();
        let Some(asked) = name.or(self.default_profile.as_deref()) else {
            let only = self.profiles.values().next().filter(|_| self.profiles.len() == 1);
            return only.ok_or_else(|| ConfigError::NoProfile { known: known() });
        };
        self.profiles.get(asked).ok_or_else(|| {
            let shown = if name.is_some() { asked.to_owned() } else { repeatable(asked).into_owned() };
            ConfigError::UnknownProfile { name: shown, known: known() }
        })
    }

    /// True if it is about no merchant: it only says how the console looks and which keys it has.
    pub(crate) fn has_no_merchant(&self) -> bool {
        self.profiles.is_empty() && self.default_profile.is_none()
    }
}
