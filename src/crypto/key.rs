//! RSA keys in every form that merchants hold them in (protocol reference §8.3).

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::material::{Block, ExpectedFile, FileKind, KeyError, blocks};
use super::{BASE64, Engine};

/// The first block of the kind wanted, whatever stands before or after it.
fn wanted_block(bytes: &[u8], wanted: ExpectedFile, kind: &FileKind) -> Result<Block, KeyError> {
    let mut blocks = blocks(bytes, wanted)?;
    let place = blocks.iter().position(|block| block.kind() == *kind);
    if let Some(place) = place {
        return Ok(blocks.swap_remove(place));
    }
    let kinds: Vec<FileKind> = blocks.iter().map(Block::kind).collect();
    let protected = wanted == ExpectedFile::PrivateKey && kinds.contains(&FileKind::EncryptedKey);
    Err(match kinds.into_iter().next() {
        _ if protected => KeyError::Encrypted,
        // Base64 of an unknown content.
        None | Some(FileKind::Binary) => KeyError::Malformed,
        Some(found) => KeyError::WrongKind { found, wanted },
    })
}

/// A merchant's (or, in the sandbox, the platform's) RSA private key. Cheap to clone.
#[derive(Clone)]
pub struct PrivateKey(Arc<Inner>);

struct Inner {
    pair: signature::RsaKeyPair,
    pkcs8: SecretBox<Vec<u8>>,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

impl PrivateKey {
    /// Reads PKCS#8 (`BEGIN PRIVATE KEY`), PKCS#1 (`BEGIN RSA PRIVATE KEY`) or the bare base64 of either.
    pub fn parse(text: &SecretString) -> Result<Self, KeyError> {
        Self::read(text.expose_secret().as_bytes())
    }

    /// The same of a file's bytes, which may be DER or UTF-16. Among several PEM blocks the private key is taken.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let Block { der, .. } = wanted_block(bytes, ExpectedFile::PrivateKey, &FileKind::PrivateKey)?;
        let key = RsaPrivateKey::from_pkcs8_der(&der)
            .or_else(|_| RsaPrivateKey::from_pkcs1_der(&der).map_err(|_| KeyError::Malformed))?;
        check_size(key.size())?;
        let pkcs8 = key.to_pkcs8_der().map_err(|_| KeyError::Malformed)?;
        Self::from_pkcs8(pkcs8.as_bytes().to_vec())
    }

    /// Makes a new 2048-bit key (for the sandbox's identities).
    pub fn generate() -> Result<Self, KeyError> {
        let pair = signature::RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Malformed)?;
        let der: Pkcs8V1Der = pair.as_der().map_err(|_| KeyError::Malformed)?;
        Self::from_pkcs8(der.as_ref().to_vec())
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, KeyError> {
        let pair = signature::RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError::Malformed)?;
        Ok(Self(Arc::new(Inner { pair, pkcs8: SecretBox::new(Box::new(pkcs8)) })))
    }

    /// SHA256 with RSA, PKCS#1 v1.5, as base64 on one line. About 0.7 ms of CPU.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.pair.public_modulus_len()];
        // Signing with a checked key fails only without a random generator (used for blinding).
        self.0
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("a parsed RSA key signs");
        BASE64.encode(signature)
    }

    pub fn public_key(&self) -> PublicKey {
        let der: PublicKeyX509Der = self.0.pair.public_key().as_der().expect("a parsed RSA key has a public half");
        PublicKey::from_spki(der.as_ref()).expect("the public half of a parsed RSA key parses")
    }

    /// The key as PKCS#8 PEM, for the sandbox's identity folder.
    pub fn to_pem(&self) -> SecretString {
        pem("PRIVATE KEY", self.0.pkcs8.expose_secret()).into()
    }

    pub(super) fn rsa(&self) -> RsaPrivateKey {
        RsaPrivateKey::from_pkcs8_der(self.0.pkcs8.expose_secret()).expect("a parsed RSA key parses again")
    }
}

/// An RSA public key, ready to verify. Cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    verifier: Arc<ParsedPublicKey>,
    spki: Arc<[u8]>,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicKey(RSA)")
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl PublicKey {
    /// Reads `BEGIN PUBLIC KEY` (SPKI), or its bare base64: WeChat Pay's `pub_key.pem`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::read(text.as_bytes())
    }

    /// The same of a file's bytes, which may be DER or UTF-16; `BEGIN RSA PUBLIC KEY` (PKCS#1) is read, too.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let Block { der, .. } = wanted_block(bytes, ExpectedFile::PublicKey, &FileKind::PublicKey)?;
        match <rsa::RsaPublicKey as rsa::pkcs1::DecodeRsaPublicKey>::from_pkcs1_der(&der) {
            Ok(key) => Self::from_spki(key.to_public_key_der().map_err(|_| KeyError::Malformed)?.as_bytes()),
            Err(_) => Self::from_spki(&der),
        }
    }

    pub(super) fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        // Round trip through `rsa`: what it accepts is an RSA key, and its encoding is the canonical one.
        let key = <rsa::RsaPublicKey as rsa::pkcs8::DecodePublicKey>::from_public_key_der(der)
            .map_err(|_| KeyError::Malformed)?;
        check_size(key.size())?;
        let spki = key.to_public_key_der().map_err(|_| KeyError::Malformed)?;
        let verifier =
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki.as_bytes()).map_err(|_| KeyError::Malformed)?;
        Ok(Self { verifier: Arc::new(verifier), spki: spki.as_bytes().into() })
    }

    /// True if `signature` (raw bytes) is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }

    pub fn to_pem(&self) -> String {
        pem("PUBLIC KEY", &self.spki)
    }

    pub(super) fn spki(&self) -> &[u8] {
        &self.spki
    }

    pub(super) fn rsa(&self) -> rsa::RsaPublicKey {
        <rsa::RsaPublicKey as rsa::pkcs8::DecodePublicKey>::from_public_key_der(&self.spki)
            .expect("a parsed RSA key parses again")
    }
}

/// 2048 to 4096 bits: shorter keys are weak, and longer ones are no key of WeChat Pay's.
fn check_size(bytes: usize) -> Result<(), KeyError> {
    if (256..=512).contains(&bytes) { Ok(()) } else { Err(KeyError::Size(bytes * 8)) }
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = BASE64.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
