//! Draws the preview of a replay.

use crate::console::widgets::frame::DIALOG;
use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::view::{ConfirmPrompt, sheet};
use crate::console::dialogs::state::ReplayConfirm;
use crate::console::tabs::inbox::view::words::grouped;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::Role;
use crate::text;
use crate::text::age;

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    confirm: &ReplayConfirm,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let (lang, replay) = (state.lang, &confirm.replay);
    let width = area.width.saturating_sub(8).min(80);
    let mut lines: Vec<Line> = Vec::new();
    let mut field =
        |name: &str, value: &str, role: Role| DIALOG.field(&mut lines, name, value, role, usize::from(width));
    field(&lang.t("replay-to-host"), &replay.host(), Role::Strong);
    field(&lang.t("events-replay-to"), replay.url(), Role::Plain);
    field(
        &lang.t("replay-what"),
        &tr!(lang, "replay-sizes", headers = replay.headers(), bytes = grouped(replay.bytes() as u64)),
        Role::Plain,
    );
    field(&lang.t("events-column-received"), &age::exact(confirm.sent_at), Role::Plain);
    lines.push(Line::new());
    let stale = text::wrap(&lang.t("replay-stale"), usize::from(width));
    lines.extend(stale.into_iter().map(|line| vec![(line, Role::Faint)]));
    if state.account().is_some_and(|account| account.read_only) {
        let notice = text::wrap(&lang.t("replay-read-only"), usize::from(width));
        lines.extend(notice.into_iter().map(|line| vec![(line, Role::Faint)]));
    }
    let notice = (!replay.is_local()).then(|| lang.t("replay-leaves"));
    let label = |host: &str| tr!(lang, "replay-type", host = host);
    let asked = ConfirmPrompt {
        confirm_input: &confirm.confirm_input,
        label: &label,
        barred: None,
        notice,
        button: None,
        ready: confirm.confirm_input.given(),
    };
    sheet(canvas, state, &lang.t("replay-title"), &lines, &asked, (area, width), layout);
}
