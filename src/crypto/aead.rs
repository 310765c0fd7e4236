//! AEAD_AES_256_GCM, as certificates and notification resources use it (protocol reference §8.1).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use secrecy::{ExposeSecret, SecretBox};

use super::material::decode_text;
use super::{BASE64, Engine};

/// The APIv3 key (APIv3密钥): 32 ASCII characters, used as 32 raw bytes.
#[derive(Clone)]
pub struct ApiV3Key(std::sync::Arc<SecretBox<[u8; LENGTH]>>);

/// The length of an APIv3 key.
const LENGTH: usize = 32;

/// Why a resource could not be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AeadError {
    /// The APIv3 key is not 32 characters long.
    #[error("an APIv3 key has 32 characters; this one has {0}")]
    KeyLength(usize),
    /// The APIv3 key has an invalid character; `place` counts from 1.
    #[error("character {place} of the APIv3 key is U+{:04X}, not an ASCII letter or digit", u32::from(*found))]
    KeyCharacter { place: usize, found: char, characters: usize },
    /// The APIv3 key is not text.
    #[error("the APIv3 key is not text")]
    KeyBinary,
    /// The nonce is not 12 bytes long.
    #[error("the nonce has {0} bytes, 12 are needed")]
    NonceLength(usize),
    /// The ciphertext is not base64.
    #[error("the ciphertext is not base64")]
    Encoding,
    /// The tag does not match: nearly always the wrong APIv3 key.
    #[error("the ciphertext cannot be decrypted with this APIv3 key")]
    Tag,
}

impl ApiV3Key {
    /// Takes the key as text. White space around it (a file's last line feed) is dropped, and a byte-order mark.
    pub fn new(text: &str) -> Result<Self, AeadError> {
        let text = text.trim().trim_start_matches('\u{feff}').trim();
        let characters = text.chars().count();
        // An invalid character also explains a wrong length, if the rest has the right one.
        let is_odd = |c: &char| !c.is_ascii_graphic();
        let odd = text.chars().enumerate().find(|(_, c)| is_odd(c));
        let usual = text.chars().filter(|c| !is_odd(c)).count();
        match odd {
            Some((place, found)) if characters == LENGTH || usual == LENGTH => {
                Err(AeadError::KeyCharacter { place: place + 1, found, characters })
            }
            // The right number of bytes alone is not enough.
            Some(_) => Err(AeadError::KeyLength(characters)),
            None => {
                let bytes: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| AeadError::KeyLength(characters))?;
                Ok(Self(std::sync::Arc::new(SecretBox::new(Box::new(bytes)))))
            }
        }
    }

    /// The same for a file's bytes, which may be UTF-16.
    pub fn read(bytes: &[u8]) -> Result<Self, AeadError> {
        Self::new(&decode_text(bytes).ok_or(AeadError::KeyBinary)?)
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

/// Decrypts `base64(ciphertext ‖ tag)`. An absent `associated_data` is the empty one.
pub fn open(key: &ApiV3Key, nonce: &str, associated_data: &str, ciphertext: &str) -> Result<Vec<u8>, AeadError> {
    let nonce: [u8; 12] = nonce.as_bytes().try_into().map_err(|_| AeadError::NonceLength(nonce.len()))?;
    let sealed = BASE64.decode(ciphertext).map_err(|_| AeadError::Encoding)?;
    key.cipher()
        .decrypt(&nonce.into(), Payload { msg: &sealed, aad: associated_data.as_bytes() })
        .map_err(|_| AeadError::Tag)
}

/// Encrypts a plaintext the way the platform does. A nonce must never be used twice under one key.
pub fn seal(key: &ApiV3Key, nonce: &[u8; 12], associated_data: &str, plaintext: &[u8]) -> Result<String, AeadError> {
    let sealed = key
        .cipher()
        .encrypt(&(*nonce).into(), Payload { msg: plaintext, aad: associated_data.as_bytes() })
        .map_err(|_| AeadError::Tag)?;
    Ok(BASE64.encode(sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_counted_in_characters_and_an_odd_one_is_named() {
        let key = "k".repeat(32);
        for good in [key.clone(), format!("{key}\r\n"), format!("\u{feff}{key}"), format!(" {key} ")] {
            ApiV3Key::new(&good).unwrap();
        }
        ApiV3Key::read(format!("\u{feff}{key}").as_bytes()).unwrap();
        let odd = |place, found, characters| Err(AeadError::KeyCharacter { place, found, characters });
        for (bad, error) in [
            ("k".repeat(31), Err(AeadError::KeyLength(31))),
            // Eleven characters, 33 bytes.
            ("密".repeat(11), Err(AeadError::KeyLength(11))),
            // 32 bytes of 30 characters.
            (format!("密{}", "k".repeat(29)), Err(AeadError::KeyLength(30))),
            (format!("Ａ{}", "k".repeat(31)), odd(1, 'Ａ', 32)),
            (format!("{}\u{200b}", "k".repeat(32)), odd(33, '\u{200b}', 33)),
            (format!("{} {}", "k".repeat(16), "k".repeat(16)), odd(17, ' ', 33)),
        ] {
            assert_eq!(ApiV3Key::new(&bad).map(|_| ()), error, "{bad}");
        }
        assert_eq!(ApiV3Key::read(b"\xB5\xC4").map(|_| ()), Err(AeadError::KeyBinary));
    }
}
