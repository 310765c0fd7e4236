use super::*;
use crate::console::{KeySetting, LiveSettings, key_problems};
use crate::ledger::{Conclusion, Ending};
use crate::model::action::Problem;
use crate::model::bill::BillError;

/// One of each. What is added to the failures is to be added here, too: the compiler asks for it.
fn every_failure() -> Vec<Failure> {
    let refused = || ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 3 });
    let unwritten = || PendingConclusion {
        journal: 7,
        at: time::OffsetDateTime::UNIX_EPOCH,
        conclusion: Conclusion::of(Ending::Done),
        error: Arc::new(LedgerError::Thread),
    };
    let bind = "127.0.0.1:1".parse().unwrap();
    let io = || std::io::Error::other("x");
    let number = || Number::parse("N-1").unwrap();
    let usage = super::super::arguments::command(Lang::En).try_get_matches_from(["paydeck", "nonsense"]);
    let key = KeySetting { command: "x".into(), keys: Vec::new(), line: 1 };
    let keys = LiveSettings { keys: vec![key], ..LiveSettings::default() };
    let config = ConfigError::Missing { path: "config.toml".into(), key: "mchid".into() };
    let field = FieldError { field: "amount", problem: Problem::Required };
    let all = vec![
        Failure::Api(Arc::new(refused()), None),
        Failure::Unseen(Arc::new(refused())),
        Failure::Unknown(Arc::new(refused()), 7),
        Failure::RawUnknown(Arc::new(refused()), 7),
        Failure::NoEffect(7),
        Failure::StillUnknown(2),
        Failure::NotOpen(7, "bulk-outcome-done"),
        Failure::Interrupted(Some(7)),
        Failure::Denied(Denial::ReadOnly),
        Failure::Illegal(Illegal("illegal-overtaken"), "SUCCESS".into()),
        Failure::Fields(vec![field]),
        Failure::Setting(MissingSetting("appid")),
        Failure::Number(NumberError::Empty),
        Failure::Config(config),
        Failure::Theme(ThemeError::Syntax { path: "own.toml".into(), line: 3, message: "no value".into() }),
        Failure::NoConfig("config.toml".into()),
        Failure::Ledger(Arc::new(LedgerError::Thread)),
        Failure::NotStored(Arc::new(LedgerError::Thread)),
        Failure::Checked(Arc::new(LedgerError::Thread)),
        Failure::Unwritten(Box::new(unwritten())),
        Failure::Broken(Broken::Missing(7)),
        Failure::Sandbox(SandboxError::Bind { address: bind, source: io() }),
        Failure::Listen(ListenError::Bind { address: "x".into(), source: io() }),
        Failure::Listen(ListenError::Misconfigured(Misconfigured::PublicKeyNeeded)),
        Failure::Remote(RemoteError::NotThere(None)),
        Failure::Remote(RemoteError::Refused(Rejection::default())),
        Failure::Remote(RemoteError::Usage("x".into())),
        Failure::NotFound(number(), Vec::new()),
        Failure::Ambiguous(number(), vec![Kind::Plan, Kind::Refund]),
        Failure::Incomplete { missing: 1, malformed: 1 },
        Failure::Bulk(Status::Refused, Counts { refused: 1, ..Counts::default() }),
        Failure::NoBill("x".into()),
        Failure::DayGoesOn("2026-11-27".into()),
        Failure::NotABill("x".into(), BillError::NoHeader),
        Failure::NotLines("x".into(), BillError::NoHeader),
        Failure::FlawedBill("x".into(), 2),
        Failure::AlteredBill { path: "x".into(), was: "a".into(), is: "b".into() },
        Failure::Differs(2),
        Failure::Differs(0),
        Failure::NotReconciled(ReconcileError::NothingToCompare),
        Failure::NotReplayed(Status::Unreachable, "x".into()),
        Failure::NotReplayed(Status::Refused, "x".into()),
        Failure::Unproven(UnprovenMessage::of(refused())),
        Failure::KeptV2,
        Failure::Halted,
        Failure::Missed { status: Status::Refused, missed: 1, refused: 1, total: 2, state: "PAID".into() },
        Failure::TimedOut { open: 1, total: 2 },
        Failure::Keys("config.toml".into(), key_problems(&keys)),
        Failure::NeedsYes,
        Failure::NotConfirmed,
        Failure::Arguments(usage.unwrap_err()),
        Failure::Usage("x".into()),
        Failure::io("x", io()),
    ];
    let name = |failure: &Failure| match failure {
        Failure::Api(..) => "Api",
        Failure::Unseen(_) => "Unseen",
        Failure::Unknown(..) => "Unknown",
        Failure::RawUnknown(..) => "RawUnknown",
        Failure::NoEffect(_) => "NoEffect",
        Failure::StillUnknown(_) => "StillUnknown",
        Failure::NotOpen(..) => "NotOpen",
        Failure::Interrupted(_) => "Interrupted",
        Failure::Denied(_) => "Denied",
        Failure::Illegal(..) => "Illegal",
        Failure::Fields(_) => "Fields",
        Failure::Setting(_) => "Setting",
        Failure::Number(_) => "Number",
        Failure::Config(_) => "Config",
        Failure::Theme(_) => "Theme",
        Failure::Keys(..) => "Keys",
        Failure::NoConfig(_) => "NoConfig",
        Failure::Ledger(_) => "Ledger",
        Failure::NotStored(_) => "NotStored",
        Failure::Checked(_) => "Checked",
        Failure::Unwritten(_) => "Unwritten",
        Failure::Broken(_) => "Broken",
        Failure::Sandbox(_) => "Sandbox",
        Failure::Listen(_) => "Listen",
        Failure::Remote(_) => "Remote",
        Failure::NotFound(..) => "NotFound",
        Failure::Ambiguous(..) => "Ambiguous",
        Failure::Incomplete { .. } => "Incomplete",
        Failure::Bulk(..) => "Bulk",
        Failure::NoBill(_) => "NoBill",
        Failure::DayGoesOn(_) => "DayGoesOn",
        Failure::NotABill(..) => "NotABill",
        Failure::NotLines(..) => "NotLines",
        Failure::FlawedBill(..) => "FlawedBill",
        Failure::AlteredBill { .. } => "AlteredBill",
        Failure::Differs(_) => "Differs",
        Failure::NotReconciled(_) => "NotReconciled",
        Failure::NotReplayed(..) => "NotReplayed",
        Failure::Unproven(_) => "Unproven",
        Failure::KeptV2 => "KeptV2",
        Failure::Halted => "Halted",
        // Nothing is said.
        Failure::Left | Failure::Stopped(_) => unreachable!(),
        Failure::Missed { .. } => "Missed",
        Failure::TimedOut { .. } => "TimedOut",
        Failure::NeedsYes => "NeedsYes",
        Failure::NotConfirmed => "NotConfirmed",
        Failure::Arguments(_) => "Arguments",
        Failure::Usage(_) => "Usage",
        Failure::Io(..) => "Io",
    };
    let names: std::collections::BTreeSet<&str> = all.iter().map(name).collect();
    assert_eq!(names.len(), 48, "one of each: {names:?}");
    all
}

#[test]
fn every_failure_of_a_command_says_what_to_do_now_in_both_languages() {
    for lang in [Lang::En, Lang::ZhCn] {
        for failure in every_failure() {
            let found = failure.explain(lang);
            let advice = found.next.unwrap_or_default();
            assert!(!found.what.trim().is_empty() && !advice.trim().is_empty(), "{failure:?} in {}", lang.tag());
            for word in ["(r)", "(p)", " Raw", "“原文”", " tab "] {
                assert!(!advice.contains(word), "{failure:?}: {advice}");
            }
        }
    }
}

#[test]
fn what_a_rule_forbids_is_never_to_be_run_again() {
    let advice = |counts: Counts| Failure::Bulk(Status::Refused, counts).explain(Lang::En).next.unwrap();
    let counts = Counts::default();
    let again = |text: &str| text.contains("Run the same command again");
    for forbidden in [
        Counts { left_out: 3, forbidden: 3, ..counts },
        Counts { refused: 1, not_sent: 4, forbidden: 1, ..counts },
        Counts { done: 2, refused: 2, left_out: 1, unknown: 1, forbidden: 1, ..counts },
    ] {
        let advice = advice(forbidden);
        assert!(!again(&advice) && advice.contains("--profile"), "{forbidden:?}: {advice}");
    }
    assert!(again(&advice(Counts { not_sent: 4, unknown: 1, ..counts })));
    assert!(advice(Counts { unknown: 1, ..counts }).contains("paydeck journal resolve"));
    assert!(!again(&advice(Counts { refused: 1, ..counts })), "what was refused is refused again");
    for counts in [Counts { left_out: 1, ..counts }, Counts { refused: 1, left_out: 1, ..counts }] {
        assert!(!advice(counts).is_empty(), "{counts:?}");
    }
}
