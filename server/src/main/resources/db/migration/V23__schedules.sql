-- Warehouse sources that run by themselves, only try, and notice rows that their query no longer answers.

ALTER TABLE selfsame.sync
  -- '15m', '6h', '1d' or a cron expression in UTC; null: by hand alone.
  ADD COLUMN schedule text,
  ADD COLUMN paused boolean NOT NULL DEFAULT false,
  ADD COLUMN due_at timestamptz,
  -- Scheduled runs that failed since one did not.
  ADD COLUMN failures integer NOT NULL DEFAULT 0,
  ADD COLUMN left_rows text NOT NULL DEFAULT 'keep',
  ADD COLUMN shadow boolean NOT NULL DEFAULT false;

-- Null: the source's last whole answer had the row, or nobody looked.
ALTER TABLE selfsame.sync_row ADD COLUMN gone_at timestamptz;
CREATE INDEX sync_row_gone ON selfsame.sync_row (space, source) WHERE gone_at IS NOT NULL;

-- Somebody wants it to end.
ALTER TABLE selfsame.sync_run ADD COLUMN cancelled_by text;

-- Users that came of rows of a source, none of which its whole answer has any more.
CREATE VIEW public.gone_users AS
SELECT g.user_id::text AS user_id, o.name AS source, max(g.gone_at) AS gone_at
FROM (
  SELECT r.space, r.source, coalesce(p.merged_into, p.id) AS user_id, r.gone_at
  FROM selfsame.sync_row r JOIN selfsame.part p ON p.space = r.space AND p.id = r.part
  WHERE r.space = 1 AND r.gone_at IS NOT NULL
) g
JOIN selfsame.source o ON o.space = g.space AND o.number = g.source
WHERE NOT EXISTS (
  SELECT FROM (
    SELECT g.user_id AS id
    UNION ALL
    SELECT m.id FROM selfsame.part m WHERE m.space = g.space AND m.merged_into = g.user_id
  ) own
  JOIN selfsame.sync_row k ON k.space = g.space AND k.part = own.id AND k.source = g.source
  WHERE k.gone_at IS NULL
)
GROUP BY 1, 2;
