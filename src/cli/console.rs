//! Bare `paydeck`: the console, on the configured merchant or on the embedded sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::unbounded_channel;

use super::context::{CliSetup, Context};
use super::{Failure, Status};
use crate::config::Config;
use crate::console::{
    self, Borders, ColorDepth, Configured, ConsoleError, KeptStore, Opened, Start, Surface, Theme, Themes, Unopened,
};
use crate::i18n::Lang;
use crate::model::Region;
use crate::services::ListenOptions;
use crate::text::repeatable;

pub(super) async fn run(mut context: Context) -> Result<(), Failure> {
    // Without a configuration the console opens on the embedded sandbox, and shows that.
    let first_run = !context.embedded && context.config_path().is_none();
    context.embedded |= first_run;
    // The status line already shows what the note would.
    context.notes = false;
    // A broken configuration is reported before the screen is taken; the gateway is started behind it.
    let config = match context.config_path().filter(|_| !context.embedded) {
        Some(path) => Some(context.resolve(Config::read(&path)?)?),
        None => None,
    };
    let lang = context.lang(config.as_ref());
    let themes = themes(&context);
    let theme = theme(&context, &themes, config.as_ref())?;
    let profile = context.profile.clone();
    if let Some(config) = &config {
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
    let kept = config.as_ref().filter(|config| config.keep_session);
    let kept = kept.map(|config| Arc::new(KeptStore::new(config.sessions(), context.fresh)));
    let configured = Configured { kept };
    let themes = themes.usable().into();
    let start = Start { lang, theme, themes, opener, profile, surface, bell, first_run, configured };
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

pub(super) fn themes(context: &Context) -> Themes {
    Themes::new(theme_folder(context))
}

/// The chosen theme; the flag comes before the configuration.
pub(super) fn theme(context: &Context, themes: &Themes, config: Option<&Config>) -> Result<Theme, Failure> {
    let Some(name) = context.theme.as_deref().or_else(|| config?.theme.as_deref()) else { return Ok(Theme::default()) };
    let unknown = || {
        let lang = context.lang(config);
        Failure::Usage(tr!(lang, "cli-bad-theme", theme = &*repeatable(name), known = themes.known()))
    };
    Ok(themes.get(name).ok_or_else(unknown)??)
}

/// What the terminal can show, or what the flag or the configuration says of it.
fn surface(lang: Lang, context: &Context, config: Option<&Config>) -> Result<Surface, Failure> {
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
    Ok(Surface { colors, borders, wide_ambiguous: wide })
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
    };
    let accounts = world.config.profiles.keys().cloned().collect();
    let (sender, events) = unbounded_channel();
    let listen = match &world.gateway {
        // Only the mainland merchant receives notifications there; what is missed meanwhile is sent again.
        Some(embedded) => embedded.listen.clone().filter(|_| profile.merchant.region == Region::Mainland),
        None => profile.listen.clone(),
    };
    let session = account.session(sender, listen);
    Ok(Opened { account: shown, accounts, session, events })
}
