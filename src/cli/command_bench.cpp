// `sqs2pg bench`: what each part of a pipeline can do, measured apart against the user's own database and queue, which
// of them binds, and what to change. Rows go into scratch tables; no message of the queue is received unless --peek
// asks for it, and a queue is made only where --scratch-queue does.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cli/assembly.h"
#include "cli/bench_database.h"
#include "cli/bench_interrupt.h"
#include "cli/bench_messages.h"
#include "cli/bench_queue.h"
#include "cli/bench_report.h"
#include "cli/bench_scratch.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/live_tables.h"
#include "cli/operator_access.h"
#include "cli/peek.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {
namespace {

constexpr std::size_t kBatch = 1000;
constexpr int kMostWorkers = 256;
constexpr int kMostReceives = 256;
// Beyond its time a run has deadlines of single calls to wait for, and its scratch things to take away.
constexpr std::chrono::seconds kBeyond{10};

struct BenchOptions {
    std::string configuration;
    std::string pipeline;
    BenchMessages messages;
    std::string format = "text";
    int workers = 0;
    bool no_queue = false;
    bool scratch_queue = false;
};

std::size_t terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

class BenchCommand {
   public:
    explicit BenchCommand(BenchOptions options) : options_(std::move(options)) {}

    int run() {
        std::signal(SIGPIPE, SIG_IGN);
        const auto settings = load_or_tell(options_.configuration);
        if (!settings) return kUsage;
        const auto found = find_pipeline(*settings, options_.pipeline);
        if (!found) return tell(found.error());
        const auto& pipeline = **found;
        std::vector<std::string> warnings;
        const auto keyring = open_keyring(pipeline.keys, warnings);
        for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
        if (!keyring) return tell(keyring.error());
        const auto tables = live_tables(pipeline, options_.configuration);
        if (!tables) return tell(tables.error());
        auto map = pipeline::MapStage::make(pipeline, *tables, *keyring);
        if (!map) return tell(map.error());
        step("the messages");
        const auto rows = bench_rows(options_.messages, pipeline, *tables, *map, figures_.transform);
        if (!rows) return tell(rows.error());
        set_up(*settings, pipeline);
        DatabaseBench database{.connect = [&pipeline] { return connect_options(pipeline.postgres); },
                               .schema = scratch_name(),
                               .targets = map->targets(),
                               .tables = *tables,
                               .rows = *rows,
                               .invented = figures_.transform.source == "invented",
                               .connections = connections_,
                               .batch = std::min(kBatch, pipeline.max_batch_rows),
                               .seconds = options_.messages.seconds,
                               .step = [this](std::string_view what) { step(what); }};
        QueueBench queue{.pipeline = pipeline,
                         .scratch = options_.scratch_queue ? scratch_queue_name() : std::string(),
                         .body_bytes = figures_.transform.bytes / figures_.transform.messages,
                         .receives = std::min(kMostReceives, setup_.workers * pipeline.max_polls),
                         .seconds = options_.messages.seconds,
                         .step = [this](std::string_view what) { step(what); }};
        const auto status = measure(database, queue);
        return conclude(pipeline, database, status);
    }

   private:
    void set_up(const config::Settings& settings, const config::PipelineSettings& pipeline) {
        setup_.cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
        setup_.workers = workers_of(options_.workers, settings.pipelines.size());
        setup_.max_polls = pipeline.max_polls;
        setup_.max_rows_per_second = pipeline.max_rows_per_second;
        connections_ = setup_.workers;
        if (settings.max_connections == 0 || connections_ < settings.max_connections) return;
        // One looks at the others.
        connections_ = std::max(1, settings.max_connections - 1);
        figures_.database.not_measured.push_back(fmt::format(
            "more than {} writing connection{}: max_connections is {}, and one connection looks at the others",
            connections_, connections_ == 1 ? "" : "s", settings.max_connections));
    }

    // Both outlive the call.
    awaitable<Status> both(const DatabaseBench& database, const QueueBench& queue) {
        auto writing = bench_database(database, interrupt_, figures_.database);
        auto written = co_await std::move(writing);
        if (!written || options_.no_queue) co_return written;
        auto asking = bench_queue(queue, interrupt_, figures_.queue);
        co_return co_await std::move(asking);
    }

    Status measure(const DatabaseBench& database, const QueueBench& queue) {
        boost::asio::io_context loop{1};
        Signals signals(
            loop.get_executor(),
            [this](int) {
                stopped_ = true;
                step("ending: the scratch tables are dropped");
                interrupt_.ask({ErrorKind::Stopping, Stage::Start, "stopped", "stopped by a signal"});
            },
            [&database, &queue] {
                fmt::print(stderr, "sqs2pg bench: ended at once; left behind, perhaps: DROP SCHEMA {} CASCADE{}{}\n",
                           database.schema, queue.scratch.empty() ? "" : "; the queue ", queue.scratch);
            });
        boost::asio::steady_timer late(loop);
        const auto whole = std::chrono::duration<double>(options_.messages.seconds) + kBeyond;
        late.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(whole));
        late.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            interrupt_.ask({ErrorKind::Retry, Stage::Start, "timeout",
                            "the database or the queue takes too long to answer: the measurement did not end in time"});
        });
        Status status = fail(ErrorKind::Retry, Stage::Start, "exception", "the measurement met an exception");
        boost::asio::co_spawn(loop, both(database, queue), [&](std::exception_ptr thrown, Status ended) {
            if (!thrown) status = std::move(ended);
            signals.close();
            loop.stop();
        });
        loop.run();
        return status;
    }

    int conclude(const config::PipelineSettings& pipeline, const DatabaseBench& database, const Status& status) {
        terminal_.erase();
        const auto verdict = status ? verdict_of(figures_, setup_) : std::nullopt;
        const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_);
        const BenchView view{.pipeline = pipeline.name,
                             .figures = figures_,
                             .setup = setup_,
                             .verdict = verdict,
                             .batch = database.batch,
                             .seconds = took.count(),
                             .queue = !options_.no_queue,
                             .stopped = stopped_,
                             .error = status ? std::string() : status.error().code,
                             .width = terminal_width()};
        // Where not even the database answered there is nothing to tell but that.
        if (status || figures_.database.round_trip) {
            fmt::print("{}", options_.format == "json" ? bench_json(view) : bench_text(view));
        }
        return status ? kDone : tell(status.error());
    }

    void step(std::string_view what) {
        if (Terminal::can_redraw()) terminal_.draw(fmt::format("measuring: {}", what));
    }

    int tell(const Error& error) {
        terminal_.erase();
        return tell_operator("bench", error);
    }

    BenchOptions options_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    Terminal terminal_;
    BenchFigures figures_;
    BenchSetup setup_;
    int connections_ = 1;
    Interrupt interrupt_;
    bool stopped_ = false;
};

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<BenchOptions>();
    auto* command = app.add_subcommand(
        "bench", "Measure your database and queue apart, in scratch tables, and tell what binds and what to change");
    command->add_option("-c,--config", options->configuration, "Configuration file, or a folder of them")->required();
    command->add_option("--pipeline", options->pipeline, "Which pipeline, where there are several");
    auto* file = command->add_option("--messages", options->messages.file,
                                     "JSON lines of a file (-: standard input), instead of invented messages");
    auto* peek =
        command
            ->add_option("--peek", options->messages.peek,
                         "Look at so many messages of the queue instead, 1 to 1000, as `preview` does: each look is a "
                         "receive, and they are released again")
            ->check(CLI::Range(std::size_t{1}, kMostPeeked))
            ->excludes(file);
    command->add_flag("--yes", options->messages.yes,
                      "With --peek: look even where the queue's redrive policy is near");
    command->add_option("--workers", options->workers, "Connections to write on, as `run --workers` would")
        ->check(CLI::Range(1, kMostWorkers));
    command->add_option("--seconds", options->messages.seconds, "How long the whole takes, 1 to 600 (20)")
        ->check(CLI::Range(1.0, 600.0));
    auto* without = command
                        ->add_flag("--no-queue", options->no_queue,
                                   "Do not ask the queue at all: its part makes about 20 GetQueueAttributes calls")
                        ->excludes(peek);
    command
        ->add_flag("--scratch-queue", options->scratch_queue,
                   "Make a queue sqs2pg-bench-… in your account, measure receives and deletes there, and delete it "
                   "again: up to 10,000 requests, and the rights sqs:CreateQueue and sqs:DeleteQueue")
        ->excludes(without);
    command->add_option("--format", options->format, "text, or json: one object (docs/bench.md)")
        ->check(CLI::IsMember({"text", "json"}));
    command->callback([&exit_code, options] { exit_code = BenchCommand(*options).run(); });
}

}  // namespace sqs2pg::cli
