//! Bare `paydeck`: the console, on the configured merchant or on the embedded sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::unbounded_channel;

use super::context::{CliSetup, Context};
use super::export::Format;
use super::output::Output;
use super::reload;
use super::settings::{ThemeFolder, settings};
use super::{Failure, Status};
use crate::config::{Config, Profile};
use crate::console::{
    self, Borders, ColorDepth, Configured, ConsoleError, KeptStore, KeyRow, Opened, Peer, SavedFilters, Start,
    TerminalLook, Unopened,
};
use crate::i18n::Lang;
use crate::model::Region;
use crate::services::{Actor, ListenOptions};
use crate::text::repeatable;
use serde_json::json;

pub(super) async fn run(mut context: Context) -> Result<(), Failure> {
    // The status line already shows what the note would.
    context.notes = false;
    // A broken configuration is reported before the screen is taken; the gateway is started behind it.
    let config = match context.config_path().filter(|_| !context.embedded) {
        Some(path) => Some(context.resolve(Config::read(&path)?)?),
        None => None,
    };
    // Without a merchant the console opens on the embedded sandbox, and shows that; the rest of the file applies.
    let no_merchant = |config: &Config| config.has_no_merchant() && context.profile.is_none();
    let first_run = !context.embedded && config.as_ref().is_none_or(no_merchant);
    context.embedded |= first_run;
    let lang = context.lang(config.as_ref());
    context.lang = lang;
    let themes = ThemeFolder::new(theme_folder(&context));
    if let Some(name) = context.theme.as_deref().filter(|name| !themes.has(name)) {
        let text = tr!(lang, "cli-bad-theme", theme = &*repeatable(name), known = themes.known());
        return Err(Failure::Usage(text));
    }
    if let Some(config) = config.as_ref() {
        check_settings(config, &themes, context.theme.is_none())?;
    }
    let chosen = context.theme.as_deref().or_else(|| config.as_ref()?.theme.as_deref());
    let theme = themes.chosen(chosen)?;
    let profile = context.profile.clone();
    if let Some(config) = config.as_ref().filter(|_| !first_run) {
        config.profile(profile.as_deref())?;
    }
    let world: Arc<OnceCell<CliSetup>> = Arc::default();
    let opener: console::Opener = {
        let (world, context) = (world.clone(), context.clone());
        // Known before anything is opened, so that another profile can be chosen when this one fails.
        let accounts: Vec<String> = config.iter().flat_map(|config| config.profiles.keys().cloned()).collect();
        Arc::new(move |name| {
            let (world, context, accounts) = (world.clone(), context.clone(), accounts.clone());
            Box::pin(async move {
                let unopened = |failure: Failure| Unopened { explanation: failure.explain(lang), accounts };
                open(&world, &context, name).await.map_err(unopened)
            })
        })
    };
    let surface = surface(lang, &context, config.as_ref())?;
    let bell = config.as_ref().is_none_or(|config| config.bell);
    // What the embedded sandbox has is gone with it.
    let kept = config.as_ref().filter(|config| config.keep_session && !first_run);
    let kept = kept.map(|config| Arc::new(KeptStore::new(config.sessions(), context.fresh)));
    let settings = settings(config.as_ref());
    let folder = theme_folder(&context);
    let reloads = config.as_ref().map(|config| reload::watch(&context, config, themes));
    let configured = Configured { settings, reloads, kept };
    let themes: console::ThemeReader = Arc::new(move || ThemeFolder::new(folder.clone()).usable());
    let all_profiles = context.all_profiles;
    let start = Start { lang, theme, themes, opener, profile, all_profiles, surface, bell, first_run, configured };
    let result = console::run(start).await.map_err(|error| match error {
        ConsoleError::Stopped(signal) => Failure::Stopped(Status::of_signal(signal)),
        ConsoleError::NotATerminal => Failure::Usage(lang.t("cli-not-a-terminal")),
        other => Failure::io("terminal", std::io::Error::other(other)),
    });
    // The gateway is stopped after the last session, so that no action in flight is cut off.
    if let Some(embedded) = Arc::into_inner(world).and_then(OnceCell::into_inner).and_then(|world| world.gateway) {
        embedded.gateway.stop().await;
    }
    result
}

/// Prints every command of the console with its keys, as the configuration gives them.
pub(super) fn keys(context: &Context, output: &Output) -> Result<(), Failure> {
    let path = context.config_path().filter(|_| !context.embedded);
    let config = path.as_deref().map(Config::read).transpose()?;
    let wrong = |problems| {
        let path = path.as_deref().unwrap_or(Path::new("config.toml"));
        Failure::Keys(path.display().to_string(), problems)
    };
    let rows = console::key_rows(&settings(config.as_ref()), output.lang).map_err(wrong)?;
    let row = |KeyRow { id, scope, keys, label }: &KeyRow| match output.format {
        Format::JsonLines => format!("{}\n", json!({"id": id, "scope": scope, "keys": keys, "label": label})),
        _ => format!("{id:<28} {scope:<12} {:<20} {label}\n", keys.join(" ")),
    };
    output.print(&rows.iter().map(row).collect::<String>())
}

/// Checks what only the console uses of the configuration: the keys and the theme.
pub(super) fn check(context: &Context, config: &Config) -> Result<(), Failure> {
    check_settings(config, &ThemeFolder::new(theme_folder(context)), true)
}

fn check_settings(config: &Config, themes: &ThemeFolder, theme: bool) -> Result<(), Failure> {
    let problems = console::key_problems(&settings(Some(config)));
    if !problems.is_empty() {
        return Err(Failure::Keys(config.path.display().to_string(), problems));
    }
    if theme { themes.check(config) } else { Ok(()) }
}

/// What the terminal can show, or what the flag or the configuration says of it.
fn surface(lang: Lang, context: &Context, config: Option<&Config>) -> Result<TerminalLook, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    if variable("TERM").as_deref() == Some("dumb") {
        return Err(Failure::Usage(lang.t("cli-dumb-terminal")));
    }
    let flag = context.colors.as_deref().map(|text| {
        let unknown = || tr!(lang, "cli-bad-colors", colors = &*repeatable(text), known = ColorDepth::EXPECTED);
        ColorDepth::parse(text).ok_or_else(|| Failure::Usage(unknown()))
    });
    let set = flag.transpose()?.unwrap_or_else(|| config?.colors);
    let wide = config.is_some_and(|config| config.wide_ambiguous);
    let borders = config.map(|config| config.borders).unwrap_or_default();
    let borders = if wide { Borders::Ascii } else { borders };
    let colors = set.unwrap_or_else(|| ColorDepth::detect(variable));
    Ok(TerminalLook { colors, borders, wide_ambiguous: wide })
}

/// The user's themes lie beside the configuration, or where it would be.
fn theme_folder(context: &Context) -> Option<PathBuf> {
    Some(context.config_path().or_else(Config::default_path)?.parent()?.join("themes"))
}

async fn open(world: &OnceCell<CliSetup>, context: &Context, name: Option<String>) -> Result<Opened, Failure> {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let world = world.get_or_try_init(|| context.reporting_setup(free, ListenOptions::PATH)).await?;
    let account = context.account(&world.config, name.as_deref()).await?;
    let profile = &account.profile;
    let shown = console::Account {
        name: profile.name.clone(),
        environment: profile.environment,
        color: profile.color,
        merchant: profile.merchant.clone(),
        read_only: profile.read_only,
        insecure: profile.insecure,
        rules: Arc::new(profile.rules.clone()),
        embedded: world.gateway.is_some(),
        host: profile.base_url.clone(),
        saved_filters: saved_filters(world.config.store.folder().to_owned(), profile.name.clone()).await,
        peers: world.config.profiles.values().map(peer).collect(),
    };
    let own = account.actor.key.clone();
    let others = shown.peers.iter().map(|peer| peer.key.to_string()).filter(|key| *key != own).collect();
    let accounts = world.config.profiles.keys().cloned().collect();
    let (sender, events) = unbounded_channel();
    let listen = match &world.gateway {
        // Only the mainland merchant receives notifications there; what is missed meanwhile is sent again.
        Some(embedded) => embedded.listen.clone().filter(|_| profile.merchant.region == Region::Mainland),
        None => profile.listen.clone(),
    };
    let session = account.session(sender, listen);
    session.watch_others(others);
    Ok(Opened { account: shown, accounts, session, events })
}

fn peer(profile: &Profile) -> Peer {
    let key = Actor::key_of(&profile.name, profile.merchant.mchid.as_str()).into();
    let mchid = profile.merchant.mchid.as_str().to_owned();
    Peer { key, name: profile.name.clone(), mchid, environment: profile.environment, color: profile.color }
}

async fn saved_filters(folder: PathBuf, profile: String) -> SavedFilters {
    tokio::task::spawn_blocking(move || SavedFilters::read(&folder, &profile)).await.unwrap_or_default()
}
