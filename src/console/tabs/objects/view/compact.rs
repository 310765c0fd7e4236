//! The columns of a small screen: number, state and amount.

use crate::console::tabs::objects::columns::ObjectColumn;
use crate::console::tabs::objects::kinds;
use crate::console::tabs::objects::list::List;
use crate::console::widgets::table::{Column, Need, need};
use crate::ledger::Listed;
use crate::model::Money;
use crate::text;

/// Columns of a state that is cut no further.
const STATE: u16 = 9;

/// The columns of a kind that a small screen shows, for these rows.
pub(crate) fn shown_with<'a>(
    list: &List,
    rows: impl Iterator<Item = &'a Listed> + Clone,
) -> Vec<(&'static ObjectColumn, Column<Listed>)> {
    let all = kinds::columns(list.kind);
    let amount = all.iter().find(|column| column.id == "amount");
    let amount = amount.or_else(|| all.iter().find(|column| column.money.is_some()));
    let named = |id: &str| all.iter().find(|column| column.id == id);
    let columns = [named("number"), named("state"), amount].into_iter().flatten();
    columns.map(|column| (column, shown(column, rows.clone()))).collect()
}

/// Such a column. Amounts are as wide as the widest of them, so that none is cut.
fn shown<'a>(column: &ObjectColumn, rows: impl Iterator<Item = &'a Listed>) -> Column<Listed> {
    let need = match column.money {
        Some(money) => {
            let width = |amount: Money| text::width(&amount.to_string());
            let widest = rows.filter_map(money).map(width).max().unwrap_or(0).max(8) as u16;
            Need { first: true, ..need(widest, widest, 0) }
        }
        None if column.id == "state" => need(STATE, column.ideal, 0),
        None => need(10, column.ideal, 0),
    };
    Column { need, ..column.shown() }
}
