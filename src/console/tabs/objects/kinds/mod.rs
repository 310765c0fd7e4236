//! What the console shows of each kind: the columns of its table and the overview of one object. A file for each kind.

mod coupon;
mod permission;
mod plan;
mod refund;
mod service_order;
mod sign_plan;
mod stock;
mod transaction;

use crate::console::tabs::objects::columns::ObjectColumn;
use crate::console::tabs::objects::overview::{Item, Items};
use crate::i18n::Lang;
use crate::model::{Entity, Kind};

/// The columns of a kind, in their order on the screen.
pub(crate) fn columns(kind: Kind) -> &'static [ObjectColumn] {
    match kind {
        Kind::Plan => plan::COLUMNS,
        Kind::SignPlan => sign_plan::COLUMNS,
        Kind::ServiceOrder => service_order::COLUMNS,
        Kind::Transaction => transaction::COLUMNS,
        Kind::Stock => stock::COLUMNS,
        Kind::Refund => refund::COLUMNS,
        Kind::Permission => permission::COLUMNS,
        Kind::Coupon => coupon::COLUMNS,
    }
}

/// The column with this id.
pub(crate) fn column(kind: Kind, id: &str) -> Option<&'static ObjectColumn> {
    columns(kind).iter().find(|column| column.id == id)
}

/// The message of the header of what an object's title is in its table: its name, its service, the attached data.
pub(crate) fn title(kind: Kind) -> &'static str {
    column(kind, "title").map_or("column-name", |column| column.header)
}

/// Everything that is known of an entity beyond its number and state.
pub(crate) fn items(lang: Lang, entity: &Entity) -> Vec<Item> {
    let mut items = Items { lang, items: Vec::new() };
    match entity {
        Entity::Plan(plan) => plan::overview(&mut items, plan),
        Entity::SignPlan(sign_plan) => sign_plan::overview(&mut items, sign_plan),
        Entity::ServiceOrder(order) => service_order::overview(&mut items, order),
        Entity::Transaction(transaction) => transaction::overview(&mut items, transaction),
        Entity::Stock(stock) => stock::overview(&mut items, stock),
        Entity::Refund(refund) => refund::overview(&mut items, refund),
        Entity::Permission(permission) => permission::overview(&mut items, permission),
        Entity::Coupon(coupon) => coupon::overview(&mut items, coupon),
    }
    items.items
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn columns_of_a_kind_have_ids_of_their_own_and_words() {
        for kind in Kind::ALL {
            let ids: BTreeSet<_> = columns(kind).iter().map(|column| column.id).collect();
            assert_eq!(ids.len(), columns(kind).len(), "{kind:?}");
            for column in columns(kind) {
                assert!(Lang::En.has(column.header) && Lang::ZhCn.has(column.header), "{}", column.header);
                assert!(column.min <= column.ideal);
            }
            assert!(columns(kind).iter().filter(|c| c.priority == 0).map(|c| c.min + 1).sum::<u16>() < 58);
        }
    }
}
