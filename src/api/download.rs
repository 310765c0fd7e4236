//! Files: bills, and the flow files of coupon stocks. A signed answer gives a link and a hash; the link gives the
//! bytes. The file is the one answer that WeChat Pay never signs (protocol reference §5), so exactly one path is
//! exempt from the signature, `/v3/billdownload/file`, and the hash out of the signed answer takes its place: nothing
//! of a file is used before all of it has been compared with it.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use reqwest::Url;
use serde_json::Value;
use sha1::{Digest, Sha1};
use tokio::sync::mpsc;

use super::transport::{Arrived, FileBody};
use super::{ApiError, Client, Reply, RequestFailure, Untrusted, retry};
use crate::model::{Document, DocumentError, EndpointId};

/// The link to a file, and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLink {
    pub(super) url: Url,
    /// SHA-1 of the unpacked bytes, in lower-case hexadecimal.
    pub sha1: String,
}

/// A written file that matches its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Bytes of the unpacked file.
    pub bytes: u64,
    pub sha1: String,
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It could not be written.
    #[error("the file cannot be written")]
    File(#[from] io::Error),
}

/// The maximum number of links requested: one may expire while it is used, or its connection may break.
const LINKS: u32 = 3;
/// Parts of a file that may wait between the network and the disk.
const PARTS: usize = 16;
/// Bytes of an unpacked file. A million rows are some 300 MB; a small file that unpacks without end must not fill the
/// disk.
const LONGEST: u64 = 8 << 30;

impl Client {
    /// Requests the link to a file. The answer is signed; only links to WeChat Pay or to this profile's own host are
    /// followed.
    pub async fn bill_link(&self, endpoint: EndpointId, target: &str) -> Result<FileLink, ApiError> {
        let reply = self.call(endpoint, target, "").await?;
        self.read_link(&reply)
    }

    fn read_link(&self, reply: &Reply) -> Result<FileLink, ApiError> {
        let request_id = || reply.request_id.clone();
        let unreadable = |source| ApiError::Unreadable { source, request_id: request_id() };
        let missing = |field| unreadable(DocumentError::Missing(field));
        let value: Value = serde_json::from_str(&reply.body).map_err(|error| unreadable(error.into()))?;
        let document = Document::new(&value);
        let untrusted =
            |found: String| ApiError::Untrusted { reason: Untrusted::Link { found }, request_id: request_id() };
        let text = document.text("download_url").or(document.text("url")).ok_or_else(|| missing("download_url"))?;
        let sha1 = document.text("hash_value").ok_or_else(|| missing("hash_value"))?.trim().to_ascii_lowercase();
        let kind = document.text("hash_type").unwrap_or_else(|| "SHA1".to_owned());
        // Another hash could not be checked, and an unchecked file is not used.
        if !["SHA1", "SHA-1"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(untrusted(kind));
        }
        let url = Url::parse(&text).map_err(|_| untrusted(String::new()))?;
        // The token gives access to the file and is never shown.
        let shown = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
        let leads_to_a_file = url.path() == EndpointId::BillDownload.endpoint().path;
        let url = self.transport().file_url(url).filter(|_| leads_to_a_file).ok_or_else(|| untrusted(shown))?;
        Ok(FileLink { url, sha1 })
    }

    /// Writes the file behind a link, unpacked, from the start of `file` on. Its contents must not be used unless this
    /// succeeds. `progress` is called with the number of bytes received.
    pub async fn download(
        &self,
        link: &FileLink,
        file: &File,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Fetched, DownloadError> {
        let mut file = file.try_clone()?;
        file.set_len(0)?;
        file.rewind()?;
        let (body, request_id) = match self.open_file(&link.url).await? {
            Arrived::File(body, request_id) => (body, request_id),
            Arrived::Answer(answer) => return Err(self.refused_file(answer).await.into()),
        };
        let (parts, incoming) = mpsc::channel(PARTS);
        let writing = tokio::task::spawn_blocking(move || write(file, incoming));
        let received = receive(body, parts, progress).await;
        let written = writing.await.map_err(|error| DownloadError::File(io::Error::other(error)))?;
        // A broken transfer explains more than an error in unpacking its beginning; a full disk more than both.
        let written = match (received, written) {
            (_, Err(WriteFailure::File(error))) => return Err(error.into()),
            (Err(failure), _) => return Err(ApiError::Unreachable(failure).into()),
            (Ok(()), written) => written,
        };
        let untrusted = |reason| DownloadError::Api(ApiError::Untrusted { reason, request_id });
        match written {
            Ok(written) if written.sha1 == link.sha1 => Ok(written),
            Ok(written) => Err(untrusted(Untrusted::Hash { expected: link.sha1.clone(), found: written.sha1 })),
            Err(WriteFailure::Packed(error)) => Err(untrusted(Untrusted::Packed(error.into()))),
            Err(WriteFailure::TooLong) => {
                let limit = usize::try_from(LONGEST).unwrap_or(usize::MAX);
                Err(ApiError::Unreachable(RequestFailure::TooLarge { limit }).into())
            }
            Err(WriteFailure::File(error)) => Err(error.into()),
        }
    }

    /// Fetches a file: requests the link, downloads and compares the hash. After an expired link or a broken transfer
    /// it starts again with another link.
    pub(crate) async fn fetch_file(
        &self,
        endpoint: EndpointId,
        target: &str,
        file: &File,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Fetched, DownloadError> {
        let mut attempt = 1;
        loop {
            let link = self.bill_link(endpoint, target).await?;
            let error = match self.download(&link, file, progress).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            let DownloadError::Api(api) = &error else { return Err(error) };
            let pause = match api {
                ApiError::Refused(refusal) if matches!(refusal.status, 400 | 403) => Duration::ZERO,
                api => match retry::pause(api, false, attempt.min(2), rand::random()) {
                    Some(pause) => pause,
                    // A transfer may break more than once, because it is longer than any other answer.
                    None if matches!(
                        api,
                        ApiError::Unreachable(RequestFailure::Broken(_) | RequestFailure::Timeout { .. })
                    ) =>
                    {
                        Duration::from_millis(500)
                    }
                    None => return Err(error),
                },
            };
            if attempt == LINKS {
                return Err(error);
            }
            tracing::debug!(%error, attempt, "asking for another link");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

/// Passes the parts on as they arrive.
async fn receive(
    mut body: FileBody,
    parts: mpsc::Sender<Vec<u8>>,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), RequestFailure> {
    let mut received = 0;
    while let Some(part) = body.part().await? {
        received += part.len() as u64;
        progress(received);
        if parts.send(part).await.is_err() {
            // The writer has stopped and reports why.
            break;
        }
    }
    Ok(())
}

/// Why a file was not written.
#[derive(Debug)]
enum WriteFailure {
    File(io::Error),
    /// It begins as gzip but is not valid gzip.
    Packed(io::Error),
    TooLong,
}

/// Writes the incoming bytes, unpacked, and hashes what it writes.
fn write(file: File, mut incoming: mpsc::Receiver<Vec<u8>>) -> Result<Fetched, WriteFailure> {
    let mut sink = Sink::Undecided(Vec::new(), Hashing::new(file));
    while let Some(part) = incoming.blocking_recv() {
        sink = sink.take(&part)?;
    }
    sink.finish()
}

/// Whether the bytes are packed: headers do not show it reliably, the first two bytes do.
enum Sink {
    Undecided(Vec<u8>, Hashing),
    Plain(Hashing),
    Packed(Box<MultiGzDecoder<Hashing>>),
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Sink {
    fn take(self, part: &[u8]) -> Result<Self, WriteFailure> {
        match self {
            Self::Undecided(mut first, hashing) => {
                first.extend_from_slice(part);
                if first.len() < GZIP.len() {
                    return Ok(Self::Undecided(first, hashing));
                }
                let decided = match first.starts_with(&GZIP) {
                    true => Self::Packed(Box::new(MultiGzDecoder::new(hashing))),
                    false => Self::Plain(hashing),
                };
                decided.take(&first)
            }
            Self::Plain(mut hashing) => {
                hashing.write_all(part).map_err(|error| hashing.why(error))?;
                Ok(Self::Plain(hashing))
            }
            Self::Packed(mut decoder) => {
                decoder.write_all(part).map_err(|error| decoder.get_ref().why(error))?;
                Ok(Self::Packed(decoder))
            }
        }
    }

    fn finish(self) -> Result<Fetched, WriteFailure> {
        match self {
            Self::Undecided(first, mut hashing) => {
                hashing.write_all(&first).map_err(|error| hashing.why(error))?;
                hashing.finish()
            }
            Self::Plain(hashing) => hashing.finish(),
            Self::Packed(mut decoder) => {
                decoder.try_finish().map_err(|error| decoder.get_ref().why(error))?;
                decoder.finish().map_err(WriteFailure::Packed)?.finish()
            }
        }
    }
}

/// A file and the hash of what was written to it.
struct Hashing {
    file: BufWriter<File>,
    sha1: Sha1,
    written: u64,
    failed: Option<Failed>,
}

/// A local failure, as opposed to one in the received bytes.
#[derive(Clone, Copy)]
enum Failed {
    File,
    TooLong,
}

impl Hashing {
    fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, file), sha1: Sha1::new(), written: 0, failed: None }
    }

    fn why(&self, error: io::Error) -> WriteFailure {
        match self.failed {
            Some(Failed::File) => WriteFailure::File(error),
            Some(Failed::TooLong) => WriteFailure::TooLong,
            None => WriteFailure::Packed(error),
        }
    }

    fn finish(self) -> Result<Fetched, WriteFailure> {
        let file = self.file.into_inner().map_err(|error| WriteFailure::File(error.into_error()))?;
        // The file is renamed after this, so that a power cut does not leave a name without its bytes.
        file.sync_all().map_err(WriteFailure::File)?;
        let sha1 = self.sha1.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Fetched { bytes: self.written, sha1 })
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written + bytes.len() as u64 > LONGEST {
            self.failed = Some(Failed::TooLong);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.file.write_all(bytes).inspect_err(|_| self.failed = Some(Failed::File))?;
        self.sha1.update(bytes);
        self.written += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().inspect_err(|_| self.failed = Some(Failed::File))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bill::{sha1_hex, unpack};
    use flate2::Compression;
    use flate2::read::GzEncoder;
    use proptest::prelude::*;
    use std::io::Read;

    fn written(parts: &[&[u8]]) -> (Result<Fetched, WriteFailure>, Vec<u8>) {
        let mut file = tempfile::tempfile().unwrap();
        let mut sink = Ok(Sink::Undecided(Vec::new(), Hashing::new(file.try_clone().unwrap())));
        for part in parts {
            sink = sink.and_then(|sink| sink.take(part));
        }
        let result = sink.and_then(Sink::finish);
        file.rewind().unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (result, bytes)
    }

    #[test]
    fn packed_bytes_that_are_cut_short_or_altered_are_no_file() {
        let mut packed = Vec::new();
        GzEncoder::new(&[b'x'; 4000][..], Compression::default()).read_to_end(&mut packed).unwrap();
        assert!(matches!(written(&[&packed[..packed.len() - 3]]).0, Err(WriteFailure::Packed(_))));
        let last = packed.len() - 6;
        packed[last] ^= 1;
        assert!(matches!(written(&[&packed]).0, Err(WriteFailure::Packed(_))));
        assert_eq!(written(&[]).0.unwrap().bytes, 0);
        assert_eq!(written(&[b"\x1f"]).1, b"\x1f");
    }

    proptest! {
        #[test]
        fn however_it_is_cut_up_a_file_comes_out_as_it_went_in(
            plain in proptest::collection::vec(any::<u8>(), 0..4000),
            packed: bool,
            size in 1usize..700,
        ) {
            // A file that begins as gzip after unpacking is not a bill.
            prop_assume!(!plain.starts_with(&GZIP));
            let mut bytes = plain.clone();
            if packed {
                bytes.clear();
                GzEncoder::new(&plain[..], Compression::fast()).read_to_end(&mut bytes).unwrap();
            }
            let (fetched, found) = written(&bytes.chunks(size).collect::<Vec<_>>());
            let fetched = fetched.unwrap();
            prop_assert_eq!(&found, &plain);
            prop_assert_eq!(fetched.bytes, plain.len() as u64);
            prop_assert_eq!(&fetched.sha1, &sha1_hex(&plain));
            prop_assert!(*unpack(&bytes).unwrap() == plain[..]);
        }
    }
}
