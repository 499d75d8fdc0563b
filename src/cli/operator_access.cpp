// See operator_access.h.
#include "cli/operator_access.h"

#include <fmt/format.h>

#include "cli/commands.h"

namespace sqs2pg::cli {

Error operator_error(Error error, const pg::Connection& connection, const std::string& file) {
    const auto migrate = fmt::format("`sqs2pg migrate -c {}`", file.empty() ? "FILE" : file);
    if (error.code == "3F000" || error.code == "42P01" || error.code == "42883") {
        error.detail =
            fmt::format("{} has no schema sqs2pg, or one of an older version: run {}", connection.where(), migrate);
    } else if (error.code == "42501") {
        error.detail = fmt::format(
            "the role {} may not do this: connect as the owner of schema sqs2pg or as a role that the configuration "
            "names (`postgres: replayer_role` may pause and resume, every role may look), with --url or PGUSER, and "
            "let {} grant it its rights",
            connection.user(), migrate);
    }
    return error;
}

int tell_operator(const std::string& command, const Error& error) {
    fmt::print(stderr, "sqs2pg {}: {}\n", command, error.detail.empty() ? describe(error) : error.detail);
    switch (error.kind) {
        case ErrorKind::Retry:
        case ErrorKind::Throttled:
        case ErrorKind::InDoubt:
        case ErrorKind::Stopping:
            return kFailed;
        default:
            return kUsage;
    }
}

}  // namespace sqs2pg::cli
