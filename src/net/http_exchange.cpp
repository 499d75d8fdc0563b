// One request and its reply, see http_exchange.h.
#include "net/http_exchange.h"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

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

// Reads one reply, final or interim. `any_reply_byte` as in exchange().
awaitable<Status> read_reply(HttpCall& call, Connection& connection, ReplyParser& parser,
                             const ExchangeOptions& options, bool& any_reply_byte) {
    while (!parser.is_done()) {
        ErrorCode ec;
        if (connection.buffer.size() > 0) {
            connection.buffer.consume(parser.put(connection.buffer.data(), ec));
        } else {
            ec = http::error::need_more;
        }
        if (ec == http::error::need_more && connection.buffer.size() >= kMostReadBufferBytes) {
            co_return failed("bad_reply", "the reply of " + shown(options) + " has an endless chunk header");
        }
        if (ec == http::error::need_more) {
            ec = co_await connection.read();
            if (!any_reply_byte && connection.buffer.size() > 0) {
                any_reply_byte = true;
                call.begin("reading the reply", options.timeouts.reply);
            }
            if (!ec) continue;
            // The end of the stream may be the end of a body without a length.
            bool ended = ec == asio::error::eof && parser.got_some() && parser.is_header_done();
            auto why = ec;
            if (ended) parser.put_eof(ec);
            if (!ended || ec) {
                co_return failed("connection_closed",
                                 shown(options) + " ended the connection before the whole reply: " + why.message());
            }
        }
        if (ec == http::error::body_limit || ec == http::error::header_limit) {
            auto what = ec == http::error::body_limit
                            ? " is larger than the limit of " + std::to_string(options.max_reply_bytes) + " bytes"
                            : std::string(" has more header lines than any server sends");
            co_return failed("reply_too_large", "the reply of " + shown(options) + what);
        }
        if (ec) {
            co_return failed("bad_reply", shown(options) + " answered with what is not HTTP (" + ec.message() +
                                              "): look whether host and port are right");
        }
    }
    co_return Status{};
}

}  // namespace

awaitable<Result<Exchanged>> exchange(HttpCall& call, Connection& connection, std::string_view text,
                                      const ExchangeOptions& options, bool& any_reply_byte) {
    connection.buffer.clear();
    call.begin("sending the request", options.timeouts.send);
    // Behind whatever is ready now. Sent one by one, with the work on a reply in between, each request finds the peer
    // asleep again, and waking it is the dearest part of a send.
    co_await asio::post(connection.stream.socket.get_executor(), asio::use_awaitable);
    auto ec = co_await connection.write(text);
    if (ec) co_return failed("connection_closed", shown(options) + " ended the connection: " + ec.message());
    call.begin("waiting for the reply", options.timeouts.first_byte);
    for (int interim = 0; interim <= kMostInterimReplies; ++interim) {
        Exchanged exchanged;
        auto keep = options.only_body_of_success ? Keep::HeadersOfFailures : Keep::AllHeaders;
        ReplyParser parser(exchanged.reply, options.max_reply_bytes, keep);
        if (options.without_body) parser.skip(true);
        auto read = co_await read_reply(call, connection, parser, options, any_reply_byte);
        if (!read) co_return fail(std::move(read.error()));
        // An interim reply; the real one follows.
        bool is_interim = exchanged.reply.status / 100 == 1 && exchanged.reply.status != 101;
        if (is_interim) continue;
        exchanged.reusable = parser.keep_alive() && connection.buffer.size() == 0;
        co_return exchanged;
    }
    co_return failed("bad_reply", shown(options) + " sends interim replies (1xx) without end");
}

}  // namespace sqs2pg::net
