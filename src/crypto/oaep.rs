//! RSAES-OAEP with SHA-1 and MGF1-SHA-1, for sensitive fields (protocol reference §8.2).

use rsa::Oaep;
use rsa::rand_core::OsRng;
use sha1::Sha1;

use super::{BASE64, Engine, PrivateKey, PublicKey};

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum OaepError {
    #[error("the field is not base64")]
    Encoding,
    #[error("the field cannot be decrypted with this key")]
    Decrypt,
    /// More than 214 bytes for a 2048-bit key.
    #[error("the text is too long to be encrypted")]
    TooLong,
}

impl PrivateKey {
    /// Opens a field that WeChat Pay encrypted for the merchant.
    pub fn decrypt_field(&self, ciphertext: &str) -> Result<Vec<u8>, OaepError> {
        let sealed = BASE64.decode(ciphertext).map_err(|_| OaepError::Encoding)?;
        self.rsa().decrypt(Oaep::new::<Sha1>(), &sealed).map_err(|_| OaepError::Decrypt)
    }
}

impl PublicKey {
    /// Encrypts a field for WeChat Pay; name the key in `Wechatpay-Serial`.
    pub fn encrypt_field(&self, plaintext: &[u8]) -> Result<String, OaepError> {
        let sealed = self.rsa().encrypt(&mut OsRng, Oaep::new::<Sha1>(), plaintext).map_err(|_| OaepError::TooLong)?;
        Ok(BASE64.encode(sealed))
    }
}
