// What to do next after a SQLSTATE: the one table that turns the server's codes into kinds of errors. Pure.
// Source: PostgreSQL 15, appendix A "PostgreSQL Error Codes"; what was tried: the project's reference, "facts and
// traps".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sqs2pg::pg {

struct Verdict {
    ErrorKind kind = ErrorKind::Configuration;
    bool halve = false;  // the same work is too much at once (57014, 53200): retry with half of it

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

// What came beside the code and changes its meaning.
struct Circumstance {
    bool names_constraint = true;  // 23514 without a constraint's name is a missing partition, not bad data
    bool fatal = false;            // severity FATAL or PANIC: the server (or a pooler) closed the connection with it
};

// An empty code is a connection that went away: Retry. A code that the table does not know is Configuration: it pauses
// and tells, which can lose nothing, while a wrong retry loops and a wrong "bad row" throws data away.
Verdict verdict_of(std::string_view sqlstate, Circumstance circumstance = {});

// A short phrase in plain English ("the table does not exist"), for the codes an operator meets; else that of the
// class.
std::string_view meaning_of(std::string_view sqlstate, Circumstance circumstance = {});

// A line of the table. The code has five characters, or two for its whole class; the first that fits decides.
struct SqlstateRule {
    std::string_view code;
    ErrorKind kind;
    bool halve;
    std::string_view meaning;
};

std::span<const SqlstateRule> sqlstate_rules() noexcept;

// True for five characters of 0-9 and A-Z.
bool is_sqlstate(std::string_view text) noexcept;

}  // namespace sqs2pg::pg
