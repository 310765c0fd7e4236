//! The file as it is written, and how it becomes a [`Config`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rules::{RulesTable, rules};
use super::secret::SecretSource;
use super::{Config, ConfigError, Profile};
use crate::i18n::Lang;
use crate::ledger::Store;
use crate::model::{AppId, Environment, MchId, Merchant, Region, Serial, ServiceId};
use crate::services::{Bind, ForwardTo, ListenOptions, Unusable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default_profile: Option<String>,
    language: Option<String>,
    theme: Option<String>,
    bell: Option<bool>,
    store: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, ProfileTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileTable {
    region: Option<String>,
    environment: Option<String>,
    mchid: Option<String>,
    merchant_serial: Option<String>,
    private_key: Option<SourceTable>,
    apiv3_key: Option<SourceTable>,
    appid: Option<String>,
    service_id: Option<String>,
    sub_mchid: Option<String>,
    notify_url: Option<String>,
    base_url: Option<String>,
    platform: Option<PlatformTable>,
    read_only: Option<bool>,
    requests_per_second: Option<u32>,
    timeout_seconds: Option<u64>,
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

pub(super) fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let file: File = toml::from_str(text).map_err(|error| explain(path, text, &error))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let language =
        file.language.as_deref().map(|tag| Lang::parse(tag).ok_or_else(|| value("language", tag, "\"zh-CN\", \"en\"")));
    let mut profiles = BTreeMap::new();
    for (name, table) in file.profiles {
        let profile = Reader { path, folder, name: &name }.profile(table)?;
        profiles.insert(name, profile);
    }
    Ok(Config {
        path: path.to_owned(),
        default_profile: file.default_profile,
        language: language.transpose()?,
        theme: file.theme,
        bell: file.bell.unwrap_or(true),
        store: store(file.store.as_deref(), folder)?,
        profiles,
    })
}

/// `sqlite:ledger.db`, relative to the file; by default under the platform's data directory.
fn store(text: Option<&str>, folder: &Path) -> Result<Store, ConfigError> {
    let default = || {
        let dirs = directories::ProjectDirs::from("", "", "paydeck");
        dirs.map_or_else(|| folder.to_owned(), |dirs| dirs.data_dir().to_owned()).join("ledger.db")
    };
    match text {
        None => Ok(Store::Sqlite(default())),
        Some(text) => parse_store(text, folder),
    }
}

/// Reads a store, in the file or on the command line.
pub fn parse_store(text: &str, folder: &Path) -> Result<Store, ConfigError> {
    Store::parse(text, folder).ok_or_else(|| value("store", text, "\"sqlite:ledger.db\""))
}

pub(super) fn value(key: &str, value: &str, expected: &str) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), value: value.to_owned(), expected: expected.to_owned() }
}

struct Reader<'a> {
    path: &'a Path,
    folder: &'a Path,
    name: &'a str,
}

impl Reader<'_> {
    fn key(&self, key: &str) -> String {
        format!("profiles.{}.{key}", self.name)
    }

    fn need<T>(&self, key: &str, value: Option<T>) -> Result<T, ConfigError> {
        value.ok_or_else(|| ConfigError::Missing { path: self.path.to_owned(), key: self.key(key) })
    }

    fn profile(&self, table: ProfileTable) -> Result<Profile, ConfigError> {
        let region = match table.region.as_deref() {
            None | Some("mainland") => Region::Mainland,
            Some("global") => Region::Global,
            Some(other) => return Err(value(&self.key("region"), other, "\"mainland\", \"global\"")),
        };
        let environment = match table.environment.as_deref() {
            None | Some("production") => Environment::Production,
            Some("sandbox") => Environment::Sandbox,
            Some(other) => return Err(value(&self.key("environment"), other, "\"production\", \"sandbox\"")),
        };
        let mchid = self.need("mchid", table.mchid)?;
        if mchid.is_empty() || mchid.len() > 32 || !mchid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(value(&self.key("mchid"), &mchid, "1–32 digits"));
        }
        let source = |key: &str, table: SourceTable| self.source(key, table);
        let platform = table.platform.unwrap_or(PlatformTable { certificates: None, public_key: None, id: None });
        let public_key = match (platform.public_key, platform.id) {
            (Some(key), Some(id)) => Some((source("platform.public_key", key)?, Serial::new(&id))),
            (None, None) => None,
            (Some(_), None) => return self.need("platform.id", None),
            (None, Some(_)) => return self.need("platform.public_key", None),
        };
        let certificates = match platform.certificates.as_deref() {
            Some("auto") => true,
            None => public_key.is_none(),
            Some(other) => return Err(value(&self.key("platform.certificates"), other, "\"auto\"")),
        };
        let apiv3_key = table.apiv3_key.map(|key| source("apiv3_key", key)).transpose()?;
        if certificates && apiv3_key.is_none() {
            return self.need("apiv3_key", None);
        }
        let base_url = table.base_url.unwrap_or_else(|| region.base_url().to_owned());
        Ok(Profile {
            name: self.name.to_owned(),
            environment,
            merchant: Merchant {
                mchid: MchId::new(&mchid),
                appid: table.appid.as_deref().map(AppId::new),
                service_id: table.service_id.as_deref().map(ServiceId::new),
                region,
                sub_mchid: table.sub_mchid.as_deref().map(MchId::new),
                notify_url: table.notify_url,
            },
            merchant_serial: Serial::new(&self.need("merchant_serial", table.merchant_serial)?.to_ascii_uppercase()),
            private_key: source("private_key", self.need("private_key", table.private_key)?)?,
            apiv3_key,
            certificates,
            public_key,
            read_only: table.read_only.unwrap_or(false),
            rules: table.rules.map(|table| rules(&self.key("rules"), table)).transpose()?.unwrap_or_default(),
            requests_per_second: table.requests_per_second.unwrap_or(20).max(1),
            timeout_seconds: table.timeout_seconds.unwrap_or(30).max(1),
            operator: table.operator.unwrap_or_else(login_name),
            numbers: table.numbers.map(|path| self.folder.join(path)),
            listen: table.listen.map(|table| self.listen(table, &base_url)).transpose()?,
            base_url,
        })
    }

    fn listen(&self, table: ListenTable, base_url: &str) -> Result<ListenOptions, ConfigError> {
        let bind = table.bind.as_deref().unwrap_or(ListenOptions::ADDRESS);
        let address = bind
            .parse()
            .map_err(|_| value(&self.key("listen.bind"), bind, &format!("{:?}", ListenOptions::ADDRESS)))?;
        let path = table.path.unwrap_or_else(|| ListenOptions::PATH.to_owned());
        ListenOptions::check_path(&path)
            .map_err(|_| value(&self.key("listen.path"), &path, &format!("{:?}", ListenOptions::PATH)))?;
        // Not quoted: it may carry a password.
        let wrong = |error| {
            let expected = match error {
                Unusable::ForwardToWeChatPay => "the URL of your own back end, not WeChat Pay's",
                _ => "an http or https URL like \"http://127.0.0.1:9000/notify\", without user or password",
            };
            value(&self.key("listen.forward_to"), "…", expected)
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

    fn source(&self, key: &str, table: SourceTable) -> Result<SecretSource, ConfigError> {
        match (table.file, table.env, table.command) {
            (Some(file), None, None) => Ok(SecretSource::File(self.folder.join(file))),
            (None, Some(name), None) => Ok(SecretSource::Env(name)),
            (None, None, Some(command)) => Ok(SecretSource::Command(command)),
            _ => Err(value(&self.key(key), "{ … }", "{ file = … } | { env = … } | { command = … }")),
        }
    }
}

fn login_name() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "operator".to_owned())
}

/// What was probably meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |known: &str| strsim::jaro_winkler(name, known);
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).map(str::to_owned)
}

/// Turns the parser's error into ours; of an unknown key it says which was meant.
fn explain(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let path = path.to_owned();
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message();
    // serde writes: unknown field `X`, expected one of `A`, `B`
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field")
        && let Some(key) = quoted.next()
    {
        let nearest = nearest(key, quoted);
        return ConfigError::UnknownKey { path, line, key: key.to_owned(), nearest };
    }
    // A value of a wrong type is quoted by the parser, and may be a secret written where its source belongs.
    let message = match message.split_once('"').zip(message.rsplit_once('"')) {
        Some(((before, _), (_, after))) if message.contains("invalid") => format!("{before}…{after}"),
        _ => message.to_owned(),
    };
    ConfigError::Syntax { path, line, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = r#"
        [profiles.shop]
        mchid = "1900000001"
        merchant_serial = "5157f09efdc096de15ebe81a47057a7232f1b8e1"
        private_key = { file = "apiclient_key.pem" }
        apiv3_key = { env = "KEY" }
    "#;

    fn read(text: &str) -> Result<Config, ConfigError> {
        parse(Path::new("/etc/paydeck/config.toml"), text)
    }

    #[test]
    fn the_example_documents_every_key_and_reads() {
        let text = include_str!("../../config.example.toml");
        let config = read(text).expect("the example reads");
        assert_eq!(config.profile(None).unwrap().name, "shop");
        // Keys that are commented out in the example are known keys, too.
        let uncommented: String =
            text.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
        read(&uncommented).expect("the example reads with its optional keys");
        for key in [
            "default_profile",
            "language",
            "theme",
            "bell",
            "store",
            "region",
            "environment",
            "mchid",
            "merchant_serial",
            "private_key",
            "apiv3_key",
            "appid",
            "service_id",
            "sub_mchid",
            "notify_url",
            "base_url",
            "platform",
            "certificates",
            "public_key",
            "id",
            "read_only",
            "requests_per_second",
            "timeout_seconds",
            "operator",
            "numbers",
            "listen",
            "bind",
            "path",
            "forward_to",
            "answer_after_forward",
            "deny",
            "require_reason",
            "max_amount",
            "max_bulk",
            "file",
            "env",
            "command",
        ] {
            assert!(text.contains(&format!("{key} = ")), "{key} is not documented");
        }
        // So are the names that rules may use, each whole.
        let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
        for name in crate::model::action::WriteName::all().map(|write| write.name()) {
            assert!(words.contains(&name.as_str()), "{name} is not documented");
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one_and_its_line() {
        let error = read("languge = \"en\"\n").unwrap_err();
        let ConfigError::UnknownKey { key, nearest, line, .. } = error else { panic!("{error}") };
        assert_eq!((key.as_str(), nearest.as_deref(), line), ("languge", Some("language"), 1));
        let error = read(&PROFILE.replace("apiv3_key", "api_v3_key")).unwrap_err();
        assert!(
            matches!(&error, ConfigError::UnknownKey { nearest: Some(n), line: 6, .. } if n == "apiv3_key"),
            "{error:?}"
        );
        let error = read(&format!("{PROFILE}[profiles.shop.rules]\nmax_amonut = \"1\"")).unwrap_err();
        assert!(matches!(&error, ConfigError::UnknownKey { nearest: Some(n), .. } if n == "max_amount"), "{error:?}");
        let error = read(&PROFILE.replace("file =", "path =")).unwrap_err();
        assert!(matches!(&error, ConfigError::UnknownKey { .. }), "{error:?}");
    }

    #[test]
    fn a_secret_written_in_the_file_is_not_quoted() {
        let error = read(&PROFILE.replace("{ env = \"KEY\" }", "\"hunter2 \\\"hunter2\"")).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2") && text.contains("env"), "{text}");
    }

    #[test]
    fn defaults_and_relative_paths() {
        let config = read(PROFILE).unwrap();
        let shop = config.profile(None).unwrap();
        assert_eq!(shop.base_url, "https://api.mch.weixin.qq.com");
        assert_eq!(shop.environment, Environment::Production, "forgetting it errs on the careful side");
        assert!(shop.certificates && !shop.read_only);
        assert_eq!(shop.merchant_serial.as_str(), "5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
        assert!(matches!(&shop.private_key, SecretSource::File(p) if p == Path::new("/etc/paydeck/apiclient_key.pem")));
        let store = read("store = \"sqlite:l.db\"").unwrap().store;
        assert_eq!(store, Store::Sqlite("/etc/paydeck/l.db".into()));
    }

    #[test]
    fn the_receiver_has_defaults_and_its_back_end_is_never_quoted() {
        let listen = |table: &str| {
            let config = read(&format!("{PROFILE}listen = {table}"))?;
            Ok::<_, ConfigError>(config.profile(None).unwrap().listen.clone().unwrap())
        };
        let default = listen("{ }").unwrap();
        assert!(matches!(default.bind, Bind::Address(address) if address.to_string() == "127.0.0.1:8080"));
        assert_eq!((default.path.as_str(), default.forward, default.answer_after_forward), ("/notify", None, false));
        for (table, key) in [
            ("{ bind = \"8080\" }", "bind"),
            ("{ path = \"notify\" }", "path"),
            ("{ path = \"/notify?x=1\" }", "path"),
            ("{ forward_to = \"http://user:hunter2@127.0.0.1/\" }", "forward_to"),
        ] {
            let error = listen(table).unwrap_err();
            assert!(
                matches!(&error, ConfigError::Value { key: k, .. } if k.ends_with(&format!("listen.{key}"))),
                "{error:?}"
            );
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        let error = listen("{ answer_after_forward = true }").unwrap_err();
        assert!(matches!(&error, ConfigError::Missing { key, .. } if key == "profiles.shop.listen.forward_to"));
        assert!(matches!(listen("{ port = 1 }").unwrap_err(), ConfigError::UnknownKey { .. }));
    }

    #[test]
    fn values_that_mean_nothing_are_refused_by_name() {
        for (text, key) in [
            (PROFILE.replace("mchid = \"19", "mchid = \"x19"), "profiles.shop.mchid"),
            (PROFILE.replace("[profiles.shop]", "[profiles.shop]\nregion = \"mars\""), "profiles.shop.region"),
            (PROFILE.replace("{ env = \"KEY\" }", "{ }"), "profiles.shop.apiv3_key"),
            ("language = \"fr\"".to_owned(), "language"),
            ("store = \"mysql:x\"".to_owned(), "store"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(matches!(&error, ConfigError::Value { key: k, .. } if k == key), "{error:?}");
        }
        let missing = read(&PROFILE.replace("mchid = \"1900000001\"", "")).unwrap_err();
        assert!(matches!(&missing, ConfigError::Missing { key, .. } if key == "profiles.shop.mchid"));
        let error = read(PROFILE).unwrap().profile(Some("shpo")).unwrap_err();
        assert!(matches!(error, ConfigError::UnknownProfile { known, .. } if known == ["shop"]));
    }
}
