# Tables: what is new, problems, columns, marks.

newer-rows = ▲ { $n } newer · { $key }
only-problems = ✗ problems only · { $key }
totals-problems = ✗ problems only
empty-problems-title = No problems
empty-problems-hint = Nothing has failed, and all sources agree. The same key shows all rows again.
command-problems = problems only
command-problems-not = all rows
command-columns-wide = all columns
command-columns-narrow = columns that fit
command-columns-right = columns to the right
command-columns-left = columns to the left
command-column-down = move down
command-column-up = move up
command-mark-range = mark from the last mark to here
command-mark-invert = invert the marks
command-compare-objects = compare the two marked
blocked-not-two = Exactly two rows must be marked ({ KEY("mark", "Space") })
blocked-not-columns = Only columns can be moved
blocked-column-first = The number stays the first column
blocked-all-columns = All columns are on the screen
blocked-no-last-mark = Mark the first row of the range with { KEY("mark", "Space") }
