#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/nn/weights.h"

#include <stddef.h>
#include <stdio.h>

/// One key and its words, further lines indented.
static void
print_text(void* const self, const char* const key, const char* const text)
{
  (void)self;
  printf("  %-32s ", key);
  for (const char* at = text; *at; ++at) {
    // Whoever made the file must not steer the terminal
    const unsigned char byte = (unsigned char)*at;
    if (byte == '\n') {
      printf("\n  %-32s ", "");
    } else {
      (void)putchar(byte < 0x20U || byte == 0x7fU ? '?' : byte);
    }
  }
  (void)putchar('\n');
}

static void
print_tensors(const df_weights* const file)
{
  size_t total = 0U;
  for (int i = 0; i < df_weights_count(file); ++i) {
    const df_named shape = df_weights_shape(file, i);
    size_t         count = 1U;
    char           sizes[64];
    size_t         used = 0U;
    sizes[0]            = '\0';
    for (int d = 0; d < shape.rank; ++d) {
      count *= (size_t)shape.dims[d];
      used += (size_t)snprintf(
        sizes + used, sizeof(sizes) - used, d ? ",%d" : "%d", shape.dims[d]);
    }
    printf("  %-32s %s [%s]\n", shape.name, shape.half ? "F16" : "F32", sizes);
    total += count;
  }
  printf("%d tensors, %zu numbers\n", df_weights_count(file), total);
}

df_exit
df_command_info(const int argc, char** const argv)
{
  bool            help      = false;
  const df_option options[] = {
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  int     words = 0;
  df_note note  = {{0}};
  if (df_options_read(options, 1, argc, argv, &words, &note)) {
    (void)fprintf(stderr, "dforce info: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  if (help || words != 1) {
    FILE* const to = help ? stdout : stderr;
    (void)fprintf(to, "usage: dforce info MODEL.safetensors\n\n");
    df_options_print(options, 1, to);
    return help ? DF_EXIT_OK : DF_EXIT_USAGE;
  }
  df_weights* file = NULL;
  if (df_weights_open(argv[0], &file, &note)) {
    (void)fprintf(stderr, "dforce info: %s\n", note.text);
    return DF_EXIT_FAILED;
  }
  printf("%s\n", argv[0]);
  df_weights_each_text(file, print_text, NULL);
  print_tensors(file);
  df_weights_close(file);
  return DF_EXIT_OK;
}
