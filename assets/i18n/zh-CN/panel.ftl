# 命令面板和帮助。

palette-title = 命令与记录
palette-hint = 输入命令、单号或名称
palette-nothing = 没有匹配的命令或记录。
palette-profile = 商户配置：{ $name }
palette-theme = 主题：{ $name }
palette-language = 语言：{ $name }

group-act = 操作
group-look = 查看
group-go = 跳转
group-window = 界面
group-impossible = 当前不可用

help-title = 帮助
help-in-filter = 筛选中
help-in-calendar = 日历中
help-in-palette = 命令面板中
help-in-form = 表单中
help-in-confirm = 预览中

help-signs = 符号
sign-waiting = 等待对方操作
sign-running = 进行中
sign-busy = 资金处理中
sign-done = 已成功结束
sign-stopped = 已终止或暂停
sign-failed = 失败
sign-unknown = 未知状态，或结果未知
sign-marked = 已标记
sign-watched = 关注中
sign-both = 已标记且关注中
sign-disputed = 说法不一致，见标签页 { $tab }
sign-not-fetched = 尚未查询
sign-stale = 已过时
sign-query-failed = 上次查询失败，时间为所示内容的核实时间
sign-queried = 查询中
sign-cursor = 光标
sign-sorted = 按该列排序
sign-version = 时间线：记录有变化
sign-sent = 时间线：商户操作
sign-notification = 时间线：微信支付通知
sign-bill-row = 时间线：账单明细
sign-possible = 当前可用；· 为不可用
sign-progress = 完成进度

help-filter = 筛选语法
help-filter-words = 关键词，须全部出现在单号、名称、用户或状态中
help-filter-phrase = 完整短语
help-filter-pattern = 正则表达式
help-filter-state = 状态，可写文字或代码，如 状态:扣款
help-filter-amount = 大于；也可用 >= < <= =
help-filter-range = 10 元至 50 元
help-filter-since = 多久以内（m h d w），或自某日起
help-filter-before = 多久以前，或早于某日
help-filter-on = 某日（北京时间），也可写 昨天
help-filter-days = 某日至某日
help-filter-not = 排除
help-filter-keys = 提示、日历、保存筛选

command-palette-page-down = 下一页
command-palette-page-up = 上一页
command-palette-top = 第一项
command-palette-bottom = 最后一项
command-palette-delete = 删除已保存的条目
command-help-search = 搜索
blocked-nothing-to-search = 此处没有可搜索的内容
help-esc = { KEY("back", "Esc") } 每按一次撤销屏幕上最近的一项：消息、详情中的查找或标记、详情、跳转、筛选。看不到的不占用按键。
help-term-phrase = "一段话"
help-term-state = 状态:支付成功
help-term-not = !状态:支付成功
