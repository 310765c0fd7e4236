# The table over all profiles.

tab-all-profiles = All profiles
command-tab-all-profiles = all profiles in one table
command-one-profile = one profile again
command-across-open = open at its merchant
command-across-act = act at its merchant
command-across-filter = filter
command-across-copy = copy number
command-across-mark = mark
command-across-new = create
badge-all-profiles = ALL PROFILES
across-profiles = { $n } profiles
across-unread = { $name } cannot be read: { $what }
across-unread-more = { $n } more profiles cannot be read
across-empty-title = No profile has anything here
across-empty-hint = What each profile has in the ledger appears here. Open a profile to look for its numbers.
column-profile = Profile
blocked-one-profile = Only one profile is configured
blocked-many-merchants = One operation belongs to one merchant. Open a row, or go back to the list of one profile
toast-merchant = at { $name } · { $number }
cli-all-profiles = The console begins with the list over all profiles
across-no-sum = no sum: two profiles belong to one merchant
