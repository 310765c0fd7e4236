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
use ratatui::{Frame, Terminal};

use crate::console::ConsoleError;
use crate::console::app::bell::Bell;
use crate::text;
use crate::text::terminal::{ColorDepth, TerminalLook};

/// True while the terminal's modes are changed, so that they are restored exactly once.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// The window has a title to set and to give back.
static TITLED: AtomicBool = AtomicBool::new(false);

/// Puts the title on the terminal's stack.
const SAVE_TITLE: &str = "\x1b[22;2t";
/// Clears the title for terminals without a stack, then takes back the one that was there.
const RESTORE_TITLE: &str = "\x1b]2;\x1b\\\x1b[23;2t";

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

    /// Sets the title of the window, unless it is that already.
    fn title(&mut self, text: &str) -> io::Result<()>;

    /// Redraws everything with the next frame: a terminal that was resized there and back may have lost its edges.
    fn forget(&mut self);

    /// Sets up the terminal again after it was restored, and forgets what was on it.
    fn retake(&mut self) -> io::Result<()>;
}

/// The terminal while it is set up. Dropping it restores it.
pub(crate) struct Screen {
    /// The content of the terminal is unknown: the next frame draws all of it.
    forgotten: bool,
    bell: Bell,
    /// The mouse is taken; else it is left to the terminal.
    mouse: bool,
    /// The title that the window has; `None` if it is unknown.
    title: Option<String>,
    /// The bytes of the next frame.
    sheet: Sheet,
    terminal: Terminal<CrosstermBackend<Sheet>>,
}

/// What every frame begins with.
const BEGIN: &[u8] = b"\x1b[?2026h";

/// Collects what is written until a frame is complete. The last frame is remembered: one that changes nothing is not
/// sent.
#[derive(Clone, Debug, Default)]
struct Sheet {
    pages: Rc<RefCell<Pages>>,
    colors: ColorDepth,
}

#[derive(Debug, Default)]
struct Pages {
    written: Vec<u8>,
    sent: Vec<u8>,
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pages.borrow_mut().written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: half a frame must not be visible.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sheet {
    fn new(colors: ColorDepth) -> Self {
        Self { pages: Rc::default(), colors }
    }

    /// Sends what was written, unless it is how the frame before ended: no cell then, and the cursor where it was.
    /// Positions are absolute and colours are reset first, so sending it again would change nothing.
    fn send(&self, out: &mut impl Write) -> io::Result<()> {
        let Pages { written, sent } = &mut *self.pages.borrow_mut();
        let changes = written.strip_prefix(BEGIN).unwrap_or(written);
        if !sent.ends_with(changes) {
            match self.colors {
                ColorDepth::Sixteen => out.write_all(&in_sixteen(written))?,
                _ => out.write_all(written)?,
            }
            out.flush()?;
            std::mem::swap(written, sent);
        }
        written.clear();
        Ok(())
    }

    /// Sends the next frame in any case.
    fn forget(&self) {
        self.pages.borrow_mut().sent.clear();
    }
}

/// The sequences of a frame in the form that terminals with sixteen colours know: the painter writes each colour as one
/// of 256.
fn in_sixteen(frame: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = rest.split_at(start + 2);
        result.extend_from_slice(before);
        let length = sequence.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        let (parameters, after) = sequence.split_at(length);
        match std::str::from_utf8(parameters) {
            Ok(text) if after.first() == Some(&b'm') => result.extend_from_slice(classic(text).as_bytes()),
            _ => result.extend_from_slice(parameters),
        }
        rest = after;
    }
    result.extend_from_slice(rest);
    result
}

/// The parameters of a style without those of 256 colours.
fn classic(parameters: &str) -> String {
    let all: Vec<u16> = parameters.split(';').map(|number| number.parse().unwrap_or(0)).collect();
    let mut result: Vec<String> = Vec::new();
    let mut rest = all.as_slice();
    loop {
        rest = match rest {
            [] => return result.join(";"),
            [ground @ (38 | 48), 5, color @ 0..=15, rest @ ..] => {
                let (base, bright) = if *ground == 38 { (30, 90) } else { (40, 100) };
                let code = if *color < 8 { base + color } else { bright + color - 8 };
                result.push(code.to_string());
                rest
            }
            // No such terminal has coloured underlines.
            [58, 5, _, rest @ ..] | [59, rest @ ..] => rest,
            [other, rest @ ..] => {
                result.push(other.to_string());
                rest
            }
        };
    }
}

impl Screen {
    pub(crate) fn take(surface: TerminalLook) -> Result<Self, ConsoleError> {
        if !stdout().is_terminal() || !stdin().is_terminal() {
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
        // These would print the sequence of a title.
        let term = std::env::var("TERM").unwrap_or_default();
        let plain = ["linux", "vt", "ansi", "cons", "dumb"].iter().any(|name| term.starts_with(name));
        TITLED.store(!plain, Ordering::SeqCst);
        let sheet = Sheet::new(surface.colors);
        let terminal = take_modes(true)
            .and_then(|()| Terminal::new(CrosstermBackend::new(sheet.clone())))
            // Nothing that is dropped restores it yet.
            .inspect_err(|_| give_back())?;
        let bell = Bell::of(|name| std::env::var(name).ok());
        Ok(Self { forgotten: false, bell, mouse: true, title: None, sheet, terminal })
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
        self.terminal.draw(|frame| draw(frame))?;
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

    fn title(&mut self, text: &str) -> io::Result<()> {
        if TITLED.load(Ordering::SeqCst) && self.title.as_deref() != Some(text) {
            let mut out = stdout();
            write!(out, "\x1b]2;{}\x1b\\", text::neutralise(text))?;
            out.flush()?;
            self.title = Some(text.to_owned());
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.forgotten = true;
    }

    fn retake(&mut self) -> io::Result<()> {
        self.forget();
        self.title = None;
        take_modes(self.mouse)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_modes(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    if TITLED.load(Ordering::SeqCst) {
        write!(stdout(), "{SAVE_TITLE}")?;
    }
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
}

/// Restores the terminal. Errors are ignored: the terminal may be gone.
pub(crate) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if TITLED.load(Ordering::SeqCst) {
            let _ = write!(stdout(), "{RESTORE_TITLE}");
        }
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
    fn every_frame_begins_alike() {
        let mut begun = Vec::new();
        queue!(begun, BeginSynchronizedUpdate).unwrap();
        assert_eq!(begun, BEGIN);
    }

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
        assert_eq!(draw("one", 0), "");
        assert_eq!(draw("one", 0), "");
        assert!(draw("two", 0).contains("tw"));
        assert!(!draw("two", 1).is_empty(), "the cursor is elsewhere");
        assert!(!draw("two", 0).is_empty());
        sheet.forget();
        assert!(!draw("two", 0).is_empty());
    }

    #[test]
    fn sixteen_colours_are_written_as_such_terminals_know_them() {
        let frame = b"\x1b[1;1H\x1b[38;5;12;48;5;4mwait\x1b[0;1mdone\x1b[38;5;9m\x1b[39m 38;5;9m";
        let expected = "\x1b[1;1H\x1b[94;44mwait\x1b[0;1mdone\x1b[91m\x1b[39m 38;5;9m";
        assert_eq!(String::from_utf8(in_sixteen(frame)).unwrap(), expected);
        assert_eq!(classic("38;5;200"), "38;5;200", "none of the sixteen");
        assert_eq!((classic("0"), classic("59"), classic("")), ("0".into(), String::new(), "0".into()));
    }
}
