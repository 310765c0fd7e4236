//! What the console starts with, and the account that it opens.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use ratatui::style::Color;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::console::kept::store::KeptStore;
use crate::console::saved_filters::SavedFilters;
use crate::console::theme::Theme;
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::model::action::Rules;
use crate::model::{Environment, Merchant};
use crate::program::{Hooks, UserCommand};
use crate::services::{Event, Session};
use crate::text::terminal::TerminalLook;

/// The parameters of the console.
pub struct Start {
    pub lang: Lang,
    pub theme: Theme,
    /// Reads the themes to choose from: after the first frame, because only the one in force is needed for it.
    pub themes: ThemeReader,
    /// Opens a profile; without a name, the default one.
    pub opener: Opener,
    pub profile: Option<String>,
    /// Begin with the table over all profiles.
    pub all_profiles: bool,
    /// What the terminal can show.
    pub surface: TerminalLook,
    /// Ring when a watched object has become final.
    pub bell: bool,
    /// No merchant is configured yet: the console says what it shows instead.
    pub first_run: bool,
    pub configured: Configured,
}

/// What the configuration adds.
#[derive(Debug, Default)]
pub struct Configured {
    pub settings: LiveSettings,
    /// Reports that the configuration or a theme has changed while the console runs.
    pub reloads: Option<UnboundedReceiver<Reload>>,
    /// Where what the profiles' screens look like is kept; without it nothing is.
    pub kept: Option<Arc<KeptStore>>,
}

/// What the configuration sets and may change while the console runs.
#[derive(Clone, Debug, Default)]
pub struct LiveSettings {
    pub keys: Vec<KeySetting>,
    pub commands: Vec<UserCommand>,
    pub hooks: Hooks,
}

/// The keys of one command as the configuration writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    pub command: String,
    pub keys: Vec<String>,
    /// The line of the configuration.
    pub line: usize,
}

/// The configuration or a theme has changed.
#[derive(Clone, Debug)]
pub enum Reload {
    Read(Box<Reloaded>),
    /// It cannot be read: what was in force stays.
    Broken(Unread),
}

/// Why the configuration cannot be read, in any language.
#[derive(Clone)]
pub struct Unread(pub Arc<dyn Fn(Lang) -> Explanation + Send + Sync>);

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unread({:?})", self.0(Lang::default()))
    }
}

/// What a changed configuration says.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// The name of the file, for messages.
    pub file: String,
    pub settings: LiveSettings,
    /// If the file names another one than before.
    pub lang: Option<Lang>,
    pub theme: Option<Theme>,
    pub bell: Option<bool>,
    pub themes: Arc<[Theme]>,
    /// Keys that have changed and take effect at the next start.
    pub restart: Vec<String>,
}

/// Reads the themes. Called on a thread of its own, so it may block.
pub type ThemeReader = Arc<dyn Fn() -> Arc<[Theme]> + Send + Sync>;

/// Opens an account. Called on a thread of its own, so it may block.
pub type Opener = Arc<dyn Fn(Option<String>) -> OpenFuture + Send + Sync>;

/// What an [`Opener`] returns.
pub type OpenFuture = Pin<Box<dyn Future<Output = Result<Opened, Unopened>> + Send>>;

/// An account that could not be opened. Others can be chosen if their names are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unopened {
    pub explanation: Explanation,
    pub accounts: Vec<String>,
}

/// An account that was opened.
pub struct Opened {
    pub account: Account,
    /// The names of all profiles.
    pub accounts: Vec<String>,
    pub session: Session,
    pub events: UnboundedReceiver<Event>,
}

/// A configured profile, as the table over all profiles shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The key under which the ledger has what belongs to it.
    pub key: Arc<str>,
    pub name: String,
    pub mchid: String,
    pub environment: Environment,
    pub color: Option<Color>,
}

/// The account of the session.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The profile's name.
    pub name: String,
    pub environment: Environment,
    /// The profile's own colour, if it has one.
    pub color: Option<Color>,
    pub merchant: Merchant,
    pub read_only: bool,
    /// Requests are sent to another machine without TLS.
    pub insecure: bool,
    /// The rules of the profile. The gate enforces them; the console only shows them in advance.
    pub rules: Arc<Rules>,
    /// The gateway is the sandbox inside this program.
    pub embedded: bool,
    pub host: String,
    /// The filters that were saved for it.
    pub saved_filters: SavedFilters,
    /// All profiles there are, this one among them.
    pub peers: Arc<[Peer]>,
}

impl Account {
    /// The name under which its screen is kept: the profile's name and its merchant number, so that a profile that is
    /// changed to another merchant never shows what the former one's filters and cursor name.
    pub(crate) fn kept_as(&self) -> String {
        format!("{}/{}", self.name, self.merchant.mchid)
    }

    /// The key under which the ledger has what belongs to it.
    pub(crate) fn own_key(&self) -> Option<&Arc<str>> {
        self.peers.iter().find(|peer| peer.name == self.name).map(|peer| &peer.key)
    }
}

/// Why the console could not run.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The cause is part of the message, because there is nothing else to say.
    #[error("the terminal failed: {0}")]
    Terminal(std::io::Error),
    /// A signal ended it, by its number; the terminal was restored.
    #[error("signal {0}")]
    Stopped(u8),
    #[error("standard output is not a terminal")]
    NotATerminal,
}

impl From<std::io::Error> for ConsoleError {
    fn from(error: std::io::Error) -> Self {
        Self::Terminal(error)
    }
}
