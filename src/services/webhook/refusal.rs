//! Why a request to the listener was refused. The ledger keeps a code with what was found, so that it is shown in the
//! language of the person who looks at it later.

use std::fmt;

use crate::api::NotANotification;
use crate::crypto::{AeadError, VerifyError};
use crate::model::DocumentError;

/// What was wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalCode {
    NotThisPath,
    NotPost,
    TooLong,
    Late,
    Broken,
    Unreadable,
    GivenTwice,
    SameSignature,
    Apiv2,
    HeaderMissing,
    Probe,
    SignatureType,
    Timestamp,
    Clock,
    UnknownSerial,
    Encoding,
    WrongSignature,
    NonceLength,
    CiphertextEncoding,
    NotDecrypted,
    NoKey,
    Another,
    NotJson,
    NotUtf8,
    NotUnpacked,
    NoMember,
    NotANumber,
}

impl RefusalCode {
    pub(crate) const ALL: [Self; 27] = [
        Self::NotThisPath,
        Self::NotPost,
        Self::TooLong,
        Self::Late,
        Self::Broken,
        Self::Unreadable,
        Self::GivenTwice,
        Self::SameSignature,
        Self::Apiv2,
        Self::HeaderMissing,
        Self::Probe,
        Self::SignatureType,
        Self::Timestamp,
        Self::Clock,
        Self::UnknownSerial,
        Self::Encoding,
        Self::WrongSignature,
        Self::NonceLength,
        Self::CiphertextEncoding,
        Self::NotDecrypted,
        Self::NoKey,
        Self::Another,
        Self::NotJson,
        Self::NotUtf8,
        Self::NotUnpacked,
        Self::NoMember,
        Self::NotANumber,
    ];

    /// As it is stored, and the end of the name of its message.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::NotThisPath => "not-this-path",
            Self::NotPost => "not-post",
            Self::TooLong => "too-long",
            Self::Late => "late",
            Self::Broken => "broken",
            Self::Unreadable => "unreadable",
            Self::GivenTwice => "given-twice",
            Self::SameSignature => "same-signature",
            Self::Apiv2 => "apiv2",
            Self::HeaderMissing => "header-missing",
            Self::Probe => "probe",
            Self::SignatureType => "signature-type",
            Self::Timestamp => "timestamp",
            Self::Clock => "clock",
            Self::UnknownSerial => "unknown-serial",
            Self::Encoding => "encoding",
            Self::WrongSignature => "wrong-signature",
            Self::NonceLength => "nonce-length",
            Self::CiphertextEncoding => "ciphertext-encoding",
            Self::NotDecrypted => "not-decrypted",
            Self::NoKey => "no-key",
            Self::Another => "another",
            Self::NotJson => "not-json",
            Self::NotUtf8 => "not-utf8",
            Self::NotUnpacked => "not-unpacked",
            Self::NoMember => "no-member",
            Self::NotANumber => "not-a-number",
        }
    }

    /// As it is stored, with what was found.
    pub(crate) fn with(self, found: impl fmt::Display) -> String {
        format!("{}: {found}", self.word())
    }

    /// Reads what is stored: the code and what was found. `None` for the free text that earlier versions stored.
    pub(crate) fn read(stored: &str) -> Option<(Self, &str)> {
        let (word, found) = stored.split_once(": ").unwrap_or((stored, ""));
        Self::ALL.into_iter().find(|code| code.word() == word).map(|code| (code, found))
    }
}

/// What is stored about a request that is not a notification.
pub(super) fn reason(error: &NotANotification) -> String {
    use RefusalCode as Code;
    match error {
        NotANotification::Unproven(error) => match error {
            VerifyError::HeaderMissing(name) => Code::HeaderMissing.with(name),
            VerifyError::Probe => Code::Probe.word().to_owned(),
            VerifyError::SignatureType(found) => Code::SignatureType.with(found),
            VerifyError::Timestamp => Code::Timestamp.word().to_owned(),
            VerifyError::Clock(ahead) => Code::Clock.with(ahead),
            VerifyError::UnknownSerial(serial) => Code::UnknownSerial.with(serial),
            VerifyError::Encoding => Code::Encoding.word().to_owned(),
            VerifyError::Signature(serial) => Code::WrongSignature.with(serial),
        },
        NotANotification::Sealed(error) => match error {
            AeadError::NonceLength(bytes) => Code::NonceLength.with(bytes),
            AeadError::Encoding => Code::CiphertextEncoding.word().to_owned(),
            AeadError::KeyLength(_) | AeadError::KeyCharacter { .. } | AeadError::KeyBinary | AeadError::Tag => {
                Code::NotDecrypted.word().to_owned()
            }
        },
        NotANotification::Malformed(error) => match error {
            DocumentError::Json(error) => Code::NotJson.with(format_args!("{}:{}", error.line(), error.column())),
            DocumentError::Encoding(_) => Code::NotUtf8.word().to_owned(),
            DocumentError::Packed(_) => Code::NotUnpacked.word().to_owned(),
            DocumentError::Missing(member) => Code::NoMember.with(member),
            DocumentError::Number { field, .. } => Code::NotANumber.with(field),
        },
        NotANotification::Another(mchid) => Code::Another.with(mchid),
        NotANotification::Setting(missing) => Code::NoKey.with(missing.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_again_and_the_text_of_earlier_versions_is_none() {
        for code in RefusalCode::ALL {
            assert_eq!(RefusalCode::read(code.word()), Some((code, "")));
            assert_eq!(RefusalCode::read(&code.with("GET /x: y")), Some((code, "GET /x: y")));
        }
        for text in
            ["", "the clocks differ by 320 s", "an APIv2 notice in XML: its notify_url belongs to an APIv2 call"]
        {
            assert_eq!(RefusalCode::read(text), None, "{text}");
        }
    }
}
