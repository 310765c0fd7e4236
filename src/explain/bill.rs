//! Texts about a bill: checks passed, remarks, and errors.

use super::{Explanation, Voice, api_error};
use crate::i18n::Lang;
use crate::model::bill::{
    Agreement, BadLine, BadLines, BillDigest, BillError, BillPart, Encoding, FigureMismatch, Foreign, Why,
};
use crate::services::{BillFailure, Intake, IntakeProgress, NotTaken};

/// Explains why there is no bill.
pub fn bill(voice: impl Into<Voice>, failure: &BillFailure) -> Explanation {
    let lang = voice.into();
    match failure {
        BillFailure::Api(error) => api_error(lang, error),
        BillFailure::File { path, source } => Explanation {
            what: tr!(lang, "what-bill-file", path = path.display().to_string()),
            why: Some(source.to_string()),
            next: Some(lang.t("advice-bill-file")),
            ..Default::default()
        },
    }
}

/// What came of taking the rows of a bill in, and what says that they are whole.
pub fn intake(lang: Lang, intake: &Intake) -> Vec<String> {
    let mut lines = Vec::new();
    if !intake.already {
        let (new, known) = (intake.taken.new, intake.taken.known);
        lines.push(tr!(lang, "bill-taken", new = new, known = known));
    }
    if intake.taken.replaced > 0 {
        lines.push(lang.t("bill-replaced"));
    }
    lines.push(lang.t(match (intake.proven, intake.summed) {
        (true, true) => "bill-proven",
        (true, false) => "bill-proven-unsummed",
        (false, true) => "bill-unproven",
        (false, false) => "bill-unproven-unsummed",
    }));
    if intake.resaved {
        lines.push(lang.t("bill-taken-resaved"));
    }
    lines
}

/// How far the rows of a bill are taken in: rows, their rate, and the time that is left.
pub fn intake_progress(lang: Lang, progress: &IntakeProgress) -> String {
    let rate = format!("{:.0}", progress.rate());
    match progress.left() {
        Some(left) => tr!(lang, "bill-taking", rows = progress.rows, rate = rate, left = left.as_secs().max(1)),
        None => tr!(lang, "bill-taking-begins", rows = progress.rows, rate = rate),
    }
}

/// Why the rows of a file are not in the ledger.
pub fn not_taken(lang: Lang, why: &NotTaken) -> String {
    match why {
        NotTaken::Bill(error) => unread_bill(lang, error).0,
        NotTaken::Ledger(error) => super::ledger(lang, error).what,
        NotTaken::Unsound(digest) => {
            let fails = findings(digest, lang).into_iter().find_map(|finding| match finding {
                Finding::Fails(text) => Some(text),
                Finding::Holds(_) | Finding::Note(_) => None,
            });
            fails.unwrap_or_else(|| lang.t("bill-not-taken-unsound"))
        }
        NotTaken::Merchant(mchid) => tr!(lang, "bill-not-taken-merchant", mchid = mchid),
        NotTaken::NoDay => lang.t("bill-not-taken-day"),
        NotTaken::Twice(bill) => tr!(lang, "bill-not-taken-twice", bill = bill.name()),
        NotTaken::Altered { .. } => lang.t("bill-not-taken-altered"),
        NotTaken::Stopped => lang.t("bill-not-taken-stopped"),
    }
}

/// Why a file is not read as bills or as numbers, and what to do about it.
pub fn unread_bill(lang: Lang, error: &BillError) -> (String, String) {
    let t = |id: &str| lang.t(id);
    match error {
        BillError::Read(source) => (tr!(lang, "bill-why-read", source = source.to_string()), t("bill-advice-read")),
        BillError::Foreign(kind) => {
            let word = kind.word();
            let advice = match kind {
                Foreign::Zip | Foreign::Packed => "bill-advice-unpack",
                Foreign::Xlsx | Foreign::Xls => "bill-advice-save-as-csv",
                Foreign::Pdf | Foreign::Binary => "bill-advice-original",
            };
            (t(&format!("bill-why-{word}")), t(advice))
        }
        BillError::Empty => (t("bill-why-empty"), t("bill-advice-original")),
        BillError::NoHeader => (t("bill-why-no-header"), t("bill-advice-original")),
        BillError::Consumers => (t("bill-why-consumers"), t("bill-advice-original")),
        BillError::Encoding => (t("bill-why-encoding"), t("bill-advice-save-as-csv")),
        BillError::Mixed { line } => (tr!(lang, "bill-why-mixed", line = line), t("bill-advice-split")),
        BillError::TooMany(most) => (tr!(lang, "bill-why-too-many", n = most), t("bill-advice-split")),
    }
}

/// A line of a bill that is not read, with why.
pub fn bad_line(lang: Lang, bad: &BadLine) -> String {
    tr!(lang, "cli-import-line", line = bad.line.to_string(), why = bad_line_why(lang, &bad.why))
}

/// Why a line of a bill is not read.
pub fn bad_line_why(lang: Lang, why: &Why) -> String {
    match why {
        Why::Encoding => lang.t("bill-line-encoding"),
        Why::Fields { found, expected } => tr!(lang, "bill-line-fields", found = found, expected = expected),
        Why::Value { column } => tr!(lang, "bill-line-value", column = column.as_ref()),
        Why::TooLong => lang.t("cli-line-too-long"),
        Why::Stray => lang.t("bill-line-stray"),
        Why::NoValues => lang.t("bill-line-no-values"),
        Why::LostDigits { column } => tr!(lang, "bill-line-lost-digits", column = column.as_ref()),
    }
}

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
