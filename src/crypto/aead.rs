//! AEAD_AES_256_GCM, as certificates and notification resources use it (protocol reference §8.1).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use secrecy::{ExposeSecret, SecretBox};

use super::{BASE64, Engine};

/// The APIv3 key (APIv3密钥): 32 ASCII characters, used as 32 raw bytes.
#[derive(Clone)]
pub struct ApiV3Key(std::sync::Arc<SecretBox<[u8; 32]>>);

/// Why a resource could not be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AeadError {
    /// The APIv3 key is not 32 bytes long.
    #[error("an APIv3 key has 32 characters, this one has {0}")]
    KeyLength(usize),
    /// The nonce is not 12 bytes long.
    #[error("the nonce has {0} bytes, 12 are needed")]
    NonceLength(usize),
    /// The ciphertext is not base64.
    #[error("the ciphertext is not base64")]
    Encoding,
    /// The tag does not match: nearly always the wrong APIv3 key.
    #[error("the ciphertext does not open with this APIv3 key")]
    Tag,
}

impl ApiV3Key {
    /// Takes the key as text. White space around it (a file's last line feed) is dropped.
    pub fn new(text: &str) -> Result<Self, AeadError> {
        let bytes: [u8; 32] = text.trim().as_bytes().try_into().map_err(|_| AeadError::KeyLength(text.trim().len()))?;
        Ok(Self(std::sync::Arc::new(SecretBox::new(Box::new(bytes)))))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.0.expose_secret().into())
    }
}

impl std::fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiV3Key(…)")
    }
}

/// Opens `base64(ciphertext ‖ tag)`. An absent `associated_data` is the empty one.
pub fn open(key: &ApiV3Key, nonce: &str, associated_data: &str, ciphertext: &str) -> Result<Vec<u8>, AeadError> {
    let nonce: [u8; 12] = nonce.as_bytes().try_into().map_err(|_| AeadError::NonceLength(nonce.len()))?;
    let sealed = BASE64.decode(ciphertext).map_err(|_| AeadError::Encoding)?;
    key.cipher()
        .decrypt(&nonce.into(), Payload { msg: &sealed, aad: associated_data.as_bytes() })
        .map_err(|_| AeadError::Tag)
}

/// Seals a plaintext the way the platform does. A nonce must never be used twice under one key.
pub fn seal(key: &ApiV3Key, nonce: &[u8; 12], associated_data: &str, plaintext: &[u8]) -> Result<String, AeadError> {
    let sealed = key
        .cipher()
        .encrypt(&(*nonce).into(), Payload { msg: plaintext, aad: associated_data.as_bytes() })
        .map_err(|_| AeadError::Tag)?;
    Ok(BASE64.encode(sealed))
}
