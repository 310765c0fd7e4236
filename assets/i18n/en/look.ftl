# The look: themes, colours, what a terminal can show.
theme-colour-blind = colour-blind
theme-tokyo-night = Tokyo Night
theme-catppuccin-mocha = Catppuccin Mocha
cli-colors = How many colours the console uses: auto, 24-bit, 256, 16 or none
cli-bad-colors = --colors { $colors }: expected { $known }
cli-dumb-terminal = This terminal cannot show a screen (TERM=dumb). Run paydeck in a terminal window, or use the commands: paydeck --help
# The strip above a table.
strip-day = 24 h
strip-sum = Sum
command-share = next share
command-problems = only problems
# The titles of the window and of the panel.
title-sending = sending { $n }
title-unknown = { $n } with unknown outcome
title-bulk = { $done } of { $total }
title-damaged = ledger damaged
title-unreachable = unreachable
title-waiting = { $n } waiting
panel-some = { $shown } of { $n }
