# The terminal: small screens, the mouse.

command-mouse = mouse: leave it to the terminal, to select text
command-mouse-take = mouse: take it back
toast-mouse-free = The terminal has the mouse and selects text. M takes it back.
toast-mouse-taken = The mouse clicks and scrolls here again.
