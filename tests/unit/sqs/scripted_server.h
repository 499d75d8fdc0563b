// An SQS server that says what a test tells it to, and counts what it was asked; with it a clock that does not wait and
// credentials from a list. For the tests of the client and of the adapter on it.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "sqs/client.h"
#include "unit/net/on_loop.h"

namespace sqs2pg::test {

// Sleeping passes time at once; the wall clock may be off.
class FastClock final : public Clock {
   public:
    Steady now() const override { return std::chrono::steady_clock::now() + slept; }
    std::int64_t wall_ms() const override {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + off_by_ms;
    }
    awaitable<void> sleep_until(Steady deadline) override {
        if (deadline > now()) slept += deadline - now();
        ++sleeps;
        co_return;
    }
    Duration slept{};
    int sleeps = 0;
    std::int64_t off_by_ms = 0;
};

// The first keys until invalidate(), then the next ones.
class KeyRing final : public aws::CredentialsProvider {
   public:
    awaitable<Result<aws::Credentials>> credentials() override {
        ++fetched;
        if (keys.empty()) co_return fail(ErrorKind::Credentials, Stage::Start, "no_credentials", "none");
        aws::Credentials found;
        found.access_key_id = keys.front();
        found.secret_access_key = Secret("secret");
        co_return found;
    }
    void invalidate() override {
        ++invalidated;
        if (keys.size() > 1) keys.pop_front();
    }
    std::deque<std::string> keys{"FIRST", "SECOND"};
    int fetched = 0;
    int invalidated = 0;
};

struct ScriptedServer : testing::Test {
    using Answer = std::function<net::ServerReply(const net::ServerRequest&)>;

    ScriptedServer() {
        server.emplace(loop.get_executor(), net::HttpServerOptions{},
                       [this](net::ServerRequest request, net::RequestContext&) {
                           requests.push_back(std::move(request));
                           net::ServerReply reply;
                           if (answers.empty()) {
                               reply.status = 599;  // more calls than the test expects
                           } else {
                               reply = answers.front()(requests.back());
                               answers.pop_front();
                           }
                           return pass_on(std::move(reply));
                       });
        auto started = server->start();
        if (!started) throw std::runtime_error(describe(started.error()));
        options.endpoint.url = net::Url{false, "127.0.0.1", server->port(), "/"};
        options.endpoint.region = "eu-west-1";
    }

    static awaitable<net::ServerReply> pass_on(net::ServerReply reply) { co_return reply; }

    void answer(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
        net::ServerReply reply;
        reply.status = status;
        reply.content_type = std::string(sqs::kContentType);
        reply.body = std::move(body);
        reply.headers = std::move(headers);
        answers.push_back([reply](const net::ServerRequest&) { return reply; });
    }
    void refuse(int status, const std::string& code) {
        answer(status, R"({"__type":"com.amazonaws.sqs#)" + code + R"(","message":"x"})");
    }
    void drop() {
        net::ServerReply reply;
        reply.drop_connection = true;
        answers.push_back([reply](const net::ServerRequest&) { return reply; });
    }

    sqs::Client& client() {
        if (!client_) {
            client_.emplace(options, http, keys, clock,
                            [this](std::string_view operation, std::string_view outcome, double) {
                                observed.push_back(std::string(operation) + " " + std::string(outcome));
                            });
        }
        return *client_;
    }

    boost::asio::io_context loop{1};
    std::deque<Answer> answers;
    std::vector<net::ServerRequest> requests;
    std::vector<std::string> observed;
    std::optional<net::HttpServer> server;
    net::HttpClient http{loop.get_executor()};
    KeyRing keys;
    FastClock clock;
    sqs::ClientOptions options;

   private:
    std::optional<sqs::Client> client_;
};

}  // namespace sqs2pg::test
