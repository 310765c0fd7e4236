//! When a notification that was not acknowledged is sent again (protocol reference §9.3, PayScore reference §6, coupons
//! reference §4).

use crate::model::time::Duration;

/// Waits in seconds, and how many times each is repeated.
type Waits = &'static [(i64, usize)];

const PAYMENTS: Waits =
    &[(15, 2), (30, 1), (180, 1), (600, 1), (1200, 1), (1800, 3), (3600, 1), (10_800, 3), (21_600, 2)];
const ORDERS: Waits = &[(15, 2), (30, 1), (180, 1), (1800, 4), (3600, 1)];
/// As orders, then every hour, three days in all.
const PERMISSIONS: Waits = &[(15, 2), (30, 1), (180, 1), (1800, 4), (3600, 69)];
const SIGN_PLANS: Waits = &[(60, 11)];
/// Nine times in all.
const COUPONS: Waits = &[(60, 8)];

fn waits(event_type: &str) -> Waits {
    match event_type {
        "PAYSCORE.USER_SIGN_PLAN" | "PAYSCORE.USER_CANCEL_SIGN_PLAN" => SIGN_PLANS,
        "PAYSCORE.USER_OPEN_SERVICE" | "PAYSCORE.USER_CLOSE_SERVICE" => PERMISSIONS,
        "COUPON.USE" => COUPONS,
        other if other.starts_with("PAYSCORE.") => ORDERS,
        _ => PAYMENTS,
    }
}

/// The wait between attempt number `sent` and the next one; `None` if it was the last.
pub(super) fn wait_after(event_type: &str, sent: usize) -> Option<Duration> {
    let mut waits = waits(event_type).iter().flat_map(|(seconds, times)| std::iter::repeat_n(*seconds, *times));
    waits.nth(sent.checked_sub(1)?).map(Duration::seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_has_its_documented_schedule() {
        let all = |event_type: &str| -> Vec<i64> {
            (1..).map_while(|sent| wait_after(event_type, sent)).map(Duration::whole_seconds).collect()
        };
        let payments = all("TRANSACTION.SUCCESS");
        assert_eq!(payments, all("REFUND.CLOSED"));
        assert_eq!(payments.len(), 15);
        assert_eq!(payments.iter().sum::<i64>(), (24 * 60 + 4) * 60, "24 h 4 min in all");
        assert_eq!(all("PAYSCORE.USER_PAID"), [15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600]);
        assert_eq!(all("PAYSCORE.USER_SIGN_PLAN"), [60; 11]);
        assert_eq!(all("COUPON.USE"), [60; 8]);
        let permissions: i64 = all("PAYSCORE.USER_OPEN_SERVICE").iter().sum();
        assert!((3 * 86_400 - 3600..=3 * 86_400).contains(&permissions));
    }
}
