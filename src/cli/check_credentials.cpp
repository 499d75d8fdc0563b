// Whose credentials, and until when, see check_credentials.h.
#include "cli/check_credentials.h"

#include <fmt/format.h>

#include "aws/credentials_source.h"
#include "aws/credentials_sts.h"
#include "aws/environment.h"
#include "aws/sigv4.h"
#include "cli/findings.h"

namespace sqs2pg::cli {
namespace {

constexpr auto kAskingWho = std::chrono::seconds(3);
constexpr std::int64_t kMinuteMs = 60 * 1000;
constexpr std::int64_t kSoonMs = 60 * kMinuteMs;

// "20261125T110000Z" is "2026-11-25 11:00 UTC"
std::string clock_time(std::int64_t wall_ms) {
    const auto date = aws::amz_date(wall_ms);
    return fmt::format("{}-{}-{} {}:{} UTC", date.substr(0, 4), date.substr(4, 2), date.substr(6, 2), date.substr(9, 2),
                       date.substr(11, 2));
}

std::string until_when(const aws::Credentials& credentials, std::int64_t now_ms) {
    if (!credentials.expires_at_ms) return {};
    const auto minutes = (*credentials.expires_at_ms - now_ms) / kMinuteMs;
    return fmt::format(", until {} ({} minutes{})", clock_time(*credentials.expires_at_ms), minutes,
                       credentials.fixed ? "" : ", renewed before");
}

}  // namespace

awaitable<bool> check_credentials(QueueAccess& access, const config::AwsSettings& settings,
                                  const aws::Endpoint& endpoint, Clock& clock, Findings& findings) {
    auto found = co_await access.credentials->credentials();
    if (!found) {
        findings.error("credentials", "credentials", found.error());
        co_return false;
    }
    const auto now = clock.wall_ms();
    std::string who;
    aws::SourceContext context{.http = access.http,
                               .clock = clock,
                               .environment = aws::process_environment(),
                               .configured = configured_aws(settings)};
    const auto sts = aws::service_endpoint(aws::Service::Sts, context.configured, context.environment);
    if (sts && (!endpoint.overridden || sts->overridden)) {
        auto arn = co_await aws::caller_identity(context, *found, kAskingWho);
        who = arn ? ", as " + *arn : ", whose they are STS does not tell (" + arn.error().code + ")";
    }
    findings.ok("credentials", "credentials", "from " + found->source + who + until_when(*found, now));
    if (found->fixed && found->expires_at_ms && *found->expires_at_ms - now < kSoonMs) {
        findings.warning("credentials_end", "credentials",
                         "those from " + found->source +
                             " end within the hour and cannot be renewed by sqs2pg: the pipeline stops then");
    }
    co_return true;
}

}  // namespace sqs2pg::cli
