#include "core/train/config.h"

#include "tests/check.h"

#include <string.h>

/// Every number can be set to what it says it is.
static void
test_round_trip(void)
{
  const df_train_config config = df_train_config_default();
  df_train_config       other  = df_train_config_default();
  df_train_field        field;
  df_note               note  = {{0}};
  int                   count = 0;
  CHECK(df_train_config_check(&config, &note) == DF_OK);
  for (; df_train_config_field(&config, count, &field); ++count) {
    CHECK(df_train_config_set(&other, field.key, field.value, &note) == DF_OK);
  }
  CHECK(count > 20);
  for (int i = 0; i < count; ++i) {
    df_train_field a;
    df_train_field b;
    CHECK(df_train_config_field(&config, i, &a));
    CHECK(df_train_config_field(&other, i, &b));
    CHECK(!strcmp(a.value, b.value));
  }
  CHECK(!df_train_config_field(&config, count, &field));
  CHECK(!df_train_config_field(&config, -1, &field));
}

/// A wrong setting is named with what is wanted and what was found.
static void
test_wrong_settings(void)
{
  df_train_config config = df_train_config_default();
  df_note         note   = {{0}};
  CHECK(df_train_config_set(&config, "width", "9.5", &note) == DF_E_ARG);
  CHECK(strstr(note.text, "width: want 8..1024, found \"9.5\""));
  CHECK(df_train_config_set(&config, "width", "", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "width", "64x", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "rate", "nan", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "rate", "-1", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "recall", "2", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "backbone", "lstm", &note) == DF_E_ARG);
  CHECK(df_train_config_set(&config, "wdith", "64", &note) == DF_E_NONE);
  CHECK(strstr(note.text, "wdith: no such setting"));
  CHECK(config.model.width == df_train_config_default().model.width);
}

/// What fits alone but not together is refused.
static void
test_together(void)
{
  static const char* const pairs[][2] = {
    {"tokens", "100"}, {"hop", "2000"}, {"heads", "5"}, {"window", "128"}};
  for (size_t i = 0U; i < sizeof(pairs) / sizeof(pairs[0]); ++i) {
    df_train_config config = df_train_config_default();
    df_note         note   = {{0}};
    CHECK(df_train_config_set(&config, pairs[i][0], pairs[i][1], NULL) ==
          DF_OK);
    CHECK(df_train_config_check(&config, &note) == DF_E_ARG);
    CHECK(note.text[0]);
  }
}

/// The width of a token is that of the codec.
static void
test_dims(void)
{
  df_train_config config = df_train_config_default();
  CHECK(df_train_config_set(&config, "dims", "96", NULL) == DF_OK);
  CHECK(config.model.token == 96 && config.codec.dims == 96);
  CHECK(df_train_config_set(&config, "backbone", "gru", NULL) == DF_OK);
  CHECK(config.model.token == 96);
  CHECK(config.model.backbone == DF_BACKBONE_GRU);
}

int
main(void)
{
  test_round_trip();
  test_wrong_settings();
  test_together();
  test_dims();
  return 0;
}
