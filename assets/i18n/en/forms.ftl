# Filling in forms.

command-form-down = next row or field
command-form-up = previous row or field
command-form-add-row = add row
command-form-remove-row = remove row
command-form-reset = reset
blocked-not-in-row = Only in the rows of the form
blocked-most-rows = No more rows are allowed
command-entry-repeat = repeat
blocked-not-repeatable = Another action, or of another version: it has no form here
toast-not-repeated = Not repeated
repeat-no-document = Its object has not been read from WeChat Pay yet
