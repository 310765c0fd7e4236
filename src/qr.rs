//! A text as a QR code of terminal characters: two modules in the height of one line.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// The code, dark on light whatever the terminal's colours, with the quiet zone that scanners need. `None` if the text
/// is too long for one.
pub fn draw(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    // Terminals are mostly dark: what is light is drawn.
    let mut drawing = code.render::<Dense1x2>();
    let drawn = drawing.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build();
    Some(drawn + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_that_fits_a_small_terminal() {
        let code = draw("weixin://wxpay/bizpayurl/up?pr=AbCdEfG00").unwrap();
        let widths: Vec<usize> = code.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0] && *width <= 45), "{widths:?}");
        assert!(widths.len() <= 23, "{}", widths.len());
        assert_eq!(draw(&"x".repeat(5000)), None);
    }
}
