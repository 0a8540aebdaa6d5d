#include "ontology/mapped.h"
#include "ontology/direct.h"

static const char *driver_of(const char *url, const char **address)
{
  static const struct {
    const char *prefix, *driver;
    bool keeps; ///< the prefix is part of the address
  } schemes[] = {{"sqlite:", "sqlite", false},
                 {"postgresql:", "postgres", true},
                 {"postgres:", "postgres", true},
                 {"odbc:", "odbc", false},
                 {"csv:", "csv", false}};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; ++i) {
    const size_t n = strlen(schemes[i].prefix);
    if (strncmp(url, schemes[i].prefix, n) == 0) {
      *address = url + (schemes[i].keeps ? 0 : n);
      return schemes[i].driver;
    }
  }
  return NULL;
}

stoa_status stoa_mapped_open(const char *url, stoa_mapped *out, stoa_error *err)
{
  *out = (stoa_mapped){0};
  stoa_arena_init(&out->arena, 0);
  out->driver = driver_of(url, &out->address);
  if (!out->driver) {
    return stoa_error_set(err, STOA_BAD_ARG,
                          "source \"%s\": use sqlite:FILE, postgresql://..., odbc:CONNECTION or csv:FOLDER", url);
  }
  STOA_TRY(stoa_source_open(out->driver, "source", out->address, &out->source, err));
  return out->source->klass->describe(out->source, &out->arena, &out->catalog, err);
}

static void use_model(stoa_mapped *m, stoa_model *model, const char *base, stoa_faults *faults)
{
  m->hierarchy.arena = &m->arena;
  stoa_mapping_init(&m->mapping, &m->arena);
  stoa_mapping_add(&m->mapping, model, m->source, m->catalog, base, &m->hierarchy, faults);
}

stoa_status stoa_mapped_read(stoa_mapped *m, const char *file, const char *base, stoa_faults *faults, stoa_error *err)
{
  stoa_model *const model = stoa_model_new();
  const stoa_status status = stoa_model_load(model, file, base, err);
  if (status == STOA_OK) {
    use_model(m, model, base, faults);
  }
  stoa_model_free(model);
  return status;
}

stoa_status stoa_mapped_direct(stoa_mapped *m, const char *base, stoa_faults *faults, stoa_error *err)
{
  stoa_model *const model = stoa_model_new();
  stoa_buf text = {0};
  stoa_direct_write(m->catalog, base, &text);
  const stoa_status status =
    stoa_model_load_text(model, (stoa_slice){text.data, text.length}, "(direct mapping)", base, err);
  if (status == STOA_OK) {
    use_model(m, model, base, faults);
  }
  stoa_buf_done(&text);
  stoa_model_free(model);
  return status;
}

void stoa_mapped_done(stoa_mapped *m)
{
  stoa_source_free(m->source);
  stoa_arena_done(&m->arena);
}
