### What the configuration adds to the console: kept sessions, keys, commands and hooks, reloading; the support bundle.

cli-fresh = The console does not open as it was left
