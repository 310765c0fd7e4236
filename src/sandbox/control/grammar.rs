//! The verbs of the sandbox's control: one table, from which the command line builds its arguments and help and by which
//! the gateway reads requests.

use crate::model::time::Duration;
use crate::sandbox::Fault;

/// A verb and its parameters.
#[derive(Debug)]
pub struct Verb {
    pub id: VerbId,
    pub name: &'static str,
    pub parameters: &'static [Parameter],
}

/// Identifies a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerbId {
    Sign,
    Unsign,
    Revoke,
    Confirm,
    Pay,
    Fail,
    PayTogether,
    UseCoupon,
    Expire,
    RefundSucceed,
    RefundFail,
    RefundClose,
    Deduct,
    Authorise,
    RefuseRisk,
    Users,
    Clock,
    Notifications,
    Behaviour,
    Probe,
    Duplicate,
    Reorder,
    Limit,
    Fault,
    Rotate,
    Gray,
    PublicKeyOnly,
    ErrorsUnsigned,
    ExpireLinks,
    ClockOffset,
    Calm,
}

/// One parameter of a verb.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    /// Its placeholder in the help.
    pub value: &'static str,
    pub shape: Shape,
    pub place: Place,
}

/// How a parameter is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Required,
    Optional,
    /// `--name VALUE`.
    Flag,
    /// `--name VALUE`, which is required.
    RequiredFlag,
}

/// What a parameter's text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// `90s`, `15m`, `25h`, `2d`, `1h30m`.
    Duration,
    /// `on` or `off`.
    Switch,
    /// `on`, `off`, or a percentage.
    Share,
    /// A number from 0 to 100.
    Percent,
    /// From 1 on, or `off`.
    Limit,
    /// From 1 on.
    Count,
    /// From 0 on.
    Seconds,
    /// May be below zero.
    Offset,
    Word(&'static [&'static str]),
}

/// A parsed parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    Text(String),
    Duration(Duration),
    Switch(bool),
    Percent(u8),
    Limit(Option<u32>),
    Number(i64),
}

/// The longest duration that can be given.
const MOST_DAYS: i64 = 3650;

impl Shape {
    /// Parses a text. `None` if it does not have this shape.
    pub fn parse(self, text: &str) -> Option<Argument> {
        let switch = || match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        };
        let percent = || text.trim_end_matches('%').parse::<u8>().ok().filter(|percent| *percent <= 100);
        let number = |least: i64, most: i64| text.parse::<i64>().ok().filter(|n| (least..=most).contains(n));
        match self {
            Self::Text => Some(Argument::Text(text.to_owned())).filter(|_| !text.is_empty()),
            Self::Duration => duration(text).map(Argument::Duration),
            Self::Switch => switch().map(Argument::Switch),
            Self::Share => switch().map(|on| if on { 100 } else { 0 }).or_else(percent).map(Argument::Percent),
            Self::Percent => percent().map(Argument::Percent),
            Self::Limit if text == "off" => Some(Argument::Limit(None)),
            Self::Limit => number(1, 10_000).and_then(|n| u32::try_from(n).ok()).map(|n| Argument::Limit(Some(n))),
            Self::Count => number(1, 1_000_000).map(Argument::Number),
            Self::Seconds => number(0, 86_400).map(Argument::Number),
            Self::Offset => number(-86_400, 86_400).map(Argument::Number),
            Self::Word(words) => words.contains(&text).then(|| Argument::Text(text.to_owned())),
        }
    }

    /// Its name in the ids of the messages that say what is expected.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Duration => "duration",
            Self::Switch => "switch",
            Self::Share => "share",
            Self::Percent => "percent",
            Self::Limit => "limit",
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Offset => "offset",
            Self::Word(_) => "word",
        }
    }
}

/// Parses numbers with units, in any order.
fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(Duration::seconds(count.checked_mul(seconds)?))?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    (!text.is_empty() && total <= Duration::days(MOST_DAYS)).then_some(total)
}

const fn required(name: &'static str, value: &'static str, shape: Shape) -> Parameter {
    Parameter { name, value, shape, place: Place::Required }
}

const fn optional(name: &'static str, value: &'static str, shape: Shape) -> Parameter {
    Parameter { name, value, shape, place: Place::Optional }
}

const fn flag(name: &'static str, value: &'static str, shape: Shape) -> Parameter {
    Parameter { name, value, shape, place: Place::Flag }
}

const NUMBER: &[Parameter] = &[required("number", "NUMBER", Shape::Text)];
const OPENID: &[Parameter] = &[required("openid", "OPENID", Shape::Text)];
const SWITCH: &[Parameter] = &[optional("switch", "on|off", Shape::Switch)];

const fn verb(id: VerbId, name: &'static str, parameters: &'static [Parameter]) -> Verb {
    Verb { id, name, parameters }
}

/// Every verb, in the order of the help.
pub const VERBS: &[Verb] = &[
    verb(VerbId::Sign, "sign", NUMBER),
    verb(VerbId::Unsign, "unsign", NUMBER),
    verb(VerbId::Revoke, "revoke", &[required("number", "NUMBER|OPENID", Shape::Text)]),
    verb(VerbId::Confirm, "confirm", NUMBER),
    verb(VerbId::Pay, "pay", NUMBER),
    verb(VerbId::Fail, "fail", NUMBER),
    verb(
        VerbId::Deduct,
        "deduct",
        &[
            required("number", "NUMBER", Shape::Text),
            Parameter { name: "for", value: "DURATION", shape: Shape::Duration, place: Place::RequiredFlag },
        ],
    ),
    verb(
        VerbId::PayTogether,
        "pay-together",
        &[required("number", "NUMBER", Shape::Text), optional("other", "NUMBER", Shape::Text)],
    ),
    verb(VerbId::UseCoupon, "use-coupon", &[required("number", "COUPON", Shape::Text)]),
    verb(VerbId::Expire, "expire", NUMBER),
    verb(VerbId::RefundSucceed, "refund-succeed", NUMBER),
    verb(VerbId::RefundFail, "refund-fail", NUMBER),
    verb(VerbId::RefundClose, "refund-close", NUMBER),
    verb(VerbId::Authorise, "authorise", OPENID),
    verb(VerbId::RefuseRisk, "refuse-risk", OPENID),
    verb(VerbId::Users, "users", SWITCH),
    verb(
        VerbId::Clock,
        "clock",
        &[optional("move", "advance", Shape::Word(&["advance"])), optional("by", "DURATION", Shape::Duration)],
    ),
    verb(VerbId::Notifications, "notifications", &[]),
    verb(VerbId::Behaviour, "manners", &[]),
    verb(VerbId::Probe, "probe", &[required("share", "on|off|PERCENT", Shape::Share)]),
    verb(VerbId::Duplicate, "duplicate", SWITCH),
    verb(VerbId::Reorder, "reorder", SWITCH),
    verb(VerbId::Limit, "limit", &[required("most", "N|off", Shape::Limit)]),
    verb(
        VerbId::Fault,
        "fault",
        &[
            required("kind", "KIND", Shape::Word(Fault::NAMES)),
            flag("times", "N", Shape::Count),
            flag("path", "PREFIX", Shape::Text),
            flag("for", "DURATION", Shape::Duration),
            flag("about", "NUMBER", Shape::Text),
        ],
    ),
    verb(VerbId::Rotate, "rotate", &[]),
    verb(VerbId::Gray, "gray", &[required("share", "PERCENT", Shape::Percent)]),
    verb(VerbId::PublicKeyOnly, "public-key-only", SWITCH),
    verb(VerbId::ErrorsUnsigned, "errors-unsigned", SWITCH),
    verb(VerbId::ExpireLinks, "expire-links", &[optional("seconds", "SECONDS", Shape::Seconds)]),
    verb(VerbId::ClockOffset, "clock-offset", &[required("seconds", "SECONDS", Shape::Offset)]),
    verb(VerbId::Calm, "calm", &[]),
];

impl Verb {
    /// The verb of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.name == name)
    }
}

/// The arguments of a verb.
#[derive(Debug, Default)]
pub(super) struct Arguments(Vec<(&'static str, Argument)>);

/// Why arguments do not match their verb.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(super) enum ArgumentError {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("there is no {0}")]
    Unknown(String),
    #[error("{0} is malformed: {1}")]
    Shape(&'static str, String),
}

impl Arguments {
    /// Parses the arguments given by name by the verb's parameters.
    pub(super) fn read<'a>(
        verb: &Verb,
        given: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ArgumentError> {
        let mut arguments = Self::default();
        for (name, text) in given {
            let parameter = verb.parameters.iter().find(|parameter| parameter.name == name);
            let parameter = parameter.ok_or_else(|| ArgumentError::Unknown(name.to_owned()))?;
            let argument = parameter.shape.parse(text);
            let argument = argument.ok_or_else(|| ArgumentError::Shape(parameter.name, text.to_owned()))?;
            arguments.0.push((parameter.name, argument));
        }
        let needed = |p: &&Parameter| matches!(p.place, Place::Required | Place::RequiredFlag);
        let missing = verb.parameters.iter().filter(needed).find(|p| arguments.get(p.name).is_none());
        missing.map_or(Ok(arguments), |parameter| Err(ArgumentError::Missing(parameter.name)))
    }

    fn get(&self, name: &str) -> Option<&Argument> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, argument)| argument)
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, ArgumentError> {
        match self.get(name) {
            Some(Argument::Text(text)) => Ok(text),
            _ => Err(ArgumentError::Missing(name)),
        }
    }

    pub(super) fn duration(&self, name: &'static str) -> Result<Duration, ArgumentError> {
        match self.get(name) {
            Some(Argument::Duration(duration)) => Ok(*duration),
            _ => Err(ArgumentError::Missing(name)),
        }
    }

    /// A switch without a value is on.
    pub(super) fn switch(&self) -> bool {
        !matches!(self.get("switch"), Some(Argument::Switch(false)))
    }

    pub(super) fn percent(&self, name: &'static str) -> Result<u8, ArgumentError> {
        match self.get(name) {
            Some(Argument::Percent(percent)) => Ok(*percent),
            _ => Err(ArgumentError::Missing(name)),
        }
    }

    pub(super) fn limit(&self, name: &'static str) -> Result<Option<u32>, ArgumentError> {
        match self.get(name) {
            Some(Argument::Limit(limit)) => Ok(*limit),
            _ => Err(ArgumentError::Missing(name)),
        }
    }

    pub(super) fn number(&self, name: &'static str) -> Option<i64> {
        match self.get(name) {
            Some(Argument::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        assert_eq!(duration("25h"), Some(Duration::hours(25)));
        assert_eq!(duration("1h30m5s"), Some(Duration::seconds(5405)));
        assert_eq!(duration("2d"), Some(Duration::days(2)));
        for text in ["", "h", "25", "1w", "-1h", "1.5h", "99999999999999999999s", "9999999999d", "1 h", "时"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn arguments_are_what_the_table_says_or_refused_by_name() {
        let read = |verb: &str, given: &[(&str, &str)]| {
            Arguments::read(Verb::named(verb).unwrap(), given.iter().copied()).map(|_| ())
        };
        assert_eq!(read("sign", &[("number", "SGN000001")]), Ok(()));
        assert_eq!(read("sign", &[]), Err(ArgumentError::Missing("number")));
        assert_eq!(read("sign", &[("number", "SGN000001"), ("x", "1")]), Err(ArgumentError::Unknown("x".into())));
        assert_eq!(read("deduct", &[("number", "SO1")]), Err(ArgumentError::Missing("for")));
        assert_eq!(read("gray", &[("share", "101")]), Err(ArgumentError::Shape("share", "101".into())));
        assert_eq!(read("probe", &[("share", "10%")]), Ok(()));
        assert_eq!(read("limit", &[("most", "0")]), Err(ArgumentError::Shape("most", "0".into())));
        assert_eq!(read("fault", &[("kind", "weather")]), Err(ArgumentError::Shape("kind", "weather".into())));
        assert_eq!(read("clock-offset", &[("seconds", "-400")]), Ok(()));
    }

    #[test]
    fn every_verb_has_a_name_of_its_own() {
        for (i, verb) in VERBS.iter().enumerate() {
            assert!(VERBS[..i].iter().all(|other| other.name != verb.name && other.id != verb.id), "{}", verb.name);
        }
    }
}
