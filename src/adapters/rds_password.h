// The PasswordSource of Amazon RDS and Aurora with IAM authentication: a token, signed anew for each connection.
// Source: Amazon RDS User Guide, "IAM database authentication". A token lasts 15 minutes, a connection beyond that.
#pragma once

#include <memory>
#include <string>

#include "aws/credentials.h"
#include "base/clock.h"
#include "pg/password_source.h"

namespace sqs2pg::adapters {

// `region`: of the database; where it is empty, its host's name tells, and else `otherwise` is taken.
struct RdsRegion {
    std::string region;
    std::string otherwise;
};

// Not thread-safe: one an event loop, as its credentials are. `clock` outlives it.
class RdsPassword final : public pg::PasswordSource {
   public:
    RdsPassword(std::unique_ptr<aws::CredentialsProvider> credentials, RdsRegion region, const Clock& clock);

    // Errors: of the credentials; Configuration, code "rds_region", when nothing tells the region.
    awaitable<Result<Secret>> password(boost::asio::any_io_executor executor, pg::PasswordFor whom) override;
    // Credentials that were revoked or expired sign tokens that are refused: fetched anew.
    bool refused() override;
    bool demands_tls() const override { return true; }

   private:
    std::unique_ptr<aws::CredentialsProvider> credentials_;
    RdsRegion region_;
    const Clock& clock_;
};

}  // namespace sqs2pg::adapters
