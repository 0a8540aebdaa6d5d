#include "ontology/direct.h"
#include "graph/term/vocab.h"
#include "ontology/r2rml_text.h"

static void write_subject(const stoa_table_info *t, const char *base, stoa_buf *out)
{
  stoa_buf_text(out, "  rr:subjectMap [ rr:template \"");
  if (t->n_primary == 0) {
    stoa_r2rml_name(t->name, out);
    stoa_buf_print(out, "/{%s}\" ; rr:termType rr:BlankNode", STOA_R2RML_ROW);
  } else {
    stoa_buf_text(out, base);
    stoa_r2rml_name(t->name, out);
    for (uint32_t i = 0; i < t->n_primary; ++i) {
      stoa_buf_byte(out, i ? ';' : '/');
      stoa_r2rml_name(t->primary[i], out);
      stoa_buf_byte(out, '=');
      stoa_r2rml_column(t->primary[i], out);
    }
    stoa_buf_byte(out, '"');
  }
  stoa_buf_print(out, " ; rr:class <%s", base);
  stoa_r2rml_name(t->name, out);
  stoa_buf_text(out, "> ]");
}

static void write_property(const stoa_table_info *t, const stoa_column_info *column, const char *base, stoa_buf *out)
{
  stoa_buf_print(out, " ;\n  rr:predicateObjectMap [ rr:predicate <%s", base);
  stoa_r2rml_name(t->name, out);
  stoa_buf_byte(out, '#');
  stoa_r2rml_name(column->name, out);
  stoa_buf_text(out, "> ; rr:objectMap [ rr:column \"");
  stoa_r2rml_text(column->name, out);
  stoa_buf_text(out, "\" ] ]");
}

static void write_reference(const stoa_table_info *t, const stoa_foreign_key *key, const stoa_table_info *parent,
                            const char *base, stoa_buf *out)
{
  stoa_buf_print(out, " ;\n  rr:predicateObjectMap [ rr:predicate <%s", base);
  stoa_r2rml_name(t->name, out);
  stoa_buf_text(out, "#ref-");
  for (uint32_t i = 0; i < key->n; ++i) {
    stoa_buf_text(out, i ? ";" : "");
    stoa_r2rml_name(key->from[i], out);
  }
  stoa_buf_text(out, "> ; rr:objectMap [ ");
  stoa_r2rml_join(key, parent, out);
  stoa_buf_text(out, " ] ]");
}

void stoa_direct_write(const stoa_catalog *catalog, const char *base, stoa_buf *out)
{
  stoa_buf_text(out, "@prefix rr: <" STOA_RR "> .\n@prefix stoa: <" STOA_NS "> .\n");
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    const stoa_table_info *const t = &catalog->tables[i];
    if (!stoa_r2rml_has_rows(t)) {
      continue;
    }
    stoa_buf_text(out, "\n<#");
    stoa_r2rml_name(t->name, out);
    stoa_buf_text(out, ">\n  ");
    stoa_r2rml_table(t, out);
    stoa_buf_text(out, " ;\n");
    write_subject(t, base, out);
    for (uint32_t c = 0; c < t->n_columns; ++c) {
      write_property(t, &t->columns[c], base, out);
    }
    for (uint32_t f = 0; f < t->n_foreign; ++f) {
      const stoa_table_info *const parent = stoa_catalog_find(catalog, t->foreign[f].table);
      if (parent && stoa_r2rml_has_rows(parent)) {
        write_reference(t, &t->foreign[f], parent, base, out);
      }
    }
    stoa_buf_text(out, " .\n");
  }
}
