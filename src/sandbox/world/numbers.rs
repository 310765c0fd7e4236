//! Generates numbers in the style of WeChat Pay's own.

use rand::RngExt;
use rand::distr::Alphanumeric;

pub(super) trait NumberSource {
    /// `prefix` and random digits, `length` characters in all.
    fn digits(&mut self, prefix: &str, length: usize) -> String;

    /// An opaque token.
    fn token(&mut self, length: usize) -> String;
}

impl<R: RngExt> NumberSource for R {
    fn digits(&mut self, prefix: &str, length: usize) -> String {
        let mut text = prefix.to_owned();
        while text.len() < length {
            text.push(char::from(b'0' + self.random_range(0..10u8)));
        }
        text
    }

    fn token(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(self.sample(Alphanumeric))).collect()
    }
}
