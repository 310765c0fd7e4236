# The terminal: small screens, the mouse.

command-mouse = mouse: leave it to the terminal, to select text
command-mouse-take = mouse: take it back
toast-mouse-free = The terminal has the mouse and selects text. { KEY("mouse", "M") } takes it back.
toast-mouse-taken = The mouse clicks and scrolls here again.
small-title = Too small for this
small-no-room = This needs { $width }×{ $height }: it must not be shown in part. Nothing was sent. { $key } goes back.
