// What `pause`, `resume` and `status` share: the configuration's database, or another, asked once, and its refusals as
// sentences.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/result.h"
#include "pg/connection.h"

namespace sqs2pg::cli {

// A refusal of the database with what to do about it: no schema yet, an older one, no right. `file`: what -c named.
Error operator_error(Error error, const pg::Connection& connection, const std::string& file);

// `work` is called once and returns an awaitable; what it captures outlives the call.
template <class T>
awaitable<Result<T>> ask_database(pg::ConnectOptions options, std::string file,
                                  std::function<awaitable<Result<T>>(pg::Connection&)> work) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto connection = co_await pg::Connection::connect(executor, std::move(options));
    if (!connection) co_return fail(connection.error());
    auto answer = co_await work(**connection);
    if (!answer) co_return fail(operator_error(answer.error(), **connection, file));
    co_return answer;
}

// Blocks until the database has answered or a deadline has passed.
template <class T>
Result<T> on_database(pg::ConnectOptions options, std::string file,
                      std::function<awaitable<Result<T>>(pg::Connection&)> work) {
    std::optional<Result<T>> answer;
    boost::asio::io_context loop{1};
    boost::asio::co_spawn(loop, ask_database<T>(std::move(options), std::move(file), std::move(work)),
                          [&](std::exception_ptr thrown, Result<T> result) {
                              if (!thrown) answer = std::move(result);
                          });
    loop.run();
    if (answer) return *std::move(answer);
    return fail(ErrorKind::Retry, Stage::Start, "exception", "an exception that nobody expected ended the command");
}

// Prints "sqs2pg COMMAND: sentence"; the exit code: 1 when the same call may do later, 2 when somebody must mend it.
int tell_operator(const std::string& command, const Error& error);

}  // namespace sqs2pg::cli
