#ifndef STOA_GRAPH_SOURCE_SOURCE_H
#define STOA_GRAPH_SOURCE_SOURCE_H

#include "graph/base/context.h"
#include "graph/source/answered.h"
#include "graph/source/dialect.h"
#include "graph/term/term.h"

/// A source stays where it is: it only scans or runs SQL.  One interface for SQL databases and the
/// native graph; a driver fills the class, the executor calls it.

typedef enum {
  STOA_VALUE_NULL,
  STOA_VALUE_INTEGER,
  STOA_VALUE_REAL,
  STOA_VALUE_TEXT,
  STOA_VALUE_BLOB,
  STOA_VALUE_DECIMAL, ///< exact: its digits in `text`
  STOA_VALUE_CALL     ///< as.call; a bound parameter only
} stoa_value_kind;

struct stoa_source_call;

/// A value of SQL: a bound parameter, or a fetched column.
typedef struct {
  stoa_value_kind kind;
  union {
    int64_t integer;
    double real;
    struct stoa_source_call *call;
  } as;
  stoa_slice text;
} stoa_value;

/// What a statement hands back to the engine while it runs, in sources that run in this process: the
/// SQL functions stoa_term(CALL, ...), stoa_true(CALL, ...) and stoa_cell(CALL, ...) apply it to the
/// values of a row; stoa_fold(CALL, ...) is an aggregate, and stoa_folded(CALL, fold) gives the value of
/// a group without rows.  Values given in are valid during the call; those given out until the next one.
typedef struct stoa_source_call {
  stoa_status (*apply)(struct stoa_source_call *call, const stoa_value *args, uint32_t n, stoa_value *out,
                       stoa_error *err);
  /// Begin a group; it is released by `end`, or with what owns the call.
  void *(*begin)(struct stoa_source_call *call);
  stoa_status (*step)(struct stoa_source_call *call, void *group, const stoa_value *args, uint32_t n, stoa_error *err);
  /// `group` NULL: one without rows.
  stoa_status (*end)(struct stoa_source_call *call, void *group, stoa_value *out, stoa_error *err);
} stoa_source_call;

/// A quad pattern of a fragment: subject, predicate, object, graph.
typedef struct {
  int vars[4];        ///< number of a variable of the fragment, or -1
  uint8_t kinds[4];   ///< a variable's terms must be of one of these kinds; 0: of any
  stoa_term terms[4]; ///< where there is no variable; an unbound graph is the default one
} stoa_fragment_pattern;

/// Only rows whose variable lies between the two (unbound: no bound), and whose text begins with `prefix`, are wanted;
/// others may come as well.
typedef struct {
  int var;
  stoa_term least, most;
  stoa_slice prefix; ///< empty: any text
  bool of_str;       ///< the text is what STR gives; else that of a string
} stoa_fragment_range;

/// What the patterns of a stage do with the matches of those before them.
typedef enum { STOA_QUADS_JOIN, STOA_QUADS_LEFT, STOA_QUADS_SEMI, STOA_QUADS_ANTI } stoa_quads_how;

/// Patterns that are joined with each other, and then with what is matched before.
typedef struct {
  uint32_t n_patterns;
  stoa_quads_how how;
} stoa_fragment_stage;

/// Kinds of terms, as bits.
enum { STOA_IS_IRI = 1, STOA_IS_BLANK = 2, STOA_IS_LITERAL = 4, STOA_IS_NONE = 8 };

/// What a source can be asked to evaluate: SQL with bound parameters, or a basic graph pattern (native graph
/// only; a variable in the place of the graph ranges over the named ones).  Constants are bound, never
/// printed into the text.
typedef struct {
  const char *sql;
  const stoa_value *params;
  uint32_t n_params;
  const stoa_column_info *columns; ///< the types that the statement's columns are to have; NULL: any
  uint32_t n_columns;
  const stoa_fragment_pattern *patterns;
  uint32_t n_patterns, n_vars;
  const stoa_fragment_range *ranges;
  uint32_t n_ranges;
  const bool *seeded; ///< variables that `seed` will bind; NULL: none
  const stoa_fragment_stage *stages; ///< in order, all the patterns among them; none: one join of all
  uint32_t n_stages;
  const bool *wanted; ///< variables that are read of the rows, which then have weights; NULL: all, a row each match
  int distinct;       ///< with `wanted` that names none: count how many terms this variable (its number + 1) has; 0: none
} stoa_fragment;

/// Rows as the source gives them: values of SQL, or terms of quads.  Valid until the next call.
typedef struct {
  uint32_t n_rows, n_columns;
  stoa_value **values; ///< values[column][row]; NULL for the native graph
  stoa_term **terms;   ///< terms[column][row]; NULL for SQL
  uint32_t *const *ids;    ///< ids[column][row]: a number for each term, equal for equal ones alone; or NULL
  const uint64_t *weights; ///< how many matches each row stands for, some of the same; NULL: one each
} stoa_rows;

typedef struct stoa_source stoa_source;
typedef struct stoa_connection stoa_connection;
typedef struct stoa_cursor stoa_cursor;

typedef struct {
  const char *name;
  bool calls; ///< its SQL can hand expressions back (stoa_source_call)
  bool scans; ///< it has no indexes: tables are joined by the executor
  /// Read the catalog of all tables and views.
  stoa_status (*describe)(stoa_source *source, stoa_arena *arena, const stoa_catalog **out, stoa_error *err);
  /// Tell the columns of a query, as a table without keys.
  stoa_status (*describe_query)(stoa_source *source, const char *sql, stoa_arena *arena, const stoa_table_info **out,
                                stoa_error *err);
  /// Take a connection from the pool; waits until the deadline.  Begins a read transaction.
  stoa_status (*lease)(stoa_source *source, stoa_context *context, stoa_connection **out, stoa_error *err);
  /// End the transaction and put the connection back.
  void (*give_back)(stoa_connection *connection);
  /// Start a fragment.
  stoa_status (*open)(stoa_connection *connection, const stoa_fragment *fragment, stoa_context *context,
                      stoa_cursor **out, stoa_error *err);
  /// Start again with some variables bound (native graph only); before the first `next` too.
  void (*seed)(stoa_cursor *cursor, const stoa_term *seeds);
  /// Fetch up to STOA_BATCH_ROWS rows; none at the end.  Texts lie in `arena`.
  stoa_status (*next)(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err);
  void (*close)(stoa_cursor *cursor);
  /// Interrupt what runs on the connection; the one call that is allowed from any thread.
  void (*cancel)(stoa_connection *connection);
  /// Append what tells whether the files that it reads have changed (stamp.h); false: it cannot tell.  NULL: it reads
  /// no files.
  bool (*stamp)(const stoa_source *source, stoa_buf *out);
  void (*free)(stoa_source *source);
} stoa_source_class;

struct stoa_source {
  const stoa_source_class *klass;
  const stoa_dialect *dialect; ///< of its SQL; NULL for the native graph
  const char *name;            ///< as in stoa.yaml
};

struct stoa_connection {
  stoa_source *source;
  stoa_answered answered; ///< released by the driver, with the connection
  bool is_shared;         ///< of the pool: lent to a request of which the source may hold up only some
};

/// Open an SQLite database for reading.  `file` must exist.  Errors: STOA_UNAVAILABLE.
stoa_status stoa_source_sqlite_new(const char *name, const char *file, stoa_source **out, stoa_error *err);

/// Open a folder of CSV files (csv.h).  Errors: STOA_UNAVAILABLE, and what is wrong with the head of a file.
stoa_status stoa_source_csv_new(const char *name, const char *folder, stoa_source **out, stoa_error *err);

/// Open a PostgreSQL database, or what speaks its protocol, for reading.  `address`: a connection URI or
/// keywords as libpq takes them.  Errors: STOA_UNAVAILABLE.
stoa_status stoa_source_postgres_new(const char *name, const char *address, stoa_source **out, stoa_error *err);

/// Open what a connection string of ODBC tells ("DSN=..." or "Driver=...;...").  Errors: STOA_UNAVAILABLE.
stoa_status stoa_source_odbc_new(const char *name, const char *address, stoa_source **out, stoa_error *err);

/// For a program that has its process to itself, before anything is opened: SQLite counts its memory no more, for which all
/// threads take turns at one lock (a twentieth of the time of appends).
void stoa_source_sqlite_alone(void);
/// Open a source by the name of its driver (sqlite, postgres, odbc, csv).  Errors: STOA_BAD_ARG for an unknown one.
stoa_status stoa_source_open(const char *driver, const char *name, const char *address, stoa_source **out,
                             stoa_error *err);

/// Run SQL without parameters and fetch its first rows, a batch at most.
stoa_status stoa_source_first(stoa_source *source, const char *sql, stoa_context *context, stoa_arena *arena,
                              stoa_rows *out, stoa_error *err);
/// Append a value as a person would read it.
void stoa_value_print(const stoa_value *value, stoa_buf *out);

/// A native graph: quads in memory, indexed.  Changes count after `finish`; they are made before the source
/// is shared, or under its lock.
typedef struct stoa_native stoa_native;
stoa_source *stoa_source_native_new(const char *name);
/// Add a quad (copied); `graph` unbound for the default graph.
void stoa_source_native_add(stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object,
                            stoa_term graph);
/// Take a quad out.
void stoa_source_native_remove(stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object,
                               stoa_term graph);
/// Take out all quads of a graph (unbound: the default one), or of all named graphs.
void stoa_source_native_clear(stoa_source *source, stoa_term graph, bool all_named);
/// True when the graph has a quad; the default graph is always there.
bool stoa_source_native_has_graph(const stoa_source *source, stoa_term graph);
/// Keep queries out while quads change.
void stoa_source_native_lock(stoa_source *source);
void stoa_source_native_unlock(stoa_source *source);
/// Make changes count: index what is new, drop duplicates.
void stoa_source_native_finish(stoa_source *source);
/// True when some quad matches; unbound terms match anything, any graph counts.
bool stoa_source_native_matches(const stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object);
/// How many quads match, in any graph; unbound terms match anything.
double stoa_source_native_matching(const stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object);
/// How many quads of a predicate have an object that may lie within these bounds, of which one may be unbound; a few that
/// do not are among them, and what is no plain number or time.
double stoa_source_native_between(const stoa_source *source, stoa_term predicate, stoa_term least, stoa_term most);
/// True when the subject (place 0) or object (place 2) of some matching quad can be made by the template.
/// Answers are kept until the graph changes; templates must outlive it.
bool stoa_source_native_fits(stoa_source *source, stoa_term predicate, stoa_term object, int place,
                             const stoa_template *tmpl);
/// Call `visit` for each predicate of a quad, or for each class that something is of; one of several graphs comes once
/// for each.
void stoa_source_native_names(const stoa_source *source, bool of_class, void (*visit)(stoa_term name, void *data),
                              void *data);
/// The number of quads.
size_t stoa_source_native_count(const stoa_source *source);
/// The arena that lives as long as the graph (for terms that are to be added).
stoa_arena *stoa_source_native_arena(stoa_source *source);

void stoa_source_free(stoa_source *source);

#endif
