//! The folder with what a client of the gateway needs: the merchant's key and certificate, the APIv3 key, the platform's
//! public keys, and a configuration for Paydeck. Created at the first start and read at every later one, so that a
//! client needs to be set up only once. A `mchid.txt` that is there before it names the merchant, so that several
//! gateways can be several merchants.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::SandboxError;
use super::notify::address::on_this_machine;
use super::platform::{Issued, Platform};
use super::world::{Party, SandboxMerchant};
use crate::crypto::{ApiV3Key, Certificate, KeyError, PrivateKey};
use crate::model::time::Duration;

const MCHID: &str = "1900012345";
const APPID: &str = "wx5a1c0de5a1c0de01";
const SERVICE_ID: &str = "00004501000000160777000000042424";
const NOTIFY_URL: &str = "https://merchant.example/notify";

/// The merchant and the keys of both sides.
#[derive(Debug)]
pub(super) struct Identity {
    folder: PathBuf,
    pub(super) merchant: SandboxMerchant,
    pub(super) merchant_certificate: Certificate,
    pub(super) apiv3_key: ApiV3Key,
    pub(super) platform: Platform,
}

impl Identity {
    /// Reads the folder, or fills it if it is new. Blocks while keys are generated.
    pub(super) fn open(folder: &Path) -> Result<Self, SandboxError> {
        if folder.join("gateway").join("pub_key_private.pem").exists() {
            Self::read(folder)
        } else {
            Self::make(folder)
        }
    }

    fn make(folder: &Path) -> Result<Self, SandboxError> {
        make_folder(folder)?;
        make_folder(&folder.join("gateway"))?;
        // In parallel, because finding primes may take a while.
        let (merchant_key, platform_key, public_key) = std::thread::scope(|scope| {
            let platform = scope.spawn(PrivateKey::generate);
            let public = scope.spawn(PrivateKey::generate);
            let broken = |_| Err(KeyError::Malformed);
            (PrivateKey::generate(), platform.join().unwrap_or_else(broken), public.join().unwrap_or_else(broken))
        });
        let (merchant_key, public_key) = (merchant_key?, public_key?);
        let merchant = merchant(folder)?;
        let merchant_certificate = certificate(&merchant_key, &merchant.mchid)?;
        let apiv3_key: String = random_alphanumeric(32);
        let public_key_id = format!("PUB_KEY_ID_{}", random_digits(32));
        write_private(&folder.join("apiclient_key.pem"), merchant_key.to_pem().expose_secret())?;
        write(&folder.join("apiclient_cert.pem"), merchant_certificate.to_pem())?;
        write_private(&folder.join("apiv3_key.txt"), &apiv3_key)?;
        write(&folder.join("pub_key.pem"), &public_key.public_key().to_pem())?;
        write(&folder.join("pub_key_id.txt"), &public_key_id)?;
        write(&folder.join("mchid.txt"), &merchant.mchid)?;
        let mut identity = Self {
            folder: folder.to_owned(),
            merchant,
            merchant_certificate,
            apiv3_key: ApiV3Key::new(&apiv3_key)?,
            platform: Platform { certificates: Vec::new(), public_key_id, public_key },
        };
        identity.issue(platform_key?)?;
        // Written last: its presence marks the identity as complete.
        let private = identity.platform.public_key.to_pem();
        write_private(&folder.join("gateway").join("pub_key_private.pem"), private.expose_secret())?;
        Ok(identity)
    }

    fn read(folder: &Path) -> Result<Self, SandboxError> {
        let gateway = folder.join("gateway");
        let mut certificates = Vec::new();
        for number in 1.. {
            let path = gateway.join(format!("platform_{number}_cert.pem"));
            if !path.exists() {
                break;
            }
            let certificate = Certificate::parse(&text(&path)?)?;
            let key = private_key(&gateway.join(format!("platform_{number}_key.pem")))?;
            certificates.push(Issued { certificate, key });
        }
        Ok(Self {
            folder: folder.to_owned(),
            merchant: merchant(folder)?,
            merchant_certificate: Certificate::parse(&text(&folder.join("apiclient_cert.pem"))?)?,
            apiv3_key: ApiV3Key::new(&text(&folder.join("apiv3_key.txt"))?)?,
            platform: Platform {
                certificates,
                public_key_id: text(&folder.join("pub_key_id.txt"))?.trim().to_owned(),
                public_key: private_key(&gateway.join("pub_key_private.pem"))?,
            },
        })
    }

    /// Makes `key` the platform's newest certificate.
    pub(super) fn issue(&mut self, key: PrivateKey) -> Result<(), SandboxError> {
        let certificate = certificate(&key, "Tenpay.com sandbox")?;
        let gateway = self.folder.join("gateway");
        let number = self.platform.certificates.len() + 1;
        write_private(&gateway.join(format!("platform_{number}_key.pem")), key.to_pem().expose_secret())?;
        write(&gateway.join(format!("platform_{number}_cert.pem")), certificate.to_pem())?;
        write(&self.folder.join("wechatpay_cert.pem"), certificate.to_pem())?;
        self.platform.certificates.push(Issued { certificate, key });
        Ok(())
    }

    pub(super) fn config_path(&self) -> PathBuf {
        self.folder.join("config.toml")
    }

    pub(super) fn numbers_path(&self) -> PathBuf {
        self.folder.join("numbers.jsonl")
    }

    pub(super) fn numbers_path_global(&self, party: Party) -> PathBuf {
        self.folder.join(format!("numbers-{}.jsonl", party.profile()))
    }

    /// Writes the configuration, whose port differs from start to start.
    pub(super) fn write_config(&self, base_url: &str) -> Result<(), SandboxError> {
        let (serial, mchid) = (&self.merchant_certificate.serial, &self.merchant.mchid);
        // Quoted by TOML's rules, because it is user input.
        let notify_url = toml::Value::from(self.merchant.notify_url.as_str());
        let insecure = insecure(base_url);
        let profile = |name: &str, platform: &str| {
            format!(
                r#"
[profiles.{name}]
region = "mainland"
environment = "sandbox"
mchid = "{mchid}"
merchant_serial = "{serial}"
private_key = {{ file = "apiclient_key.pem" }}
apiv3_key = {{ file = "apiv3_key.txt" }}
appid = "{APPID}"
service_id = "{SERVICE_ID}"
notify_url = {notify_url}
base_url = "{base_url}"
{insecure}platform = {platform}
requests_per_second = 400
numbers = "numbers.jsonl"
"#
            )
        };
        // If notifications are sent to this machine, the console can listen there.
        let listen = on_this_machine(&self.merchant.notify_url).and_then(|url| {
            let host = url.host_str().map(|host| if host == "localhost" { "127.0.0.1" } else { host })?;
            let path = url.path();
            Some(format!("# listen = {{ bind = \"{host}:{}\", path = \"{path}\" }}\n", url.port_or_known_default()?))
        });
        let listen = listen.unwrap_or_default();
        let public_key =
            format!(r#"{{ public_key = {{ file = "pub_key.pem" }}, id = "{}" }}"#, self.platform.public_key_id);
        let config = format!(
            "default_profile = \"sandbox\"\nstore = \"sqlite:ledger.db\"\n{}{listen}{}{}",
            profile("sandbox", r#"{ certificates = "auto" }"#),
            profile("sandbox-public-key", &public_key),
            Party::ALL.map(|party| self.profile_global(party, base_url)).concat(),
        );
        write_private(&self.config_path(), &config)
    }
}

impl Identity {
    /// The profile of a Global merchant: another number, the same keys.
    fn profile_global(&self, party: Party, base_url: &str) -> String {
        let (name, mchid, appid) = (party.profile(), party.mchid(), party.appid());
        let sub = party.sub_mchid().map(|sub| format!("sub_mchid = \"{sub}\"\n")).unwrap_or_default();
        let serial = &self.merchant_certificate.serial;
        let notify_url = toml::Value::from(self.merchant.notify_url_global.as_str());
        let insecure = insecure(base_url);
        format!(
            r#"
[profiles.{name}]
region = "global"
environment = "sandbox"
mchid = "{mchid}"
{sub}merchant_serial = "{serial}"
private_key = {{ file = "apiclient_key.pem" }}
apiv3_key = {{ file = "apiv3_key.txt" }}
appid = "{appid}"
notify_url = {notify_url}
base_url = "{base_url}"
{insecure}platform = {{ certificates = "auto" }}
requests_per_second = 400
numbers = "numbers-{name}.jsonl"
"#
        )
    }
}

/// A sandbox that other machines reach by its address has no TLS, which clients must accept explicitly.
fn insecure(base_url: &str) -> &'static str {
    if on_this_machine(base_url).is_some() { "" } else { "insecure = true\n" }
}

/// The merchant of the folder. Without its number, which folders of earlier versions lack, it is the usual one.
fn merchant(folder: &Path) -> Result<SandboxMerchant, SandboxError> {
    let path = folder.join("mchid.txt");
    let mchid = if path.exists() { text(&path)?.trim().to_owned() } else { MCHID.to_owned() };
    if !(8..=10).contains(&mchid.len()) || !mchid.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(at(&path)(io::Error::new(io::ErrorKind::InvalidData, "a merchant number has 8 to 10 digits")));
    }
    Ok(SandboxMerchant {
        mchid,
        appid: APPID.to_owned(),
        service_id: SERVICE_ID.to_owned(),
        notify_url: NOTIFY_URL.to_owned(),
        notify_url_global: NOTIFY_URL.to_owned(),
    })
}

/// A certificate for five years, valid from yesterday so that a slow clock accepts it.
fn certificate(key: &PrivateKey, name: &str) -> Result<Certificate, SandboxError> {
    let mut serial: [u8; 20] = rand::rng().random();
    // X.509 serials are positive, and WeChat Pay's have forty digits.
    serial[0] = serial[0] & 0x3f | 0x40;
    let now = OffsetDateTime::now_utc();
    let (from, to) = (now - Duration::days(1), now + Duration::days(5 * 365));
    Ok(Certificate::self_signed(key, serial, name, from, to)?)
}

fn random_alphanumeric(length: usize) -> String {
    rand::rng().sample_iter(rand::distr::Alphanumeric).take(length).map(char::from).collect()
}

fn random_digits(length: usize) -> String {
    (0..length).map(|_| char::from(b'0' + rand::rng().random_range(0..10u8))).collect()
}

pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::File { path, source }
}

fn text(path: &Path) -> Result<String, SandboxError> {
    fs::read_to_string(path).map_err(at(path))
}

fn private_key(path: &Path) -> Result<PrivateKey, SandboxError> {
    Ok(PrivateKey::parse(&SecretString::from(text(path)?))?)
}

fn make_folder(path: &Path) -> Result<(), SandboxError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(at(path))
}

fn write(path: &Path, text: &str) -> Result<(), SandboxError> {
    fs::write(path, text).map_err(at(path))
}

/// Writes a file that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), SandboxError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_of_the_merchant_that_is_named_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mchid.txt");
        fs::write(&file, "1900067890\n").unwrap();
        for identity in [Identity::open(folder.path()), Identity::open(folder.path())] {
            let identity = identity.unwrap();
            identity.write_config("http://127.0.0.1:1").unwrap();
            assert_eq!(identity.merchant.mchid, "1900067890");
            assert!(text(&identity.config_path()).unwrap().contains("mchid = \"1900067890\""));
        }
        // An identity of an earlier version has no such file.
        fs::remove_file(&file).unwrap();
        assert_eq!(Identity::open(folder.path()).unwrap().merchant.mchid, MCHID);
        for wrong in ["", "shop", "190006789012"] {
            fs::write(&file, wrong).unwrap();
            assert!(matches!(Identity::open(folder.path()), Err(SandboxError::File { .. })), "{wrong}");
        }
    }

    #[test]
    fn an_identity_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity");
        let mut made = Identity::open(&path).unwrap();
        made.issue(PrivateKey::generate().unwrap()).unwrap();
        made.write_config("http://127.0.0.1:1").unwrap();
        let read = Identity::open(&path).unwrap();
        assert_eq!(made.merchant_certificate.serial, read.merchant_certificate.serial);
        assert_eq!(made.platform.public_key_id, read.platform.public_key_id);
        assert_eq!(read.platform.certificates.len(), 2);
        // Reached by a network address it has no TLS, and the configuration accepts that.
        assert!(!text(&read.config_path()).unwrap().contains("insecure"));
        read.write_config("http://192.0.2.1:1").unwrap();
        let exposed: toml::Table = text(&read.config_path()).unwrap().parse().unwrap();
        let profiles = exposed["profiles"].as_table().unwrap();
        assert!(profiles.values().all(|profile| profile["insecure"].as_bool() == Some(true)));
        let merchant_key = private_key(&path.join("apiclient_key.pem")).unwrap();
        assert_eq!(merchant_key.public_key(), read.merchant_certificate.public_key);
        let config: toml::Table = text(&read.config_path()).unwrap().parse().unwrap();
        assert_eq!(
            config["profiles"]["sandbox-public-key"]["platform"]["id"].as_str(),
            Some(&*read.platform.public_key_id)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o700);
            for private in
                ["apiclient_key.pem", "apiv3_key.txt", "gateway/platform_1_key.pem", "gateway/pub_key_private.pem"]
            {
                assert_eq!(mode(&path.join(private)), 0o600, "{private}");
            }
        }
    }
}
