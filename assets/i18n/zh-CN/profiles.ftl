# 全部商户的列表。

tab-all-profiles = 全部商户
command-tab-all-profiles = 全部商户合为一张表
command-one-profile = 只看当前商户
command-across-open = 到所属商户打开
command-across-act = 到所属商户操作
command-across-filter = 筛选
command-across-copy = 复制单号
command-across-mark = 标记
command-across-new = 新建
badge-all-profiles = 全部商户
across-profiles = { $n } 个商户配置
across-unread = { $name } 无法读取：{ $what }
across-unread-more = 另有 { $n } 个商户配置无法读取
across-empty-title = 所有商户都没有这类单据
across-empty-hint = 各商户在账本中的单据会列在这里。打开某个商户即可按单号查找。
column-profile = 商户
blocked-one-profile = 只配置了一个商户
blocked-many-merchants = 每笔操作只属于一个商户。请先打开某一行，或回到单个商户的列表
toast-merchant = 商户 { $name } · { $number }
cli-all-profiles = 控制台启动时显示全部商户的列表
across-no-sum = 不合计：有两个配置属于同一商户
