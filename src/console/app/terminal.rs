//! The terminal: set up for the console, and restored however the console ends.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::rc::Rc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;
use ratatui::{Frame, Terminal};

use crate::console::ConsoleError;
use crate::console::app::bell::Bell;

/// True while the terminal's modes are changed, so that they are restored exactly once.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The screen that the console draws on.
pub(crate) trait TerminalSurface {
    /// Draws one frame, which appears at once.
    fn draw(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;

    fn size(&self) -> (u16, u16);

    /// Puts a text on the clipboard, also through SSH (OSC 52).
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Rings, and shows a desktop notification if the terminal can (see [`crate::console::app::bell`]).
    fn ring(&mut self, text: &str) -> io::Result<()>;

    /// Takes the mouse, or leaves it to the terminal.
    fn take_mouse(&mut self, taken: bool) -> io::Result<()>;

    /// Redraws everything with the next frame: a terminal that was resized there and back may have lost its edges.
    fn forget(&mut self);

    /// Sets up the terminal again after it was restored, and forgets what was on it.
    fn retake(&mut self) -> io::Result<()>;
}

/// The terminal while it is set up. Dropping it restores it.
pub(crate) struct Screen {
    /// The terminal supports any colour; for others the nearest of 256 is used.
    true_color: bool,
    /// The content of the terminal is unknown: the next frame draws all of it.
    forgotten: bool,
    bell: Bell,
    /// The mouse is taken; else it is left to the terminal.
    mouse: bool,
    /// The bytes of the next frame.
    sheet: Sheet,
    terminal: Terminal<CrosstermBackend<Sheet>>,
}

/// Collects what is written until a frame is complete. The last frame is remembered: an identical one is not sent.
#[derive(Clone, Debug, Default)]
struct Sheet(Rc<RefCell<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    written: Vec<u8>,
    sent: Vec<u8>,
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: half a frame must not be visible.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sheet {
    /// Sends what was written, unless it equals the frame before. Positions are absolute and colours are reset first,
    /// so sending it twice would change nothing.
    fn send(&self, out: &mut impl Write) -> io::Result<()> {
        let Pages { written, sent } = &mut *self.0.borrow_mut();
        if written != sent {
            out.write_all(written)?;
            out.flush()?;
            std::mem::swap(written, sent);
        }
        written.clear();
        Ok(())
    }

    /// Sends the next frame in any case.
    fn forget(&self) {
        self.0.borrow_mut().sent.clear();
    }
}

impl Screen {
    pub(crate) fn take() -> Result<Self, ConsoleError> {
        // A terminal that cannot place the cursor cannot show a screen.
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if dumb || !stdout().is_terminal() || !stdin().is_terminal() {
            return Err(ConsoleError::NotATerminal);
        }
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            // The panic message must be printed to a terminal that can show it.
            let drawing = std::thread::current().id();
            std::panic::set_hook(Box::new(move |panic| {
                if std::thread::current().id() == drawing {
                    give_back();
                    report(panic);
                } else {
                    // The panic of a task does not end the console; its message would be printed into the screen.
                    tracing::error!(%panic, "a task panicked");
                }
            }));
        });
        take_modes(true)?;
        let sheet = Sheet::default();
        let terminal = Terminal::new(CrosstermBackend::new(sheet.clone()))?;
        let true_color = std::env::var("COLORTERM").is_ok_and(|value| matches!(value.as_str(), "truecolor" | "24bit"));
        let bell = Bell::of(|name| std::env::var(name).ok());
        Ok(Self { true_color, forgotten: false, bell, mouse: true, sheet, terminal })
    }
}

impl TerminalSurface for Screen {
    fn draw(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.forgotten) {
            // `clear` would query the position of the cursor and wait for an answer that may never come.
            self.sheet.forget();
            let size = self.terminal.size()?;
            self.terminal.resize(Rect::from((Position::ORIGIN, size)))?;
        }
        let true_color = self.true_color;
        self.terminal.draw(|frame| {
            draw(frame);
            if !true_color {
                for cell in &mut frame.buffer_mut().content {
                    (cell.fg, cell.bg) = (nearest(cell.fg), nearest(cell.bg));
                }
            }
        })?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.sheet.send(&mut stdout())
    }

    fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut out = stdout();
        write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
        out.flush()
    }

    fn ring(&mut self, text: &str) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(self.bell.ring(text).as_bytes())?;
        out.flush()
    }

    fn take_mouse(&mut self, taken: bool) -> io::Result<()> {
        self.mouse = taken;
        if taken { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }

    fn forget(&mut self) {
        self.forgotten = true;
    }

    fn retake(&mut self) -> io::Result<()> {
        self.forget();
        take_modes(self.mouse)
    }
}

/// The nearest of the 256 colours that almost every terminal supports: greys from the ramp, others from the cube.
fn nearest(color: Color) -> Color {
    let Color::Rgb(r, g, b) = color else { return color };
    let (low, high) = (r.min(g).min(b), r.max(g).max(b));
    if high - low < 24 {
        let grey = (u16::from(low) + u16::from(high)) / 2;
        return Color::Indexed(232 + (grey.saturating_sub(8) / 10).min(23) as u8);
    }
    let step = |value: u8| if value < 48 { 0 } else { value.saturating_sub(35) / 40 };
    Color::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b))
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_modes(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
}

/// Restores the terminal. Errors are ignored: the terminal may be gone.
pub(crate) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(
            stdout(),
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            DisableMouseCapture,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_says_the_same_again_is_not_sent() {
        let (mut out, sheet) = (Vec::new(), Sheet::default());
        let area = Rect::new(0, 0, 20, 3);
        let viewport = ratatui::Viewport::Fixed(area);
        let options = ratatui::TerminalOptions { viewport };
        let mut terminal = Terminal::with_options(CrosstermBackend::new(sheet.clone()), options).unwrap();
        let mut draw = |text: &str, cursor: u16| {
            let _ = terminal.draw(|frame| {
                frame.render_widget(text, area);
                frame.set_cursor_position((cursor, 0));
            });
            out.clear();
            sheet.send(&mut out).unwrap();
            String::from_utf8(out.clone()).unwrap()
        };
        assert!(draw("one", 0).contains("one"));
        draw("one", 0);
        assert_eq!(draw("one", 0), "");
        assert!(draw("two", 0).contains("tw"));
        assert!(!draw("two", 1).is_empty(), "the cursor is elsewhere");
        assert!(!draw("two", 0).is_empty());
        sheet.forget();
        assert!(!draw("two", 0).is_empty());
    }

    #[test]
    fn colours_have_a_near_one_among_256() {
        assert_eq!(nearest(Color::Rgb(255, 255, 255)), Color::Indexed(255));
        assert_eq!(nearest(Color::Rgb(0x12, 0x16, 0x1b)), Color::Indexed(233));
        assert_eq!(nearest(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(nearest(Color::Reset), Color::Reset);
    }
}
