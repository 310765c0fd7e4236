-- The numbers by which people name journal entries: intents count from 1, in the order in which they were made, whatever
-- conclusions are recorded between them. The trigger numbers an intent in the transaction that records it, whichever
-- version of Paydeck does so: one that opened this file before the migration may still be running.
CREATE TABLE intent (
    number INTEGER PRIMARY KEY,     -- the highest one and 1, where none is given
    record INTEGER NOT NULL UNIQUE REFERENCES journal (id)
);
INSERT INTO intent (record) SELECT id FROM journal WHERE of IS NULL ORDER BY id;
CREATE TRIGGER intent_is_numbered AFTER INSERT ON journal WHEN new.of IS NULL BEGIN
    INSERT INTO intent (record) VALUES (new.id);
END;
CREATE TRIGGER intent_is_not_changed BEFORE UPDATE ON intent BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
CREATE TRIGGER intent_is_not_cut BEFORE DELETE ON intent BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
