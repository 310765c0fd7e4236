//! Amounts in large figures, three rows high.

/// The figures, and what an amount has besides. Each is drawn in three rows of the same width.
const FIGURES: [(char, [&str; 3]); 14] = [
    ('0', ["█▀█", "█ █", "▀▀▀"]),
    ('1', ["▀█ ", " █ ", "▀▀▀"]),
    ('2', ["▀▀█", "█▀▀", "▀▀▀"]),
    ('3', ["▀▀█", " ▀█", "▀▀▀"]),
    ('4', ["█ █", "▀▀█", "  ▀"]),
    ('5', ["█▀▀", "▀▀█", "▀▀▀"]),
    ('6', ["█▀▀", "█▀█", "▀▀▀"]),
    ('7', ["▀▀█", "  █", "  ▀"]),
    ('8', ["█▀█", "█▀█", "▀▀▀"]),
    ('9', ["█▀█", "▀▀█", "▀▀▀"]),
    ('.', [" ", " ", "▀"]),
    (',', [" ", " ", "▌"]),
    ('-', ["  ", "▀▀", "  "]),
    ('¥', ["█ █", "▀█▀", " ▀ "]),
];

/// The rows of a text; `None` if a character has no figure.
pub(crate) fn rows(text: &str) -> Option<[String; 3]> {
    let mut rows: [String; 3] = Default::default();
    for (i, c) in text.chars().enumerate() {
        let (_, figure) = FIGURES.iter().find(|(figure, _)| *figure == c)?;
        for (row, part) in rows.iter_mut().zip(figure) {
            if i > 0 {
                row.push(' ');
            }
            row.push_str(part);
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn an_amount_is_three_rows_of_one_width_and_what_has_no_figure_is_left_to_plain_text() {
        let rows = rows("¥1,234,567,890.00").unwrap();
        assert!(rows.iter().all(|row| text::width(row) == text::width(&rows[0])), "{rows:?}");
        assert_eq!(super::rows("HK$1.00"), None);
        assert_eq!(super::rows("¥1.50").unwrap()[0].chars().filter(|c| *c == '▀').count(), 4);
    }
}
