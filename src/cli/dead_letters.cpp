// Databases, selections and errors of `sqs2pg dead-letters`, see dead_letters.h.
#include "cli/dead_letters.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/moment.h"
#include "cli/commands.h"
#include "cli/database_access.h"

namespace sqs2pg::cli {

namespace {

// user@host, as the operating system knows them: what a person says of itself, beside the database's role.
std::string actor() {
    char host[256] = {};
    if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
    const auto* entry = getpwuid(getuid());
    return fmt::format("{}@{}", entry != nullptr ? entry->pw_name : std::to_string(getuid()), host);
}

tl::unexpected<Error> usage(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "usage", std::move(detail));
}

}  // namespace

Status check_times(const LetterArguments& arguments) {
    for (const auto& [option, text] : {std::pair{"--since", arguments.since}, std::pair{"--until", arguments.until}}) {
        if (!text.empty() && !parse_moment(text)) {
            return usage(fmt::format("{} is a time such as 2h, 7d, 2026-11-24 or 2026-11-24T10:00Z", option));
        }
    }
    return {};
}

Result<std::vector<LetterDatabase>> letter_databases(const config::Settings& settings,
                                                     const LetterArguments& arguments) {
    std::vector<LetterDatabase> databases;
    for (auto& group : databases_of(settings.pipelines)) {
        auto& database = databases.emplace_back(connect_options(group.postgres));
        database.pipelines = std::move(group.pipelines);
    }
    auto has = [&](const LetterDatabase& database) {
        return std::ranges::any_of(database.pipelines,
                                   [&](const auto* pipeline) { return pipeline->name == arguments.pipeline; });
    };
    if (std::ranges::any_of(databases, has)) std::erase_if(databases, [&](const auto& one) { return !has(one); });
    if (arguments.url.empty()) return databases;
    if (databases.size() > 1) {
        return usage(fmt::format("--url stands for one database, and the configuration names {}: add --pipeline",
                                 databases.size()));
    }
    for (auto& database : databases) connect_elsewhere(database.connect, arguments.url);
    return databases;
}

awaitable<Result<std::unique_ptr<pg::Connection>>> open_letters(pg::ConnectOptions connect, schema::Role role) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto connection = co_await pg::Connection::connect(executor, std::move(connect));
    if (!connection) co_return fail(std::move(connection.error()));
    auto state = co_await schema::inspect(**connection, role);
    if (!state) co_return fail(std::move(state.error()));
    auto usable = schema::judge(*state, (*connection)->user());
    if (!usable) {
        auto error = std::move(usable.error());
        if (error.code == "42501") {
            error.detail += ", or connect as another role with --url";
        }
        co_return fail(std::move(error));
    }
    co_return std::move(*connection);
}

awaitable<Result<std::optional<schema::LetterSelection>>> selection_of(pg::Connection& connection,
                                                                       const LetterArguments& arguments, bool bounded) {
    schema::LetterSelection selection;
    selection.pipeline = arguments.pipeline;
    selection.reason = arguments.reason;
    auto now = co_await schema::database_now_ms(connection);
    if (!now) co_return fail(std::move(now.error()));
    if (const auto since = parse_moment(arguments.since)) selection.since_ms = since->at(*now);
    if (const auto until = parse_moment(arguments.until)) selection.until_ms = until->at(*now);
    if (bounded && !selection.until_ms) selection.until_ms = *now + 1;
    for (const auto& prefix : arguments.ids) {
        auto id = co_await schema::find_letter(connection, prefix);
        if (id) {
            selection.ids.push_back(std::move(*id));
        } else if (id.error().code != "no_letter") {
            co_return fail(std::move(id.error()));
        }
    }
    if (!arguments.ids.empty() && selection.ids.empty()) co_return std::nullopt;
    co_return selection;
}

schema::AuditNote audit_note(const LetterArguments& arguments, const schema::LetterSelection& selection) {
    return {actor(), schema::describe_selection(selection), arguments.because, arguments.ticket};
}

int tell_letters(const char* what, const Error& error) {
    fmt::print(stderr, "sqs2pg dead-letters {}: {}\n", what, error.detail.empty() ? describe(error) : error.detail);
    bool setting = error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials;
    return setting && error.code != "no_letter" ? kUsage : kFailed;
}

int run_letters(const char* what, std::function<boost::asio::awaitable<int>()> work) {
    std::optional<int> exit_code;
    boost::asio::io_context loop{1};
    boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, int code) {
        if (!thrown) exit_code = code;
        loop.stop();
    });
    loop.run();
    if (exit_code) return *exit_code;
    return tell_letters(what, Error{ErrorKind::Retry, Stage::Serve, "exception",
                                    "an exception that nobody expected ended the command"});
}

}  // namespace sqs2pg::cli
