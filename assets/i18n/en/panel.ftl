# The palette and the help.

palette-title = Commands and objects
palette-hint = type a command, a number or a name
palette-nothing = Nothing is called that.
palette-profile = Profile: { $name }
palette-theme = Theme: { $name }
palette-language = Language: { $name }

group-act = Act
group-look = Look
group-go = Go
group-window = Window
group-impossible = Not possible now

help-title = Help
help-in-filter = In the filter
help-in-calendar = In the calendar
help-in-palette = In the palette
help-in-form = In a form
help-in-confirm = In a preview

help-signs = Signs
sign-waiting = somebody else must act first
sign-running = in force
sign-busy = money is on its way
sign-done = ended well
sign-stopped = ended or held by a decision
sign-failed = failed
sign-unknown = unknown state, or an outcome that is not known yet
sign-marked = marked
sign-watched = watched
sign-both = marked and watched
sign-disputed = disputed: see the disagreements on tab { $tab }
sign-not-fetched = not fetched yet
sign-stale = stale
sign-query-failed = the last query failed; the age is that of the data shown
sign-queried = being queried
sign-cursor = the cursor
sign-sorted = sorted by this column
sign-version = timeline: a new version
sign-sent = timeline: an action of ours
sign-notification = timeline: a notification from WeChat Pay
sign-bill-row = timeline: a row of a bill
sign-possible = possible now; · not
sign-progress = how much is done

help-filter = Filter
help-filter-words = words, all of them, in number, name, user or state
help-filter-phrase = these words together
help-filter-pattern = a regular expression
help-filter-state = a state, by its word or its code
help-filter-amount = more than; also >= < <= =
help-filter-range = from 10 to 50 yuan
help-filter-since = not older than (m h d w), or from a day on
help-filter-before = older than, or before a day
help-filter-on = on a day in Beijing
help-filter-days = from a day to another
help-filter-not = not
help-filter-keys = words to take, calendar, save under a name

command-palette-page-down = next page
command-palette-page-up = previous page
command-palette-top = first entry
command-palette-bottom = last entry
command-palette-delete = delete what was saved
command-help-search = search
blocked-nothing-to-search = There is nothing to search here
help-esc = { KEY("back", "Esc") } undoes the latest thing that is on the screen: a message, a search or a mark in the detail, the detail, the jump that led here, the filter.
help-term-phrase = "a phrase"
help-term-state = state:paid
help-term-not = !state:paid
