//! Conditions of a filter in SQL.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::convert::millis;
use super::pattern;
use crate::ledger::journal::Ending;
use crate::ledger::recorded::RecordedConclusion;
use crate::model::Currency;
use crate::model::filter::{Comparator, Condition, Matcher};

/// What the function that reads an ending is called: `ending_of(CONCLUSION)`.
const ENDING: &str = "ending_of";

/// The table whose rows are searched.
#[derive(Clone, Copy)]
pub(super) enum Searched {
    Objects,
    Events,
    Journal,
}

impl Searched {
    /// The text of a row, in lower case.
    const fn words(self) -> &'static str {
        match self {
            Self::Objects | Self::Events => "words",
            // The text may be in the intent or in its conclusions.
            Self::Journal => {
                "lower(entry || ifnull((SELECT group_concat(s.entry) FROM journal s WHERE s.of = journal.id), ''))"
            }
        }
    }

    fn state(self) -> String {
        match self {
            Self::Objects => "state".to_owned(),
            Self::Events => "verdict".to_owned(),
            Self::Journal => {
                format!("{ENDING}((SELECT s.entry FROM journal s WHERE s.of = journal.id ORDER BY s.id DESC LIMIT 1))")
            }
        }
    }

    /// What a row is about.
    const fn about(self) -> &'static str {
        match self {
            Self::Objects => "NULL",
            Self::Events => "event_type",
            Self::Journal => "entry ->> 'action'",
        }
    }

    /// The time of a row, in Unix milliseconds.
    const fn time(self) -> &'static str {
        match self {
            Self::Objects => "time",
            Self::Events => "first_at",
            Self::Journal => "1000 * unixepoch(entry ->> 'at')",
        }
    }
}

/// Makes the function that reads an ending known to a connection.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(ENDING, 1, flags, |context: &Context<'_>| {
        let conclusion = context.get_raw(0).as_str().ok().map(RecordedConclusion::parse);
        Ok(Ending::word(conclusion.map(|conclusion| conclusion.ending)))
    })
}

/// Conditions in SQL, each with an AND before it, and their values in order.
pub(super) fn sql_of(table: Searched, conditions: &[Condition]) -> (String, Vec<Value>) {
    let (mut sql, mut values) = (String::new(), Vec::new());
    for Condition { negated, matcher } in conditions {
        let text = test(table, matcher, &mut values);
        // A missing value meets no condition, and so every negated one. `IS TRUE` would hide the others from the indexes.
        let test = if *negated { " IS NOT TRUE" } else { "" };
        sql.push_str(&format!(" AND ({text}){test}"));
    }
    (sql, values)
}

/// One condition in SQL; appends its values.
fn test(table: Searched, matcher: &Matcher, values: &mut Vec<Value>) -> String {
    let marks = |states: &[String]| vec!["?"; states.len()].join(", ");
    let (words, state) = (table.words(), table.state());
    match matcher {
        Matcher::Text { text, states } => {
            values.push(Value::from(text.clone()));
            values.extend(states.iter().cloned().map(Value::from));
            format!("(instr({words}, ?) OR {state} IN ({}))", marks(states))
        }
        Matcher::Regex(pattern) => {
            values.push(Value::from(pattern.clone()));
            format!("{}(?, {words})", pattern::FUNCTION)
        }
        Matcher::State(states) => {
            values.extend(states.iter().cloned().map(Value::from));
            format!("{state} IN ({})", marks(states))
        }
        Matcher::Type { text, codes } => {
            values.push(Value::from(text.clone()));
            values.extend(codes.iter().cloned().map(Value::from));
            let about = table.about();
            format!("(instr(lower({about}), ?) OR {about} IN ({}))", marks(codes))
        }
        Matcher::Amount(comparison, limit) => {
            values.push(Value::from(limit.minor));
            let sign = match comparison {
                Comparator::Above => ">",
                Comparator::AtLeast => ">=",
                Comparator::Below => "<",
                Comparator::AtMost => "<=",
                Comparator::Equal => "=",
            };
            // A limit is in hundredths of a major unit; currencies have different smallest units.
            let codes = |codes: &[&str]| codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(", ");
            let (whole, three) = (codes(&Currency::WITHOUT_DECIMALS), codes(&Currency::WITH_THREE));
            format!(
                "amount * CASE WHEN currency IN ({whole}) THEN 1000 WHEN currency IN ({three}) THEN 1 ELSE 10 END
                 {sign} 10 * ?"
            )
        }
        Matcher::Since(at) => {
            values.push(Value::from(millis(*at)));
            format!("{} >= ?", table.time())
        }
        Matcher::Before(at) => {
            values.push(Value::from(millis(*at)));
            format!("{} < ?", table.time())
        }
        Matcher::Problem { states, claimed, due } => {
            values.extend(states.iter().cloned().map(Value::from));
            let times = [claimed, due].map(|at| Value::from(millis(*at)));
            // There are few open claims: they are looked up first, each once.
            let others = match table {
                Searched::Objects => {
                    values.extend(times);
                    " OR object.id IN (SELECT claim.object FROM claim WHERE open = 1 AND heard_at <= ?)
                      OR object.id IN (SELECT awaited.object FROM awaited WHERE since <= ?)"
                }
                Searched::Events => {
                    values.extend(times.into_iter().take(1));
                    " OR event.id IN (SELECT CAST(claim.reference AS INTEGER) FROM claim
                          WHERE open = 1 AND source = 'notification' AND heard_at <= ?)"
                }
                Searched::Journal => "",
            };
            format!("({state} IN ({}){others})", marks(states))
        }
        Matcher::All(all) => joined(table, all, " AND ", "TRUE", values),
        Matcher::Any(any) => joined(table, any, " OR ", "FALSE", values),
    }
}

fn joined(table: Searched, matchers: &[Matcher], with: &str, none: &str, values: &mut Vec<Value>) -> String {
    let tests: Vec<String> = matchers.iter().map(|one| format!("({})", test(table, one, values))).collect();
    if tests.is_empty() { none.to_owned() } else { tests.join(with) }
}
