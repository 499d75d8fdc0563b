// What one HTTP request costs the worker: plain and over TLS, on connections that stand and on new ones, 8 at a time, a
// reply of 4.3 KB (ten logins). The server is a process of its own; the CPU column is the client's thread.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "net/http_client.h"
#include "net/http_server.h"
#include "unit/net/tls_server.h"

namespace {

using namespace sqs2pg;
namespace asio = boost::asio;

constexpr int kConnections = 8;
constexpr int kRequestsAConnection = 100;

awaitable<net::ServerReply> answer(net::ServerRequest, net::RequestContext&) {
    net::ServerReply reply;
    reply.body = std::string(4300, 'x');
    co_return reply;
}

// A server in a child process, which ends with this one.
class Server {
   public:
    explicit Server(bool tls) : tls_(tls) {
        auto identity = test::make_identity({.alternative_names = "IP:127.0.0.1"});
        auto certificate = folder_.write("server.pem", identity);
        auto key = folder_.write_key("key.pem", identity);
        int ends[2];
        if (pipe(ends) != 0) std::abort();
        child_ = fork();
        if (child_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            asio::io_context loop(1);
            net::HttpServerOptions options;
            if (tls) options.tls_certificate = certificate;
            if (tls) options.tls_key = key;
            net::HttpServer server(loop.get_executor(), options, answer);
            if (!server.start()) _exit(1);
            auto port = server.port();
            if (write(ends[1], &port, sizeof port) != sizeof port) _exit(1);
            loop.run();
            _exit(0);
        }
        if (read(ends[0], &port_, sizeof port_) != sizeof port_) std::abort();
        close(ends[0]);
        close(ends[1]);
    }
    ~Server() {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
    }

    net::HttpClientOptions options() const {
        net::HttpClientOptions made;
        if (tls_) made.ca_file = folder_.path("server.pem");
        return made;
    }
    net::Url url() const { return {tls_, "127.0.0.1", port_, "/"}; }

   private:
    test::PemFolder folder_;
    bool tls_;
    pid_t child_ = 0;
    std::uint16_t port_ = 0;
};

// `client` and `failures` outlive it.
awaitable<void> ask(net::HttpClient& client, net::Url url, int times, int& failures) {
    for (int i = 0; i < times; ++i) {
        net::HttpRequest request;
        request.url = url;
        request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                           {"X-Amz-Target", "AmazonSQS.ReceiveMessage"},
                           {"Authorization", std::string(300, 'a')}};
        request.body = std::string(250, 'b');
        auto reply = co_await client.send(std::move(request));
        if (!reply || reply->body.size() != 4300) ++failures;
    }
}

void requests(benchmark::State& state, bool tls) {
    Server server(tls);
    asio::io_context loop(1);
    net::HttpClient client(loop.get_executor(), server.options());
    int failures = 0;
    for (auto _ : state) {
        for (int i = 0; i < kConnections; ++i) {
            asio::co_spawn(loop, ask(client, server.url(), kRequestsAConnection, failures), asio::detached);
        }
        loop.restart();
        loop.run();
    }
    if (failures > 0) state.SkipWithError("requests failed");
    auto count = static_cast<double>(state.iterations()) * kConnections * kRequestsAConnection;
    state.counters["cpu_a_request"] =
        benchmark::Counter(count, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// A handshake each: whole ones, or resumed sessions.
void connections(benchmark::State& state, bool tls, bool resume) {
    Server server(tls);
    asio::io_context loop(1);
    auto options = server.options();
    options.max_idle_connections = 0;
    auto client = std::make_unique<net::HttpClient>(loop.get_executor(), options);
    int failures = 0;
    for (auto _ : state) {
        if (!resume) client = std::make_unique<net::HttpClient>(loop.get_executor(), options);
        asio::co_spawn(loop, ask(*client, server.url(), 1, failures), asio::detached);
        loop.restart();
        loop.run();
    }
    if (failures > 0) state.SkipWithError("requests failed");
}

BENCHMARK_CAPTURE(requests, plain, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(requests, tls, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(connections, plain, false, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(connections, tls_resumed, true, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(connections, tls_whole, true, false)->Unit(benchmark::kMicrosecond);

}  // namespace
