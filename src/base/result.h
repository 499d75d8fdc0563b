// A value or an Error. The one alias through which the project uses tl::expected, so that std::expected can replace it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <tl/expected.hpp>

#include "base/error.h"

namespace sqs2pg {

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

template <class T>
using awaitable = boost::asio::awaitable<T>;

inline tl::unexpected<Error> fail(ErrorKind kind, Stage stage, std::string code, std::string detail = {}) {
    return tl::unexpected<Error>(Error{kind, stage, std::move(code), std::move(detail)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace sqs2pg
