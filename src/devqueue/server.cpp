// HTTP around the operations: which call it is, what goes wrong on purpose, how long a receive waits, what the reply
// says.
#include "devqueue/server.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "devqueue/authentication.h"
#include "devqueue/faults.h"
#include "devqueue/long_poll.h"
#include "devqueue/query_protocol.h"
#include "devqueue/service.h"
#include "net/http_server.h"

namespace sqs2pg::devqueue {
namespace asio = boost::asio;
namespace {

constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kMoveInterval{10};
// A shorter pause goes by unwatched: to watch whether the client stays costs more than most calls.
constexpr std::chrono::milliseconds kWatchedPause{1000};
constexpr std::size_t kMaxConnections = 8192;  // a worker may hold 512

net::ServerReply json_reply(std::string body, int status = 200) {
    net::ServerReply reply;
    reply.status = status;
    reply.content_type = sqs::kContentType;
    reply.body = std::move(body);
    return reply;
}

net::ServerReply error_reply(const ApiError& error) {
    auto shape = shape_of(error.code);
    auto reply = json_reply(error_body(error), shape.status);
    reply.headers.emplace_back("x-amzn-query-error",
                               fmt::format("{};{}", shape.query_code, shape.sender_fault ? "Sender" : "Receiver"));
    return reply;
}

net::ServerReply dropped() {
    net::ServerReply reply;
    reply.drop_connection = true;
    return reply;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
    bool literal = host.find(':') != std::string_view::npos && !host.starts_with('[');
    return literal ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(asio::any_io_executor on, ServerOptions given, const Clock& with)
        : executor(std::move(on)),
          options(std::move(given)),
          clock(with),
          service(options.account),
          request_ids(options.account.seed ^ 0x7265717565737473ULL),
          started(with.now()),
          started_ms(with.wall_ms()) {}

    // Wall time at the start plus monotonic time since: it never runs backwards.
    Millis now_ms() const {
        return started_ms + std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - started).count();
    }

    // Keeps the implementation alive while the call runs. Null: the server is gone. `request` and `context` outlive the
    // call. What waits for nothing, nearly every call, takes no coroutine but this one.
    static awaitable<net::ServerReply> serve(std::shared_ptr<Impl> self, net::ServerRequest& request,
                                             net::RequestContext& context) {
        if (!self) co_return dropped();
        auto request_id = to_text(random_message_id(self->request_ids));
        auto reply = self->answer_without_operation(request, request_id);
        if (!reply) {
            const auto wrong = self->faults.empty() ? CallFaults{} : self->faults.next(operation_of(request));
            if (wrong.delay_ms >= kWatchedPause.count()) {
                auto pausing = self->pause(std::chrono::milliseconds(wrong.delay_ms), context);
                co_await std::move(pausing);
            } else if (wrong.delay_ms > 0) {
                asio::steady_timer timer(self->executor, std::chrono::milliseconds(wrong.delay_ms));
                co_await timer.async_wait(asio::as_tuple(asio::deferred));
            }
            auto begun = self->begin_with_faults(wrong, request, context);
            if (begun.waiting) {
                auto ending = self->finish(std::move(begun), context);
                reply = co_await std::move(ending);
            } else {
                reply = std::move(begun.reply);
            }
            if (wrong.drop_after) reply = dropped();
        }
        reply->headers.emplace_back("x-amzn-RequestId", std::move(request_id));
        self->after_call();
        co_return std::move(*reply);
    }

    void after_call() {
        // A receive that was woken but could not take everything passes the wake on; so does every send.
        if (!waiting.empty()) waiting.wake(service.account());
        if (!moving && service.run_move_tasks(now_ms())) {
            moving = true;
            asio::co_spawn(executor, move_messages(shared_from_this()), asio::detached);
        }
    }

    // Runs while a move task does, so that its messages arrive and wake receives though nobody calls.
    static awaitable<void> move_messages(std::shared_ptr<Impl> self) {
        asio::steady_timer timer(self->executor);
        while (!self->stopping && self->service.run_move_tasks(self->now_ms())) {
            if (!self->waiting.empty()) self->waiting.wake(self->service.account());
            timer.expires_after(kMoveInterval);
            co_await timer.async_wait(kWait);
        }
        if (!self->waiting.empty()) self->waiting.wake(self->service.account());
        self->moving = false;
    }

    // The reply to whatever is no operation that may be carried out; nothing when it is one.
    std::optional<net::ServerReply> answer_without_operation(net::ServerRequest& request,
                                                             const std::string& request_id) {
        if (is_query_protocol(request.method, request.target, request.header("content-type"))) {
            net::ServerReply reply;
            reply.status = 400;
            reply.content_type = "text/xml";
            reply.body = query_protocol_refusal(request_id);
            return reply;
        }
        if (options.faults && request.target == "/_faults") return control_faults(request);
        auto target = request.header("x-amz-target");
        if (request.method != "POST" || !target.starts_with(sqs::kTargetPrefix)) return not_an_operation(request);
        if (options.accepted_keys.empty()) return std::nullopt;
        SignedRequest signed_request{request.method, request.target, request.headers, request.body};
        auto known = authenticate(options.accepted_keys, signed_request, now_ms());
        if (!known) return error_reply(known.error());
        return std::nullopt;
    }

    static std::string_view operation_of(const net::ServerRequest& request) {
        return request.header("x-amz-target").substr(sqs::kTargetPrefix.size());
    }

    // What an operation comes to at once: its reply, or that of a receive which may wait for a better one.
    struct Begun {
        net::ServerReply reply;
        std::optional<WaitingReceive> waiting{};
    };

    Begun begin(std::string_view operation, Effects effects, net::ServerRequest& request) {
        auto done = service.call(Call{operation, base_of(request.header("host")), now_ms(), effects}, request.body);
        if (!done) return {error_reply(done.error())};
        return {json_reply(std::move(done->body)), std::move(done->waiting)};
    }

    Begun begin_with_faults(const CallFaults& wrong, net::ServerRequest& request, const net::RequestContext& context) {
        if (wrong.drop_before || context.gone()) return {dropped()};
        if (!wrong.error_code.empty()) return {error_reply(ApiError{wrong.error_code, "Asked for by a fault."})};
        return begin(operation_of(request), wrong.effects, request);
    }

    // `begun` waits, and `context` belongs to the caller's frame, which awaits this.
    awaitable<net::ServerReply> finish(Begun begun, net::RequestContext& context) {
        auto came = co_await wait_for_messages(*begun.waiting, context);
        if (!came) co_return error_reply(came.error());
        if (!came->empty()) begun.reply.body = std::move(*came);
        co_return std::move(begun.reply);
    }

    // "http://HOST" as the client named it. Valid until the next call.
    std::string_view base_of(std::string_view host) {
        if (base.empty() || host != base_host) {
            base_host = host;
            base = host.empty() ? url() : fmt::format("{}://{}", scheme(), host);
        }
        return base;
    }

    // The reply when messages came, empty when none did in time or nobody waits any more. The client that went away
    // takes nothing: whether it is there is looked at after every wake, before the queue is asked.
    awaitable<Answer<std::string>> wait_for_messages(const WaitingReceive& receive, net::RequestContext& context) {
        auto deadline = clock.now() + std::chrono::seconds(receive.wait_seconds);
        asio::steady_timer timer(executor);
        Waiter waiter{timer};
        context.on_gone([&timer] { timer.cancel(); });
        Answer<std::string> answer{std::string{}};
        while (!context.gone() && !stopping) {
            auto messages = service.receive_again(receive, now_ms());
            if (!messages) {
                answer = refuse(messages.error());
                break;
            }
            if (*messages) {
                answer = std::move(**messages);
                break;
            }
            if (clock.now() >= deadline) break;
            timer.expires_at(next_look(receive.queue, deadline));
            waiting.enter(receive.queue, waiter);
            co_await timer.async_wait(kWait);
            waiting.leave(receive.queue, waiter);
        }
        context.on_gone({});
        co_return answer;
    }

    // When the next invisible message becomes visible, or the poll ends. The timer runs on the steady clock.
    std::chrono::steady_clock::time_point next_look(const std::string& name, Clock::Steady deadline) {
        auto queue = service.account().find(name);
        auto due = queue ? (*queue)->next_visible_ms() : std::nullopt;
        if (!due) return deadline;
        return std::min(deadline, clock.now() + std::chrono::milliseconds(std::max<Millis>(1, *due - now_ms())));
    }

    // Ends early when the client leaves.
    awaitable<void> pause(std::chrono::milliseconds time, net::RequestContext& context) {
        asio::steady_timer timer(executor, time);
        context.on_gone([&timer] { timer.cancel(); });
        if (!context.gone()) co_await timer.async_wait(kWait);
        context.on_gone({});
    }

    net::ServerReply control_faults(net::ServerRequest& request) {
        if (request.method == "POST") {
            if (auto added = faults.add(std::move(request.body)); !added) return error_reply(added.error());
        } else if (request.method == "DELETE") {
            faults.clear();
        } else if (request.method != "GET") {
            return error_reply(
                ApiError{"UnsupportedOperation", "Faults are set with POST, seen with GET, cleared with DELETE."});
        }
        return json_reply(faults.to_json());
    }

    static net::ServerReply not_an_operation(const net::ServerRequest& request) {
        if (request.method == "GET" && request.target == "/healthz") {
            net::ServerReply reply;
            reply.body = "ok\n";
            return reply;
        }
        if (request.method == "GET" && request.target == "/") {
            net::ServerReply reply;
            reply.body = "sqs2pg's embedded queue: send Amazon SQS requests (JSON protocol) here.\n";
            return reply;
        }
        return error_reply(
            ApiError{"UnknownOperationException",
                     "Operations are sent as POST with the header X-Amz-Target: AmazonSQS.<Operation>."});
    }

    const char* scheme() const { return options.tls_certificate.empty() ? "http" : "https"; }

    std::string url() const {
        return fmt::format("{}://{}", scheme(), host_and_port(options.host, http ? http->port() : options.port));
    }

    asio::any_io_executor executor;
    ServerOptions options;
    const Clock& clock;
    Service service;
    Random request_ids;
    Clock::Steady started;
    Millis started_ms;
    Faults faults;
    WaitingRoom waiting;
    bool stopping = false;
    bool moving = false;          // move_messages runs
    std::string base_host, base;  // of the last call: see base_of
    std::unique_ptr<net::HttpServer> http;
};

Server::Server(asio::any_io_executor executor, ServerOptions options, const Clock& clock)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), clock)) {}

Server::~Server() { stop(); }

Status Server::start() {
    net::HttpServerOptions http;
    http.host = impl_->options.host;
    http.port = impl_->options.port;
    http.tls_certificate = impl_->options.tls_certificate;
    http.tls_key = impl_->options.tls_key;
    http.max_connections = kMaxConnections;
    // Not a coroutine: it hands over to one whose frame holds the implementation itself.
    std::weak_ptr<Impl> weak = impl_;
    impl_->http = std::make_unique<net::HttpServer>(impl_->executor, http,
                                                    [weak](net::ServerRequest& request, net::RequestContext& context) {
                                                        return Impl::serve(weak.lock(), request, context);
                                                    });
    return impl_->http->start();
}

void Server::stop() {
    if (impl_->stopping) return;
    impl_->stopping = true;
    impl_->waiting.wake_all();
    if (impl_->http) impl_->http->stop();
}

std::uint16_t Server::port() const { return impl_->http ? impl_->http->port() : impl_->options.port; }

std::string Server::url() const { return impl_->url(); }

std::size_t Server::waiting_receives() const { return impl_->waiting.size(); }

Status Server::create_queue(const std::string& name, const AttributeMap& attributes) {
    auto made = impl_->service.account().create(name, attributes, impl_->now_ms());
    if (made) return {};
    return fail(ErrorKind::Configuration, Stage::Serve, std::string(made.error().code),
                fmt::format("cannot make the queue \"{}\": {}", name, made.error().message));
}

}  // namespace sqs2pg::devqueue
