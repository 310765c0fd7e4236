//! Objects that only a bill knows: shown as such, and asked about once somebody looks at them.

use crate::console::tests::fixture::{Console, after, open, press};
use crate::console::tests::screen::screen;
use crate::i18n::Lang;

/// A console whose newest transaction is a row of a bill.
fn billed(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.take_bill(
        "交易时间,公众账号ID,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,商品名称,商户数据包,手续费,订单金额,新列\n\
         `2026-11-20 23:59:58,`wx01,`4200001122202611200000000001,`BILLED-1,`oTEST,`JSAPI,`SUCCESS,`OTHERS,`CNY,`拿铁\\ 大杯,`desk=7,`0.17000,`28.80,`x\n",
    );
    after(console, "4/billed<Enter>")
}

screen!(objects: billed_en_120x40, billed(Lang::En, (120, 40)));
screen!(objects: billed_detail_en_120x40, after(billed(Lang::En, (120, 40)), "<Enter>"));
screen!(objects: billed_detail_zh_80x24, after(billed(Lang::ZhCn, (80, 24)), "<Enter>"));

#[test]
fn what_only_a_bill_knows_is_asked_about_once_it_is_opened() {
    let visible = |console: &Console| {
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(120, 40)).unwrap();
        let mut visible = Vec::new();
        let layout = crate::console::app::frame_layout::FrameLayout::default();
        terminal.draw(|frame| visible = crate::console::app::view::draw(console, &layout, frame).visible).unwrap();
        visible
    };
    let mut console = billed(Lang::En, (120, 40));
    assert_eq!(console.list().rows().len(), 1);
    assert_eq!(visible(&console), []);
    press(&mut console, "<Enter>");
    assert_eq!(visible(&console).iter().map(|id| id.number.as_str()).collect::<Vec<_>>(), ["BILLED-1"]);
}
