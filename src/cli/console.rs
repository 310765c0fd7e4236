//! Bare `paydeck`: the console, on the configured merchant or on the embedded sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio::sync::mpsc::unbounded_channel;

use super::Failure;
use super::context::{CliSetup, Context};
use crate::config::Config;
use crate::console::{self, ConsoleError, Opened, SavedFilters, Start, Theme, Themes, Unopened};
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
        Some(path) => Some(Config::read(&path)?),
        None => None,
    };
    let lang = context.lang(config.as_ref());
    let themes = Themes::new(theme_folder(&context));
    let chosen = context.theme.as_deref().or_else(|| config.as_ref()?.theme.as_deref());
    let theme = match chosen {
        None => Theme::default(),
        Some(name) => themes.get(name).ok_or_else(|| {
            Failure::Usage(tr!(lang, "cli-bad-theme", theme = &*repeatable(name), known = themes.known()))
        })??,
    };
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
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let bell = config.as_ref().is_none_or(|config| config.bell);
    let start = Start { lang, theme, themes: themes.usable().into(), opener, profile, no_color, bell, first_run };
    let result = console::run(start).await.map_err(|error| match error {
        ConsoleError::NotATerminal => Failure::Usage(lang.t("cli-not-a-terminal")),
        other => Failure::io("terminal", std::io::Error::other(other)),
    });
    // The gateway is stopped after the last session, so that no action in flight is cut off.
    if let Some(embedded) = Arc::into_inner(world).and_then(OnceCell::into_inner).and_then(|world| world.gateway) {
        embedded.gateway.stop().await;
    }
    result
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
        merchant: profile.merchant.clone(),
        read_only: profile.read_only,
        insecure: profile.insecure,
        rules: Arc::new(profile.rules.clone()),
        embedded: world.gateway.is_some(),
        host: profile.base_url.clone(),
        saved_filters: saved_filters(world.config.store.folder().to_owned(), profile.name.clone()).await,
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

async fn saved_filters(folder: PathBuf, profile: String) -> SavedFilters {
    tokio::task::spawn_blocking(move || SavedFilters::read(&folder, &profile)).await.unwrap_or_default()
}
