# 外观：主题、颜色、终端能力。
theme-colour-blind = 色觉友好
theme-tokyo-night = 东京之夜
theme-catppuccin-mocha = Catppuccin 摩卡
cli-colors = 控制台使用的颜色数：auto、24-bit、256、16 或 none
cli-bad-colors = --colors { $colors }：应为 { $known }
cli-dumb-terminal = 此终端无法显示全屏界面（TERM=dumb）。请在终端窗口中运行 paydeck，或改用命令：paydeck --help
# The strip above a table.
strip-day = 24 小时
strip-sum = 合计
command-share = 下一状态占比
command-problems = 只看异常
# The titles of the window and of the panel.
title-sending = { $n } 项发送中
title-unknown = { $n } 项结果未知
title-bulk = 批量 { $done }/{ $total }
title-damaged = 账本损坏
title-unreachable = 连接中断
title-waiting = { $n } 项等待
panel-some = { $shown } / { $n }
