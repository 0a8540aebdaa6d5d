# awk -v from=FILE -v to=FILE -f plant.awk SOURCE: SOURCE with the text of one file in place of that of the other, which
# must stand in it exactly once.  Exit code 3: it does not stand there; 4: more than once.
function slurp(file,   text, line, n) {
  while ((getline line < file) > 0) { text = text (n++ ? "\n" : "") line }
  close(file)
  return text
}
BEGIN {
  old = slurp(from); new = slurp(to); all = slurp(ARGV[1])
  at = index(all, old)
  if (!at) { exit 3 }
  rest = substr(all, at + length(old))
  if (index(rest, old)) { exit 4 }
  print substr(all, 1, at - 1) new rest
}
