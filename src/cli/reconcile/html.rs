//! A reconciliation as one HTML file: no script and no network, so that it can be mailed, kept and printed on A4. Every
//! text in it is escaped.

use std::fmt::Write as _;

use super::rows;
use crate::explain;
use crate::i18n::Lang;
use crate::model::reconcile::{Balance, DifferenceClass, RowVerdict};
use crate::model::time::{beijing_day, bill_time};
use crate::services::reconcile::Reconciled;

const STYLE: &str = "
:root{color-scheme:light}
*{box-sizing:border-box}
body{font:14px/1.5 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1b2430;
 margin:0 auto;max-width:1120px;padding:28px}
h1{font-size:22px;margin:0 0 2px}h2{font-size:16px;margin:28px 0 8px;border-bottom:2px solid #d8dee6;padding-bottom:4px}
p{margin:4px 0}.faint{color:#5d6875}.ok{color:#12703a}.bad{color:#a82a21}
.verdict{font-size:16px;font-weight:600;margin:12px 0;padding:10px 14px;border-radius:6px;background:#eef7f0}
.verdict.bad{background:#fbeeec}
table{border-collapse:collapse;width:100%;margin:6px 0 14px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid #e3e8ee;text-align:left;vertical-align:top}
th{background:#f1f4f8;font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
tr.sum td{font-weight:700;border-top:2px solid #8793a1}
td.number{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;word-break:break-all}
.line{background:#f7f9fb;border-left:3px solid #8793a1;padding:6px 10px;margin:6px 0}
svg{max-width:100%;height:auto}
@page{size:A4;margin:14mm 12mm}
@media print{body{padding:0;max-width:none;font-size:10.5px}h2{break-after:avoid}tr{break-inside:avoid}
 thead{display:table-header-group}.verdict,.line,th{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
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
        "<table><thead><tr><th>{}</th><th class=\"n\">{}</th><th class=\"n\">{}</th></tr></thead><tbody>",
        escaped(&name),
        escaped(&lang.t("reconcile-count")),
        escaped(&lang.t("reconcile-total")),
    );
    let mut row = |class: &str, name: &str, volume: crate::model::bill::Volume| {
        let amount = balance.sum(volume).to_string();
        let _ = write!(
            page,
            "<tr{class}><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(name),
            volume.count,
            escaped(&amount),
        );
    };
    for verdict in RowVerdict::all() {
        if let Some(volume) = balance.parts.get(&verdict) {
            row("", &explain::row_verdict(lang, verdict), *volume);
        }
    }
    row(" class=\"sum\"", &lang.t("reconcile-total"), balance.total);
    page.push_str("</tbody></table>\n");
    shares(page, balance);
}

/// A bar of the shares of rows: what agrees, each class, and the rest.
fn shares(page: &mut String, balance: &Balance) {
    if balance.total.count == 0 {
        return;
    }
    let (all, wide) = (balance.total.count as f64, 1000.0);
    let mut at = 0.0;
    page.push_str("<svg viewBox=\"0 0 1000 14\" width=\"1000\" height=\"14\" role=\"img\">");
    for verdict in RowVerdict::all() {
        let Some(volume) = balance.parts.get(&verdict) else { continue };
        let colour = match verdict {
            RowVerdict::Differs(class) => COLOURS[class as usize % COLOURS.len()],
            RowVerdict::Matched | RowVerdict::AcrossDays | RowVerdict::HeldOver => AGREED,
            RowVerdict::NothingDue | RowVerdict::OtherDay | RowVerdict::OtherBusiness | RowVerdict::NotCompared => {
                "#c6ced8"
            }
        };
        // What is there at all can be seen.
        let share = (volume.count as f64 / all * wide).max(2.0);
        let _ = write!(page, "<rect x=\"{at:.1}\" y=\"0\" width=\"{share:.1}\" height=\"14\" fill=\"{colour}\"/>");
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

/// The columns that a page has room for, by their places in a row.
const SHOWN: [usize; 9] = [0, 5, 3, 7, 8, 10, 12, 13, 14];

fn differences(page: &mut String, lang: Lang, reconciled: &Reconciled, class: DifferenceClass) {
    let mut differences = reconciled.result.of_class(class).peekable();
    if differences.peek().is_none() {
        return;
    }
    heading(page, &explain::difference_class(lang, class));
    paragraph(page, "faint", &lang.t(&format!("difference-about-{}", class.word())));
    let ids = rows::ids(reconciled);
    table_head(page, lang, None);
    for difference in differences {
        let cells = rows::cells(lang, &difference, ids.get(&difference.key()).copied());
        table_row(page, None, &cells);
    }
    page.push_str("</tbody></table>\n");
}

fn table_head(page: &mut String, lang: Lang, first: Option<&str>) {
    page.push_str("<table><thead><tr>");
    if let Some(first) = first {
        let _ = write!(page, "<th class=\"n\">{}</th>", escaped(first));
    }
    let header = rows::header(lang);
    for at in SHOWN {
        let class = if matches!(at, 7 | 8 | 10 | 12) { " class=\"n\"" } else { "" };
        let _ = write!(page, "<th{class}>{}</th>", escaped(&header[at]));
    }
    page.push_str("</tr></thead><tbody>");
}

fn table_row(page: &mut String, first: Option<&str>, cells: &[rows::ReportCell]) {
    page.push_str("<tr>");
    if let Some(first) = first {
        let _ = write!(page, "<td class=\"n\">{}</td>", escaped(first));
    }
    for at in SHOWN {
        let text = match &cells[at] {
            rows::ReportCell::Text(text) => text.clone(),
            rows::ReportCell::Amount(amount) => amount.to_string(),
        };
        let class = match at {
            7 | 8 | 10 | 12 => " class=\"n\"",
            3 => " class=\"number\"",
            _ => "",
        };
        let advice = if at == 14 {
            format!("<br><span class=\"faint\">{}</span>", escaped(&cells[15].plain()))
        } else {
            String::new()
        };
        let _ = write!(page, "<td{class}>{}{advice}</td>", escaped(&text));
    }
    page.push_str("</tr>\n");
}

fn held(page: &mut String, lang: Lang, reconciled: &Reconciled) {
    let Some(line) = super::text::held_line(lang, &reconciled.open) else { return };
    heading(page, &lang.t("reconcile-held-over"));
    paragraph(page, "faint", &line);
    table_head(page, lang, Some(&lang.t("reconcile-cell-age")));
    let today = beijing_day(time::OffsetDateTime::now_utc());
    for held in &reconciled.open {
        let age = tr!(lang, "reconcile-age", n = held.age(today));
        table_row(page, Some(&age), &rows::cells(lang, &held.difference, Some(held.id)));
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
