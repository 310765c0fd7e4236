# 微信支付境外
detail-exchange-rate = 汇率
detail-promotions = 优惠
detail-promotion-kind = 类型

empty-elsewhere-title = 微信支付境外没有此类对象
empty-elsewhere-hint = 境外商户有交易（{ KEY("tab-transactions", "4") }）、退款（{ KEY("tab-refunds", "6") }）、资金结算和对账单（{ KEY("palette", ":") }）。
bill-elsewhere = 微信支付境外没有此类账单，只有每日对账单
bill-elsewhere-hint = { KEY("bill-fetch", "n") } 下载某日的对账单：SHA-1 的签名与文件内容均验证后才写入文件。资金结算见命令面板（{ KEY("palette", ":") }）。

command-settlements = 资金结算
command-settlements-turn = 已结算 / 未结算
command-settlements-next = 下一页
command-settlements-previous = 上一页
command-settlements-again = 重新查询
command-settlements-close = 关闭
command-statement = 下载某日对账单
command-statement-write = 写入文件
blocked-not-global = 仅微信支付境外支持
blocked-last-page = 已是最后一页
blocked-first-page = 已是第一页

settlements-open-title = 未结算资金
settlements-open = 尚未结算的资金
settlements-paid-title = 已结算资金
settlements-paid = 结算日期 { $from } 至 { $to }
settlements-asking = 正在查询微信支付…
settlements-nothing = 没有记录
settlements-page = 第 { $first }–{ $last } 条，共 { $total } 条
settlement-date = 结算日
settlement-traded = 交易日
settlement-wallet = 钱包
settlement-pay = 支付
settlement-refund = 退款
settlement-net = 净额
settlement-fee = 手续费
settlement-settled = 已结算
settlement-unsettled = 未结算
wallet-mainland = 内地
wallet-hong-kong = 香港

statement-title = 下载某日对账单
statement-hint = 日期，如 20261120，最早 180 天前；次日 10:00 起可取。验证通过后写入当前目录的 paydeck-statement-日期.csv。
toast-refunds-unlisted = 无法列出 { $number } 的退款
toast-statement = { $day } 的对账单已写入：{ $n } 行
toast-statement-digest = SHA-1 { $digest }，已由微信支付签名
toast-no-statement = { $day } 的对账单未写入
toast-statement-asked = 正在下载 { $day } 的对账单…
toast-no-day = 这不是日期：应为 20261120 或 2026-11-20

cli-bill-statement = 某日对账单（微信支付境外），以签名的 SHA-1 验证
cli-bill-day = 日期，20261120 或 2026-11-20，或 yesterday
cli-statement-to = 写入此文件（不得已存在）；不指定或填 - 时输出到标准输出
cli-bill-verified = { $n } 行，SHA-1 { $digest }，已由微信支付签名
cli-bill-written = { $path }：{ $n } 行，SHA-1 { $digest }，已由微信支付签名
cli-error-day = { $day } 不是日期：应为 20261120 或 2026-11-20
cli-settlement = 资金结算（微信支付境外）
cli-settlement-list = 已结算或未结算的资金
cli-settlement-state = settled（已结算）或 unsettled（未结算）
cli-settlement-from = 结算起始日期，默认 30 天前
cli-settlement-to = 结算截止日期，默认今天
cli-refund-transaction = 只列出该订单的退款，向微信支付查询（仅境外）

illegal-region = 微信支付境外没有此类对象
field-currency = 币种
field-category = 商户类目码（MCC）
field-store-id = 门店编号
field-store-name = 门店名称
field-store-address = 门店地址
choice-no_credit = 不可用信用卡
problem-currency = 应为 { $value } 之一
problem-category = 应为已公布商户类目码中的四位数字，如 5812
problem-other-region = region = "{ $value }" 下没有此项
