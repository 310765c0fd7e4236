-- The rows of bills. Times are Unix milliseconds.
--
-- An object that is known from bills alone has their facts in its columns, with `source` "bill", the end of the latest
-- of these days in `verified_at`, and neither `version` nor `changed_at` nor `final`: no document was verified, so nothing
-- that asks for one finds it, and the first document takes the place of all of it. Its `due_at` is NULL: it is queried when
-- somebody looks at it.

-- One row for each bill whose rows were taken in: all of them, in the transaction that inserts it.
CREATE TABLE bill (
    id       INTEGER PRIMARY KEY,
    profile  TEXT NOT NULL,
    kind     TEXT NOT NULL,         -- trade-ALL, fundflow-BASIC, statement; fundflow where the account is not known
    day      TEXT NOT NULL,         -- in Beijing
    hash     TEXT NOT NULL,         -- SHA-1 of its file, unpacked
    proven   INTEGER NOT NULL,      -- whether WeChat Pay named that hash
    header   TEXT NOT NULL,         -- the line with the names of its columns
    rows     INTEGER NOT NULL,
    sums     TEXT NOT NULL,         -- by currency, as JSON
    taken_at INTEGER NOT NULL,
    UNIQUE (profile, kind, day)
);

-- Every row as it was read, with all its cells. `id` is the bill's id * 2^32 + the row, counted from 1.
CREATE TABLE bill_row (
    id     INTEGER PRIMARY KEY,
    object INTEGER REFERENCES object (id),  -- what it is about: a refund, or else a transaction
    other  INTEGER REFERENCES object (id),  -- the transaction of a refund, the service order that a deduction paid
    line   INTEGER NOT NULL,                -- of the file, counted from 1
    cells  TEXT NOT NULL
);
CREATE INDEX bill_row_object ON bill_row (object) WHERE object IS NOT NULL;
CREATE INDEX bill_row_other ON bill_row (other) WHERE other IS NOT NULL;
