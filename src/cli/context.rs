//! What a command needs before it can start: the configuration, or the embedded sandbox that stands in for it.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use tokio::sync::mpsc::UnboundedSender;

use super::Failure;
use super::log::Harmless;
use crate::api::Client;
use crate::config::{Config, KeyComparison, Profile, parse_store};
use crate::i18n::Lang;
use crate::ledger::{Ledger, LedgerError};
use crate::sandbox::{self, Gateway, Temporary};
use crate::services::{
    Actor, Bind, Event, ListenError, ListenOptions, NumberTail, Runner, Session, SessionOptions, Source,
};
use crate::text::neutralise;

/// The global flags, and the configuration they lead to.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// The language given on the command line, otherwise that of the locale.
    pub lang: Lang,
    lang_given: bool,
    config: Option<PathBuf>,
    pub profile: Option<String>,
    pub theme: Option<String>,
    pub colors: Option<String>,
    store: Option<String>,
    pub embedded: bool,
    read_only: bool,
    pub yes: bool,
    /// The console does not open as it was left.
    pub fresh: bool,
    /// The console begins with the table over all profiles.
    pub all_profiles: bool,
    pub(super) log_file: Option<PathBuf>,
    verbose: bool,
    /// Where notes may be written: not while a program reads standard error, nor behind the console.
    pub notes: bool,
}

/// The configuration in force, and the gateway behind it if it is the embedded one.
pub(super) struct CliSetup {
    pub config: Config,
    /// Dropped last: the gateway must outlive its users.
    pub gateway: Option<Embedded>,
}

/// The sandbox inside this process, and its folder.
pub(super) struct Embedded {
    pub gateway: Gateway,
    /// Where its notifications are received.
    pub listen: Option<ListenOptions>,
    _folder: Temporary,
}

/// A profile made ready for use.
pub(super) struct OpenAccount {
    pub profile: Profile,
    pub client: Client,
    pub ledger: Ledger,
    pub actor: Actor,
    pub bills: PathBuf,
    pub comparison: KeyComparison,
}

impl Context {
    pub(super) fn new(lang: Lang, matches: &ArgMatches) -> Self {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        // An empty variable counts as unset.
        let variable = || std::env::var_os("PAYDECK_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
        // Of the console only: a subcommand has no such flag.
        let console_flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false);
        Self {
            lang,
            lang_given: text("lang").is_some(),
            config: path("config").or_else(variable),
            profile: text("profile"),
            theme: text("theme"),
            colors: text("colors"),
            store: text("store"),
            embedded: matches.get_flag("embedded"),
            read_only: matches.get_flag("read-only"),
            yes: matches.get_flag("yes"),
            fresh: console_flag("fresh"),
            all_profiles: console_flag("all-profiles"),
            log_file: path("log-file"),
            verbose: matches.get_flag("verbose"),
            notes: matches.get_one::<String>("output").is_none_or(|format| format != "json"),
        }
    }

    /// The language to use, from the configuration if it can be read; errors in it are reported later.
    pub(super) fn configured_lang(&self) -> Lang {
        let config = self.config_path().filter(|_| !self.embedded).and_then(|path| Config::read(&path).ok());
        self.lang(config.as_ref())
    }

    /// Diagnostics go to a file if one is named. Without one they go to standard error: all with `--verbose`, else
    /// errors only; never to the screen of the console. Errors that the operator must know are printed in any case.
    pub(super) fn start_log(&self, quiet: bool) -> Result<(), Failure> {
        use tracing_subscriber::EnvFilter;
        let level = match (self.verbose, &self.log_file) {
            (true, _) => "paydeck=debug",
            (false, Some(_)) => "paydeck=info",
            (false, None) => "paydeck=error",
        };
        let filter = || EnvFilter::try_from_env("PAYDECK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
        let builder = tracing_subscriber::fmt().with_ansi(false).with_env_filter(filter());
        match &self.log_file {
            Some(path) => {
                let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
                let file = file.map_err(|e| Failure::io(&path.display().to_string(), e))?;
                builder.with_writer(Harmless(std::sync::Mutex::new(file))).init();
            }
            // With `--verbose` it was asked for.
            None if quiet && !self.verbose => {}
            None => builder.with_writer(Harmless(std::io::stderr)).init(),
        }
        Ok(())
    }

    /// The last lines of the log, if one is named.
    pub(super) fn log_lines(&self, most: usize) -> Vec<String> {
        self.log_file.as_deref().map(|path| last_lines(path, most)).unwrap_or_default()
    }

    /// Where the configuration is, if there is one: the flag or its variable, else the platform's place.
    pub(super) fn config_path(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| Config::default_path().filter(|path| path.exists()))
    }

    /// The language to use: the flag's, otherwise the configuration's, otherwise the locale's.
    pub(super) fn lang(&self, config: Option<&Config>) -> Lang {
        let configured = config.and_then(|config| config.language).filter(|_| !self.lang_given);
        configured.unwrap_or(self.lang)
    }

    /// The configuration; with `--sandbox` a gateway is started and its configuration used.
    pub(super) async fn world(&self) -> Result<CliSetup, Failure> {
        if self.embedded {
            return self.embedded_world(None).await;
        }
        let path = self.config_path().ok_or_else(|| {
            let place = Config::default_path().map(|path| path.display().to_string());
            Failure::NoConfig(place.unwrap_or_else(|| "config.toml".to_owned()))
        })?;
        Ok(CliSetup { config: self.resolve(Config::read(&path)?)?, gateway: None })
    }

    /// The same with a listener: the embedded gateway sends its notifications there.
    pub(super) async fn reporting_setup(&self, bind: SocketAddr, path: &str) -> Result<CliSetup, Failure> {
        if !self.embedded {
            return self.world().await;
        }
        let unbound = |source| Failure::Listen(ListenError::Bind { address: bind.to_string(), source });
        // Bound before the gateway is started, which needs the port.
        let listener = Arc::new(TcpListener::bind(bind).map_err(unbound)?);
        let options = ListenOptions {
            bind: Bind::Bound(listener),
            path: path.to_owned(),
            forward: None,
            answer_after_forward: false,
        };
        self.embedded_world(Some(options)).await
    }

    /// Starts the embedded gateway with a temporary folder, removed when the process ends.
    async fn embedded_world(&self, listen: Option<ListenOptions>) -> Result<CliSetup, Failure> {
        let folder = Temporary::make().map_err(|e| Failure::io("paydeck-sandbox", e))?;
        let notify_url = listen.as_ref().and_then(ListenOptions::url);
        let options = sandbox::Options { notify_url, notify_global: false, ..sandbox::Options::new(folder.path()) };
        let gateway = sandbox::start(options).await?;
        let config = self.resolve(Config::read(&gateway.config())?)?;
        Ok(CliSetup { config, gateway: Some(Embedded { gateway, listen, _folder: folder }) })
    }

    /// Flags override the file.
    pub(super) fn resolve(&self, mut config: Config) -> Result<Config, Failure> {
        if let Some(store) = &self.store {
            config.store = parse_store(store, Path::new("."))?;
        }
        if self.read_only {
            config.profiles.values_mut().for_each(|profile| profile.read_only = true);
        }
        Ok(config)
    }

    /// Opens a profile: reads its secrets, makes its client, opens the ledger.
    pub(super) async fn account(&self, config: &Config, name: Option<&str>) -> Result<OpenAccount, Failure> {
        let profile = config.profile(name)?.clone();
        let (store, bills, lang) = (config.store.clone(), config.bills(), self.lang(Some(config)));
        if profile.insecure && self.notes {
            // Standard error may be closed; then the warning is lost.
            let _ = writeln!(
                std::io::stderr().lock(),
                "{}",
                neutralise(&tr!(lang, "cli-insecure", profile = profile.name, url = profile.base_url))
            );
        }
        let open = move || -> Result<OpenAccount, Failure> {
            let credentials = profile.credentials()?;
            let comparison = credentials.comparison.clone();
            let client = Client::new(profile.client_options(credentials, lang))?;
            let ledger = Ledger::open(&store)?;
            let mchid = profile.merchant.mchid.as_str();
            let actor = Actor::new(&profile.name, mchid, &profile.operator, profile.read_only, profile.rules.clone())
                .in_environment(profile.environment);
            Ok(OpenAccount { profile, client, ledger, actor, bills, comparison })
        };
        // Keys are parsed, commands run and files read: nothing for the runtime's threads.
        tokio::task::spawn_blocking(open).await.map_err(|e| Failure::io("open", std::io::Error::other(e)))?
    }
}

/// The last lines of a file.
fn last_lines(path: &Path, most: usize) -> Vec<String> {
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(most)..].iter().map(|line| (*line).to_owned()).collect()
}

impl OpenAccount {
    pub(super) fn runner(&self) -> Runner {
        Runner::new(self.client.clone(), self.ledger.clone(), self.actor.clone(), &self.bills)
    }

    /// Reads what the merchant's back end has appended to the numbers file so far.
    pub(super) async fn read_numbers(&self) -> Result<(), Failure> {
        let Some(path) = self.profile.numbers.clone() else { return Ok(()) };
        let read = tokio::task::spawn_blocking({
            let path = path.clone();
            move || NumberTail::new(&path).read()
        });
        let ids = read
            .await
            .unwrap_or_else(|e| Err(std::io::Error::other(e)))
            .map_err(|e| Failure::io(&path.display().to_string(), e))?;
        Ok(self.runner().note(ids, Source::Feed).await?)
    }

    /// The same for callers that show the answer in any case: returns why nothing can be stored, if so.
    pub(super) async fn try_numbers(&self) -> Result<Option<Arc<LedgerError>>, Failure> {
        match self.read_numbers().await {
            Err(Failure::Ledger(error)) => Ok(Some(error)),
            read => read.map(|()| None),
        }
    }

    /// Opens the session that the console lives on.
    pub(super) fn session(self, events: UnboundedSender<Event>, listen: Option<ListenOptions>) -> Session {
        let options = SessionOptions {
            client: self.client,
            ledger: self.ledger,
            actor: self.actor,
            bills: self.bills,
            numbers: self.profile.numbers,
            merchant_certificate_expires: self.comparison.expires(),
            listen,
        };
        Session::open(options, events)
    }
}
