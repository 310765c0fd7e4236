//! The preview of sending a line of the inbox once more.

use crate::console::widgets::frame::DIALOG;
use ratatui::layout::Rect;

use crate::console::app::placed::Placed;
use crate::console::app::state::State;
use crate::console::dialogs::confirm::view::{Asked, sheet};
use crate::console::dialogs::state::ReplayConfirm;
use crate::console::tabs::inbox::view::grouped;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::ink::Ink;
use crate::console::widgets::ink::Line;
use crate::i18n::ToText;
use crate::text;
use crate::text::age;

pub fn draw(canvas: &mut Canvas<'_>, state: &State, confirm: &ReplayConfirm, area: Rect, placed: &mut Placed) {
    let (lang, replay) = (state.lang, &confirm.replay);
    let width = area.width.saturating_sub(8).min(80);
    let mut lines: Vec<Line> = Vec::new();
    let mut field = |name: &str, value: &str, ink: Ink| DIALOG.field(&mut lines, name, value, ink, usize::from(width));
    field(&lang.t("replay-to-host"), &replay.host(), Ink::Strong);
    field(&lang.t("events-replay-to"), replay.url(), Ink::Plain);
    let sizes: [(&str, &dyn ToText); 2] = [("headers", &replay.headers()), ("bytes", &grouped(replay.bytes() as u64))];
    field(&lang.t("replay-what"), &lang.tr("replay-sizes", &sizes), Ink::Plain);
    field(&lang.t("events-column-received"), &age::exact(confirm.sent_at), Ink::Plain);
    lines.push(Line::new());
    let stale = text::wrap(&lang.t("replay-stale"), usize::from(width));
    lines.extend(stale.into_iter().map(|line| vec![(line, Ink::Faint)]));
    if state.account().is_some_and(|account| account.read_only) {
        let notice = text::wrap(&lang.t("replay-read-only"), usize::from(width));
        lines.extend(notice.into_iter().map(|line| vec![(line, Ink::Faint)]));
    }
    let notice = (!replay.is_local()).then(|| lang.t("replay-leaves").into_owned());
    let label = |host: &str| lang.tr("replay-type", &[("host", &host)]);
    let asked = Asked { consent: &confirm.consent, label: &label, notice, ready: confirm.consent.given() };
    sheet(canvas, state, &lang.t("replay-title"), &lines, &asked, (area, width), placed);
}
