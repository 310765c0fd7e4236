# Notifications received, requests refused, and disagreements between sources.
source-notification = notification

# Event types. A type that is not listed is shown by its code.
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

# Facts that a notification or a bill states.
fact-paid = paid
fact-revoked = revoked
fact-refunding = refund in progress
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

# Verdicts on received requests.
verdict-genuine = genuine
verdict-genuine-why = Signed by WeChat Pay, and decrypted with the APIv3 key.
verdict-probe = probe
verdict-probe-why = WeChat Pay sends a wrong signature now and then, to check that signatures are verified. It was refused, as it should be, and is sent again with a correct signature.
verdict-unsigned = unsigned
verdict-unsigned-why = No signature, or not all of its headers. WeChat Pay signs everything it sends: this came from another sender, or a proxy in front dropped the Wechatpay-… headers.
verdict-unknown-key = unknown key
verdict-unknown-key-why = Signed under a serial number that is not among WeChat Pay’s keys. This came from another sender, or the profile names the wrong public key.
verdict-stale = stale
verdict-stale-why = Signed more than five minutes ago, or in the future: an old request was sent again, or this machine’s clock is wrong.
verdict-forged = forged
verdict-forged-why = The signature does not match these bytes. Someone pretends to be WeChat Pay, or a proxy in front changes the body.
verdict-replayed = replayed
verdict-replayed-why = Exactly these bytes were received before. WeChat Pay signs each delivery separately: someone recorded a request and sent it again.
verdict-sealed = sealed
verdict-sealed-why = Signed by WeChat Pay, but the profile’s APIv3 key does not decrypt it. Was the key changed on the merchant platform? WeChat Pay retries for a day: fix the key.
verdict-malformed = malformed
verdict-malformed-why = Not a notification of this API: not JSON, or required members are missing.
verdict-oversized = oversized
verdict-oversized-why = Larger than any notification. It was not read to its end.
verdict-stray = stray
verdict-stray-why = Not to the path of the listener, or not a POST. It was probably not meant for the listener.

# The inbox.
tab-events = Events
events-column-received = Received
events-column-verdict = Verdict
events-column-type = Event
events-column-object = Object
events-column-fact = Says
events-with = Paid together with
events-column-attempts = Count
events-column-answered = Answered in
events-column-answer = Answer
events-column-summary = Summary
events-refused = refused ×{ $n } · last { $at } · from { $peer }
events-only-genuine = Genuine only
events-only-refused = Refused only
events-listening = listener: { $url } · { $received } received · { $refused } refused
events-not-listening = this console has no listener
events-listen-trouble = not listening: { $trouble }
events-empty = No notification has been received yet
events-empty-hint = Notifications are received by `paydeck listen`, by a profile with `listen = { "{" } … { "}" }` while its console is open, and in the sandbox. WeChat Pay sends them to the notify_url given in a creation.
events-empty-listening = This console listens at { $url }. WeChat Pay sends notifications to the notify_url given in a creation.
events-nothing-found = No line contains this text
page-payload = Payload
page-deliveries = Deliveries
events-id = Notification id
events-created = Happened
events-first = First received
events-last = Last received
events-delay = { $delay } after it happened
events-of-limit = { $took } of { $limit }
events-unanswered = no answer recorded
events-undocumented = This event type is not documented. It is kept and shown, and has no other effect.
events-refused-kept = For each hour and reason, the first { $n } refused requests are kept, cut short: see Deliveries and Raw.
events-nothing-opened = Not decrypted, because it was refused.
events-delivery = Delivery { $n }
events-peer = From
events-target = To
events-status = Answered with
events-sizes = { $headers } bytes of headers, { $body } of body
events-bytes = Size
events-detail = What was wrong
events-not-kept = { $n } more were counted, but not kept.
events-raw-of = As received at { $at } from { $peer }, exactly.

# Replaying a line of the inbox.
replay-title = Send to a URL
replay-hint = The stored headers and body are sent there byte for byte, by POST. You see a preview first.
replay-to-host = To
replay-what = What
replay-sizes = { $headers } headers and { $bytes } bytes of body, as received
replay-stale = Its signature is as old as the delivery: a back end that refuses signatures older than five minutes will refuse it.
replay-leaves = This leaves your machine. The headers and the encrypted body will be sent to an external host.
replay-type = Type { $host }:
replay-not-kept = No bytes of this line are kept
replay-cut = It was refused, and only its beginning is kept: it cannot be sent again
replay-no-url = Not a valid URL: http or https, a host, and no password
replay-no-scheme = A URL begins with http:// or https://, like http://localhost:9000/notify
replay-wechat-pay = This is WeChat Pay, or what the profile uses as it: notifications are sent only to your own back end
replay-read-only = The profile is read-only: nothing is changed at WeChat Pay. The notification is still sent to your own back end, which may act on it.
events-replayed = Replayed
events-replay-to = URL
events-replay-at = Sent
events-replay-answer = Answer
events-replay-waiting = waiting for the answer
events-replay-status = { $status } in { $ms } ms
toast-replay-accepted = Accepted: { $status } in { $ms } ms
toast-replay-refused = Answered { $status } in { $ms } ms
toast-replay-failed = No answer

# Disagreements.
dispute-notification-says = a notification says
dispute-bill-says = a bill says
dispute-missing = never notified
dispute-document-says = the document says
dispute-since = since { $at }
dispute-due-since = due since { $at }
dispute-never-asked = not queried yet
dispute-verified = verified { $age }
dispute-still = queried again { $at }: unchanged
dispute-unasked = queried { $at }: { $what }
disputes-count = { $n ->
    [0] No disagreement
    [one] { $n } disagreement
   *[other] { $n } disagreements
}
disputes-more = The newest { $n } disagreements
disputes-what = where other sources contradict the document
disputes-none = No disagreements
disputes-none-hint = What notifications and bills say about an object is compared with its latest document. Differences are listed here until a query settles them, as are notifications that are more than five minutes overdue.
detail-disputed = Disagreement
detail-disputed-notification = a notification says: { $what }
detail-disputed-bill = a bill says: { $what }
detail-disputed-missing = { $what } was due, but never notified
toast-resolving = Querying { $n }…
toast-agreed = { $number } · { $state }: settled
toast-standing = { $number } · { $state }: still disagrees
toast-not-asked = { $number } could not be queried
toast-resolved-all = { $n } queried: { $agreed } settled, { $standing } still disagree, { $failed } could not be queried

# Commands, and why they are blocked.
command-tab-events = go to Events
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
command-dispute-resolve-all = query all
command-resolve = query now
blocked-coupon-without-user = The event does not name the coupon’s user, so the coupon cannot be queried. List the user’s coupons first
blocked-event-without-object = It names no known object
blocked-never-received = The notification never arrived; that is the disagreement
blocked-from-a-bill = A bill said so, not a notification
blocked-no-dispute = There is no disagreement

# The command line.
cli-events-about = Notifications received from WeChat Pay, and requests that were refused
cli-events-list = List the latest lines of the inbox, newest first
cli-events-search = Only lines with these words; also type:REFUND, verdict:forged
cli-events-show = Show one line with its decrypted content and each delivery as received
cli-events-event = Number of the line
cli-events-replay = Send the latest delivery to a URL again, byte for byte
cli-events-url = URL to send it to: http or https
cli-events-missing = There is no line { $event } in the inbox
cli-error-replay-refused = The back end did not accept it
cli-advice-replay-refused = Check the log of your back end: it refuses what it cannot verify, and signatures older than five minutes.
cli-advice-replay-unanswered = Check that your back end is running, and the URL.
events-forwarded = Forwarded
events-forward-accepted = ✓ accepted by the back end
events-forward-waiting = queued
events-forward-failed = ✗ not accepted yet, tried { $n } times
events-forward-next = retry at { $at }

# Why a request to the listener was refused
refused-not-this-path = Not to the path of the listener: { $found }
refused-not-post = Sent by { $found }; notifications are sent by POST
refused-too-long = Longer than { $found } bytes
refused-late = The body was not complete within { $found } s
refused-broken = The connection failed before the body was complete
refused-unreadable = Not a readable HTTP request
refused-given-twice = The header { $found } is given twice
refused-same-signature = The same signature was received before
refused-apiv2 = An APIv2 notice in XML: its notify_url belongs to an APIv2 request
refused-header-missing = The header { $found } is missing
refused-probe = A signature probe: a wrong signature sent on purpose
refused-signature-type = Signed with { $found }, which this API does not use
refused-timestamp = The timestamp of the signature is not a number
refused-clock = The time of the signature and this machine’s clock differ by { $found } s; 300 s are allowed
refused-unknown-serial = Signed with { $found }, a key that this profile does not have
refused-encoding = The signature is not base64
refused-wrong-signature = The signature by { $found } does not match these bytes
refused-nonce-length = The nonce of the ciphertext has { $found } bytes, 12 are needed
refused-ciphertext-encoding = The ciphertext is not base64
refused-not-decrypted = The ciphertext cannot be decrypted with this APIv3 key
refused-no-key = The profile has no { $found }, which is needed to decrypt it
refused-another = It is addressed to the merchant { $found }
refused-not-json = Not JSON (line and column { $found })
refused-not-utf8 = Not UTF-8
refused-not-unpacked = It cannot be unpacked
refused-no-member = The member { $found } is missing
refused-not-a-number = The member { $found } is not a number of an object
