//! Cases from the field: keys, certificates and configurations as merchants hold them, and notifications as programs
//! keep them. Each is run with the real binary.

#[path = "support/pen.rs"]
mod pen;
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use paydeck::crypto::Certificate;
use pen::{Headers, Pen};
use serde_json::{Value, json};
use support::{Shop, binary, json_errors, status, stderr, stdout};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

fn read(shop: &Shop, name: &str) -> String {
    std::fs::read_to_string(shop.folder.path().join(name)).unwrap()
}

fn write(shop: &Shop, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(shop.folder.path().join(name), bytes).unwrap();
}

/// Gives the first profile another line in place of the one with this key.
fn set(shop: &Shop, key: &str, line: &str) {
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let begin = config.find(&format!("\n{key} = ")).unwrap() + 1;
    let end = begin + config[begin..].find('\n').unwrap();
    std::fs::write(shop.config_path(), format!("{}{line}{}", &config[..begin], &config[end..])).unwrap();
}

fn check(shop: &Shop) -> Output {
    shop.paydeck(&["profile", "check"])
}

/// A key behind a password.
const LOCKED: &[u8] = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n";

/// Everything that was printed.
fn seen(output: &Output) -> String {
    format!("{}{}", stdout(output), stderr(output))
}

fn utf16(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_read_however_it_was_saved() {
    let shop = Shop::open(2).await;
    let [key, certificate] = ["apiclient_key.pem", "apiclient_cert.pem"].map(|name| read(&shop, name));
    let folder = shop.folder.path().join("elsewhere");
    std::fs::create_dir(&folder).unwrap();
    set(&shop, "private_key", "private_key = { file = \"elsewhere/key\" }");
    let belongs = "✓ Key and certificate match";
    let absent = "– not compared: no apiclient_cert.pem next to the key";
    for (name, bytes, said) in [
        ("certificate before the key", format!("{certificate}{key}").into_bytes(), belongs),
        ("certificate after the key", format!("{key}{certificate}").into_bytes(), belongs),
        ("with a byte-order mark", format!("\u{feff}{key}").into_bytes(), absent),
        ("UTF-16", utf16(&key), absent),
        ("UTF-16 bundle", utf16(&format!("{certificate}{key}")), belongs),
        ("DER", der(&key), absent),
        ("literal line feeds", key.replace('\n', "\\n").into_bytes(), absent),
        ("literal carriage returns", key.replace('\n', "\\r\\n").into_bytes(), absent),
        ("bare base64", STANDARD.encode(der(&key)).into_bytes(), absent),
    ] {
        std::fs::write(folder.join("key"), bytes).unwrap();
        let output = check(&shop);
        assert_eq!(status(&output), 0, "{name}: {}", seen(&output));
        let text = stdout(&output);
        assert!(text.contains(said) && text.contains("✓ Signed, answered and verified"), "{name}: {text}");
    }
    std::fs::write(folder.join("key"), &key).unwrap();
    for (beside, matches) in [(None, Value::Null), (Some(certificate.into_bytes()), true.into())] {
        beside.into_iter().for_each(|bytes| std::fs::write(folder.join("apiclient_cert.pem"), bytes).unwrap());
        let document: Value =
            serde_json::from_str(&stdout(&shop.paydeck(&["--output", "json", "profile", "check"]))).unwrap();
        assert_eq!(document["certificate_matches_key"], matches, "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_bundle_cert_and_key_and_keys_literal_crlf() {
    let shop = Shop::open(2).await;
    let bundle = case("keys-bundle-cert-and-key/apiclient.pem");
    let text = std::fs::read_to_string(&bundle).unwrap();
    let serial = Certificate::parse(&text).unwrap().serial;
    let serial_line = format!("merchant_serial = \"{serial}\"");
    // Its certificate is compared before anything is sent.
    set(&shop, "private_key", &format!("private_key = {{ file = {bundle:?} }}"));
    let output = check(&shop);
    assert_eq!(status(&output), 2);
    assert!(
        stderr(&output).contains(serial.as_str()) && stderr(&output).contains("merchant_serial"),
        "{}",
        seen(&output)
    );
    set(&shop, "merchant_serial", &serial_line);
    let output = check(&shop);
    assert!(stdout(&output).contains(&format!("✓ Key and certificate match; serial: {serial}")));
    // The gateway does not know this merchant, which is another error.
    assert_eq!(status(&output), 1, "{}", seen(&output));

    set(&shop, "private_key", "private_key = { env = \"MERCHANT_KEY\" }");
    let literal = std::fs::read_to_string(case("keys-literal-crlf/key.txt")).unwrap();
    let mut command = binary();
    command.env("MERCHANT_KEY", literal).arg("--config").arg(shop.config_path()).args(["profile", "check"]);
    let output = command.output().unwrap();
    assert!(stdout(&output).contains("– not compared: the key does not come from a file"), "{}", seen(&output));
    assert_eq!(status(&output), 1, "{}", seen(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_key_is_named_and_so_is_the_one_that_is_wanted() {
    let shop = Shop::open(2).await;
    let certificate = read(&shop, "apiclient_cert.pem");
    let p12 = std::fs::read(case("keys-p12/apiclient_cert.p12")).unwrap();
    let private = "private_key = { file = \"given\" }";
    let public = "platform = { public_key = { file = \"given\" }, id = \"PUB_KEY_ID_0114232134912410000000000000\" }";
    let apiv3 = "apiv3_key = { file = \"given\" }";
    let apiv3_key = read(&shop, "apiv3_key.txt");
    let own = {
        let key = paydeck::crypto::PrivateKey::parse(&read(&shop, "apiclient_key.pem").into()).unwrap();
        key.public_key().to_pem().into_bytes()
    };
    let pub_key = read(&shop, "pub_key.pem");
    let original = std::fs::read_to_string(shop.config_path()).unwrap();
    for (line, bytes, found, wanted) in [
        (private, p12.clone(), "a PKCS#12 archive (.p12)", "openssl pkcs12"),
        (private, certificate.clone().into_bytes(), "a certificate", "apiclient_key.pem"),
        (private, der(&certificate), "a certificate", "apiclient_key.pem"),
        (private, utf16(&pub_key), "a public key", "apiclient_key.pem"),
        (private, b"PK\x03\x04\x14\x00\xFF".to_vec(), "a ZIP archive", "apiclient_key.pem"),
        (private, LOCKED.to_vec(), "password", "apiclient_key.pem"),
        (private, b"\xB5\xC4\x01".to_vec(), "neither text nor a key", "apiclient_key.pem"),
        (public, read(&shop, "wechatpay_cert.pem").into_bytes(), "a certificate", "Use pub_key.pem"),
        (public, read(&shop, "apiclient_key.pem").into_bytes(), "a private key", "Use pub_key.pem"),
        (public, p12, "a PKCS#12 archive (.p12)", "Use pub_key.pem"),
        (public, own, "merchant’s own public key", "Use pub_key.pem"),
        (apiv3, format!("{apiv3_key}x").into_bytes(), "this one has 33", "32 characters"),
        (apiv3, "密".repeat(11).into_bytes(), "this one has 11", "32 characters"),
        (apiv3, format!("{apiv3_key}\u{200b}").into_bytes(), "character 33 of 33 is U+200B", "32 characters"),
        (apiv3, b"\xB5\xC4".to_vec(), "not text", "32 characters"),
    ] {
        std::fs::write(shop.config_path(), &original).unwrap();
        set(&shop, line.split(' ').next().unwrap(), line);
        write(&shop, "given", bytes);
        let output = check(&shop);
        let said = stderr(&output);
        assert_eq!(status(&output), 2, "{line}: {}", seen(&output));
        assert!(said.contains(found) && said.contains(wanted), "{found}, {wanted}: {said}");
        assert!(!said.contains("UTF-8") && !said.contains("PRIVATE KEY"), "{said}");
        // In place of WeChat Pay's key, the merchant's is not suggested.
        assert!(line != public || !said.contains("apiclient_key"), "{said}");
        let chinese = stderr(&shop.paydeck(&["--lang", "zh-CN", "profile", "check"]));
        assert!(chinese.contains("配置有误") && !chinese.contains(found.trim_start_matches("a ")), "{chinese}");
    }
    // Harmless characters are dropped.
    for bytes in [format!("\u{feff}{apiv3_key}\r\n").into_bytes(), utf16(&apiv3_key)] {
        std::fs::write(shop.config_path(), &original).unwrap();
        set(&shop, "apiv3_key", apiv3);
        write(&shop, "given", bytes);
        assert_eq!(status(&check(&shop)), 0, "{}", seen(&check(&shop)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_serial_forms_and_platform_id_are_judged_when_loaded() {
    let shop = Shop::open(2).await;
    let serial = Certificate::parse(&read(&shop, "apiclient_cert.pem")).unwrap().serial;
    let serial = serial.as_str();
    let pairs: Vec<&str> = (0..20).map(|i| &serial[2 * i..2 * i + 2]).collect();
    for text in [pairs.join(":"), pairs.join(" ").to_lowercase()] {
        set(&shop, "merchant_serial", &format!("merchant_serial = \"{text}\""));
        assert_eq!(status(&check(&shop)), 0, "{}", seen(&check(&shop)));
    }
    for (text, said) in [
        (format!("serial={serial}"), "without serial="),
        (format!("0x{serial}"), "without 0x"),
        ("730328516640573951083152218417513741226061233409".to_owned(), "the serial as a decimal number"),
        (serial[1..].to_owned(), "this has 39: some tools drop a leading 0"),
        (format!("G{}", &serial[1..]), "40 hexadecimal digits"),
        ("PUB_KEY_ID_0114232134912410000000000000".to_owned(), "not the serial of the merchant certificate"),
    ] {
        set(&shop, "merchant_serial", &format!("merchant_serial = \"{text}\""));
        // Before anything is read or sent.
        let output = shop.paydeck(&["profile", "list"]);
        assert_eq!(status(&output), 2, "{text}");
        assert!(stderr(&output).contains(said) && stderr(&output).contains("openssl x509"), "{}", stderr(&output));
    }
    set(&shop, "merchant_serial", &format!("merchant_serial = \"{serial}\""));
    for (id, said) in [(serial, "the serial of a certificate"), ("0114232134912410", "PUB_KEY_ID_ and digits")] {
        set(&shop, "platform", &format!("platform = {{ public_key = {{ file = \"pub_key.pem\" }}, id = \"{id}\" }}"));
        let output = shop.paydeck(&["profile", "list"]);
        assert_eq!(status(&output), 2, "{id}");
        assert!(stderr(&output).contains("platform.id") && stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_no_certificate_beside_is_no_tick() {
    let shop = Shop::open(2).await;
    let key = case("keys-no-certificate-beside/apiclient_key.pem");
    set(&shop, "private_key", &format!("private_key = {{ file = {key:?} }}"));
    let output = check(&shop);
    assert_eq!(status(&output), 1, "the gateway refuses what is signed with it");
    assert!(stdout(&output).starts_with("– not compared: no apiclient_cert.pem next to the key"), "{}", seen(&output));
    assert!(!stdout(&output).contains('✓'), "{}", seen(&output));
}

/// Answers everything with a status and made-up signature headers. It holds no key of WeChat Pay.
fn anybody(answer: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&part[..count]),
                }
            }
            let body = r#"{"code":"NO_AUTH","message":"no permission"}"#;
            let serial = "0".repeat(40);
            let answer = format!(
                "HTTP/1.1 {answer} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\
                 Wechatpay-Timestamp: 1\r\nWechatpay-Nonce: x\r\nWechatpay-Signature: AAAA\r\n\
                 Wechatpay-Serial: {serial}\r\n\r\n{body}",
                body.len()
            );
            // The client may be gone.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn check_certificates_403_and_400_fail_and_say_what_a_public_key_merchant_must_set() {
    for answer in [403, 400] {
        let shop = Shop::open(2).await;
        set(&shop, "base_url", &format!("base_url = \"{}\"", anybody(answer)));
        let output = check(&shop);
        assert_eq!(status(&output), 1, "{}", seen(&output));
        let said = stderr(&output);
        for words in [&format!("({answer})"), "platform certificates cannot be fetched", "not signed", "pub_key.pem"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!stdout(&output).contains("Signed, answered"), "{}", seen(&output));
        let json = shop.paydeck(&["--output", "json", "profile", "check"]);
        assert_eq!((status(&json), stdout(&json)), (1, String::new()));
        assert_eq!(json_errors(&json)[0]["kind"], "refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn config_tilde_is_the_home_folder() {
    let shop = Shop::open(2).await;
    let home = shop.folder.path().join("home");
    std::fs::create_dir_all(home.join("keys")).unwrap();
    std::fs::rename(shop.folder.path().join("apiclient_key.pem"), home.join("keys/apiclient_key.pem")).unwrap();
    set(&shop, "private_key", "private_key = { file = \"~/keys/apiclient_key.pem\" }");
    let mut command = binary();
    command.env("HOME", &home).arg("--config").arg(shop.config_path()).args(["profile", "check"]);
    let output = command.output().unwrap();
    assert_eq!(status(&output), 0, "{}", seen(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_prints_a_secret_gets_no_other_secret() {
    let shop = Shop::open(2).await;
    let key = read(&shop, "apiv3_key.txt");
    set(&shop, "apiv3_key", "apiv3_key = { command = \"env > environment.txt; cat apiv3_key.txt\" }");
    shop.edit_config(
        "[profiles.sandbox-public-key]",
        "[profiles.other]\nmchid = \"1\"\nmerchant_serial = \"5157F09EFDC096DE15EBE81A47057A7232F1B8E1\"\n\
         private_key = { env = \"OTHER_PRIVATE_KEY\" }\napiv3_key = { env = \"OTHER_APIV3_KEY\" }\n\n\
         [profiles.sandbox-public-key]",
    );
    let mut command = binary();
    command.env("OTHER_PRIVATE_KEY", "hunter2").env("OTHER_APIV3_KEY", "hunter3").env("PATH", "/usr/bin:/bin");
    command.env("HARMLESS", "kept").current_dir(shop.folder.path());
    command.arg("--config").arg(shop.config_path()).args(["profile", "check", "sandbox"]);
    let output = command.output().unwrap();
    assert_eq!(status(&output), 0, "{}", seen(&output));
    assert!(!seen(&output).contains(&key));
    let environment = read(&shop, "environment.txt");
    assert!(environment.contains("HARMLESS=kept"), "{environment}");
    assert!(!environment.contains("hunter") && !environment.contains("OTHER_"), "{environment}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_wrong_place_is_never_repeated() {
    let shop = Shop::open(2).await;
    let pem = read(&shop, "apiclient_key.pem");
    let secrets = [read(&shop, "apiv3_key.txt"), STANDARD.encode(der(&pem)), pem.clone()];
    let original = std::fs::read_to_string(shop.config_path()).unwrap();
    for secret in &secrets {
        let quoted = toml::Value::from(secret.as_str()).to_string();
        for (key, line) in [
            ("mchid", format!("mchid = {quoted}")),
            ("merchant_serial", format!("merchant_serial = {quoted}")),
            ("private_key", format!("private_key = {quoted}")),
            ("private_key", format!("private_key = {secret}")),
            ("private_key", format!("private_key = {{ file = {quoted} }}")),
            ("private_key", format!("private_key = {{ env = {quoted} }}")),
            ("private_key", format!("private_key = {{ command = {quoted} }}")),
            ("apiv3_key", format!("apiv3_key = {{ file = {quoted} }}")),
            ("apiv3_key", format!("apiv3_key = {{ env = {quoted} }}")),
            ("region", format!("region = {quoted}")),
            ("environment", format!("environment = {quoted}")),
            ("base_url", format!("base_url = {quoted}")),
            ("platform", format!("platform = {{ public_key = {{ file = {quoted} }}, id = \"PUB_KEY_ID_1\" }}")),
            ("platform", format!("platform = {{ public_key = {{ file = \"pub_key.pem\" }}, id = {quoted} }}")),
            ("default_profile", format!("default_profile = {quoted}")),
            ("store", format!("store = {quoted}")),
        ] {
            // The first line has no line break before it.
            std::fs::write(shop.config_path(), format!("\n{original}")).unwrap();
            set(&shop, key, &line);
            for format in ["text", "json"] {
                let output = shop.paydeck(&["--output", format, "profile", "check"]);
                assert_eq!(status(&output), 2, "{key}: {}", seen(&output));
                let said = seen(&output);
                for part in secret.lines().filter(|part| part.len() > 20 && !part.starts_with("-----")) {
                    assert!(!said.contains(&part[..20]), "{line}\n{said}");
                }
            }
        }
    }
    std::fs::write(shop.config_path(), &original).unwrap();
    set(&shop, "private_key", &format!("private_key = {}", toml::Value::from(pem.as_str())));
    let said = stderr(&check(&shop));
    assert!(said.contains("profiles.sandbox.private_key contains the key itself"), "{said}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn files_that_others_can_read_are_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open(2).await;
    let files = [shop.config_path(), shop.folder.path().join("apiclient_key.pem")];
    let mode = |path: &Path, mode: u32| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    files.iter().for_each(|path| mode(path, 0o600));
    assert!(!stdout(&check(&shop)).contains('⚠'), "{}", seen(&check(&shop)));
    for (path, open, said) in [(&files[0], 0o640, "mode 640"), (&files[1], 0o604, "mode 604")] {
        mode(path, open);
        let output = check(&shop);
        assert_eq!(status(&output), 0);
        let warning = stdout(&output).lines().find(|line| line.starts_with('⚠')).unwrap().to_owned();
        assert!(warning.contains(said) && warning.contains(&path.display().to_string()), "{warning}");
        let json: Value =
            serde_json::from_str(&stdout(&shop.paydeck(&["--output", "json", "profile", "check"]))).unwrap();
        assert_eq!(json["warnings"].as_array().map(Vec::len), Some(1), "{json}");
        mode(path, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_to_another_machine_is_refused_or_marked() {
    let shop = Shop::open(2).await;
    // TEST-NET-1: nothing is there, and a cached list sends no query.
    set(&shop, "base_url", "base_url = \"http://192.0.2.1\"");
    let output = shop.paydeck(&["plan", "list", "--cached"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("http:// to another machine") && stderr(&output).contains("insecure = true"));
    set(&shop, "base_url", "base_url = \"http://192.0.2.1\"\ninsecure = true");
    let output = shop.paydeck(&["plan", "list", "--cached"]);
    assert_eq!(status(&output), 0, "{}", seen(&output));
    assert!(stderr(&output).contains("INSECURE: profile sandbox connects to http://192.0.2.1"), "{}", seen(&output));
    let json = shop.paydeck(&["--output", "json", "plan", "list", "--cached"]);
    assert_eq!((status(&json), stderr(&json).contains("INSECURE")), (0, false), "a program reads no notes");
}

#[test]
fn a_sandbox_is_reached_from_other_machines_only_if_that_is_said() {
    for bind in ["0.0.0.0:0", "[::]:0"] {
        let output = binary().args(["sandbox", "--objects", "0", "--bind", bind]).output().unwrap();
        assert_eq!(status(&output), 2, "{}", seen(&output));
        assert!(stderr(&output).contains("--expose"), "{}", seen(&output));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [("local", &["--bind", "localhost:0"][..]), ("all", &["--bind", "0.0.0.0:0", "--expose"])]
    {
        let identity = folder.path().join(name);
        let mut command = binary();
        command.args(["--output", "json", "sandbox", "--objects", "0", "--identity"]).arg(&identity).args(arguments);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert!(ready["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{ready}");
        #[cfg(target_os = "linux")]
        {
            let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
        }
        let output = binary().arg("--config").arg(identity.join("config.toml")).args(["profile", "check"]).output();
        let output = output.unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(status(&output), 0, "{}", seen(&output));
    }
}

/// A message as saved by a program.
fn kept(headers: &Headers, more: &str, body: &[u8]) -> Vec<u8> {
    let mut message = b"POST /notify HTTP/1.1\r\n".to_vec();
    for (name, value) in headers {
        message.extend(format!("{name}: {value}\r\n").bytes());
    }
    message.extend(more.bytes());
    message.extend(b"\r\n");
    message.extend(body);
    message
}

fn verify(shop: &Shop, message: &[u8], arguments: &[&str]) -> Output {
    let file = shop.folder.path().join("kept.http");
    std::fs::write(&file, message).unwrap();
    shop.paydeck(&[arguments, &["verify", file.to_str().unwrap()]].concat())
}

/// The report for each of the eight, and whether undoing the change can prove it.
const REENCODED: [(&str, &[&str]); 8] = [
    ("ascii-escaped-body", &["\\uXXXX", "Content-Length differs"]),
    ("camelcase-body", &["createTime instead of create_time"]),
    ("chunked-raw", &["in chunks"]),
    ("gbk-body", &["re-encoded in GBK", "Content-Length differs"]),
    ("gzip-body", &["compressed"]),
    ("plus-to-blank", &["spaces where base64 has +"]),
    ("pretty-printed-body", &["pretty-printed", "Content-Length differs"]),
    ("reordered-body", &["reordered"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn verify_reencoded_names_the_cause() {
    let shop = Shop::open(2).await;
    let pen = Pen::of(shop.folder.path());
    let split = |message: &[u8]| {
        let head = message.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        (String::from_utf8(message[..head].to_vec()).unwrap(), message[head..].to_vec())
    };
    let fixture = |name: &str| std::fs::read(case(&format!("verify-reencoded/{name}.http"))).unwrap();
    // The body that WeChat Pay signed, and all others were made of.
    let (_, original) = split(&fixture("plus-to-blank"));
    let genuine = pen.signed(&original);
    for (name, causes) in REENCODED {
        // As saved: signed with a key that is not this merchant's.
        let unknown = verify(&shop, &fixture(name), &[]);
        // The same with this merchant's key, where undoing it proves the cause.
        let (head, body) = split(&fixture(name));
        let line = |name: &str| head.lines().find(|line| line.starts_with(name)).map(|line| format!("{line}\r\n"));
        let more =
            ["Content-Length", "Transfer-Encoding", "Content-Encoding"].map(|name| line(name).unwrap_or_default());
        let mut headers = genuine.clone();
        if name == "plus-to-blank" {
            headers.iter_mut().for_each(|(_, value)| *value = value.replace('+', " "));
        }
        let known = verify(&shop, &kept(&headers, &more.concat(), &body), &[]);
        for (output, confirmed) in [(&unknown, false), (&known, true)] {
            let said = stderr(output);
            assert_eq!((status(output), stdout(output)), (4, String::new()), "{name}: {said}");
            assert!(causes.iter().all(|cause| said.contains(cause)), "{name}: {said}");
            assert_eq!(said.contains("With that undone, the signature verifies"), confirmed, "{name}: {said}");
            assert!(said.contains("Save the bytes of the body as received"), "{name}: {said}");
            assert!(!said.contains("connection") && !said.contains("proxy"), "{name}: {said}");
        }
        let json = verify(&shop, &kept(&headers, &more.concat(), &body), &["--output", "json"]);
        assert_eq!(json_errors(&json)[0]["kind"], "untrusted", "{name}");
        assert!(!stderr(&verify(&shop, &fixture(name), &["--lang", "zh-CN"])).contains("body"), "{name}");
    }
    // Real changes cannot be undone, and a probe is reported as a probe.
    let forged = String::from_utf8(original.clone()).unwrap().replace("TRANSACTION.SUCCESS", "TRANSACTION.CLOSED ");
    let output = verify(&shop, &kept(&genuine, "", forged.as_bytes()), &[]);
    assert_eq!(status(&output), 4);
    let said = stderr(&output);
    assert!(said.contains("Do not trust anything in it") && !said.contains("connection"), "{said}");
    let output = verify(&shop, &kept(&pen.forger().signed(&original), "", &original), &[]);
    assert_eq!((status(&output), stderr(&output).contains("undone")), (4, false), "{}", stderr(&output));
    // Unchanged it is genuine.
    let paid = pen.paid("1", "T-1");
    let output = verify(&shop, &kept(&pen.signed(&paid), "", &paid), &["--output", "json"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let genuine: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(genuine["subject"], json!({ "kind": "transaction", "number": "T-1" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_v2_xml_is_named() {
    let shop = Shop::open(2).await;
    let arrived = shop.gateway.requests().len();
    let output = verify(&shop, &std::fs::read(case("verify-v2-xml/message.http")).unwrap(), &[]);
    assert_eq!((status(&output), stdout(&output)), (4, String::new()));
    let said = stderr(&output);
    assert!(said.contains("an APIv2 notification (of a refund made on the merchant platform)"), "{said}");
    assert_eq!(shop.gateway.requests().len(), arrived, "nothing is asked about it");
}
