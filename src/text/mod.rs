//! Text on a terminal: measuring, shortening, and neutralising text from outside. Drawing code never measures with
//! `len()` or `chars().count()`.

pub(crate) mod age;
pub(crate) mod ambiguous;
pub(crate) mod terminal;

use std::borrow::Cow;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// What stands for text that was cut away.
pub(crate) const ELLIPSIS: &str = "…";

/// Characters shown of a text from outside.
pub(crate) const LONGEST: usize = 300;

/// A text that is longer by at most this is shown in full: it may already be shortened, with a remark about the rest.
const SLACK: usize = 60;

/// The first `characters` characters of a text that is considerably longer; `None` if it is not.
pub(crate) fn beginning(text: &str, characters: usize) -> Option<&str> {
    text.char_indices().nth(characters + SLACK)?;
    text.char_indices().nth(characters).map(|(end, _)| &text[..end])
}

/// A text as journal and logs keep it: the beginning of a long one, and how long it is.
pub(crate) fn brief(text: &str) -> Cow<'_, str> {
    match beginning(text, LONGEST) {
        None => text.into(),
        Some(beginning) => format!("{beginning}{ELLIPSIS} ({} bytes)", grouped(text.len())).into(),
    }
}

/// A number with thousands separators.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A value from the configuration as a message may repeat it. What may be a secret that was put in the wrong place (a
/// key, a password) is described by its length instead: short words and names of settings are shown, nothing else.
pub(crate) fn repeatable(value: &str) -> Cow<'_, str> {
    let characters = value.chars().count();
    let is_name = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_');
    let name = characters <= 48 && value.contains(['-', '_']) && value.chars().all(is_name);
    // The keys of WeChat Pay have 32 characters and more.
    let short = characters <= 16 && !value.chars().any(char::is_control);
    if name || short { value.into() } else { format!("{ELLIPSIS} ({characters})").into() }
}

/// What is less like another name than this is not suggested for it.
const ALIKE: f64 = 0.75;

/// The known name most like this one, to suggest it.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |known: &str| strsim::jaro_winkler(name, known);
    known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|best| likeness(best) >= ALIKE).map(str::to_owned)
}

/// Columns the text takes: what its graphemes take, one by one, as ratatui paints them. A terminal joins none of them, although
/// a shaping printer would (لا).
pub(crate) fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    if text.is_ascii() {
        return text.bytes().filter(|byte| !byte.is_ascii_control()).count();
    }
    let painted = |grapheme: &&str| !grapheme.contains(char::is_control);
    let wide = ambiguous::is_wide();
    let columns = |grapheme: &str| match wide && ambiguous::is_ambiguous(grapheme) {
        true => 2,
        false => usize::from(grapheme.cell_width()),
    };
    text.graphemes(true).filter(painted).map(columns).sum()
}

/// True for printable ASCII alone, which most of a screen is: one byte is one column, and nothing needs neutralising.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// What stands for text that was cut away, in one column.
pub(crate) fn ellipsis() -> &'static str {
    if ambiguous::is_wide() { "~" } else { ELLIPSIS }
}

/// The text within `limit` columns, its end replaced by an ellipsis if it is longer.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return text.into();
    }
    if limit == 0 {
        return "".into();
    }
    format!("{}{}", head(text, limit - 1), ellipsis()).into()
}

/// The text within `limit` columns, its middle replaced: for identifiers, which differ at their ends.
pub(crate) fn cut_middle(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return text.into();
    }
    if limit == 0 {
        return "".into();
    }
    let left = limit / 2;
    format!("{}{}{}", head(text, left), ellipsis(), tail(text, limit - 1 - left)).into()
}

/// As many of these, joined, as fit into `limit` columns; none of them is cut, and an ellipsis stands for the rest.
pub(crate) fn fitting(items: impl IntoIterator<Item = impl AsRef<str>>, between: &str, limit: usize) -> String {
    let more = format!("{between}{}", ellipsis());
    let items: Vec<String> = items.into_iter().map(|item| neutralise(item.as_ref()).into_owned()).collect();
    let all = items.join(between);
    if width(&all) <= limit {
        return all;
    }
    let shortened = |count: usize| items[..count].join(between) + &more;
    let fits = (1..items.len()).rev().map(shortened).find(|text| width(text) <= limit);
    fits.unwrap_or_else(|| cut(&all, limit).into_owned())
}

/// The longest beginning of at most `limit` columns.
fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > limit {
            return &text[..at];
        }
    }
    text
}

/// The longest end of at most `limit` columns.
pub(crate) fn tail(text: &str, limit: usize) -> &str {
    let (mut used, mut start) = (0, text.len());
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > limit {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// Breaks a text into lines of at most `limit` columns: at spaces where there are any, anywhere in Chinese text and
/// in words longer than a line.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        if width(paragraph) <= limit {
            lines.push(paragraph.trim_end().to_owned());
            continue;
        }
        let mut line = String::new();
        for word in units(paragraph) {
            if width(&line) + width(word) <= limit {
                line.push_str(word);
                continue;
            }
            if !line.trim_end().is_empty() {
                lines.push(line.trim_end().to_owned());
            }
            line.clear();
            let mut rest = word.trim_start();
            while width(rest) > limit {
                let first = match head(rest, limit) {
                    // A character wider than the line has to go somewhere.
                    "" => rest.graphemes(true).next().unwrap_or(rest),
                    first => first,
                };
                lines.push(first.to_owned());
                rest = &rest[first.len()..];
            }
            line.push_str(rest);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Do not break between an amount and its sign.
const CURRENCY_SIGNS: [char; 4] = ['¥', '$', '€', '£'];
/// Do not break after an opening character.
const OPENING: [char; 4] = ['(', '[', '（', '【'];

/// Digits and a colon, as in the beginning of 04:31:59.
fn ends_in_hour(word: &str) -> bool {
    word.strip_suffix(':').is_some_and(|digits| digits.ends_with(|c: char| c.is_ascii_digit()))
}

/// The words of a text, each with the punctuation that closes it: no line is to begin with a full stop.
fn units(text: &str) -> Vec<&str> {
    let closes = |word: &str| word.chars().all(|c| ".,;:!?)]}…。，、；：！？）】》”’".contains(c));
    let mut units: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, word) in text.split_word_bound_indices() {
        let end = at + word.len();
        match units.last_mut() {
            Some(last) if closes(word) && !last.ends_with(char::is_whitespace) => *last = &text[start..end],
            // Nor within a time of day.
            Some(last) if word.starts_with(|c: char| c.is_ascii_digit()) && ends_in_hour(last) => {
                *last = &text[start..end];
            }
            Some(last) if last.ends_with(CURRENCY_SIGNS) || last.ends_with(OPENING) => *last = &text[start..end],
            // A letter code or a minus stands before the sign.
            Some(last) if word.starts_with(CURRENCY_SIGNS) && last.ends_with(|c: char| c.is_ascii_graphic()) => {
                *last = &text[start..end];
            }
            // Do not break after a minus sign: -US$0.14.
            Some(last)
                if *last == "-"
                    && text[..start].chars().next_back().is_none_or(char::is_whitespace)
                    && word.starts_with(char::is_alphanumeric) =>
            {
                *last = &text[start..end];
            }
            _ => {
                start = at;
                units.push(word);
            }
        }
    }
    units
}

/// The text with everything visible that a terminal would obey or hide: controls and escapes, bidirectional and
/// zero-width marks, line separators, unassigned and private characters. Everything that is drawn passes here.
pub(crate) fn neutralise(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return text.into();
    }
    let harmless = |c: char| matches!(c, ' '..='~') || (!c.is_ascii() && is_visible(c));
    if text.chars().all(harmless) {
        return text.into();
    }
    let mut result = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            _ if harmless(c) => result.push(c),
            '\u{a0}' => result.push(' '),
            // Presentation selectors: they choose between two pictures of one character, and terminals disagree on
            // the width. Without them every terminal draws the same.
            '\u{fe00}'..='\u{fe0f}' => {}
            '\0'..='\x1f' => result.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
            '\x7f' => result.push('␡'),
            _ => result.push_str(&format!("⟨{:04X}⟩", u32::from(c))),
        }
    }
    result.into()
}

/// The same JSON, with what a terminal would obey or hide escaped: a document may be read on a screen, too.
pub(crate) fn harmless_json(json: &str) -> Cow<'_, str> {
    let harmless = |c: char| matches!(c, ' '..='~') || (!c.is_ascii() && is_visible(c));
    if json.chars().all(harmless) {
        return json.into();
    }
    let mut result = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        // Outside of texts JSON has no such characters but blanks, which mean nothing.
        match c {
            _ if harmless(c) => result.push(c),
            '\n' | '\r' | '\t' => result.push(' '),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| result.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    result.into()
}

/// Lines, blocks and Chinese characters, all of them printable: found without a search in the standard library's tables.
const fn is_common(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{259f}' | '\u{4e00}'..='\u{9fa5}')
}

/// True for a character that a terminal shows as itself.
fn is_visible(c: char) -> bool {
    match c {
        // Chinese text uses the ideographic space.
        '\u{3000}' => true,
        c if is_common(c) => true,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => false,
        // Letters that are drawn as nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{34f}' => false,
        // The standard library escapes what is not printable: controls, formats, separators, unassigned, private.
        // A combining mark is escaped only where it stands alone, hence the letter before it.
        _ => {
            let mut pair = [b'a', 0, 0, 0, 0];
            c.encode_utf8(&mut pair[1..]);
            let pair = std::str::from_utf8(&pair[..=c.len_utf8()]).unwrap_or_default();
            pair.escape_debug().nth(1) == Some(c)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_is_printable_by_the_tables_of_the_standard_library() {
        let escaped = |c: char| format!("a{c}").escape_debug().count() > 2;
        assert_eq!(('\u{80}'..='\u{10ffff}').find(|c| is_common(*c) && escaped(*c)), None);
    }

    #[test]
    fn only_a_name_that_is_alike_is_suggested() {
        let known = || ["find", "columns-left", "page-down", "tab-bills"].into_iter();
        for (name, suggested) in
            [("fnid", Some("find")), ("tab-bill", Some("tab-bills")), ("nosuch", None), ("x-y", None)]
        {
            assert_eq!(nearest(name, known()).as_deref(), suggested, "{name}");
        }
    }

    #[test]
    fn values_that_may_be_secrets_are_described_and_not_repeated() {
        for shown in ["mars", "0.0.0.0:8080", "permission-terminate-openid", "high-contrast", "mysql:x"] {
            assert_eq!(repeatable(shown), shown);
        }
        let key = "aB3".repeat(11);
        for (hidden, described) in
            [(&key[..32], "… (32)"), ("-----BEGIN PRIVATE KEY-----", "… (27)"), ("a\nb", "… (3)")]
        {
            assert_eq!(repeatable(hidden), described);
        }
    }

    use proptest::prelude::*;

    #[test]
    fn chinese_counts_two_columns_and_is_never_cut_in_half() {
        assert_eq!(width("支付分"), 6);
        assert_eq!(cut("支付分计划", 6), "支付…");
        assert_eq!(cut("支付分", 6), "支付分");
        assert_eq!(cut_middle("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", 11), "oUpF8…WeS6o");
        assert_eq!(wrap("不能恢复。now, ok.", 8), ["不能恢", "复。now,", "ok."]);
        assert_eq!(wrap("停止后不能恢复 now or ever", 8), ["停止后不", "能恢复", "now or", "ever"]);
        assert_eq!(wrap("fees HK$2.70 · -US$0.14 a-b", 9), ["fees", "HK$2.70 ·", "-US$0.14", "a-b"]);
        assert_eq!(wrap("net ¥357.00 or -¥2.25, HK$8.50", 7), ["net", "¥357.00", "or", "-¥2.25,", "HK$8.50"]);
        assert_eq!(wrap("应结金额¥357.00", 9), ["应结金额", "¥357.00"]);
        assert_eq!(wrap("since 2026-11-28 04:31:59", 20), ["since 2026-11-28", "04:31:59"]);
    }

    #[test]
    fn of_items_in_a_line_none_is_cut_while_one_fits() {
        let items = ["退款 ×3", "支付 ×12", "关闭 ×1"];
        assert_eq!(fitting(items, " · ", 30), "退款 ×3 · 支付 ×12 · 关闭 ×1");
        assert_eq!(fitting(items, " · ", 27), "退款 ×3 · 支付 ×12 · …");
        assert_eq!(fitting(items, " · ", 21), "退款 ×3 · …");
        assert_eq!(fitting(items, " · ", 6), "退款 …");
        assert_eq!(fitting([""; 0], " · ", 6), "");
    }

    #[test]
    fn a_long_text_is_kept_as_its_beginning_and_its_size() {
        let long = "错".repeat(400_000);
        let brief = brief(&long);
        assert!(brief.starts_with("错错") && brief.ends_with("… (1 200 000 bytes)"), "{brief}");
        assert_eq!(brief.chars().count(), LONGEST + "… (1 200 000 bytes)".chars().count());
        let fits = "x".repeat(LONGEST);
        assert_eq!(super::brief(&fits), fits);
        assert_eq!(super::brief(&brief), brief, "what was shortened stays as it is");
        assert_eq!([0, 7, 999, 1000, 1_048_576].map(grouped), ["0", "7", "999", "1 000", "1 048 576"]);
    }

    #[test]
    fn a_width_is_what_the_painter_takes() {
        use ratatui::buffer::Buffer;
        use ratatui::layout::Rect;
        use ratatui::style::Style;
        let fixture = include_str!("../../tests/cases/limits/min-lam-alef.txt");
        for text in [fixture, "لا إله", "支付分 é e\u{301} ¥1.00 😀", "👩‍👩‍👧", "ｶﾞ", "中\n文\t", "a\tb", "🇨🇳x", "क्षि"]
        {
            let text = text.trim_end();
            let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
            let (end, _) = buffer.set_stringn(0, 0, text, 40, Style::new());
            assert_eq!(width(text), usize::from(end), "{text:?}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(neutralise("a\x1b[2Jb"), "a␛[2Jb");
        assert_eq!(neutralise("pay\u{202e}99"), "pay⟨202E⟩99");
        assert_eq!(neutralise("zero\u{200b}width\u{2028}line"), "zero⟨200B⟩width⟨2028⟩line");
        assert_eq!(neutralise("\u{9b}31m\u{e000}"), "⟨009B⟩31m⟨E000⟩");
        assert_eq!(neutralise("中文 é e\u{301} ¥1.00 😀"), "中文 é e\u{301} ¥1.00 😀");
        assert!(matches!(neutralise("plain 中文"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn json_for_a_screen_says_the_same_and_holds_nothing_dangerous(text in any::<String>()) {
            let document = serde_json::json!({ "error": { "message": text.clone() } }).to_string();
            let shown = harmless_json(&document);
            prop_assert!(neutralise(&shown) == shown.as_ref(), "{:?}", shown);
            let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
            prop_assert_eq!(read["error"]["message"].as_str(), Some(text.as_str()));
        }

        #[test]
        fn nothing_dangerous_is_left(text in any::<String>()) {
            let shown = neutralise(&text);
            let bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
            prop_assert!(!shown.chars().any(|c| c.is_control() || bidi(c)));
            prop_assert_eq!(neutralise(&shown), shown.clone());
        }

        #[test]
        fn a_cut_text_fits(text in "\\PC{0,40}", limit in 0usize..30) {
            let text = neutralise(&text);
            prop_assert!(width(&cut(&text, limit)) <= limit);
            prop_assert!(width(&cut_middle(&text, limit)) <= limit);
        }

        #[test]
        fn wrapping_loses_no_letter_and_fits(text in "[a-z 支付分计划]{0,60}", limit in 2usize..30) {
            let lines = wrap(&text, limit);
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            prop_assert!(lines.iter().all(|line| width(line) <= limit));
        }
    }
}
