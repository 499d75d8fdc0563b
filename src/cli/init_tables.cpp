// The tables of the database for `init`, see init_proposal.h.
#include <exception>
#include <optional>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "cli/init_proposal.h"
#include "pg/catalog.h"
#include "pg/connection.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr std::chrono::seconds kConnectDeadline{5};

pg::ConnectOptions options_for(const std::string& url) {
    pg::ConnectOptions options;
    options.conninfo = url;
    options.application_name = "sqs2pg init";
    options.connect_deadline = kConnectDeadline;
    return options;
}

// Runs it on a loop of its own.
template <class T>
Result<T> now(awaitable<Result<T>> work, boost::asio::io_context& loop) {
    std::optional<Result<T>> answer;
    boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, Result<T> result) {
        if (!thrown) answer = std::move(result);
    });
    loop.run();
    if (answer) return *std::move(answer);
    return fail(ErrorKind::Retry, Stage::Start, "exception", "an exception that nobody expected ended the command");
}

awaitable<Result<Tables>> describe(std::string url, std::vector<pg::TableName> names, bool needed) {
    Tables tables;
    auto executor = co_await boost::asio::this_coro::executor;
    auto connection = co_await pg::Connection::connect(executor, options_for(url));
    if (!connection) {
        if (needed) co_return fail(connection.error());
        tables.unreachable = connection.error().detail;
        co_return tables;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto shape = co_await pg::describe_table(**connection, names[i], kDeadline);
        if (shape) {
            tables.live.emplace(pg::shown(names[i]), std::move(*shape));
        } else if (shape.error().code == "42P01") {
            if (i == 0) tables.absent = shape.error().detail;
        } else if (i == 0 || shape.error().kind != ErrorKind::Configuration) {
            co_return fail(shape.error());
        }
    }
    co_return tables;
}

awaitable<Result<bool>> execute(std::string url, std::string sql) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto connection = co_await pg::Connection::connect(executor, options_for(url));
    if (!connection) co_return fail(connection.error());
    auto made = co_await (*connection)->query("BEGIN;\n" + sql + "COMMIT;", kDeadline);
    if (made) co_return true;
    auto error = made.error().error;
    const auto where = (*connection)->where();
    if (made.error().server.sqlstate == "42501") {
        error.detail = fmt::format(
            "the role may not make tables in that schema ({}): connect as one that may, or have "
            "the statements run by one that does",
            where);
    } else if (made.error().server.sqlstate == "42P07") {
        error.detail = fmt::format("a table of that name is there already ({})", where);
    } else if (made.error().server.sqlstate == "3F000") {
        error.detail = fmt::format("the schema does not exist ({}): CREATE SCHEMA first", where);
    } else {
        error.detail =
            fmt::format("the server refused the table with SQLSTATE {} ({})", made.error().server.sqlstate, where);
    }
    error.kind = ErrorKind::Configuration;
    co_return fail(std::move(error));
}

}  // namespace

Result<Tables> look_at_tables(const std::string& url, const std::vector<pg::TableName>& names, bool needed) {
    boost::asio::io_context loop{1};
    return now<Tables>(describe(url, names, needed), loop);
}

Status create_tables(const std::string& url, const std::string& sql) {
    boost::asio::io_context loop{1};
    auto made = now<bool>(execute(url, sql), loop);
    if (!made) return fail(made.error());
    return {};
}

}  // namespace sqs2pg::cli
