// Keys and database of `check`, see check.h.
#include <set>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "cli/check.h"
#include "cli/database_access.h"
#include "cli/progress.h"
#include "pg/catalog.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr int kLedgerEntryBytes = 82;  // measured: 76 to 88 with its index

std::string or_else(const std::string& place, const char* otherwise) { return place.empty() ? otherwise : place; }

std::string value_of(const std::vector<pg::StatementResult>& results, std::size_t column) {
    if (results.empty() || results[0].rows.empty() || column >= results[0].rows[0].size()) return {};
    return results[0].rows[0][column].value_or("");
}

// Whether the line is encrypted, and whether the server's own log would keep what it refuses.
awaitable<void> check_session(pg::Connection& connection, Findings& findings) {
    const std::string sql =
        "SELECT coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()), false), "
        "pg_catalog.inet_server_addr() IS NULL, "
        "pg_catalog.inet_client_addr() << '127.0.0.0/8'::inet OR pg_catalog.inet_client_addr() = '::1'::inet, "
        "pg_catalog.current_setting('log_min_messages')";
    const auto result = co_await connection.query(sql, kDeadline);
    if (!result) {
        findings.warning(connection.where(),
                         "the session's settings could not be read: " + describe(result.error().error));
        co_return;
    }
    if (value_of(*result, 0) == "t") {
        findings.ok(connection.where(), "connected with TLS");
    } else if (value_of(*result, 1) == "t" || value_of(*result, 2) == "t") {
        findings.ok(connection.where(), "connected without TLS, on this machine");
    } else {
        findings.warning(connection.where(),
                         "connected without TLS over the network: add sslmode=verify-full to the URL");
    }
    const auto level = value_of(*result, 3);
    if (level == "fatal" || level == "panic") {
        findings.ok("server log",
                    "log_min_messages is " + level + ": values that the server refuses stay out of its log");
    } else {
        findings.warning("server log",
                         fmt::format("values that only the server can refuse may stand in its log (log_min_messages is "
                                     "{}); as a superuser: ALTER ROLE \"{}\" SET log_min_messages = fatal",
                                     level, connection.user()));
    }
}

awaitable<std::optional<schema::SchemaState>> check_schema(pg::Connection& connection, Findings& findings) {
    const std::string place = "schema sqs2pg";
    auto state = co_await schema::inspect(connection);
    if (!state) {
        findings.error(place, state.error());
        co_return std::nullopt;
    }
    const auto usable = schema::judge(*state, connection.user());
    if (!usable) {
        findings.error(place, usable.error());
        co_return *state;
    }
    findings.ok(place,
                fmt::format("version {}; ledger and dead letters can be written; entries are kept for {}, {} MiB "
                            "now, expect about {} bytes a message",
                            state->version, duration_text(static_cast<double>(state->ledger_retention.count())),
                            grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(0, state->ledger_bytes)) >> 20),
                            kLedgerEntryBytes));
    co_return *state;
}

awaitable<void> check_key_values(pg::Connection& connection, const privacy::Keyring& keyring, Findings& findings) {
    for (const auto& id : keyring.ids()) {
        const auto known = co_await schema::compare_key_check(connection, id, keyring.check_value(id));
        if (!known) {
            findings.error("key " + id, known.error());
        } else if (*known) {
            findings.ok("key " + id, "is the key that the database knows");
        } else {
            findings.warning("key " + id,
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
        findings.error(place, rights.error());
        co_return;
    }
    const auto missing = missing_right(*rights, table.name, connection.user());
    if (missing.empty()) {
        findings.ok(place,
                    fmt::format("\"{}\" may write its {} mapped columns", connection.user(), route.columns.size()));
    } else {
        findings.error(place, missing);
    }
}

// The table's shape, where every rule of the route fits it.
awaitable<std::optional<pg::TableShape>> check_route(pg::Connection& connection, const pipeline::Route& route,
                                                     Findings& findings) {
    auto table = co_await pg::describe_table(connection, route.table, kDeadline);
    if (!table) {
        findings.error(or_else(route.place, "table"), table.error());
        co_return std::nullopt;
    }
    bool fits = true;
    for (auto& finding : pipeline::check_rules(route, *table)) {
        if (finding.error) {
            findings.error(finding.place, finding.sentence);
            fits = false;
        } else {
            findings.warning(finding.place, finding.sentence);
        }
    }
    co_await check_rights(connection, route, *table, findings);
    if (!fits) co_return std::nullopt;
    co_return std::move(*table);
}

awaitable<void> check_tables(pg::Connection& connection, const pipeline::PipelineOptions& pipeline,
                             const privacy::Keyring* keyring, Findings& findings) {
    std::vector<pg::TableShape> tables;
    for (const auto& route : pipeline.routes) {
        auto table = co_await check_route(connection, route, findings);
        if (table) tables.push_back(std::move(*table));
    }
    bool fits = tables.size() == pipeline.routes.size();
    // Whether the masks' tokens fit depends on the real key, and only the finished mapping tells it.
    if (fits && keyring != nullptr) {
        const auto map = pipeline::MapStage::make(pipeline, tables, *keyring);
        if (!map) findings.error(pipeline.place, map.error());
        fits = map.has_value();
    }
    if (fits) findings.ok(pipeline.place, "pipeline " + pipeline.name + ": every column fits its table");
}

}  // namespace

KeysSeen::KeysSeen(const std::vector<config::PipelineSettings>& pipelines, Findings& findings) {
    KeySources sources;
    std::set<std::pair<std::string, std::string>> told;
    for (const auto& pipeline : pipelines) {
        const auto place = or_else(pipeline.keys.place, "keys");
        std::vector<std::string> warnings;
        auto opened = sources.open(pipeline.keys, warnings);
        const bool first = told.emplace(pipeline.keys.file, pipeline.keys.env).second;
        for (const auto& warning : warnings) findings.warning(place, warning);
        if (!opened) {
            if (first) findings.error(place, opened.error());
            continue;
        }
        keys_.emplace(&pipeline, *opened);
        const auto& keyring = (*opened)->keyring;
        if (first) {
            findings.ok(place, fmt::format("{} {}; \"{}\" is active", keyring.ids().size(),
                                           keyring.ids().size() == 1 ? "key" : "keys", keyring.active_id()));
        }
    }
}

const privacy::Keyring* KeysSeen::of(const config::PipelineSettings& pipeline) const {
    const auto found = keys_.find(&pipeline);
    return found == keys_.end() ? nullptr : &found->second->keyring;
}

awaitable<std::optional<schema::SchemaState>> check_database(const DatabaseGroup& database, const KeysSeen& keys,
                                                             Findings& findings) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto options = connect_options(database.postgres);
    const auto connected = co_await pg::Connection::connect(executor, std::move(options));
    if (!connected) {
        findings.error(or_else(database.postgres.place, "postgres"), connected.error());
        co_return std::nullopt;
    }
    auto& connection = **connected;
    co_await check_session(connection, findings);
    auto state = co_await check_schema(connection, findings);
    const bool ledger = state && schema::judge(*state, connection.user()).has_value();
    std::set<const privacy::Keyring*> compared;
    for (const auto* pipeline : database.pipelines) {
        const auto* keyring = keys.of(*pipeline);
        if (keyring == nullptr || !ledger || !compared.insert(keyring).second) continue;
        co_await check_key_values(connection, *keyring, findings);
    }
    for (const auto* pipeline : database.pipelines) {
        co_await check_tables(connection, *pipeline, keys.of(*pipeline), findings);
    }
    co_return state;
}

}  // namespace sqs2pg::cli
