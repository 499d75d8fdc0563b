// Thread and event loop of the ops port, see server.h.
#include "ops/server.h"

#include <charconv>
#include <exception>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace sqs2pg::ops {

namespace {

constexpr std::size_t kMaxConnections = 64;
constexpr std::size_t kMaxBodyBytes = 4096;

// A plain function as coroutine: it must not capture. Both references outlive the call (net/http_server.h,
// Server::Impl).
awaitable<net::ServerReply> serve(net::ServerRequest request, const Sources& sources) {
    net::ServerReply made;
    try {
        made = answer(request, sources);
    } catch (const std::exception&) {
        made.status = 500;  // out of memory, at most; the ops port must not end the process
    }
    co_return made;
}

std::string shown(const ListenAddress& address) {
    return address.host.find(':') == std::string::npos ? fmt::format("{}:{}", address.host, address.port)
                                                       : fmt::format("[{}]:{}", address.host, address.port);
}

}  // namespace

struct Server::Impl {
    Impl(const ListenAddress& address, Sources given)
        : sources(std::move(given)), server(context.get_executor(), options(address), handler()) {}

    static net::HttpServerOptions options(const ListenAddress& address) {
        net::HttpServerOptions made;
        made.host = address.host;
        made.port = address.port;
        made.max_connections = kMaxConnections;
        made.max_body_bytes = kMaxBodyBytes;
        return made;
    }
    net::Handler handler() {
        return [this](net::ServerRequest request, net::RequestContext&) { return serve(std::move(request), sources); };
    }

    Sources sources;
    boost::asio::io_context context{1};
    net::HttpServer server;
    std::jthread thread;
};

Result<std::optional<ListenAddress>> parse_listen(std::string_view text) {
    if (text == "off") return std::optional<ListenAddress>{};
    const auto bad = [] {
        return fail(ErrorKind::Configuration, Stage::Serve, "bad_listen",
                    "the ops port's address is HOST:PORT, such as 127.0.0.1:9464, or off");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return bad();
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return bad();  // an IPv6 address without brackets: which colon is the port's?
    }
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc{} || end != digits.data() + digits.size() || host.empty()) return bad();
    return std::optional(ListenAddress{std::string(host), port});
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::start(const ListenAddress& address, Sources sources) {
    auto impl = std::make_unique<Impl>(address, std::move(sources));
    if (auto bound = impl->server.start(); !bound) {
        auto error = bound.error();
        error.stage = Stage::Serve;
        if (error.detail.empty()) error.detail = fmt::format("cannot listen on {}", shown(address));
        error.detail += "; another address: --ops HOST:PORT, none: --ops off";
        return fail(std::move(error));
    }
    auto* running = impl.get();
    impl->thread = std::jthread([running] { running->context.run(); });
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
    auto* running = impl_.get();
    boost::asio::post(running->context, [running] {
        running->server.stop();
        running->context.stop();
    });
    running->thread.join();
}

std::uint16_t Server::port() const { return impl_->server.port(); }

}  // namespace sqs2pg::ops
