//! A reconciliation as one HTML file: no script and no network, so that it can be mailed, kept and printed on A4. Every
//! text in it is escaped.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::rows;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::HeldDifference;
use crate::model::Money;
use crate::model::reconcile::{Balance, BookDifference, BookSide, DifferenceClass, RowVerdict};
use crate::model::time::{beijing_day, bill_time, day};
use crate::services::reconcile::Reconciled;

const STYLE: &str = "
:root{color-scheme:light}
*{box-sizing:border-box}
body{font:14px/1.5 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1b2430;
 margin:0 auto;max-width:1120px;padding:28px;overflow-wrap:anywhere}
h1{font-size:22px;margin:0 0 2px}h2{font-size:16px;margin:28px 0 8px;border-bottom:2px solid #d8dee6;padding-bottom:4px}
p{margin:4px 0}.faint{color:#5d6875}.ok{color:#12703a}.bad{color:#a82a21}
.verdict{font-size:16px;font-weight:600;margin:12px 0;padding:10px 14px;border-radius:6px;background:#eef7f0}
.verdict.bad{background:#fbeeec}
table{border-collapse:collapse;width:100%;margin:6px 0 14px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid #e3e8ee;text-align:left;vertical-align:top}
th{background:#f1f4f8;font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
td.short,th.short{white-space:nowrap}
tr.sum td{font-weight:700;border-top:2px solid #8793a1}
table.sums th.n,table.sums td.n{width:12em}table.sums th.n+th.n,table.sums td.n+td.n{width:20em}
td.number{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;width:24%;min-width:12em}
td.why{width:40%;min-width:18em}
.line{background:#f7f9fb;border-left:3px solid #8793a1;padding:6px 10px;margin:6px 0}
svg{display:block;max-width:100%;height:auto}svg.shares{width:100%;height:14px}
svg.key{display:inline-block;width:.7em;height:.7em;margin-right:.5em}
@page{size:A4;margin:14mm 12mm 16mm;@bottom-center{content:counter(page) ' / ' counter(pages);font:9px sans-serif}}
@media print{body{padding:0;max-width:none;font-size:10.5px}th,td{padding:3px 5px}td.number{font-size:9.5px;min-width:9em}
 td.why{min-width:15em}h2,h2+p{break-after:avoid}tr,svg,.line,.verdict{break-inside:avoid}
 table.sums{break-inside:avoid;break-after:avoid}thead{display:table-header-group}
 .verdict,.line,th{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
";

/// The colour of what agrees, and of each class of difference.
const AGREED: &str = "#3a9d62";
const COLOURS: [&str; 9] =
    ["#c0392b", "#d35400", "#b7950b", "#8e44ad", "#2e6da4", "#a93279", "#7d3c1f", "#5f6a74", "#148f8f"];

pub(super) fn page(lang: Lang, reconciled: &Reconciled, mchid: &str) -> String {
    let result = &reconciled.result;
    let title = tr!(lang, "reconcile-title", days = explain::reconciled_days(lang, result));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head><body>\n<h1>{}</h1>\n",
        lang.tag(),
        escaped(&title),
        escaped(&title),
    );
    let at = bill_time(time::OffsetDateTime::now_utc());
    let made = tr!(lang, "reconcile-generated", at = at, mchid = mchid);
    paragraph(&mut page, "faint", &format!("{made} · {}", lang.t("reconcile-zone")));
    let (class, verdict) = match reconciled.agrees() {
        true => ("verdict ok", format!("✓ {}", lang.t("reconcile-agrees"))),
        false => ("verdict bad", format!("✗ {}", tr!(lang, "reconcile-differences", n = result.len()))),
    };
    paragraph(&mut page, class, &verdict);
    for line in super::text::sides(lang, reconciled) {
        paragraph(&mut page, "faint", &line);
    }
    for note in explain::reconcile_notes(lang, reconciled) {
        paragraph(&mut page, "line", &note);
    }
    heading(&mut page, &lang.t("reconcile-summary"));
    for balance in result.balances() {
        sums(&mut page, lang, balance);
    }
    for line in explain::balance_lines(lang, result) {
        paragraph(&mut page, "line", &line);
    }
    if !result.is_empty() {
        heading(&mut page, &lang.t("reconcile-by-class"));
        chart(&mut page, lang, reconciled);
    }
    for class in DifferenceClass::ALL {
        differences(&mut page, lang, reconciled, class);
    }
    held(&mut page, lang, reconciled);
    page.push_str("</body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // What a reader would obey or not see.
            c if c.is_control() && c != '\n' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn heading(page: &mut String, text: &str) {
    let _ = writeln!(page, "<h2>{}</h2>", escaped(text));
}

fn paragraph(page: &mut String, class: &str, text: &str) {
    let _ = writeln!(page, "<p class=\"{class}\">{}</p>", escaped(text));
}

/// The table of one side in one currency, and its shares as a bar.
fn sums(page: &mut String, lang: Lang, balance: &Balance) {
    let name = format!("{} · {}", explain::book_side(lang, balance.side), balance.currency.code());
    let _ = write!(
        page,
        "<table class=\"sums\"><thead><tr><th>{}</th><th class=\"n\">{}</th><th class=\"n\">{}</th></tr></thead><tbody>",
        escaped(&name),
        escaped(&lang.t("reconcile-count")),
        escaped(&lang.t("reconcile-total")),
    );
    let mut row = |class: &str, key: &str, name: &str, volume: crate::model::bill::Volume| {
        let amount = balance.sum(volume).to_string();
        let _ = write!(
            page,
            "<tr{class}><td>{key}{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(name),
            volume.count,
            escaped(&amount),
        );
    };
    for verdict in RowVerdict::all() {
        if let Some(volume) = balance.parts.get(&verdict) {
            // Drawn, not a background: those are often not printed.
            let fill = colour(verdict);
            let key = format!(
                "<svg class=\"key\" viewBox=\"0 0 1 1\"><rect width=\"1\" height=\"1\" fill=\"{fill}\"/></svg>"
            );
            row("", &key, &explain::row_verdict(lang, verdict), *volume);
        }
    }
    row(" class=\"sum\"", "", &lang.t("reconcile-total"), balance.total);
    page.push_str("</tbody></table>\n");
    shares(page, balance);
}

fn colour(verdict: RowVerdict) -> &'static str {
    match verdict {
        RowVerdict::Differs(class) => COLOURS[class as usize % COLOURS.len()],
        RowVerdict::Matched | RowVerdict::AcrossDays | RowVerdict::HeldOver => AGREED,
        RowVerdict::NothingDue | RowVerdict::OtherDay | RowVerdict::OtherBusiness | RowVerdict::NotCompared => {
            "#c6ced8"
        }
    }
}

/// A bar of the shares of rows: what agrees, each class, and the rest.
fn shares(page: &mut String, balance: &Balance) {
    if balance.total.count == 0 {
        return;
    }
    // What is there at all can be seen.
    let parts = RowVerdict::all().filter_map(|verdict| Some((verdict, balance.parts.get(&verdict)?.count)));
    let least = balance.total.count as f64 / 250.0;
    let parts: Vec<(RowVerdict, f64)> = parts.map(|(verdict, count)| (verdict, (count as f64).max(least))).collect();
    let all: f64 = parts.iter().map(|(_, share)| share).sum();
    let mut at = 0.0;
    page.push_str("<svg class=\"shares\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" role=\"img\">");
    for (verdict, share) in parts {
        let (fill, share) = (colour(verdict), share / all * 1000.0);
        // The gap distinguishes neighbours without their colours, too.
        let width = share - 1.0;
        let _ = write!(page, "<rect x=\"{at:.1}\" y=\"0\" width=\"{width:.1}\" height=\"14\" fill=\"{fill}\"/>");
        at += share;
    }
    page.push_str("</svg>\n");
}

/// How many differences of each class there are.
fn chart(page: &mut String, lang: Lang, reconciled: &Reconciled) {
    let bars: Vec<(DifferenceClass, u64, String)> = DifferenceClass::ALL
        .into_iter()
        .filter_map(|class| {
            let volumes = reconciled.result.volume(class);
            let count: u64 = volumes.iter().map(|(_, volume)| volume.count).sum();
            let sums = volumes.iter().map(|(currency, volume)| volume.sum(*currency).to_string());
            (count > 0).then(|| (class, count, sums.collect::<Vec<_>>().join(" · ")))
        })
        .collect();
    let most = bars.iter().map(|(_, count, _)| *count).max().unwrap_or(1) as f64;
    let height = bars.len() * 26 + 4;
    let _ = write!(page, "<svg viewBox=\"0 0 1000 {height}\" width=\"1000\" height=\"{height}\" role=\"img\">");
    for (at, (class, count, sums)) in bars.iter().enumerate() {
        let (y, length) = (at * 26 + 4, (*count as f64 / most * 420.0).max(3.0));
        let colour = COLOURS[*class as usize % COLOURS.len()];
        let name = escaped(&explain::difference_class(lang, *class));
        let label = escaped(&format!("{count} · {sums}"));
        let (text, end) = (y + 14, 250.0 + length + 8.0);
        let _ = write!(
            page,
            "<text x=\"240\" y=\"{text}\" font-size=\"13\" text-anchor=\"end\">{name}</text>\
             <rect x=\"250\" y=\"{y}\" width=\"{length:.1}\" height=\"18\" fill=\"{colour}\"/>\
             <text x=\"{end:.1}\" y=\"{text}\" font-size=\"13\">{label}</text>"
        );
    }
    page.push_str("</svg>\n");
}

/// A column of a list of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageColumn {
    Id,
    Class,
    Day,
    Age,
    Number,
    Difference,
    Trade,
    Orders,
    Flow,
    /// The reason, how sure it is, and what to do.
    Why,
}

impl PageColumn {
    /// The column of the sides that one of the differences has a row of.
    fn of_sides<'a>(differences: impl Iterator<Item = &'a BookDifference>) -> Vec<Self> {
        let mut has = [false; 3];
        for difference in differences {
            for side in BookSide::ALL {
                has[side as usize] |= difference.row(side).is_some();
            }
        }
        let columns = [Self::Trade, Self::Orders, Self::Flow].into_iter().zip(has);
        columns.filter(|(_, has)| *has).map(|(column, _)| column).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Id => "reconcile-cell-id",
            Self::Class => "reconcile-cell-class",
            Self::Day => "reconcile-cell-day",
            Self::Age => "reconcile-cell-age",
            Self::Number => "reconcile-cell-number",
            Self::Difference => "reconcile-cell-amount",
            Self::Trade => "reconcile-cell-trade",
            Self::Orders => "reconcile-cell-orders",
            Self::Flow => "reconcile-cell-flow",
            Self::Why => "reconcile-cell-why",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Difference | Self::Trade | Self::Orders | Self::Flow => "n",
            Self::Number => "number",
            Self::Why => "why",
            Self::Id | Self::Day | Self::Age => "short",
            Self::Class => "class",
        }
    }

    /// The content of a cell, escaped.
    fn cell(self, lang: Lang, row: &PageRow<'_>) -> String {
        let difference = row.difference;
        let amount = |side| match difference.row(side) {
            Some(row) => Money { minor: row.amount, currency: difference.currency }.to_string(),
            None => String::new(),
        };
        let text = match self {
            Self::Id => row.id.map(|id| id.to_string()).unwrap_or_default(),
            Self::Class => explain::difference_class(lang, difference.class),
            Self::Day => day(difference.day),
            Self::Age => row.age.map(|age| tr!(lang, "reconcile-age", n = age)).unwrap_or_default(),
            Self::Number => difference.number.clone(),
            Self::Difference => difference.money().to_string(),
            Self::Trade => amount(BookSide::Trade),
            Self::Orders => amount(BookSide::Orders),
            Self::Flow => amount(BookSide::Flow),
            Self::Why => {
                let mut marks = vec![lang.t(&format!("confidence-{}", difference.confidence.word()))];
                marks.extend(row.closed.then(|| lang.t("reconcile-closed-mark")));
                marks.extend(difference.secondary.then(|| lang.t("reconcile-also")));
                let (why, remedy) =
                    (explain::difference_reason(lang, difference), explain::difference_remedy(lang, difference));
                return format!(
                    "{} ({})<br><span class=\"faint\">{}</span>",
                    escaped(&why),
                    escaped(&marks.join(", ")),
                    escaped(&remedy)
                );
            }
        };
        escaped(&text)
    }
}

/// A line of a list of differences.
struct PageRow<'a> {
    difference: &'a BookDifference,
    id: Option<i64>,
    /// Days that it has been open, where it is held over from an earlier day.
    age: Option<i64>,
    closed: bool,
}

fn differences(page: &mut String, lang: Lang, reconciled: &Reconciled, class: DifferenceClass) {
    let result = &reconciled.result;
    let differences: Vec<BookDifference> = result.of_class(class).collect();
    if differences.is_empty() {
        return;
    }
    heading(page, &explain::difference_class(lang, class));
    paragraph(page, "faint", &lang.t(&format!("difference-about-{}", class.word())));
    let ids = rows::ids(reconciled);
    let mut columns = vec![PageColumn::Id];
    columns.extend((result.period.from != result.period.to).then_some(PageColumn::Day));
    columns.extend([PageColumn::Number, PageColumn::Difference]);
    columns.extend(PageColumn::of_sides(differences.iter()));
    columns.push(PageColumn::Why);
    table_head(page, lang, &columns);
    for difference in &differences {
        let key = difference.key();
        let (id, closed) = (ids.get(&key).copied(), reconciled.held.closed.contains(&key));
        table_row(page, lang, &columns, &PageRow { difference, id, age: None, closed });
    }
    page.push_str("</tbody></table>\n");
}

fn table_head(page: &mut String, lang: Lang, columns: &[PageColumn]) {
    page.push_str("<table><thead><tr>");
    for column in columns {
        let _ = write!(page, "<th class=\"{}\">{}</th>", column.class(), escaped(&lang.t(column.name())));
    }
    page.push_str("</tr></thead><tbody>\n");
}

fn table_row(page: &mut String, lang: Lang, columns: &[PageColumn], row: &PageRow<'_>) {
    page.push_str("<tr>");
    for column in columns {
        let _ = write!(page, "<td class=\"{}\">{}</td>", column.class(), column.cell(lang, row));
    }
    page.push_str("</tr>\n");
}

/// What is held over: those of these days are listed above.
fn held(page: &mut String, lang: Lang, reconciled: &Reconciled) {
    let Some(line) = super::text::held_line(lang, &reconciled.open) else { return };
    heading(page, &lang.t("reconcile-held-over"));
    let listed: HashSet<String> = reconciled.result.differences().map(|difference| difference.key()).collect();
    let open = reconciled.open.iter();
    let earlier: Vec<&HeldDifference> = open.filter(|held| !listed.contains(&held.difference.key())).collect();
    let above = reconciled.open.len() - earlier.len();
    let above = (above > 0).then(|| tr!(lang, "reconcile-listed-above", n = above));
    paragraph(page, "faint", &[Some(line), above].into_iter().flatten().collect::<Vec<_>>().join(" · "));
    if earlier.is_empty() {
        return;
    }
    let mut columns = vec![PageColumn::Id, PageColumn::Day, PageColumn::Age, PageColumn::Class, PageColumn::Number];
    columns.extend([PageColumn::Difference, PageColumn::Why]);
    table_head(page, lang, &columns);
    let today = beijing_day(time::OffsetDateTime::now_utc());
    for held in earlier {
        let age = Some(held.age(today));
        let row = PageRow { difference: &held.difference, id: Some(held.id), age, closed: false };
        table_row(page, lang, &columns, &row);
    }
    page.push_str("</tbody></table>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escaped("<b>&\"'\u{1b}"), "&lt;b&gt;&amp;&quot;&#39;\u{fffd}");
    }
}
