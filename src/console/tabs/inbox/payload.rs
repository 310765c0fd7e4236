//! The layout of a delivery for the screen. It is computed once, because a delivery may have a megabyte and is drawn
//! line by line.

use crate::model::{Document, Subject};
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::ledger::{StoredDelivery, WholeEvent};
use crate::text;

/// The pages Payload and Raw of a line of the inbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PayloadLayout {
    /// The number of columns it is laid out in; 0 if it is not yet.
    pub width: usize,
    /// The decrypted resource. A line that does not begin with a name continues the one before.
    pub payload: Vec<String>,
    /// The headers and the body of the latest delivery, byte for byte.
    pub headers: Vec<String>,
    pub body: Vec<String>,
}

impl PayloadLayout {
    pub(crate) fn lay_out(event: &WholeEvent, width: usize) -> Self {
        let (headers, body) = latest(event).map_or_else(Default::default, |kept| {
            (raw(&kept.delivery.headers, width), raw(&kept.delivery.body, width))
        });
        let payload = event.resource.as_deref().map(|resource| laid_out(resource, width)).unwrap_or_default();
        Self { width, payload, headers, body }
    }
}

/// The delivery that is shown and replayed: the latest, whose signature is the freshest.
pub(crate) fn latest(event: &WholeEvent) -> Option<&StoredDelivery> {
    event.deliveries.last()
}

/// Formats JSON; any other text is unchanged.
fn laid_out(json: &str, width: usize) -> Vec<String> {
    let value: Result<Value, _> = serde_json::from_str(json);
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
    pretty.as_deref().unwrap_or(json).lines().flat_map(|line| broken(&text::neutralise(line), width)).collect()
}

/// Bytes as they are: invalid UTF-8 as escapes, line ends shown, nothing left out.
fn raw(bytes: &[u8], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let mut shown = String::with_capacity(line.len());
        for chunk in line.utf8_chunks() {
            shown.push_str(&text::neutralise(chunk.valid()));
            chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02x}")));
        }
        lines.extend(broken(&shown, width));
    }
    lines
}

/// Breaks a line into pieces of this many columns. No character is left out, so that spaces at the breaks are visible.
fn broken(line: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    if line.is_ascii() {
        let pieces: Vec<String> =
            line.as_bytes().chunks(width).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
        return if pieces.is_empty() { vec![String::new()] } else { pieces };
    }
    let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0);
    for grapheme in line.graphemes(true) {
        let columns = text::width(grapheme);
        if used + columns > width {
            pieces.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push_str(grapheme);
        used += columns;
    }
    pieces.push(piece);
    pieces
}

/// The object that a notification names, read from its decrypted resource.
pub(crate) fn subject(event_type: Option<&str>, resource: Option<&str>) -> Subject {
    let resource = resource.and_then(|resource| serde_json::from_str(resource).ok()).unwrap_or_default();
    crate::model::read_fact(event_type.unwrap_or_default(), Document::new(&resource)).of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_exactly_and_nothing_is_obeyed() {
        let shown = raw(b"a: \xff\x1b[2Jb\r\nc \xe4\xb8\xad\xe2\x80\xae", 40);
        assert_eq!(shown, ["a: \\xff␛[2Jb␍␊", "c 中⟨202E⟩"]);
        assert_eq!(raw(b"", 40), Vec::<String>::new());
    }

    #[test]
    fn long_lines_are_broken_without_losing_a_space() {
        assert_eq!(broken("ab  cd ", 3), ["ab ", " cd", " "]);
        assert_eq!(broken("支付 分 计", 5), ["支付 ", "分 计"]);
        assert!(broken("😀👨‍👩‍👧中", 2).iter().all(|piece| text::width(piece) <= 2));
    }

    #[test]
    fn a_megabyte_in_one_line_is_laid_out_in_pieces() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
        let lines = laid_out(&long, 100);
        assert!(lines.len() > 10_000 && lines.iter().all(|line| line.len() <= 100));
        assert_eq!(raw(long.as_bytes(), 100).concat(), long);
    }
}
