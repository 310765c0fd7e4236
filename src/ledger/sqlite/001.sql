-- The ledger's first schema. Times are Unix milliseconds.

-- One row for each number, with the latest verified document.
CREATE TABLE object (
    profile     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    number      TEXT NOT NULL,
    document    TEXT,               -- as verified; NULL until it is first fetched
    state       TEXT,
    source      TEXT,
    verified_at INTEGER,
    platform_number TEXT,           -- WeChat Pay's own number, as the document has it
    PRIMARY KEY (profile, kind, number)
);
CREATE INDEX object_platform_number ON object (profile, platform_number) WHERE platform_number IS NOT NULL;

-- Entries of the journal are only ever inserted; `ledger/journal.rs` describes the chain. The columns behind the entry
-- repeat what it says, to find it by. AUTOINCREMENT: the highest number ever given is remembered.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    hash    TEXT NOT NULL,
    entry   TEXT NOT NULL,
    profile TEXT,
    kind    TEXT,
    number  TEXT,
    of      INTEGER REFERENCES journal (id),
    final   INTEGER
);
CREATE INDEX journal_of ON journal (of);
CREATE INDEX journal_object ON journal (profile, kind, number) WHERE of IS NULL;
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
