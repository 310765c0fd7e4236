//! Signing and verifying on one core, beside `openssl speed rsa2048` in the same run: the ratios of target 1.

#[path = "support/owed.rs"]
mod owed;

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use owed::report;
use paydeck::crypto::PrivateKey;

const RUN: Duration = Duration::from_secs(2);

fn per_second(mut operation: impl FnMut()) -> f64 {
    operation();
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed() < RUN {
        operation();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Signatures and verifications a second of OpenSSL's command, if it is there.
fn openssl() -> Option<(f64, f64)> {
    let output = Command::new("openssl").args(["speed", "-seconds", "2", "rsa2048"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("rsa 2048"))?;
    let mut figures = line.split_whitespace().rev().filter_map(|word| word.parse::<f64>().ok());
    // Later versions add columns for encryption behind the two we want.
    let mut all: Vec<f64> = figures.by_ref().collect();
    all.reverse();
    Some((*all.get(1)?, *all.get(2)?))
}

fn main() {
    let key = PrivateKey::generate().expect("a key can be made");
    let public = key.public_key();
    let message = vec![b'x'; 600];
    let signature = base64::engine::general_purpose::STANDARD.decode(key.sign(&message)).expect("base64");
    let sign = per_second(|| drop(black_box(key.sign(black_box(&message)))));
    let verify = per_second(|| assert!(public.verifies(black_box(&message), black_box(&signature))));
    match openssl() {
        Some((their_sign, their_verify)) => {
            let line = |what: &str, ours: f64, theirs: f64, target: f64| {
                let (ours_in_words, theirs_in_words) = (format!("{ours:.0}/s"), format!("OpenSSL {theirs:.0}/s"));
                report(what, &ours_in_words, &theirs_in_words, ours / theirs, target..);
            };
            line("sign", sign, their_sign, 0.95);
            line("verify", verify, their_verify, 0.8);
        }
        None => println!("sign {sign:.0}/s, verify {verify:.0}/s; openssl is not here to compare with"),
    }
}
