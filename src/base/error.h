// What went wrong and, above all, what to do next. Every expected failure in the project is a value of this type.
// `detail` and `code` hold paths, names and codes; never a message value, a key or a password: they are logged.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sqs2pg {

// The kind says what the caller does next, not where the error came from (that is `stage` and `code`).
enum class ErrorKind {
    Retry,          // transient: the same call again, after a backoff
    Throttled,      // the service asks for less: back off and lower concurrency
    Credentials,    // absent, expired or refused: drop the cached ones, fetch again, then tell the operator
    Configuration,  // no retry helps until somebody changes something: pause and alarm, never dead-letter
    BadMessage,     // this one message cannot become a row: a dead letter
    BadRow,         // the server refuses at least one row of the batch: bisect
    InDoubt,        // the outcome of a COMMIT is unknown: run the whole transaction again, ledger first
    Stopping,       // the process is ending: let go
};

// Where on the walk it happened; also the vocabulary of log lines.
enum class Stage { Start, Receive, Decode, Map, Mask, Batch, Write, Settle, Keep, Configure, Serve };

struct Error {
    ErrorKind kind = ErrorKind::Retry;
    Stage stage = Stage::Start;
    std::string code;    // a SQLSTATE, an SQS error code, a dead-letter reason, "connection_refused" …
    std::string detail;  // one sentence for a human: what, where, what to do. Never a message value.
};

std::string_view name_of(ErrorKind kind) noexcept;
std::string_view name_of(Stage stage) noexcept;

// "write: 42P01: the table \"user_logins\" …" for stderr and logs.
std::string describe(const Error& error);

}  // namespace sqs2pg
