# 收到的通知、被拒绝的请求，以及各来源不一致之处。
source-notification = 通知
