-- Every version of every document, what objects name, and tables as queries. Times are Unix milliseconds, amounts minor
-- units of their currency.

ALTER TABLE object RENAME TO object_1;
DROP INDEX object_platform_number;

-- One row for each kind of each profile, so that neither is repeated in a million rows and their indexes.
CREATE TABLE list (
    id      INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    kind    TEXT NOT NULL,
    UNIQUE (profile, kind)
);

-- One row for each number. What follows `noted_at` is NULL until a document was verified, `words` and `due_at` apart.
-- Documents are not here, so that a table that is drawn, sorted or counted never reads one.
CREATE TABLE object (
    id              INTEGER PRIMARY KEY,
    list            INTEGER NOT NULL REFERENCES list (id),
    number          TEXT NOT NULL,
    origin          TEXT NOT NULL,  -- how the number became known
    noted_at        INTEGER NOT NULL,
    words           TEXT NOT NULL,  -- what words of a filter are looked for in
    due_at          INTEGER,        -- when it is to be asked about by itself
    version         INTEGER,        -- the latest
    verified_at     INTEGER,
    changed_at      INTEGER,
    source          TEXT,
    final           INTEGER,
    state           TEXT,
    platform_number TEXT,
    title           TEXT,
    user            TEXT,
    amount          INTEGER,
    currency        TEXT,
    second          INTEGER,
    second_currency TEXT,
    done            INTEGER,
    total           INTEGER,
    time            INTEGER,
    ends            INTEGER,
    label           TEXT,
    quantity        INTEGER,
    days            INTEGER,
    UNIQUE (list, number)
);
-- What tables are sorted by most, each followed by the row's id without saying so.
CREATE INDEX object_time ON object (list, time);
CREATE INDEX object_amount ON object (list, amount);
CREATE INDEX object_verified ON object (list, verified_at);
CREATE INDEX object_state ON object (list, state, time);
CREATE INDEX object_due ON object (list, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX object_platform_number ON object (list, platform_number) WHERE platform_number IS NOT NULL;

-- Every document that differed from the one before it.
CREATE TABLE version (
    id       INTEGER PRIMARY KEY,
    object   INTEGER NOT NULL REFERENCES object (id),
    seen_at  INTEGER NOT NULL,
    source   TEXT NOT NULL,
    state    TEXT NOT NULL,
    digest   BLOB NOT NULL,         -- of the document with its members in order: the same facts are the same version
    document TEXT NOT NULL          -- as it was verified
);
CREATE INDEX version_object ON version (object, seen_at);

-- What the latest document of an object names: `number` is its own number, or WeChat Pay's.
CREATE TABLE link (
    object   INTEGER NOT NULL REFERENCES object (id),
    list     INTEGER NOT NULL REFERENCES list (id),
    number   TEXT NOT NULL,
    platform INTEGER NOT NULL,
    due_at   INTEGER,               -- when it is to be followed; NULL if there is nothing to do
    PRIMARY KEY (object, list, number)
) WITHOUT ROWID;
CREATE INDEX link_target ON link (list, number);
CREATE INDEX link_due ON link (list, due_at) WHERE due_at IS NOT NULL;

-- What all rows of a list add up to, kept up by the triggers: counting a million rows takes no time.
CREATE TABLE tally (
    list     INTEGER NOT NULL REFERENCES list (id),
    state    TEXT NOT NULL,         -- '' for rows that were never fetched
    currency TEXT NOT NULL,         -- '' for rows without an amount
    count    INTEGER NOT NULL,
    amount   INTEGER NOT NULL,
    PRIMARY KEY (list, state, currency)
) WITHOUT ROWID;
CREATE TRIGGER object_is_counted AFTER INSERT ON object BEGIN
    INSERT INTO tally VALUES (new.list, ifnull(new.state, ''), ifnull(new.currency, ''), 1, ifnull(new.amount, 0))
        ON CONFLICT DO UPDATE SET count = count + 1, amount = amount + excluded.amount;
END;
CREATE TRIGGER object_is_counted_anew AFTER UPDATE OF state, amount, currency ON object
    WHEN new.state IS NOT old.state OR new.amount IS NOT old.amount OR new.currency IS NOT old.currency BEGIN
    UPDATE tally SET count = count - 1, amount = amount - ifnull(old.amount, 0)
        WHERE list = old.list AND state = ifnull(old.state, '') AND currency = ifnull(old.currency, '');
    INSERT INTO tally VALUES (new.list, ifnull(new.state, ''), ifnull(new.currency, ''), 1, ifnull(new.amount, 0))
        ON CONFLICT DO UPDATE SET count = count + 1, amount = amount + excluded.amount;
END;

-- To find what is open on an object, under whatever name its merchant has a profile.
CREATE INDEX journal_number ON journal (kind, number) WHERE of IS NULL;
