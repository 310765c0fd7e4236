-- Differences between bills and the merchant's books (挂账): what is open is carried to the next day. Times are Unix
-- milliseconds, days are those in Beijing: 2025-10-09.
CREATE TABLE difference (
    id         INTEGER PRIMARY KEY,
    profile    TEXT NOT NULL,
    key        TEXT NOT NULL,       -- class, movement and number: what is found again is the same
    class      TEXT NOT NULL,
    movement   TEXT NOT NULL,
    number     TEXT NOT NULL,
    of         TEXT,                -- the order of a refund
    day        TEXT NOT NULL,
    amount     INTEGER NOT NULL,    -- signed: what the bill has more
    currency   TEXT NOT NULL,
    why        TEXT NOT NULL,
    confidence TEXT NOT NULL,
    side       TEXT,                -- whose row it is, if only one side has one; what it says:
    row_amount INTEGER NOT NULL,
    row_state  TEXT NOT NULL,
    row_at     INTEGER,
    compared   TEXT NOT NULL,       -- the sides that were compared when it was found
    opened_at  INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,    -- when it was found last
    ended_at   INTEGER,             -- NULL while it is open
    journal    INTEGER REFERENCES journal (id),     -- the record of who closed it; NULL: its other side arrived
    UNIQUE (profile, key)
);
CREATE INDEX difference_open ON difference (profile, day) WHERE ended_at IS NULL;
