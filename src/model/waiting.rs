//! What an object in a state waits for, and which states usually follow: the state machines of all kinds in words.

use super::State;

/// Why an object stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The message that says what it waits for.
    pub wants: &'static str,
    /// The messages of the states that usually follow, the likeliest first.
    pub follows: &'static [&'static str],
}

impl State {
    /// What an object in this state waits for; `None` if nothing changes any more or the state is not known.
    pub fn waiting(&self) -> Option<Waiting> {
        let meaning = self.meaning.filter(|_| !self.is_final)?;
        let (wants, follows): (&'static str, &'static [&'static str]) = match meaning {
            "state-plan-normal" => ("wants-plan-normal", &["state-plan-stop"]),
            "state-sign-unsigned" => ("wants-sign-unsigned", &["state-sign-signed", "state-sign-expired"]),
            "state-sign-signed" => ("wants-sign-signed", &["state-sign-complete", "state-sign-cancel"]),
            // It has ended, but an order of it may still be charged.
            "state-sign-cancel"
            | "state-sign-cancel-user"
            | "state-sign-cancel-merchant"
            | "state-sign-cancel-revoked"
            | "state-sign-complete"
            | "state-sign-expired" => ("wants-sign-last-order", &[]),
            "state-order-created" => {
                ("wants-order-created", &["state-order-running", "state-order-expired", "state-order-revoked"])
            }
            "state-order-running" => ("wants-order-running", &["state-order-collecting", "state-order-revoked"]),
            "state-order-collecting" => ("wants-order-collecting", &["state-order-paid"]),
            "state-trade-notpay" => ("wants-trade-notpay", &["state-trade-success", "state-trade-closed"]),
            "state-trade-userpaying" => ("wants-trade-userpaying", &["state-trade-success", "state-trade-payerror"]),
            "state-trade-accept" => ("wants-trade-accept", &["state-trade-success", "state-trade-payerror"]),
            "state-refund-processing" => {
                ("wants-refund-processing", &["state-refund-success", "state-refund-abnormal", "state-refund-closed"])
            }
            "state-refund-abnormal" => ("wants-refund-abnormal", &["state-refund-success", "state-refund-closed"]),
            "state-stock-unactivated" => ("wants-stock-unactivated", &["state-stock-running"]),
            "state-stock-audit" => ("wants-stock-audit", &["state-stock-unactivated", "state-stock-running"]),
            "state-stock-running" => ("wants-stock-running", &["state-stock-stopped", "state-stock-paused"]),
            "state-stock-paused" => ("wants-stock-paused", &["state-stock-running", "state-stock-stopped"]),
            "state-coupon-sent" => ("wants-coupon-sent", &["state-coupon-used", "state-coupon-expired"]),
            "state-coupon-used" => ("wants-coupon-used", &["state-coupon-sent"]),
            "state-permission-unbound" => ("wants-permission-unbound", &["state-permission-available"]),
            "state-permission-available" => ("wants-permission-available", &["state-permission-unavailable"]),
            "state-permission-unavailable" => ("wants-permission-unavailable", &["state-permission-available"]),
            _ => return None,
        };
        Some(Waiting { wants, follows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::model::Tone;

    /// The states of every kind, as their files define them.
    const SOURCES: [&str; 8] = [
        include_str!("plan.rs"),
        include_str!("sign_plan.rs"),
        include_str!("service_order.rs"),
        include_str!("transaction.rs"),
        include_str!("refund.rs"),
        include_str!("stock.rs"),
        include_str!("coupon.rs"),
        include_str!("permission.rs"),
    ];

    /// The meanings of all states, and whether each is final.
    fn states() -> Vec<(&'static str, bool)> {
        let known = SOURCES.iter().flat_map(|source| source.split("State::known(code, \"").skip(1));
        let state = |rest: &'static str| {
            let (meaning, rest) = rest.split_once('"')?;
            let (arguments, _) = rest.split_once(')')?;
            Some((meaning, arguments.ends_with("true")))
        };
        known.filter_map(state).collect()
    }

    #[test]
    fn every_state_that_may_change_says_what_it_waits_for_and_what_follows() {
        let states = states();
        assert!(states.len() > 25, "{states:?}");
        for (meaning, is_final) in &states {
            let state = State { code: String::new(), meaning: Some(meaning), tone: Tone::Unknown, is_final: *is_final };
            let waiting = state.waiting();
            assert_eq!(waiting.is_none(), *is_final, "{meaning}");
            let Some(waiting) = waiting else { continue };
            for lang in Lang::ALL {
                assert!(lang.has(waiting.wants), "{}", waiting.wants);
            }
            for follows in waiting.follows {
                assert!(Lang::En.has(follows) && follows != meaning, "{follows}");
            }
        }
    }
}
