UNIT = tests/unit/test_base tests/unit/test_term tests/unit/test_sparql tests/unit/test_plan tests/unit/test_estimates tests/unit/test_catalog tests/unit/test_csv tests/unit/test_injection tests/unit/test_personalizer tests/unit/test_state \
  tests/unit/test_features tests/unit/test_server tests/unit/test_operations tests/unit/test_threads tests/unit/test_peer tests/unit/test_results \
  tests/unit/test_native tests/unit/test_native_texts tests/unit/test_native_store \
  tests/unit/test_naive_windows tests/unit/test_naive_personalizer tests/unit/test_learners tests/unit/test_layers tests/unit/test_offpolicy tests/unit/test_held tests/unit/test_keep tests/unit/test_served tests/unit/test_watch tests/unit/test_hub tests/unit/test_erase
TEST_SCRIPTS_ALL = \
  tests/lint/layers.sh \
  tests/lint/doors.sh \
  tests/lint/headers.sh \
  tests/lint/circles.sh \
  tests/lint/man.sh \
  tests/lint/keys.sh \
  tests/lint/mutants.sh \
  tests/lint/names.sh \
  tests/lint/scripts.sh \
  tests/e2e/cli.sh \
  tests/e2e/functions.sh \
  tests/e2e/cases_sparql.sh \
  tests/e2e/cases_virtual.sh \
  tests/e2e/cases_projects.sh \
  tests/e2e/statements.sh \
  tests/e2e/virtual.sh \
  tests/e2e/apart.sh \
  tests/e2e/warnings.sh \
  tests/e2e/features.sh \
  tests/e2e/bad_input.sh \
  tests/e2e/server.sh \
  tests/e2e/bank_features.sh \
  tests/e2e/beginnings.sh \
  tests/e2e/blocked.sh \
  tests/e2e/peers.sh \
  tests/e2e/slow_peers.sh \
  tests/e2e/history.sh \
  tests/e2e/lists.sh tests/e2e/embeddings.sh \
  tests/e2e/known.sh \
  tests/e2e/watermark.sh \
  tests/e2e/http.sh \
  tests/e2e/rails.sh \
  tests/e2e/ready.sh \
  tests/e2e/hard_starts.sh \
  tests/e2e/state_file.sh \
  tests/e2e/upkeep.sh \
  tests/e2e/removed_policy.sh \
  tests/e2e/breakers.sh \
  tests/e2e/abandoned.sh \
  tests/e2e/limits.sh tests/e2e/log.sh \
  tests/e2e/sources_change.sh \
  tests/e2e/resp.sh \
  tests/e2e/restart.sh \
  tests/e2e/kills.sh \
  tests/e2e/decisions.sh \
  tests/e2e/personalizer_api.sh \
  tests/e2e/events.sh \
  tests/e2e/feast.sh \
  tests/e2e/feast_ui.sh \
  tests/e2e/kept.sh tests/e2e/served.sh tests/e2e/pipelines.sh tests/e2e/evaluate.sh tests/e2e/simulate.sh tests/e2e/strongest.sh tests/e2e/known_at.sh tests/e2e/erase.sh tests/e2e/journey.sh \
  tests/e2e/replay.sh \
  tests/e2e/days.sh \
  tests/e2e/declarations.sh \
  tests/e2e/semantic_sql.sh \
  tests/e2e/versions.sh \
  tests/e2e/watch.sh \
  tests/e2e/strict.sh \
  tests/e2e/unknown.sh \
  tests/e2e/misfits.sh \
  tests/e2e/embed.sh \
  tests/e2e/install.sh \
  tests/e2e/tutorial.sh \
  tests/e2e/berka.sh \
  tests/e2e/berka_features.sh \
  tests/e2e/update.sh \
  tests/e2e/redland.sh \
  tests/e2e/protocol.sh \
  tests/e2e/service.sh \
  tests/e2e/map.sh \
  tests/e2e/postgres.sh \
  tests/e2e/csv.sh \
  tests/e2e/odbc.sh \
  tests/e2e/federation.sh \
  tests/e2e/forward.sh \
  tests/e2e/explain.sh \
  tests/e2e/reload.sh \
  tests/e2e/lineage.sh \
  tests/e2e/registry.sh \
  tests/e2e/advice.sh \
  tests/e2e/inference.sh \
  tests/e2e/edges.sh \
  tests/e2e/large_queries.sh \
  tests/e2e/many_maps.sh \
  tests/e2e/nullable_keys.sh tests/e2e/ranges.sh \
  tests/e2e/paths.sh tests/e2e/sorting.sh \
  tests/e2e/shards.sh \
  tests/e2e/bootstrap.sh \
  tests/conformance/conformance.sh \
  tests/conformance/rdb2rdf.sh \
  tests/conformance/rdb2rdf_postgres.sh \
  tests/random/differential.sh \
  tests/random/worlds.sh \
  tests/random/rasqal.sh
check_PROGRAMS = tests/bench/keep_rate tests/load/steady tests/load/acknowledged tests/load/probe tests/load/slow tests/random/world tests/random/worlds tests/random/kept tests/random/semantic tests/sim/simulate tests/sim/state tests/sim/server tests/random/rasqal tests/random/differential tests/conformance/runner tests/conformance/same
tests_conformance_same_SOURCES = tests/conformance/same.c tests/conformance/compare.c tests/conformance/suite.h
tests_conformance_same_LDADD = libstoa.la -lm
tests_conformance_runner_SOURCES = tests/conformance/runner.c tests/conformance/compare.c tests/conformance/results.c tests/conformance/suite.h
tests_random_rasqal_SOURCES = tests/random/rasqal.c
tests_random_rasqal_CPPFLAGS = $(AM_CPPFLAGS) $(RASQAL_CFLAGS)
tests_random_rasqal_LDADD = libstoa.la $(RASQAL_LIBS) $(RAPTOR_LIBS) -lm
EXTRA_PROGRAMS = tests/bench/decide tests/load/soak tests/bench/cancel tests/bench/plan_times tests/bench/twins tests/bench/raptor_writer
tests_bench_decide_SOURCES = tests/bench/decide.c
tests_bench_decide_LDADD = $(UNIT_LIBS)
tests_bench_cancel_SOURCES = tests/bench/cancel.c
tests_bench_cancel_LDADD = libstoa.la
tests_bench_plan_times_SOURCES = tests/bench/plan_times.c
tests_bench_plan_times_LDADD = libstoa.la
tests_bench_twins_SOURCES = tests/bench/twins.c
tests_bench_raptor_writer_SOURCES = tests/bench/raptor_writer.c
tests_bench_raptor_writer_CPPFLAGS = $(AM_CPPFLAGS) $(RAPTOR_CFLAGS)
tests_bench_raptor_writer_LDADD = libstoa.la $(RAPTOR_LIBS)
tests_bench_twins_LDADD = libstoa.la $(PQ_LIBS) $(SQLITE_LIBS) -lm
WIRE = tests/load/wire.c tests/load/wire.h
tests_load_acknowledged_SOURCES = tests/load/acknowledged.c $(WIRE) tests/random/dice.h
tests_load_acknowledged_LDADD = libstoa.la -lpthread
tests_load_probe_SOURCES = tests/load/probe.c tests/load/latency.h $(WIRE)
tests_load_probe_LDADD = libstoa.la
tests_bench_keep_rate_SOURCES = tests/bench/keep_rate.c tests/random/dice.h
tests_bench_keep_rate_LDADD = libserver.la libstoa.la $(SQLITE_LIBS) $(UV_LIBS) -lhttp_parser
tests_load_steady_SOURCES = tests/load/steady.c tests/load/latency.h tests/random/dice.h $(WIRE)
tests_load_steady_LDADD = libstoa.la -lpthread
tests_load_slow_SOURCES = tests/load/slow.c $(WIRE)
tests_load_slow_LDADD = libstoa.la
tests_load_soak_SOURCES = tests/load/soak.c tests/load/latency.h tests/random/dice.h $(WIRE)
tests_load_soak_LDADD = libstoa.la -lpthread
tests_random_kept_SOURCES = tests/random/kept.c tests/random/dice.h
tests_random_kept_LDADD = libserver.la libstoa.la $(SQLITE_LIBS) $(UV_LIBS) -lhttp_parser
tests_random_semantic_SOURCES = tests/random/semantic.c tests/random/dice.h
tests_random_semantic_LDADD = libstoa.la $(SQLITE_LIBS)
tests_random_world_SOURCES = tests/random/world.c tests/random/dice.h
tests_random_world_LDADD = libstoa.la
tests_random_worlds_SOURCES = tests/random/worlds.c tests/random/answers.c tests/random/answers.h tests/random/dice.h
tests_random_worlds_LDADD = libstoa.la -lm
tests_random_differential_SOURCES = tests/random/differential.c tests/random/answers.c tests/random/answers.h
tests_random_differential_LDADD = libstoa.la -lm
tests_conformance_runner_LDADD = libstoa.la -lm
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT)
endif
TESTS = $(TEST_SCRIPTS_ALL)
if HAVE_CMOCKA
TESTS += $(UNIT)
endif
TESTS += tests/sim/simulate.sh tests/sim/state tests/sim/server tests/random/kept tests/random/semantic
tests_sim_state_SOURCES = tests/sim/state.c tests/sim/disk.c tests/sim/disk.h tests/random/dice.h
tests_sim_state_LDADD = libstoa.la $(SQLITE_LIBS)
tests_sim_server_SOURCES = tests/sim/server.c tests/sim/answer.c tests/sim/answer.h tests/sim/client.c tests/sim/client.h \
  tests/sim/clock.c tests/sim/disk.c tests/sim/disk.h tests/sim/events.c tests/sim/events.h tests/sim/ledger.c tests/sim/ledger.h \
  tests/sim/project.c tests/sim/project.h tests/sim/request.c tests/sim/request.h tests/sim/system.c tests/sim/threads.c \
  tests/sim/trace.c tests/sim/trace.h tests/sim/turns.c tests/sim/turns.h tests/sim/uv.c tests/sim/wire.c tests/sim/wire.h \
  tests/random/dice.h
tests_sim_server_LDADD = libserver.la libstoa.la $(SQLITE_LIBS) -lhttp_parser
tests_sim_simulate_SOURCES = tests/sim/simulate.c
tests_sim_simulate_LDADD = libstoa.la -lm
UNIT_LIBS = libstoa.la $(SQLITE_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_base_SOURCES = tests/unit/test_base.c tests/support/unit.h tests/support/fixture.h
tests_unit_test_base_LDADD = $(UNIT_LIBS)
tests_unit_test_native_SOURCES = tests/unit/test_native.c tests/random/dice.h
tests_unit_test_native_LDADD = $(UNIT_LIBS)
tests_unit_test_native_texts_SOURCES = tests/unit/test_native_texts.c tests/random/dice.h
tests_unit_test_native_texts_LDADD = $(UNIT_LIBS)
tests_unit_test_native_store_SOURCES = tests/unit/test_native_store.c
tests_unit_test_native_store_LDADD = $(UNIT_LIBS)
tests_unit_test_term_SOURCES = tests/unit/test_term.c
tests_unit_test_term_LDADD = $(UNIT_LIBS)
tests_unit_test_sparql_SOURCES = tests/unit/test_sparql.c
tests_unit_test_sparql_LDADD = $(UNIT_LIBS)
tests_unit_test_injection_SOURCES = tests/unit/test_injection.c
tests_unit_test_injection_LDADD = $(UNIT_LIBS)
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c
tests_unit_test_plan_LDADD = $(UNIT_LIBS)
tests_unit_test_estimates_SOURCES = tests/unit/test_estimates.c
tests_unit_test_estimates_LDADD = $(UNIT_LIBS)
tests_unit_test_catalog_SOURCES = tests/unit/test_catalog.c
tests_unit_test_catalog_LDADD = $(UNIT_LIBS)
tests_unit_test_csv_SOURCES = tests/unit/test_csv.c
tests_unit_test_csv_LDADD = $(UNIT_LIBS)
tests_unit_test_personalizer_SOURCES = tests/unit/test_personalizer.c
tests_unit_test_personalizer_LDADD = $(UNIT_LIBS)
tests_unit_test_state_SOURCES = tests/unit/test_state.c
tests_unit_test_state_LDADD = $(UNIT_LIBS)
tests_unit_test_features_SOURCES = tests/unit/test_features.c
tests_unit_test_features_LDADD = $(UNIT_LIBS)
tests_unit_test_erase_SOURCES = tests/unit/test_erase.c tests/support/small_project.h
tests_unit_test_erase_LDADD = $(UNIT_LIBS)
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c tests/support/small_project.h
tests_unit_test_keep_LDADD = $(UNIT_LIBS)
tests_unit_test_served_SOURCES = tests/unit/test_served.c tests/support/small_project.h
tests_unit_test_served_LDADD = $(UNIT_LIBS)
tests_unit_test_hub_SOURCES = tests/unit/test_hub.c tests/support/small_project.h
tests_unit_test_hub_LDADD = libserver.la $(UNIT_LIBS) $(UV_LIBS) -lhttp_parser
tests_unit_test_watch_SOURCES = tests/unit/test_watch.c tests/support/small_project.h
tests_unit_test_watch_LDADD = $(UNIT_LIBS)
tests_unit_test_layers_SOURCES = tests/unit/test_layers.c
tests_unit_test_layers_LDADD = $(UNIT_LIBS)
tests_unit_test_offpolicy_SOURCES = tests/unit/test_offpolicy.c tests/random/dice.h
tests_unit_test_offpolicy_LDADD = $(UNIT_LIBS) -lm
tests_unit_test_held_SOURCES = tests/unit/test_held.c tests/random/dice.h
tests_unit_test_held_LDADD = $(UNIT_LIBS)
tests_unit_test_naive_windows_SOURCES = tests/unit/test_naive_windows.c tests/random/dice.h
tests_unit_test_naive_windows_LDADD = $(UNIT_LIBS)
tests_unit_test_learners_SOURCES = tests/unit/test_learners.c tests/random/dice.h
tests_unit_test_learners_LDADD = $(UNIT_LIBS)
tests_unit_test_naive_personalizer_SOURCES = tests/unit/test_naive_personalizer.c tests/random/dice.h
tests_unit_test_naive_personalizer_LDADD = $(UNIT_LIBS)
tests_unit_test_server_SOURCES = tests/unit/test_server.c
tests_unit_test_server_LDADD = libserver.la $(UNIT_LIBS) $(UV_LIBS) -lhttp_parser
tests_unit_test_operations_SOURCES = tests/unit/test_operations.c tests/support/small_project.h
tests_unit_test_operations_LDADD = libserver.la $(UNIT_LIBS) $(UV_LIBS) -lhttp_parser
tests_unit_test_threads_SOURCES = tests/unit/test_threads.c tests/support/small_project.h
tests_unit_test_threads_LDADD = libserver.la $(UNIT_LIBS) $(UV_LIBS) -lhttp_parser
tests_unit_test_peer_SOURCES = tests/unit/test_peer.c tests/support/small_project.h
tests_unit_test_peer_LDADD = libserver.la $(UNIT_LIBS) $(UV_LIBS) -lhttp_parser
tests_unit_test_results_SOURCES = tests/unit/test_results.c
tests_unit_test_results_CPPFLAGS = $(AM_CPPFLAGS) $(RASQAL_CFLAGS)
tests_unit_test_results_LDADD = $(UNIT_LIBS) $(RASQAL_LIBS) $(RAPTOR_LIBS)
TEST_EXTENSIONS = .sh
TAP = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP)
SH_LOG_DRIVER = $(TAP)
AM_DISTCHECK_CONFIGURE_FLAGS = --enable-werror
AM_TESTS_ENVIRONMENT = STOA_SRC='$(abs_top_srcdir)'; STOA_BUILD='$(abs_top_builddir)'; CMOCKA_MESSAGE_OUTPUT=TAP; \
  STOA_SHARED="$${STOA_SHARED:-$(abs_top_srcdir)/../shared}"; ASAN_OPTIONS="handle_segv=2:$${ASAN_OPTIONS:-}"; \
  LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/support/lsan.supp:print_suppressions=0"; CC='$(CC)'; \
  TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/support/tsan.supp:print_suppressions=0"; \
  export STOA_SRC STOA_BUILD STOA_SHARED CMOCKA_MESSAGE_OUTPUT ASAN_OPTIONS LSAN_OPTIONS TSAN_OPTIONS CC;
EXTRA_DIST += \
  m4/README \
  $(TEST_SCRIPTS_ALL) \
  tests/sim/simulate.sh \
  tests/run \
  tests/why-not-rasqal.sh \
  tests/e2e/one_statement.txt \
  tests/e2e/semantic_sql.txt \
  tests/conformance/expected-failures \
  tests/conformance/expected-failures-rdb2rdf-sqlite \
  tests/conformance/expected-failures-rdb2rdf-postgresql \
  tests/support/lib.sh \
  tests/support/swagger.py \
  tests/support/personalizer_client.mjs \
  tests/support/feast_project.sh \
  tests/support/feast_ui \
  tests/support/postgres.sh \
  tests/support/bank_postgres.sh \
  tests/support/mariadb.sh \
  tests/support/lsan.supp \
  tests/support/tsan.supp \
  tests/load/soak.sh \
  tests/bench/bench.sh \
  tests/bench/bench-sparql.sh \
  tests/bench/sparql \
  tests/bench/bench-virtual.sh \
  tests/bench/bench-history.sh \
  tests/bench/bench-features.sh \
  tests/bench/bench-planning.sh \
  tests/bench/planning \
  tests/bench/shapes.sh \
  tests/bench/micro.awk \
  tests/bench/task.awk \
  tests/bench/learning.sh \
  tests/bench/bench-personalizer.sh \
  tests/bench/bench-materialize.sh \
  tests/bench/virtual \
  tests/bench/shapes \
  tests/explain \
  tests/fuzz \
  tests/random/differential.sh \
  tests/random/rasqal-lsan.supp \
  build-aux/tally.awk \
  build-aux/tap-driver.sh \
  tests/cases \
  tests/mutants

.PHONY: test lint format bench bench-features bench-sparql bench-virtual bench-planning bench-materialize bench-history bench-learning bench-personalizer fuzz soak check-sim check-kept check-random check-mutants
test:
	@find . -name '*.trs' -exec rm -f {} +
	-@$(MAKE) $(AM_MAKEFLAGS) check > check.log 2>&1 || grep -E '^(FAIL|ERROR|XPASS)|error:' check.log || true
	@find . -name '*.trs' -exec cat {} + | $(AWK) -f $(top_srcdir)/build-aux/tally.awk
lint:
	@for s in layers doors headers circles keys man mutants names; do STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' CC='$(CC)' $(SHELL) $(srcdir)/tests/lint/$$s.sh || exit 1; done
	cd $(srcdir) && clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
format:
	cd $(srcdir) && clang-format -i $$(git ls-files '*.c' '*.h')
check-random: stoa tests/random/differential tests/random/world tests/random/worlds tests/random/semantic examples/bank/generate
	tests/random/semantic 1000 20000
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' STOA_RANDOM_QUERIES=10000 STOA_RANDOM_SEED=7 $(SHELL) $(srcdir)/tests/random/differential.sh
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' STOA_RANDOM_WORLDS=250 STOA_RANDOM_SEED=100 $(SHELL) $(srcdir)/tests/random/worlds.sh
STATE_TESTS = tests/unit/test_held tests/unit/test_offpolicy tests/unit/test_keep tests/unit/test_served tests/unit/test_watch tests/unit/test_erase tests/random/kept tests/unit/test_state tests/sim/state tests/unit/test_naive_windows tests/unit/test_naive_personalizer tests/unit/test_personalizer tests/unit/test_learners \
  tests/unit/test_features tests/e2e/decisions.sh tests/e2e/rails.sh tests/e2e/events.sh tests/e2e/strict.sh tests/e2e/features.sh tests/e2e/feast.sh
SERVER_TESTS = tests/unit/test_server tests/unit/test_operations tests/unit/test_threads tests/unit/test_peer tests/unit/test_hub tests/sim/server \
  tests/e2e/resp.sh tests/e2e/http.sh tests/e2e/limits.sh tests/e2e/personalizer_api.sh tests/e2e/watch.sh \
  tests/e2e/server.sh tests/e2e/abandoned.sh tests/e2e/sources_change.sh tests/e2e/restart.sh tests/e2e/ready.sh tests/e2e/blocked.sh tests/e2e/peers.sh tests/e2e/feast.sh
check-mutants:
	STOA_SRC='$(abs_top_srcdir)' $(SHELL) $(srcdir)/tests/mutants/run.sh
	STOA_SRC='$(abs_top_srcdir)' STOA_RANDOM_WORLDS=60 STOA_MUTANTS_LIST='$(abs_top_srcdir)/tests/mutants/worlds.list' STOA_MUTANTS_TESTS=tests/random/worlds.sh $(SHELL) $(srcdir)/tests/mutants/run.sh
	STOA_SRC='$(abs_top_srcdir)' STOA_MUTANTS_LIST='$(abs_top_srcdir)/tests/mutants/state.list' STOA_MUTANTS_TESTS='$(STATE_TESTS)' $(SHELL) $(srcdir)/tests/mutants/run.sh
	STOA_SRC='$(abs_top_srcdir)' STOA_SIM_SEEDS=300 STOA_MUTANTS_LIST='$(abs_top_srcdir)/tests/mutants/server.list' STOA_MUTANTS_TESTS='$(SERVER_TESTS)' $(SHELL) $(srcdir)/tests/mutants/run.sh
fuzz:
	STOA_SRC='$(abs_top_srcdir)' $(SHELL) $(srcdir)/tests/fuzz/run.sh
# The state log on a disk that fails, then the whole server on it, by SEEDS seeds from SEED on.
check-sim: tests/sim/state tests/sim/server
	tests/sim/state "$${SEED:-1}" "$${SEEDS:-1000}"
	tests/sim/server "$${SEED:-1}" "$${SEEDS:-1000}"
# Minutes of mixed load.  What it says of the first and the last tenth should be alike.
soak: stoa examples/bank/generate tests/load/soak
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/load/soak.sh
bench-features: stoa examples/bank/generate tests/load/steady tests/bench/keep_rate
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-features.sh
bench-sparql: stoa examples/bank/generate tests/bench/cancel
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-sparql.sh
bench-virtual: stoa examples/bank/generate tests/bench/twins
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-virtual.sh
bench-learning: stoa
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/learning.sh
bench-personalizer: stoa tests/bench/decide
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-personalizer.sh
bench-history: stoa examples/bank/generate
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-history.sh
bench-planning: stoa examples/bank/generate tests/bench/plan_times
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-planning.sh
bench-materialize: stoa examples/bank/generate tests/bench/raptor_writer
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench-materialize.sh
bench: stoa examples/bank/generate examples/embed
	STOA_SRC='$(abs_top_srcdir)' STOA_BUILD='$(abs_top_builddir)' $(SHELL) $(srcdir)/tests/bench/bench.sh

ADAPTERS = graph/redland/model.c graph/rdf/reader.c graph/rdf/writer.c graph/rdf/results_xml.c graph/rdf/results_json.c graph/term/decimal.c graph/base/letters.c \
  graph/base/json.c graph/base/yaml.c graph/source/sqlite.c graph/exec/matches.c server/server.c server/peer.c server/loop.c server/http.c \
  server/resp.c features/state/sqlite_state.c
# Which lines of the adapters of the named libraries the end-to-end tests execute.
.PHONY: coverage tidy
coverage:
	@mkdir -p coverage && cd coverage && { [ -f Makefile ] || $(abs_srcdir)/configure --quiet --enable-coverage CFLAGS='-O0 -g'; }
	@find coverage -name '*.gcda' -exec rm -f {} +
	@$(MAKE) -s -C coverage all > /dev/null 2>&1
	-@cd coverage && STOA_SIM_DECISIONS=0 $(MAKE) -s check TESTS='$(TEST_SCRIPTS_ALL)' > check.log 2>&1
	@cd coverage && for f in $(ADAPTERS); do \
	  d=$$(dirname $$f)/.libs; gcov -n -o $$d $$d/$$(basename $$f .c).gcda 2> /dev/null | \
	  awk -v f=$$f '/^File/ { at = index($$0, f) > 0 } at && /^Lines/ { print f ": " $$0; exit }'; done
tidy:
	cd $(srcdir) && clang-tidy --quiet $$(git ls-files 'graph/*.c' 'ontology/*.c' 'features/*.c' 'personalizer/*.c' 'server/*.c' 'cli/*.c')
# Rows that are kept, held to what SPARQL answers, in 10,000 sequences of events.
# In lots of 1,000 with a seed each: every sequence adds to the log of its process.
check-kept: tests/random/kept
	@i=0; while [ $$i -lt "$${SEQUENCES:-10000}" ]; do tests/random/kept $$(($${SEED:-1} + i / 1000)) 1000 || exit 1; i=$$((i + 1000)); done
