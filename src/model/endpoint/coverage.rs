//! The table of endpoints as README shows it.

use std::fmt::Write;

use super::{ENDPOINTS, Endpoint, Guide, Repeat};
use crate::model::action::ACTIONS;

impl Guide {
    /// Its number and name, as in the titles of the vendor's guides.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Protocol => "all",
            Self::PayScorePlan => "000 PayScore plans",
            Self::Transactions => "001 Mini-program pay",
            Self::PayScore => "002 PayScore without confirmation",
            Self::Global => "003 Global",
            Self::Coupons => "004 Cash coupons",
        }
    }
}

impl Repeat {
    /// What may be done after an unknown outcome.
    const fn words(self) -> &'static str {
        match self {
            Self::Read => "a read",
            Self::SameNumber => "same number, same effect",
            Self::QueryFirst => "query first",
        }
    }
}

impl Endpoint {
    /// The actions of the console that use it; an endpoint of the Global region has those of its counterpart.
    fn actions(&self) -> Vec<String> {
        let counterpart = |id| ENDPOINTS.iter().any(|other| other.global == Some(self.id) && other.id == id);
        let ours = ACTIONS.iter().filter(|action| action.endpoint == self.id || counterpart(action.endpoint));
        ours.map(|action| action.name()).collect()
    }
}

/// Every row in Markdown.
pub fn coverage() -> String {
    let mut table = String::from(
        "| guide | endpoint | client | CLI | console action | idempotency | documented errors |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for endpoint in ENDPOINTS {
        let Endpoint { method, path, guide, client, cli, repeat, errors, .. } = endpoint;
        let code = |texts: Vec<String>| {
            let marked: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
            if marked.is_empty() { "–".to_owned() } else { marked.join(", ") }
        };
        let errors = errors.iter().map(|error| format!("{} {}", error.status, error.code)).collect();
        let _ = writeln!(
            table,
            "| {} | `{} {path}` | `{client}` | `{cli}` | {} | {} | {} |",
            guide.title(),
            method.as_str(),
            code(endpoint.actions()),
            repeat.words(),
            code(errors),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    const BEGIN: &str = "<!-- The table is generated: PAYDECK_UPDATE=1 cargo test coverage -->\n";
    const END: &str = "<!-- The end of the table. -->\n";

    #[test]
    fn the_readme_shows_the_table_as_it_is() {
        let text = std::fs::read_to_string(README).unwrap();
        let (before, rest) = text.split_once(BEGIN).expect("README has the beginning of the table");
        let (shown, after) = rest.split_once(END).expect("README has the end of the table");
        if shown == coverage() {
            return;
        }
        assert!(std::env::var_os("PAYDECK_UPDATE").is_some(), "README is behind: PAYDECK_UPDATE=1 cargo test coverage");
        std::fs::write(README, format!("{before}{BEGIN}{}{END}{after}", coverage())).unwrap();
    }

    #[test]
    fn every_action_of_the_console_stands_in_a_row() {
        let shown: Vec<String> = ENDPOINTS.iter().flat_map(Endpoint::actions).collect();
        for action in ACTIONS {
            assert!(shown.contains(&action.name()), "{}", action.name());
        }
        assert_eq!(coverage().lines().count(), ENDPOINTS.len() + 2);
    }
}
