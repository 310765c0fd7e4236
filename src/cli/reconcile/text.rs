//! A reconciliation for a person at a terminal.

use super::rows::{cells, ids};
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::HeldDifference;
use crate::model::bill::Volume;
use crate::model::reconcile::{Balance, BookSide, DifferenceClass, RowVerdict};
use crate::model::time::{Date, day};
use crate::services::reconcile::Reconciled;
use crate::text::{neutralise, width};

/// How many differences of a class are printed.
const PRINTED: usize = 20;

pub(super) fn text(lang: Lang, reconciled: &Reconciled) -> String {
    let result = &reconciled.result;
    let mut lines =
        vec![tr!(lang, "reconcile-title", days = explain::reconciled_days(lang, result)), lang.t("reconcile-zone")];
    lines.extend(sides(lang, reconciled));
    lines.push(String::new());
    lines.extend(table(lang, result.balances()));
    lines.push(String::new());
    lines.extend(explain::balance_lines(lang, result));
    lines.extend(explain::reconcile_notes(lang, reconciled).into_iter().map(|note| format!("! {note}")));
    lines.push(String::new());
    lines.extend(differences(lang, reconciled));
    lines.extend(held_line(lang, &reconciled.open));
    lines.join("\n") + "\n"
}

/// One line for each side: what was read.
pub(super) fn sides(lang: Lang, reconciled: &Reconciled) -> Vec<String> {
    let mut lines = Vec::new();
    for side in BookSide::ALL {
        let name = explain::book_side(lang, side);
        if side == BookSide::Orders
            && let Some(orders) = &reconciled.orders
        {
            lines.extend(explain::orders_side(lang, orders));
        } else if reconciled.result.has(side) {
            let used: Vec<_> = reconciled.bills.iter().filter(|bill| bill.side == side).collect();
            let rows: u64 = used.iter().map(|bill| bill.rows).sum();
            lines.push(tr!(lang, "reconcile-side-bills", side = name, rows = rows, files = used.len()));
        } else {
            lines.push(tr!(lang, "reconcile-side-none", side = name));
        }
    }
    lines
}

/// The sums of each side by verdict, a table for each currency.
fn table(lang: Lang, balances: &[Balance]) -> Vec<String> {
    let mut currencies = Vec::new();
    for balance in balances {
        if !currencies.contains(&balance.currency) {
            currencies.push(balance.currency);
        }
    }
    let mut lines = Vec::new();
    for currency in currencies {
        let of: Vec<&Balance> = balances.iter().filter(|balance| balance.currency == currency).collect();
        let pair = |balance: &Balance, volume: Option<Volume>| match volume {
            Some(volume) => [volume.count.to_string(), balance.sum(volume).to_string()],
            None => [String::new(), String::new()],
        };
        let mut rows = vec![
            std::iter::once(String::new())
                .chain(of.iter().flat_map(|balance| [String::new(), explain::book_side(lang, balance.side)]))
                .collect::<Vec<_>>(),
        ];
        for verdict in RowVerdict::all().filter(|verdict| of.iter().any(|one| one.parts.contains_key(verdict))) {
            let cells = of.iter().flat_map(|one| pair(one, one.parts.get(&verdict).copied()));
            rows.push(std::iter::once(explain::row_verdict(lang, verdict)).chain(cells).collect());
        }
        let totals = of.iter().flat_map(|one| pair(one, Some(one.total)));
        rows.push(std::iter::once(lang.t("reconcile-total")).chain(totals).collect());
        lines.extend(right_aligned(&rows));
    }
    lines
}

/// The first column to the left, the others to the right.
fn right_aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[at].saturating_sub(width(cell)));
            match at {
                0 => line.push_str(&format!("{cell}{space}")),
                _ => line.push_str(&format!("  {space}{cell}")),
            }
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn differences(lang: Lang, reconciled: &Reconciled) -> Vec<String> {
    let result = &reconciled.result;
    if result.is_empty() {
        return vec![format!("✓ {}", lang.t("reconcile-agrees"))];
    }
    let ids = ids(reconciled);
    let mut lines = Vec::new();
    for class in DifferenceClass::ALL {
        let volumes = result.volume(class);
        let n: u64 = volumes.iter().map(|(_, volume)| volume.count).sum();
        if n == 0 {
            continue;
        }
        let sums: Vec<String> = volumes.iter().map(|(currency, volume)| volume.sum(*currency).to_string()).collect();
        let name = explain::difference_class(lang, class);
        let count = tr!(lang, "reconcile-differences", n = n);
        let about = lang.t(&format!("difference-about-{}", class.word()));
        lines.push(format!("✗ {name} · {count} · {} · {about}", sums.join(" · ")));
        for difference in result.of_class(class).take(PRINTED) {
            let key = difference.key();
            let id = ids.get(&key).copied();
            let cells = cells(lang, &difference, id);
            let plain = |at: usize| neutralise(&cells[at].plain()).into_owned();
            let closed = reconciled.held.closed.contains(&key);
            let mut marks = vec![plain(13)];
            marks.extend(closed.then(|| lang.t("reconcile-closed-mark")));
            marks.extend(difference.secondary.then(|| lang.t("reconcile-also")));
            let number = id.map_or_else(|| "–".to_owned(), |id| id.to_string());
            let amount = difference.money().to_string();
            lines.push(format!("  {number:>5}  {}  {}  {amount}  [{}]", plain(5), plain(3), marks.join(", ")));
            lines.push(format!("         {} → {}", plain(14), plain(15)));
        }
        if n > PRINTED as u64 {
            lines.push(format!("  {}", tr!(lang, "reconcile-more", n = n - PRINTED as u64)));
        }
    }
    lines
}

/// How much is held over.
pub(super) fn held_line(lang: Lang, open: &[HeldDifference]) -> Option<String> {
    let oldest = open.iter().map(|held| held.difference.day).min()?;
    Some(tr!(lang, "reconcile-open-count", n = open.len(), day = day(oldest)))
}

/// The list of what is held over.
pub(super) fn held(lang: Lang, held: &[HeldDifference], today: Date) -> String {
    if held.is_empty() {
        return format!("✓ {}\n", lang.t("reconcile-open-none"));
    }
    let row = |held: &HeldDifference| {
        let difference = &held.difference;
        let state = match &held.ended {
            None => tr!(lang, "reconcile-age", n = held.age(today)),
            Some(_) => lang.t("reconcile-closed-mark"),
        };
        let cells = [
            held.id.to_string(),
            day(difference.day),
            state,
            explain::difference_class(lang, difference.class),
            difference.money().to_string(),
            difference.number.clone(),
            explain::difference_reason(lang, difference),
        ];
        cells.map(|cell| neutralise(&cell).into_owned())
    };
    let rows: Vec<[String; 7]> = held.iter().map(row).collect();
    crate::cli::export::aligned(&rows)
}
