//! A request as text for a shell: with `curl`, and with this program. Neither contains a key, a signature, or what is
//! encrypted when it is sent.

use crate::console::Account;
use crate::ledger::RecordedIntent;
use crate::model::action::{Field, FieldKind, Operation};
use crate::model::{Environment, Method};

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
    // The bars that part the cells of a row are those of the command line; a cell with a bar is sent as it is.
    let barred =
        |(field, value): &(&Field, String)| matches!(field.kind, FieldKind::Rows { .. }) && value.contains('|');
    if values.iter().any(barred) {
        let method = operation.endpoint.endpoint().method;
        return raw(profile, method, &operation.target, &operation.body, operation.reason.as_deref());
    }
    let mut words = vec![action.kind.noun().to_owned()];
    let number = operation.object.number.as_str();
    let like_option = number.starts_with('-') && !action.is_creation() && !action.is_setting();
    if action.is_creation() || action.is_setting() {
        // `create-native` is `create native`.
        match action.verb.strip_prefix("create-") {
            Some(rest) => words.extend(["create".to_owned(), rest.to_owned()]),
            None => words.push(action.verb.to_owned()),
        }
    } else {
        words.push(action.verb.to_owned());
        words.extend(Some(number).filter(|_| !like_option).map(quoted));
    }
    for (field, value) in values.iter().filter(|(field, value)| !value.is_empty() && !field.kind.is_secret()) {
        match field.kind {
            FieldKind::Rows { .. } => {
                let row = |line: &str| option(field.name, &line.replace('\t', "|"));
                words.extend(value.lines().map(row));
            }
            _ => words.push(option(field.name, value)),
        }
    }
    // Secrets are never arguments: a document or standard input has them.
    if values.iter().any(|(field, value)| field.kind.is_secret() && !value.is_empty()) {
        words.push("--from -".to_owned());
    }
    if let Some(reason) = operation.reason.as_ref().filter(|_| !action.asks_reason()) {
        words.push(option("reason", reason));
    }
    // What follows `--` is no option.
    words.extend(like_option.then(|| format!("-- {}", quoted(number))));
    command(profile, &words)
}

/// The command that sends the request of a journal entry once more, raw. It refuses without `--yes`.
pub(crate) fn raw_command_line(profile: &str, intent: &RecordedIntent) -> String {
    let method = intent.method.unwrap_or(Method::Get);
    raw(profile, method, &intent.target, &intent.body, intent.reason.as_deref())
}

fn raw(profile: &str, method: Method, target: &str, body: &str, reason: Option<&str>) -> String {
    let mut words = vec![format!("api {} {}", method.as_str(), quoted(target))];
    words.extend(Some(body).filter(|body| !body.is_empty()).map(quoted));
    words.extend(reason.map(|reason| option("reason", reason)));
    command(profile, &words)
}

fn command(profile: &str, words: &[String]) -> String {
    format!("paydeck {} {}", option("profile", profile), words.join(" "))
}

/// An option with its value. One that begins like an option stays within it.
fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("--{name}{between}{}", quoted(value))
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
    use crate::console::tests::fixture::{NOW, account};
    use crate::model::action::{ActionId, Values, create};

    /// A plan's name and one of its details.
    fn plan(name: &str, detail: &str) -> String {
        let (action, merchant) = (ActionId::PlanCreate.action(), account(Environment::Sandbox).merchant);
        let mut values: Values = action.fresh(&merchant, NOW);
        let details = format!("{detail}\t99\t88\t");
        values
            .extend([("name", name), ("days", "90"), ("details", &details)].map(|(key, text)| (key, text.to_owned())));
        let operation = create(action, &merchant, &values, NOW).unwrap();
        let given: Vec<(&'static Field, String)> =
            action.fields.iter().filter_map(|field| Some((field, values.get(field.name)?.clone()))).collect();
        command_line("shop", &operation, &given)
    }

    #[test]
    fn a_value_that_begins_like_an_option_stays_a_value_and_a_cell_with_a_bar_is_one_cell() {
        let command = plan("-rf $(id)", "-x");
        assert!(command.starts_with("paydeck --profile shop plan create "), "{command}");
        assert!(command.contains("--name='-rf $(id)' ") && command.contains("--details='-x|99|88|'"), "{command}");
        // The bar parts the cells on the command line.
        let command = plan("Gala", "A|B");
        assert!(
            command.starts_with("paydeck --profile shop api POST /v3/payscore/plan/payscore-plans '{"),
            "{command}"
        );
        assert!(command.contains("\"plan_detail_name\":\"A|B\""), "{command}");
    }

    #[test]
    fn a_word_is_quoted_for_a_shell_if_it_needs_it() {
        assert_eq!(quoted("SO2026-1"), "SO2026-1");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("客户 it's $(rm) `x`"), "'客户 it'\\''s $(rm) `x`'");
        assert_eq!(quoted("a\nb"), "'a\nb'");
    }
}
