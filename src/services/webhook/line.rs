//! A connection that records when the current request began.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::sync::lock;

/// When the first byte of the current request arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstByte(Arc<Mutex<Option<Instant>>>);

impl FirstByte {
    /// For a request that arrived together with the one before it, the time is now.
    pub(super) fn get(&self) -> Instant {
        *lock(&self.0).get_or_insert_with(Instant::now)
    }

    /// The current request is answered; what is read next belongs to another.
    pub(super) fn clear(&self) {
        *lock(&self.0) = None;
    }
}

pub(crate) struct ListenerLine {
    pub stream: TcpStream,
    pub first_byte: FirstByte,
}

impl AsyncRead for ListenerLine {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.first_byte.get();
        }
        read
    }
}

impl AsyncWrite for ListenerLine {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
