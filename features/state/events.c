// Event types: their declaration in stoa.yaml, and the mapping that makes acknowledged events part of
// the graph.
#include "features/state/state.h"
#include "graph/base/buf.h"
#include "graph/base/iri.h"
#include "graph/source/catalog.h"
#include "graph/term/vocab.h"
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

// It goes into the state's mapping as it is.
static stoa_status need_iri(const char *what, const char *iri, stoa_place place, stoa_error *err)
{
  return !iri || (stoa_iri_is_absolute(stoa_slice_of(iri)) && stoa_iri_is_clean(stoa_slice_of(iri)))
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, place, "%s \"%s\" is no absolute IRI", what, iri);
}

// Names are columns of the state's table, where capitals make no difference.
static stoa_status read_field_name(const stoa_yaml *node, const stoa_event_type *type, stoa_error *err)
{
  for (const char *c = node->key; *c; ++c) {
    if (!isalnum((unsigned char)*c) && *c != '_') {
      return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "field \"%s\": names are letters, digits and _",
                           node->key);
    }
  }
  if (!node->key[0] || strcasecmp(node->key, "log_offset") == 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "a field cannot be named \"%s\"", node->key);
  }
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (strcasecmp(type->fields[i], node->key) == 0) {
      return stoa_error_at(err, STOA_EXISTS, node->key_place,
                           "field \"%s\" and field \"%s\" differ by capitals alone; name one otherwise", node->key,
                           type->fields[i]);
    }
  }
  return STOA_OK;
}

static stoa_status read_field(const stoa_yaml *node, stoa_arena *arena, stoa_event_type *out, stoa_error *err)
{
  static const char *const keys[] = {"property", "type", "iri", NULL};
  static const struct {
    const char *name, *sql, *datatype;
  } types[] = {{"string", "TEXT", NULL},     {"integer", "INTEGER", NULL},    {"double", "REAL", NULL},
               {"boolean", "BOOLEAN", NULL}, {"dateTime", "TIMESTAMP", NULL}, {"date", "DATE", NULL}};
  const uint32_t n = out->n_fields;
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, keys, err));
  if (n == STOA_EVENT_FIELDS) {
    return stoa_error_at(err, STOA_LIMIT, node->key_place, "an event type has at most %d fields", STOA_EVENT_FIELDS);
  }
  STOA_TRY(stoa_yaml_name(node->key, "the field", node->key_place, err));
  STOA_TRY(read_field_name(node, out, err));
  const char *const type = stoa_yaml_text(node, "type", "string");
  out->fields[n] = node->key;
  out->places[n] = node->key_place;
  out->words[n] = type;
  out->properties[n] = stoa_yaml_text(node, "property", NULL);
  out->iris[n] = stoa_yaml_text(node, "iri", NULL);
  STOA_TRY(need_iri("property", out->properties[n], node->key_place, err));
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    if (strcmp(types[i].name, type) == 0) {
      out->types[n] = types[i].sql;
      out->datatypes[n] = types[i].datatype;
    }
  }
  int precision = 0, scale = 0, end = 0;
  if (sscanf(type, "decimal(%2d,%2d)%n", &precision, &scale, &end) == 2 && (size_t)end == strlen(type) &&
      precision > 0 && scale >= 0 && scale <= precision) {
    out->types[n] = stoa_arena_print(arena, "DECIMAL%s", type + 7);
  }
  if (!out->types[n]) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "type")->place,
                         "unknown type \"%s\"; use string, integer, double, decimal(p,s), boolean, date or dateTime",
                         type);
  }
  out->n_fields++;
  return STOA_OK;
}

static int find_field(const stoa_event_type *type, const char *name)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (strcmp(type->fields[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

// What would make events that are one to the graph, or that no window counts.
static stoa_status check_type(const stoa_yaml *node, const stoa_event_type *type, stoa_arena *arena, stoa_error *err)
{
  const stoa_yaml *const subject = stoa_yaml_find(node, "subject"), *const time = stoa_yaml_find(node, "time");
  if (strcmp(type->types[find_field(type, type->time)], "TIMESTAMP") != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, time ? time->place : type->places[find_field(type, type->time)],
                         "event type \"%s\": its time \"%s\" must be of type dateTime", type->name, type->time);
  }
  const int known = type->known ? find_field(type, type->known) : 0;
  if (type->known && (known < 0 || strcmp(type->types[known], "TIMESTAMP") != 0)) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "known")->place,
                         "event type \"%s\": \"known\" is a field of type dateTime; \"%s\" is %s", type->name,
                         type->known, known < 0 ? "no field" : type->words[known]);
  }
  if (!strstr(type->subject, stoa_arena_print(arena, "{%s}", type->id))) {
    return stoa_error_at(err, STOA_BAD_ARG, subject ? subject->place : node->key_place,
                         "event type \"%s\": the subject must hold {%s}, or all events are one", type->name, type->id);
  }
  return STOA_OK;
}

static stoa_status read_type(const stoa_yaml *node, const char *base, stoa_arena *arena, stoa_event_type *out,
                             stoa_error *err)
{
  static const char *const keys[] = {"class", "subject", "id", "time", "known", "fields", "home", NULL};
  static const char *const texts[] = {"class", "subject", "id", "time", "known", NULL};
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  if (stoa_yaml_find(node, "home")) {
    return stoa_error_at(err, STOA_UNSUPPORTED, stoa_yaml_find(node, "home")->key_place,
                         "\"home\" is not supported yet; give the events a subject template of their own");
  }
  for (const char *c = node->key; *c; ++c) {
    if (!isalnum((unsigned char)*c) && *c != '_') {
      return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "event type \"%s\": names are letters, digits and _",
                           node->key);
    }
  }
  STOA_TRY(stoa_yaml_name(node->key, "the event type", node->key_place, err));
  out->name = node->key;
  out->place = node->key_place;
  out->table = stoa_arena_print(arena, "event_%s", node->key);
  out->class_iri = stoa_yaml_text(node, "class", NULL);
  out->id = stoa_yaml_text(node, "id", "id");
  out->time = stoa_yaml_text(node, "time", "at");
  out->known = stoa_yaml_text(node, "known", NULL);
  out->subject = stoa_yaml_text(node, "subject", stoa_arena_print(arena, "%sevent/%s/{%s}", base, node->key, out->id));
  if (!out->class_iri) {
    return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "event type \"%s\" needs a class", node->key);
  }
  out->class_place = stoa_yaml_find(node, "class")->place;
  STOA_TRY(need_iri("class", out->class_iri, out->class_place, err));
  const stoa_yaml *const fields = stoa_yaml_find(node, "fields");
  if (fields && fields->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_ARG, fields->place, "\"fields\" are {NAME: {type: ..., property: ...}, ...}");
  }
  for (uint32_t i = 0; fields && i < fields->n_items; ++i) {
    STOA_TRY(read_field(&fields->items[i], arena, out, err));
  }
  if (find_field(out, out->id) < 0 || find_field(out, out->time) < 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->key_place,
                         "event type \"%s\": fields need \"%s\" (its id) and \"%s\" (its time)", node->key, out->id,
                         out->time);
  }
  return check_type(node, out, arena, err);
}

stoa_status stoa_event_types_read(const stoa_yaml *config, const char *base, stoa_arena *arena, stoa_event_types *out,
                                  stoa_error *err)
{
  const stoa_yaml *const events = stoa_yaml_find(config, "events");
  for (uint32_t i = 0; events && i < events->n_items; ++i) {
    stoa_event_type type = {0};
    STOA_TRY(read_type(&events->items[i], base, arena, &type, err));
    for (uint32_t k = 0; k < out->n; ++k) {
      if (strcasecmp(out->items[k].name, type.name) == 0) {
        return stoa_error_at(err, STOA_EXISTS, type.place, "event types \"%s\" and \"%s\" differ by capitals alone",
                             type.name, out->items[k].name);
      }
    }
    STOA_PUSH(arena, out, type);
  }
  return STOA_OK;
}

static void check_iri(const stoa_event_type *type, const char *what, const char *iri, stoa_place place,
                      const stoa_hierarchy *hierarchy, stoa_faults *faults)
{
  stoa_error err = {0};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  if (!stoa_hierarchy_knows(hierarchy, iri)) {
    const char *const near = stoa_hierarchy_nearest(hierarchy, strcmp(what, "class") == 0, iri, &arena);
    stoa_error_at(&err, STOA_NOT_FOUND, place, "event type \"%s\": %s <%s> is not in the ontology%s%s%s", type->name,
                  what, iri, near ? "; did you mean <" : "", near ? near : "", near ? ">?" : "; declare it there");
  }
  if (err.status != STOA_OK) {
    stoa_faults_add(faults, &err, false);
  }
  stoa_arena_done(&arena);
}

void stoa_event_types_check(const stoa_event_types *types, const stoa_hierarchy *hierarchy, stoa_faults *faults)
{
  for (uint32_t t = 0; t < types->n; ++t) {
    const stoa_event_type *const type = &types->items[t];
    check_iri(type, "class", type->class_iri, type->class_place, hierarchy, faults);
    for (uint32_t i = 0; i < type->n_fields; ++i) {
      if (type->properties[i]) {
        check_iri(type, "property", type->properties[i], type->places[i], hierarchy, faults);
      }
    }
  }
}

static void turtle_string(stoa_buf *out, const char *text)
{
  stoa_buf_byte(out, '"');
  for (const char *c = text; *c; ++c) {
    if (*c == '"' || *c == '\\') {
      stoa_buf_byte(out, '\\');
    }
    stoa_buf_byte(out, *c);
  }
  stoa_buf_byte(out, '"');
}

// What a replay and the past have in the place of a table.
#define SELECT_FROM "SELECT * FROM \""

bool stoa_state_is_table(const char *text, const char *table)
{
  const size_t n = sizeof SELECT_FROM - 1, length = strlen(table);
  return strcmp(text, table) == 0 || (strncmp(text, SELECT_FROM, n) == 0 &&
                                      strncmp(text + n, table, length) == 0 && text[n + length] == '"');
}

// A table as it is, or with a condition.
static void write_table(const char *table, const char *condition, const char *key, stoa_buf *out)
{
  stoa_buf text = {0};
  if (!condition) {
    stoa_buf_print(out, "rr:logicalTable [ rr:tableName \"%s\" ] ;\n", table);
    return;
  }
  stoa_buf_print(&text, SELECT_FROM "%s\" WHERE %s", table, condition);
  stoa_buf_text(out, "rr:logicalTable [ rr:sqlQuery ");
  turtle_string(out, stoa_buf_string(&text));
  stoa_buf_print(out, " ] ; stoa:key \"%s\" ;\n", key);
  stoa_buf_done(&text);
}

// An event may leave out when it was known: then it was when it came.
static const char *condition_of(const stoa_event_type *type, stoa_log_reach reach, stoa_arena *arena)
{
  static const char by_offset[] = "\"log_offset\" <= stoa_known()";
  const bool says = reach == STOA_LOG_PAST && type->known && find_field(type, type->known) >= 0;
  return reach == STOA_LOG_WHOLE ? NULL
         : says                  ? stoa_arena_print(arena, "COALESCE(stoa_knows(\"%s\"), %s)", type->known, by_offset)
                                 : by_offset;
}

static void write_arrival(const char *predicate, const char *column, stoa_buf *out)
{
  stoa_buf_print(out,
                 " ;\n rr:predicateObjectMap [ rr:predicate <%s> ; rr:objectMap [ rr:column \"%s\" ] ; rr:graph "
                 "<" STOA_LOG_GRAPH "> ]",
                 predicate, column);
}

static void write_type(const stoa_event_type *type, stoa_log_reach reach, stoa_arena *arena, stoa_buf *out)
{
  stoa_buf_print(out, "<#event_%s> ", type->name);
  write_table(type->table, condition_of(type, reach, arena), type->id, out);
  stoa_buf_text(out, " rr:subjectMap [ rr:template ");
  turtle_string(out, type->subject);
  stoa_buf_print(out, " ; rr:class <%s> ]", type->class_iri);
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (!type->properties[i]) {
      continue;
    }
    stoa_buf_print(out, " ;\n rr:predicateObjectMap [ rr:predicate <%s> ; rr:objectMap [ ", type->properties[i]);
    if (type->iris[i]) {
      stoa_buf_text(out, "rr:template ");
      turtle_string(out, type->iris[i]);
    } else {
      stoa_buf_print(out, "rr:column \"%s\"", type->fields[i]);
    }
    stoa_buf_text(out, " ] ]");
  }
  if (reach == STOA_LOG_PAST) {
    write_arrival(STOA_LOG_OFFSET, "log_offset", out);
  }
  if (reach == STOA_LOG_PAST && type->known && find_field(type, type->known) >= 0) {
    write_arrival(STOA_LOG_KNOWN, type->known, out);
  }
  stoa_buf_text(out, " .\n");
}

const char *stoa_state_mapping(const stoa_event_types *types, stoa_log_reach reach, stoa_arena *arena)
{
  static const char prefixes[] =
    "@prefix rr: <" STOA_RR "> .\n@prefix xsd: <" STOA_XSD "> .\n@prefix stoa: <" STOA_NS "> .\n";
  static const char decisions[] =
    " rr:subjectMap [ rr:template \"decision/{event_id}\" ; rr:class stoa:Decision ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:eventId ; rr:objectMap [ rr:column \"event_id\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:policy ; rr:objectMap [ rr:column \"policy\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:action ; rr:objectMap [ rr:column \"action\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:probability ; rr:objectMap [ rr:column \"probability\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:decidedAt ; rr:objectMap [ rr:column \"at\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:modelOffset ; rr:objectMap [ rr:column \"model_offset\" ] ] .\n"
    "<#subject> rr:logicalTable [ rr:sqlQuery \"SELECT d.event_id AS event_id, s.entity_iri AS entity_iri FROM "
    "decision d JOIN subject s ON s.id = d.subject";
  static const char subjects[] =
    "\" ] ;\n"
    " stoa:key \"event_id\" ;\n"
    " rr:subjectMap [ rr:template \"decision/{event_id}\" ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:subject ; rr:objectMap [ rr:column \"entity_iri\" ; rr:termType rr:IRI "
    "] ] .\n";
  static const char rewards[] =
    " rr:subjectMap [ rr:template \"reward/{offset}\" ; rr:class stoa:Reward ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:rewardFor ; rr:objectMap [ rr:template \"decision/{event_id}\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:value ; rr:objectMap [ rr:column \"value\" ] ] ;\n"
    " rr:predicateObjectMap [ rr:predicate stoa:rewardedAt ; rr:objectMap [ rr:column \"at\" ] ] .\n";
  const char *const known = reach == STOA_LOG_WHOLE ? NULL : "\"offset\" <= stoa_known()";
  stoa_buf text = {0};
  stoa_buf_print(&text, "%s<#decision> ", prefixes);
  write_table("decision", known, "event_id", &text);
  stoa_buf_text(&text, decisions);
  stoa_buf_print(&text, "%s%s<#reward> ", known ? " WHERE d.offset <= stoa_known()" : "", subjects);
  write_table("reward", known, "offset", &text);
  stoa_buf_text(&text, rewards);
  for (uint32_t i = 0; i < types->n; ++i) {
    write_type(&types->items[i], reach, arena, &text);
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}
