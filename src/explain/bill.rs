//! Texts about a bill: checks passed, remarks, and errors.

use super::bad_line;
use crate::i18n::Lang;
use crate::model::bill::{Agreement, BadLines, BillDigest, BillPart, Encoding, FigureMismatch};

/// A finding about a file of bills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A check that passed.
    Holds(String),
    /// A remark that does not affect the figures.
    Note(String),
    /// Something is missing, wrong, or unknown.
    Fails(String),
}

impl Finding {
    /// The sentence.
    pub fn text(&self) -> &str {
        match self {
            Self::Holds(text) | Self::Note(text) | Self::Fails(text) => text,
        }
    }
}

/// The number of lines that are named individually.
const NAMED: usize = 5;

/// The findings about a file of bills: whether each summary matches its rows, which lines cannot be read, and the
/// file's format.
pub fn findings(digest: &BillDigest, lang: Lang) -> Vec<Finding> {
    let mut found = Vec::new();
    if digest.encoding != Encoding::Utf8 {
        let name = digest.encoding.name();
        found.push(Finding::Note(tr!(lang, "bill-encoding", encoding = name)));
    }
    if digest.resaved > 0 {
        found.push(Finding::Note(tr!(lang, "bill-resaved", n = digest.resaved)));
    }
    if digest.totals.rows() == 0 {
        found.push(Finding::Fails(lang.t("bill-no-rows")));
    }
    for (lines, what, rest) in [
        (&digest.bad, "bill-without-bad-lines", "bill-more-bad-lines"),
        (&digest.lost, "bill-with-lost", "bill-more-lost"),
    ] {
        // The effect on the figures comes first: a small screen has room only for that.
        if lines.count > 0 {
            found.push(Finding::Fails(tr!(lang, what, n = lines.count)));
        }
        found.extend(line_words(lines, lang).into_iter().map(Finding::Fails));
        let more = lines.count.saturating_sub(NAMED as u64);
        if more > 0 {
            found.push(Finding::Fails(tr!(lang, rest, n = more)));
        }
    }
    match &digest.parts[..] {
        [one] => found.extend(summary_words(one, digest.statement, lang)),
        parts => {
            let agreeing = parts.iter().filter(|part| part.summary.as_ref().is_some_and(Agreement::holds)).count();
            let text = tr!(lang, "bill-parts", n = parts.len(), agreeing = agreeing);
            found.push(if agreeing == parts.len() { Finding::Holds(text) } else { Finding::Note(text) });
            let mut flawed = parts.iter().flat_map(|part| {
                let words = summary_words(part, digest.statement, lang)
                    .into_iter()
                    .filter(|one| !matches!(one, Finding::Holds(_)));
                words.map(|one| (part.line, one)).collect::<Vec<_>>()
            });
            for (line, one) in flawed.by_ref().take(2 * NAMED) {
                let words = tr!(lang, "bill-part", line = line, what = one.text());
                found.push(if matches!(one, Finding::Fails(_)) { Finding::Fails(words) } else { Finding::Note(words) });
            }
            let more = flawed.count();
            if more > 0 {
                found.push(Finding::Fails(tr!(lang, "bill-more-parts", n = more)));
            }
        }
    }
    found
}

/// The text for the first of the bad lines.
fn line_words(lines: &BadLines, lang: Lang) -> Vec<String> {
    lines.first.iter().take(NAMED).map(|line| bad_line(lang, line)).collect()
}

/// Whether the summary of a bill matches its rows.
fn summary_words(part: &BillPart, statement: bool, lang: Lang) -> Vec<Finding> {
    let Some(summary) = &part.summary else {
        if statement {
            return vec![Finding::Note(lang.t("bill-summary-of-statement"))];
        }
        return vec![Finding::Fails(lang.t("bill-summary-missing"))];
    };
    let words =
        |one: &FigureMismatch| tr!(lang, "bill-summary-disagrees", name = one.name, says = one.says, found = one.found);
    let mut found: Vec<Finding> = summary.disagreements.iter().map(|one| Finding::Fails(words(one))).collect();
    let names = |names: &[String]| names.join(lang.t("bill-list-comma").as_ref());
    let not_compared = names(&summary.not_compared);
    match (summary.holds(), summary.not_compared.is_empty()) {
        (true, true) => found.push(Finding::Holds(lang.t("bill-summary-agrees"))),
        (true, false) => {
            found.push(Finding::Holds(tr!(
                lang,
                "bill-summary-agrees-partly",
                names = names(&summary.compared),
                others = not_compared
            )));
        }
        (false, _) if summary.compared.is_empty() => {
            found.push(Finding::Fails(tr!(lang, "bill-summary-unknown", others = not_compared)));
        }
        (false, false) => {
            found.push(Finding::Note(tr!(lang, "bill-summary-not-compared", others = not_compared)));
        }
        (false, true) => {}
    }
    found
}
