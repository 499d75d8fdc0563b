// See live_tables.h.
#include "cli/live_tables.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cli/database_access.h"
#include "cli/operator_access.h"
#include "pg/catalog.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};

// `routes` outlives the call.
awaitable<Result<std::vector<pg::TableShape>>> describe_all(pg::Connection& connection,
                                                            const std::vector<pipeline::Route>& routes) {
    std::vector<pg::TableShape> tables;
    for (const auto& route : routes) {
        auto table = co_await pg::describe_table(connection, route.table, kDeadline);
        if (!table) {
            auto error = table.error();
            if (error.code == "42P01") error.code = "no_table";  // not the schema of ours, see operator_error
            co_return fail(std::move(error));
        }
        tables.push_back(std::move(*table));
    }
    co_return tables;
}

}  // namespace

Result<std::vector<pg::TableShape>> live_tables(const config::PipelineSettings& pipeline, const std::string& file) {
    return on_database<std::vector<pg::TableShape>>(
        connect_options(pipeline.postgres), file,
        [&pipeline](pg::Connection& connection) { return describe_all(connection, pipeline.routes); });
}

Result<const config::PipelineSettings*> find_pipeline(const config::Settings& settings, const std::string& name) {
    const auto& pipelines = settings.pipelines;
    if (name.empty() && pipelines.size() == 1) return &pipelines.front();
    std::vector<std::string> names;
    for (const auto& pipeline : pipelines) {
        if (pipeline.name == name) return &pipeline;
        names.push_back(pipeline.name);
    }
    const auto list = fmt::format("{}", fmt::join(names, ", "));
    if (name.empty()) {
        return fail(ErrorKind::Configuration, Stage::Configure, "pipeline",
                    fmt::format("the configuration has several pipelines ({}); name one", list));
    }
    const auto nearest = nearest_name(name, names);
    return fail(ErrorKind::Configuration, Stage::Configure, "pipeline",
                fmt::format("the configuration has no pipeline {}{}", name,
                            nearest.empty() ? "; it has " + list : fmt::format("; did you mean {}?", nearest)));
}

}  // namespace sqs2pg::cli
