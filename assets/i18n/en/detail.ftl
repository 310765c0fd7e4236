# The way back, and what the detail of an object adds to its fields.

command-return = back to where you came from
command-step-back = back in the history
command-step-forward = forward in the history
command-split = detail in place of the list
command-split-again = detail beside the list
blocked-no-way-back = There is nothing to go back to
blocked-no-way-forward = There is nothing to go forward to
blocked-narrow = List and detail side by side need 120 columns
crumb-disputes = Disagreements
