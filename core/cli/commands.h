#ifndef DF_CLI_COMMANDS_H
#define DF_CLI_COMMANDS_H

/// The commands of `dforce`, each with the arguments after its name.

/// What a command returns, and the process with it.
typedef enum {
  DF_EXIT_OK          = 0,
  DF_EXIT_FAILED      = 1,  ///< The world: files, memory
  DF_EXIT_USAGE       = 2,  ///< The arguments
  DF_EXIT_INTERRUPTED = 130 ///< Ctrl-C; work done so far is saved
} df_exit;

df_exit
df_command_train(int argc, char** argv);

/// `dforce train series`; argv[0] is "series".
df_exit
df_command_train_series(int argc, char** argv);

df_exit
df_command_render(int argc, char** argv);

df_exit
df_command_plot(int argc, char** argv);

df_exit
df_command_eval(int argc, char** argv);

df_exit
df_command_forecast(int argc, char** argv);

df_exit
df_command_impute(int argc, char** argv);

df_exit
df_command_info(int argc, char** argv);

df_exit
df_command_bench(int argc, char** argv);

#endif // DF_CLI_COMMANDS_H
