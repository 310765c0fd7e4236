# 列表：新增、异常、列、标记。

newer-rows = ▲ 新增 { $n } 条 · { $key }
only-problems = ✗ 仅看异常 · { $key }
totals-problems = ✗ 仅看异常
empty-problems-title = 没有异常
empty-problems-hint = 没有失败的记录，各来源数据一致。再按同一个键显示全部。
command-problems = 仅看异常
command-problems-not = 显示全部
command-columns-wide = 显示所有列
command-columns-narrow = 显示适合宽度的列
command-columns-right = 向右查看列
command-columns-left = 向左查看列
command-column-down = 下移
command-column-up = 上移
command-mark-range = 从上一个标记标到此行
command-mark-invert = 反选
command-compare-objects = 比较标记的两条
blocked-not-two = 须恰好标记两行（{ KEY("mark", "Space") }）
blocked-not-columns = 只有列可以移动
blocked-column-first = 单号列始终在最前
blocked-all-columns = 所有列都已显示
blocked-no-last-mark = 请先用 { KEY("mark", "Space") } 标记起始行
