//! `[profiles.NAME.rules]`: what a profile may not do, read into [`Rules`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::ConfigError;
use crate::model::action::{Caps, RawPath, Reasons, Rules, WriteName};
use crate::model::time::Duration;
use crate::model::{Currency, Money};
use crate::text::{nearest, repeatable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesTable {
    deny: Option<Vec<String>>,
    require_reason: Option<ReasonsTable>,
    max_amount: Option<CapsTable>,
    allow_paths: Option<Vec<String>>,
    max_bulk: Option<usize>,
    repeat_within: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "names of actions in a list, or true for every action")]
enum ReasonsTable {
    All(bool),
    Of(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "yuan in quotes like \"500.00\", or a table of them by action")]
enum CapsTable {
    All(String),
    ByName(BTreeMap<String, String>),
}

/// The name that stands for every action not named.
const OTHERS: &str = "*";

/// Reads the table; `key` is where it stands.
pub(super) fn rules(key: &str, table: RulesTable) -> Result<Rules, ConfigError> {
    let key = |name: &str| format!("{key}.{name}");
    let default = Rules::default();
    let require_reason = match table.require_reason {
        None | Some(ReasonsTable::All(false)) => default.require_reason,
        Some(ReasonsTable::All(true)) => Reasons::All,
        Some(ReasonsTable::Of(names)) => Reasons::Of(all_named(&key("require_reason"), &names)?),
    };
    let max_amount = match table.max_amount {
        None => default.max_amount,
        Some(CapsTable::All(text)) => Caps { by_name: BTreeMap::new(), others: Some(yuan(&key("max_amount"), &text)?) },
        Some(CapsTable::ByName(table)) => {
            let mut caps = Caps::default();
            for (name, text) in table {
                let max = yuan(&format!("{}.{}", key("max_amount"), repeatable(&name)), &text)?;
                if name == OTHERS {
                    caps.others = Some(max);
                } else {
                    caps.by_name.insert(named(&key("max_amount"), &name, &[OTHERS])?, max);
                }
            }
            caps
        }
    };
    let max_bulk = match table.max_bulk {
        Some(0) => return Err(ConfigError::value(&key("max_bulk"), "0", "1, 2, …")),
        other => other.unwrap_or(default.max_bulk),
    };
    let path = |text: &String| {
        RawPath::parse(text).ok_or_else(|| ConfigError::value(&key("allow_paths"), text, RawPath::EXAMPLE))
    };
    let allow_paths = table.allow_paths.iter().flatten().map(path).collect::<Result<_, _>>()?;
    let repeat_within = table.repeat_within.map(|text| duration(&key("repeat_within"), &text)).transpose()?;
    Ok(Rules {
        deny: all_named(&key("deny"), &table.deny.unwrap_or_default())?,
        require_reason,
        max_amount,
        allow_paths,
        max_bulk,
        repeat_within: repeat_within.unwrap_or(default.repeat_within),
    })
}

fn all_named(key: &str, names: &[String]) -> Result<BTreeSet<WriteName>, ConfigError> {
    names.iter().map(|name| named(key, name, &[])).collect()
}

fn named(key: &str, name: &str, more: &[&str]) -> Result<WriteName, ConfigError> {
    WriteName::named(name).ok_or_else(|| {
        let known: Vec<String> = WriteName::all().map(WriteName::name).collect();
        let known = known.iter().map(String::as_str).chain(more.iter().copied());
        let name_shown = repeatable(name).into_owned();
        ConfigError::UnknownAction { key: key.to_owned(), name: name_shown, nearest: nearest(name, known) }
    })
}

fn yuan(key: &str, text: &str) -> Result<Money, ConfigError> {
    let amount = Money::parse(text, Currency::CNY).ok().filter(|amount| amount.minor >= 0);
    amount.ok_or_else(|| ConfigError::value(key, text, "\"500.00\""))
}

/// How a duration is written.
pub(super) const DURATION: &str = "\"30s\", \"90m\", \"24h\", \"2d\"";

/// Reads a duration: a number with its unit.
pub(super) fn duration(key: &str, text: &str) -> Result<Duration, ConfigError> {
    let read = || {
        let unit = text.trim().chars().next_back()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return None,
        };
        let number = text.trim().strip_suffix(unit)?;
        // Ten years are longer than anything that is waited for.
        let most = 10 * 366 * 24 * 60 * 60;
        let seconds = number.parse::<u32>().ok()?.checked_mul(seconds).filter(|seconds| *seconds <= most)?;
        Some(Duration::seconds(seconds.into()))
    };
    read().ok_or_else(|| ConfigError::value(key, text, DURATION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::ActionId;

    fn read(text: &str) -> Result<Rules, ConfigError> {
        rules("profiles.shop.rules", toml::from_str(text).unwrap())
    }

    #[test]
    fn rules_are_read_as_they_are_written() {
        let text = r#"
            deny = ["stock-start", "api"]
            require_reason = ["order-cancel"]
            max_amount = { "order-complete" = "200.00", "*" = "1,000" }
            allow_paths = ["/v3/profitsharing/orders", "/v3/profitsharing/orders/{out_order_no}/unfreeze"]
            max_bulk = 20
            repeat_within = "90m"
        "#;
        let rules = read(text).unwrap();
        assert!(rules.denies(WriteName::Api) && rules.denies(WriteName::Action(ActionId::StockStart)));
        assert!(!rules.denies(WriteName::Action(ActionId::PlanStop)));
        assert!(rules.wants_reason(WriteName::Action(ActionId::OrderCancel)) && !rules.wants_reason(WriteName::Api));
        assert_eq!(rules.cap(WriteName::Action(ActionId::OrderComplete)), Some(Money::cny(20_000)));
        assert_eq!(rules.cap(WriteName::Action(ActionId::OrderPay)), Some(Money::cny(100_000)));
        assert_eq!((rules.max_bulk, rules.repeat_within), (20, Duration::minutes(90)));
        assert_eq!(rules.allow_paths.len(), 2);
        assert!(rules.allow_paths.iter().any(|path| path.allows("/v3/profitsharing/orders/P-1/unfreeze")));
        let rules = read("require_reason = true\nmax_amount = \"500.00\"").unwrap();
        assert!(WriteName::all().all(|name| rules.wants_reason(name) && rules.cap(name) == Some(Money::cny(50_000))));
        assert_eq!(read("require_reason = false").unwrap(), Rules::default());
        assert_eq!((Rules::default().max_bulk, Rules::default().repeat_within), (100, Duration::DAY));
    }

    #[test]
    fn a_name_that_is_no_action_is_an_error_that_names_the_nearest() {
        for (text, wanted) in [
            ("deny = [\"plan-stpo\"]", ("profiles.shop.rules.deny", "plan-stop")),
            ("require_reason = [\"order-cancl\"]", ("profiles.shop.rules.require_reason", "order-cancel")),
            ("max_amount = { order-complet = \"1\" }", ("profiles.shop.rules.max_amount", "order-complete")),
            ("deny = [\"apis\"]", ("profiles.shop.rules.deny", "api")),
        ] {
            let error = read(text).unwrap_err();
            let ConfigError::UnknownAction { key, nearest: Some(nearest), .. } = &error else { panic!("{error:?}") };
            assert_eq!((key.as_str(), nearest.as_str()), wanted);
        }
    }

    #[test]
    fn amounts_and_sizes_that_mean_nothing_are_refused_by_name() {
        for (text, wanted) in [
            ("max_amount = \"much\"", "profiles.shop.rules.max_amount"),
            ("max_amount = \"-1\"", "profiles.shop.rules.max_amount"),
            ("max_amount = \"1.234\"", "profiles.shop.rules.max_amount"),
            ("max_amount = { \"*\" = \"x\" }", "profiles.shop.rules.max_amount.*"),
            ("max_bulk = 0", "profiles.shop.rules.max_bulk"),
            ("allow_paths = [\"/v3/x?y=1\"]", "profiles.shop.rules.allow_paths"),
            ("allow_paths = [\"/v3/*\"]", "profiles.shop.rules.allow_paths"),
            ("repeat_within = \"24\"", "profiles.shop.rules.repeat_within"),
            ("repeat_within = \"-1h\"", "profiles.shop.rules.repeat_within"),
            ("repeat_within = \"999999999999d\"", "profiles.shop.rules.repeat_within"),
        ] {
            let error = read(text).unwrap_err();
            assert!(matches!(&error, ConfigError::Value { key, .. } if key == wanted), "{error:?}");
        }
        for text in ["max_amount = 5", "require_reason = \"order-cancel\"", "max_bulk = -1", "deny = \"api\""] {
            assert!(toml::from_str::<RulesTable>(text).is_err(), "{text}");
        }
    }
}
