// The table of SQLSTATEs, see sqlstate.h. Exact codes come before their class.
#include "pg/sqlstate.h"

#include <algorithm>
#include <array>

namespace sqs2pg::pg {
namespace {

using Rule = SqlstateRule;

using enum ErrorKind;

constexpr std::array kRules = {
    Rule{"08P01", Configuration, false, "the server did not understand what was sent to it"},
    Rule{"0A000", Configuration, false, "the server does not support this here (COPY under row-level security?)"},
    Rule{"21000", Configuration, false, "the same key stands twice in one statement"},
    Rule{"22001", BadRow, false, "a value is too long for its column"},
    Rule{"22003", BadRow, false, "a number is out of range"},
    Rule{"22008", BadRow, false, "a date or time is out of range"},
    Rule{"22021", BadRow, false, "a text is not valid in the server's encoding"},
    Rule{"22P02", BadRow, false, "a value is not of its column's type"},
    Rule{"22P05", BadRow, false, "a text has characters that the server cannot store"},
    Rule{"23502", BadRow, false, "a NULL stands in a NOT NULL column"},
    Rule{"23503", BadRow, false, "a foreign key has no such row to point to"},
    Rule{"23505", BadRow, false, "a unique constraint is violated"},
    Rule{"23514", BadRow, false, "a check constraint is violated"},
    Rule{"23P01", BadRow, false, "an exclusion constraint is violated"},
    Rule{"25006", Retry, false, "the server is read-only (a standby, or a failover is under way)"},
    Rule{"25P03", Retry, false, "the transaction stood idle for too long"},
    Rule{"28000", Configuration, false, "the role may not log in this way (see the server's pg_hba.conf)"},
    Rule{"28P01", Configuration, false, "the password was refused"},
    Rule{"3D000", Configuration, false, "the database does not exist"},
    Rule{"3F000", Configuration, false, "the schema does not exist"},
    Rule{"40001", Retry, false, "the transaction met a concurrent one"},
    Rule{"40003", Retry, false, "the statement's completion is unknown"},
    Rule{"40P01", Retry, false, "the transaction met another one in a deadlock"},
    Rule{"42501", Configuration, false, "the role has not the rights for this"},
    Rule{"42601", Configuration, false, "the server calls it a syntax error"},
    Rule{"42703", Configuration, false, "the column does not exist"},
    Rule{"42704", Configuration, false, "the role, type or other object does not exist"},
    Rule{"42883", Configuration, false, "the function does not exist"},
    Rule{"42P01", Configuration, false, "the table does not exist"},
    Rule{"53100", Retry, false, "the server's disk is full"},
    Rule{"53200", Retry, true, "the server is out of memory"},
    Rule{"53300", Retry, false, "the server has no connection slot left"},
    Rule{"54000", BadRow, false, "a row or index entry is too large"},
    Rule{"54001", BadRow, false, "a value is nested too deeply"},
    Rule{"55P03", Retry, false, "a lock was not to be had in time"},
    Rule{"57014", Retry, true, "the statement was cancelled or ran into statement_timeout"},
    Rule{"57P01", Retry, false, "the server is being shut down"},
    Rule{"57P02", Retry, false, "the server crashed and is restarting"},
    Rule{"57P03", Retry, false, "the server is starting up, shutting down or in recovery"},
    Rule{"57P05", Retry, false, "the session stood idle for too long"},
    Rule{"P0001", BadRow, false, "a trigger or function of the database raised an error"},
    Rule{"08", Retry, false, "the connection failed"},
    Rule{"22", BadRow, false, "a value is refused"},
    Rule{"23", BadRow, false, "a constraint is violated"},
    Rule{"28", Configuration, false, "the role may not log in"},
    Rule{"42", Configuration, false, "a name or a right is not there"},
    Rule{"53", Retry, false, "the server is short of resources"},
    Rule{"XX", Configuration, false, "the server has an internal error"},
};

}  // namespace

Verdict verdict_of(std::string_view sqlstate, Circumstance circumstance) {
    if (sqlstate.empty()) return {ErrorKind::Retry, false};
    if (sqlstate == "23514" && !circumstance.names_constraint) return {ErrorKind::Configuration, false};
    // Poolers close connections with 08P01 for whatever reason, a restarting server included. Over a live connection it
    // is an encoder's bug, and retrying would loop for ever.
    if (sqlstate == "08P01" && circumstance.fatal) return {ErrorKind::Retry, false};
    for (const auto& rule : kRules) {
        if (sqlstate.starts_with(rule.code)) return {rule.kind, rule.halve};
    }
    return {ErrorKind::Configuration, false};
}

std::string_view meaning_of(std::string_view sqlstate, Circumstance circumstance) {
    if (sqlstate.empty()) return "the connection was lost";
    if (sqlstate == "23514" && !circumstance.names_constraint) return "the table has no partition for a row";
    if (sqlstate == "08P01" && circumstance.fatal) return "a pooler or the server closed the connection; see its log";
    for (const auto& rule : kRules) {
        if (sqlstate.starts_with(rule.code)) return rule.meaning;
    }
    return "the server refused the statement";
}

std::span<const SqlstateRule> sqlstate_rules() noexcept { return kRules; }

bool is_sqlstate(std::string_view text) noexcept {
    return text.size() == 5 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace sqs2pg::pg
