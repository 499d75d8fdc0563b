// One request and its reply on a connection that stands. Included only by the client's files.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http_call.h"
#include "net/http_client.h"
#include "net/http_connection.h"

namespace sqs2pg::net {

struct ExchangeOptions {
    bool without_body = false;          // the reply to HEAD and CONNECT
    bool only_body_of_success = false;  // see HttpRequest
    std::size_t max_reply_bytes = 0;
    const HttpTimeouts& timeouts;
    std::string_view place;  // for errors: "https://sqs.eu-west-1.amazonaws.com"; borrowed
};

struct Exchanged {
    HttpReply reply;
    bool reusable = false;  // the connection takes another request
};

// Sends `text` and reads the reply. `any_reply_byte` tells whether the server had begun to answer. Errors, kind Retry:
// "connection_closed", "reply_too_large", "bad_reply"; when the call is over, whatever it was that was interrupted. All
// references outlive the call.
awaitable<Result<Exchanged>> exchange(HttpCall& call, Connection& connection, std::string_view text,
                                      const ExchangeOptions& options, bool& any_reply_byte);

}  // namespace sqs2pg::net
