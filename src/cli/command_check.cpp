// `sqs2pg check`: holds configuration, keys, tables, rights and queues against each other, before the first message.
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/assembly.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "config/json_schema.h"
#include "config/load.h"

namespace sqs2pg::cli {

namespace {

// A message reaches only one of two pipelines on a queue, whichever asks first.
void tell_same_queue(const config::PipelineSettings& pipeline, const std::string& queue,
                     std::map<std::string, std::string>& seen, Findings& findings) {
    if (queue.empty()) return;
    const auto [first, fresh] = seen.emplace(queue, pipeline.name);
    if (fresh) return;
    findings.error("queue_twice", pipeline.place,
                   fmt::format("the pipelines {} and {} read the same queue ({}), and a message reaches "
                               "only one of them; give each its own queue",
                               first->second, pipeline.name, queue));
}

// The finished findings are printed after the loop has ended. Arguments outlive the coroutine.
awaitable<void> look(const config::Settings& settings, Clock& clock, Findings& findings) {
    const KeysSeen keys(settings.pipelines, findings);
    std::map<const config::PipelineSettings*, std::optional<schema::SchemaState>> states;
    const auto databases = databases_of(settings.pipelines);
    for (const auto& database : databases) {
        const auto state = co_await check_database(database, keys, clock, findings);
        for (const auto* pipeline : database.pipelines) states.emplace(pipeline, state);
    }
    std::map<std::string, std::string> queues;
    for (const auto& pipeline : settings.pipelines) {
        const auto& state = states.at(&pipeline);
        findings.about(pipeline.name);
        const auto queue = co_await check_queue(pipeline, state ? &*state : nullptr, clock, findings);
        tell_same_queue(pipeline, queue, queues, findings);
    }
    findings.about({});
}

void check_connections(const std::string& path, const config::Settings& settings, Findings& findings) {
    const auto pipelines = settings.pipelines.size();
    const auto workers = static_cast<std::size_t>(workers_of(0, pipelines));
    const auto most = static_cast<std::size_t>(settings.max_connections);
    if (most == 0 || most >= pipelines * workers) return;
    findings.warning("max_connections", path,
                     fmt::format("max_connections is {}, but {} pipelines of {} {} on this machine write on up to "
                                 "{} at a time: they take turns, which costs throughput; raise it to {} or more",
                                 most, pipelines, workers, workers == 1 ? "worker" : "workers", pipelines * workers,
                                 pipelines * workers + 2));
}

int check(const std::string& path, const std::string& format) {
    if (access(path.c_str(), R_OK) != 0) {
        fmt::print(stderr, "sqs2pg check: cannot read {}: {}\n", path, std::strerror(errno));
        return kUsage;
    }
    Findings findings;
    const auto loaded = config::load(path, config::process_environment());
    for (const auto& mistake : loaded.mistakes) findings.error("configuration", mistake.place, mistake.sentence);
    for (const auto& warning : loaded.warnings)
        findings.warning("configuration_warning", warning.place, warning.sentence);
    if (loaded.mistakes.empty()) {
        findings.ok("configuration", path,
                    fmt::format("{} {}", loaded.settings.pipelines.size(),
                                loaded.settings.pipelines.size() == 1 ? "pipeline" : "pipelines"));
        check_connections(path, loaded.settings, findings);
        SystemClock clock;
        boost::asio::io_context loop{1};
        boost::asio::co_spawn(loop, look(loaded.settings, clock, findings), [&](std::exception_ptr thrown) {
            if (thrown) findings.error("internal", path, "the check ended by an exception that nobody expected");
            loop.stop();
        });
        loop.run();
    }
    fmt::print("{}", format == "json" ? findings.json() : findings.text(screen_of(STDOUT_FILENO)));
    return findings.any_error() ? kFailed : kDone;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
    auto path = std::make_shared<std::string>();
    auto schema = std::make_shared<bool>(false);
    auto format = std::make_shared<std::string>("text");
    auto* command =
        app.add_subcommand("check", "Hold configuration, keys, tables, rights and queues against each other");
    command->add_option("-c,--config", *path, "Configuration file, or a folder of them");
    command->add_option("--format", *format, "text, or json: one object, with stable codes (docs/check.md)")
        ->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--schema", *schema, "Print the JSON Schema of the configuration, for editors, and end");
    command->callback([&exit_code, path, schema, format] {
        if (*schema) {
            fmt::print("{}", config::json_schema());
            exit_code = kDone;
        } else if (path->empty()) {
            fmt::print(stderr, "sqs2pg check: name a configuration with -c FILE, or ask for --schema\n");
            exit_code = kUsage;
        } else {
            exit_code = check(*path, *format);
        }
    });
}

}  // namespace sqs2pg::cli
