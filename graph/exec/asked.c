#include "graph/exec/asked.h"
#include "graph/base/assert.h"

// The text of what the connection reads now, in the same transaction as the statement; empty: it cannot be told.
static stoa_slice version_of(stoa_run *run, stoa_connection *connection)
{
  const stoa_source *const source = connection->source;
  stoa_error ignored = {0};
  stoa_cursor *cursor = NULL;
  stoa_rows rows = {0};
  stoa_slice version = {0};
  if (source->klass->scans || !source->dialect || !source->dialect->version) {
    return version; // files are read in place: nothing tells of their changes
  }
  const stoa_fragment fragment = {.sql = source->dialect->version};
  if (source->klass->open(connection, &fragment, run->context, &cursor, &ignored) == STOA_OK &&
      source->klass->next(cursor, &run->arena, &rows, &ignored) == STOA_OK && rows.n_rows == 1) {
    const stoa_value *const value = &rows.values[0][0];
    version = value->kind == STOA_VALUE_TEXT ? value->text
              : value->kind == STOA_VALUE_INTEGER
                ? stoa_slice_of(stoa_arena_print(&run->arena, "%lld", (long long)value->as.integer))
                : version;
  }
  if (cursor) {
    source->klass->close(cursor);
  }
  return version;
}

// The statement with its parameters, which are constants: the letters that are looked for.
static stoa_slice question_of(stoa_run *run, const stoa_plan_node *statement)
{
  stoa_buf text = {0};
  stoa_buf_text(&text, statement->sql.text);
  for (uint32_t i = 0; i < statement->sql.n_params; ++i) {
    STOA_ASSERT(statement->sql.params[i].kind == STOA_PARAM_VALUE);
    stoa_buf_byte(&text, '\0');
    stoa_buf_slice(&text, statement->sql.params[i].value.text);
  }
  const stoa_slice question = stoa_arena_slice(&run->arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return question;
}

// The version tells of tables that are stored there.  What a view gives may depend on the clock, or on another server.
static bool is_told_of(const stoa_plan_node *statement)
{
  const stoa_rel *const rel = statement->sql.rel;
  bool told = true;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    for (uint32_t k = 0; k < rel->blocks.items[i]->from.n; ++k) {
      const stoa_from *const from = &rel->blocks.items[i]->from.items[k];
      const stoa_table_info *const info = stoa_from_info(from);
      told &= info && info->stored && !from->table.view;
    }
  }
  return told;
}

bool stoa_asked_none(stoa_run *run, const stoa_plan_node *statement)
{
  stoa_connection *const connection = stoa_run_connection(run, statement->source);
  const stoa_answered *const answered = &connection->answered;
  return answered->version[0] && is_told_of(statement) &&
         stoa_answered_none(answered, version_of(run, connection), question_of(run, statement));
}

void stoa_asked_note(stoa_run *run, const stoa_plan_node *statement)
{
  stoa_connection *const connection = stoa_run_connection(run, statement->source);
  if (!is_told_of(statement)) {
    return;
  }
  stoa_answered_note(&connection->answered, version_of(run, connection), question_of(run, statement));
}

bool stoa_asked_before(stoa_run *run, const stoa_plan_node *statement)
{
  static const stoa_slice seen = {"", 0}; // the question that is never one
  stoa_connection *const connection = stoa_run_connection(run, statement->source);
  const stoa_slice version = version_of(run, connection);
  const bool before = stoa_answered_none(&connection->answered, version, seen);
  if (!before) {
    stoa_answered_note(&connection->answered, version, seen);
  }
  return before;
}
