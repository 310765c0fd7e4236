# 收到的通知、被拒绝的请求，以及各来源不一致之处。
source-notification = 通知

# 事件类型；未收录的类型显示其代码。
event-transaction-success = 支付成功
event-refund-success = 退款成功
event-refund-closed = 退款关闭
event-refund-abnormal = 退款异常
event-payscore-user-sign-plan = 用户签约计划
event-payscore-user-cancel-sign-plan = 用户取消计划
event-payscore-user-confirm = 用户确认订单
event-payscore-user-paid = 用户支付订单
event-payscore-user-open-service = 用户授权
event-payscore-user-close-service = 用户解除授权
event-coupon-use = 代金券核销

# 所述之事。
fact-paid = 已支付
fact-revoked = 已撤销
fact-refunding = 退款中
fact-refunded = 已退款
fact-refund-closed = 退款已关闭
fact-refund-abnormal = 退款异常
fact-confirmed = 用户已确认
fact-collected = 用户已付款
fact-signed = 已签约
fact-signing-cancelled = 已取消签约
fact-authorised = 已授权
fact-deauthorised = 已解除授权
fact-coupon-used = 已核销

# 判定结果。
verdict-genuine = 验签通过
verdict-genuine-why = 由微信支付签名，并已用 APIv3 密钥解密。
verdict-probe = 探测
verdict-probe-why = 微信支付不时发送错误签名，检验商户是否验签。按规定已拒绝，之后会以正确签名重发。
verdict-unsigned = 未签名
verdict-unsigned-why = 没有签名，或签名头不全。微信支付的请求都有签名：此请求另有来源，或前置代理丢弃了 Wechatpay-… 头。
verdict-unknown-key = 未知密钥
verdict-unknown-key-why = 签名所用序列号不属于微信支付。此请求另有来源，或配置中的公钥有误。
verdict-stale = 过期
verdict-stale-why = 签名时间早于五分钟前，或在未来：旧请求被重发，或本机时钟有误。
verdict-forged = 伪造
verdict-forged-why = 签名不是微信支付对这些字节所签。有人冒充微信支付，或前置设备改动了报文。
verdict-replayed = 重放
verdict-replayed-why = 完全相同的字节已收到过。微信支付每次发送都重新签名：有人录下请求后再次发送。
verdict-sealed = 无法解密
verdict-sealed-why = 由微信支付签名，但配置中的 APIv3 密钥无法解密。商户平台是否更换过密钥？微信支付会在一天内重发：请更正密钥。
verdict-malformed = 格式错误
verdict-malformed-why = 不是本接口的通知：不是 JSON，或缺少通知必有的内容。
verdict-oversized = 过大
verdict-oversized-why = 超过任何通知的大小，未读完。
verdict-stray = 误投
verdict-stray-why = 路径不是接收地址，或不是 POST。发送方并非要找接收器。

# 收件箱。
tab-events = 通知
events-column-received = 收到时间
events-column-verdict = 验签
events-column-type = 事件
events-column-object = 对象
events-column-fact = 结果
events-with = 合单支付
events-column-attempts = 次数
events-column-answered = 应答耗时
events-column-answer = 应答
events-column-summary = 摘要
events-refused = 拒绝 { $n } 次 · 最近 { $at } · 来自 { $peer }
events-only-genuine = 仅验签通过
events-only-refused = 仅被拒绝的请求
events-listening = 接收地址 { $url } · 已收 { $received } · 已拒 { $refused }
events-not-listening = 本控制台未接收通知
events-listen-trouble = 无法接收：{ $trouble }
events-empty = 尚未收到通知
events-empty-hint = 通知由 `paydeck listen` 接收；配置了 `listen = { "{" } … { "}" }` 的账号在控制台打开期间也会接收；沙箱中自动接收。微信支付将通知发往下单时填写的 notify_url。
events-empty-listening = 本控制台在 { $url } 接收通知。微信支付将通知发往下单时填写的 notify_url。
events-nothing-found = 没有符合搜索的记录
page-payload = 报文
page-deliveries = 投递
events-id = 通知编号
events-created = 发生时间
events-first = 首次收到
events-last = 最近收到
events-delay = 发生后 { $delay }
events-of-limit = { $took } / { $limit }
events-unanswered = 不确定是否已应答
events-undocumented = 未收录的事件类型：保留并显示，不据此做任何处理。
events-refused-kept = 每小时每种原因只保留最早 { $n } 次，且有截断：见“投递”和“原文”。
events-nothing-opened = 已拒绝，未解密。
events-delivery = 第 { $n } 次投递
events-peer = 来源
events-target = 目标
events-status = 应答状态
events-sizes = 请求头 { $headers } 字节，正文 { $body } 字节
events-bytes = 大小
events-detail = 问题
events-not-kept = 另有 { $n } 次仅计数，未保留。
events-raw-of = { $at } 来自 { $peer } 的请求，逐字节原样。

# 重新发送。
replay-title = 发送到 URL
replay-hint = 将保留的请求头和正文逐字节以 POST 发往该地址。发送前会先显示内容。
replay-to-host = 发往
replay-what = 内容
replay-sizes = { $headers } 个请求头，正文 { $bytes } 字节，原样发送
replay-stale = 签名时间仍是收到时的时间：拒绝五分钟前签名的后端会拒绝此请求。
replay-leaves = 内容将离开本机：请求头和加密正文会发往外部主机。
replay-type = 输入 { $host }：
replay-not-kept = 该记录未保留任何内容
replay-cut = 该请求被拒绝，只保留了开头，无法重新发送
replay-no-url = 地址无效：须为 http 或 https，有主机名，且不含密码
replay-no-scheme = URL 须以 http:// 或 https:// 开头，例如 http://localhost:9000/notify
replay-wechat-pay = 该地址是微信支付（或本配置的接口地址）：通知只能发往您自己的后端
replay-read-only = 当前配置为只读：不会在微信支付做任何变更，但通知仍会发往您自己的后端，后端可能据此处理。
events-replayed = 重新发送
events-replay-to = URL
events-replay-at = 发送时间
events-replay-answer = 应答
events-replay-waiting = 等待应答
events-replay-status = { $status }，{ $ms } ms
toast-replay-accepted = 已接受：{ $status }，{ $ms } ms
toast-replay-refused = 应答 { $status }，{ $ms } ms
toast-replay-failed = 无应答

# 各来源不一致之处。
dispute-notification-says = 通知称
dispute-bill-says = 账单称
dispute-missing = 未收到通知
dispute-document-says = 查询结果
dispute-since = 自 { $at }
dispute-due-since = 自 { $at } 起应收到
dispute-never-asked = 尚未查询过
dispute-verified = { $age }核实
dispute-still = { $at } 再次查询：仍不一致
dispute-unasked = { $at } 查询：{ $what }
disputes-count = { $n ->
    [0] 没有不一致
   *[other] { $n } 处不一致
}
disputes-more = 最近 { $n } 处不一致
disputes-what = 通知或账单所述与查询结果不同
disputes-none = 各来源一致
disputes-none-hint = 通知和账单所述会与对象的最新查询结果比对。不一致之处列于此，直至查询后一致；应收到而五分钟内未到的通知也列于此。
detail-disputed = 不一致
detail-disputed-notification = 通知称：{ $what }
detail-disputed-bill = 账单称：{ $what }
detail-disputed-missing = 应收到“{ $what }”通知，未到
toast-resolving = 正在查询 { $n } 个对象……
toast-agreed = { $number } · { $state }：已一致
toast-standing = { $number } · { $state }：仍不一致
toast-not-asked = { $number } 查询失败
toast-resolved-all = 已查询 { $n } 个：{ $agreed } 个已一致，{ $standing } 个仍不一致，{ $failed } 个查询失败

# 命令及其阻碍。
command-tab-events = 转到通知
command-event-open = 详情
command-event-search = 搜索
command-event-part = 全部、验签通过、被拒绝
command-event-object = 转到该对象
command-event-page = 下一页
command-event-page-back = 上一页
command-event-replay = 发送到 URL
command-event-copy = 复制通知编号
command-event-copy-payload = 复制报文或原始请求
command-replay-preview = 查看将发送的内容
command-disputes = 不一致
command-inbox = 通知列表
command-dispute-object = 转到该对象
command-dispute-event = 查看通知
command-dispute-resolve-all = 全部查询
command-resolve = 立即查询
blocked-coupon-without-user = 通知只含代金券编号，不含用户；没有用户无法查询。请先列出该用户的代金券
blocked-event-without-object = 没有可转到的已知对象
blocked-never-received = 没有通知：问题正在于此
blocked-from-a-bill = 这是账单所述，不是通知
blocked-no-dispute = 没有不一致

# 命令行。
cli-events-about = 微信支付发来的通知，以及被拒绝的请求
cli-events-list = 收件箱最近的记录，新的在前
cli-events-search = 只列出含有这些文字的记录；也可用 type:REFUND、verdict:forged
cli-events-show = 一条记录：解密内容与每次投递的原文
cli-events-event = 记录编号
cli-events-replay = 将最近一次投递逐字节重新发送到 URL
cli-events-url = 发往何处：http 或 https
cli-events-missing = 收件箱中没有记录 { $event }
cli-error-replay-refused = 对方未接受
cli-advice-replay-refused = 请查看您后端的日志：验签失败或签名超过五分钟的通知会被拒绝。
cli-advice-replay-unanswered = 请检查您的后端是否在运行以及 URL 是否正确。
events-forwarded = 转发
events-forward-accepted = ✓ 后端已接收
events-forward-waiting = 等待转发
events-forward-failed = ✗ 尚未接收，已尝试 { $n } 次
events-forward-next = { $at } 重试

# 接收端为何拒绝一个请求
refused-not-this-path = 不是接收路径：{ $found }
refused-not-post = 请求方法为 { $found }，通知只用 POST 发送
refused-too-long = 超过 { $found } 字节
refused-late = { $found } 秒内未收完请求体
refused-broken = 请求体未收完，连接已断开
refused-unreadable = 不是可读取的 HTTP 请求
refused-given-twice = 请求头 { $found } 重复出现
refused-same-signature = 同一签名此前已收到过
refused-apiv2 = 这是 XML 格式的 APIv2 通知：其 notify_url 来自 APIv2 请求
refused-header-missing = 缺少请求头 { $found }
refused-probe = 签名探测流量，签名故意有误
refused-signature-type = 签名类型为 { $found }，本接口不使用
refused-timestamp = 签名时间戳不是数字
refused-clock = 签名时间与本机时钟相差 { $found } 秒，允许 300 秒以内
refused-unknown-serial = 签名所用的 { $found } 不在本配置的平台公钥或证书之列
refused-encoding = 签名不是 base64 编码
refused-wrong-signature = { $found } 的签名与收到的内容不符
refused-nonce-length = 密文的 nonce 为 { $found } 字节，应为 12 字节
refused-ciphertext-encoding = 密文不是 base64 编码
refused-not-decrypted = 无法用本配置的 APIv3 密钥解密
refused-no-key = 本配置缺少解密所需的 { $found }
refused-another = 通知的商户号为 { $found }，不是本商户
refused-not-json = 不是 JSON（行:列 { $found }）
refused-not-utf8 = 不是 UTF-8 编码
refused-not-unpacked = 无法解压
refused-no-member = 缺少字段 { $found }
refused-not-a-number = 字段 { $found } 不是单号
