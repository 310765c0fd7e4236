//! The overview of an object: its fields as items, whatever the width of the screen. The items of a kind are in its
//! file under [`super::kinds`].

use crate::console::widgets::role::Role;
use crate::i18n::Lang;
use crate::model::time::Timestamp;
use crate::model::{ExchangeRate, Money, Progress, Promotion};
use crate::text::age;

/// One item of an overview.
pub(crate) enum Item {
    Heading(&'static str),
    Field {
        label: &'static str,
        value: String,
        role: Role,
    },
    /// Amounts stand in one column.
    Money {
        label: &'static str,
        value: String,
    },
    /// The used part of a limit.
    Gauge {
        label: &'static str,
        figure: String,
        progress: Progress,
    },
    /// Header messages, and rows of texts from outside.
    Table {
        headers: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
}

/// Collects items; missing values are left out.
pub(crate) struct Items {
    pub lang: Lang,
    pub items: Vec<Item>,
}

impl Items {
    pub(super) fn heading(&mut self, label: &'static str) {
        self.items.push(Item::Heading(label));
    }

    pub(super) fn text(&mut self, label: &'static str, value: Option<&str>) {
        self.inked(label, value, Role::Plain);
    }

    /// A code of the API, in words.
    pub(super) fn code(&mut self, label: &'static str, stem: &str, code: Option<&str>) {
        let text = code.map(|code| self.lang.with_code(self.lang.code(stem, code), code));
        self.text(label, text.as_deref());
    }

    /// A bank and the kind of its card.
    pub(super) fn bank(&mut self, code: Option<&str>) {
        let text = code.map(|code| {
            let (bank, card) = code.rsplit_once('_').unwrap_or((code, ""));
            let words = match (self.lang.code("bank", bank), card) {
                (bank, "DEBIT") => tr!(self.lang, "bank-debit", bank = bank),
                (bank, "CREDIT") => tr!(self.lang, "bank-credit", bank = bank),
                _ => self.lang.code("bank", code),
            };
            self.lang.with_code(words, code)
        });
        self.text("detail-bank", text.as_deref());
    }

    pub(super) fn inked(&mut self, label: &'static str, value: Option<&str>, role: Role) {
        if let Some(value) = value {
            self.items.push(Item::Field { label, value: value.to_owned(), role });
        }
    }

    pub(super) fn money(&mut self, label: &'static str, amount: Option<Money>) {
        if let Some(amount) = amount {
            self.items.push(Item::Money { label, value: amount.to_string() });
        }
    }

    /// A gauge of the used part of a limit, or the one of both that is known.
    pub(super) fn gauge(
        &mut self,
        label: &'static str,
        used: Option<i64>,
        limit: Option<i64>,
        figure: impl Fn(i64) -> String,
    ) {
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        let figures = [used, limit].map(|n| n.map_or_else(|| "?".to_owned(), &figure)).join(" / ");
        match (count(used), count(limit)) {
            (Some(done), Some(total)) => {
                let progress = Progress { done, total };
                self.items.push(Item::Gauge { label, figure: figures, progress });
            }
            (None, None) => {}
            _ => self.inked(label, Some(&figures), Role::Strong),
        }
    }

    pub(super) fn time(&mut self, label: &'static str, at: Option<Timestamp>) {
        self.text(label, at.map(age::exact).as_deref());
    }

    pub(super) fn count(&mut self, label: &'static str, count: Option<i64>) {
        self.text(label, count.map(|n| n.to_string()).as_deref());
    }

    /// A rate as it was reported, followed by its kind.
    pub(super) fn rate(&mut self, rate: Option<&ExchangeRate>) {
        let text = rate.map(|rate| match &rate.kind {
            Some(kind) => format!("{rate} · {}", self.lang.with_code(self.lang.code("rate-kind", kind), kind)),
            None => rate.to_string(),
        });
        self.text("detail-exchange-rate", text.as_deref());
    }

    /// Whether the budget was paid in advance.
    pub(super) fn funding(&mut self, no_cash: Option<bool>) {
        let words = match no_cash {
            Some(true) => "value-not-prefunded",
            Some(false) => "value-prefunded",
            None => return,
        };
        self.text("detail-funding", Some(&self.lang.t(words)));
    }

    /// The discounts, a line each.
    pub(super) fn promotions(&mut self, promotions: &[Promotion]) {
        if promotions.is_empty() {
            return;
        }
        self.heading("detail-promotions");
        let lang = self.lang;
        let row = |one: &Promotion| {
            let name = or_empty(one.name.as_deref().or(one.id.as_deref()));
            vec![
                name,
                amount(one.amount),
                one.kind.as_deref().map(|kind| lang.code("promotion", kind)).unwrap_or_default(),
            ]
        };
        let headers = vec!["column-name", "column-amount", "detail-promotion-kind"];
        self.table(headers, promotions.iter().map(row).collect());
    }

    pub(super) fn table(&mut self, headers: Vec<&'static str>, rows: Vec<Vec<String>>) {
        self.items.push(Item::Table { headers, rows });
    }

    pub(super) fn flag(&mut self, label: &'static str, flag: Option<bool>) {
        let word = flag.map(|flag| if flag { self.lang.t("value-yes") } else { self.lang.t("value-no") });
        self.text(label, word.as_deref());
    }
}

/// True for a column of amounts or counts, which are aligned to the right.
pub(crate) fn is_figure(header: &str) -> bool {
    matches!(header, "column-amount" | "column-price" | "detail-original-price" | "detail-count" | "detail-step")
}

pub(super) fn amount(amount: Option<Money>) -> String {
    amount.map(|amount| amount.to_string()).unwrap_or_default()
}

pub(super) fn or_empty(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}
