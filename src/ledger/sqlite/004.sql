-- Sums that cannot overflow, where the journal ends, and what was checked.

-- A sum of amounts is high * 2^32 + low: each of the two halves is far from the end of 64 bits however many rows there are and
-- whatever their amounts, where the sum itself is not. What was counted before is counted again.
DROP TRIGGER object_is_counted;
DROP TRIGGER object_is_counted_anew;
DROP TABLE tally;
CREATE TABLE tally (
    list     INTEGER NOT NULL REFERENCES list (id),
    state    TEXT NOT NULL,         -- '' for rows that were never fetched
    currency TEXT NOT NULL,         -- '' for rows without an amount
    count    INTEGER NOT NULL,
    high     INTEGER NOT NULL,      -- the sum of amount >> 32
    low      INTEGER NOT NULL,      -- the sum of amount & (2^32 - 1)
    PRIMARY KEY (list, state, currency)
) WITHOUT ROWID;
INSERT INTO tally
    SELECT list, ifnull(state, ''), ifnull(currency, ''), count(*), sum(ifnull(amount, 0) >> 32),
        sum(ifnull(amount, 0) & 4294967295)
    FROM object GROUP BY 1, 2, 3;
CREATE TRIGGER object_is_counted AFTER INSERT ON object BEGIN
    INSERT INTO tally VALUES (new.list, ifnull(new.state, ''), ifnull(new.currency, ''), 1,
        ifnull(new.amount, 0) >> 32, ifnull(new.amount, 0) & 4294967295)
        ON CONFLICT DO UPDATE SET count = count + 1, high = high + excluded.high, low = low + excluded.low;
END;
CREATE TRIGGER object_is_counted_again AFTER UPDATE OF state, amount, currency ON object
    WHEN new.state IS NOT old.state OR new.amount IS NOT old.amount OR new.currency IS NOT old.currency BEGIN
    UPDATE tally SET count = count - 1, high = high - (ifnull(old.amount, 0) >> 32),
        low = low - (ifnull(old.amount, 0) & 4294967295)
        WHERE list = old.list AND state = ifnull(old.state, '') AND currency = ifnull(old.currency, '');
    INSERT INTO tally VALUES (new.list, ifnull(new.state, ''), ifnull(new.currency, ''), 1,
        ifnull(new.amount, 0) >> 32, ifnull(new.amount, 0) & 4294967295)
        ON CONFLICT DO UPDATE SET count = count + 1, high = high + excluded.high, low = low + excluded.low;
END;

-- Times that no calendar in Beijing has ("never ends") count as missing.
UPDATE object SET time = NULL WHERE time NOT BETWEEN -62167248000000 AND 253402271999999;
UPDATE object SET ends = NULL WHERE ends NOT BETWEEN -62167248000000 AND 253402271999999;

-- What Paydeck knows of this file: `journal_head`, the hash of the journal's latest entry; `checked_at`, when the whole file
-- was last checked, in Unix milliseconds; `unclean`, since when some process that had it open is gone without closing it.
CREATE TABLE upkeep (
    name  TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;
INSERT INTO upkeep SELECT 'journal_head', hash FROM journal ORDER BY id DESC LIMIT 1;
