//! The file as it is written, and how it becomes a [`Config`].

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::error::{explain, key_material};
use super::own::{CommandTable, HooksTable, OwnReader, Texts};
use super::profile::{ProfileTable, Reader, place};
use super::{Config, ConfigError};
use crate::crypto::decode_text;
use crate::i18n::Lang;
use crate::ledger::Store;
use crate::text::terminal::{Borders, ColorDepth};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    default_profile: Option<String>,
    language: Option<String>,
    theme: Option<String>,
    colors: Option<String>,
    borders: Option<String>,
    ambiguous_width: Option<u8>,
    bell: Option<bool>,
    keep_session: Option<bool>,
    store: Option<String>,
    #[serde(default)]
    keys: BTreeMap<String, Texts>,
    #[serde(default)]
    commands: BTreeMap<String, CommandTable>,
    hooks: Option<HooksTable>,
    #[serde(default)]
    profiles: BTreeMap<String, ProfileTable>,
}

impl Config {
    /// Reads and checks the file. Secrets are not read before they are needed.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unread = |source| ConfigError::Read { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unread)?;
        let no_text = || std::io::Error::new(std::io::ErrorKind::InvalidData, "neither UTF-8 nor UTF-16");
        let text = decode_text(&bytes).ok_or_else(|| unread(no_text()))?;
        parse(path, &text).map_err(|error| error.on_its_line(path, &text))
    }
}

fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    // A key pasted into the file is reported before the parser's own error.
    if let Ok(table) = text.parse::<toml::Table>()
        && let Some(key) = key_material(&toml::Value::Table(table))
    {
        return Err(ConfigError::KeyInFile { path: path.to_owned(), key });
    }
    let file: File = toml::from_str(text).map_err(|error| explain(path, text, &error))?;
    let withheld: Arc<[String]> = file.profiles.values().flat_map(ProfileTable::variables).collect();
    let own = OwnReader { path, text, withheld: withheld.clone() };
    let folder = path.parent().unwrap_or(Path::new("."));
    let language = file
        .language
        .as_deref()
        .map(|tag| Lang::parse(tag).ok_or_else(|| ConfigError::value("language", tag, &Lang::known())));
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
        colors: file.colors.as_deref().map(colors).transpose()?.flatten(),
        borders: file.borders.as_deref().map(borders).transpose()?.unwrap_or_default(),
        wide_ambiguous: match file.ambiguous_width {
            None | Some(1) => false,
            Some(2) => true,
            Some(other) => return Err(ConfigError::value("ambiguous_width", &other.to_string(), "1, 2")),
        },
        bell: file.bell.unwrap_or(true),
        keep_session: file.keep_session.unwrap_or(true),
        keys: own.keys(file.keys),
        commands: own.commands(file.commands)?,
        hooks: file.hooks.map(|table| own.hooks(table)).transpose()?.unwrap_or_default(),
        store: store(file.store.as_deref(), folder)?,
        profiles,
    })
}

fn colors(text: &str) -> Result<Option<ColorDepth>, ConfigError> {
    ColorDepth::parse(text).ok_or_else(|| ConfigError::value("colors", text, ColorDepth::EXPECTED))
}

fn borders(text: &str) -> Result<Borders, ConfigError> {
    Borders::parse(text).ok_or_else(|| ConfigError::value("borders", text, Borders::EXPECTED))
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
    Store::parse(text, |path| place(folder, path)).ok_or_else(|| ConfigError::value("store", text, Store::EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::error::redacted;
    use crate::config::ids::{certificate_serial, public_key_id};
    use crate::config::{IdProblem, SecretSource};
    use crate::model::Environment;
    use crate::services::Bind;

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
            "colors",
            "borders",
            "ambiguous_width",
            "bell",
            "keep_session",
            "label",
            "key",
            "kinds",
            "run",
            "confirm",
            "dangerous",
            "shell",
            "timeout",
            "on_change",
            "on_final",
            "store",
            "region",
            "environment",
            "color",
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
    fn the_look_is_set_for_the_console_and_for_each_profile() {
        let plain = read(PROFILE).unwrap();
        assert_eq!((plain.colors, plain.borders, plain.wide_ambiguous), (None, Borders::Lines, false));
        let look = "colors = \"16\"\nborders = \"ascii\"\nambiguous_width = 2\n";
        let set = read(&format!("{look}{PROFILE}color = \"#e3b341\"\n")).unwrap();
        assert_eq!((set.colors, set.borders, set.wide_ambiguous), (Some(ColorDepth::Sixteen), Borders::Ascii, true));
        assert_eq!(set.profile(None).unwrap().color, "#e3b341".parse().ok());
        for wrong in ["colors = \"7\"", "borders = \"round\"", "ambiguous_width = 3"] {
            let error = read(&format!("{wrong}\n{PROFILE}")).unwrap_err();
            assert!(matches!(&error, ConfigError::Value { .. }), "{error:?}");
        }
        let error = read(&format!("{PROFILE}color = \"blau\"\n")).unwrap_err();
        assert!(error.to_string().contains("profiles.shop.color"), "{error}");
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
                let report = format!("{error} {error:?}");
                assert!(
                    !report.contains(secret) && !report.contains("MIIE") && !report.contains("aB3x"),
                    "{text}\n{report}"
                );
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

    #[test]
    fn a_file_without_a_profile_is_about_no_merchant() {
        let keys = "[keys]\nrefresh = \"f5\"\n";
        for text in ["", "\n# nothing\n", "theme = \"light\"\nlanguage = \"zh-CN\"\n", keys, "[hooks]\n"] {
            let config = read(text).unwrap();
            assert!(config.has_no_merchant(), "{text}");
            let error = config.profile(None).unwrap_err();
            assert!(matches!(&error, ConfigError::NoProfile { known } if known.is_empty()), "{text}: {error:?}");
            let error = config.profile(Some("shop")).unwrap_err();
            assert!(matches!(&error, ConfigError::UnknownProfile { name, .. } if name == "shop"), "{error:?}");
        }
        // Rules are a profile's; a default that does not exist is named.
        let error = read("[rules]\nmax_bulk = 3\n").unwrap_err();
        assert!(matches!(&error, ConfigError::UnknownKey { key, .. } if key == "rules"), "{error:?}");
        let error = read("[profiles.shop.rules]\nmax_bulk = 3\n").unwrap_err();
        assert!(matches!(&error, ConfigError::Missing { key, .. } if key.starts_with("profiles.shop.")), "{error:?}");
        for text in ["default_profile = \"shpo\"\n".to_owned(), format!("default_profile = \"shpo\"\n{PROFILE}")] {
            let config = read(&text).unwrap();
            assert!(!config.has_no_merchant());
            let error = config.profile(None).unwrap_err();
            assert!(matches!(&error, ConfigError::UnknownProfile { name, .. } if name == "shpo"), "{error:?}");
        }
        let two = format!("{PROFILE}{}", PROFILE.replace("profiles.shop", "profiles.branch"));
        let error = read(&two).unwrap().profile(None).unwrap_err();
        assert!(matches!(&error, ConfigError::NoProfile { known } if known == &["branch", "shop"]), "{error:?}");
    }
}
