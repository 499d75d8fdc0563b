// The sink alone: rows of `user_logins`, transformed beforehand, from memory into PostgreSQL, through the adapter that
// `run` writes with (ledger RETURNING, then COPY of what was new) or, with --blind-copy, by COPY BINARY through libpq
// without a ledger. The database has been migrated and has the table of examples/user_logins.sql; --prepare does that.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "adapters/database_on_pg.h"
#include "blind_copy.h"
#include "login_rows.h"
#include "schema/migrations.h"

namespace {

using namespace sqs2pg;
namespace asio = boost::asio;

// Rows are taken in turn from so many distinct ones: memory stays small however many messages are written.
constexpr std::size_t kDistinctRows = 20'000;

constexpr auto kTable =
    "CREATE TABLE IF NOT EXISTS user_logins (user_id varchar(128) NOT NULL, device_type varchar(32), masked_ip "
    "varchar(256), masked_device_id varchar(256), locale varchar(32), app_version integer, create_date date)";

struct Options {
    std::string url;
    std::size_t messages = 200'000;
    std::size_t connections = 1;
    std::size_t batch = 1000;
    std::size_t workers = 1;
    bool blind_copy = false;
    bool prepare = false;
};

struct Figures {
    double seconds = 0;
    double cpu_seconds = 0;
};

// The clock and the CPU between the moment when every connection stands and the last commit.
class Stopwatch {
   public:
    Stopwatch() : began_(std::chrono::steady_clock::now()), cpu_(bench::cpu_seconds()) {}
    Figures read() const {
        auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
        return {took, bench::cpu_seconds() - cpu_};
    }

   private:
    std::chrono::steady_clock::time_point began_;
    double cpu_;
};

[[noreturn]] void give_up(const Error& error) { throw std::runtime_error(error.code + ": " + error.detail); }

template <class T>
T run(asio::io_context& loop, awaitable<T> work) {
    auto done = asio::co_spawn(loop, std::move(work), asio::use_future);
    loop.restart();
    loop.run();
    return done.get();
}

awaitable<void> prepare(asio::any_io_executor executor, std::string url) {
    pg::ConnectOptions options;
    options.conninfo = std::move(url);
    auto connecting = pg::Connection::connect(executor, std::move(options));
    auto connection = co_await std::move(connecting);
    if (!connection) give_up(connection.error());
    auto making = (*connection)->query(kTable, std::chrono::seconds(30));
    auto made = co_await std::move(making);
    if (!made) give_up(made.error().error);
    auto migrating = schema::migrate(**connection, {});
    auto migrated = co_await std::move(migrating);
    if (!migrated) give_up(migrated.error());
}

// What the connections share. Batches are handed out by a counter, so that no connection waits for a slower one.
struct Feed {
    const Options& options;
    const std::vector<pipeline::MaskedRow>& rows;
    const std::vector<pipeline::LedgerKey>& keys;
    std::atomic<std::size_t> next_batch{0};
};

// `sink` and `feed` outlive it.
awaitable<void> write_batches(adapters::DatabaseOnPg& sink, Feed& feed) {
    std::vector<pipeline::WriteEntry> entries;
    for (;;) {
        auto from = feed.next_batch.fetch_add(1) * feed.options.batch;
        if (from >= feed.options.messages) co_return;
        auto to = std::min(from + feed.options.batch, feed.options.messages);
        entries.clear();
        for (auto i = from; i < to; ++i) {
            entries.push_back({.id = feed.keys[i], .row = &feed.rows[i % feed.rows.size()]});
        }
        auto writing = sink.write(entries);
        auto report = co_await std::move(writing);
        if (!report) give_up(report.error().error);
        if (std::ranges::count(report->fates, pipeline::Fate::Written) != static_cast<std::ptrdiff_t>(entries.size())) {
            throw std::runtime_error("the ledger had a key already: is the database a fresh one?");
        }
    }
}

// One event loop a worker; connection i belongs to worker i modulo workers.
class SinkWorker {
   public:
    SinkWorker(const Options& options, std::size_t connections) {
        pg::ConnectOptions connect;
        connect.conninfo = options.url;
        auto targets = bench::login_stage().targets();
        for (std::size_t i = 0; i < connections; ++i) {
            sinks_.push_back(std::make_unique<adapters::DatabaseOnPg>(loop_.get_executor(), connect, targets));
            connect_now(*sinks_.back());
        }
    }

    void write_all(Feed& feed) {
        std::vector<std::future<void>> done;
        for (auto& sink : sinks_) {
            done.push_back(asio::co_spawn(loop_, write_batches(*sink, feed), asio::use_future));
        }
        loop_.restart();
        auto ready = [](auto& one) { return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready; };
        while (!std::ranges::all_of(done, ready) && loop_.run_one() > 0) {
        }
        for (auto& one : done) one.get();
    }

   private:
    // The sink connects when it is first asked for something; its timer of rest goes on, so the loop is not run dry.
    void connect_now(adapters::DatabaseOnPg& sink) {
        auto looked = asio::co_spawn(loop_, sink.tables(), asio::use_future);
        loop_.restart();
        while (looked.wait_for(std::chrono::seconds(0)) != std::future_status::ready && loop_.run_one() > 0) {
        }
        if (auto tables = looked.get(); !tables) give_up(tables.error());
    }

    asio::io_context loop_{1};
    std::vector<std::unique_ptr<adapters::DatabaseOnPg>> sinks_;
};

// Throws what the first of them threw.
void run_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::vector<std::exception_ptr> failures(count);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                try {
                    work(i);
                } catch (...) {
                    failures[i] = std::current_exception();
                }
            });
        }
    }
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

Figures measure_sink(const Options& options, const std::vector<pipeline::MaskedRow>& rows) {
    SystemClock clock;
    auto keys = bench::ledger_keys(options.messages, clock.wall_ms());
    Feed feed{.options = options, .rows = rows, .keys = keys};
    std::vector<std::unique_ptr<SinkWorker>> workers;
    for (std::size_t i = 0; i < options.workers; ++i) {
        auto connections = (options.connections + options.workers - 1 - i) / options.workers;
        workers.push_back(std::make_unique<SinkWorker>(options, connections));
    }
    const Stopwatch watch;
    run_threads(workers.size(), [&](std::size_t i) { workers[i]->write_all(feed); });
    return watch.read();
}

Figures measure_blind_copy(const Options& options, const std::vector<pipeline::MaskedRow>& rows) {
    const bench::BinaryRows encoded(rows, options.batch);
    std::vector<bench::CopyConnection> connections;
    for (std::size_t i = 0; i < options.connections; ++i) connections.emplace_back(options.url);
    std::atomic<std::size_t> next_batch{0};
    const Stopwatch watch;
    run_threads(connections.size(), [&](std::size_t i) {
        for (;;) {
            auto number = next_batch.fetch_add(1);
            auto from = number * options.batch;
            if (from >= options.messages) return;
            connections[i].copy(encoded.batch(number, std::min(options.batch, options.messages - from)));
        }
    });
    return watch.read();
}

void measure(const Options& options) {
    if (options.prepare) {
        asio::io_context loop(1);
        run(loop, prepare(loop.get_executor(), options.url));
    }
    auto rows = bench::login_rows(std::min(kDistinctRows, options.messages));
    auto figures = options.blind_copy ? measure_blind_copy(options, rows) : measure_sink(options, rows);
    auto messages = static_cast<double>(options.messages);
    fmt::print(R"({{"rows_per_second":{:.1f},"cpu_us_a_row":{:.4f},"connections":{},"batch":{},"workers":{},"rows":{},)"
               R"("seconds":{:.4f},"sink":"{}"}})"
               "\n",
               messages / figures.seconds, figures.cpu_seconds * 1e6 / messages, options.connections, options.batch,
               options.blind_copy ? options.connections : options.workers, options.messages, figures.seconds,
               options.blind_copy ? "copy_binary" : "ledger_and_rows");
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Rows from memory into PostgreSQL: the product's sink, or COPY BINARY without a ledger");
    app.add_option("--url", options.url, "Where to: a URL or a conninfo string")->required();
    app.add_option("--messages", options.messages, "Rows")->check(CLI::Range(1, 100'000'000))->capture_default_str();
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 64))->capture_default_str();
    app.add_option("--batch", options.batch, "Rows a transaction")->check(CLI::Range(1, 20'000))->capture_default_str();
    app.add_option("--workers", options.workers, "Threads that share the connections (--blind-copy: one each)")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_flag("--blind-copy", options.blind_copy, "COPY BINARY through libpq, no ledger");
    app.add_flag("--prepare", options.prepare, "Make the table and sqs2pg's own schema first, where they are absent");
    CLI11_PARSE(app, argc, argv);
    options.workers = std::min(options.workers, options.connections);
    try {
        measure(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "sink_alone: {}\n", error.what());
        return 1;
    }
    return 0;
}
