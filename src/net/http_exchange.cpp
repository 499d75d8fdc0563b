// One request and its reply, see http_exchange.h.
#include "net/http_exchange.h"

#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "net/http_parse.h"

namespace sqs2pg::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using ErrorCode = Connection::ErrorCode;

constexpr int kMostInterimReplies = 10;

tl::unexpected<Error> failed(std::string code, std::string detail) {
    return fail(ErrorKind::Retry, Stage::Start, std::move(code), std::move(detail));
}

std::string shown(const ExchangeOptions& options) { return std::string(options.place); }

// Parses what has come. need_more where all of it is used up and the reply is not whole yet.
ErrorCode parse(Connection& connection, ReplyParser& parser) {
    ErrorCode ec = http::error::need_more;
    if (connection.buffer.size() > 0) connection.buffer.consume(parser.put(connection.buffer.data(), ec));
    return ec;
}

tl::unexpected<Error> cut_off(const ExchangeOptions& options, ErrorCode why) {
    return failed("connection_closed",
                  shown(options) + " ended the connection before the whole reply: " + why.message());
}

tl::unexpected<Error> unreadable(const ExchangeOptions& options, ErrorCode why) {
    auto too_large = [&](const std::string& what) {
        return failed("reply_too_large", "the reply of " + shown(options) + what);
    };
    if (why == http::error::body_limit) {
        return too_large(" is larger than the limit of " + std::to_string(options.max_reply_bytes) + " bytes");
    }
    if (why == http::error::header_limit) return too_large(" has more header lines than any server sends");
    return failed("bad_reply", shown(options) + " answered with what is not HTTP (" + why.message() +
                                   "): look whether host and port are right");
}

}  // namespace

// One coroutine for all of it, in clear: hundreds wait for their replies at a time, and each coroutine on the way to
// the socket is memory that has left the processor's caches when the reply comes.
awaitable<Result<Exchanged>> exchange(HttpCall& call, Connection& connection, std::string_view text,
                                      const ExchangeOptions& options, bool& any_reply_byte) {
    connection.buffer.clear();
    call.begin("sending the request", options.timeouts.send);
    // Behind whatever is ready now. Sent one by one, with the work on a reply in between, each request finds the peer
    // asleep again, and waking it is the dearest part of a send.
    co_await asio::post(connection.stream.socket.get_executor(), asio::deferred);
    auto ec = connection.write_at_once(text);
    if (!ec && !text.empty()) ec = co_await connection.write(text);
    if (ec) co_return failed("connection_closed", shown(options) + " ended the connection: " + ec.message());
    call.begin("waiting for the reply", options.timeouts.first_byte);
    for (int interim = 0; interim <= kMostInterimReplies; ++interim) {
        Exchanged exchanged;
        auto keep = options.only_body_of_success ? Keep::HeadersOfFailures : Keep::AllHeaders;
        ReplyParser parser(exchanged.reply, options.max_reply_bytes, keep);
        if (options.without_body) parser.skip(true);
        while (!parser.is_done()) {
            ec = parse(connection, parser);
            if (!ec) continue;
            if (ec != http::error::need_more) co_return unreadable(options, ec);
            if (connection.buffer.size() >= kMostReadBufferBytes) {
                co_return failed("bad_reply", "the reply of " + shown(options) + " has an endless chunk header");
            }
            if (connection.stream.has_tls()) {
                ec = co_await connection.read();
            } else {
                const auto [error, bytes] = co_await connection.read_in_clear();
                connection.buffer.commit(bytes);
                ec = error;
            }
            if (!any_reply_byte && connection.buffer.size() > 0) {
                any_reply_byte = true;
                call.begin("reading the reply", options.timeouts.reply);
            }
            if (!ec) continue;
            // The end of the stream may be the end of a body without a length.
            const auto why = ec;
            const bool ended = ec == asio::error::eof && parser.got_some() && parser.is_header_done();
            if (ended) parser.put_eof(ec);
            if (!ended || ec) co_return cut_off(options, why);
        }
        // An interim reply; the real one follows.
        bool is_interim = exchanged.reply.status / 100 == 1 && exchanged.reply.status != 101;
        if (is_interim) continue;
        exchanged.reusable = parser.keep_alive() && connection.buffer.size() == 0;
        co_return exchanged;
    }
    co_return failed("bad_reply", shown(options) + " sends interim replies (1xx) without end");
}

}  // namespace sqs2pg::net
