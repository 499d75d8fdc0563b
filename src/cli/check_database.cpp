// Keys and database of `check`, see check.h.
#include <set>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "cli/check.h"
#include "cli/check_ledger.h"
#include "cli/check_relation.h"
#include "cli/check_secret.h"
#include "cli/check_server.h"
#include "cli/database_access.h"
#include "cli/progress.h"
#include "cli/secret_access.h"
#include "pg/catalog.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};

std::string or_else(const std::string& place, const char* otherwise) { return place.empty() ? otherwise : place; }

// The settings of the server, for `wanted` connections.
awaitable<void> check_session(pg::Connection& connection, Clock& clock, std::size_t wanted, Findings& findings) {
    const auto state = co_await look_at_server(connection, clock);
    if (!state) {
        findings.warning("database_settings", connection.where(),
                         "the session's settings could not be read: " + describe(state.error()));
        co_return;
    }
    judge_server(*state, connection.where(), connection.user(), static_cast<std::int64_t>(wanted), findings);
}

awaitable<std::optional<schema::SchemaState>> check_schema(pg::Connection& connection, Findings& findings) {
    const std::string place = "schema sqs2pg";
    auto state = co_await schema::inspect(connection);
    if (!state) {
        findings.error("schema", place, state.error());
        co_return std::nullopt;
    }
    const auto usable = schema::judge(*state, connection.user());
    if (!usable) {
        findings.error("schema", place, usable.error());
        co_return *state;
    }
    findings.ok("schema", place, fmt::format("version {}; ledger and dead letters can be written", state->version));
    const auto ledger = co_await look_at_ledger(connection);
    if (ledger) {
        judge_ledger(*ledger, findings);
    } else {
        findings.error("ledger_partitions", "ledger", ledger.error());
    }
    co_return *state;
}

awaitable<void> check_key_values(pg::Connection& connection, const privacy::Keyring& keyring, Findings& findings) {
    for (const auto& id : keyring.ids()) {
        const auto known = co_await schema::compare_key_check(connection, id, keyring.check_value(id));
        if (!known) {
            findings.error("key_value", "key " + id, known.error());
        } else if (*known) {
            findings.ok("key_value", "key " + id, "is the key that the database knows");
        } else {
            findings.warning("key_unknown", "key " + id,
                             "the database does not know it yet: `sqs2pg migrate -c FILE` tells it, or the first `run` "
                             "of a role that may");
        }
    }
}

awaitable<void> check_rights(pg::Connection& connection, const pipeline::Route& route, const pg::TableShape& table,
                             Findings& findings) {
    const auto place = "table " + pg::shown(table.name);
    auto needed = pipeline::rights_needed(route);
    for (auto* columns : {&needed.insert, &needed.select, &needed.update}) {
        std::erase_if(*columns, [&](const std::string& column) { return table.find(column) == nullptr; });
    }
    const auto rights = co_await pg::rights_on(connection, table.name, std::move(needed), {}, kDeadline);
    if (!rights) {
        findings.error("table_rights", place, rights.error());
        co_return;
    }
    const auto missing = missing_right(*rights, table.name, connection.user());
    if (missing.empty()) {
        findings.ok("table_rights", place,
                    fmt::format("\"{}\" may write its {} mapped columns", connection.user(), route.columns.size()));
    } else {
        findings.error("table_rights", place, missing);
    }
}

// The table's shape, where every rule of the route fits it.
awaitable<std::optional<pg::TableShape>> check_route(pg::Connection& connection, const pipeline::Route& route,
                                                     const privacy::Keyring* keyring, Findings& findings) {
    auto table = co_await pg::describe_table(connection, route.table, kDeadline);
    if (!table) {
        findings.error("table", or_else(route.place, "table"), table.error());
        co_return std::nullopt;
    }
    bool fits = true;
    for (auto& finding : pipeline::check_rules(route, *table, keyring)) {
        if (finding.error) {
            findings.error(finding.code, finding.place, finding.sentence);
            fits = false;
        } else {
            findings.warning(finding.code, finding.place, finding.sentence);
        }
    }
    co_await check_rights(connection, route, *table, findings);
    const auto relation = co_await look_at_relation(connection, table->name);
    if (relation) judge_relation(*relation, table->name, findings);
    if (!fits) co_return std::nullopt;
    co_return std::move(*table);
}

awaitable<void> check_tables(pg::Connection& connection, const pipeline::PipelineOptions& pipeline,
                             const privacy::Keyring* keyring, Findings& findings) {
    std::vector<pg::TableShape> tables;
    for (const auto& route : pipeline.routes) {
        auto table = co_await check_route(connection, route, keyring, findings);
        if (table) tables.push_back(std::move(*table));
    }
    bool fits = tables.size() == pipeline.routes.size();
    // What only the finished mapping tells.
    if (fits && keyring != nullptr) {
        const auto map = pipeline::MapStage::make(pipeline, tables, *keyring);
        if (!map) findings.error("mapping", pipeline.place, map.error());
        fits = map.has_value();
    }
    if (fits) findings.ok("mapping", pipeline.place, "pipeline " + pipeline.name + ": every column fits its table");
}

}  // namespace

KeysSeen::KeysSeen(const std::vector<config::PipelineSettings>& pipelines, Findings& findings) {
    KeySources sources;
    std::set<std::string> told;
    for (const auto& pipeline : pipelines) {
        const auto place = or_else(pipeline.keys.place, "keys");
        std::vector<std::string> warnings;
        auto opened = sources.open(pipeline.keys, warnings);
        const bool first = told.insert(source_of(pipeline.keys)).second;
        for (const auto& warning : warnings) findings.warning("keys_readable", place, warning);
        if (!opened) {
            if (first) findings.error("keys", place, opened.error());
            continue;
        }
        keys_.emplace(&pipeline, *opened);
        const auto& keyring = (*opened)->keyring;
        const auto& secret = pipeline.keys.secret;
        if (first) {
            findings.ok("keys", place,
                        fmt::format("{} {}; \"{}\" is active{}", keyring.ids().size(),
                                    keyring.ids().size() == 1 ? "key" : "keys", keyring.active_id(),
                                    secret ? "; from " + origin_of(secret, pipeline.keys.aws) : std::string()));
        }
    }
}

const privacy::Keyring* KeysSeen::of(const config::PipelineSettings& pipeline) const {
    const auto found = keys_.find(&pipeline);
    return found == keys_.end() ? nullptr : &found->second->keyring;
}

awaitable<std::optional<schema::SchemaState>> check_database(const DatabaseGroup& database, const KeysSeen& keys,
                                                             Clock& clock, Findings& findings) {
    auto executor = co_await boost::asio::this_coro::executor;
    const auto secret = co_await check_password_secret(executor, database.postgres, findings);
    if (!secret.had) co_return std::nullopt;
    auto options = connect_options(database.postgres);
    const auto connected = co_await pg::Connection::connect(executor, std::move(options));
    if (!connected) {
        findings.error("database_connect", or_else(database.postgres.place, "postgres"), connected.error());
        co_return std::nullopt;
    }
    auto& connection = **connected;
    judge_secret_user(secret, connection.user(), findings);
    co_await check_session(connection, clock, database.pipelines.size(), findings);
    auto state = co_await check_schema(connection, findings);
    const bool ledger = state && schema::judge(*state, connection.user()).has_value();
    std::set<const privacy::Keyring*> compared;
    for (const auto* pipeline : database.pipelines) {
        const auto* keyring = keys.of(*pipeline);
        if (keyring == nullptr || !ledger || !compared.insert(keyring).second) continue;
        co_await check_key_values(connection, *keyring, findings);
    }
    for (const auto* pipeline : database.pipelines) {
        findings.about(pipeline->name);
        co_await check_tables(connection, *pipeline, keys.of(*pipeline), findings);
    }
    findings.about({});
    co_return state;
}

}  // namespace sqs2pg::cli
