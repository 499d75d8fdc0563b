// Tokens of RDS, see rds_password.h.
#include "adapters/rds_password.h"

#include <charconv>
#include <utility>

#include "aws/presign.h"

namespace sqs2pg::adapters {

RdsPassword::RdsPassword(std::unique_ptr<aws::CredentialsProvider> credentials, RdsRegion region, const Clock& clock)
    : credentials_(std::move(credentials)), region_(std::move(region)), clock_(clock) {}

awaitable<Result<Secret>> RdsPassword::password(boost::asio::any_io_executor, pg::PasswordFor whom) {
    auto region = region_.region;
    if (region.empty()) region = aws::rds_region_of(whom.host);
    if (region.empty()) region = region_.otherwise;
    if (region.empty()) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "rds_region",
                       "the host's name does not tell the database's region: set `postgres.region`");
    }
    std::uint16_t port = 0;
    const char* end_of_port = whom.port.data() + whom.port.size();
    if (auto [end, error] = std::from_chars(whom.port.data(), end_of_port, port);
        error != std::errc{} || end != end_of_port) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "conninfo", "the port is no number");
    }
    auto keys = co_await credentials_->credentials();
    if (!keys) {
        keys.error().stage = Stage::Start;
        keys.error().detail = "no token for RDS: " + keys.error().detail;
        co_return fail(std::move(keys.error()));
    }
    co_return aws::rds_auth_token(*keys, region, whom.host, port, whom.user, clock_.wall_ms());
}

bool RdsPassword::refused() {
    credentials_->invalidate();
    return true;
}

}  // namespace sqs2pg::adapters
