# Watching objects until they are final.

# Command line
cli-watch = Watch objects until they are final
cli-watch-long = Watches objects until they are final: prints each as it is, then one line per change. Exit status: 0 all final (or in the state waited for) · 1 one reached another final state, or was refused · 3 timed out · 4 untrusted
cli-watch-kind = Kind of the objects
cli-watch-number = Numbers of the objects; - reads more from standard input
cli-watch-until = Watch until this state instead, as WeChat Pay writes it; one part of it is enough, such as USER_PAID
cli-watch-no-state = { $state } is not a known state of { $kind }; if it is a typo, the wait will never end
cli-watch-timeout = Give up after this time: 30s, 5m, 2h, 1d, or a number of seconds
cli-watch-bad-time = expected 30s, 5m, 2h, 1d, or a number of seconds
cli-watch-silent = WeChat Pay has been unreachable since { $since }; retrying. { $why }
cli-watch-failing = { $object } cannot be queried; retrying. { $why }
cli-watch-gap-offline = Reachable again. From { $from } to { $to } nothing could be queried; querying { $n } again.
cli-watch-gap-asleep = From { $from } to { $to } this machine slept or the program was stopped; querying { $n } again.
cli-watch-gap-paused = From { $from } to { $to } watching was paused; querying { $n } again.
cli-watch-gap-away = From { $from } to { $to } nothing was watched; querying { $n } again.
cli-watch-caught-up = Caught up; changed in the meantime: { $n }
cli-error-missed = Not every object reached the expected state
cli-why-missed = final without reaching { $state }: { $missed } of { $total }
cli-why-not-followed = could not be watched: { $refused } of { $total }
cli-advice-missed = Look at each of them with paydeck open NUMBER.
cli-error-timed-out = Timed out; still pending: { $open } of { $total }
cli-advice-timed-out = Watch them again, with a longer --timeout if necessary.
# Console
watch-marked = by hand
watch-made = created
watched-since = since { $at } · { $why }
watched-next = next query { $at }
watched-next-now = next query as soon as possible
watched-paused = paused
detail-watched = Watched
command-watch = watch until final
command-unwatch = stop watching
command-watching = list watched objects
command-pause = pause watching
command-pause-end = resume watching
command-bell = bell
command-bell-off = bell off, for this run
command-watching-go = go to it
command-watching-drop = stop watching
command-watching-pause = pause
command-watching-close = close
blocked-final = Final: it no longer changes by itself
blocked-nothing-watched = Nothing is watched
toast-watched = { $n ->
    [one] Watching { $number } until it is final
   *[other] Watching { $n } objects until they are final
}
toast-watched-settled = Left out, already final: { $n }
toast-unwatched = { $n ->
    [one] { $number } is no longer watched
   *[other] { $n } objects are no longer watched
}
toast-bell-on = The bell rings when a watched object is final
toast-bell-off = The bell is off for this run
toast-caught-up = { $n ->
    [0] Caught up: nothing had changed
    [one] Caught up: one object had changed
   *[other] Caught up: { $n } objects had changed
}
ended-one = { $number } is final: { $state }
ended-many = { $n } watched objects are final
ended-more = and { $n } more
gap-asleep = asleep
gap-offline = WeChat Pay unreachable
gap-paused = paused
gap-away = Paydeck not running
gap-unobserved = Nothing was queried between { $from } and { $to } ({ $why })
gap-asking = { $n ->
    [one] one object is being queried again
   *[other] { $n } objects are being queried again
}
gap-changed = { $n ->
    [0] nothing had changed
    [one] one object had changed
   *[other] { $n } objects had changed
}
banner-paused = Watching is paused since { $since }: only objects named by notifications are refreshed. { KEY("pause", "P") } resumes; { KEY("refresh", "r") } queries now.
banner-trouble-again = { $what } · since { $since } · retry at { $again }, { KEY("refresh", "r") } now
banner-as-of = Data shown is from { $at } or earlier.
status-watching = ◉ { $n }
status-watching-next = next { $at }
watching-title = Watched · { $n }
watching-nothing = Nothing is watched. { KEY("watch", "w") } on a row watches it until it is final.
watching-now = now
watching-column-kind = Kind
watching-column-next = Next query
watching-column-changed = Changed
watching-column-since = Since
watching-column-why = Why
