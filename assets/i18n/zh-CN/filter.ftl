# 筛选输入行、日历和已保存的筛选。

filter-hint = { KEY("filter-complete", "Tab") } 提示 · { KEY("filter-calendar", "^T") } 日历 · amount:10..50 /正则/ !排除
filter-hint-offered = { KEY("filter-complete", "Tab") } 选用 · { KEY("filter-previous-word", "↑") } { KEY("filter-next-word", "↓") } 选择 · { KEY("filter-calendar", "^T") } 日历
filter-nearest = { $why } · 是否 { $nearest }
filter-meant = 可能是
filter-too-long = 粘贴内容超过 { $term } 个字符，未填入
filter-unknown-keyword = 没有 { $term } 这一项；可用 状态 金额 起始 早于 日期
filter-no-state = { $term } — 这类记录没有这种状态
filter-needs-state = { $term } — 请写状态，如 state:扣款
filter-needs-moment = { $term } — 请写时长或日期，如 2d、3h、2026-11-20
filter-needs-day = { $term } — 请写日期，如 今天、2026-11-20
filter-needs-amount = { $term } — 请写金额（元），如 amount>12.50
filter-needs-term = { $term } — ! 后面要有关键词
filter-needs-keyword = { $term } — 请写明比较的项目，如 amount>100
filter-needs-phrase = { $term } — 引号内请写文字，如 "充电宝 租借"
filter-needs-pattern = { $term } — 请写正则表达式，如 /so.*7$/
filter-bad-pattern = { $term } 不是有效的正则表达式

filter-word-state = 状态
filter-word-amount = 金额
filter-word-since = 起始
filter-word-before = 早于
filter-word-on = 日期
filter-word-today = 今天
filter-word-yesterday = 昨天
filter-means-state = 处于该状态
filter-means-above = 大于
filter-means-below = 小于
filter-means-range = 等于，或区间 10..50
filter-means-since = 多久以内，或自某日起
filter-means-before = 多久以前，或早于某日
filter-means-on = 当天，或 2026-11-01..2026-11-20
filter-means-pattern = 正则表达式，如 /so.*7$/
filter-means-phrase = 完整短语
filter-means-today = 北京时间今天零点起
filter-means-yesterday = 北京时间昨天全天
filter-age-h = { $n } 小时
filter-age-d = { $n } 天
filter-age-w = { $n } 周

calendar-month-1 = { $year } 年 1 月
calendar-month-2 = { $year } 年 2 月
calendar-month-3 = { $year } 年 3 月
calendar-month-4 = { $year } 年 4 月
calendar-month-5 = { $year } 年 5 月
calendar-month-6 = { $year } 年 6 月
calendar-month-7 = { $year } 年 7 月
calendar-month-8 = { $year } 年 8 月
calendar-month-9 = { $year } 年 9 月
calendar-month-10 = { $year } 年 10 月
calendar-month-11 = { $year } 年 11 月
calendar-month-12 = { $year } 年 12 月
calendar-weekdays = 一 二 三 四 五 六 日
calendar-on = 当天
calendar-since = 自该日起
calendar-before = 早于该日
calendar-hint-1 = { KEY("calendar-turn", "Tab") } 当天/起始/早于 · { KEY("calendar-today", "t") } 今天
calendar-hint-2 = { KEY("calendar-take", "⏎") } 选用 · { KEY("calendar-earlier", "PgUp") } { KEY("calendar-later", "PgDn") } 换月

save-filter-title = 保存当前筛选
save-filter-hint = 保存后可在命令面板中按名称打开。每个商户配置各有自己的筛选。

palette-filter = 筛选：{ $name }
blocked-no-filter = 当前列表没有筛选
blocked-no-saved-filter = 选中已保存的筛选或列设置后才能删除
blocked-no-such-table = 没有“{ $kind }”列表
toast-filter-name = 名称需为 1 至 { $n } 个字符
toast-filter-saved = 已保存筛选：{ $name }
toast-filter-deleted = 已删除：{ $name }
toast-filters-unsaved = 筛选未能保存
toast-filters-unread = 无法读取已保存的筛选

command-filter-complete = 提示
command-filter-next-word = 下一项
command-filter-previous-word = 上一项
command-filter-calendar = 日历
command-filter-save = 保存筛选
command-save-filter = 保存当前筛选
command-calendar-take = 选用该日
command-calendar-turn = 当天、起始、早于
command-calendar-left = 前一天
command-calendar-right = 后一天
command-calendar-up = 前一周
command-calendar-down = 后一周
command-calendar-earlier = 上个月
command-calendar-later = 下个月
command-calendar-today = 今天
command-calendar-close = 关闭

# Sets of columns with a name.
save-columns-title = 保存当前列设置
palette-columns = 列：{ $name }
toast-columns-saved = 已保存列设置：{ $name }
command-columns-save = 保存当前列设置
