# The filter line, its calendar, and saved filters.

filter-hint = { KEY("filter-complete", "Tab") } words · { KEY("filter-calendar", "^T") } day · amount:10..50 /regex/ !not
filter-hint-offered = { KEY("filter-complete", "Tab") } takes the word · { KEY("filter-previous-word", "↑") } { KEY("filter-next-word", "↓") } choose · { KEY("filter-calendar", "^T") } calendar
filter-nearest = { $why } · { $nearest } ?
filter-meant = probably meant
filter-too-long = Nothing inserted: longer than { $term } characters
filter-unknown-keyword = { $term } is unknown; there are state amount since before on
filter-no-state = { $term } — objects of this kind have no such state
filter-needs-state = { $term } — a state is needed, as in state:DOING
filter-needs-moment = { $term } — an age or a day is needed: 2d, 3h, 2026-11-20
filter-needs-day = { $term } — a day is needed: today, 2026-11-20
filter-needs-amount = { $term } — yuan are needed: amount>12.50, amount:10..50
filter-needs-term = { $term } — ! must be followed by a word
filter-needs-keyword = { $term } — a keyword is needed, as in amount>100
filter-needs-phrase = { $term } — a text is needed, as in "power bank"
filter-needs-pattern = { $term } — a pattern is needed, as in /so.*7$/
filter-bad-pattern = { $term } is not a regular expression

filter-word-state = state
filter-word-amount = amount
filter-word-since = since
filter-word-before = before
filter-word-on = on
filter-word-today = today
filter-word-yesterday = yesterday
filter-means-state = in this state
filter-means-above = more than
filter-means-below = less than
filter-means-range = exactly, or from 10..50
filter-means-since = not older than, or from a day on
filter-means-before = older than, or before a day
filter-means-on = on this day, or 2026-11-01..2026-11-20
filter-means-pattern = regular expression, as in /so.*7$/
filter-means-phrase = these words together
filter-means-today = since midnight in Beijing
filter-means-yesterday = the whole day in Beijing
filter-age-h = { $n ->
    [one] one hour
   *[other] { $n } hours
}
filter-age-d = { $n } days
filter-age-w = { $n } weeks

calendar-month-1 = January { $year }
calendar-month-2 = February { $year }
calendar-month-3 = March { $year }
calendar-month-4 = April { $year }
calendar-month-5 = May { $year }
calendar-month-6 = June { $year }
calendar-month-7 = July { $year }
calendar-month-8 = August { $year }
calendar-month-9 = September { $year }
calendar-month-10 = October { $year }
calendar-month-11 = November { $year }
calendar-month-12 = December { $year }
calendar-weekdays = Mo Tu We Th Fr Sa Su
calendar-on = this day
calendar-since = from it on
calendar-before = before it
calendar-hint-1 = { KEY("calendar-turn", "Tab") } on/since/before · { KEY("calendar-today", "t") } today
calendar-hint-2 = { KEY("calendar-take", "⏎") } takes it · { KEY("calendar-earlier", "PgUp") } { KEY("calendar-later", "PgDn") } month

save-filter-title = Save this filter as
save-filter-hint = The palette lists it under this name and opens its table with it. Profiles have their own filters.

palette-filter = Filter: { $name }
blocked-no-filter = The table is not filtered
blocked-no-saved-filter = Select a saved filter or a set of columns to delete it
blocked-no-such-table = There is no table of “{ $kind }”
toast-filter-name = A name of 1 to { $n } characters is needed
toast-filter-saved = Filter saved: { $name }
toast-filter-deleted = Deleted: { $name }
toast-filters-unsaved = The filters could not be saved
toast-filters-unread = The saved filters cannot be read

command-filter-complete = words
command-filter-next-word = next word
command-filter-previous-word = previous word
command-filter-calendar = calendar
command-filter-save = save under a name
command-save-filter = save the filter under a name
command-calendar-take = take the day
command-calendar-turn = on, since or before
command-calendar-left = previous day
command-calendar-right = next day
command-calendar-up = previous week
command-calendar-down = next week
command-calendar-earlier = previous month
command-calendar-later = next month
command-calendar-today = today
command-calendar-close = close

# The journal and the inbox.
filter-hint-events = { KEY("filter-complete", "Tab") } words · { KEY("filter-calendar", "^T") } day · type:refund verdict:forged
filter-hint-journal = { KEY("filter-complete", "Tab") } words · { KEY("filter-calendar", "^T") } day · action:refund outcome:refused
filter-unknown-keyword-events = { $term } is unknown; there are verdict type since before on
filter-unknown-keyword-journal = { $term } is unknown; there are outcome action since before on
filter-no-verdict = { $term } — there is no such verdict
filter-no-type = { $term } — no such notification is known
filter-no-outcome = { $term } — no entry can end so
filter-no-action = { $term } — there is no such action
filter-needs-type = { $term } — a name is needed, as in type:refund
filter-word-verdict = verdict
filter-word-type = type
filter-word-outcome = outcome
filter-word-action = action
filter-means-verdict = with this verdict
filter-means-type = notifications of this type
filter-means-outcome = entries that ended so
filter-means-action = this action
# Sets of columns with a name.
save-columns-title = Save these columns as
palette-columns = Columns: { $name }
toast-columns-saved = Columns saved: { $name }
command-columns-save = save the columns under a name
