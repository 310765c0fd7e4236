//! What a creation has for its front end.

use crate::console::app::effect::Effect;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, open, press, receive};
use crate::console::tests::screen::screen;
use crate::i18n::Lang;
use crate::model::{CheckoutPayload, Handover};
use crate::services::{Event, Made, Outcome, Request};

screen!(handover: code_en_80x24, handed(Lang::En, (80, 24), CheckoutPayload::Code { code_url: CODE.into() }));
screen!(handover: code_zh_120x40, handed(Lang::ZhCn, (120, 40), CheckoutPayload::Code { code_url: CODE.into() }));
screen!(handover: code_without_room_en_60x16, handed(Lang::En, (60, 16), CheckoutPayload::Code { code_url: CODE.into() }));
screen!(handover: parameters_zh_80x24, handed(Lang::ZhCn, (80, 24), CheckoutPayload::Jsapi { prepay_id: "wx21170000".into() }));

const CODE: &str = "weixin://wxpay/bizpayurl/up?pr=V2NGIF3L8g097rUYYTfjaEBx7XmnshrH";

/// A native order was placed, and its answer held this.
fn handed(lang: Lang, size: (u16, u16), what: CheckoutPayload) -> Console {
    let mut console = open(lang, size);
    press(&mut console, "4nj<Enter><Tab>拿铁<Tab>28.80<Tab><Tab><Tab><Tab><Tab><Tab>https://a.example/n<Enter><Tab>");
    let effects = press(&mut console, "<Enter>");
    let Some(Effect::Ask(Request::Perform(ticket, confirmed))) = effects.into_iter().next() else {
        panic!("nothing is sent")
    };
    let sign = |text: &str| format!("signature of {} bytes", text.len());
    let parameters = what.parameters("wxd678efh567hg6787", "1900000001", 1_760_000_000, "NONCE", sign);
    let id = confirmed.what().object.clone();
    let made = Some(Box::new(Made { id, handover: Some(Handover { what, parameters }) }));
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made };
    receive(&mut console, Event::Concluded { ticket, outcome });
    console
}

#[test]
fn what_the_front_end_needs_is_copied_and_does_not_break_into_what_is_typed() {
    let mut console = handed(Lang::En, (80, 24), CheckoutPayload::Code { code_url: CODE.into() });
    assert_eq!(press(&mut console, "y"), [Effect::Copy(CODE.to_owned())]);
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
    press(&mut console, "H");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Handover)));
    press(&mut console, "q/");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Filter(_))), "q only closes it");
}
