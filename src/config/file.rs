//! The file as it is written, and how it becomes a [`Config`].

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::rules::{RulesTable, rules};
use super::secret::SecretSource;
use super::{Config, ConfigError, IdProblem, Profile};
use crate::api::Limits;
use crate::crypto::serial_of_decimal;
use crate::i18n::Lang;
use crate::ledger::Store;
use crate::model::time::Duration;
use crate::model::{AppId, Environment, MchId, Merchant, Region, Serial, ServiceId};
use crate::services::{Bind, ForwardTo, ListenOptions, Unusable};
use crate::text::{ELLIPSIS, repeatable};

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

pub(super) fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    // A key pasted into the file is named before the parser says that it expected something else.
    if let Ok(table) = text.parse::<toml::Table>()
        && let Some(key) = key_material(&toml::Value::Table(table))
    {
        return Err(ConfigError::KeyInFile { path: path.to_owned(), key });
    }
    let file: File = toml::from_str(text).map_err(|error| explain(path, text, &error))?;
    let withheld = file.profiles.values().flat_map(ProfileTable::variables).collect();
    let folder = path.parent().unwrap_or(Path::new("."));
    let language =
        file.language.as_deref().map(|tag| Lang::parse(tag).ok_or_else(|| value("language", tag, "\"zh-CN\", \"en\"")));
    let mut profiles = BTreeMap::new();
    for (name, table) in file.profiles {
        let profile = Reader { path, folder, name: &name, withheld: &withheld }.profile(table)?;
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

/// How a duration is written.
const DURATION: &str = "\"30s\", \"90m\", \"24h\", \"2d\"";

/// Reads a duration: a number with its unit.
pub(super) fn duration(key: &str, text: &str) -> Result<Duration, ConfigError> {
    let read = || {
        let unit = text.trim().chars().next_back()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return None,
        };
        let number = text.trim().strip_suffix(unit)?;
        // Ten years are longer than anything that is waited for.
        let most = 10 * 366 * 24 * 60 * 60;
        let seconds = number.parse::<u32>().ok()?.checked_mul(seconds).filter(|seconds| *seconds <= most)?;
        Some(Duration::seconds(seconds.into()))
    };
    read().ok_or_else(|| value(key, text, DURATION))
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
    Store::parse(text, |path| place(folder, path)).ok_or_else(|| value("store", text, Store::EXPECTED))
}

pub(super) fn value(key: &str, value: &str, expected: &str) -> ConfigError {
    ConfigError::Value { key: key.to_owned(), value: repeatable(value).into_owned(), expected: expected.to_owned() }
}

/// Where in the file a key's PEM stands, if one does: no value of it is one.
fn key_material(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => text.contains("-----BEGIN").then(String::new),
        toml::Value::Array(values) => values.iter().find_map(key_material),
        toml::Value::Table(table) => table.iter().find_map(|(key, value)| {
            let inner = key_material(value)?;
            Some(if inner.is_empty() { repeatable(key).into_owned() } else { format!("{}.{inner}", repeatable(key)) })
        }),
        _ => None,
    }
}

/// A path of the configuration: relative to its folder, and with `~/` in the home folder.
fn place(folder: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix("~") {
        Ok(rest) => match directories::BaseDirs::new() {
            Some(dirs) => dirs.home_dir().join(rest),
            None => folder.join(path),
        },
        Err(_) => folder.join(path),
    }
}

impl ProfileTable {
    /// The names of the variables that its secrets come from.
    fn variables(&self) -> impl Iterator<Item = String> + use<> {
        let platform = self.platform.as_ref().and_then(|platform| platform.public_key.as_ref());
        let sources = [self.private_key.as_ref(), self.apiv3_key.as_ref(), platform];
        sources.map(|source| source.and_then(|source| source.env.clone())).into_iter().flatten()
    }
}

struct Reader<'a> {
    path: &'a Path,
    folder: &'a Path,
    name: &'a str,
    /// The variables that hold secrets, of all profiles.
    withheld: &'a Arc<[String]>,
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
        for (key, number) in [("mchid", Some(&mchid)), ("sub_mchid", table.sub_mchid.as_ref())] {
            let digits = |number: &str| (1..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
            if let Some(number) = number.filter(|number| !digits(number)) {
                return Err(value(&self.key(key), number, "1–32 digits"));
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
            Some(other) => return Err(value(&self.key("platform.certificates"), other, "\"auto\"")),
        };
        let apiv3_key = table.apiv3_key.map(|key| source("apiv3_key", key)).transpose()?;
        if certificates && apiv3_key.is_none() {
            return self.need("apiv3_key", None);
        }
        let base_url = table.base_url.unwrap_or_else(|| region.base_url().to_owned());
        // Not repeated: it may be a secret, or carry a password.
        let wrong_url = |key: &str| value(&self.key(key), "…", "\"https://…\"");
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
        std::time::Duration::try_from(within).map_err(|_| value(&key, text, DURATION))
    }

    fn listen(&self, table: ListenTable, base_url: &str) -> Result<ListenOptions, ConfigError> {
        let bind = table.bind.as_deref().unwrap_or(ListenOptions::ADDRESS);
        let expected = format!("{:?}, \"localhost:8080\"", ListenOptions::ADDRESS);
        let address = Bind::address(bind).ok_or_else(|| value(&self.key("listen.bind"), bind, &expected))?;
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

    fn id_error(&self, key: &str, problem: IdProblem) -> ConfigError {
        ConfigError::Id { key: self.key(key), problem }
    }

    fn source(&self, key: &str, table: SourceTable) -> Result<SecretSource, ConfigError> {
        match (table.file, table.env, table.command) {
            (Some(file), None, None) => Ok(SecretSource::File(place(self.folder, &file))),
            (None, Some(name), None) => Ok(SecretSource::Env(name)),
            (None, None, Some(command)) => Ok(SecretSource::Command { command, withheld: self.withheld.clone() }),
            _ => Err(value(&self.key(key), "{ … }", "{ file = … } | { env = … } | { command = … }")),
        }
    }
}

/// Reads the serial of a certificate in the ways that tools show it: with colons or blanks between the digits.
fn certificate_serial(text: &str) -> Result<Serial, IdProblem> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let lower = digits.to_ascii_lowercase();
    if let Some(prefix) = ["serial=", "serialnumber=", "0x"].into_iter().find(|prefix| lower.starts_with(prefix)) {
        return Err(IdProblem::Prefix(prefix));
    }
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.chars().count() {
        40 if hexadecimal => Ok(Serial::new(&digits.to_ascii_uppercase())),
        // 160 bits have at most 49 decimal digits.
        count @ 41..=49 if decimal => serial_of_decimal(&digits)
            .map_or(Err(IdProblem::NotSerial { count }), |serial| Err(IdProblem::Decimal(serial))),
        _ if lower.starts_with("pub_key_id_") => Err(IdProblem::PublicKeyId),
        count => Err(IdProblem::NotSerial { count }),
    }
}

/// Reads the id of the WeChat Pay public key: `PUB_KEY_ID_` and digits, kept verbatim.
fn public_key_id(text: &str) -> Result<Serial, IdProblem> {
    let id = text.trim();
    let digits = id.strip_prefix("PUB_KEY_ID_");
    let is_id = digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_id {
        Ok(Serial::new(id))
    } else if certificate_serial(id).is_ok() {
        Err(IdProblem::CertificateSerial)
    } else {
        Err(IdProblem::NotPublicKeyId)
    }
}

fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Whether requests to this URL go to another machine without TLS. What is no URL is refused where it is used.
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
        return ConfigError::UnknownKey { path, line, key: repeatable(key).into_owned(), nearest };
    }
    ConfigError::Syntax { path, line, message: redacted(message) }
}

/// The parser's words without the values it quotes, any of which may be a secret in the wrong place.
fn redacted(message: &str) -> String {
    let (mut text, mut rest) = (String::new(), message);
    while let Some(start) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let (mark, inside) = quoted.split_at(1);
        // Values are quoted with their quotation marks escaped; names of keys as they are.
        let unescaped = |(place, _): &(usize, &str)| !inside[..*place].ends_with('\\');
        let Some((close, _)) = inside.match_indices(mark).find(unescaped) else { break };
        let quote = &inside[..close];
        let sample = quote.len() <= 8 && quote.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let name = mark == "`" && quote.len() <= 24 && quote.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let shown = if sample || name || quote.len() <= 2 { quote } else { ELLIPSIS };
        text.push_str(&format!("{before}{mark}{shown}{mark}"));
        rest = &inside[close + 1..];
    }
    text.push_str(if rest.contains(['"', '`']) { ELLIPSIS } else { rest });
    text
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
            "insecure",
            "platform",
            "certificates",
            "public_key",
            "id",
            "read_only",
            "requests_per_second",
            "timeout_seconds",
            "resolve_within",
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
            "repeat_within",
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
    fn a_secret_in_the_place_of_any_value_or_name_is_not_quoted() {
        let key = "aB3x".repeat(8);
        let pem = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq\\n-----END PRIVATE KEY-----";
        let base64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDoQvofHKrmx0ZM+Se0hBK9";
        let profile = |line: String| format!("{PROFILE}{line}\n");
        for secret in [key.as_str(), pem, base64] {
            for text in [
                PROFILE.replace("mchid = \"1900000001\"", &format!("mchid = \"{secret}\"")),
                PROFILE.replace("5157f09efdc096de15ebe81a47057a7232f1b8e1", secret),
                PROFILE.replace("{ env = \"KEY\" }", &format!("\"{secret}\"")),
                PROFILE.replace("{ env = \"KEY\" }", secret),
                PROFILE.replace("{ file = \"apiclient_key.pem\" }", &format!("\"{secret}\"")),
                PROFILE.replace("{ file = \"apiclient_key.pem\" }", &format!("\"\"\"{secret}\"\"\"")),
                PROFILE.replace("{ file = \"apiclient_key.pem\" }", &format!("[\"{secret}\"]")),
                PROFILE.replace("file =", &format!("\"{secret}\" =")),
                profile(format!("\"{secret}\" = 1")),
                profile(format!("\"{secret}\" = 1\n\"{secret}\" = 2")),
                profile(format!("region = \"{secret}\"")),
                profile(format!("base_url = \"{secret}\"")),
                profile(format!("base_url = \"https://user:{secret}@127.0.0.1\"")),
                profile(format!("notify_url = \"{secret}\"")),
                profile(format!("environment = \"{secret}\"")),
                profile(format!("sub_mchid = \"{secret}\"")),
                profile(format!("read_only = \"{secret}\"")),
                profile(format!("timeout_seconds = \"{secret}\"")),
                profile(format!("platform = \"{secret}\"")),
                profile(format!("platform = {{ certificates = \"{secret}\" }}")),
                profile(format!("platform = {{ public_key = {{ env = \"X_Y\" }}, id = \"{secret}\" }}")),
                profile(format!("listen = {{ bind = \"{secret}\" }}")),
                profile(format!("listen = {{ path = \"{secret}\" }}")),
                profile(format!("listen = {{ forward_to = \"{secret}\" }}")),
                profile(format!("rules = {{ deny = [\"{secret}\"] }}")),
                profile(format!("rules = {{ max_amount = \"{secret}\" }}")),
                profile(format!("rules = {{ max_amount = {{ \"{secret}\" = \"1\" }} }}")),
                format!("language = \"{secret}\""),
                format!("store = \"{secret}\""),
                format!("bell = \"{secret}\""),
                format!("default_profile = {secret}"),
                format!("{secret} = 1"),
                secret.to_owned(),
            ] {
                let error = match read(&text) {
                    Err(error) => error,
                    Ok(config) => config.profile(None).map(|_| ()).expect_err(&text),
                };
                let told = format!("{error} {error:?}");
                assert!(!told.contains(secret) && !told.contains("MIIE") && !told.contains("aB3x"), "{text}\n{told}");
            }
        }
        let error = read(&format!("default_profile = \"{key}\"")).unwrap().profile(None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(&key), "{error}");
        let error = read(&PROFILE.replace("{ env = \"KEY\" }", &format!("\"{pem}\""))).unwrap_err();
        assert!(matches!(&error, ConfigError::KeyInFile { key, .. } if key == "profiles.shop.apiv3_key"), "{error:?}");
    }

    #[test]
    fn the_parsers_words_are_kept_without_the_values() {
        for (message, shown) in [
            ("invalid type: string \"x\\\"hunter2\", expected a map", "invalid type: string \"…\", expected a map"),
            ("invalid type: integer `1900000001`, expected a string", "invalid type: integer `…`, expected a string"),
            ("expected yuan in quotes like \"500.00\", or", "expected yuan in quotes like \"500.00\", or"),
            ("missing key-value separator, expected `=`", "missing key-value separator, expected `=`"),
            ("missing field `mchid`", "missing field `mchid`"),
            ("ended in \"hunter2", "…"),
        ] {
            assert_eq!(redacted(message), shown);
        }
    }

    #[test]
    fn serials_are_read_as_tools_show_them_and_judged_when_loaded() {
        let serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
        let pairs: Vec<&str> = (0..20).map(|i| &serial[2 * i..2 * i + 2]).collect();
        for text in [serial.to_lowercase(), pairs.join(":"), pairs.join(" "), format!(" {serial}\n")] {
            assert_eq!(certificate_serial(&text).unwrap().as_str(), serial, "{text}");
        }
        let decimal = "464281437866462453284397016399049254764412958945";
        let hex = "5153102A3D59EA5F2A5C9C1DA6EFE3E8A8C5F4E1";
        assert!(
            matches!(certificate_serial(decimal), Err(IdProblem::Decimal(found)) if found.as_str().len() == hex.len())
        );
        for (text, problem) in [
            (format!("serial={serial}"), IdProblem::Prefix("serial=")),
            (format!("0x{serial}"), IdProblem::Prefix("0x")),
            (serial[1..].to_owned(), IdProblem::NotSerial { count: 39 }),
            (serial.replace('F', "G"), IdProblem::NotSerial { count: 40 }),
            ("PUB_KEY_ID_0114232134912410000000000000".to_owned(), IdProblem::PublicKeyId),
            (String::new(), IdProblem::NotSerial { count: 0 }),
        ] {
            assert_eq!(certificate_serial(&text), Err(problem), "{text}");
            let error = read(&PROFILE.replace("5157f09efdc096de15ebe81a47057a7232f1b8e1", &text)).unwrap_err();
            assert!(matches!(&error, ConfigError::Id { key, .. } if key == "profiles.shop.merchant_serial"), "{error}");
        }
        let id = "PUB_KEY_ID_0114232134912410000000000000";
        assert_eq!(public_key_id(&format!("{id} ")).unwrap().as_str(), id);
        assert_eq!(public_key_id(serial), Err(IdProblem::CertificateSerial));
        for text in ["", "PUB_KEY_ID_", "PUB_KEY_ID_x", "0114232134912410000000000000", "pub_key_id_1"] {
            assert_eq!(public_key_id(text), Err(IdProblem::NotPublicKeyId), "{text}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_has_to_be_asked_for() {
        let profile = |lines: &str| Ok::<_, ConfigError>(read(&format!("{PROFILE}{lines}"))?.profile(None)?.clone());
        for url in
            ["http://10.0.0.7", "http://api.mch.weixin.qq.com", "http://gateway.internal:8080", "http://[fe80::1]"]
        {
            let error = profile(&format!("base_url = \"{url}\"\n")).unwrap_err();
            assert!(matches!(&error, ConfigError::Insecure { key } if key == "profiles.shop.base_url"), "{error:?}");
            profile(&format!("base_url = \"{url}\"\ninsecure = false\n")).unwrap_err();
            assert!(profile(&format!("base_url = \"{url}\"\ninsecure = true\n")).unwrap().insecure, "{url}");
        }
        for url in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://10.0.0.7"] {
            assert!(!profile(&format!("base_url = \"{url}\"\ninsecure = true\n")).unwrap().insecure, "{url}");
            profile(&format!("base_url = \"{url}\"\n")).unwrap();
        }
    }

    #[test]
    fn variables_of_every_profile_are_withheld_from_commands() {
        let more = PROFILE.replace("profiles.shop", "profiles.other").replace("\"KEY\"", "\"OTHER_KEY\"");
        let config =
            read(&format!("{}{more}", PROFILE.replace("{ file = \"apiclient_key.pem\" }", "{ command = \"x\" }")));
        let config = config.unwrap();
        let SecretSource::Command { withheld, .. } = &config.profiles["shop"].private_key else { panic!() };
        assert_eq!(**withheld, ["OTHER_KEY".to_owned(), "KEY".to_owned()]);
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        let text = PROFILE.replace("\"apiclient_key.pem\"", "\"~/keys/apiclient_key.pem\"") + "numbers = \"~/n.jsonl\"";
        let config = read(&format!("store = \"sqlite:~/l.db\"\n{text}")).unwrap();
        let shop = config.profile(None).unwrap();
        assert_eq!(shop.private_key, SecretSource::File(home.join("keys/apiclient_key.pem")));
        assert_eq!(shop.numbers.as_deref(), Some(&*home.join("n.jsonl")));
        assert_eq!(config.store, Store::Sqlite(home.join("l.db")));
        // Only a whole first part is the home folder.
        assert_eq!(place(Path::new("/etc"), Path::new("~x/y")), Path::new("/etc/~x/y"));
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
            ("{ bind = \"merchant.example:80\" }", "bind"),
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
