# 控制台文字。

tab-plans = 支付分计划
tab-sign-plans = 签约计划
tab-orders = 服务订单
tab-transactions = 交易
tab-stocks = 代金券批次
tab-refunds = 退款

column-number = 单号
column-name = 名称
column-plan-name = 计划名称
column-user = 用户
column-state = 状态
column-amount = 金额
column-progress = 进度
column-time = 时间
column-fresh = 核实
column-price = 优惠价
column-deductions = 扣费次数
column-duration = 周期
column-stopped = 停止时间
column-steps = 子计划
column-signed = 签约时间
column-service = 服务
column-collected = 已收
column-started = 开始时间
column-transaction-id = 微信支付订单号
column-attach = 附加数据
column-payer-paid = 用户实付
column-trade-type = 类型
column-paid-at = 支付时间
column-budget = 总预算
column-face-value = 面额
column-sent = 已发券
column-ends = 结束时间
column-created = 创建时间
column-trade-number = 商户订单号
column-refund-to = 原因／去向
column-refunded = 退款金额
column-of-total = 订单金额

value-days = { $n } 天
value-yes = 是
value-no = 否
value-prefunded = 预充值
value-not-prefunded = 免充值

step-not-used = 未开始
step-using = 使用中
step-used = 已扣费
step-cancelled = 已取消

age-now = 刚刚
age-just-now = 刚刚
age-minutes = { $n } 分钟
age-hours = { $n } 小时
age-days = { $n } 天
age-ago = { $age }前
age-ahead = { $age }后

fresh-sending = 发送中…
fresh-unknown = ? 未知
fresh-never = 从未

page-overview = 概览
page-raw = 原文

source-query = 查询
source-list = 列表
source-action = 操作
source-opened = 按单号打开
source-import = 导入
source-feed = 单号文件
source-followed = 关联带入

detail-verified = 核实时间
detail-asked = 查询中…
detail-query-failed = 查询失败
detail-not-fetched = 尚未查询，按 r 查询。
detail-actions = 操作
detail-steps = 子计划
detail-step = 序号
detail-plan-id = 计划 ID
detail-sign-plan-id = 签约计划 ID
detail-original-price = 原价
detail-discount = 优惠说明
detail-appid = AppID
detail-service-id = 服务 ID
detail-stopped-by = 停止方商户号
detail-plan-over = 计划结束时间
detail-cancelled = 取消时间
detail-cancel-reason = 取消原因
detail-order-number = 服务订单号
detail-order-id = 微信支付服务订单号
detail-total = 总金额
detail-risk-fund = 风险金
detail-ends = 结束时间
detail-need-collection = 是否需要收款
detail-outstanding = 待收金额
detail-received = 已收金额
detail-payments = 后付费项目
detail-discounts = 商户优惠
detail-count = 数量
detail-description = 说明
detail-bank = 付款银行
detail-state-text = 状态描述
detail-mchid = 商户号
detail-budget-by-day = 单天预算上限
detail-sent-amount = 已发券面额
detail-minimum = 使用门槛
detail-max-coupons = 发放总上限
detail-per-user = 单个用户上限
detail-funding = 充值方式
detail-stock-type = 批次类型
detail-begins = 开始时间
detail-started = 激活时间
detail-creator = 创建方商户号
detail-next = 处理办法
detail-payer-refund = 用户退款金额
detail-discount-refund = 优惠退款金额
detail-settlement-total = 应结订单金额
detail-settlement-refund = 应结退款金额
detail-received-account = 退款入账账户
detail-channel = 退款渠道
detail-funds-account = 资金账户
detail-refund-accepted = 受理时间
detail-refund-arrived = 退款成功时间
detail-refund-id = 微信支付退款单号

refund-next-abnormal = 款项无法退到用户账户。请在商户平台处理异常退款：退至用户其他银行卡，或退至商户结算账户后自行退给用户。
refund-next-closed = 未发生资金变动。如仍需退款，请使用新的商户退款单号。

channel-original = 原路退款
channel-balance = 退回到余额
channel-other-balance = 原账户异常退到其他余额账户
channel-other-card = 原银行卡异常退到其他银行卡

badge-production = 生产环境 PRODUCTION
badge-sandbox = 沙箱 SANDBOX
badge-read-only = 只读

status-verified = { $age }核实
status-budget = { $used }/{ $limit } 次/秒
status-budget-calm = ≤ { $limit } 次/秒
status-queued = 排队 { $n }
status-certificate = 证书有效至 { $date }
status-certificate-soon = 证书 { $n } 天后过期

banner-trouble = { $what } · 自 { $since } 起 · 按 r 立即重试
banner-now = 显示的内容可能已过时。

first-run-what = 这是 Paydeck 内置的沙箱（资金均为虚拟）：完整的微信支付网关，用户会自行操作。
first-run-keys = 试试  3 服务订单 · / 筛选 · a 操作 · : 全部命令。按 Esc 隐藏本提示。

opening = 正在启动…
opening-profile = 正在打开 { $name }…

too-small = Paydeck 至少需要 { $width }×{ $height }。按 q 退出。

quit-small = 有操作尚未结束。y 退出，n 留下。

empty-title = 暂无记录
empty-hint = 微信支付没有此类对象的列表接口。按 o 打开单号；paydeck import FILE 可批量导入。
empty-filter-title = 没有符合筛选条件的记录
empty-filter-hint = 按 Esc 清除筛选，按 / 修改。
empty-filter-states = 此处出现过的状态，筛选时可写代码或文字：

totals-all = 共 { $n } 条
totals-some = { $n } 条中的 { $shown } 条
totals-sum = 合计 { $sum }
totals-ended = （其中 { $marks } { $sum }）

filter-hint = 关键词  state:扣款  amount>100  since:2d  !排除
filter-needs-state = { $term } — 请写状态，如 state:DOING
filter-needs-age = { $term } — 请写时长，如 since:2d（m h d w）
filter-needs-amount = { $term } — 请写金额（元），如 amount>12.50
filter-needs-term = { $term } — ! 后面要有关键词
filter-needs-keyword = { $term } — 请写明比较的项目，如 amount>100

pick-action = 操作
pick-sort = 排序
pick-columns = 显示列
pick-profile = 商户配置

palette-title = 命令
palette-nothing = 没有匹配的命令。
palette-profile = 商户配置：{ $name }
palette-theme = 主题：{ $name }
palette-language = 语言：{ $name }

theme-dark = 深色
theme-light = 浅色
theme-high-contrast = 高对比度

language-en = English
language-zh = 简体中文

export-title = 导出当前视图
export-hint = .csv 供表格软件使用；.jsonl 为微信支付原文。不会覆盖已有文件。
export-currency = 币种
export-state-code = 状态代码

help-title = 按键
help-in-filter = 筛选中：
help-in-palette = 命令面板中：
help-in-form = 表单中：
help-in-confirm = 预览中：
help-filter = 筛选：关键词、state:DOING、amount>100、amount<=9.9、since:2d（m h d w），词前加 ! 表示排除。
help-marks = 标记：… 未查询 · ~ 已过时 · ! 上次查询失败（时间为所示内容的核实时间） · ↻ 查询中 · ? 结果未知 · ▌ 光标 · 底色或下划线：刚有变化。

quit-title = 退出？
quit-question = 有操作尚未结束，其结果会记录在日志中。

risk-reversible = 可撤回
risk-irreversible = 不可撤销
risk-money = 涉及资金

form-nothing-sent = 确认预览之前不会发送任何内容。
form-mend-fields = 请改正标出的项目。
form-setting = 商户配置缺少 { $name }。
form-above-cap = 超过商户配置 { $profile } 允许的 { $max }

confirm-reverse = 可用“{ $action }”撤回。
confirm-irreversible = 此操作不可撤销。
confirm-merchant = 商户
confirm-request = 请求
confirm-no-body = 无请求体
confirm-type = 输入 { $tail } 以确认：
confirm-reason = 理由（记入日志）：
confirm-mismatch = 与 { $tail } 不符
scroll-hint = ↑↓ 滚动
confirm-changed = 对象已有变化，现为{ $state }（{ $code }）。
confirm-now-illegal = 已不可执行：{ $reason }。

button-cancel = 取消
button-confirm = 确认

blocked-not-open = 尚未打开商户
blocked-nothing-selected = 未选中任何记录
blocked-no-rows = 没有记录
blocked-not-fetched = 尚未查询，按 r 查询
blocked-waiting = 正在读取账本
blocked-in-flight = 有操作尚未结束，请等待结果
blocked-object-in-flight = 该对象有操作尚未结束
blocked-unresolved = 该对象有操作结果未知，正在查询核实
blocked-no-profiles = 没有其他商户配置
blocked-read-only = 该商户配置为只读
blocked-by-rules = 商户配置 { $profile } 的规则禁止此操作
blocked-column-needed = 该列始终显示

toast-copied = 已复制
toast-refreshing = 正在查询可见的 { $n } 条
toast-paste-too-long = 粘贴内容过长：最多 { $n } 个字
toast-exported = 已写入 { $n } 条
toast-left-out = 尚未查询而略过 { $n } 条
toast-export-failed = 导出失败
toast-not-prepared = 无法准备此操作
toast-sending = 发送中：{ $action } { $number }
toast-done = 已完成：{ $action } { $number }
toast-refused = 被拒绝：{ $action } { $number }
toast-unknown = 结果未知：{ $action } { $number }
toast-unknown-next = 日志 { $journal } 保持未结：将持续查询该对象直至状态明确。请勿重复操作。
toast-denied = 未发送：{ $action } { $number }
toast-found-by-query = 未收到应答，但查询表明操作已生效。
toast-journal = 日志 { $journal }
toast-code = 错误码 { $code }
toast-request-id = Request-ID { $id }
toast-dismiss = 按 Esc 关闭

command-act = 操作
command-open = 详情
command-filter = 筛选
command-sort = 排序
command-columns = 选择列
command-refresh = 刷新
command-retry = 重试
command-refresh-visible = 刷新可见行
command-copy-number = 复制单号
command-copy-json = 复制 JSON
command-export = 导出视图
command-palette = 命令
command-profile = 切换商户
command-help = 帮助
command-back = 返回
command-quit = 退出
command-tab-1 = 转到支付分计划
command-tab-2 = 转到签约计划
command-tab-3 = 转到服务订单
command-tab-4 = 转到交易
command-tab-5 = 转到代金券批次
command-tab-6 = 转到退款
command-next-tab = 下一标签页
command-previous-tab = 上一标签页
command-down = 向下
command-up = 向上
command-page-down = 下一页
command-page-up = 上一页
command-top = 首行
command-bottom = 末行
command-detail-top = 到开头
command-detail-bottom = 到末尾
command-turn-page = 概览／原文
command-filter-keep = 保留
command-filter-drop = 放弃
command-palette-run = 执行
command-palette-down = 向下
command-palette-up = 向上
command-palette-close = 关闭
command-pick-take = 选择
command-pick-down = 向下
command-pick-up = 向上
command-pick-page-down = 下一页
command-pick-page-up = 上一页
command-pick-top = 首项
command-pick-bottom = 末项
command-pick-close = 关闭
command-form-next = 下一项
command-form-previous = 上一项
command-form-preview = 预览
command-form-close = 关闭并保留草稿
command-confirm-press = 按下所选按钮
command-confirm-next = 下一个
command-confirm-previous = 上一个
command-confirm-down = 向下滚动
command-confirm-up = 向上滚动
command-confirm-close = 取消
command-prompt-accept = 写入文件
command-prompt-close = 关闭
command-help-down = 向下滚动
command-help-up = 向上滚动
command-help-close = 关闭
command-quit-anyway = 仍要退出
command-stay = 留下
command-suspend = 挂起
command-leave-now = 立即退出
toast-unresolved = { $count ->
   *[other] 此前有 { $count } 项变更结果未知
}
toast-unresolved-next = 正在查询相关对象；在其状态明确之前不允许新的操作。
toast-resolved = 日志 { $journal }（{ $number }）：{ $outcome }
outcome-done = 已生效
outcome-refused = 未生效
outcome-unknown = 无从得知
leaving = { $count ->
   *[other] 有 { $count } 项变更正在进行，等待其结果。按 Ctrl-C 立即离开，日志已有记录。
}
open-title = 打开单号
open-hint = 本商户的任意单号：计划、签约计划、服务订单、交易、代金券批次或退款；也可以是微信支付订单号。
pick-found = 该单号对应多个对象
toast-searching = 正在查找 { $number }……
toast-not-found = 没有找到 { $number }
toast-no-number = 这不是单号
command-find = 打开单号
toast-unkept = 查询结果未能保存到账本

tab-journal = 日志
journal-column-entry = 编号
journal-column-operator = 操作人
journal-column-action = 操作
journal-column-object = 对象
journal-column-outcome = 结果
journal-column-request-id = Request-ID
journal-action-api = 原始请求
journal-under-way = 进行中
journal-done = 已完成
journal-refused = 被拒绝
journal-unknown = 未知
journal-untold = 无从得知
journal-entry = 日志 { $n } · { $action }
journal-at = 时间
journal-profile = 商户配置
journal-state-before = 操作前状态
journal-confirmed = 确认方式
journal-confirmed-typed = 输入单号末四位
journal-confirmed-yes = 直接确认
journal-confirmed-flag = 命令行参数 --yes
journal-changed = 变化
journal-against-latest = 发送前的原文与账本中最新原文对比（{ $at } 核实）：
journal-against-reply = 发送前的原文与已验签的应答对比：
journal-no-object = 该请求没有可供对比的对象。
journal-no-before = 发送前账本中没有该对象的原文。
journal-not-seen-since = 发送之后尚未查询该对象，按 Enter 转到该对象。
journal-no-difference = 没有差异。
journal-request = 请求
journal-error = 错误
journal-reply = 已验签的应答
journal-chain = 哈希链
journal-hash = SHA-256
journal-verify-hint = 运行 paydeck journal verify 可检验有无记录被更改、删除或调换。
journal-newest-first = 新的在前
journal-only = 仅{ $kind } { $number }
journal-esc-clears = 按 Esc 清除
journal-search-hint = 任意文字：单号、操作代码、Request-ID、理由
journal-nothing-found = 没有符合搜索的日志
journal-nothing-found-hint = 按 Esc 清除搜索，按 / 修改。
journal-empty = 尚未发送过任何操作
journal-empty-hint = 每项变更在发出之前都会记入日志，随后记下结果。
blocked-no-object = 该日志没有对应的对象
command-journal-of = 该对象的日志
command-entry-open = 详情
command-entry-search = 搜索
command-entry-object = 转到该对象
command-entry-copy = 复制日志编号
command-entry-copy-json = 复制日志 JSON
command-tab-9 = 转到日志
command-reread = 重新读取
