-- insurer
SELECT policy_no, valid_from, sum_insured, deductible FROM cover WHERE sum_insured > 970000 AND deductible IS NOT NULL
