-- title: What do people pay before and after they ask for support?
-- about: Per person and month: what was paid in the month before the first ticket, and in the month from it on, all of a
-- about: person's Stripe customers together, less refunds. People without a ticket are compared around the middle one of all
-- about: first tickets, so that what changed for everybody in between shows there too. Only people are compared who paid
-- about: before that month began and whose second month is over; the others count in revenue_per_person alone.
-- about: It does not prove that support moves revenue: who grows asks more, who is about to leave asks too, and nobody was
-- about: chosen by lot. What payments without a customer brought is not in it.
-- chart: column
-- x: tickets, currency
-- y: month_before, month_after
-- unit: a person and month
WITH asked AS (
  SELECT requester_id, count(*) AS tickets, min(created_at) AS first
  FROM zendesk.tickets WHERE status IS DISTINCT FROM 'deleted' GROUP BY 1
), person AS (
  SELECT z.user_id, sum(a.tickets) AS tickets, min(a.first) AS first
  FROM asked a JOIN zendesk_users z ON z.zendesk_id = a.requester_id GROUP BY 1
), paid AS (
  SELECT u.user_id, upper(c.currency) AS currency, c.created,
    (c.amount - coalesce(c.amount_refunded, 0)) / CASE WHEN lower(c.currency) IN ('bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf',
      'krw', 'mga', 'pyg', 'rwf', 'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf') THEN 1.0 ELSE 100.0 END AS amount
  FROM stripe.charges c JOIN stripe_users u ON u.stripe_id = c.customer_id WHERE c.paid
), middle AS (
  SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY first) AS day, (SELECT max(created) FROM stripe.charges) AS until FROM person
), each AS (
  SELECT p.user_id, p.currency, coalesce(a.tickets, 0) AS tickets, sum(p.amount) AS revenue,
    min(p.created) <= min(d.day) - interval '1 month' AND min(d.day) + interval '1 month' <= min(m.until) AS comparable,
    coalesce(sum(p.amount) FILTER (WHERE p.created >= d.day - interval '1 month' AND p.created < d.day), 0) AS before,
    coalesce(sum(p.amount) FILTER (WHERE p.created >= d.day AND p.created < d.day + interval '1 month'), 0) AS after
  FROM paid p CROSS JOIN middle m LEFT JOIN person a ON a.user_id = p.user_id
  CROSS JOIN LATERAL (SELECT coalesce(a.first, m.day) AS day) d
  GROUP BY p.user_id, p.currency, a.tickets
)
SELECT CASE WHEN tickets = 0 THEN 'none' WHEN tickets = 1 THEN '1' WHEN tickets < 4 THEN '2 to 3' ELSE '4 or more' END AS tickets,
  currency, count(*) AS people, round(avg(revenue), 2) AS revenue_per_person,
  count(*) FILTER (WHERE comparable) AS compared, round(avg(before) FILTER (WHERE comparable), 2) AS month_before,
  round(avg(after) FILTER (WHERE comparable), 2) AS month_after
FROM each GROUP BY 1, 2 ORDER BY currency, min(each.tickets)
