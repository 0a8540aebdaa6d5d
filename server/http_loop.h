#ifndef STOA_SERVER_HTTP_LOOP_H
#define STOA_SERVER_HTTP_LOOP_H

#include "graph/base/slice.h"
#include <stdbool.h>

/// The base paths of the Personalizer's API.  A client is given an endpoint and adds /personalizer/VERSION to it: the
/// endpoint http://HOST has the first policy for its loop, http://HOST/loops/NAME the policy NAME.

/// What comes before the path of a call in the service's description.
typedef struct {
  stoa_slice loop; ///< percent-encoded, as it came; empty: none is named
  stoa_slice rest; ///< of the path, as it comes: a call's begins with a slash
} stoa_http_loop;

/// Take a path apart; false when it is none of that API, or of a version that is not spoken.  `out` lies in the path.
bool stoa_http_loop_read(stoa_slice path, stoa_http_loop *out);

#endif
