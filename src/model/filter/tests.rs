use super::*;
use crate::model::time::parse_rfc3339;
use proptest::prelude::*;

struct Subject<'a> {
    words: &'a str,
    state: StateWords,
    amount: Option<Money>,
    time: Option<Timestamp>,
}

fn holds(filter: &str, subject: &Subject<'_>) -> bool {
    let now = parse_rfc3339("2026-11-21T12:00:00+08:00").unwrap();
    let conditions = Filter::parse(filter).unwrap().conditions(std::slice::from_ref(&subject.state), now);
    let is = |states: &[String]| states.contains(&subject.state.code);
    fn matches(matcher: &Matcher, subject: &Subject<'_>, is: &impl Fn(&[String]) -> bool) -> bool {
        match matcher {
            Matcher::Text { text, states } => subject.words.contains(text) || is(states),
            Matcher::Regex(pattern) => is_found(&regex(pattern).unwrap(), subject.words),
            Matcher::State(states) | Matcher::Problem { states, .. } => is(states),
            Matcher::Amount(comparison, limit) => {
                subject.amount.is_some_and(|amount| comparison.holds(amount.minor, limit.minor))
            }
            Matcher::Since(at) => subject.time.is_some_and(|time| time >= *at),
            Matcher::Before(at) => subject.time.is_some_and(|time| time < *at),
            Matcher::All(all) => all.iter().all(|one| matches(one, subject, is)),
            Matcher::Any(any) => any.iter().any(|one| matches(one, subject, is)),
            Matcher::Type { .. } => false,
        }
    }
    conditions.iter().all(|condition| matches(&condition.matcher, subject, &is) != condition.negated)
}

#[test]
fn terms_are_joined_by_and() {
    let state = StateWords { code: "DOING/MCH_COMPLETE/USER_PAYING".into(), words: "collecting 扣款中".into() };
    let subject = Subject {
        words: "so-1001 充电宝租借 oupf8 doing/mch_complete/user_paying",
        state,
        amount: Some(Money::cny(10_050)),
        time: parse_rfc3339("2026-11-20T12:00:00+08:00"),
    };
    for yes in [
        "",
        "SO-10",
        "充电宝 so",
        "state:doing",
        "state:扣款",
        "amount>100",
        "amount<=100.50",
        "since:1d",
        "since:2d amount=100.5",
        "!state:done",
        "!amount>200",
        "collecting",
        "\"充电宝租借 OUPF8\"",
        "/so-\\d{4}/ amount:100..200",
        "/^SO.*user_paying$/",
        "/so.*1$/",
        "/^oUPF/",
        "!/so.*7$/",
        "!/refund|退款/",
        "amount:100.5",
        "amount:..200 amount:50..",
        "!amount:200..300",
        "before:1h",
        "before:2026-11-21",
        "before:today",
        "since:2026-11-20 before:2026-11-20T12:00:01",
        "on:2026-11-20",
        "on:20261120",
        "on:yesterday",
        "on:昨天",
        "on:2026-11-18..yesterday",
        "on:yesterday..2026-11-18",
        "!on:today",
        "状态：扣款中 金额>100 日期：昨天",
        "state:mch_complete",
    ] {
        assert!(holds(yes, &subject), "{yes}");
    }
    for no in [
        "so-2",
        "state:done",
        "amount<100",
        "since:23h",
        "!充电宝",
        "so amount>1000",
        "/so-\\d{5}/",
        "amount:10..50",
        "before:2026-11-20",
        "before:2d",
        "on:today",
        "on:2026-11-19",
        "since:today",
        "before:2026-11-20T12:00",
        "!on:yesterday",
    ] {
        assert!(!holds(no, &subject), "{no}");
    }
    let nothing = Subject { amount: None, time: None, ..subject };
    assert!(!holds("amount>0", &nothing) && !holds("since:9w", &nothing));
}

#[test]
fn a_share_is_chosen_by_its_glyph_and_taken_back() {
    let filter = |text: &str| Filter::parse(text).unwrap();
    let failed = filter("wang").toggled_share("✗");
    assert_eq!((failed.to_string().as_str(), failed.share()), ("wang state:✗", Some("✗")));
    assert_eq!(filter(&failed.to_string()), failed);
    assert_eq!(failed.check(&[]), Ok(()));
    assert_eq!(failed.toggled_share("✓").to_string(), "wang state:✓", "one at a time");
    assert_eq!(failed.toggled_share("✗"), filter("wang"));
    assert_eq!(filter("state:doing !state:✗").share(), None, "what was typed stays");
    assert_eq!(filter("state:好").share(), None, "a word, not a glyph");
}

#[test]
fn a_malformed_term_is_named_with_what_it_needs() {
    let cases = [
        ("so amount>", "filter-needs-amount", "amount>"),
        ("amount>1,0", "filter-needs-amount", "amount>1,0"),
        ("since:2y", "filter-needs-moment", "since:2y"),
        ("since:", "filter-needs-moment", "since:"),
        ("state:", "filter-needs-state", "state:"),
        ("!", "filter-needs-term", "!"),
        ("so amount", "filter-needs-amount", "amount"),
        ("state", "filter-needs-state", "state"),
        ("!since", "filter-needs-moment", "!since"),
        ("nope:5", "filter-unknown-keyword", "nope:"),
        ("!foo>5", "filter-unknown-keyword", "!foo>"),
        ("before:2026-13-01", "filter-needs-moment", "before:2026-13-01"),
        ("on:2d", "filter-needs-day", "on:2d"),
        ("amount:10...50", "filter-needs-amount", "amount:10...50"),
        ("amount:..", "filter-needs-amount", "amount:.."),
        ("/so(/", "filter-bad-pattern", "/so(/"),
        ("!//", "filter-needs-pattern", "!/"),
        ("\"\"", "filter-needs-phrase", "\""),
        (">100", "filter-needs-keyword", ">100"),
        ("＞ so", "filter-needs-keyword", ">"),
    ];
    for (text, message, term) in cases {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!((error.message, &*error.term), (message, term), "{text}");
    }
}

#[test]
fn a_keyword_that_is_only_begun_does_not_filter_yet() {
    for (typed, meant) in [
        ("so amo", "so"),
        ("so /", "so"),
        ("so bef", "so"),
        ("/so.", "/so./"),
        ("!st", ""),
        ("so amount", "so"),
        ("so amount ", "so amount"),
        ("x", "x"),
        ("ａｍｏ", ""),
    ] {
        assert_eq!(Filter::parse_typed(Language::OBJECTS, typed), Filter::parse(meant), "{typed}");
    }
}

#[test]
fn what_is_written_in_other_ways_means_the_same() {
    for (written, meant) in [
        ("ａｍｏｕｎｔ＞１００", "amount>100"),
        ("amount > 100", "amount>100"),
        ("so !amount >= ￥1,200.50元 x", "so !amount>=1200.5 x"),
        ("amount>100元", "amount>100"),
        ("state：DOING", "state:doing"),
        ("state=DOING since：2d", "state:doing since:2d"),
        ("state : DOING", "state:doing"),
        ("充电宝\u{3000}so", "充电宝 so"),
    ] {
        assert_eq!(Filter::parse(written), Filter::parse(meant), "{written}");
        assert!(Filter::parse(written).is_ok(), "{written}");
    }
}

#[test]
fn what_is_near_a_known_word_is_suggested() {
    for (text, nearest) in [
        ("stat:doing", Some("state:")),
        ("amuont>5", Some("amount>")),
        ("price>5", Some("amount>")),
        ("price:5", Some("amount:")),
        ("since>2d", None),
        ("until:2d", Some("before:")),
        ("nope:5", None),
        ("on:yesteday", Some("on:yesterday")),
        ("on:2026/11/2", Some("on:2026-11-02")),
        ("on:2026年11月2日", Some("on:2026-11-02")),
        ("since:3days", Some("since:3d")),
        ("since:2", Some("since:2d")),
        ("before:2小时", Some("before:2h")),
        ("before:soon", None),
        ("amount>>5", Some("amount>5")),
        ("amount>=5yuan", Some("amount>=5")),
        ("amount:much", None),
        ("since:", None),
    ] {
        assert_eq!(Filter::parse(text).unwrap_err().nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn a_state_is_selected_by_its_whole_name_before_a_part_of_it() {
    let states = [
        ("SUCCESS", "paid\n已支付"),
        ("NOTPAY", "not paid\n未支付"),
        ("DONE/USER_PAID", "paid by user\n用户已付款"),
        ("DONE", "done\n已完成"),
    ]
    .map(|(code, words)| StateWords { code: code.into(), words: words.into() });
    for (text, codes) in [
        ("state:paid", &["SUCCESS"][..]),
        ("state:已支付", &["SUCCESS"]),
        ("state:not_paid", &["NOTPAY"]),
        ("state:done", &["DONE/USER_PAID", "DONE"]),
        ("state:user_paid", &["DONE/USER_PAID"]),
        ("state:支付", &["SUCCESS", "NOTPAY"]),
        ("state:pai", &["SUCCESS", "NOTPAY", "DONE/USER_PAID"]),
    ] {
        let conditions = Filter::parse(text).unwrap().conditions(&states, Timestamp::UNIX_EPOCH);
        let selected = codes.iter().map(|code| (*code).to_owned()).collect();
        assert_eq!(
            conditions.iter().map(|one| &one.matcher).collect::<Vec<_>>(),
            [&Matcher::State(selected)],
            "{text}"
        );
    }
}

#[test]
fn a_state_that_cannot_be_is_explained_with_the_nearest() {
    let states = [("DOING/USER_CONFIRM", "in service 服务进行中"), ("REVOKED", "cancelled 已取消")]
        .map(|(code, words)| StateWords { code: code.into(), words: words.into() });
    let check = |text: &str| Filter::parse(text).unwrap().check(&states);
    for text in ["state:doing", "state:user_confirm", "state:in_service", "state:取消", "so-1", "!state:rev"] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    for (text, term, nearest) in [
        ("state:refund", "state:refund", None),
        ("so !state:doign", "!state:doign", Some("state:doing")),
        ("state:canceled", "state:canceled", Some("state:cancelled")),
    ] {
        let error = check(text).unwrap_err();
        assert_eq!((error.message, &*error.term), ("filter-no-state", term));
        assert_eq!(error.nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn a_colon_within_a_number_or_an_address_is_no_qualifier_and_a_phrase_is_taken_as_it_is() {
    for word in ["so-1:2", "12:30", "https://example.com", "\"nope:5\"", "\"on\"", "\"a  b\"", "5\"", "a/b/c"] {
        assert!(Filter::parse(word).is_ok_and(|filter| filter.to_string() == word), "{word}");
    }
    assert_eq!(Filter::parse("“充电宝 A”"), Filter::parse("\"充电宝 a\""));
    assert_eq!(Filter::parse("/a b\\/c/ d").map(|filter| filter.terms.len()), Ok(2));
}

proptest! {
    #[test]
    fn a_filter_survives_being_printed_and_read(
        text in "(!?(state:[a-z_/]{1,8}|amount(>|<|>=|<=|=)[0-9]{1,6}(\\.[0-9]{1,2})?|since:[0-9]{1,3}[mhdw]|before:2026-1[0-2]-[0-2][1-9]|on:(today|yesterday|2026-11-2[0-9])(\\.\\.yesterday)?|amount:[0-9]{1,3}\\.\\.[0-9]{0,3}|/[a-z.]{1,5}/|\"[a-z: ]{1,5}x\"|[A-Za-z0-9分_-]{1,6}) ){0,4}"
    ) {
        let filter = Filter::parse(&text).unwrap();
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = Filter::parse_typed(Language::OBJECTS, &text);
        if let Ok(filter) = Filter::parse(&text) {
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
