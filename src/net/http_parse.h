// Beast's HTTP parser writing straight into our own request and reply values, without its node-based field table: one
// copy of each header, none of the body. Included only by http_server.cpp and http_client.cpp.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "net/http_client.h"
#include "net/http_server.h"

namespace sqs2pg::net {

// What a connection reads into: enough for the replies of most calls, more where a head alone is larger.
inline constexpr std::size_t kReadBufferBytes = 16 * 1024;
inline constexpr std::size_t kMostReadBufferBytes = 64 * 1024;
inline constexpr std::uint32_t kHeaderLimitBytes = 32 * 1024;
// Kept free behind a body, for parsers that read whole vectors: they would move all of it to make room.
inline constexpr std::size_t kRoomBehindBody = 64;

// Where the next bytes go, behind those that are unread; none where kMostReadBufferBytes are.
inline auto room_behind(boost::beast::flat_buffer& unread) {
    const auto most = unread.size() < kReadBufferBytes ? kReadBufferBytes : kMostReadBufferBytes;
    return unread.prepare(most - std::min(unread.size(), most));
}

inline bool same_ignoring_case(std::string_view left, std::string_view right) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [&](char a, char b) { return lower(a) == lower(b); });
}

enum class Keep : std::uint8_t { AllHeaders, HeadersOfFailures };

// Message is ServerRequest or HttpReply: both have `headers` and `body`. One parser a message. What an earlier message
// left in them is written over, and its memory used again.
template <bool kIsRequest, class Message>
class MessageParser final : public boost::beast::http::basic_parser<kIsRequest> {
    using Base = boost::beast::http::basic_parser<kIsRequest>;
    using ErrorCode = boost::beast::error_code;
    using View = boost::beast::string_view;

   public:
    MessageParser(Message& message, std::uint64_t body_limit_bytes, Keep keep = Keep::AllHeaders)
        : message_(message), limit_(body_limit_bytes), keep_(keep) {
        this->eager(true);
        this->header_limit(kHeaderLimitBytes);
        this->body_limit(body_limit_bytes);
        message_.body.clear();
    }

    bool expects_continue() const noexcept { return expects_continue_; }

   private:
    void on_request_impl(boost::beast::http::verb, View method, View target, int, ErrorCode& ec) override {
        if constexpr (kIsRequest) {
            message_.method.assign(method.data(), method.size());
            message_.target.assign(target.data(), target.size());
        }
        ec = {};
    }

    void on_response_impl(int code, View, int, ErrorCode& ec) override {
        if constexpr (!kIsRequest) message_.status = code;
        leaves_out_ = keep_ == Keep::HeadersOfFailures && code / 100 == 2;
        ec = {};
    }

    void on_field_impl(boost::beast::http::field name, View text, View value, ErrorCode& ec) override {
        ec = {};
        if (leaves_out_) return;
        if (message_.headers.empty()) message_.headers.reserve(16);
        if (fields_ == message_.headers.size()) message_.headers.emplace_back();
        auto& header = message_.headers[fields_++];
        header.first.assign(text.data(), text.size());
        header.second.assign(value.data(), value.size());
        if (name == boost::beast::http::field::expect) {
            expects_continue_ = same_ignoring_case(std::string_view(value.data(), value.size()), "100-continue");
        }
    }

    void on_header_impl(ErrorCode& ec) override {
        message_.headers.resize(fields_);
        ec = {};
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& ec) override {
        // The length is the peer's claim: believed up to a megabyte, beyond that only as it arrives.
        const auto believed = static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), 1u << 20));
        if (believed > 0) message_.body.reserve(believed + kRoomBehindBody);
        ec = {};
    }

    std::size_t append(View body, ErrorCode& ec) {
        if (body.size() > limit_ - message_.body.size()) {
            ec = boost::beast::http::error::body_limit;
            return 0;
        }
        message_.body.append(body.data(), body.size());
        ec = {};
        return body.size();
    }

    std::size_t on_body_impl(View body, ErrorCode& ec) override { return append(body, ec); }
    void on_chunk_header_impl(std::uint64_t, View, ErrorCode& ec) override { ec = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode& ec) override { return append(body, ec); }
    void on_finish_impl(ErrorCode& ec) override { ec = {}; }

    Message& message_;
    std::uint64_t limit_;
    Keep keep_;
    bool leaves_out_ = false;
    std::size_t fields_ = 0;
    bool expects_continue_ = false;
};

using RequestParser = MessageParser<true, ServerRequest>;
using ReplyParser = MessageParser<false, HttpReply>;

}  // namespace sqs2pg::net
