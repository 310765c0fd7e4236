# 关注对象，直到其终态。

# 命令行
cli-watch = 跟踪对象，直到进入终态
cli-watch-long = 跟踪对象，直到进入终态：先输出各对象的当前状态，之后每次变化输出一行。退出状态：0 全部进入终态（或到达所等状态）· 1 有对象以其他状态结束，或被拒绝 · 3 超时 · 4 不可信
cli-watch-kind = 对象类型
cli-watch-number = 单号；- 表示再从标准输入读取
cli-watch-until = 跟踪到进入该状态为止；按微信支付的写法，写其中一段即可，如 USER_PAID
cli-watch-timeout = 最长等待时间：30s、5m、2h、1d，或秒数
cli-watch-bad-time = 时间应写作 30s、5m、2h、1d，或秒数
cli-watch-silent = 自 { $since } 起查询不通，正在重试。{ $why }
cli-watch-failing = 暂时查不到 { $object }，正在重试。{ $why }
cli-watch-gap-offline = 查询已恢复。{ $from } 至 { $to } 之间的变化未能看到，正在重新查询 { $n } 个对象。
cli-watch-gap-asleep = { $from } 至 { $to } 本机休眠或程序被暂停，正在重新查询 { $n } 个对象。
cli-watch-gap-paused = { $from } 至 { $to } 查询已暂停，正在重新查询 { $n } 个对象。
cli-watch-gap-away = { $from } 至 { $to } 无人跟踪，正在重新查询 { $n } 个对象。
cli-watch-caught-up = 已补查完毕，期间有变化：{ $n } 个
cli-error-missed = 有对象未到达所等状态
cli-why-missed = 未经过 { $state } 即进入终态：{ $missed } / { $total }
cli-why-not-followed = 无法跟踪：{ $refused } / { $total }
cli-error-timed-out = 等待超时，尚未结束：{ $open } / { $total }
