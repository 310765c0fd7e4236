book-trade = Trade bill
book-orders = Orders
book-flow = Fund flow

verdict-matched = Matched
verdict-across-days = Matched across midnight
verdict-held-over = Matched with what was held over
verdict-nothing-due = Not paid, nothing due
verdict-other-day = Rows of other days
verdict-other-business = Other changes of the balance
verdict-not-compared = Nothing to compare with
difference-surplus = Surplus
difference-shortage = Shortage
difference-amount = Amount differs
difference-state = State differs
difference-duplicate = Duplicate
difference-refund-without-payment = Refund without payment
difference-refund-too-large = Refund larger than the rest
difference-fee = Fee differs from the rate
difference-trade-and-flow = Trade and fund flow differ
difference-about-surplus = Money without an order
difference-about-shortage = An order without money
difference-about-amount = Both sides have it, with different amounts
difference-about-state = Both sides have it, in states that exclude each other
difference-about-duplicate = The same number twice on one side
difference-about-refund-without-payment = No side knows the payment
difference-about-refund-too-large = The refunds of the order are more than its payment
difference-about-fee = The fee is not what the agreed rate makes
difference-about-trade-and-flow = The trade bill and the account disagree

movement-payment = payment
movement-refund = refund
movement-reversal = reversal
movement-other = other
confidence-certain = certain
confidence-likely = likely
confidence-possible = possible
book-state-paid = paid
book-state-unpaid = not paid
book-state-closed = closed
book-state-refunded = refunded
book-state-refund-pending = refund in progress
book-state-refund-failed = refund failed
book-state-reversed = reversed
book-state-unsaid = –

differs-no-order = The bill has the payment, and the orders do not
differs-no-refund-order = The bill has the refund, and the orders do not
differs-no-money = The order was paid by your books, and the bill does not have it
differs-no-money-at-midnight = The order was paid near midnight: it may be in the bill of the other day, which is not here
differs-no-refund-money = The refund is in your books, and not in the bill
differs-amounts = The bill says { $trade }, the orders say { $orders }
differs-amounts-held = The amounts of the bill and of the orders differ
differs-currencies = The currencies differ
differs-paid-but-unpaid = Paid at WeChat Pay, and not paid in your books
differs-paid-but-closed = Paid at WeChat Pay, and closed in your books
differs-reversed-but-paid = Reversed at WeChat Pay, and paid in your books
differs-refund-failed = The refund failed at WeChat Pay, and was made in your books
differs-query-shows = A query shows: { $state }, { $amount }
differs-query-shows-held = A query showed something else than the bill
differs-listed-twice = The same row is there twice
differs-paid-twice = One order was paid twice
differs-ordered-twice = Your books have the order twice
differs-refunded-twice = One refund is there twice
differs-no-payment = There is no payment of order { $order } in the bills, the orders or the ledger
differs-never-paid = A query shows that order { $order } was never paid
differs-more-than-paid = With this refund, more was returned than order { $order } was paid
differs-rate = The fee differs by { $amount } from what the rate makes
differs-not-in-flow = The trade bill has it, and the fund-flow bill does not
differs-not-in-trade = The fund-flow bill has it, and the trade bill does not
differs-flow-amount = The account moved by { $amount } more or less than is to be settled
differs-flow-fee = The fee taken from the account differs by { $amount }

remedy-complete-or-refund = Complete the order in your books, or refund it
remedy-refund-it = Refund the payment
remedy-query = Query it: if WeChat Pay does not have it, correct your books
remedy-next-bill = Reconcile the next day: it closes by itself if the money is there
remedy-find-who-refunded = Find out who refunded it: the merchant platform, another system, or nobody
remedy-correct-books = Correct your books, or refund the difference
remedy-retry-refund = Refund again under the same number, or to another card
remedy-ask-wechat-pay = Ask WeChat Pay, with the bill
remedy-other-account = Look into the bills of the other accounts and of the neighbouring days

reconcile-title = Reconciliation of { $days }
reconcile-zone = Days in Beijing (UTC+8)
reconcile-period = { $from } to { $to }
reconcile-side-bills = { $side }: { $rows } rows in { $files ->
    [one] 1 file
   *[other] { $files } files
}
reconcile-side-orders = { $side }: { $rows } rows, amounts in { $unit }, times in { $zone }, { $encoding }: { $file }
reconcile-side-none = { $side }: not compared
reconcile-columns = Read from: { $columns }
reconcile-unit-yuan = the major unit (yuan)
reconcile-unit-fen = the smallest unit (fen)
reconcile-total = Total
reconcile-adds-up = { $side }: { $total } = { $parts }
reconcile-count = Count
reconcile-verdict = Verdict
reconcile-agrees = All agrees
reconcile-differences = { $n ->
    [one] 1 difference
   *[other] { $n } differences
}
reconcile-more = … and { $n } more (--csv, --xlsx, --html and --output json have all)
reconcile-missing-day = { $side }: there is no bill of { $day }; near its midnight, something may be missing for that reason
reconcile-bad-bill = { $file }: { $n } lines cannot be read, the first is line { $line }
reconcile-bad-orders = { $n } rows of the orders cannot be read, the first is line { $line }
reconcile-bad-column = { $n } rows of the orders cannot be read, the first is line { $line } ({ $column })
reconcile-unknown-state = Unknown states in the orders are not compared: { $words }. Map them: --map "paid=…|…,unpaid=…"
reconcile-timeless = { $n } orders have no time: they are taken to be of these days
reconcile-unit-suspected = In almost every amount that differs, one is a hundred times the other: is the unit right (--map unit=fen)?
reconcile-too-many = More than { $n } differences: probably the wrong file or column, so nothing was held over
reconcile-settled = { $n ->
    [one] 1 difference that was held over is settled
   *[other] { $n } differences that were held over are settled
}
reconcile-queried = { $n ->
    [one] 1 object was queried
   *[other] { $n } objects were queried
}
reconcile-day-cuts = Matched across midnight: { $examples }
reconcile-day-cut = { $number } { $amount }, { $trade } in the bill, { $orders } in the orders
reconcile-closed-mark = closed
reconcile-also = counted under another class
reconcile-open-none = Nothing is held over
reconcile-open-count = { $n ->
    [one] Held over: 1 difference
   *[other] Held over: { $n } differences
}, the oldest of { $day }
reconcile-age = { $n ->
    [0] today
    [one] 1 day
   *[other] { $n } days
}
reconcile-listed-above = { $n ->
    [one] 1 of them is listed above
   *[other] { $n } of them are listed above
}
reconcile-written = { $path } written
reconcile-closed = Difference { $id } is closed; journal entry { $journal }
reconcile-by-class = Differences by class
reconcile-agreement = What agrees
reconcile-generated = Made { $at } for merchant { $mchid }
reconcile-cell-id = Id
reconcile-cell-class = Class
reconcile-cell-movement = Movement
reconcile-cell-number = Number
reconcile-cell-order = Order
reconcile-cell-day = Day
reconcile-cell-currency = Currency
reconcile-cell-amount = Difference
reconcile-cell-trade = In the bill
reconcile-cell-trade-time = Time in the bill
reconcile-cell-orders = In the orders
reconcile-cell-orders-time = Time in the orders
reconcile-cell-flow = In the account
reconcile-cell-confidence = Confidence
reconcile-cell-why = Why
reconcile-cell-remedy = What to do
reconcile-cell-age = Age
reconcile-summary = Summary
reconcile-held-over = Held over

cli-reconcile = Compares bills with your orders and the account, and carries what is open
cli-reconcile-long = Compares the trade bill of a day or of several with your own orders and with the fund-flow bill, and with what is known by query. Bills that are not here yet are downloaded. Exits 1 while something is open.
cli-reconcile-date = A day, FROM..TO, or yesterday; days are days in Beijing
cli-reconcile-against = Your orders: CSV, JSON lines or XLSX, in UTF-8 or GBK
cli-reconcile-map = Which column holds what: number=…,amount=…,state=…,time=…,refund=…,refund_number=…, and unit=fen, zone=+08:00, paid=word|word. It is kept for this profile
cli-reconcile-rate = The agreed rate, such as 0.60%, in place of the bill’s own. It is kept for this profile
cli-reconcile-bill = A file of bills, in place of downloaded ones; may be repeated
cli-reconcile-offline = Downloads nothing
cli-reconcile-resolve = Queries what differs, within the request budget, and compares again
cli-reconcile-quiet = Prints nothing if all agrees
cli-reconcile-html = Writes one HTML file, which needs no network
cli-reconcile-xlsx = Writes a workbook with a sheet for each class
cli-reconcile-csv = Writes the differences as CSV for a spreadsheet
cli-reconcile-json = The same as --output json
cli-reconcile-open = Lists what is held over, with its age
cli-reconcile-all = Also lists what has ended
cli-reconcile-close = Closes a difference, with a reason that goes into the journal
cli-reconcile-id = The difference’s id, as it is listed
cli-reconcile-reason = Why it is closed
cli-error-differs = { $n ->
    [one] 1 difference is open
   *[other] { $n } differences are open
}
cli-error-incomplete-books = Not everything could be read, so the sums are not complete
cli-advice-differs = paydeck reconcile open lists them; paydeck reconcile close ID --reason … closes one.
cli-error-not-reconciled = There is no reconciliation
cli-advice-not-reconciled = Run it again; if it persists, report it with paydeck bundle.
why-unbalanced = { $side }: the parts make { $found } and the total is { $expected }. Nothing is shown rather than something wrong.
why-one-side = There is only one side: no bill of these days, no orders and no fund flow
advice-one-side = Give your orders with --against, or the bills with --bill.
why-orders-unread = { $path }: { $why }
why-orders-empty = It has no rows
why-orders-quote = A quote in line { $line } is not closed
why-orders-column = There is no column “{ $name }”. Its columns: { $columns }
why-orders-no-column = No column holds the { $what }. Its columns: { $columns }
why-map-malformed = “{ $part }” is not column=name
why-map-unknown = There is nothing called “{ $part }” to be mapped
why-map-unit = The unit is yuan or fen, not “{ $part }”
why-map-zone = “{ $part }” is not an offset such as +08:00
why-rate = “{ $rate }” is not a rate such as 0.60%
why-too-many-rows = There are too many rows
advice-orders = Name the columns: --map "number=…,amount=…,state=…,time=…". They are kept for this profile.
order-column-number = order number
order-column-transaction_id = WeChat Pay number
order-column-amount = amount
order-column-state = state
order-column-time = time
order-column-refund = refunded amount
order-column-refund_number = refund number
order-column-refund_time = time of the refund
order-column-currency = currency
why-not-held = This profile has no difference { $id }
why-held-ended = Difference { $id } has ended already
advice-not-held = paydeck reconcile open lists what is open.
journal-action-difference-close = close a difference

command-bill-reconcile = reconcile the day
command-bill-held = what is held over
command-books-row = its object
command-books-bill = bill row
command-books-close = close difference
command-books-resolve = query what differs
command-books-held = held over
command-books-again = reconcile again
command-books-copy-number = copy the number
blocked-no-bill-row = No row of a downloaded bill belongs to it
blocked-not-reconciled = No day is reconciled here
blocked-not-held = It is not open
books-column-class = Class
books-column-age = Age
books-column-off = Difference
books-column-why = Why
books-pending = comparing
books-its-file = its file
books-line = line { $line } of { $file }
books-orders-title = Reconcile with your orders
books-orders-hint = The path of a file: CSV, JSON lines or XLSX. Empty: the bill is compared with the account and with what is known.
books-close-title = Close the difference
books-close-hint = The reason, which goes into the journal. Nothing is sent.
