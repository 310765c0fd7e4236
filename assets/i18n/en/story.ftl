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

timeline-created = Created here
timeline-delay = seen { $age } later
timeline-at-once = seen at once
timeline-silence = nobody asked from { $from } to { $to }
timeline-notification = notification { $type }
timeline-attempts = came { $n } times
timeline-came-after = came { $age } after the event
timeline-answered = answered in { $n } ms
timeline-bill-row = { $bill }, row { $row }
timeline-since = since { $at }
timeline-disputed = disputed
timeline-agrees = the document agrees
timeline-contradicts = the document says otherwise
timeline-dated = by its document
timeline-chain-coming = The rest of the chain is being read …
timeline-chain-some = { $kind }: the latest { $shown } of { $n } are told

told-paid = Paid
told-revoked = Reversed
told-refunding = Refunding
told-refunded = Refunded
told-refund-closed = Refund closed
told-refund-abnormal = Refund stuck
told-confirmed = Confirmed
told-collected = Collected
told-signed = Signed
told-signing-cancelled = Signing cancelled
told-authorised = Authorised
told-deauthorised = Authorisation ended
told-coupon-used = Used

dated-paid = Paid
dated-refund-created = Refund accepted
dated-signed = Signed
dated-signing-cancelled = Signing cancelled
dated-plan-stopped = Stopped
dated-authorised = Authorised
dated-deauthorised = Authorisation ended
dated-coupon-sent = Sent to the user
dated-coupon-used = Used
dated-step-begun = Begun: step
dated-step-paid = Paid: step
dated-step-cancelled = Cancelled: step
dated-collected = Collected

short-plan = Plan
short-sign-plan = Sign
short-order = Order
short-transaction = Pay
short-stock = Stock
short-refund = Refund
short-permission = Permit
short-coupon = Coupon

heard-gone = The notification is no longer in the ledger.
heard-type = Type
heard-id = Notification
heard-happened = Happened
heard-says = Says
heard-came = Came
heard-payload = Decrypted

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
command-look-into-notification = notification
command-look-into-row = show in the bill
command-along-chain = along the chain
command-along-chain-not = this object alone
command-compare-marked = compare with ◆
command-mark-version = mark to compare
command-next-line = next line
command-previous-line = previous line
command-first-line = first line
command-last-line = last line

toast-bill-not-here = { $bill } is not here
toast-bill-fetch-it = Press n on this tab to download it

cli-history = Print every version seen, newest first
cli-related = List what is related to one, up and down the chain from plan to refund
cli-related-cached = Ask nothing; read the ledger as it is
cli-timeline = Tell all that happened to one, newest first: states, actions, notifications, bill rows
cli-timeline-chain = Tell it of all up and down the chain from plan to refund
cli-diff = Tell what differs between two versions of one
cli-diff-from = The earlier version by its number, as timeline and get --history count them
cli-diff-to = The later version; without either, the latest two
cli-no-version = There is no version { $number }; { $n } were seen
cli-no-versions = No version of it was ever seen
cli-timeline-nothing = Nothing is known of it
