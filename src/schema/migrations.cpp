// Running of migrations and maintenance, see migrations.h.
#include "schema/migrations.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "pg/catalog.h"
#include "pg/copy.h"
#include "schema/rights.h"

namespace sqs2pg::schema {
namespace {

constexpr std::chrono::seconds kDeadline{30};
constexpr std::chrono::seconds kMigrationDeadline{180};

using Params = std::vector<std::optional<std::string>>;

// Nothing here is a message's row, so no code means "bad row": what is not worth a retry needs somebody.
Error start_error(const pg::QueryError& failed, std::string_view doing) {
    auto error = failed.error;
    error.stage = Stage::Start;
    if (error.kind != ErrorKind::Retry) error.kind = ErrorKind::Configuration;
    error.detail = fmt::format("{}: {}", doing, error.detail);
    return error;
}

std::string hint_for(const std::string& sqlstate, const MigrationOptions& options) {
    if (sqlstate == "42501") {
        return "; run `migrate` as a role that may create schema sqs2pg here (CREATE on the database) or owns it, or "
               "hand "
               "`sqs2pg migrate --print` to one that does";
    }
    std::string roles = options.owner_role;
    for (const auto& [role, name] : named_roles(options)) roles += (roles.empty() ? "" : ", ") + name;
    if ((sqlstate == "42704" || sqlstate == "22023") && !roles.empty()) {
        return fmt::format("; does each of these roles exist: {}? Roles are made by hand (CREATE ROLE … LOGIN)", roles);
    }
    return "";
}

bool quotable(const MigrationOptions& options) {
    auto bad = [](const std::string& name) { return name.contains('\0'); };
    bool clean = !bad(options.owner_role);
    for (const auto& [role, name] : named_roles(options)) clean = clean && !bad(name);
    for (const auto& target : options.targets) {
        clean = clean && !bad(target.table.schema) && !bad(target.table.table);
        for (const auto* columns : {&target.columns.select, &target.columns.update}) {
            clean = clean && std::ranges::none_of(*columns, bad);
        }
    }
    for (const auto& [key_id, value] : options.key_checks) clean = clean && !bad(key_id) && !bad(value);
    return clean;
}

// Whether a role may write to the targets by now (the references outlive the call); a sentence for each where it may
// not.
awaitable<Result<std::vector<std::string>>> missing_rights(pg::Connection& connection, const MigrationOptions& options,
                                                           const std::string& role) {
    std::vector<std::string> warnings;
    auto quoted = pg::quote_identifier(role);
    for (const auto& target : options.targets) {
        auto shape = co_await pg::describe_table(connection, target.table, kDeadline);
        if (!shape) {
            if (shape.error().kind == ErrorKind::Retry) co_return fail(shape.error());
            warnings.push_back(shape.error().detail);
            continue;
        }
        auto wanted = target.columns;
        wanted.insert.clear();
        for (const auto& column : shape->columns) wanted.insert.push_back(column.name);
        auto rights = co_await pg::rights_on(connection, shape->name, std::move(wanted), role, kDeadline);
        if (!rights) co_return fail(rights.error());
        if (!rights->schema_usage) {
            warnings.push_back(
                fmt::format("role {0} may not use schema {1}; let its owner run: GRANT USAGE ON SCHEMA {1} TO {0};",
                            quoted, pg::quote_identifier(shape->name.schema)));
        }
        if (!rights->missing.insert.empty()) {
            warnings.push_back(
                fmt::format("role {0} may not write to every column of {1}; let its owner run: "
                            "GRANT INSERT ON {1} TO {0};",
                            quoted, pg::quote(shape->name)));
        }
        if (!rights->missing.select.empty() || !rights->missing.update.empty()) {
            warnings.push_back(
                fmt::format("role {} may not do in {} what `on_conflict` needs; let its owner run: {} {}", quoted,
                            pg::quote(shape->name), column_grant("SELECT", target.columns.select, shape->name, quoted),
                            column_grant("UPDATE", target.columns.update, shape->name, quoted)));
        }
    }
    co_return warnings;
}

// Each grant by itself, and none of them need succeed: the connecting role may not own the target.
awaitable<Status> grant_on_targets(pg::Connection& connection, const MigrationOptions& options) {
    auto grants = target_grants_sql(options);
    for (std::size_t start = 0; start < grants.size();) {
        auto end = grants.find(";\n", start);
        auto granted = co_await connection.query(grants.substr(start, end - start), kDeadline);
        if (!granted && granted.error().error.kind == ErrorKind::Retry) co_return fail(granted.error().error);
        start = end + 2;
    }
    co_return Status{};
}

}  // namespace

awaitable<Result<MigrationReport>> migrate(pg::Connection& connection, MigrationOptions options) {
    MigrationReport report;
    if (!quotable(options)) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "name",
                       "a role, table or key has a NUL character in its name");
    }
    auto before = co_await inspect(connection);
    if (!before) co_return fail(before.error());
    report.version_before = before->version;
    if (before->version > kSchemaVersion) co_return fail(judge(*before, connection.user()).error());

    auto made = co_await connection.query(migration_sql(options), kMigrationDeadline);
    if (!made) {
        auto error = start_error(made.error(), "schema sqs2pg cannot be made");
        error.detail += hint_for(made.error().server.sqlstate, options);
        if (connection.ok()) co_await connection.query("ROLLBACK", kDeadline);
        co_return fail(std::move(error));
    }
    if (made->size() < 2 || made->back().command_tag != "COMMIT") {
        co_return fail(ErrorKind::Retry, Stage::Start, "rollback", "the migration's transaction was rolled back");
    }
    const auto& maintained = made->at(made->size() - 2).rows;
    if (!maintained.empty()) report.partitions_made = std::atoi(maintained[0][0].value_or("0").c_str());
    report.version = kSchemaVersion;

    auto granted = co_await grant_on_targets(connection, options);
    if (!granted) co_return fail(granted.error());
    for (const auto& [role, name] : named_roles(options)) {
        if (role == Role::Analyst) continue;
        auto missing = co_await missing_rights(connection, options, name);
        if (!missing) co_return fail(missing.error());
        for (auto& warning : *missing) {
            if (std::ranges::find(report.warnings, warning) == report.warnings.end())
                report.warnings.push_back(std::move(warning));
        }
    }
    for (const auto& [key_id, check_value] : options.key_checks) {
        auto held = co_await hold_key_check(connection, key_id, check_value);
        if (!held) co_return fail(held.error());
    }
    co_return report;
}

awaitable<Result<bool>> compare_key_check(pg::Connection& connection, std::string key_id, std::string check_value) {
    Params which = {key_id};
    auto stored = co_await connection.query_params("SELECT check_value FROM sqs2pg.key_check WHERE key_id = $1", which,
                                                   kDeadline);
    if (!stored) co_return fail(start_error(stored.error(), "the key's check value cannot be read"));
    if (stored->rows.empty()) co_return false;
    if (stored->rows[0][0] != check_value) {
        co_return fail(
            ErrorKind::Configuration, Stage::Start, "wrong_key",
            fmt::format("key {} is not the key of this id that the database's rows were masked with: its tokens "
                        "would join with none of them; find the right key file, or give a new key a new id",
                        key_id));
    }
    co_return true;
}

awaitable<Status> hold_key_check(pg::Connection& connection, std::string key_id, std::string check_value) {
    auto known = co_await compare_key_check(connection, key_id, check_value);
    if (!known) co_return fail(known.error());
    if (*known) co_return Status{};
    Params row = {key_id, check_value};
    auto put = co_await connection.query_params(
        "INSERT INTO sqs2pg.key_check (key_id, check_value) VALUES ($1, $2) ON CONFLICT DO NOTHING", row, kDeadline);
    if (!put && put.error().server.sqlstate == "42501") {
        co_return fail(
            ErrorKind::Configuration, Stage::Start, "unknown_key",
            fmt::format("the database does not know key {} yet: run `sqs2pg migrate` with this key file", key_id));
    }
    if (!put) co_return fail(start_error(put.error(), "the key's check value cannot be stored"));
    known = co_await compare_key_check(connection, key_id, check_value);  // what won a race counts
    if (!known) co_return fail(known.error());
    co_return Status{};
}

awaitable<Result<MaintenanceReport>> maintain(pg::Connection& connection) {
    auto answer = co_await connection.query(
        "SELECT made, dropped, postponed, expired, busy FROM sqs2pg.maintain_ledger()", kMigrationDeadline);
    if (!answer) co_return fail(start_error(answer.error(), "the ledger's maintenance failed"));
    const auto& row = answer->at(0).rows.at(0);
    auto number = [&](std::size_t i) { return std::strtoll(row[i].value_or("0").c_str(), nullptr, 10); };
    MaintenanceReport report;
    report.made = static_cast<int>(number(0));
    report.dropped = static_cast<int>(number(1));
    report.postponed = static_cast<int>(number(2));
    report.expired = number(3);
    report.busy = row[4] == "t";
    co_return report;
}

}  // namespace sqs2pg::schema
