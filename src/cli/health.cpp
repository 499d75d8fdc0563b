// See health.h.
#include "cli/health.h"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "net/http_client.h"

namespace sqs2pg::cli {

namespace {

constexpr std::size_t kMostReplyBytes = 64 * 1024;
constexpr std::size_t kMostShown = 300;

std::string reachable_host(const std::string& host) {
    if (host == "0.0.0.0" || host == "localhost") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

// Lines become one, since Docker and Kubernetes show what a probe says in one.
std::string one_line(std::string text) {
    if (text.size() > kMostShown) text.resize(kMostShown);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    std::string line;
    for (const char c : text) {
        if (c == '\n') {
            line += "; ";
        } else if (static_cast<unsigned char>(c) >= 0x20) {
            line += c;
        }
    }
    return line;
}

Health judge(const net::Url& url, const Result<net::HttpReply>& reply, std::chrono::milliseconds deadline) {
    const auto place = url.host_header();
    if (!reply) {
        if (reply.error().code == "connection_refused") {
            return {false, fmt::format("nothing listens on {}: the process does not run, or its --ops names another "
                                       "address or off",
                                       place)};
        }
        if (reply.error().code == "timeout") {
            return {false, fmt::format("{} did not answer within {} ms", place, deadline.count())};
        }
        return {false, fmt::format("{} cannot be asked: {}", place, reply.error().code)};
    }
    if (reply->status == 200) return {true, fmt::format("{} {}: {}", place, url.target, one_line(reply->body))};
    return {false, fmt::format("{} {} answers {}: {}", place, url.target, reply->status, one_line(reply->body))};
}

}  // namespace

Health ask_health(const ops::ListenAddress& address, const std::string& path, std::chrono::milliseconds deadline) {
    net::HttpRequest request;
    request.method = "GET";
    request.url.host = reachable_host(address.host);
    request.url.port = address.port;
    request.url.target = path;
    request.deadline = deadline;
    request.direct = true;
    const auto url = request.url;

    boost::asio::io_context loop{1};
    net::HttpClientOptions options;
    options.max_reply_bytes = kMostReplyBytes;
    net::HttpClient client(loop.get_executor(), options);
    std::optional<Result<net::HttpReply>> reply;
    auto asking = client.send(request);
    boost::asio::co_spawn(loop, std::move(asking), [&](std::exception_ptr thrown, Result<net::HttpReply> answer) {
        if (!thrown) reply = std::move(answer);
        client.close();
    });
    loop.run();
    if (!reply) return {false, fmt::format("{} cannot be asked: an exception that nobody expected", url.host_header())};
    return judge(url, *reply, deadline);
}

}  // namespace sqs2pg::cli
