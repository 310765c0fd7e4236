why-hash = The file’s SHA-1 is { $found }, WeChat Pay named { $expected }: it is not the file that was asked for, or it was altered on the way
why-packed = The file came whole, but does not unpack: { $source }
why-link = The link to the file leads to { $found }, or its hash cannot be checked
advice-hash = Nothing was written. Try again; if it stays so, check what stands between you and WeChat Pay.
advice-link = Nothing was fetched. Check base_url and what stands between you and WeChat Pay.
advice-bill-file = Check the path, your rights to it, and the space on the disk.

source-bill = bill
bill-trade = Trade bill
bill-fundflow = Fund flow
bill-ALL = all
bill-SUCCESS = payments
bill-REFUND = refunds
bill-BASIC = basic
bill-OPERATION = operation
bill-FEES = fees
bill-payments = Payments
bill-refunds = Refunds
bill-settlement = To be settled
bill-refunded = Returned
bill-income = Income
bill-outgo = Outgo
bill-fee = Fees
bill-net = Net
bill-neither = Neither in nor out
bill-row-count = { $n ->
    [one] 1 row
   *[other] { $n } rows
}
bill-progress = { $size } received
bill-unread = The file is what WeChat Pay sent, but cannot be read as a bill: { $why }
bill-hash-verified = SHA-1 { $hash } verified { $at } (the file itself is never signed; its hash is)
bill-hash-uncompared = SHA-1 { $hash }, which nothing here says is WeChat Pay’s
bill-summary-agrees = The summary agrees with the rows
bill-summary-agrees-partly = The summary agrees with the rows in { $names }; not compared: { $others }
bill-summary-not-compared = Not compared: { $others }
bill-summary-unknown = Its summary has no figure that can be compared with the rows: { $others }
bill-summary-missing = It has no summary: rows may be missing at its end
bill-summary-disagrees = The summary says { $name } { $says }, the rows come to { $found }
bill-summary-of-statement = Statements of WeChat Pay Global have no summary: nothing says whether rows are missing
bill-list-comma = {", "}
bill-no-rows = It has no rows
bill-parts = { $n } bills in one file; the summaries of { $agreeing } agree with their rows
bill-part = From line { $line } on: { $what }
bill-more-parts = And { $n } more of the bills in it
bill-more-bad-lines = And { $n ->
    [one] 1 more line
   *[other] { $n } more lines
} that cannot be read
bill-without-bad-lines = { $n ->
    [one] 1 line is left out: the rows and figures are without it
   *[other] { $n } lines are left out: the rows and figures are without them
}
bill-more-lost = And { $n ->
    [one] 1 more row
   *[other] { $n } more rows
} with lost digits
bill-with-lost = { $n ->
    [one] 1 row has lost digits of its number: its amounts are counted, its number cannot be used
   *[other] { $n } rows have lost digits of their numbers: their amounts are counted, their numbers cannot be used
}. Download the bill again to have them whole
bill-encoding = Read as { $encoding }, not UTF-8{ $encoding ->
    [GB18030] {" (GBK and GB2312 are parts of it)"}
   *[other] {""}
}
bill-resaved = { $n ->
    [one] 1 row has no backticks: another program has saved the file again
   *[other] { $n } rows have no backticks: another program has saved the file again
}
bill-line-encoding = it is written neither as the rest of the file nor in UTF-8 or GBK
bill-line-fields = it has { $found } fields, its header has { $expected }
bill-line-value = { $column } cannot be read
bill-line-stray = it is neither a row nor a summary
bill-line-no-values = the figures of a summary are named, but their values do not follow
bill-line-lost-digits = { $column } has lost digits, as spreadsheets do with long numbers; 4.2E+27 is no number
bill-why-read = It cannot be read to its end, or does not unpack: { $source }
bill-why-zip = a ZIP archive
bill-why-xlsx = an Excel workbook (XLSX)
bill-why-xls = an old Excel workbook (XLS)
bill-why-pdf = a PDF document
bill-why-packed = a packed file, and not gzip
bill-why-binary = not text: it has bytes that no text has
bill-why-empty = it is empty
bill-why-no-header = it does not begin with the header of a bill
bill-why-consumers = a payer’s own statement of WeChat payments (微信支付账单明细), not a merchant’s bill
bill-why-encoding = it is neither UTF-8 nor GBK
bill-why-mixed = line { $line } begins a bill of another kind than the first: trade bills and fund-flow bills have different columns
bill-why-too-many = more than { $n } bills in one file
bill-advice-read = If it was cut short, get it again.
bill-advice-unpack = Unpack it first, then name the file in it.
bill-advice-save-as-csv = Save it as CSV in UTF-8 first, with the columns of numbers as text.
bill-advice-original = Name the file as WeChat Pay gave it, or download the bill: paydeck bill trade DATE
bill-advice-split = Put them into files of their own.
bill-gone = { $path } (gone or changed)
bill-day-goes-on = { $day } has not ended in Beijing; it has no bill yet
cli-bill = Bills: download, list and read them
cli-bill-trade = Download the trade bill of a day
cli-bill-fundflow = Download the fund-flow bill of a day
cli-bill-list = List the bills that were downloaded
cli-bill-show = Show what a bill comes to, or its rows
cli-bill-date = The day in Beijing, like 2026-11-20, or yesterday; ready from 10:00 of the next day, for three months
cli-bill-unsigned =
    Downloads a bill. WeChat Pay signs the answer with the link and the hash of the file, but never the file itself (/v3/billdownload/file): that one path is exempt from the signature, and the file is compared with the hash instead. It gets its name only when they agree. The link lives for 30 seconds; one that ran out is asked for anew.
cli-bill-gzip = Have it travel as gzip; what is written is the bill itself either way
cli-bill-to = Write it into this folder or to this file; - prints it
cli-bill-import = Bring the numbers in it into the ledger, and ask about them
cli-bill-type = Which rows
cli-bill-account = Of which account
cli-bill-which = The day of a bill that was downloaded, or any bill’s file, packed or not
cli-bill-of = Of several bills of the day, which
cli-bill-rows = Print the rows: as lines, as JSON lines or as CSV
cli-bill-spreadsheet = Write the rows to a new file for a spreadsheet, - for standard output: every column, UTF-8 with a byte-order mark, numbers as text so that no digits are lost, no formulas
cli-bill-spreadsheet-written = { $path }: { $n ->
    [one] 1 row
   *[other] { $n } rows
}
cli-bill-stdout-json = With - the file itself is printed; there is no place for JSON
cli-bad-date = { $date } is not a day; write 2026-11-20 or yesterday
cli-error-no-bill = There is no such bill here: { $which }
cli-error-not-a-bill = It cannot be read as a bill
cli-error-not-lines = The file cannot be read; nothing was asked about
cli-error-flawed-bill = { $path } is not whole, or does not agree with itself
cli-advice-flawed-bill = Read what is marked with ✗. Download the bill again, or correct the file where it was changed.
cli-error-altered-bill = { $path } is not what it was when it was downloaded
cli-why-altered-bill = Its SHA-1 was { $was }, and is { $is }
cli-advice-no-bill = Download it: paydeck bill trade DATE or paydeck bill fundflow DATE
cli-advice-day-goes-on = Ask from 10:00 of the next day, Beijing time.

tab-bills = Bills
what-bill-file = { $path } cannot be read or written
bill-column-day = Day
bill-column-bill = Bill
bill-column-rows = Rows
bill-column-in = In
bill-column-out = Out
bill-column-hash = Hash
bill-column-fetched = Downloaded
bill-column-type = Type
bill-column-description = Goods
bill-column-business = Business
bill-column-balance = Balance
bill-column-note = Note
bill-verdict-verified = verified
bill-verdict-gone = file gone or changed
bill-verdict-unread = not readable
bill-verdict-disagrees = summary disagrees
bill-verdict-flawed = not whole
bill-empty = No bill has been downloaded yet
bill-empty-hint = n fetches one: the trade bill or the fund-flow bill of a past day. It is compared with its hash before it gets its name, and lies beside the ledger.
bill-count = { $n ->
    [one] 1 bill
   *[other] { $n } bills
}
bill-row-of = Row { $at } of { $n }
bill-coming = { $bill }: { $size }
bill-by-hour = Volume by hour
bill-by-state = By state and type
bill-by-business = By business
bill-changed-since = The file is not what it was when it was downloaded: its SHA-1 is another. Fetch it again.
bill-still-verified = SHA-1 verified
bill-being-read = being read…
bill-form-title = Fetch a bill
bill-field-kind = Bill
bill-field-which = Which
bill-day-not = Not a day: write 2026-11-20
bill-day-rule = A past day in Beijing, from 10:00 the next, for 3 months
bill-form-unsigned = WeChat Pay signs the link and the hash, never the file: that one path is exempt, and the hash is checked instead.
toast-bill = { $bill } downloaded
toast-bill-hash = SHA-1 { $hash } verified
toast-bill-failed = { $bill } was not downloaded
toast-bills-unread = The bills cannot be listed
toast-bill-noted = { $n } numbers of { $bill } are in the ledger
toast-bill-not-noted = The numbers of { $bill } are not in the ledger
command-tab-7 = go to Bills
command-bill-open = rows
command-bill-row = go to it
command-bill-fetch = fetch a bill
command-bill-note = numbers into the ledger
command-bill-copy = copy its path
command-bill-copy-number = copy number
command-bill-form-fetch = fetch
command-bill-form-choose = choose
command-bill-form-choose-back = choose back
command-bill-form-next = next field
command-bill-form-previous = previous field
command-bill-form-close = close
blocked-no-bill = There is no bill here
blocked-bill-gone = Its file is gone or changed; fetch it again
blocked-row-of-nothing = The row names no object
