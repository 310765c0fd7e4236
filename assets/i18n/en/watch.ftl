# Watching objects until they are final.

# Command line
cli-watch = Follow objects until they are final
cli-watch-long = Follows objects until they are final: prints each as it is, then one line a change. Exit status: 0 all final (or in the state waited for) · 1 one came to another end, or was refused · 3 the time was over · 4 untrusted
cli-watch-kind = What they are
cli-watch-number = Their numbers; - reads more from standard input
cli-watch-until = Follow them until they are in this state, as WeChat Pay writes it; one part of it suffices, like USER_PAID
cli-watch-no-state = { $state } is no known state of { $kind }: if it is misspelt, it is never reached
cli-watch-timeout = Give up after so long: 30s, 5m, 2h, 1d, or a number of seconds
cli-watch-bad-time = a time is 30s, 5m, 2h, 1d, or a number of seconds
cli-watch-silent = Nobody can be asked since { $since }; trying again. { $why }
cli-watch-failing = { $object } cannot be asked about; trying again. { $why }
cli-watch-gap-offline = Answered again. From { $from } to { $to } nothing could be seen; asking about { $n } again.
cli-watch-gap-asleep = From { $from } to { $to } this machine slept or the program was stopped; asking about { $n } again.
cli-watch-gap-paused = From { $from } to { $to } nothing was asked; asking about { $n } again.
cli-watch-gap-away = From { $from } to { $to } nobody was watching; asking about { $n } again.
cli-watch-caught-up = Caught up; changed meanwhile: { $n }
cli-error-missed = Not all came to what was waited for
cli-why-missed = final without having been in { $state }: { $missed } of { $total }
cli-why-not-followed = could not be followed: { $refused } of { $total }
cli-advice-missed = Look at each of them with paydeck open NUMBER.
cli-error-timed-out = The time is over; still open: { $open } of { $total }
cli-advice-timed-out = Watch them again, with a longer --timeout if it takes longer.
# Console
watch-marked = by hand
watch-made = made here
watched-since = since { $at } · { $why }
watched-next = next query { $at }
watched-next-now = next query as soon as its turn comes
watched-paused = paused
detail-watched = Watched
command-watch = watch until final
command-unwatch = watch no more
command-watching = what is watched
command-pause = pause watching
command-pause-end = go on watching
command-bell = bell
command-bell-off = bell off, for this run
command-watching-go = go to it
command-watching-drop = watch no more
command-watching-pause = pause
command-watching-down = down
command-watching-up = up
command-watching-page-down = page down
command-watching-page-up = page up
command-watching-top = first
command-watching-bottom = last
command-watching-close = close
blocked-final = Final: nothing changes by itself any more
blocked-nothing-watched = Nothing is watched
toast-watched = { $n ->
    [one] Watching { $number } until it is final
   *[other] Watching { $n } objects until they are final
}
toast-watched-settled = Left out, final already: { $n }
toast-unwatched = { $n ->
    [one] { $number } is not watched any more
   *[other] { $n } objects are not watched any more
}
toast-bell-on = The bell rings when a watched object has ended
toast-bell-off = No bell in this run
toast-caught-up = { $n ->
    [0] Caught up: nothing had changed
    [one] Caught up: one object had changed
   *[other] Caught up: { $n } objects had changed
}
ended-one = { $number } has ended: { $state }
ended-many = { $n } watched objects have ended
ended-more = and { $n } more
gap-asleep = asleep
gap-offline = WeChat Pay out of reach
gap-paused = paused
gap-away = Paydeck not running
gap-told = Nothing was seen between { $from } and { $to } ({ $why })
gap-asking = { $n ->
    [one] one object is being asked again
   *[other] { $n } objects are being asked again
}
gap-changed = { $n ->
    [0] nothing had changed
    [one] one object had changed
   *[other] { $n } objects had changed
}
banner-paused = Watching is paused since { $since }: only what is told of is asked about. P goes on; r asks now.
banner-trouble-again = { $what } · since { $since } · again at { $again }, r now
banner-as-of = What is shown is as of { $at } at the latest.
status-watching = ◉ { $n }
status-watching-next = next { $at }
watching-title = Watched · { $n }
watching-nothing = Nothing is watched. w on a row watches it until it is final.
watching-now = now
watching-column-kind = Kind
watching-column-next = Next query
watching-column-changed = Changed
watching-column-since = Since
watching-column-why = Why
