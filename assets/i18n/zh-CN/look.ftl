# 外观：主题、颜色、终端能力。
theme-colour-blind = 色觉友好
theme-tokyo-night = 东京之夜
theme-catppuccin-mocha = Catppuccin 摩卡
cli-colors = 控制台使用的颜色数：auto、24-bit、256、16 或 none
cli-bad-colors = --colors { $colors }：应为 { $known }
cli-dumb-terminal = 此终端无法显示全屏界面（TERM=dumb）。请在终端窗口中运行 paydeck，或改用命令：paydeck --help
