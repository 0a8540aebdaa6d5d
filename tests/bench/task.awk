# awk -v task=NAME -v seed=N -v rows=N -f task.awk: a table of that task, with a column y of labels, as CSV.
#
# Tasks of classification, of which a bandit is told the reward of what it showed alone:
#   centres    5 classes about centres of 8 numbers         words     7 uneven classes, 10 categories
#   teacher   10 classes of a linear teacher, a tenth wrong  mixed     6 classes, six of ten the first, half of the columns tell nothing
#   letters   26 classes about centres of 16 small integers pairs     8 classes that hang on two categories together
#   drift      centres whose labels are inverted half-way    rare      which of two offers is taken, by one in 200; see `rate`
# and two that stand aside, to see what was chosen by the others:
#   shades    12 classes, numbers and categories, a fifth wrong      topics   15 classes, 3 of 200 words each
function uniform() { x = (x * 16807) % 2147483647; return x / 2147483647 }
function below(n) { return int(uniform() * n) }
function normal(  s, i) { s = 0; for (i = 0; i < 12; ++i) s += uniform(); return s - 6 }
function pick(weights, n,  u, i) { u = uniform(); for (i = 0; i < n - 1 && u >= weights[i]; ++i) u -= weights[i]; return i }
function head(numbers, words,  i, s) {
  s = ""
  for (i = 0; i < numbers; ++i) s = s "n" i ","
  for (i = 0; i < words; ++i) s = s "w" i ","
  print s "y"
}
function centres_of(classes, columns, spread,  c, i) {
  for (c = 0; c < classes; ++c) for (i = 0; i < columns; ++i) centre[c, i] = spread * normal()
}
function words_of(classes, columns, values, sharp,  c, i, v, sum) {
  for (c = 0; c < classes; ++c) for (i = 0; i < columns; ++i) {
    sum = 0
    for (v = 0; v < values; ++v) { w[c, i, v] = exp(sharp * normal()); sum += w[c, i, v] }
    for (v = 0; v < values; ++v) w[c, i, v] /= sum
  }
}
function word(c, i, values,  u, v) { u = uniform(); for (v = 0; v < values - 1 && u >= w[c, i, v]; ++v) u -= w[c, i, v]; return v }
function about(c, columns,  i, s) { s = ""; for (i = 0; i < columns; ++i) s = s sprintf("%.3f,", centre[c, i] + normal()); return s }

function centres(  r, c) {
  head(8, 0); centres_of(5, 8, 1)
  for (r = 0; r < rows; ++r) { c = below(5); print about(c, 8) "c" c }
}
function drift(  r, c) {
  head(8, 0); centres_of(5, 8, 1)
  for (r = 0; r < rows; ++r) { c = below(5); print about(c, 8) "c" (r < rows / 2 ? c : (c + 2) % 5) }
}
function words(  r, c, i, s) {
  split(".4 .2 .15 .1 .08 .05 .02", p, " "); for (i = 0; i < 7; ++i) weights[i] = p[i + 1]
  head(0, 10); words_of(7, 10, 6, 0.7)
  for (r = 0; r < rows; ++r) { c = pick(weights, 7); s = ""; for (i = 0; i < 10; ++i) s = s "v" word(c, i, 6) ","; print s "c" c }
}
function teacher(  r, c, i, best, most, sum, s) {
  head(12, 0); centres_of(10, 12, 1)
  for (r = 0; r < rows; ++r) {
    s = ""; for (i = 0; i < 12; ++i) { f[i] = normal(); s = s sprintf("%.3f,", f[i]) }
    most = -1e9
    for (c = 0; c < 10; ++c) { sum = 0; for (i = 0; i < 12; ++i) sum += centre[c, i] * f[i]; if (sum > most) { most = sum; best = c } }
    print s "c" (uniform() < 0.1 ? below(10) : best)
  }
}
function mixed(  r, c, i, s) {
  for (i = 0; i < 6; ++i) weights[i] = i ? 0.08 : 0.6
  head(6, 10); centres_of(6, 3, 0.8); words_of(6, 5, 4, 0.6)
  for (r = 0; r < rows; ++r) {
    c = pick(weights, 6); s = about(c, 3)
    for (i = 0; i < 3; ++i) s = s sprintf("%.1f,", 1000 * uniform())
    for (i = 0; i < 5; ++i) s = s "v" word(c, i, 4) ","
    for (i = 0; i < 5; ++i) s = s "v" below(20) ","
    print s "c" c
  }
}
function letters(  r, c, i, s, v) {
  head(16, 0); centres_of(26, 16, 2.2)
  for (r = 0; r < rows; ++r) {
    c = below(26); s = ""
    for (i = 0; i < 16; ++i) { v = int(7.5 + centre[c, i] + 1.5 * normal()); s = s (v < 0 ? 0 : v > 15 ? 15 : v) "," }
    print s "c" c
  }
}
function pairs(  r, i, a, b, s) {
  head(0, 6)
  for (a = 0; a < 8; ++a) for (b = 0; b < 8; ++b) label[a, b] = uniform() < 0.6 ? a : (a + b) % 8
  for (r = 0; r < rows; ++r) {
    a = below(8); b = below(8); s = "v" a ",v" b ","
    for (i = 0; i < 4; ++i) s = s "v" below(8) ","
    print s "c" (uniform() < 0.1 ? below(8) : label[a, b])
  }
}
# An offer is taken by `rate` of its own segment, by a quarter of that of the others.
function rare(  r, a, s) {
  head(0, 3)
  for (r = 0; r < rows; ++r) {
    a = below(2); s = "v" a ",v" below(10) ",v" below(50) ","
    print s (uniform() < rate ? "c" a : uniform() < rate / 4 ? "c" (1 - a) : "none")
  }
}
function shades(  r, c, i, s) {
  head(6, 4); centres_of(12, 6, 1.2); words_of(12, 4, 5, 1)
  for (r = 0; r < rows; ++r) {
    c = below(12); s = about(c, 6); for (i = 0; i < 4; ++i) s = s "v" word(c, i, 5) ","
    print s "c" (uniform() < 0.2 ? below(12) : c)
  }
}
function topics(  r, c, i, s) {
  head(0, 3)
  for (r = 0; r < rows; ++r) {
    c = below(15); s = ""
    for (i = 0; i < 3; ++i) s = s "v" (uniform() < 0.7 ? int(c * 13.3 + 13 * uniform() * uniform()) % 200 : below(200)) ","
    print s "c" c
  }
}
BEGIN {
  x = seed * 7919 + 1; uniform(); uniform()
  if (!rate) rate = 0.005
  if (task == "centres") centres(); else if (task == "words") words(); else if (task == "teacher") teacher()
  else if (task == "mixed") mixed(); else if (task == "letters") letters(); else if (task == "pairs") pairs()
  else if (task == "drift") drift(); else if (task == "rare") rare(); else if (task == "shades") shades()
  else if (task == "topics") topics(); else { print "no task " task > "/dev/stderr"; exit 1 }
}
