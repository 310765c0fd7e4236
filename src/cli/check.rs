//! `profile list` and `profile check`.

use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use serde_json::json;

use super::context::Context;
use super::export::Format;
use super::output::Output;
use super::{Failure, console};
use crate::api::ApiError;
use crate::config::{Config, KeyComparison};
use crate::explain;
use crate::i18n::Lang;
use crate::model::time::rfc3339;
use crate::model::{Environment, Kind, Number, ObjectId};
use crate::text::neutralise;

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    // What the console would refuse is reported here, too.
    console::theme(context, &console::themes(context), Some(&world.config))?;
    match matches.subcommand() {
        Some(("check", matches)) => {
            let name = matches.get_one::<String>("name").cloned().or_else(|| context.profile.clone());
            check(context, &world.config, name.as_deref(), output).await
        }
        _ => list(&world.config, output),
    }
}

fn list(config: &Config, output: &Output) -> Result<(), Failure> {
    let default = config.profile(None).ok().map(|profile| profile.name.clone());
    let mut text = String::new();
    for profile in config.profiles.values() {
        let environment = match profile.environment {
            Environment::Production => "production",
            Environment::Sandbox => "sandbox",
        };
        let is_default = default.as_deref() == Some(&profile.name);
        let mchid = profile.merchant.mchid.as_str();
        text += &if output.format == Format::JsonLines {
            let row = json!({"name": profile.name, "mchid": mchid, "environment": environment,
                "base_url": profile.base_url, "read_only": profile.read_only, "default": is_default});
            format!("{row}\n")
        } else {
            let mark = if is_default { "*" } else { " " };
            format!("{mark} {:<24} {mchid:<12} {environment:<10} {}\n", profile.name, profile.base_url)
        };
    }
    output.note(&config.path.display().to_string());
    output.print(&text)
}

/// Checks the keys against each other, then queries an order that does not exist: this changes nothing, and only a
/// platform that accepts our signature can answer it.
async fn check(context: &Context, config: &Config, name: Option<&str>, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let account = context.account(config, name).await?;
    let json = output.format == Format::JsonLines;
    let passed = |id: &str, value: &str| match json {
        true => Ok(()),
        false => output.print(&format!("✓ {}: {value}\n", lang.t(id))),
    };
    let profile = &account.profile;
    let serial = profile.merchant_serial.as_str();
    match not_compared(lang, &account.comparison) {
        None => passed("cli-check-keys", serial)?,
        Some(why) if !json => {
            output.print(&format!("– {}: {} · {serial}\n", lang.t("cli-check-not-compared"), neutralise(&why)))?;
        }
        Some(_) => {}
    }
    let merchant_expires = account.comparison.expires().map(rfc3339);
    if let Some(expires) = &merchant_expires {
        passed("cli-check-certificate", expires)?;
    }
    let readable = {
        let (profile, config) = (profile.clone(), config.path.clone());
        let read = tokio::task::spawn_blocking(move || profile.readable_by_others(&config));
        read.await.map_err(|error| Failure::io("check", std::io::Error::other(error)))?
    };
    let mut warnings: Vec<String> = readable.iter().map(|(path, mode)| readable_by_others(lang, path, *mode)).collect();
    if !json {
        warnings.iter().try_for_each(|warning| output.print(&format!("⚠ {}\n", neutralise(warning))))?;
    }
    let probe = format!("paydeck-check-{}", crate::crypto::nonce());
    let number = Number::parse(&probe[..32])?;
    let answer = account.client.fetch(&ObjectId::new(Kind::Transaction, number), None).await;
    match answer {
        Err(ApiError::Refused(refusal)) if refusal.signed && refusal.status == 404 => {}
        // Signed by the platform and not about our signature: the keys work, a permission may be missing.
        Err(error @ ApiError::Refused(_)) if error.refusal().is_some_and(|r| r.signed && r.status != 401) => {
            let explanation = explain::api_error(lang, &error);
            let line = format!("{} {}", explanation.code.as_deref().unwrap_or_default(), explanation.line());
            // Programs find it in the document.
            if json { warnings.push(line) } else { output.note(&line) }
        }
        Ok(_) => {}
        Err(error) => return Err(Failure::Api(Arc::new(error), None)),
    }
    passed("cli-check-connection", &profile.base_url)?;
    let platform_expires = account.client.platform_certificate_expires().map(rfc3339);
    if let Some(expires) = &platform_expires {
        passed("cli-check-platform", expires)?;
    }
    if json {
        let checked = json!({"name": profile.name, "mchid": profile.merchant.mchid.as_str(), "ok": true,
            "base_url": profile.base_url, "insecure": profile.insecure,
            "certificate_matches_key": merchant_expires.as_ref().map(|_| true),
            "merchant_certificate_expires": merchant_expires,
            "platform_certificate_expires": platform_expires, "warnings": warnings});
        output.print(&format!("{checked}\n"))?;
    }
    Ok(())
}

/// Why the key was not compared with its certificate; `None` if it was.
fn not_compared(lang: Lang, comparison: &KeyComparison) -> Option<String> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match comparison {
        KeyComparison::Belongs { .. } => None,
        KeyComparison::Absent { path } => Some(tr!(lang, "cli-check-no-certificate", name = name(path))),
        KeyComparison::Unread { path, why } => {
            Some(tr!(lang, "cli-check-unread-certificate", path = path.display().to_string(), error = why))
        }
        KeyComparison::Nowhere => Some(lang.t("cli-check-no-certificate-there")),
    }
}

fn readable_by_others(lang: Lang, path: &Path, mode: u32) -> String {
    tr!(lang, "cli-check-readable", path = path.display().to_string(), mode = format!("{mode:o}"))
}
