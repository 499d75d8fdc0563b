// See bench_report.h.
#include "cli/bench_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/json_object.h"
#include "cli/progress.h"
#include "cli/text_layout.h"

namespace sqs2pg::cli {
namespace {

std::string rate(double per_second) { return grouped(static_cast<std::uint64_t>(per_second)) + " messages/s"; }

std::string spread_text(const Spread& spread) {
    return fmt::format("{:.2f} ms (p99 {:.2f}, {} calls)", spread.p50_ms, spread.p99_ms, spread.calls);
}

double beyond(const std::optional<Spread>& more, const std::optional<Spread>& less) {
    return more && less ? std::max(0.0, more->p50_ms - less->p50_ms) : 0;
}

std::string shares_text(const TimeShares& shares) {
    auto text =
        fmt::format("server {:.1f}, disk {:.1f}, locks {:.1f}, standby {:.1f}, network {:.1f}, worker {:.1f} ms",
                    shares.server, shares.disk, shares.locks, shares.standby, shares.network, shares.worker);
    if (shares.round_trips) text += fmt::format("; {:.1f} round trips", *shares.round_trips);
    if (!shares.sampled) text += " (told from round trip and commit: too few looks at the server)";
    return text;
}

void messages_rows(const TransformFigures& transform, std::vector<Cells>& rows) {
    if (transform.messages == 0) return;
    rows.push_back(
        {"messages", fmt::format("{} ({}), {} bytes on average, {} rows", grouped(transform.messages), transform.source,
                                 transform.bytes / transform.messages, grouped(transform.rows))});
    if (transform.refused_messages() > 0) {
        std::string why;
        for (const auto& one : transform.refused) {
            why += fmt::format("{}{} {}{}{}", why.empty() ? "" : ", ", one.messages, one.reason,
                               one.place.empty() ? "" : " at ", one.place);
        }
        rows.push_back({"no row of", fmt::format("{} messages: {}", transform.refused_messages(), why)});
    }
    if (transform.cpu_seconds > 0) {
        rows.push_back({"transform", fmt::format("{} on one core, {:.2f} µs a message", rate(transform.per_second()),
                                                 1e6 / transform.per_second())});
    }
}

void database_rows(const DatabaseFigures& database, std::vector<Cells>& rows) {
    if (database.round_trip) rows.push_back({"PostgreSQL round trip", spread_text(*database.round_trip)});
    if (database.commit) {
        rows.push_back(
            {"commit of one row", fmt::format("{}: flush {:.2f} ms, standby {:.2f} ms", spread_text(*database.commit),
                                              beyond(database.commit_local, database.commit_unflushed),
                                              beyond(database.commit, database.commit_local))});
    }
    for (const auto& sink : database.sinks) {
        const auto name = fmt::format("writer, {} connection{}", sink.connections, sink.connections == 1 ? "" : "s");
        rows.push_back(
            {name, fmt::format("{}, {:.1f} ms a transaction of {:.0f} messages", rate(sink.per_second()),
                               sink.transaction_ms(),
                               static_cast<double>(sink.messages) / static_cast<double>(sink.transactions))});
        rows.push_back({"", shares_text(shares_of(database, sink))});
    }
}

void queue_rows(const QueueFigures& queue, std::vector<Cells>& rows) {
    if (queue.call) rows.push_back({"queue, a call", spread_text(*queue.call)});
    if (queue.receive) rows.push_back({"scratch queue, receive", spread_text(*queue.receive)});
    if (queue.remove) rows.push_back({"scratch queue, delete", spread_text(*queue.remove)});
    if (queue.messages > 0) {
        rows.push_back({"scratch queue", fmt::format("{} received and deleted", rate(queue.per_second()))});
    }
    if (queue.requests > 0) rows.push_back({"queue, requests made", grouped(queue.requests)});
}

std::string spread_json(const std::optional<Spread>& spread) {
    if (!spread) return "null";
    return JsonObject()
        .number("p50_ms", spread->p50_ms, 3)
        .number("p99_ms", spread->p99_ms, 3)
        .number("calls", spread->calls)
        .done();
}

std::string number_or_null(bool known, double value, int digits) {
    return known ? fmt::format("{:.{}f}", value, digits) : "null";
}

std::string transform_json(const TransformFigures& transform) {
    std::vector<std::string> refused;
    for (const auto& one : transform.refused) {
        refused.push_back(JsonObject()
                              .text("reason", one.reason)
                              .text_or_null("place", one.place)
                              .number("messages", one.messages)
                              .done());
    }
    return JsonObject()
        .text("source", transform.source)
        .number("messages", transform.messages)
        .number("bytes", transform.bytes)
        .number("rows", transform.rows)
        .array("refused", refused)
        .raw("messages_per_second", number_or_null(transform.cpu_seconds > 0, transform.per_second(), 1))
        .done();
}

std::string sink_json(const DatabaseFigures& database, const SinkFigures& sink) {
    const auto shares = shares_of(database, sink);
    return JsonObject()
        .number("connections", sink.connections)
        .number("messages_per_second", sink.per_second(), 1)
        .number("transactions", sink.transactions)
        .number("transaction_ms", sink.transaction_ms(), 3)
        .number("server_ms", shares.server, 3)
        .number("disk_ms", shares.disk, 3)
        .number("locks_ms", shares.locks, 3)
        .number("standby_ms", shares.standby, 3)
        .number("network_ms", shares.network, 3)
        .number("worker_ms", shares.worker, 3)
        .raw("round_trips", number_or_null(shares.round_trips.has_value(), shares.round_trips.value_or(0), 2))
        .number("looks", sink.sampled.looks)
        .raw("machine_busy", number_or_null(sink.machine_busy.has_value(), sink.machine_busy.value_or(0), 2))
        .done();
}

std::string database_json(const DatabaseFigures& database) {
    std::vector<std::string> sinks;
    for (const auto& sink : database.sinks) sinks.push_back(sink_json(database, sink));
    return JsonObject()
        .raw("round_trip", spread_json(database.round_trip))
        .raw("commit_unflushed", spread_json(database.commit_unflushed))
        .raw("commit_local", spread_json(database.commit_local))
        .raw("commit", spread_json(database.commit))
        .array("writers", sinks)
        .number("indexes", database.indexes)
        .texts("not_measured", database.not_measured)
        .done();
}

std::string queue_json(const QueueFigures& queue) {
    return JsonObject()
        .raw("call", spread_json(queue.call))
        .raw("receive", spread_json(queue.receive))
        .raw("delete", spread_json(queue.remove))
        .raw("messages_per_second", number_or_null(queue.messages > 0, queue.per_second(), 1))
        .number("requests", queue.requests)
        .done();
}

}  // namespace

std::string bench_text(const BenchView& view) {
    const auto& figures = view.figures;
    std::vector<Cells> rows;
    messages_rows(figures.transform, rows);
    database_rows(figures.database, rows);
    queue_rows(figures.queue, rows);
    auto text = fmt::format("{}: {} worker{}, {:.0f} s\n", view.pipeline, view.setup.workers,
                            view.setup.workers == 1 ? "" : "s", view.seconds) +
                table_of(rows);
    for (const auto& one : figures.database.not_measured) text += "not measured: " + one + "\n";
    if (!view.verdict) return text + "what binds: not known, the measurement did not come to its end\n";
    text += "\n";
    std::vector<Cells> parts;
    for (const auto& part : view.verdict->parts) {
        parts.push_back({part.part, rate(part.per_second) + (part.estimated ? " (estimated)" : "")});
    }
    text += table_of(parts) + "\n";
    text += wrapped("what binds: " + view.verdict->sentence, view.width);
    for (const auto& change : view.verdict->changes) text += wrapped("- " + change, view.width, 2, 0);
    return text;
}

std::string bench_json(const BenchView& view) {
    const auto& verdict = view.verdict;
    std::vector<std::string> parts;
    if (verdict) {
        for (const auto& part : verdict->parts) {
            parts.push_back(JsonObject()
                                .text("part", part.part)
                                .number("messages_per_second", part.per_second, 1)
                                .flag("estimated", part.estimated)
                                .done());
        }
    }
    JsonObject object;
    object.text("pipeline", view.pipeline)
        .flag("complete", view.error.empty())
        .flag("stopped", view.stopped)
        .number("seconds", view.seconds, 1)
        .number("workers", view.setup.workers)
        .number("batch", view.batch)
        .raw("transform", transform_json(view.figures.transform))
        .raw("database", database_json(view.figures.database))
        .raw("queue", view.queue ? queue_json(view.figures.queue) : "null")
        .array("parts", parts)
        .text_or_null("binds", verdict ? name_of(verdict->binds) : "")
        .raw("messages_per_second", number_or_null(verdict.has_value(), verdict ? verdict->per_second : 0, 1))
        .text_or_null("sentence", verdict ? verdict->sentence : "")
        .texts("changes", verdict ? verdict->changes : std::vector<std::string>());
    return object.done() + "\n";
}

}  // namespace sqs2pg::cli
