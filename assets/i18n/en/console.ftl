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
detail-asked = asking…
detail-query-failed = Query failed
detail-not-fetched = Not fetched yet. Press r to query it.
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
detail-order-id = WeChat order no.
detail-total = Total
detail-risk-fund = Risk fund
detail-ends = Ends
detail-need-collection = Collected by WeChat
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
detail-minimum = Least order amount
detail-per-user = Per user at most
detail-funding = Funding
detail-stock-type = Stock type
detail-begins = Begins
detail-started = Activated
detail-creator = Created by
detail-next = What to do
detail-payer-refund = User gets
detail-discount-refund = Coupons taken back
detail-settlement-total = Settlement total
detail-settlement-refund = Settlement refund
detail-received-account = Goes to
detail-channel = Channel
detail-funds-account = Taken from
detail-refund-accepted = Accepted
detail-refund-arrived = Arrived
detail-refund-id = WeChat refund no.

refund-next-abnormal = The money does not reach the user’s account and waits until somebody acts: pay it to another card, or to the merchant’s own account, with an action on it (a; mainland merchants) or on the merchant platform.
refund-next-closed = No money moved, and under this number none will: it stands for this closed refund. Another refund takes a number of its own.

channel-original = back the way it came
channel-balance = to the user’s change
channel-other-balance = the account is abnormal; to other change
channel-other-card = the account is abnormal; to another card

badge-production = PRODUCTION 生产环境
badge-sandbox = SANDBOX
badge-read-only = READ-ONLY
badge-insecure = INSECURE: NO TLS

status-verified = verified { $at }
status-budget = { $used }/{ $limit } req/s
status-budget-calm = ≤ { $limit } req/s
status-queued = { $n } queued
status-certificate = certificate until { $date }
status-certificate-soon = certificate expires in { $n } d

banner-trouble = { $what } · since { $since } · r tries now
banner-now = What is shown may be old.
banner-damaged = Nothing is sent; everything can be read. Run paydeck ledger check in a shell: it says what is wrong and what to do

first-run-what = This is the sandbox inside Paydeck; no money is real. A whole WeChat Pay gateway with users of its own.
first-run-keys = Try  3 service orders · / filter · a actions · : everything.  Esc hides this.

opening = starting…
opening-profile = opening { $name }…

too-small = Paydeck needs { $width }×{ $height }. q quits.

quit-small = An action is under way. y quits, n stays.

empty-title = Nothing here yet
empty-hint = WeChat Pay has no list call for these. Press o to open a number; paydeck import FILE brings in many.
empty-filter-title = Nothing matches the filter
empty-filter-hint = Esc clears it, / changes it.
empty-filter-states = States that occur here; a filter may name the code or the word:

totals-all = { $n } in all
totals-some = { $shown } of { $n }
totals-sum = sum { $sum }
totals-ended = {" "}(of it { $marks } { $sum })

filter-hint = words  state:DOING  amount>100  since:2d  !not
filter-needs-state = { $term } — name a state, as in state:DOING
filter-needs-age = { $term } — write an age, as in since:2d (m h d w)
filter-needs-amount = { $term } — write yuan, as in amount>12.50
filter-needs-term = { $term } — ! needs a word behind it
filter-needs-keyword = { $term } — name what is compared, as in amount>100

pick-action = Actions
pick-sort = Sort by
pick-columns = Columns
pick-profile = Profile

palette-title = Commands
palette-nothing = Nothing is called that.
palette-profile = Profile: { $name }
palette-theme = Theme: { $name }
palette-language = Language: { $name }

theme-dark = dark
theme-light = light
theme-high-contrast = high contrast


export-title = Export this view
export-hint = .csv for spreadsheets; .jsonl as WeChat Pay returned it. Files are never overwritten.
export-currency = Currency
export-state-code = State code

help-title = Keys
help-in-filter = In the filter:
help-in-palette = In the commands:
help-in-form = In a form:
help-in-confirm = In a preview:
help-filter = Filter: words, state:DOING, amount>100, amount<=9.9, since:2d (m h d w), ! before a term turns it round.
help-marks = Marks: … not fetched · ~ stale · ! last query failed, the age is what is shown · ↻ being queried · ? outcome unknown · ▌ cursor · ◆ marked · ◉ watched · ◈ both · ⚠ disputed: see the disagreements of tab 8 · underlined or tinted: just changed.

quit-title = Quit?
quit-question = Actions are under way. Their outcome is kept in the journal.

risk-reversible = can be taken back
risk-irreversible = cannot be undone
risk-money = moves money

form-nothing-sent = Nothing is sent before you confirm the preview.
form-mend-fields = Mend the fields that are marked.
form-setting = The profile has no { $name }.
form-above-cap = More than the { $max } that profile { $profile } allows

confirm-reverse = Taken back by: { $action }.
confirm-irreversible = This cannot be undone.
confirm-merchant = Merchant
confirm-request = Request
confirm-no-body = no body
confirm-type = Type { $tail } to confirm:
confirm-reason = Reason, for the journal:
confirm-mismatch = does not match { $tail }
scroll-hint = ↑↓ scroll
confirm-earlier = Done before
confirm-second = This would be a second one. Type the number of the entry above only if that is meant.
confirm-unknown = The earlier one is asked about first. If nothing shows it, it is sent again under its own number, never a second time.
close-title = Close an entry whose outcome is unknown
close-meaning = Nothing is sent. The journal keeps who closed it and why; from then on the same can be done again. Look it up on the merchant platform first.
toast-entry-closed = Entry { $journal } is closed
toast-entry-ended = Entry { $journal } had ended already
toast-entry-under-way = Entry { $journal } is still being sent
toast-entry-not-closed = Entry { $journal } was not closed
blocked-entry-ended = The entry has an outcome
confirm-changed = The object has changed since: it is now { $state } ({ $code }).
confirm-now-illegal = No longer possible: { $reason }.

button-cancel = Cancel
button-confirm = Confirm

blocked-not-open = No account is open yet
blocked-nothing-selected = Nothing is selected
blocked-no-rows = There are no rows
blocked-not-fetched = Not fetched yet; r queries it
blocked-waiting = The ledger is being read
blocked-in-flight = An action is under way; wait for its outcome
blocked-object-in-flight = An action on it is under way
blocked-unresolved = The outcome of an action on it is not known yet; it is being queried
blocked-no-profiles = There are no other profiles
blocked-damaged = The ledger is damaged: nothing is sent
blocked-read-only = This profile is read-only
blocked-by-rules = Denied by the rules of profile { $profile }
blocked-column-needed = This column always stays

toast-copied = Copied
toast-refreshing = Querying what is visible: { $n }
toast-paste-too-long = Too long to paste: { $n } characters at most
toast-exported = Rows written: { $n }
toast-left-out = Left out, not fetched yet: { $n }
toast-export-failed = Could not export
toast-not-prepared = This cannot be prepared
toast-sending = Sending: { $action } { $number }
toast-done = Done: { $action } { $number }
toast-refused = Refused: { $action } { $number }
toast-unknown = Outcome unknown: { $action } { $number }
toast-draft-kept = What you typed is kept: the form opens as it was.
toast-unknown-next = Journal entry { $journal } stays open: the object is queried until its state tells. Do not repeat the action.
toast-denied = Not sent: { $action } { $number }
toast-found-by-query = No answer came, but a query shows that it took effect.
toast-journal = Journal entry { $journal }
toast-code = Code { $code }
toast-request-id = Request-ID { $id }
toast-dismiss = Esc dismisses

command-act = actions
command-open = detail
command-filter = filter
command-sort = sort
command-columns = choose columns
command-refresh = refresh
command-retry = try again
command-refresh-visible = refresh what is visible
command-copy-number = copy number
command-copy-json = copy as JSON
command-export = export the view
command-palette = commands
command-profile = switch profile
command-help = help
command-back = back
command-quit = quit
command-tab-1 = go to Plans
command-tab-2 = go to Sign plans
command-tab-3 = go to Service orders
command-tab-4 = go to Transactions
command-tab-5 = go to Coupon stocks
command-tab-6 = go to Refunds
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
command-filter-drop = drop
command-palette-run = run
command-palette-down = down
command-palette-up = up
command-palette-close = close
command-pick-take = choose
command-pick-down = down
command-pick-up = up
command-pick-page-down = page down
command-pick-page-up = page up
command-pick-top = first
command-pick-bottom = last
command-pick-close = close
command-form-next = next field
command-form-previous = previous field
command-form-preview = preview
command-form-close = close, keep the draft
command-confirm-press = press the chosen button
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
toast-unresolved-next = Their objects are being asked; nothing new is allowed on them until they tell.
toast-resolved = Journal entry { $journal } on { $number }: { $outcome }
outcome-done = it took effect
outcome-refused = it had no effect
outcome-unknown = nobody can tell
leaving = { $count ->
    [one] One change is under way; waiting for its outcome. Ctrl-C leaves at once: the journal knows it.
   *[other] { $count } changes are under way; waiting for their outcomes. Ctrl-C leaves at once: the journal knows them.
}
open-title = Open a number
open-hint = Any number of this merchant’s: of a plan, sign plan, service order, transaction, coupon stock or refund; or WeChat Pay’s number of a transaction.
pick-found = The number stands for several objects
toast-searching = Looking for { $number }…
toast-not-found = Nothing found under { $number }
toast-no-number = That is no number
command-find = open number
toast-unkept = What is fetched is not kept in the ledger

command-mark = mark
command-mark-all = mark all that match the filter
command-unmark-all = unmark all
command-bulk = bulk action under way
command-act-marked = actions on the marked
command-confirm-page-down = scroll down a page
command-confirm-page-up = scroll up a page
command-preparing-close = cancel
command-bulk-pause = pause
command-bulk-go-on = go on
command-bulk-stop = stop, send no more
command-bulk-export = export the outcomes
command-bulk-down = scroll down
command-bulk-up = scroll up
command-bulk-page-down = scroll down a page
command-bulk-page-up = scroll up a page
command-bulk-close = close; it goes on
blocked-no-marks = Nothing is marked
blocked-no-bulk = There is no bulk action
blocked-bulk = A bulk action is under way; b shows it
blocked-bulk-over = The bulk action is over
blocked-none-of-marked = Legal for none of the marked ones
bulk-legal = for { $n } of { $total }
bulk-marked = { $n } marked
bulk-objects = { $n ->
    [one] 1 object
   *[other] { $n } objects
}
bulk-form-shared = What is filled in here holds for all of them.
bulk-preparing-title = Preparing
bulk-preparing = Reading the ledger…
bulk-preparing-asked = Asking about those that may have changed: { $done } of { $total }
bulk-how-many = Objects
bulk-pace = Pace
bulk-left-out = Left out: { $n }
bulk-nothing-left = None of them is left to do this to.
bulk-confirm-type = Type how many objects these are, { $count }:
bulk-running = Running, { $n } a second at the most
bulk-paused = Paused; nothing more is sent
bulk-surprised = Paused by itself; nothing more is sent. { $why }
bulk-stopping = Stopping: what is under way is finished
bulk-finished = Finished
bulk-ended = { $done } of { $total }
bulk-outcome-sending = sending…
bulk-outcome-waiting = waiting
bulk-column-outcome = Outcome
bulk-column-request = Request-ID
bulk-column-journal = Journal
bulk-column-reason = Reason
bulk-export-title = Export the outcomes
bulk-export-hint = A CSV file with every object, what became of it, and why. An existing file is never overwritten.
totals-marked = { $n } marked
status-bulk = ▸ bulk { $done }/{ $total }
status-bulk-paused = ‖ bulk { $done }/{ $total } paused
quit-bulk = A bulk action runs ({ $done } of { $total }); the rest would not be sent.
toast-marks-full = No more than { $max } may be marked
toast-marks-full-next = That is the most objects of one bulk action in this profile (max_bulk). Do these first, then mark the rest.
toast-bulk-paused = The bulk action has paused
toast-bulk-finished = The bulk action has finished
toast-bulk-next = b shows it.
tab-journal = Journal
journal-column-entry = Entry
journal-column-operator = Operator
journal-column-action = Action
journal-column-object = Object
journal-column-outcome = Outcome
journal-column-request-id = Request-ID
journal-action-api = raw request
journal-under-way = under way
journal-done = done
journal-refused = refused
journal-unknown = unknown
journal-untold = not to be found out
journal-closed = closed
journal-entry = Entry { $n } · { $action }
journal-at = Time
journal-profile = Profile
journal-state-before = State before
journal-confirmed = Confirmed
journal-confirmed-typed = by typing the end of the number
journal-confirmed-yes = by a plain yes
journal-confirmed-flag = by the flag --yes
journal-changed = What changed
journal-against-latest = Before it was sent, against the latest document in the ledger, verified { $at }:
journal-against-reply = Before it was sent, against the verified reply:
journal-no-object = The request names no object that could be compared.
journal-no-before = The ledger had no document of the object before it was sent.
journal-not-seen-since = The object has not been queried since it was sent; Enter goes to it.
journal-no-difference = Nothing differs.
journal-request = Request
journal-error = Error
journal-error-why = Why
journal-error-next = Next
journal-reply = Verified reply
journal-chain = In the chain
journal-hash = SHA-256
journal-verify-hint = paydeck journal verify checks that no entry was changed, removed or reordered.
journal-newest-first = Newest first
journal-only = only { $kind } { $number }
journal-esc-clears = Esc clears
journal-search-hint = any text: a number, an action, a Request-ID, a reason
journal-nothing-found = No entry contains that
journal-nothing-found-hint = Esc clears the search, / changes it.
journal-empty = Nothing has been sent yet
journal-empty-hint = Every change is written here before it leaves, and then what became of it.
blocked-no-object = The entry names no object
command-journal-of = its journal
command-entry-open = detail
command-entry-search = search
command-entry-object = go to the object
command-entry-close = close an entry without an outcome
command-entry-copy = copy the entry’s number
command-entry-copy-json = copy the entry as JSON
command-tab-9 = go to the Journal
command-reread = read again
column-authorization-code = Authorisation code
column-authorized = Authorised
column-coupon = Coupon
column-stock = Stock
detail-permission-cancelled = Revoked
detail-notify-url = Notify URL
detail-coupon-received = Received
detail-consumed = Used
detail-consumed-at = Used at merchant
command-user-coupons = load a user’s coupons
command-ask-coupons = ask for them
command-usable-merchants = show where the stock’s coupons can be used
command-usable-items = show what the stock’s coupons can be used for
blocked-no-stock = Only coupon stocks have this
user-coupons-title = A user’s coupons
user-coupons-hint = The user’s openid under this profile’s appid. WeChat Pay is asked for the coupons this merchant created; it never lists expired ones.
toast-asking-coupons = Asking for the coupons of { $openid }…
toast-no-openid = That is no openid
toast-coupons = { $n ->
    [0] { $openid } has no coupons of this merchant
    [one] { $openid } has one coupon
   *[other] { $openid } has { $n } coupons
}
toast-coupons-failed = Coupons could not be listed: { $openid }
usable-merchants-title = Usable at
usable-items-title = Usable for
usable-asking = Asking WeChat Pay…
usable-nowhere = No merchant is named
detail-budget-used = Budget given out
detail-send-number = Sent under
detail-coupon-type = Coupon type
