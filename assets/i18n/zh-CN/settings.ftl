### 配置给控制台带来的内容：保留的界面、按键、自定义命令与钩子、重新加载；诊断包。

cli-fresh = 控制台不恢复上次离开时的界面

keys-wrong = 配置中的按键无法使用
keys-advice = paydeck keys 可列出全部命令；按键写作 x、X、space、ctrl-o、f5、page-up 等。
keys-nearest = 是否指 { $nearest }？
keys-unknown-command = 没有命令 { $name }。
keys-unknown-key = { $name } 不是终端能发送的按键。
keys-taken = 按键 { $key } 属于同一处生效的 { $other }：请先为 { $other } 改键。
keys-taken-there = 按键 { $key } 同时分配给了 { $other }（第 { $line } 行），两者在同一处生效。
keys-typed = 该命令生效处，按键 { $key } 用于输入文字。
keys-needed = 该命令必须保留一个按键，否则可能无法退出。

cli-why-unknown-variable = { $key }：没有变量 { $name }
cli-why-unpaired-brace = { $key }：大括号不成对；大括号本身需写两次
cli-why-value-in-shell = { $key }：交给 shell 的命令行从变量取值，例如 "$PAYDECK_NUMBER"

reload-done = 配置已重新加载
reload-restart = 重启后生效：{ $keys }
reload-stays = 仍沿用之前的设置。
reload-line = { $file } 第 { $line } 行：{ $problem }

user-not-for-kind = 仅适用于：{ $kinds }
user-not-run = 未执行 { $label }
user-like-option = { $variable } 的值以“-”开头，程序会把它当作选项。
user-running = 正在执行 { $label }
user-will-run = 将要执行
user-confirm = 配置要求执行该命令前先确认。
user-dangerous = 配置将该命令标记为危险：Paydeck 不了解它的作用，也不会记入操作日志。
user-done = 已完成
user-failed = 以状态码 { $status } 结束
user-killed = 被信号终止
user-timed-out = 运行 { $n } 秒后被停止
user-not-started = 无法启动：{ $error }
user-more-lines = 另有 { $n } 行
user-output-cut = 其余输出未保留。
hook-not-run = 未对 { $number } 执行 { $hook }
hook-too-many = 正在执行的钩子过多。

cli-keys = 列出控制台的所有命令及其按键
cli-bundle = 将问题反馈所需的信息写入文件，不含密钥、单号和姓名
cli-bundle-file = 要写入的文件，不能已存在
cli-bundle-contents = 诊断包包含：
cli-bundle-versions = Paydeck 版本、系统和终端
cli-bundle-config = 配置（值已隐去）
cli-bundle-counts = 账本中各类对象和日志条目的数量
cli-bundle-checkup = 账本检查结果
cli-bundle-log = { $n ->
    [0] 无日志：请用 --log-file 指定文件
   *[other] 日志最后 { $n } 行（号码和文字已隐去）
}
cli-bundle-log-empty = 无日志：文件为空
cli-bundle-ask = 写入 { $path }？
cli-bundle-written = 已写入 { $path }。发送前请先查看内容。
cli-bundle-not-written = 未写入任何内容。
user-button = 执行

cli-why-no-profile = 配置文件中没有商户配置
cli-why-which-profile = 有多个商户配置，但没有设置 default_profile
cli-advice-no-profile = 请参照 config.example.toml 添加商户配置，或使用 --sandbox。
cli-advice-which-profile = 请设置 default_profile，或用 --profile NAME 指定。现有配置：{ $known }
