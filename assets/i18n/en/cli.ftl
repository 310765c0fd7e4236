cli-about = The terminal console of a WeChat Pay merchant. Without a command it opens the console.
cli-after-help = Exit status: 0 done · 1 refused · 2 usage or configuration · 3 unreachable, or of a change: outcome unknown · 4 untrusted
cli-config = The configuration file
cli-flag-profile = The profile to use; by default default_profile
cli-store = The ledger, like sqlite:ledger.db
cli-flag-sandbox = Use the embedded sandbox instead of a configured merchant
cli-read-only = Let no write leave
cli-lang = The language of messages
cli-output = How results are printed
cli-yes = Do not ask before a change
cli-log-file = Write diagnostics to this file
cli-verbose = Write more diagnostics, to standard error without --log-file
cli-dry-run = Print the exact request; send no change
cli-reason = Why it is done; the journal keeps it
cli-reason-line = Reason
cli-list = List the known ones, asking about those that may have changed
cli-cached = Ask nothing; list the ledger as it is
cli-get = Ask for one by its number
cli-number = { $field }
cli-verify = Judge a notification or an answer that somebody kept: headers and body as they came
cli-verify-file = The HTTP message; - is standard input
cli-verify-genuine = Signed by WeChat Pay under { $serial } at { $at }
cli-verify-old = The time it was signed at is { $seconds } s from now: a receiver refuses 300 s and more.
cli-verify-message = This is no HTTP message: a first line, headers, an empty line, and the body
cli-api = Send one signed request and print the verified answer
cli-api-method = GET, POST, …
cli-api-path = Path and query, like /v3/certificates, percent-encoded
cli-api-body = The body; - reads it from standard input
cli-api-bad-method = { $method } is not a method
cli-api-bad-path = The path must begin with /v3/, this is { $path }
cli-profile = Profiles of the configuration
cli-profile-list = List them
cli-profile-check = Check a profile’s keys against each other and with WeChat Pay; changes nothing
cli-profile-name = The profile; by default default_profile
cli-sandbox = Run the sandbox gateway alone
cli-sandbox-bind = Where to listen; port 0 takes a free one
cli-sandbox-identity = Write keys, certificates and a config.toml into this folder; kept if it is there already
cli-sandbox-objects = About how many objects the merchant has
cli-sandbox-seed = The same seed gives the same merchant
cli-sandbox-ready = The sandbox listens on { $url }. Ctrl-C stops it.
cli-sandbox-use = Use it: paydeck --config { $config }
cli-never-fetched = { $count ->
    [one] One known number could not be fetched yet.
   *[other] { $count } known numbers could not be fetched yet.
}
cli-merchant = Merchant
cli-production = PRODUCTION
cli-sandbox-environment = sandbox
cli-title = Name
cli-user = User
cli-amount = Amount
cli-confirm-tail = Type the last four characters of the number ({ $tail }) to confirm:
cli-confirm-yes = Send it? Type y:
cli-resolving = No usable answer; asking the object what became of it…
cli-done = Done. Request-ID { $request }, journal { $journal }
cli-done-by-query = No usable answer came, but the object shows that it took effect. Journal { $journal }, Request-ID { $request }
cli-why = Why:
cli-next = Next:
cli-code = Code:
cli-request-id = Request-ID:
cli-diagnosis = For the developer:
cli-journal = Journal:
cli-not-a-terminal = The console needs a terminal; for scripts there are commands: paydeck --help
cli-bad-theme = There is no theme { $theme }; there are dark, light and high-contrast
cli-check-keys = Key and certificate belong together; serial
cli-check-certificate = The merchant certificate is valid until
cli-check-connection = Signed, answered and verified
cli-check-platform = The platform certificate is valid until

cli-done-unseen = It is done; looking at the object afterwards failed: { $error }
cli-journal-about = What was sent, and what became of it
cli-journal-list = The latest entries, newest first
cli-journal-limit = How many
cli-journal-search = Only entries that contain this text, in what was sent or what became of it
cli-journal-object = Only entries on the object of this number
cli-journal-show = One entry with the exact request and what became of it
cli-journal-entry = The number of the entry
cli-journal-resolve = Ask the objects of unknown outcomes what became of them; sends no change
cli-journal-verify = Check that no entry was changed, removed or reordered
cli-journal-export = Write every entry with its hash, one JSON object a line
cli-journal-resolved = Entry { $journal }: { $outcome }
cli-journal-open = { $count ->
    [0] No outcome is unknown.
    [one] One outcome is still unknown.
   *[other] { $count } outcomes are still unknown.
}
cli-journal-missing = There is no entry { $journal }
cli-journal-whole = { $count ->
    [one] The chain holds: 1 entry.
   *[other] The chain holds: { $count } entries.
}
cli-ledger-about = Whether the ledger is whole, and a copy of it
cli-ledger-check = Check the file and the whole journal, and count again what was counted wrong
cli-ledger-backup = Copy the ledger to a new file, at any time, and verify the copy
cli-ledger-backup-file = The new file; one that is there is never replaced
cli-ledger-backed-up = { $count ->
    [one] Copied to { $path } and verified: 1 entry in the journal.
   *[other] Copied to { $path } and verified: { $count } entries in the journal.
}
cli-ledger-file-whole = The file is whole
cli-ledger-counted = The sums are what the rows add up to
cli-ledger-recounted = { $count ->
    [one] 1 sum was wrong and is counted again
   *[other] { $count } sums were wrong and are counted again
}
cli-ledger-not-counted = The sums were not counted again: a damaged file is not written to
cli-error-unkept = Shown, but not kept in the ledger
cli-error-journal-broken = The journal is not what was written
cli-advice-journal-broken = Keep the file as it is and compare it with an earlier export.
cli-error-fields = A field breaks a rule; nothing was sent
cli-error-number = Not a number of an object
cli-error-no-config = There is no configuration
cli-error-sandbox = The sandbox did not start
cli-error-needs-yes = A change needs a terminal to ask on, or --yes
cli-error-not-confirmed = Not confirmed; nothing was sent
cli-error-usage = The arguments do not fit
misuse-command = There is no command { $command }
misuse-unknown = There is no argument { $argument }
misuse-missing = { $argument } is missing
misuse-no-command = A command is missing
misuse-no-value = { $argument } needs a value
misuse-value = { $argument } cannot be { $value }
misuse-conflict = { $argument } cannot be given together with { $other }
misuse-allowed = Allowed: { $values }.
misuse-usage = Write: { $usage }.
misuse-help = --help explains it.
cli-error-io = A file or stream failed
cli-advice-io = Check the path, your rights to it, and the space on the disk.
cli-why-unknown-profile = There is no profile { $name }
cli-advice-no-config = Copy config.example.toml there, or use --sandbox.
cli-advice-sandbox = Choose another --bind or --identity.
cli-advice-needs-yes = Look with --dry-run first, then add --yes.
cli-advice-nearest = Did you mean { $nearest }?
cli-advice-profiles = Profiles: { $known }
cli-advice-value = Allowed: { $expected }
cli-advice-secret = Check that the file, variable or command is there and readable for you.
cli-advice-key = Use apiclient_key.pem (PKCS#8 or PKCS#1), not the certificate, not the .p12 file.
cli-advice-serial = Set merchant_serial to the serial of the certificate that belongs to the key.
cli-advice-key-pair = Take key and certificate from the same download of the merchant platform.
cli-advice-config = Compare with config.example.toml.
cli-why-interrupted = Interrupted while the request was under way
cli-advice-interrupted = paydeck journal resolve asks the object what became of it.
cli-why-unknown-key = { $path }, line { $line }: unknown key { $key }

cli-open = Find out what a number is, and show it
cli-open-number = The merchant’s number of any kind, or WeChat Pay’s own
cli-open-kind = What it is, if the number alone does not tell
cli-open-unclear = Not everything it might be could be asked: { $why }
cli-import = Bring the numbers of a file into the ledger
cli-import-formats =
    Brings the numbers of a file into the ledger: all are noted first, then each is asked about. The file is CSV whose header names its columns (merchant_plan_no, merchant_sign_plan_no, out_order_no, out_trade_no, transaction_id, stock_id, out_refund_no, 商户订单号, 商户退款单号, or kind and number), JSON lines (documents, or kind and number), a trade bill, or one number a line. An import that was interrupted goes on where it was when it is run again.
cli-import-file = The file; - is standard input
cli-import-kind = What the numbers are where the file does not say; without it that is found out
cli-import-refresh = Ask again also about what was fetched within the last hour
cli-import-progress = { $done }/{ $total } · { $rate }/s
cli-import-line = Line { $line }: { $why }
cli-import-report = { $fetched } fetched, { $skipped } skipped (fetched within the last hour), { $missing } not found, { $malformed } malformed
cli-import-remaining = It had to stop after { $done } of { $total }. Run it again to go on from there.
cli-line-no-number = there is no number in it
cli-line-kind = { $kind } is not a kind of object
cli-line-json = it is not JSON
cli-line-no-header = several columns, and no header that says which holds the number
cli-line-too-long = it is too long
cli-error-not-found = Nothing was found under { $number }
cli-error-ambiguous = { $number } is the number of several objects
cli-error-incomplete = Not everything is in the ledger: { $missing } not found, { $malformed } malformed
cli-error-halted = Interrupted
cli-advice-not-found = Check the number and the profile. WeChat Pay cannot be asked about its own numbers of plans, sign plans, service orders and refunds: they are found once the object is in the ledger.
cli-advice-ambiguous = Say which with --kind.
cli-advice-halted = Run it again to go on from there.

cli-bulk-from = Read the numbers from a file, one a line; - is standard input
cli-bulk-rate = Of many: so many a second, within the profile’s request budget
cli-bulk-own = --{ $field } is not shared by several objects: { $own }
cli-bulk-kind = { $number } is not of the kind { $kind }
cli-bulk-reading = Asking about { $done } of { $total }
cli-bulk-confirm-count = Type how many objects these are ({ $count }) to confirm:
cli-bulk-stopping = Stopping: what is under way is finished, the rest is not sent. Ctrl-C again leaves at once.
cli-bulk-surprise = Stopped, the rest is not sent: { $what }
cli-bulk-done = { $n } done
cli-error-bulk = Not everything was done
cli-advice-bulk = Run the same again for the rest: what is done is left out. What is unknown is found out by paydeck journal resolve.
cli-create = Create one
cli-document = A file with the body as WeChat Pay documents it, in JSON; - is standard input
cli-stock-status = Only stocks in this state, as WeChat Pay tells it
cli-stock-since = Only stocks created at this time or later: RFC 3339, or a day like 2026-11-01
cli-stock-until = Only stocks created at this time or earlier
cli-stock-merchants = List the merchants where a stock’s coupons can be used
cli-stock-items = List the items a stock’s coupons can be used for; none: whole orders
cli-stock-callback = Show the address to which uses of coupons are told
cli-callback-none = No address is set: uses of coupons are told nowhere
cli-coupon-openid = Ask WeChat Pay for this user’s coupons; expired ones are never listed
cli-coupon-stock = Only coupons of this stock
cli-coupon-status = Only coupons in this state
cli-coupon-by = creator and sender: of stocks this merchant created, or sent by it; available: only what can be used now, nothing else narrows it
cli-coupon-whose = Whose coupon it is; not needed with COUPON_ID@OPENID
cli-coupon-needs-openid = A coupon is asked for by its id and its user: add --openid, or write COUPON_ID@OPENID
cli-bad-time = --{ $name } is no time: { $text }
cli-stock-use-flow = Download what was used of a stock, from 10:00 of the day after its end
cli-stock-refund-flow = Download what of a stock was given back, from 10:00 of the day after its end
cli-flow-to = Write it into this folder or to this file; without it, or with -, it is printed
cli-flow-verified = SHA-1 { $hash }, as WeChat Pay named it
