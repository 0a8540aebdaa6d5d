#ifndef STOA_SERVER_HTTP_MEDIA_H
#define STOA_SERVER_HTTP_MEDIA_H

#include "graph/result/answer.h"

/// The format that an Accept header wants most among those that a form of query has (RFC 9110, section 12.5.1), the
/// first of equals; of an empty header the usual one.  False when none of them can be given (406).
bool stoa_media_choose(stoa_slice accept, stoa_form form, stoa_format *out);

#endif
