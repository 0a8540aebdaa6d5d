--+ summary: How much people serve the customer in 90 days, what was complained of, and card spending beside it
--+ feature_view:
--+   name: personal_service
--+   kind: query
--+   entity: {customer: customer_id}
--+   owner: engagement@bank.example
--+   features: {contacts: int32, complaints: int32, spent: "decimal(14,2)", spent_per_contact: double}
--+   default: {contacts: 0, complaints: 0, spent: 0}
-- Semantic SQL: tables are classes of the ontology, columns its properties, .id is the IRI of a row (stoa-sql(5)).
WITH served AS (
  SELECT e.actor AS customer, COUNT(*) AS contacts, COUNT(*) FILTER (WHERE e.kind = 'complained') AS complaints
  FROM EngagementEvent e
  JOIN HumanChannel h ON h.id = e.viaChannel
  WHERE e.occurredAt > CURRENT_TIMESTAMP - INTERVAL '90 days' AND e.occurredAt <= CURRENT_TIMESTAMP
  GROUP BY e.actor
), paid AS (
  SELECT a.holder AS customer, SUM(t.amount) AS spent
  FROM CardTransaction t
  JOIN Account a ON a.id = t.account
  WHERE t.bookedAt > CURRENT_TIMESTAMP - INTERVAL '90 days' AND t.bookedAt <= CURRENT_TIMESTAMP
  GROUP BY a.holder
)
SELECT c.id AS customer, s.contacts, s.complaints, p.spent, p.spent / s.contacts AS spent_per_contact
FROM Customer c
LEFT JOIN served s ON s.customer = c.id
LEFT JOIN paid p ON p.customer = c.id
