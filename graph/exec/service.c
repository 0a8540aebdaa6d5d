// SERVICE (SPARQL 1.1 Federated Query): the pattern goes to its endpoint as it was written.  Where rows of the left
// side bind something of it, they go with it in VALUES, each with its number, so that an answer says which row it
// extends; where none does, the endpoint is asked once, for nothing but the pattern, and every row takes the whole
// answer.
#include "graph/base/code.h"
#include "graph/exec/eval.h"
#include "graph/http/client.h"
#include "graph/rdf/results_reader.h"
#include "graph/term/equality.h"

static const char *const media_types = "application/sparql-results+json, application/sparql-results+xml;q=0.9";
static const char *const row_variable = "stoa_row";

typedef struct {
  const stoa_batch *in;
  bool *sent;        ///< rows of `in`
  uint32_t *members; ///< those that the open answer is for
  uint32_t n_members;
  bool *shared; ///< for each column of the left side: the pattern mentions it
  bool *sends;  ///< and a member binds it to what another server may know
  // The open answer
  stoa_arena arena;
  stoa_results answer;
  int *columns;    ///< of the answer: the operator's column, or -1
  bool plain;      ///< no rows were sent: the answer is for every member
  stoa_term asked; ///< the endpoint of a plain answer, which serves later members too
  int row_column;  ///< of another one: the member's number
  uint64_t at;     ///< row of the answer; of a plain one: row * n_members + member
  bool failed;     ///< SILENT: the members pass as they are
  uint64_t number; ///< of the answer in the run
} service_state;

static stoa_status service_open(stoa_op *op, stoa_error *err)
{
  service_state *const s = STOA_NEW(&op->run->arena, service_state);
  const stoa_plan_node *const left = op->node->inputs[0];
  const uint32_t n_vars = op->run->plan->query->n_vars;
  bool *const mentioned = STOA_NEWS(&op->run->arena, bool, n_vars + 1);
  (void)err;
  op->state = s;
  stoa_node_vars(op->node->node->inputs[0], mentioned);
  s->shared = STOA_NEWS(&op->run->arena, bool, left->n_vars + 1);
  s->sends = STOA_NEWS(&op->run->arena, bool, left->n_vars + 1);
  for (uint32_t i = 0; i < left->n_vars; ++i) {
    s->shared[i] = left->vars[i] < n_vars && mentioned[left->vars[i]];
  }
  s->sent = STOA_NEWS(&op->run->arena, bool, STOA_BATCH_ROWS);
  s->members = STOA_NEWS(&op->run->arena, uint32_t, STOA_BATCH_ROWS);
  stoa_arena_init(&s->arena, 0);
  s->arena.charge = &op->run->arena;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static stoa_term endpoint_of(const stoa_op *op, uint32_t row)
{
  const service_state *const s = op->state;
  const stoa_slot *const end = &op->node->node->ends[0];
  const int column = end->var == STOA_NO_VAR ? -1 : stoa_plan_column(op->node->inputs[0], end->var);
  return end->var == STOA_NO_VAR ? end->term : column < 0 ? (stoa_term){0} : s->in->columns[column][row];
}

// No blank node of ours is known elsewhere.
static bool can_be_sent(stoa_term t)
{
  return stoa_term_is_bound(t) && t.kind != STOA_TERM_BLANK;
}

// Which columns the members have something to send of; false when there is none.
static bool choose_columns(const stoa_op *op)
{
  service_state *const s = op->state;
  bool any = false;
  for (uint32_t i = 0; i < op->node->inputs[0]->n_vars; ++i) {
    s->sends[i] = false;
    for (uint32_t m = 0; s->shared[i] && m < s->n_members && !s->sends[i]; ++m) {
      s->sends[i] = can_be_sent(s->in->columns[i][s->members[m]]);
    }
    any |= s->sends[i];
  }
  return any;
}

static void write_values(const stoa_op *op, stoa_buf *out)
{
  const service_state *const s = op->state;
  const stoa_plan_node *const left = op->node->inputs[0];
  stoa_buf_print(out, "VALUES (?%s", row_variable);
  for (uint32_t i = 0; i < left->n_vars; ++i) {
    if (s->sends[i]) {
      stoa_buf_print(out, " ?%s", op->run->plan->query->names[left->vars[i]]);
    }
  }
  stoa_buf_text(out, ") {\n");
  for (uint32_t m = 0; m < s->n_members; ++m) {
    stoa_buf_print(out, "(%u", m);
    for (uint32_t i = 0; i < left->n_vars; ++i) {
      if (s->sends[i]) {
        const stoa_term t = s->in->columns[i][s->members[m]];
        stoa_buf_byte(out, ' ');
        stoa_term_write(can_be_sent(t) ? t : (stoa_term){0}, out);
      }
    }
    stoa_buf_text(out, ")\n");
  }
  stoa_buf_text(out, "}\n");
}

static void write_query(const stoa_op *op, stoa_buf *out)
{
  const service_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  stoa_buf_slice(out, node->prologue);
  stoa_buf_text(out, "SELECT * WHERE ");
  if (!s->plain) {
    stoa_buf_text(out, "{\n");
    write_values(op, out);
  }
  stoa_buf_slice(out, node->text);
  stoa_buf_text(out, s->plain ? "" : "}\n");
}

static bool may_ask(const stoa_context *context, const char *url, bool *any)
{
  *any = false;
  for (const char *const *e = context->endpoints; e && *e; ++e) {
    *any |= strcmp(*e, "*") == 0;
    if (*any || strcmp(*e, url) == 0) {
      return true;
    }
  }
  return false;
}

static stoa_status read_answer(stoa_op *op, const char *url, stoa_results_syntax syntax, stoa_slice body,
                               stoa_error *err)
{
  service_state *const s = op->state;
  stoa_error failed = {0};
  const stoa_status status = stoa_results_parse(url, syntax, body, op->run->context, &s->arena, &s->answer, &failed);
  if (status != STOA_OK && status != STOA_BAD_SYNTAX) {
    *err = failed;
    return status;
  }
  if (status != STOA_OK || s->answer.is_boolean) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "<%s>: the answer %s", url,
                          status == STOA_OK ? "is a truth where rows were asked for" : failed.text);
  }
  return STOA_OK;
}

static stoa_status request(stoa_op *op, const char *url, bool any, stoa_slice form, stoa_error *err)
{
  service_state *const s = op->state;
  stoa_context *const context = op->run->context;
  const stoa_http_request ask = {.url = url,
                                 .accept = media_types,
                                 .content_type = "application/x-www-form-urlencoded",
                                 .body = form,
                                 .timeout_ms = context->service_timeout_ms,
                                 .most_bytes = context->memory_bytes ? context->memory_bytes / 4 : SIZE_MAX,
                                 .redirects = any};
  stoa_slice body;
  const char *type;
  STOA_TRY(stoa_http_ask(&ask, context, &s->arena, &body, &type, err));
  const bool json = strstr(type, "json") != NULL;
  if (!json && !strstr(type, "xml")) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "<%s> answered \"%s\", neither SPARQL results in JSON nor in XML", url,
                          type);
  }
  return read_answer(op, url, json ? STOA_RESULTS_JSON : STOA_RESULTS_XML, body, err);
}

static stoa_status ask(stoa_op *op, stoa_term endpoint, stoa_error *err)
{
  service_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  stoa_buf text = {0}, form = {0};
  bool any;
  if (!stoa_term_is_iri(endpoint)) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "the endpoint of SERVICE is %s",
                         stoa_term_is_bound(endpoint) ? "no IRI" : "a variable that nothing binds");
  }
  const char *const url = stoa_arena_copy(&s->arena, stoa_term_lexical(endpoint, &s->arena));
  if (!may_ask(op->run->context, url, &any)) {
    return stoa_error_at(err, STOA_DENIED, node->place,
                         "SERVICE <%s> is not allowed here; name it under endpoints: in stoa.yaml", url);
  }
  write_query(op, &text);
  stoa_buf_text(&form, "query=");
  stoa_percent_write((stoa_slice){text.data, text.length}, STOA_PERCENT_FORM, &form);
  stoa_error failed = {0};
  const stoa_status status = request(op, url, any, (stoa_slice){form.data, form.length}, &failed);
  stoa_buf_done(&text);
  stoa_buf_done(&form);
  return status == STOA_OK ? STOA_OK : stoa_error_at(err, status, node->place, "SERVICE %s", failed.text);
}

// Blank nodes of two answers are different ones.
static void relabel(stoa_op *op)
{
  service_state *const s = op->state;
  const size_t n = (size_t)s->answer.n_rows * s->answer.n_columns;
  stoa_term *const rows = (stoa_term *)s->answer.rows;
  for (size_t i = 0; i < n; ++i) {
    if (rows[i].kind == STOA_TERM_BLANK) {
      const char *const label =
        stoa_arena_print(&s->arena, "s%llu_%.*s", (unsigned long long)s->number, (int)rows[i].length, rows[i].as.text);
      rows[i] = stoa_term_blank(stoa_slice_of(label));
    }
  }
}

static int column_of(const stoa_op *op, const char *name)
{
  const stoa_query *const q = op->run->plan->query;
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    if (op->node->vars[i] < q->n_vars && strcmp(q->names[op->node->vars[i]], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

static void map_columns(stoa_op *op)
{
  service_state *const s = op->state;
  s->columns = STOA_NEWS(&s->arena, int, s->answer.n_columns + 1);
  s->row_column = -1;
  for (uint32_t i = 0; i < s->answer.n_columns; ++i) {
    const bool is_row = strcmp(s->answer.names[i], row_variable) == 0;
    s->columns[i] = is_row ? -1 : column_of(op, s->answer.names[i]);
    s->row_column = is_row ? (int)i : s->row_column;
  }
}

// A plain answer serves all rows that ask its endpoint plainly, also those of later batches.
static bool serves(const service_state *s, stoa_term endpoint)
{
  return s->plain && !s->failed && stoa_term_is_bound(s->asked) && stoa_term_same(s->asked, endpoint);
}

static stoa_status ask_anew(stoa_op *op, stoa_term endpoint, bool plain, stoa_error *err)
{
  service_state *const s = op->state;
  stoa_arena_reset(&s->arena);
  s->answer = (stoa_results){0};
  s->asked = (stoa_term){0};
  s->number = op->run->n_blanks++;
  s->plain = plain;
  const stoa_status status = ask(op, endpoint, err);
  s->failed = status != STOA_OK && op->node->node->silent;
  if (status != STOA_OK) {
    STOA_TRY(stoa_op_check(op, err)); // cancelled or late is not silenced
    return s->failed ? STOA_OK : status;
  }
  s->asked = stoa_term_copy(endpoint, &s->arena);
  relabel(op);
  map_columns(op);
  if (!plain && s->row_column < 0 && s->answer.n_rows) {
    return stoa_error_at(err, STOA_UNAVAILABLE, op->node->node->place,
                         "SERVICE: the answer has no column ?%s, which the query sent in VALUES", row_variable);
  }
  return STOA_OK;
}

// The rows of `in` that ask the same endpoint as `first`, which was not asked yet.
static stoa_status open_answer(stoa_op *op, uint32_t first, stoa_error *err)
{
  service_state *const s = op->state;
  const stoa_term endpoint = endpoint_of(op, first);
  s->n_members = 0;
  s->at = 0;
  for (uint32_t row = first; row < s->in->n_rows; ++row) {
    if (!s->sent[row] && stoa_term_same(endpoint_of(op, row), endpoint)) {
      s->sent[row] = true;
      s->members[s->n_members++] = row;
    }
  }
  const bool plain = !choose_columns(op);
  return plain && serves(s, endpoint) ? STOA_OK : ask_anew(op, endpoint, plain, err);
}

static uint64_t answers_left(const service_state *s)
{
  const uint64_t pairs = (uint64_t)s->answer.n_rows * (s->plain ? s->n_members : 1);
  return (s->failed ? s->n_members : pairs) - s->at;
}

static void write_left(stoa_op *op, uint32_t member)
{
  const service_state *const s = op->state;
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    const int column = stoa_plan_column(op->node->inputs[0], op->node->vars[i]);
    op->batch.columns[i][op->batch.n_rows] = column < 0 ? (stoa_term){0} : s->in->columns[column][s->members[member]];
  }
}

// A bound variable keeps its term: the endpoint has compared it, unless it is a blank node, which is no other one.
static bool write_answer(stoa_op *op, const stoa_term *row)
{
  const service_state *const s = op->state;
  for (uint32_t i = 0; i < s->answer.n_columns; ++i) {
    if (s->columns[i] < 0 || !stoa_term_is_bound(row[i])) {
      continue;
    }
    stoa_term *const cell = &op->batch.columns[s->columns[i]][op->batch.n_rows];
    if (cell->kind == STOA_TERM_BLANK) {
      return false;
    }
    *cell = stoa_term_is_bound(*cell) ? *cell : row[i];
  }
  return true;
}

static void write_next(stoa_op *op)
{
  service_state *const s = op->state;
  const uint64_t at = s->at++;
  if (s->failed) {
    write_left(op, (uint32_t)at);
    op->batch.n_rows++;
    return;
  }
  const stoa_term *const row = s->answer.rows + (size_t)(s->plain ? at / s->n_members : at) * s->answer.n_columns;
  const stoa_term number = s->plain ? stoa_term_integer((int64_t)(at % s->n_members)) : row[s->row_column];
  if (number.kind != STOA_TERM_INTEGER || number.as.integer < 0 || number.as.integer >= s->n_members) {
    return; // an endpoint that does not keep to VALUES
  }
  write_left(op, (uint32_t)number.as.integer);
  op->batch.n_rows += write_answer(op, row);
}

static uint32_t next_unsent(const service_state *s)
{
  uint32_t row = 0;
  while (s->in && row < s->in->n_rows && s->sent[row]) {
    ++row;
  }
  return row;
}

static stoa_status service_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  service_state *const s = op->state;
  op->batch.n_rows = 0;
  *out = NULL;
  while (op->batch.n_rows < STOA_BATCH_ROWS) {
    if (answers_left(s)) {
      write_next(op);
      continue;
    }
    if (op->batch.n_rows) {
      break; // its terms are lent by the answer and the left rows
    }
    const uint32_t row = next_unsent(s);
    if (s->in && row < s->in->n_rows) {
      STOA_TRY(open_answer(op, row, err));
      STOA_TRY(stoa_op_check(op, err));
      continue;
    }
    STOA_TRY(stoa_op_pull(op, 0, &s->in, err));
    if (!s->in) {
      return STOA_OK;
    }
    memset(s->sent, 0, STOA_BATCH_ROWS * sizeof *s->sent);
  }
  *out = &op->batch;
  return STOA_OK;
}

static void service_close(stoa_op *op)
{
  service_state *const s = op->state;
  if (s) {
    stoa_arena_done(&s->arena);
  }
}

const stoa_op_class stoa_op_service = {"service", service_open, service_next, service_close};
