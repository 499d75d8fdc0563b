// An AWS-like HTTP server that says what a test tells it to, and keeps what it was asked; keys to sign with; a clock
// that does not wait.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "net/http_server.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::test {

// Credentials that are there at once and never end.
class FixedKeys final : public aws::CredentialsProvider {
   public:
    awaitable<Result<aws::Credentials>> credentials() override {
        aws::Credentials keys;
        keys.access_key_id = "AKID";
        keys.secret_access_key = Secret("the-secret-key");
        co_return keys;
    }
    void invalidate() override {}
};

// Sleeping passes time at once, on both clocks.
class SwiftClock final : public Clock {
   public:
    Steady now() const override { return Steady(std::chrono::hours(1)) + passed; }
    std::int64_t wall_ms() const override {
        return start_ms + std::chrono::duration_cast<std::chrono::milliseconds>(passed).count();
    }
    awaitable<void> sleep_until(Steady deadline) override {
        if (deadline > now()) passed += deadline - now();
        ++sleeps;
        co_return;
    }
    Duration passed{};
    int sleeps = 0;
    std::int64_t start_ms = 1'795'600'800'000;  // 2026-11-25T10:00:00Z
};

class ScriptedService {
   public:
    using Answer = std::function<net::ServerReply(const net::ServerRequest&)>;

    explicit ScriptedService(boost::asio::io_context& loop) {
        server_ = std::make_unique<net::HttpServer>(loop.get_executor(), net::HttpServerOptions{},
                                                    [this, &loop](net::ServerRequest request, net::RequestContext&) {
                                                        return serve(loop, std::move(request));
                                                    });
        auto started = server_->start();
        if (!started) throw std::runtime_error(describe(started.error()));
    }

    // The next reply. Without one left, `otherwise` answers.
    void answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
        net::ServerReply reply;
        reply.status = status;
        reply.content_type = "application/json";
        reply.body = std::move(body);
        reply.headers = std::move(headers);
        answers.push_back([reply](const net::ServerRequest&) { return reply; });
    }

    // From now on, when no reply is left. Status 0: the connection is dropped.
    void always(int status) {
        net::ServerReply reply;
        reply.drop_connection = status == 0;
        if (status != 0) reply.status = status;
        otherwise = [reply](const net::ServerRequest&) { return reply; };
    }

    net::Url url(const std::string& target = "/") const { return {false, "127.0.0.1", server_->port(), target}; }
    std::string origin() const { return url().origin(); }
    aws::Endpoint endpoint(const std::string& region = "eu-west-1") const {
        aws::Endpoint endpoint;
        endpoint.url = url();
        endpoint.region = region;
        return endpoint;
    }

    std::deque<Answer> answers;
    Answer otherwise;
    std::vector<net::ServerRequest> requests;
    std::chrono::milliseconds delay{0};  // before each reply
    bool silent = false;                 // accepts requests and never answers

   private:
    awaitable<net::ServerReply> serve(boost::asio::io_context& loop, net::ServerRequest request) {
        requests.push_back(std::move(request));
        boost::asio::steady_timer timer(loop);
        timer.expires_after(silent ? std::chrono::milliseconds(3'600'000) : delay);
        boost::system::error_code ec;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ec);
        if (silent || delay.count() > 0) co_await timer.async_wait(token);
        net::ServerReply reply;
        reply.status = 599;  // more calls than the test expects
        if (!answers.empty()) {
            auto next = std::move(answers.front());
            answers.pop_front();
            reply = next(requests.back());
        } else if (otherwise) {
            reply = otherwise(requests.back());
        }
        co_return reply;
    }

    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace sqs2pg::test
