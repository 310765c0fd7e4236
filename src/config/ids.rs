//! Serials of certificates and ids of public keys.

use super::IdProblem;
use crate::crypto::serial_of_decimal;
use crate::model::Serial;

/// Reads the serial of a certificate in the ways that tools show it: with colons or blanks between the digits.
pub(super) fn certificate_serial(text: &str) -> Result<Serial, IdProblem> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let lower = digits.to_ascii_lowercase();
    if let Some(prefix) = ["serial=", "serialnumber=", "0x"].into_iter().find(|prefix| lower.starts_with(prefix)) {
        return Err(IdProblem::Prefix(prefix));
    }
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.chars().count() {
        40 if hexadecimal => Ok(Serial::new(&digits.to_ascii_uppercase())),
        // 160 bits have at most 49 decimal digits.
        count @ 41..=49 if decimal => serial_of_decimal(&digits)
            .map_or(Err(IdProblem::NotSerial { count }), |serial| Err(IdProblem::Decimal(serial))),
        _ if lower.starts_with("pub_key_id_") => Err(IdProblem::PublicKeyId),
        count => Err(IdProblem::NotSerial { count }),
    }
}

/// Reads the id of the WeChat Pay public key: `PUB_KEY_ID_` and digits, kept verbatim.
pub(super) fn public_key_id(text: &str) -> Result<Serial, IdProblem> {
    let id = text.trim();
    let digits = id.strip_prefix("PUB_KEY_ID_");
    let is_id = digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    if is_id {
        Ok(Serial::new(id))
    } else if certificate_serial(id).is_ok() {
        Err(IdProblem::CertificateSerial)
    } else {
        Err(IdProblem::NotPublicKeyId)
    }
}
