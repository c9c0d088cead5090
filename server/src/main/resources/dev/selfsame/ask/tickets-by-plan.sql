-- title: How many tickets come from each plan?
-- about: Every ticket counts once, under the plan that the person pays for now: of live subscriptions in Stripe (active,
-- about: trialing, past_due) the product's name; where no subscription has landed, the plan_name of the latest charge.
-- about: (several): the person has live subscriptions to different plans. (no plan): the person is known, and has none.
-- about: (unknown requester): no user has that Zendesk record. Deleted tickets do not count. It does not say which plan the
-- about: person had when the ticket was opened.
-- chart: bar
-- x: plan
-- y: tickets
-- unit: tickets
WITH person AS (
  SELECT z.user_id, sum(a.tickets) AS tickets, count(*) AS requesters FROM (
    SELECT requester_id, count(*) AS tickets FROM zendesk.tickets WHERE status IS DISTINCT FROM 'deleted' GROUP BY 1
  ) a LEFT JOIN zendesk_users z ON z.zendesk_id = a.requester_id GROUP BY 1
), bought AS (
  SELECT s.customer_id, coalesce(d.name, p.nickname, p.id, i.plan_id, s.plan_id) AS plan
  FROM stripe.subscriptions s
  LEFT JOIN stripe.subscription_items i ON i.subscription_id = s.id AND i.is_deleted IS NOT TRUE
  LEFT JOIN stripe.plans p ON p.id = coalesce(i.plan_id, s.plan_id)
  LEFT JOIN stripe.products d ON d.id = p.product
  WHERE s.status IN ('active', 'trialing', 'past_due') AND s.is_deleted IS NOT TRUE
  UNION ALL (
    SELECT DISTINCT ON (customer_id) customer_id, plan_name
    FROM stripe.charges WHERE plan_name IS NOT NULL AND paid AND NOT EXISTS (SELECT FROM stripe.subscriptions)
    ORDER BY customer_id, created DESC, id
  )
), held AS (
  SELECT p.user_id, min(p.tickets) AS tickets, min(p.requesters) AS requesters, min(b.plan) AS first, max(b.plan) AS last
  FROM person p LEFT JOIN stripe_users u ON u.user_id = p.user_id LEFT JOIN bought b ON b.customer_id = u.stripe_id GROUP BY 1
)
SELECT CASE WHEN user_id IS NULL THEN '(unknown requester)' WHEN first IS NULL THEN '(no plan)'
    WHEN first = last THEN first ELSE '(several)' END AS plan,
  sum(tickets)::bigint AS tickets, sum(CASE WHEN user_id IS NULL THEN requesters ELSE 1 END)::bigint AS people
FROM held GROUP BY 1 ORDER BY 2 DESC, 1
