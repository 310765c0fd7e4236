//! A saved message: headers and body of a notification or an answer.

use crate::crypto::SignatureHeaders;

const MOST_HEADERS: usize = 128;

/// A saved message.
pub(super) struct HttpMessage {
    pub headers: SignatureHeaders,
    pub body: Vec<u8>,
    pub is_answer: bool,
    /// The message's `Content-Length` and the actual length, if they differ.
    pub length_differs: Option<(usize, usize)>,
}

impl HttpMessage {
    /// Reads a message: a first line, which may be missing, the headers, an empty line, and the body.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')? + 1;
        let first = String::from_utf8_lossy(&bytes[..end]);
        let is_answer = first.starts_with("HTTP/");
        let rest = if is_answer || first.contains(" HTTP/") { &bytes[end..] } else { bytes };
        let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let httparse::Status::Complete((head, found)) = httparse::parse_headers(rest, &mut slots).ok()? else {
            return None;
        };
        let header = |name: &str| {
            let header = found.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok()
        };
        let kept = &rest[head..];
        // Editors and shells end a file with a line break, which JSON as WeChat Pay writes it never does.
        let trimmed = kept.trim_ascii_end();
        let declared: Option<usize> = header("Content-Length").and_then(|length| length.trim().parse().ok());
        let (mut body, mut length_differs) = (trimmed, None);
        if let Some(declared) = declared {
            match kept.split_at_checked(declared) {
                Some((whole, after)) if after.trim_ascii().is_empty() => body = whole,
                _ => length_differs = Some((declared, trimmed.len())),
            }
        }
        Some(Self { headers: SignatureHeaders::collect(header), body: body.to_vec(), is_answer, length_differs })
    }

    /// Whether it is a notification of APIv2, which is XML.
    pub(super) fn is_v2(&self) -> bool {
        let body = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body).trim_ascii_start();
        body.starts_with(b"<xml") || body.starts_with(b"<?xml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_what_was_signed_with_or_without_a_first_line_or_a_line_break_at_its_end() {
        let head = "Content-Type: application/json\r\nwechatpay-timestamp: 7\r\n";
        for first in ["", "POST /notify HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n"] {
            for (length, end) in
                [("", ""), ("", "\n"), ("Content-Length: 2\r\n", ""), ("Content-Length: 2\r\n", "\r\n\n")]
            {
                let text = format!("{first}{head}{length}\r\n{{}}{end}");
                for text in [text.clone(), text.replace("\r\n", "\n")] {
                    let message = HttpMessage::parse(text.as_bytes()).unwrap();
                    assert_eq!((message.body.as_slice(), message.is_answer), (&b"{}"[..], first.starts_with("HTTP/")));
                    assert_eq!(message.headers.timestamp.as_deref(), Some("7"));
                    assert_eq!(message.length_differs, None);
                }
            }
        }
        assert!(HttpMessage::parse(b"{}").is_none());
        assert!(HttpMessage::parse(b"no message\n\n{}").is_none());
    }

    #[test]
    fn a_length_that_differs_is_noted() {
        for (declared, body, differs) in [(2, "{}", None), (3, "{}", Some((3, 2))), (1, "{}\n", Some((1, 2)))] {
            let text = format!("Content-Length: {declared}\r\n\r\n{body}");
            assert_eq!(HttpMessage::parse(text.as_bytes()).unwrap().length_differs, differs, "{text}");
        }
    }

    #[test]
    fn xml_is_a_notification_of_version_2() {
        for (body, v2) in [("<xml><a/></xml>", true), ("\u{feff}<?xml version=\"1.0\"?>", true), ("{}", false)] {
            assert_eq!(HttpMessage::parse(format!("A: b\n\n{body}").as_bytes()).unwrap().is_v2(), v2, "{body}");
        }
    }
}
