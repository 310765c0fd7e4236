//! The hint bar: the keys that work here, most important first. A hint is shown whole or not at all, and a click on it
//! presses its key.

use ratatui::layout::Rect;

use crate::console::app::command::{Command, ENTER, ESC, NotReady, within};
use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::keys::Key;
use crate::console::app::room::hides_dialog;
use crate::console::app::state::AppState;
use crate::console::dialogs::scopes::CONFIRM;
use crate::console::widgets::canvas::Canvas;
use crate::text;

/// The space between two hints.
const GAP: u16 = 2;
/// Stands for the hints that do not fit.
const MORE: &str = "…";

/// The command that explains all others: it is shown wherever it works.
const HELP: &str = "help";

/// One hint.
struct Hint {
    command: Command,
    key: Key,
    keys: String,
    label: String,
    ready: bool,
}

impl Hint {
    fn width(&self) -> u16 {
        (text::width(&self.keys) + 1 + text::width(&self.label)) as u16
    }
}

/// The hints of the scope that has the keys, in their order.
fn hints(state: &AppState) -> Vec<Hint> {
    // Without an account few commands work; only those are shown.
    let opened = state.account().is_some();
    // A dialog that has no room can only be closed.
    let closing = state.bound(ESC);
    let works = |command: &Command| !hides_dialog(state) || closing.is_some_and(|key| command.keys.contains(&key));
    let offered =
        |command: &&Command| command.rank(state) > 0 && works(command) && (opened || (command.ready)(state).is_ok());
    let mut commands: Vec<&Command> = within(&state.commands, state.scope()).filter(offered).collect();
    commands.sort_by_key(|command| command.rank(state));
    let hint = |command: &Command| {
        let key = *command.keys.first()?;
        // A command that waits for the ledger is about to run, so it is drawn as ready.
        let ready = matches!((command.ready)(state), Ok(()) | Err(NotReady::Wait));
        Some(Hint { command: *command, key, keys: key.to_string(), label: command.label(state), ready })
    };
    commands.into_iter().filter_map(hint).collect()
}

/// How many of these widths fit side by side, with room for the mark if not all do.
fn fitting(widths: &[u16], room: u16) -> usize {
    let taken = |count: usize| widths[..count].iter().map(|width| width + GAP).sum::<u16>();
    if taken(widths.len()).saturating_sub(GAP) <= room {
        return widths.len();
    }
    (0..widths.len()).rev().find(|count| taken(*count) + text::width(MORE) as u16 <= room).unwrap_or(0)
}

/// Which of them are shown: as many as fit, and the one for the help.
fn shown(hints: &[Hint], widths: &[u16], room: u16) -> Vec<usize> {
    let fit = fitting(widths, room);
    let help = hints.iter().position(|hint| hint.command.id == HELP).filter(|help| *help >= fit);
    match help {
        Some(help) => {
            let others = fitting(widths, room.saturating_sub(widths[help] + GAP)).min(help);
            (0..others).chain([help]).collect()
        }
        None => (0..fit).collect(),
    }
}

/// Draws the hints in a line.
pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, y: u16, width: u16, layout: &mut FrameLayout) {
    let hints = hints(state);
    let widths: Vec<u16> = hints.iter().map(Hint::width).collect();
    let room = width.saturating_sub(2);
    let shown = shown(&hints, &widths, room);
    let (accent, faint) = (canvas.styles.accent(), canvas.styles.faint());
    let mut x = 1;
    for (hint, width) in shown.iter().map(|at| (&hints[*at], &widths[*at])) {
        let used = canvas.put(x, y, room, &hint.keys, if hint.ready { accent } else { faint });
        canvas.put(x + used + 1, y, room, &hint.label, faint);
        // One click never confirms.
        if hint.command.scope != CONFIRM || hint.key != ENTER {
            layout.hit(Rect { x, y, width: *width, height: 1 }, Target::Key(hint.key));
        }
        x += width + GAP;
    }
    if shown.len() < hints.len() {
        canvas.put(x, y, 1, MORE, faint);
        if let Some(key) = within(&state.commands, state.scope()).find(|command| command.id == HELP) {
            let key = key.keys.first().copied();
            key.into_iter().for_each(|key| layout.hit(Rect { x, y, width: 1, height: 1 }, Target::Key(key)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::app::effect::Effect;
    use crate::console::app::msg::Msg;
    use crate::console::app::view;
    use crate::console::dialogs::state::Dialog;
    use crate::console::tests::fixture::{Console, after, open, operation_on_top};
    use crate::console::tests::screen::picture;
    use crate::i18n::Lang;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn layout(console: &Console) -> FrameLayout {
        let mut terminal = Terminal::new(TestBackend::new(console.size.0, console.size.1)).unwrap();
        let mut layout = FrameLayout::default();
        terminal.draw(|frame| layout = view::draw(console, &FrameLayout::default(), frame)).unwrap();
        layout
    }

    /// Clicks on the hint with this key.
    fn click(console: &mut Console, key: &str) -> Option<Vec<Effect>> {
        let layout = layout(console);
        let y = console.size.1 - 1;
        let line: Vec<char> = picture(console).lines().last().unwrap().chars().collect();
        let hint = (0..line.len()).filter_map(|x| layout.target(x as u16, y)).find(|target| match target {
            Target::Key(found) => found.to_string() == key,
            _ => false,
        })?;
        Some(console.step(Msg::Click { target: hint, double: false }))
    }

    #[test]
    fn hints_are_whole_and_a_mark_says_that_there_are_more() {
        assert_eq!(fitting(&[5, 5, 5], 19), 3);
        assert_eq!(fitting(&[5, 5, 5], 18), 2);
        assert_eq!(fitting(&[5, 5, 5], 14), 1);
        assert_eq!(fitting(&[5, 5, 5], 7), 0);
        assert_eq!(fitting(&[], 0), 0);
        for lang in [Lang::En, Lang::ZhCn] {
            for keys in ["", "<Enter>", "t", "9", "7", "a", "a<Enter>", "1n", ":", "7n"] {
                for width in (60..200).step_by(7) {
                    let console = after(open(lang, (width, 24)), keys);
                    let picture = picture(&console);
                    let line = picture.lines().last().unwrap();
                    let hints = hints(&console);
                    let whole: Vec<String> = hints.iter().map(|hint| format!("{} {}", hint.keys, hint.label)).collect();
                    let mut rest = line.trim();
                    let help = hints.iter().position(|hint| hint.command.id == HELP).map(|at| whole[at].clone());
                    assert!(help.as_ref().is_none_or(|help| rest.contains(help.as_str())), "{keys} at {width}: {line}");
                    for hint in &whole {
                        match rest.strip_prefix(hint.as_str()) {
                            Some(after) => rest = after.trim_start(),
                            None => break,
                        }
                    }
                    rest = help.and_then(|help| rest.strip_prefix(help.as_str())).unwrap_or(rest).trim_start();
                    assert!(rest.is_empty() || rest == MORE, "{keys} at {width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_click_on_a_hint_presses_its_key() {
        let mut console = open(Lang::En, (120, 40));
        click(&mut console, "a").unwrap();
        assert_eq!(console.view.dialogs.len(), 1);
        click(&mut console, "⏎").unwrap();
        assert!(matches!(console.view.dialogs[..], [Dialog::Form(_)]));
        click(&mut console, "Esc").unwrap();
        assert_eq!(console.view.dialogs.len(), 0);
        assert!(click(&mut console, "no such key").is_none());
    }

    #[test]
    fn one_click_on_the_hints_never_confirms() {
        let mut console = after(open(Lang::En, (120, 40)), "a<Enter><Enter>");
        assert!(operation_on_top(&console).is_some());
        assert!(click(&mut console, "⏎").is_none());
        click(&mut console, "Esc").unwrap();
        assert!(operation_on_top(&console).is_none());
    }
}
