// The table of everything that `check` may find: a stable code, why it matters and what ends it. It feeds
// `check --format json` and docs/check.md; a finding whose code is not here does not pass the tests.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sqs2pg::cli {

struct CheckCode {
    std::string_view topic;     // heading on the page
    std::string_view code;      // "queue_redrive"
    std::string_view verdicts;  // "error", "warning", "warning, error"; "ok" is possible for every code
    std::string_view reason;    // why it matters
    std::string_view remedy;    // what to do, with the command where there is one
};

// In the order of the page.
std::span<const CheckCode> check_codes() noexcept;

// nullptr when there is none.
const CheckCode* find_check_code(std::string_view code) noexcept;

// docs/check.md.
std::string check_page();

}  // namespace sqs2pg::cli
