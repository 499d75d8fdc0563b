// `sqs2pg dead-letters drop`: takes dead letters out for good, once somebody has said why and that it is meant; see
// dead_letters.h.
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/this_coro.hpp>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/dead_letters.h"
#include "cli/json_object.h"
#include "cli/progress.h"
#include "cli/signals.h"

namespace sqs2pg::cli {

namespace {

constexpr const char* kDrop = "drop";
constexpr std::size_t kAtOnce = 5000;

int usage(std::string detail) {
    return tell_letters(kDrop, {ErrorKind::Configuration, Stage::Configure, "usage", std::move(detail)});
}

std::string phrase(std::int64_t count) {
    return fmt::format("{} dead letter{}", grouped(static_cast<std::uint64_t>(count)), count == 1 ? "" : "s");
}

// The result, of a drop that also may have found nothing or have been declined.
void tell_result(const LetterArguments& arguments, std::int64_t selected, std::int64_t dropped, bool stopped,
                 const std::string& sentence) {
    if (arguments.format != "json") {
        fmt::print(stderr, "{}\n", sentence);
        return;
    }
    fmt::print("{}\n",
               JsonObject().number("selected", selected).number("dropped", dropped).flag("stopped", stopped).done());
}

bool confirmed(std::int64_t count) {
    fmt::print(stderr, "{} will be gone for good, message and all. Type yes to drop: ", phrase(count));
    std::fflush(stderr);
    char answer[16] = {};
    return std::fgets(answer, sizeof answer, stdin) != nullptr && std::string_view(answer) == "yes\n";
}

struct Dropping {
    std::unique_ptr<pg::Connection> connection;
    schema::LetterSelection selection;
    std::int64_t count = 0;
};

// References outlive the coroutine. nullopt: nothing of the selection is in this database.
awaitable<Result<std::optional<Dropping>>> prepare(const LetterDatabase& database, const LetterArguments& arguments) {
    auto connection = co_await open_letters(database.connect, schema::Role::Replayer);
    if (!connection) co_return fail(std::move(connection.error()));
    auto selection = co_await selection_of(**connection, arguments, true);
    if (!selection) co_return fail(std::move(selection.error()));
    if (!*selection) co_return std::nullopt;
    auto counts = co_await schema::count_letters(**connection, **selection);
    if (!counts) co_return fail(std::move(counts.error()));
    Dropping dropping{std::move(*connection), std::move(**selection), 0};
    for (const auto& one : *counts) dropping.count += one.letters;
    co_return dropping;
}

// Until none is left or `stop`. How many were dropped so far stands in `dropped` even after an error.
awaitable<Status> drop_selected(Dropping& from, const schema::AuditNote& note, const bool& stop,
                                std::int64_t& dropped) {
    while (!stop) {
        auto some = co_await schema::drop_letters(*from.connection, from.selection, note, kAtOnce);
        if (!some) co_return fail(std::move(some.error()));
        dropped += *some;
        if (*some > 0) continue;
        // Somebody else may have taken all that this call had chosen, and others be left.
        auto left = co_await schema::count_letters(*from.connection, from.selection);
        if (!left) co_return fail(std::move(left.error()));
        if (left->empty()) break;
    }
    co_return Status{};
}

awaitable<int> drop(const config::Settings& settings, const LetterArguments& arguments) {
    auto databases = letter_databases(settings, arguments);
    if (!databases) co_return tell_letters(kDrop, databases.error());
    std::vector<Dropping> all;
    std::int64_t total = 0;
    for (const auto& database : *databases) {
        auto one = co_await prepare(database, arguments);
        if (!one) co_return tell_letters(kDrop, one.error());
        if (!*one) continue;
        total += (*one)->count;
        all.push_back(std::move(**one));
    }
    if (total == 0) {
        tell_result(arguments, 0, 0, false, "no dead letters to drop");
        co_return arguments.ids.empty() ? kDone : kFailed;
    }
    if (!arguments.yes && !confirmed(total)) {
        tell_result(arguments, total, 0, true, "nothing was dropped");
        co_return kFailed;
    }
    auto executor = co_await boost::asio::this_coro::executor;
    bool stop = false;
    Signals signals(executor, [&](int) { stop = true; }, {});
    std::int64_t dropped = 0;
    int exit_code = kDone;
    for (auto& one : all) {
        auto note = audit_note(arguments, one.selection);
        auto done = co_await drop_selected(one, note, stop, dropped);
        if (!done) exit_code = tell_letters(kDrop, done.error());
        if (!done) break;
    }
    signals.close();
    tell_result(arguments, total, dropped, stop, "dropped " + phrase(dropped));
    if (stop) fmt::print(stderr, "sqs2pg dead-letters drop: stopped before the end; the rest stays\n");
    co_return stop ? kFailed : exit_code;
}

}  // namespace

int drop_dead_letters(const LetterArguments& arguments) {
    if (!arguments.selects_some() && !arguments.all) {
        return usage("say which: ids, --pipeline, --reason, --since, --until, or --all");
    }
    if (arguments.selects_some() && arguments.all) return usage("--all stands alone: leave it out, or the others");
    if (arguments.because.empty()) {
        return usage("--because \"…\" is needed: why the messages are thrown away; the audit keeps it");
    }
    if (!arguments.yes && isatty(STDIN_FILENO) == 0) return usage("--yes is needed where nobody can be asked");
    if (auto times = check_times(arguments); !times) return tell_letters(kDrop, times.error());
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    return run_letters(kDrop, [&] { return drop(*settings, arguments); });
}

}  // namespace sqs2pg::cli
