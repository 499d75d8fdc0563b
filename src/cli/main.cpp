// The one binary: parses the command line and hands over to the command.
#include <cstdio>
#include <exception>

#include "cli/commands.h"

int main(int argc, char** argv) {
    using namespace sqs2pg::cli;
    CLI::App app{"sqs2pg moves JSON messages from Amazon SQS into PostgreSQL: masked, each exactly once."};
    app.set_version_flag("--version", "sqs2pg " SQS2PG_VERSION);
    app.require_subcommand(1);
    int exit_code = kDone;
    // A command's line is added here together with its file.
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sqs2pg: %s\n", error.what());
        return kFailed;
    }
    return exit_code;
}
