#include "graph/source/source.h"
#include <string.h>

stoa_status stoa_source_open(const char *driver, const char *name, const char *address, stoa_source **out,
                             stoa_error *err)
{
  static const struct {
    const char *driver;
    stoa_status (*open)(const char *name, const char *address, stoa_source **out, stoa_error *err);
  } drivers[] = {{"sqlite", stoa_source_sqlite_new},
                 {"postgres", stoa_source_postgres_new},
                 {"csv", stoa_source_csv_new},
                 {"odbc", stoa_source_odbc_new}};
  for (size_t i = 0; i < sizeof drivers / sizeof *drivers; ++i) {
    if (strcmp(drivers[i].driver, driver) == 0) {
      return drivers[i].open(name, address, out, err);
    }
  }
  return stoa_error_set(err, STOA_BAD_ARG, "unknown driver \"%s\"; use sqlite, postgres, odbc or csv", driver);
}

void stoa_source_free(stoa_source *source)
{
  if (source) {
    source->klass->free(source);
  }
}
