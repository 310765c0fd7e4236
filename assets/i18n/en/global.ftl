# WeChat Pay Global.
detail-exchange-rate = Exchange rate
detail-promotions = Promotions
detail-promotion-kind = Kind

empty-elsewhere-title = WeChat Pay Global does not have these
empty-elsewhere-hint = A Global merchant has transactions ({ KEY("tab-transactions", "4") }), refunds ({ KEY("tab-refunds", "6") }), settlements and statements ({ KEY("palette", ":") }).
bill-elsewhere = WeChat Pay Global has statements instead of bills
bill-elsewhere-hint = { KEY("bill-fetch", "n") } writes the statement of a day to a file, after its signature and its SHA-1 have been verified. For settlements press { KEY("palette", ":") } and type their name.

command-settlements = settlements
command-settlements-turn = paid out / not yet
command-settlements-next = next page
command-settlements-previous = previous page
command-settlements-again = query again
command-settlements-close = close
command-statement = statement of a day
command-statement-write = write it
blocked-not-global = Only for WeChat Pay Global
blocked-last-page = This is the last page
blocked-first-page = This is the first page

settlements-open-title = Settlements not paid out yet
settlements-open = Not paid out yet
settlements-paid-title = Settlements paid out
settlements-paid = Paid out from { $from } to { $to }
settlements-asking = Querying WeChat Pay …
settlements-nothing = No settlements
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
statement-hint = A day such as 20261120, at most 180 days ago; available from 10:00 the next day. Once verified, it is saved as paydeck-statement-DAY.csv in this folder.
toast-refunds-unlisted = The refunds of { $number } could not be listed
toast-statement = Statement of { $day } written: { $n } rows
toast-statement-digest = SHA-1 { $digest }, signed by WeChat Pay
toast-no-statement = No statement of { $day } was written
toast-statement-asked = Downloading the statement of { $day } …
toast-no-day = Not a day; write 20261120 or 2026-11-20

cli-bill-statement = Download a day’s statement (WeChat Pay Global), verified by its signed SHA-1
cli-bill-day = Day, as 20261120 or 2026-11-20, or yesterday
cli-statement-to = Write to this file, which must not exist yet; without it, or with -, print to standard output
cli-bill-verified = { $n } rows, SHA-1 { $digest }, signed by WeChat Pay
cli-bill-written = { $path }: { $n } rows, SHA-1 { $digest }, signed by WeChat Pay
cli-error-day = { $day } is not a day; write 20261120 or 2026-11-20
cli-settlement = Settlements (WeChat Pay Global)
cli-settlement-list = List settlements that are paid out, or not yet
cli-settlement-state = settled or unsettled
cli-settlement-from = First day of payment; 30 days ago by default
cli-settlement-to = Last day of payment; today by default
cli-refund-transaction = Only this transaction’s refunds, as WeChat Pay lists them (Global only)

illegal-region = WeChat Pay Global does not have this
field-currency = Currency
field-category = Category (MCC)
field-store-id = Store number
field-store-name = Store name
field-store-address = Store address
choice-no_credit = no credit cards
problem-currency = One of { $value }
problem-category = Four digits from the published list of merchant categories, such as 5812
problem-other-region = This field does not exist with region = "{ $value }"
