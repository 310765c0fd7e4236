use super::*;

const HEADER: &str =
    "交易时间,商户订单号,交易状态,交易类型,订单金额,应结订单金额,商户退款单号,退款金额,申请退款金额,手续费\n";

fn digest(text: &str) -> BillDigest {
    let digest = BillDigest::of(&mut Bill::open(text.as_bytes()).unwrap()).unwrap();
    // It can be stored and read back.
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<BillDigest>(&json).unwrap(), digest);
    digest
}

fn figure(digest: &BillDigest, id: &str) -> String {
    digest.totals.figures().into_iter().find(|(name, _)| *name == id).unwrap().1
}

/// The lines of the bills in a file, their rows, and whether their summaries agree.
fn parts(digest: &BillDigest) -> Vec<(u64, u64, Option<bool>)> {
    digest.parts.iter().map(|part| (part.line, part.rows, part.summary.as_ref().map(Agreement::holds))).collect()
}

#[test]
fn a_summary_that_its_rows_do_not_come_to_is_named_figure_by_figure() {
    let text = format!(
        "{HEADER}`2025-10-09 16:53:41,`T-1,`SUCCESS,`JSAPI,`28.80,`26.80,`0,`0.00,`0.00,`0.16000\n\
         `2025-10-09 17:20:01,`T-1,`REFUND,`JSAPI,`0.00,`0.00,`R-1,`8.19,`8.80,`-0.05000\n\
         总交易单数,应结订单总金额,退款总金额,手续费总金额,订单总金额,某新项\n`2,`26.80,`8.20,`0.11000,`28.80,`1\n"
    );
    let digest = digest(&text);
    let expected = FigureMismatch { name: "退款总金额".into(), says: "8.20".into(), found: "8.19".into() };
    assert_eq!(digest.disagreements().collect::<Vec<_>>(), [(1, &expected)]);
    assert_eq!(digest.parts[0].summary.as_ref().unwrap().not_compared, ["某新项"]);
    assert_eq!(figure(&digest, "bill-net"), "¥18.50");
    let hours = digest.hours[0].hours;
    assert_eq!(hours[16], [Volume { count: 1, minor: 2880 }, Volume::default()]);
    assert_eq!(hours[17][1], Volume { count: 1, minor: 880 });
    assert_eq!(digest.groups.len(), 2);
    let day = |text| time::parse_day(text).unwrap();
    assert_eq!(digest.another("1900009999", day("2025-10-09")), None);
    assert_eq!(digest.another("1900009999", day("2025-10-10")).as_deref(), Some("2025-10-09"));
}

#[test]
fn a_count_is_compared_and_shown_as_a_count() {
    let digest = digest("交易时间,商户订单号,订单金额\n`2025-10-09 16:53:41,`T-1,`1.00\n总交易单数\n`7\n");
    let expected = FigureMismatch { name: "总交易单数".into(), says: "7".into(), found: "1".into() };
    assert_eq!(digest.disagreements().collect::<Vec<_>>(), [(1, &expected)]);
}

#[test]
fn several_bills_in_a_file_are_compared_each_with_its_own_summary() {
    let header = "交易时间,商户订单号,订单金额\n";
    let row = "`2025-10-09 16:53:41,`T-1,`1.00\n";
    let summary = |n: u64| format!("总交易单数,订单总金额\n`{n},`{n}.00\n");
    let [one, two] = [summary(1), summary(2)];
    for (text, expected) in [
        (format!("{header}{row}{one}{header}{row}{row}{two}"), vec![(1, 1, Some(true)), (5, 2, Some(true))]),
        (
            format!("{header}{row}{one}{header}{row}{one}{row}"),
            vec![(1, 1, Some(true)), (5, 1, Some(true)), (9, 1, None)],
        ),
        (format!("{header}{row}{header}{row}"), vec![(1, 1, None), (3, 1, None)]),
        // Two summaries of the same rows: one of them is wrong.
        (format!("{header}{row}{two}{one}"), vec![(1, 1, Some(false))]),
        (format!("{header}{one}"), vec![(1, 0, Some(false))]),
        (header.to_owned(), vec![(1, 0, None)]),
        // No figure can be compared.
        (format!("{header}{row}总企业红包金额,某新项\n`1,`1\n"), vec![(1, 1, None)]),
    ] {
        let digest = digest(&text);
        assert_eq!(parts(&digest), expected, "{text}");
        let sound = expected.iter().all(|(_, rows, holds)| *rows > 0 && *holds == Some(true));
        assert_eq!(digest.is_sound(), sound && digest.bad.count == 0, "{text}");
    }
}

#[test]
fn amounts_are_added_up_by_currency_with_the_decimals_of_each() {
    let text = "交易时间,商户订单号,交易状态,标价币种,订单金额（标价币种）,结算币种,应结订单金额,商户退款单号,\
        申请退款金额,退款结算币种,退款应结订单金额,手续费\n\
        `2026-11-25 02:54:03,`T-1,`SUCCESS,`HKD,`135.00,`HKD,`135.00,`0,`0.00,`,`0.00,`1.35\n\
        `2026-11-25 03:54:03,`T-2,`SUCCESS,`HKD,`45.00,`USD,`5.80,`0,`0.00,`,`0.00,`0.06\n\
        `2026-11-25 04:54:03,`T-3,`SUCCESS,`JPY,`9600.00,`JPY,`9600,`0,`0.00,`,`0.00,`96\n\
        `2026-11-25 05:54:03,`T-4,`REFUND,`USD,`29.99,`USD,`0.00,`R-1,`8.99,`USD,`8.99,`-0.08\n\
        总交易单数,订单总金额\n`4,`9780.00\n";
    let digest = digest(text);
    assert_eq!(figure(&digest, "bill-payments"), "HK$180.00 ×2 · JP¥9,600 ×1");
    assert_eq!(figure(&digest, "bill-refunds"), "US$8.99 ×1");
    assert_eq!(figure(&digest, "bill-settlement"), "HK$135.00 · US$5.80 · JP¥9,600");
    assert_eq!(figure(&digest, "bill-fee"), "HK$1.35 · -US$0.02 · JP¥96");
    assert_eq!(figure(&digest, "bill-net"), "HK$133.65 · -US$3.17 · JP¥9,504");
    // The count is compared, a sum over several currencies is not.
    let summary = digest.parts[0].summary.as_ref().unwrap();
    assert!(summary.holds());
    assert_eq!(
        (&*summary.compared, &*summary.not_compared),
        (&["总交易单数".to_owned()][..], &["订单总金额".to_owned()][..])
    );
    assert_eq!(digest.hours.len(), 3);
}

#[test]
fn no_sum_is_too_large_to_be_exact() {
    let row = "`2025-10-09 16:53:41,`T-1,`92233720368547758.07\n";
    let digest = digest(&format!("交易时间,商户订单号,订单金额\n{row}{row}总交易单数\n`2\n"));
    assert_eq!(figure(&digest, "bill-payments"), "¥184,467,440,737,095,516.14 ×2");
}

#[test]
fn what_came_neither_in_nor_out_is_counted_by_itself() {
    let text = "记账时间,资金流水单号,业务名称,收支类型,收支金额(元)\n\
        `2025-10-09 16:53:41,`1,`交易,`收入,`2.00\n`2025-10-09 16:53:41,`2,`冻结,`冻结,`1.00\n";
    let digest = digest(text);
    assert_eq!(figure(&digest, "bill-neither"), "¥1.00 ×1");
    assert_eq!((figure(&digest, "bill-net").as_str(), digest.hours[0].hours[16][0].count), ("¥2.00", 1));
}

#[test]
fn words_without_end_do_not_fill_the_memory() {
    let rows: String = (0..1000)
        .map(|i| format!("`2025-10-09 16:53:41,`T-{i},`S{i},`JSAPI,`0.01,`0.01,`0,`0.00,`0.00,`0.00000\na,b\n"))
        .collect();
    let digest = digest(&format!("{HEADER}{rows}"));
    assert!(digest.groups.len() <= GROUPS + 1);
    assert_eq!(digest.groups.iter().map(|group| group.volume.count).sum::<u64>(), 1000);
    assert_eq!((digest.totals.rows(), digest.bad.count, digest.bad.first.len()), (1000, 1000, BadLines::NAMED));
}
