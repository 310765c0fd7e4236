//! `sandbox`: the gateway alone, until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::json;

use super::Failure;
use super::context::Context;
use super::ctl;
use super::export::Format;
use super::interrupt::Interrupt;
use super::output::Output;
use crate::sandbox::{self, Options, Temporary};

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    if let Some(("ctl", matches)) = matches.subcommand() {
        return ctl::run(context, matches, output).await;
    }
    // Kept until the gateway stops; then the temporary identity is removed with it.
    let temporary = match matches.get_one::<PathBuf>("identity") {
        Some(_) => None,
        None => Some(Temporary::make().map_err(|e| Failure::io("sandbox", e))?),
    };
    let given = matches.get_one::<PathBuf>("identity").cloned();
    let identity = given.or(temporary.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
    let mut options = Options::new(&identity);
    if let Some(bind) = matches.get_one::<SocketAddr>("bind") {
        if !bind.ip().is_loopback() && !matches.get_flag("expose") {
            return Err(Failure::Usage(tr!(output.lang, "cli-sandbox-exposed", address = bind.to_string())));
        }
        options.bind = *bind;
    }
    if let Some(objects) = matches.get_one::<u32>("objects") {
        options.objects = *objects as usize;
    }
    if let Some(seed) = matches.get_one::<u64>("seed") {
        options.seed = *seed;
    }
    options.notify_url = matches.get_one::<String>("notify-url").cloned();
    options.users_act = !matches.get_flag("still");
    if let Some(speed) = matches.get_one::<u32>("speed") {
        options.speed = *speed;
    }
    let ending = Interrupt::listen();
    let gateway = sandbox::start(options).await?;
    let config = gateway.config();
    if output.format == Format::JsonLines {
        let line = json!({"base_url": gateway.base_url(), "identity": identity, "config": config});
        output.print(&format!("{line}\n"))?;
    } else {
        let lang = output.lang;
        let config = config.display().to_string();
        output.print(&format!("{}\n", tr!(lang, "cli-sandbox-ready", url = gateway.base_url())))?;
        output.print(&format!("{}\n", tr!(lang, "cli-sandbox-use", config = config)))?;
    }
    ending.wait().await;
    gateway.stop().await;
    Ok(())
}
