#include "graph/source/source.h"

void stoa_source_free(stoa_source *source)
{
  if (source) {
    source->klass->free(source);
  }
}
