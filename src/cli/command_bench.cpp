// `sqs2pg bench`: what each part of a pipeline can do, measured apart against the user's own database and queue, which
// of them binds, and what to change. Rows go into scratch tables; no message of the queue is received.
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "cli/bench_database.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/json_object.h"
#include "cli/live_tables.h"
#include "cli/message_source.h"
#include "cli/operator_access.h"
#include "cli/queue_access.h"
#include "cli/signals.h"
#include "pipeline/map.h"

namespace sqs2pg::cli {
namespace {

constexpr std::size_t kMostMessages = 100'000;
constexpr std::size_t kMostBytes = 64u << 20;
constexpr int kQueueCalls = 20;

struct BenchOptions {
    std::string configuration;
    std::string pipeline;
    std::string messages;
    std::string format = "text";
    double seconds = 5;
    bool no_queue = false;
};

struct Figures {
    std::size_t messages = 0;
    std::size_t refused = 0;
    double transform_per_second = 0;
    DatabaseFigures database;
    std::optional<Spread> queue;
};

// Rows of the file's messages, and how fast they were made: at most kMostMessages, and kMostBytes of bodies.
Result<std::vector<pipeline::MaskedRow>> rows_of(const BenchOptions& options, pipeline::MapStage& map,
                                                 Figures& figures) {
    auto lines = open_lines(options.messages);
    if (!lines) return fail(lines.error());
    std::vector<pipeline::MaskedRow> rows;
    const SystemClock clock;
    const auto now = clock.wall_ms();
    std::size_t bytes = 0;
    std::chrono::duration<double> took{};
    while (figures.messages < kMostMessages && bytes < kMostBytes) {
        auto line = (*lines)->next();
        if (!line) break;
        pipeline::Received message;
        message.message_id = fmt::format("00000000-0000-4000-8000-{:012}", line->line);
        message.body = std::move(line->body);
        message.sent_ms = message.received_ms = now;
        message.receive_count = 1;
        bytes += message.body.size();
        ++figures.messages;
        const auto began = std::chrono::steady_clock::now();
        auto row = map.transform(message);
        took += std::chrono::steady_clock::now() - began;
        if (row && *row) rows.push_back(std::move(**row));
    }
    figures.refused = figures.messages - rows.size();
    if (rows.empty()) {
        return fail(ErrorKind::Configuration, Stage::Start, "file",
                    options.messages + " holds no message that becomes a row: see `sqs2pg preview --from`");
    }
    figures.transform_per_second = static_cast<double>(figures.messages) / took.count();
    return rows;
}

// Asks for one attribute; nothing is received, sent or changed.
awaitable<Result<Spread>> bench_queue(const config::PipelineSettings& pipeline, const std::atomic<bool>& stop) {
    auto executor = co_await boost::asio::this_coro::executor;
    const auto endpoint = endpoint_of(pipeline.aws, pipeline.queue);
    if (!endpoint) co_return fail(endpoint.error());
    SystemClock clock;
    QueueAccess access(executor, pipeline.aws, *endpoint, clock);
    std::string url = pipeline.queue;
    if (!is_url(url)) {
        auto asking = access.client.get_queue_url(pipeline.queue);
        auto found = co_await std::move(asking);
        if (!found) co_return fail(queue_error(found.error(), pipeline.queue, *endpoint));
        url = *found;
    }
    std::vector<double> took;
    for (int i = 0; i < kQueueCalls && !stop; ++i) {
        std::vector<std::string> names{"ApproximateNumberOfMessages"};
        const auto began = std::chrono::steady_clock::now();
        auto asking = access.client.get_queue_attributes(url, std::move(names));
        auto answer = co_await std::move(asking);
        if (!answer) co_return fail(queue_error(answer.error(), pipeline.queue, *endpoint));
        const std::chrono::duration<double, std::milli> call = std::chrono::steady_clock::now() - began;
        took.push_back(call.count());
    }
    access.http.close();
    co_return spread_of(std::move(took));
}

struct Verdict {
    std::string binds;
    std::string sentence;
    std::string change;
};

Verdict verdict_of(const Figures& figures) {
    const auto& database = figures.database;
    const auto rate = database.messages_per_second();
    if (figures.transform_per_second < rate) {
        return {"worker", fmt::format("the worker's own core: {:.0f} messages/s", figures.transform_per_second),
                "more workers (`run --workers`), as far as the machine has cores"};
    }
    const auto transaction = database.transaction_ms();
    const auto network = 2 * database.round_trip.p50_ms;
    const auto flush = std::max(0.0, database.commit.p50_ms - database.round_trip.p50_ms);
    const auto told = fmt::format(
        "PostgreSQL: {:.0f} messages/s a connection, {:.1f} ms a transaction, of which "
        "{:.1f} ms are two round trips and about {:.1f} ms the commit",
        rate, transaction, network, flush);
    if (network >= transaction / 2) {
        return {"network", told,
                "bring the worker nearer to the server, or run more workers: each has a connection (`run --workers`)"};
    }
    if (flush >= transaction / 2) {
        return {"disk", told,
                "a faster disk for the WAL, or more workers (`run --workers`), whose commits share a flush"};
    }
    return {"postgresql", told,
            "the server's own work on the rows: look at the target's indexes and checks, and at its cores"};
}

std::string spread_json(const Spread& spread) {
    return JsonObject().number("p50_ms", spread.p50_ms, 3).number("p99_ms", spread.p99_ms, 3).done();
}

std::string json_of(const Figures& figures, const Verdict& verdict, const std::string& pipeline) {
    const auto& database = figures.database;
    return JsonObject()
               .text("pipeline", pipeline)
               .number("messages", figures.messages)
               .number("refused", figures.refused)
               .number("transform_per_second", figures.transform_per_second, 1)
               .raw("round_trip", spread_json(database.round_trip))
               .raw("commit", spread_json(database.commit))
               .number("sink_per_second", database.messages_per_second(), 1)
               .number("transaction_ms", database.transaction_ms(), 3)
               .number("triggers_not_measured", database.triggers)
               .raw("queue_call", figures.queue ? spread_json(*figures.queue) : "null")
               .text("binds", verdict.binds)
               .text("change", verdict.change)
               .done() +
           "\n";
}

std::string text_of(const Figures& figures, const Verdict& verdict, const std::string& pipeline) {
    const auto& database = figures.database;
    auto text = fmt::format(
        "{}: {} messages, {} of them no row\n"
        "transform, one core     {:.0f} messages/s\n"
        "PostgreSQL round trip   {:.2f} ms (p99 {:.2f})\n"
        "commit of one row       {:.2f} ms (p99 {:.2f})\n"
        "sink, one connection    {:.0f} messages/s, {:.1f} ms a transaction\n",
        pipeline, figures.messages, figures.refused, figures.transform_per_second, database.round_trip.p50_ms,
        database.round_trip.p99_ms, database.commit.p50_ms, database.commit.p99_ms, database.messages_per_second(),
        database.transaction_ms());
    if (figures.queue) {
        text += fmt::format("queue, one call         {:.2f} ms (p99 {:.2f}), {} requests made\n", figures.queue->p50_ms,
                            figures.queue->p99_ms, kQueueCalls);
    }
    if (database.triggers > 0) {
        text += fmt::format("not measured: {} triggers of the target; a copy has none\n", database.triggers);
    }
    return text + fmt::format("what binds: {}\nchange: {}\n", verdict.sentence, verdict.change);
}

// `figures`, `bench` and `pipeline` outlive the call.
awaitable<Status> measure(const DatabaseBench& bench, const config::PipelineSettings& pipeline, bool queue,
                          Figures& figures) {
    auto writing = bench_database(bench);
    auto database = co_await std::move(writing);
    if (!database) co_return fail(database.error());
    figures.database = *database;
    if (!queue) co_return Status{};
    auto asking = bench_queue(pipeline, bench.stop);
    auto asked = co_await std::move(asking);
    if (!asked) co_return fail(asked.error());
    figures.queue = *asked;
    co_return Status{};
}

int bench(const BenchOptions& options) {
    const auto settings = load_or_tell(options.configuration);
    if (!settings) return kUsage;
    const auto found = find_pipeline(*settings, options.pipeline);
    if (!found) return tell_operator("bench", found.error());
    const auto& pipeline = **found;
    std::vector<std::string> warnings;
    const auto keyring = open_keyring(pipeline.keys, warnings);
    for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
    if (!keyring) return tell_operator("bench", keyring.error());
    const auto tables = live_tables(pipeline, options.configuration);
    if (!tables) return tell_operator("bench", tables.error());
    auto map = pipeline::MapStage::make(pipeline, *tables, *keyring);
    if (!map) return tell_operator("bench", map.error());
    Figures figures;
    const auto rows = rows_of(options, *map, figures);
    if (!rows) return tell_operator("bench", rows.error());

    std::atomic<bool> stop = false;
    const DatabaseBench work{connect_options(pipeline.postgres), map->targets(), *rows, options.seconds, 1000, stop};
    boost::asio::io_context loop{1};
    Signals signals(loop.get_executor(), [&stop](int) { stop = true; }, {});
    std::optional<Status> done;
    boost::asio::co_spawn(loop, measure(work, pipeline, !options.no_queue, figures),
                          [&](std::exception_ptr thrown, Status status) {
                              if (!thrown) done = std::move(status);
                              signals.close();
                              loop.stop();
                          });
    loop.run();
    if (!done) return kFailed;
    if (!*done) {
        tell_operator("bench", done->error());
        return done->error().code == "stopped" ? kFailed : kUsage;
    }
    const auto verdict = verdict_of(figures);
    fmt::print("{}", options.format == "json" ? json_of(figures, verdict, pipeline.name)
                                              : text_of(figures, verdict, pipeline.name));
    return kDone;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<BenchOptions>();
    auto* command = app.add_subcommand(
        "bench", "Measure your database and queue apart, in scratch tables, and tell what binds and what to change");
    command->add_option("-c,--config", options->configuration, "Configuration file, or a folder of them")->required();
    command->add_option("--pipeline", options->pipeline, "Which pipeline, where there are several");
    command->add_option("--messages", options->messages, "JSON lines of a file (-: standard input)")->required();
    command->add_option("--seconds", options->seconds, "How long to write, 1 to 600")->check(CLI::Range(1.0, 600.0));
    command->add_option("--format", options->format, "text, or json: one object (docs/bench.md)")
        ->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--no-queue", options->no_queue, "Do not ask the queue: its part costs about 20 requests");
    command->callback([&exit_code, options] { exit_code = bench(*options); });
}

}  // namespace sqs2pg::cli
