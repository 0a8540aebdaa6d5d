#ifndef STOA_ONTOLOGY_NAMES_H
#define STOA_ONTOLOGY_NAMES_H

#include "graph/base/buf.h"
#include "graph/source/catalog.h"

/// What names of a database look like in an ontology.

/// customer_id, CUSTOMER_ID and CustomerId are :customerId.
void stoa_name_property(const char *column, stoa_buf *out);
/// ... and :CustomerId as a class.
void stoa_name_class(const char *table, stoa_buf *out);
/// household_id refers to a :household; a key of several columns is named after the table that it points to.
void stoa_name_reference(const stoa_foreign_key *key, stoa_buf *out);

#endif
