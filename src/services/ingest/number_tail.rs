//! Follows a file of numbers that the merchant's back end appends to: one JSON object a line,
//! `{"kind":"order","number":"SO-1"}`.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::model::{Document, Kind, Number, ObjectId};

/// A file of numbers, and how far it has been read.
#[derive(Debug)]
pub struct NumberTail {
    path: PathBuf,
    offset: u64,
}

/// Bytes read at once: some 80,000 numbers.
const STEP: u64 = 4 << 20;

impl NumberTail {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: 0 }
    }

    /// The numbers appended since the last call, whole lines only. A file that became shorter is read from its start; a
    /// missing file has no numbers. Blocking.
    pub fn read(&mut self) -> std::io::Result<Vec<ObjectId>> {
        let mut file = match std::fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length < self.offset {
            self.offset = 0;
        }
        let mut ids = Vec::new();
        while self.offset < length {
            file.seek(SeekFrom::Start(self.offset))?;
            let mut bytes = Vec::new();
            file.by_ref().take(STEP).read_to_end(&mut bytes)?;
            // A line without its end is still being written.
            let Some(end) = bytes.iter().rposition(|b| *b == b'\n') else {
                if (bytes.len() as u64) < STEP {
                    break;
                }
                // No number is so long: what has no line feed in it is passed over.
                self.offset += STEP;
                continue;
            };
            self.offset += end as u64 + 1;
            for line in bytes[..end].split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                match parse_line(line) {
                    Some(id) => ids.push(id),
                    None => tracing::warn!(path = %self.path.display(), "a line of the numbers file is no number"),
                }
            }
        }
        Ok(ids)
    }
}

fn parse_line(line: &[u8]) -> Option<ObjectId> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let doc = Document::new(&value);
    Some(ObjectId::new(Kind::from_noun(&doc.text("kind")?)?, Number::parse(&doc.text("number")?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn only_whole_lines_are_read_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("numbers.jsonl");
        let mut tail = NumberTail::new(&path);
        assert!(tail.read().unwrap().is_empty());
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(b"{\"kind\":\"plan\",\"number\":\"P-1\"}\nrubbish\n{\"kind\":\"order\",\"num").unwrap();
        let ids = tail.read().unwrap();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["plan P-1"]);
        file.write_all(b"ber\":\"SO-1\"}\n").unwrap();
        assert_eq!(tail.read().unwrap().len(), 1);
        assert!(tail.read().unwrap().is_empty());
    }
}
