# Notifications that came, what was refused, and where sources disagree.
source-notification = notification

# Types of event, as they are shown; the code of a type that is not here is shown instead.
event-transaction-success = Payment succeeded
event-refund-success = Refund succeeded
event-refund-closed = Refund closed
event-refund-abnormal = Refund abnormal
event-payscore-user-sign-plan = User signed a plan
event-payscore-user-cancel-sign-plan = User cancelled a plan
event-payscore-user-confirm = User confirmed an order
event-payscore-user-paid = User paid an order
event-payscore-user-open-service = User authorised
event-payscore-user-close-service = User withdrew authorisation
event-coupon-use = Coupon used

# What is said to have happened.
fact-paid = paid
fact-revoked = revoked
fact-refunding = refund under way
fact-refunded = refunded
fact-refund-closed = refund closed
fact-refund-abnormal = refund abnormal
fact-confirmed = confirmed by user
fact-collected = paid by user
fact-signed = signed
fact-signing-cancelled = signing cancelled
fact-authorised = authorised
fact-deauthorised = authorisation withdrawn
fact-coupon-used = used

# What is thought of what came.
verdict-genuine = genuine
verdict-genuine-why = Signed by WeChat Pay, and opened with the APIv3 key.
verdict-probe = probe
verdict-probe-why = WeChat Pay sends a wrong signature now and then, to see whether signatures are judged. It was refused, as it should be, and comes again properly signed.
verdict-unsigned = unsigned
verdict-unsigned-why = No signature, or not all of its headers. WeChat Pay signs everything it sends: this came from somebody else, or a proxy in front dropped the Wechatpay-… headers.
verdict-unknown-key = unknown key
verdict-unknown-key-why = Signed under a serial number that is not among WeChat Pay’s keys. This came from somebody else, or the profile names the wrong public key.
verdict-stale = stale
verdict-stale-why = Signed more than five minutes ago, or in the future: an old request sent again, or the clock of this machine is wrong.
verdict-forged = forged
verdict-forged-why = The signature is not WeChat Pay’s over these bytes. Somebody pretends to be WeChat Pay, or something in front changes the body.
verdict-replayed = replayed
verdict-replayed-why = The very bytes came before. WeChat Pay signs anew each time it sends: somebody recorded a request and sent it again.
verdict-sealed = sealed
verdict-sealed-why = Signed by WeChat Pay, but the profile’s APIv3 key does not open it. Was the key changed at the merchant platform? WeChat Pay sends it again for a day: mend the key.
verdict-malformed = malformed
verdict-malformed-why = Not a notification of this API: not JSON, or without what every notification has.
verdict-oversized = oversized
verdict-oversized-why = Larger than any notification. It was not read to its end.
verdict-stray = stray
verdict-stray-why = Not to the path of the receiver, or not a POST. Whoever sent it did not mean the receiver.

# The inbox.
tab-events = Events
events-column-received = Received
events-column-verdict = Verdict
events-column-type = Event
events-column-object = Object
events-column-fact = Says
events-with = Paid together with
events-column-attempts = Came
events-column-answered = Answered in
events-column-answer = Answer
events-column-summary = Summary
events-refused = refused ×{ $n } · last { $at } · from { $peer }
events-only-genuine = Only genuine ones
events-only-refused = Only refused ones
events-listening = receiving at { $url } · { $received } came · { $refused } refused
events-not-listening = this console receives nothing itself
events-listen-trouble = nothing is received: { $trouble }
events-empty = No notification has come yet
events-empty-hint = Notifications are received by `paydeck listen`, by a profile with `listen = { "{" } … { "}" }` while its console is open, and in the sandbox. WeChat Pay sends them to the notify_url that a creation names.
events-empty-listening = This console receives at { $url }. WeChat Pay sends there what a creation names as its notify_url.
events-nothing-found = No line contains that
events-search-hint = words · type:REFUND · verdict:forged
events-no-verdict = no verdict begins with “{ $word }”
page-payload = Payload
page-deliveries = Deliveries
events-id = Notification id
events-created = Happened
events-first = First received
events-last = Last received
events-delay = { $delay } after it happened
events-of-limit = { $took } of { $limit }
events-unanswered = not known to have been answered
events-undocumented = An event of a type that is not documented. It is kept and shown; nothing follows from it.
events-refused-kept = Of an hour’s refusals for one reason the first { $n } are kept, cut short: see Deliveries and Raw.
events-nothing-opened = Nothing was opened: it was refused.
events-delivery = Delivery { $n }
events-peer = From
events-target = To
events-status = Answered with
events-sizes = { $headers } bytes of headers, { $body } of body
events-bytes = Size
events-detail = What was wrong
events-not-kept = { $n } more are counted and not kept.
events-raw-of = As it came at { $at } from { $peer }, exactly.

# Sending a line of the inbox once more.
replay-title = Send to a URL
replay-hint = The kept headers and body are sent there byte for byte, by POST. You see what will be sent before it is.
replay-to-host = To
replay-what = What
replay-sizes = { $headers } headers and { $bytes } bytes of body, as they came
replay-stale = Its signature is as old as the delivery: a back end that refuses what was signed more than five minutes ago will refuse this.
replay-leaves = This leaves your machine. The headers and the encrypted body go to a host of somebody’s.
replay-type = Type { $host }:
replay-not-kept = Nothing of this line is kept
replay-cut = It was refused, and only its beginning is kept: it cannot be sent again
replay-no-url = Not a URL to send to: http or https, a host, and no password
replay-no-scheme = A URL begins with http:// or https://, like http://localhost:9000/notify
replay-wechat-pay = This is WeChat Pay, or what the profile uses as it: notifications are sent to your own back end only
replay-read-only = The profile is read-only: nothing is changed at WeChat Pay. The notification is still sent to your own back end, which may act on it.
events-replayed = Sent once more
events-replay-to = URL
events-replay-at = Sent
events-replay-answer = Answer
events-replay-waiting = waiting for the answer
events-replay-status = { $status } in { $ms } ms
toast-replay-accepted = Accepted: { $status } in { $ms } ms
toast-replay-refused = Answered { $status } in { $ms } ms
toast-replay-failed = No answer

# Where the sources contradict each other.
dispute-notification-says = a notification says
dispute-bill-says = a bill says
dispute-missing = never notified
dispute-document-says = the document says
dispute-since = since { $at }
dispute-due-since = was due since { $at }
dispute-never-asked = nothing yet: it was never asked
dispute-verified = verified { $age }
dispute-still = asked again { $at }: still so
dispute-unasked = asked { $at }: { $what }
disputes-count = { $n ->
    [0] No disagreement
    [one] { $n } disagreement
   *[other] { $n } disagreements
}
disputes-more = The newest { $n } disagreements
disputes-what = what others say and the document does not
disputes-none = Nobody contradicts anybody
disputes-none-hint = What notifications and bills say of an object is compared with its latest document. What differs is listed here until a query settles it; so is a notification that was due and has not come within five minutes.
detail-disputed = Disagreement
detail-disputed-notification = a notification says: { $what }
detail-disputed-bill = a bill says: { $what }
detail-disputed-missing = { $what } was due and never notified
toast-resolving = Asking about { $n }…
toast-agreed = { $number } · { $state }: settled
toast-standing = { $number } · { $state }: still contradicts
toast-not-asked = { $number } could not be asked
toast-resolved-all = { $n } asked: { $agreed } settled, { $standing } still contradict, { $failed } could not be asked

# Commands and what is in their way.
command-tab-8 = go to Events
command-event-open = detail
command-event-search = search
command-event-part = all, genuine, refused
command-event-object = go to the object
command-event-page = next page
command-event-page-back = previous page
command-event-replay = send to a URL
command-event-copy = copy the notification’s id
command-event-copy-payload = copy the payload, or the raw request
command-replay-preview = show what will be sent
command-disputes = disagreements
command-inbox = inbox
command-dispute-object = go to the object
command-dispute-event = the notification
command-dispute-resolve-all = ask about all
command-resolve = ask now
blocked-coupon-of-nobody = It names a coupon and not its user, by whom alone it could be asked for. List the user’s coupons first
blocked-event-of-nothing = It names no object that is known here
blocked-nothing-came = There is no notification: that is the trouble
blocked-a-bill-said-it = A bill said so, not a notification
blocked-no-dispute = There is no disagreement

# The command line.
cli-events-about = What WeChat Pay told by itself, and what was refused at the same door
cli-events-list = The latest lines of the inbox, newest first
cli-events-search = Only lines with these words; also type:REFUND, verdict:forged
cli-events-show = One line with what was encrypted and each delivery as it came
cli-events-event = The number of the line
cli-events-replay = Send the latest delivery to a URL once more, byte for byte
cli-events-url = Where to: http or https
cli-events-missing = There is no line { $event } in the inbox
cli-error-replay-refused = It was not accepted
cli-advice-replay-refused = Look into the log of your back end: it refuses what it cannot verify, and what was signed more than five minutes ago.
cli-advice-replay-unanswered = Check that your back end runs, and the URL.
events-forwarded = Passed on
events-forward-accepted = ✓ accepted by the back end
events-forward-waiting = waiting for its turn
events-forward-failed = ✗ not accepted yet, tried { $n } times
events-forward-next = again { $at }
