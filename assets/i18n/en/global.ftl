# WeChat Pay Global.
detail-exchange-rate = Exchange rate
detail-promotions = Reductions
detail-promotion-kind = Kind

empty-elsewhere-title = WeChat Pay Global has none of these
empty-elsewhere-hint = A Global merchant has transactions (4), refunds (6), settlements and statements (:).
bill-elsewhere = WeChat Pay Global has statements in place of bills
bill-elsewhere-hint = n writes the statement of a day to a file, once the signature over its SHA-1 and its bytes have been verified. For settlements press : and type their name.

command-settlements = settlements
command-settlements-turn = paid out / not yet
command-settlements-next = next page
command-settlements-previous = previous page
command-settlements-again = ask again
command-settlements-down = further down
command-settlements-up = further up
command-settlements-close = close
command-statement = statement of a day
command-statement-write = write it
blocked-not-global = Only WeChat Pay Global has this
blocked-last-page = This is the last page
blocked-first-page = This is the first page

settlements-open-title = Settlements not paid out yet
settlements-open = What is not paid out yet
settlements-paid-title = Settlements paid out
settlements-paid = Paid out from { $from } to { $to }
settlements-asking = Asking WeChat Pay …
settlements-nothing = Nothing
settlements-page = { $first }–{ $last } of { $total }
settlement-date = Settles
settlement-traded = Traded
settlement-wallet = Wallet
settlement-pay = Payments
settlement-refund = Refunds
settlement-net = Net
settlement-fee = Fee
settlement-settled = Paid out
settlement-unsettled = Not yet
wallet-mainland = Mainland
wallet-hong-kong = Hong Kong

statement-title = Statement of a day
statement-hint = The day, as 20261120, at most 180 days ago; ready from 10:00 the day after. Verified, it becomes paydeck-statement-DAY.csv in this folder.
toast-refunds-unlisted = The refunds of { $number } could not be listed
toast-statement = Statement of { $day } written: { $n } rows
toast-statement-digest = SHA-1 { $digest }, signed by WeChat Pay
toast-no-statement = No statement of { $day } was written
toast-statement-asked = Asking for the statement of { $day } …
toast-no-day = That is no day: 20261120 or 2026-11-20

cli-bill-statement = The statement of a day (WeChat Pay Global), verified by its signed SHA-1
cli-bill-day = The day, 20261120 or 2026-11-20, or yesterday
cli-statement-to = Writes to this file, which must not exist yet; without it, or with -, the text goes to standard output
cli-bill-verified = { $n } rows, SHA-1 { $digest }, signed by WeChat Pay
cli-bill-written = { $path }: { $n } rows, SHA-1 { $digest }, signed by WeChat Pay
cli-error-day = { $day } is no day: 20261120 or 2026-11-20
cli-settlement = Settlements (WeChat Pay Global)
cli-settlement-list = What is paid out, or not yet
cli-settlement-state = settled or unsettled
cli-settlement-from = The first day of payment; by default 30 days ago
cli-settlement-to = The last day of payment; by default today
cli-refund-transaction = Only the refunds of this transaction, asked of WeChat Pay (Global only)

illegal-region = WeChat Pay Global has none of these
field-currency = Currency
field-category = Category (MCC)
field-store-id = Store number
field-store-name = Store name
field-store-address = Store address
choice-no_credit = no credit cards
problem-currency = One of { $value }
problem-category = Four digits of the published list of merchant categories, such as 5812
problem-other-region = There is no such field with region = "{ $value }"
