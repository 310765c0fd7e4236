-- What is watched, what WeChat Pay told by itself, and what others say of objects. Times are Unix milliseconds.

-- Objects that are asked about until they are final.
CREATE TABLE watch (
    object INTEGER PRIMARY KEY REFERENCES object (id),
    why    TEXT NOT NULL,           -- marked, made
    since  INTEGER NOT NULL
);

-- One row for each notification however often it came, and one for each hour and reason of what was refused.
CREATE TABLE event (
    id         INTEGER PRIMARY KEY,
    profile    TEXT NOT NULL,
    notice     TEXT NOT NULL,       -- WeChat Pay's id; of what was refused, the reason and the hour
    verdict    TEXT NOT NULL,       -- genuine, or why it was refused
    first_at   INTEGER NOT NULL,    -- when it came first and last, and how often
    last_at    INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    words      TEXT NOT NULL,       -- what words of a filter are looked for in
    event_type TEXT,
    created_at INTEGER,             -- when it happened, as WeChat Pay says
    summary    TEXT,
    kind       TEXT,                -- what it tells of
    number     TEXT,
    fact       TEXT,                -- and what it says of that
    resource   TEXT,                -- what was encrypted
    UNIQUE (profile, notice)
);
CREATE INDEX event_order ON event (profile, id);
CREATE INDEX event_object ON event (profile, kind, number) WHERE number IS NOT NULL;
CREATE INDEX event_type ON event (profile, event_type) WHERE event_type IS NOT NULL;

-- Each time it came, byte for byte. Of what was refused only the first few are kept, and not whole.
CREATE TABLE delivery (
    id      INTEGER PRIMARY KEY,
    event   INTEGER NOT NULL REFERENCES event (id),
    at      INTEGER NOT NULL,
    took    INTEGER,                -- microseconds until the answer; NULL if it is not known to have left
    status  INTEGER NOT NULL,       -- of the answer
    stamp   BLOB,                   -- of its signature: the same bytes are never taken twice
    detail  TEXT,                   -- what was wrong with it
    peer    TEXT NOT NULL,
    target  TEXT NOT NULL,
    headers BLOB NOT NULL,
    body    BLOB NOT NULL
);
CREATE INDEX delivery_event ON delivery (event, id);
CREATE INDEX delivery_stamp ON delivery (stamp) WHERE stamp IS NOT NULL;

-- What is passed on to an existing back end, until it is accepted there.
CREATE TABLE forward (
    event    INTEGER PRIMARY KEY REFERENCES event (id),
    profile  TEXT NOT NULL,
    delivery INTEGER NOT NULL REFERENCES delivery (id),     -- whose bytes: those of the latest
    since    INTEGER NOT NULL,
    due_at   INTEGER,               -- NULL: not by itself, or not any more
    attempts INTEGER NOT NULL,
    tried_at INTEGER,               -- the latest attempt, and what came of it
    status   INTEGER,
    error    TEXT,
    accepted INTEGER NOT NULL
);
CREATE INDEX forward_due ON forward (profile, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX forward_delivery ON forward (delivery);

-- What notifications and bills say of objects.
CREATE TABLE claim (
    id        INTEGER PRIMARY KEY,
    object    INTEGER NOT NULL REFERENCES object (id),
    source    TEXT NOT NULL,
    reference TEXT NOT NULL,        -- the event's id; the bill and its row
    fact      TEXT NOT NULL,
    amount    INTEGER,
    currency  TEXT,
    said_at   INTEGER NOT NULL,     -- since when it is so, as they say
    heard_at  INTEGER NOT NULL,
    open      INTEGER NOT NULL,     -- 0 once a verified document agrees; 2 while a bill's object has none, 1 otherwise
    UNIQUE (object, source, reference)
);
CREATE INDEX claim_open ON claim (object) WHERE open;
CREATE INDEX claim_newest ON claim (id) WHERE open = 1;

-- Who receives notifications: a process, as long as it does.
CREATE TABLE listening (
    profile TEXT NOT NULL,
    owner   TEXT NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (profile, owner)
) WITHOUT ROWID;

-- Notifications that are due, because a query told what they are to tell.
CREATE TABLE awaited (
    object     INTEGER NOT NULL REFERENCES object (id),
    event_type TEXT NOT NULL,
    since      INTEGER NOT NULL,
    PRIMARY KEY (object, event_type)
) WITHOUT ROWID;

-- When a version was last verified, once another has followed it: what lies between the two nobody saw.
ALTER TABLE version ADD COLUMN last_at INTEGER;
