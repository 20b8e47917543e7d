#include "core/nn/weights.h"

#include "core/base/bytes.h"
#include "core/base/file.h"

#include <jansson.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define METADATA "__metadata__"
#define LENGTH_BYTES 8U

/// Append the tensor's line to the header; `at` is its first byte.
static df_status
describe(json_t* const         header,
         const df_named* const tensor,
         const size_t          at,
         df_note* const        note)
{
  const size_t count = df_named_count(tensor);
  if (!tensor->name[0] || !count || tensor->rank < 0 ||
      tensor->rank > DF_NAMED_RANK) {
    return df_note_set(
      note, DF_E_ARG, "tensor \"%s\" has no name or no size", tensor->name);
  }
  if (json_object_get(header, tensor->name)) {
    return df_note_set(
      note, DF_E_ARG, "tensor \"%s\" given twice", tensor->name);
  }
  json_t* const shape = json_array();
  for (int i = 0; i < tensor->rank; ++i) {
    (void)json_array_append_new(shape, json_integer(tensor->dims[i]));
  }
  json_t* const item =
    json_pack("{s:s, s:o, s:[I,I]}",
              "dtype",
              tensor->half ? "F16" : "F32",
              "shape",
              shape,
              "data_offsets",
              (json_int_t)at,
              (json_int_t)(at + count * df_named_item(tensor)));
  return item && !json_object_set_new(header, tensor->name, item) ? DF_OK
                                                                  : DF_E_NOMEM;
}

static df_status
put_texts(json_t* const        header,
          const df_text* const texts,
          const int            count,
          df_note* const       note)
{
  json_t* const object = json_object();
  if (json_object_set_new(header, METADATA, object)) {
    return DF_E_NOMEM;
  }
  for (int i = 0; i < count; ++i) {
    if (json_object_get(object, texts[i].key)) {
      return df_note_set(
        note, DF_E_ARG, "text \"%s\" given twice", texts[i].key);
    }
    json_t* const text = json_string(texts[i].text);
    if (!text) {
      return df_note_set(
        note, DF_E_ARG, "text \"%s\" is not UTF-8", texts[i].key);
    }
    if (json_object_set_new(object, texts[i].key, text)) {
      return DF_E_NOMEM;
    }
  }
  return DF_OK;
}

/// Header of all tensors, in the order they will be written: 32 bits, then 16.
static df_status
build_header(json_t* const         header,
             const df_named* const tensors,
             const int             tensor_count,
             size_t* const         bytes,
             df_note* const        note)
{
  *bytes = 0U;
  for (int half = 0; half < 2; ++half) {
    for (int i = 0; i < tensor_count; ++i) {
      if (tensors[i].half == (half == 1)) {
        const df_status status = describe(header, &tensors[i], *bytes, note);
        if (status) {
          return status;
        }
        *bytes += df_named_count(&tensors[i]) * df_named_item(&tensors[i]);
      }
    }
  }
  return DF_OK;
}

static df_status
put_values(uint8_t* const        out,
           const df_named* const tensor,
           df_note* const        note)
{
  const size_t count = df_named_count(tensor);
  for (size_t i = 0U; i < count; ++i) {
    const float value = tensor->values[i];
    if (!isfinite(value) ||
        (tensor->half && !isfinite(df_bytes_half(df_bytes_to_half(value))))) {
      return df_note_set(note,
                         DF_E_FINITE,
                         "%s: number %zu is %g",
                         tensor->name,
                         i,
                         (double)value);
    }
  }
  if (tensor->half) {
    df_bytes_write_half(out, tensor->values, count);
  } else {
    df_bytes_write_float(out, tensor->values, count);
  }
  return DF_OK;
}

static df_status
save_with_header(const char* const     path,
                 const char* const     header,
                 const df_named* const tensors,
                 const int             tensor_count,
                 const size_t          bytes,
                 df_note* const        note)
{
  // Spaces behind the JSON keep the data aligned
  const size_t length = strlen(header);
  const size_t padded = (length + 7U) / 8U * 8U;
  const size_t size   = LENGTH_BYTES + padded + bytes;
  uint8_t*     file   = (uint8_t*)malloc(size);
  if (!file) {
    return DF_E_NOMEM;
  }
  df_bytes_put_u64(file, padded);
  memset(file + LENGTH_BYTES, ' ', padded);
  memcpy(file + LENGTH_BYTES, header, length);
  size_t    at     = LENGTH_BYTES + padded;
  df_status status = DF_OK;
  for (int half = 0; half < 2; ++half) {
    for (int i = 0; i < tensor_count && !status; ++i) {
      if (tensors[i].half == (half == 1)) {
        status = put_values(file + at, &tensors[i], note);
        at += df_named_count(&tensors[i]) * df_named_item(&tensors[i]);
      }
    }
  }
  if (!status) {
    status = df_file_replace(path, file, size, note);
  }
  free(file);
  return status;
}

df_status
df_weights_save(const char* const     path,
                const df_named* const tensors,
                const int             tensor_count,
                const df_text* const  texts,
                const int             text_count,
                df_note* const        note)
{
  if (tensor_count > DF_WEIGHTS_TENSORS_MAX) {
    return df_note_set(note,
                       DF_E_ARG,
                       "%s: %d tensors, at most %d",
                       path,
                       tensor_count,
                       DF_WEIGHTS_TENSORS_MAX);
  }
  json_t* const header = json_object();
  size_t        bytes  = 0U;
  df_status     status = put_texts(header, texts, text_count, note);
  if (!status) {
    status = build_header(header, tensors, tensor_count, &bytes, note);
  }
  if (!status) {
    char* const text = json_dumps(header, JSON_COMPACT);
    status =
      text ? save_with_header(path, text, tensors, tensor_count, bytes, note)
           : DF_E_NOMEM;
    free(text);
  }
  json_decref(header);
  return status == DF_E_NOMEM
           ? df_note_set(note, status, "%s: out of memory", path)
           : status;
}
