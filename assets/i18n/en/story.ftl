# The timeline of an object, what is related to it, and how versions differ.

page-timeline = Timeline
page-related = Related

age-seconds = { $n } s

timeline-after = { $age } after the previous
timeline-first = first seen
timeline-noted = Number became known
timeline-under-way = pending
timeline-done = done
timeline-refused = refused
timeline-unknown = unknown for good
timeline-unsettled = unknown so far
timeline-reason = reason: { $reason }
timeline-raw = Raw request { $request }

timeline-created = Created here
timeline-delay = seen { $age } later
timeline-at-once = seen at once
timeline-silence = not queried from { $from } to { $to }
timeline-notification = notification { $type }
timeline-attempts = delivered { $n } times
timeline-received-after = received { $age } after the event
timeline-answered = answered in { $n } ms
timeline-bill-row = { $bill }, row { $row }
timeline-since = since { $at }
timeline-disputed = disputed
timeline-agrees = the document agrees
timeline-contradicts = the document says otherwise
timeline-dated = by its document
timeline-chain-coming = Reading the rest of the chain …
timeline-chain-some = { $kind }: showing the latest { $shown } of { $n }

claim-paid = Paid
claim-revoked = Reversed
claim-refunding = Refunding
claim-refunded = Refunded
claim-refund-closed = Refund closed
claim-refund-abnormal = Refund stuck
claim-confirmed = Confirmed
claim-collected = Collected
claim-signed = Signed
claim-signing-cancelled = Signing cancelled
claim-authorised = Authorised
claim-deauthorised = Authorisation ended
claim-coupon-used = Used

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

notification-gone = The notification is no longer in the ledger.
notification-type = Type
notification-id = Notification
notification-happened = Happened
notification-summary = Says
notification-received = Received
notification-payload = Decrypted

compare-first = First seen: everything is new.
compare-same = No differences.
compare-unreadable = This version of Paydeck cannot read one of the two documents.
compare-no-document = One of the two has no document here yet, or this version of Paydeck cannot read it.
compare-absent = (absent)

entry-operator = Operator
entry-confirmed = Confirmed
entry-typed = by typing the end of the number
entry-yes = with a plain yes
entry-flag = with --yes
entry-request-id = Request-ID
entry-error = Error
entry-body = Body
entry-reply = Reply

related-not-fetched = not fetched yet
related-unmet = only WeChat Pay’s number is known
related-some = showing { $shown } of { $n }, the latest first
related-far = indirectly
related-nothing = No related objects are known yet.

blocked-nothing-inside = Nothing more to show for this line
blocked-no-version = Only versions can be compared
blocked-nothing-related = No related object is known

command-turn-page = next page
command-turn-page-back = previous page
command-timeline = timeline
command-related = related objects
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
toast-bill-fetch-it = Press { KEY("bill-fetch", "n") } on this tab to download it

cli-history = Print every version seen, newest first
cli-related = List related objects, up and down the chain from plan to refund
cli-related-cached = Do not query; read the ledger as it is
cli-timeline = Show the timeline of an object, newest first: states, actions, notifications, bill rows
cli-timeline-chain = Include everything up and down the chain from plan to refund
cli-diff = Show the difference between two versions
cli-diff-from = Number of the earlier version, as in timeline and get --history
cli-diff-to = Number of the later version; without either, the latest two are compared
cli-no-version = There is no version { $number }; { $n } are known
cli-no-versions = No version of it is known
cli-timeline-nothing = Nothing is known about it
