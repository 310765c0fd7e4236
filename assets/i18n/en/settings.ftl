### What the configuration adds to the console: kept sessions, keys, commands and hooks, reloading; the support bundle.

cli-fresh = The console does not open as it was left

keys-wrong = The keys of the configuration cannot be used
keys-advice = paydeck keys lists the commands; keys are written like x, X, space, ctrl-o, f5, page-up.
keys-nearest = Did you mean { $nearest }?
keys-unknown-command = there is no command { $name }.
keys-unknown-key = { $name } is not a key that a terminal sends.
keys-taken = the key { $key } belongs to { $other }, which applies in the same place: give { $other } another key.
keys-taken-there = the key { $key } is also given to { $other } (line { $line }), and both apply in the same place.
keys-typed = the key { $key } is typed as text where this command applies.
keys-needed = this command must keep a key: without it there may be no way to quit.

cli-why-unknown-variable = { $key }: there is no variable { $name }
cli-why-unpaired-brace = { $key }: a brace without its other half; a brace itself is written twice
cli-why-value-in-shell = { $key }: in a line for the shell a value is read from its variable, like "$PAYDECK_NUMBER"

reload-done = The configuration was reloaded
reload-restart = In force after a restart: { $keys }
reload-stays = What was in force before stays in force.
reload-line = { $file }, line { $line }: { $problem }

user-not-for-kind = only for: { $kinds }
user-not-run = { $label } was not run
user-like-option = The value of { $variable } begins with “-”: the program would take it for an option.
user-running = Running { $label }
user-will-run = Will run
user-confirm = The configuration asks for a confirmation of this command.
user-dangerous = The configuration marks this command as dangerous: Paydeck does not know what it does, and does not record it in the journal.
user-done = done
user-failed = ended with status { $status }
user-killed = ended by a signal
user-timed-out = { $n ->
    [one] stopped after one second
   *[other] stopped after { $n } seconds
}
user-not-started = could not be started: { $error }
user-more-lines = { $n ->
    [one] and one more line
   *[other] and { $n } more lines
}
user-output-cut = The rest of the output was not kept.
hook-not-run = { $hook } was not run for { $number }
hook-too-many = Too many hooks are under way.

cli-keys = List every command of the console with the keys it has
cli-bundle = Write what a report of a problem needs into a file, without secrets, numbers and names
cli-bundle-file = The file to write; it must not exist
cli-bundle-contents = The bundle contains:
cli-bundle-versions = Paydeck’s version, the system, the terminal
cli-bundle-config = the configuration, its values masked
cli-bundle-counts = how many objects of each kind and journal entries the ledger has
cli-bundle-checkup = what the check of the ledger found
cli-bundle-log = { $n ->
    [0] no log: name a file with --log-file
    [one] the last line of the log, its numbers and texts masked
   *[other] the last { $n } lines of the log, their numbers and texts masked
}
cli-bundle-log-empty = no log: the file is empty
cli-bundle-ask = Write it to { $path }?
cli-bundle-written = Written to { $path }. Read it before you send it.
cli-bundle-not-written = Nothing was written.
user-button = Run

cli-why-no-profile = The configuration has no profile
cli-why-which-profile = The configuration has several profiles, and default_profile is not set
cli-advice-no-profile = Add a profile as config.example.toml shows, or use --sandbox.
cli-advice-which-profile = Set default_profile, or choose one: --profile NAME. Profiles: { $known }
