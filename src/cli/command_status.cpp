// `sqs2pg status`: every pipeline and every process on every machine, from the database alone.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

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

// The databases to look at: that of --url, those of the configuration, or the one of the PG… variables.
std::optional<std::vector<pg::ConnectOptions>> databases(const Arguments& arguments, StatusReport& report) {
    std::vector<pg::ConnectOptions> found;
    if (!arguments.configuration.empty()) {
        const auto settings = load_or_tell(arguments.configuration);
        if (!settings) return std::nullopt;
        for (const auto& pipeline : settings->pipelines) report.configured.push_back(pipeline.name);
        for (const auto& group : databases_of(settings->pipelines)) found.push_back(connect_options(group.postgres));
    }
    if (!arguments.url.empty()) {
        found.assign(1, {});
        found[0].conninfo = arguments.url;
    }
    if (found.empty()) found.emplace_back();
    return found;
}

// Two roles of one database see the same.
void join(schema::Overview& all, schema::Overview other) {
    auto add_new = [](auto& list, auto& more, auto same) {
        const auto before = list.size();
        for (auto& one : more) {
            const auto end = list.begin() + static_cast<std::ptrdiff_t>(before);
            if (std::none_of(list.begin(), end, [&](const auto& old) { return same(old, one); })) {
                list.push_back(std::move(one));
            }
        }
    };
    const auto known = all.processes.size() + all.pipelines.size();
    add_new(all.pipelines, other.pipelines, [](const auto& a, const auto& b) { return a.pipeline == b.pipeline; });
    add_new(all.processes, other.processes,
            [](const auto& a, const auto& b) { return a.id == b.id && a.pipeline == b.pipeline; });
    add_new(all.dead_letters, other.dead_letters,
            [](const auto& a, const auto& b) { return a.pipeline == b.pipeline && a.reason == b.reason; });
    const bool same_database =
        all.ledger_bytes == other.ledger_bytes && known == all.processes.size() + all.pipelines.size();
    if (!same_database) all.ledger_bytes += other.ledger_bytes;
}

int show(const Arguments& arguments) {
    StatusReport report;
    report.file = arguments.configuration;
    auto looked_at = databases(arguments, report);
    if (!looked_at) return kUsage;
    int exit_code = kDone;
    for (auto& options : *looked_at) {
        auto work = [](pg::Connection& connection) { return schema::look_over(connection); };
        auto overview = on_database<schema::Overview>(std::move(options), arguments.configuration, work);
        if (overview) {
            join(report.overview, *std::move(overview));
        } else {
            exit_code = std::max(exit_code, tell_operator("status", overview.error()));
        }
    }
    if (exit_code != kDone && looked_at->size() == 1) return exit_code;
    fmt::print("{}", arguments.format == "json" ? status_json(report) : status_text(report, screen_of(STDOUT_FILENO)));
    return exit_code;
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
