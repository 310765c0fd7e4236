//! A text as a QR code of terminal characters: two modules in the height of one line.

use qrcode::{Color, EcLevel, QrCode};

/// The light border that scanners like best, in modules, and the one that most of them still read.
pub(crate) const QUIET: [usize; 2] = [4, 1];

/// The code with a light border of `quiet` modules. The light modules are drawn, because most terminals are dark.
/// `None` if the text is too long for a code.
pub(crate) fn draw(text: &str, quiet: usize) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let side = width + 2 * quiet;
    let light = |x: usize, y: usize| {
        let inside = (quiet..quiet + width).contains(&x) && (quiet..quiet + width).contains(&y);
        !inside || colors[(y - quiet) * width + x - quiet] == Color::Light
    };
    let cell = |x: usize, y: usize| match (light(x, y), light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let line = |y: usize| (0..side).map(|x| cell(x, y)).chain(['\n']).collect::<String>();
    Some((0..side).step_by(2).map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_that_fits_a_small_terminal() {
        let code = draw("weixin://wxpay/bizpayurl/up?pr=V2NGIF3L8g097rUYYTfjaEBx7XmnshrH", QUIET[1]).unwrap();
        let widths: Vec<usize> = code.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == 35), "{widths:?}");
        assert_eq!(widths.len(), 18);
        assert_eq!(draw(&"x".repeat(5000), 4), None);
    }

    #[test]
    fn the_code_says_what_it_was_made_of() {
        // A finder pattern stands in three corners, none in the fourth.
        let code = draw("weixin://wxpay/bizpayurl?pr=AbCdEfG", 0).unwrap();
        let first: Vec<char> = code.lines().next().unwrap().chars().collect();
        let size = first.len();
        assert_eq!(first[..7].iter().collect::<String>(), " ▄▄▄▄▄ ");
        assert_eq!(first[size - 7..].iter().collect::<String>(), " ▄▄▄▄▄ ");
        let last: Vec<char> = code.lines().nth(size / 2 - 3).unwrap().chars().collect();
        assert_ne!(last[size - 7..].iter().collect::<String>(), " ▄▄▄▄▄ ");
    }
}
