#ifndef DF_NN_WEIGHTS_H
#define DF_NN_WEIGHTS_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "core/tensor/named.h"

#include <stddef.h>

/// Named tensors and words in one file that any tool can open: safetensors.
///
///     u64 little-endian  length of the header
///     header             JSON: name -> dtype, shape, data_offsets [begin,
///     end);
///                        "__metadata__" -> object of strings
///     data               tensors, row-major, little-endian, without holes
///
/// Source: github.com/huggingface/safetensors, section "Format".  Only F32 and
/// F16 are known here.

/// Longest header that is read, bytes.
#define DF_WEIGHTS_HEADER_MAX (4U << 20U)

/// Most tensors in a file.
#define DF_WEIGHTS_TENSORS_MAX 4096

/// Write a file, replacing an older one at once.
///
/// 32-bit tensors come first, so that each lies at a multiple of its item size.
///
/// @return DF_OK, DF_E_ARG (a name twice or empty), DF_E_FINITE (a value is
/// not finite, or not in 16 bits; named), DF_E_NOMEM or DF_E_IO.
DF_NODISCARD
df_status
df_weights_save(const char*     path,
                const df_named* tensors,
                int             tensor_count,
                const df_text*  texts,
                int             text_count,
                df_note*        note);

/// A file open for reading; one thread.
typedef struct df_weights df_weights;

/// Open a file and check its whole layout; numbers are checked as they are
/// read.
///
/// @param note  Nullable; names the file, the tensor and what is wrong.
/// @return DF_OK, DF_E_NONE, DF_E_IO, DF_E_FORMAT or DF_E_NOMEM.
DF_NODISCARD
df_status
df_weights_open(const char* path, df_weights** out, df_note* note);

/// Close.  NULL is allowed.
void
df_weights_close(df_weights* weights);

/// Path as opened.
const char*
df_weights_path(const df_weights* weights);

/// Tensors in the file.
int
df_weights_count(const df_weights* weights);

/// Describe tensor `index` (0..count-1), in the order of the data; values NULL.
df_named
df_weights_shape(const df_weights* weights, int index);

/// Words under a key of the metadata, or NULL.  Lives until closed.
const char*
df_weights_text(const df_weights* weights, const char* key);

/// Call `each` with every key of the metadata, in file order.
void
df_weights_each_text(const df_weights* weights,
                     void (*each)(void*       self,
                                  const char* key,
                                  const char* text),
                     void* self);

/// Read a whole number of the metadata into its setting.
///
/// @return DF_OK, DF_E_NONE (no such key) or DF_E_FORMAT (not a whole number,
/// or outside the setting's range).
DF_NODISCARD
df_status
df_weights_setting(const df_weights* weights,
                   df_setting        setting,
                   df_note*          note);

/// Is there a tensor of exactly this name, rank and dims?
///
/// @return DF_OK, DF_E_NONE (no such tensor) or DF_E_SHAPE.
DF_NODISCARD
df_status
df_weights_match(const df_weights* weights,
                 const df_named*   want,
                 df_note*          note);

/// Read a tensor of exactly this name, rank and dims into want->values.
///
/// @return DF_OK, DF_E_NONE (no such tensor), DF_E_SHAPE or DF_E_FINITE.
DF_NODISCARD
df_status
df_weights_read(df_weights* weights, const df_named* want, df_note* note);

/// DF_OK when every tensor has been read, else DF_E_SHAPE naming one that was
/// not asked for.
DF_NODISCARD
df_status
df_weights_rest(const df_weights* weights, df_note* note);

#endif // DF_NN_WEIGHTS_H
