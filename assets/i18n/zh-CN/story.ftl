# 对象的时间线、关联对象与版本差异。

page-timeline = 时间线
page-related = 关联

age-seconds = { $n } 秒

timeline-after = 距上一版本 { $age }
timeline-first = 首次见到
timeline-noted = 得知单号
timeline-under-way = 进行中
timeline-done = 已完成
timeline-refused = 被拒绝
timeline-unknown = 结果无从得知
timeline-unsettled = 结果暂时未知
timeline-reason = 理由：{ $reason }
timeline-raw = 直接请求 { $request }

timeline-created = 在此创建
timeline-delay = { $age }后见到
timeline-at-once = 即时见到
timeline-silence = { $from } 至 { $to } 无人查询
timeline-notification = 通知 { $type }
timeline-attempts = 共送达 { $n } 次
timeline-received-after = 事件发生 { $age }后送达
timeline-answered = { $n } 毫秒应答
timeline-bill-row = { $bill } 第 { $row } 行
timeline-since = 自 { $at }
timeline-disputed = 不一致
timeline-agrees = 与文档一致
timeline-contradicts = 与文档不符
timeline-dated = 据文档
timeline-chain-coming = 正在读取链条上的其余部分…
timeline-chain-some = { $kind }：共 { $n } 个，此处为最近的 { $shown } 个

claim-paid = 已支付
claim-revoked = 已撤销
claim-refunding = 退款中
claim-refunded = 已退款
claim-refund-closed = 退款关闭
claim-refund-abnormal = 退款异常
claim-confirmed = 已确认
claim-collected = 已收款
claim-signed = 已签约
claim-signing-cancelled = 已解约
claim-authorised = 已授权
claim-deauthorised = 授权已解除
claim-coupon-used = 已使用

dated-paid = 支付
dated-refund-created = 受理退款
dated-signed = 签约
dated-signing-cancelled = 解约
dated-plan-stopped = 停用
dated-authorised = 授权
dated-deauthorised = 解除授权
dated-coupon-sent = 发放
dated-coupon-used = 核销
dated-step-begun = 开始：子计划
dated-step-paid = 收款：子计划
dated-step-cancelled = 取消：子计划
dated-collected = 收款

short-plan = 计划
short-sign-plan = 签约
short-order = 订单
short-transaction = 交易
short-stock = 批次
short-refund = 退款
short-permission = 授权
short-coupon = 券

notification-gone = 账本中已没有这条通知。
notification-type = 类型
notification-id = 通知编号
notification-happened = 发生于
notification-summary = 摘要
notification-received = 送达
notification-payload = 解密后的内容

compare-first = 首次见到，以下均为新内容。
compare-same = 没有差异。
compare-unreadable = 当前版本的 Paydeck 无法读取其中一份文档。
compare-no-document = 其中一条尚未查询过，或当前版本的 Paydeck 无法读取其文档。
compare-absent = （无）

entry-operator = 操作员
entry-confirmed = 确认方式
entry-typed = 输入单号末四位
entry-yes = 回答 y
entry-flag = --yes
entry-request-id = Request-ID
entry-error = 错误
entry-body = 请求体
entry-reply = 应答

related-not-fetched = 尚未查询
related-unmet = 仅知微信支付单号
related-some = 共 { $n } 个，显示最近的 { $shown } 个
related-far = 间接关联
related-nothing = 尚未发现与之关联的对象。

blocked-nothing-inside = 这一行没有更多内容
blocked-no-version = 只能比较版本
blocked-nothing-related = 没有已知的关联对象

command-turn-page = 下一页
command-turn-page-back = 上一页
command-timeline = 时间线
command-related = 关联对象
command-follow = 转到该对象
command-look-into = 查看变化
command-look-into-entry = 查看操作日志
command-look-into-notification = 查看通知
command-look-into-row = 在账单中查看
command-along-chain = 沿链条展开
command-along-chain-not = 只看本对象
command-compare-marked = 与 ◆ 比较
command-mark-version = 标记以比较
command-next-line = 下一行
command-previous-line = 上一行
command-first-line = 首行
command-last-line = 末行

toast-bill-not-here = 本机没有账单：{ $bill }
toast-bill-fetch-it = 在此标签页按 { KEY("bill-fetch", "n") } 下载

cli-history = 打印见过的所有版本，最新的在前
cli-related = 列出关联对象，沿计划到退款的链条上下追溯
cli-related-cached = 不发请求，按账本原样读取
cli-timeline = 讲述发生过的一切，最新的在前：状态、操作、通知、账单行
cli-timeline-chain = 包括链条上下（计划到退款）的所有对象
cli-diff = 比较同一对象的两个版本
cli-diff-from = 较早版本的序号，与 timeline 和 get --history 所列一致
cli-diff-to = 较晚版本的序号；都不填则比较最近两个
cli-no-version = 没有第 { $number } 个版本，共见过 { $n } 个
cli-no-versions = 尚未见过它的任何版本
cli-timeline-nothing = 对它一无所知
