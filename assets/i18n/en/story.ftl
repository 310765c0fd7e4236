# The timeline of an object, what is related to it, and how versions differ.

page-timeline = Timeline
page-related = Related

age-seconds = { $n } s

timeline-after = { $age } after the one before
timeline-first = first seen
timeline-noted = Number became known
timeline-under-way = under way
timeline-done = done
timeline-refused = refused
timeline-unknown = nobody can tell
timeline-unsettled = unknown so far
timeline-reason = reason: { $reason }
timeline-raw = Raw request { $request }

compare-first = First seen: everything is new.
compare-same = Nothing differs.
compare-unreadable = This version of Paydeck cannot read one of the two documents.
compare-absent = (absent)

entry-operator = Operator
entry-confirmed = Confirmed
entry-typed = by typing the end of the number
entry-yes = by a plain yes
entry-flag = by --yes
entry-request-id = Request-ID
entry-error = Error
entry-body = Body
entry-reply = Reply

related-not-fetched = not fetched yet
related-unmet = only WeChat Pay’s number is known
related-some = { $shown } of { $n } are shown, the latest first
related-far = through others
related-nothing = Nothing is known yet that it names, or that names it.

blocked-nothing-inside = There is nothing more to tell of this line
blocked-no-version = Only versions can be compared
blocked-nothing-related = Nothing related is known
blocked-came-from-nowhere = No other object led here

command-turn-page = next page
command-turn-page-back = previous page
command-timeline = timeline
command-related = related objects
command-return = back to the object before
command-follow = go there
command-look-into = what changed
command-look-into-entry = journal entry
command-compare-marked = compare with ◆
command-mark-version = mark to compare
command-next-line = next line
command-previous-line = previous line
command-first-line = first line
command-last-line = last line

cli-history = Print every version seen, newest first
cli-related = List what is related to one, up and down the chain from plan to refund
cli-related-cached = Ask nothing; read the ledger as it is
