// See preview_try.h.
#include "cli/preview_try.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "cli/database_access.h"
#include "cli/operator_access.h"
#include "pg/copy.h"
#include "pipeline/write.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{30};

// As a worker's transaction, and nothing of it waits for another's locks for long.
constexpr const char* kBegin =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; "
    "SET LOCAL lock_timeout = '2s'; SET CONSTRAINTS ALL IMMEDIATE";

struct Trial {
    const config::PipelineSettings& pipeline;
    pipeline::MapStage map;
    std::vector<pipeline::Target> targets;
    std::vector<pipeline::Received>& messages;
};

std::string copy_statement(const pipeline::Target& target) {
    std::vector<std::string> columns;
    for (const auto& column : target.columns) columns.push_back(pg::quote_identifier(column));
    return fmt::format("SAVEPOINT one; COPY {} ({}) FROM STDIN; RELEASE one", pg::quote(target.table),
                       fmt::join(columns, ", "));
}

pipeline::BadMessage refusal(const pg::QueryError& error) {
    const auto& place = error.server.column.empty() ? error.server.constraint : error.server.column;
    return {std::string(pipeline::reason_for_sqlstate(error.error.code)), place, error.error.code};
}

// `trial` outlives the call. The transaction is rolled back by the caller, or with the connection.
awaitable<Result<std::vector<Refused>>> try_all(pg::Connection& connection, Trial& trial) {
    std::vector<Refused> refused;
    for (std::size_t i = 0; i < trial.messages.size(); ++i) {
        const auto object = trial.map.object_of(trial.messages[i]);
        if (object && *object) continue;
        const auto row = trial.map.transform(trial.messages[i]);
        if (!row || !*row || (*row)->rows() == 0) continue;
        const auto& target = trial.targets[(*row)->target()];
        std::vector<std::vector<std::string_view>> copies{{(*row)->copy_text()}};
        const auto written =
            co_await connection.query_with_copies(copy_statement(target), std::move(copies), kDeadline);
        if (written) continue;
        if (written.error().error.kind != ErrorKind::BadRow) co_return fail(written.error().error);
        // Where on_conflict decides, a row with the same key is no problem.
        const bool settled = target.conflict && written.error().error.code == "23505";
        if (!settled) refused.push_back({i, refusal(written.error())});
        const auto back = co_await connection.query("ROLLBACK TO SAVEPOINT one; RELEASE one", kDeadline);
        if (!back) co_return fail(back.error().error);
    }
    co_return refused;
}

awaitable<Result<std::vector<Refused>>> try_in_transaction(pg::Connection& connection, Trial& trial) {
    const auto begun = co_await connection.query(kBegin, kDeadline);
    if (!begun) co_return fail(begun.error().error);
    auto refused = co_await try_all(connection, trial);
    if (connection.ok()) {
        const auto ended = co_await connection.query("ROLLBACK", kDeadline);
        if (!ended && refused) co_return fail(ended.error().error);
    }
    co_return refused;
}

}  // namespace

Result<std::vector<Refused>> try_rows(const config::PipelineSettings& pipeline,
                                      const std::vector<pg::TableShape>& tables, const privacy::Keyring& keyring,
                                      std::vector<pipeline::Received>& messages, const std::string& file) {
    auto map = pipeline::MapStage::make(pipeline, tables, keyring);
    if (!map) return fail(map.error());
    auto targets = map->targets();
    Trial trial{pipeline, std::move(*map), std::move(targets), messages};
    return on_database<std::vector<Refused>>(
        connect_options(pipeline.postgres), file,
        [&trial](pg::Connection& connection) { return try_in_transaction(connection, trial); });
}

}  // namespace sqs2pg::cli
