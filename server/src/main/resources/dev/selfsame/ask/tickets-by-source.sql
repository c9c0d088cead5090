-- title: Which referral source sends the most tickets?
-- about: Every ticket counts once, for the person who asked, whichever of the person's Zendesk records it came by.
-- about: (not given): the person is known, but no identify named a referral_source. (several): the person's userIds name
-- about: different ones. (unknown requester): no user has that Zendesk record. Deleted tickets do not count.
-- chart: bar
-- x: referral_source
-- y: tickets
-- unit: tickets
WITH person AS (
  SELECT z.user_id, sum(a.tickets) AS tickets, count(*) AS requesters FROM (
    SELECT requester_id, count(*) AS tickets FROM zendesk.tickets WHERE status IS DISTINCT FROM 'deleted' GROUP BY 1
  ) a LEFT JOIN zendesk_users z ON z.zendesk_id = a.requester_id GROUP BY 1
), came AS (
  SELECT p.user_id, min(p.tickets) AS tickets, min(p.requesters) AS requesters,
    min(nullif(s.referral_source, '')) AS first, max(nullif(s.referral_source, '')) AS last
  FROM person p LEFT JOIN segment_users u ON u.user_id = p.user_id LEFT JOIN segment.users s ON s.id = u.segment_id GROUP BY 1
)
SELECT CASE WHEN user_id IS NULL THEN '(unknown requester)' WHEN first IS NULL THEN '(not given)'
    WHEN first = last THEN first ELSE '(several)' END AS referral_source,
  sum(tickets)::bigint AS tickets, sum(CASE WHEN user_id IS NULL THEN requesters ELSE 1 END)::bigint AS people
FROM came GROUP BY 1 ORDER BY 2 DESC, 1
