// `sqs2pg run`: the daemon, and with --drain the job that ends when the queue is empty.
#include <memory>

#include <fmt/format.h>

#include "cli/assembly.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "ops/server.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string configuration;
    RunOptions run;
    std::string ops;
    std::string log_format;
    std::string log_level;
};

// The command line wins over the file. Both were checked where they were read.
telemetry::LogOptions log_options(const Arguments& arguments, const config::Settings& settings) {
    telemetry::LogOptions options;
    const auto format = arguments.log_format.empty() ? settings.log_format.value_or("text") : arguments.log_format;
    const auto level = arguments.log_level.empty() ? settings.log_level.value_or("info") : arguments.log_level;
    options.format = telemetry::log_format_from(format).value_or(telemetry::LogFormat::Text);
    options.level = telemetry::log_level_from(level).value_or(telemetry::LogLevel::Info);
    return options;
}

int run(Arguments& arguments) {
    if (!arguments.ops.empty()) {
        if (const auto address = ops::parse_listen(arguments.ops); !address) {
            fmt::print(stderr, "sqs2pg run: --ops: {}\n", address.error().detail);
            return kUsage;
        }
        arguments.run.ops = arguments.ops;
    }
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    arguments.run.configuration = arguments.configuration;
    arguments.run.log = log_options(arguments, *settings);
    arguments.run.reload = [path = arguments.configuration] {
        return config::load(path, config::process_environment());
    };
    return run_pipelines(*settings, arguments.run).exit_code;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("run", "Run the pipelines of a configuration");
    command->add_option("-c,--config", arguments->configuration, "Configuration file, or a folder of them")->required();
    command->add_flag("--drain", arguments->run.drain, "End when the queues are empty and nothing is in flight");
    command->add_flag("--migrate", arguments->run.migrate, "Make or upgrade schema sqs2pg first");
    command->add_option("--workers", arguments->run.workers, "Threads a pipeline (default: by the machine's cores)")
        ->check(CLI::Range(1, 256));
    command->add_option("--ops", arguments->ops, "HOST:PORT of /metrics, /healthz, /readyz and /status, or off");
    command->add_option("--log", arguments->log_format, "Log lines as text or json")
        ->check(CLI::IsMember({"text", "json"}));
    command->add_option("--log-level", arguments->log_level, "The least level that is logged")
        ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}));
    command->add_flag("--fail-fast", arguments->run.fail_fast,
                      "End with exit code 1 where an absent queue or database, or a pause, would be waited for");
    command->callback([&exit_code, arguments] {
        arguments->run.version = build_info().version;
        exit_code = run(*arguments);
    });
}

}  // namespace sqs2pg::cli
