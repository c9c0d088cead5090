-- Merges of one rule, and those that were taken back, newest first: a page of either passes no others.
CREATE INDEX merge_rule ON selfsame.merge (rule, position, ordinal, space);
CREATE INDEX merge_undone ON selfsame.merge (position, ordinal, space) WHERE undone_at IS NOT NULL;
