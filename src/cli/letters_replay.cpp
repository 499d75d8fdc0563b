// `sqs2pg dead-letters replay`: the selected dead letters once more through the walk, pipeline by pipeline, under the
// present configuration and keys; see pipeline/replay.h and dead_letters.h.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "adapters/dead_letters_on_pg.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/dead_letters.h"
#include "cli/json_object.h"
#include "cli/letter_text.h"
#include "cli/object_access.h"
#include "cli/progress.h"
#include "cli/queue_access.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "pipeline/replay.h"

namespace sqs2pg::cli {

namespace {

constexpr const char* kReplay = "replay";
constexpr std::chrono::seconds kDeadline{10};

using Steady = std::chrono::steady_clock;

// A pipeline of which there is something to replay.
struct Part {
    const config::PipelineSettings* pipeline = nullptr;
    schema::LetterSelection selection;
    std::uint64_t letters = 0;
};

class ReplayCommand {
   public:
    ReplayCommand(const config::Settings& settings, const LetterArguments& arguments)
        : settings_(settings), arguments_(arguments) {}

    awaitable<int> run() {
        auto databases = letter_databases(settings_, arguments_);
        if (!databases) co_return tell_letters(kReplay, databases.error());
        auto executor = co_await boost::asio::this_coro::executor;
        Signals signals(executor, [this](int) { stopping_ = true; }, {});
        for (const auto& database : *databases) {
            auto done = co_await replay_database(database);
            terminal_.erase();
            if (!done) exit_code_ = std::max(exit_code_, tell_letters(kReplay, done.error()));
            if (stopping_) break;
        }
        signals.close();
        const bool json = arguments_.format == "json";
        if (json) tell_json();
        if (stopping_) {
            fmt::print(stderr,
                       "sqs2pg dead-letters replay: stopped before the end; what is left stays, and the same "
                       "command goes on with it\n");
            co_return kFailed;
        }
        if (!any_ && exit_code_ == kDone) {
            if (!json) fmt::print(stderr, "no dead letters to replay\n");
            co_return arguments_.ids.empty() ? kDone : kFailed;
        }
        co_return exit_code_;
    }

   private:
    void tell_json() const {
        fmt::print("{}\n", JsonObject()
                               .flag("dry_run", arguments_.dry_run)
                               .flag("stopped", stopping_)
                               .array("pipelines", results_)
                               .array("left", left_)
                               .done());
    }

    // The database outlives the coroutines; so do the parts.
    awaitable<Status> replay_database(const LetterDatabase& database) {
        auto connection = co_await open_letters(database.connect, schema::Role::Replayer);
        if (!connection) co_return fail(std::move(connection.error()));
        auto selection = co_await selection_of(**connection, arguments_, true);
        if (!selection) co_return fail(std::move(selection.error()));
        if (!*selection) co_return Status{};
        auto counts = co_await schema::count_letters(**connection, **selection);
        if (!counts) co_return fail(std::move(counts.error()));
        for (const auto& part : parts_of(database, **selection, *counts)) {
            auto done = co_await replay_part(**connection, database, part);
            terminal_.erase();
            if (!done) exit_code_ = std::max(exit_code_, tell_letters(kReplay, done.error()));
            if (stopping_) break;
        }
        co_return Status{};
    }

    std::vector<Part> parts_of(const LetterDatabase& database, const schema::LetterSelection& selection,
                               const std::vector<schema::LetterCount>& counts) {
        std::vector<Part> parts;
        for (const auto* pipeline : database.pipelines) {
            Part part{pipeline, selection, 0};
            part.selection.pipeline = pipeline->name;
            for (const auto& one : counts) {
                if (one.pipeline == pipeline->name) part.letters += static_cast<std::uint64_t>(one.letters);
            }
            if (part.letters > 0) parts.push_back(std::move(part));
        }
        for (const auto& one : counts) {
            any_ = true;
            auto is_it = [&](const auto* pipeline) { return pipeline->name == one.pipeline; };
            if (std::ranges::any_of(database.pipelines, is_it)) continue;
            exit_code_ = std::max(exit_code_, kFailed);
            left_.push_back(JsonObject()
                                .text("pipeline", one.pipeline)
                                .text("reason", one.reason)
                                .number("count", one.letters)
                                .done());
            if (arguments_.format == "json") continue;
            fmt::print(stderr, "{}: {} ({}) left: the configuration has no such pipeline\n", printable(one.pipeline),
                       grouped(static_cast<std::uint64_t>(one.letters)), printable(one.reason));
        }
        return parts;
    }

    awaitable<Result<pipeline::MapStage>> map_of(pg::Connection& connection, const config::PipelineSettings& pipeline,
                                                 const privacy::Keyring& keyring) {
        for (const auto& id : keyring.ids()) {
            auto held = co_await schema::hold_key_check(connection, id, keyring.check_value(id));
            if (!held) co_return fail(std::move(held.error()));
        }
        std::vector<pg::TableShape> tables;
        for (const auto& route : pipeline.routes) {
            auto table = co_await pg::describe_table(connection, route.table, kDeadline);
            if (!table) co_return fail(std::move(table.error()));
            auto rights =
                co_await pg::rights_on(connection, table->name, pipeline::rights_needed(route), {}, kDeadline);
            if (!rights) co_return fail(std::move(rights.error()));
            const auto missing = missing_right(*rights, table->name, connection.user());
            if (!missing.empty()) co_return fail(ErrorKind::Configuration, Stage::Start, "42501", missing);
            tables.push_back(std::move(*table));
        }
        co_return pipeline::MapStage::make(pipeline, tables, keyring);
    }

    // What fetches the objects that messages point at; null: the pipeline has no such messages.
    struct Objects {
        Objects(const boost::asio::any_io_executor& executor, const config::PipelineSettings& pipeline,
                const aws::Endpoint& queue_endpoint, const aws::Endpoint& endpoint, Clock& clock)
            : queue(executor, pipeline.aws, queue_endpoint, clock),
              objects(executor, pipeline, endpoint, *queue.credentials, clock) {}

        QueueAccess queue;
        ObjectAccess objects;
    };
    Result<std::unique_ptr<Objects>> objects_of(const boost::asio::any_io_executor& executor,
                                                const config::PipelineSettings& pipeline) {
        if (!has_objects(pipeline)) return std::unique_ptr<Objects>();
        auto queue = endpoint_of(pipeline.aws, pipeline.queue);
        if (!queue) return fail(std::move(queue.error()));
        auto endpoint = object_endpoint_of(pipeline, queue->region);
        if (!endpoint) return fail(std::move(endpoint.error()));
        return std::make_unique<Objects>(executor, pipeline, *queue, *endpoint, clock_);
    }

    awaitable<Status> replay_part(pg::Connection& connection, const LetterDatabase& database, const Part& part) {
        std::vector<std::string> warnings;
        auto keyring = open_keyring(part.pipeline->keys, warnings);
        for (const auto& warning : warnings) fmt::print(stderr, "sqs2pg dead-letters replay: warning: {}\n", warning);
        if (!keyring) co_return fail(std::move(keyring.error()));
        auto map = co_await map_of(connection, *part.pipeline, *keyring);
        if (!map) co_return fail(std::move(map.error()));
        const privacy::Sealer sealer(*keyring);
        auto executor = co_await boost::asio::this_coro::executor;
        adapters::DeadLettersOnPg letters(executor, database.connect, map->targets(), part.selection,
                                          audit_note(arguments_, part.selection));
        const auto begun = Steady::now();
        pipeline::ReplayOptions options;
        options.pipeline = part.pipeline->name;
        options.dry_run = arguments_.dry_run;
        options.seed = static_cast<std::uint64_t>(begun.time_since_epoch().count());
        options.stop = [this] { return stopping_; };
        auto objects = objects_of(executor, *part.pipeline);
        if (!objects) co_return fail(std::move(objects.error()));
        if (*objects) {
            options.objects = &(*objects)->objects.objects;
            options.max_object_bytes = part.pipeline->max_unwrapped_bytes;
            options.delete_objects = part.pipeline->objects.delete_object;
        }
        if (Terminal::can_redraw()) {
            options.progress = [this, &part, begun](const pipeline::ReplayCounts& counts) {
                draw(part, counts, begun);
            };
        }
        pipeline::Replay replay(letters, *map, sealer, clock_, std::move(options));
        auto outcome = co_await replay.run();
        terminal_.erase();
        const auto seconds = std::chrono::duration<double>(Steady::now() - begun).count();
        if (arguments_.format == "json") {
            results_.push_back(replay_json(part.pipeline->name, outcome, seconds));
        } else {
            fmt::print(stderr, "{}", replay_summary(part.pipeline->name, outcome.counts, seconds, arguments_.dry_run));
        }
        if (outcome.counts.stayed() > 0) exit_code_ = std::max(exit_code_, kFailed);
        if (outcome.error) co_return fail(std::move(*outcome.error));
        co_return Status{};
    }

    void draw(const Part& part, const pipeline::ReplayCounts& counts, Steady::time_point begun) {
        const auto now = Steady::now();
        if (now - drawn_ < std::chrono::milliseconds(100)) return;
        drawn_ = now;
        ProgressView view;
        view.done = counts.seen();
        view.total = part.letters;
        view.elapsed_seconds = std::chrono::duration<double>(now - begun).count();
        view.a_second = view.elapsed_seconds > 0 ? static_cast<double>(view.done) / view.elapsed_seconds : 0;
        terminal_.draw(progress_line(view, Terminal::look()));
    }

    const config::Settings& settings_;
    const LetterArguments& arguments_;
    SystemClock clock_;
    Terminal terminal_;
    Steady::time_point drawn_{};
    std::vector<std::string> results_, left_;  // JSON
    bool stopping_ = false;
    bool any_ = false;
    int exit_code_ = kDone;
};

}  // namespace

int replay_dead_letters(const LetterArguments& arguments) {
    auto usage = [](std::string detail) {
        return tell_letters(kReplay, {ErrorKind::Configuration, Stage::Configure, "usage", std::move(detail)});
    };
    if (!arguments.selects_some() && !arguments.all) {
        return usage("say which: ids, --pipeline, --reason, --since, --until, or --all");
    }
    if (arguments.selects_some() && arguments.all) return usage("--all stands alone: leave it out, or the others");
    if (auto times = check_times(arguments); !times) return tell_letters(kReplay, times.error());
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    ReplayCommand command(*settings, arguments);
    return run_letters(kReplay, [&] { return command.run(); });
}

}  // namespace sqs2pg::cli
