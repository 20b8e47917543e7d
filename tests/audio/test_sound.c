#include "core/audio/sound.h"

#include "tests/check.h"

#include <sndfile.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 5000 };

static char folder[] = "/tmp/dforce-sound-XXXXXX";

static const char*
in_folder(char* const path, const size_t size, const char* const name)
{
  (void)snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static void
write_text(const char* const path, const char* const text)
{
  FILE* const file = fopen(path, "wb");
  CHECK(file);
  CHECK(fwrite(text, 1U, strlen(text), file) == strlen(text));
  CHECK(!fclose(file));
}

static void
fill(float* const x, const int n, const double omega)
{
  for (int i = 0; i < n; ++i) {
    x[i] = (float)(0.5 * sin(omega * i));
  }
}

/// What was saved as float loads bit for bit; as 24 bits, to half a step.
static void
test_saved_sound_loads_again(void)
{
  char     path[512];
  float    x[N];
  df_note  note;
  df_sound sound;
  fill(x, N, 0.05);
  in_folder(path, sizeof(path), "a.wav");
  CHECK(!df_sound_save(path, x, N, 1, 44100, DF_SOUND_FLOAT, &note));
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_OK);
  CHECK(sound.n == N && sound.rate == 44100);
  CHECK(!memcmp(sound.x, x, sizeof(x)));
  df_sound_free(&sound);
  CHECK(!sound.x && !sound.n);

  CHECK(!df_sound_save(path, x, N, 1, 48000, DF_SOUND_24, &note));
  CHECK(df_sound_load(path, 48000, &sound, &note) == DF_OK);
  CHECK(sound.n == N && sound.rate == 48000);
  for (int i = 0; i < N; ++i) {
    CHECK_NEAR(sound.x[i], x[i], 1.0 / (1 << 23));
  }
  df_sound_free(&sound);
}

/// Two files of the same sound have the same bytes.
static void
test_saving_twice_gives_the_same_bytes(void)
{
  char    a[512];
  char    b[512];
  float   x[N];
  df_note note;
  fill(x, N, 0.05);
  in_folder(a, sizeof(a), "a.wav");
  in_folder(b, sizeof(b), "b.wav");
  CHECK(!df_sound_save(a, x, N, 1, 44100, DF_SOUND_FLOAT, &note));
  sleep(1); // a time stamp would differ
  CHECK(!df_sound_save(b, x, N, 1, 44100, DF_SOUND_FLOAT, &note));
  FILE* const fa = fopen(a, "rb");
  FILE* const fb = fopen(b, "rb");
  CHECK(fa && fb);
  int c = 0;
  do {
    c = getc(fa);
    CHECK(c == getc(fb));
  } while (c != EOF);
  CHECK(!fclose(fa) && !fclose(fb));
  CHECK(!remove(b));
}

static void
test_channels_are_averaged(void)
{
  char     path[512];
  float    x[2 * N];
  df_note  note;
  df_sound sound;
  for (int i = 0; i < N; ++i) {
    x[2 * i]     = 0.5f;
    x[2 * i + 1] = (float)i / N;
  }
  in_folder(path, sizeof(path), "a.wav");
  CHECK(!df_sound_save(path, x, N, 2, 44100, DF_SOUND_FLOAT, &note));
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_OK);
  CHECK(sound.n == N);
  for (int i = 0; i < N; ++i) {
    CHECK_NEAR(sound.x[i], 0.25 + 0.5 * i / N, 1e-6);
  }
  df_sound_free(&sound);
}

/// A sine stays the same sine at another rate, in time and height.
static void
test_the_rate_is_converted(void)
{
  char     path[512];
  float    x[N];
  df_note  note;
  df_sound sound;
  fill(x, N, 0.05);
  in_folder(path, sizeof(path), "a.wav");
  CHECK(!df_sound_save(path, x, N, 1, 48000, DF_SOUND_FLOAT, &note));
  CHECK(df_sound_load(path, 44100, &sound, &note) == DF_OK);
  CHECK(sound.rate == 44100);
  CHECK_NEAR((double)sound.n, N * 44100.0 / 48000.0, 2.0);
  for (int i = 200; i < 4000; ++i) { // the ends ring
    CHECK_NEAR(sound.x[i], 0.5 * sin(0.05 * i * 48000.0 / 44100.0), 1e-3);
  }
  df_sound_free(&sound);
}

/// Each fault has its status and a note that begins with the path.
static void
test_faults_are_told(void)
{
  char     path[512];
  df_note  note;
  df_sound sound;
  float    x[4] = {0.0f, 0.1f, 0.2f, 0.3f};

  in_folder(path, sizeof(path), "none.wav");
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_E_NONE);
  CHECK(!strncmp(note.text, path, strlen(path)));
  CHECK(df_sound_load(folder, 0, &sound, &note) == DF_E_FORMAT);

  in_folder(path, sizeof(path), "fault.wav");
  write_text(path, "");
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_E_FORMAT);
  write_text(path, "These are words, and no sound at all.\n");
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_E_FORMAT);
  CHECK(!strncmp(note.text, path, strlen(path)));
  CHECK(!df_sound_save(path, x, 0, 1, 44100, DF_SOUND_FLOAT, &note));
  CHECK(df_sound_load(path, 0, &sound, &note) == DF_E_FORMAT);

  const float nasty[] = {NAN, INFINITY, -INFINITY, 2e6f};
  for (size_t v = 0; v < sizeof(nasty) / sizeof(*nasty); ++v) {
    x[2] = nasty[v];
    CHECK(!df_sound_save(path, x, 4, 1, 44100, DF_SOUND_FLOAT, &note));
    CHECK(df_sound_load(path, 0, &sound, &note) == DF_E_FINITE);
    CHECK(strstr(note.text, "sample 2"));
    CHECK(!sound.x && !sound.n);
  }
  CHECK(df_sound_load(path, 7999, &sound, &note) == DF_E_ARG);
  CHECK(df_sound_load(path, 384001, &sound, NULL) == DF_E_ARG);
  CHECK(df_sound_save("/nowhere/a.wav", x, 1, 1, 44100, DF_SOUND_24, &note) ==
        DF_E_IO);
  CHECK(df_sound_save(path, x, 1, 0, 44100, DF_SOUND_24, &note) == DF_E_ARG);
  CHECK(!remove(path));
}

/// A file cut short anywhere loads what is there or is refused.
static void
test_a_cut_file_is_survived(void)
{
  char     path[512];
  float    x[64];
  df_sound sound;
  fill(x, 64, 0.1);
  in_folder(path, sizeof(path), "a.wav");
  CHECK(!df_sound_save(path, x, 64, 1, 44100, DF_SOUND_FLOAT, NULL));
  struct stat about;
  CHECK(!stat(path, &about));
  for (long size = (long)about.st_size - 1; size >= 0; --size) {
    CHECK(!truncate(path, size));
    const df_status status = df_sound_load(path, 0, &sound, NULL);
    CHECK(status == DF_E_FORMAT || (status == DF_OK && sound.n <= 64U));
    df_sound_free(&sound);
  }
}

/// A folder lists its sounds, those of inner folders too, in order, and a link
/// to itself once.
static void
test_folders_are_listed(void)
{
  char          path[512];
  df_note       note;
  df_sound_list list = {NULL, 0U};
  CHECK(df_sound_list_add(&list, in_folder(path, sizeof(path), "x"), &note) ==
        DF_E_NONE);
  CHECK(!mkdir(in_folder(path, sizeof(path), "x"), 0700));
  CHECK(df_sound_list_add(&list, path, &note) == DF_E_NONE);
  CHECK(strstr(note.text, path));

  CHECK(!mkdir(in_folder(path, sizeof(path), "x/m"), 0700));
  CHECK(!symlink("..", in_folder(path, sizeof(path), "x/m/again")));
  write_text(in_folder(path, sizeof(path), "x/b.FLAC"), "");
  write_text(in_folder(path, sizeof(path), "x/c.wav"), "");
  write_text(in_folder(path, sizeof(path), "x/.hidden.wav"), "");
  write_text(in_folder(path, sizeof(path), "x/notes.txt"), "");
  write_text(in_folder(path, sizeof(path), "x/m/a.ogg"), "");
  CHECK(!df_sound_list_add(&list, in_folder(path, sizeof(path), "x"), &note));
  CHECK(!df_sound_list_add(&list,
                           in_folder(path, sizeof(path), "x/notes.txt"),
                           &note)); // asked for by name
  CHECK(list.count == 4U);
  static const char* const want[] = {
    "x/b.FLAC", "x/c.wav", "x/m/a.ogg", "x/notes.txt"};
  for (size_t i = 0; i < 4U; ++i) {
    CHECK(!strcmp(list.paths[i], in_folder(path, sizeof(path), want[i])));
    CHECK(!remove(path));
  }
  df_sound_list_free(&list);
  CHECK(!list.paths && !list.count);
  CHECK(!remove(in_folder(path, sizeof(path), "x/.hidden.wav")));
  CHECK(!unlink(in_folder(path, sizeof(path), "x/m/again")));
  CHECK(!rmdir(in_folder(path, sizeof(path), "x/m")));
  CHECK(!rmdir(in_folder(path, sizeof(path), "x")));
}

int
main(void)
{
  CHECK(mkdtemp(folder));
  test_saved_sound_loads_again();
  test_saving_twice_gives_the_same_bytes();
  test_channels_are_averaged();
  test_the_rate_is_converted();
  test_faults_are_told();
  test_a_cut_file_is_survived();
  test_folders_are_listed();
  char path[512];
  CHECK(!remove(in_folder(path, sizeof(path), "a.wav")));
  CHECK(!rmdir(folder));
  return 0;
}
