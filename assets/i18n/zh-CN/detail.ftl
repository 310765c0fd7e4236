# 返回的路径，以及详情页在字段之外的内容。

command-return = 返回来处
command-step-back = 后退
command-step-forward = 前进
command-split = 详情占满屏幕
command-split-again = 列表与详情并排
blocked-no-way-back = 前面没有可返回的位置
blocked-no-way-forward = 后面没有可前进的位置
blocked-narrow = 列表与详情并排至少需要 120 列
crumb-disputes = 有异议的记录
