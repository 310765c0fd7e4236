# 填写表单。

command-form-down = 下一行或下一项
command-form-up = 上一行或上一项
command-form-add-row = 添加一行
command-form-remove-row = 删除本行
command-form-reset = 重新填写
blocked-not-in-row = 光标在明细行中时才能使用
blocked-most-rows = 已达到行数上限
command-entry-repeat = 再次执行
blocked-not-repeatable = 这条记录的操作没有可用的表单
toast-not-repeated = 未能再次执行
repeat-no-document = 尚未从微信支付查询到该对象
