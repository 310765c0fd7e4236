//! Draws a notification that was opened from the timeline.

use serde_json::Value;

use crate::console::tabs::inbox::view::words::type_words;
use crate::console::tabs::objects::detail::Payload;
use crate::console::widgets::frame::{Labels, json_line};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::i18n::Lang;
use crate::ledger::WholeEvent;
use crate::text;
use crate::text::age;

/// Its content and its deliveries.
pub(crate) fn opened(lang: Lang, payload: &Payload, width: usize) -> Vec<Line> {
    match payload {
        Payload::NotYet => vec![vec![("…".into(), Role::Faint)]],
        Payload::Gone => vec![vec![(lang.t("notification-gone"), Role::Warning)]],
        Payload::There(whole) => full_lines(lang, whole, width),
    }
}

fn full_lines(lang: Lang, whole: &WholeEvent, width: usize) -> Vec<Line> {
    let row = &whole.row;
    let mut lines = Vec::new();
    let facts = [
        ("notification-type", row.event_type.as_deref().map(|code| lang.with_code(type_words(lang, row), code))),
        ("notification-id", row.notice.clone()),
        ("notification-happened", row.created.map(age::exact)),
        ("notification-summary", row.summary.clone()),
    ];
    for (label, value) in facts {
        if let Some(value) = value {
            Labels::within(width).field(&mut lines, &lang.t(label), &value, Role::Plain, width);
        }
    }
    for kept in &whole.deliveries {
        let took = kept.took.map(|took| tr!(lang, "timeline-answered", n = took.div_ceil(1000)));
        let facts = [Some(age::exact(kept.delivery.at)), Some(kept.status.to_string()), took];
        let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Labels::within(width).field(&mut lines, &lang.t("notification-received"), &facts, Role::Plain, width);
    }
    if let Some(resource) = &whole.resource {
        lines.extend([Line::new(), vec![(lang.t("notification-payload"), Role::Heading)]]);
        let value = serde_json::from_str::<Value>(resource);
        let laid_out =
            value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| resource.clone());
        let wrapped = laid_out.lines().flat_map(|line| text::wrap(&text::neutralise(line), width.max(8)));
        lines.extend(wrapped.map(|line| json_line(&line)));
    }
    lines
}
