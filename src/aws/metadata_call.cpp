// Calls of metadata services, see metadata_call.h.
#include "aws/metadata_call.h"

#include <random>

#include "base/retry.h"

namespace sqs2pg::aws {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr Backoff kPause{std::chrono::milliseconds(500), std::chrono::milliseconds(2000)};

}  // namespace

Result<net::Url> metadata_url(const std::string& origin, const std::string& path) {
    auto url = net::parse_url(origin);
    if (!url) return url;
    if (url->target == "/") url->target = path;
    return url;
}

awaitable<Result<net::HttpReply>> metadata_call(SourceContext context, MetadataCall call) {
    std::minstd_rand random{std::random_device{}()};
    for (int attempt = 1;; ++attempt) {
        net::HttpRequest request;
        request.method = call.method;
        request.url = call.url;
        request.headers = call.headers;
        request.headers.emplace_back("Accept", "application/json");
        request.headers.emplace_back("User-Agent", "sqs2pg");
        request.deadline = call.deadline;
        request.direct = true;
        auto reply = co_await context.http.send(request);
        if (reply && reply->body.size() > kMostBytes) {
            co_return fail(ErrorKind::Retry, Stage::Start, "reply_too_large",
                           call.url.origin() + " answers with more than 64 KiB");
        }
        bool again = reply ? reply->status == 429 || reply->status >= 500 : reply.error().kind == ErrorKind::Retry;
        if (!again || attempt >= call.attempts) co_return reply;
        auto pause = kPause.delay(attempt, random);
        co_await context.clock.sleep_for(pause);
    }
}

}  // namespace sqs2pg::aws
