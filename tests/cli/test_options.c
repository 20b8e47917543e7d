#include "core/cli/options.h"

#include "tests/check.h"

#include <string.h>

typedef struct {
  bool        flag;
  const char* text;
  int         number;
  double      real;
} values;

static df_status
read(values* const      to,
     int                argc,
     const char** const argv,
     int*               rest,
     df_note*           note)
{
  const df_option options[] = {
    {"--flag", DF_OPTION_FLAG, &to->flag, 0, 0, "a flag"},
    {"--text", DF_OPTION_TEXT, &to->text, 0, 0, "a text"},
    {"--number", DF_OPTION_INT, &to->number, 1, 10, "a number"},
    {"--real", DF_OPTION_REAL, &to->real, -1, 1, "a real"},
  };
  // The words themselves are only moved
  return df_options_read(options, 4, argc, (char**)(size_t)argv, rest, note);
}

/// Options come in any order, with a space or '=', words keep theirs.
static void
test_reads(void)
{
  const char* argv[] = {"a",
                        "--number",
                        "7",
                        "b",
                        "--real=-0.5",
                        "--flag",
                        "--text",
                        "--odd",
                        "--",
                        "--flag",
                        "-"};
  values      to     = {false, NULL, 0, 0.0};
  int         rest   = 0;
  CHECK(read(&to, 11, argv, &rest, NULL) == DF_OK);
  CHECK(to.flag && to.number == 7 && to.real == -0.5);
  CHECK(!strcmp(to.text, "--odd"));
  CHECK(rest == 4);
  CHECK(!strcmp(argv[0], "a") && !strcmp(argv[1], "b"));
  CHECK(!strcmp(argv[2], "--flag") && !strcmp(argv[3], "-"));
}

/// What is wrong is named, with what is wanted and what was found.
static void
test_refuses(void)
{
  static const struct {
    const char* word;
    const char* value;
    const char* says;
  } cases[] = {
    {"--nubmer", "7", "--nubmer: unknown option"},
    {"-n", "7", "-n: unknown option"},
    {"--number", NULL, "--number: missing value"},
    {"--number", "x", "--number: want a whole number 1..10, found \"x\""},
    {"--number", "7.5", "found \"7.5\""},
    {"--number", "11", "found \"11\""},
    {"--number", "", "found \"\""},
    {"--real", "nan", "--real: want a number -1..1, found \"nan\""},
    {"--real", "1e9", "found \"1e9\""},
    {"--flag=1", NULL, "--flag: takes no value"},
  };
  for (size_t i = 0U; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    const char* argv[] = {cases[i].word, cases[i].value};
    values      to     = {false, NULL, 0, 0.0};
    int         rest   = 0;
    df_note     note   = {{0}};
    CHECK(read(&to, cases[i].value ? 2 : 1, argv, &rest, &note) == DF_E_ARG);
    CHECK(strstr(note.text, cases[i].says));
  }
}

int
main(void)
{
  test_reads();
  test_refuses();
  return 0;
}
