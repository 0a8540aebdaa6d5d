noinst_PROGRAMS = examples/bank/generate examples/embed
examples_bank_generate_SOURCES = examples/bank/generate.c
examples_bank_generate_LDADD = $(SQLITE_LIBS)
examples_embed_SOURCES = examples/embed.c
examples_embed_LDADD = libstoa.la
EXTRA_DIST += examples/quickstart examples/packages \
  examples/bank/stoa.yaml examples/bank/ontology examples/bank/reference examples/bank/mappings examples/bank/features \
  examples/bank/personalizer examples/bank/queries \
  examples/berka/stoa.yaml examples/berka/load.sh examples/berka/ontology examples/berka/mappings examples/berka/features \
  examples/berka/personalizer examples/berka/queries
