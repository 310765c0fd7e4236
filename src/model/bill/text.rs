//! Reads the lines of a file, whatever program wrote it: UTF-8, UTF-16 or GBK, ended by LF, CR LF or CR alone. Files
//! that are not text are reported with their type, and a line that cannot be decoded is a fault of that line only.

use std::io::{self, BufRead, Chain, Cursor, Read};

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use super::{BillError, Why};

/// The encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[serde(rename = "UTF-8")]
    Utf8,
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
    /// GBK, which includes GB2312.
    #[serde(rename = "GB18030")]
    Gb18030,
}

impl Encoding {
    /// Its name, as in IANA's registry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Gb18030 => "GB18030",
        }
    }

    const fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    fn decode(self, bytes: &[u8]) -> Option<String> {
        let other = |encoding: &'static encoding_rs::Encoding| {
            encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
        };
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Utf16Le => other(UTF_16LE),
            Self::Utf16Be => other(UTF_16BE),
            Self::Gb18030 => other(GB18030),
        }
    }
}

/// A type of file that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    Zip,
    /// A workbook of Excel 2007 or later.
    Xlsx,
    /// A workbook of Excel, before 2007.
    Xls,
    Pdf,
    /// Compressed by something other than gzip or ZIP.
    Packed,
    /// It has bytes that do not occur in text.
    Binary,
}

impl Foreign {
    /// The stem of its message, also used in errors.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Pdf => "pdf",
            Self::Packed => "packed",
            Self::Binary => "binary",
        }
    }

    /// Detects the type by the first bytes of a file.
    fn of(start: &[u8]) -> Option<Self> {
        const ZIP: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
        const PACKED: [&[u8]; 5] = [b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"];
        let begins = |magic: &&[u8]| start.starts_with(magic);
        let holds = |name: &[u8]| start.windows(name.len()).any(|found| found == name);
        if ZIP.iter().any(begins) {
            let workbook = holds(b"[Content_Types].xml") || holds(b"xl/");
            return Some(if workbook { Self::Xlsx } else { Self::Zip });
        }
        if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
            return Some(Self::Xls);
        }
        if start.starts_with(b"%PDF") {
            return Some(Self::Pdf);
        }
        if PACKED.iter().any(begins) {
            return Some(Self::Packed);
        }
        // A single control character does not make a file binary; files that are not text have many of these.
        let control = |byte: &&u8| matches!(byte, 0..=8 | 14..=26 | 28..=31);
        (start.iter().filter(control).count() * 32 > start.len()).then_some(Self::Binary)
    }
}

/// A line of a file.
#[derive(Debug)]
pub struct BillLine {
    /// Counted from 1.
    pub number: u64,
    /// Without its end and without a byte-order mark.
    pub text: Result<String, Why>,
}

/// The longest line in bytes: more than any row or document. The rest of a longer one is skipped without being held.
pub const LONGEST_LINE: usize = 1 << 20;
/// How many bytes are read to detect the encoding.
const LOOKED_AT: u64 = 64 << 10;

/// The format of a file's lines and the position in it: reading can continue from here.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// Unknown while everything read is ASCII.
    encoding: Option<Encoding>,
    /// Lines end with CR alone.
    cr: bool,
    /// The number of lines read.
    pub line: u64,
    /// The byte offset of the next line.
    pub at: u64,
}

/// A file being read line by line.
#[derive(Debug)]
pub struct BillLines<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    reached: Reached,
}

impl<R: BufRead> BillLines<R> {
    /// Detects the format from the start of a file, which must be uncompressed.
    pub fn open(mut input: R) -> Result<Self, BillError> {
        let mut start = Vec::new();
        input.by_ref().take(LOOKED_AT).read_to_end(&mut start)?;
        let marked = match &start[..] {
            [0xef, 0xbb, 0xbf, ..] => Some(Encoding::Utf8),
            [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
            [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
            _ => None,
        };
        if !marked.is_some_and(Encoding::is_wide)
            && let Some(foreign) = Foreign::of(&start)
        {
            return Err(BillError::Foreign(foreign));
        }
        let encoding = marked.or_else(|| guessed(&start, (start.len() as u64) < LOOKED_AT));
        let cr = ends_with_cr(&start, encoding);
        Ok(Self::resume(Cursor::new(start), input, Reached { encoding, cr, line: 0, at: 0 }))
    }

    fn resume(start: Cursor<Vec<u8>>, input: R, reached: Reached) -> Self {
        Self { input: start.chain(input), reached }
    }

    /// Continues from an earlier position; the input must be at that offset.
    pub(crate) fn go_on(input: R, reached: Reached) -> Self {
        Self::resume(Cursor::new(Vec::new()), input, reached)
    }

    /// The current position.
    pub fn reached(&self) -> Reached {
        self.reached
    }

    /// The encoding; `None` while everything read is ASCII.
    pub fn encoding(&self) -> Option<Encoding> {
        self.reached.encoding
    }

    /// The next line; `None` at the end.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<BillLine>> {
        let mut bytes = Vec::new();
        let read = self.read_line(&mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.reached.at += read;
        self.reached.line += 1;
        let number = self.reached.line;
        if read > LONGEST_LINE as u64 {
            return Ok(Some(BillLine { number, text: Err(Why::TooLong) }));
        }
        let text = self.decode(&bytes).map(|text| {
            let text = if number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
            text.trim_end_matches(['\r', '\n']).to_owned()
        });
        Ok(Some(BillLine { number, text }))
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<String, Why> {
        let decoded = match self.reached.encoding {
            Some(encoding) => encoding.decode(bytes),
            None if bytes.is_ascii() => Encoding::Utf8.decode(bytes),
            None => [Encoding::Utf8, Encoding::Gb18030].into_iter().find_map(|encoding| {
                let text = encoding.decode(bytes)?;
                self.reached.encoding = Some(encoding);
                Some(text)
            }),
        };
        decoded.ok_or(Why::Encoding)
    }

    /// Reads a line with its end, and keeps at most the longest allowed length. Returns how many bytes it has.
    fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<u64> {
        let wide = self.reached.encoding.is_some_and(Encoding::is_wide);
        let mut read = 0;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(read);
            }
            if wide {
                // Two bytes at a time; they may be in two buffers.
                let byte = buffer[0];
                self.input.consume(1);
                read += 1;
                line.push(byte);
                let unit = match (line.as_slice(), self.reached.encoding) {
                    ([.., first, second], Some(Encoding::Utf16Be)) => u16::from_be_bytes([*first, *second]),
                    ([.., first, second], _) => u16::from_le_bytes([*first, *second]),
                    _ => continue,
                };
                if read % 2 == 0 && self.ends(unit) {
                    return Ok(read);
                }
                if read > LONGEST_LINE as u64 {
                    // Only the last unit is checked.
                    line.drain(..line.len() - 2);
                }
                continue;
            }
            let end = match self.reached.cr {
                true => buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r')),
                false => buffer.iter().position(|byte| *byte == b'\n'),
            };
            let used = end.map_or(buffer.len(), |end| end + 1);
            let room = (LONGEST_LINE + 1).saturating_sub(line.len()).min(used);
            line.extend_from_slice(&buffer[..room]);
            self.input.consume(used);
            read += used as u64;
            if end.is_some() {
                return Ok(read);
            }
        }
    }

    fn ends(&self, unit: u16) -> bool {
        unit == u16::from(b'\n') || (self.reached.cr && unit == u16::from(b'\r'))
    }
}

/// The encoding of a file without a byte-order mark, if its start determines it: UTF-8 if it is valid UTF-8, else GBK
/// if it is valid GBK. `whole`: `start` is the whole file.
fn guessed(start: &[u8], whole: bool) -> Option<Encoding> {
    // A character may be cut off at the end of the start; a line break is never part of one.
    let lines = match start.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) if !whole => &start[..end],
        _ => start,
    };
    if lines.is_ascii() {
        return None;
    }
    [Encoding::Utf8, Encoding::Gb18030].into_iter().find(|encoding| encoding.decode(lines).is_some())
}

/// Whether the first line ends with CR and not LF.
fn ends_with_cr(start: &[u8], encoding: Option<Encoding>) -> bool {
    let step = if encoding.is_some_and(Encoding::is_wide) { 2 } else { 1 };
    let byte = |unit: &[u8]| match (encoding, unit) {
        (Some(Encoding::Utf16Be), [0, byte]) | (Some(Encoding::Utf16Le), [byte, 0]) | (_, [byte]) => *byte,
        _ => b'x',
    };
    let mut units = start.chunks(step).map(byte).skip_while(|unit| !matches!(unit, b'\n' | b'\r'));
    units.next() == Some(b'\r') && units.find(|unit| *unit != b'\r') != Some(b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = (Option<Encoding>, Vec<Result<String, Why>>);

    fn read(bytes: &[u8]) -> Result<Read, BillError> {
        let mut lines = BillLines::open(bytes)?;
        let mut read = Vec::new();
        while let Some(line) = lines.next_line()? {
            read.push(line.text);
        }
        assert_eq!(lines.reached().at, bytes.len() as u64, "every byte belongs to a line");
        Ok((lines.encoding(), read))
    }

    fn written(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf8 => text.into(),
            Encoding::Gb18030 => GB18030.encode(text).0.into_owned(),
            Encoding::Utf16Le => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    const ALL: [Encoding; 4] = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Gb18030];

    #[test]
    fn every_encoding_and_every_end_of_a_line_gives_the_same_lines() {
        for encoding in ALL {
            for end in ["\n", "\r\n", "\r"] {
                let bytes = written(&format!("交易时间,上{end}拿铁{end}{end}c"), encoding);
                let (found, lines) = read(&bytes).unwrap();
                let expected = ["交易时间,上", "拿铁", "", "c"].map(|line| Ok(line.to_owned()));
                assert_eq!((found, lines), (Some(encoding), expected.to_vec()), "{encoding:?} {end:?}");
            }
        }
        assert_eq!(read(b"a\nb").unwrap().0, None);
        // The encoding is found late if the first lines are ASCII.
        let late = [b"a\n".repeat(40_000), GB18030.encode("热拿铁\n").0.into_owned()].concat();
        let (found, lines) = read(&late).unwrap();
        assert_eq!((found, lines.last()), (Some(Encoding::Gb18030), Some(&Ok("热拿铁".to_owned()))));
    }

    #[test]
    fn a_line_that_cannot_be_decoded_or_is_too_long_is_that_line_only() {
        let (_, lines) = read(b"\xe4\xb8\x8a\n\xff\xff\nb\n").unwrap();
        assert_eq!(lines, [Ok("上".to_owned()), Err(Why::Encoding), Ok("b".to_owned())]);
        for encoding in [Encoding::Utf8, Encoding::Utf16Le] {
            let (_, lines) = read(&written(&format!("上{}\nb\n", "x".repeat(LONGEST_LINE)), encoding)).unwrap();
            assert_eq!(lines, [Err(Why::TooLong), Ok("b".to_owned())]);
        }
    }

    #[test]
    fn what_is_not_text_is_reported_with_its_type() {
        for (bytes, expected) in [
            (&b"PK\x03\x04....bill.csv"[..], Foreign::Zip),
            (b"PK\x03\x04....[Content_Types].xml", Foreign::Xlsx),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::Xls),
            (b"%PDF-1.7", Foreign::Pdf),
            (b"7z\xbc\xaf\x27\x1c", Foreign::Packed),
            (b"a\0b", Foreign::Binary),
        ] {
            assert!(matches!(read(bytes), Err(BillError::Foreign(found)) if found == expected), "{expected:?}");
        }
    }

    #[test]
    fn reading_continues_at_a_position() {
        for encoding in ALL {
            let bytes = written("交易\r\n拿铁\r\nc", encoding);
            let mut lines = BillLines::open(&bytes[..]).unwrap();
            lines.next_line().unwrap();
            let reached = lines.reached();
            let mut lines = BillLines::go_on(&bytes[reached.at as usize..], reached);
            let next = lines.next_line().unwrap().unwrap();
            assert_eq!((next.number, next.text), (2, Ok("拿铁".to_owned())));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_none_are_lost(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
