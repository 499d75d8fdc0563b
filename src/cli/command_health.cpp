// `sqs2pg health`: asks a running process whether it is well; the health check of the container image.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/health.h"
#include "cli/json_object.h"
#include "ops/server.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string ops = "127.0.0.1:9464";
    bool ready = false;
    double timeout_seconds = 2;
    std::string format = "text";
};

int ask(const Arguments& arguments) {
    const auto address = ops::parse_listen(arguments.ops);
    if (!address || !*address || (*address)->port == 0) {
        fmt::print(stderr, "sqs2pg health: --ops is the HOST:PORT of the process that is asked: 127.0.0.1:9464\n");
        return kUsage;
    }
    const std::chrono::milliseconds deadline(static_cast<std::int64_t>(arguments.timeout_seconds * 1000));
    const auto health = ask_health(**address, arguments.ready ? "/readyz" : "/healthz", deadline);
    if (arguments.format == "json") {
        fmt::print("{}\n", JsonObject()
                               .text("ops", arguments.ops)
                               .text("path", arguments.ready ? "/readyz" : "/healthz")
                               .flag("good", health.good)
                               .text("sentence", health.sentence)
                               .done());
        if (health.good) return kDone;
    }
    fmt::print(health.good ? stdout : stderr, "{}{}\n", health.good ? "" : "sqs2pg health: ", health.sentence);
    return health.good ? kDone : kFailed;
}

}  // namespace

void add_health(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("health", "Ask a running process whether it is well: exit code 0 or 1");
    command->add_option("--ops", arguments->ops, "HOST:PORT of its ops port, or of `sqs2pg queue`")
        ->capture_default_str();
    command->add_flag("--ready", arguments->ready,
                      "Whether every pipeline works, too: not while one waits, failed or is paused");
    command->add_option("--timeout", arguments->timeout_seconds, "Seconds to wait for the answer")
        ->check(CLI::Range(0.05, 60.0))
        ->capture_default_str();
    command->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([&exit_code, arguments] { exit_code = ask(*arguments); });
}

}  // namespace sqs2pg::cli
