// See application.h.
#include "cli/application.h"

#include "cli/build_info.h"
#include "cli/command_tree.h"
#include "cli/commands.h"

namespace sqs2pg::cli {

namespace {

void add_examples(CLI::App& app, const std::string& path) {
    std::string text;
    for (const auto& line : examples_of(path)) text += "  " + line + "\n";
    if (!text.empty()) app.footer("Examples:\n" + text);
    for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        add_examples(*command, path.empty() ? command->get_name() : path + " " + command->get_name());
    }
}

}  // namespace

std::unique_ptr<CLI::App> make_application(int& exit_code) {
    auto made = std::make_unique<CLI::App>(
        "sqs2pg moves JSON messages from Amazon SQS into PostgreSQL: masked, each exactly once.", "sqs2pg");
    auto& app = *made;
    app.set_version_flag("--version", version_line(build_info()), "Version and commit; `sqs2pg version` tells more");
    app.require_subcommand(1);
    // A command's line is added here together with its file.
    add_run(app, exit_code);
    add_init(app, exit_code);
    add_check(app, exit_code);
    add_preview(app, exit_code);
    add_bench(app, exit_code);
    add_test(app, exit_code);
    add_migrate(app, exit_code);
    add_status(app, exit_code);
    add_pause(app, exit_code);
    add_resume(app, exit_code);
    add_key(app, exit_code);
    add_dead_letters(app, exit_code);
    add_queue(app, exit_code);
    add_send(app, exit_code);
    add_demo(app, exit_code);
    add_health(app, exit_code);
    add_explain(app, exit_code);
    add_version(app, exit_code);
    add_completion(app, exit_code);
    add_man(app, exit_code);
    add_examples(app, "");
    return made;
}

}  // namespace sqs2pg::cli
