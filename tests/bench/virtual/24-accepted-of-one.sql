-- engagement
SELECT offer_id, presented_at FROM offer WHERE customer_id = 91 AND response = 'accepted' ORDER BY presented_at
