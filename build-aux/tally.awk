# Count the results in automake's .trs files: one line "N passed, N failed, N skipped".
/^:test-result: PASS/  { passed++ }
/^:test-result: (FAIL|XPASS|ERROR)/ { failed++ }
/^:test-result: SKIP/  { skipped++ }
END {
  if (passed + failed == 0) { failed = 1 }
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0
}
