#include "ontology/direct.h"
#include "graph/base/arena.h"
#include "graph/term/vocab.h"
#include <string.h>

static const char row_number[] = "stoa row";

// Percent-encoding of a name in an IRI (section 2.1): all but letters, digits, "-._~" and what is beyond ASCII.
static void write_name(const char *name, stoa_buf *out)
{
  for (const unsigned char *c = (const unsigned char *)name; *c; ++c) {
    const bool plain =
      *c >= 0x80 || (*c >= '0' && *c <= '9') || ((*c | 32) >= 'a' && (*c | 32) <= 'z') || strchr("-._~", *c) != NULL;
    stoa_buf_print(out, plain ? "%c" : "%%%02X", *c);
  }
}

// Text within a Turtle string.
static void write_quoted(const char *text, stoa_buf *out)
{
  for (; *text; ++text) {
    if (*text == '"' || *text == '\\') {
      stoa_buf_byte(out, '\\');
    }
    stoa_buf_byte(out, *text);
  }
}

// A column within a template within a Turtle string.
static void write_template_column(const char *name, stoa_buf *out)
{
  stoa_buf_byte(out, '{');
  for (; *name; ++name) {
    if (strchr("{}\\", *name)) {
      stoa_buf_text(out, "\\\\");
    }
    const char one[] = {*name, '\0'};
    write_quoted(one, out);
  }
  stoa_buf_byte(out, '}');
}

static void write_identifier(const char *name, stoa_buf *out)
{
  stoa_buf_byte(out, '"');
  for (; *name; ++name) {
    if (*name == '"') {
      stoa_buf_byte(out, '"');
    }
    stoa_buf_byte(out, *name);
  }
  stoa_buf_byte(out, '"');
}

static void write_table(const stoa_table_info *t, stoa_buf *out)
{
  stoa_buf sql = {0};
  if (t->n_primary) {
    stoa_buf_text(out, "  rr:logicalTable [ rr:tableName \"");
    write_quoted(t->name, out);
    stoa_buf_text(out, "\" ] ;\n");
    return;
  }
  stoa_buf_print(&sql, "SELECT %s AS \"%s\", t.* FROM ", t->row_id, row_number);
  write_identifier(t->name, &sql);
  stoa_buf_text(&sql, " t");
  stoa_buf_text(out, "  rr:logicalTable [ rr:sqlQuery \"");
  write_quoted(stoa_buf_string(&sql), out);
  stoa_buf_print(out, "\" ] ; stoa:key \"%s\" ;\n", row_number);
  stoa_buf_done(&sql);
}

static void write_subject(const stoa_table_info *t, const char *base, stoa_buf *out)
{
  stoa_buf_text(out, "  rr:subjectMap [ rr:template \"");
  if (t->n_primary == 0) {
    write_name(t->name, out);
    stoa_buf_print(out, "/{%s}\" ; rr:termType rr:BlankNode", row_number);
  } else {
    stoa_buf_text(out, base);
    write_name(t->name, out);
    for (uint32_t i = 0; i < t->n_primary; ++i) {
      stoa_buf_byte(out, i ? ';' : '/');
      write_name(t->primary[i], out);
      stoa_buf_byte(out, '=');
      write_template_column(t->primary[i], out);
    }
    stoa_buf_byte(out, '"');
  }
  stoa_buf_print(out, " ; rr:class <%s", base);
  write_name(t->name, out);
  stoa_buf_text(out, "> ]");
}

static void write_property(const stoa_table_info *t, const stoa_column_info *column, const char *base, stoa_buf *out)
{
  stoa_buf_print(out, " ;\n  rr:predicateObjectMap [ rr:predicate <%s", base);
  write_name(t->name, out);
  stoa_buf_byte(out, '#');
  write_name(column->name, out);
  stoa_buf_text(out, "> ; rr:objectMap [ rr:column \"");
  write_quoted(column->name, out);
  stoa_buf_text(out, "\" ] ]");
}

static void write_reference(const stoa_table_info *t, const stoa_foreign_key *key, const stoa_table_info *parent,
                            const char *base, stoa_buf *out)
{
  stoa_buf_print(out, " ;\n  rr:predicateObjectMap [ rr:predicate <%s", base);
  write_name(t->name, out);
  stoa_buf_text(out, "#ref-");
  for (uint32_t i = 0; i < key->n; ++i) {
    stoa_buf_text(out, i ? ";" : "");
    write_name(key->from[i], out);
  }
  stoa_buf_text(out, "> ; rr:objectMap [ rr:parentTriplesMap <#");
  write_name(parent->name, out);
  stoa_buf_text(out, ">");
  for (uint32_t i = 0; i < key->n; ++i) {
    // A key that names no columns points to the primary key.
    const char *const to = key->to[i][0] ? key->to[i] : i < parent->n_primary ? parent->primary[i] : "";
    stoa_buf_text(out, " ; rr:joinCondition [ rr:child \"");
    write_quoted(key->from[i], out);
    stoa_buf_text(out, "\" ; rr:parent \"");
    write_quoted(to, out);
    stoa_buf_text(out, "\" ]");
  }
  stoa_buf_text(out, " ] ]");
}

static bool has_rows(const stoa_table_info *t)
{
  return t->n_primary > 0 || t->row_id;
}

void stoa_direct_write(const stoa_catalog *catalog, const char *base, stoa_buf *out)
{
  stoa_buf_text(out, "@prefix rr: <" STOA_RR "> .\n@prefix stoa: <" STOA_NS "> .\n");
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    const stoa_table_info *const t = &catalog->tables[i];
    if (!has_rows(t)) {
      continue;
    }
    stoa_buf_text(out, "\n<#");
    write_name(t->name, out);
    stoa_buf_text(out, ">\n");
    write_table(t, out);
    write_subject(t, base, out);
    for (uint32_t c = 0; c < t->n_columns; ++c) {
      write_property(t, &t->columns[c], base, out);
    }
    for (uint32_t f = 0; f < t->n_foreign; ++f) {
      const stoa_table_info *const parent = stoa_catalog_find(catalog, t->foreign[f].table);
      if (parent && has_rows(parent)) {
        write_reference(t, &t->foreign[f], parent, base, out);
      }
    }
    stoa_buf_text(out, " .\n");
  }
}
