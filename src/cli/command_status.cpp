// `sqs2pg status`: every pipeline and every process on every machine, from the database alone.
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/operator_access.h"
#include "cli/status_report.h"
#include "schema/control.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string configuration;
    std::string format = "text";
    std::string url;
};

int show(const Arguments& arguments) {
    StatusReport report;
    report.file = arguments.configuration;
    pg::ConnectOptions options;  // without -c: the PG… variables, as for psql
    if (!arguments.configuration.empty()) {
        const auto settings = load_or_tell(arguments.configuration);
        if (!settings) return kUsage;
        for (const auto& pipeline : settings->pipelines) report.configured.push_back(pipeline.name);
        options = connect_options(settings->postgres);
    }
    if (!arguments.url.empty()) {
        options.conninfo = arguments.url;
        options.password = {};
    }
    auto work = [](pg::Connection& connection) { return schema::look_over(connection); };
    auto overview = on_database<schema::Overview>(std::move(options), arguments.configuration, work);
    if (!overview) return tell_operator("status", overview.error());
    report.overview = *std::move(overview);
    fmt::print("{}", arguments.format == "json" ? status_json(report) : status_text(report));
    return kDone;
}

}  // namespace

void add_status(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("status", "Pipelines, pauses and processes, as the database knows them");
    command->add_option("-c,--config", arguments->configuration,
                        "Configuration file, or a folder of them (default: the PG… variables)");
    command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->add_option("--url", arguments->url, "Connect as another role than the configuration's");
    command->callback([&exit_code, arguments] { exit_code = show(*arguments); });
}

}  // namespace sqs2pg::cli
