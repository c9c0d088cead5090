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
-- unit: paid by a person in a month
WITH person AS (
  SELECT z.user_id, sum(a.tickets) AS tickets, min(a.first) AS day,
    min(a.first) - interval '1 month' AS since, min(a.first) + interval '1 month' AS until
  FROM (
    SELECT requester_id, count(*) AS tickets, min(created_at) AS first
    FROM zendesk.tickets WHERE status IS DISTINCT FROM 'deleted' GROUP BY 1
  ) a JOIN zendesk_users z ON z.zendesk_id = a.requester_id GROUP BY 1
), middle AS (
  SELECT day, day - interval '1 month' AS since, day + interval '1 month' AS until, (SELECT max(created) FROM stripe.charges) AS known
  FROM (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY day) AS day FROM person) m
), payer AS (
  SELECT u.user_id, u.stripe_id, coalesce(a.tickets, 0) AS tickets, coalesce(a.day, m.day) AS day,
    coalesce(a.since, m.since) AS since, coalesce(a.until, m.until) AS until, m.known
  FROM stripe_users u CROSS JOIN middle m LEFT JOIN person a ON a.user_id = u.user_id
), each AS (
  SELECT p.user_id, c.currency, min(p.tickets) AS tickets, min(c.created) <= min(p.since) AND min(p.until) <= min(p.known) AS comparable,
    sum(c.amount - coalesce(c.amount_refunded, 0)) AS revenue,
    sum(c.amount - coalesce(c.amount_refunded, 0)) FILTER (WHERE c.created >= p.since AND c.created < p.day) AS before,
    sum(c.amount - coalesce(c.amount_refunded, 0)) FILTER (WHERE c.created >= p.day AND c.created < p.until) AS after
  FROM payer p JOIN stripe.charges c ON c.customer_id = p.stripe_id AND c.paid
  GROUP BY 1, 2
), grouped AS (
  SELECT CASE WHEN tickets = 0 THEN 'no ticket' WHEN tickets = 1 THEN '1 ticket' WHEN tickets < 4 THEN '2 to 3' ELSE '4 or more' END
      AS tickets, min(tickets) AS least, upper(currency) AS currency, count(*) AS people, avg(revenue) AS revenue,
    count(*) FILTER (WHERE comparable) AS compared, avg(coalesce(before, 0)) FILTER (WHERE comparable) AS before,
    avg(coalesce(after, 0)) FILTER (WHERE comparable) AS after,
    -- Stripe counts in cents, but for currencies that have none.
    CASE WHEN upper(currency) IN ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF',
      'XOF', 'XPF') THEN 1 ELSE 100 END AS cents
  FROM each GROUP BY 1, 3
)
SELECT tickets, currency, people, round(revenue / cents, 2) AS revenue_per_person, compared,
  round(before / cents, 2) AS month_before, round(after / cents, 2) AS month_after
FROM grouped ORDER BY currency, least
