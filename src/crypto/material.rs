//! Key material in any form: the kind of a file, whatever its name, and the text or DER in it.
//!
//! Merchants hold keys in files that an editor, a shell or a mail program has saved again, and the merchant platform
//! hands out several files at once. So the bytes decide, and an unusable file is reported by its actual kind.

use rsa::pkcs8::PrivateKeyInfo;
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use super::{BASE64, Engine};

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An X.509 certificate, as PEM or DER.
    Certificate,
    /// A PKCS#12 archive (`apiclient_cert.p12`): certificate and key behind a password.
    Pkcs12,
    PrivateKey,
    PublicKey,
    /// A key behind a password.
    EncryptedKey,
    /// A key of another family (elliptic curves, SM2).
    OtherKey,
    /// A request for a certificate.
    CertificateRequest,
    /// A ZIP archive, as the merchant platform hands certificates out.
    Zip,
    /// A Java key store.
    KeyStore,
    /// A PEM block of another kind; its label.
    Pem(String),
    /// Unknown bytes.
    Binary,
}

/// Which kind of key was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedFile {
    /// The merchant's `apiclient_key.pem`.
    PrivateKey,
    /// WeChat Pay's `pub_key.pem`.
    PublicKey,
    /// The merchant's `apiclient_cert.pem`, or a platform certificate.
    Certificate,
}

/// Why bytes are not the key that was asked for. Never quotes them.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("the key is empty")]
    Empty,
    /// A certificate, a public key, an archive or another wrong file.
    #[error("this is {found}, not {wanted}")]
    WrongKind { found: FileKind, wanted: ExpectedFile },
    #[error("the key is protected by a password; export it without one")]
    Encrypted,
    #[error("this is neither PEM nor base64 nor DER of a PKCS#1 or PKCS#8 RSA key")]
    Malformed,
    #[error("an RSA key of {0} bits; WeChat Pay uses 2048")]
    Size(usize),
    /// The merchant's own key where WeChat Pay's is needed.
    #[error("this is the merchant's own public key, not WeChat Pay's")]
    Own,
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Certificate => f.write_str("a certificate"),
            Self::Pkcs12 => f.write_str("a PKCS#12 archive (.p12)"),
            Self::PrivateKey => f.write_str("a private key"),
            Self::PublicKey => f.write_str("a public key"),
            Self::EncryptedKey => f.write_str("a password-protected private key"),
            Self::OtherKey => f.write_str("a key that is not RSA"),
            Self::CertificateRequest => f.write_str("a certificate signing request"),
            Self::Zip => f.write_str("a ZIP archive"),
            Self::KeyStore => f.write_str("a Java keystore"),
            Self::Pem(label) => write!(f, "a PEM block {label}"),
            Self::Binary => f.write_str("neither text nor a key"),
        }
    }
}

impl std::fmt::Display for ExpectedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "an RSA private key",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
        })
    }
}

/// One block of key material.
pub(super) struct Block {
    /// The PEM label; `None` for DER and bare base64.
    pub label: Option<String>,
    pub der: Zeroizing<Vec<u8>>,
}

/// Reads bytes as text: UTF-8, or UTF-16 as Windows saves it, without a byte-order mark. `None` if they are not text.
pub fn decode_text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| bytes.len().is_multiple_of(2)).map(Zeroizing::new)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(|text| Zeroizing::new(text.to_owned())),
        // UTF-16 without its mark: every other byte of ASCII is zero.
        [first, 0, _, 0, ..] if *first != 0 => wide(bytes, u16::from_le_bytes),
        [0, second, 0, _, ..] if *second != 0 => wide(bytes, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(|text| Zeroizing::new(text.to_owned())),
    }
}

/// All blocks in a file of key material, in their order.
pub(super) fn blocks(bytes: &[u8], wanted: ExpectedFile) -> Result<Vec<Block>, KeyError> {
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    if is_der(bytes) {
        return Ok(vec![Block { label: None, der: Zeroizing::new(bytes.to_vec()) }]);
    }
    let text = decode_text(bytes).ok_or_else(|| KeyError::WrongKind { found: binary_kind(bytes), wanted })?;
    pem_or_base64(&text)
}

/// Every PEM block, or the bare base64 of one.
fn pem_or_base64(text: &str) -> Result<Vec<Block>, KeyError> {
    const BEGIN: &str = "-----BEGIN ";
    // Environment variables often hold the characters `\n` or `\r\n` where a line break belongs.
    let text = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let text = text.trim().trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(KeyError::Empty);
    }
    let decode = |body: &str| {
        let compact: Zeroizing<String> = Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
        BASE64.decode(&*compact).map(Zeroizing::new).map_err(|_| KeyError::Malformed)
    };
    if !text.contains(BEGIN) {
        let der = decode(text)?;
        return Ok(vec![Block { label: None, der }]);
    }
    let mut blocks = Vec::new();
    for rest in text.split(BEGIN).skip(1) {
        let (label, rest) = rest.split_once("-----").ok_or(KeyError::Malformed)?;
        let (body, _) = rest.split_once("-----END ").ok_or(KeyError::Malformed)?;
        // A key in OpenSSL's older form has a header that marks it as protected.
        let protected = label.starts_with("ENCRYPTED") || body.contains("Proc-Type:");
        let der = if protected { Zeroizing::default() } else { decode(body)? };
        let label = if protected { "ENCRYPTED PRIVATE KEY" } else { label };
        blocks.push(Block { label: Some(label.to_owned()), der });
    }
    Ok(blocks)
}

impl Block {
    /// What this block is.
    pub(super) fn kind(&self) -> FileKind {
        match self.label.as_deref() {
            None => der_kind(&self.der),
            Some("CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") => FileKind::Certificate,
            Some("PRIVATE KEY") if !is_rsa_key(&self.der) && is_der(&self.der) => FileKind::OtherKey,
            Some("PRIVATE KEY" | "RSA PRIVATE KEY") => FileKind::PrivateKey,
            Some("PUBLIC KEY" | "RSA PUBLIC KEY") => FileKind::PublicKey,
            Some("ENCRYPTED PRIVATE KEY") => FileKind::EncryptedKey,
            Some("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") => FileKind::CertificateRequest,
            Some(other) if other.ends_with("PRIVATE KEY") => FileKind::OtherKey,
            // A label is a few words; anything longer is not repeated.
            Some(other) => FileKind::Pem(other.chars().take(40).collect()),
        }
    }
}

/// One complete DER value: a sequence of the encoded length.
fn is_der(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, 0x82, high, low, rest @ ..] => rest.len() == usize::from(u16::from_be_bytes([*high, *low])),
        [0x30, 0x81, length, rest @ ..] => rest.len() == usize::from(*length),
        _ => false,
    }
}

/// By its form alone: reading it for use checks the numbers, which takes a while.
fn is_rsa_key(der: &[u8]) -> bool {
    let rsa = |info: PrivateKeyInfo<'_>| info.algorithm.oid == rsa::pkcs1::ALGORITHM_OID;
    PrivateKeyInfo::try_from(der).is_ok_and(rsa) || rsa::pkcs1::RsaPrivateKey::try_from(der).is_ok()
}

fn der_kind(der: &[u8]) -> FileKind {
    use rsa::pkcs1::DecodeRsaPublicKey;
    use rsa::pkcs8::DecodePublicKey;
    // PFX: version 3, then a ContentInfo that holds `data` (1.2.840.113549.1.7.1) or signed data (….7.2).
    const PKCS7: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
    // PKCS#5, by which a key is protected: 1.2.840.113549.1.5.
    const PKCS5: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05];
    let head = &der[..der.len().min(32)];
    let begins_with = |oid: [u8; 8]| head.windows(8).any(|window| window == oid);
    if head.windows(3).any(|window| window == [0x02, 0x01, 0x03]) && begins_with(PKCS7) {
        FileKind::Pkcs12
    } else if x509_cert::Certificate::from_der(der).is_ok() {
        FileKind::Certificate
    } else if is_rsa_key(der) {
        FileKind::PrivateKey
    } else if rsa::RsaPublicKey::from_public_key_der(der).is_ok() || rsa::RsaPublicKey::from_pkcs1_der(der).is_ok() {
        FileKind::PublicKey
    } else if begins_with(PKCS5) {
        FileKind::EncryptedKey
    } else if PrivateKeyInfo::try_from(der).is_ok() {
        FileKind::OtherKey
    } else {
        FileKind::Binary
    }
}

fn binary_kind(bytes: &[u8]) -> FileKind {
    match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => FileKind::Zip,
        [0xFE, 0xED, 0xFE, 0xED, ..] | [0xCE, 0xCE, 0xCE, 0xCE, ..] => FileKind::KeyStore,
        // A PKCS#12 archive of indefinite length, or followed by something.
        [0x30, 0x80 | 0x82 | 0x83, ..] => der_kind(bytes),
        _ => FileKind::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encodings_that_editors_save() {
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let text = "-----BEGIN 密 KEY-----";
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE".as_slice(), &utf16(text, true)].concat(),
            [b"\xFE\xFF".as_slice(), &utf16(text, false)].concat(),
            utf16(text, true),
            utf16(text, false),
        ] {
            assert_eq!(decode_text(&bytes).unwrap().as_str(), text, "{bytes:?}");
        }
        for bytes in [&b"\xFF\xFEa"[..], b"\xFF\xFE\x00\xD8", b"\xB5\xC4"] {
            assert!(decode_text(bytes).is_none(), "{bytes:?}");
        }
        assert_eq!(decode_text(b"").unwrap().as_str(), "");
    }

    const HEADS: &[&[u8]] = &[b"", b"-----BEGIN ", b"\xFF\xFE", b"\x30\x82", b"MII", b"PK\x03\x04"];

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_odd_to_be_judged(
            head in proptest::sample::select(HEADS),
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80),
        ) {
            let bytes = [head, &bytes].concat();
            proptest::prop_assert!(crate::crypto::PrivateKey::read(&bytes).is_err());
            proptest::prop_assert!(crate::crypto::PublicKey::read(&bytes).is_err());
            proptest::prop_assert!(crate::crypto::Certificate::read(&bytes).is_err());
            let _ = crate::crypto::ApiV3Key::read(&bytes);
        }
    }

    #[test]
    fn archives_are_named() {
        for (bytes, kind) in [
            (&b"PK\x03\x04\x14\x00\xFF\xFE"[..], FileKind::Zip),
            (b"\xFE\xED\xFE\xED\x00\x00\x00\x02", FileKind::KeyStore),
            (b"\x93NUMPY\xFF\x00", FileKind::Binary),
        ] {
            let Err(error) = blocks(bytes, ExpectedFile::PublicKey) else { panic!("{kind:?} was read") };
            assert_eq!(error, KeyError::WrongKind { found: kind, wanted: ExpectedFile::PublicKey });
        }
    }
}
