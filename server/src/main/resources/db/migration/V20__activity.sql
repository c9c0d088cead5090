-- How much there is and what was decided when: kept in each commit, so that no page has to count.

ALTER TABLE selfsame.space
  ADD COLUMN users bigint NOT NULL DEFAULT 0,
  -- Of them those that have an external id.
  ADD COLUMN identified bigint NOT NULL DEFAULT 0;

UPDATE selfsame.space s SET (users, identified) =
  (SELECT count(*), count(u.external_id) FROM selfsame.live_user u WHERE u.space = s.number);

-- Claims and acts by the minute of their receipt.
CREATE TABLE selfsame.decision_count (
  space smallint NOT NULL,
  source smallint NOT NULL,
  minute bigint NOT NULL,
  rule text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  -- Between these places of the ledger they stand.
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  PRIMARY KEY (space, source, minute, rule, outcome)
);

INSERT INTO selfsame.decision_count (space, source, minute, rule, outcome, count, first_position, last_position)
  SELECT space, source, at / 60000000, rule, outcome, count(*), min(position), max(position)
  FROM selfsame.ledger GROUP BY 1, 2, 3, 4, 5;

-- Along time; in the primary key the type stands before it.
CREATE INDEX event_count_minute ON selfsame.event_count (space, source, minute);

-- Of most claims nothing is in it: what is seldom is found without going through all that lies between.
CREATE INDEX ledger_seldom ON selfsame.ledger (outcome, position) WHERE outcome NOT IN ('created', 'updated', 'unchanged');

CREATE VIEW public.decision_counts AS
SELECT source.name AS source, c.rule AS code, c.outcome, selfsame.time(c.minute * 60000000) AS minute, c.count
FROM selfsame.decision_count c JOIN selfsame.source ON source.space = c.space AND source.number = c.source
WHERE c.space = 1;
COMMENT ON VIEW public.decision_counts IS 'How many claims and acts each rule decided, by source and minute of receipt.';
