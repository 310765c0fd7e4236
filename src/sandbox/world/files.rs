//! Files that are downloaded by a short-lived link: bills, and the flow files of coupon stocks (transactions reference
//! §9.2).

use std::collections::HashMap;
use std::io::Read;

use axum::body::Bytes;
use flate2::Compression;
use flate2::read::GzEncoder;

use super::{Call, World};
use crate::model::bill::sha1_hex;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::world::numbers::NumberSource as _;

/// How long a link is valid.
const LINK_LIFE: Duration = Duration::seconds(30);

/// The files on offer, by token.
#[derive(Debug, Default)]
pub(super) struct Files {
    base_url: String,
    offered: HashMap<String, Offered>,
}

#[derive(Debug)]
struct Offered {
    bytes: Bytes,
    content_type: &'static str,
    until: Timestamp,
}

/// The URL of a file, and the SHA-1 of its uncompressed bytes.
#[derive(Debug)]
pub(super) struct FileLink {
    pub(super) url: String,
    pub(super) sha1: String,
}

/// The answer to a token that has expired or never existed.
pub(in crate::sandbox) fn expired_link() -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, "下载链接已失效，请重新获取", "the link has expired; ask for another")
}

impl World {
    /// Sets the host of the links.
    pub(in crate::sandbox) fn serve_files_from(&mut self, base_url: &str) {
        base_url.clone_into(&mut self.files.base_url);
    }

    /// Offers a file for the life of a link; if `packed`, as gzip.
    pub(super) fn offer_file(
        &mut self,
        plain: Vec<u8>,
        packed: bool,
        now: Timestamp,
    ) -> Result<FileLink, SandboxRefusal> {
        let sha1 = sha1_hex(&plain);
        let token = self.rng.token(48);
        let mut url = format!("{}/v3/billdownload/file?token={token}", self.files.base_url);
        let offered = if packed {
            url.push_str("&tartype=gzip");
            let mut bytes = Vec::new();
            let read = GzEncoder::new(&plain[..], Compression::default()).read_to_end(&mut bytes);
            read.map_err(|_| SandboxRefusal::new(Code::SystemError, "系统错误", "system error"))?;
            Offered { bytes: bytes.into(), content_type: "application/x-gzip", until: now + LINK_LIFE }
        } else {
            Offered { bytes: plain.into(), content_type: "text/plain", until: now + LINK_LIFE }
        };
        self.files.offered.retain(|_, offered| now < offered.until);
        self.files.offered.insert(token, offered);
        Ok(FileLink { url, sha1 })
    }

    pub(super) fn download_file(&self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let token = call.query().text("token", 2048)?;
        let offered = self.files.offered.get(token).filter(|offered| now < offered.until).ok_or_else(expired_link)?;
        Ok(Answer::File { bytes: offered.bytes.clone(), content_type: offered.content_type })
    }
}
