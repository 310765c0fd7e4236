//! A request as text for a shell: with `curl`, and with this program. Neither contains a key, a signature, or what is
//! encrypted when it is sent.

use crate::console::Account;
use crate::ledger::RecordedIntent;
use crate::model::Environment;
use crate::model::action::{Field, FieldKind, Operation};

/// The request with curl. What signs it has to be filled in.
pub(crate) fn curl(account: &Account, method: &str, target: &str, body: &str) -> String {
    let scheme = match (account.host.contains("://"), account.environment) {
        (true, _) => "",
        (false, Environment::Production) => "https://",
        (false, Environment::Sandbox) => "http://",
    };
    let authorization = format!(
        "Authorization: WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"<NONCE>\",timestamp=\"<TIMESTAMP>\",\
         serial_no=\"<SERIAL_NO>\",signature=\"<SIGNATURE>\"",
        account.merchant.mchid.as_str()
    );
    let url = format!("{scheme}{}{target}", account.host);
    let mut parts = vec![format!("curl -X {method} {}", quoted(&url))];
    parts
        .extend([authorization, "Accept: application/json".to_owned()].map(|header| format!("-H {}", quoted(&header))));
    if !body.is_empty() {
        parts.push(format!("-H {}", quoted("Content-Type: application/json")));
        parts.push(format!("--data-raw {}", quoted(body)));
    }
    parts.join(" \\\n  ")
}

/// The command that prepares the same operation. It asks for the confirmation by itself.
pub(crate) fn command_line(profile: &str, operation: &Operation, values: &[(&'static Field, String)]) -> String {
    let action = operation.action.action();
    let mut words = vec![action.kind.noun().to_owned()];
    if action.is_creation() || action.is_setting() {
        // `create-native` is `create native`.
        match action.verb.strip_prefix("create-") {
            Some(rest) => words.extend(["create".to_owned(), rest.to_owned()]),
            None => words.push(action.verb.to_owned()),
        }
    } else {
        words.extend([action.verb.to_owned(), quoted(operation.object.number.as_str())]);
    }
    for (field, value) in values.iter().filter(|(field, value)| !value.is_empty() && !field.kind.is_secret()) {
        match field.kind {
            FieldKind::Rows { .. } => {
                let row = |line: &str| format!("--{} {}", field.name, quoted(&line.replace('\t', "|")));
                words.extend(value.lines().map(row));
            }
            _ => words.push(format!("--{} {}", field.name, quoted(value))),
        }
    }
    // Secrets are never arguments: a document or standard input has them.
    if values.iter().any(|(field, value)| field.kind.is_secret() && !value.is_empty()) {
        words.push("--from -".to_owned());
    }
    if let Some(reason) = operation.reason.as_ref().filter(|_| !action.asks_reason()) {
        words.push(format!("--reason {}", quoted(reason)));
    }
    format!("paydeck --profile {} {}", quoted(profile), words.join(" "))
}

/// The command that sends the request of a journal entry once more, raw. It refuses without `--yes`.
pub(crate) fn raw_command_line(profile: &str, intent: &RecordedIntent) -> String {
    let method = intent.method.map_or("GET", |method| method.as_str());
    let mut words = vec![format!("api {method} {}", quoted(&intent.target))];
    words.extend(Some(&intent.body).filter(|body| !body.is_empty()).map(|body| quoted(body)));
    words.extend(intent.reason.as_ref().map(|reason| format!("--reason {}", quoted(reason))));
    format!("paydeck --profile {} {}", quoted(profile), words.join(" "))
}

/// A word for a POSIX shell, in quotes if it needs them.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_a_shell_if_it_needs_it() {
        assert_eq!(quoted("SO2026-1"), "SO2026-1");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("客户 it's $(rm) `x`"), "'客户 it'\\''s $(rm) `x`'");
        assert_eq!(quoted("a\nb"), "'a\nb'");
    }
}
