// Load for the embedded queue: requests as the worker makes them (the product's encoder and signature, keep-alive, no
// pipelining), from a client so cheap that the server is the limit: sends and receives are made and signed once.
//   mix       each connection sends ten logins, receives up to ten, deletes them in one batch, and again
//   worker    the queue is filled first, unmeasured; then each connection receives ten and deletes them
//   constant  receives only, whatever the reply: for a server with a constant one
#include <sys/epoll.h>
#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "load_connection.h"
#include "login_rows.h"
#include "net/url.h"
#include "sqs/protocol.h"

namespace {

using namespace sqs2pg;

constexpr std::size_t kSendRequests = 200;  // different ones
constexpr int kReplyDeadlineMs = 10'000;

enum class Mode { Mix, Worker, Constant };

struct Options {
    std::string url;
    std::size_t requests = 200'000;
    std::size_t connections = 8;
    Mode mode = Mode::Mix;
    int server_pid = 0;
};

// Whole requests, signed.
class Requests {
   public:
    Requests(const net::Url& url, std::string queue_url) : host_(url.host_header()), queue_url_(std::move(queue_url)) {
        credentials_.access_key_id = "AKIDEXAMPLE";
        credentials_.secret_access_key = Secret("wJalrXUtnFEMI");
        receive_ = make("ReceiveMessage", sqs::encode_receive({.queue_url = queue_url_}));
        auto bodies = bench::login_bodies(kSendRequests * sqs::kMaxBatchEntries);
        for (std::size_t i = 0; i < kSendRequests; ++i) {
            std::vector<sqs::SendEntry> entries(sqs::kMaxBatchEntries);
            for (std::size_t j = 0; j < entries.size(); ++j) {
                entries[j].id = std::to_string(j);
                entries[j].body = bodies[i * entries.size() + j];
            }
            sends_.push_back(make("SendMessageBatch", sqs::encode_send_batch(queue_url_, entries)));
        }
    }

    const std::string& receive() const { return receive_; }
    const std::string& send() { return sends_[next_send_++ % sends_.size()]; }
    std::string remove(std::string_view receive_reply, std::size_t& messages) {
        constexpr std::string_view kMember = "\"ReceiptHandle\":\"";
        std::vector<sqs::DeleteEntry> entries;
        for (auto at = receive_reply.find(kMember); at != receive_reply.npos; at = receive_reply.find(kMember, at)) {
            at += kMember.size();
            auto handle = receive_reply.substr(at, receive_reply.find('"', at) - at);
            entries.push_back({std::to_string(entries.size()), handle});
        }
        messages = entries.size();
        return entries.empty() ? std::string()
                               : make("DeleteMessageBatch", sqs::encode_delete_batch(queue_url_, entries));
    }

   private:
    std::string make(std::string_view operation, const std::string& body) {
        std::vector<aws::Header> headers = {{"Host", host_},
                                            {"Content-Type", std::string(sqs::kContentType)},
                                            {"X-Amz-Target", std::string(sqs::kTargetPrefix) + std::string(operation)},
                                            {"x-amzn-query-mode", "true"}};
        signer_.sign(credentials_, "POST", "/", headers, body, clock_.wall_ms());
        std::string request = "POST / HTTP/1.1\r\n";
        for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
        fmt::format_to(std::back_inserter(request),
                       "User-Agent: sqs2pg\r\namz-sdk-request: attempt=1; max=3\r\nContent-Length: {}\r\n\r\n",
                       body.size());
        return request + body;
    }

    SystemClock clock_;
    aws::Credentials credentials_;
    aws::Signer signer_{"us-east-1", "sqs"};
    std::string host_;
    std::string queue_url_;
    std::string receive_;
    std::vector<std::string> sends_;
    std::size_t next_send_ = 0;
};

enum class Step { Send, Receive, Delete };

struct Client {
    bench::LoadConnection connection;
    Step step = Step::Send;
    std::size_t deleting = 0;
};

struct Counts {
    std::size_t requests = 0, sent = 0, received = 0, deleted = 0;
};

// `steps` requests over all connections, one at a time on each.
class Load {
   public:
    Load(const Options& options, const net::Url& url) : requests_(url, options.url), epoll_(epoll_create1(0)) {
        for (std::size_t i = 0; i < options.connections; ++i) {
            clients_.push_back({bench::LoadConnection(url.host, url.port)});
        }
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            epoll_event event{EPOLLIN, {.u64 = i}};
            epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_[i].connection.socket(), &event);
        }
    }
    ~Load() { close(epoll_); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    // `fill`: sends only.
    Counts run(Mode mode, bool fill, std::size_t steps) {
        counts_ = {};
        wanted_ = steps;
        started_ = 0;
        std::size_t open = 0;
        for (auto& client : clients_) open += begin(client, mode == Mode::Mix || fill ? Step::Send : Step::Receive);
        epoll_event events[64];
        while (open > 0) {
            int ready = epoll_wait(epoll_, events, 64, kReplyDeadlineMs);
            if (ready <= 0) throw std::runtime_error("no reply within ten seconds");
            for (int i = 0; i < ready; ++i) {
                auto& client = clients_[events[i].data.u64];
                if (client.connection.receive() && !advance(client, mode, fill)) --open;
            }
        }
        return counts_;
    }

   private:
    // False: enough requests were made.
    bool begin(Client& client, Step step) {
        if (started_ == wanted_) return false;
        ++started_;
        client.step = step;
        client.connection.send(step == Step::Send ? requests_.send() : requests_.receive());
        return true;
    }

    // The reply is there: what the connection does next. False: nothing.
    bool advance(Client& client, Mode mode, bool fill) {
        ++counts_.requests;
        if (fill) return note_sent(client.connection.body()), begin(client, Step::Send);
        if (mode == Mode::Constant) return begin(client, Step::Receive);
        const auto after_delete = mode == Mode::Mix ? Step::Send : Step::Receive;
        switch (client.step) {
            case Step::Send:
                note_sent(client.connection.body());
                return begin(client, Step::Receive);
            case Step::Receive: {
                auto request = requests_.remove(client.connection.body(), client.deleting);
                counts_.received += client.deleting;
                if (request.empty()) return begin(client, after_delete);
                if (started_ == wanted_) return false;
                ++started_;
                client.step = Step::Delete;
                client.connection.send(request);
                return true;
            }
            case Step::Delete:
                refuse_failures(client.connection.body());
                counts_.deleted += client.deleting;
                return begin(client, after_delete);
        }
        return false;
    }

    void note_sent(std::string_view reply) {
        refuse_failures(reply);
        counts_.sent += sqs::kMaxBatchEntries;
    }

    static void refuse_failures(std::string_view reply) {
        if (reply.find("\"Failed\":[]") == reply.npos && reply.find("\"Failed\":[") != reply.npos) {
            throw std::runtime_error("the queue refused entries of a batch");
        }
    }

    Requests requests_;
    int epoll_;
    std::vector<Client> clients_;
    Counts counts_;
    std::size_t wanted_ = 0;
    std::size_t started_ = 0;
};

// User and system time of the process so far, all threads.
double cpu_seconds_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    auto after_name = text.rfind(')');
    unsigned long user = 0, system = 0;
    if (after_name == text.npos ||
        std::sscanf(text.c_str() + after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                    &system) != 2) {
        throw std::runtime_error("there is no process of --server-pid");
    }
    return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void measure(const Options& options) {
    auto url = net::parse_url(options.url);
    if (!url) throw std::runtime_error(url.error().detail);
    Load load(options, *url);
    // A tenth more than is needed: a receive that brings fewer than ten takes no more either.
    const auto fill = options.requests / 2 + options.connections;
    if (options.mode == Mode::Worker) load.run(options.mode, true, fill + fill / 10);

    const auto server_before = options.server_pid ? cpu_seconds_of(options.server_pid) : 0;
    const auto client_before = bench::cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    const auto counts = load.run(options.mode, false, options.requests);
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const auto each = 1e6 / static_cast<double>(counts.requests);
    const auto client = (bench::cpu_seconds() - client_before) * each;
    std::string server = "null";
    if (options.server_pid) server = fmt::format("{:.3f}", (cpu_seconds_of(options.server_pid) - server_before) * each);
    static const std::map<Mode, std::string> kNames = {
        {Mode::Mix, "mix"}, {Mode::Worker, "worker"}, {Mode::Constant, "constant"}};
    fmt::print(R"({{"requests_per_second":{:.1f},"server_cpu_us_a_request":{},"client_cpu_us_a_request":{:.3f},)"
               R"("mode":"{}","requests":{},"connections":{},"sent":{},"received":{},"deleted":{},"seconds":{:.4f}}})"
               "\n",
               static_cast<double>(counts.requests) / seconds, server, client, kNames.at(options.mode), counts.requests,
               options.connections, counts.sent, counts.received, counts.deleted, seconds);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Requests as the worker makes them, against the embedded queue or a constant server");
    app.add_option("--url", options.url, "The queue's URL: http://127.0.0.1:9324/000000000000/NAME")->required();
    app.add_option("--requests", options.requests)->check(CLI::Range(1, 1'000'000'000))->capture_default_str();
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--mode", options.mode, "mix, worker or constant: see the head of the source")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, Mode>{{"mix", Mode::Mix}, {"worker", Mode::Worker}, {"constant", Mode::Constant}}));
    app.add_option("--server-pid", options.server_pid, "Whose CPU time is read from /proc");
    CLI11_PARSE(app, argc, argv);
    try {
        measure(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "queue_load: {}\n", error.what());
        return 1;
    }
    return 0;
}
