#include "core/nn/weights.h"

#include "core/base/bytes.h"
#include "core/base/file.h"

#include <jansson.h>

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METADATA "__metadata__"
#define LENGTH_BYTES 8U

/// One tensor of an open file.
typedef struct {
  df_named shape;
  size_t   begin; ///< Byte offsets in the data
  size_t   end;
  bool     read;
} entry;

struct df_weights {
  char*          path;
  df_file        file;
  json_t*        header;
  const uint8_t* data; ///< After the header
  size_t         size; ///< Bytes of data
  entry*         entries;
  int            count;
};

/// "[2,3]"
static void
shape_text(const df_named* const shape, char* const out, const size_t size)
{
  size_t used = (size_t)snprintf(out, size, "[");
  for (int i = 0; i < shape->rank && used < size; ++i) {
    used += (size_t)snprintf(
      out + used, size - used, i ? ",%d" : "%d", shape->dims[i]);
  }
  if (used < size) {
    (void)snprintf(out + used, size - used, "]");
  }
}

/// Read a whole number of at most `limit`; false when it is anything else.
static bool
read_size(const json_t* const item, const size_t limit, size_t* const out)
{
  const json_int_t value = json_integer_value(item);
  if (!json_is_integer(item) || value < 0 || (uint64_t)value > limit) {
    return false;
  }
  *out = (size_t)value;
  return true;
}

static df_status
read_shape(const json_t* const shape, df_named* const out)
{
  const size_t rank = json_array_size(shape);
  if (!json_is_array(shape) || rank > DF_NAMED_RANK) {
    return DF_E_FORMAT;
  }
  out->rank = (int)rank;
  for (size_t i = 0U; i < rank; ++i) {
    size_t dim = 0U;
    if (!read_size(json_array_get(shape, i), INT_MAX, &dim) || !dim) {
      return DF_E_FORMAT;
    }
    out->dims[i] = (int)dim;
  }
  return DF_OK;
}

/// Read one tensor's line of the header, comparing every size before use.
static df_status
read_entry(const df_weights* const self,
           const char* const       name,
           const json_t* const     item,
           entry* const            out,
           df_note* const          note)
{
  *out = (entry){0};
  if (!name[0] || strlen(name) >= sizeof(out->shape.name)) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: tensor name \"%.80s\" is empty or too long",
                       self->path,
                       name);
  }
  (void)snprintf(out->shape.name, sizeof(out->shape.name), "%s", name);

  const char* const dtype = json_string_value(json_object_get(item, "dtype"));
  if (!dtype || (strcmp(dtype, "F16") != 0 && strcmp(dtype, "F32") != 0)) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: %s: dtype: want F16 or F32, file has %.20s",
                       self->path,
                       name,
                       dtype ? dtype : "none");
  }
  out->shape.half = dtype[1] == '1';

  if (read_shape(json_object_get(item, "shape"), &out->shape)) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: %s: shape: want at most %d sizes of 1 or more",
                       self->path,
                       name,
                       DF_NAMED_RANK);
  }

  const json_t* const offsets = json_object_get(item, "data_offsets");
  if (json_array_size(offsets) != 2U ||
      !read_size(json_array_get(offsets, 0U), self->size, &out->begin) ||
      !read_size(json_array_get(offsets, 1U), self->size, &out->end) ||
      out->begin > out->end) {
    return df_note_set(
      note,
      DF_E_FORMAT,
      "%s: %s: data_offsets: want [begin, end] within %zu bytes of data",
      self->path,
      name,
      self->size);
  }

  const size_t count = df_named_count(&out->shape);
  const size_t bytes = out->end - out->begin;
  if (!count || bytes / df_named_item(&out->shape) != count ||
      bytes % df_named_item(&out->shape)) {
    char shape[64];
    shape_text(&out->shape, shape, sizeof(shape));
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: %s: %s of %s does not fill its %zu bytes",
                       self->path,
                       name,
                       shape,
                       dtype,
                       bytes);
  }
  return DF_OK;
}

static int
by_begin(const void* const a, const void* const b)
{
  const size_t x = ((const entry*)a)->begin;
  const size_t y = ((const entry*)b)->begin;
  return (x > y) - (x < y);
}

/// The tensors must follow one another and fill the data.
static df_status
check_layout(const df_weights* const self, df_note* const note)
{
  size_t at = 0U;
  for (int i = 0; i < self->count; ++i) {
    const entry* const one = &self->entries[i];
    if (one->begin != at) {
      return df_note_set(note,
                         DF_E_FORMAT,
                         "%s: %s: starts at byte %zu, %s ends at %zu",
                         self->path,
                         one->shape.name,
                         one->begin,
                         i ? self->entries[i - 1].shape.name : "the header",
                         at);
    }
    at = one->end;
  }
  return at == self->size
           ? DF_OK
           : df_note_set(note,
                         DF_E_FORMAT,
                         "%s: has %zu bytes of data, tensors fill %zu",
                         self->path,
                         self->size,
                         at);
}

static df_status
check_texts(const df_weights* const self, df_note* const note)
{
  json_t* const texts = json_object_get(self->header, METADATA);
  if (texts && !json_is_object(texts)) {
    return df_note_set(
      note, DF_E_FORMAT, "%s: " METADATA " is not an object", self->path);
  }
  const char* key  = NULL;
  json_t*     text = NULL;
  json_object_foreach(texts, key, text)
  {
    if (!json_is_string(text)) {
      return df_note_set(note,
                         DF_E_FORMAT,
                         "%s: " METADATA " \"%.80s\" is not a string",
                         self->path,
                         key);
    }
  }
  return DF_OK;
}

static df_status
read_entries(df_weights* const self, df_note* const note)
{
  const size_t keys = json_object_size(self->header);
  if (keys > DF_WEIGHTS_TENSORS_MAX + 1U) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: %zu tensors, at most %d",
                       self->path,
                       keys,
                       DF_WEIGHTS_TENSORS_MAX);
  }
  self->entries = (entry*)calloc(keys + 1U, sizeof(entry));
  if (!self->entries) {
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", self->path);
  }
  const char* name = NULL;
  json_t*     item = NULL;
  json_object_foreach(self->header, name, item)
  {
    if (strcmp(name, METADATA) != 0) {
      const df_status status =
        read_entry(self, name, item, &self->entries[self->count], note);
      if (status) {
        return status;
      }
      ++self->count;
    }
  }
  qsort(self->entries, (size_t)self->count, sizeof(entry), by_begin);
  const df_status status = check_layout(self, note);
  return status ? status : check_texts(self, note);
}

static df_status
read_header(df_weights* const self, df_note* const note)
{
  if (self->file.size < LENGTH_BYTES) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: not a safetensors file: %zu bytes",
                       self->path,
                       self->file.size);
  }
  const uint8_t* const bytes  = (const uint8_t*)self->file.data;
  const uint64_t       length = df_bytes_u64(bytes);
  if (length < 2U || length > DF_WEIGHTS_HEADER_MAX ||
      length > self->file.size - LENGTH_BYTES || bytes[LENGTH_BYTES] != '{') {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: not a safetensors file, or cut short",
                       self->path);
  }
  json_error_t error = {0};
  self->header       = json_loadb((const char*)bytes + LENGTH_BYTES,
                            (size_t)length,
                            JSON_REJECT_DUPLICATES,
                            &error);
  if (!self->header) {
    return df_note_set(
      note, DF_E_FORMAT, "%s: header: %s", self->path, error.text);
  }
  self->data = bytes + LENGTH_BYTES + length;
  self->size = self->file.size - LENGTH_BYTES - (size_t)length;
  return read_entries(self, note);
}

df_status
df_weights_open(const char* const  path,
                df_weights** const out,
                df_note* const     note)
{
  *out                   = NULL;
  df_weights* const self = (df_weights*)calloc(1U, sizeof(df_weights));
  const size_t      size = strlen(path) + 1U;
  if (self) {
    self->path = (char*)malloc(size);
  }
  if (!self || !self->path) {
    df_weights_close(self);
    return df_note_set(note, DF_E_NOMEM, "%s: out of memory", path);
  }
  memcpy(self->path, path, size);
  df_status status = df_file_map(path, &self->file, note);
  if (!status) {
    status = read_header(self, note);
  }
  if (status) {
    df_weights_close(self);
    return status;
  }
  *out = self;
  return DF_OK;
}

void
df_weights_close(df_weights* const weights)
{
  if (weights) {
    json_decref(weights->header);
    df_file_unmap(&weights->file);
    free(weights->entries);
    free(weights->path);
    free(weights);
  }
}

const char*
df_weights_path(const df_weights* const weights)
{
  return weights->path;
}

int
df_weights_count(const df_weights* const weights)
{
  return weights->count;
}

df_named
df_weights_shape(const df_weights* const weights, const int index)
{
  return weights->entries[index].shape;
}

const char*
df_weights_text(const df_weights* const weights, const char* const key)
{
  const json_t* const texts = json_object_get(weights->header, METADATA);
  return json_string_value(json_object_get(texts, key));
}

void
df_weights_each_text(const df_weights* const weights,
                     void (*const each)(void*       self,
                                        const char* key,
                                        const char* text),
                     void* const self)
{
  const char* key  = NULL;
  json_t*     text = NULL;
  json_object_foreach(json_object_get(weights->header, METADATA), key, text)
  {
    each(self, key, json_string_value(text));
  }
}

df_status
df_weights_setting(const df_weights* const weights,
                   const df_setting        setting,
                   df_note* const          note)
{
  const char* const text = df_weights_text(weights, setting.key);
  if (!text) {
    return df_note_set(
      note, DF_E_NONE, "%s: has no \"%s\"", weights->path, setting.key);
  }
  char* end        = NULL;
  errno            = 0;
  const long value = strtol(text, &end, 10);
  if (errno || end == text || *end || value < setting.low ||
      value > setting.high) {
    return df_note_set(note,
                       DF_E_FORMAT,
                       "%s: %s: want %d..%d, file has \"%.40s\"",
                       weights->path,
                       setting.key,
                       setting.low,
                       setting.high,
                       text);
  }
  *setting.value = (int)value;
  return DF_OK;
}

static bool
same_shape(const df_named* const a, const df_named* const b)
{
  bool same = a->rank == b->rank;
  for (int i = 0; i < a->rank && same; ++i) {
    same = a->dims[i] == b->dims[i];
  }
  return same;
}

static entry*
find_entry(const df_weights* const weights, const char* const name)
{
  for (int i = 0; i < weights->count; ++i) {
    if (!strcmp(weights->entries[i].shape.name, name)) {
      return &weights->entries[i];
    }
  }
  return NULL;
}

df_status
df_weights_match(const df_weights* const weights,
                 const df_named* const   want,
                 df_note* const          note)
{
  const entry* const found = find_entry(weights, want->name);
  char               wanted[64];
  char               has[64] = "none";
  if (found && same_shape(&found->shape, want)) {
    return DF_OK;
  }
  shape_text(want, wanted, sizeof(wanted));
  if (found) {
    shape_text(&found->shape, has, sizeof(has));
  }
  return df_note_set(note,
                     found ? DF_E_SHAPE : DF_E_NONE,
                     "%s: %s: want %s, file has %s",
                     weights->path,
                     want->name,
                     wanted,
                     has);
}

df_status
df_weights_read(df_weights* const     weights,
                const df_named* const want,
                df_note* const        note)
{
  const df_status status = df_weights_match(weights, want, note);
  if (status) {
    return status;
  }
  entry* const         found = find_entry(weights, want->name);
  const size_t         count = df_named_count(want);
  const uint8_t* const bytes = weights->data + found->begin;
  if (found->shape.half) {
    df_bytes_read_half(want->values, bytes, count);
  } else {
    df_bytes_read_float(want->values, bytes, count);
  }
  for (size_t i = 0U; i < count; ++i) {
    if (!isfinite(want->values[i])) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "%s: %s: number %zu is not finite",
                         weights->path,
                         want->name,
                         i);
    }
  }
  found->read = true;
  return DF_OK;
}

df_status
df_weights_rest(const df_weights* const weights, df_note* const note)
{
  for (int i = 0; i < weights->count; ++i) {
    const df_named* const shape = &weights->entries[i].shape;
    if (!weights->entries[i].read) {
      char has[64];
      shape_text(shape, has, sizeof(has));
      return df_note_set(note,
                         DF_E_SHAPE,
                         "%s: %s: not wanted, file has %s",
                         weights->path,
                         shape->name,
                         has);
    }
  }
  return DF_OK;
}
