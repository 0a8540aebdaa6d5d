#include "server/http_form.h"
#include "graph/base/code.h"

void stoa_form_decode(stoa_slice text, bool plus, stoa_buf *out)
{
  out->length = 0;
  stoa_buf_slice(out, text);
  for (size_t i = 0; plus && i < out->length; ++i) {
    out->data[i] = out->data[i] == '+' ? ' ' : out->data[i];
  }
  if (out->length) {
    out->length = stoa_percent_read((stoa_slice){out->data, out->length}, false, out->data);
  }
}

// What stands before the next "&"; `form` goes on behind it.
static stoa_slice next_part(stoa_slice *form)
{
  const char *const end = memchr(form->data, '&', form->length);
  const stoa_slice one = {form->data, end ? (size_t)(end - form->data) : form->length};
  const size_t step = one.length + (end != NULL);
  *form = (stoa_slice){form->data + step, form->length - step};
  return one;
}

bool stoa_form_step(stoa_slice *form, stoa_buf *name)
{
  while (form->length) {
    const stoa_slice one = next_part(form);
    if (one.length) {
      const char *const sign = memchr(one.data, '=', one.length);
      stoa_form_decode((stoa_slice){one.data, sign ? (size_t)(sign - one.data) : one.length}, true, name);
      return true;
    }
  }
  return false;
}

bool stoa_form_next(stoa_slice *form, const char *name, stoa_buf *out)
{
  const size_t length = strlen(name);
  while (form->length) {
    const stoa_slice one = next_part(form);
    if (one.length > length && one.data[length] == '=' && memcmp(one.data, name, length) == 0) {
      stoa_form_decode((stoa_slice){one.data + length + 1, one.length - length - 1}, true, out);
      return true;
    }
  }
  return false;
}

int stoa_form_find(stoa_slice form, const char *name, stoa_buf *out)
{
  int n = 0;
  while (stoa_form_next(&form, name, out)) {
    ++n;
  }
  return n;
}

void stoa_form_all(stoa_slice form, const char *name, stoa_arena *arena, stoa_form_list *out)
{
  stoa_buf text = {0};
  while (stoa_form_next(&form, name, &text)) {
    STOA_PUSH(arena, out, stoa_arena_slice(arena, (stoa_slice){text.data ? text.data : "", text.length}));
  }
  stoa_buf_done(&text);
}
