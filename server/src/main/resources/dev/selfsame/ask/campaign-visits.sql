-- title: Who opens a campaign and then visits?
-- about: Of the people who opened a campaign, those who viewed a page or a screen from then on. A person counts once per
-- about: campaign, however often the mail was opened and whatever case its address has. An opener is known as a member of
-- about: the audience, or by an email that one user alone has; the others count as unknown. Visits count of sources that
-- about: keep page events, and only where they name a userId.
-- about: Some mail programs open every mail themselves, and some people never load pictures: opens say less than visits.
-- chart: bar
-- x: campaign
-- y: percent_of_openers
-- unit: %
WITH member AS (
  SELECT o.campaign_id, m.user_id, lower(btrim(o.email_address)) AS email, o.email_id,
    min(coalesce(o.opened_at, o.timestamp)) AS opened
  FROM mailchimp.campaign_opens o LEFT JOIN mailchimp_users m ON m.mailchimp_id = o.email_id || '.' || o.list_id
  WHERE o.action IS NULL OR o.action = 'open' GROUP BY 1, 2, 3, 4
), holder AS (
  SELECT s.email, h.user_id
  FROM (SELECT DISTINCT email FROM member WHERE user_id IS NULL AND email IS NOT NULL) s
  CROSS JOIN LATERAL (
    SELECT min(user_id) AS user_id FROM user_identifiers WHERE type = 'email' AND value = s.email
    HAVING count(DISTINCT user_id) = 1
  ) h
), opener AS (
  SELECT m.campaign_id, coalesce(m.user_id, h.user_id) AS user_id,
    CASE WHEN coalesce(m.user_id, h.user_id) IS NULL THEN coalesce(m.email_id, m.email) END AS stranger, min(m.opened) AS opened
  FROM member m LEFT JOIN holder h ON m.user_id IS NULL AND h.email = m.email GROUP BY 1, 2, 3
), visitor AS (
  SELECT u.user_id, max(v.at) AS last
  FROM (SELECT user_id, segment_id FROM segment_users WHERE user_id IN (SELECT user_id FROM opener)) u
  JOIN (
    SELECT user_id, coalesce(timestamp, received_at) AS at FROM segment.pages
    UNION ALL
    SELECT user_id, coalesce(timestamp, received_at) FROM segment.screens
  ) v ON v.user_id = u.segment_id
  GROUP BY 1
), seen AS (
  SELECT o.campaign_id, o.user_id, o.stranger, coalesce(v.last >= o.opened, false) AS visited
  FROM opener o LEFT JOIN visitor v ON v.user_id = o.user_id
), counted AS (
  SELECT campaign_id, false AS every, count(user_id) AS openers, count(*) FILTER (WHERE visited) AS visited,
    count(stranger) AS unknown
  FROM seen GROUP BY 1
  UNION ALL
  SELECT NULL, true, count(user_id), count(*) FILTER (WHERE visited), count(stranger)
  FROM (SELECT user_id, stranger, bool_or(visited) AS visited FROM seen GROUP BY 1, 2) one
)
SELECT CASE WHEN every THEN '(any of them)' ELSE coalesce(c.title, c.subject_line, n.campaign_id, '(no campaign)') END AS campaign,
  openers, visited, round(100.0 * visited / nullif(openers, 0), 1) AS percent_of_openers,
  round(100.0 * visited / nullif((SELECT count(*) FROM users), 0), 1) AS percent_of_users, unknown
FROM counted n LEFT JOIN mailchimp.campaigns c ON c.id = n.campaign_id
ORDER BY every, c.send_time, campaign
