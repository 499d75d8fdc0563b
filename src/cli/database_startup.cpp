// The looks at a database before the workers start, see database_startup.h.
#include "cli/database_startup.h"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "cli/database_access.h"
#include "pg/catalog.h"
#include "pipeline/map.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};

Error missing_ledger(const PipelineContext& context) {
    const auto& file = context.run.options.configuration;
    return {
        ErrorKind::Configuration, Stage::Start, "no_ledger",
        fmt::format("schema sqs2pg with the ledger is not in the database: run `sqs2pg migrate -c {}` or add --migrate",
                    file.empty() ? "FILE" : file)};
}

awaitable<Status> hold_schema(const PipelineContext& context, pg::Connection& connection,
                              telemetry::PipelineEvents& events) {
    if (context.run.options.migrate) {
        const DatabaseGroup database{context.settings->postgres, {context.settings.get()}};
        auto options = migration_options(database, context.run.dead_letter_retention_days);
        add_key_checks(options, context.keys->keyring);
        auto migrated = co_await schema::migrate(connection, std::move(options));
        if (!migrated) co_return fail(migrated.error());
        for (const auto& warning : migrated->warnings) events.warning(warning);
    }
    auto state = co_await schema::inspect(connection);
    if (!state) co_return fail(state.error());
    if (!state->present) co_return fail(missing_ledger(context));
    auto usable = schema::judge(*state, connection.user());
    if (!usable) co_return fail(usable.error());
    events.ledger_bytes(state->ledger_bytes);
    const auto& keyring = context.keys->keyring;
    for (const auto& id : keyring.ids()) {
        auto held = co_await schema::hold_key_check(connection, id, keyring.check_value(id));
        if (!held) co_return fail(held.error());
    }
    co_return Status{};
}

awaitable<Status> hold_rights(pg::Connection& connection, const pipeline::Route& route, const pg::TableShape& table) {
    auto rights = co_await pg::rights_on(connection, table.name, pipeline::rights_needed(route), {}, kDeadline);
    if (!rights) co_return fail(rights.error());
    const auto missing = missing_right(*rights, table.name, connection.user());
    if (!missing.empty()) co_return fail(ErrorKind::Configuration, Stage::Start, "42501", missing);
    co_return Status{};
}

awaitable<Result<std::vector<pg::TableShape>>> hold_tables(const PipelineContext& context, pg::Connection& connection,
                                                           telemetry::PipelineEvents& events) {
    const auto& pipeline = *context.settings;
    std::vector<pg::TableShape> tables;
    for (const auto& route : pipeline.routes) {
        auto table = co_await pg::describe_table(connection, route.table, kDeadline);
        if (!table) co_return fail(table.error());
        for (const auto& finding : pipeline::check_rules(route, *table)) {
            if (!finding.error) events.warning(finding.place + ": " + finding.sentence);
        }
        tables.push_back(std::move(*table));
    }
    // Made for its verdict only: each worker makes its own.
    const auto map = pipeline::MapStage::make(pipeline, tables, context.keys->keyring);
    if (!map) co_return fail(map.error());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        auto held = co_await hold_rights(connection, pipeline.routes[i], tables[i]);
        if (!held) co_return fail(held.error());
    }
    co_return tables;
}

}  // namespace

awaitable<Result<std::vector<pg::TableShape>>> look_at_database(const PipelineContext& context,
                                                                telemetry::PipelineEvents& events) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto options = connect_options(context.settings->postgres, context.run.connections);
    auto connection = co_await pg::Connection::connect(executor, std::move(options));
    if (!connection) co_return fail(connection.error());
    auto held = co_await hold_schema(context, **connection, events);
    if (!held) co_return fail(held.error());
    co_return co_await hold_tables(context, **connection, events);
}

}  // namespace sqs2pg::cli
