// Connection strings as libpq reads them, taken apart far enough that names can be resolved without blocking: every
// host (and every address of it) becomes one attempt. No socket here.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pg/connection.h"

namespace sqs2pg::pg {

// One host to try. An empty host leaves everything to libpq (its default socket, or a hostaddr that the user gave).
struct Attempt {
    std::string host;
    std::string address;  // hostaddr; empty for a socket's folder
    std::string port;
};

// A connection string together with the PG* environment, the service file and libpq's defaults.
struct ConnectPlan {
    std::vector<Attempt> attempts;  // addresses not yet filled in for names
    std::string user;
    std::string database;
    std::string host;            // the name beside a hostaddr of the user's own, for a password; else empty
    std::string sslmode;         // to be set; empty: as the connection string has it
    bool writable_only = false;  // several hosts and no target_session_attrs: only one that takes writes is of use
};

// Configuration error "conninfo" when it cannot be read; the detail never repeats the string. "tls" when a password
// that demands TLS would go without.
Result<ConnectPlan> plan_connection(const ConnectOptions& options);

// A host that needs no resolver: a socket's folder ("/…" or "@…") or a literal address.
bool is_socket_folder(const std::string& host);

}  // namespace sqs2pg::pg
