// The table of rights and its GRANTs, see rights.h.
#include "schema/rights.h"

#include <array>

#include <fmt/format.h>

#include "pg/copy.h"
#include "schema/migrations.h"

namespace sqs2pg::schema {
namespace {

using enum Role;

// Every column of a dead letter but the sealed message.
constexpr const char* kClearColumns =
    "id, pipeline, queue, message_id, sent_at, first_received_at, last_received_at, receive_count, reason, place, "
    "sqlstate, key_id, created_at, replay_count, last_replayed_at";

constexpr auto kRights = std::to_array<Right>({
    {Worker, "SELECT", "migration", ""},
    {Worker, "SELECT", "ledger_settings", ""},
    {Worker, "SELECT", "ledger_partition", ""},
    {Worker, "INSERT", "ledger", ""},
    {Worker, "SELECT", "ledger", "id"},  // RETURNING id
    {Worker, "INSERT", "dead_letter", ""},
    {Worker, "SELECT", "key_check", ""},
    {Worker, "EXECUTE", "maintain_ledger", ""},
    {Worker, "SELECT", "pipeline_state", ""},
    {Worker, "SELECT", "process", ""},
    {Worker, "EXECUTE", "report_process", ""},
    {Worker, "EXECUTE", "leave_process", ""},
    {Worker, "EXECUTE", "set_brake", ""},
    {Worker, "EXECUTE", "dead_letter_counts", ""},

    {Replayer, "SELECT", "migration", ""},
    {Replayer, "SELECT", "key_check", ""},
    {Replayer, "SELECT", "dead_letter", ""},
    {Replayer, "DELETE", "dead_letter", ""},
    {Replayer, "UPDATE", "dead_letter", "reason, place, sqlstate, replay_count, last_replayed_at"},
    {Replayer, "INSERT", "audit", "actor, action, letters, selection, reason, ticket"},
    {Replayer, "SELECT", "pipeline_state", ""},
    {Replayer, "SELECT", "process", ""},
    {Replayer, "EXECUTE", "pause_pipeline", ""},
    {Replayer, "EXECUTE", "resume_pipeline", ""},
    {Replayer, "EXECUTE", "dead_letter_counts", ""},

    {Analyst, "SELECT", "migration", ""},
    {Analyst, "SELECT", "pipeline_state", ""},
    {Analyst, "SELECT", "process", ""},
    {Analyst, "EXECUTE", "dead_letter_counts", ""},
    {Analyst, "SELECT", "dead_letter", kClearColumns},
});

std::string on_object(const Right& right) {
    if (std::string_view(right.privilege) == "EXECUTE") return fmt::format("FUNCTION sqs2pg.{}", right.object);
    return fmt::format("sqs2pg.{}", right.object);
}

// A role's earlier rights, which an older version may have granted. The owner's own are left alone.
std::string revoke_sql(const std::string& role) {
    auto body = fmt::format(
        "DECLARE object record; BEGIN "
        "IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'sqs2pg' AND pg_get_userbyid(nspowner) = {0}) THEN "
        "RETURN; "
        "END IF; "
        "EXECUTE format('REVOKE ALL ON SCHEMA sqs2pg FROM %I', {0}); "
        "FOR object IN SELECT relname AS name FROM pg_class WHERE relnamespace = 'sqs2pg'::regnamespace "
        "AND relkind IN ('r', 'p', 'S') AND NOT relispartition LOOP "
        "EXECUTE format('REVOKE ALL ON sqs2pg.%I FROM %I', object.name, {0}); END LOOP; "
        "FOR object IN SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = "
        "'sqs2pg'::regnamespace LOOP "
        "EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %I', object.name, {0}); END LOOP; END",
        quote_literal(role));
    return fmt::format("DO {};\n", quote_literal(body));
}

}  // namespace

std::string quote_literal(const std::string& text) {
    std::string quoted = text.contains('\\') ? " E'" : "'";
    for (char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    quoted += '\'';
    return quoted;
}

std::span<const Right> rights() { return kRights; }

const char* configuration_key(Role role) {
    switch (role) {
        case Worker:
            return "worker_role";
        case Replayer:
            return "replayer_role";
        case Analyst:
            return "analyst_role";
    }
    return "";
}

std::vector<NamedRole> named_roles(const MigrationOptions& options) {
    std::vector<NamedRole> named;
    for (const auto& [role, name] : {std::pair{Worker, options.worker_role}, std::pair{Replayer, options.replayer_role},
                                     std::pair{Analyst, options.analyst_role}}) {
        if (!name.empty() && name != options.owner_role) named.push_back({role, name});
    }
    return named;
}

std::string rights_sql(const MigrationOptions& options) {
    auto named = named_roles(options);
    std::string sql;
    for (const auto& [role, name] : named) sql += revoke_sql(name);
    for (const auto& [role, name] : named) {
        auto quoted = pg::quote_identifier(name);
        sql += fmt::format("GRANT USAGE ON SCHEMA sqs2pg TO {};\n", quoted);
        for (const auto& right : kRights) {
            if (right.role != role) continue;
            auto columns = *right.columns == '\0' ? "" : fmt::format(" ({})", right.columns);
            sql += fmt::format("GRANT {}{} ON {} TO {};\n", right.privilege, columns, on_object(right), quoted);
        }
    }
    return sql;
}

}  // namespace sqs2pg::schema
