// The PasswordSource of a secret that AWS keeps: read at the first connection, kept for five minutes, and read anew
// when the server refuses it, so that a rotation needs no restart. While AWS does not answer, the last one that was not
// refused goes on to be used.
#pragma once

#include <memory>

#include "pg/password_source.h"
#include "secrets/reader.h"

namespace sqs2pg::adapters {

// Not thread-safe: one an event loop, as its reader is.
class SecretPassword final : public pg::PasswordSource {
   public:
    SecretPassword(std::unique_ptr<secrets::Reader> reader, secrets::Reference reference);

    // Errors: of secrets::fetch and secrets::password_of.
    awaitable<Result<Secret>> password(boost::asio::any_io_executor executor, pg::PasswordFor whom) override;
    // True when another connection has read a newer one since, or the last one was read more than ten seconds ago.
    bool refused() override;

   private:
    std::unique_ptr<secrets::Reader> reader_;
    secrets::Reference reference_;
    secrets::HeldPtr given_;      // what password() returned last
    Clock::Steady not_before_{};  // what was read earlier has been refused
};

}  // namespace sqs2pg::adapters
