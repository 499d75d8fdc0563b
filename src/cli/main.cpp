// The one binary: parses the command line and hands over to the command.
#include <cstdio>
#include <exception>

#include "cli/application.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/open_files.h"
#include "cli/signals.h"

int main(int argc, char** argv) {
    using namespace sqs2pg::cli;
    end_on_signals_as_first_process();
    allow_many_open_files();
    int exit_code = kDone;
    const auto app = make_application(exit_code);
    try {
        app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app->exit(error);  // --help, --version
        std::fprintf(stderr, "%s\n", usage_sentence(*app, error).c_str());
        return kUsage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sqs2pg: %s\n", error.what());
        return kFailed;
    }
    return exit_code;
}
