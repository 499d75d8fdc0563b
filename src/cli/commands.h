// The commands of `sqs2pg`, one file each. A function adds its subcommand to the application; its callback runs the
// command and leaves the exit code (0 done, 1 failed while running, 2 usage or configuration).
#pragma once

#include <CLI/CLI.hpp>

namespace sqs2pg::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

void add_run(CLI::App& app, int& exit_code);
void add_init(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_preview(CLI::App& app, int& exit_code);
void add_bench(CLI::App& app, int& exit_code);
void add_test(CLI::App& app, int& exit_code);
void add_migrate(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_queue(CLI::App& app, int& exit_code);
void add_send(CLI::App& app, int& exit_code);
void add_pause(CLI::App& app, int& exit_code);
void add_resume(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_key(CLI::App& app, int& exit_code);
void add_dead_letters(CLI::App& app, int& exit_code);
void add_health(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);

}  // namespace sqs2pg::cli
