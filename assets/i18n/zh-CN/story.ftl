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

compare-first = 首次见到，以下均为新内容。
compare-same = 没有差异。
compare-unreadable = 当前版本的 Paydeck 无法读取其中一份文档。
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
blocked-came-from-nowhere = 并非从其他对象转来

command-turn-page = 下一页签
command-turn-page-back = 上一页签
command-timeline = 时间线
command-related = 关联对象
command-return = 返回前一对象
command-follow = 转到该对象
command-look-into = 查看变化
command-look-into-entry = 查看日志
command-compare-marked = 与 ◆ 比较
command-mark-version = 标记以比较
command-next-line = 下一行
command-previous-line = 上一行
command-first-line = 首行
command-last-line = 末行

cli-history = 打印见过的所有版本，最新的在前
cli-related = 列出关联对象，沿计划到退款的链条上下追溯
cli-related-cached = 不发请求，按账本原样读取
