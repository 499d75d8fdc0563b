// How many files and sockets the process may have open.
#pragma once

namespace sqs2pg::cli {

// Raises the soft limit to the hard one, to 65,536 at most: the usual 1,024 are for programs that use select(2), and a
// few pipelines at full rate hold more connections. Changes nothing where it is not allowed. Source: setrlimit(2).
void allow_many_open_files() noexcept;

}  // namespace sqs2pg::cli
