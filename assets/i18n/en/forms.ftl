# Filling in forms.

command-form-down = next row or field
command-form-up = previous row or field
command-form-add-row = add row
command-form-remove-row = remove row
command-form-anew = reset
blocked-not-in-row = Only in the rows of the form
blocked-most-rows = No more rows are allowed
