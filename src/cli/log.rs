//! The diagnostics that are written to standard error or a file. Either is read in a terminal, and what is written may
//! quote unverified pages: control sequences are neutralised here, in one place, when a line is written.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use crate::text::neutralise;

/// Makes writers whose lines are harmless.
pub(super) struct Harmless<M>(pub M);

/// A writer that is given whole lines.
pub(super) struct LogLines<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Harmless<M> {
    type Writer = LogLines<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        LogLines(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Self::Writer {
        LogLines(self.0.make_writer_for(meta))
    }
}

impl<W: Write> Write for LogLines<W> {
    /// An event is one write that ends with a line break; any other line break is part of quoted text, and would look
    /// like another event.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        self.0.write_all(format!("{}\n", neutralise(line)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A sink that can be read afterwards.
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_that_is_logged_is_obeyed_by_a_terminal_wherever_in_the_event_it_stands() {
        let sink = Sink::default();
        let made = sink.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(Harmless(move || made.clone())).finish();
        let evil = "\x1b]0;owned\x07\x1b[2J\u{9b}31m\u{202e}99\r\nERROR forged\ttab";
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(error = %evil, text = evil, debug = ?evil, "{evil}");
            let span = tracing::error_span!("span", %evil);
            span.in_scope(|| tracing::error!("plain 中文"));
        });
        let written = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(written.lines().count(), 2, "{written}");
        let obeyed = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{9b}' | '\u{202e}');
        assert!(!written.contains(obeyed), "{written:?}");
        assert!(written.contains("forged") && written.contains("plain 中文"), "{written}");
    }
}
