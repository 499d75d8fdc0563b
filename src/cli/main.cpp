// The one binary: parses the command line and hands over to the command.
#include <cstdio>
#include <exception>

#include "cli/arguments.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
    using namespace sqs2pg::cli;
    CLI::App app{"sqs2pg moves JSON messages from Amazon SQS into PostgreSQL: masked, each exactly once."};
    app.set_version_flag("--version", "sqs2pg " SQS2PG_VERSION);
    app.require_subcommand(1);
    int exit_code = kDone;
    // A command's line is added here together with its file.
    add_run(app, exit_code);
    add_check(app, exit_code);
    add_migrate(app, exit_code);
    add_status(app, exit_code);
    add_pause(app, exit_code);
    add_resume(app, exit_code);
    add_key(app, exit_code);
    add_dead_letters(app, exit_code);
    add_queue(app, exit_code);
    add_send(app, exit_code);
    add_demo(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
        std::fprintf(stderr, "%s\n", usage_sentence(app, error).c_str());
        return kUsage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sqs2pg: %s\n", error.what());
        return kFailed;
    }
    return exit_code;
}
