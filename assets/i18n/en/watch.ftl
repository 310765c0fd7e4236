# Watching objects until they are final.

# Command line
cli-watch = Follow objects until they are final
cli-watch-long = Follows objects until they are final: prints each as it is, then one line a change. Exit status: 0 all final (or in the state waited for) · 1 one came to another end, or was refused · 3 the time was over · 4 untrusted
cli-watch-kind = What they are
cli-watch-number = Their numbers; - reads more from standard input
cli-watch-until = Follow them until they are in this state, as WeChat Pay writes it; one part of it suffices, like USER_PAID
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
cli-error-timed-out = The time is over; still open: { $open } of { $total }
