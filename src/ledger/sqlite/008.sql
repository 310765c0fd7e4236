-- An index of the words of objects, by their trigrams: a word of three letters or more is found among millions of rows
-- without reading them. It is filled a little at a time, after the rows; `words_to` in the table `upkeep` is the id of the last
-- row that is in it. It has no positions: the words of a row that it finds are compared. Two blanks end the words of a row,
-- so that their last letters begin a trigram, too.
CREATE VIRTUAL TABLE word USING fts5 (
    words, content = 'object', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
);
INSERT INTO upkeep VALUES ('words_to', 0);
CREATE TRIGGER word_is_replaced AFTER UPDATE OF words ON object
    WHEN new.words IS NOT old.words AND old.id <= (SELECT value FROM upkeep WHERE name = 'words_to') BEGIN
    INSERT INTO word (word, rowid, words) VALUES ('delete', old.id, old.words || '  ');
    INSERT INTO word (rowid, words) VALUES (new.id, new.words || '  ');
END;

-- The trigrams there are, in order: those that begin with two letters.
CREATE VIRTUAL TABLE word_gram USING fts5vocab ('word', 'row');

-- What is added up by state, currency and hour is in the index: a day of a million rows is not read from everywhere in the
-- table. The order of equal times is the row's id, as before.
DROP INDEX object_time;
CREATE INDEX object_time ON object (list, time, id, state, currency, amount);
