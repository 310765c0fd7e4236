# The words of the console.

tab-plans = Plans
tab-sign-plans = Sign plans
tab-orders = Service orders
tab-transactions = Transactions
tab-stocks = Coupon stocks
tab-refunds = Refunds
tab-permissions = Permissions
tab-coupons = Coupons
command-tab-permissions = go to Permissions
command-tab-coupons = go to Coupons

column-number = Number
column-name = Name
column-plan-name = Plan
column-user = User
column-state = State
column-amount = Amount
column-progress = Progress
column-time = Time
column-fresh = Verified
column-price = Price
column-deductions = Charges
column-duration = Duration
column-stopped = Stopped
column-steps = Steps
column-signed = Signed
column-service = Service
column-collected = Collected
column-started = Started
column-transaction-id = Transaction ID
column-attach = Attachment
column-payer-paid = User paid
column-trade-type = Type
column-paid-at = Paid at
column-budget = Budget
column-face-value = Face value
column-sent = Coupons sent
column-ends = Ends
column-created = Created
column-trade-number = Transaction
column-refund-to = Reason, to
column-refunded = Refunded
column-of-total = Of

value-days = { $n } d
value-yes = yes
value-no = no
value-prefunded = prefunded
value-not-prefunded = not prefunded

step-not-used = not begun
step-using = in use
step-used = charged
step-cancelled = cancelled

age-now = now
age-just-now = just now
age-minutes = { $n } min
age-hours = { $n } h
age-days = { $n } d
age-ago = { $age } ago
age-ahead = in { $age }

fresh-sending = sending…
fresh-unknown = ? unknown
fresh-never = never

page-overview = Overview
page-raw = Raw

source-query = query
source-list = list
source-action = action
source-opened = opened by number
source-import = import
source-feed = numbers file
source-followed = followed

detail-verified = Verified
detail-asked = querying…
detail-query-failed = Query failed
detail-not-fetched = Not fetched yet. Press { KEY("refresh", "r") } to query it.
detail-actions = Actions
detail-steps = Steps
detail-step = No.
detail-plan-id = Plan ID
detail-sign-plan-id = Sign plan ID
detail-original-price = Original price
detail-discount = Discount
detail-appid = AppID
detail-service-id = Service ID
detail-stopped-by = Stopped by
detail-plan-over = Plan ends
detail-cancelled = Cancelled
detail-cancel-reason = Cancel reason
detail-order-number = Service order
detail-order-id = WeChat order
detail-total = Total
detail-risk-fund = Risk fund
detail-ends = Ends
detail-need-collection = WeChat collects
detail-outstanding = Outstanding
detail-received = Received
detail-payments = Payments
detail-discounts = Discounts
detail-count = Count
detail-description = Description
detail-bank = Bank
detail-state-text = State text
detail-mchid = Merchant
detail-budget-by-day = Budget per day
detail-minimum = Minimum order
detail-per-user = Limit per user
detail-funding = Funding
detail-stock-type = Stock type
detail-begins = Begins
detail-started = Activated
detail-creator = Created by
detail-next = What to do
detail-payer-refund = User gets
detail-discount-refund = Coupons back
detail-settlement-total = Settled total
detail-settlement-refund = Settled refund
detail-received-account = Goes to
detail-channel = Channel
detail-funds-account = Taken from
detail-refund-accepted = Accepted
detail-refund-arrived = Arrived
detail-refund-id = WeChat refund

refund-next-abnormal = The money could not reach the user’s account and is held until someone acts: pay it to another card, or to the merchant’s own account, with an action on it ({ KEY("act", "a") }; mainland merchants) or on the merchant platform.
refund-next-closed = No money was moved, and none will be under this number: it belongs to this closed refund. A new refund needs a new number.

channel-ORIGINAL = to the original payment method
channel-BALANCE = to the user’s balance
channel-OTHER_BALANCE = the account is abnormal; to another balance
channel-OTHER_BANKCARD = the account is abnormal; to another card

badge-production = PRODUCTION
badge-sandbox = SANDBOX
badge-read-only = READ-ONLY
badge-insecure = INSECURE: NO TLS

status-verified = verified { $at }
status-budget = { $used }/{ $limit } req/s
status-budget-calm = ≤ { $limit } req/s
status-queued = { $n } queued
status-certificate = certificate until { $date }
status-certificate-soon = certificate expires in { $n } d

banner-trouble = { $what } · since { $since } · { KEY("refresh", "r") } retries now
banner-now = Data shown may be out of date.
banner-damaged = Nothing is sent; everything can be read. Run paydeck ledger check in a shell: it shows what is wrong and what to do

first-run-what = The embedded sandbox: a complete WeChat Pay, simulated users, no real money.
first-run-keys = Try { KEY("tab-orders", "3") } service orders · { KEY("filter", "/") } filter · { KEY("act", "a") } actions · { KEY("palette", ":") } everything. { KEY("back", "Esc") } hides this.

opening = starting…
opening-profile = opening { $name }…

too-small = Paydeck needs { $width }×{ $height }. { KEY("quit", "q") } quits.

quit-small = An action is in progress. { KEY("quit-anyway", "y") } quits, { KEY("stay", "Esc") } stays.

empty-title = Nothing here yet
empty-hint = WeChat Pay cannot list these. Press { KEY("find", "o") } to open a number; paydeck import FILE imports many.
empty-filter-title = Nothing matches the filter
empty-filter-hint = { KEY("back", "Esc") } clears it, { KEY("filter", "/") } changes it.
empty-filter-states = States in this table; filter by the code or the word:

totals-all = { $n } in all
totals-some = { $shown } of { $n }
totals-sum = sum { $sum }
totals-ended = {" "}(incl. { $marks } { $sum })


pick-action = Actions
pick-sort = Sort by
pick-columns = Columns
pick-profile = Profile


theme-dark = dark
theme-light = light
theme-high-contrast = high contrast


export-title = Export this view
export-hint = .csv for spreadsheets; .jsonl as returned by WeChat Pay. Existing files are never overwritten.
export-currency = Currency
export-state-code = State code


quit-title = Quit?
quit-question = Actions are in progress. The journal keeps their outcomes.

risk-reversible = can be undone
risk-irreversible = cannot be undone
risk-money = moves money

form-nothing-sent = Nothing is sent until you confirm the preview.
form-fix-fields = Fix the marked fields.
form-setting = The profile has no { $name }.
form-above-cap = More than the { $max } that profile { $profile } allows
form-other-currency = Profile { $profile } allows at most { $max }, and no amount in another currency

confirm-reverse = Undone by: { $action }.
confirm-irreversible = This cannot be undone.
confirm-merchant = Merchant
confirm-request = Request
confirm-no-body = no body
confirm-type = Type { $tail } to confirm:
confirm-reason = Reason, for the journal:
confirm-mismatch = does not match { $tail }
scroll-hint = { $keys } scroll
confirm-earlier = Done before
confirm-second = This would be a second one. Type the end of the number and the entry above only if this is intended.
confirm-unknown = The earlier one is queried first. If there is no trace of it, it is sent again under its own number, never a second time.
close-title = Close an entry whose outcome is unknown
close-meaning = Nothing is sent. The journal records who closed it and why; after that, the same action can be done again. Look it up on the merchant platform first.
toast-entry-closed = Entry { $journal } is closed
toast-entry-ended = Entry { $journal } already has an outcome
toast-entry-under-way = Entry { $journal } is still being sent
toast-entry-not-closed = Entry { $journal } was not closed
blocked-entry-ended = The entry already has an outcome
confirm-changed = The object has changed since: it is now { $state }.
confirm-now-illegal = No longer possible: { $reason }.

button-cancel = Cancel
button-confirm = Confirm

blocked-not-open = No account is open yet
blocked-nothing-selected = Nothing is selected
blocked-no-rows = There are no rows
blocked-not-fetched = Not fetched yet; { KEY("refresh", "r") } queries it
blocked-waiting = The ledger is being read
blocked-in-flight = An action is in progress; wait for its outcome
blocked-object-in-flight = An action on it is in progress
blocked-unresolved = The outcome of an action on it is unknown; it is being queried
blocked-no-profiles = There are no other profiles
blocked-damaged = The ledger is damaged: nothing is sent
blocked-read-only = This profile is read-only
blocked-by-rules = Denied by the rules of profile { $profile }
blocked-column-needed = This column cannot be hidden

toast-copied = Copied
toast-refreshing = Querying visible objects: { $n }
toast-paste-too-long = Too long to paste: { $n } characters at most
toast-exported = Rows written: { $n }
toast-left-out = Left out, not fetched yet: { $n }
toast-export-failed = Export failed
toast-not-prepared = The action cannot be prepared
toast-sending = Sending: { $action } { $number }
toast-done = Done: { $action } { $number }
toast-refused = Refused: { $action } { $number }
toast-unknown = Outcome unknown: { $action } { $number }
toast-draft-kept = Your input is kept: the form opens as you left it.
toast-unknown-next = Journal entry { $journal } stays open: the object is queried until its state settles the outcome. Do not repeat the action.
toast-denied = Not sent: { $action } { $number }
toast-found-by-query = No answer was received, but a query shows that it took effect.
toast-journal = Journal entry { $journal }
toast-code = Code { $code }
toast-request-id = Request-ID { $id }
toast-dismiss = { KEY("back", "Esc") } dismisses

command-act = actions
command-open = detail
command-filter = filter
command-sort = sort
command-columns = choose columns
command-refresh = refresh
command-retry = retry
command-refresh-visible = refresh visible rows
command-copy-number = copy number
command-copy-json = copy as JSON
command-export = export the view
command-palette = commands
command-profile = switch profile
command-help = help
command-back = back
command-quit = quit
command-tab-plans = go to Plans
command-tab-sign-plans = go to Sign plans
command-tab-orders = go to Service orders
command-tab-transactions = go to Transactions
command-tab-stocks = go to Coupon stocks
command-tab-refunds = go to Refunds
command-next-tab = next tab
command-previous-tab = previous tab
command-down = down
command-up = up
command-page-down = page down
command-page-up = page up
command-top = first row
command-bottom = last row
command-detail-top = to the beginning
command-detail-bottom = to the end
command-filter-keep = keep
command-filter-drop = clear
command-palette-run = run
command-palette-down = down
command-palette-up = up
command-palette-close = close
command-pick-take = choose
command-list-down = down
command-list-up = up
command-list-page-down = page down
command-list-page-up = page up
command-list-top = first
command-list-bottom = last
command-pick-close = close
command-form-next = next field
command-form-previous = previous field
command-form-preview = preview
command-form-close = close, keep the draft
command-confirm-press = press the chosen button
command-confirm-now = confirm
command-confirm-next = next
command-confirm-previous = previous
command-confirm-down = scroll down
command-confirm-up = scroll up
command-confirm-close = cancel
command-prompt-accept = write the file
command-prompt-close = close
command-help-down = scroll down
command-help-up = scroll up
command-help-close = close
command-quit-anyway = quit anyway
command-stay = stay
command-suspend = suspend
command-leave-now = leave at once
toast-unresolved = { $count ->
    [one] The outcome of one earlier change is unknown
   *[other] The outcomes of { $count } earlier changes are unknown
}
toast-unresolved-next = Their objects are being queried. No new action is allowed on them until the outcome is known.
toast-resolved = Journal entry { $journal } on { $number }: { $outcome }
outcome-done = it took effect
outcome-refused = it had no effect
outcome-unknown = its outcome cannot be determined
leaving = { $count ->
    [one] One change is in progress; waiting for its outcome. Ctrl-C leaves at once: it is in the journal.
   *[other] { $count } changes are in progress; waiting for their outcomes. Ctrl-C leaves at once: they are in the journal.
}
open-title = Open a number
open-hint = Any of this merchant’s numbers: plan, sign plan, service order, transaction, coupon stock or refund; or WeChat Pay’s number of a transaction.
pick-found = The number matches several objects
toast-searching = Looking for { $number }…
toast-not-found = Nothing found under { $number }
toast-no-number = Not a valid number
command-find = open number
toast-not-saved = Fetched data is not saved in the ledger

command-mark = mark
command-mark-all = mark all that match the filter
command-unmark-all = unmark all
command-bulk = bulk action in progress
command-act-marked = actions on marked rows
command-confirm-page-down = scroll down a page
command-confirm-page-up = scroll up a page
command-preparing-close = cancel
command-bulk-pause = pause
command-bulk-go-on = resume
command-bulk-stop = stop, send no more
command-bulk-export = export the outcomes
command-bulk-close = close; it continues
blocked-no-marks = Nothing is marked
blocked-no-bulk = There is no bulk action
blocked-bulk = A bulk action is in progress; { KEY("bulk", "b") } shows it
blocked-bulk-over = The bulk action has ended
blocked-none-of-marked = Not allowed for any marked object
bulk-legal = for { $n } of { $total }
bulk-marked = { $n } marked
bulk-objects = { $n ->
    [one] 1 object
   *[other] { $n } objects
}
bulk-form-shared = These values apply to all of them.
bulk-preparing-title = Preparing
bulk-preparing = Reading the ledger…
bulk-preparing-asked = Querying objects that may have changed: { $done } of { $total }
bulk-how-many = Objects
bulk-pace = Rate
bulk-left-out = Left out: { $n }
bulk-nothing-left = No object is left to act on.
bulk-confirm-type = Type { $count } (objects, merchant):
bulk-running = Running, at most { $n } per second
bulk-paused = Paused; nothing more is sent
bulk-surprised = Paused automatically; nothing more is sent. { $why }
bulk-stopping = Stopping: requests in progress are finished
bulk-finished = Finished
bulk-ended = { $done } of { $total }
bulk-outcome-sending = sending…
bulk-outcome-waiting = waiting
bulk-column-outcome = Outcome
bulk-column-request = Request-ID
bulk-column-journal = Journal
bulk-column-reason = Reason
bulk-export-title = Export the outcomes
bulk-export-hint = A CSV file with every object, its outcome, and the reason. An existing file is never overwritten.
totals-marked = { $n } marked
status-bulk = ▸ bulk { $done }/{ $total }
status-bulk-paused = ‖ bulk { $done }/{ $total } paused
quit-bulk = A bulk action is running ({ $done } of { $total }); the rest would not be sent.
toast-marks-full = At most { $max } can be marked
toast-marks-full-next = This is the limit for one bulk action in this profile (max_bulk). Process these first, then mark the rest.
toast-bulk-paused = Bulk action paused
toast-bulk-finished = Bulk action finished
toast-bulk-next = { KEY("bulk", "b") } shows it.
tab-journal = Journal
journal-column-entry = Entry
journal-column-operator = Operator
journal-column-action = Action
journal-column-object = Object
journal-column-outcome = Outcome
journal-column-request-id = Request-ID
journal-action-api = raw request
journal-under-way = pending
journal-done = done
journal-refused = refused
journal-unknown = unknown
journal-unknowable = unknown for good
journal-closed = closed
journal-entry = Entry { $n } · { $action }
journal-at = Time
journal-profile = Profile
journal-state-before = State before
journal-confirmed = Confirmed
journal-confirmed-typed = by typing the end of the number
journal-confirmed-yes = with a plain yes
journal-confirmed-flag = with the flag --yes
journal-changed = What changed
journal-against-latest = Before it was sent, compared with the latest document in the ledger, verified { $at }:
journal-against-reply = Before it was sent, compared with the verified reply:
journal-no-object = The request names no object to compare.
journal-no-before = The ledger had no document of the object before the request was sent.
journal-not-seen-since = The object has not been queried since; { KEY("entry-object", "⏎") } goes to it.
journal-no-difference = No differences.
journal-request = Request
journal-error = Error
journal-error-why = Why
journal-error-next = Next
journal-reply = Verified reply
journal-chain = Hash chain
journal-hash = SHA-256
journal-verify-hint = paydeck journal verify checks that no entry was changed, removed or reordered.
journal-newest-first = Newest first
journal-only = only { $kind } { $number }
journal-esc-clears = { KEY("back", "Esc") } clears
journal-nothing-found = No entry contains this text
journal-nothing-found-hint = { KEY("back", "Esc") } clears the search, { $key } changes it.
journal-empty = Nothing has been sent yet
journal-empty-hint = Every change is recorded here before it is sent, followed by its outcome.
blocked-no-object = The entry names no object
command-journal-of = its journal
command-entry-open = detail
command-entry-search = search
command-entry-object = go to the object
command-entry-close = close an entry without an outcome
command-entry-copy = copy the entry’s number
command-entry-copy-json = copy the entry as JSON
command-tab-journal = go to the Journal
command-reread = reload
column-authorization-code = Permission code
column-authorized = Authorised
column-coupon = Coupon
column-stock = Stock
detail-permission-cancelled = Revoked
detail-notify-url = Notify URL
detail-coupon-received = Received
detail-consumed = Used
detail-consumed-at = Used at
command-user-coupons = load a user’s coupons
command-ask-coupons = list them
command-usable-merchants = show where the stock’s coupons can be used
command-usable-items = show what the stock’s coupons can be used for
blocked-no-stock = Only for coupon stocks
user-coupons-title = A user’s coupons
user-coupons-hint = The user’s openid under this profile’s appid. WeChat Pay lists the coupons that this merchant created, never expired ones.
toast-asking-coupons = Listing the coupons of { $openid }…
toast-no-openid = Not a valid openid
toast-coupons = { $n ->
    [0] { $openid } has no coupons of this merchant
    [one] { $openid } has one coupon
   *[other] { $openid } has { $n } coupons
}
toast-coupons-failed = Coupons could not be listed: { $openid }
usable-merchants-title = Usable at
usable-items-title = Usable for
usable-asking = Querying WeChat Pay…
usable-no-merchants = No merchant is listed
detail-budget-used = Budget used
detail-send-number = Sent under
detail-coupon-type = Coupon type

# The preview of a change.
receipt-of = of { $whole }
receipt-stays = { $stays } stays paid
receipt-user = user
confirm-barred = not possible
confirm-replaces = Replaces
confirm-replaces-reading = being read…
confirm-replaces-none = none: no address was ever set
confirm-replaces-unknown = unknown
confirm-replaced-unread = The address now in force could not be read, and nothing is replaced unseen: { $why }. Close this and try again.
confirm-undone-by-former = Undone by setting the former address again; the journal keeps it.
confirm-no-former = There is no former address to return to: it can be replaced, not removed.
button-close = Close
command-confirm-request = request
blocked-no-request = This preview has no single request
toast-replaced = Replaced { $url }
journal-against-request = The former setting against the request:
fact-stays-paid = Stays paid
help-ahead = Keys typed ahead are kept, and apply in their order to what the screen will show, also while an account is being opened; if it cannot be opened, they are dropped. A preview is different: until it has been on the screen for 0.3 seconds without a key being pressed, it takes no key but { KEY("confirm-close", "Esc") }, and what is typed before that is dropped.
