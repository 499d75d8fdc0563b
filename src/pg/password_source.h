// A password that is not known for good: one that is made for each connection (RDS), or that somebody else changes from
// time to time (a secret store). Asked anew whenever a connection is made, so that a rotation needs no restart.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "base/secret.h"

namespace sqs2pg::pg {

// Whom the password is for, as the connection string has it: the host's name, not its address.
struct PasswordFor {
    std::string host;
    std::string port;
    std::string user;
};

class PasswordSource {
   public:
    virtual ~PasswordSource() = default;

    // Called on `executor`, which is the same in every call of one source. Has a deadline of its own. Errors: stage
    // Start, kind by what to do next.
    virtual awaitable<Result<Secret>> password(boost::asio::any_io_executor executor, PasswordFor whom) = 0;

    // The server refused what password() returned last. True: it may return another one now, which is worth a try.
    virtual bool refused() = 0;

    // The password may only go over a TLS connection whose server is known to be the right one.
    virtual bool demands_tls() const { return false; }
};

}  // namespace sqs2pg::pg
