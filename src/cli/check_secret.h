// What `check` says of a password that AWS keeps.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "cli/findings.h"
#include "config/settings.h"

namespace sqs2pg::cli {

struct PasswordSecret {
    bool had = true;         // false: it was told why not, and there is no use in connecting
    std::string place;       // for findings
    std::string username{};  // the member of the secret; not for sentences
};

// Where it is, its version and whether it is rotated; never a value. Without `password_secret` nothing is asked or
// said. Arguments outlive the coroutine.
awaitable<PasswordSecret> check_password_secret(boost::asio::any_io_executor executor,
                                                const config::PostgresSettings& settings, Findings& findings);

// A secret of another role than the one that connects.
void judge_secret_user(const PasswordSecret& secret, const std::string& role, Findings& findings);

}  // namespace sqs2pg::cli
