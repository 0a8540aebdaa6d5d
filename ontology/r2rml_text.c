#include "ontology/r2rml_text.h"
#include "graph/base/code.h"
#include "graph/source/dialect.h"
#include "graph/term/vocab.h"
#include <string.h>

// Percent-encoding of a name in an IRI (section 2.1): all but letters, digits, "-._~" and what is beyond ASCII.
void stoa_r2rml_name(const char *name, stoa_buf *out)
{
  stoa_percent_write(stoa_slice_of(name), STOA_PERCENT_IUNRESERVED, out);
}

// Text within a Turtle string.
void stoa_r2rml_text(const char *text, stoa_buf *out)
{
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\') {
      stoa_buf_byte(out, '\\');
    }
    stoa_buf_byte(out, *text);
  }
}

// A column within a template within a Turtle string.
void stoa_r2rml_column(const char *name, stoa_buf *out)
{
  stoa_buf_byte(out, '{');
  for (; *name; ++name) {
    if (strchr("{}\\", *name)) {
      stoa_buf_text(out, "\\\\");
    }
    const char one[] = {*name, '\0'};
    stoa_r2rml_text(one, out);
  }
  stoa_buf_byte(out, '}');
}

static void print_table(const stoa_table_info *t, stoa_buf *sql)
{
  if (t->sql) {
    stoa_buf_text(sql, t->sql);
  } else {
    stoa_sql_name(t->name, sql);
  }
}

static void print_query(const stoa_table_info *t, const char *only, stoa_buf *out)
{
  stoa_buf sql = {0};
  if (t->n_primary) {
    stoa_buf_text(&sql, "SELECT * FROM ");
  } else {
    stoa_buf_print(&sql, "SELECT %s AS \"%s\", t.* FROM ", only[0] ? "CAST(ctid AS text)" : t->row_id, STOA_R2RML_ROW);
  }
  stoa_buf_text(&sql, only);
  print_table(t, &sql);
  stoa_buf_text(&sql, " t");
  stoa_buf_text(out, "rr:logicalTable [ rr:sqlQuery \"");
  stoa_r2rml_text(stoa_buf_string(&sql), out);
  stoa_buf_text(out, "\" ] ; stoa:key ");
  for (uint32_t i = 0; i < t->n_primary; ++i) {
    stoa_buf_text(out, i ? ", \"" : "\"");
    stoa_r2rml_text(t->primary[i], out);
    stoa_buf_byte(out, '"');
  }
  stoa_buf_print(out, t->n_primary ? "%s" : "\"%s\"", t->n_primary ? "" : STOA_R2RML_ROW);
  stoa_buf_done(&sql);
}

void stoa_r2rml_table(const stoa_table_info *t, stoa_buf *out)
{
  if (t->n_primary) {
    stoa_buf_text(out, "rr:logicalTable [ rr:tableName \"");
    stoa_r2rml_text(t->name, out);
    stoa_buf_text(out, "\" ]");
    return;
  }
  print_query(t, "", out);
}

void stoa_r2rml_own_rows(const stoa_table_info *t, stoa_buf *out)
{
  if (t->has_children) {
    print_query(t, "ONLY ", out);
  } else {
    stoa_r2rml_table(t, out);
  }
}

bool stoa_r2rml_has_rows(const stoa_table_info *table)
{
  return table->n_primary > 0 || table->row_id;
}

bool stoa_r2rml_has_own_rows(const stoa_table_info *table)
{
  return stoa_r2rml_has_rows(table) || table->has_children; // ctid tells them apart
}

// A key that names no columns points to the primary key.
const char *stoa_r2rml_parent_column(const stoa_foreign_key *key, const stoa_table_info *parent, uint32_t i)
{
  return key->to[i][0] ? key->to[i] : i < parent->n_primary ? parent->primary[i] : "";
}

void stoa_r2rml_join(const stoa_foreign_key *key, const stoa_table_info *parent, stoa_buf *out)
{
  stoa_buf_text(out, "rr:parentTriplesMap <#");
  stoa_r2rml_name(parent->name, out);
  stoa_buf_text(out, ">");
  for (uint32_t i = 0; i < key->n; ++i) {
    stoa_buf_text(out, " ; rr:joinCondition [ rr:child \"");
    stoa_r2rml_text(key->from[i], out);
    stoa_buf_text(out, "\" ; rr:parent \"");
    stoa_r2rml_text(stoa_r2rml_parent_column(key, parent, i), out);
    stoa_buf_text(out, "\" ]");
  }
}
