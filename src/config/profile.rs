//! `[profiles.NAME]` as it is written, and how it becomes a [`Profile`].

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::ids::{certificate_serial, public_key_id};
use super::rules::{DURATION, RulesTable, duration, rules};
use super::secret::SecretSource;
use super::{ConfigError, IdProblem, Profile};
use crate::api::Limits;
use crate::model::{AppId, Environment, MchId, Merchant, Region, ServiceId};
use crate::services::{Bind, ForwardTo, ListenOptions, Unusable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileTable {
    region: Option<String>,
    environment: Option<String>,
    color: Option<String>,
    mchid: Option<String>,
    merchant_serial: Option<String>,
    private_key: Option<SourceTable>,
    apiv3_key: Option<SourceTable>,
    appid: Option<String>,
    service_id: Option<String>,
    sub_mchid: Option<String>,
    notify_url: Option<String>,
    base_url: Option<String>,
    insecure: Option<bool>,
    platform: Option<PlatformTable>,
    read_only: Option<bool>,
    requests_per_second: Option<u32>,
    timeout_seconds: Option<u64>,
    resolve_within: Option<String>,
    operator: Option<String>,
    numbers: Option<PathBuf>,
    listen: Option<ListenTable>,
    rules: Option<RulesTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListenTable {
    bind: Option<String>,
    path: Option<String>,
    forward_to: Option<String>,
    answer_after_forward: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a source: { file = … }, { env = … } or { command = … }")]
struct SourceTable {
    file: Option<PathBuf>,
    env: Option<String>,
    command: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformTable {
    certificates: Option<String>,
    public_key: Option<SourceTable>,
    id: Option<String>,
}

impl ProfileTable {
    /// The names of the variables that its secrets come from.
    pub(super) fn variables(&self) -> impl Iterator<Item = String> + use<> {
        let platform = self.platform.as_ref().and_then(|platform| platform.public_key.as_ref());
        let sources = [self.private_key.as_ref(), self.apiv3_key.as_ref(), platform];
        sources.map(|source| source.and_then(|source| source.env.clone())).into_iter().flatten()
    }
}

pub(super) struct Reader<'a> {
    pub path: &'a Path,
    pub folder: &'a Path,
    pub name: &'a str,
    /// The variables that hold secrets, of all profiles.
    pub withheld: &'a Arc<[String]>,
}

impl Reader<'_> {
    fn key(&self, key: &str) -> String {
        format!("profiles.{}.{key}", self.name)
    }

    fn need<T>(&self, key: &str, value: Option<T>) -> Result<T, ConfigError> {
        value.ok_or_else(|| ConfigError::Missing { path: self.path.to_owned(), key: self.key(key) })
    }

    pub(super) fn profile(&self, table: ProfileTable) -> Result<Profile, ConfigError> {
        let region = match table.region.as_deref() {
            None | Some("mainland") => Region::Mainland,
            Some("global") => Region::Global,
            Some(other) => return Err(ConfigError::value(&self.key("region"), other, "\"mainland\", \"global\"")),
        };
        let environment = match table.environment.as_deref() {
            None | Some("production") => Environment::Production,
            Some("sandbox") => Environment::Sandbox,
            Some(other) => {
                return Err(ConfigError::value(&self.key("environment"), other, "\"production\", \"sandbox\""));
            }
        };
        let color = table.color.as_deref().map(|text| {
            let wrong = |_| ConfigError::value(&self.key("color"), text, "\"#rrggbb\", \"light-blue\"");
            text.parse().map_err(wrong)
        });
        let mchid = self.need("mchid", table.mchid)?;
        for (key, number) in [("mchid", Some(&mchid)), ("sub_mchid", table.sub_mchid.as_ref())] {
            let digits = |number: &str| (1..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
            if let Some(number) = number.filter(|number| !digits(number)) {
                return Err(ConfigError::value(&self.key(key), number, "1–32 digits"));
            }
        }
        let source = |key: &str, table: SourceTable| self.source(key, table);
        let platform = table.platform.unwrap_or(PlatformTable { certificates: None, public_key: None, id: None });
        let public_key = match (platform.public_key, platform.id) {
            (Some(key), Some(id)) => {
                let id = public_key_id(&id).map_err(|problem| self.id_error("platform.id", problem))?;
                Some((source("platform.public_key", key)?, id))
            }
            (None, None) => None,
            (Some(_), None) => return self.need("platform.id", None),
            (None, Some(_)) => return self.need("platform.public_key", None),
        };
        let certificates = match platform.certificates.as_deref() {
            Some("auto") => true,
            None => public_key.is_none(),
            Some(other) => return Err(ConfigError::value(&self.key("platform.certificates"), other, "\"auto\"")),
        };
        let apiv3_key = table.apiv3_key.map(|key| source("apiv3_key", key)).transpose()?;
        if certificates && apiv3_key.is_none() {
            return self.need("apiv3_key", None);
        }
        let base_url = table.base_url.unwrap_or_else(|| region.base_url().to_owned());
        // Not repeated: it may be a secret, or carry a password.
        let wrong_url = |key: &str| ConfigError::value(&self.key(key), "…", "\"https://…\"");
        let host = reqwest::Url::parse(&base_url).ok().filter(|url| url.has_host() && url.username().is_empty());
        if host.is_none_or(|url| url.password().is_some()) {
            return Err(wrong_url("base_url"));
        }
        if table.notify_url.as_deref().is_some_and(|url| !is_web_address(url)) {
            return Err(wrong_url("notify_url"));
        }
        let open = travels_open(&base_url);
        if open && table.insecure != Some(true) {
            return Err(ConfigError::Insecure { key: self.key("base_url") });
        }
        let serial = self.need("merchant_serial", table.merchant_serial)?;
        let merchant_serial =
            certificate_serial(&serial).map_err(|problem| self.id_error("merchant_serial", problem))?;
        Ok(Profile {
            name: self.name.to_owned(),
            environment,
            color: color.transpose()?,
            merchant: Merchant {
                mchid: MchId::new(&mchid),
                appid: table.appid.as_deref().map(AppId::new),
                service_id: table.service_id.as_deref().map(ServiceId::new),
                region,
                sub_mchid: table.sub_mchid.as_deref().map(MchId::new),
                notify_url: table.notify_url,
            },
            merchant_serial,
            private_key: source("private_key", self.need("private_key", table.private_key)?)?,
            apiv3_key,
            insecure: open,
            certificates,
            public_key,
            read_only: table.read_only.unwrap_or(false),
            rules: table.rules.map(|table| rules(&self.key("rules"), table)).transpose()?.unwrap_or_default(),
            requests_per_second: table.requests_per_second.unwrap_or(20).max(1),
            timeout_seconds: table.timeout_seconds.unwrap_or(30).max(1),
            resolve_within: self.resolve_within(table.resolve_within.as_deref())?,
            operator: table.operator.unwrap_or_else(login_name),
            numbers: table.numbers.map(|path| place(self.folder, &path)),
            listen: table.listen.map(|table| self.listen(table, &base_url)).transpose()?,
            base_url,
        })
    }

    fn resolve_within(&self, text: Option<&str>) -> Result<std::time::Duration, ConfigError> {
        let Some(text) = text else { return Ok(Limits::default().asking) };
        let key = self.key("resolve_within");
        let within = duration(&key, text)?;
        std::time::Duration::try_from(within).map_err(|_| ConfigError::value(&key, text, DURATION))
    }

    fn listen(&self, table: ListenTable, base_url: &str) -> Result<ListenOptions, ConfigError> {
        let bind = table.bind.as_deref().unwrap_or(ListenOptions::ADDRESS);
        let expected = format!("{:?}, \"localhost:8080\"", ListenOptions::ADDRESS);
        let address =
            Bind::address(bind).ok_or_else(|| ConfigError::value(&self.key("listen.bind"), bind, &expected))?;
        let path = table.path.unwrap_or_else(|| ListenOptions::PATH.to_owned());
        ListenOptions::check_path(&path)
            .map_err(|_| ConfigError::value(&self.key("listen.path"), &path, &format!("{:?}", ListenOptions::PATH)))?;
        // Not quoted: it may carry a password.
        let wrong = |error| {
            let expected = match error {
                Unusable::ForwardToWeChatPay => "the URL of your own back end, not WeChat Pay's",
                _ => "an http or https URL like \"http://127.0.0.1:9000/notify\", without user or password",
            };
            ConfigError::value(&self.key("listen.forward_to"), "…", expected)
        };
        let forward = table.forward_to.as_deref().map(|text| {
            let forward = ForwardTo::parse(text)?;
            forward.check_against(base_url).map(|()| forward)
        });
        let forward = forward.transpose().map_err(wrong)?;
        let answer_after_forward = table.answer_after_forward.unwrap_or(false);
        if answer_after_forward && forward.is_none() {
            return self.need("listen.forward_to", None);
        }
        Ok(ListenOptions { bind: Bind::Address(address), path, forward, answer_after_forward })
    }

    fn id_error(&self, key: &str, problem: IdProblem) -> ConfigError {
        ConfigError::Id { key: self.key(key), problem }
    }

    fn source(&self, key: &str, table: SourceTable) -> Result<SecretSource, ConfigError> {
        match (table.file, table.env, table.command) {
            (Some(file), None, None) => Ok(SecretSource::File(place(self.folder, &file))),
            (None, Some(name), None) => Ok(SecretSource::Env(name)),
            (None, None, Some(command)) => Ok(SecretSource::Command { command, withheld: self.withheld.clone() }),
            _ => Err(ConfigError::value(&self.key(key), "{ … }", "{ file = … } | { env = … } | { command = … }")),
        }
    }
}

fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Whether requests to this URL go to another machine without TLS. A text that is not a URL is rejected where it is
/// used.
fn travels_open(base_url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(base_url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let here = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
    let here = host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(here);
    url.scheme() == "http" && !here
}

fn login_name() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "operator".to_owned())
}

/// A path of the configuration: relative to its folder, and with `~/` in the home folder.
pub(super) fn place(folder: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => match directories::BaseDirs::new() {
            Some(dirs) => dirs.home_dir().join(rest),
            None => folder.join(path),
        },
        Err(_) => folder.join(path),
    }
}
