//! Why a request to the listener was refused.

use crate::i18n::Lang;
use crate::services::RefusalCode;

/// What the ledger keeps about a refused request, in the user's language. What an earlier version stored as a text is
/// shown as it is.
pub(crate) fn refused(lang: Lang, stored: &str) -> String {
    match RefusalCode::read(stored) {
        Some((code, found)) => tr!(lang, &format!("refused-{}", code.word()), found = found),
        None => stored.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_said_in_either_language() {
        for code in RefusalCode::ALL {
            let [en, zh] = [Lang::En, Lang::ZhCn].map(|lang| refused(lang, &code.with("X9")));
            assert!(Lang::En.has(&format!("refused-{}", code.word())), "{code:?}");
            assert_ne!(en, zh, "{code:?}");
            assert!(en.contains("X9") || !zh.contains("X9"), "{code:?}: {en} {zh}");
        }
        assert_eq!(refused(Lang::ZhCn, "clock: -320"), "签名时间与本机时钟相差 -320 秒，允许 300 秒以内");
        assert_eq!(refused(Lang::ZhCn, "the clocks differ by 320 s"), "the clocks differ by 320 s");
    }
}
