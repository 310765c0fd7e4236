//! The values that a program is given, and what they are called.

use std::collections::BTreeMap;

/// What a value is called in the arguments; in the environment `PAYDECK_` and the same in capitals.
pub(crate) const VARIABLES: [&str; 13] = [
    "profile",
    "environment",
    "mchid",
    "kind",
    "number",
    "state",
    "before",
    "amount",
    "currency",
    "title",
    "user",
    "platform_number",
    "time",
];

/// Those that are the profile's. The others are of an object.
pub(super) const OF_THE_PROFILE: [&str; 3] = ["profile", "environment", "mchid"];

/// The values, by what they are called.
pub(crate) type VariableValues = BTreeMap<&'static str, String>;

/// A value at the beginning of an argument would be taken for an option of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LikeOption {
    pub variable: &'static str,
}
