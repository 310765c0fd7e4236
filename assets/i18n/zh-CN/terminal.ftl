# 终端：小屏幕与鼠标。

command-mouse = 鼠标：交还终端，以便选取文字
command-mouse-take = 鼠标：重新由控制台使用
toast-mouse-free = 鼠标已交还终端，可直接选取文字。按 { KEY("mouse", "M") } 收回。
toast-mouse-taken = 鼠标已收回，可在此点击和滚动。
small-title = 窗口太小
small-no-room = 此处需要 { $width }×{ $height } 的窗口，以免内容显示不全。尚未发送任何内容。按 { $key } 返回。
