#include "core/cli/plot.h"

#include "core/audio/sound.h"
#include "core/cli/commands.h"
#include "core/cli/options.h"
#include "core/picture/picture.h"
#include "core/train/spectrogram.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#define WIDTH 1200
#define HEIGHT 340 // of each sound
#define MOST 16

df_status
df_plot_sounds(const char* const          path,
               const df_plot_sound* const sounds,
               const int                  count,
               const double               mark,
               df_note* const             note)
{
  df_picture* picture = NULL;
  df_status   status  = df_picture_make(WIDTH, HEIGHT * count, &picture);
  float       loudest = 0.0f;
  for (int i = 0; i < count; ++i) {
    const df_plot_sound* const s = &sounds[i];
    loudest =
      fmaxf(loudest, df_spectrogram_loudest(s->x, (int64_t)s->n, s->rate));
  }
  for (int i = 0; i < count && !status; ++i) {
    const df_plot_sound* const s   = &sounds[i];
    const df_picture_box       box = {70, 40 + HEIGHT * i, WIDTH - 100, 250};
    status                         = df_spectrogram_draw(
      picture, box, s->title, s->x, (int64_t)s->n, s->rate, loudest, mark);
  }
  return df_picture_finish(picture, status, path, note);
}

df_exit
df_command_plot(const int argc, char** const argv)
{
  bool            help      = false;
  double          mark      = -1.0;
  const df_option options[] = {
    {"--mark", DF_OPTION_REAL, &mark, 0, 36000, "draw a line at this second"},
    {"--help", DF_OPTION_FLAG, &help, 0, 0, "this text"},
  };
  int     words = 0;
  df_note note  = {{0}};
  if (df_options_read(options, 2, argc, argv, &words, &note)) {
    (void)fprintf(stderr, "dforce plot: %s\n", note.text);
    return DF_EXIT_USAGE;
  }
  if (help || words < 2 || words > MOST + 1) {
    FILE* const to = help ? stdout : stderr;
    (void)fprintf(to, "usage: dforce plot PICTURE.png SOUND...\n\n");
    df_options_print(options, 2, to);
    return help ? DF_EXIT_OK : DF_EXIT_USAGE;
  }

  df_sound      files[MOST] = {{NULL, 0U, 0}};
  df_plot_sound sounds[MOST];
  df_status     status = DF_OK;
  for (int i = 1; i < words && !status; ++i) {
    df_sound* const file = &files[i - 1];
    status               = df_sound_load(argv[i], 0, file, &note);
    sounds[i - 1] = (df_plot_sound){argv[i], file->x, file->n, file->rate};
  }
  if (!status) {
    status = df_plot_sounds(argv[0], sounds, words - 1, mark, &note);
  }
  for (int i = 0; i < MOST; ++i) {
    df_sound_free(&files[i]);
  }
  if (status) {
    (void)fprintf(stderr, "dforce plot: %s\n", note.text);
    return DF_EXIT_FAILED;
  }
  return DF_EXIT_OK;
}
