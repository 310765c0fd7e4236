//! X.509 certificates of merchants and of the platform: read, and, for the sandbox, made.

use std::str::FromStr;

use rsa::pkcs1v15::SigningKey;
use sha2::Sha256;
use time::OffsetDateTime;
use x509_cert::builder::{Builder, CertificateBuilder, Profile};
use x509_cert::der::{Decode, Encode, EncodePem, asn1::UtcTime, pem::LineEnding};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity};

use super::material::{Block, ExpectedFile, FileKind, blocks};
use super::{KeyError, PrivateKey, PublicKey};
use crate::model::Serial;

/// A certificate: its serial as WeChat Pay writes it, its key and its validity.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// 40 upper-case hexadecimal digits, leading zeros kept.
    pub serial: Serial,
    pub public_key: PublicKey,
    pub not_before: OffsetDateTime,
    pub not_after: OffsetDateTime,
    pem: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("not an X.509 certificate")]
    Malformed(#[source] x509_cert::der::Error),
    #[error("the certificate could not be created: {0}")]
    Build(String),
}

impl Certificate {
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        Self::read(text.as_bytes())
    }

    /// Reads a file's bytes, which may be DER or UTF-16. Of several certificates the first is taken.
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        let blocks = blocks(bytes, ExpectedFile::Certificate)?;
        let first = blocks.first().map(Block::kind);
        match blocks.iter().find(|block| block.kind() == FileKind::Certificate) {
            Some(block) => Self::from_der(&block.der),
            // For base64 of something else the parser's error is more specific.
            None if first == Some(FileKind::Binary) => {
                Self::from_der(blocks.first().map(|block| &**block.der).unwrap_or_default())
            }
            None => Err(match first {
                Some(found) => KeyError::WrongKind { found, wanted: ExpectedFile::Certificate }.into(),
                None => KeyError::Empty.into(),
            }),
        }
    }

    /// The certificates among the blocks of a file, in their order. Empty if no block can be read.
    pub fn among(bytes: &[u8]) -> Vec<Self> {
        let blocks = blocks(bytes, ExpectedFile::Certificate).unwrap_or_default();
        let certificates = blocks.iter().filter(|block| block.kind() == FileKind::Certificate);
        certificates.filter_map(|block| Self::from_der(&block.der).ok()).collect()
    }

    fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let certificate = x509_cert::Certificate::from_der(der).map_err(CertificateError::Malformed)?;
        let body = &certificate.tbs_certificate;
        let spki = body.subject_public_key_info.to_der().map_err(CertificateError::Malformed)?;
        Ok(Self {
            serial: serial_text(&body.serial_number),
            public_key: PublicKey::from_spki(&spki)?,
            not_before: body.validity.not_before.to_system_time().into(),
            not_after: body.validity.not_after.to_system_time().into(),
            pem: certificate.to_pem(LineEnding::LF).map_err(CertificateError::Malformed)?,
        })
    }

    /// Makes a self-signed certificate (the sandbox is its own authority).
    pub(crate) fn self_signed(
        key: &PrivateKey,
        serial: [u8; 20],
        common_name: &str,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let build = |e: String| CertificateError::Build(e);
        let subject =
            Name::from_str(&format!("CN={common_name},O=Paydeck Sandbox,C=CN")).map_err(|e| build(e.to_string()))?;
        let spki = SubjectPublicKeyInfoOwned::from_der(key.public_key().spki()).map_err(CertificateError::Malformed)?;
        let at = |t: OffsetDateTime| -> Result<Time, CertificateError> {
            let since_epoch = std::time::Duration::from_secs(t.unix_timestamp().max(0).unsigned_abs());
            Ok(Time::UtcTime(UtcTime::from_unix_duration(since_epoch).map_err(CertificateError::Malformed)?))
        };
        let validity = Validity { not_before: at(not_before)?, not_after: at(not_after)? };
        let serial = SerialNumber::new(&serial).map_err(CertificateError::Malformed)?;
        let signer = SigningKey::<Sha256>::new(key.rsa());
        let certificate = CertificateBuilder::new(Profile::Root, serial, validity, subject, spki, &signer)
            .and_then(|builder| builder.build())
            .map_err(|e| build(e.to_string()))?;
        Self::from_der(&certificate.to_der().map_err(CertificateError::Malformed)?)
    }

    pub fn to_pem(&self) -> &str {
        &self.pem
    }
}

fn serial_text(serial: &SerialNumber) -> Serial {
    let bytes = serial.as_bytes();
    let significant = bytes.iter().position(|b| *b != 0).map_or(&bytes[bytes.len()..], |start| &bytes[start..]);
    let hex: String = significant.iter().map(|b| format!("{b:02X}")).collect();
    Serial::new(&format!("{hex:0>40}"))
}

/// The serial in a decimal number, as some tools show it.
pub fn serial_of_decimal(digits: &str) -> Option<Serial> {
    let number = rsa::BigUint::parse_bytes(digits.as_bytes(), 10)?;
    let hex = format!("{:0>40}", number.to_str_radix(16).to_ascii_uppercase());
    (hex.len() == 40).then(|| Serial::new(&hex))
}
