dist_man_MANS = docs/man/stoa.1 docs/man/stoa-init.1 docs/man/stoa-check.1 docs/man/stoa-query.1 docs/man/stoa-update.1 docs/man/stoa-materialize.1 docs/man/stoa-map.1 docs/man/stoa-bootstrap.1 docs/man/stoa-lineage.1 \
  docs/man/stoa-features.1 docs/man/stoa-rank.1 docs/man/stoa-reward.1 docs/man/stoa-policy.1 docs/man/stoa-serve.1 \
  docs/man/stoa.yaml.5 docs/man/stoa-events.5 docs/man/stoa-features.5 docs/man/stoa-policy.5 docs/man/stoa-sql.5
dist_doc_DATA = docs/tutorial.md docs/sources.md docs/optimiser.md docs/bench.md docs/state.md docs/features.md docs/persons.md
vocabdir = $(pkgdatadir)/vocab
dist_vocab_DATA = ontology/vocab/registry.ttl
EXTRA_DIST += docs/features.sh

# The features of the example bank, from what it declares.
docs-features: all examples/bank/generate
	rm -rf docs-bank && mkdir docs-bank && cp -r $(srcdir)/examples/bank/. docs-bank/ && chmod -R u+w docs-bank
	examples/bank/generate docs-bank/data 20 7 2026-11-01 > /dev/null
	$(srcdir)/docs/features.sh ./stoa docs-bank > features.md.part && mv features.md.part $(srcdir)/docs/features.md
	rm -rf docs-bank
.PHONY: docs-features
