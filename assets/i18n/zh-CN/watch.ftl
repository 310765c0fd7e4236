# 关注对象，直到其终态。

# 命令行
cli-watch = 关注对象，直到进入终态
cli-watch-long = 关注对象，直到进入终态：先输出各对象的当前状态，之后每次变化输出一行。退出状态：0 全部进入终态（或到达所等状态）· 1 有对象以其他状态结束，或被拒绝 · 3 超时 · 4 不可信
cli-watch-kind = 对象类型
cli-watch-number = 单号；- 表示再从标准输入读取
cli-watch-until = 关注到进入该状态为止；按微信支付的写法，写其中一段即可，如 USER_PAID
cli-watch-no-state = { $kind } 没有已知的状态 { $state }：若为笔误，将永远等不到
cli-watch-timeout = 最长等待时间：30s、5m、2h、1d，或秒数
cli-watch-bad-time = 时间应写作 30s、5m、2h、1d，或秒数
cli-watch-silent = 自 { $since } 起查询不通，正在重试。{ $why }
cli-watch-failing = 暂时查不到 { $object }，正在重试。{ $why }
cli-watch-gap-offline = 查询已恢复。{ $from } 至 { $to } 之间的变化未能看到，正在重新查询 { $n } 个对象。
cli-watch-gap-asleep = { $from } 至 { $to } 本机休眠或程序被暂停，正在重新查询 { $n } 个对象。
cli-watch-gap-paused = { $from } 至 { $to } 查询已暂停，正在重新查询 { $n } 个对象。
cli-watch-gap-away = { $from } 至 { $to } 无人关注，正在重新查询 { $n } 个对象。
cli-watch-caught-up = 已补查完毕，期间有变化：{ $n } 个
cli-error-missed = 有对象未到达所等状态
cli-why-missed = 未经过 { $state } 即进入终态：{ $missed } / { $total }
cli-why-not-followed = 无法关注：{ $refused } / { $total }
cli-advice-missed = 请用 paydeck open 单号 逐个查看。
cli-error-timed-out = 等待超时，尚未结束：{ $open } / { $total }
cli-advice-timed-out = 请再次关注；如需更久，请加大 --timeout。
# Console
watch-marked = 手动
watch-made = 在此创建
watched-since = 自 { $at } 起 · { $why }
watched-next = 下次查询 { $at }
watched-next-now = 轮到即查询
watched-paused = 已暂停
detail-watched = 关注
command-watch = 关注至终态
command-unwatch = 取消关注
command-watching = 关注列表
command-pause = 暂停关注
command-pause-end = 恢复关注
command-bell = 响铃
command-bell-off = 本次运行不响铃
command-watching-go = 前往
command-watching-drop = 取消关注
command-watching-pause = 暂停
command-watching-close = 关闭
blocked-final = 已是终态，不会再自行变化
blocked-nothing-watched = 没有关注的对象
toast-watched = { $n ->
    [1] 关注 { $number }，直到终态
   *[other] 关注 { $n } 个对象，直到终态
}
toast-watched-settled = 已是终态，未关注：{ $n }
toast-unwatched = { $n ->
    [1] 已取消关注 { $number }
   *[other] 已取消关注 { $n } 个对象
}
toast-bell-on = 关注的对象到达终态时响铃
toast-bell-off = 本次运行不再响铃
toast-caught-up = { $n ->
    [0] 已补查：没有变化
   *[other] 已补查：{ $n } 个对象有变化
}
ended-one = { $number } 已到终态：{ $state }
ended-many = { $n } 个关注的对象已到终态
ended-more = 另有 { $n } 个
gap-asleep = 休眠
gap-offline = 微信支付不可达
gap-paused = 已暂停
gap-away = Paydeck 未运行
gap-unobserved = { $from } 至 { $to } 期间未能观察（{ $why }）
gap-asking = 正在补查 { $n } 个对象
gap-changed = { $n ->
    [0] 没有变化
   *[other] { $n } 个对象有变化
}
banner-paused = 自 { $since } 起暂停关注，仅查询有通知的对象。按 { KEY("pause", "P") } 恢复；按 { KEY("refresh", "r") } 立即查询。
banner-trouble-again = { $what } · 自 { $since } 起 · { $again } 重试，按 { KEY("refresh", "r") } 立即重试
banner-as-of = 显示的内容最迟截至 { $at }。
status-watching = ◉ { $n }
status-watching-next = 下次 { $at }
watching-title = 关注 · { $n }
watching-nothing = 没有关注的对象。在某行按 { KEY("watch", "w") }，关注至终态。
watching-now = 即将
watching-column-kind = 类型
watching-column-next = 下次查询
watching-column-changed = 变化
watching-column-since = 关注自
watching-column-why = 来由
