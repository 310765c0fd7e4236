why-hash = The file’s SHA-1 is { $found }, but WeChat Pay gave { $expected }: it is another file, or it was altered in transit
why-packed = The file is complete, but cannot be unpacked: { $source }
why-link = The link to the file leads to { $found }, or its hash cannot be checked
advice-hash = Nothing was written. Try again; if it persists, check for a proxy or cache between you and WeChat Pay.
advice-link = Nothing was downloaded. Check base_url, and for a proxy or cache between you and WeChat Pay.
advice-bill-file = Check the path, its permissions, and the free disk space.

source-bill = bill
bill-trade = Trade bill
bill-fundflow = Fund flow
bill-statement = Statement
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
bill-outgo = Expenses
bill-fee = Fees
bill-net = Net
bill-neither = Neither in nor out
bill-row-count = { $n ->
    [one] 1 row
   *[other] { $n } rows
}
bill-progress = { $size } received
bill-unread = The file is as WeChat Pay sent it, but cannot be read as a bill: { $why }
bill-hash-verified = SHA-1 { $hash } verified { $at } (WeChat Pay signs the hash, never the file)
bill-hash-uncompared = SHA-1 { $hash }, not compared with WeChat Pay’s
bill-summary-agrees = The summary agrees with the rows
bill-summary-agrees-partly = The summary agrees with the rows in { $names }; not compared: { $others }
bill-summary-not-compared = Not compared: { $others }
bill-summary-unknown = Its summary has no figures that can be compared with the rows: { $others }
bill-summary-missing = It has no summary: rows may be missing at its end
bill-summary-disagrees = The summary says { $name } { $says }, but the rows add up to { $found }
bill-summary-of-statement = WeChat Pay Global statements have no summary, so missing rows cannot be detected
bill-list-comma = {", "}
bill-no-rows = It has no rows
bill-parts = { $n } bills in one file; the summaries of { $agreeing } agree with their rows
bill-part = From line { $line }: { $what }
bill-more-parts = And { $n } more bills in the file
bill-more-bad-lines = And { $n ->
    [one] 1 more line
   *[other] { $n } more lines
} that cannot be read
bill-without-bad-lines = { $n ->
    [one] 1 line is left out: it is not in the rows and figures
   *[other] { $n } lines are left out: they are not in the rows and figures
}
bill-more-lost = And { $n ->
    [one] 1 more row
   *[other] { $n } more rows
} with lost digits
bill-with-lost = { $n ->
    [one] 1 row has lost digits of its number: its amounts are counted, its number cannot be used
   *[other] { $n } rows have lost digits of their numbers: their amounts are counted, their numbers cannot be used
}. Download the bill again for the full numbers
bill-encoding = Read as { $encoding }, not UTF-8{ $encoding ->
    [GB18030] {" (which includes GBK and GB2312)"}
   *[other] {""}
}
bill-resaved = { $n ->
    [one] 1 row has no backticks: another program has re-saved the file
   *[other] { $n } rows have no backticks: another program has re-saved the file
}
bill-line-encoding = its encoding is not that of the rest of the file, nor UTF-8 or GBK
bill-line-fields = it has { $found } fields, but its header has { $expected }
bill-line-value = { $column } cannot be read
bill-line-stray = it is neither a row nor a summary
bill-line-no-values = the summary’s figures are named, but no values follow
bill-line-lost-digits = { $column } has lost digits, as long numbers do in spreadsheets; 4.2E+27 cannot be used
bill-why-read = It cannot be read to its end, or cannot be unpacked: { $source }
bill-why-zip = a ZIP archive
bill-why-xlsx = an Excel workbook (XLSX)
bill-why-xls = an old Excel workbook (XLS)
bill-why-pdf = a PDF document
bill-why-packed = a compressed file that is not gzip
bill-why-binary = not text: it contains bytes that text never has
bill-why-empty = it is empty
bill-why-no-header = it does not begin with the header of a bill
bill-why-consumers = a user’s own payment statement (微信支付账单明细), not a merchant’s bill
bill-why-encoding = it is neither UTF-8 nor GBK
bill-why-mixed = line { $line } starts a bill of another kind than the first: trade bills and fund-flow bills have different columns
bill-why-too-many = more than { $n } bills in one file
bill-advice-read = If it is truncated, download it again.
bill-advice-unpack = Unpack it first, then use the file in it.
bill-advice-save-as-csv = Save it as CSV in UTF-8 first, with the number columns as text.
bill-advice-original = Use the file as downloaded from WeChat Pay, or download the bill: paydeck bill trade DATE
bill-advice-split = Split them into separate files.
bill-gone = { $path } (missing or changed)
bill-day-goes-on = { $day } has not ended in Beijing; it has no bill yet
cli-bill = Bills: download, list and read them
cli-bill-trade = Download a day’s trade bill
cli-bill-fundflow = Download a day’s fund-flow bill
cli-bill-list = List downloaded bills
cli-bill-show = Show a bill’s totals, or its rows
cli-bill-date = Day in Beijing, such as 2026-11-20, or yesterday, or a range such as 2026-11-20..yesterday; available from 10:00 the next day, for three months
cli-bill-unsigned =
    Downloads a bill. WeChat Pay signs the answer with the link and the hash of the file, but never the file itself (/v3/billdownload/file): that one path is exempt from signature verification, and the file is compared with the hash instead. It gets its name only if they agree. The link is valid for 30 seconds; if it expires, another one is requested.
cli-bill-gzip = Transfer as gzip; the file written is the unpacked bill either way
cli-bill-to = Write to this folder or file; - prints it
cli-bill-import = Query every object that the bill names, too
cli-bill-type = Which rows
cli-bill-account = Which account
cli-bill-which = Day of a downloaded bill, or any bill file, plain or gzip
cli-bill-of = Which bill, if the day has several
cli-bill-rows = Print the rows: as lines, JSON lines or CSV
cli-bill-spreadsheet = Write the rows to a new file for spreadsheets, - for standard output: every column, UTF-8 with a byte-order mark, numbers as text so that no digits are lost, no formulas
cli-bill-spreadsheet-written = { $path }: { $n ->
    [one] 1 row
   *[other] { $n } rows
}
cli-bill-stdout-json = With -, the file itself is printed, so JSON output is not possible
cli-bad-date = { $date } is not a day; write 2026-11-20 or yesterday
cli-error-no-bill = No such bill has been downloaded: { $which }
cli-error-not-a-bill = The file cannot be read as a bill
cli-error-not-lines = The file cannot be read; nothing was queried
cli-error-flawed-bill = { $path } is incomplete or inconsistent
cli-advice-flawed-bill = See what is marked with ✗. Download the bill again, or correct the file where it was changed.
cli-error-altered-bill = { $path } has changed since it was downloaded
cli-why-altered-bill = Its SHA-1 was { $was }, and is now { $is }
cli-advice-no-bill = Download it: paydeck bill trade DATE or paydeck bill fundflow DATE
cli-advice-day-goes-on = Try again from 10:00 the next day, Beijing time.

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
bill-state-SUCCESS = Paid
bill-state-REFUND = Refund
bill-state-REVOKED = Revoked
bill-refund-PROCESSING = Refunding
bill-refund-SUCCESS = Refunded
bill-refund-FAIL = Refund failed
bill-refund-CHANGE = Needs action
bill-verdict-verified = verified
bill-verdict-gone = missing or changed
bill-verdict-unread = unreadable
bill-verdict-disagrees = summary disagrees
bill-verdict-flawed = incomplete
bill-empty = No bill has been downloaded yet
bill-empty-hint = { KEY("bill-fetch", "n") } downloads one: the trade bill or the fund-flow bill of a past day. It is compared with its hash before it is saved next to the ledger.
bill-count = { $n ->
    [one] 1 bill
   *[other] { $n } bills
}
bill-row-of = Row { $at } of { $n }
bill-coming = { $bill }: { $size }
bill-by-hour = Volume by hour
bill-by-state = By state and type
bill-by-business = By business
bill-changed-since = The file has changed since it was downloaded: its SHA-1 differs. Download it again.
bill-still-verified = SHA-1 verified
bill-being-read = being read…
bill-form-title = Download a bill
bill-field-kind = Bill
bill-field-which = Which
bill-day-not = Not a day; write 2026-11-20
bill-day-rule = A past day in Beijing, from 10:00 the next, for 3 months
bill-form-unsigned = WeChat Pay signs the link and the hash, never the file: that path is exempt, and the hash is checked instead.
toast-bill = { $bill } downloaded
toast-bill-hash = SHA-1 verified
toast-bill-failed = { $bill } was not downloaded
toast-bills-unread = The bills cannot be listed
command-tab-bills = go to Bills
command-bill-open = rows
command-bill-row = go to it
command-bill-fetch = download a bill
command-bill-note = rows into the ledger
command-bill-copy = copy its path
command-bill-copy-number = copy number
command-bill-form-fetch = download
command-bill-form-choose = choose
command-bill-form-choose-back = choose back
command-bill-form-next = next field
command-bill-form-previous = previous field
command-bill-form-close = close
blocked-no-bill = There is no bill here
blocked-bill-gone = Its file is missing or changed; download it again
blocked-row-without-object = The row names no object

bill-taken = { $new } new objects, { $known } that the ledger had
bill-replaced = It takes the place of an earlier bill of that day
bill-proven = The hash is WeChat Pay’s, and every summary is the sum of its rows
bill-unproven = Every summary is the sum of its rows; nothing proves that WeChat Pay made the file
bill-taken-resaved = Another program has written the file: what it changed in the texts does not show
bill-taking = { $rows } rows · { $rate }/s · { $left } s left
bill-taking-begins = { $rows } rows · { $rate }/s
bill-not-taken-unsound = Its summary does not vouch for its rows
bill-not-taken-merchant = It is a bill of merchant { $mchid }
bill-not-taken-day = Its rows do not say which day it is
bill-not-taken-twice = It has { $bill } twice
bill-not-taken-altered = The file was changed
bill-not-taken-stopped = It was stopped; nothing was taken in
toast-bill-taken = { $n } rows of { $bill } are in the ledger
toast-bill-already = The rows of { $bill } are in the ledger already
toast-bill-not-taken = The rows of { $bill } are not in the ledger
cli-rows-taken = { $n } rows are in the ledger: { $bills }
cli-rows-already = The rows are in the ledger already: { $bills }
cli-rows-not-taken = The rows were not taken into the ledger: { $why }
cli-import-query = Query every object that a bill names, too
cli-bill-wait = Wait for a bill that is not ready yet: until 10:00 in Beijing, then again and again (--every)
cli-bill-every = With --wait: how often a bill that is still not ready is asked for again
cli-bad-dates = { $date } is not a range of days; write 2026-11-20..2026-11-26, at most 93 days
cli-bill-folder = Bills of several days need a folder after --to
cli-bill-none = { $date }: nothing was paid or refunded, so there is no bill
cli-bill-waits = The bill of { $date } is not ready; waiting until { $at }
bill-proven-unsummed = The hash is WeChat Pay’s; a statement of WeChat Pay Global has no summary
bill-unproven-unsummed = A statement of WeChat Pay Global has no summary: nothing shows that its rows are whole, or WeChat Pay’s
fresh-bill = bill { $date }
detail-billed-alone = From the bill of { $date }; not queried yet
detail-billed = Bill of { $date }
detail-bill-row = { $bill }, row { $row }
